"""Orders of many items over several periods, with setups, shared capacity, shelf lives and shared deliveries."""

import time
from dataclasses import dataclass, field

import numpy as np

from engine.errors import DataProblem
from engine.inventory.arrays import Values
from engine.inventory.highs import Program, Solution, solve
from engine.inventory.lot_check import lot_cost, lot_violations
from engine.inventory.lot_program import LotProgram
from engine.proof import Proof, Recheck, Status

SECONDS = 60.0
AGREEMENT = 1e-5
"""The second look must find the promised cost to this share."""


@dataclass(frozen=True, eq=False)
class LotItem:
    """One item whose demand is known period by period.

    Attributes:
        name: for messages.
        demand: units per period, >= 0, shape (periods,).
        setup_cost: currency per order (or batch).
        holding_cost: currency per unit left at a period's end.
        setup_time: capacity that an order takes, whatever its size.
        unit_time: capacity that a unit takes.
        initial_stock: units before the first period.
        shelf_life: most periods, its own included, over which a delivery can be used; None when it keeps.
        pack: units per case; 0 when any quantity can be ordered.
        minimum_lot: smallest order, units.
        supplier: items of one supplier share the cost of a delivery.
        volume: storage that a unit takes.
    """

    name: str
    demand: Values
    setup_cost: float
    holding_cost: float
    setup_time: float = 0.0
    unit_time: float = 1.0
    initial_stock: float = 0.0
    shelf_life: int | None = None
    pack: float = 0.0
    minimum_lot: float = 0.0
    supplier: str = ""
    volume: float = 0.0


@dataclass(frozen=True, eq=False)
class LotProblem:
    """What to plan.

    Attributes:
        items: with equally many periods of demand.
        capacity: per period, in the unit of the items' times; None when there is no limit.
        storage: room for what is left at each period's end, in the unit of the items' volumes; None without limit.
        delivery_costs: currency per delivery of a supplier in a period, shared by all of its items.

    Raises:
        ValueError: the items have different numbers of periods.
    """

    items: tuple[LotItem, ...]
    capacity: Values | None = None
    storage: float | None = None
    delivery_costs: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({len(item.demand) for item in self.items}) != 1:
            raise ValueError("all items need demand for the same periods")

    @property
    def periods(self) -> int:
        """How many periods are planned."""
        return len(self.items[0].demand)


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
