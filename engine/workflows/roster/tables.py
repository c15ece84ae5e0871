"""A roster's draft and its answer as tables: what the owner edits, and what is shown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from engine.business.calendar import minutes_of
from engine.errors import DataProblem
from engine.scheduling import Assignment, Roster, ShiftType
from engine.scheduling.entities import DAY_MINUTES, clock, day_name
from engine.workflows.roster.inputs import WEEK, Demand, Draft, Leave, Person, TimeOff, hours_of, hours_text
from engine.workflows.roster.rules import KINDS, RuleRow

MUST = "must hold"
PRICED = "may be broken at a price"
MARK_LOCKED, MARK_ASKED, MARK_BROKEN = "🔒", "♡", "⚠"
"""A locked cell; a request that is refused there; a rule that is broken there."""
FREE = "–"


def staff_table(draft: Draft) -> pl.DataFrame:
    """One line a person, as the owner edits it."""
    rows = [
        {
            "Name": person.name,
            "Roles": ", ".join(person.roles),
            "Rate": person.rate,
            "Overtime rate": person.overtime_rate,
            "Hours, least": person.least_hours,
            "Hours, most": person.most_hours,
            "Prefers": person.prefers,
            "Under 18": person.minor,
            **dict(zip(WEEK, person.hours, strict=True)),
        }
        for person in draft.staff
    ]
    kinds = {"Name": pl.String, "Roles": pl.String, "Rate": pl.Float64, "Overtime rate": pl.Float64}
    kinds |= {"Hours, least": pl.Float64, "Hours, most": pl.Float64, "Prefers": pl.String, "Under 18": pl.Boolean}
    return pl.DataFrame(rows, schema=kinds | dict.fromkeys(WEEK, pl.String))


def staff_of(table: pl.DataFrame) -> tuple[Person, ...]:
    """The people of an edited table; lines without a name are left out.

    Raises:
        DataProblem: a time cannot be read.
    """
    return tuple(_person(row) for row in table.iter_rows(named=True) if _text(row["Name"]))


def _person(row: dict[str, Any]) -> Person:
    name = _text(row["Name"])
    try:
        hours = tuple(hours_text(hours_of("any" if row[day] is None else str(row[day]))) for day in WEEK)
    except DataProblem as problem:
        raise DataProblem(problem.what, where=name, remedy=problem.remedy) from problem
    return Person(
        name=name,
        roles=tuple(dict.fromkeys(part.strip() for part in _text(row["Roles"]).split(",") if part.strip())) or ("",),
        rate=row["Rate"] or 0.0,
        overtime_rate=row["Overtime rate"],
        least_hours=row["Hours, least"] or 0.0,
        most_hours=40.0 if row["Hours, most"] is None else row["Hours, most"],
        hours=hours,
        prefers=_text(row["Prefers"]),
        minor=bool(row["Under 18"]),
    )


def shifts_table(draft: Draft) -> pl.DataFrame:
    """One line a shift, as the owner edits it."""
    rows = [
        {
            "Shift": shift.name,
            "From": clock(shift.start),
            "To": clock(shift.end),
            "Unpaid break, minutes": shift.unpaid_break,
            "Only for roles": ", ".join(shift.roles),
        }
        for shift in draft.shifts
    ]
    kinds = {"Shift": pl.String, "From": pl.String, "To": pl.String, "Unpaid break, minutes": pl.Int64}
    return pl.DataFrame(rows, schema=kinds | {"Only for roles": pl.String})


def shifts_of(table: pl.DataFrame) -> tuple[ShiftType, ...]:
    """The shifts of an edited table; an end before the start is on the next day.

    Raises:
        DataProblem: a time cannot be read.
    """
    return tuple(_shift(row) for row in table.iter_rows(named=True) if _text(row["From"]) and _text(row["To"]))


def _shift(row: dict[str, Any]) -> ShiftType:
    start, end = _span(row, _text(row["Shift"]))
    name = _text(row["Shift"]) or f"{clock(start)}-{clock(end)}"
    roles = tuple(part.strip() for part in _text(row["Only for roles"]).split(",") if part.strip())
    return ShiftType(name, start, end, int(row["Unpaid break, minutes"] or 0), roles)


def time_off_table(draft: Draft) -> pl.DataFrame:
    """One line an absence or request, as the owner edits it."""
    rows = [(off.employee, off.first, off.last, off.leave.value) for off in draft.time_off]
    kinds = {"Who": pl.String, "First day": pl.Date, "Last day": pl.Date, "What": pl.String}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def time_off_of(table: pl.DataFrame) -> tuple[TimeOff, ...]:
    """The absences of an edited table; a line without a last day is about one day."""
    rows = [row for row in table.iter_rows(named=True) if row["Who"] and row["First day"]]
    return tuple(
        TimeOff(
            row["Who"],
            row["First day"],
            max(row["First day"], row["Last day"] or row["First day"]),
            Leave(row["What"] or Leave.HOLIDAY),
        )
        for row in rows
    )


def rules_table(draft: Draft) -> pl.DataFrame:
    """One line a rule, as the owner edits it."""
    rows = [
        {
            "Counts": row.on,
            "Rule": KINDS[row.key].words,
            "Limit": row.limit,
            "Unit": KINDS[row.key].unit,
            "How": PRICED if row.price is not None or KINDS[row.key].always_price else MUST,
            "Price of one": row.price,
        }
        for row in draft.rules
    ]
    kinds = {"Counts": pl.Boolean, "Rule": pl.String, "Limit": pl.Float64, "Unit": pl.String, "How": pl.String}
    return pl.DataFrame(rows, schema=kinds | {"Price of one": pl.Float64})


def rules_from(draft: Draft, table: pl.DataFrame) -> tuple[RuleRow, ...]:
    """The rules of an edited table, whose lines are the draft's own.

    Raises:
        DataProblem: a rule may be broken at a price, and the price is missing.
    """
    return tuple(_rule(row.key, line) for row, line in zip(draft.rules, table.iter_rows(named=True), strict=True))


def _rule(key: str, line: dict[str, Any]) -> RuleRow:
    kind, price = KINDS[key], line["Price of one"]
    priced = line["How"] == PRICED and key != "overtime"
    if line["Counts"] and priced and price is None:
        raise DataProblem("A rule that may be broken has no price", where=kind.words, remedy="Say what one costs.")
    return RuleRow(key, bool(line["Counts"]), line["Limit"], price if priced or kind.always_price else None)


def needs_table(draft: Draft, role: str, days: Sequence[date] = ()) -> pl.DataFrame:
    """People needed in one role: a line a stretch, a column a weekday, or a date where the forecast says so.

    Args:
        draft: whose needs.
        role: which role.
        days: the dates to show; empty for the usual week.
    """
    own = [need for need in draft.needs if need.role == role and need.people and _is_about(need, days)]
    spans = sorted({(need.start, need.end) for need in own})
    names = [f"{WEEK[day.weekday()]} {day.day} {day:%b}" for day in days] or list(WEEK)
    columns: dict[str, list[Any]] = {"From": [clock(a) for a, _ in spans], "To": [clock(b) for _, b in spans]}
    for place, name in enumerate(names):
        there = {(n.start, n.end): n.people for n in own if (n.day == days[place] if days else n.weekday == place)}
        columns[name] = [there.get(span, 0) for span in spans]
    kinds = {"From": pl.String, "To": pl.String} | dict.fromkeys(names, pl.Int64)
    return pl.DataFrame(columns, schema=kinds)


def _is_about(need: Demand, days: Sequence[date]) -> bool:
    return need.day in days if days else need.day is None


def needs_of(draft: Draft, role: str, table: pl.DataFrame, days: Sequence[date] = ()) -> tuple[Demand, ...]:
    """All needs of the draft with those of one role (on some dates) taken from an edited table.

    Raises:
        DataProblem: a time cannot be read.
    """
    others = [need for need in draft.needs if need.role != role or not _is_about(need, days)]
    return (*others, *_needs(role, table, days))


def _needs(role: str, table: pl.DataFrame, days: Sequence[date]) -> Iterator[Demand]:
    names = [name for name in table.columns if name not in ("From", "To")]
    for row in table.iter_rows(named=True):
        if not _text(row["From"]) or not _text(row["To"]):
            continue
        span = _span(row, role)
        for place, name in enumerate(names):
            people = max(0, int(row[name] or 0))
            # A date with nobody overrules the usual weekday; a usual weekday with nobody needs no line.
            if days:
                yield Demand(days[place].weekday(), *span, role, people, days[place])
            elif people:
                yield Demand(place, *span, role, people)


def cell_word(each: Assignment, own_role: str) -> str:
    """A shift as the grid says it; the role is named when it is not the person's own."""
    return each.shift if each.role in ("", own_role) else f"{each.shift} ({each.role})"


