"""What all rules share: how one person's work is read, whom they bind, what breaking them costs, what they ask."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from engine.arrays import Bools, Ints
from engine.errors import DataProblem
from engine.scheduling.constraints import (
    Constraint,
    DayCost,
    ForbiddenSequence,
    RangeConstraint,
    Statement,
    Tier,
    WageLimit,
)
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


Limit = tuple[int, float | None]
"""A limit and what each unit beyond it costs; None when it must hold."""


@dataclass(frozen=True, eq=False)
class FormulationContext:
    """One person's part of a problem.

    Attributes:
        duties: (shift, role) of each duty.
        past: the person's work before the plan.
        statement: the statement that the forms belong to.
    """

    duties: tuple[tuple[str, str], ...]
    past: Work
    statement: Statement

    @property
    def problem(self) -> Horizon:
        """Days and shifts."""
        return self.past.problem

    @property
    def shifts(self) -> tuple[ShiftType, ...]:
        """The shift types."""
        return self.past.problem.shifts

    @property
    def days(self) -> int:
        """Days of the plan."""
        return self.past.problem.days

    def mask(self, *names: str) -> Bools:
        """The duties on these shifts."""
        return np.array([shift in names for shift, _ in self.duties] + [False])

    @property
    def working(self) -> Bools:
        """All duties, and not the free day."""
        return np.array([True] * len(self.duties) + [False])

    def per_shift(self, value: dict[str, int]) -> Ints:
        """A number for each duty from a number for each shift."""
        return np.array([value[shift] for shift, _ in self.duties], dtype=np.int64)

    @property
    def minutes(self) -> Ints:
        """Paid minutes of each duty."""
        return self.per_shift({shift.name: shift.paid for shift in self.shifts})

    def barred(self, names: Sequence[str], weight: float | None) -> Iterator[DayCost]:
        """These shifts are not wanted on any day."""
        mask = self.mask(*names)
        if mask.any():
            yield from (DayCost(day, mask, weight, self.statement) for day in range(self.days))

    def sum_in_range(self, days: tuple[int, ...], gain: Ints, least: Limit, tiers: tuple[Tier, ...]) -> RangeConstraint:
        """Limits on a sum over the planned part of a period; what the history adds is known.

        Args:
            days: the period; days before the plan are negative.
            gain: what each duty adds.
            least: the lower limit.
            tiers: the upper limits.
        """
        value = {shift: int(gain[k]) for k, (shift, _) in enumerate(self.duties)}
        start = sum(value.get(name, 0) for day in days if day < 0 for name in self.past.names(day))
        planned = range(max(0, days[0]), days[-1] + 1)
        return RangeConstraint(planned, gain, least[0], least[1], tiers, start, self.statement)

    def forbidden_pairs(self, cost: dict[tuple[str, str], int], weight: float | None) -> Iterator[Constraint | DayCost]:
        """What may not follow on the next day, grouped so that each group is as large as it can be.

        Args:
            cost: how much a pair of shifts breaks the rule; pairs that are missing or 0 do not.
            weight: price of one unit; None when it must hold.
        """
        follows: dict[tuple[int, frozenset[str]], list[str]] = {}
        for first in self.shifts:
            costs = {then.name: cost.get((first.name, then.name), 0) for then in self.shifts}
            amounts = {*costs.values()} - {0}
            for amount in {1} if weight is None and amounts else amounts:
                then = frozenset(name for name, each in costs.items() if each and (weight is None or each == amount))
                follows.setdefault((amount, then), []).append(first.name)
        for (amount, then), firsts in follows.items():
            penalty = None if weight is None else weight * amount
            steps = (self.mask(*firsts), self.mask(*then))
            yield ForbiddenSequence(frozenset(range(self.days - 1)), steps, penalty, self.statement)
            if any(name in firsts for name in self.past.names(-1)):
                yield DayCost(0, self.mask(*then), penalty, self.statement)


@dataclass(frozen=True)
class Breach:
    """One place where a roster goes against a rule.

    Attributes:
        rule: the rule's key: "Rest".
        sentence: what happens, with names, days and amounts.
        employee: who; "" when it is about coverage or money.
        days: when.
        amount: by how much, in the rule's unit (minutes, days, people, ...).
        penalty: what it costs; None for a rule that must not be broken.
    """

    rule: str
    sentence: str
    employee: str
    days: tuple[date, ...]
    amount: float
    penalty: float | None


REGISTRY: list[type["SchedulingRule"]] = []
"""Every class of rules, in the order in which they were defined."""


@dataclass(frozen=True)
class SchedulingRule(ABC):
    """Something that must hold for each person, or should at a price.

    A rule is one class: its sentence, where a roster goes against it (for the checker, which knows no solver), and what
    it asks in forms (for the solver).

    Attributes:
        weight: what one unit of breaking it costs; None when it must hold.
        people: whom it binds, by name; empty for everybody.
    """

    weight: float | None = None
    people: tuple[str, ...] = ()

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        REGISTRY.append(cls)

    @property
    def key(self) -> str:
        """The rule's name in the code."""
        return type(self).__name__

    @property
    @abstractmethod
    def sentence(self) -> str:
        """The rule as people say it."""

    def binds(self, employee: Employee) -> bool:
        """True when the rule is about this person."""
        return not self.people or employee.name in self.people

    @property
    def weight_per_minute(self) -> float | None:
        """The weight of a rule whose unit is the hour, for one minute."""
        return None if self.weight is None else self.weight / 60

    @property
    def ends(self) -> tuple[int | None, int | None]:
        """What the rule counts must be at least and at most; None for no limit."""
        return None, None

    def check(self) -> None:
        """Return quietly when the rule makes sense by itself.

        Raises:
            DataProblem: it does not.
        """
        where = f"rule: {self.sentence}"
        if self.weight is not None and not 0 <= self.weight < float("inf"):
            raise DataProblem(
                "The weight of a rule is not a positive number", where=where, remedy="Correct the weight."
            )
        least, most = self.ends
        if least is not None and most is not None and least > most:
            raise DataProblem("A rule asks for more than it allows", where=where, remedy="Correct its limits.")

    @abstractmethod
    def breaches(self, work: Work) -> Iterator[Breach]:
        """Each place where this person's work goes against the rule."""

    @abstractmethod
    def constraints(self, at: FormulationContext) -> Iterator[Constraint | DayCost]:
        """What the rule asks of this person, in forms."""

    def breaches_by_all(self, wages: float) -> Iterator[Breach]:
        """Where a roster with these wages goes against a rule about all people together."""
        return iter(())

    def budget(self, statement: Statement) -> WageLimit | None:
        """The limit that the rule puts on all wages together, if any."""
        return None

    def _breach(self, work: Work, text: str, days: Sequence[int], amount: float) -> Breach:
        penalty = None if self.weight is None else self.weight * amount
        dates = tuple(work.date(d) for d in days)
        return Breach(self.key, f"{work.employee.name} {text}", work.employee.name, dates, amount, penalty)

    def _timed_breach(self, work: Work, text: str, days: Sequence[int], minutes: int) -> Breach:
        """A breach that is counted in minutes and weighed by the hour."""
        penalty = None if self.weight is None else self.weight * minutes / 60
        return replace(self._breach(work, text, days, minutes), penalty=penalty)
