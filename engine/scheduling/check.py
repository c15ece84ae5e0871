"""The independent checker: any roster against the rules, from the problem and the roster alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.errors import DataProblem
from engine.scheduling.entities import Assignment, Need
from engine.scheduling.needs import pieces, present
from engine.scheduling.problem import RosterProblem
from engine.scheduling.rules import ALWAYS, Breach, Work


@dataclass(frozen=True)
class Checked:
    """What the checker found.

    Attributes:
        wages: pay at the plain rate, currency.
        breaches: each place where a rule is broken or a wish refused.
    """

    wages: float
    breaches: tuple[Breach, ...]

    @property
    def violations(self) -> tuple[Breach, ...]:
        """Breaches of rules that must hold."""
        return tuple(breach for breach in self.breaches if breach.penalty is None)

    @property
    def penalties(self) -> float:
        """The price of all other breaches."""
        return sum(breach.penalty for breach in self.breaches if breach.penalty is not None)

    @property
    def cost(self) -> float:
        """Wages and penalties together."""
        return self.wages + self.penalties


def check(problem: RosterProblem, assignments: Sequence[Assignment]) -> Checked:
    """Check a roster, the solver's or one that was drawn by hand.

    Raises:
        DataProblem: an assignment names a person, a shift or a day that the problem does not have.
    """
    _check_names(problem, assignments)
    wages = sum(problem.shift_named[a.shift].paid / 60 * problem.employee_named[a.employee].rate for a in assignments)
    return Checked(wages, (*_personal(problem, assignments), *_coverage(problem, assignments), *_money(problem, wages)))


def _check_names(problem: RosterProblem, assignments: Sequence[Assignment]) -> None:
    for each in assignments:
        where = f"{each.employee}, {each.day}"
        if each.employee not in problem.employee_named:
            raise DataProblem(f"Nobody is called {each.employee}", where=where, remedy="Add them to the staff first.")
        if each.shift not in problem.shift_named:
            raise DataProblem(f"There is no shift {each.shift}", where=where, remedy="Add it to the shift types first.")
        if not problem.calendar[0] <= each.day <= problem.calendar[-1]:
            raise DataProblem("The day is outside the plan", where=where, remedy="Choose a day of the plan.")


def _personal(problem: RosterProblem, assignments: Sequence[Assignment]) -> Iterator[Breach]:
    own: dict[str, list[Assignment]] = {}
    for each in (*problem.history, *assignments):
        own.setdefault(each.employee, []).append(each)
    for employee in problem.employees:
        work = Work(problem, employee, own.get(employee.name, []))
        for rule in (*ALWAYS, *problem.rules):
            if rule.binds(employee):
                yield from rule.breaches(work)


def _coverage(problem: RosterProblem, assignments: Sequence[Assignment]) -> Iterator[Breach]:
    by_day: dict[int, list[Assignment]] = {}
    for each in (*problem.history, *assignments):
        by_day.setdefault(each.day.toordinal(), []).append(each)
    for need in problem.needs:
        near = [*by_day.get(need.day.toordinal() - 1, []), *by_day.get(need.day.toordinal(), [])]
        for piece in pieces(problem, need):
            yield from _piece(piece, present(problem, piece, near))


def _piece(piece: Need, there: int) -> Iterator[Breach]:
    role = f" as {piece.role}" if piece.role else ""
    if there < piece.least:
        missing = piece.least - there
        text = f"{piece.when} has {there} of {piece.least} people{role}"
        yield Breach(
            "CoverAtLeast", text, "", (piece.day,), missing, None if piece.under is None else piece.under * missing
        )
    if piece.most is not None and there > piece.most and piece.over != 0:
        extra = there - piece.most
        text = f"{piece.when} has {there} people{role}, {extra} too many"
        yield Breach("CoverAtMost", text, "", (piece.day,), extra, None if piece.over is None else piece.over * extra)


def _money(problem: RosterProblem, wages: float) -> Iterator[Breach]:
    for rule in problem.rules:
        yield from rule.breaches_by_all(wages)
