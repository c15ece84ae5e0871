"""What a roster is made from, as an owner writes it down: people, hours, needs, time off, rules, locked cells."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from engine import json_values
from engine.business.calendar import DAY_MINUTES, minutes_of
from engine.errors import DataProblem
from engine.scheduling import Assignment, Employee, Hours, Lock, Need, RosterProblem, ShiftType, Wish
from engine.scheduling.entities import WEEKDAYS, clock
from engine.scheduling.rules import FreeRun, SchedulingRule
from engine.workflows.roster.rules import USUAL_RULES, RuleRow, rules_of

ANY_TIME = Hours(0, 2 * DAY_MINUTES)
ANY_WORDS = (
    "any",
    "yes",
    "y",
    "1",
    "x",
    "all",
    "all day",
    "any time",
    "open",
    "ja",
    "j",
    "oui",
    "si",
    "sí",
    "sì",
    "sim",
)
OFF_WORDS = ("", "off", "no", "n", "0", "-", "–", "none", "free", "frei", "nein", "non", "libre", "nee", "vrij", "não")
"""How owners say that somebody can always, or never, work on a weekday."""


def hours_of(text: str) -> Hours | None:
    """When somebody can work on a weekday, from the staff table; None when they cannot.

    >>> hours_of("06:30-19:30")
    Hours(start=390, end=1170)

    Raises:
        DataProblem: the text cannot be read.
    """
    plain = text.strip().casefold()
    if plain in OFF_WORDS:
        return None
    if plain in ANY_WORDS:
        return ANY_TIME
    parts = re.split(r"\s*(?:-|–|to)\s*", plain)
    if len(parts) != 2:
        raise DataProblem(f"{text!r} is no time of day", remedy='Write it as "06:30-19:30", "any" or "off".')
    start, end = minutes_of(parts[0]), minutes_of(parts[1])
    return Hours(start, end if end > start else end + DAY_MINUTES)


def hours_text(hours: Hours | None) -> str:
    """The reverse of `hours_of`."""
    if hours is None:
        return "off"
    return "any" if hours == ANY_TIME else f"{clock(hours.start)}-{clock(hours.end)}"


WEEK = tuple(name[:3] for name in WEEKDAYS)
"""Weekdays as a table's headers."""

NOON, LATE = 13 * 60, 16 * 60
"""Who likes mornings would rather not work shifts whose middle is later; who dislikes late ones, none that end later
than this plus two hours."""
PREFERENCE = 6.0
"""What it costs to go against a general preference on one day, currency."""
USUAL_PRICE = 200.0
"""What a missing person costs per hour until the owner says otherwise: more than any wage, currency."""


class Leave(StrEnum):
    """What sort of day off somebody has or asks for, and what refusing it costs."""

    HOLIDAY = "holiday"
    MATTERS_MUCH = "request, matters much"
    MATTERS = "request"
    WOULD_BE_NICE = "request, would be nice"


LEAVE_PRICE = {Leave.MATTERS_MUCH: 80.0, Leave.MATTERS: 40.0, Leave.WOULD_BE_NICE: 15.0}
"""What refusing one requested day costs, currency; a holiday is never refused."""


@dataclass(frozen=True)
class Person:
    """One line of the staff table.

    Attributes:
        name: unique.
        roles: what they can do; the first is their own.
        rate: pay per hour.
        overtime_rate: pay per hour of overtime; None for the plain rate.
        least_hours: per week.
        most_hours: per week.
        hours: per weekday from Monday, "06:30-19:30", "any" or "off".
        prefers: what they like, in words: "mornings", "no Sundays".
        minor: protected by the rules for young people.
    """

    name: str
    roles: tuple[str, ...] = ("",)
    rate: float = 0.0
    overtime_rate: float | None = None
    least_hours: float = 0.0
    most_hours: float = 40.0
    hours: tuple[str, ...] = ("any",) * 7
    prefers: str = ""
    minor: bool = False


@dataclass(frozen=True)
class TimeOff:
    """Somebody is away, or would like to be.

    Attributes:
        employee: who.
        first, last: the days, both included.
        leave: how much it matters.
    """

    employee: str
    first: date
    last: date
    leave: Leave = Leave.HOLIDAY


@dataclass(frozen=True)
class Demand:
    """People needed in one stretch: of each such weekday, or of one date where `day` is set, which overrules it.

    Attributes:
        weekday: from Monday = 0.
        start, end: minutes after midnight.
        role: the role, or "" for any.
        people: how many.
        day: the date, when it is about one date alone.
    """

    weekday: int
    start: int
    end: int
    role: str
    people: int
    day: date | None = None