@dataclass(frozen=True)
class Grid:
    """A roster as people down and days across.

    Attributes:
        table: first column "Who", then one column a day; words and marks.
        kinds: per line and day, "free", "early", "middle", "late" or "night".
    """

    table: pl.DataFrame
    kinds: tuple[tuple[str, ...], ...]


def grid(roster: Roster) -> Grid:
    """The roster in words and marks."""
    cells = {(each.employee, each.day): each for each in roster.assignments}
    locks = {(lock.employee, lock.day) for lock in roster.problem.locks}
    marks = _marks(roster)
    columns: dict[str, list[str]] = {"Who": [employee.name for employee in roster.problem.employees]}
    for day in roster.problem.calendar:
        words = []
        for employee in roster.problem.employees:
            assignment = cells.get((employee.name, day))
            word = FREE if assignment is None else cell_word(assignment, employee.roles[0])
            signs = MARK_LOCKED * ((employee.name, day) in locks) + marks.get((employee.name, day), "")
            words.append(f"{word} {signs}".strip())
        columns[f"{WEEK[day.weekday()]} {day.day} {day:%b}"] = words
    kinds = tuple(
        tuple(_kind(roster, cells.get((employee.name, day))) for day in roster.problem.calendar)
        for employee in roster.problem.employees
    )
    return Grid(pl.DataFrame(columns), kinds)


