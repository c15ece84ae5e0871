"""A second look at a lot-sizing plan, from its quantities alone; knows nothing of the solver."""

import numpy as np

from engine.arrays import Floats
from engine.inventory.lot_problem import LotItem, LotProblem

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
    found = [
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
            found.append(f"period {period + 1} uses {used:g} of {problem.capacity[period]:g}")
    if problem.storage is not None:
        pairs = zip(problem.items, quantities, strict=True)
        kept = sum(item.volume * _stock(item, orders) for item, orders in pairs)
        if np.any(kept > problem.storage * (1 + SLACK)):
            found.append(f"up to {np.max(kept):g} is stored where {problem.storage:g} fits")
    return tuple(found)


def _stock(item: LotItem, orders: Floats) -> Floats:
    return np.asarray(item.initial_stock + np.cumsum(orders - item.demand))


def _broken_by_item(item: LotItem, orders: Floats) -> list[str]:
    found = []
    stock = _stock(item, orders)
    if np.any(stock < -SLACK * max(1.0, item.demand.max())):
        found.append(f"{item.name} runs out in period {int(np.argmin(stock)) + 1}")
    placed = orders[orders > SLACK]
    if np.any(placed < item.minimum_lot - SLACK):
        found.append(f"{item.name} is ordered below its minimum")
    if item.pack and np.any(np.abs(placed / item.pack - np.rint(placed / item.pack)) > SLACK):
        found.append(f"{item.name} is not ordered in whole cases")
    if item.shelf_life is not None:
        for period in range(len(stock)):
            usable = item.demand[period + 1 : period + item.shelf_life].sum()
            if stock[period] > usable + SLACK * max(1.0, usable):
                found.append(f"{item.name} spoils after period {period + 1}")
    return found
