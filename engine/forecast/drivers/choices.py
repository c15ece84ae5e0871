"""What the owner tells us about the past and the future, and the table of drivers that it makes.

Public holidays come by country and region; this is the one home of the library `holidays`.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from engine.arrays import Floats
from engine.business.calendar import Calendar, Period
from engine.dataset import Frequency, in_words, step
from engine.errors import DataProblem
from engine.forecast.drivers.effects import Driver, DriverKind, DriverTable

MONTH_START_DAYS = 5
MONTH_END_DAYS = 3
MID_MONTH = (14, 15, 16)
"""Wages and benefits mostly arrive at the turn of the month or in its middle, and are spent in the days after."""


@dataclass(frozen=True)
class Holidays:
    """Whose holidays count.

    Attributes:
        country: ISO 3166 code of two letters: "DE".
        region: code of the state or province ("BY"), or "" for what all of the country shares.
        before: days before each holiday that may sell differently, >= 0.
        after: days after each holiday, >= 0.
        customs: with days that are no public holiday but shop tills know, where the country's list has them: Mother's
            Day, Halloween.
    """

    country: str
    region: str = ""
    before: int = 1
    after: int = 1
    customs: bool = True


def countries() -> Mapping[str, tuple[str, ...]]:
    """Every country whose holidays are known, with its regions."""
    import holidays

    return {code: tuple(regions) for code, regions in holidays.list_supported_countries(include_aliases=False).items()}


def holiday_days(choice: Holidays, first: date, last: date) -> Mapping[str, tuple[date, ...]]:
    """The days of each holiday from `first` to `last`, by name; neighbours carry names like "day before Easter Monday".

    A neighbouring day that is a holiday itself counts as that holiday alone.

    Args:
        choice: the country, its region, and how many days around a holiday count, days.
        first: the first day.
        last: the last day, included.

    Raises:
        DataProblem: the country or the region is unknown.
    """
    margin = timedelta(days=max(choice.before, choice.after))
    proper = _named(choice, tuple(range((first - margin).year, (last + margin).year + 1)))
    proper_dates = {day for days in proper.values() for day in days}
    dates_by_name: dict[str, set[date]] = defaultdict(set)
    for name, days in proper.items():
        dates_by_name[name].update(days)
        for offset in (*range(-choice.before, 0), *range(1, choice.after + 1)):
            near = {day + timedelta(days=offset) for day in days} - proper_dates
            dates_by_name[_neighbour(name, offset)].update(near)
    within = {name: tuple(sorted(day for day in days if first <= day <= last)) for name, days in dates_by_name.items()}
    return {name: days for name, days in within.items() if days}


def _neighbour(name: str, offset: int) -> str:
    side = "before" if offset < 0 else "after"
    return f"day {side} {name}" if abs(offset) == 1 else f"{abs(offset)} days {side} {name}"


@lru_cache(maxsize=64)
def _named(choice: Holidays, years: tuple[int, ...]) -> Mapping[str, tuple[date, ...]]:
    import holidays

    country = choice.country.upper()
    countries = holidays.list_supported_countries(include_aliases=True)
    if country not in countries:
        raise DataProblem(f"No holidays are known for the country “{choice.country}”", remedy="Use a code such as DE.")
    if choice.region and choice.region not in countries[country]:
        regions = ", ".join(countries[country]) or "none"
        raise DataProblem(f"{country} has no region “{choice.region}”", remedy=f"Choose one of: {regions}.")
    empty = holidays.country_holidays(country)
    kinds = {"public", "unofficial"} if choice.customs else {"public"}
    categories = tuple(sorted(kinds & set(empty.supported_categories))) or empty.supported_categories
    calendar = holidays.country_holidays(country, subdiv=choice.region or None, years=years, categories=categories)
    days: dict[str, set[date]] = defaultdict(set)
    for day in calendar:
        for name in calendar.get_list(day):
            days[name].add(day)
    return {name: tuple(sorted(dates)) for name, dates in days.items()}


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
        shares = [sum(tracked.values.get(day, 0.0) for day in inside) / len(inside) for inside in days]
        return Driver(tracked.name, tracked.kind, np.array(shares))
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


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _carry_forward(values: Floats) -> Floats:
    """Each gap takes the last value before it, and the first known one where there is none."""
    observed = np.flatnonzero(~np.isnan(values))
    if not len(observed):
        return values.copy()
    before = np.searchsorted(observed, np.arange(len(values)), side="right") - 1
    return np.asarray(values[observed[np.maximum(before, 0)]])


DAYS: Mapping[str, Callable[[date], bool]] = {
    "start of the month": lambda day: day.day <= MONTH_START_DAYS,
    "end of the month": lambda day: (day + timedelta(days=MONTH_END_DAYS)).month != day.month,
    "middle of the month": lambda day: day.day in MID_MONTH,
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
