"""When to order one item whose demand is known period by period: Wagner and Whitin's exact answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats


@dataclass(frozen=True)
class LotSchedule:
    """Orders over time.

    Attributes:
        quantities: units that arrive at the start of each period.
        cost: ordering, holding and extra purchase cost over all periods, currency.
    """

    quantities: tuple[float, ...]
    cost: float


def wagner_whitin(
    demand: Sequence[float],
    *,
    order_cost: float | Sequence[float],
    holding_cost: float | Sequence[float],
    unit_cost: float | Sequence[float] = 0.0,
    shelf_life: int | None = None,
) -> LotSchedule:
    """The cheapest orders that meet a known demand, exact.

    Each order meets the demand of whole periods from its own on; a period without demand may be left out of all orders.

    Args:
        demand: units per period, >= 0.
        order_cost: currency per order, per period or the same for all.
        holding_cost: currency per unit left at a period's end, per period or the same for all.
        unit_cost: currency per unit bought, per period or the same for all.
        shelf_life: most periods, its own included, over which an order can be used.

    Raises:
        ValueError: a demand is negative.

    Source: Wagner & Whitin (1958); Snyder & Shen, section 3.7; example 3.9 and problem 3.29 are tests.
    """
    units = np.asarray(demand, dtype=np.float64)
    if np.any(units < 0):
        raise ValueError("demand must not be negative")
    periods = len(units)
    fees, holding, prices = (
        np.broadcast_to(np.asarray(each, float), periods) for each in (order_cost, holding_cost, unit_cost)
    )
    least, before = np.full(periods + 1, np.inf), np.full(periods + 1, -1)
    least[0] = 0.0
    for first in range(periods):
        if units[first] == 0 and least[first] < least[first + 1]:
            least[first + 1], before[first + 1] = least[first], -1
        last = periods if shelf_life is None else min(periods, first + shelf_life)
        reach = slice(first + 1, last + 1)
        total = least[first] + fees[first] + _served(units[first:last], holding[first:last], prices[first])
        better = total < least[reach]
        least[reach] = np.where(better, total, least[reach])
        before[reach] = np.where(better, first, before[reach])
    return LotSchedule(_orders(units, before), float(least[periods]))


def _served(units: Floats, holding: Floats, price: float) -> Floats:
    """Cost of buying at once, and keeping until used, the demand of 1, 2, ... periods."""
    storage = np.concatenate([[0.0], np.cumsum(holding[:-1])])
    return np.cumsum(units * (storage + price))


def _orders(units: Floats, before: Floats) -> tuple[float, ...]:
    quantities, end = np.zeros(len(units)), len(units)
    while end > 0:
        first = int(before[end])
        if first < 0:
            end -= 1
            continue
        quantities[first] = units[first:end].sum()
        end = first
    return tuple(float(quantity) for quantity in quantities)
