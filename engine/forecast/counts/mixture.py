"""From the past of many items to the mixture of all members, given how the file was tuned.

The result is probabilities on a grid, which counts in steps of an item's own `unit`: 1 for whole numbers, more where an
item sells by the thousand, less where it sells by weight.
"""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints
from engine.forecast.counts.covariates import Covariates, estimate_covariate_effects
from engine.forecast.counts.members import MEMBERS, ItemSample

LONGEST = 400
"""Most grid points of an item; one that sells more counts in larger units."""

HEADROOM = 2.0
SPARE = 8
"""The grid ends at so many times the largest value seen, plus `SPARE` points."""

USUAL_WEIGHTS = (0.10, 0.15, 0.20, 0.05, 0.05, 0.15, 0.15, 0.05, 0.10)
"""The mixture where no past can be held back, in the order of `MEMBERS`."""

USUAL_LEVEL_ERROR = 0.4
"""How far off a level usually is, as a share of it, before anything was measured."""

SEASON_PRIOR = 20.0
"""The season common to all items counts as much as so many units sold of an item's own."""

LOWEST_SEASON = 0.02
"""No phase of a season is taken to sell less than this share of the mean."""


@dataclass(frozen=True, eq=False)
class Distributions:
    """What each item may sell in each step ahead.

    Attributes:
        mass: shape (items, steps, size), each row sums to 1.
        unit: shape (items,), the amount that one grid point stands for.
    """

    mass: Floats
    unit: Floats

    @property
    def cumulative(self) -> Floats:
        """The chance of at most each grid point, shape (items, steps, size)."""
        return np.cumsum(self.mass, axis=2)

    @property
    def mean(self) -> Floats:
        """Mean demand, units, shape (items, steps)."""
        return self.mass @ np.arange(self.mass.shape[2], dtype=np.float64) * self.unit[:, None]

    @property
    def variance(self) -> Floats:
        """Variance of demand, squared units, shape (items, steps)."""
        points = np.arange(self.mass.shape[2], dtype=np.float64)
        mean = self.mass @ points
        return (self.mass @ points**2 - mean**2) * self.unit[:, None] ** 2

    def each_period(self, horizon: int) -> "Distributions":
        """One step per period ahead; the steps are one season that repeats."""
        return Distributions(self.mass.take(np.arange(horizon) % self.mass.shape[1], axis=1), self.unit)

    def item(self, row: int) -> "Distributions":
        """One item alone, shape (1, steps, size)."""
        return Distributions(self.mass[row : row + 1], self.unit[row : row + 1])

    def quantile(self, probability: Floats) -> Floats:
        """The smallest grid point that is not exceeded with each probability.

        Args:
            probability: shape (k,), 0..1.

        Returns:
            shape (items, steps, k), units; never crossing, never negative.
        """
        below = self.cumulative
        counts = [np.sum(below < p - 1e-9, axis=2) for p in probability]
        top = self.mass.shape[2] - 1
        return np.asarray(np.minimum(np.stack(counts, axis=2), top) * self.unit[:, None, None])


def grid_units(values: Floats) -> Floats:
    """The unit of each item's grid: 1 where whole numbers fit, else what `LONGEST` points can span, shape (items,)."""
    top = HEADROOM * _largest(values)
    whole = np.all(np.isnan(values) | (values == np.round(values)), axis=1)
    coarse = top / (LONGEST - SPARE)
    return np.asarray(np.where(whole | (top == 0), np.maximum(1.0, np.ceil(coarse)), coarse))


def grid_sizes(values: Floats, unit: Floats) -> Ints:
    """Grid points that each item needs, at most `LONGEST` + 1, shape (items,)."""
    needed = np.ceil(HEADROOM * _largest(values) / unit - 1e-9).astype(np.int64) + SPARE + 1
    return np.asarray(np.minimum(needed, LONGEST + 1))


def _largest(values: Floats) -> Floats:
    return np.asarray(np.where(np.isfinite(values), values, 0.0).max(axis=1, initial=0.0))


