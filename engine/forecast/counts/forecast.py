"""Forecasts of items that sell in small whole numbers or now and then, and their joint sample paths.

What the items of one file have in common is learnt on stretches of their past that were held back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.arrays import Floats, Ints
from engine.forecast.counts.covariates import Covariates
from engine.forecast.counts.members import MEMBERS, own_dispersion
from engine.forecast.counts.mixture import (
    USUAL_LEVEL_ERROR,
    CountTuning,
    Distributions,
    common_season,
    grid_sizes,
    grid_units,
    mixture,
    sample_of,
    usual_tuning,
)

LEARNT_ON = 120
"""Items that a file is tuned on, evenly spread; more teach little that is new."""

ORIGINS = 4
"""Stretches held back, at most."""

WEIGHT_PRIOR = 1.0
"""The usual mixture counts as much as so many held-back stretches."""

LEVEL_ERRORS = np.array((0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.25, 1.5))
LEVEL_ERROR_PRIOR = 20.0
"""What the past's own ups and downs say of a level's error counts as much as so many held-back stretches."""
LEVEL_MOVES = np.geomspace(0.01, 2.0, 40)
USUAL_MOVES = 1.0
"""How far levels' moves lie apart before anything was measured, on the log scale (prior deviation); their mean is
the usual error."""

SHORTER = 4
"""Blocks of a so many-th of the horizon are looked at as well."""

PROMISED = (0.9, 0.95)
"""The levels, 0..1, at which sums over the horizon are made to hold what they promise."""

DISPERSION_RANGE = (0.002, 5.0)
DRIFT_RANGE = (0.5, 1.5)
FEWEST_PERIODS = 12
"""An item needs so many known periods before a held-back stretch to teach anything."""

BATCH = 256
"""Items that are computed together, sorted by the length of their grids."""

CLOSEST = 0.97
"""No period hangs on the level more than this (a correlation)."""


@dataclass(frozen=True, eq=False)
class _HeldOutItems:
    """One held-back stretch: the past of each item, what came, and the yardstick of each, shape (items,)."""

    past: Floats
    actual: Floats
    scale: Floats
    covariates: Covariates | None

    @property
    def horizon(self) -> int:
        return int(self.actual.shape[1])

    def forecast(self, tuning: CountTuning) -> Distributions:
        """What would have been said, one distribution per period."""
        return mixture(self.past, tuning, self.horizon, self.covariates).each_period(self.horizon)


def tune(values: Floats, *, horizon: int, season_length: int, covariates: Covariates | None = None) -> CountTuning:
    """Learn from the items of one file how they are best forecast.

    Args:
        values: shape (items, n), all ending together, >= 0; NaN where nothing is known.
        horizon: periods ahead, >= 1.
        season_length: periods in one season; 1 for none.
        covariates: causes whose future is known, for the same items.
    """
    chosen = np.unique(np.linspace(0, len(values) - 1, min(LEARNT_ON, len(values))).astype(int))
    sample, causes = values[chosen], covariates.of_items(chosen) if covariates else None
    tuning = replace(usual_tuning(season_length), dispersion=_common_dispersion(sample))
    windows = list(_windows(sample, horizon, season_length, causes))
    if not windows:
        return replace(tuning, level_error=_moves(sample, horizon, season_length))
    tuning = replace(tuning, windows=sum(len(window.past) for window in windows))
    if causes:
        blind = replace(tuning, with_causes=False)
        tuning = min((blind, tuning), key=lambda candidate: _mean_score(windows, candidate))
    if season_length > 1:
        flat = replace(tuning, seasonal=False)
        tuning = min((tuning, flat), key=lambda candidate: _mean_score(windows, candidate))
    tuning = replace(tuning, weights=_weights(windows, tuning))
    tuning = replace(tuning, drift=_drift(windows, tuning))
    tuning = replace(tuning, level_error=_level_error(windows, tuning, _moves(sample, horizon, season_length)))
    return replace(tuning, common_season=common_season(sample, season_length)) if tuning.seasonal else tuning


def _common_dispersion(values: Floats) -> float:
    sample, _ = sample_of(values, usual_tuning(1), 1)
    own = own_dispersion(sample)
    weight = own.power / (1 + own.power / np.maximum(own.periods, 1))
    if not np.any(weight > 0):
        return sample.dispersion
    return float(np.clip(np.average(own.value, weights=weight), *DISPERSION_RANGE))


def _windows(
    values: Floats, horizon: int, season_length: int, covariates: Covariates | None
) -> Iterator[_HeldOutItems]:
    n = values.shape[1]
    earliest = max(FEWEST_PERIODS, min(2 * season_length, n // 2), n // 2)
    step = horizon if n >= earliest + ORIGINS * horizon else max(1, horizon // 2)
    for origin in range(n - horizon, max(earliest - 1, n - horizon - ORIGINS * step), -step):
        past, actual = values[:, :origin], values[:, origin : origin + horizon]
        jumps = np.nan_to_num(_observed_means(np.abs(np.diff(past, axis=1))))
        scale = np.where(
            jumps > 0, jumps, np.nan_to_num(_observed_means(past))
        )  # what never changes is judged by its size
        usable = np.isfinite(actual).all(axis=1) & (scale > 0) & (np.isfinite(past).sum(axis=1) >= FEWEST_PERIODS)
        if usable.any():
            causes = covariates.of_items(np.flatnonzero(usable)).until(origin + horizon) if covariates else None
            yield _HeldOutItems(past[usable], actual[usable], scale[usable], causes)


def _mean_score(windows: Sequence[_HeldOutItems], tuning: CountTuning) -> float:
    """Mean continuous ranked probability score, which is twice the pinball loss averaged over all quantiles."""
    total, count = 0.0, 0
    for window in windows:
        below, reached, width = _compared(window, window.forecast(tuning))
        total += float(np.sum((below - reached) ** 2 * width))
        count += len(window.past)
    return total / count


def _compared(window: _HeldOutItems, distributions: Distributions) -> tuple[Floats, Floats, Floats]:
    """Forecast and actual distribution functions (items, horizon, size), and the weight of a grid point."""
    points = np.arange(distributions.mass.shape[2])
    reached = (window.actual / distributions.unit[:, None])[:, :, None] <= points
    width = distributions.unit / window.scale / window.horizon
    return distributions.cumulative, reached.astype(np.float64), width[:, None, None]


def _weights(windows: Sequence[_HeldOutItems], tuning: CountTuning) -> Floats:
    """The mixture with the smallest score on the held-back stretches, shrunk to the usual one.

    The score is quadratic in the weights, so the best ones are found exactly: non-negative least squares with a row
    that makes them add up to 1.
    """
    from scipy.optimize import nnls

    count = len(MEMBERS)
    square, cross = WEIGHT_PRIOR * np.eye(count), WEIGHT_PRIOR * tuning.weights
    for window in windows:
        alone = [window.forecast(replace(tuning, weights=only)) for only in np.eye(count)]
        views, width, outcomes = [], np.empty(0), np.empty(0)
        for distributions in alone:
            below, reached, width = _compared(window, distributions)
            views.append((np.sqrt(width) * below).ravel())
            outcomes = (np.sqrt(width) * reached).ravel()
        stacked = np.stack(views)
        square = square + stacked @ stacked.T
        cross = cross + stacked @ outcomes
    root = np.linalg.cholesky(square)
    strict = 1e3 * np.sqrt(np.trace(square))
    equations = np.vstack([root.T, strict * np.ones(count)])
    weights, _ = nnls(equations, np.append(np.linalg.solve(root, cross), strict))
    return np.asarray(weights / weights.sum())


def _drift(windows: Sequence[_HeldOutItems], tuning: CountTuning) -> float:
    """The ratio of what came to what was expected, over all items, shrunk to 1 by how much it varies."""
    if len(windows) < 2:
        return 1.0
    logs = []
    for window in windows:
        expected = window.forecast(tuning).mean
        actual_total, expected_total = (np.sum(part / window.scale[:, None]) for part in (window.actual, expected))
        logs.append(np.clip(np.log(max(actual_total, 1e-9) / max(expected_total, 1e-9)), *np.log(DRIFT_RANGE)))
    mean = np.mean(logs)
    noise = np.var(logs, ddof=1) / len(logs) + 1 / tuning.windows
    return float(np.clip(np.exp(mean * mean**2 / (mean**2 + noise)), *DRIFT_RANGE))


def _moves(values: Floats, horizon: int, season_length: int) -> float:
    """By what share levels move from one block of about the horizon to the next, on average over what is likely.

    How likely each move is follows from all steps between blocks and from what is usual: a few quiet steps of an item
    that sells much tell more than many of one that sells now and then. Shorter blocks tell of it too: a level that
    walks at random moves by as much less as the root of their length.
    """
    length = -(-horizon // season_length) * season_length
    shorter = max(1, length // season_length // SHORTER) * season_length
    if values.shape[1] < 2 * shorter:
        return USUAL_LEVEL_ERROR
    likely = -((np.log(LEVEL_MOVES / USUAL_LEVEL_ERROR) / USUAL_MOVES + USUAL_MOVES / 2) ** 2) / 2
    for each in {length, shorter}:
        steps, noise = _steps(values, each, season_length)
        variance = noise[:, None] + LEVEL_MOVES**2 * each / length
        likely -= np.sum(np.log(variance) + steps[:, None] ** 2 / variance, axis=0) / 2
    weights = np.exp(likely - likely.max())
    return float(np.sqrt(np.average(LEVEL_MOVES**2, weights=weights)))


def _steps(values: Floats, length: int, season_length: int) -> tuple[Floats, Floats]:
    """Steps between blocks of so many periods as shares of the level, and the variance that chance gives each.

    Chance is read off the differences between the same places of neighbouring seasons.
    """
    blocks = values.shape[1] // length
    recent = values[:, values.shape[1] - blocks * length :]
    chance = length * _observed_means((recent[:, season_length:] - recent[:, :-season_length]) ** 2) / 2
    sums = length * _observed_means(recent.reshape(len(recent), blocks, length))
    usual = _observed_means(sums)
    sells = usual > 0
    steps = np.diff(sums[sells], axis=1) / usual[sells, None]
    noise = np.broadcast_to((2 * chance[sells] / usual[sells] ** 2)[:, None], steps.shape)
    measured = np.isfinite(steps) & np.isfinite(noise)
    return steps[measured], noise[measured]


def _observed_means(values: Floats) -> Floats:
    """Means over the last axis; NaN where nothing is known."""
    observed = np.isfinite(values)
    count = observed.sum(axis=-1)
    total = np.where(observed, values, 0.0).sum(axis=-1)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _level_error(windows: Sequence[_HeldOutItems], tuning: CountTuning, moves: float) -> float:
    """How far off levels were: the share with which bands around sums hold as often as they promise.

    Sums are taken to be gamma distributed, and a sum on the border of a band counts as far as it lies inside. The few
    stretches that can be held back are helped by how levels moved in the whole past.
    """
    surplus = sum(_held(window, window.forecast(tuning)) for window in windows) - sum(PROMISED) * tuning.windows
    own = float(np.interp(0.0, np.maximum.accumulate(surplus), LEVEL_ERRORS))
    share = tuning.windows / (tuning.windows + LEVEL_ERROR_PRIOR)
    return share * own + (1 - share) * moves


def _held(window: _HeldOutItems, distributions: Distributions) -> Floats:
    """How often the bands of `PROMISED` hold the items' totals, for each of `LEVEL_ERRORS`."""
    from scipy.special import gammainc

    mean = np.maximum(distributions.mean.sum(axis=1), 1e-9)[:, None]
    hanging = np.maximum(mean**2 - (distributions.mean**2).sum(axis=1)[:, None], 0)
    variance = np.maximum(distributions.variance.sum(axis=1)[:, None] + hanging * LEVEL_ERRORS**2, 1e-9)
    total, half = window.actual.sum(axis=1)[:, None], distributions.unit[:, None] / 2
    upto = gammainc(mean**2 / variance, mean / variance * (total + half))
    before = gammainc(mean**2 / variance, mean / variance * np.maximum(total - half, 0))
    held = np.zeros(len(LEVEL_ERRORS))
    for level in PROMISED:
        tail = (1 - level) / 2
        inside = np.minimum(upto, 1 - tail) - np.maximum(before, tail)
        held += np.clip(inside / np.maximum(upto - before, 1e-12), 0, 1).sum(axis=0)
    return held


