"""When a business is open: its periods, its weekdays, and how old its data is."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from math import exp, sqrt
from statistics import median

import polars as pl
from dateutil.easter import easter

from engine.dataset import Frequency, in_words, step
from engine.errors import DataProblem

OPEN_SHARE = 0.5
RECENT_DAYS = 182
"""A weekday counts as a business day when at least `OPEN_SHARE` of its dates in the latest half year have a row."""

STRAY_GAP, ENOUGH_DAYS = 60, 20
"""A few first or last dates do not count when a gap of so many times the usual distance parts them from the rest: one
at either end, two of at least so many dates, or one in a hundred."""

MOST_ORDERS_A_DAY, FEWEST_DAYS_OF_ORDERS, LEAST_OF_CHANCE = 3.5, 20, 0.7
"""Orders a day up to which chance leaves days without one, days with orders that this is told from, and the least share
of the busy days that chance would make on a weekday that is open."""

SIGNIFICANT, LEAST_VARIED = 3.0, 0.5
"""Standard deviations by which a weekday must fall short of chance before it counts as closed, and the share of their
mean by which the orders of a day vary at least (of Poisson's, all of it)."""

YEARS_TO_TELL, FEASTS_OF_EASTER, ALIVE = 2, 60, 7
"""Years from which it is told that a day is always closed, the days around Easter that move with it, and the days on
either side of a closed one of which a few must be open."""

FRESH_DAYS = 7
"""Data that ends at most so many days ago is not worth a word."""


@dataclass(frozen=True)
class Period:
    """A stretch of days, both ends included.

    Raises:
        ValueError: it ends before it starts.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"{self.last} lies before {self.first}")

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __str__(self) -> str:
        return in_words(self.first) if self.first == self.last else f"{in_words(self.first)} to {in_words(self.last)}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def dates(self) -> list[date]:
        """Each day of it."""
        return [self.first + timedelta(days=k) for k in range(self.days)]


@dataclass(frozen=True)
class Calendar:
    """The periods of a business.

    Attributes:
        frequency: the length of one period.
        open_weekdays: for daily data, the weekdays (Monday = 0) on which the business opens.
        anchor: for weekly data, the weekday on which a week starts.
        zeros: whether a day without a row is one on which nothing was ordered, as in a list of few orders, and not one
            on which the business was closed.
    """

    frequency: Frequency
    open_weekdays: tuple[int, ...] = tuple(range(7))
    anchor: int = 0
    zeros: bool = False

    @property
    def season_length(self) -> int:
        """Open periods in one season; a shop that closes on Sundays has a week of six."""
        return len(self.open_weekdays) if self.frequency is Frequency.DAILY else self.frequency.season_length

    def ahead(self, last: date, periods: int) -> tuple[date, ...]:
        """The open periods among the `periods` that follow `last`."""
        return tuple(day for k in range(1, periods + 1) if self.opens_in(day := step(last, self.frequency, k)))

    def between(self, first: date, last: date) -> list[date]:
        """The open periods from `first` to `last`, both included."""
        days = pl.date_range(first, last, self.frequency.polars_interval, eager=True).to_list()
        return [day for day in days if self.opens_in(day)]

    def opens_in(self, period: date) -> bool:
        """False for a day on which the business never opens."""
        return self.frequency is not Frequency.DAILY or period.weekday() in self.open_weekdays

    def end_of(self, period: date) -> date:
        """The last day of the period that starts on a day."""
        return step(period, self.frequency, 1) - timedelta(days=1)


def period_of(calendar: Calendar) -> pl.Expr:
    """The start of the period in which each `day` lies."""
    if calendar.frequency is not Frequency.WEEKLY:
        return pl.col("day").dt.truncate(calendar.frequency.polars_interval)
    shift = timedelta(days=calendar.anchor)
    return (pl.col("day") - shift).dt.truncate("1w") + shift


def find_calendar(days: Sequence[date]) -> Calendar:
    """The calendar that the dates of a business follow.

    Daily when its open weekdays are nearly always there; otherwise by the usual distance between dates. Dates that
    keep to no rhythm are gathered into weeks, or months when they are rarer than that.
    """
    ordered = sorted(days)
    gaps = [(later - earlier).days for earlier, later in pairwise(ordered)]
    usual = median(gaps) if gaps else 1
    weekdays = _open_weekdays(ordered)
    on_open_days = sum(day.weekday() in weekdays for day in ordered) / max(1, len(ordered))
    if usual == 1 or (usual < 7 and len(weekdays) > 1 and on_open_days >= 0.95):
        return Calendar(Frequency.DAILY, weekdays or tuple(range(7)))
    if usual < 10:
        same = {day.weekday() for day in ordered}
        return Calendar(Frequency.WEEKLY, anchor=same.pop() if len(same) == 1 else 0)
    for frequency, longest in ((Frequency.MONTHLY, 45), (Frequency.QUARTERLY, 135)):
        if usual <= longest:
            return Calendar(frequency)
    return Calendar(Frequency.YEARLY)


def order_calendar(orders: Mapping[date, int]) -> Calendar | None:
    """The calendar of a list of few orders, in which days without one are zeros; None where it is no such list.

    Orders that come by chance leave exp(-rate) of the days without any (Poisson). Where a weekday has about so many
    blank days as chance leaves, it is open every week; one with far more is closed. Far fewer blank days than chance
    leaves are those of a business that sells every day, and was closed on them.

    Args:
        orders: how many came on each day that has any.
    """
    if len(orders) < FEWEST_DAYS_OF_ORDERS:
        return None
    first, last = min(orders), max(orders)
    weekdays = Counter((first + timedelta(days=k)).weekday() for k in range((last - first).days + 1))
    came: Counter[int] = Counter()
    busy: Counter[int] = Counter()
    for day, count in orders.items():
        came[day.weekday()] += count
        busy[day.weekday()] += 1
    mean = sum(came.values()) / sum(weekdays.values())
    if mean > MOST_ORDERS_A_DAY:
        return None
    expected = {day: weekdays[day] * (1 - exp(-came[day] / max(1, weekdays[day]))) for day in range(7)}
    usual = {day: weekdays[day] * (1 - exp(-mean)) for day in range(7)}
    least = {
        day: expected[day] - max((1 - LEAST_OF_CHANCE) * expected[day], SIGNIFICANT * _spread(expected[day], count))
        for day, count in weekdays.items()
    }
    open_weekdays = tuple(day for day in range(7) if (came[day] or usual[day] < 3) and busy[day] >= least[day])
    if _is_steady(orders, open_weekdays, first, last):
        return None
    blank = sum(weekdays[day] - busy[day] for day in open_weekdays)
    by_chance = sum(weekdays[day] - expected[day] for day in open_weekdays)
    if not 0.5 * by_chance <= blank <= 1.6 * by_chance + 2 or by_chance < 0.02 * sum(weekdays.values()):
        return None
    return Calendar(Frequency.DAILY, open_weekdays, zeros=True)


def _is_steady(orders: Mapping[date, int], weekdays: Collection[int], first: date, last: date) -> bool:
    """True where as many rows come every day, one for each item, say: orders that come by chance vary as their mean."""
    days = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    counts = [orders.get(day, 0) for day in days if day.weekday() in weekdays]
    mean = sum(counts) / max(1, len(counts))
    return sum((count - mean) ** 2 for count in counts) < LEAST_VARIED * mean * len(counts)


def _spread(expected: float, days: int) -> float:
    """By how much the number of busy days out of so many varies by chance."""
    return sqrt(max(expected * (1 - expected / max(1, days)), 0.0))


def stray_days(days: Sequence[date]) -> tuple[date, ...]:
    """The few first or last days that lie far from all others: a mistyped year, not a business."""
    ordered = sorted(set(days))
    few = max(2 if len(ordered) >= ENOUGH_DAYS else 1, len(ordered) // 100)
    if len(ordered) <= 2 * few + 2:
        return ()
    gaps = [(later - earlier).days for earlier, later in pairwise(ordered)]
    far = STRAY_GAP * median(gaps)
    strays = [day for k, day in enumerate(ordered[:few]) if max(gaps[k:few]) > far]
    strays += [day for k, day in enumerate(reversed(ordered[-few:])) if max(gaps[-few : len(gaps) - k]) > far]
    return tuple(sorted(strays))


def last_complete_period(days: pl.Series, calendar: Calendar, today: date | None = None) -> date:
    """The last period that dates cover to its end; an unfinished one would read as a crash in sales.

    Args:
        days: every date of the business, with at least one value.
        calendar: theirs.
        today: the owner's date; a period longer than a day that is not over yet is unfinished. None where not known.
    """
    per_period = (
        pl.DataFrame({"day": days})
        .group_by(period_of(calendar).alias("period"))
        .agg(pl.col("day").n_unique().alias("days"))
    )
    last: date = per_period["period"].max()  # type: ignore[assignment]
    if calendar.frequency is Frequency.DAILY or per_period.height < 2:
        return last
    if today is not None and calendar.end_of(last) > today:
        return step(last, calendar.frequency, -1)
    if per_period["days"].median() == 1:
        return last
    until: date = days.max()  # type: ignore[assignment]
    return last if (calendar.end_of(last) - until).days <= 1 else step(last, calendar.frequency, -1)


def closed_every_year(opened: Collection[date], ahead: Sequence[date]) -> frozenset[date]:
    """The days ahead on which a business was closed in every year of its past: 1 November, or Good Friday.

    A date, or a day so far from Easter, must have come at least twice on a weekday that is else open.

    Args:
        opened: the days on which it was open.
        ahead: days after them.
    """
    if not opened:
        return frozenset()
    first, last, weekdays = min(opened), max(opened), {day.weekday() for day in opened}
    years = range(first.year, last.year + 1)

    def always_closed(before: Iterable[date]) -> bool:
        counted = [
            day for day in before if first <= day <= last and day.weekday() in weekdays and _is_alive(day, opened)
        ]
        return len(counted) >= YEARS_TO_TELL and not any(day in opened for day in counted)

    return frozenset(
        day
        for day in ahead
        if always_closed(_same_date(year, day) for year in years)
        or (_is_of_easter(day) and always_closed(_easter(year) + _after_easter(day) for year in years))
    )


def _is_alive(day: date, opened: Collection[date]) -> bool:
    """True where the business was open on some of the days around: a gap in the file tells nothing of one day."""
    return sum(day + timedelta(days=k) in opened for k in range(-ALIVE, ALIVE + 1)) >= ALIVE / 2


def same_day_of_year(one: date, other: date) -> bool:
    """True for the same date in another year, and for days of one feast that moves with Easter."""
    moves = _is_of_easter(one) and _is_of_easter(other) and _after_easter(one) == _after_easter(other)
    return moves or (one.month, one.day) == (other.month, other.day)


def _same_date(year: int, day: date) -> date:
    return date(year, day.month, min(day.day, 28) if day.month == 2 else day.day)


def _after_easter(day: date) -> timedelta:
    return day - _easter(day.year)


def _easter(year: int) -> date:
    day: date = easter(year)
    return day


def _is_of_easter(day: date) -> bool:
    return abs(_after_easter(day).days) <= FEASTS_OF_EASTER


def freshness(last: date, today: date) -> str:
    """How old data is that ends on a day, in words; "" while it is fresh."""
    age = (today - last).days
    return f"Your data ends on {in_words(last)}, {age} days ago." if age > FRESH_DAYS else ""


def _open_weekdays(ordered: Sequence[date]) -> tuple[int, ...]:
    recent = [day for day in ordered if (ordered[-1] - day).days < RECENT_DAYS]
    whole_weeks = ((recent[-1] - recent[0]).days + 1) / 7 if recent else 0
    if whole_weeks < 3:
        return tuple(range(7))
    counts = Counter(day.weekday() for day in recent)
    return tuple(weekday for weekday in range(7) if counts[weekday] / whole_weeks >= OPEN_SHARE)


DAY_MINUTES = 24 * 60
LOCALES = (
    "en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "cs", "tr", "fi", "hu", "ro", "sk", "el",
)  # fmt: skip
"""Languages of month and weekday names; the first ones win where two languages share a name."""


def minutes_of(text: str) -> int:
    """A time of day in minutes after midnight: "7:30", "07.30", "7", "7:30 pm".

    Raises:
        DataProblem: the text cannot be read.
    """
    parts = re.fullmatch(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?\s*(am|pm)?", text.strip().casefold())
    hour, minute = (int(parts[1]), int(parts[2] or 0)) if parts else (99, 0)
    if parts and parts[3]:
        hour = hour % 12 + 12 * (parts[3] == "pm")
    if not (hour < 24 and minute < 60) and (hour, minute) != (24, 0):
        raise DataProblem(f"{text!r} is no time of day", remedy='Write it as "06:30".')
    return 60 * hour + minute


def weekday_of(name: str) -> int | None:
    """The weekday that a text names, Monday = 0, or None: "Mon", "monday", "Montag", "lun."."""
    return _weekdays().get(name.strip().casefold().rstrip("."))


@cache
def _weekdays() -> dict[str, int]:
    from babel.dates import get_day_names

    return {
        name.casefold().rstrip("."): number
        for locale in reversed(LOCALES)
        for width in ("wide", "abbreviated")
        for number, name in get_day_names(width, context="stand-alone", locale=locale).items()
    }
