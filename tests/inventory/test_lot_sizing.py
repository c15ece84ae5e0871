"""Several items over several periods: setups, capacity, shelf lives and shared deliveries."""

from itertools import product

import numpy as np
import pytest

from benchmarks.textbook.wagner_whitin import wagner_whitin
from engine.errors import DataProblem
from engine.inventory.lot_sizing import LotItem, LotProblem, lot_cost, lot_violations, plan_lots
from engine.proof import Status


def dough(name="rye", demand=(90.0, 120.0, 80.0, 70.0), fee=500.0, held=2.0, **known):
    return LotItem(name, np.array(demand), fee, held, **known)


def test_one_item_alone_is_wagner_and_whitins():
    plan = plan_lots(LotProblem((dough(),)))
    assert plan.proof.objective == pytest.approx(1380)
    assert plan.quantities[0] == pytest.approx([210, 0, 150, 0])
    assert plan.proof.status is Status.OPTIMAL


def test_an_oven_of_limited_hours_spreads_the_batches():
    free = plan_lots(LotProblem((dough(), dough("oat")))).proof.objective
    plan = plan_lots(LotProblem((dough(), dough("oat")), capacity=np.full(4, 230.0)))
    assert plan.proof.recheck.violations == ()
    assert free < plan.proof.bound <= plan.proof.objective


def test_setup_times_take_oven_hours():
    crowded = LotProblem((dough(setup_time=30.0), dough("oat", setup_time=30.0)), capacity=np.full(4, 260.0))
    plan = plan_lots(crowded)
    hours = plan.quantities.sum(axis=0) + 30 * (plan.quantities > 0).sum(axis=0)
    assert np.all(hours <= 260 + 1e-6)


def test_no_setups_of_two_small_items_are_cheaper():
    """Counted out: every pattern of setups; with a shared capacity each pattern's quantities are a linear program."""
    problem = LotProblem(
        (dough(demand=(8, 5, 9), fee=12, held=1), dough("oat", demand=(3, 7, 4), fee=9, held=1.5)),
        capacity=np.full(3, 14.0),
    )
    plan = plan_lots(problem)
    grid = [(q1, q2) for q1 in range(15) for q2 in range(15 - q1)]
    least = min(
        lot_cost(problem, np.array(trial, float).T)
        for first in grid if first[0] >= 8 and first[1] >= 3
        for second in grid if sum((first[0], second[0])) >= 13 and first[1] + second[1] >= 10
        for trial in [[first, second, (22 - first[0] - second[0], 14 - first[1] - second[1])]]
        if min(trial[2]) >= 0 and sum(trial[2]) <= 14
    )  # fmt: skip
    assert plan.proof.objective == pytest.approx(least)
    assert plan.proof.bound <= least + 1e-6


def test_fresh_goods_are_never_kept_beyond_their_life():
    plan = plan_lots(LotProblem((dough(demand=(10, 10, 10, 10), fee=1000, held=1, shelf_life=2),)))
    known = wagner_whitin([10, 10, 10, 10], order_cost=1000, holding_cost=1, shelf_life=2)
    assert plan.proof.objective == pytest.approx(known.cost)


def test_items_of_one_supplier_come_together():
    items = (dough(demand=(5, 5), fee=0, held=1, supplier="mill"), dough("oat", (5, 5), 0, 1, supplier="mill"))
    plan = plan_lots(LotProblem(items, delivery_costs={"mill": 50}))
    assert (plan.quantities > 0).any(axis=0).tolist() == [True, False]
    assert plan.proof.objective == pytest.approx(50 + 5 + 5)


def test_orders_are_whole_cases_above_the_minimum():
    plan = plan_lots(LotProblem((dough(demand=(5, 9, 2), fee=1, held=0.1, pack=6, minimum_lot=10),)))
    placed = plan.quantities[plan.quantities > 0]
    assert np.all(placed % 6 == pytest.approx(0)) and np.all(placed >= 10)


def test_stock_at_hand_is_used_first():
    plan = plan_lots(LotProblem((dough(initial_stock=210.0),)))
    assert plan.quantities[0][:2] == pytest.approx([0, 0])


def test_storage_is_kept():
    tight = plan_lots(LotProblem((dough(volume=1.0),), storage=75.0))
    assert tight.proof.recheck.violations == ()
    assert tight.proof.objective > 1380


