"""What the solver counts is what the checker counts: on random rosters, and on optima found by trying everything."""

from dataclasses import replace
from inspect import isabstract
from itertools import product

import numpy as np
import pytest

from engine.proof import Status
from engine.scheduling import Assignment, Employee, Hours, Need, Wish, check, solve
from engine.scheduling.column_generation import Incumbent, pricing_context
from engine.scheduling.formulate import formulate
from engine.scheduling.mip import Compact
from engine.scheduling.rules import (
    REGISTRY,
    Breaks,
    FairShare,
    FreeRun,
    LabourBudget,
    Minors,
    Overtime,
    Pattern,
    Rest,
    SameShiftAtWeekend,
    ShiftCount,
    ShiftRun,
    SteadyStart,
    Succession,
    WeekendRun,
    WeekendsWorked,
    WholeWeekends,
    WorkingTime,
    WorkRun,
)
from engine.scheduling.rules.people import StandingRule
from engine.solvers import highs
from tests.scheduling.rota import EARLY, LATE, cafe, day, row

SOFT = (
    WorkingTime(weight=2.0),
    WorkingTime(period="day", most=7 * 60, weight=1.0),
    WorkingTime(period="plan", most=60 * 60, least=30 * 60, weight=0.5),
    Overtime(after=30 * 60),
    Rest(weight=3.0),
    Succession(weight=4.0, first=("Night",), then=("Short",)),
    ShiftCount(shifts=("Night",), most=2, weight=5.0),
    ShiftCount(period="week", least=2, most=4, weight=1.5),
    FairShare(weight=1.0, shifts=("Late",)),
    FairShare(weight=2.0),
    WorkRun(least=2, most=4, weight=3.0),
    FreeRun(least=2, most=3, weight=2.0),
    ShiftRun(shifts=("Night",), least=2, most=3, weight=4.0, edges_count=True),
    WeekendsWorked(most=1, weight=6.0),
    WeekendRun(least=2, most=2, weight=1.0),
    WholeWeekends(weight=2.0),
    SameShiftAtWeekend(weight=3.0),
    Pattern(weight=2.5, steps=(("Late",), "off", "work")),
    SteadyStart(weight=1.0),
    LabourBudget(amount=900.0, weight=0.25),
)
HARD = (
    Rest(minutes=9 * 60),
    WorkRun(most=5),
    ShiftCount(shifts=("Night",), most=3),
    WeekendsWorked(most=2),
    Breaks(worked=8 * 60),
    Minors(),
)
LONG_WEEKENDS = (
    WeekendsWorked(most=1, weight=6.0, weekend=(4, 5, 6)),
    WeekendRun(most=1, weight=1.0, weekend=(5, 6, 0)),
    WholeWeekends(weight=2.0, weekend=(4, 5, 6)),
    SameShiftAtWeekend(weight=3.0, weekend=(5, 6, 0)),
)
STAFF = (
    Employee("Barista 1", rate=20.0, overtime_rate=30.0, least_minutes=600, most_minutes=1800),
    Employee("Barista 2", rate=18.0, overtime_rate=25.0, wishes=(Wish(day(2), "Late", True, 4.0),), seniority=3),
    Employee(
        "Barista 3",
        rate=15.0,
        minor=True,
        availability={k: Hours(0, 1860) for k in range(6)},
        days_off=frozenset({day(3)}),
    ),
)
PAST = (*row("-EE", "Barista 1", first=-3), *row("NNN", "Barista 2", first=-3), *row("--L", "Barista 3", first=-3))


def test_every_rule_that_there_is_stands_in_one_of_these_lists():
    tried = {type(rule) for rule in (*SOFT, *HARD, *LONG_WEEKENDS)}
    # Standing rules hold in every problem that is tried here.
    missing = [
        kind.__name__
        for kind in REGISTRY
        if not isabstract(kind) and not issubclass(kind, StandingRule) and kind not in tried
    ]
    assert not missing


def fortnight(*rules):
    needs = [Need(day(d), "", 8 * 60, 20 * 60, least=1 + d % 2, most=2, under=30.0, over=3.0) for d in range(14)]
    needs += [Need(day(d), "", 0, 6 * 60, least=1, under=10.0, seniority=2) for d in range(1, 14, 3)]
    return cafe(*rules, staff=STAFF, needs=needs, days=14, history=PAST)


def assignments(problem, model, duties):
    return [
        Assignment(problem.calendar[d], employee.name, *model.duties[k])
        for employee, roster in zip(problem.employees, duties, strict=True)
        for d, k in enumerate(roster)
        if k < model.off
    ]


