"""Order Q when the stock falls to r."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from benchmarks.textbook.counts import CountDemand
from benchmarks.textbook.economic_order import economic_order, economic_order_with_backorders
from benchmarks.textbook.newsvendor import critical_ratio

STEPS = 200
"""Halvings or repetitions after which every method here has long settled."""


@dataclass(frozen=True)
class ReorderPoint:
    """An (r, Q) policy.

    Attributes:
        reorder_point: order when the inventory position falls to it, units.
        quantity: units per order.
        cost: expected ordering, holding and stockout cost per unit of time, currency.
    """

    reorder_point: float
    quantity: float
    cost: float


@dataclass(frozen=True)
class NormalLeadTime:
    """One item with normally distributed demand.

    Attributes:
        demand_mean: units per unit of time.
        demand_sd: units, of the demand in one unit of time.
        lead_time: units of time.
        order_cost: currency per order.
        holding_cost: currency per unit and unit of time.
        stockout_cost: currency per unit backordered and unit of time (per unit alone in `by_expected_inventory`).
    """

    demand_mean: float
    demand_sd: float
    lead_time: float
    order_cost: float
    holding_cost: float
    stockout_cost: float

    @property
    def mean(self) -> float:
        """Units demanded over the lead time."""
        return self.demand_mean * self.lead_time

    @property
    def sd(self) -> float:
        """Standard deviation of the demand over the lead time, units."""
        return self.demand_sd * math.sqrt(self.lead_time)

    def short(self, level: float) -> float:
        """Expected units short of a lead time that starts at this level."""
        z = (level - self.mean) / self.sd
        return self.sd * (NormalDist().pdf(z) - z * (1 - NormalDist().cdf(z)))

    def second_order_loss(self, level: float) -> float:
        """The integral of `short` from this level on (second-order loss), units squared."""
        z = (level - self.mean) / self.sd
        return self.sd**2 / 2 * ((z * z + 1) * (1 - NormalDist().cdf(z)) - z * NormalDist().pdf(z))

    def level_cost(self, level: float) -> float:
        """Holding and stockout cost per unit of time when the position stays at this level, currency."""
        short = self.short(level)
        return self.holding_cost * (level - self.mean + short) + self.stockout_cost * short

    def cost(self, reorder_point: float, quantity: float) -> float:
        """What the policy costs per unit of time, exact for continuous review (Snyder & Shen, eq. 5.7)."""
        stock = reorder_point + quantity / 2 - self.mean
        second = self.second_order_loss(reorder_point) - self.second_order_loss(reorder_point + quantity)
        penalty = (self.holding_cost + self.stockout_cost) * second / quantity
        return self.holding_cost * stock + penalty + self.order_cost * self.demand_mean / quantity


def reorder_point_normal(item: NormalLeadTime) -> ReorderPoint:
    """The cheapest (r, Q) policy, exact.

    At the best lot both ends of the cycle cost the same, and as much as the whole (Zheng 1992, theorem 1).
    """
    low = economic_order(item.order_cost, item.demand_mean, holding_cost=item.holding_cost).quantity / 2
    high = 2 * low
    while item.level_cost(_best_level(item, high)) < item.cost(_best_level(item, high), high):
        high *= 2

    def too_small(quantity: float) -> bool:
        r = _best_level(item, quantity)
        return item.level_cost(r) < item.cost(r, quantity)

    quantity = _bisect(too_small, low / 1e3, high)
    r = _best_level(item, quantity)
    return ReorderPoint(r, quantity, item.cost(r, quantity))


def by_economic_order_and_safety_stock(item: NormalLeadTime) -> ReorderPoint:
    """The economic order quantity, with the newsvendor's level as reorder point (Snyder & Shen, section 5.3.3)."""
    lot = economic_order(item.order_cost, item.demand_mean, holding_cost=item.holding_cost).quantity
    ratio = critical_ratio(item.holding_cost, item.stockout_cost)
    r = item.mean + NormalDist().inv_cdf(ratio) * item.sd
    return ReorderPoint(r, lot, item.cost(r, lot))


