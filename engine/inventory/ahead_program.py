"""The deliveries ahead as a mixed-integer program, written with PuLP: which chances to order are used, and how.

Per item a path runs from the first chance to the end, over covers (`engine/inventory/cover.py`); each has its level and
its cost, which lies above the tangents of the true one. All is scaled by whether the cover is used, so the program
without its whole numbers is already close. Its bound therefore holds for the true cost on all paths.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.arrays import Floats
from engine.inventory.check import paid
from engine.inventory.cover import ItemCovers, OrderCover
from engine.inventory.infeasibility import BUDGET, MINIMUM, SPACE
from engine.inventory.item import OrderLimits, PriceBreak
from engine.inventory.planning_inputs import PlanningItem
from engine.solvers.highs import Solution, WorkLimits, relax_model, solve_model

SEED = 1

SHARPENINGS = 8
"""The program without its whole numbers is solved so often, at most, to find where tangents are needed."""

SHARP = 2e-4
"""Tangents that miss the true cost by a smaller share are good enough."""

UNUSED = 1e-6
"""A cover that is used less is not used."""


class AheadProgram:
    """The program of some items.

    Args:
        items: their covers, with equally many chances.
        limits: what they share.
        loose: None for the cheapest plan; else the limit, by its name in `engine/inventory/infeasibility.py`, that
            gives way by as little as possible; "" for any plan that keeps all limits.

    Attributes:
        model: the `pulp.LpProblem`.
    """

    def __init__(self, items: Sequence[ItemCovers], limits: OrderLimits, *, loose: str | None = None) -> None:
        import pulp

        self.model = pulp.LpProblem("ahead", pulp.LpMinimize)
        self._items, self._limits, self._chances = items, limits, range(items[0].chances)
        self._cost: list[Any] = []
        self._loose, self._slack = loose, self.model.add_variable("slack", 0.0)
        suppliers = sorted({each.ready.item.supplier for each in items})
        self._trips = {
            name: [self._whole(f"trip_{place}_{chance}", 1.0) for chance in self._chances]
            for place, name in enumerate(suppliers)
        }
        self._covers = [_CoverColumns(self.model, number, each) for number, each in enumerate(items)]
        self._cases: list[list[Any]] = []
        self._spend: list[list[Any]] = []
        for number, each in enumerate(items):
            self._write(number, each)
        self._share(suppliers)
        costs = [*self._cost, *(cost for each in self._covers for cost in each.costs)]
        self.model.setObjective(pulp.lpSum(costs) if loose is None else self._slack + 0.0)

    def solve(self, limits: WorkLimits) -> Solution:
        """Search; `quantities` has the best plan afterwards."""
        return solve_model(self.model, limits)

    def sharpen(self, deadline: float) -> float:
        """Draw tangents where the program without its whole numbers would be, until its cost is nearly the true one.

        Returns what any plan costs at least, currency.
        """
        least = -np.inf
        for _ in range(SHARPENINGS):
            relaxed = relax_model(self.model, WorkLimits(max(0.1, deadline - time.perf_counter()), seed=SEED))
            least = max(least, relaxed.bound)
            short = 0.0 if relaxed.values is None else sum([columns.sharpen() for columns in self._covers])
            if short <= SHARP * abs(relaxed.objective) or time.perf_counter() > deadline:
                break
        for variable in self.model.variables():
            variable.varValue = None
        return least

    def quantities(self) -> Floats:
        """Units that the last solution orders of each item at each chance, shape (items, chances)."""
        packs = [each.ready.item.pack for each in self._items]
        return np.array([
            [pack * round(case.varValue or 0.0) for case in row] for pack, row in zip(packs, self._cases, strict=True)
        ])  # fmt: skip

    def refine(self, levels: Sequence[Mapping[tuple[int, int], float]]) -> None:
        """Draw more tangents at the levels (per item, by first and last chance) that a plan uses."""
        for columns, used in zip(self._covers, levels, strict=True):
            for (first, last), level in used.items():
                columns.touch(first, last, np.array([level - 1e-6, level + 1e-6]))

    def allow(self, trips: Mapping[str, Sequence[bool]]) -> None:
        """No deliveries but these of each supplier; what is ordered with them stays open."""
        for variable in self.model.variables():
            variable.varValue = None
        for name, columns in self._trips.items():
            for trip, is_allowed in zip(columns, trips[name], strict=True):
                trip.bounds(0.0, float(is_allowed))

    def _whole(self, name: str, most: float | None = None) -> Any:
        return self.model.add_variable(name, 0.0, most, "Integer")

    def _write(self, number: int, covers: ItemCovers) -> None:
        """The orders of one item: whole cases above its minimum, with a delivery of its supplier, at its prices."""
        ready, columns = covers.ready, self._covers[number]
        item = ready.item
        self._cases.append([])
        self._spend.append([])
        for chance in self._chances:
            case, is_ordered = self._whole(f"case_{number}_{chance}"), self._whole(f"is_{number}_{chance}", 1.0)
            quantity = item.pack * case
            self.model += columns.used(chance) == is_ordered
            self.model += columns.ordered(chance) == quantity
            self.model += quantity <= covers.most * is_ordered
            self.model += quantity >= max(item.minimum_order, item.pack) * is_ordered
            self.model += is_ordered <= self._trips[item.supplier][chance]
            self._cases[-1].append(case)
            self._spend[-1].append(self._price(f"{number}_{chance}", ready, quantity, covers.most))
            self._cost.append(item.order_cost * is_ordered + self._spend[-1][-1] - ready.unit_cost * quantity)

    def _price(self, name: str, ready: PlanningItem, quantity: Any, most: float) -> Any:
        """What a quantity costs to buy: one of the regions of the price list holds it."""
        import pulp

        steps = sorted((each for each in ready.item.prices if each.quantity > 0), key=lambda each: each.quantity)
        if not steps:
            return ready.unit_cost * quantity
        regions, parts, total = [], [], []
        for place, step in enumerate([PriceBreak(0.0, ready.unit_cost), *steps]):
            is_here, part = (
                self._whole(f"region_{name}_{place}", 1.0),
                self.model.add_variable(f"part_{name}_{place}", 0.0),
            )
            end = min(most, steps[place].quantity if place < len(steps) else most)
            self.model += part <= end * is_here
            self.model += part >= step.quantity * is_here
            regions.append(is_here)
            parts.append(part)
            surcharge = paid(ready, step.quantity) - step.unit_cost * step.quantity if ready.item.incremental else 0.0
            total.append(step.unit_cost * part + surcharge * is_here)
        self.model += pulp.lpSum(parts) == quantity
        self.model += pulp.lpSum(regions) <= 1
        return pulp.lpSum(total)

    def _share(self, suppliers: Sequence[str]) -> None:
        """Fees and minimums of the suppliers, space, and money over time."""
        import pulp

        limits = self._limits
        for name in suppliers:
            members = [number for number, each in enumerate(self._items) if each.ready.item.supplier == name]
            least = limits.supplier_minimums.get(name, 0.0)
            for chance, trip in enumerate(self._trips[name]):
                self._cost.append(limits.delivery_costs.get(name, 0.0) * trip)
                self.model += trip <= pulp.lpSum(self._covers[number].used(chance) for number in members)
                if least:
                    spent = pulp.lpSum(self._spend[number][chance] for number in members)
                    self.model += spent + self._give(MINIMUM + name) >= least * trip
        for chance in self._chances:
            if limits.budget is not None:
                spent = pulp.lpSum(row[earlier] for row in self._spend for earlier in range(chance + 1))
                self.model += spent <= (chance + 1) * (limits.budget + self._give(BUDGET))
            if limits.capacity is not None:
                stored = [each.ready.volume * self._stored(number, chance) for number, each in enumerate(self._items)]
                self.model += pulp.lpSum(stored) <= limits.capacity + self._give(SPACE)

    def _give(self, name: str) -> Any:
        return self._slack if name == self._loose else 0.0

    def _stored(self, number: int, chance: int) -> Any:
        """Expected stock of an item after the delivery of a chance, never below nothing."""
        stock = self.model.add_variable(f"stored_{number}_{chance}", 0.0)
        self.model += stock >= self._covers[number].stock(chance)
        return stock


class _CoverColumns:
    """The columns of one item: of each cover whether it is used, its level, and its cost."""

    def __init__(self, model: Any, number: int, item: ItemCovers) -> None:
        import pulp

        self._model, self._item, self.costs = model, item, list[Any]()
        self._uses: dict[tuple[int, int, bool], Any] = {}
        self._levels: dict[tuple[int, int], Any] = {}
        self._costs: dict[tuple[int, int], Any] = {}
        self._covers = {(each.first, each.last, each.is_order): each for each in item.covers}
        for (first, last, is_order), cover in self._covers.items():
            name = f"{number}_{first}_{last}_{int(is_order)}"
            use = self._uses[first, last, is_order] = model.add_variable(f"use_{name}", 0.0, 1.0)
            if not is_order:
                self.costs.append(cover.constant * use)
                continue
            self._levels[first, last] = level = model.add_variable(f"level_{name}")
            self._costs[first, last] = cost = model.add_variable(f"cost_{name}", 0.0)
            self.costs.append(cost)
            model += level <= item.most * use
            model += level >= max(item.lowest, cover.least) * use
            self.touch(first, last, cover.places())
        ends = range(item.chances + 1)
        leaving = [pulp.lpSum(use for (first, _, _), use in self._uses.items() if first == chance) for chance in ends]
        coming = [pulp.lpSum(use for (_, last, _), use in self._uses.items() if last == chance) for chance in ends]
        model += leaving[0] == 1
        for chance in range(1, item.chances):
            model += leaving[chance] == coming[chance]

    def touch(self, first: int, last: int, levels: Floats) -> None:
        """The cost lies above the tangents at these levels."""
        use, level, cost = self._uses[first, last, True], self._levels[first, last], self._costs[first, last]
        for slope, height in self._covers[first, last, True].tangents(levels):
            self._model += cost >= slope * level + height * use

    def sharpen(self) -> float:
        """Draw tangents at the levels of the last solution; returns by how much those before missed the cost there."""
        short = 0.0
        for (first, last), level in self._levels.items():
            use = self._uses[first, last, True].varValue or 0.0
            if use > UNUSED:
                at = (level.varValue or 0.0) / use
                cost = use * float(self._covers[first, last, True].cost(np.array([at]))[0])
                missed = cost - (self._costs[first, last].varValue or 0.0)
                if missed > UNUSED * (1 + cost):
                    self.touch(first, last, np.array([at - 1e-6, at + 1e-6]))
                    short += missed
        return short

    def used(self, chance: int) -> Any:
        """Whether something is ordered at a chance."""
        import pulp

        return pulp.lpSum(self._uses[key] for key in self._covers if key[0] == chance and key[2])

    def ordered(self, chance: int) -> Any:
        """Units that lead from what is there to the level that is ordered up to."""
        import pulp

        item, review = self._item, self._item.review
        total = pulp.lpSum(level for (first, _), level in self._levels.items() if first == chance)
        if item.is_fresh:
            return total
        if chance == 0:
            return total - float(item.position[0]) * self.used(0)
        for (first, last, is_order), use in self._uses.items():
            if last != chance:
                continue
            if not is_order:
                total -= float(item.position[chance]) * use
            else:
                total -= self._levels[first, last] - item.expected(first, chance * review) * use
        return total

    def stock(self, chance: int) -> Any:
        """Expected units in stock just after the delivery of a chance."""
        import pulp

        terms = []
        for (first, last, is_order), cover in self._covers.items():
            if first <= chance < last:
                terms.append(_after(cover, chance, self._item) * self._uses[first, last, is_order])
                if is_order:
                    terms.append(self._levels[first, last])
        return pulp.lpSum(terms)


def _after(cover: OrderCover, chance: int, item: ItemCovers) -> float:
    """What is added to a level for the expected stock after a delivery, units."""
    gone = cover.until[chance - cover.first]
    if not cover.is_order:
        return -gone if item.is_fresh else float(item.position[0]) - gone
    return -gone
