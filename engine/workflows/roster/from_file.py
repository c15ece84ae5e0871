"""A first draft of a roster from the owner's file: the staff, the shifts, the people needed, who is away."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine.business.clock import DAY_MINUTES, weekday_of
from engine.business.model import Business
from engine.business.people import DAYS
from engine.dataset import Frequency
from engine.errors import DataProblem
from engine.scheduling import ShiftType
from engine.scheduling.entities import clock
from engine.workflows.roster.hours import hours_of, hours_text
from engine.workflows.roster.inputs import Demand, Draft, Leave, Person, TimeOff, understood

OPENS, CLOSES = 9 * 60, 18 * 60
"""Opening hours until somebody says otherwise."""
LAST_START = 23 * 60
"""The latest start of a made-up shift, minutes after midnight."""
LENGTHS = (4, 6, 8)
"""Hours of the shifts that are made up when the file has none."""
LONG = 6 * 60
"""A made-up shift that is at least so long has half an hour of unpaid break, minutes."""
TEAM, STARTING_TEAM, STARTING_RATE = "Team", 5, 15.0
USUAL_HOURS = 40.0
"""Most hours a week of somebody of whom the file says nothing."""

Row = Mapping[str, object]


@dataclass(frozen=True)
class Start:
    """A first draft, and what the owner should know about it.

    Attributes:
        draft: from the file, completed where the file says nothing.
        notes: what was taken from where, what was made up, and what could not be read.
    """

    draft: Draft
    notes: tuple[str, ...]


def start_from(business: Business) -> Start:
    """The roster's draft for the first week after the last day of sales, or after today without sales."""
    notes: list[str] = []
    staff = _staff(business, notes)
    needs = _needs(business, staff, notes)
    shifts = _shifts(business, needs, notes)
    names = {person.name for person in staff}
    draft = Draft(
        first_day=business.last_day + timedelta(days=7 - business.last_day.weekday()),
        weeks=1,
        staff=staff,
        shifts=shifts,
        needs=needs,
        time_off=tuple(_time_off(business, names)),
        currency=business.currency,
    )
    return Start(draft, tuple(notes))


def _staff(business: Business, notes: list[str]) -> tuple[Person, ...]:
    people = tuple(_listed_staff(business, notes))
    if people:
        return people
    notes.append(
        f"Your file has no list of staff, so this starts with {STARTING_TEAM} made-up people. "
        "Put in your own under Staff."
    )
    return tuple(Person(f"Person {k + 1}", (TEAM,), STARTING_RATE) for k in range(STARTING_TEAM))


def _listed_staff(business: Business, notes: list[str]) -> Iterator[Person]:
    names = set()
    for row in business.people.staff.iter_rows(named=True):
        name = row["name"]
        if name and name not in names:
            names.add(name)
            yield _person(row, notes, has_hours=business.people.has_hours)
        elif name:
            notes.append(f"{name} is in the staff list twice; the first line counts.")


def _person(row: Row, notes: list[str], *, has_hours: bool) -> Person:
    def number(column: str) -> float | None:
        value = row[column]
        return float(value) if isinstance(value, int | float) else None

    def text(column: str) -> str:
        return str(row[column] or "")

    name, prefers = text("name"), text("prefers")
    also = [part.strip() for part in re.split("[,;/]", text("also"))]
    if not understood(prefers):
        notes.append(f'{name} prefers "{prefers}", which I cannot keep in mind; choose a preference under Staff.')
        prefers = ""
    most, rate = number("most_hours"), number("rate")
    if rate is None or rate < 0:
        notes.append(f"{name} has no usable rate in your file; I use {STARTING_RATE:g} an hour.")
        rate = STARTING_RATE
    most = USUAL_HOURS if most is None else most
    return Person(
        name=name,
        roles=tuple(dict.fromkeys(part for part in (text("role"), *also) if part)) or (TEAM,),
        rate=rate,
        overtime_rate=number("overtime_rate"),
        least_hours=min(number("least_hours") or 0.0, most),
        most_hours=most,
        hours=_hours(name, row, notes) if has_hours else ("any",) * 7,
        prefers=prefers,
        minor=text("minor").casefold() in ("1", "1.0", "yes", "x", "true"),
    )


def _hours(name: str, row: Row, notes: list[str]) -> tuple[str, ...]:
    texts: dict[int | None, object] = {weekday: row[day] for weekday, day in enumerate(DAYS)}
    if row["availability"] is not None:
        texts = dict(_listed(str(row["availability"])))
    hours = []
    for weekday in range(7):
        try:
            hours.append(hours_text(hours_of(str(texts.get(weekday) or "off"))))
        except DataProblem as problem:
            notes.append(f"{name}: {problem.what}; I take it as any time.")
            hours.append("any")
    return tuple(hours)