def by_economic_order_with_backorders(item: NormalLeadTime) -> ReorderPoint:
    """The economic order quantity with backorders, and the best reorder point for it (Snyder & Shen, section 5.3.2)."""
    lot = economic_order_with_backorders(
        item.order_cost, item.demand_mean, holding_cost=item.holding_cost, stockout_cost=item.stockout_cost
    ).quantity
    r = _best_level(item, lot)
    return ReorderPoint(r, lot, item.cost(r, lot))


def by_loss_function(item: NormalLeadTime) -> ReorderPoint:
    """Lot and reorder point in turns, leaving out the far end of the cycle (Snyder & Shen, section 5.3.4)."""
    both = item.holding_cost + item.stockout_cost
    lot = economic_order(item.order_cost, item.demand_mean, holding_cost=item.holding_cost).quantity
    low, high = item.mean - 20 * item.sd - item.demand_mean, item.mean + 20 * item.sd
    for _ in range(STEPS):
        target = item.holding_cost * lot / both
        r = _bisect(lambda level, target=target: item.short(level) > target, low, high)  # type: ignore[misc]
        fees = item.order_cost * item.demand_mean + both * item.second_order_loss(r)
        lot = math.sqrt(2 * fees / item.holding_cost)
    return ReorderPoint(r, lot, item.cost(r, lot))


def by_expected_inventory(item: NormalLeadTime) -> ReorderPoint:
    """Lot and reorder point in turns, with a stockout cost per unit whatever the wait (Snyder & Shen, section 5.3.1).

    Raises:
        ValueError: a stockout is so cheap that the best policy has no reorder point.
    """
    lot = economic_order(item.order_cost, item.demand_mean, holding_cost=item.holding_cost).quantity
    for _ in range(STEPS):
        chance = lot * item.holding_cost / (item.stockout_cost * item.demand_mean)
        if chance >= 1:
            raise ValueError("a stockout costs less than holding the lot")
        r = item.mean + NormalDist().inv_cdf(1 - chance) * item.sd
        fees = item.order_cost + item.stockout_cost * item.short(r)
        lot = math.sqrt(2 * item.demand_mean * fees / item.holding_cost)
    stock = item.holding_cost * (r - item.mean + lot / 2)
    fees = item.order_cost + item.stockout_cost * item.short(r)
    return ReorderPoint(r, lot, stock + fees * item.demand_mean / lot)


def reorder_point_counts(
    lead_time_demand: CountDemand,
    demand_rate: float,
    *,
    order_cost: float,
    holding_cost: float,
    stockout_cost: float,
) -> ReorderPoint:
    """The cheapest (r, Q) policy for demand that comes unit by unit, exact.

    Args:
        lead_time_demand: demand over the lead time.
        demand_rate: units per unit of time.
        order_cost: currency per order, > 0.
        holding_cost: currency per unit and unit of time, > 0.
        stockout_cost: currency per unit backordered and unit of time, > 0.

    Raises:
        ValueError: a cost is not positive.

    Source: Federgruen & Zheng (1992): take levels from the cheapest outwards while they lower the average. Snyder &
        Shen's example 5.8 is a test.
    """
    ratio = critical_ratio(holding_cost, stockout_cost)

    def level_cost(level: int) -> float:
        return float(lead_time_demand.cost(np.array([float(level)]), holding_cost, stockout_cost)[0])

    first = int(np.searchsorted(np.cumsum(lead_time_demand.chances), ratio - 1e-12))
    r, lot, total = first - 1, 1, order_cost * demand_rate + level_cost(first)
    while (following := min(level_cost(r), level_cost(r + lot + 1))) < total / lot:
        if level_cost(r) <= level_cost(r + lot + 1):
            r -= 1
        total, lot = total + following, lot + 1
    return ReorderPoint(r, lot, total / lot)


def _best_level(item: NormalLeadTime, quantity: float) -> float:
    """The reorder point at which the cycle's two ends cost the same: the best one for this lot."""
    ratio = critical_ratio(item.holding_cost, item.stockout_cost)
    cheapest = item.mean + NormalDist().inv_cdf(ratio) * item.sd
    return _bisect(lambda r: item.level_cost(r) > item.level_cost(r + quantity), cheapest - quantity, cheapest)


def _bisect(go_up: Callable[[float], bool], low: float, high: float) -> float:
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if go_up(middle) else (low, middle)
    return (low + high) / 2
