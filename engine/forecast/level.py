"""Items with a short past: a level that stands, drifts or jumps, and the past tells how likely each is.

Several views of one item run side by side. In each the level moves by a random step between two periods, in another it
hardly moves, and sales lie around it by an unknown spread, in units or in square roots of units. A view counts by how
well it foretold each period from those before, so a jump is believed as soon as the quick views foretell better.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.arrays import Bools, Floats, Ints

DISCOUNTS = (0.3, 0.5, 0.7, 0.85, 0.95)
"""What is known of the level counts so much a period later: 1 would be a level that never moves."""

POWERS = (1.0, 0.5)
"""Spread is alike in units, or in their square roots, as with counts."""

SPREAD_DISCOUNT = 0.95
"""What is known of the spread counts so much a period later."""

SWITCH = 0.05
"""The chance that from one period to the next another view comes to hold, any of them."""

USUAL_SPREAD = 0.3
FIRST_PERIODS = 5
PRIOR_PERIODS = 2.0
"""Before anything is known the spread is this share of the mean of the first periods, as if seen in so many periods."""

LEAST_SPREAD = 1e-3
"""In units: sales that never differed may yet."""

SHORT_PAST = 14
"""A past of fewer known periods is short, and so is one of less than a season."""

LARGEST = 4.0
"""No period ahead sells more than so many times the most that any sold so far."""

MEAN_DRAWS = 500
"""Paths of which the mean and the quantiles of an item are made."""


@dataclass(frozen=True)
class LevelModel:
    """One view of how a level moves.

    Attributes:
        discount: what is known of the level counts so much a period later, above 0 up to 1.
        power: sales to this power lie evenly around the level, above 0 up to 1.
        spread_discount: what is known of the spread counts so much a period later, above 0 up to 1.
    """

    discount: float
    power: float = 1.0
    spread_discount: float = SPREAD_DISCOUNT


LEVEL_MODELS = tuple(LevelModel(discount, power) for power in POWERS for discount in DISCOUNTS)


@dataclass(frozen=True, eq=False)
class LevelBeliefs:
    """What is believed of each item after its last known period; shape (items, models) unless said otherwise.

    Under each model level and spread have a normal-gamma distribution, so what the next period sells, to the model's
    power, has a Student distribution.

    Attributes:
        models: the views.
        mean: of the level, in the model's scale.
        variance: of the level.
        spread: squared deviation of sales from the level that is expected.
        periods: how many periods the spread is known from.
        weight: how likely each view is; an item's sum to 1.
        log_score: of what came under the mixture, one period ahead, summed over the past, shape (items,).
    """

    models: tuple[LevelModel, ...]
    mean: Floats
    variance: Floats
    spread: Floats
    periods: Floats
    weight: Floats
    log_score: Floats

    def item(self, row: int) -> "LevelBeliefs":
        """Of one item alone."""
        parts = (self.mean, self.variance, self.spread, self.periods, self.weight, self.log_score)
        return LevelBeliefs(self.models, *(each[row : row + 1] for each in parts))

    def paths(self, *, horizon: int, draws: int, rng: np.random.Generator) -> Floats:
        """Ways in which the periods ahead may turn out, units, >= 0, shape (items, draws, horizon).

        Args:
            horizon: periods ahead, >= 1.
            draws: number of paths of each item, >= 1; the views share them by their weights.
            rng: the only source of chance.
        """
        item, view = np.arange(len(self.mean))[:, None], self._views(draws, rng)
        periods = self.periods[item, view]
        unsure = periods / (2 * rng.standard_gamma(periods / 2))
        sd = np.sqrt(unsure)
        level = self.mean[item, view] + sd * np.sqrt(self.variance[item, view]) * rng.standard_normal(sd.shape)
        growth = np.array([1 / model.discount - 1 for model in self.models])[view]
        step, noise = sd * np.sqrt(self.variance[item, view] * growth), sd * np.sqrt(self.spread[item, view])
        paths = np.empty((*level.shape, horizon))
        for period in range(horizon):
            level = level + step * rng.standard_normal(sd.shape)
            paths[..., period] = level + noise * rng.standard_normal(sd.shape)
        power = np.array([model.power for model in self.models])[view]
        return np.asarray(np.maximum(paths, 0.0) ** (1 / power)[..., None])

    def _views(self, draws: int, rng: np.random.Generator) -> Ints:
        """The model that each path follows, as many as its weight says, shape (items, draws)."""
        chance = (np.arange(draws) + rng.random((len(self.weight), 1))) / draws
        reached = np.cumsum(self.weight, axis=1)[:, None, :-1]
        return np.asarray((chance[:, :, None] > reached).sum(axis=2))


@dataclass(frozen=True, eq=False)
class LevelForecasts:
    """What items with a short past may sell. An item's figures are the same beside whichever others it is computed.

    Attributes:
        beliefs: of the level of each, without the season.
        season: what multiplies it in each period ahead, shape (horizon,).
        largest: no period sells more, units, shape (items,).
        whole: items that sell in whole numbers, shape (items,).
    """

    beliefs: LevelBeliefs
    season: Floats
    largest: Floats
    whole: Bools

    @cached_property
    def mean(self) -> Floats:
        """Expected demand, units, >= 0, shape (items, horizon)."""
        means = [self._usual_paths(row).mean(axis=0) for row in range(len(self.whole))]
        return np.array(means).reshape(len(means), len(self.season))

    def quantiles(self, probabilities: Sequence[float]) -> Floats:
        """Demand that is not exceeded with each probability (0..1), units, shape (items, horizon, probabilities)."""
        each = [np.quantile(self._usual_paths(row), probabilities, axis=0).T for row in range(len(self.whole))]
        values = np.array(each).reshape(len(each), len(self.season), len(probabilities))
        return np.where(self.whole[:, None, None], np.round(values), values)

    def paths(self, row: int, *, draws: int, rng: np.random.Generator) -> Floats:
        """Ways in which the periods of one item may turn out, units, >= 0, shape (draws, horizon).

        Args:
            row: the item's row.
            draws: number of paths, >= 1.
            rng: the only source of chance.
        """
        level = self.beliefs.item(row).paths(horizon=len(self.season), draws=draws, rng=rng)[0]
        paths = np.minimum(level * self.season, self.largest[row])
        return np.asarray(np.round(paths) if self.whole[row] else paths)

    def _usual_paths(self, row: int) -> Floats:
        return self.paths(row, draws=MEAN_DRAWS, rng=np.random.default_rng(0))


def forecast_levels(values: Floats, *, horizon: int, season: Floats) -> LevelForecasts:
    """Forecast items with a short past, which end together: their level, times the season that they share with others.

    Args:
        values: shape (items, n), units, >= 0; NaN where a period is unknown.
        horizon: periods ahead, >= 1.
        season: factors > 0, mean 1, from one step ahead on, shape (season length,); (1,) for none.

    Raises:
        ValueError: an item has no known value, or one is negative or infinite.
    """
    n, length = values.shape[1], len(season)
    beliefs = believe_levels(values / season[(np.arange(n) - n) % length])
    most = np.where(np.isfinite(values), values, 0.0).max(axis=1)
    whole = np.all(np.isnan(values) | (values == np.round(values)), axis=1)
    return LevelForecasts(beliefs, season[np.arange(horizon) % length], LARGEST * most, whole)


def have_short_past(values: Floats, season_length: int) -> Bools:
    """Items with fewer than `SHORT_PAST` known periods, or less than a season, shape (items,).

    Args:
        values: shape (items, n); NaN before an item's start and where a period is unknown.
        season_length: periods in one season; 1 for none.
    """
    return np.asarray(np.isfinite(values).sum(axis=1) < max(SHORT_PAST, season_length))


def believe_levels(values: Floats, models: tuple[LevelModel, ...] = LEVEL_MODELS) -> LevelBeliefs:
    """What the past of each item says of its level, one period after the other.

    Args:
        values: shape (items, n), >= 0; NaN where a period is unknown, which teaches nothing.
        models: the views, at least one.

    Raises:
        ValueError: an item has no known value, or one is negative or infinite.

    Source: West & Harrison (1997), Bayesian Forecasting and Dynamic Models, 2nd ed.: sections 4.5 and 10.8 for
    level and spread with discounts, 12.4 for the mixture; Herbster & Warmuth (1998), Tracking the Best Expert, Machine
    Learning 32, for views that come to hold in turn.
    """
    if values.ndim != 2 or not np.isfinite(values).any(axis=1).all() or np.any(values < 0) or np.isinf(values).any():
        raise ValueError("each item needs a known value, and none may be negative or infinite")
    started = np.zeros(len(values), dtype=bool)
    beliefs = _before(values, models)
    for sales in values.T:
        known = np.isfinite(sales)
        beliefs = _observe(beliefs, np.where(known, sales, 0.0), known & started)
        started |= known
    return beliefs


def _before(values: Floats, models: tuple[LevelModel, ...]) -> LevelBeliefs:
    """The first known value is the level, give or take the usual spread."""
    power = np.array([model.power for model in models])
    known = np.isfinite(values)
    place = np.cumsum(known, axis=1)
    early = np.where(known & (place <= FIRST_PERIODS), values, 0.0)
    usual = early.sum(axis=1) / np.minimum(place[:, -1], FIRST_PERIODS)
    first = np.where(known & (place == 1), values, 0.0).sum(axis=1)
    mean = first[:, None] ** power
    # a small change of y changes y^power by power * y^(power - 1) times as much
    around = np.maximum(usual, LEAST_SPREAD)[:, None]
    spread = np.maximum(USUAL_SPREAD * power * around**power, LEAST_SPREAD) ** 2
    even = np.full(mean.shape, 1 / len(models))
    return LevelBeliefs(models, mean, spread, spread, np.full(mean.shape, PRIOR_PERIODS), even, np.zeros(len(values)))


def _observe(beliefs: LevelBeliefs, sales: Floats, learns: Bools) -> LevelBeliefs:
    """One more period; of items that do not learn from it everything stays."""
    models = beliefs.models
    discount, power, forget = np.array([(m.discount, m.power, m.spread_discount) for m in models]).T
    prior = beliefs.variance / discount
    total = prior + beliefs.spread
    error = sales[:, None] ** power - beliefs.mean
    log_density = student_log_density(error / np.sqrt(total), beliefs.periods) - np.log(total) / 2
    # densities of y, not of y^power, so that views in different scales can be compared
    log_density += np.log(power) + (power - 1) * np.log(np.maximum(sales, 1.0))[:, None]
    held = (1 - SWITCH) * beliefs.weight + SWITCH / len(models)
    joint = np.log(held) + log_density
    log_score = np.logaddexp.reduce(joint, axis=1)
    share = prior / total
    periods = forget * beliefs.periods + 1
    spread = beliefs.spread * (forget * beliefs.periods + error**2 / total) / periods
    row = learns[:, None]
    return LevelBeliefs(
        models,
        np.where(row, beliefs.mean + share * error, beliefs.mean),
        np.where(row, share * spread, beliefs.variance),
        np.where(row, np.maximum(spread, LEAST_SPREAD**2), beliefs.spread),
        np.where(row, periods, beliefs.periods),
        np.where(row, np.exp(joint - log_score[:, None]), beliefs.weight),
        beliefs.log_score + np.where(learns, log_score, 0.0),
    )


def student_log_density(deviation: Floats, degrees: Floats) -> Floats:
    """Log density of Student's distribution at this deviation, with so many degrees of freedom (> 0)."""
    from scipy.special import gammaln

    constant = gammaln((degrees + 1) / 2) - gammaln(degrees / 2) - np.log(np.pi * degrees) / 2
    return np.asarray(constant - (degrees + 1) / 2 * np.log1p(deviation**2 / degrees))
