"""Reads the nurse rosters of the first international competition (INRC-I, 2010) into a roster problem.

Runs and weekends at the edges of the month count as they stand, as the competition's evaluator counts them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from engine.scheduling.problem import WEEKDAYS, Employee, Need, Problem, ShiftType, Wish
from engine.scheduling.rules import (
    FreeRun,
    Pattern,
    Rule,
    SameShiftAtWeekend,
    ShiftCount,
    Step,
    WeekendRun,
    WholeWeekends,
    WorkRun,
)

HOURS = 480
"""The competition counts shifts, not hours; every shift gets the same length."""


@dataclass(frozen=True)
class Contract:
    """One contract: who has it and its line of terms."""

    people: tuple[str, ...]
    terms: list[str]

    def limit(self, place: int) -> tuple[float, int] | None:
        """(weight, value) of the term at a place, when it is switched on and has a price."""
        on, weight, *value = self.terms[place].strip("()").split("|")
        if on != "1" or float(weight) == 0:
            return None
        return float(weight), int(value[0]) if value else 0


def read(path: Path) -> Problem:
    """The instance as a problem; every rule has a price, and the number of people per shift is exact."""
    parts = _sections(path.read_text())
    first, last = (date.fromisoformat(text) for text in parts["SCHEDULING_PERIOD"][0][1:3])
    days = (last - first).days + 1
    shifts = tuple(_shift(row) for row in parts["SHIFT_TYPES"])
    wishes = _wishes(parts)
    employees = tuple(Employee(row[0], wishes=tuple(wishes.get(row[0], ()))) for row in parts["EMPLOYEES"])
    patterns = [_pattern(row[0]) for row in _lines(parts, "PATTERNS")]
    rules = tuple(
        rule
        for row in parts["CONTRACTS"]
        for rule in _rules(Contract(tuple(e[0] for e in parts["EMPLOYEES"] if e[2] == row[0]), row), patterns, shifts)
    )
    needs = tuple(_needs(parts, first, days))
    return Problem(first, days, shifts, employees, needs, rules)


def _shift(row: list[str]) -> ShiftType:
    hour, minute, _ = (int(part) for part in row[2].split(":"))
    start = hour * 60 + minute
    return ShiftType(row[0], start, start + HOURS)


def _needs(parts: dict[str, list[list[str]]], first: date, days: int) -> Iterator[Need]:
    for day in (first + timedelta(days=k) for k in range(days)):
        for name, shift, people in parts["DAY_OF_WEEK_COVER"]:
            if name == WEEKDAYS[day.weekday()]:
                yield Need(day, "", 0, 0, int(people), int(people), None, None, shift=shift)


def _wishes(parts: dict[str, list[list[str]]]) -> dict[str, list[Wish]]:
    found: dict[str, list[Wish]] = {}
    for section, wanted in (("DAY_OFF_REQUESTS", False), ("DAY_ON_REQUESTS", True)):
        for who, day, weight in parts.get(section, []):
            found.setdefault(who, []).append(Wish(date.fromisoformat(day), "", wanted, float(weight)))
    for section, wanted in (("SHIFT_OFF_REQUESTS", False), ("SHIFT_ON_REQUESTS", True)):
        for who, day, shift, weight in parts.get(section, []):
            found.setdefault(who, []).append(Wish(date.fromisoformat(day), shift, wanted, float(weight)))
    return found


def _rules(contract: Contract, patterns: list[Pattern], shifts: tuple[ShiftType, ...]) -> Iterator[Rule]:
    if not contract.people:
        return
    who = contract.people
    if found := contract.limit(3):
        yield ShiftCount(found[0], who, most=found[1])
    if found := contract.limit(4):
        yield ShiftCount(found[0], who, least=found[1])
    for kind, most, least in ((WorkRun, 5, 6), (FreeRun, 7, 8)):
        if found := contract.limit(most):
            yield kind(found[0], who, most=found[1], edges_count=True)
        if found := contract.limit(least):
            yield kind(found[0], who, least=found[1], edges_count=True)
    if found := contract.limit(9):
        yield WeekendRun(found[0], who, most=found[1])
    if found := contract.limit(10):
        yield WeekendRun(found[0], who, least=found[1])
    yield from _weekends(contract, shifts)
    for number in contract.terms[-1].split() if contract.terms[-2] != "0" else []:
        pattern = patterns[int(number)]
        yield Pattern(pattern.weight, who, pattern.steps, pattern.weekday)


def _weekends(contract: Contract, shifts: tuple[ShiftType, ...]) -> Iterator[Rule]:
    who = contract.people
    if found := contract.limit(13):
        yield WholeWeekends(found[0], who)
    if found := contract.limit(14):
        yield SameShiftAtWeekend(found[0] * DIFFERENT_TWICE, who)
    if found := contract.limit(15):
        nights = tuple(shift.name for shift in shifts if shift.end > 24 * 60)
        yield Pattern(found[0], who, (nights, "off", "off"), 4)


DIFFERENT_TWICE = 2
"""A weekend with two different shifts counts for each of its days."""


def _pattern(row: str) -> Pattern:
    _, weight, rest = (text.strip() for text in row.split(",", 2))
    found = re.findall(r"\((\w+)\|(\w+)\)", rest)
    weekday = None if found[0][1] == "Any" else WEEKDAYS.index(found[0][1])
    return Pattern(float(weight), steps=tuple(_step(name) for name, _ in found), weekday=weekday)


def _step(name: str) -> Step:
    return {"Any": "work", "None": "off"}.get(name) or (name,)  # type: ignore[return-value]


def _lines(parts: dict[str, list[list[str]]], section: str) -> list[list[str]]:
    return [[",".join(row)] for row in parts.get(section, [])]


def _sections(text: str) -> dict[str, list[list[str]]]:
    parts: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in (line.strip().rstrip(";") for line in text.splitlines()):
        if re.fullmatch(r"[A-Z_]+( = \d+| \d+)?", line):
            rows = parts.setdefault(re.split(r"[ =]", line)[0], [])
        elif line and not line.startswith("//"):
            rows.append([field.strip() for field in line.split(",")])
    return parts
