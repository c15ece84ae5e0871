"""The quantities of an item that can be ordered, whole cases above the minimum, with what each costs and takes."""

import math
from dataclasses import dataclass

import numpy as np

from engine.inventory.arrays import Indices, Values
from engine.inventory.curve import CostCurve, price_list
from engine.inventory.item import Limits
from engine.inventory.scenarios import MOST_REVIEWS, fee_cover

MOST_OPTIONS = 400
"""An item has at most so many quantities to choose from; beyond that, only every second, third, ... case is offered."""

ENOUGH = 0.9995
"""Nobody needs more than what lasts, in this share of the futures, until the next delivery (and reviews spared)."""


@dataclass(frozen=True, eq=False)
class Options:
    """The quantities to choose from for one item, shape (n,) each.

    Attributes:
        curve: where the costs come from.
        quantities: units, rising.
        cost: expected cost, currency.
        spend: currency to pay.
        volume: space taken, capacity's unit.
        coarse: there were so many quantities that only some are offered.
    """

    curve: CostCurve
    quantities: Values
    cost: Values
    spend: Values
    volume: Values
    coarse: bool

    @property
    def name(self) -> str:
        """The item's name."""
        return self.curve.ready.name


def options(curve: CostCurve, limits: Limits) -> Options:
    """All quantities worth a look, the service that the limits ask for included.

    What is dearer in every way than a smaller quantity is left out, except where the supplier asks for a minimum value.
    """
    ready, item = curve.ready, curve.ready.item
    pack = item.pack
    least = max(pack, math.ceil(item.minimum_order / pack - 1e-9) * pack)
    floor, has_minimum = service_floor(curve, limits), bool(limits.supplier_minimums.get(item.supplier))
    most = max(_most(curve), floor, curve.foreseen if has_minimum else 0.0)
    cases = max(0, math.ceil((most - least) / pack - 1e-9)) + 1
    stride = -(-cases // MOST_OPTIONS)
    positive = least + pack * stride * np.arange(-(-cases // stride) + (stride > 1))
    quantities = np.concatenate([[0.0], positive])
    quantities = quantities[quantities >= floor - 1e-9]
    parts, spend = curve.parts(quantities), curve.spend(quantities)
    cost = parts.total
    if not has_minimum:
        kept = _worth_it(cost, spend)
        quantities, cost, spend = quantities[kept], cost[kept], spend[kept]
    return Options(curve, quantities, cost, spend, ready.volume * quantities, stride > 1)


def service_floor(curve: CostCurve, limits: Limits) -> float:
    """The least quantity with which this item keeps the service that the limits ask for, units."""
    floor = 0.0
    if limits.cycle_service_level:
        floor = max(floor, curve.most_needed(limits.cycle_service_level))
    if limits.fill_rate and curve.fill_rate(np.zeros(1))[0] < limits.fill_rate:
        low, high = 0.0, max(curve.most_needed(1.0), 0.0)
        for _ in range(60):
            middle = (low + high) / 2
            if curve.fill_rate(np.array([middle]))[0] < limits.fill_rate:
                low = middle
            else:
                high = middle
        floor = max(floor, high)
    return floor


def _most(curve: CostCurve) -> float:
    """No larger quantity can be the cheapest."""
    ready, item = curve.ready, curve.ready.item
    most = max(curve.most_needed(ENOUGH), curve.usual, 0.0)
    per_review = curve.review_demand
    most += (fee_cover(item.order_cost, ready.holding_cost * item.review_period, per_review) - 1) * per_review
    reach = max(most, MOST_REVIEWS / 2 * per_review)
    breaks = [price.quantity for price in price_list(item, ready.unit_cost) if 0 < price.quantity <= reach]
    return max([most, *breaks])


def _worth_it(cost: Values, spend: Values) -> Indices:
    """True for what is cheaper, or takes less money, than all smaller quantities."""
    cheaper = cost < np.concatenate([[np.inf], np.minimum.accumulate(cost)[:-1]])
    less_money = spend < np.concatenate([[-np.inf], np.maximum.accumulate(spend)[:-1]])
    kept = cheaper | less_money
    kept[0] = True
    return np.flatnonzero(kept)
