"""The year in the sales of many items: what comes back every year, and what comes with a feast that moves.

The past is cut into years counted back from its last day, and each year into 73 stretches of five days. What a stretch
sells beside the level around it is the year's profile. Each year is forecast from the other years, by profiles that are
smooth to different degrees, of the item itself or of all items together, and drawn towards none; what forecasts best is
used, and only where it forecasts clearly better than no profile at all. A past that covers a place in the year once
still has a profile there, as strong as the places that it covers twice allow.

Feasts that move are tried in the same way, beside the smoothest profile: each is forecast from its other occurrences.

Source: leave-one-out choice of a smoother, Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning,
section 7.10, with years in the place of single observations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from engine.arrays import Bools, Floats, Ints

DAYS_A_YEAR = 365.25
STRETCHES = 73
"""In a year; one is five days."""

LEAST_DAYS = 426
"""A past is looked at that is as long as this: a year and two months."""

LEVEL_DAYS = 75.0
"""The level around a day is a bell curve with this standard deviation, days; at first, one of a year."""

SMOOTH = (0.0, 1.5, 4.0)
"""How smooth a profile may be: standard deviation of a bell curve, stretches."""

STRENGTHS = (0.5, 0.75, 1.0)
"""Powers of a profile; none is 0."""

PRIOR_UNITS = 4.0
"""A stretch of a profile is drawn to 1 as if so many more units had been sold as usual."""

LEAST_GAIN = 9.0
"""A profile or a feast counts from this fall of the squared errors, in units of their mean."""

PLAIN_GAIN = 150.0
"""As `LEAST_GAIN`, for a season that is too plain to be the work of feasts."""

ROUNDS = 3
LOWEST = 0.02

WINDOWS = ((-3, -1), (-7, -1), (-10, -1), (-14, -1), (-1, 1), (0, 0), (0, 3), (0, 6), (0, 13), (0, 29))
"""Days around a feast that may sell differently, first and last."""

AROUND, APART = 45, 21
"""What is usual around a feast is told from the days up to `AROUND` away, but not from those up to `APART`."""

FEWEST_FEASTS = 2
LEAST_FEAST_GAIN = 16.0
"""As `LEAST_GAIN`, for the best of many feasts and windows."""

FEWEST_DAYS_AROUND = 20


@dataclass(frozen=True, eq=False)
class YearFactors:
    """What the year multiplies sales by.

    Attributes:
        past: factor of each past period, > 0, shape (items, n), or (items, 1) of ones.
        ahead: factor of each period ahead, > 0, shape (items, horizon), or (items, 1) of ones.
    """

    past: Floats
    ahead: Floats


def year_factors(values: Floats, days: Sequence[date], *, season_length: int) -> YearFactors:
    """What the year did to each past period, and will do to those ahead.

    Args:
        values: units sold, >= 0, shape (items, n); NaN where nothing is known or the business was closed.
        days: the start of each period, those ahead included; none where the year is not looked for.
        season_length: periods in one season that is shorter than a year; 1 for none.
    """
    n = values.shape[1]
    if not covers_a_year(days[:n]):
        return YearFactors(np.ones((len(values), 1)), np.ones((len(values), 1)))
    ordinals = np.array([day.toordinal() for day in days])
    clock = _Clock(ordinals, n)
    usual = _exposure(values, season_length)
    sold = clock.sums(np.nan_to_num(values))
    slow = clock.spread(_best_profile(sold, clock.sums(usual), SMOOTH[-1:], PLAIN_GAIN))[:, :n]
    feasts = _feast_factors(np.nan_to_num(values), usual * slow, ordinals, n)
    profile = _best_profile(sold, clock.sums(usual * feasts[:, :n]), SMOOTH, LEAST_GAIN)
    factors = np.maximum(feasts * clock.spread(profile), LOWEST)
    return YearFactors(factors[:, :n], factors[:, n:])


def covers_a_year(days: Sequence[date]) -> bool:
    """Whether the past is long enough to look for the year in it: some places of the year come twice."""
    return len(days) > 1 and (days[-1] - days[0]).days >= LEAST_DAYS - 1


class _Clock:
    """Days by years and stretches, counted back from the last day of the past."""

    def __init__(self, ordinals: Ints, n: int) -> None:
        self.n = n
        back = (ordinals[n - 1] - ordinals) / (DAYS_A_YEAR / STRETCHES)
        self.stretch = np.floor(back).astype(np.int64)  # 0 is the newest of the past, below 0 lie the days ahead
        self.place = back - self.stretch
        self.count = int(self.stretch[0]) + 1

    def sums(self, values: Floats) -> Floats:
        """By stretch, the newest first, shape (items, stretches)."""
        result = np.zeros((len(values), self.count))
        np.add.at(result.T, self.stretch[: self.n], values.T)
        return result

    def spread(self, profile: Floats) -> Floats:
        """The profile of a year, shape (items, STRETCHES), on every day, past and ahead, shape (items, days)."""
        return profile[:, self.stretch % STRETCHES]


@lru_cache(maxsize=8)
def moving_feasts(first: int, last: int) -> dict[str, tuple[int, ...]]:
    """The feasts that move through the year and that shops feel, as ordinals of their days, in order, by name.

    Args:
        first: year.
        last: year, included.
    """
    from dateutil.easter import EASTER_ORTHODOX, easter

    years = range(first, last + 1)
    feasts = {
        "Easter": [easter(year) for year in years],
        "Carnival": [easter(year) - timedelta(days=47) for year in years],
        "Mothering Sunday": [easter(year) - timedelta(days=21) for year in years],
        "Pentecost": [easter(year) + timedelta(days=49) for year in years],
        "Mother's Day": [_weekday_of_month(year, 5, 6, 2) for year in years],
        "Black Friday": [_weekday_of_month(year, 11, 3, 4) + timedelta(days=1) for year in years],
        "Orthodox Easter": [easter(year, EASTER_ORTHODOX) for year in years],
    }
    return {name: tuple(day.toordinal() for day in days) for name, days in feasts.items()}


def _weekday_of_month(year: int, month: int, weekday: int, which: int) -> date:
    start = date(year, month, 1)
    return start + timedelta(days=(weekday - start.weekday()) % 7 + 7 * (which - 1))


def _feast_factors(sold: Floats, usual: Floats, ordinals: Ints, n: int) -> Floats:
    """What moving feasts multiply each day by, one after the other, shape (items, days)."""
    factors = np.ones((len(sold), len(ordinals)))
    if n < 2 or ordinals[1] - ordinals[0] > 4:
        return factors
    first, last = (date.fromordinal(int(ordinals[place])).year for place in (0, -1))
    noise = _noise(sold, usual)
    for feast_days in moving_feasts(first - 1, last + 1).values():
        best, chosen = np.full(len(sold), LEAST_FEAST_GAIN), np.ones_like(factors)
        for window in WINDOWS:
            inside = _near(ordinals, feast_days, window)
            tally = _tally(sold, usual * factors[:, :n], ordinals[:n], feast_days, window)
            if tally is None:
                continue
            gain = tally.gain() / noise
            better = gain > best
            best = np.where(better, gain, best)
            chosen = np.where(better[:, None], np.where(inside, tally.lift()[:, None], 1.0), chosen)
        factors *= chosen
    return factors


def _near(ordinals: Ints, feast_days: Sequence[int], window: tuple[int, int]) -> Bools:
    return np.asarray(np.any([(ordinals >= f + window[0]) & (ordinals <= f + window[1]) for f in feast_days], axis=0))


def _noise(sold: Floats, usual: Floats) -> Floats:
    """Squared errors of weeks in units of what chance would leave, at least 1, shape (items,)."""
    weeks = sold.shape[1] // 7
    units, expected = (part[:, : weeks * 7].reshape(len(sold), weeks, 7).sum(axis=2) for part in (sold, usual))
    errors = _errors(units, expected, _bell(weeks, 4.0))
    return np.asarray(np.maximum(errors / np.maximum((expected > 0).sum(axis=1), 1), 1.0))


@dataclass(frozen=True, eq=False)
class _Tally:
    """What was sold around each occurrence of a feast and what is usual then, shape (items, occurrences) each."""

    sold: Floats
    usual: Floats

    def lift(self) -> Floats:
        return self._lift(self.sold.sum(axis=1), self.usual.sum(axis=1))

    def gain(self) -> Floats:
        """How much better each occurrence is forecast from the others than by what is usual."""
        rest = self.sold.sum(axis=1, keepdims=True) - self.sold, self.usual.sum(axis=1, keepdims=True) - self.usual
        flat, lifted = (self.sold - self.usual) ** 2, (self.sold - self.usual * self._lift(*rest)) ** 2
        return np.asarray(np.sum((flat - lifted) / np.maximum(self.usual, 1.0), axis=1))

    def _lift(self, sold: Floats, usual: Floats) -> Floats:
        return np.asarray((sold + PRIOR_UNITS) / (usual + PRIOR_UNITS))


def _tally(
    sold: Floats, usual: Floats, ordinals: Ints, feast_days: Sequence[int], window: tuple[int, int]
) -> _Tally | None:
    """None where too few occurrences lie in the past."""
    sums, usual_sums = [], []
    for feast in feast_days:
        if feast + window[0] < ordinals[0] or feast + window[1] > ordinals[-1]:
            continue
        apart = ordinals - feast
        inside = (apart >= window[0]) & (apart <= window[1])
        around = (np.abs(apart) <= AROUND) & (np.abs(apart) > APART)
        if usual[:, around].any(axis=0).sum() < FEWEST_DAYS_AROUND or not inside.any():
            continue
        level = sold[:, around].sum(axis=1) / np.maximum(usual[:, around].sum(axis=1), 1e-9)
        sums.append(sold[:, inside].sum(axis=1))
        usual_sums.append(level * usual[:, inside].sum(axis=1))
    if len(sums) < FEWEST_FEASTS:
        return None
    return _Tally(np.stack(sums, axis=1), np.stack(usual_sums, axis=1))


def _exposure(values: Floats, season_length: int) -> Floats:
    """What each known period would sell at a level of one: the factors of a short season; 0 where nothing is known."""
    n, season = values.shape[1], max(season_length, 1)
    observed = np.isfinite(values)
    phase = (np.arange(n) - n) % season
    sold = np.stack([np.where(observed, values, 0.0)[:, phase == p].sum(axis=1) for p in range(season)], axis=1)
    count = np.stack([observed[:, phase == p].sum(axis=1) for p in range(season)], axis=1)
    mean = (sold.sum(axis=1) / np.maximum(count.sum(axis=1), 1))[:, None]
    index = (sold + mean * PRIOR_UNITS) / np.maximum(mean * (count + PRIOR_UNITS), 1e-9)
    return np.asarray(np.maximum(index, LOWEST)[:, phase] * observed)


def _bell(size: int, spread: float) -> Floats:
    """A bell curve over so many places in a row, shape (size, size)."""
    steps = np.arange(size)
    return np.exp(-0.5 * ((steps[:, None] - steps[None, :]) / max(spread, 1e-9)) ** 2)


def _round_bell(spread: float) -> Floats:
    """A bell curve over the stretches of a year, shape (STRETCHES, STRETCHES)."""
    if spread == 0:
        return np.eye(STRETCHES)
    steps = np.arange(STRETCHES)
    apart = np.abs(steps[:, None] - steps[None, :])
    return np.asarray(np.exp(-0.5 * (np.minimum(apart, STRETCHES - apart) / spread) ** 2))


def _by_year(sums: Floats) -> Floats:
    """Sums by stretch as years of stretches, shape (items, years, STRETCHES)."""
    years = -(-sums.shape[1] // STRETCHES)
    whole = np.zeros((len(sums), years * STRETCHES))
    whole[:, : sums.shape[1]] = sums
    return whole.reshape(len(sums), years, STRETCHES)


def _level(sold: Floats, usual: Floats, bell: Floats) -> Floats:
    return np.asarray((sold @ bell + 1e-9) / np.maximum(usual @ bell, 1e-9))


def _best_profile(sold: Floats, exposure: Floats, smooths: Sequence[float], least_gain: float) -> Floats:
    """The profile of each item that forecasts its years best, of those this smooth, shape (items, STRETCHES)."""
    count = sold.shape[1]
    near = _bell(count, LEVEL_DAYS * STRETCHES / DAYS_A_YEAR)
    flat = _errors(sold, exposure, near)
    best, chosen = flat.copy(), np.ones((len(sold), STRETCHES))
    everything = _Trial(sold.sum(axis=0)[None], _in_proportion(sold, exposure, near), near)
    for smooth in smooths:
        bell = _round_bell(smooth)
        own, common = _Trial(sold, exposure, near).profiles(bell), everything.profiles(bell)
        for whole, others in (own, common):
            for strength in STRENGTHS:
                errors = _errors(sold, exposure * _in_a_row(others**strength, count), near)
                better = errors < best
                best = np.where(better, errors, best)
                chosen = np.where(better[:, None], whole**strength, chosen)
    known = np.maximum((exposure > 0).sum(axis=1), 1)
    together = _together(sold, exposure * _level(sold, exposure, near))
    gain = (flat - best) / np.maximum(best / known, 1e-9) / together
    return np.asarray(np.where((gain > least_gain)[:, None], chosen, 1.0))


def _in_proportion(sold: Floats, exposure: Floats, near: Floats) -> Floats:
    """What all items together would have sold in each stretch without a year, shape (1, stretches)."""
    slow = _bell(sold.shape[1], STRETCHES)
    return np.asarray((exposure * _level(sold, exposure, slow)).sum(axis=0)[None])


def _in_a_row(profiles: Floats, count: int) -> Floats:
    """Profiles by year, shape (items or 1, years, STRETCHES), one stretch after the other."""
    return profiles.reshape(len(profiles), -1)[:, :count]


def _errors(sold: Floats, usual: Floats, near: Floats) -> Floats:
    """Squared errors of each item around the level of the time, in units of what chance alone would leave."""
    expected = usual * _level(sold, usual, near)
    size = np.maximum(expected, sold.sum(axis=1, keepdims=True) / np.maximum((usual > 0).sum(axis=1), 1)[:, None])
    return np.asarray(np.sum((sold - expected) ** 2 / np.maximum(size, 1e-9), axis=1))


def _together(sold: Floats, expected: Floats) -> Floats:
    """How many stretches in a row err together, >= 1, shape (items,): a level that wanders is no year.

    Source: the variance inflation of a mean of correlated errors, here up to a quarter of a year apart.
    """
    errors = (sold - expected) / np.sqrt(np.maximum(expected, 1.0))
    power = np.maximum(np.sum(errors**2, axis=1), 1e-9)
    farthest = min(STRETCHES // 4, errors.shape[1] - 1)
    shares = [np.sum(errors[:, lag:] * errors[:, :-lag], axis=1) / power for lag in range(1, farthest + 1)]
    return np.asarray(1 + 2 * np.sum(np.maximum(shares, 0.0), axis=0))


@dataclass(frozen=True, eq=False)
class _Trial:
    """Sales and what is usual, by stretch, and the bell curve around which the level is found."""

    sold: Floats
    exposure: Floats
    near: Floats

    def profiles(self, bell: Floats) -> tuple[Floats, Floats]:
        """Profiles from all years, shape (items, STRETCHES), and for each year from all others."""
        count = self.sold.shape[1]
        years = _by_year(self.sold)
        usual = self.exposure * _level(self.sold, self.exposure, _bell(count, STRETCHES))
        whole = np.ones((len(self.sold), STRETCHES))
        for _ in range(ROUNDS):
            by_year = _by_year(usual)
            whole = _ratio(years.sum(axis=1), by_year.sum(axis=1), bell)
            seasonal = self.exposure * whole[:, np.arange(count) % STRETCHES]
            usual = self.exposure * _level(self.sold, seasonal, self.near)
        by_year = _by_year(usual)
        rest_sold, rest = years.sum(axis=1, keepdims=True) - years, by_year.sum(axis=1, keepdims=True) - by_year
        return whole, _ratio(rest_sold, rest, bell)


def _ratio(sold: Floats, usual: Floats, bell: Floats) -> Floats:
    profile = (sold @ bell + PRIOR_UNITS) / (usual @ bell + PRIOR_UNITS)
    return np.asarray(profile)
