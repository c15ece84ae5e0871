"""A small cafe that the scheduling tests share. 2 November 2026 is a Monday."""

from collections.abc import Sequence
from datetime import date, timedelta

from engine.scheduling import Assignment, Employee, Need, RosterProblem, ShiftType
from engine.scheduling.rules import Breach, SchedulingRule, Work

MONDAY = date(2026, 11, 2)
EARLY = ShiftType("Early", 7 * 60, 15 * 60, 30)
LATE = ShiftType("Late", 14 * 60, 22 * 60, 30)
NIGHT = ShiftType("Night", 22 * 60, 30 * 60, 0)
SHORT = ShiftType("Short", 10 * 60, 14 * 60)
SHIFTS = (EARLY, LATE, NIGHT, SHORT)
LETTERS = {"E": "Early", "L": "Late", "N": "Night", "S": "Short"}


def day(number: int) -> date:
    """The day so many days after the first Monday."""
    return MONDAY + timedelta(days=number)


def cafe(
    *rules: SchedulingRule,
    staff: Sequence[Employee] = (),
    needs: Sequence[Need] = (),
    days: int = 7,
    history: Sequence[Assignment] = (),
) -> RosterProblem:
    """A cafe with one barista, or with the given staff."""
    people = tuple(staff) or (Employee("Barista 1", rate=20.0, overtime_rate=30.0),)
    return RosterProblem(
        MONDAY, days, SHIFTS, people, tuple(needs), tuple(rules), currency="EUR", history=tuple(history)
    )


def row(line: str, who: str = "Barista 1", *, first: int = 0) -> tuple[Assignment, ...]:
    """One person's roster from a line such as "EE-L": one letter a day, a dash for a free day."""
    return tuple(
        Assignment(day(first + place), who, LETTERS[letter]) for place, letter in enumerate(line) if letter != "-"
    )


def broken(rule: SchedulingRule, line: str, *, past: str = "", days: int | None = None) -> list[Breach]:
    """Where one barista's line goes against the rule; `past` ends on the Sunday before."""
    history = row(past, first=-len(past))
    problem = cafe(rule, days=days or len(line), history=history)
    return list(rule.breaches(Work(problem, problem.employees[0], [*row(line), *history])))
