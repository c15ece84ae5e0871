"""Demand and deliveries as they may turn out: the paths of the forecast, long enough, with a delivery time for each."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

import numpy as np

from engine.arrays import Floats, Ints
from engine.inventory.item import Shortage
from engine.inventory.planning_inputs import PlanningItem

MOST_REVIEWS = 52
"""How many later reviews are looked at when an order may be larger than the next delivery needs."""


LONGEST_COVER = 1000.0
"""No order covers more review periods, however dear orders are."""

CELLS = 2**18
"""Items are looked at together as long as their demands are not more numbers than a processor keeps at hand."""


Amount = TypeVar("Amount", float, Floats)


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Equally likely futures of some items that are alike: draws, review period, shortage, whether they spoil.

    Attributes:
        places: which items.
        ready: these items.
        demand: units, shape (periods, items, draws).
        arrival: the period at whose start an order placed now arrives, shape (items, draws), or (items, 1) for all.
        until: the period at whose start the order after it arrives (or this one's units spoil), > arrival.
        reviews: reviews from now that still matter, shape (items, 1).
        repeated: a forecast ends before the next delivery, and its pattern was repeated up to then.
    """

    places: Ints
    ready: tuple[PlanningItem, ...]
    demand: Floats
    arrival: Ints
    until: Ints
    reviews: Ints
    repeated: bool

    @property
    def review_period(self) -> int:
        """Periods between two chances to order."""
        return self.ready[0].item.review_period

    @property
    def lost(self) -> bool:
        """Demand that is not met is lost, otherwise customers wait."""
        return self.ready[0].item.shortage is Shortage.LOST

    @property
    def lives(self) -> Ints | None:
        """Shelf lives in periods, shape (items, 1); None when these items keep."""
        lives = [[life] for each in self.ready if (life := each.item.shelf_life) is not None]
        return np.array(lives) if lives else None

    @property
    def on_hand(self) -> Floats:
        """Units in stock now, shape (items, 1)."""
        return np.array([[each.on_hand] for each in self.ready])

    @property
    def coming(self) -> Floats:
        """Units on their way by the period at whose start they arrive, shape (periods, items, 1); overdue ones now."""
        coming = np.zeros((len(self.demand), len(self.ready), 1))
        for place, ready in enumerate(self.ready):
            for each in ready.item.on_order:
                if each.period < len(coming):
                    coming[max(0, each.period), place] += each.quantity
        return coming


