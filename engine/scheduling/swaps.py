"""What a change for one person costs: a day off, or a shift that somebody else takes over or exchanges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.proof import Status
from engine.scheduling.check import check
from engine.scheduling.entities import Assignment, Lock, day_name
from engine.scheduling.roster import Roster
from engine.scheduling.solve import solve


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
    for sentence, assignments in _changes(roster, shift):
        after = check(roster.problem, assignments)
        if len(after.violations) <= before:
            changes.append(Swap(sentence, tuple(sorted(assignments)), after.cost - cost))
    return tuple(sorted(changes, key=lambda swap: (round(swap.extra, 6), swap.sentence))[:most])


def _changes(roster: Roster, shift: Assignment) -> Iterator[tuple[str, Sequence[Assignment]]]:
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
