"""The question: people, shifts, needs and rules, and what makes no sense in them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import pairwise

from engine.errors import DataProblem
from engine.scheduling.entities import DAY_MINUTES, Assignment, Employee, Lock, Need, ShiftType, day_name
from engine.scheduling.rules.base import Horizon, SchedulingRule


@dataclass(frozen=True)
class RosterProblem(Horizon):
    """All that a roster is made from.

    Attributes:
        employees: the people, by unique names.
        needs: how many are needed when.
        rules: what must hold, and what should at a price.
        currency: ISO code, or "" when costs are points.
    """

    employees: tuple[Employee, ...]
    needs: tuple[Need, ...]
    rules: tuple[SchedulingRule, ...] = ()
    currency: str = ""

    @cached_property
    def employee_named(self) -> dict[str, Employee]:
        """The people by name."""
        return {employee.name: employee for employee in self.employees}

    def locked(self, *locks: Lock) -> "RosterProblem":
        """The same problem with these cells decided; a later lock of the same cell counts."""
        cells = {(lock.day, lock.employee): lock for lock in (*self.locks, *locks)}
        return replace(self, locks=tuple(cells.values()))

    def changed(self, employee: Employee) -> "RosterProblem":
        """The same problem with one person's entry replaced, by name."""
        return replace(self, employees=tuple(employee if e.name == employee.name else e for e in self.employees))


def pieces(problem: RosterProblem, need: Need) -> Iterator[Need]:
    """The need, cut at every time at which some shift starts or ends, so that a shift covers a piece or does not.

    The price of a missing person is shared out by the length of the pieces.
    """
    if need.shift:
        yield need
        return
    times = {edge + turn for s in problem.shifts for edge in (s.start, s.end) for turn in (0, -DAY_MINUTES)}
    edges = [need.start, *sorted(t for t in times if need.start < t < need.end), need.end]
    for start, end in pairwise(edges):
        share = (end - start) / (need.end - need.start)
        under = None if need.under is None else need.under * share
        yield replace(need, start=start, end=end, under=under, over=None if need.over is None else need.over * share)


def covers(need: Need, shift: ShiftType, role: str, *, days_before: int) -> bool:
    """True when the shift, started so many days before the need's day, is there for all of it."""
    if need.role and role != need.role:
        return False
    if need.shift:
        return days_before == 0 and shift.name == need.shift
    turn = days_before * DAY_MINUTES
    return shift.start - turn <= need.start and need.end <= shift.end - turn


def present(problem: RosterProblem, need: Need, assignments: Iterable[Assignment]) -> int:
    """How many people are there for all of the need."""
    count = 0
    for each in assignments:
        days_before = (need.day - each.day) // timedelta(days=1)
        if days_before not in (0, 1) or problem.employee_named[each.employee].seniority < need.seniority:
            continue
        count += covers(need, problem.shift_named[each.shift], each.role, days_before=days_before)
    return count


MOST_DAYS = 400


def check_problem(problem: RosterProblem) -> None:
    """Return quietly when a roster can be looked for.

    Raises:
        DataProblem: the first thing that is wrong, where it is, and what to do about it.
    """
    _not_empty(problem)
    _unique("employee", (employee.name for employee in problem.employees))
    _unique("shift", (shift.name for shift in problem.shifts))
    for shift in problem.shifts:
        _shift(shift)
    for employee in problem.employees:
        _employee(problem, employee)
    for rule in problem.rules:
        _rule(problem, rule)
    for need in problem.needs:
        _need(problem, need)
    _overlaps(problem)
    _references(problem)


def _not_empty(problem: RosterProblem) -> None:
    if not problem.employees:
        raise DataProblem("There is nobody to put on the roster", remedy="Add the staff first.")
    if not problem.shifts:
        raise DataProblem("There is no shift to work", remedy="Add at least one shift type.")
    if not 1 <= problem.days <= MOST_DAYS:
        raise DataProblem(f"A plan of {problem.days} days cannot be made", remedy=f"Choose 1 to {MOST_DAYS} days.")


