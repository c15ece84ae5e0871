"""How much the outcome moves when one driver moves, calendar and other drivers held fixed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from engine.arrays import Floats
from engine.causal.panel import Panel, Part, Shape, Variable
from engine.causal.regression import LinearFit, explained, fit_prais_winsten, partialled_out, t_quantile, two_sided

DECAYS = tuple(round(0.1 * k, 1) for k in range(9))
"""Shares of the effect that may last into the next period."""

FIRST_GUESS = 8
"""The spend before the first period is taken to be the mean of so many first ones."""

WARM_UP = 4
"""First rows that are left out: what was spent before the file begins still works in them, nobody knows how much."""

NO_CARRY = 3.0
"""Beforehand, an effect that ends with its period is as likely as any three other decays together: most spends work at
once, and each wrong decay d makes such an effect look 1 + d times as large."""

PRIOR = np.log(np.where(np.array(DECAYS) == 0, NO_CARRY, 1.0))

SHAPES = (Shape(1, 2), Shape(3, 2), Shape(1, 3), Shape(3, 3))
"""Shapes of trend and year that are tried."""

PLAUSIBLE = float(np.exp(-2.0))
"""A carry-over is plausible when its weight is at least this share of the best one's."""

CONFIDENCE = 0.95
SWEEPS = 2

ODD, MOST_ODD, AMPLE = 5.0, 3, 30
"""At most three periods are set aside, each five robust standard deviations from what is expected (by chance one in two
million would be), while thirty degrees of freedom are left."""

TO_DEVIATION = 1.4826
"""A normal standard deviation in units of the median distance from the median."""


def carried_over(spend: Floats, decay: float) -> Floats:
    """Spend as it works: a(t) = (1 - decay) x(t) + decay a(t-1), which equals the spend when that never changes.

    Its coefficient is therefore the whole effect of one unit of spend, over all later periods.

    Args:
        spend: per period, shape (n,).
        decay: share of the effect that lasts into the next period, 0 <= decay < 1.

    Source: Broadbent (1979), "One way TV advertisements work", normalised to weights that sum to 1.
    """
    ages = np.arange(len(spend))
    before = float(spend[:FIRST_GUESS].mean()) * decay ** (ages + 1)
    return np.asarray(np.convolve(spend, (1 - decay) * decay**ages)[: len(spend)] + before)


@dataclass(frozen=True)
class CandidateEffect:
    """The effect under one assumption on carry-over and trend.

    Attributes:
        decay: share of the effect that lasts into the next period.
        shape: of trend and year.
        value: outcome per unit of the driver, all later periods together.
        error: its standard error.
        weight: how well the assumption fits beside the others, 0..1, summing to 1.
    """

    decay: float
    shape: Shape
    value: float
    error: float
    weight: float


@dataclass(frozen=True)
class Effect:
    """What one more unit of a driver does to the outcome, in all.

    Attributes:
        driver: its column.
        outcome: the figure in question.
        unit: of the outcome.
        driver_unit: of the driver.
        candidates: the effect under each carry-over and trend.
        degrees: rows minus columns of the regression.
        rows: periods that took part.
        rows_per_driver: rows over the number of drivers.
        calendar_share: share of the driver's variation (0..1) that the calendar accounts for.
        overlap: share of it that calendar and the other drivers account for together.
    """

    driver: str
    outcome: str
    unit: str
    driver_unit: str
    candidates: tuple[CandidateEffect, ...]
    degrees: int
    rows: int
    rows_per_driver: float
    calendar_share: float
    overlap: float

    @property
    def value(self) -> float:
        """Outcome per unit of the driver, averaged over the assumptions by how well they fit."""
        return sum(each.weight * each.value for each in self.candidates)

    @property
    def error(self) -> float:
        """Standard error, with the disagreement between the assumptions in it."""
        middle = self.value
        parts = (each.weight * (each.error**2 + (each.value - middle) ** 2) for each in self.candidates)
        return float(np.sqrt(sum(parts)))

    @property
    def interval(self) -> tuple[float, float]:
        """Where the effect lies with 95 % confidence, if nothing that moves both is missing."""
        half = t_quantile(0.5 + CONFIDENCE / 2, self.degrees) * self.error
        return self.value - half, self.value + half

    @property
    def p(self) -> float:
        """Chance of an effect so far from zero when there is none."""
        return two_sided(self.value / self.error, self.degrees) if self.error > 0 else 1.0

    @property
    def stands(self) -> bool:
        """Whether the interval leaves out zero."""
        lower, upper = self.interval
        return lower > 0 or upper < 0

    @property
    def decay(self) -> float:
        """The carry-over, averaged like the effect."""
        return sum(each.weight * each.decay for each in self.candidates)

    @property
    def spread(self) -> float:
        """Largest over smallest effect among the plausible assumptions; infinite when they differ in sign."""
        best = max(each.weight for each in self.candidates)
        values = [each.value for each in self.candidates if each.weight >= PLAUSIBLE * best]
        low, high = min(values, key=abs), max(values, key=abs)
        return abs(high / low) if low * high > 0 else float("inf")

    @property
    def robustness(self) -> float:
        """How strong a hidden cause would have to be to explain the effect away, 0..1: the share that it would explain
        of what is left of the driver and of the outcome.

        Source: Cinelli & Hazlett (2020), J. Royal Statistical Society B 82, equation 3.1 with q = 1.
        """
        return robustness_value(self.value / self.error if self.error > 0 else 0.0, self.degrees)


