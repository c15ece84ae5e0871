"""Order up to S when the stock has fallen to s."""

import math
from dataclasses import dataclass

import numpy as np

from benchmarks.textbook.counts import CountDemand
from benchmarks.textbook.newsvendor import newsvendor_counts
from engine.arrays import Floats


@dataclass(frozen=True)
class OrderUpTo:
    """An (s, S) policy.

    Attributes:
        reorder_point: order when the inventory position is at or below it, units.
        order_up_to: to this position, units.
        cost: expected ordering, holding and stockout cost per period, currency.
    """

    reorder_point: int
    order_up_to: int
    cost: float


def order_up_to(
    demand: CountDemand, *, order_cost: float, holding_cost: float, stockout_cost: float, lead_time: int = 0
) -> OrderUpTo:
    """The cheapest (s, S) policy, exact.

    Args:
        demand: of one period; periods are independent.
        order_cost: currency per order, >= 0.
        holding_cost: currency per unit and period, > 0.
        stockout_cost: currency per unit backordered and period, > 0.
        lead_time: periods from order to delivery.

    Raises:
        ValueError: holding or stockout cost is not positive, or the order cost is negative.

    Source: Zheng & Federgruen (1991), Operations Research 39(4); their table 1 and Snyder & Shen's example 4.7 are
        tests.
    """
    if order_cost < 0:
        raise ValueError("the order cost must not be negative")
    horizon = demand.over(lead_time + 1)
    cheapest = int(newsvendor_counts(horizon, holding_cost=holding_cost, stockout_cost=stockout_cost).level)
    period = _PeriodCost(horizon, holding_cost, stockout_cost)
    search = _Search(_Renewal(demand.chances), period, order_cost)
    s, big = cheapest - 1, cheapest
    while search.cost(s, big) > period(s):
        s -= 1
    best, least, trial = big, search.cost(s, big), big + 1
    while period(trial) <= least:
        if search.cost(s, trial) < least:
            best = trial
            while search.cost(s, best) <= period(s + 1):
                s += 1
            least = search.cost(s, best)
        trial += 1
    return OrderUpTo(s, best, least)


@dataclass(frozen=True)
class NearlyBest:
    """An (s, S) policy from a rule of thumb.

    Attributes:
        reorder_point: order when the inventory position is at or below it, units.
        order_up_to: to this position, units.
    """

    reorder_point: float
    order_up_to: float


def by_power_approximation(
    demand_mean: float, demand_sd: float, *, order_cost: float, holding_cost: float, stockout_cost: float
) -> NearlyBest:
    """A good (s, S) policy for normal demand, by the power approximation.

    Args:
        demand_mean: units per period, > 0.
        demand_sd: units, > 0.
        order_cost: currency per order, > 0.
        holding_cost: currency per unit and period, > 0.
        stockout_cost: currency per unit backordered and period, > 0.

    Raises:
        ValueError: an argument is not positive.

    Source: Ehrhardt & Mosier (1984); Snyder & Shen, eq. 4.77 to 4.80; example 4.8 is a test.
    """
    if not min(demand_mean, demand_sd, order_cost, holding_cost, stockout_cost) > 0:
        raise ValueError("demand, deviation and costs must be positive")
    lot = 1.30 * demand_mean**0.494 * (order_cost / holding_cost) ** 0.506
    lot *= (1 + (demand_sd / demand_mean) ** 2) ** 0.116
    z = math.sqrt(lot / demand_sd * holding_cost / stockout_cost)
    s = 0.973 * demand_mean + demand_sd * (0.183 / z + 1.063 - 2.192 * z)
    return NearlyBest(s, s + lot)


class _PeriodCost:
    """Expected cost of a period by starting position, looked up in a table that grows when needed."""

    def __init__(self, demand: CountDemand, holding_cost: float, stockout_cost: float) -> None:
        self._terms = demand, holding_cost, stockout_cost
        self._low, self._table = 0, np.empty(0)

    def __call__(self, level: int) -> float:
        self._reach(level, level)
        return float(self._table[level - self._low])

    def between(self, low: int, high: int) -> Floats:
        """The cost at each level from `low` to `high`, both included."""
        self._reach(low, high)
        return self._table[low - self._low : high - self._low + 1]

    def _reach(self, low: int, high: int) -> None:
        if len(self._table) and self._low <= low and high < self._low + len(self._table):
            return
        demand, holding_cost, stockout_cost = self._terms
        margin = 64 + abs(high - low)
        self._low = min(low, self._low if len(self._table) else low) - margin
        top = max(high, self._low + len(self._table)) + 2 * margin
        self._table = demand.cost(np.arange(self._low, top + 1, dtype=np.float64), holding_cost, stockout_cost)


class _Renewal:
    """How often each number of units below S is visited between two orders (Zheng & Federgruen, eq. 2)."""

    def __init__(self, chances: Floats) -> None:
        self._chances = chances
        self._visits = [1 / (1 - chances[0])]

    def visits(self, count: int) -> Floats:
        """Expected visits to S, S - 1, ..., S - count + 1."""
        chances = self._chances
        while len(self._visits) < count:
            reach = min(len(self._visits), len(chances) - 1)
            recent = np.array(self._visits[: -reach - 1 : -1])
            self._visits.append(float(chances[1 : reach + 1] @ recent) / (1 - chances[0]))
        return np.array(self._visits[:count])


class _Search:
    def __init__(self, renewal: _Renewal, period: _PeriodCost, order_cost: float) -> None:
        self._renewal, self._period, self._order_cost = renewal, period, order_cost

    def cost(self, s: int, big: int) -> float:
        visits = self._renewal.visits(big - s)
        costs = self._period.between(s + 1, big)[::-1]
        return float((self._order_cost + visits @ costs) / visits.sum())
