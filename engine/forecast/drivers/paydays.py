"""Pay days, month ends and the number of open days: the calendar's own effects."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from engine.business.calendar import Calendar
from engine.dataset import Frequency
from engine.forecast.drivers.table import Driver, DriverKind

MONTH_START_DAYS = 5
MONTH_END_DAYS = 3
MID_MONTH = (14, 15, 16)
"""Wages and benefits mostly arrive at the turn of the month or in its middle, and are spent in the days after."""


def _month_start(day: date) -> bool:
    return day.day <= MONTH_START_DAYS


def _month_end(day: date) -> bool:
    return (day + timedelta(days=MONTH_END_DAYS)).month != day.month


def _mid_month(day: date) -> bool:
    return day.day in MID_MONTH


DAYS: Mapping[str, Callable[[date], bool]] = {
    "start of the month": _month_start,
    "end of the month": _month_end,
    "middle of the month": _mid_month,
}


def calendar_drivers(calendar: Calendar, periods: Sequence[date], days: Sequence[Sequence[date]]) -> list[Driver]:
    """The calendar's candidates for these periods.

    Args:
        calendar: whose periods they are.
        periods: the start of each.
        days: the open days of each.
    """
    if calendar.frequency is Frequency.DAILY:
        return [
            Driver(name, DriverKind.CALENDAR, np.array([float(falls(day)) for day in periods]))
            for name, falls in DAYS.items()
        ]
    if calendar.frequency in (Frequency.MONTHLY, Frequency.QUARTERLY):
        counts = np.array([len(inside) for inside in days], dtype=np.float64)
        return [Driver("number of open days", DriverKind.CALENDAR, np.log(counts / counts.mean()))]
    return []
