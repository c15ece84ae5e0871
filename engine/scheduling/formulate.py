"""From an owner's problem to mathematical forms: each rule says its own, the people and needs theirs."""

from collections.abc import Iterator, Sequence

import numpy as np

from engine.scheduling.constraints import Budget, Cell, Claim, Form, Line, Model, Person
from engine.scheduling.coverage_constraints import budgets, lines
from engine.scheduling.entities import Employee, day_name
from engine.scheduling.problem import Problem
from engine.scheduling.rules.context import FormulationContext
from engine.scheduling.rules.work import Work


def formulate(problem: Problem) -> Model:
    """The problem in forms."""
    duties = tuple(_duties(problem))
    people = tuple(_person(problem, duties, employee) for employee in problem.employees)
    needed = tuple(lines(problem, duties))
    money = budgets(problem)
    return Model(
        problem.days,
        duties,
        people,
        needed,
        money,
        _integral(people, needed, money),
        _sentences(problem, people, needed, money),
    )


def _duties(problem: Problem) -> Iterator[tuple[str, str]]:
    roles = list(dict.fromkeys(role for employee in problem.employees for role in employee.roles))
    for shift in problem.shifts:
        for role in shift.roles or roles:
            if role in roles:
                yield shift.name, role


def _person(problem: Problem, duties: tuple[tuple[str, str], ...], employee: Employee) -> Person:
    past = Work(problem, employee, [each for each in problem.history if each.employee == employee.name])
    wage = [problem.shift_named[shift].paid / 60 * employee.rate for shift, _ in duties]
    cells = list(_own_cells(problem, duties, employee))
    forms: list[Form] = []
    for index, rule in enumerate(problem.rules):
        if rule.binds(employee):
            context = FormulationContext(duties, past, Claim("rule", index, employee.name))
            for form in rule.constraints(context):
                if isinstance(form, Cell):
                    cells.append(form)
                else:
                    forms.append(form)
    fit = np.array([role in employee.roles for _, role in duties], dtype=bool)
    return Person(employee.name, np.array(wage), fit, tuple(cells), tuple(forms))


def _own_cells(problem: Problem, duties: tuple[tuple[str, str], ...], employee: Employee) -> Iterator[Cell]:
    working = np.array([True] * len(duties) + [False])
    for day, when in enumerate(problem.calendar):
        if when in employee.days_off:
            yield Cell(day, working, None, Claim("day off", -1, employee.name, when))
        cannot = [not employee.can_work(when, problem.shift_named[shift]) for shift, _ in duties]
        if any(cannot):
            yield Cell(day, np.array([*cannot, False]), None, Claim("available", -1, employee.name, when))
    for wish in employee.wishes:
        day = (wish.day - problem.first_day).days
        if 0 <= day < problem.days:
            meant = np.array([wish.shift in ("", shift) for shift, _ in duties] + [False])
            yield Cell(day, ~meant if wish.wanted else meant, wish.weight, Claim("wish", -1, employee.name, wish.day))
    for index, lock in enumerate(problem.locks):
        day = (lock.day - problem.first_day).days
        if lock.employee == employee.name and 0 <= day < problem.days:
            kept = np.array([duty == (lock.shift, lock.role) for duty in duties] + [not lock.shift])
            yield Cell(day, ~kept, None, Claim("lock", index, employee.name, lock.day))


def _integral(people: Sequence[Person], needed: Sequence[Line], money: Sequence[Budget]) -> bool:
    """True when every cost that a roster can have is a whole number."""
    costs: list[float | None] = [penalty for line in needed for penalty in (line.under, line.over)]
    costs += [float(wage) for person in people for wage in person.wage]
    costs += [cell.penalty for person in people for cell in person.cells]
    costs += [penalty for person in people for form in person.forms for penalty in form.penalties]
    return not money and all(cost is None or float(cost).is_integer() for cost in costs)


def _sentences(
    problem: Problem, people: Sequence[Person], needed: Sequence[Line], money: Sequence[Budget]
) -> dict[Claim, str]:
    """Each claim in words."""
    claims = [each.claim for person in people for each in (*person.cells, *person.forms)]
    claims += [claim for line in needed for claim in line.claims]
    sentences = {claim: _sentence(problem, claim) for claim in claims}
    return sentences | {budget.claim: problem.rules[budget.claim.index].sentence for budget in money}


def _sentence(problem: Problem, claim: Claim) -> str:
    day = day_name(claim.day) if claim.day else ""
    if claim.kind == "need":
        need = problem.needs[claim.index]
        role = f" as {need.role}" if need.role else ""
        people = f"{need.least} {'person' if need.least == 1 else 'people'}"
        skilled = f" with a seniority of at least {need.seniority}" if need.seniority else ""
        limit = f", at most {need.most}" if need.most is not None and need.over is None else ""
        if limit and not need.least:
            return f"{need.when} has room for {need.most} {'person' if need.most == 1 else 'people'}{role}{skilled}."
        return f"{need.when} needs {people}{role}{skilled}{limit}."
    if claim.kind == "rule":
        return f"{claim.employee}: {problem.rules[claim.index].sentence}"
    if claim.kind == "lock":
        return f"{claim.employee} is locked to {problem.locks[claim.index].shift or 'a free day'} on {day}."
    if claim.kind == "available":
        hours = (problem.employee_named[claim.employee].availability or {}).get(claim.day.weekday() if claim.day else 0)
        return (
            f"{claim.employee} is available only at certain hours on {day}."
            if hours
            else f"{claim.employee} is not available on {day}."
        )
    return (
        f"{claim.employee} is off on {day}." if claim.kind == "day off" else f"{claim.employee} has a wish for {day}."
    )
