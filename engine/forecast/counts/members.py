"""The single views of what an item may sell; a forecast mixes them.

Each member turns the past of many items into probabilities on their grids. The negative binomial ones differ in how
quickly their level follows the newest sales; the one of sales and sizes knows how long an item may be silent; the
empirical ones claim nothing that has not been seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.arrays import Bools, Floats, Ints

LOWEST_DISPERSION = 0.002
"""A count is never taken to be steadier than this beyond chance."""

LARGEST_DISPERSION = 20.0

DISPERSION_PRIOR = 30.0
"""The dispersion common to all items counts as much as so many periods of an item's own."""

WARM_UP = 7
"""The first known periods of an item tell nothing about its errors."""

SLOWEST_SHARE = 0.05
"""A level does not fall below this share of the mean of the whole past: silent items come back."""

DISPERSION_RATE = 0.03
"""The rate of the level around which the dispersion is measured."""


def smoothing(values: Floats, rate: float) -> Floats:
    """Simple exponential smoothing from the first known value.

    Args:
        values: shape (items, n).
        rate: weight of the newest value, 0..1.

    Source: Brown (1956); FPP3 section 8.1.
    """
    return _run(values, lambda level, y: level + rate * (y - level))


def croston(values: Floats, rate: float = 0.1) -> Floats:
    """Croston's method: the smoothed size of a sale over the smoothed number of periods between sales.

    Source: Croston (1972), Forecasting and stock control for intermittent demands, ORQ 23.
    """
    size, interval = np.zeros(len(values)), np.ones(len(values))
    waited, sold_before = np.ones(len(values)), np.zeros(len(values), dtype=bool)
    seen = np.isfinite(values)
    for y, observed in zip(np.where(seen, values, 0.0).T, seen.T, strict=True):
        sale = y > 0
        step = np.where(sold_before, rate, 1.0)
        size = np.where(sale, size + step * (y - size), size)
        interval = np.where(sale, interval + step * (waited - interval), interval)
        sold_before |= sale
        waited = np.where(sale, 1.0, waited + observed)
    return size / interval


def syntetos_boylan(values: Floats, rate: float = 0.1) -> Floats:
    """Croston's method without its bias: times (1 - rate / 2).

    Source: Syntetos & Boylan (2005), The accuracy of intermittent demand estimates, IJF 21.
    """
    return (1 - rate / 2) * croston(values, rate)


def sale_chance(values: Floats, rate: float) -> Floats:
    """The smoothed chance of a sale in a period, 0..1, shape (items,)."""
    return smoothing(np.where(np.isfinite(values), (values > 0).astype(np.float64), np.nan), rate)


def sale_size(values: Floats, rate: float) -> Floats:
    """The smoothed size of a sale, units, shape (items,); 0 for an item that never sold."""
    return smoothing(np.where(values > 0, values, np.nan), rate)


def aggregated(values: Floats, span: int, rate: float = 0.1) -> Floats:
    """Smooth the sums of `span` periods, counted back from the newest, and share the result out evenly (ADIDA).

    Args:
        values: shape (items, n), units, >= 0; NaN where unknown.
        span: periods in one sum, >= 1.
        rate: smoothing rate, 0..1.

    Source: Nikolopoulos et al. (2011), An aggregate-disaggregate intermittent demand approach, JORS 62.
    """
    blocks = values.shape[1] // span
    if blocks == 0:
        return np.asarray(np.nan_to_num(values).sum(axis=1) / np.maximum(np.isfinite(values).sum(axis=1), 1))
    recent = values[:, values.shape[1] - blocks * span :].reshape(len(values), blocks, span)
    observed = np.isfinite(recent).sum(axis=2)
    sums = np.nan_to_num(recent).sum(axis=2) * span / np.maximum(observed, 1)
    return smoothing(np.where(observed > 0, sums, np.nan), rate) / span


def multiple_aggregation(values: Floats, rate: float = 0.1, widest: int = 12) -> Floats:
    """The mean of `aggregated` over all spans from 1 to the item's mean interval between sales (IMAPA).

    Args:
        values: shape (items, n).
        rate: smoothing rate of every span, 0..1.
        widest: no span is longer than so many periods.

    Source: Petropoulos & Kourentzes (2015), Forecast combinations for intermittent demand, JORS 66.
    """
    sales, observed = (values > 0).sum(axis=1), np.isfinite(values).sum(axis=1)
    spans = np.clip(np.round(observed / np.maximum(sales, 1)), 1, min(widest, values.shape[1])).astype(int)
    total = np.zeros(len(values))
    for span in range(1, int(spans.max(initial=1)) + 1):
        rows = spans >= span
        total[rows] += aggregated(values[rows], span, rate)
    return np.asarray(total / spans)


