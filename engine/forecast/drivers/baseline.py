"""What sales would do without any driver: a trend that bends slowly, and a season."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.dataset import Frequency

KNOTS: Mapping[Frequency, int] = {
    Frequency.DAILY: 28,
    Frequency.WEEKLY: 8,
    Frequency.MONTHLY: 6,
    Frequency.QUARTERLY: 4,
    Frequency.YEARLY: 4,
}
"""Periods from one bend of the trend to the next."""

BENDS = (0.03, 0.1, 0.3)
"""Candidates for the standard deviation of the trend's change from bend to bend, as a share of the level."""

SEASON_SD = 1.0
"""Prior standard deviation of a season's swing, as a share of the level."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """Columns of a regression that stand for level, trend and season.

    Attributes:
        columns: shape (periods, k): the level first, then the trend's bends, then the season.
        bends: how many columns are bends.
    """

    columns: Floats
    bends: int

    def sd(self, bend: float) -> Floats:
        """Prior standard deviation of each column's coefficient, shape (k,); infinite for the level."""
        season = self.columns.shape[1] - 1 - self.bends
        return np.concatenate([[np.inf], np.full(self.bends, bend), np.full(season, SEASON_SD)])


def baseline(periods: Sequence[date], past: int, frequency: Frequency) -> Baseline:
    """The columns for these periods; after the first `past` of them the trend stays where it is.

    Args:
        periods: the start of each, past and future.
        past: how many of them lie in the past.
        frequency: the length of one period.
    """
    level = np.ones((len(periods), 1))
    bends = _bends(len(periods), past, KNOTS[frequency])
    return Baseline(np.hstack([level, bends, _season(periods, past, frequency)]), bends.shape[1])


def _bends(length: int, past: int, distance: int) -> Floats:
    """Ramps from 0 to 1, one from each knot to the next: their weights are the changes of the level between knots."""
    starts = np.arange(past - 1, 0, -distance)[::-1] - distance
    clock = np.minimum(np.arange(length), past - 1)
    return np.clip((clock[:, None] - starts[None, :]) / distance, 0.0, 1.0)


def _season(periods: Sequence[date], past: int, frequency: Frequency) -> Floats:
    """Weekdays, months or quarters against their mean; none where the past does not hold two seasons."""
    phase = np.array([_phase(period, frequency) for period in periods])
    phases = np.unique(phase[:past])
    if len(phases) < 2 or past < 2 * frequency.season_length:
        return np.zeros((len(periods), 0))
    marks = (phase[:, None] == phases[None, :]).astype(np.float64)
    return np.asarray(marks[:, :-1] - marks[:, -1:])


def _phase(period: date, frequency: Frequency) -> int:
    """The place in the season; weeks have none, the trend follows their year."""
    if frequency is Frequency.DAILY:
        return period.weekday()
    if frequency in (Frequency.MONTHLY, Frequency.QUARTERLY):
        return period.month
    return 0
