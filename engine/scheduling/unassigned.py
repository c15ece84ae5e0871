"""Why somebody is missing: what keeps each person who could have done it."""

from dataclasses import dataclass, replace

from engine.scheduling.check import Checked, check
from engine.scheduling.entities import Assignment, Need
from engine.scheduling.needs import covers
from engine.scheduling.roster import Coverage, Roster
from engine.scheduling.rules import Breach
from engine.scheduling.swaps import swaps

SILENT = ("FairShare", "Overtime", "CoverAtLeast")
"""Rules whose breaches are no news beside a price."""


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


def _goes_on(one: Coverage, other: Coverage) -> bool:
    same = (one.day, one.role, one.needed, one.planned) == (other.day, other.role, other.needed, other.planned)
    return same and one.end == other.start
