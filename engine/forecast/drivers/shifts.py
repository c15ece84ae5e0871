"""Level shifts: from one day to the next sales moved to another level and stayed there.

Source: Bai & Perron (1998), Estimating and testing linear models with multiple structural changes, Econometrica 66: one
break at a time, each the best of its stretch; the threshold follows the largest of many dependent tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from engine.arrays import Floats
from engine.dataset import in_words
from engine.forecast.drivers.baseline import KNOTS
from engine.forecast.forecaster import Series

THRESHOLD = 5.0
"""Standard errors that a step must measure; the largest of the many dependent tests of a quiet series seldom does."""

REACH = 4
"""How far a window reaches on either side, in multiples of the least that a level must last."""

SMALLEST = 0.05
"""Steps below this share of the level are not worth a sentence."""

MOST = 5
"""Steps that are looked for, at most."""


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
        if before > 0 and abs(after / before - 1) >= SMALLEST:
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
    for _ in range(MOST):
        edges = [0, *sorted(breaks), len(level)]
        best = max(
            (step for first, last in pairwise(edges) for step in _steps(level[first:last], first, side)),
            default=(0.0, 0),
        )
        if best[0] < THRESHOLD:
            break
        breaks.append(best[1])
    return breaks


def _steps(level: Floats, first: int, side: int) -> Iterator[tuple[float, int]]:
    """How clear a step at each place of a stretch is, in standard errors, and the place.

    On a window that reaches up to `REACH` sides back and ahead, a line with a step is fitted: the line is the trend.
    """
    for place in range(side, len(level) - side + 1):
        begin, end = max(0, place - REACH * side), min(len(level), place + REACH * side)
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
