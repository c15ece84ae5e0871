"""The one place that meets OR-Tools: can these statements all hold, and if not, which of them clash?"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from engine.scheduling.constraints import Claim, Model
from engine.scheduling.mip import Compact

WORKERS = 1
"""One worker gives the same answer every time, and its list of clashing statements is short."""


class Statements:
    """What the owner asked for, statement by statement, for CP-SAT.

    Args:
        model: the problem in forms.
    """

    def __init__(self, model: Model) -> None:
        from ortools.sat.python import cp_model

        compact = Compact(model, explaining=True)
        self._model = cp_model.CpModel()
        flags = [self._model.new_bool_var("") for _ in range(compact.rows.columns)]
        self._literal: dict[Claim, Any] = {}
        for claim, low, high, terms in compact.rows.by_claim():
            if claim is not None and claim not in self._literal:
                assert isinstance(claim, Claim)
                self._literal[claim] = self._model.new_bool_var("")
            columns = [flags[column] for column in terms.columns.tolist()]
            factors, limits = _whole_numbers(terms.factors, low, high)
            total = cp_model.LinearExpr.weighted_sum(columns, factors)
            row = self._model.add_linear_constraint(total, *limits)
            if claim is not None:
                row.only_enforce_if(self._literal[claim])
        self.claims = tuple(self._literal)

    def clash(self, claims: Iterable[Claim], *, seconds: float) -> "tuple[Claim, ...] | None":
        """Statements among these that cannot all hold (not the fewest); empty when all can; None when time is up."""
        from ortools.sat.python import cp_model

        wanted = list(claims)
        self._model.clear_assumptions()
        self._model.add_assumptions([self._literal[claim] for claim in wanted])
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
        found = tuple(claim for claim in wanted if self._literal[claim].index in named)
        # An empty list would mean that the problem is impossible without any statement; that never happens, so it
        # can only be the solver being vague: then all of them are suspects.
        return found or tuple(wanted)


def _whole_numbers(factors: Any, low: float, high: float) -> tuple[list[int], tuple[int, int]]:
    """A row in whole numbers; money is counted in cents."""
    scale = 1 if np.all(factors == np.round(factors)) else 100
    edge = 2**40
    limits = (
        -edge if low == -math.inf else math.ceil(low * scale - 1e-6),
        edge if high == math.inf else math.floor(high * scale + 1e-6),
    )
    return [round(factor * scale) for factor in factors], limits


def fewest(
    statements: Statements, suspects: Sequence[Claim], ends: "float", clock: "Any"
) -> tuple[tuple[Claim, ...], bool]:
    """Suspects of which none can be left out, and whether that was proved before the clock reached `ends`."""
    core, proved = list(suspects), True
    for claim in suspects:
        rest = [other for other in core if other != claim]
        if claim not in core:
            continue
        found = statements.clash(rest, seconds=ends - clock())
        if found is None:
            proved = False
        elif found:
            core = [other for other in rest if other in found]
    return tuple(core), proved