@dataclass(frozen=True, eq=False)
class EffectModel:
    """The regression behind all effects of one panel.

    Attributes:
        panel: the data.
        decays: per treatment, the carry-over that fits best.
        shape: of trend and year that fits best.
        line: the fit with these; its columns are the calendar's, then one per driver.
        first: position of the first row that takes part.
    """

    panel: Panel
    decays: Mapping[str, float]
    shape: Shape
    line: LinearFit
    first: int

    @property
    def terms(self) -> Floats:
        """The calendar's columns, shape (n, c), all rows."""
        return self.panel.terms(self.shape)

    def stock(self, driver: Variable) -> Floats:
        """The driver as it works, carry-over included, shape (n,)."""
        return working(driver, self.decays.get(driver.name, 0.0))

    def design(self, *, without: str = "") -> Floats:
        """Calendar and drivers as they stand in the regression, shape (rows, columns)."""
        stocks = [self.stock(driver) for driver in self.panel.drivers if driver.name != without]
        return np.column_stack([self.terms, *stocks])[self.first :]

    @property
    def target(self) -> Floats:
        """The outcome of the rows that take part."""
        return self.panel.outcome.values[self.first :]


@lru_cache(maxsize=2048)
def working(driver: Variable, decay: float) -> Floats:
    """A driver with its carry-over; a control works at once. Remembered, for it is asked for again and again."""
    stock = carried_over(driver.values, decay) if driver.part is Part.TREATMENT else driver.values.copy()
    stock.flags.writeable = False
    return stock


def fit_model(panel: Panel) -> EffectModel:
    """Find carry-over and trend that fit best, and fit all drivers together with errors that remember.

    Raises:
        ValueError: the panel has no driver, or fewer rows than columns.
    """
    if not panel.drivers:
        raise ValueError("a panel without drivers has no effects")
    first = WARM_UP if panel.treatments else 0
    decays = {driver.name: 0.3 for driver in panel.treatments}
    rho, shape = 0.0, SHAPES[0]
    for _ in range(SWEEPS):
        for driver in panel.treatments:
            decays[driver.name] = _best_decay(panel, driver, decays, rho, first)
        shape, line = _best_shape(panel, decays, first)
        rho = line.rho
    if line.degrees < 5:
        raise ValueError("fewer rows than columns")
    return EffectModel(panel, decays, shape, line, first)


def fit_steadily(panel: Panel) -> EffectModel:
    """The same, with periods set aside that lie too far from everything else, so that one of them moves no effect.

    Raises:
        ValueError: the panel has no driver, or fewer rows than columns.
    """
    model = fit_model(panel)
    for _ in range(MOST_ODD):
        row = _farthest(model)
        if row is None or model.line.degrees < AMPLE:
            break
        odd = model.panel.odd.copy() if len(model.panel.odd) else np.zeros(len(panel))
        odd[row] = 1
        model = fit_model(replace(model.panel, odd=odd))
    return model


def effects(model: EffectModel) -> tuple[Effect, ...]:
    """The effect of each driver, averaged over carry-over and trend; a driver that repeats others gets a wide one."""
    return tuple(_effect(model, driver) for driver in model.panel.drivers)


def robustness_value(t: float, degrees: int) -> float:
    """Share of what is left of cause and outcome that a hidden cause must explain to bring an effect to zero.

    >>> round(robustness_value(4.18, 783), 3)
    0.139
    """
    squared = t * t / max(degrees, 1)
    return float((np.sqrt(squared**2 + 4 * squared) - squared) / 2)


