"""Reads the shift scheduling instances of Curtois and Qu (2014) into a roster problem."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from engine.scheduling.entities import Employee, Need, ShiftType, Wish
from engine.scheduling.problem import RosterProblem
from engine.scheduling.rules import (
    FreeRun,
    SchedulingRule,
    ShiftCount,
    Succession,
    WeekendsWorked,
    WorkingTime,
    WorkRun,
)

MONDAY = date(2024, 1, 1)
"""All instances start on a Monday."""


def read(path: Path) -> RosterProblem:
    """The instance as a problem: only costs are penalties, and shifts have a length but no clock times."""
    parts = _sections(path.read_text())
    days = int(parts["HORIZON"][0][0])
    shifts = tuple(ShiftType(name, 0, int(length)) for name, length, *_ in parts["SHIFTS"])
    off = {who: frozenset(_day(text) for text in days if text) for who, *days in parts.get("DAYS_OFF", [])}
    wishes: dict[str, list[Wish]] = {}
    for section, wanted in (("SHIFT_ON_REQUESTS", True), ("SHIFT_OFF_REQUESTS", False)):
        for who, day, shift, weight in parts.get(section, []):
            if float(weight) > 0:
                wishes.setdefault(who, []).append(Wish(_day(day), shift, wanted, float(weight)))
    employees = tuple(
        Employee(row[0], days_off=off.get(row[0], frozenset()), wishes=tuple(wishes.get(row[0], ())))
        for row in parts["STAFF"]
    )
    needs = tuple(_need(row) for row in parts.get("COVER", []))
    rules = (*_successions(parts["SHIFTS"]), *_contracts(parts["STAFF"]))
    return RosterProblem(MONDAY, days, shifts, employees, needs, rules)


def _day(text: str) -> date:
    return MONDAY + timedelta(days=int(text))


def _need(row: list[str]) -> Need:
    day, shift, people, under, over = row
    return Need(_day(day), "", 0, 0, int(people), int(people), float(under), float(over), shift=shift)


def _successions(rows: list[list[str]]) -> Iterator[SchedulingRule]:
    for first, _, *then in rows:
        forbidden = tuple(name for name in "|".join(then).split("|") if name)
        if forbidden:
            yield Succession(first=(first,), then=forbidden)


def _contracts(rows: list[list[str]]) -> Iterator[SchedulingRule]:
    for who, limits, most, least, longest, shortest, off, weekends in rows:
        only = (who,)
        yield WorkingTime(people=only, period="plan", most=int(most), least=int(least))
        yield WorkRun(people=only, least=int(shortest), most=int(longest))
        yield FreeRun(people=only, least=int(off))
        yield WeekendsWorked(people=only, most=int(weekends))
        for limit in filter(None, limits.split("|")):
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
