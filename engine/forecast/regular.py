"""Many series that sell steadily, forecast together: one season each, one set of known effects, one set of errors.

Each item has three views, all times the season and the known effects: a level that follows the newest sales, one that
hardly moves, and Theta, which adds half of the past's trend. Held-back stretches of some of the items tell what share
each deserves, and how far such forecasts are off, in units of each item's own spread: of these errors the bands and the
paths of all items are made. Everything is computed for all items at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.forecast.counts.covariates import Covariates, estimate_covariate_effects
from engine.forecast.counts.members import running_level

RATES = (0.05, 0.1, 0.2)
"""The level is the mean of levels that follow the newest sales at these rates."""

SLOW_RATE = 0.02
"""The rate of the level that hardly moves."""

SEASON_HALF_LIFE = 120.0
"""A season counts half after so many periods, at least six seasons."""

LOWEST_SEASON = 0.02
"""No phase of a season is taken to sell less than this share of the mean."""

USUAL_CYCLES = 2.0
"""That there is no common season counts as much as so many seasons of one item."""

LEARNT_ON = 60
"""Items whose held-back errors stand for all."""

THETA_RATES = np.array((0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9))
"""Theta smooths at the one of these rates that fits an item's past best."""

ORIGINS = 4
FEWEST_PERIODS = 8
"""An item needs so many known periods before a held-back stretch to teach anything."""

FEWEST_PATHS = 8
USUAL_ERRORS = 200
"""Error paths drawn from a normal distribution where fewer than `FEWEST_PATHS` were held back."""

LARGEST_ERROR = 8.0
"""No held-back error counts for more spreads than this."""

SHARES = tuple((newest / 4, slow / 4, (4 - newest - slow) / 4) for newest in range(5) for slow in range(5 - newest))
"""Of the three views, in the order of `_Views`."""

USUAL_SHARES = (0.5, 0.0, 0.5)


@dataclass(frozen=True, eq=False)
class RegularTuning:
    """What the steady items of a file have in common.

    Attributes:
        shares: of the newest level, of the slow one and of Theta in the mean, each 0..1, sum 1.
        errors: held-back errors, in spreads of their items, and their mirror images, shape (error paths, horizon).
        season: the factors around 1 that they share, from one step ahead on, shape (season,); (1,) where none shows.
    """

    shares: tuple[float, float, float]
    errors: Floats
    season: Floats


@dataclass(frozen=True, eq=False)
class _Views:
    """What is expected: means of shape (views, items, horizon), and the spread of one step, shape (items,)."""

    means: Floats
    spread: Floats

    def mean(self, shares: tuple[float, float, float]) -> Floats:
        return np.asarray(np.tensordot(shares, self.means, axes=1))

    def scale(self, shares: tuple[float, float, float]) -> Floats:
        """What one unit of an error path means, shape (items, horizon): busy periods err more."""
        mean = self.mean(shares)
        return np.asarray(self.spread[:, None] * mean / np.maximum(mean.mean(axis=1, keepdims=True), 1e-9))


@dataclass(frozen=True, eq=False)
class RegularForecasts:
    """What many items may sell, kept as means and error paths.

    Attributes:
        mean: expected demand, units, >= 0, shape (items, horizon).
        scale: what one unit of an error path means, units, shape (items, horizon).
        errors: held-back errors, in spreads, shape (error paths, horizon).
        whole: items that sell in whole numbers, shape (items,).
    """

    mean: Floats
    scale: Floats
    errors: Floats
    whole: Bools

    def quantiles(self, probabilities: Sequence[float]) -> Floats:
        """Demand that is not exceeded with each probability (0..1), units, shape (items, horizon, probabilities)."""
        errors = np.quantile(self.errors, probabilities, axis=0).T
        return self._rounded(self.mean[..., None] + self.scale[..., None] * errors, self.whole[:, None, None])

    def paths(self, row: int, *, draws: int, rng: np.random.Generator) -> Floats:
        """Ways in which the periods of one item may turn out, units, >= 0, shape (draws, horizon).

        Args:
            row: the item's row.
            draws: number of paths, >= 1.
            rng: the only source of chance.
        """
        chosen = rng.permutation(np.arange(draws) % len(self.errors))
        return self._rounded(self.mean[row] + self.scale[row] * self.errors[chosen], self.whole[row])

    def _rounded(self, values: Floats, whole: Bools | np.bool_) -> Floats:
        return np.asarray(np.maximum(np.where(whole, np.round(values), values), 0.0))