@dataclass(frozen=True, eq=False)
class _Batch:
    """Items whose grids have about the same length: their rows, distributions, and how they hang on their level."""

    rows: Ints
    distributions: Distributions
    share: Floats


@dataclass(frozen=True, eq=False)
class CountForecasts:
    """What many items may sell, kept as distributions; paths are drawn when they are asked for.

    Attributes:
        mean: expected demand, units, shape (items, horizon).
        tuning: how the items were forecast.
    """

    mean: Floats
    tuning: CountTuning
    parts: Sequence[_Batch]

    @property
    def horizon(self) -> int:
        """Periods ahead."""
        return int(self.mean.shape[1])

    def quantiles(self, probabilities: Sequence[float]) -> Floats:
        """Demand that is not exceeded with each probability (0..1), units, shape (items, horizon, probabilities)."""
        result = np.empty((*self.mean.shape, len(probabilities)))
        for part in self.parts:
            result[part.rows] = part.distributions.quantile(np.asarray(probabilities)).take(self._steps(part), axis=1)
        return result

    def paths(self, row: int, *, draws: int, rng: np.random.Generator) -> Floats:
        """Ways in which the periods of one item may turn out, units, shape (draws, horizon).

        Args:
            row: the item's row.
            draws: number of paths, >= 1.
            rng: the only source of chance.

        Raises:
            IndexError: there is no such row.
        """
        for part in self.parts:
            place = np.flatnonzero(part.rows == row)
            if len(place):
                return sample_paths(
                    part.distributions.item(int(place[0])), part.share[place[0]], self.horizon, draws, rng
                )
        raise IndexError(row)

    def _steps(self, part: _Batch) -> Ints:
        return np.asarray(np.arange(self.horizon) % part.distributions.mass.shape[1])


