"""What explains an outcome without any marketing: level, trend, season, weekdays, and the owner's controls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.budget.media import HOLIDAYS, MediaHistory
from engine.budget.noise import full_rank
from engine.dataset import Frequency

YEAR = 365.25
ENOUGH_FOR_ONE, ENOUGH_FOR_TWO = 0.9, 1.9
"""Years of history from which one wave a year can be told from the trend, and from which two can."""


@dataclass(frozen=True, eq=False)
class MediaCalendar:
    """The columns that are always in the model.

    Attributes:
        columns: orthonormal, the level first, shape (periods, kept).
        effects: how many effects share the rows besides the level: trend, waves of the season, controls.
        waves: waves a year in the season; 0 when the history is too short for any.
    """

    columns: Floats
    effects: int
    waves: int


def calendar_of(history: MediaHistory) -> MediaCalendar:
    """The calendar of a history: a straight trend, up to two waves a year, weekdays for daily rows, its controls."""
    days = np.array([day.toordinal() for day in history.periods], dtype=np.float64)
    waves = _waves(days, history.frequency)
    columns = [np.ones(len(days)), (days - days.mean()) / max(1.0, float(np.ptp(days)))]
    for wave in range(1, waves + 1):
        angle = 2 * np.pi * wave * days / YEAR
        columns += [np.sin(angle), np.cos(angle)]
    if history.frequency is Frequency.DAILY:
        columns += _weekdays(history.periods)
    controls = [values - values.mean() for values in history.controls.values()]
    # Like weekdays, public holidays belong to the calendar: one more column asks for no more rows.
    varying = sum(bool(np.ptp(values) > 0) for name, values in history.controls.items() if name != HOLIDAYS)
    return MediaCalendar(full_rank([*columns, *controls]), 1 + waves + varying, waves)


def _waves(days: Floats, frequency: Frequency) -> int:
    years = float(np.ptp(days)) / YEAR
    if frequency is Frequency.YEARLY or years < ENOUGH_FOR_ONE:
        return 0
    return 1 if years < ENOUGH_FOR_TWO or frequency is Frequency.QUARTERLY else 2


def _weekdays(periods: Sequence[date]) -> list[Floats]:
    weekday = np.array([day.weekday() for day in periods])
    return [(weekday == each).astype(np.float64) for each in sorted(set(weekday.tolist()))[1:]]
