"""Why no roster can be made, and what would help."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.proof import Status
from engine.scheduling.constraints import Statement
from engine.scheduling.entities import Need, day_name
from engine.scheduling.formulate import formulate
from engine.scheduling.mip import fewest, statements_of
from engine.scheduling.problem import RosterProblem, check_problem
from engine.scheduling.roster import Roster
from engine.scheduling.rules import SchedulingRule
from engine.scheduling.solve import solve
from engine.solvers.infeasibility import ClashingLimit, Infeasibility


@dataclass(frozen=True)
class WayOut:
    """A small change that makes a roster possible, tried.

    Attributes:
        sentence: the change, as an offer.
        problem: the changed problem.
        roster: the cheapest roster found for it.
    """

    sentence: str
    problem: RosterProblem
    roster: Roster


def find_clash(problem: RosterProblem, *, seconds: float = 5.0) -> Infeasibility[Statement] | None:
    """The statements that make a roster impossible, as few as possible; None when a roster is possible.

    Raises:
        DataProblem: something in the problem makes no sense.
        TimeoutError: the time was too short to find out.
    """
    check_problem(problem)
    ends = time.monotonic() + seconds
    model = formulate(problem)
    statements = statements_of(model)
    suspects = statements.clash(statements.all, seconds=ends - time.monotonic())
    if suspects is None:
        raise TimeoutError(f"{seconds:g} seconds were too short to find out which rules clash")
    if not suspects:
        return None
    core, proved = fewest(statements, suspects, ends)
    limits = tuple(ClashingLimit(model.sentences[statement], statement) for statement in sorted(core, key=_order))
    return Infeasibility(_headline(problem, limits), limits, is_minimal=proved)


def offers(problem: RosterProblem, clash: Infeasibility[Statement], *, seconds: float = 10.0) -> tuple[WayOut, ...]:
    """Changes of one statement each that make a roster possible, the cheapest first."""
    possible = []
    share = seconds / max(1, len(clash.limits))
    for limit in clash.limits:
        for sentence, changed in _changes(problem, limit):
            roster = solve(changed, seconds=share)
            if roster.proof.status is not Status.INFEASIBLE and not roster.checked.violations:
                possible.append(WayOut(sentence, changed, roster))
    return tuple(sorted(possible, key=lambda offer: offer.roster.cost))


def _order(statement: Statement) -> tuple[int, int, str, str]:
    return (
        ("need", "rule", "lock", "day off", "available").index(statement.kind),
        statement.index,
        str(statement.day),
        statement.employee,
    )


def _headline(problem: RosterProblem, limits: Sequence[ClashingLimit[Statement]]) -> str:
    """The clash in one sentence: who is missing where people are needed, else the statements themselves."""
    needs = [limit.key for limit in limits if limit.key.kind == "need"]
    absent = {limit.key.employee for limit in limits if _keeps_away(problem, limit.key)}
    need = problem.needs[needs[0].index] if needs else None
    if need is not None and need.least and len(needs) == 1 and absent and len(absent) + 1 == len(limits):
        able = [e.name for e in problem.employees if not need.role or need.role in e.roles]
        role = f" as {need.role}" if need.role else ""
        away = f"{len(absent)} of the {len(able)} who can do it {'is' if len(absent) == 1 else 'are'} not there"
        people = "1 person" if need.least == 1 else f"{need.least} people"
        return f"{need.when} needs {people}{role}; {away}."
    return "These cannot all hold: " + " ".join(limit.words for limit in limits)


def _keeps_away(problem: RosterProblem, statement: Statement) -> bool:
    """True for a statement that somebody is not there: a day off, their hours, a cell that is locked free."""
    if statement.kind == "lock":
        return not problem.locks[statement.index].shift
    return statement.kind in ("day off", "available")


def _changes(problem: RosterProblem, limit: ClashingLimit[Statement]) -> Iterator[tuple[str, RosterProblem]]:
    """Offers that take one statement back."""
    statement = limit.key
    if statement.kind == "need":
        yield from _smaller_needs(problem, statement)
    elif statement.kind == "rule":
        yield f"Make an exception: {limit.words}", _without_rule(problem, statement)
    elif statement.kind == "lock":
        left = tuple(lock for place, lock in enumerate(problem.locks) if place != statement.index)
        yield f"Unlock the cell: {limit.words}", replace(problem, locks=left)
    else:
        assert statement.day is not None
        who = problem.employee_named[statement.employee]
        if statement.kind == "day off":
            changed = replace(who, days_off=who.days_off - {statement.day})
        else:
            changed = replace(who, exceptions=who.exceptions | {statement.day})
        yield f"Ask {statement.employee} to come on {day_name(statement.day)}.", problem.changed(changed)


def _smaller_needs(problem: RosterProblem, statement: Statement) -> Iterator[tuple[str, RosterProblem]]:
    """Ask for fewer people; the first number that is possible is the offer."""
    need = problem.needs[statement.index]
    for least in range(need.least - 1, -1, -1):
        changed = _with_need(problem, statement.index, replace(need, least=least))
        statements = statements_of(formulate(changed))
        if statements.clash(statements.all, seconds=5.0) == ():
            role = f" as {need.role}" if need.role else ""
            yield f"Make do with {least} instead of {need.least} people{role} on {need.when}.", changed
            return
    if need.most is not None and need.over is None:
        changed = _with_need(problem, statement.index, replace(need, most=None))
        yield f"Allow more than {need.most} people on {need.when}.", changed


def _with_need(problem: RosterProblem, index: int, need: Need) -> RosterProblem:
    return replace(problem, needs=(*problem.needs[:index], need, *problem.needs[index + 1 :]))


def _without_rule(problem: RosterProblem, statement: Statement) -> RosterProblem:
    """The rule no longer binds this person (or nobody, for a rule about all)."""
    rule = problem.rules[statement.index]
    bound = tuple(e.name for e in problem.employees if rule.binds(e) and e.name != statement.employee)
    rest: tuple[SchedulingRule, ...] = (replace(rule, people=bound),) if bound and statement.employee else ()
    return replace(problem, rules=(*problem.rules[: statement.index], *rest, *problem.rules[statement.index + 1 :]))