def forecast_many(
    values: Floats,
    *,
    horizon: int,
    season_length: int,
    tuning: CountTuning | None = None,
    covariates: Covariates | None = None,
) -> CountForecasts:
    """Forecast many items whose past ends together.

    Args:
        values: shape (items, n), >= 0; NaN before an item's start and where nothing is known.
        horizon: periods ahead, >= 1.
        season_length: periods in one season; 1 for none.
        tuning: learnt from the whole file; learnt from these items when None.
        covariates: causes whose future is known (holidays, promotions), for the same items.

    Raises:
        ValueError: no value is known, one is negative, or the horizon is not positive.
    """
    _check(values, horizon)
    tuning = tuning or tune(values, horizon=horizon, season_length=season_length, covariates=covariates)
    order = np.argsort(grid_sizes(values, grid_units(values)), kind="stable")
    mean, parts = np.empty((len(values), horizon)), []
    for rows in np.array_split(order, -(-len(order) // BATCH)):
        distributions = mixture(values[rows], tuning, horizon, covariates.of_items(rows) if covariates else None)
        part = _Batch(rows, distributions, level_share(distributions, tuning.level_error))
        mean[rows] = distributions.mean.take(np.arange(horizon) % distributions.mass.shape[1], axis=1)
        parts.append(part)
    return CountForecasts(mean, tuning, tuple(parts))


def _check(values: Floats, horizon: int) -> None:
    if horizon < 1:
        raise ValueError("horizon must be at least one period")
    if values.ndim != 2 or not np.isfinite(values).any():
        raise ValueError("a forecast needs at least one known value")
    if np.any(values < 0) or np.any(np.isinf(values)):
        raise ValueError("demand must be finite and not negative")


def level_share(distributions: Distributions, level_error: float) -> Floats:
    """How strongly each step hangs on an error of the level: a correlation, 0..`CLOSEST`, shape (items, steps).

    An error of the level by a share s moves every mean by s, so two periods have covariance s^2 times their means. The
    paths are drawn from normal scores, whose correlation comes out weaker in whole numbers; to first order (Hermite)
    by the covariance of a score and its number, which is undone here.
    """
    from scipy.special import ndtri

    spread = np.sqrt(np.maximum(distributions.variance, 1e-12))
    scores = ndtri(np.clip(distributions.cumulative[..., :-1], 1e-12, 1 - 1e-12))
    passed_on = np.sum(np.exp(-(scores**2) / 2), axis=2) / np.sqrt(2 * np.pi) * distributions.unit[:, None] / spread
    return np.asarray(np.clip(level_error * distributions.mean / (spread * np.maximum(passed_on, 1e-3)), 0.0, CLOSEST))


def sample_paths(
    distributions: Distributions, share: Floats, horizon: int, draws: int, rng: np.random.Generator
) -> Floats:
    """Ways in which the periods of one item may turn out, shape (draws, horizon), units.

    Args:
        distributions: the distributions of one item, shape (1, steps, size); they repeat where the horizon is longer.
        share: of `level_share`, shape (steps,).
        horizon: periods ahead.
        draws: number of paths; each period gets them evenly spread over its own distribution.
        rng: the only source of chance.
    """
    steps = np.arange(horizon) % distributions.mass.shape[1]
    hang = share[steps]
    scores = hang * rng.standard_normal((draws, 1)) + np.sqrt(1 - hang**2) * rng.standard_normal((draws, horizon))
    chance = (np.argsort(np.argsort(scores, axis=0), axis=0) + 0.5) / draws
    below = distributions.cumulative[0]
    top = below.shape[1] - 1
    columns = [np.searchsorted(below[step], chance[:, k] - 1e-12) for k, step in enumerate(steps)]
    return np.asarray(np.minimum(np.stack(columns, axis=1), top) * distributions.unit[0])
