"""Reads the nurse rosters of the first international competition (INRC-I, 2010) into a roster problem.

Runs and weekends at the edges of the month count as they stand, as the competition's evaluator counts them. Three terms
of the contracts are in the files but not in the competition's model, so they cost nothing: no night before a free
weekend, two days off after nights, and most weekends in four weeks. Source: Haspeslagh, De Causmaecker, Schaerf and
Stølevik, The first international nurse rostering competition 2010, Annals of Operations Research 218 (2014).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from engine.scheduling.entities import DAY_MINUTES, WEEKDAYS, Employee, Need, ShiftType, Wish
from engine.scheduling.problem import RosterProblem
from engine.scheduling.rules import (
    FreeRun,
    Pattern,
    SameShiftAtWeekend,
    SchedulingRule,
    ShiftCount,
    Step,
    WeekendRun,
    WholeWeekends,
    WorkRun,
)

Sections = dict[str, list[list[str]]]
MOST, LEAST, LONGEST, SHORTEST, MOST_FREE, LEAST_FREE, MOST_WEEKENDS, LEAST_WEEKENDS = 3, 4, 5, 6, 7, 8, 9, 10
WEEKEND, WHOLE, SAME_SHIFT, OTHER_SKILL, UNWANTED = 12, 13, 14, 17, 18
"""Where each term stands in the line of a contract."""


@dataclass(frozen=True)
class Contract:
    """One contract.

    Attributes:
        people: who has it.
        terms: its line of the file.
    """

    people: tuple[str, ...]
    terms: Sequence[str]

    def limit(self, place: int) -> tuple[float, int] | None:
        """(weight, value) of the term at a place, when it is switched on and has a price."""
        on, weight, *value = self.terms[place].strip("()").split("|")
        if on not in ("1", "true") or float(weight) == 0:
            return None
        return float(weight), int(value[0]) if value else 0

    @property
    def weekend(self) -> tuple[int, ...]:
        """The weekdays of its weekends: "FridaySaturdaySunday" is (4, 5, 6)."""
        return tuple(WEEKDAYS.index(name) for name in re.findall(r"[A-Z][a-z]+day", self.terms[WEEKEND]))

    @property
    def unwanted(self) -> list[str]:
        """The patterns that it does not want, by name."""
        return " ".join(self.terms[UNWANTED + 1 :]).split()[: int(self.terms[UNWANTED])]


def read(path: Path) -> RosterProblem:
    """The instance as a problem; every rule has a price, and the number of people per shift is exact."""
    parts = _sections(path.read_text())
    first, last = (date.fromisoformat(text) for text in parts["SCHEDULING_PERIOD"][0][1:3])
    days = (last - first).days + 1
    wishes = _wishes(parts)
    employees = tuple(Employee(row[0], wishes=tuple(wishes.get(row[0], ()))) for row in parts["EMPLOYEES"])
    needs = tuple(_needs(parts, first, days))
    shifts = tuple(_shift(row) for row in parts["SHIFT_TYPES"])
    return RosterProblem(first, days, shifts, employees, needs, tuple(_all_rules(parts)))


def _shift(row: list[str]) -> ShiftType:
    start, end = (60 * int(text.split(":")[0]) + int(text.split(":")[1]) for text in row[2:4])
    return ShiftType(row[0], start, end if end > start else end + DAY_MINUTES)


def _needs(parts: Sections, first: date, days: int) -> Iterator[Need]:
    """What each weekday needs, but for dates with numbers of their own."""
    weekly = {(name, shift): int(people) for name, shift, people in parts.get("DAY_OF_WEEK_COVER", [])}
    special = {(when, shift): int(people) for when, shift, people in parts.get("DATE_SPECIFIC_COVER", [])}
    for day in (first + timedelta(days=k) for k in range(days)):
        for shift in (row[0] for row in parts["SHIFT_TYPES"]):
            people = special.get((day.isoformat(), shift), weekly.get((WEEKDAYS[day.weekday()], shift)))
            if people is not None:
                yield Need(day, "", 0, 0, people, people, None, None, shift=shift)


def _wishes(parts: Sections) -> dict[str, list[Wish]]:
    found: dict[str, list[Wish]] = {}
    for kind in ("DAY", "SHIFT"):
        for ask, wanted in (("OFF", False), ("ON", True)):
            for who, day, *shift, weight in parts.get(f"{kind}_{ask}_REQUESTS", []):
                if float(weight) > 0:
                    wish = Wish(date.fromisoformat(day), "".join(shift), wanted, float(weight))
                    found.setdefault(who, []).append(wish)
    return found


def _all_rules(parts: Sections) -> Iterator[SchedulingRule]:
    patterns = {row[0]: _pattern(row) for row in parts.get("PATTERNS", [])}
    for row in parts["CONTRACTS"]:
        contract = Contract(tuple(each[0] for each in parts["EMPLOYEES"] if each[2] == row[0]), row)
        if contract.people:
            yield from _runs(contract)
            yield from _weekends(contract)
            yield from _skills(contract, parts)
            for name in contract.unwanted:
                pattern = patterns[name]
                yield Pattern(pattern.weight, contract.people, pattern.steps, pattern.weekday)


def _runs(contract: Contract) -> Iterator[SchedulingRule]:
    who = contract.people
    if found := contract.limit(MOST):
        yield ShiftCount(found[0], who, most=found[1])
    if found := contract.limit(LEAST):
        yield ShiftCount(found[0], who, least=found[1])
    for kind, most, least in ((WorkRun, LONGEST, SHORTEST), (FreeRun, MOST_FREE, LEAST_FREE)):
        if found := contract.limit(most):
            yield kind(found[0], who, most=found[1], edges_count=True)
        if found := contract.limit(least):
            yield kind(found[0], who, least=found[1], edges_count=True)


def _weekends(contract: Contract) -> Iterator[SchedulingRule]:
    who, weekend = contract.people, contract.weekend
    if found := contract.limit(MOST_WEEKENDS):
        yield WeekendRun(found[0], who, weekend, most=found[1])
    if found := contract.limit(LEAST_WEEKENDS):
        yield WeekendRun(found[0], who, weekend, least=found[1])
    if found := contract.limit(WHOLE):
        yield WholeWeekends(found[0], who, weekend)
    if found := contract.limit(SAME_SHIFT):
        # The evaluator counts, for each of the weekend's shifts, the days that have another one.
        yield SameShiftAtWeekend(found[0] * len(weekend), who, weekend)


def _skills(contract: Contract, parts: Sections) -> Iterator[SchedulingRule]:
    """Each skill that a shift asks for and somebody lacks has a price."""
    found = contract.limit(OTHER_SKILL)
    if found is None:
        return
    has = {row[0]: " ".join(row[4:]).split() for row in parts["EMPLOYEES"]}
    asks = {row[0]: " ".join(row[5:]).split() for row in parts["SHIFT_TYPES"]}
    for skill in dict.fromkeys(skill for skills in asks.values() for skill in skills):
        lacking = tuple(who for who in contract.people if skill not in has[who])
        if lacking:
            shifts = tuple(shift for shift, skills in asks.items() if skill in skills)
            yield ShiftCount(found[0], lacking, shifts=shifts, most=0)


def _pattern(row: list[str]) -> Pattern:
    steps = re.findall(r"\(\s*([^|()]+?)\s*\|\s*(\w+)\s*\)", " ".join(row[2:]))
    weekday = None if steps[0][1] == "Any" else WEEKDAYS.index(steps[0][1])
    return Pattern(float(row[1]), steps=tuple(_step(name) for name, _ in steps), weekday=weekday)


def _step(name: str) -> Step:
    if name == "Any":
        return "work"
    return "off" if name == "None" else (name,)


def _sections(text: str) -> Sections:
    parts: Sections = {}
    rows: list[list[str]] = []
    for line in (line.strip().rstrip(";").rstrip() for line in text.splitlines()):
        if re.fullmatch(r"[A-Z]+(_[A-Z]+)*(\s*=?\s*\d+)?", line):
            rows = parts.setdefault(re.split(r"[ =]", line)[0], [])
        elif line and not line.startswith("//"):
            rows.append([field.strip() for field in line.split(",")])
    return parts
