"""The peer: the roster model that tutorials show, in CP-SAT as it comes."""

from collections.abc import Sequence

import numpy as np

from engine.scheduling.entities import Assignment
from engine.scheduling.formulate import formulate
from engine.scheduling.mip import Compact
from engine.scheduling.problem import RosterProblem

WORKERS = 2
LARGEST_SLACK = 10_000
CENTS = 100


def plain(problem: RosterProblem, seconds: float, seed: int) -> list[Assignment] | None:
    """The best roster of CP-SAT, one binary per person, day and duty, all settings but time, seed and workers its own.

    None when it finds no roster at all.
    """
    from ortools.sat.python import cp_model

    model = formulate(problem)
    compact = Compact(model)
    program = compact.program()
    peer = cp_model.CpModel()
    columns = [
        peer.new_bool_var("") if high == 1 else peer.new_int_var(0, LARGEST_SLACK, "")
        for high in program.upper.tolist()
    ]
    for row, (low, high) in enumerate(zip(program.row_lower.tolist(), program.row_upper.tolist(), strict=True)):
        part = program.rows == row
        terms = _sum([columns[k] for k in program.columns[part]], program.entries[part])
        peer.add_linear_constraint(terms, _whole(low), _whole(high))
    peer.minimize(_sum(columns, np.round(program.cost * CENTS)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = WORKERS
    solver.parameters.random_seed = seed
    solver.parameters.max_time_in_seconds = seconds
    if solver.solve(peer) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    values = np.array([solver.value(column) for column in columns], float)
    return [
        Assignment(problem.calendar[day], employee.name, *model.duties[k])
        for employee, roster in zip(problem.employees, compact.duties(values), strict=True)
        for day, k in enumerate(roster)
        if k < model.off
    ]


def _sum(columns: Sequence[object], factors: np.ndarray) -> object:
    from ortools.sat.python import cp_model

    return cp_model.LinearExpr.weighted_sum(columns, [round(factor) for factor in factors.tolist()])


def _whole(limit: float) -> int:
    return int(np.clip(limit, -(2**40), 2**40))
