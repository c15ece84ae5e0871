"""Forecasts of items that sell in small whole numbers or now and then, and their joint sample paths."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints
from engine.business.history import SalesHistory
from engine.demand import DemandDistribution
from engine.forecast.counts.effects import Covariates
from engine.forecast.counts.grid import Distributions, grid_sizes, grid_units
from engine.forecast.counts.mixture import CountTuning, mixture
from engine.forecast.counts.tuning import tune

DRAWS = 1000
LONGEST_WAIT = 8
"""Open periods are looked for among so many times the horizon: a weekly market opens on one day of seven."""

BATCH = 256
"""Items that are computed together, sorted by the length of their grids."""

CLOSEST = 0.97
"""No period hangs on the level more than this (a correlation)."""


@dataclass(frozen=True, eq=False)
class CountForecast:
    """What one item may sell.

    Attributes:
        mean: expected demand of each period, units, shape (horizon,).
        paths: equally likely ways in which all periods may turn out, units, >= 0, shape (draws, horizon); whole
            numbers where the past is.
        method: the mixture in words.
    """

    mean: Floats
    paths: Floats
    method: str

    def quantile(self, probability: float) -> Floats:
        """Demand of each period that is not exceeded with this probability (0..1), units, shape (horizon,)."""
        return np.quantile(self.paths, probability, axis=0, method="inverted_cdf")

    def demand(self, history: SalesHistory) -> DemandDistribution:
        """The same as what ordering and staffing start from, for the periods after the item's history.

        Raises:
            ValueError: the history's calendar has fewer open periods ahead than were forecast.
        """
        calendar, horizon = history.calendar, self.paths.shape[1]
        ahead = calendar.ahead(history.periods[-1], LONGEST_WAIT * horizon)[:horizon]
        return DemandDistribution(history.item, history.metric.unit, calendar.frequency, ahead, self.paths)


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


def forecast_counts(
    values: Floats,
    *,
    horizon: int,
    season_length: int,
    rng: np.random.Generator,
    tuning: CountTuning | None = None,
    draws: int = DRAWS,
) -> CountForecast:
    """Forecast one item.

    Args:
        values: its past, shape (n,), >= 0; NaN where nothing is known (a closed day is not a zero).
        horizon: periods ahead, >= 1.
        season_length: periods in one season; 1 for none.
        rng: the only source of chance.
        tuning: learnt from the whole file; learnt from this item alone when None.
        draws: number of paths.

    Raises:
        ValueError: no value is known, one is negative, or the horizon is not positive.
    """
    many = forecast_many(values[None, :], horizon=horizon, season_length=season_length, tuning=tuning)
    return CountForecast(many.mean[0], many.paths(0, draws=draws, rng=rng), many.tuning.method)


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
