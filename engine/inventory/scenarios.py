"""Demand and deliveries as they may turn out: the paths of the forecast, long enough, with a delivery time for each."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TypeVar

import numpy as np

from engine.arrays import Floats, Ints
from engine.inventory.item import Shortage
from engine.inventory.planning_inputs import PlanningItem

MOST_REVIEWS = 52
"""How many later reviews are looked at when an order may be larger than the next delivery needs; where more of them
matter, only every second, third, ... is looked at, and stands for those before it."""

MOST_PERIODS = 730
"""So far ahead at most is looked. What is then above the usual level, two years on by the day, counts as lost."""

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
        following: the period at whose start the order after it arrives, >= until.
        ahead: the later reviews that still matter, one per item.
        repeated: a forecast ends before the next delivery, and its pattern was repeated up to then.
    """

    places: Ints
    ready: tuple[PlanningItem, ...]
    demand: Floats
    arrival: Ints
    until: Ints
    following: Ints
    ahead: tuple["LaterReviews", ...]
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
    def looks(self) -> Ints:
        """How many later reviews are looked at, shape (items, 1)."""
        return np.array([[each.looks] for each in self.ahead])

    @cached_property
    def coming(self) -> Floats:
        """Units on their way by the period at whose start they arrive, overdue ones now, less what spoils then.

        Shape (periods, items, 1); (periods, items, draws) of items that spoil. What spoils does not depend on the
        order: what is there besides sells first. Where customers wait, what is there besides the order when it comes,
        or comes after it, is taken to find them before it spoils.
        """
        coming = np.zeros((len(self.demand), len(self.ready), 1))
        for place, ready in enumerate(self.ready):
            for each in ready.item.on_order:
                if each.period < len(coming):
                    coming[max(0, each.period), place] += each.quantity
        if self.lives is None:
            return coming
        spoiled = expiring(self.on_hand, coming, self.demand, self.lives, lost=self.lost)
        if not self.lost:
            spoiled = np.where(np.arange(len(spoiled))[:, None, None] > self.arrival, 0.0, spoiled)
        return coming - spoiled


def expiring(on_hand: Floats, coming: Floats, demand: Floats, lives: Ints, *, lost: bool) -> Floats:
    """Units that are past their life at the start of each period, the oldest sold first, shape (periods, items, draws).

    Args:
        on_hand: units there now, which came in the period before the first; shape (items, 1).
        coming: units that arrive at each period's start, shape (periods, items, 1).
        demand: units, shape (periods, items, draws).
        lives: periods for which units can be sold, the first one included; shape (items, 1).
        lost: demand that is not met is lost, otherwise customers wait.
    """
    arrived = np.concatenate([np.maximum(on_hand, 0.0)[None], coming]).cumsum(axis=0)  # up to the period before each
    owed = np.maximum(-on_hand, 0.0)
    gone, expired = np.broadcast_to(owed, demand.shape[1:]), np.zeros(demand.shape)
    rows = np.arange(len(on_hand))
    for period in range(len(demand)):
        last_spoiled = period + 1 - lives[:, 0]  # in places of `arrived`
        old = np.where(last_spoiled[:, None] >= 0, arrived[np.maximum(last_spoiled, 0), rows], 0.0)
        expired[period] = np.maximum(old - gone, 0.0)
        gone = gone + expired[period] + demand[period]
        gone = np.minimum(gone, arrived[period + 1]) if lost else gone
    return expired