def _unique(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataProblem(f"The {what} {twice[0]} is listed twice", remedy="Give each a name of its own.")


def _shift(shift: ShiftType) -> None:
    where = f"shift {shift.name}"
    if not 0 <= shift.start < DAY_MINUTES or not shift.start < shift.end <= shift.start + DAY_MINUTES:
        raise DataProblem("A shift must end after it starts, within 24 hours", where=where, remedy="Correct its times.")
    if not 0 <= shift.unpaid_break < shift.end - shift.start:
        raise DataProblem("The break does not fit into the shift", where=where, remedy="Correct the break.")


def _employee(problem: RosterProblem, employee: Employee) -> None:
    where = employee.name
    rates = (employee.rate, employee.rate if employee.overtime_rate is None else employee.overtime_rate)
    if not all(0 <= rate < float("inf") for rate in rates):
        raise DataProblem("The rate is not a positive amount", where=where, remedy="Correct the rate.")
    if not 0 <= employee.least_minutes <= employee.most_minutes:
        text = "The contract asks for more hours than it allows"
        raise DataProblem(text, where=where, remedy="Correct the least and the most hours.")
    if not employee.roles:
        raise DataProblem("This person has no role", where=where, remedy="Say what they can do.")
    if employee.availability is not None and not employee.availability:
        raise DataProblem("This person is never available", where=where, remedy="Fill in when they can work.")
    if any(not wish.weight > 0 for wish in employee.wishes):
        raise DataProblem("A wish has no positive weight", where=where, remedy="Say how much it matters.")
    unknown = [wish.shift for wish in employee.wishes if wish.shift and wish.shift not in problem.shift_named]
    if unknown:
        raise DataProblem(
            f"A wish names the shift {unknown[0]}, which does not exist", where=where, remedy="Correct the wish."
        )


def _rule(problem: RosterProblem, rule: SchedulingRule) -> None:
    rule.check()
    unknown = [name for name in rule.people if name not in problem.employee_named]
    if unknown:
        text = f"A rule is about {unknown[0]}, who is not on the staff"
        raise DataProblem(text, where=f"rule: {rule.sentence}", remedy="Correct the name.")


def _need(problem: RosterProblem, need: Need) -> None:
    where = need.when
    if not problem.calendar[0] <= need.day <= problem.calendar[-1]:
        raise DataProblem("People are needed on a day outside the plan", where=where, remedy="Correct the day.")
    if need.shift and need.shift not in problem.shift_named:
        raise DataProblem(
            f"People are needed on the shift {need.shift}, which does not exist", where=where, remedy="Add it."
        )
    if not need.shift and not 0 <= need.start < need.end <= 2 * DAY_MINUTES:
        raise DataProblem("The time in which people are needed is empty", where=where, remedy="Correct its times.")
    if need.least < 0 or (need.most is not None and need.most < need.least):
        raise DataProblem("The number of people needed is not possible", where=where, remedy="Correct the numbers.")
    if any(price is not None and not 0 <= price < float("inf") for price in (need.under, need.over)):
        raise DataProblem("The price of a missing person is not a positive amount", where=where, remedy="Correct it.")
    if need.least:
        _can_be_met(problem, need)


def _can_be_met(problem: RosterProblem, need: Need) -> None:
    if need.role and not any(need.role in employee.roles for employee in problem.employees):
        raise DataProblem(
            f"Nobody can work as {need.role}", where=need.when, remedy="Teach or hire somebody, or drop the need."
        )
    able = [employee for employee in problem.employees if not need.role or need.role in employee.roles]
    if not any(employee.seniority >= need.seniority for employee in able):
        what = f"Nobody{f' who works as {need.role}' if need.role else ''} has a seniority of {need.seniority}"
        raise DataProblem(what, where=need.when, remedy="Ask for less experience, or hire somebody.")
    if need.under is not None:
        return
    for piece in pieces(problem, need):
        fitting = [s for s in problem.shifts for before in (0, 1) if _fits(piece, s, before)]
        if not fitting:
            text = f"No shift covers {day_name(need.day)} {piece.when.rsplit(' ', 1)[-1]}"
            raise DataProblem(text, where=need.when, remedy="Add a shift for that time, or change the need.")


def _fits(piece: Need, shift: ShiftType, before: int) -> bool:
    roles = shift.roles or (piece.role,)
    return any(covers(piece, shift, role, days_before=before) for role in roles)


def _overlaps(problem: RosterProblem) -> None:
    """Two needs for the same people at the same time would be counted twice."""
    timed = sorted((n for n in problem.needs if not n.shift), key=lambda n: (n.day, n.role, n.seniority, n.start))
    for one, other in pairwise(timed):
        same = (one.day, one.role, one.seniority) == (other.day, other.role, other.seniority)
        if same and other.start < one.end:
            text = f"Two needs overlap: {one.when} and {other.when}"
            raise DataProblem(text, where=one.role or "any role", remedy="Let one end where the next begins.")


def _references(problem: RosterProblem) -> None:
    entries: list[Assignment | Lock] = [*problem.history, *problem.locks]
    for each in entries:
        where = f"{each.employee}, {day_name(each.day)}"
        if each.employee not in problem.employee_named:
            raise DataProblem(f"{each.employee} is not on the staff", where=where, remedy="Add them or drop the entry.")
        if each.shift and each.shift not in problem.shift_named:
            raise DataProblem(
                f"There is no shift {each.shift}", where=where, remedy="Add the shift type or drop the entry."
            )
    late = [each for each in problem.history if each.day >= problem.first_day]
    if late:
        raise DataProblem(
            "The last roster reaches into the plan", where=day_name(late[0].day), remedy="Start the plan later."
        )