def _run(values: Floats, step: Callable[[Floats, Floats], Floats]) -> Floats:
    level = np.full(len(values), np.nan)
    for y in values.T:
        moved = np.where(np.isnan(level), y, step(level, y))
        level = np.where(np.isnan(y), level, moved)
    return np.asarray(np.nan_to_num(level))


@dataclass(frozen=True, eq=False)
class ItemSample:
    """The past of many items, as members see it.

    Attributes:
        values: shape (items, n), grid units; NaN where nothing is known.
        past: what season and known effects multiplied each period by, shape (items, n).
        ahead: what they will multiply each step by, shape (items, steps).
        phase: the season's phase of each past period, shape (n,), and of each step, shape (steps,).
        size: grid points.
        dispersion: the dispersion that items of this file usually have.
    """

    values: Floats
    past: Floats
    ahead: Floats
    phase: tuple[Ints, Ints]
    size: int
    dispersion: float


class MixtureMember(Protocol):
    """One view of what an item may sell."""

    @property
    def name(self) -> str:
        """The name that the owner reads."""
        ...

    def mass(self, sample: ItemSample) -> Floats:
        """Probabilities on the grid, shape (items, steps, size)."""
        ...


@dataclass(frozen=True)
class SmoothedLevel:
    """A negative binomial around a level that follows the newest sales at this rate, 0..1."""

    name: str
    rate: float

    def mass(self, sample: ItemSample) -> Floats:
        """See `MixtureMember`."""
        flat = sample.values / sample.past
        level = np.nan_to_num(running_level(flat, self.rate)[:, -1])
        mean = np.maximum(level, SLOWEST_SHARE * _mean(flat))
        return negative_binomial(mean[:, None] * sample.ahead, dispersion(sample), sample.size)


@dataclass(frozen=True)
class SteadyLevel:
    """A negative binomial around Syntetos and Boylan's mean, or the one over several aggregations."""

    name: str
    aggregated: bool

    def mass(self, sample: ItemSample) -> Floats:
        """See `MixtureMember`."""
        flat = sample.values / sample.past
        mean = multiple_aggregation(flat) if self.aggregated else syntetos_boylan(flat)
        return negative_binomial(mean[:, None] * sample.ahead, dispersion(sample), sample.size)


@dataclass(frozen=True)
class SalesAndSizes:
    """Zero-inflated: the chance of a sale (Teunter, Syntetos & Babai), and a negative binomial for its size."""

    name: str
    rate: float

    def mass(self, sample: ItemSample) -> Floats:
        """See `MixtureMember`."""
        chance = sale_chance(sample.values, self.rate)
        size = np.maximum(sale_size(sample.values / sample.past, self.rate), 1e-9)
        chances = np.clip(chance[:, None] * np.ones_like(sample.ahead), 0, 1)
        beyond_one = np.maximum(size[:, None] * sample.ahead - 1, 0.0)
        spread = _variance_of_sales(sample.values / sample.past)
        extra = np.maximum(spread - np.maximum(size - 1, 0), 0) / np.maximum(size - 1, 0.25) ** 2
        sizes = negative_binomial(beyond_one, np.clip(extra, LOWEST_DISPERSION, LARGEST_DISPERSION), sample.size)
        mass = np.zeros_like(sizes)
        mass[..., 1:] = chances[..., None] * sizes[..., :-1]
        mass[..., -1] += chances * sizes[..., -1]
        mass[..., 0] = 1 - chances
        return _nothing_where(sample.ahead <= 0, mass)


@dataclass(frozen=True)
class EmpiricalShares:
    """What has been seen, the newer the likelier, and likelier still in the same phase of the season.

    Attributes:
        half_life: periods after which a past value counts half.
        same_phase: a value of the same phase counts so many times more; 0 for no difference.
    """

    name: str
    half_life: float
    same_phase: float

    def mass(self, sample: ItemSample) -> Floats:
        """See `MixtureMember`."""
        items, n = sample.values.shape
        before, after = sample.phase
        phases = int(max(before.max(initial=0), after.max(initial=0))) + 1
        observed = np.isfinite(sample.values)
        weight = 0.5 ** ((n - np.arange(n)) / self.half_life) * observed
        point = np.minimum(np.round(np.nan_to_num(sample.values)), sample.size - 1).astype(np.int64)
        cell = (np.arange(items)[:, None] * phases + before) * sample.size + point
        counted = np.bincount(cell.ravel(), weight.ravel(), items * phases * sample.size)
        by_phase = counted.reshape(items, phases, sample.size)
        mass = by_phase.sum(axis=1, keepdims=True) + self.same_phase * by_phase[:, after]
        total = mass.sum(axis=2, keepdims=True)
        shares = np.divide(mass, total, out=np.zeros_like(mass), where=total > 0)
        return _nothing_where(total[..., 0] <= 0, shares)


