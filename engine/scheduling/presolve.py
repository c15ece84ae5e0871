"""A model made smaller before it is searched: limits that are implied, and a long plan cut into weeks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from engine.arrays import Bools
from engine.scheduling.constraints import (
    Constraint,
    CoverageConstraint,
    ForbiddenSequence,
    PersonConstraints,
    RangeConstraint,
    RosterModel,
    RunLengthConstraint,
    WeekendConstraint,
)


def joined_pairs(forms: Sequence[Constraint]) -> dict[frozenset[int], Bools]:
    """All forbidden pairs that must hold, joined: per set of first days, what may not follow what, (K + 1, K + 1)."""
    joined: dict[frozenset[int], Bools] = {}
    for form in forms:
        if isinstance(form, ForbiddenSequence) and form.is_hard_pair:
            pairs = np.outer(form.steps[0], form.steps[1])
            joined[form.starts] = joined.get(form.starts, np.zeros_like(pairs)) | pairs
    return joined


def presolve(forms: Sequence[Constraint]) -> tuple[Constraint, ...]:
    """The forms with forbidden pairs regrouped by what may not follow, without sums that cannot leave their range."""
    forms_left = [
        form
        for form in forms
        if not (isinstance(form, ForbiddenSequence) and form.is_hard_pair)
        and not (isinstance(form, RangeConstraint) and _idle(form))
    ]
    statement = next((form.statement for form in forms), None)
    for starts, pairs in joined_pairs(forms).items():
        assert statement is not None
        follows: dict[bytes, list[int]] = {}
        for first in np.flatnonzero(pairs.any(axis=1)):
            follows.setdefault(pairs[first].tobytes(), []).append(int(first))
        for firsts in follows.values():
            mask = np.zeros(len(pairs), dtype=bool)
            mask[firsts] = True
            forms_left.append(ForbiddenSequence(starts, (mask, pairs[firsts[0]]), None, statement))
    return tuple(forms_left)


def _idle(tally: RangeConstraint) -> bool:
    """True when no sequence of duties can bring the sum out of its limits."""
    most = tally.start + int(tally.gain.max(initial=0)) * len(tally.days)
    return tally.least <= tally.start and all(most <= threshold for threshold, _ in tally.tiers)


def in_units(tally: RangeConstraint) -> RangeConstraint:
    """The tally counted in the largest unit that divides all its numbers, so that it needs few states.

    A lower limit between two multiples is rounded up and an upper one down, which changes no hard limit; soft ones
    keep their unit unless they divide.
    """
    unit = int(np.gcd.reduce([*tally.gain[tally.gain > 0].tolist(), tally.start or 0]) or 1)
    soft = [most for most, penalty in tally.tiers if penalty is not None] + [tally.least] * (tally.under is not None)
    unit = int(np.gcd.reduce([unit, *soft])) or 1
    tiers = tuple((most // unit, None if cost is None else cost * unit) for most, cost in tally.tiers)
    under = None if tally.under is None else tally.under * unit
    return replace(
        tally,
        gain=tally.gain // unit,
        least=-(-tally.least // unit),
        under=under,
        tiers=tiers,
        start=tally.start // unit,
    )


WEEK = 7


def weekly(model: RosterModel) -> list[range]:
    """The weeks into which the plan falls when no sum that must hold reaches over them; empty when it does not.

    Runs, weekends, budgets and sums with a price may reach over: without the parts that do, a plan can only be cheaper.
    """
    sums = [form for person in model.people for form in person.forms if isinstance(form, RangeConstraint)]
    long = any(len(form.days) > WEEK and form.must for form in sums)
    edges = sorted({0, model.days} | {edge for form in sums for edge in (form.days.start, form.days.stop)})
    if long or model.days <= 2 * WEEK or len(edges) < 3:
        return []
    return [range(a, b) for a, b in pairwise(edges)]


def window(model: RosterModel, days: range) -> RosterModel:
    """The problem of these days alone, with less to ask than the whole."""
    people = tuple(_of_days(person, days) for person in model.people)
    lines = tuple(_lines(model, days))
    return replace(model, days=len(days), people=people, lines=lines, budgets=())


def _of_days(person: PersonConstraints, days: range) -> PersonConstraints:
    cells = tuple(replace(cell, day=cell.day - days.start) for cell in person.cells if cell.day in days)
    return replace(person, cells=cells, forms=tuple(form for each in person.forms for form in _form(each, days)))


def _form(form: Constraint, days: range) -> Iterator[Constraint]:
    if isinstance(form, RangeConstraint):
        if form.days.start >= days.start and form.days.stop <= days.stop:
            yield replace(form, days=range(form.days.start - days.start, form.days.stop - days.start))
    elif isinstance(form, RunLengthConstraint):
        first = days.start == 0
        yield replace(
            form, before=form.before if first else 0, free_start=form.free_start if first else True, free_end=True
        )
    elif isinstance(form, ForbiddenSequence):
        starts = frozenset(s - days.start for s in form.starts if s >= days.start and s + len(form.steps) <= days.stop)
        yield replace(form, starts=starts)
    else:
        yield from _blocks(form, days)


def _blocks(form: WeekendConstraint, days: range) -> Iterator[Constraint]:
    """Weekends are counted over the whole plan, so a week alone only keeps the first tier."""
    inside = tuple(tuple(d - days.start for d in block) for block in form.blocks if all(d in days for d in block))
    tiers = tuple((most, cost) for most, cost in form.tiers if most < len(inside))
    if inside and tiers:
        yield replace(form, blocks=inside, tiers=tiers, least=1, most=None)


def _lines(model: RosterModel, days: range) -> Iterator[CoverageConstraint]:
    for line in model.lines:
        if all(cell // model.off in days for cell in line.cells):
            yield replace(line, cells=tuple(cell - days.start * model.off for cell in line.cells))
