"""What the one wrapper of HiGHS promises, on programs that can be solved by hand."""

from dataclasses import replace

import numpy as np
import pulp
import pytest

from engine.solvers.highs import (
    GrowingProgram,
    Program,
    SolverStatus,
    WorkLimits,
    settle_model,
    solve,
    solve_model,
)


def knapsack(*, integer: bool) -> Program:
    """Three parcels worth 10, 13 and 7 that weigh 3, 4 and 2; six can be carried."""
    return Program(
        cost=np.array([-10.0, -13.0, -7.0]),
        lower=np.zeros(3),
        upper=np.ones(3),
        integer=np.full(3, integer),
        rows=np.zeros(3, np.int64),
        columns=np.arange(3),
        entries=np.array([3.0, 4.0, 2.0]),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([6.0]),
    )


def test_the_best_parcels_are_the_second_and_the_third():
    solution = solve(knapsack(integer=True))
    assert solution.status is SolverStatus.OPTIMAL
    assert solution.values == pytest.approx([0, 1, 1])
    assert (solution.objective, solution.bound) == (-20, -20)
    assert solution.is_proved() and solution.is_finished


def test_without_whole_numbers_a_unit_of_weight_has_a_price():
    solution = solve(knapsack(integer=False))
    assert solution.objective == pytest.approx(-7 - 10 - 13 / 4)
    assert solution.duals == pytest.approx([-13 / 4])


def test_what_cannot_be_is_proved_not_to_be():
    solution = solve(replace(knapsack(integer=True), row_lower=np.array([9.5]), row_upper=np.array([10.0])))
    assert solution.status is SolverStatus.INFEASIBLE
    assert solution.values is None and solution.bound == np.inf and solution.is_proved()


def test_the_same_seed_gives_the_same_answer():
    rng = np.random.default_rng(3)
    program = replace(
        knapsack(integer=True),
        cost=-rng.integers(10, 20, 40).astype(float),
        lower=np.zeros(40),
        upper=np.ones(40),
        integer=np.ones(40, dtype=bool),
        rows=np.zeros(40, np.int64),
        columns=np.arange(40),
        entries=rng.integers(5, 20, 40).astype(float),
        row_upper=np.array([150.0]),
    )
    one, other = (solve(program, WorkLimits(20.0, seed=5)).values for _ in range(2))
    assert one.tolist() == other.tolist()


def test_a_growing_program_takes_the_cheaper_column_once_it_is_there():
    program = GrowingProgram([1.0], [np.inf])
    program.add(5.0, np.array([0], np.int32), np.array([1.0]))
    assert program.solve().objective == pytest.approx(5)
    program.add(2.0, np.array([0], np.int32), np.array([1.0]))
    solution = program.solve()
    assert solution.objective == pytest.approx(2)
    assert solution.values == pytest.approx([0, 1])


def parcels(*, most: float = 6.0) -> pulp.LpProblem:
    """The same parcels written with PuLP, with a fee of 2 whatever is carried."""
    model = pulp.LpProblem("parcels", pulp.LpMinimize)
    taken = [model.add_variable(f"parcel_{place}", 0, 1, "Integer") for place in range(3)]
    model += pulp.LpAffineExpression(zip(taken, (-10, -13, -7), strict=True)) + 2
    model += pulp.LpAffineExpression(zip(taken, (3, 4, 2), strict=True)) <= most
    return model


def test_what_is_written_with_pulp_has_its_constant_its_bound_and_its_values():
    model = parcels()
    solution = solve_model(model)
    assert (solution.objective, solution.bound) == (-18, -18)
    assert [each.varValue for each in model.variables()] == pytest.approx([0, 1, 1])
    assert solution.is_proved()


def test_a_model_that_cannot_be_solved_says_so():
    solution = solve_model(parcels(most=-1.0))
    assert solution.status is SolverStatus.INFEASIBLE and solution.values is None


def test_a_search_without_time_is_stopped_and_not_optimal_as_pulp_calls_it(seed=5):
    rng = np.random.default_rng(seed)
    model = pulp.LpProblem("many", pulp.LpMinimize)
    taken = [model.add_variable(f"parcel_{place:03}", 0, 1, "Integer") for place in range(120)]
    model += pulp.LpAffineExpression(zip(taken, -rng.integers(100, 999, 120).astype(float), strict=True))
    for _ in range(12):
        model += pulp.LpAffineExpression(zip(taken, rng.integers(100, 999, 120).astype(float), strict=True)) <= 20000.5
    solution = solve_model(model, WorkLimits(0.05, gap=0.0))
    assert solution.status is SolverStatus.STOPPED and not solution.is_proved()


def test_a_settled_model_keeps_its_whole_numbers():
    model = parcels()
    solve_model(model)
    settled = settle_model(model)
    assert settled.objective == pytest.approx(-18)
    assert settled.values == pytest.approx([0, 1, 1])
