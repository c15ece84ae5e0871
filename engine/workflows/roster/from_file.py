"""A first draft of a roster from the owner's file: the staff, the shifts, the people needed, who is away."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import polars as pl

from engine.business.history import find_calendar
from engine.dataset import Column, ColumnRole, Dataset, Table
from engine.errors import DataProblem
from engine.ingest.dates import LOCALES
from engine.scheduling import ShiftType
from engine.scheduling.entities import DAY_MINUTES, clock
from engine.workflows.roster.hours import hours_of, hours_text, minutes_of
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
LEAST_SEEN = 0.8
"""A column is one of times (or weekdays) when this share of its cells can be read so."""


@dataclass(frozen=True)
class Start:
    """A first draft, and what the owner should know about it.

    Attributes:
        draft: from the file, completed where the file says nothing.
        notes: what was taken from where, what was made up, and what could not be read.
    """

    draft: Draft
    notes: tuple[str, ...]


def start_from(dataset: Dataset, *, today: date) -> Start:
    """The roster's draft for the first week after the file's last day of sales, or after today without sales."""
    notes: list[str] = []
    staff = _staff(dataset, notes)
    needs = _needs(dataset, staff, notes)
    shifts = _shifts(dataset, needs, notes)
    draft = Draft(
        first_day=_monday_after(dataset, today),
        weeks=1,
        staff=staff,
        shifts=shifts,
        needs=needs,
        time_off=tuple(_time_off(dataset, {person.name for person in staff})),
        currency=dataset.currency,
    )
    return Start(draft, tuple(notes))


def _staff(dataset: Dataset, notes: list[str]) -> tuple[Person, ...]:
    table = next((t for t in dataset.tables if t.has(ColumnRole.EMPLOYEE) and not t.has(ColumnRole.DATE)), None)
    found = () if table is None else tuple(_listed_staff(table, notes))
    if found:
        return found
    notes.append(
        f"Your file has no list of staff, so this starts with {STARTING_TEAM} made-up people. "
        "Put in your own under Staff."
    )
    return tuple(Person(f"Person {k + 1}", (TEAM,), STARTING_RATE) for k in range(STARTING_TEAM))


def _listed_staff(table: Table, notes: list[str]) -> Iterator[Person]:
    known = set()
    for row in table.frame.iter_rows(named=True):
        name = str(row[table.require(ColumnRole.EMPLOYEE).name] or "").strip()
        if name and name not in known:
            known.add(name)
            yield _person(table, name, row, notes)
        elif name:
            notes.append(f"{name} is in the staff list twice; the first line counts.")


def _person(table: Table, name: str, row: dict[str, object], notes: list[str]) -> Person:
    def number(column: Column | None) -> float | None:
        value = row.get(column.name) if column else None
        return float(value) if isinstance(value, int | float) else None

    def text(column: Column | None) -> str:
        return str((row.get(column.name) if column else None) or "").strip()

    own = text(table.find(ColumnRole.STAFF_ROLE))
    also = [part.strip() for part in re.split("[,;/]", text(_named(table, r"\b(also|second|other role|auch|aussi)")))]
    prefers = text(_named(table, r"\b(prefer|wish|likes|wunsch)"))
    if not understood(prefers):
        notes.append(f'{name} prefers "{prefers}", which I cannot keep in mind; choose a preference under Staff.')
        prefers = ""
    most = number(table.find(ColumnRole.MAX_HOURS))
    least = number(_named(table, r"\bmin")) or 0.0
    rate = number(table.find(ColumnRole.RATE))
    if rate is None or rate < 0:
        notes.append(f"{name} has no usable rate in your file; I use {STARTING_RATE:g} an hour.")
        rate = STARTING_RATE
    return Person(
        name=name,
        roles=tuple(dict.fromkeys(part for part in (own, *also) if part)) or (TEAM,),
        rate=rate,
        overtime_rate=number(_named(table, r"overtime|überstunden")),
        least_hours=min(least, most if most is not None else 40.0),
        most_hours=40.0 if most is None else most,
        hours=_hours(table, name, row, notes),
        prefers=prefers,
        minor=text(_named(table, r"\b(minor|under 18|under age)")).casefold() in ("1", "1.0", "yes", "x", "true"),
    )


def _hours(table: Table, name: str, row: dict[str, object], notes: list[str]) -> tuple[str, ...]:
    columns = [column for column in table.columns if _says_when(column)]
    if not columns:
        return ("any",) * 7
    texts = {_weekday(column.name): _text(row[column.name]) for column in columns}
    if set(texts) == {None}:
        texts = {day: rest for column in columns for day, rest in _listed(_text(row[column.name]))}
    found = []
    for weekday in range(7):
        try:
            found.append(hours_text(hours_of(texts.get(weekday, "off"))))
        except DataProblem as problem:
            notes.append(f"{name}: {problem.what}; I take it as any time.")
            found.append("any")
    return tuple(found)


def _says_when(column: Column) -> bool:
    """True for a column of hours; beside staff a weekday is one, whether the reader saw it or not."""
    named = column.role is ColumnRole.OTHER and column.kind == "text" and _weekday(column.name) is not None
    return named or column.role is ColumnRole.AVAILABILITY


def _text(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _listed(text: str) -> Iterator[tuple[int | None, str]]:
    """Days and their times from one text: "Mon 09:00-18:00; Tue 09:00-18:00"."""
    for part in re.split(r"[;,\n]", text):
        day, _, rest = part.strip().partition(" ")
        if day:
            yield _weekday(day.rstrip(":.")), rest.strip() or "any"


def _needs(dataset: Dataset, staff: Sequence[Person], notes: list[str]) -> tuple[Demand, ...]:
    table = next((t for t in dataset.tables if t.has(ColumnRole.PEOPLE_NEEDED)), None)
    found = () if table is None else tuple(_listed_needs(table, staff, notes))
    if found:
        return found
    notes.append(
        "Your file does not say how many people are needed when, so this starts with one person a role from "
        f"{clock(OPENS)} to {clock(CLOSES)}. Change it, or take it from the forecast, under People needed."
    )
    roles = dict.fromkeys(person.roles[0] for person in staff)
    return tuple(Demand(day, OPENS, CLOSES, role, 1) for day in _open_weekdays(dataset) for role in roles)


def _listed_needs(table: Table, staff: Sequence[Person], notes: list[str]) -> Iterator[Demand]:
    """The lines of a table of needs that can be used; a later line for the same time and role counts."""
    times, weekday = _time_columns(table), next((c for c in table.columns if _are_weekdays(table, c)), None)
    if weekday is None or len(times) < 2:
        return
    role, people = table.find(ColumnRole.STAFF_ROLE), table.require(ColumnRole.PEOPLE_NEEDED)
    able = {each: None for person in staff for each in person.roles}
    found, dropped = {}, 0
    for row in table.frame.iter_rows(named=True):
        day, count = _weekday(_text(row[weekday.name])), row[people.name]
        slot = _slot(row, times)
        name = _text(row[role.name]).strip() if role else next(iter(able), "")
        if day is None or count is None or count < 0 or slot is None or name not in able:
            dropped += 1
        elif count > 0:
            found[day, *slot, name] = Demand(day, *slot, name, round(count))
    if dropped:
        lines = "1 line" if dropped == 1 else f"{dropped} lines"
        why = "no day, no time, no number of people, or a role that nobody has"
        notes.append(f"I leave out {lines} of {table.name}: {why}.")
    yield from found.values()


def _slot(row: dict[str, object], times: Sequence[Column]) -> tuple[int, int] | None:
    try:
        start, end = (minutes_of(_text(row[column.name])) for column in times[:2])
    except DataProblem:
        return None
    return start, end if end > start else end + DAY_MINUTES


def _shifts(dataset: Dataset, needs: Sequence[Demand], notes: list[str]) -> tuple[ShiftType, ...]:
    for table in dataset.tables:
        times = _time_columns(table)
        if len(times) >= 2 and not table.has(ColumnRole.PEOPLE_NEEDED) and not table.has(ColumnRole.EMPLOYEE):
            found = tuple(_listed_shifts(table, times, notes))
            if found:
                return found
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
    known = set()
    for hours in LENGTHS:
        length = min(hours * 60, closes - opens)
        starts = [*range(opens, closes - length, 120), closes - length]
        for start in starts:
            span = (start if start < DAY_MINUTES else LAST_START, start + length)
            if span not in known:
                known.add(span)
                yield ShiftType(f"{clock(start)}-{clock(span[1])}", *span, 30 if span[1] - span[0] >= LONG else 0)


def _listed_shifts(table: Table, times: Sequence[Column], notes: list[str]) -> Iterator[ShiftType]:
    name = table.find(ColumnRole.SHIFT) or next((c for c in table.columns if c not in times and c.kind == "text"), None)
    pause = _named(table, r"\b(break|pause)")
    known = set()
    for row in table.frame.iter_rows(named=True):
        slot = _slot(row, times)
        label = _text(row[name.name]).strip() if name and name not in times else ""
        label = label or (f"{clock(slot[0])}-{clock(slot[1])}" if slot else "")
        if slot is not None and label not in known:
            known.add(label)
            minutes = row[pause.name] if pause else 0
            yield ShiftType(label, *slot, round(minutes) if isinstance(minutes, int | float) else 0)
        elif slot is not None:
            notes.append(f"The shift {label} is in {table.name} twice; the first line counts.")


def _time_off(dataset: Dataset, known: set[str]) -> Iterator[TimeOff]:
    for table in dataset.tables:
        if not table.has(ColumnRole.EMPLOYEE, ColumnRole.DATE):
            continue
        days = [column for column in table.columns if column.kind == "date"]
        kind, weight = _named(table, r"leave|kind|type|reason"), _named(table, r"import|priority|weight")
        for row in table.frame.iter_rows(named=True):
            name, first = row[table.require(ColumnRole.EMPLOYEE).name], row[days[0].name]
            if name in known and first is not None:
                last = row[days[1].name] if len(days) > 1 and row[days[1].name] else first
                words = (_text(row[kind.name]) if kind else "", _text(row[weight.name]) if weight else "")
                yield TimeOff(name, first, max(first, last), _leave(*words))


def _leave(kind: str, weight: str) -> Leave:
    if not re.search("request|wish|wunsch|asks", kind.casefold()):
        return Leave.HOLIDAY
    word = weight.casefold()
    if re.search("high|much|strong", word):
        return Leave.MATTERS_MUCH
    return Leave.WOULD_BE_NICE if re.search("low|nice|little", word) else Leave.MATTERS


def _monday_after(dataset: Dataset, today: date) -> date:
    """The Monday after the last day on which something was sold."""
    sold = [t for t in dataset.tables if t.has(ColumnRole.DATE) and not t.has(ColumnRole.EMPLOYEE)]
    last = [t.frame[t.require(ColumnRole.DATE).name].max() for t in sold]
    latest = max((day for day in last if isinstance(day, date)), default=today)
    return latest + timedelta(days=7 - latest.weekday())


def _open_weekdays(dataset: Dataset) -> Sequence[int]:
    for table in dataset.tables:
        if table.has(ColumnRole.DATE) and not table.has(ColumnRole.EMPLOYEE):
            days = table.frame[table.require(ColumnRole.DATE).name].drop_nulls().unique().to_list()
            if len({day.weekday() for day in days}) > 1:
                return find_calendar(days).open_weekdays
    return range(7)


def _named(table: Table, pattern: str) -> Column | None:
    """The first column without a meaning of its own whose header has these words."""
    return next(
        (c for c in table.columns if c.role is ColumnRole.OTHER and re.search(pattern, c.name.casefold())), None
    )


def _time_columns(table: Table) -> list[Column]:
    return [column for column in table.columns if column.kind == "text" and _share(table, column, _is_time)]


def _are_weekdays(table: Table, column: Column) -> bool:
    return column.kind == "text" and _share(table, column, lambda text: _weekday(text) is not None)


def _share(table: Table, column: Column, reads: Callable[[str], bool]) -> bool:
    values = table.frame[column.name].drop_nulls().cast(pl.String).to_list()
    return bool(values) and sum(map(reads, values)) >= LEAST_SEEN * len(values)


def _is_time(text: str) -> bool:
    try:
        return ":" in text and minutes_of(text) >= 0
    except DataProblem:
        return False


def _weekday(name: str) -> int | None:
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
        concessions=tuple(made for made in draft.concessions if made.day is None or made.day in days),
    )
