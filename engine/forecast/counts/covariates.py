"""What holidays, promotions and pay days do to sales, learnt from all items of a file together.

One item sees an event once a year; a hundred items see it a hundred times. Each effect is therefore estimated for all
items first, and each item may then leave that common effect as far as its own past insists.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.forecast.counts.members import LOWEST_DISPERSION
from engine.forecast.series import SHORT_SEASON
from engine.forecast.year import year_factors

COMMON_SPREAD = 0.3
"""Usual size of an effect common to all items, on the log scale (prior standard deviation)."""

OWN_SPREAD = 0.15
"""Usual distance of an item's effect from the common one, on the log scale (prior standard deviation)."""

ROUNDS = 4
"""Season, level and effects are estimated in turn so many times."""

LARGEST_STEP = 1.0
OUTLYING = 5.0
"""No period counts as further from what was expected than this share of it, or so many times its usual error: a typing
error is no effect."""

CLOSED_SHARE = 0.1
"""When all items together sell less than this share of the usual, the business was closed."""

BUSY = 5.0
"""Only where so many units are usual does a period without sales mean that the business was closed."""

SEASON_PRIOR = 5.0
"""No season counts as much as so many units sold in each phase."""

SMOOTH_SPAN = 14.0
"""Standard deviation of the bell curve that finds the level around a period, periods; at least two seasons."""

MONTH_PARTS = ((1, 3), (4, 7), (8, 10), (11, 15), (24, 27), (28, 31))
"""Days of the month around pay days; the days from 16 to 23 are what the others are compared with."""

FEWEST_DAYS = 180
"""A shorter past says more about chance than about its months."""

MONTH_STRENGTH = 0.3
"""Size of the mark of a day, where an event of its own has 1: what the months do is smaller, and drawn closer to none.
Without any such effect this costs under 1 % of the error of a day; where there is one, sums over ten days gain 20 %."""


@dataclass(frozen=True, eq=False)
class Covariates:
    """Causes whose future is known.

    Attributes:
        names: of the causes.
        values: 0 where a cause is absent, shape (items or 1, causes, n + horizon); 1 item stands for all.
        days: the start of each of these periods, where the year is to be looked for in the past as well; else none.

    Raises:
        ValueError: the shape does not fit the names.
    """

    names: tuple[str, ...]
    values: Floats
    days: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if self.values.ndim != 3 or self.values.shape[1] != len(self.names):
            raise ValueError(f"causes of shape {self.values.shape} for {len(self.names)} names")

    def of_items(self, rows: Ints) -> "Covariates":
        """The causes of these items."""
        return self if len(self.values) == 1 else replace(self, values=self.values[rows])

    def until(self, period: int) -> "Covariates":
        """The causes of the first periods, past and future together."""
        return replace(self, values=self.values[..., :period], days=self.days[:period])

    def without_causes(self) -> "Covariates | None":
        """The year alone; None where it is not looked for."""
        return Covariates((), self.values[:, :0], self.days) if self.days else None

    def season_beside(self, season_length: int) -> int:
        """The season that is left beside the year, periods: one as long as the year is the year."""
        return 1 if self.days and season_length > SHORT_SEASON else season_length


@dataclass(frozen=True, eq=False)
class CovariateEffects:
    """What known causes multiply sales by.

    Attributes:
        names: the causes.
        coefficients: effect of each cause on each item, on the log scale, shape (items, causes).
        past: factor of each past period, > 0, shape (items, n).
        ahead: factor of each period ahead, >= 0, shape (items, horizon); 0 where such a day was always closed.
        closed: past periods in which the whole business was closed, shape (n,).
    """

    names: tuple[str, ...]
    coefficients: Floats
    past: Floats
    ahead: Floats
    closed: Bools


def estimate_covariate_effects(values: Floats, covariates: Covariates, *, season_length: int) -> CovariateEffects:
    """Estimate multiplicative effects of causes whose future is known.

    Args:
        values: shape (items, n); NaN where nothing is known.
        covariates: the causes of these items, over n periods and those ahead.
        season_length: periods in one season; 1 for none; one as long as the year is left to the year.

    Source: quasi-likelihood for counts with variance m + d m^2 (McCullagh & Nelder, 1989, chapter 9) with normal priors
    on the coefficients (empirical Bayes in two steps: common, then own).
    """
    n = values.shape[1]
    closed = closed_periods(values)
    open_values = np.where(closed, np.nan, values)
    season_length = covariates.season_beside(season_length)
    year = year_factors(open_values, covariates.days, season_length=season_length)
    before, after = covariates.values[..., :n], covariates.values[..., n:]
    coefficients = np.zeros((len(values), len(covariates.names)))
    for _ in range(ROUNDS if covariates.names else 0):
        usual = year.past * expected(open_values / _factor(coefficients, before) / year.past, season_length)
        coefficients = _fit(open_values, usual, before, coefficients)
    past, ahead = (_factor(coefficients, causes) for causes in (before, after))
    result = CovariateEffects(covariates.names, coefficients, past * year.past, ahead * year.ahead, closed)
    shut = _always_closed(before, closed)
    return replace(result, ahead=np.where((after[:, shut] != 0).any(axis=1), 0.0, result.ahead))


