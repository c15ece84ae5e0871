"""A finished roster: who works when, what it costs, and an independent check of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.errors import DataProblem
from engine.facts import Fact, Facts
from engine.proof import Proof, Recheck, Status
from engine.scheduling.entities import Assignment, Need
from engine.scheduling.problem import RosterProblem, pieces, present
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
    for piece, there in _stretches(problem, assignments):
        yield from _piece(piece, there)


def _stretches(problem: RosterProblem, assignments: Sequence[Assignment]) -> Iterator[tuple[Need, int]]:
    """Each piece of each need, and how many people are there for all of it."""
    on: dict[date, list[Assignment]] = {}
    for each in (*problem.history, *assignments):
        on.setdefault(each.day, []).append(each)
    for need in problem.needs:
        near = [*on.get(need.day - timedelta(days=1), []), *on.get(need.day, [])]
        for piece in pieces(problem, need):
            yield piece, present(problem, piece, near)


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


AGREES_WITHIN = 1e-4
"""The solver's cost and the checker's may differ by rounding, as a share."""


@dataclass(frozen=True)
class Coverage:
    """One stretch of a day: who is needed and who is there.

    Attributes:
        day: the day.
        start: minutes after midnight.
        end: minutes after midnight.
        role: the role, or "".
        shift: the shift when it is counted by shift, else "".
        needed: people.
        planned: people.
    """

    day: date
    start: int
    end: int
    role: str
    shift: str
    needed: int
    planned: int


@dataclass(frozen=True)
class Share:
    """What one person has of the work.

    Attributes:
        employee: who.
        minutes: paid minutes.
        shifts: how many.
        weekends: worked weekends.
        late: shifts that end at 19:00 or later.
        cost: pay at the plain rate, currency.
    """

    employee: str
    minutes: int
    shifts: int
    weekends: int
    late: int
    cost: float


LATE = 19 * 60
"""A shift that ends then or later keeps somebody from their evening, minutes after midnight."""


@dataclass(frozen=True)
class Roster:
    """The answer to a problem.

    Attributes:
        problem: the question.
        assignments: who works what; empty when there is no roster.
        checked: what the independent checker found.
        proof: how good the roster is.
        cautions: what should be said with it.
    """

    problem: RosterProblem
    assignments: tuple[Assignment, ...]
    checked: Checked
    proof: Proof
    cautions: tuple[str, ...] = field(default=())

    @property
    def cost(self) -> float:
        """Wages and penalties."""
        return self.proof.objective

    @property
    def bound(self) -> float:
        """No roster costs less."""
        return self.proof.bound

    @property
    def gap(self) -> float:
        """How much better another roster could be, as a share of the cost."""
        return self.proof.gap

    def of(self, employee: str) -> tuple[Assignment, ...]:
        """One person's shifts, by day."""
        return tuple(sorted(each for each in self.assignments if each.employee == employee))

    def cell(self, employee: str, day: date) -> Assignment | None:
        """What somebody works on a day."""
        return next((a for a in self.assignments if a.employee == employee and a.day == day), None)

    def coverage(self) -> tuple[Coverage, ...]:
        """Need against plan, stretch by stretch."""
        return tuple(
            Coverage(piece.day, piece.start, piece.end, piece.role, piece.shift, piece.least, there)
            for piece, there in _stretches(self.problem, self.assignments)
        )

    def shares(self) -> tuple[Share, ...]:
        """Hours, weekends, late shifts and pay of each person."""
        return tuple(self._share(employee.name, employee.rate) for employee in self.problem.employees)

    def _share(self, name: str, rate: float) -> Share:
        own = self.of(name)
        types = [self.problem.shift_named[each.shift] for each in own]
        minutes = sum(shift.paid for shift in types)
        weekends = {each.day.toordinal() - each.day.weekday() for each in own if each.day.weekday() >= 5}
        late = sum(shift.end >= LATE for shift in types)
        return Share(name, minutes, len(own), len(weekends), late, minutes / 60 * rate)

    @property
    def hours_missing(self) -> float:
        """Hours of work that are needed and not planned, each missing person counted."""
        return sum(self._missing(each) for each in self.coverage() if each.planned < each.needed)

    def _missing(self, short: Coverage) -> float:
        minutes = self.problem.shift_named[short.shift].paid if short.shift else short.end - short.start
        return (short.needed - short.planned) * minutes / 60

    def facts(self) -> Facts:
        """What may be said about this roster."""
        unit = self.problem.currency or "points"
        if not self.assignments and self.proof.status is Status.INFEASIBLE:
            none = Fact("roster_possible", "Can the rules all be kept?", "no", "", "proved by an exact search")
            return Facts((none,), self.cautions)
        refused = [breach for breach in self.checked.breaches if breach.rule == "Wishes"]
        wishes = Fact("wishes_refused", "Requests refused", len(refused), "", "the independent checker")
        requests = (wishes,) if any(employee.wishes for employee in self.problem.employees) else ()
        proof = "wages plus the price of what is not met, computed again from the roster alone"
        items = (
            Fact("roster_cost", "Cost of the roster", round(self.cost, 2), unit, proof),
            Fact("roster_wages", "Wages in it", round(self.checked.wages, 2), unit, "paid hours times rates"),
            *self._bound_facts(unit),
            Fact("rules_broken", "Rules broken", len(self.checked.violations), "", "the independent checker"),
            *requests,
            Fact("hours_missing", "Hours nobody covers", round(self.hours_missing, 2), "hours", "need against plan"),
            Fact(
                "hours_planned",
                "Paid hours",
                round(sum(s.minutes for s in self.shares()) / 60, 2),
                "hours",
                "all shifts",
            ),
        )
        return Facts(items, self.cautions)

    def _bound_facts(self, unit: str) -> tuple[Fact, ...]:
        """The bound and the gap; nothing where no bound is known, as for a roster that was drawn by hand."""
        if self.gap >= 1:
            return ()
        share = round(100 * self.gap, 3)
        return (
            Fact("roster_bound", "No roster can cost less than", round(self.bound, 2), unit, self.proof.solver),
            Fact("roster_gap", "Could be cheaper by", share, "%", "cost against the bound, at most"),
        )


def finished(
    problem: RosterProblem, assignments: Sequence[Assignment], bound: float, solver: str, seconds: float
) -> Roster:
    """A roster with its proof; the cost is the checker's, and the status follows from it."""
    checked = check(problem, assignments)
    cost = round(checked.cost, 6)
    bound = min(bound, cost) if not checked.violations else bound
    proved = not checked.violations and cost - bound <= 1e-4 * max(1.0, abs(cost))
    sentences = tuple(breach.sentence for breach in checked.violations)
    recheck = Recheck(sentences, cost, not sentences and bound <= cost + AGREES_WITHIN * max(1.0, abs(cost)))
    status = Status.OPTIMAL if proved else Status.FEASIBLE
    proof = Proof(status, cost, bound, problem.currency or "points", solver, seconds, recheck=recheck)
    broken = (f"No roster that keeps every rule was found in {seconds:.0f} s; this one breaks {len(sentences)}.",)
    return Roster(problem, tuple(sorted(assignments)), checked, proof, broken if sentences else ())


def impossible(problem: RosterProblem, solver: str, seconds: float) -> Roster:
    """The answer when the rules clash."""
    proof = Proof(Status.INFEASIBLE, float("inf"), float("inf"), problem.currency or "points", solver, seconds)
    return Roster(problem, (), Checked(0.0, ()), proof, ("No roster can keep all the rules: some of them clash.",))
