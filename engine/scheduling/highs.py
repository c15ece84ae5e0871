"""The one place that meets HiGHS: a growing linear program, and a mixed-integer program solved once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
INFINITY = float("inf")
LARGE = 600
"""From so many rows on a linear program is solved from the inside (interior points), each time anew: quicker there."""


@dataclass(frozen=True, eq=False)
class LinearSolution:
    """An optimal solution of a linear program.

    Attributes:
        objective: its value.
        values: of the columns.
        duals: of the rows.
    """

    objective: float
    values: Floats
    duals: Floats


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

    def add(self, cost: float, rows: Ints, values: Floats, *, upper: float = INFINITY) -> int:
        """Add a column from 0 to `upper`; returns its number."""
        self._highs.addCol(cost, 0.0, upper, len(rows), rows.astype(np.int32), values.astype(float))
        self.columns += 1
        return self.columns - 1

    def add_row(self, lower: float, upper: float, columns: Ints, values: Floats) -> None:
        """Add a row over columns that exist."""
        self._highs.addRow(lower, upper, len(columns), columns.astype(np.int32), values.astype(float))

    def bound_row(self, row: int, lower: float, upper: float) -> None:
        """Change what a row asks for."""
        self._highs.changeRowBounds(row, lower, upper)

    def bound_columns(self, columns: Sequence[int], lower: Floats, upper: Floats) -> None:
        """Change the bounds of some columns."""
        if len(columns):
            self._highs.changeColsBounds(len(columns), np.array(columns, np.int32), lower, upper)

    def solve(self) -> LinearSolution | None:
        """The optimum; None when the bounds leave no solution or the solver gives up."""
        import highspy

        if self._large:
            self._highs.clearSolver()
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        found = self._highs.getSolution()
        return LinearSolution(
            self._highs.getInfo().objective_function_value, np.array(found.col_value), np.array(found.row_dual)
        )


@dataclass(frozen=True, eq=False)
class IntegerProgram:
    """A mixed-integer program to be minimised.

    Attributes:
        cost: of the columns.
        lower: of the columns.
        upper: of the columns.
        integer: which columns take whole numbers.
        row_lower: of the rows.
        row_upper: of the rows.
        start: where each row's entries begin, one more than there are rows.
        index: the columns of the entries.
        value: the entries.
        offset: is added to the objective.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    start: Ints
    index: Ints
    value: Floats
    offset: float = 0.0


@dataclass(frozen=True)
class Effort:
    """How hard to try.

    Attributes:
        seconds: stop after so much time.
        gap: stop when so close, as a share.
        nodes: stop after so many nodes of the search tree; None for no limit.
        seed: of the solver's random choices.
        cutoff: only solutions cheaper than this are wanted.
    """

    seconds: float
    gap: float = 0.0
    nodes: int | None = None
    seed: int = 0
    cutoff: float = INFINITY


@dataclass(frozen=True, eq=False)
class IntegerSolution:
    """How a mixed-integer search ended.

    Attributes:
        values: of the columns; None when no solution was found.
        objective: of `values`; infinite when there is none.
        bound: nothing costs less.
        done: True when the search ran to its end: the best was found, or there is no solution.
    """

    values: Floats | None
    objective: float
    bound: float
    done: bool


Watch = Callable[[float, float, "Callable[[], Floats] | None"], bool]
"""Called with (best cost, bound, a way to read a new solution or None); True stops the search."""


def solve(
    program: IntegerProgram, effort: Effort, *, start: Floats | None = None, watch: Watch | None = None
) -> IntegerSolution:
    """Minimise; a search that is stopped returns the best so far."""
    import highspy

    highs = highspy.Highs()
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": effort.seed,
        "time_limit": max(0.01, effort.seconds),
        "mip_rel_gap": effort.gap,
        "mip_abs_gap": 1e-6,
    }
    if effort.nodes is not None:
        options["mip_max_nodes"] = effort.nodes
    if effort.cutoff < INFINITY:
        options["objective_bound"] = effort.cutoff
    for option, value in options.items():
        highs.setOptionValue(option, value)
    highs.passModel(_model(program))
    if start is not None:
        given = highspy.HighsSolution()
        given.col_value = start.tolist()
        highs.setSolution(given)
    if watch is not None:
        _listen(highs, watch)
    highs.run()
    return _read(highs)


def _model(program: IntegerProgram) -> Any:
    import highspy

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.cost), len(program.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = program.start, program.index, program.value
    kinds = highspy.HighsVarType
    lp.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in program.integer]
    lp.offset_ = program.offset
    return lp


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


def _read(highs: Any) -> IntegerSolution:
    import highspy

    status, info = highs.getModelStatus(), highs.getInfo()
    found = info.primal_solution_status == 2
    values = np.array(highs.getSolution().col_value) if found else None
    objective = info.objective_function_value if found else INFINITY
    done = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
    bound = INFINITY if status == highspy.HighsModelStatus.kInfeasible else info.mip_dual_bound
    return IntegerSolution(values, objective, bound, done)
