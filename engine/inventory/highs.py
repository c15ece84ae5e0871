"""The one door to HiGHS: a mixed-integer program in, the best solution with its bound out."""

import time
from dataclasses import dataclass, field

import numpy as np

from engine.inventory.arrays import Flags, Indices, Values

WRONG_PRESOLVE = frozenset({"1.14.0"})
"""Releases whose presolve can call a dearer solution optimal (ERGO-Code/HiGHS#3094, fixed by #2961 in 1.15): a proof
must not rest on it, so it is switched off."""

TOLERANCE = 1e-4
"""A solution counts as proved when the bound is this close (relative), unless the caller asks for more."""


@dataclass(frozen=True, eq=False)
class Program:
    """Minimise `cost @ x` over `lower <= x <= upper` with `row_lower <= A x <= row_upper`.

    Attributes:
        cost: per column.
        lower: per column.
        upper: per column; may be infinite.
        integer: per column, True where only whole numbers are allowed.
        rows: the row of each entry of A; any order, no entry twice.
        columns: the column of each entry.
        entries: its value.
        row_lower: per row; may be infinite.
        row_upper: per row; may be infinite.
    """

    cost: Values
    lower: Values
    upper: Values
    integer: Flags
    rows: Indices
    columns: Indices
    entries: Values
    row_lower: Values
    row_upper: Values


@dataclass(frozen=True, eq=False)
class Solution:
    """What HiGHS found.

    Attributes:
        values: the best x; empty when none was found.
        objective: its cost; infinite when none was found.
        bound: no x costs less; infinite when it is proved that there is none.
        proved: nothing can be better by more than the tolerance.
        infeasible: it is proved that no x fits all rows.
        prices: for a program without whole numbers, what one more unit of each row's limit changes; else empty.
        seconds: wall-clock time.
    """

    values: Values
    objective: float
    bound: float
    proved: bool
    infeasible: bool
    prices: Values = field(default_factory=lambda: np.empty(0))
    seconds: float = 0.0


def solve(program: Program, *, seconds: float, tolerance: float = TOLERANCE, start: Values | None = None) -> Solution:
    """Solve to the tolerance or until the time is up.

    Args:
        program: what to solve.
        seconds: wall-clock limit, > 0.
        tolerance: relative gap at which to stop.
        start: a solution to begin with.
    """
    import highspy

    began = time.perf_counter()
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("time_limit", float(seconds))
    highs.setOptionValue("mip_rel_gap", float(tolerance))
    highs.setOptionValue("random_seed", 1)
    if program.integer.any() and highs.version() in WRONG_PRESOLVE:
        highs.setOptionValue("presolve", "off")
    highs.passModel(_model(program))
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = start.tolist()
        highs.setSolution(known)
    highs.run()
    return _answer(highs, program, tolerance, time.perf_counter() - began)


def _model(program: Program):  # type: ignore[no-untyped-def]  # its type lives in a library that is imported late
    import highspy

    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(program.cost), len(program.row_lower)
    model.col_cost_, model.col_lower_, model.col_upper_ = program.cost, program.lower, program.upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    order = np.lexsort((program.rows, program.columns))
    ends = np.cumsum(np.bincount(program.columns, minlength=len(program.cost)))
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate([[0], ends]).astype(np.int32)
    model.a_matrix_.index_ = program.rows[order].astype(np.int32)
    model.a_matrix_.value_ = program.entries[order]
    if program.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(whole)] for whole in program.integer]
    return model


def _answer(highs, program: Program, tolerance: float, seconds: float) -> Solution:  # type: ignore[no-untyped-def]
    import highspy

    status, info = highs.getModelStatus(), highs.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Solution(np.empty(0), np.inf, np.inf, proved=True, infeasible=True, seconds=seconds)
    whole = bool(program.integer.any())
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    solution = highs.getSolution()
    values = np.array(solution.col_value) if found else np.empty(0)
    objective = float(info.objective_function_value) if found else np.inf
    optimal = status == highspy.HighsModelStatus.kOptimal
    bound = float(info.mip_dual_bound) if whole else (objective if optimal else -np.inf)
    proved = found and optimal and objective - bound <= tolerance * max(abs(objective), 1e-9) + 1e-9
    prices = np.array(solution.row_dual) if found and not whole else np.empty(0)
    return Solution(values, objective, bound, proved, infeasible=False, prices=prices, seconds=seconds)
