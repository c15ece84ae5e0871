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
from engine.scheduling.coverage_constraints import budgets, lines
from engine.scheduling.entities import Employee, day_name
from engine.scheduling.problem import RosterProblem
from engine.scheduling.rules.context import FormulationContext
from engine.scheduling.rules.work import Work


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
