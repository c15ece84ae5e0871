"""How much to order at a time when demand is steady: the economic order quantity and its relatives."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.inventory import PriceBreak
from engine.inventory.curve import incremental_surcharge


@dataclass(frozen=True)
class EconomicOrder:
    """The cheapest lot.

    Attributes:
        quantity: units per order.
        cost: currency per unit of time; with purchases where the price depends on the quantity.
        stockout_fraction: the share of demand that waits, 0..1.
        region: which price applies, from 0.
    """

    quantity: float
    cost: float
    stockout_fraction: float = 0.0
    region: int = 0


def economic_order(order_cost: float, demand_rate: float, *, holding_cost: float) -> EconomicOrder:
    """The lot that balances ordering and holding.

    Args:
        order_cost: currency per order.
        demand_rate: units per unit of time.
        holding_cost: currency per unit and unit of time.

    Raises:
        ValueError: an argument is not positive.

    Source: Snyder & Shen, eq. 3.4 and 3.5; example 3.1 is a test.
    """
    _positive(order_cost, demand_rate, holding_cost)
    quantity = math.sqrt(2 * order_cost * demand_rate / holding_cost)
    return EconomicOrder(quantity, math.sqrt(2 * order_cost * demand_rate * holding_cost))


def economic_order_with_backorders(
    order_cost: float, demand_rate: float, *, holding_cost: float, stockout_cost: float
) -> EconomicOrder:
    """The lot when customers wait, at a cost per unit and unit of time.

    Raises:
        ValueError: an argument is not positive.

    Source: Snyder & Shen, eq. 3.27 to 3.29; example 3.8 is a test.
    """
    _positive(order_cost, demand_rate, holding_cost, stockout_cost)
    share = holding_cost / (holding_cost + stockout_cost)
    quantity = math.sqrt(2 * order_cost * demand_rate / (holding_cost * (1 - share)))
    return EconomicOrder(quantity, order_cost * demand_rate * 2 / quantity, share)


def economic_batch(
    order_cost: float, demand_rate: float, *, holding_cost: float, production_rate: float
) -> EconomicOrder:
    """The lot when it arrives bit by bit, at a rate above the demand's.

    Raises:
        ValueError: an argument is not positive or production does not outrun demand.

    Source: Snyder & Shen, section 3.7 (economic production quantity); problem 3.22 is a test.
    """
    if not production_rate > demand_rate:
        raise ValueError("production must be faster than demand")
    slower = holding_cost * (1 - demand_rate / production_rate)
    return economic_order(order_cost, demand_rate, holding_cost=slower)


def economic_order_all_units(
    order_cost: float, demand_rate: float, *, holding_rate: float, prices: Sequence[PriceBreak]
) -> EconomicOrder:
    """The lot when a larger order makes every unit cheaper.

    Args:
        order_cost: currency per order.
        demand_rate: units per unit of time.
        holding_rate: share of a unit's cost per unit of time.
        prices: from 0 on, with rising quantities.

    Raises:
        ValueError: an argument is not positive, or the prices do not start at 0 and rise.

    Source: Snyder & Shen, section 3.4.1; example 3.5 is a test.
    """
    _check_prices(prices)
    orders = []
    for region, price in enumerate(prices):
        free = economic_order(order_cost, demand_rate, holding_cost=holding_rate * price.unit_cost).quantity
        end = prices[region + 1].quantity if region + 1 < len(prices) else math.inf
        if free >= end:
            continue  # a lot of that size has the next price
        lot = max(free, price.quantity)
        yearly = order_cost * demand_rate / lot + holding_rate * price.unit_cost * lot / 2
        orders.append(EconomicOrder(lot, price.unit_cost * demand_rate + yearly, region=region))
    return min(orders, key=lambda order: order.cost)


def economic_order_incremental(
    order_cost: float, demand_rate: float, *, holding_rate: float, prices: Sequence[PriceBreak]
) -> EconomicOrder:
    """The lot when only the units beyond a quantity are cheaper.

    Raises:
        ValueError: an argument is not positive, or the prices do not start at 0 and rise.

    Source: Snyder & Shen, section 3.4.2; example 3.5 is a test.
    """
    _check_prices(prices)
    orders = []
    for region, price in enumerate(prices):
        before = incremental_surcharge(prices, region)
        lot = math.sqrt(2 * (order_cost + before) * demand_rate / (holding_rate * price.unit_cost))
        end = prices[region + 1].quantity if region + 1 < len(prices) else math.inf
        if not price.quantity <= lot <= end:
            continue  # never the cheapest: the neighbouring price is cheaper at the border
        cost = price.unit_cost * demand_rate + (order_cost + before) * demand_rate / lot
        cost += holding_rate * (before + price.unit_cost * lot) / 2
        orders.append(EconomicOrder(lot, cost, region=region))
    return min(orders, key=lambda order: order.cost)


def _positive(*numbers: float) -> None:
    if not all(number > 0 for number in numbers):
        raise ValueError("costs and rates must be positive")


def _check_prices(prices: Sequence[PriceBreak]) -> None:
    if not prices or prices[0].quantity != 0 or any(a.quantity >= b.quantity for a, b in pairwise(prices)):
        raise ValueError("prices start at quantity 0 and go up by quantity")