@dataclass(frozen=True)
class Concession:
    """An exception that the owner made because no roster was possible.

    Attributes:
        sentence: the exception in words.
        rule: key of the rule that no longer binds `employee` (nobody, when that is ""); "" for another exception.
        employee: whom it is about.
        day: the day on which `employee` comes although they are off, or on which fewer people are needed.
        role, start, people: which need, and how many people it takes now.
    """

    sentence: str
    rule: str = ""
    employee: str = ""
    day: date | None = None
    role: str = ""
    start: int = 0
    people: int | None = None


@dataclass(frozen=True)
class Draft:
    """Everything a roster is made from.

    Attributes:
        first_day: the first day to plan.
        weeks: how many.
        staff, shifts, needs, time_off, rules: the tables.
        missing_price: what a missing person costs per hour, currency; None when nobody may be missing.
        locks: cells that stay as they are.
        history: the end of the last roster.
        concessions: exceptions made.
        currency: ISO code, or "".
    """

    first_day: date
    weeks: int
    staff: tuple[Person, ...]
    shifts: tuple[ShiftType, ...]
    needs: tuple[Demand, ...]
    time_off: tuple[TimeOff, ...] = ()
    rules: tuple[RuleRow, ...] = USUAL_RULES
    missing_price: float | None = USUAL_PRICE
    locks: tuple[Lock, ...] = ()
    history: tuple[Assignment, ...] = ()
    concessions: tuple[Concession, ...] = field(default=())
    currency: str = ""

    @property
    def key(self) -> str:
        """The same for the same draft, in every process."""
        return sha256(repr(self).encode()).hexdigest()[:24]

    @property
    def roles(self) -> tuple[str, ...]:
        """All roles, as the staff and the needs name them."""
        named = [*(need.role for need in self.needs), *(role for person in self.staff for role in person.roles)]
        return tuple(dict.fromkeys(named))

    @property
    def days(self) -> tuple[date, ...]:
        """The days to plan."""
        return tuple(self.first_day + timedelta(days=k) for k in range(7 * self.weeks))

    def without_locks(self) -> "Draft":
        """The same with every cell free again."""
        return replace(self, locks=())


def problem_of(draft: Draft) -> RosterProblem:
    """The draft as a question for the solver.

    Raises:
        DataProblem: a table says something that makes no sense.
    """
    rules = (*rules_of(draft.rules, draft.shifts), *_rest_together(draft.staff))
    problem = RosterProblem(
        first_day=draft.first_day,
        days=7 * draft.weeks,
        shifts=draft.shifts,
        employees=tuple(_employee(draft, person) for person in draft.staff),
        needs=tuple(_needs(draft)),
        rules=rules,
        history=draft.history,
        locks=tuple(lock for lock in draft.locks if lock.day in draft.days),
        currency=draft.currency,
    )
    for concession in draft.concessions:
        problem = _conceded(problem, concession)
    return problem


def _employee(draft: Draft, person: Person) -> Employee:
    availability = {k: hours for k, text in enumerate(person.hours) if (hours := hours_of(text)) is not None}
    holidays = frozenset(day for day, leave in _away(draft, person.name) if leave is Leave.HOLIDAY)
    requests = tuple(
        Wish(day, "", False, LEAVE_PRICE[leave]) for day, leave in _away(draft, person.name) if day not in holidays
    )
    booked = {wish.day for wish in requests} | holidays
    liked = tuple(wish for wish in _preferences(draft, person.prefers) if wish.day not in booked)
    return Employee(
        name=person.name,
        roles=person.roles or ("",),
        rate=person.rate,
        overtime_rate=person.overtime_rate,
        least_minutes=_least_minutes(draft, person, holidays),
        most_minutes=round(person.most_hours * 60),
        availability=None if set(availability.values()) == {ANY_TIME} and len(availability) == 7 else availability,
        days_off=holidays,
        wishes=(*requests, *liked),
        minor=person.minor,
    )


def _least_minutes(draft: Draft, person: Person, holidays: frozenset[date]) -> int:
    """Contract minutes a week; a holiday counts as its share of the week."""
    away = max((sum(day in holidays for day in draft.days[k : k + 7]) for k in range(0, 7 * draft.weeks, 7)), default=0)
    return round(person.least_hours * 60 * (7 - away) / 7)


