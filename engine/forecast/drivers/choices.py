"""What the owner tells us about the past and the future, and the table of drivers that it makes."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from engine.arrays import Floats
from engine.business.calendar import Calendar, Period
from engine.dataset import Frequency, in_words, step
from engine.forecast.drivers.holiday import Holidays, holiday_days
from engine.forecast.drivers.table import Driver, DriverKind, DriverTable

MONTH_START_DAYS = 5
MONTH_END_DAYS = 3
MID_MONTH = (14, 15, 16)
"""Wages and benefits mostly arrive at the turn of the month or in its middle, and are spent in the days after."""


@dataclass(frozen=True)
class SpecialEvent:
    """Something out of the ordinary, typed by the owner: "street closed 3-9 May".

    Attributes:
        name: in the owner's words.
        spans: when it happened and when it will.
        percent: what it does to sales, percent (-30: a third less), >= -100; used where the past cannot tell.

    Raises:
        ValueError: it has no days, or would take away more than everything.
    """

    name: str
    spans: tuple[Period, ...]
    percent: float | None = None

    def __post_init__(self) -> None:
        if not self.spans or (self.percent is not None and self.percent < -100):
            raise ValueError(f"{self.name} needs days and an effect of -100 % or more")


@dataclass(frozen=True)
class Tracked:
    """A promotion, a price or another number that is known day by day.

    Attributes:
        name: in the owner's words.
        kind: PROMOTION (0 none, 1 full), PRICE (currency per unit, above 0) or OTHER.
        values: the number of each known day, past and future.
    """

    name: str
    kind: DriverKind
    values: Mapping[date, float] = field(default_factory=dict)

    def within(self, span: Period, value: float) -> "Tracked":
        """The same, with this value on the days of the span."""
        return replace(self, values={**self.values, **dict.fromkeys(span.dates, value)})


def promotion(name: str, *spans: Period) -> Tracked:
    """A promotion that runs on the days of these spans and on no other."""
    return Tracked(name, DriverKind.PROMOTION, {day: 1.0 for span in spans for day in span.dates})


@dataclass(frozen=True)
class Drivers:
    """All that is known beforehand about one series.

    Attributes:
        holidays: whose public holidays count, or None.
        events: typed by the owner.
        tracked: promotions, prices and other numbers.
        paydays: whether pay days, month ends and the number of open days are tried.
    """

    holidays: Holidays | None = None
    events: tuple[SpecialEvent, ...] = ()
    tracked: tuple[Tracked, ...] = ()
    paydays: bool = True

    def table(self, calendar: Calendar, past: Sequence[date], future: Sequence[date]) -> DriverTable:
        """The drivers of these periods.

        A promotion that is not planned for a future day does not run then; a price without a future value stays as it
        is; another number without future values is left out, and `missing` says so.

        Args:
            calendar: which periods there are, and on which weekdays the business opens.
            past: the start of each period of the history.
            future: the start of each period to forecast.

        Raises:
            DataProblem: the country or the region is unknown.
        """
        periods = (*past, *future)
        days = [open_days(calendar, period) for period in periods]
        drivers = self._holidays(days)
        drivers += calendar_drivers(calendar, periods, days) if self.paydays else []
        missing = []
        for tracked in self.tracked:
            driver = _follow(tracked, days, len(past))
            if np.isnan(driver.values[len(past) :]).any():
                missing.append(f"{tracked.name} has no values for the periods ahead, so it is left out.")
            elif np.isnan(driver.values).all():
                missing.append(f"{tracked.name} has no values, so it is left out.")
            else:
                drivers.append(driver)
        drivers += self._events(days, {driver.name for driver in drivers})
        return DriverTable(periods, tuple(drivers), tuple(missing))

    def _holidays(self, days: Sequence[Sequence[date]]) -> list[Driver]:
        if self.holidays is None:
            return []
        everything = [day for inside in days for day in inside]
        dates_by_name = holiday_days(self.holidays, min(everything), max(everything))
        shares = ((name, _share(days, set(dates))) for name, dates in dates_by_name.items())
        return [Driver(name, DriverKind.HOLIDAY, share) for name, share in shares if share.any()]

    def _events(self, days: Sequence[Sequence[date]], names_in_use: Set[str]) -> list[Driver]:
        """The owner's events; one that is called like a holiday or a column of the file is told apart from it."""
        return [
            Driver(
                f"{event.name} (your event)" if event.name in names_in_use else event.name,
                DriverKind.EVENT,
                _share(days, {day for span in event.spans for day in span.dates}),
                typed=event.percent,
            )
            for event in self.events
        ]


def open_days(calendar: Calendar, period: date) -> list[date]:
    """The days of a period on which the business may be open."""
    if calendar.frequency is Frequency.DAILY:
        return [period]
    end = step(period, calendar.frequency, 1)
    days = [period + timedelta(days=k) for k in range((end - period).days)]
    return [day for day in days if day.weekday() in calendar.open_weekdays] or days


def _share(days: Sequence[Sequence[date]], marked: set[date]) -> Floats:
    return np.array([sum(day in marked for day in inside) / len(inside) for inside in days])


def _follow(tracked: Tracked, days: Sequence[Sequence[date]], past: int) -> Driver:
    """The driver of a number that is known day by day."""
    daily = np.array([_mean([tracked.values[day] for day in inside if day in tracked.values]) for inside in days])
    if tracked.kind is DriverKind.PROMOTION:
        return Driver(tracked.name, tracked.kind, _share_of_sum(tracked, days))
    if tracked.kind is DriverKind.OTHER:
        values = _carry_forward(daily)
        values[past:] = daily[past:]
        return Driver(tracked.name, tracked.kind, values)
    values = _carry_forward(np.where(daily > 0, daily, np.nan))
    if np.isnan(values).all():
        return Driver(tracked.name, tracked.kind, values)
    usual = float(np.nanmedian(values[:past]))
    remark = ""
    if np.isnan(daily[past:]).all():
        remark = f"No {tracked.name.lower()} is planned after {in_words(days[past - 1][-1])}: {values[-1]:g} is kept."
    return Driver(tracked.name, tracked.kind, np.log(values / usual), remark=remark)


def _share_of_sum(tracked: Tracked, days: Sequence[Sequence[date]]) -> Floats:
    return np.array([sum(tracked.values.get(day, 0.0) for day in inside) / len(inside) for inside in days])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _carry_forward(values: Floats) -> Floats:
    """Each gap takes the last value before it, and the first known one where there is none."""
    observed = np.flatnonzero(~np.isnan(values))
    if not len(observed):
        return values.copy()
    before = np.searchsorted(observed, np.arange(len(values)), side="right") - 1
    return np.asarray(values[observed[np.maximum(before, 0)]])


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