@dataclass(frozen=True, eq=False)
class _Tried:
    """Effects at each decay: values, errors, log weights; and the degrees of freedom."""

    values: Floats
    errors: Floats
    support: Floats
    degrees: int


def _farthest(model: EffectModel) -> int | None:
    """The row whose shock is the largest, when it is too large for chance."""
    away = np.abs(model.line.shocks - np.median(model.line.shocks))
    usual, row = TO_DEVIATION * float(np.median(away)), int(np.argmax(away))
    return row + model.first if usual > 0 and away[row] > ODD * usual else None


def _beside(panel: Panel, driver: Variable, decays: Mapping[str, float], shape: Shape) -> Floats:
    """Everything but one driver."""
    others = [working(other, decays.get(other.name, 0.0)) for other in panel.drivers if other.name != driver.name]
    return np.column_stack([panel.terms(shape), *others])


def _best_decay(panel: Panel, driver: Variable, decays: Mapping[str, float], rho: float, first: int) -> float:
    fits = _candidates(panel, driver, _beside(panel, driver, decays, SHAPES[0])[first:], rho, first)
    return DECAYS[int(np.argmax(fits.support + PRIOR))]


def _best_shape(panel: Panel, decays: Mapping[str, float], first: int) -> tuple[Shape, LinearFit]:
    stocks = [working(driver, decays.get(driver.name, 0.0)) for driver in panel.drivers]
    target = panel.outcome.values[first:]
    fits = []
    for place, shape in enumerate(SHAPES):
        design = np.column_stack([panel.terms(shape), *stocks])[first:]
        line = fit_prais_winsten(design, target)
        fits.append((_support(line.misfit, len(target), design.shape[1]), -place, line))
    _, place, line = max(fits, key=lambda each: each[:2])
    return SHAPES[-place], line


def _candidates(panel: Panel, driver: Variable, beside: Floats, rho: float, first: int) -> _Tried:
    """The driver's effect at every decay, with everything else taken out first (Frisch, Waugh and Lovell)."""
    grid = DECAYS if driver.part is Part.TREATMENT else (0.0,)
    stocks = np.column_stack([working(driver, decay) for decay in grid])[first:]
    both = np.column_stack([stocks, panel.outcome.values[first:]])
    rows, rank = partialled_out(both, beside, rho)
    stocks, target = rows[:, :-1], rows[:, -1]
    degrees = max(1, len(target) - rank - 1)
    power = np.maximum((stocks**2).sum(axis=0), 1e-300)
    values = stocks.T @ target / power
    misfits = np.maximum(float(target @ target) - values**2 * power, 1e-300)
    support = np.array([_support(misfit, len(target), rank + 1) for misfit in misfits])
    return _Tried(values, np.sqrt(misfits / degrees / power), support, degrees)


def _support(misfit: float, rows: int, columns: int) -> float:
    """Log weight of a fit: its likelihood, less Schwarz's price for each column."""
    return -0.5 * rows * float(np.log(max(misfit, 1e-300))) - 0.5 * columns * float(np.log(rows))


def _effect(model: EffectModel, driver: Variable) -> Effect:
    panel, first = model.panel, model.first
    grid = DECAYS if driver.part is Part.TREATMENT else (0.0,)
    fits = {
        shape: _candidates(panel, driver, _beside(panel, driver, model.decays, shape)[first:], model.line.rho, first)
        for shape in SHAPES
    }
    support = np.concatenate([fits[shape].support + PRIOR[: len(grid)] for shape in SHAPES])
    weights = np.exp(support - support.max())
    weights /= weights.sum()
    choices = [(shape, k) for shape in SHAPES for k in range(len(grid))]
    candidates = tuple(
        CandidateEffect(grid[k], shape, float(fits[shape].values[k]), float(fits[shape].errors[k]), float(weight))
        for (shape, k), weight in zip(choices, weights, strict=True)
    )
    stock, terms = model.stock(driver)[first:], model.terms[first:]
    rows = len(stock) - int(panel.gaps[first:].sum()) - int(panel.odd[first:].sum())
    return Effect(
        driver=driver.name,
        outcome=panel.outcome.name,
        unit=panel.outcome.unit,
        driver_unit=driver.unit,
        candidates=candidates,
        degrees=fits[model.shape].degrees,
        rows=rows,
        rows_per_driver=rows / len(panel.drivers),
        calendar_share=explained(terms, stock),
        overlap=explained(model.design(without=driver.name), stock),
    )
