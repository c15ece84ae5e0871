"""Orders of many items over several periods, with setups, shared capacity, shelf lives and shared deliveries."""

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.arrays import Floats
from engine.errors import DataProblem
from engine.proof import Proof, Recheck, Status
from engine.solvers.highs import Solution, SolverStatus, WorkLimits, settle_model, solve_model


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
    demand: Floats
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
    capacity: Floats | None = None
    storage: float | None = None
    delivery_costs: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({len(item.demand) for item in self.items}) != 1:
            raise ValueError("all items need demand for the same periods")

    @property
    def periods(self) -> int:
        """How many periods are planned."""
        return len(self.items[0].demand)


SLACK = 1e-5
"""Rounding that does not count as a violation, in units or as a share."""


def lot_cost(problem: LotProblem, quantities: Floats) -> float:
    """Setups, stock and deliveries, added up period by period, currency."""
    total = 0.0
    for item, orders in zip(problem.items, quantities, strict=True):
        total += item.setup_cost * int(np.sum(orders > SLACK)) + item.holding_cost * float(_stock(item, orders).sum())
    for supplier, cost in problem.delivery_costs.items():
        rows = [k for k, item in enumerate(problem.items) if item.supplier == supplier]
        total += cost * int(np.sum((quantities[rows] > SLACK).any(axis=0)))
    return total


def lot_violations(problem: LotProblem, quantities: Floats) -> tuple[str, ...]:
    """Each broken limit in words; empty when there is none."""
    violations = [
        message
        for item, orders in zip(problem.items, quantities, strict=True)
        for message in _broken_by_item(item, orders)
    ]
    for period in range(problem.periods):
        orders = quantities[:, period]
        used = sum(
            item.unit_time * float(q) + item.setup_time * bool(q > SLACK)
            for item, q in zip(problem.items, orders, strict=True)
        )
        if problem.capacity is not None and used > problem.capacity[period] * (1 + SLACK):
            violations.append(f"period {period + 1} uses {used:g} of {problem.capacity[period]:g}")
    if problem.storage is not None:
        pairs = zip(problem.items, quantities, strict=True)
        stored = sum(item.volume * _stock(item, orders) for item, orders in pairs)
        if np.any(stored > problem.storage * (1 + SLACK)):
            violations.append(f"up to {np.max(stored):g} is stored where {problem.storage:g} fits")
    return tuple(violations)


def _stock(item: LotItem, orders: Floats) -> Floats:
    return np.asarray(item.initial_stock + np.cumsum(orders - item.demand))


def _broken_by_item(item: LotItem, orders: Floats) -> list[str]:
    violations = []
    stock = _stock(item, orders)
    if np.any(stock < -SLACK * max(1.0, item.demand.max())):
        violations.append(f"{item.name} runs out in period {int(np.argmin(stock)) + 1}")
    placed = orders[orders > SLACK]
    if np.any(placed < item.minimum_lot - SLACK):
        violations.append(f"{item.name} is ordered below its minimum")
    if item.pack and np.any(np.abs(placed / item.pack - np.rint(placed / item.pack)) > SLACK):
        violations.append(f"{item.name} is not ordered in whole cases")
    if item.shelf_life is not None:
        for period in range(len(stock)):
            usable = item.demand[period + 1 : period + item.shelf_life].sum()
            if stock[period] > usable + SLACK * max(1.0, usable):
                violations.append(f"{item.name} spoils after period {period + 1}")
    return violations


Grid = list[list[Any]]
"""Expressions of PuLP by item (or supplier) and period."""


