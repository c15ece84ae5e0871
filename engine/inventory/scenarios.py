"""Demand and deliveries as they may turn out: the paths of the forecast, long enough, with a delivery time for each."""

import math
from dataclasses import dataclass

import numpy as np

from engine.demand import DemandDistribution
from engine.inventory.arrays import Indices, Values
from engine.inventory.ready import ReadyItem

MOST_REVIEWS = 52
"""How many later reviews are looked at when an order may be larger than the next delivery needs."""


LONGEST_COVER = 1000.0
"""No order covers more review periods, however dear orders are."""


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Equally likely futures of one item.

    Attributes:
        demand: units per draw and period, shape (draws, periods).
        arrival: per draw, the period at whose start an order placed now arrives.
        until: per draw, the period at whose start the order after it arrives (or this one's units spoil), > arrival.
        repeated: the forecast ends before the next delivery, and its pattern was repeated up to then.
    """

    demand: Values
    arrival: Indices
    until: Indices
    repeated: bool


def scenarios(ready: ReadyItem, rng: np.random.Generator) -> Scenarios:
    """The futures that decide how much of this item to order.

    A lead time that varies is drawn from a gamma distribution with its mean and deviation, in whole periods; this
    delivery and the one after it are late or early independently.
    """
    item = ready.item
    draws = ready.demand.draws
    arrival = _lead_times(ready, draws, rng)
    following = item.review_period + (_lead_times(ready, draws, rng) if item.lead_time_sd > 0 else arrival)
    next_arrival = np.maximum(following, arrival + 1)
    life = item.shelf_life or int(next_arrival.max())
    until = np.minimum(next_arrival, arrival + life)
    latest = int(arrival.max()) + (item.shelf_life or 0)
    needed = max(latest, int(next_arrival.max()), reviews_ahead(ready) * item.review_period)
    return Scenarios(
        extended(ready.demand, needed), arrival, until, int(next_arrival.max()) > ready.demand.paths.shape[1]
    )


def _lead_times(ready: ReadyItem, draws: int, rng: np.random.Generator) -> Indices:
    """Whole periods from order to delivery, shape (draws,)."""
    deviation = ready.item.lead_time_sd
    if deviation <= 0 or ready.lead_time <= 0:
        return np.full(draws, math.ceil(ready.lead_time - 1e-9), np.int64)
    shape = (ready.lead_time / deviation) ** 2
    drawn = rng.gamma(shape, ready.lead_time / shape, draws)
    return np.floor(drawn + rng.random(draws)).astype(np.int64)  # rounds up or down so that the mean stays


def same_futures(one: ReadyItem, other: ReadyItem) -> bool:
    """True when two views of an item, at different costs, have the same futures as long as deliveries do not vary."""
    a, b = one.item, other.item
    return (
        one.demand is other.demand
        and a.lead_time_sd == b.lead_time_sd == 0
        and (one.lead_time, one.on_hand, a.on_order) == (other.lead_time, other.on_hand, b.on_order)
        and (a.review_period, a.shelf_life, a.shortage) == (b.review_period, b.shelf_life, b.shortage)
        and reviews_ahead(one) == reviews_ahead(other)
    )


def reviews_ahead(ready: ReadyItem) -> int:
    """How many reviews from now still matter: an order with a minimum, a case, a fee or a discount may last long."""
    item = ready.item
    per_review = float(ready.demand.mean.mean()) * item.review_period
    if per_review <= 0:
        return 1
    lumps = [item.minimum_order, item.pack, *(price.quantity for price in item.prices)]
    lumps.append(fee_cover(item.order_cost, ready.holding_cost * item.review_period, per_review) * per_review)
    return int(min(MOST_REVIEWS, math.ceil(max(lumps) / per_review) + 3))


def fee_cover(order_cost: float, holding_cost: float, demand: float) -> int:
    """The number of review periods that one order should cover when an order has a fee.

    Args:
        order_cost: currency per order.
        holding_cost: currency per unit and review period.
        demand: units per review period.
    """
    if order_cost <= 0 or demand <= 0:
        return 1
    best = min(math.sqrt(2 * order_cost / max(holding_cost * demand, 1e-12)), LONGEST_COVER)
    return min(range(max(1, int(best)), int(best) + 3), key=lambda m: cover_rate(order_cost, holding_cost * demand, m))


def cover_rate(order_cost: float, holding_per_review: float, reviews: int) -> float:
    """Fee and extra stock per review period when every order covers so many of them, currency."""
    return order_cost / reviews + holding_per_review * (reviews - 1) / 2


def extended(demand: DemandDistribution, periods: int) -> Values:
    """The paths over at least so many periods: after its end, each path goes on as another one."""
    paths = demand.paths
    have = paths.shape[1]
    if periods <= have:
        return paths[:, :periods]
    copies = [np.roll(paths, copy, axis=0) for copy in range(math.ceil(periods / have))]
    return np.concatenate(copies, axis=1)[:, :periods]
