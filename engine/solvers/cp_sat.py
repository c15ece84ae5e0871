"""CP-SAT: can these statements all hold, and if not, which of them clash?"""

import math
from collections.abc import Hashable, Iterable
from typing import Any, Generic, TypeVar

import numpy as np

from engine.arrays import Floats, Ints

WORKERS = 1
"""One worker gives the same answer every time, and its list of clashing statements is short."""

FURTHEST = 2**40
"""A limit that no sum of whole numbers reaches."""

S = TypeVar("S", bound=Hashable)


class Statements(Generic[S]):
    """Rows over 0/1 columns, each of which binds while the statement that it belongs to is assumed.

    Args:
        columns: how many columns there are.
    """

    def __init__(self, columns: int) -> None:
        from ortools.sat.python import cp_model

        self._model = cp_model.CpModel()
        self._columns = [self._model.new_bool_var("") for _ in range(columns)]
        self._literal: dict[S, Any] = {}

    @property
    def all(self) -> tuple[S, ...]:
        """The statements, in the order in which their first rows were added."""
        return tuple(self._literal)

    def add_row(self, columns: Ints, factors: Floats, limits: tuple[float, float], statement: S | None) -> None:
        """Ask for `limits[0] <= factors @ columns <= limits[1]`; without a statement it always binds."""
        from ortools.sat.python import cp_model

        if statement is not None and statement not in self._literal:
            self._literal[statement] = self._model.new_bool_var("")
        whole, ends = _whole_numbers(factors, *limits)
        total = cp_model.LinearExpr.weighted_sum([self._columns[column] for column in columns.tolist()], whole)
        row = self._model.add_linear_constraint(total, *ends)
        if statement is not None:
            row.only_enforce_if(self._literal[statement])

    def clash(self, statements: Iterable[S], *, seconds: float) -> tuple[S, ...] | None:
        """Statements among these that cannot all hold (not the fewest); empty when all can; None when time is up."""
        from ortools.sat.python import cp_model

        assumed = list(statements)
        self._model.clear_assumptions()
        self._model.add_assumptions([self._literal[statement] for statement in assumed])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = WORKERS
        # All rows go into the linear relaxation: it sees at once that there are not hours enough, which takes the rest
        # of the search for ever.
        solver.parameters.linearization_level = 2
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
        status = solver.solve(self._model)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return ()
        if status != cp_model.INFEASIBLE:
            return None
        named = set(solver.sufficient_assumptions_for_infeasibility())
        clash = tuple(statement for statement in assumed if self._literal[statement].index in named)
        # An empty list would mean that the problem is impossible without any statement; that never happens, so it
        # can only be the solver being vague: then all of them are suspects.
        return clash or tuple(assumed)


def _whole_numbers(factors: Floats, low: float, high: float) -> tuple[list[int], tuple[int, int]]:
    """A row in whole numbers; money is counted in cents."""
    scale = 1 if np.all(factors == np.round(factors)) else 100
    ends = (
        -FURTHEST if low == -math.inf else math.ceil(low * scale - 1e-6),
        FURTHEST if high == math.inf else math.floor(high * scale + 1e-6),
    )
    return [round(factor * scale) for factor in factors], ends