class LotProgram:
    """The orders as a mixed-integer program, written with PuLP.

    Args:
        problem: what to plan.

    Attributes:
        model: the `pulp.LpProblem`.
    """

    def __init__(self, problem: LotProblem) -> None:
        import pulp

        self.problem = problem
        self.model = pulp.LpProblem("lots", pulp.LpMinimize)
        items, periods = problem.items, range(problem.periods)
        self._orders: Grid = [[self._number("order", n, t) for t in periods] for n, _ in enumerate(items)]
        self._stock: Grid = [
            [self._number("stock", n, t, most=_most_stock(item, t)) for t in periods] for n, item in enumerate(items)
        ]
        self._setups: Grid = [[self._whole("setup", n, t, most=1.0) for t in periods] for n, _ in enumerate(items)]
        suppliers = enumerate(sorted(problem.delivery_costs))
        self._trips = {name: [self._whole("trip", n, t, most=1.0) for t in periods] for n, name in suppliers}
        self.model.setObjective(self._cost())
        for number, item in enumerate(items):
            for period in periods:
                self._write(number, item, period)
        for period in periods:
            self._share(period)

    def quantities(self) -> Floats:
        """The order quantities of the last solution, shape (items, periods)."""
        return np.maximum([[order.varValue or 0.0 for order in orders] for orders in self._orders], 0.0)

    def _number(self, name: str, row: int, period: int, *, most: float | None = None) -> Any:
        return self.model.add_variable(f"{name}_{row:04}_{period:04}", 0.0, most)

    def _whole(self, name: str, row: int, period: int, *, most: float | None = None) -> Any:
        return self.model.add_variable(f"{name}_{row:04}_{period:04}", 0.0, most, "Integer")

    def _cost(self) -> Any:
        import pulp

        held = [
            (each, item.holding_cost) for item, row in zip(self.problem.items, self._stock, strict=True) for each in row
        ]
        fees = [
            (each, item.setup_cost) for item, row in zip(self.problem.items, self._setups, strict=True) for each in row
        ]
        trips = [(each, self.problem.delivery_costs[name]) for name, row in self._trips.items() for each in row]
        return pulp.LpAffineExpression([*held, *fees, *trips])

    def _write(self, number: int, item: LotItem, period: int) -> None:
        """What holds for one item in one period: its stock goes on, and an order needs a setup and a delivery."""
        order, setup = self._orders[number][period], self._setups[number][period]
        before = self._stock[number][period - 1] if period else item.initial_stock
        self.model += before + order - self._stock[number][period] == float(item.demand[period])
        self.model += order <= _most_ordered(self.problem, item, period) * setup
        if item.minimum_lot:
            self.model += order >= item.minimum_lot * setup
        if item.pack:
            self.model += order == item.pack * self._whole("case", number, period)
        if item.supplier in self._trips:
            self.model += setup <= self._trips[item.supplier][period]

    def _share(self, period: int) -> None:
        """What all items share in one period."""
        import pulp

        problem = self.problem
        if problem.capacity is not None:
            times = [(row[period], item.unit_time) for item, row in zip(problem.items, self._orders, strict=True)]
            times += [(row[period], item.setup_time) for item, row in zip(problem.items, self._setups, strict=True)]
            self.model += pulp.LpAffineExpression(times) <= float(problem.capacity[period])
        if problem.storage is not None:
            volumes = [(row[period], item.volume) for item, row in zip(problem.items, self._stock, strict=True)]
            self.model += pulp.LpAffineExpression(volumes) <= problem.storage


def _most_stock(item: LotItem, period: int) -> float | None:
    """With a shelf life, no more is kept than the periods sell in which the last delivery is still good."""
    if item.shelf_life is None:
        return None
    return float(item.demand[period + 1 : period + item.shelf_life].sum())


def _most_ordered(problem: LotProblem, item: LotItem, period: int) -> float:
    """The largest order that can make sense: what is still to come, in whole cases, within the capacity."""
    most = max(float(item.demand[period:].sum()), item.minimum_lot)
    most = np.ceil(most / item.pack) * item.pack if item.pack else most
    if problem.capacity is not None and item.unit_time > 0:
        most = min(most, max(0.0, (problem.capacity[period] - item.setup_time) / item.unit_time))
    return float(most)


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
    solution = solve_model(program.model, WorkLimits(seconds, gap=tolerance, seed=SEED))
    if solution.values is None:
        status = Status.INFEASIBLE if solution.status is SolverStatus.INFEASIBLE else Status.FEASIBLE
        proof = Proof(status, np.inf, solution.bound, unit, "HiGHS", time.perf_counter() - began)
        return LotPlan(problem, np.empty((0, 0)), proof)
    settled = settle_model(program.model, WorkLimits(10.0, seed=SEED))
    objective = solution.objective if settled.values is None else settled.objective
    quantities = program.quantities()
    proof = _proof(problem, quantities, solution, objective, is_proved=solution.is_proved(tolerance))
    return LotPlan(problem, quantities, replace(proof, unit=unit, seconds=time.perf_counter() - began))


def _proof(problem: LotProblem, quantities: Floats, solution: Solution, objective: float, *, is_proved: bool) -> Proof:
    cost, violations = lot_cost(problem, quantities), lot_violations(problem, quantities)
    agrees = not violations and abs(cost - objective) <= AGREEMENT * max(1.0, abs(objective))
    status = Status.OPTIMAL if is_proved and agrees else Status.FEASIBLE
    bound = min(solution.bound, objective)
    return Proof(status, objective, bound, "", "HiGHS", solution.seconds, recheck=Recheck(violations, cost, agrees))
