"""From an owner's problem to mathematical forms: each rule says its own, the people and needs theirs."""

from collections.abc import Iterator, Sequence

import numpy as np

from engine.scheduling.constraints import (
    Constraint,
    CoverageConstraint,
    DayCost,
    PersonConstraints,
    RosterModel,
    Statement,
    WageLimit,
)
from engine.scheduling.entities import Employee, Need, day_name
from engine.scheduling.problem import RosterProblem, covers, pieces, present
from engine.scheduling.rules.base import FormulationContext
from engine.scheduling.rules.work import Work

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


def _cells(problem: RosterProblem, duties: tuple[tuple[str, str], ...], piece: Need) -> Iterator[int]:
    day = (piece.day - problem.first_day).days
    for days_before in (1, 0):
        if 0 <= day - days_before < problem.days:
            for k, (shift, role) in enumerate(duties):
                if covers(piece, problem.shift_named[shift], role, days_before=days_before):
                    yield (day - days_before) * len(duties) + k


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
