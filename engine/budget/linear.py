"""The linear programs of the search, solved by HiGHS; its one home in this package."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.budget.curves import Values
from engine.errors import DyocenseError

PRECISION = 1e-10
"""Feasibility of rows and of prices, in the scaled program."""


class SolverFailed(DyocenseError):
    """The linear solver gave neither an answer nor a reason; nothing is known of the plan."""


@dataclass(frozen=True, eq=False)
class Weights:
    """The optimum of a program.

    Attributes:
        weight: per column, >= 0.
        duals: per shared row, what one more unit of it is worth, >= 0 up to rounding.
    """

    weight: Values
    duals: Values


def best_weights(worth: Values, parts: Values, most: Values, owner: NDArray[np.int64]) -> Weights | None:
    """Maximise `worth @ weight` with `parts @ weight <= most` and weights that add up to 1 per owner.

    Args:
        worth: per column, of the order of 1.
        parts: shape (rows, columns), of the order of 1.
        most: per row.
        owner: per column, 0 to owners - 1.

    Returns:
        None when no weights keep the rows.

    Raises:
        SolverFailed: HiGHS failed.
    """
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("primal_feasibility_tolerance", PRECISION)
    solver.setOptionValue("dual_feasibility_tolerance", PRECISION)
    solver.passModel(_program(worth, parts, most, owner))
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise SolverFailed(solver.modelStatusToString(status))
    solution = solver.getSolution()
    return Weights(np.maximum(solution.col_value, 0.0), -np.array(solution.row_dual)[: len(most)])


def _program(worth: Values, parts: Values, most: Values, owner: NDArray[np.int64]) -> Any:
    import highspy

    columns, rows, owners = len(worth), len(most), int(owner[-1]) + 1
    at_column, at_row = np.nonzero(parts.T)
    column = np.concatenate([at_column, np.arange(columns)])
    order = np.argsort(column, kind="stable")
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = columns, rows + owners
    program.col_cost_ = -worth
    program.col_lower_, program.col_upper_ = np.zeros(columns), np.full(columns, np.inf)
    program.row_lower_ = np.concatenate([np.full(rows, -np.inf), np.ones(owners)])
    program.row_upper_ = np.concatenate([most, np.ones(owners)])
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=columns))])
    program.a_matrix_.index_ = np.concatenate([at_row, rows + owner])[order]
    program.a_matrix_.value_ = np.concatenate([parts[at_row, at_column], np.ones(columns)])[order]
    return program
