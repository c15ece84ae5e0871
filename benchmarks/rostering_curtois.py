"""Reads the shift scheduling instances of Curtois and Qu (2014) into a roster problem."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from engine.scheduling.problem import Employee, Need, Problem, ShiftType, Wish
from engine.scheduling.rules import FreeRun, Rule, ShiftCount, Succession, WeekendsWorked, WorkingTime, WorkRun

MONDAY = date(2024, 1, 1)
"""All instances start on a Monday."""


def read(path: Path) -> Problem:
    """The instance as a problem: only costs are penalties, and shifts have a length but no clock times."""
    parts = _sections(path.read_text())
    days = int(parts["HORIZON"][0][0])
    shifts = tuple(ShiftType(name, 0, int(length)) for name, length, _ in parts["SHIFTS"])
    off = {row[0]: frozenset(MONDAY + timedelta(days=int(d)) for d in row[1:]) for row in parts["DAYS_OFF"]}
    wishes: dict[str, list[Wish]] = {}
    for section, wanted in (("SHIFT_ON_REQUESTS", True), ("SHIFT_OFF_REQUESTS", False)):
        for who, day, shift, weight in parts[section]:
            wish = Wish(MONDAY + timedelta(days=int(day)), shift, wanted, float(weight))
            wishes.setdefault(who, []).append(wish)
    employees = tuple(
        Employee(row[0], days_off=off.get(row[0], frozenset()), wishes=tuple(wishes.get(row[0], ())))
        for row in parts["STAFF"]
    )
    needs = tuple(_need(row) for row in parts["COVER"])
    return Problem(
        MONDAY, days, shifts, employees, needs, (*_successions(parts["SHIFTS"]), *_contracts(parts["STAFF"]))
    )


def _need(row: list[str]) -> Need:
    day, shift, people, under, over = row
    when = MONDAY + timedelta(days=int(day))
    return Need(when, "", 0, 0, int(people), int(people), float(under), float(over), shift=shift)


def _successions(rows: list[list[str]]) -> Iterator[Rule]:
    for first, _, then in rows:
        if then:
            yield Succession(first=(first,), then=tuple(then.split("|")))


def _contracts(rows: list[list[str]]) -> Iterator[Rule]:
    for who, limits, most, least, longest, shortest, off, weekends in rows:
        only = (who,)
        yield WorkingTime(people=only, period="plan", most=int(most), least=int(least))
        yield WorkRun(people=only, least=int(shortest), most=int(longest))
        yield FreeRun(people=only, least=int(off))
        yield WeekendsWorked(people=only, most=int(weekends))
        for limit in limits.split("|"):
            shift, count = limit.split("=")
            yield ShiftCount(people=only, shifts=(shift,), most=int(count))


def _sections(text: str) -> dict[str, list[list[str]]]:
    parts: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("SECTION_"):
            rows = parts.setdefault(line.strip().removeprefix("SECTION_"), [])
        elif line.strip() and not line.startswith("#"):
            rows.append([field.strip() for field in line.split(",")])
    return parts
