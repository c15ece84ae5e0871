"""One item's line in an order list: when it comes, how long it lasts, what follows, and why this quantity."""

import math
from dataclasses import dataclass

from engine.inventory.check import OrderRehearsal
from engine.inventory.curve import CostCurve
from engine.inventory.planning_inputs import PlanningItem, day_of, days_in_period, units_in_words
from engine.inventory.result import ExpectedOrder, OrderLine
from engine.inventory.scenarios import arrival_period

FOLLOWING = 3
"""Later orders that a line foresees."""


@dataclass(frozen=True)
class ItemOrder:
    """What is ordered of one item.

    Attributes:
        quantity: units.
        alone: units that would be cheapest for the item alone.
        cost: expected cost, currency.
        spend: currency to pay for it.
        no_stockout: chance that nothing is missing until the next delivery, 0..1.
    """

    quantity: float
    alone: float
    cost: float
    spend: float
    no_stockout: float


def order_line(curve: CostCurve, order: ItemOrder, rehearsal: OrderRehearsal) -> OrderLine:
    """An item's line in the list."""
    quantity, ready = order.quantity, curve.ready
    return OrderLine(
        curve=curve,
        quantity=quantity,
        cost=order.cost,
        best_alone=order.alone,
        spend=order.spend,
        arrives=day_of(ready.demand, arrival_period(ready)),
        cover_days=cover_days(curve, quantity),
        rehearsal=rehearsal,
        following=following_orders(curve, quantity),
        why=_why(ready, order),
    )


def cover_days(curve: CostCurve, quantity: float) -> float:
    """Days for which what is there, on its way and ordered lasts at the expected demand, and not past its life."""
    ready = curve.ready
    position = ready.on_hand + sum(each.quantity for each in ready.item.on_order) + quantity
    per_day = curve.review_demand / ready.item.review_period / days_in_period(ready.demand)
    lasts = max(0.0, position) / per_day if per_day > 0 else math.inf
    life = ready.item.shelf_life
    if life is None:
        return lasts
    ends = [0, life - 1] if ready.on_hand > 0 else [0]
    ends += [max(0, each.period) + life for each in ready.item.on_order if each.quantity > 0]
    ends += [arrival_period(ready) + life] if quantity > 0 else []
    return min(lasts, max(ends) * days_in_period(ready.demand))


def following_orders(curve: CostCurve, quantity: float) -> tuple[ExpectedOrder, ...]:
    """What will be missing to the usual level at the next reviews, on average."""
    ready, above = curve.ready, quantity - curve.usual
    per_review = curve.review_demand
    life = ready.item.shelf_life
    if life is not None:  # no more is bought than sells while it is fresh, and nothing for days that are over by then
        per_review = min(per_review, curve.window_demand)
        above = min(above, 0.0) if life > ready.item.review_period else 0.0
    ordered, orders = 0.0, []
    for review in range(1, FOLLOWING + 1):
        missing = max(0.0, review * per_review - above - ordered)
        if missing >= 0.5:
            orders.append(ExpectedOrder(day_of(ready.demand, review * ready.item.review_period), missing))
            ordered += missing
    return tuple(orders)


def _why(ready: PlanningItem, order: ItemOrder) -> str:
    quantity, alone = order.quantity, order.alone
    if quantity < alone - 1e-9:
        return f"{units_in_words(alone)} would be cheapest for this item alone; shared limits allow less."
    if quantity > alone + 1e-9:
        enough = f"{units_in_words(alone)} would be enough"
        return f"{enough}; the order is larger to reach what the supplier or your service asks for."
    if quantity == 0:
        return "Stock and orders on their way are enough until the next chance to order."
    share = "more than 99%" if order.no_stockout > MOST_SAID else f"{order.no_stockout:.0%}"
    until = "while it is fresh" if spoils_first(ready) else "until the next delivery"
    sentence = f"Enough in {share} of the futures {until}: one more would cost more than it saves."
    if ready.item.prices and order.spend < ready.unit_cost * quantity:
        return sentence + " The discount is used."
    return sentence


MOST_SAID = 0.99
"""Above it a share of futures would be rounded to a certainty that nobody has."""


def spoils_first(ready: PlanningItem) -> bool:
    """True for an item that does not keep until the next order comes."""
    return ready.item.shelf_life is not None and ready.item.shelf_life < ready.item.review_period
