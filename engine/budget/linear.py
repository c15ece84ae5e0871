"""The linear programs of the search, solved by HiGHS."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints
from engine.errors import DyocenseError
from engine.solvers.highs import Program, SolverStatus, WorkLimits, solve

PRECISION = 1e-10
"""Feasibility of rows and of prices, in the scaled program."""


class SolverFailed(DyocenseError):
    """The linear solver gave neither an answer nor a reason; nothing is known of the plan."""


@dataclass(frozen=True, eq=False)
class CornerWeights:
    """The optimum of a program.

    Attributes:
        weight: per column, >= 0.
        duals: per shared row, what one more unit of it is worth, >= 0 up to rounding.
    """

    weight: Floats
    duals: Floats


def best_weights(worth: Floats, parts: Floats, most: Floats, owner: Ints) -> CornerWeights | None:
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
    columns, rows, owners = len(worth), len(most), int(owner[-1]) + 1
    at_row, at_column = np.nonzero(parts)
    program = Program(
        cost=-worth,
        lower=np.zeros(columns),
        upper=np.full(columns, np.inf),
        integer=np.zeros(columns, dtype=bool),
        rows=np.concatenate([at_row, rows + owner]),
        columns=np.concatenate([at_column, np.arange(columns)]),
        entries=np.concatenate([parts[at_row, at_column], np.ones(columns)]),
        row_lower=np.concatenate([np.full(rows, -np.inf), np.ones(owners)]),
        row_upper=np.concatenate([most, np.ones(owners)]),
    )
    solution = solve(program, WorkLimits(precision=PRECISION))
    if solution.status is SolverStatus.INFEASIBLE:
        return None
    if solution.status is not SolverStatus.OPTIMAL or solution.values is None:
        raise SolverFailed(f"the linear program is {solution.status}")
    return CornerWeights(np.maximum(solution.values, 0.0), -solution.duals[:rows])