MEMBERS: Sequence[MixtureMember] = (
    SmoothedLevel("slow level", 0.01),
    SmoothedLevel("steady level", 0.03),
    SmoothedLevel("quick level", 0.1),
    SmoothedLevel("very quick level", 0.25),
    SteadyLevel("Syntetos-Boylan level", aggregated=False),
    SteadyLevel("level over several time spans", aggregated=True),
    SalesAndSizes("chance and size of a sale", 0.1),
    EmpiricalShares("recent past", 40, 3.0),
    EmpiricalShares("whole past", 150, 3.0),
)
"""All views, in the order of a mixture's weights."""


def running_level(values: Floats, rate: float) -> Floats:
    """The mean of all values so far, weighted by (1 - rate) ** age, shape (items, n); NaN before the first.

    Unlike plain exponential smoothing it does not overrate the first value.
    """
    from scipy.signal import lfilter

    observed = np.isfinite(values)
    recursion = [1.0, rate - 1.0]
    total = lfilter([1.0], recursion, np.where(observed, values, 0.0), axis=1)
    weight = lfilter([1.0], recursion, observed.astype(np.float64), axis=1)
    return np.asarray(np.divide(total, weight, out=np.full(values.shape, np.nan), where=weight > 1e-12))


def dispersion(sample: ItemSample) -> Floats:
    """The dispersion of each item around its level, shape (items,): variance = mean + dispersion * mean^2.

    By moments from the errors one step ahead, shrunk to the dispersion that the items of the file have in common.
    """
    own = own_dispersion(sample)
    share = own.periods / (own.periods + DISPERSION_PRIOR)
    return np.maximum(share * own.value + (1 - share) * sample.dispersion, LOWEST_DISPERSION)


@dataclass(frozen=True, eq=False)
class OwnDispersion:
    """What an item's own past says of its dispersion; every array has shape (items,).

    Attributes:
        value: the estimate by moments; may be negative where an item is steadier than chance.
        periods: how many periods it comes from.
        power: sum of the squared expectations in them, which is what the estimate was divided by.
    """

    value: Floats
    periods: Floats
    power: Floats


def own_dispersion(sample: ItemSample) -> OwnDispersion:
    """Measure each item's dispersion by its errors one step ahead of a steady level."""
    level = running_level(sample.values / sample.past, DISPERSION_RATE)
    expected = np.full_like(level, np.nan)
    expected[:, 1:] = level[:, :-1] * sample.past[:, 1:]
    counted = np.isfinite(sample.values) & np.isfinite(expected)
    counted &= np.cumsum(np.isfinite(sample.values), axis=1) > WARM_UP
    expected, actual = np.where(counted, expected, 0.0), np.where(counted, sample.values, 0.0)
    power = np.sum(expected**2, axis=1)
    beyond_chance = np.sum((actual - expected) ** 2 * (1 - DISPERSION_RATE / 2) - expected, axis=1)
    own = np.divide(beyond_chance, power, out=np.zeros(len(power)), where=power > 0)
    return OwnDispersion(own, np.where(power > 0, counted.sum(axis=1), 0).astype(np.float64), power)


def negative_binomial(mean: Floats, dispersion: Floats, size: int) -> Floats:
    """Probabilities of 0 .. size - 1, the last holding all that lies beyond, shape (items, steps, size).

    Args:
        mean: shape (items, steps), >= 0.
        dispersion: shape (items,), > 0; the variance is mean + dispersion * mean^2.
        size: grid points, >= 2.

    Source: Hilbe (2011), Negative Binomial Regression, NB2 parametrisation.
    """
    shape = 1 / dispersion[:, None]
    points = np.arange(size - 1, dtype=np.float64)
    ways = np.zeros((len(mean), size - 1))
    ways[:, 1:] = np.cumsum(np.log((shape + points[:-1]) / points[1:]), axis=1)
    odds = np.maximum(mean, 1e-12) / (shape + np.maximum(mean, 1e-12))
    log_mass = ways[:, None, :] + points * np.log(odds)[..., None] + (shape * np.log1p(-odds))[..., None]
    mass = np.exp(log_mass)
    return np.concatenate([mass, np.maximum(1 - mass.sum(axis=2, keepdims=True), 0.0)], axis=2)


def _nothing_where(place: Bools, mass: Floats) -> Floats:
    """The same probabilities, with a sure zero at these (items, steps)."""
    mass[place] = 0.0
    mass[place, 0] = 1.0
    return mass


def _variance_of_sales(values: Floats) -> Floats:
    """Variance of the sizes of the sales, shape (items,); 0 below two sales."""
    sold = values > 0
    sales = np.maximum(sold.sum(axis=1), 1)
    mean = np.where(sold, values, 0.0).sum(axis=1) / sales
    return np.asarray(np.where(sold, (values - mean[:, None]) ** 2, 0.0).sum(axis=1) / sales)


def _mean(values: Floats) -> Floats:
    observed = np.isfinite(values)
    return np.asarray(np.where(observed, values, 0.0).sum(axis=1) / np.maximum(observed.sum(axis=1), 1))
