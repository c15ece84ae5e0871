"""Orders of many items over several periods, with setups, shared capacity, shelf lives and shared deliveries."""

import time
from dataclasses import dataclass, field, replace

import numpy as np

from engine.arrays import Floats
from engine.errors import DataProblem
from engine.proof import Proof, Recheck, Status
from engine.solvers.highs import Program, Solution, SolverStatus, WorkLimits, solve


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


@dataclass
class _Rows:
    """Constraints, gathered entry by entry."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    entries: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def add(self, terms: list[tuple[int, float]], lower: float, upper: float) -> None:
        for column, entry in terms:
            if entry:
                self.rows.append(len(self.lower))
                self.columns.append(column)
                self.entries.append(entry)
        self.lower.append(lower)
        self.upper.append(upper)


class LotProgram:
    """Columns: per item and period the quantity, the stock at the end and the setup; then cases and deliveries.

    Args:
        problem: what to plan.
    """

    def __init__(self, problem: LotProblem) -> None:
        self.problem = problem
        self._n, self._t = len(problem.items), problem.periods
        self._suppliers = sorted(problem.delivery_costs)
        self._cases = [number for number, item in enumerate(problem.items) if item.pack]

    def program(self) -> Program:
        """The program for the solver."""
        rows = _Rows()
        for number, item in enumerate(self.problem.items):
            self._flow(rows, number, item)
            self._setups(rows, number, item)
            self._deliveries(rows, number, item)
        self._shared(rows)
        cost, upper, integer = self._columns()
        return Program(
            cost,
            np.zeros(len(cost)),
            upper,
            integer,
            np.array(rows.rows, np.int64),
            np.array(rows.columns, np.int64),
            np.array(rows.entries),
            np.array(rows.lower),
            np.array(rows.upper),
        )

    def quantities(self, values: Floats) -> Floats:
        """The order quantities in a solution, shape (items, periods)."""
        return np.maximum(values[: self._n * self._t].reshape(self._n, self._t), 0.0)

    def _order(self, item: int, period: int) -> int:
        return item * self._t + period

    def _stock(self, item: int, period: int) -> int:
        return (self._n + item) * self._t + period

    def _setup(self, item: int, period: int) -> int:
        return (2 * self._n + item) * self._t + period

    def _case(self, place: int, period: int) -> int:
        return (3 * self._n + place) * self._t + period

    def _delivery(self, supplier: str, period: int) -> int:
        return (3 * self._n + len(self._cases) + self._suppliers.index(supplier)) * self._t + period

    def _columns(self) -> tuple[Floats, Floats, np.ndarray]:
        items, t = self.problem.items, self._t
        nothing = [0.0] * (self._n * t)
        held = [item.holding_cost for item in items for _ in range(t)]
        fees = [item.setup_cost for item in items for _ in range(t)]
        trips = [self.problem.delivery_costs[name] for name in self._suppliers for _ in range(t)]
        cost = np.array(nothing + held + fees + [0.0] * (len(self._cases) * t) + trips)
        room = [self._most_stock(item, period) for item in items for period in range(t)]
        upper = np.array(
            [np.inf] * len(nothing) + room + [1.0] * len(fees) + [np.inf] * (len(self._cases) * t) + [1.0] * len(trips)
        )
        integer = np.arange(len(cost)) >= 2 * self._n * t
        return cost, upper, integer

    def _most_stock(self, item: LotItem, period: int) -> float:
        """With a shelf life, no more is kept than the periods sell in which the last delivery is still good."""
        if item.shelf_life is None:
            return np.inf
        return float(item.demand[period + 1 : period + item.shelf_life].sum())

    def _flow(self, rows: _Rows, number: int, item: LotItem) -> None:
        for period in range(self._t):
            before = [(self._stock(number, period - 1), 1.0)] if period else []
            demand = float(item.demand[period]) - (0.0 if period else item.initial_stock)
            rows.add([*before, (self._order(number, period), 1.0), (self._stock(number, period), -1.0)], demand, demand)

    def _setups(self, rows: _Rows, number: int, item: LotItem) -> None:
        place = self._cases.index(number) if item.pack else 0
        for period in range(self._t):
            order, setup = self._order(number, period), self._setup(number, period)
            rows.add([(order, 1.0), (setup, -self._most(item, period))], -np.inf, 0.0)
            if item.minimum_lot:
                rows.add([(order, 1.0), (setup, -item.minimum_lot)], 0.0, np.inf)
            if item.pack:
                rows.add([(order, 1.0), (self._case(place, period), -item.pack)], 0.0, 0.0)

    def _most(self, item: LotItem, period: int) -> float:
        """The largest order that can make sense: what is still to come, in whole cases, within the capacity."""
        most = max(float(item.demand[period:].sum()), item.minimum_lot)
        most = np.ceil(most / item.pack) * item.pack if item.pack else most
        if self.problem.capacity is not None and item.unit_time > 0:
            most = min(most, max(0.0, (self.problem.capacity[period] - item.setup_time) / item.unit_time))
        return float(most)

    def _deliveries(self, rows: _Rows, number: int, item: LotItem) -> None:
        if item.supplier in self.problem.delivery_costs:
            for period in range(self._t):
                trip = self._delivery(item.supplier, period)
                rows.add([(self._setup(number, period), 1.0), (trip, -1.0)], -np.inf, 0.0)

    def _shared(self, rows: _Rows) -> None:
        for period in range(self._t):
            if self.problem.capacity is not None:
                used = [(self._order(number, period), item.unit_time) for number, item in enumerate(self.problem.items)]
                used += [
                    (self._setup(number, period), item.setup_time) for number, item in enumerate(self.problem.items)
                ]
                rows.add(used, -np.inf, float(self.problem.capacity[period]))
            if self.problem.storage is not None:
                stored = [(self._stock(number, period), item.volume) for number, item in enumerate(self.problem.items)]
                rows.add(stored, -np.inf, self.problem.storage)


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