def _listed(text: str) -> Iterator[tuple[int | None, str]]:
    """Days and their times from one text: "Mon 09:00-18:00; Tue 09:00-18:00"."""
    for part in re.split(r"[;,\n]", text):
        day, _, rest = part.strip().partition(" ")
        if day:
            yield weekday_of(day.rstrip(":.")), rest.strip() or "any"


def _needs(business: Business, staff: Sequence[Person], notes: list[str]) -> tuple[Demand, ...]:
    needs = _listed_needs(business, staff, notes)
    if needs:
        return needs
    notes.append(
        "Your file does not say how many people are needed when, so this starts with one person a role from "
        f"{clock(OPENS)} to {clock(CLOSES)}. Change it, or take it from the forecast, under People needed."
    )
    roles = dict.fromkeys(person.roles[0] for person in staff)
    return tuple(Demand(day, OPENS, CLOSES, role, 1) for day in _open_weekdays(business) for role in roles)


def _listed_needs(business: Business, staff: Sequence[Person], notes: list[str]) -> tuple[Demand, ...]:
    """The lines of a table of needs that can be used; a later line for the same time and role counts."""
    rows = business.people.needs
    names_roles = rows["role"].null_count() < rows.height
    able = {role: None for person in staff for role in person.roles}
    needs: dict[tuple[int, int, int, str], Demand] = {}
    dropped = 0
    for weekday, start, end, role, people in rows.iter_rows():
        name = (role or "") if names_roles else next(iter(able), "")
        if None in (weekday, people, start) or people < 0 or name not in able:
            dropped += 1
        elif people > 0:
            needs[weekday, start, end, name] = Demand(weekday, start, end, name, round(people))
    if dropped:
        lines = "1 line" if dropped == 1 else f"{dropped} lines"
        why = "no day, no time, no number of people, or a role that nobody has"
        notes.append(f"I leave out {lines} of {business.people.needs_table}: {why}.")
    return tuple(needs.values())


def _shifts(business: Business, needs: Sequence[Demand], notes: list[str]) -> tuple[ShiftType, ...]:
    shifts = tuple(_listed_shifts(business, notes))
    if shifts:
        return shifts
    opens, closes = min(need.start for need in needs), max(need.end for need in needs)
    notes.append("Your file has no list of shifts, so I made some up from the hours in which people are needed.")
    return tuple(made_up_shifts(opens, closes))


def made_up_shifts(opens: int, closes: int) -> Iterator[ShiftType]:
    """Shifts of 4, 6 and 8 hours that together cover the hours from opening to closing.

    What would start after midnight starts an hour before it instead, because a shift belongs to the day on which it
    starts.

    Args:
        opens: minutes after midnight.
        closes: minutes after midnight; beyond 1440 when it is open over midnight.
    """
    spans = set()
    for hours in LENGTHS:
        length = min(hours * 60, closes - opens)
        starts = [*range(opens, closes - length, 120), closes - length]
        for start in starts:
            span = (start if start < DAY_MINUTES else LAST_START, start + length)
            if span not in spans:
                spans.add(span)
                yield ShiftType(f"{clock(start)}-{clock(span[1])}", *span, 30 if span[1] - span[0] >= LONG else 0)


def _listed_shifts(business: Business, notes: list[str]) -> Iterator[ShiftType]:
    labels = set()
    for name, start, end, pause in business.people.shifts.drop_nulls(["start", "end"]).iter_rows():
        label = name or f"{clock(start)}-{clock(end)}"
        if label not in labels:
            labels.add(label)
            yield ShiftType(label, start, end, round(pause or 0))
        else:
            notes.append(f"The shift {label} is in {business.people.shifts_table} twice; the first line counts.")


def _time_off(business: Business, names: set[str]) -> Iterator[TimeOff]:
    for name, first, last, kind, weight in business.people.leave.iter_rows():
        if name in names:
            yield TimeOff(name, first, last, _leave(kind or "", weight or ""))


def _leave(kind: str, weight: str) -> Leave:
    if not re.search("request|wish|wunsch|asks", kind.casefold()):
        return Leave.HOLIDAY
    word = weight.casefold()
    if re.search("high|much|strong", word):
        return Leave.MATTERS_MUCH
    return Leave.WOULD_BE_NICE if re.search("low|nice|little", word) else Leave.MATTERS


def _open_weekdays(business: Business) -> Sequence[int]:
    opens = business.calendar
    return opens.open_weekdays if business.span and opens.frequency is Frequency.DAILY else range(7)


def moved_on(draft: Draft, first_day: date, weeks: int) -> Draft:
    """The same draft for other days; locks and dated needs of days that are not planned any more are dropped."""
    days = {first_day + timedelta(days=k) for k in range(7 * weeks)}
    return replace(
        draft,
        first_day=first_day,
        weeks=weeks,
        locks=tuple(lock for lock in draft.locks if lock.day in days),
        needs=tuple(need for need in draft.needs if need.day is None or need.day in days),
        history=tuple(each for each in draft.history if each.day < first_day),
        concessions=tuple(each for each in draft.concessions if each.day is None or each.day in days),
    )
