"""What is odd about a history: days that do not fit, steps in its level, and what it is too short for.

Nothing is ever removed.

Sources:
    Cleveland et al. (1990), STL: A seasonal-trend decomposition procedure based on loess, J. Official Statistics 6; its
        robust form, whose weights keep odd days out of trend and season. This is the one home of `statsmodels`' STL.
    Bai & Perron (1998), Estimating and testing linear models with multiple structural changes, Econometrica 66: one
        break at a time, each the best of its stretch; the threshold follows the largest of many dependent tests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from engine.arrays import Floats
from engine.dataset import Frequency, in_words
from engine.forecast.drivers.effects import DriverTable, Moves
from engine.forecast.drivers.regression import KNOTS
from engine.forecast.series import Series, fill_closed
from engine.forecast.year import LEAST_DAYS

BEYOND = 4.5
"""Robust standard deviations from which a day is called odd: of normal errors, one in 150,000 lies so far out."""

NORMAL_MAD = 1.4826
"""Turns a median absolute deviation into a standard deviation of normal errors."""

STEADY_SEASON = 51
"""Seasons over which the season is smoothed: a nimble one follows the noise, and then ordinary days look odd."""

SMALL_COUNT = 1.5
"""Roots of Poisson counts differ by at least this many standard deviations of 0.5 before a count is odd."""

SHIFT_THRESHOLD = 5.0
"""Standard errors that a step must measure; the largest of the many dependent tests of a quiet series seldom does."""

SHIFT_REACH = 4
"""How far a window reaches on either side, in multiples of the least that a level must last."""

SMALLEST_SHIFT = 0.05
"""Steps below this share of the level are not worth a sentence."""

MOST_SHIFTS = 5
"""Steps that are looked for, at most."""


@dataclass(frozen=True)
class Outlier:
    """A period that does not fit.

    Attributes:
        period: its start.
        value: what was sold.
        expected: what trend and season would have made of it.
        deviations: how far off, in robust standard deviations; below 0 when less than expected.
        reason: what explains it, or "" when nothing that we know does.
    """

    period: date
    value: float
    expected: float
    deviations: float
    reason: str

    def sentence(self, unit: str) -> str:
        """For the owner: what happened, and what we make of it."""
        direction = "more" if self.value > self.expected else "fewer"
        what = f"{in_words(self.period)}: {self.value:,.0f} {unit}, {direction} than the usual {self.expected:,.0f}"
        return f"{what}; {self.reason}." if self.reason else f"{what}; nothing that we know explains it."


def outliers(series: Series, table: DriverTable | None = None, moves: Moves | None = None) -> tuple[Outlier, ...]:
    """The odd periods of a history, in order; the history itself stays as it is.

    Args:
        series: the past, NaN where closed; at least two seasons, else nothing is called odd.
        table: the drivers of the same periods, which may explain a period.
        moves: learnt effects, which are taken into account before a period is judged.
    """
    plain = series.values if moves is None else moves.remove(series.values)
    seen = ~np.isnan(plain)
    if seen.sum() < max(2 * series.season_length + 1, 12) or np.nanstd(plain) == 0:
        return ()
    usual = _trend_and_season(plain, series.season_length)
    deviations = _deviations(plain, usual)
    expected = usual if moves is None else moves.restore(usual)
    odd = np.flatnonzero(seen & (np.abs(np.nan_to_num(deviations)) > BEYOND))
    return tuple(
        Outlier(
            series.periods[k],
            float(series.values[k]),
            float(max(expected[k], 0.0)),
            float(deviations[k]),
            _reason(series.periods[k], float(series.values[k]), table),
        )
        for k in odd
    )


def _trend_and_season(values: Floats, season_length: int) -> Floats:
    """Trend plus season by robust STL, a running median where there is no season."""
    filled = fill_closed(values, season_length)
    if season_length < 2:
        return _running_median(filled, 7)
    from statsmodels.tsa.stl._stl import STL

    trend = (6 if season_length <= 7 else 2) * season_length | 1
    fitted = STL(filled, period=season_length, seasonal=STEADY_SEASON, trend=trend, robust=True).fit()
    return np.asarray(fitted.trend + fitted.seasonal)


def _running_median(values: Floats, width: int) -> Floats:
    padded = np.pad(values, width // 2, mode="reflect" if len(values) > width // 2 else "edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1))


def _deviations(values: Floats, usual: Floats) -> Floats:
    """Distances on the scale of square roots, on which counts are about equally noisy high and low."""
    if np.nanmin(values) < 0:
        distance, least = values - usual, 0.0
    else:
        distance, least = np.sqrt(values) - np.sqrt(np.maximum(usual, 0.0)), SMALL_COUNT / BEYOND
    spread = NORMAL_MAD * float(np.nanmedian(np.abs(distance - np.nanmedian(distance))))
    spread = max(spread, least, 1e-9 + 0.01 * float(np.nanstd(distance)))
    return np.asarray(distance / spread)


def _reason(period: date, value: float, table: DriverTable | None) -> str:
    active: Sequence[str] = ()
    if table is not None:
        row = table.periods.index(period)
        special = [driver for driver in table.drivers if np.mean(driver.values != 0) < 0.1]
        active = [driver.name for driver in special if driver.values[row] != 0]
    if active:
        return f"then there was: {' and '.join(active[:2])}"
    if value == 0:
        return "nothing was sold: were you closed, or was the shelf empty?"
    return ""


@dataclass(frozen=True)
class LevelShift:
    """Sales moved to another level.

    Attributes:
        period: the first period on the new level.
        before, after: mean sales per period on either side, season removed.
        percent: the step, percent of the level before.
    """

    period: date
    before: float
    after: float
    percent: float

    def sentence(self, unit: str) -> str:
        """For the owner."""
        way = "rose" if self.after > self.before else "fell"
        return (
            f"Since {in_words(self.period)} sales {way} by {abs(self.percent):.0f}%: from about {self.before:,.0f} to "
            f"about {self.after:,.0f} {unit} per period."
        )


def level_shifts(series: Series) -> tuple[LevelShift, ...]:
    """The steps in a history, in order; a steady trend is none, nor is a short dip that passes.

    Args:
        series: the past without the effects of drivers, NaN where closed.
    """
    side = _side(series)
    values = _without_season(series)
    observed = np.flatnonzero(~np.isnan(values))
    level = values[observed]
    if len(level) < 3 * side or np.ptp(level) == 0:
        return ()
    breaks = sorted(_breaks(_calmed(level), side))
    edges = [0, *breaks, len(level)]
    shifts = []
    for k, place in enumerate(breaks, 1):
        near_before = level[max(edges[k - 1], place - 2 * side) : place]
        near_after = level[place : min(edges[k + 1], place + 2 * side)]
        before, after = float(np.mean(near_before)), float(np.mean(near_after))
        if before > 0 and abs(after / before - 1) >= SMALLEST_SHIFT:
            period = series.periods[observed[place]]
            shifts.append(LevelShift(period, before, after, 100 * (after / before - 1)))
    return tuple(shifts)


def _side(series: Series) -> int:
    """Periods that a level must last on either side."""
    return max(KNOTS[series.frequency] // 2, min(2 * series.season_length, 14), 5)


def _without_season(series: Series) -> Floats:
    """Values divided by the typical share of their place in the season (less their typical gap where negative)."""
    values, m = series.values, series.season_length
    if m < 2 or np.sum(~np.isnan(values)) < 2 * m:
        return values
    place = np.arange(len(values)) % m
    local = np.array([_median(values[max(0, k - m) : k + m + 1]) for k in range(len(values))])
    if np.nanmin(values) < 0 or np.nanmin(local) <= 0:
        gaps = np.array([_median((values - local)[place == k]) for k in range(m)])
        return np.asarray(values - (gaps - gaps.mean())[place])
    shares = np.array([_median((values / local)[place == k]) for k in range(m)])
    if not np.all(shares > 0.05):
        return values
    return np.asarray(values / (shares / shares.mean())[place])


def _median(values: Floats) -> float:
    observed = values[~np.isnan(values)]
    return float(np.median(observed)) if len(observed) else float("nan")


def _calmed(level: Floats) -> Floats:
    """Single odd days cut back, so that a holiday is not taken for a step."""
    near = np.array([np.median(level[max(0, k - 7) : k + 8]) for k in range(len(level))])
    spread = 1.4826 * float(np.median(np.abs(level - near))) + 1e-9
    return np.asarray(np.clip(level, near - 3 * spread, near + 3 * spread))


def _breaks(level: Floats, side: int) -> list[int]:
    """Where the level steps: the clearest step first, then those of the stretches that it leaves."""
    breaks: list[int] = []
    for _ in range(MOST_SHIFTS):
        edges = [0, *sorted(breaks), len(level)]
        best = max(
            (step for first, last in pairwise(edges) for step in _steps(level[first:last], first, side)),
            default=(0.0, 0),
        )
        if best[0] < SHIFT_THRESHOLD:
            break
        breaks.append(best[1])
    return breaks


def _steps(level: Floats, first: int, side: int) -> Iterator[tuple[float, int]]:
    """How clear a step at each place of a stretch is, in standard errors, and the place.

    On a window that reaches up to `SHIFT_REACH` sides back and ahead, a line with a step is fitted: the trend.
    """
    for place in range(side, len(level) - side + 1):
        begin, end = max(0, place - SHIFT_REACH * side), min(len(level), place + SHIFT_REACH * side)
        window = level[begin:end]
        clock = np.arange(begin, end) - place
        columns = np.column_stack([np.ones(len(window)), clock / len(window), clock >= 0])
        weights, *_ = np.linalg.lstsq(columns, window, rcond=None)
        error = window - columns @ weights
        power = float(error @ error)
        memory = float(np.clip(error[1:] @ error[:-1] / power, 0.0, 0.9)) if power > 0 else 0.0
        inverse = np.linalg.inv(columns.T @ columns)
        long_run = power / (len(window) - 3) * (1 + memory) / (1 - memory)
        yield abs(float(weights[2])) / np.sqrt(max(long_run * inverse[2, 2], 1e-12)), first + place


@dataclass(frozen=True)
class Shortfall:
    """What a history is too short for.

    Attributes:
        what: the thing that cannot be learnt.
        need: periods that it takes.
        so: what is done instead.
    """

    what: str
    need: int
    so: str

    def sentence(self, have: int, noun: str) -> str:
        """For the owner: "26 days are too short for a yearly season (426 are needed), so ..."."""
        are = f"{have} {noun} is" if have == 1 else f"{have} {noun}s are"
        return f"{are} too short for {self.what} ({self.need} are needed), so {self.so}."


PERIODS_PER_YEAR = {
    Frequency.DAILY: 365,
    Frequency.WEEKLY: 52,
    Frequency.MONTHLY: 12,
    Frequency.QUARTERLY: 4,
    Frequency.YEARLY: 1,
}


def shortfalls(length: int, frequency: Frequency, season_length: int, *, drivers: bool) -> tuple[Shortfall, ...]:
    """What this history is too short for, the most basic first.

    Args:
        length: open periods with known sales; of days all, from the first to the last.
        frequency: the length of one period.
        season_length: open periods in a season; 1 for none.
        drivers: whether holidays, promotions or events were asked for.
    """
    year = PERIODS_PER_YEAR[frequency]
    season = {Frequency.DAILY: "a weekly pattern", Frequency.YEARLY: "a season"}.get(frequency, "a yearly season")
    rules = [Shortfall("a trend", 8, "the recent level is carried on")]
    if season_length > 1:
        need = -(-LEAST_DAYS // 7) if frequency is Frequency.WEEKLY else 2 * season_length
        rules.append(Shortfall(season, need, "every period is expected to be alike"))
    if frequency is Frequency.DAILY:
        rules.append(
            Shortfall(
                "a yearly season",
                LEAST_DAYS,
                "the year's ups and downs are followed only as they happen",
            )
        )
    if drivers:
        rules.append(Shortfall("learning what drivers do", 20, "only the effects that you typed are used"))
        rules.append(
            Shortfall("checking yearly holidays", year + 28, "what they did is learnt from at most one of each")
        )
    return tuple(rule for rule in rules if length < rule.need)
