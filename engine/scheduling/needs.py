"""Needs, cut where shifts start and end, and who covers them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from engine.scheduling.entities import DAY_MINUTES, Assignment, Need, ShiftType
from engine.scheduling.problem import RosterProblem


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