def _marks(roster: Roster) -> dict[tuple[str, date], str]:
    marks: dict[tuple[str, date], str] = {}
    for breach in roster.checked.breaches:
        sign = MARK_BROKEN if breach.penalty is None else MARK_ASKED if breach.rule == "Wishes" else ""
        for day in breach.days if breach.employee and sign else ():
            cell = (breach.employee, day)
            marks[cell] = marks.get(cell, "").replace(sign, "") + sign
    return marks


def _kind(roster: Roster, each: Assignment | None) -> str:
    if each is None:
        return "free"
    shift = roster.problem.shift_named[each.shift]
    if shift.end > DAY_MINUTES:
        return "night"
    middle = (shift.start + shift.end) / 120
    return "early" if middle < 12 else "middle" if middle < 15 else "late"


def people_table(roster: Roster) -> pl.DataFrame:
    """Hours, shifts, weekends and pay of each person, with what the contract says."""
    unit = f", {roster.problem.currency}" if roster.problem.currency else ""
    weeks = len(roster.problem.calendar) / 7
    rows = [
        {
            "Who": share.employee,
            "Paid hours": share.minutes / 60,
            "Contract, hours": f"{employee.least_minutes / 60 * weeks:.3g} to {employee.most_minutes / 60 * weeks:.3g}",
            "Shifts": share.shifts,
            "Weekends": share.weekends,
            "Late shifts": share.late,
            f"Pay{unit}": share.cost,
        }
        for share, employee in zip(roster.shares(), roster.problem.employees, strict=True)
    ]
    return pl.DataFrame(rows)