def _away(draft: Draft, name: str) -> Iterator[tuple[date, Leave]]:
    strictest: dict[date, Leave] = {}
    order = list(Leave)
    for off in draft.time_off:
        if off.employee == name:
            for day in (day for day in draft.days if off.first <= day <= off.last):
                current = strictest.get(day)
                if current is None or order.index(off.leave) < order.index(current):
                    strictest[day] = off.leave
    return iter(strictest.items())


def understood(prefers: str) -> bool:
    """True when a preference can be kept in mind."""
    words = prefers.strip().casefold()
    return not words or words in (*_SHIFT_LIKES, _TWO_DAYS) or _weekday_liked(words) is not None


_TWO_DAYS = "two days off in a row"
_SHIFT_LIKES = ("mornings", "early shifts", "late shifts", "no late shifts", "no early shifts", "evenings")
PREFERENCES = ("", "mornings", "late shifts", "no late shifts", _TWO_DAYS, *(f"no {day}s" for day in WEEKDAYS))
"""What can be chosen; a weekday alone ("Saturdays") is understood too."""


def _preferences(draft: Draft, prefers: str) -> Iterator[Wish]:
    words = prefers.strip().casefold()
    liked = _weekday_liked(words)
    if liked is not None:
        weekday, likes = liked
        yield from (Wish(day, "", likes, PREFERENCE) for day in draft.days if day.weekday() == weekday)
    elif words in _SHIFT_LIKES:
        for shift in _disliked(words, draft.shifts):
            yield from (Wish(day, shift.name, False, PREFERENCE) for day in draft.days)


def _weekday_liked(words: str) -> tuple[int, bool] | None:
    name = words.removeprefix("no ").removesuffix("s")
    for number, weekday in enumerate(WEEKDAYS):
        if name and name in (weekday.casefold(), WEEK[number].casefold()):
            return number, not words.startswith("no ")
    return None


def _disliked(words: str, shifts: Iterable[ShiftType]) -> list[ShiftType]:
    early_liked = words in ("mornings", "early shifts", "no late shifts")
    if words.startswith("no "):
        return [s for s in shifts if (s.end > LATE + 120 if early_liked else s.start < 9 * 60)]
    return [s for s in shifts if ((s.start + s.end) / 2 > NOON) == early_liked]


def _rest_together(staff: Iterable[Person]) -> tuple[SchedulingRule, ...]:
    names = tuple(person.name for person in staff if person.prefers.strip().casefold() == _TWO_DAYS)
    return (FreeRun(least=2, weight=PREFERENCE, people=names),) if names else ()


def _needs(draft: Draft) -> Iterator[Need]:
    dated = {(need.day, need.role) for need in draft.needs if need.day}
    for day in draft.days:
        for need in draft.needs:
            usual = need.day is None and need.weekday == day.weekday() and (day, need.role) not in dated
            if (usual or need.day == day) and need.people > 0:
                price = draft.missing_price
                under = None if price is None else price * (need.end - need.start) / 60
                yield Need(day, need.role, need.start, need.end, need.people, under=under)


def _conceded(problem: RosterProblem, concession: Concession) -> RosterProblem:
    """The problem with one exception."""
    if concession.people is not None:
        needs = (
            replace(n, least=min(n.least, concession.people))
            if (n.day, n.role, n.start) == (concession.day, concession.role, concession.start)
            else n
            for n in problem.needs
        )
        return replace(problem, needs=tuple(needs))
    if concession.rule:
        return replace(problem, rules=tuple(_relaxed(problem, concession)))
    who = problem.employee_named.get(concession.employee)
    if who is None or concession.day is None:
        return problem
    changed = replace(who, days_off=who.days_off - {concession.day}, exceptions=who.exceptions | {concession.day})
    return problem.changed(changed)


def _relaxed(problem: RosterProblem, concession: Concession) -> Iterator[SchedulingRule]:
    for rule in problem.rules:
        if rule.key + rule.sentence != concession.rule:
            yield rule
        elif concession.employee and (
            bound := tuple(e.name for e in problem.employees if rule.binds(e) and e.name != concession.employee)
        ):
            yield replace(rule, people=bound)


def as_json(draft: Draft) -> dict[str, Any]:
    """For the store."""
    dumped: dict[str, Any] = json_values.dump(draft, Draft)
    return dumped


def from_json(saved: Mapping[str, Any]) -> Draft:
    """What `as_json` made."""
    return json_values.load(saved, Draft)
