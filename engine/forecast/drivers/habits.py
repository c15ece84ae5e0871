"""What the business does on holidays: closed, half a day, a peak, or a day like any other; learnt from the past."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import Bools, Floats
from engine.dataset import Frequency
from engine.forecast.drivers.table import Driver, DriverKind
from engine.forecast.forecaster import Series

Habit = Literal["closed", "half", "peak", "normal"]

HALF, PEAK = 0.7, 1.3
"""Sales below and above these shares of usual make a half day and a peak."""

RARE_ZERO = 0.1
"""In a series in which at most this share of periods sells nothing, a day without sales is a closed day."""


@dataclass(frozen=True)
class HolidayHabit:
    """What happened on one holiday so far.

    Attributes:
        name: the holiday.
        seen: how often it fell into the past on a day on which the business usually opens.
        habit: what it was like.
        share: median sales as a share of usual sales of such a day, 0 when closed.
    """

    name: str
    seen: int
    habit: Habit
    share: float


def holiday_habits(series: Series, drivers: Sequence[Driver]) -> tuple[HolidayHabit, ...]:
    """The habit of each holiday that the past holds.

    Args:
        series: daily values, NaN where nothing was recorded.
        drivers: holidays among them have one value per period of the series.
    """
    usual = usual_sales(series)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(usual > 0, series.values / usual, np.nan)
    shut = shut_days(series.values)
    habits = []
    for driver in drivers:
        days = np.flatnonzero(driver.values >= 1)
        if driver.kind is not DriverKind.HOLIDAY or not len(days):
            continue
        day_shares = np.where(shut[days], 0.0, shares[days])
        share = float(np.nanmedian(day_shares)) if np.any(~np.isnan(day_shares)) else 0.0
        habits.append(HolidayHabit(driver.name, len(days), _habit(share, shut=bool(shut[days].all())), share))
    return tuple(habits)


def closing_drivers(series: Series, drivers: Sequence[Driver]) -> frozenset[str]:
    """The holidays and events on which a daily business never opened so far."""
    if series.frequency is not Frequency.DAILY:
        return frozenset()
    shut = shut_days(series.values)
    always = (
        driver.name
        for driver in drivers
        if driver.kind in (DriverKind.HOLIDAY, DriverKind.EVENT)
        and np.any(driver.values >= 1)
        and np.all(shut[driver.values >= 1])
    )
    return frozenset(always)


def shut_days(values: Floats) -> Bools:
    """True where nothing was recorded or, in a business that sells nearly every day, nothing was sold."""
    observed = values[~np.isnan(values)]
    rare = len(observed) > 0 and np.mean(observed == 0) <= RARE_ZERO
    return np.asarray(np.isnan(values) | ((values == 0) & rare), dtype=bool)


def usual_sales(series: Series) -> Floats:
    """The median of the same place in the four seasons around each period, shape (n,); NaN where nothing is known."""
    values = np.where(shut_days(series.values), np.nan, series.values)
    m = series.season_length
    reach = np.arange(-4, 5) * m
    places = np.arange(len(values))[:, None] + reach[reach != 0][None, :]
    inside = (places >= 0) & (places < len(values))
    around = np.where(inside, values[np.clip(places, 0, len(values) - 1)], np.nan)
    usual = np.full(len(values), np.nan)
    some = ~np.isnan(around).all(axis=1)
    usual[some] = np.nanmedian(around[some], axis=1)
    return usual


def _habit(share: float, *, shut: bool) -> Habit:
    if shut:
        return "closed"
    if share < HALF:
        return "half"
    return "peak" if share > PEAK else "normal"