def comparison(rosters: Sequence[tuple[str, Roster]]) -> pl.DataFrame:
    """Rosters side by side: a line a measure, a column a roster."""
    table: dict[str, list[str]] = {
        "": [
            "Cost",
            "Wages",
            "Paid hours",
            "Hours nobody covers",
            "Requests refused",
            "Rules broken",
            "Most and least weekends a person",
            "Cells drawn otherwise than in the first",
        ]
    }
    for name, roster in rosters:
        unit = f" {roster.problem.currency}".rstrip()
        shares = roster.shares()
        weekends = [share.weekends for share in shares]
        table[name] = [
            f"{roster.checked.cost:,.2f}{unit}",
            f"{roster.checked.wages:,.2f}{unit}",
            f"{sum(share.minutes for share in shares) / 60:,.1f}",
            f"{roster.hours_missing:g}",
            str(sum(breach.rule == "Wishes" for breach in roster.checked.breaches)),
            str(len(roster.checked.violations)),
            f"{max(weekends, default=0)} and {min(weekends, default=0)}",
            str(len(differences(rosters[0][1], roster))),
        ]
    return pl.DataFrame(table)


def differences(one: Roster, other: Roster) -> pl.DataFrame:
    """The cells in which two rosters differ."""
    first = {(a.employee, a.day): a for a in one.assignments}
    second = {(a.employee, a.day): a for a in other.assignments}
    rows = [
        (who, day_name(day), _cell(first.get((who, day))), _cell(second.get((who, day))))
        for who, day in sorted(first.keys() | second.keys(), key=lambda cell: (cell[1], cell[0]))
        if first.get((who, day)) != second.get((who, day))
    ]
    kinds = {"Who": pl.String, "Day": pl.String, "First roster": pl.String, "Second roster": pl.String}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _cell(each: Assignment | None) -> str:
    return FREE if each is None else each.shift + (f" ({each.role})" if each.role else "")


BY_NATURE = ("FairShare", "Overtime")
"""Prices that are paid for what is there, not for what is missing."""


def unmet(roster: Roster) -> pl.DataFrame:
    """What a roster does not meet: first what must hold, then the dearest."""
    breaches = [breach for breach in roster.checked.breaches if breach.rule not in BY_NATURE and breach.penalty != 0]
    order = sorted(breaches, key=lambda breach: (breach.penalty is not None, -(breach.penalty or 0.0)))
    unit = roster.problem.currency or "points"
    rows = [(breach.sentence, _price(breach.penalty, unit)) for breach in order]
    return pl.DataFrame(rows, schema={"What": pl.String, "Price": pl.String}, orient="row")


def in_the_cost(roster: Roster) -> str:
    """What the cost holds beside wages, in words."""
    unit = roster.problem.currency or "points"
    named = {"FairShare": "fair shares", "Overtime": "overtime", "Wishes": "requests refused"}
    named |= {"CoverAtLeast": "people missing"}
    sums: dict[str, float] = {}
    for breach in roster.checked.breaches:
        name = named.get(breach.rule, "other rules")
        sums[name] = sums.get(name, 0.0) + (breach.penalty or 0.0)
    parts = [f"{name} {amount:,.2f}" for name, amount in sums.items() if amount > 0]
    return f"The cost is made of wages {roster.checked.wages:,.2f}{''.join(f', {part}' for part in parts)} {unit}."


def _price(penalty: float | None, unit: str) -> str:
    return "must not be" if penalty is None else f"{penalty:,.2f} {unit}"


def options(draft: Draft, roles: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The cells that somebody with these roles may be given, as (shift, role); a free day first."""
    worked = [(s.name, role) for role in roles for s in draft.shifts if not s.roles or role in s.roles]
    return (("", ""), *worked)


def _span(row: dict[str, Any], where: str) -> tuple[int, int]:
    try:
        start, end = minutes_of(_text(row["From"])), minutes_of(_text(row["To"]))
    except DataProblem as problem:
        raise DataProblem(problem.what, where=where, remedy=problem.remedy) from problem
    return start, end if end > start else end + DAY_MINUTES


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
