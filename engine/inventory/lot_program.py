"""The lot-sizing problem as a mixed-integer program that can be proved."""

from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Floats
from engine.inventory.lot_problem import LotItem, LotProblem
from engine.solvers.highs import Program


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
        kept = [self._most_stock(item, period) for item in items for period in range(t)]
        upper = np.array(
            [np.inf] * len(nothing) + kept + [1.0] * len(fees) + [np.inf] * (len(self._cases) * t) + [1.0] * len(trips)
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
            wanted = float(item.demand[period]) - (0.0 if period else item.initial_stock)
            rows.add([*before, (self._order(number, period), 1.0), (self._stock(number, period), -1.0)], wanted, wanted)

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
                kept = [(self._stock(number, period), item.volume) for number, item in enumerate(self.problem.items)]
                rows.add(kept, -np.inf, self.problem.storage)