def test_too_little_oven_is_impossible_and_said_so():
    plan = plan_lots(LotProblem((dough(),), capacity=np.full(4, 50.0)))
    assert plan.proof.status is Status.INFEASIBLE


def test_a_negative_demand_is_named():
    with pytest.raises(DataProblem, match="rye"):
        plan_lots(LotProblem((dough(demand=(5, -1)),)))


def test_the_check_finds_what_a_wrong_plan_breaks():
    problem = LotProblem((dough(pack=6, minimum_lot=100, shelf_life=2),), capacity=np.full(4, 200.0))
    said = " ".join(lot_violations(problem, np.array([[301.0, 0, 0, 7]])))
    for complaint in ("runs out in period 4", "whole cases", "below its minimum", "period 1 uses 301", "spoils"):
        assert complaint in said


def test_the_bound_is_never_above_a_cheapest_plan(seed=11):
    """Fifteen random bakeries of one item, whose optimum Wagner and Whitin know."""
    rng = np.random.default_rng(seed)
    for _ in range(15):
        demand = rng.integers(0, 30, 6).astype(float)
        fee, held = rng.uniform(5, 60), rng.uniform(0.2, 2)
        plan = plan_lots(LotProblem((dough(demand=demand, fee=fee, held=held),)))
        optimum = wagner_whitin(demand, order_cost=fee, holding_cost=held).cost
        assert plan.proof.bound <= optimum + 1e-6
        assert plan.proof.objective == pytest.approx(optimum, rel=2e-4)


def test_all_setup_patterns_of_a_shared_delivery(seed=12):
    """Two items, three weeks, one supplier: every pattern of deliveries counted out."""
    rng = np.random.default_rng(seed)
    for _ in range(5):
        demand, fee, trip = rng.integers(1, 20, (2, 3)).astype(float), rng.uniform(1, 20, 2), rng.uniform(5, 40)
        items = tuple(dough(f"i{k}", demand[k], fee[k], 1.0, supplier="mill") for k in range(2))
        problem = LotProblem(items, delivery_costs={"mill": trip})
        patterns = [np.array(each) for each in product((False, True), repeat=3) if each[0]]
        least = min(
            lot_cost(problem, np.array([_latest(demand[0], one), _latest(demand[1], two)]))
            for one in patterns for two in patterns
        )  # fmt: skip
        assert plan_lots(problem).proof.objective == pytest.approx(least, rel=2e-4)


def _latest(demand, placed):
    quantities, latest = np.zeros(len(demand)), 0
    for period, units in enumerate(demand):
        latest = period if placed[period] else latest
        quantities[latest] += units
    return quantities


def test_another_solver_agrees_with_the_proof(seed=21):
    """Six items, eight weeks, a shared oven: SCIP, which shares no code with HiGHS, proves the same optimum."""
    rng = np.random.default_rng(seed)
    demand = rng.integers(5, 40, (6, 8)).astype(float)
    items = tuple(
        dough(f"i{k}", demand[k], rng.uniform(20, 90), rng.uniform(0.5, 2), setup_time=10.0, shelf_life=4)
        for k in range(6)
    )
    problem = LotProblem(items, capacity=np.full(8, 1.25 * demand.sum(axis=0).mean() + 40))
    plan = plan_lots(problem, tolerance=1e-6)
    assert plan.proof.recheck.violations == ()
    assert plan.proof.objective == pytest.approx(_by_scip(problem), rel=2e-6)


def _by_scip(problem):
    from ortools.linear_solver import pywraplp

    scip = pywraplp.Solver.CreateSolver("SCIP")
    periods, infinity = range(problem.periods), scip.infinity()
    total, used = 0, [0 for _ in periods]
    for item in problem.items:
        stock = 0
        for period in periods:
            order, setup = scip.NumVar(0, infinity, ""), scip.BoolVar("")
            kept = scip.NumVar(0, float(item.demand[period + 1 : period + item.shelf_life].sum()), "")
            scip.Add(stock + order - kept == float(item.demand[period]))
            scip.Add(order <= float(item.demand.sum()) * setup)
            total += item.setup_cost * setup + item.holding_cost * kept
            used[period] += order + item.setup_time * setup
            stock = kept
    for period in periods:
        scip.Add(used[period] <= float(problem.capacity[period]))
    scip.Minimize(total)
    parameters = pywraplp.MPSolverParameters()
    parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, 1e-7)
    assert scip.Solve(parameters) == pywraplp.Solver.OPTIMAL
    return scip.Objective().Value()