def scenarios(ready: Sequence[PlanningItem], seeds: Sequence[int]) -> Iterator[Scenarios]:
    """The futures that decide how much of each item to order, some items at a time.

    A lead time that varies is drawn from a gamma distribution with its mean and deviation, in whole periods; this
    delivery and the one after it are late or early independently.

    Args:
        ready: the items.
        seeds: one per item, for lead times that vary.
    """
    kinds, spans = [_kind(each) for each in ready], [_span(each) for each in ready]
    order = sorted(range(len(ready)), key=lambda place: (kinds[place], spans[place]), reverse=True)
    for _, group in groupby(order, key=kinds.__getitem__):
        alike = list(group)
        while alike:
            together = max(1, CELLS // (spans[alike[0]][0] * ready[alike[0]].demand.draws))
            places, alike = alike[:together], alike[together:]
            yield _alike(np.array(places), [ready[place] for place in places], [seeds[place] for place in places])


def _kind(ready: PlanningItem) -> tuple[int, int, int, str, bool, bool]:
    item = ready.item
    draws, periods = ready.demand.paths.shape
    return draws, periods, item.review_period, item.shortage, item.shelf_life is None, item.lead_time_sd > 0


def _span(ready: PlanningItem) -> tuple[int, int]:
    """Periods to look ahead, and until the delivery."""
    item, arrival = ready.item, math.ceil(ready.lead_time)
    delivered = arrival + max(item.review_period, item.shelf_life or 0)
    return max(delivered, _reviews(ready) * item.review_period), arrival


def _reviews(ready: PlanningItem) -> int:
    return reviews_ahead(ready) if ready.item.shelf_life is None else 1


def _alike(places: Ints, ready: Sequence[PlanningItem], seeds: Sequence[int]) -> Scenarios:
    arrival, following = _deliveries(ready, seeds)
    next_arrival = np.maximum(following, arrival + 1)
    lives = np.array([[each.item.shelf_life or int(next_arrival.max())] for each in ready])
    until = np.minimum(next_arrival, arrival + lives)
    reviews = np.array([[_reviews(each)] for each in ready])
    latest = int((arrival + lives).max()) if ready[0].item.shelf_life else 0
    needed = max(latest, int(until.max()), int(reviews.max()) * ready[0].item.review_period)
    repeated = int(next_arrival.max()) > ready[0].demand.paths.shape[1]
    return Scenarios(places, tuple(ready), _demand(ready, needed), arrival, until, reviews, repeated)


def _deliveries(ready: Sequence[PlanningItem], seeds: Sequence[int]) -> tuple[Ints, Ints]:
    """When this order arrives, and the one after it, shape (items, draws), or (items, 1) if that does not vary."""
    review = ready[0].item.review_period
    if ready[0].item.lead_time_sd <= 0:
        arrival = np.array([[math.ceil(each.lead_time - 1e-9)] for each in ready])
        return arrival, review + arrival
    lead_times = [_lead_times(each, np.random.default_rng(seed)) for each, seed in zip(ready, seeds, strict=True)]
    return np.array([first for first, _ in lead_times]), review + np.array([second for _, second in lead_times])


def _lead_times(ready: PlanningItem, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Whole periods from order to delivery, of two orders, shape (draws,) each."""
    draws = ready.demand.draws
    if ready.lead_time <= 0:
        return np.zeros(draws, np.int64), np.zeros(draws, np.int64)
    shape = (ready.lead_time / ready.item.lead_time_sd) ** 2

    def draw() -> Ints:
        exact = rng.gamma(shape, ready.lead_time / shape, draws)
        return np.floor(exact + rng.random(draws)).astype(np.int64)  # rounds up or down so that the mean stays

    return draw(), draw()


def _demand(ready: Sequence[PlanningItem], periods: int) -> Floats:
    """The paths over so many periods, shape (periods, items, draws): after its end, each path goes on as another."""
    draws, length = ready[0].demand.paths.shape
    demand = np.empty((periods, len(ready), draws))
    for place, each in enumerate(ready):
        demand[:length, place] = each.demand.paths[:, :periods].T
    for start in range(length, periods, length):
        demand[start : start + length] = np.roll(demand[start - length : start], 1, axis=-1)[: periods - start]
    return demand


def same_futures(one: Sequence[PlanningItem], other: Sequence[PlanningItem]) -> bool:
    """True when two views of the same items, at different costs, have the same futures if the seeds are the same."""
    return len(one) == len(other) and all(map(_same_future, one, other))


def _same_future(one: PlanningItem, other: PlanningItem) -> bool:
    a, b = one.item, other.item
    borrowed = a.demand is None and b.demand is None and a.category == b.category
    return (
        (one.demand is other.demand or borrowed)
        and (one.lead_time, a.lead_time_sd, one.on_hand) == (other.lead_time, b.lead_time_sd, other.on_hand)
        and (a.review_period, a.shelf_life, a.shortage) == (b.review_period, b.shelf_life, b.shortage)
        and (one.name, a.on_order) == (other.name, b.on_order)
        and reviews_ahead(one) == reviews_ahead(other)
    )


def reviews_ahead(ready: PlanningItem) -> int:
    """How many reviews from now still matter: an order with a minimum, a case, a fee or a discount may last long."""
    item = ready.item
    per_review = ready.usual_demand * item.review_period
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


def cover_rate(order_cost: Amount, holding_per_review: Amount, reviews: Amount) -> Amount:
    """Fee and extra stock per review period when every order covers so many of them, currency."""
    return order_cost / reviews + holding_per_review * (reviews - 1) / 2
