"""How one person's work is read: by day, week and weekend, and in runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from engine.scheduling.entities import Assignment, Employee, Lock, ShiftType

SATURDAY_SUNDAY = (5, 6)
"""The weekdays of a weekend, Monday = 0, where nobody says otherwise."""


@dataclass(frozen=True)
class Horizon:
    """The days of a plan and what lies before them: all that a rule may ask of the problem that it is a part of.

    Attributes:
        first_day: the first day to plan.
        days: how many days.
        shifts: the shift types, by unique names.
        history: the end of the last roster; runs of work and days off, and rest, carry over from it.
        locks: cells that are already decided.
    """

    first_day: date
    days: int
    shifts: tuple[ShiftType, ...]
    history: tuple[Assignment, ...] = field(default=(), kw_only=True)
    locks: tuple[Lock, ...] = field(default=(), kw_only=True)

    @cached_property
    def calendar(self) -> tuple[date, ...]:
        """The days to plan."""
        return tuple(self.first_day + timedelta(days=k) for k in range(self.days))

    @cached_property
    def shift_named(self) -> dict[str, ShiftType]:
        """The shift types by name."""
        return {shift.name: shift for shift in self.shifts}


class Work:
    """One person's part of a roster, by day: 0 is the first planned day, and the history has negative days.

    Args:
        problem: what the roster is for; of it only the days, shifts, locks and whether there is a history.
        employee: the person.
        assignments: the person's own, planned and past; their shifts must be known.
    """

    def __init__(self, problem: Horizon, employee: Employee, assignments: Sequence[Assignment]) -> None:
        self.problem, self.employee = problem, employee
        self.on: dict[int, list[Assignment]] = {}
        for each in sorted(assignments):
            self.on.setdefault((each.day - problem.first_day).days, []).append(each)

    @cached_property
    def past_known(self) -> bool:
        """True when the problem brings a history, so that a free day before the first is known to be free."""
        return bool(self.problem.history)

    @property
    def days(self) -> range:
        """The planned days."""
        return range(self.problem.days)

    def date(self, day: int) -> date:
        """The date of a day."""
        return self.problem.first_day + timedelta(days=day)

    def works(self, day: int) -> bool:
        """True when there is a shift on this day."""
        return day in self.on

    def names(self, day: int) -> list[str]:
        """The names of the day's shifts."""
        return [each.shift for each in self.on.get(day, [])]

    def shifts(self, day: int) -> list[ShiftType]:
        """The day's shifts."""
        return [self.problem.shift_named[each.shift] for each in self.on.get(day, [])]

    def minutes(self, day: int) -> int:
        """Paid minutes of the day's shifts."""
        return sum(shift.paid for shift in self.shifts(day))

    def weekends(self, weekend: tuple[int, ...] = SATURDAY_SUNDAY) -> list[tuple[int, ...]]:
        """The planned days of each weekend; fewer than it has where the plan starts or ends in the middle of it.

        Args:
            weekend: its weekdays in order, Monday = 0.
        """
        days_of: dict[int, list[int]] = {}
        for day in self.days:
            if (weekday := self.date(day).weekday()) in weekend:
                days_of.setdefault(day - (weekday - weekend[0]) % 7, []).append(day)
        return [tuple(days) for days in days_of.values()]

    def weeks(self) -> list[tuple[int, ...]]:
        """The days of each week from Monday; the first reaches back into the history, the last stops at the end."""
        first = -self.problem.first_day.weekday()
        return [
            tuple(day for day in range(monday, monday + 7) if day < self.problem.days)
            for monday in range(first, self.problem.days, 7)
        ]


@dataclass(frozen=True)
class Run:
    """Consecutive days of the same kind.

    Attributes:
        first: its first day; negative when it starts in the history.
        length: days.
        begun: False when the plan starts in the middle of it and nothing is known of the time before.
        ended: False when the plan stops before it does.
    """

    first: int
    length: int
    begun: bool
    ended: bool


def runs(flags: Sequence[bool], *, first: int, past_known: bool) -> Iterator[Run]:
    """The runs of True among flags for consecutive days, of which the first belongs to day `first`."""
    start = None
    for place, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = place
        elif not flag and start is not None:
            yield Run(first + start, place - start, start > 0 or past_known, place < len(flags))
            start = None


def plural(count: float, noun: str) -> str:
    """The count with its noun: "1 day", "2.5 days"."""
    return f"{count:g} {noun}" if count == 1 else f"{count:g} {noun}s"


def hours(minutes: float) -> str:
    """Minutes in hours: "7.5 h"."""
    return f"{round(minutes / 60, 2):g} h"