def tune_regular(
    values: Floats, *, horizon: int, season_length: int, covariates: Covariates | None = None
) -> RegularTuning:
    """Learn from some of the items of a file how all are best forecast, and how far such forecasts are off.

    Args:
        values: shape (items, n), all ending together, >= 0; NaN where nothing is known.
        horizon: periods ahead, >= 1.
        season_length: periods in one season; 1 for none.
        covariates: causes whose future is known, for the same items.
    """
    past = _ItemPast(values, horizon, season_length, covariates)
    season = _common_season(values, season_length)
    trials = list(_trials(past.some(LEARNT_ON)))
    if sum(len(actual) for _, actual in trials) < FEWEST_PATHS:
        return RegularTuning(USUAL_SHARES, _usual_errors(horizon), season)
    shares = min(SHARES, key=lambda each: float(np.mean(_errors(trials, each) ** 2)))
    errors = _errors(trials, shares)
    return RegularTuning(shares, np.concatenate([errors, -errors]), season)


def forecast_regular(
    values: Floats,
    *,
    horizon: int,
    season_length: int,
    tuning: RegularTuning | None = None,
    covariates: Covariates | None = None,
) -> RegularForecasts:
    """Forecast many items whose past ends together.

    Args:
        values: shape (items, n), >= 0; NaN before an item's start and where nothing is known.
        horizon: periods ahead, >= 1.
        season_length: periods in one season; 1 for none.
        tuning: learnt from the whole file; learnt from these items when None.
        covariates: causes whose future is known, for the same items.
    """
    if tuning is None:
        tuning = tune_regular(values, horizon=horizon, season_length=season_length, covariates=covariates)
    views = _views(_ItemPast(values, horizon, season_length, covariates))
    whole = np.all(np.isnan(values) | (values == np.round(values)), axis=1)
    return RegularForecasts(views.mean(tuning.shares), views.scale(tuning.shares), tuning.errors, whole)


@dataclass(frozen=True, eq=False)
class _ItemPast:
    """What a forecast is made from."""

    values: Floats
    horizon: int
    season_length: int
    covariates: Covariates | None

    def some(self, most: int) -> "_ItemPast":
        """At most so many of the items, evenly spread."""
        count = len(self.values)
        return self.of_items(np.unique(np.linspace(0, count - 1, min(most, count)).astype(int)))

    def of_items(self, rows: Ints) -> "_ItemPast":
        covariates = self.covariates.of_items(rows) if self.covariates else None
        return _ItemPast(self.values[rows], self.horizon, self.season_length, covariates)

    def until(self, origin: int) -> "_ItemPast":
        covariates = self.covariates.until(origin + self.horizon) if self.covariates else None
        return _ItemPast(self.values[:, :origin], self.horizon, self.season_length, covariates)


