"""A long plan cut into weeks: the cheapest rosters of all weeks apart cost no more than the whole plan."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from engine.scheduling.constraints import (
    Constraint,
    CoverageConstraint,
    DayCost,
    ForbiddenSequence,
    PersonConstraints,
    RangeConstraint,
    RosterModel,
    RunLengthConstraint,
    WeekendConstraint,
)

WEEK = 7


def weekly(model: RosterModel) -> list[range]:
    """The weeks into which the plan falls when no sum that must hold reaches over them; empty when it does not.

    Runs, weekends, budgets and sums with a price may reach over: without the parts that do, a plan can only be cheaper.
    """
    stops = {form.days.stop for person in model.people for form in person.forms if isinstance(form, RangeConstraint)}
    starts = {form.days.start for person in model.people for form in person.forms if isinstance(form, RangeConstraint)}
    long = any(len(f.days) > WEEK and f.must for p in model.people for f in p.forms if isinstance(f, RangeConstraint))
    edges = sorted({0, model.days} | stops | starts)
    if long or model.days <= 2 * WEEK or len(edges) < 3:
        return []
    return [range(a, b) for a, b in pairwise(edges)]


def window(model: RosterModel, days: range) -> RosterModel:
    """The problem of these days alone, with less to ask than the whole."""
    people = tuple(replace(person, cells=_cells(person, days), forms=_forms(person, days)) for person in model.people)
    lines = tuple(_lines(model, days))
    return replace(model, days=len(days), people=people, lines=lines, budgets=())


def _cells(person: PersonConstraints, days: range) -> tuple[DayCost, ...]:
    return tuple(replace(cell, day=cell.day - days.start) for cell in person.cells if cell.day in days)


def _forms(person: PersonConstraints, days: range) -> tuple[Constraint, ...]:
    return tuple(form for each in person.forms for form in _form(each, days))


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