def scenarios(
    ready: Sequence[PlanningItem], seeds: Sequence[int], reaches: Sequence[float] | None = None
) -> Iterator[Scenarios]:
    """The futures that decide how much of each item to order, some items at a time.

    A lead time that varies is drawn from a gamma distribution with its mean and deviation, in whole periods; this
    delivery and the one after it are late or early independently.

    Args:
        ready: the items.
        seeds: one per item, for lead times that vary.
        reaches: quantities up to which the cost must be known, one per item; None where only the items' own terms
            (cases, minimums, fees, discounts) ask for more than the usual.
    """
    reaches = reaches or [0.0] * len(ready)
    ahead = [later_reviews(each, reach) for each, reach in zip(ready, reaches, strict=True)]
    kinds, spans = [_kind(each) for each in ready], list(map(_span, ready, ahead))
    order = sorted(range(len(ready)), key=lambda place: (kinds[place], spans[place]), reverse=True)
    for _, group in groupby(order, key=kinds.__getitem__):
        alike = list(group)
        while alike:
            together = max(1, CELLS // (spans[alike[0]][0] * ready[alike[0]].demand.draws))
            places, alike = alike[:together], alike[together:]
            items, later = [ready[place] for place in places], [ahead[place] for place in places]
            yield _alike(np.array(places), items, later, [seeds[place] for place in places])


def _kind(ready: PlanningItem) -> tuple[int, int, int, str, bool, bool]:
    item = ready.item
    draws, periods = ready.demand.paths.shape
    return draws, periods, item.review_period, item.shortage, item.shelf_life is None, item.lead_time_sd > 0


def _span(ready: PlanningItem, ahead: "LaterReviews") -> tuple[int, int]:
    """Periods to look ahead, and until the delivery."""
    item, arrival = ready.item, arrival_period(ready)
    delivered = arrival + max(item.review_period, item.shelf_life or 0)
    return max(delivered, ahead.reviews * item.review_period), arrival


def _alike(
    places: Ints, ready: Sequence[PlanningItem], ahead: Sequence["LaterReviews"], seeds: Sequence[int]
) -> Scenarios:
    arrival, following = _deliveries(ready, seeds)
    next_arrival = np.maximum(following, arrival + 1)
    lives = np.array([[each.item.shelf_life or int(next_arrival.max())] for each in ready])
    until = np.minimum(next_arrival, arrival + lives)
    latest = int((arrival + lives).max()) if ready[0].item.shelf_life else 0
    furthest = max(each.reviews for each in ahead) * ready[0].item.review_period
    needed = max(latest, int(next_arrival.max()), furthest)
    repeated = int(next_arrival.max()) > ready[0].demand.paths.shape[1]
    demand = _demand(ready, needed)
    return Scenarios(places, tuple(ready), demand, arrival, until, next_arrival, tuple(ahead), repeated)


def arrival_period(ready: PlanningItem) -> int:
    """The period at whose start an order placed now arrives, if it comes in the usual time."""
    return int(_delivered(ready, np.array([math.ceil(ready.lead_time - 1e-9)]))[0])


def _delivered(ready: PlanningItem, periods: Ints) -> Ints:
    """The same periods, or the next ones in which goods can arrive."""
    possible = ready.item.deliveries
    if not possible:
        return periods
    following = np.arange(len(possible) + 1)
    for period in reversed(range(len(possible))):
        following[period] = period if possible[period] else following[period + 1]
    return np.where(periods < len(possible), following[np.minimum(periods, len(possible))], periods)


def _deliveries(ready: Sequence[PlanningItem], seeds: Sequence[int]) -> tuple[Ints, Ints]:
    """When this order arrives, and the one after it, shape (items, draws), or (items, 1) if that does not vary."""
    review = ready[0].item.review_period
    lead_times = list(map(_lead_times, ready, seeds))
    pairs = list(zip(ready, lead_times, strict=True))
    arrival = np.array([_delivered(each, first) for each, (first, _) in pairs])
    return arrival, np.array([_delivered(each, review + second) for each, (_, second) in pairs])


def _lead_times(ready: PlanningItem, seed: int) -> tuple[Ints, Ints]:
    """Whole periods from order to delivery, of two orders, shape (draws,) each, or (1,) if that does not vary."""
    draws = ready.demand.draws
    if ready.item.lead_time_sd <= 0:
        usual = np.array([math.ceil(ready.lead_time - 1e-9)])
        return usual, usual
    if ready.lead_time <= 0:
        return np.zeros(draws, np.int64), np.zeros(draws, np.int64)
    shape, rng = (ready.lead_time / ready.item.lead_time_sd) ** 2, np.random.default_rng(seed)

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
        and (one.name, a.on_order, a.deliveries) == (other.name, b.on_order, b.deliveries)
        and later_reviews(one) == later_reviews(other)
    )


@dataclass(frozen=True)
class LaterReviews:
    """The reviews to come at which what an order leaves still costs something.

    Attributes:
        looks: how many of them are looked at.
        stride: every how many-th one is: it stands for so many.
        is_last: what is above the usual level at the last of them counts as lost.
    """

    looks: int
    stride: int
    is_last: bool

    @property
    def reviews(self) -> int:
        """The last review that is looked at, from now."""
        return self.looks * self.stride


def later_reviews(ready: PlanningItem, reach: float = 0.0) -> LaterReviews:
    """The later reviews that matter: an order with a minimum, a case, a fee or a discount may last long.

    They are as many as the largest of these lasts at the expected demand, and three. Where a larger quantity must be
    reached, they are the next power of two, but never more than `MOST_PERIODS` hold.

    Args:
        ready: the item.
        reach: the quantity up to which the cost must be known, units; 0 where nothing beyond the item asks for one.
    """
    item, per_review = ready.item, ready.usual_demand * ready.item.review_period
    if item.shelf_life is not None:
        return LaterReviews(1, 1, is_last=False)
    if per_review <= 0:
        return LaterReviews(1, 1, is_last=True)
    lumps = [item.minimum_order, item.pack, *(price.quantity for price in item.prices)]
    lumps.append(fee_cover(item.order_cost, ready.holding_cost * item.review_period, per_review) * per_review)
    wanted = math.ceil(max(lumps) / per_review - 1e-9) + 3
    if reach > 0:
        wanted = max(wanted, 2 ** math.ceil(math.log2(math.ceil(reach / per_review - 1e-9) + 3)))
    most = max(1, MOST_PERIODS // item.review_period)
    reviews = min(wanted, most)
    stride = -(-reviews // MOST_REVIEWS)
    return LaterReviews(-(-reviews // stride), stride, is_last=wanted > most)


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
