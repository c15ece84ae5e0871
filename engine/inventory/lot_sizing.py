"""Orders of many items over several periods, with setups, shared capacity, shelf lives and shared deliveries."""

import time
from dataclasses import dataclass, replace

import numpy as np

from engine.arrays import Floats
from engine.errors import DataProblem
from engine.inventory.lot_check import lot_cost, lot_violations
from engine.inventory.lot_problem import LotProblem
from engine.inventory.lot_program import LotProgram
from engine.proof import Proof, Recheck, Status
from engine.solvers.highs import Solution, SolverStatus, WorkLimits, solve

SECONDS = 60.0
SEED = 1
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
    quantities: Floats
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
    solution = solve(program.program(), WorkLimits(seconds, gap=tolerance, seed=SEED))
    if solution.values is None:
        status = Status.INFEASIBLE if solution.status is SolverStatus.INFEASIBLE else Status.FEASIBLE
        proof = Proof(status, np.inf, solution.bound, unit, "HiGHS", time.perf_counter() - began)
        return LotPlan(problem, np.empty((0, 0)), proof)
    values, objective = _settled(program, solution.values, solution.objective)
    quantities = program.quantities(values)
    proof = _proof(problem, quantities, solution, objective, is_proved=solution.is_proved(tolerance))
    return LotPlan(problem, quantities, replace(proof, unit=unit, seconds=time.perf_counter() - began))


def _settled(program: LotProgram, values: Floats, objective: float) -> tuple[Floats, float]:
    """The same setups with their quantities solved once more, as a linear program: no rounding errors are left."""
    fixed = program.program()
    whole = fixed.integer
    lower, upper = fixed.lower.copy(), fixed.upper.copy()
    lower[whole] = upper[whole] = np.rint(values[whole])
    linear = replace(fixed, lower=lower, upper=upper, integer=np.zeros_like(whole))
    again = solve(linear, WorkLimits(10.0, seed=SEED))
    return (values, objective) if again.values is None else (again.values, again.objective)


def _proof(problem: LotProblem, quantities: Floats, solution: Solution, objective: float, *, is_proved: bool) -> Proof:
    cost, violations = lot_cost(problem, quantities), lot_violations(problem, quantities)
    agrees = not violations and abs(cost - objective) <= AGREEMENT * max(1.0, abs(objective))
    status = Status.OPTIMAL if is_proved and agrees else Status.FEASIBLE
    bound = min(solution.bound, objective)
    return Proof(status, objective, bound, "", "HiGHS", solution.seconds, recheck=Recheck(violations, cost, agrees))