@dataclass(frozen=True, eq=False)
class CountTuning:
    """How the items of a file are forecast.

    Attributes:
        weights: share of each of `MEMBERS` in the mixture, shape (members,), sums to 1.
        seasonal: whether a season is used.
        season_length: periods in one season.
        drift: the level ahead over the level that the past shows, > 0; below 1 where items die out.
        dispersion: the usual dispersion, > 0.
        level_error: how far off a level usually is, as a share of it, >= 0; the same for all periods of a path.
        windows: held-back stretches (items times origins) that taught this.
        common_season: the factors around 1 that items of this file usually have, shape (season,), from one step ahead
            on; None to take those of the items at hand.
        with_causes: whether causes whose future is known are used where there are any.
    """

    weights: Floats
    seasonal: bool
    season_length: int
    drift: float
    dispersion: float
    level_error: float
    windows: int
    common_season: Floats | None = None
    with_causes: bool = True

    @property
    def method(self) -> str:
        """The mixture in words, the largest part first."""
        parts = sorted(zip(self.weights, MEMBERS, strict=True), key=lambda part: -part[0])
        return ", ".join(f"{member.name} {share:.0%}" for share, member in parts if share >= 0.005)


def usual_tuning(season_length: int) -> CountTuning:
    """What is assumed where nothing can be learnt."""
    weights = np.array(USUAL_WEIGHTS)
    return CountTuning(weights, season_length > 1, season_length, 1.0, 1.0, USUAL_LEVEL_ERROR, 0)


def mixture(values: Floats, tuning: CountTuning, horizon: int, covariates: Covariates | None = None) -> Distributions:
    """The mixture of all members for items whose past ends together.

    Args:
        values: shape (items, n), >= 0; NaN where nothing is known.
        tuning: of the file.
        horizon: periods ahead.
        covariates: causes whose future is known.

    Returns:
        distributions of shape (items, steps, size): one step per phase of the season, or one per period ahead where
        causes make each of them different.
    """
    sample, unit = sample_of(values, tuning, horizon, covariates)
    mass = np.zeros((*sample.ahead.shape, sample.size))
    for share, member in zip(tuning.weights, MEMBERS, strict=True):
        if share > 0:
            mass += share * member.mass(sample)
    return Distributions(mass, unit)


def sample_of(
    values: Floats, tuning: CountTuning, horizon: int, covariates: Covariates | None = None
) -> tuple[ItemSample, Floats]:
    """What the members see of these items, and the unit of each item's grid.

    Args:
        values: shape (items, n), units, >= 0; NaN where nothing is known.
        tuning: of the file.
        horizon: periods ahead, >= 1.
        covariates: causes whose future is known, for the same items.
    """
    n, season = values.shape[1], tuning.season_length if tuning.seasonal else 1
    causes = covariates if covariates is None or tuning.with_causes else covariates.without_causes()
    effects = estimate_covariate_effects(values, causes, season_length=season) if causes else None
    season = causes.season_beside(season) if causes else season
    steps = horizon if effects else min(horizon, season)
    before, after = (np.arange(n) - n) % season, np.arange(steps) % season
    open_values = np.where(effects.closed, np.nan, values) if effects else values
    index = _season(open_values / effects.past if effects else values, season, tuning.common_season)
    unit = grid_units(values)
    sample = ItemSample(
        values=open_values / unit[:, None],
        past=index[:, before] * (effects.past if effects else 1.0),
        ahead=index[:, after] * tuning.drift * (effects.ahead if effects else 1.0),
        phase=(before, after),
        size=int(grid_sizes(values, unit).max()),
        dispersion=tuning.dispersion,
    )
    return sample, unit


def common_season(values: Floats, season: int) -> Floats:
    """The factors around 1 that these items have on average, shape (season,), from one step ahead on."""
    sold, usual = _by_phase(values, season)
    return np.asarray(np.divide(sold, usual, out=np.ones_like(sold), where=usual > 0).mean(axis=0))


def _season(values: Floats, season: int, common: Floats | None) -> Floats:
    """Each item's factors around 1, shrunk to the common ones, shape (items, season), from one step ahead on."""
    if season == 1:
        return np.ones((len(values), 1))
    sold, usual = _by_phase(values, season)
    shared = common if common is not None else common_season(values, season)
    index = (sold + SEASON_PRIOR * shared) / (usual + SEASON_PRIOR)
    return np.asarray(np.maximum(index / np.maximum(index.mean(axis=1, keepdims=True), 1e-9), LOWEST_SEASON))


def _by_phase(values: Floats, season: int) -> tuple[Floats, Floats]:
    """What was sold in each phase, and what an item without a season would have sold, each (items, season)."""
    n = values.shape[1]
    phase = (np.arange(n) - n) % season
    observed = np.isfinite(values)
    filled = np.where(observed, values, 0.0)
    mean = filled.sum(axis=1) / np.maximum(observed.sum(axis=1), 1)
    sold = np.stack([filled[:, phase == p].sum(axis=1) for p in range(season)], axis=1)
    usual = np.stack([observed[:, phase == p].sum(axis=1) for p in range(season)], axis=1) * mean[:, None]
    return sold, usual
