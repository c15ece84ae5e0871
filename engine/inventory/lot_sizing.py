"""Orders of many items over several periods, with setups, shared capacity, shelf lives and shared deliveries."""

import time
from dataclasses import dataclass

import numpy as np

from engine.errors import DataProblem
from engine.inventory.arrays import Values
from engine.inventory.highs import Program, Solution, solve
from engine.inventory.lot_check import lot_cost, lot_violations
from engine.inventory.lot_problem import LotProblem
from engine.inventory.lot_program import LotProgram
from engine.proof import Proof, Recheck, Status

SECONDS = 60.0
AGREEMENT = 1e-5
"""The second look must find the promised cost to this share."""


@dataclass(frozen=True, eq=False)
class LotPlan:
    """Orders per item and period.

    Attributes:
        problem: what was planned.
        quantities: units that arrive at the start of each period, shape (items, periods); empty without a plan.
        proof: how good it is.
    """

    problem: LotProblem
    quantities: Values
    proof: Proof


def plan_lots(problem: LotProblem, *, seconds: float = SECONDS, tolerance: float = 1e-4, unit: str = "") -> LotPlan:
    """The cheapest orders, with a bound.

    Args:
        problem: items and limits.
        seconds: wall-clock limit.
        tolerance: relative gap at which a plan counts as proved.
        unit: currency code for the proof.

    Raises:
        DataProblem: an item's demand is negative or not a number.
    """
    for item in problem.items:
        if not np.all(np.isfinite(item.demand)) or np.any(item.demand < 0):
            raise DataProblem(f"The demand of {item.name} is negative or not a number", remedy="Correct it.")
    began = time.perf_counter()
    program = LotProgram(problem)
    found = solve(program.program(), seconds=seconds, tolerance=tolerance)
    if not len(found.values):
        status = Status.INFEASIBLE if found.infeasible else Status.FEASIBLE
        proof = Proof(status, np.inf, found.bound, unit, "HiGHS", time.perf_counter() - began)
        return LotPlan(problem, np.empty((0, 0)), proof)
    settled = _settled(program, found)
    quantities = program.quantities(settled.values)
    objective = settled.objective
    return LotPlan(problem, quantities, _proof(problem, quantities, found, objective, (unit, began)))


def _settled(program: LotProgram, found: Solution) -> Solution:
    """The same setups with their quantities solved once more, as a linear program: no rounding errors are left."""
    fixed = program.program()
    whole = fixed.integer
    lower, upper = fixed.lower.copy(), fixed.upper.copy()
    lower[whole] = upper[whole] = np.rint(found.values[whole])
    linear = Program(
        fixed.cost,
        lower,
        upper,
        np.zeros_like(whole),
        fixed.rows,
        fixed.columns,
        fixed.entries,
        fixed.row_lower,
        fixed.row_upper,
    )
    again = solve(linear, seconds=10.0)
    return again if len(again.values) else found


def _proof(
    problem: LotProblem, quantities: Values, found: Solution, objective: float, about: tuple[str, float]
) -> Proof:
    unit, began = about
    cost, violations = lot_cost(problem, quantities), lot_violations(problem, quantities)
    agrees = not violations and abs(cost - objective) <= AGREEMENT * max(1.0, abs(objective))
    status = Status.OPTIMAL if found.proved and agrees else Status.FEASIBLE
    bound = min(found.bound, objective)
    seconds = time.perf_counter() - began
    return Proof(status, objective, bound, unit, "HiGHS", seconds, recheck=Recheck(violations, cost, agrees))