def _trials(past: _ItemPast) -> Iterator[tuple[_Views, Floats]]:
    """The views of held-back stretches, each with what then came, shape (items, horizon)."""
    n, horizon = past.values.shape[1], past.horizon
    earliest = max(FEWEST_PERIODS, n // 2)
    step = horizon if n >= earliest + ORIGINS * horizon else max(1, horizon // 2)
    for origin in range(n - horizon, max(earliest - 1, n - horizon - ORIGINS * step), -step):
        before, actual = past.values[:, :origin], past.values[:, origin : origin + horizon]
        usable = np.isfinite(actual).all(axis=1) & (np.isfinite(before).sum(axis=1) >= FEWEST_PERIODS)
        if usable.any():
            yield _views(past.of_items(np.flatnonzero(usable)).until(origin)), actual[usable]


def _errors(trials: Sequence[tuple[_Views, Floats]], shares: tuple[float, float, float]) -> Floats:
    """Errors in spreads, shape (items times stretches, horizon)."""
    errors = [(actual - views.mean(shares)) / np.maximum(views.scale(shares), 1e-9) for views, actual in trials]
    return np.clip(np.concatenate(errors), -LARGEST_ERROR, LARGEST_ERROR)


def _views(past: _ItemPast) -> _Views:
    values, horizon, season_length = past.values, past.horizon, past.season_length
    effects = (
        estimate_covariate_effects(values, past.covariates, season_length=season_length) if past.covariates else None
    )
    flat = np.where(effects.closed, np.nan, values) / effects.past if effects else values
    season = season_length if values.shape[1] >= 2 * season_length else 1
    season = past.covariates.season_beside(season) if past.covariates else season
    index = _season(flat, season)
    phase = (np.arange(values.shape[1]) - values.shape[1]) % season
    flat = flat / index[:, phase]
    level, spread = _level(flat)
    ahead = index[:, np.arange(horizon) % season] * (effects.ahead if effects else 1.0)
    slow = np.nan_to_num(running_level(flat, SLOW_RATE)[:, -1])
    newest, hardly_moving = (np.repeat(each[:, None], horizon, axis=1) for each in (level, slow))
    return _Views(np.maximum([newest, hardly_moving, theta(flat, horizon)], 0.0) * ahead, spread)


def _season(values: Floats, season: int) -> Floats:
    """Each item's factors around 1, the newest counting most, shape (items, season), from one step ahead on."""
    from scipy.ndimage import uniform_filter1d

    if season == 1:
        return np.ones((len(values), 1))
    n = values.shape[1]
    observed = np.isfinite(values)
    width = 2 * season + 1
    total = uniform_filter1d(np.where(observed, values, 0.0), width, axis=1, mode="constant")
    share = uniform_filter1d(observed.astype(np.float64), width, axis=1, mode="constant")
    level = np.divide(total, share, out=np.zeros_like(total), where=share > 0)
    weight = 0.5 ** ((n - np.arange(n)) / max(SEASON_HALF_LIFE, 6 * season)) * observed
    phase = (np.arange(n) - n) % season
    sold = np.stack([(weight * np.nan_to_num(values))[:, phase == p].sum(axis=1) for p in range(season)], axis=1)
    usual = np.stack([(weight * level)[:, phase == p].sum(axis=1) for p in range(season)], axis=1)
    index = np.divide(sold, usual, out=np.ones_like(sold), where=usual > 0)
    return np.asarray(np.maximum(index / np.maximum(index.mean(axis=1, keepdims=True), 1e-9), LOWEST_SEASON))


def _common_season(values: Floats, season: int) -> Floats:
    """The mean of the factors of the items that cover two seasons, shrunk to 1 by how few seasons that are."""
    cycles = np.isfinite(values).sum(axis=1) / season
    grown = np.flatnonzero(cycles >= 2)
    if season == 1 or not len(grown):
        return np.ones(1)
    chosen = grown[np.unique(np.linspace(0, len(grown) - 1, min(LEARNT_ON, len(grown))).astype(int))]
    seen = float(cycles[chosen].sum())
    mean = _season(values[chosen], season).mean(axis=0)
    return np.asarray(1 + (mean - 1) * seen / (seen + USUAL_CYCLES))


def _level(values: Floats) -> tuple[Floats, Floats]:
    """The level of each item after its last period, and the spread of its errors one step ahead, each (items,)."""
    levels = np.zeros((len(RATES), len(values)))
    started = np.zeros(len(values), dtype=bool)
    squares, count = np.zeros(len(values)), np.zeros(len(values))
    rates, seen = np.array(RATES)[:, None], np.isfinite(values)
    for y, observed in zip(np.where(seen, values, 0.0).T, seen.T, strict=True):
        error = np.where(observed, y - levels.mean(axis=0), 0.0)
        judged = observed & started
        squares += np.where(judged, error**2, 0.0)
        count += judged
        moved = levels + rates * (y - levels)
        levels = np.where(observed, np.where(started, moved, y), levels)
        started |= observed
    return levels.mean(axis=0), np.sqrt(squares / np.maximum(count, 1))


def theta(values: Floats, horizon: int) -> Floats:
    """Theta of each item: exponential smoothing at the best of `THETA_RATES`, plus half of the linear trend.

    Args:
        values: without season, shape (items, n); NaN where nothing is known.
        horizon: periods ahead.

    Source: Assimakopoulos & Nikolopoulos (2000), The theta model, IJF 16; here as the smoothing with drift that Hyndman
    & Billah (2003), Unmasking the Theta method, IJF 19, show it to be.
    """
    observed = np.isfinite(values)
    filled = np.where(observed, values, 0.0)
    count = np.maximum(observed.sum(axis=1), 1)
    when = np.arange(values.shape[1]) * observed
    centred = (when - (when.sum(axis=1) / count)[:, None]) * observed
    power = np.sum(centred**2, axis=1)
    slope = np.divide(np.sum(centred * filled, axis=1), power, out=np.zeros(len(values)), where=power > 0)
    level, rate = _best_smoothing(filled, observed)
    head_start = (1 - (1 - rate) ** count) / rate
    steps = np.arange(horizon)
    return np.asarray(level[:, None] + slope[:, None] / 2 * (steps + head_start[:, None]))


def _best_smoothing(filled: Floats, observed: Bools) -> tuple[Floats, Floats]:
    """The last level of simple exponential smoothing and the rate that fits best, each of shape (items,)."""
    levels = np.zeros((len(THETA_RATES), len(filled)))
    squares = np.zeros_like(levels)
    started = np.zeros(len(filled), dtype=bool)
    for y, seen in zip(filled.T, observed.T, strict=True):
        error = np.where(seen & started, y - levels, 0.0)
        squares += error**2
        levels = np.where(seen & ~started, y, levels + THETA_RATES[:, None] * error)
        started |= seen
    best = squares.argmin(axis=0)
    return levels[best, np.arange(len(filled))], THETA_RATES[best]


def _usual_errors(horizon: int) -> Floats:
    """A random walk around a level that moves a tenth of the spread each period, on evenly spread chances."""
    from scipy.special import ndtri

    chance = (np.arange(USUAL_ERRORS) + 0.5) / USUAL_ERRORS
    width = 1.25 * np.sqrt(1 + 0.01 * np.arange(1, horizon + 1))
    order = np.random.default_rng(0)
    return np.stack([ndtri(order.permutation(chance)) * sd for sd in width], axis=1)
