"""HiGHS: a linear or mixed-integer program solved once, written as arrays or with PuLP, and a linear program that
grows between solutions.

Everything runs on one thread and from a seed, so that a search which runs to its end always gives the same answer.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from engine.arrays import Bools, Floats, Ints, Ints32

INFINITY = math.inf

TOLERANCE = 1e-4
"""A solution counts as proved when the bound is this close (relative), unless the caller asks for more."""

WRONG_PRESOLVE = frozenset({"1.14.0"})
"""Releases whose presolve can call a dearer solution optimal (ERGO-Code/HiGHS#3094, fixed by #2961 in 1.15): a proof
must not rest on it, so it is switched off."""

LARGE = 600
"""From so many rows on a growing program is solved from the inside (interior points), each time anew: quicker there."""

FEASIBLE = 2
"""What HiGHS calls a solution that keeps all rows."""

STOPS = frozenset(
    {"kTimeLimit", "kIterationLimit", "kSolutionLimit", "kInterrupt", "kObjectiveBound", "kObjectiveTarget"}
)
"""How HiGHS calls the ends that somebody asked for."""


@dataclass(frozen=True, eq=False)
class Program:
    """Minimise `cost @ x + offset` over `lower <= x <= upper` with `row_lower <= A x <= row_upper`.

    Attributes:
        cost: per column.
        lower: per column; may be infinite.
        upper: per column; may be infinite.
        integer: per column, True where only whole numbers are allowed.
        rows: the row of each entry of A; any order, no entry twice.
        columns: the column of each entry.
        entries: its value.
        row_lower: per row; may be infinite.
        row_upper: per row; may be infinite.
        offset: is added to the objective.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integer: Bools
    rows: Ints
    columns: Ints
    entries: Floats
    row_lower: Floats
    row_upper: Floats
    offset: float = 0.0


@dataclass(frozen=True)
class WorkLimits:
    """How long and how hard to search.

    Attributes:
        seconds: stop after so much wall-clock time.
        gap: stop when the bound is so close, as a share of the objective.
        nodes: stop after so many nodes of the search tree; None for no limit.
        seed: of the solver's random choices.
        cutoff: solutions that cost more than this are of no interest.
        precision: how exactly the rows and the prices of a linear program must hold; None for the solver's own.
    """

    seconds: float = INFINITY
    gap: float = TOLERANCE
    nodes: int | None = None
    seed: int = 0
    cutoff: float = INFINITY
    precision: float | None = None


class SolverStatus(StrEnum):
    """How a search ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped at a limit"
    FAILED = "failed"


@dataclass(frozen=True, eq=False)
class Solution:
    """How a search ended, and the best that it came to.

    Attributes:
        status: optimal (to the gap that was asked for), proved infeasible, stopped, or failed.
        values: the best x; None when there is none.
        objective: its cost; infinite when there is none.
        bound: no x costs less; infinite when it is proved that there is none.
        duals: for a program without whole numbers, what one more unit of each row's limit changes; else empty.
        seconds: wall-clock time.
    """

    status: SolverStatus
    values: Floats | None
    objective: float
    bound: float
    duals: Floats = field(default_factory=lambda: np.empty(0))
    seconds: float = 0.0

    @property
    def is_finished(self) -> bool:
        """True when the search ran to its end: the best is there, or there is none."""
        return self.status in (SolverStatus.OPTIMAL, SolverStatus.INFEASIBLE)

    def is_proved(self, gap: float = TOLERANCE) -> bool:
        """True when nothing can be better by more than this share, or when it is proved that there is nothing."""
        if self.status is SolverStatus.INFEASIBLE:
            return True
        near = self.objective - self.bound <= gap * max(abs(self.objective), 1e-9) + 1e-9
        return self.status is SolverStatus.OPTIMAL and self.values is not None and near


Watch = Callable[[float, float, "Callable[[], Floats] | None"], bool]
"""Called with (best cost, bound, a way to read a new solution or None); True stops the search."""


def solve(
    program: Program, limits: WorkLimits | None = None, *, start: Floats | None = None, watch: Watch | None = None
) -> Solution:
    """Minimise; a search that is stopped returns the best so far.

    Args:
        program: what to solve.
        limits: when to stop.
        start: a solution to begin with; columns that it leaves at 0 may be filled in by the solver.
        watch: is told each better solution and asked whether to stop.
    """
    import highspy

    began = time.perf_counter()
    highs = highspy.Highs()
    whole = bool(program.integer.any())
    options = _options(limits or WorkLimits())
    if whole and highs.version() in WRONG_PRESOLVE:
        options["presolve"] = "off"
    for option, value in options.items():
        highs.setOptionValue(option, value)
    highs.passModel(_model(program, whole=whole))
    if start is not None:
        _begin_with(highs, start)
    if watch is not None:
        _listen(highs, watch)
    highs.run()
    return _read(highs, whole=whole, seconds=time.perf_counter() - began)


def solve_model(model: Any, limits: WorkLimits | None = None) -> Solution:
    """Minimise what is written with PuLP, through PuLP's own HiGHS; its variables hold the solution afterwards.

    PuLP calls a search that ran out of time optimal and keeps no bound: both are read from HiGHS here.

    Args:
        model: a `pulp.LpProblem` to be minimised. Values that its variables have are taken as a solution to begin with.
        limits: when to stop.
    """
    return _solve_model(model, limits or WorkLimits(), whole=any(each.isInteger() for each in model.variables()))


def relax_model(model: Any, limits: WorkLimits | None = None) -> Solution:
    """The same without whole numbers; its variables hold the solution afterwards."""
    return _solve_model(model, limits or WorkLimits(), whole=False)


def settle_model(model: Any, limits: WorkLimits | None = None) -> Solution:
    """The last solution of a PuLP model with its whole numbers kept and everything else solved once more.

    No rounding error of the search is left in it. The model's whole numbers have fixed bounds afterwards.
    """
    for variable in model.variables():
        if variable.isInteger():
            variable.setInitialValue(round(variable.varValue))
            variable.fixValue()
    return _solve_model(model, limits or WorkLimits(), whole=False)


def _solve_model(model: Any, limits: WorkLimits, *, whole: bool) -> Solution:
    import pulp

    began, variables = time.perf_counter(), model.variables()
    solver = pulp.HiGHS(mip=whole, msg=False, **{k: v for k, v in _options(limits).items() if k != "output_flag"})
    solver.createAndConfigureSolver(model)
    solver.buildSolverModel(model)
    highs = model.solverModel
    if whole and highs.version() in WRONG_PRESOLVE:
        highs.setOptionValue("presolve", "off")
    highs.changeObjectiveOffset(model.objective.constant)
    if variables and all(each.varValue is not None for each in variables):
        _begin_with(highs, np.array([each.varValue for each in variables]))
    solver.callSolver(model)
    solution = _read(highs, whole=whole, seconds=time.perf_counter() - began)
    for variable, value in zip(variables, [] if solution.values is None else solution.values, strict=False):
        variable.varValue = float(value)
    return solution


def _begin_with(highs: Any, values: Floats) -> None:
    import highspy

    first = highspy.HighsSolution()
    first.col_value = values.tolist()
    highs.setSolution(first)


class GrowingProgram:
    """A linear program to be minimised, which gets more columns and other bounds between solutions."""

    def __init__(self, lower: Sequence[float], upper: Sequence[float]) -> None:
        import highspy

        self._highs = highspy.Highs()
        # New columns leave the last basis feasible for the primal simplex method, and for no other.
        for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 1), ("simplex_strategy", 4)):
            self._highs.setOptionValue(option, value)
        for low, high in zip(lower, upper, strict=True):
            self._highs.addRow(low, high, 0, np.array([], np.int32), np.array([], float))
        self.columns = 0
        self._large = len(lower) >= LARGE
        if self._large:
            self._highs.setOptionValue("solver", "ipm")

    def add(self, cost: float, rows: Ints32, values: Floats, *, upper: float = INFINITY) -> int:
        """Add a column from 0 to `upper`; returns its number."""
        self._highs.addCol(cost, 0.0, upper, len(rows), rows.astype(np.int32), values.astype(float))
        self.columns += 1
        return self.columns - 1

    def add_row(self, lower: float, upper: float, columns: Ints32, values: Floats) -> None:
        """Add a row over columns that exist."""
        self._highs.addRow(lower, upper, len(columns), columns.astype(np.int32), values.astype(float))

    def bound_row(self, row: int, lower: float, upper: float) -> None:
        """Change what a row asks for."""
        self._highs.changeRowBounds(row, lower, upper)

    def bound_columns(self, columns: Sequence[int], lower: Floats, upper: Floats) -> None:
        """Change the bounds of some columns."""
        if len(columns):
            self._highs.changeColsBounds(len(columns), np.array(columns, np.int32), lower, upper)

    def solve(self) -> Solution:
        """The optimum; without values when the bounds leave no solution or the solver gives up."""
        began = time.perf_counter()
        if self._large:
            self._highs.clearSolver()
        self._highs.run()
        return _read(self._highs, whole=False, seconds=time.perf_counter() - began)


def _options(limits: WorkLimits) -> dict[str, Any]:
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": limits.seed,
        "time_limit": max(0.01, float(limits.seconds)),
        "mip_rel_gap": float(limits.gap),
        "mip_abs_gap": 1e-6,
    }
    if limits.nodes is not None:
        options["mip_max_nodes"] = limits.nodes
    if limits.cutoff < INFINITY:
        options["objective_bound"] = limits.cutoff
    if limits.precision is not None:
        options |= dict.fromkeys(("primal_feasibility_tolerance", "dual_feasibility_tolerance"), limits.precision)
    return options


def _model(program: Program, *, whole: bool) -> Any:
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
    if whole:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(each)] for each in program.integer]
    model.offset_ = program.offset
    return model


def _listen(highs: Any, watch: Watch) -> None:
    def improving(event: Any) -> None:
        data = event.data_out
        watch(data.mip_primal_bound, data.mip_dual_bound, lambda: np.array(data.mip_solution))

    def interrupt(event: Any) -> None:
        data = event.data_out
        if watch(data.mip_primal_bound, data.mip_dual_bound, None):
            event.data_in.user_interrupt = True

    highs.cbMipImprovingSolution.subscribe(improving)
    highs.cbMipInterrupt.subscribe(interrupt)


def _read(highs: Any, *, whole: bool, seconds: float) -> Solution:
    status, info = _status(highs.getModelStatus().name), highs.getInfo()
    if status is SolverStatus.INFEASIBLE:
        return Solution(status, None, INFINITY, INFINITY, seconds=seconds)
    if info.primal_solution_status != FEASIBLE:
        return Solution(status, None, INFINITY, info.mip_dual_bound if whole else -INFINITY, seconds=seconds)
    solution, objective = highs.getSolution(), float(info.objective_function_value)
    values = np.array(solution.col_value)
    if whole:
        return Solution(status, values, objective, float(info.mip_dual_bound), seconds=seconds)
    bound = objective if status is SolverStatus.OPTIMAL else -INFINITY
    return Solution(status, values, objective, bound, np.array(solution.row_dual), seconds)


def _status(name: str) -> SolverStatus:
    if name in STOPS:
        return SolverStatus.STOPPED
    return {"kOptimal": SolverStatus.OPTIMAL, "kInfeasible": SolverStatus.INFEASIBLE}.get(name, SolverStatus.FAILED)
