"""From an owner's problem to mathematical forms: each rule says its own, the people and needs theirs; and a model made
smaller before it is searched: limits that are implied, a long plan cut into weeks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from engine.arrays import Bools
from engine.scheduling.constraints import (
    Constraint,
    CoverageConstraint,
    DayCost,
    ForbiddenSequence,
    PersonConstraints,
    RangeConstraint,
    RosterModel,
    RunLengthConstraint,
    Statement,
    WageLimit,
    WeekendConstraint,
)
from engine.scheduling.entities import Employee, Need, day_name
from engine.scheduling.problem import RosterProblem, covers, pieces, present
from engine.scheduling.rules.base import FormulationContext, Work

WEEK = 7


Key = tuple[tuple[int, ...], int, int | None, bool, bool, int]


def lines(problem: RosterProblem, duties: tuple[tuple[str, str], ...]) -> Iterator[CoverageConstraint]:
    """What is needed; pieces that are covered by the same cells and ask for the same are one line."""
    together: dict[Key, list[tuple[Need, Statement]]] = {}
    for index, need in enumerate(problem.needs):
        for piece in pieces(problem, need):
            there = present(problem, piece, problem.history)
            cells = tuple(_cells(problem, duties, piece))
            least = max(0, piece.least - there)
            most = None if piece.most is None else max(0, piece.most - there)
            free = most is None or piece.over == 0
            if least or not free:
                key = (cells, least, None if free else most, piece.under is None, piece.over is None, piece.seniority)
                together.setdefault(key, []).append((piece, Statement("need", index, "", need.day)))
    for (cells, least, most, must, must_not, seniority), needed in together.items():
        under = None if must else sum(piece.under or 0.0 for piece, _ in needed)
        over = None if must_not else sum(piece.over or 0.0 for piece, _ in needed)
        people = np.array([employee.seniority >= seniority for employee in problem.employees]) if seniority else None
        yield CoverageConstraint(
            cells, least, most, under, over, people, tuple(dict.fromkeys(statement for _, statement in needed))
        )


def budgets(problem: RosterProblem) -> tuple[WageLimit, ...]:
    """The limits on all wages together."""
    limits = (rule.budget(Statement("rule", index)) for index, rule in enumerate(problem.rules))
    return tuple(limit for limit in limits if limit is not None)


def formulate(problem: RosterProblem) -> RosterModel:
    """The problem in forms."""
    duties = tuple(_duties(problem))
    people = tuple(_person(problem, duties, employee) for employee in problem.employees)
    needed = tuple(lines(problem, duties))
    money = budgets(problem)
    return RosterModel(
        problem.days,
        duties,
        people,
        needed,
        money,
        _integral(people, needed, money),
        _sentences(problem, people, needed, money),
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


def _cells(problem: RosterProblem, duties: tuple[tuple[str, str], ...], piece: Need) -> Iterator[int]:
    day = (piece.day - problem.first_day).days
    for days_before in (1, 0):
        if 0 <= day - days_before < problem.days:
            for k, (shift, role) in enumerate(duties):
                if covers(piece, problem.shift_named[shift], role, days_before=days_before):
                    yield (day - days_before) * len(duties) + k


def _duties(problem: RosterProblem) -> Iterator[tuple[str, str]]:
    roles = list(dict.fromkeys(role for employee in problem.employees for role in employee.roles))
    for shift in problem.shifts:
        for role in shift.roles or roles:
            if role in roles:
                yield shift.name, role


def _person(problem: RosterProblem, duties: tuple[tuple[str, str], ...], employee: Employee) -> PersonConstraints:
    past = Work(problem, employee, [each for each in problem.history if each.employee == employee.name])
    wage = [problem.shift_named[shift].paid / 60 * employee.rate for shift, _ in duties]
    cells = list(_own_cells(problem, duties, employee))
    forms: list[Constraint] = []
    for index, rule in enumerate(problem.rules):
        if rule.binds(employee):
            context = FormulationContext(duties, past, Statement("rule", index, employee.name))
            for form in rule.constraints(context):
                if isinstance(form, DayCost):
                    cells.append(form)
                else:
                    forms.append(form)
    fit = np.array([role in employee.roles for _, role in duties], dtype=bool)
    return PersonConstraints(employee.name, np.array(wage), fit, tuple(cells), tuple(forms))


def _own_cells(problem: RosterProblem, duties: tuple[tuple[str, str], ...], employee: Employee) -> Iterator[DayCost]:
    working = np.array([True] * len(duties) + [False])
    for day, when in enumerate(problem.calendar):
        if when in employee.days_off:
            yield DayCost(day, working, None, Statement("day off", -1, employee.name, when))
        cannot = [not employee.can_work(when, problem.shift_named[shift]) for shift, _ in duties]
        if any(cannot):
            yield DayCost(day, np.array([*cannot, False]), None, Statement("available", -1, employee.name, when))
    for wish in employee.wishes:
        day = (wish.day - problem.first_day).days
        if 0 <= day < problem.days:
            duties_of_wish = np.array([wish.shift in ("", shift) for shift, _ in duties] + [False])
            yield DayCost(
                day,
                ~duties_of_wish if wish.to_work else duties_of_wish,
                wish.weight,
                Statement("wish", -1, employee.name, wish.day),
            )
    for index, lock in enumerate(problem.locks):
        day = (lock.day - problem.first_day).days
        if lock.employee == employee.name and 0 <= day < problem.days:
            locked_duties = np.array([duty == (lock.shift, lock.role) for duty in duties] + [not lock.shift])
            yield DayCost(day, ~locked_duties, None, Statement("lock", index, employee.name, lock.day))


def _integral(
    people: Sequence[PersonConstraints], needed: Sequence[CoverageConstraint], money: Sequence[WageLimit]
) -> bool:
    """True when every cost that a roster can have is a whole number."""
    costs: list[float | None] = [penalty for line in needed for penalty in (line.under, line.over)]
    costs += [float(wage) for person in people for wage in person.wage]
    costs += [price for person in people for form in (*person.cells, *person.forms) for price in form.penalties]
    return not money and all(cost is None or float(cost).is_integer() for cost in costs)


def _sentences(
    problem: RosterProblem,
    people: Sequence[PersonConstraints],
    needed: Sequence[CoverageConstraint],
    money: Sequence[WageLimit],
) -> dict[Statement, str]:
    """Each statement in words."""
    statements = [each.statement for person in people for each in (*person.cells, *person.forms)]
    statements += [statement for line in needed for statement in line.statements]
    sentences = {statement: _sentence(problem, statement) for statement in statements}
    return sentences | {budget.statement: problem.rules[budget.statement.index].sentence for budget in money}


def _sentence(problem: RosterProblem, statement: Statement) -> str:
    day = day_name(statement.day) if statement.day else ""
    if statement.kind == "need":
        need = problem.needs[statement.index]
        role = f" as {need.role}" if need.role else ""
        people = f"{need.least} {'person' if need.least == 1 else 'people'}"
        skilled = f" with a seniority of at least {need.seniority}" if need.seniority else ""
        limit = f", at most {need.most}" if need.most is not None and need.over is None else ""
        if limit and not need.least:
            return f"{need.when} has room for {need.most} {'person' if need.most == 1 else 'people'}{role}{skilled}."
        return f"{need.when} needs {people}{role}{skilled}{limit}."
    if statement.kind == "rule":
        return f"{statement.employee}: {problem.rules[statement.index].sentence}"
    if statement.kind == "lock":
        return f"{statement.employee} is locked to {problem.locks[statement.index].shift or 'a free day'} on {day}."
    if statement.kind == "available":
        hours = (problem.employee_named[statement.employee].availability or {}).get(
            statement.day.weekday() if statement.day else 0
        )
        return (
            f"{statement.employee} is available only at certain hours on {day}."
            if hours
            else f"{statement.employee} is not available on {day}."
        )
    return (
        f"{statement.employee} is off on {day}."
        if statement.kind == "day off"
        else f"{statement.employee} has a wish for {day}."
    )


def _idle(tally: RangeConstraint) -> bool:
    """True when no sequence of duties can bring the sum out of its limits."""
    most = tally.start + int(tally.gain.max(initial=0)) * len(tally.days)
    return tally.least <= tally.start and all(most <= threshold for threshold, _ in tally.tiers)


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
