"""Why a roster is as it is, and what would help: rules that clash, exchanges, what keeps people from a shift."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.proof import ClashingLimit, Infeasibility, Status
from engine.scheduling.constraints import Statement
from engine.scheduling.entities import Assignment, Lock, Need, day_name
from engine.scheduling.formulate import formulate
from engine.scheduling.mip import fewest, statements_of
from engine.scheduling.problem import RosterProblem, check_problem, covers
from engine.scheduling.roster import Checked, Coverage, Roster, check
from engine.scheduling.rules import Breach, SchedulingRule
from engine.scheduling.solve import solve

SILENT = ("FairShare", "Overtime", "CoverAtLeast")
"""Rules whose breaches are no news beside a price."""


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
        for sentence, changed in _ways_out(problem, limit):
            roster = solve(changed, seconds=share)
            if roster.proof.status is not Status.INFEASIBLE and not roster.checked.violations:
                possible.append(WayOut(sentence, changed, roster))
    return tuple(sorted(possible, key=lambda offer: offer.roster.cost))


@dataclass(frozen=True)
class Swap:
    """A change of hands.

    Attributes:
        sentence: the change in words.
        assignments: the whole roster after it.
        extra: what it costs more than the roster now; negative when it saves.
    """

    sentence: str
    assignments: tuple[Assignment, ...]
    extra: float


@dataclass(frozen=True)
class Favour:
    """What it costs to give somebody a day off.

    Attributes:
        sentence: the answer in words.
        roster: the roster with the day off; none of its cost is below its bound.
        extra: cost beyond the roster without the favour; infinite when it is impossible.
    """

    sentence: str
    roster: Roster
    extra: float


def day_off(roster: Roster, employee: str, day: date, *, seconds: float = 10.0) -> Favour:
    """What it would cost to give somebody a day off: the roster is made again without them on that day.

    Raises:
        KeyError: nobody has this name.
    """
    _ = roster.problem.employee_named[employee]
    problem = roster.problem.locked(Lock(day, employee, ""))
    again = solve(problem, seconds=seconds, previous=roster)
    if again.proof.status is Status.INFEASIBLE or again.checked.violations:
        sentence = f"{employee} cannot have {day_name(day)} off: no roster that keeps the rules was found."
        return Favour(sentence, again, float("inf"))
    extra = max(0.0, again.cost - roster.cost)
    unit = problem.currency or "points"
    price = "costs nothing" if extra < 0.005 else f"costs {extra:,.2f} {unit} more"
    return Favour(f"Giving {employee} {day_name(day)} off {price}.", again, extra)


def swaps(roster: Roster, employee: str, day: date, *, most: int = 10) -> tuple[Swap, ...]:
    """Ways to free somebody from a shift: a colleague takes it, or the two exchange; the cheapest first.

    Only changes that break no rule that the roster keeps now are offered.

    Raises:
        KeyError: they do not work on that day.
    """
    shift = roster.cell(employee, day)
    if shift is None:
        raise KeyError(f"{employee} does not work on {day}")
    before = len(roster.checked.violations)
    cost = roster.checked.cost
    changes = []
    for sentence, assignments in _handovers(roster, shift):
        after = check(roster.problem, assignments)
        if len(after.violations) <= before:
            changes.append(Swap(sentence, tuple(sorted(assignments)), after.cost - cost))
    return tuple(sorted(changes, key=lambda swap: (round(swap.extra, 6), swap.sentence))[:most])


@dataclass(frozen=True)
class Reason:
    """What keeps one person from a stretch that is short.

    Attributes:
        employee: who.
        sentence: the reason in words.
        extra: what it would cost to put them there all the same, wages included; infinite when a rule forbids it.
    """

    employee: str
    sentence: str
    extra: float


def why_missing(roster: Roster, short: Coverage) -> tuple[Reason, ...]:
    """For each person who has the role and is not there: what adding them, and nothing else, would break or cost.

    The cheapest comes first, then those whom a rule forbids.
    """
    problem = roster.problem
    need = Need(short.day, short.role, short.start, short.end, short.needed, shift=short.shift)
    reasons = []
    for employee in problem.employees:
        if short.role and short.role not in employee.roles:
            continue
        working = roster.cell(employee.name, short.day)
        if working is not None:
            shift = problem.shift_named[working.shift]
            if not covers(need, shift, working.role, days_before=0):
                as_role = f" as {working.role}" if working.role else ""
                text = f"{employee.name} works {working.shift} ({shift.times}){as_role} on that day."
                reasons.append(Reason(employee.name, text, float("inf")))
            continue
        role = short.role or employee.roles[0]
        tries = [
            Assignment(short.day, employee.name, shift.name, role)
            for shift in problem.shifts
            if (not shift.roles or role in shift.roles) and covers(need, shift, role, days_before=0)
        ]
        if tries:
            reasons.append(min((_reason(roster, each) for each in tries), key=lambda reason: reason.extra))
    return tuple(sorted(reasons, key=lambda reason: (reason.extra, reason.employee)))


def why_refused(roster: Roster, refused: Breach) -> str:
    """Why a request for a free day, or against a shift, was refused: what the cheapest exchange would cost.

    Args:
        roster: the roster.
        refused: a breach of somebody's wish, on a day on which they work.
    """
    price, unit = refused.penalty or 0.0, roster.problem.currency or "points"
    offers = swaps(roster, refused.employee, refused.days[0], most=1)
    if not offers:
        return "Nobody can take this shift over without breaking a rule."
    cheapest = offers[0]
    if cheapest.extra < -0.005:
        return f"{cheapest.sentence} That would save {-cheapest.extra:,.2f} {unit}."
    if cheapest.extra < 0.005:
        return f"{cheapest.sentence} That would cost just as much as to refuse it, {price:,.2f} {unit}."
    return (
        f"{cheapest.sentence} That is the cheapest way to grant it, and it would cost {cheapest.extra:,.2f} {unit} "
        f"more than the {price:,.2f} {unit} that refusing it weighs."
    )


def short_stretches(roster: Roster) -> tuple[Coverage, ...]:
    """The stretches with too few people; neighbours that are equally short are one stretch."""
    joined: list[Coverage] = []
    for each in sorted((c for c in roster.coverage() if c.planned < c.needed), key=lambda c: (c.day, c.role, c.start)):
        last = joined[-1] if joined else None
        if last and not each.shift and _goes_on(last, each):
            joined[-1] = replace(last, end=each.end)
        else:
            joined.append(each)
    return tuple(joined)


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


def _ways_out(problem: RosterProblem, limit: ClashingLimit[Statement]) -> Iterator[tuple[str, RosterProblem]]:
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


def _handovers(roster: Roster, shift: Assignment) -> Iterator[tuple[str, Sequence[Assignment]]]:
    when = day_name(shift.day)
    for other in roster.problem.employees:
        if other.name == shift.employee:
            continue
        theirs = roster.cell(other.name, shift.day)
        rest = [each for each in roster.assignments if each not in (shift, theirs)]
        one_way = replace(shift, employee=other.name)
        if theirs is None:
            yield f"{other.name} takes {shift.shift} on {when}.", [*rest, one_way]
            yield from _exchanges(roster, shift, other.name)
        elif (theirs.shift, theirs.role) != (shift.shift, shift.role):
            other_way = replace(theirs, employee=shift.employee)
            yield f"{other.name} and {shift.employee} exchange shifts on {when}.", [*rest, one_way, other_way]


def _exchanges(roster: Roster, shift: Assignment, other: str) -> Iterator[tuple[str, Sequence[Assignment]]]:
    """The colleague takes the shift and hands over one of another day."""
    for back in roster.of(other):
        if roster.cell(shift.employee, back.day) is None:
            rest = [each for each in roster.assignments if each not in (shift, back)]
            hands = [replace(shift, employee=other), replace(back, employee=shift.employee)]
            one = f"{other} takes {shift.shift} on {day_name(shift.day)}"
            yield f"{one}, {shift.employee} {back.shift} on {day_name(back.day)}.", [*rest, *hands]


def _reason(roster: Roster, added: Assignment) -> Reason:
    after = check(roster.problem, [*roster.assignments, added])
    before = {breach.sentence for breach in roster.checked.violations}
    new = [breach for breach in after.violations if breach.sentence not in before]
    if new:
        return Reason(added.employee, f"{new[0].sentence}.", float("inf"))
    extra = after.cost - roster.checked.cost
    unit = roster.problem.currency or "points"
    price = f"costs {extra:,.2f} {unit} more" if extra >= 0 else f"saves {-extra:,.2f} {unit}"
    text = f"{added.employee} could come for {added.shift}, which {price}{_because(roster, after)}."
    return Reason(added.employee, text, extra)


def _because(roster: Roster, after: Checked) -> str:
    """The soft rule that the change goes against most, as an aside."""
    before = {breach.sentence for breach in roster.checked.breaches}
    new = [
        b for b in after.breaches if b.sentence not in before and b.penalty and b.rule not in ("FairShare", "Overtime")
    ]
    worst = max(new, key=lambda breach: breach.penalty or 0.0, default=None)
    return "" if worst is None else f" ({worst.sentence})"


def _goes_on(one: Coverage, other: Coverage) -> bool:
    same = (one.day, one.role, one.needed, one.planned) == (other.day, other.role, other.needed, other.planned)
    return same and one.end == other.start