def closed_periods(values: Floats) -> Bools:
    """Periods in which all items together sold almost nothing, shape (n,)."""
    observed = np.isfinite(values)
    usual = np.where(observed, values, 0.0).sum(axis=1) / np.maximum(observed.sum(axis=1), 1)
    sold = np.where(observed, values, 0.0).sum(axis=0)
    expected_then = (usual[:, None] * observed).sum(axis=0)
    return np.asarray((expected_then > BUSY) & (sold < CLOSED_SHARE * expected_then))


def expected(flat: Floats, season_length: int) -> Floats:
    """The level around each past period times its season, shape (items, n); the future of a period counts as well."""
    n = flat.shape[1]
    phase = (np.arange(n) - n) % max(season_length, 1)
    index = np.ones((len(flat), max(season_length, 1)))
    span = max(SMOOTH_SPAN, 2.0 * season_length)
    for _ in range(2):
        level = _around(flat / index[:, phase], span)
        usual_then = np.where(np.isfinite(flat), level, 0.0)
        for p in range(index.shape[1]):
            sold, usual = np.nansum(flat[:, phase == p], axis=1), usual_then[:, phase == p].sum(axis=1)
            index[:, p] = (sold + SEASON_PRIOR) / (usual + SEASON_PRIOR)
        index /= index.mean(axis=1, keepdims=True)
    return np.maximum(_around(flat / index[:, phase], span) * index[:, phase], 1e-9)


def _around(values: Floats, span: float) -> Floats:
    from scipy.ndimage import gaussian_filter1d

    observed = np.isfinite(values)
    total = gaussian_filter1d(np.where(observed, values, 0.0), span, axis=1, mode="constant", truncate=4.0)
    weight = gaussian_filter1d(observed.astype(np.float64), span, axis=1, mode="constant", truncate=4.0)
    return np.asarray(np.divide(total, weight, out=np.zeros_like(total), where=weight > 1e-9))


def _factor(coefficients: Floats, causes: Floats) -> Floats:
    return np.asarray(
        np.exp(np.einsum("ic,ict->it", coefficients, np.broadcast_to(causes, (len(coefficients), *causes.shape[1:]))))
    )


def _fit(values: Floats, usual: Floats, causes: Floats, coefficients: Floats) -> Floats:
    """One step of iteratively weighted least squares: the common effect, then each item's own."""
    causes = np.broadcast_to(causes, (len(values), *causes.shape[1:]))
    fitted = usual * _factor(coefficients, causes)
    observed = np.isfinite(values)
    spread = np.sum(np.where(observed, (np.nan_to_num(values) - fitted) ** 2 - fitted, 0), axis=1)
    dispersion = np.maximum(
        spread / np.maximum(np.sum(np.where(observed, fitted**2, 0), axis=1), 1e-9), LOWEST_DISPERSION / 4
    )
    usual_error = np.sqrt((1 + dispersion[:, None] * fitted) / fitted)
    most = np.maximum(LARGEST_STEP, OUTLYING * usual_error)
    off = np.clip(np.where(observed, values / fitted - 1, 0.0), -most, most)
    weight = np.where(observed, fitted / (1 + dispersion[:, None] * fitted), 0.0)
    target = off + np.einsum("ic,ict->it", coefficients, causes)
    square = np.einsum("ict,it,idt->icd", causes, weight, causes)
    cross = np.einsum("ict,it->ic", causes, weight * target)
    count = causes.shape[1]
    common = np.linalg.solve(square.sum(axis=0) + np.eye(count) / COMMON_SPREAD**2, cross.sum(axis=0))
    left = cross - square @ common
    own = np.linalg.solve(square + np.eye(count) / OWN_SPREAD**2, left[..., None])[..., 0]
    return np.asarray(common + own)


def _always_closed(causes: Floats, closed: Bools) -> Bools:
    """Causes in whose every past period the business was closed, shape (causes,)."""
    present = (causes != 0).any(axis=0)
    return np.asarray(present.any(axis=1) & ~(present & ~closed).any(axis=1))


def month_parts(days: Sequence[date]) -> Covariates:
    """The part of the month of each day, past and ahead, as causes of all items, shape (1, parts, days).

    Args:
        days: in order, those ahead included.
    """
    of_month = np.array([day.day for day in days])
    marks = [(of_month >= first) & (of_month <= last) for first, last in MONTH_PARTS]
    names = tuple(f"day {first} to {last}" for first, last in MONTH_PARTS)
    return Covariates(names, MONTH_STRENGTH * np.stack(marks)[None].astype(float))