def random_rosters(model, count, rng):
    """Rosters with about two working days in three, in stretches."""
    for _ in range(count):
        stay = rng.random((len(model.people), model.days)) < 0.5
        duties = rng.integers(0, model.off + 3, (len(model.people), model.days)).clip(max=model.off)
        for d in range(1, model.days):
            duties[:, d] = np.where(stay[:, d], duties[:, d - 1], duties[:, d])
        yield duties.astype(np.int16)


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_random_rosters_cost_the_same_for_the_solver_and_the_checker(count):
    problem = fortnight(*SOFT)
    model = formulate(problem)
    shop, rng, allowed = pricing_context(model), np.random.default_rng(7), 0
    for duties in random_rosters(model, count, rng):
        checked = check(problem, assignments(problem, model, duties))
        columns = [shop.column_of(person, roster) for person, roster in enumerate(duties)]
        personal = {breach.employee for breach in checked.violations}
        assert [column is None for column in columns] == [e.name in personal for e in problem.employees]
        if not personal:
            allowed += 1
            assert Incumbent(shop, columns).cost == pytest.approx(checked.cost, abs=1e-4)
    assert allowed > count / 20


def only(duties, cells):
    """The costs of the cells of one roster; all others are barred."""
    kept = np.full_like(cells, np.inf)
    rows = np.arange(len(duties))
    kept[rows, duties] = cells[rows, duties]
    return kept


@pytest.mark.parametrize(
    "rules",
    [SOFT[::2], SOFT[1::2], HARD, LONG_WEEKENDS],
    ids=["every other", "the others", "hard", "long weekends"],
)
def test_the_search_for_single_rosters_counts_what_the_checker_counts(rules):
    problem = fortnight(*rules)
    model = formulate(problem)
    shop, rng, allowed = pricing_context(model), np.random.default_rng(10), 0
    for duties in random_rosters(model, 60, rng):
        checked = check(problem, assignments(problem, model, duties))
        for person, employee in enumerate(problem.employees):
            own = [breach for breach in checked.breaches if breach.employee == employee.name]
            wages = float(np.append(model.people[person].wage, 0.0)[duties[person]].sum())
            path = shop.pricers[person].cheapest(only(duties[person], shop.pricers[person].cells))
            forbidden = any(breach.penalty is None for breach in own)
            assert (path is None or path.duties is None) == forbidden
            if not forbidden:
                allowed += 1
                assert path.value == pytest.approx(wages + sum(breach.penalty for breach in own), abs=1e-4)
                assert path.bound <= path.value + 1e-6
    assert allowed > 10


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_rules_that_must_hold_forbid_the_same_rosters_in_solver_and_checker(count):
    problem = fortnight(*HARD)
    model = formulate(problem)
    shop, rng = pricing_context(model), np.random.default_rng(8)
    told = {True: 0, False: 0}
    for duties in random_rosters(model, count, rng):
        personal = {breach.employee for breach in check(problem, assignments(problem, model, duties)).violations}
        for person, employee in enumerate(problem.employees):
            assert (shop.column_of(person, duties[person]) is None) == (employee.name in personal)
            told[employee.name in personal] += 1
    assert min(told.values()) > count / 10


@pytest.mark.parametrize("rules", [SOFT, HARD, LONG_WEEKENDS], ids=["soft", "hard", "long weekends"])
def test_the_whole_program_prices_a_roster_as_the_checker_does(rules):
    problem = fortnight(*rules)
    model = formulate(problem)
    rng = np.random.default_rng(9)
    for duties in random_rosters(model, 12, rng):
        kept = [np.where(np.arange(model.off + 1) == duties[i][:, None], 0.0, np.inf) for i in range(len(duties))]
        compact = Compact(model, kept)
        found = highs.solve(compact.program(), highs.WorkLimits(20.0, gap=0.0))
        checked = check(problem, assignments(problem, model, duties))
        assert (found.values is None) == bool(checked.violations)
        if found.values is not None:
            assert found.objective == pytest.approx(checked.cost, abs=1e-4)


def test_nothing_is_cheaper_than_the_optimum_when_everything_is_tried():
    rules = (Rest(weight=3.0), WorkRun(least=2, most=2, weight=4.0), WorkingTime(period="plan", most=1000, weight=2.0))
    staff = (Employee("Barista 1", rate=10.0), Employee("Barista 2", rate=11.0, days_off=frozenset({day(1)})))
    needs = [Need(day(d), "", 9 * 60, 15 * 60, least=1, under=70.0) for d in range(4)]
    problem = replace(cafe(*rules, staff=staff, needs=needs, days=4), shifts=(EARLY, LATE))
    lines = ["".join(letters) for letters in product("-EL", repeat=4)]
    rosters = ([*row(one), *row(other, "Barista 2")] for one in lines for other in lines if other[1] == "-")
    best = min(check(problem, roster).cost for roster in rosters)
    roster = solve(problem, seconds=20)
    assert roster.proof.status is Status.OPTIMAL
    assert roster.cost == pytest.approx(best)
    assert roster.bound <= best + 1e-6
