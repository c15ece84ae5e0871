"""How much to order when demand that is not met is lost, and deliveries are late or never come.

Two parts. `SupplyRecord` learns from what was ordered, what came and what is still said to be on its way how long
orders take and which share never comes. `order_quantities` chooses what brings most: each unit earns its profit if it
is sold before the next delivery could have brought another, and costs its keep for every period until it is sold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from engine.arrays import Floats, Ints

NEVER = 2**31
"""The lead time of an order that never comes, and the arrival of no order, periods."""

ON_TIME, A_PERIOD_OFF, AT_ANY_TIME = 0.6, 0.2, 0.1
"""What a promise is believed to mean before any order has come; the rest is the share that never comes."""

PRIOR_ORDERS = 2.0
"""The promise counts as much as so many orders whose lead time was seen."""

MOST_TOGETHER = 3
"""A delivery brings so many orders at most."""

LATER_ORDERS = 4
"""The next delivery is the first of so many orders after this one; if none of them comes, there is none in sight."""

REFINEMENTS = 5
"""How often the lead times of open orders are guessed again from all others."""


@dataclass(frozen=True)
class OpenOrder:
    """An order that is not known to have come or to be lost.

    Attributes:
        period: when it was placed.
        quantity: units, > 0.
    """

    period: int
    quantity: float


@dataclass(frozen=True, eq=False)
class SupplyRecord:
    """What is known of one item's orders; periods count from 0.

    An order placed in period t with lead time l arrives in period t + l, before that period's demand.

    Attributes:
        promise: the lead time that the supplier names, periods, >= 0.
        period: the period that begins now.
        open: orders that have not come, oldest first.
        seen: how many orders took 0, 1, ... periods, and last how many never came.
        losses_show: whether a lost order was ever seen to vanish from what is on its way: then the others are not lost.
    """

    promise: int
    period: int = 0
    open: tuple[OpenOrder, ...] = ()
    seen: tuple[int, ...] = ()
    losses_show: bool = False

    @property
    def longest(self) -> int:
        """No order takes more periods than this; one that is older will never come."""
        return max(2 * self.promise + 3, len(self.seen) - 2)

    @classmethod
    def of_deliveries(cls, promise: int, took: Sequence[int], waiting: Sequence[int] = ()) -> "SupplyRecord":
        """The record of a supplier whose deliveries are matched to their orders already.

        Args:
            promise: the lead time that the supplier names, periods, >= 0.
            took: the lead time of each order that came, periods, >= 0.
            waiting: the age of each order that has not come, periods, >= 0.
        """
        longest = max(cls(promise).longest, *took, 0)
        seen = np.bincount(np.array(took, dtype=np.int64), minlength=longest + 2)
        ages = sorted((age for age in waiting if age <= longest), reverse=True)
        seen[-1] += len(waiting) - len(ages)
        now = max(ages, default=0)
        still = tuple(OpenOrder(now - age, 1.0) for age in ages)
        return cls(promise, now, still, tuple(seen.tolist()))

    def place(self, quantity: float) -> "SupplyRecord":
        """The record after an order of so many units, which may be none, in the period that begins now."""
        if quantity <= 0:
            return self
        earlier = tuple(order for order in self.open if order.period < self.period)
        now = sum(order.quantity for order in self.open if order.period == self.period)
        return replace(self, open=(*earlier, OpenOrder(self.period, now + quantity)))

    def next_period(self, *, arrived: float, in_transit: float) -> "SupplyRecord":
        """The record at the end of the period.

        Which orders came is told by their units: of the open orders that add up to what arrived, those that were most
        likely to come.

        Args:
            arrived: units that came in this period.
            in_transit: units that are said to be on their way at its end.
        """
        seen = np.array(self._seen)
        came = self._explanation(arrived)
        for order in came:
            seen[self.period - order.period] += 1
        rest = tuple(order for order in self.open if order not in came)
        gone = replace(self, open=rest)._vanished(sum(order.quantity for order in rest) - in_transit)
        old = [order for order in rest if order not in gone and self.period - order.period >= self.longest]
        seen[-1] += len(gone) + len(old)
        still = tuple(order for order in rest if order not in gone and order not in old)
        shows = self.losses_show or bool(gone)
        return replace(self, period=self.period + 1, open=still, seen=tuple(seen.tolist()), losses_show=shows)

    @cached_property
    def lead_times(self) -> Floats:
        """How likely an order takes 0, 1, ... periods, and last, never comes; sums to 1, shape (longest + 2,).

        The mean of a Dirichlet distribution; an order that is still open counts with what its age leaves possible.
        """
        known = PRIOR_ORDERS * self._prior + np.array(self._seen)
        chances = known / known.sum()
        for _ in range(REFINEMENTS if self.open else 0):
            counts = known + sum(self._given_open(order, chances) for order in self.open)
            chances = counts / counts.sum()
        return np.asarray(chances)

    @property
    def usual_lead_time(self) -> tuple[float, float]:
        """Mean and standard deviation of the lead times of orders that come, periods."""
        chances = self.lead_times[:-1] / self.lead_times[:-1].sum()
        periods = np.arange(len(chances))
        mean = float(chances @ periods)
        return mean, float(np.sqrt(chances @ (periods - mean) ** 2))

    def draw_lead_times(self, shape: tuple[int, ...], rng: np.random.Generator) -> Ints:
        """Lead times of orders to come, periods, `NEVER` for lost ones."""
        return _drawn(self.lead_times, shape, rng)

    def draw_coming(self, draws: int, periods: int, rng: np.random.Generator) -> Floats:
        """Units of open orders by the period from now at whose start they arrive, shape (draws, periods)."""
        coming = np.zeros((draws, periods))
        for order in self.open:
            chances = self._given_open(order, self.lead_times)
            place = _drawn(chances, (draws,), rng) - (self.period - order.period)
            inside = place < periods
            coming[np.flatnonzero(inside), place[inside]] += order.quantity
        return coming

    @property
    def _seen(self) -> tuple[int, ...]:
        return self.seen or (0,) * (self.longest + 2)

    @property
    def _prior(self) -> Floats:
        prior = np.full(self.longest + 2, AT_ANY_TIME / (self.longest + 1))
        near = [lead for lead in (self.promise - 1, self.promise + 1) if lead >= 0]
        prior[near] += A_PERIOD_OFF / len(near)
        prior[self.promise] += ON_TIME
        prior[-1] = 1 - ON_TIME - A_PERIOD_OFF - AT_ANY_TIME
        return prior

    def _given_open(self, order: OpenOrder, chances: Floats) -> Floats:
        """How likely each lead time is of an order that had not come before the period that begins now."""
        left = chances.copy()
        left[: self.period - order.period] = 0.0
        if self.losses_show and left[:-1].sum() > 0:
            left[-1] = 0.0
        return np.asarray(left / left.sum())

    def _explanation(self, units: float) -> tuple[OpenOrder, ...]:
        """The most likely open orders of so many units; the oldest ones up to there where none add up to it."""
        if units <= 0:
            return ()
        exact = list(_adding_up(self.open, units))
        if exact:
            return max(exact, key=self._log_odds)
        so_far = np.cumsum([order.quantity for order in self.open])
        return self.open[: int(np.sum(so_far <= units))]

    def _log_odds(self, orders: Sequence[OpenOrder]) -> float:
        """Log odds that just these of the open orders arrive in the period that begins now."""
        ages = [self.period - order.period for order in orders]
        chances = [self._given_open(order, self.lead_times)[age] for order, age in zip(orders, ages, strict=True)]
        return float(np.sum(np.log(chances) - np.log1p(-np.minimum(chances, 1 - 1e-12))))

    def _vanished(self, units: float) -> tuple[OpenOrder, ...]:
        """The newest open orders that add up to so many units: a loss shows at once, or the order was on its way."""
        if units < 0.5:
            return ()
        return next(_adding_up(self.open[::-1], units), ())


def _adding_up(orders: Sequence[OpenOrder], units: float) -> Iterator[tuple[OpenOrder, ...]]:
    for count in range(1, min(MOST_TOGETHER, len(orders)) + 1):
        for some in combinations(orders, count):
            if abs(sum(order.quantity for order in some) - units) < 0.5:
                yield some


def _drawn(chances: Floats, shape: tuple[int, ...], rng: np.random.Generator) -> Ints:
    lead_times = np.searchsorted(np.cumsum(chances)[:-1], rng.random(shape), side="right")
    return np.where(lead_times == len(chances) - 1, NEVER, lead_times).astype(np.int64)


@dataclass(frozen=True, eq=False)
class OrderFutures:
    """Equally likely futures of some items, seen from an order placed now; the first period is 0.

    Attributes:
        on_hand: units in stock now, >= 0, shape (items,).
        demand: units, shape (items, draws, periods).
        coming: units of earlier orders by the period at whose start they arrive, as `demand`.
        arrival: the period at whose start this order arrives, `NEVER` where it is lost, shape (items, draws).
        following: the period at whose start the first later order arrives, shape (items, draws); not after this one,
            where that overtakes it.
    """

    on_hand: Floats
    demand: Floats
    coming: Floats
    arrival: Ints
    following: Ints


def order_futures(
    on_hand: Floats, demand: Floats, records: Sequence[SupplyRecord], rng: np.random.Generator
) -> OrderFutures:
    """The futures of items whose deliveries are as uncertain as their demand; an order is placed in every period.

    Args:
        on_hand: units in stock now, >= 0, shape (items,).
        demand: units, >= 0, from the period that begins now on, shape (items, draws, periods).
        records: of each item.
        rng: the only source of chance.
    """
    draws, periods = demand.shape[1:]
    lead = np.stack([each.draw_lead_times((draws, 1 + LATER_ORDERS), rng) for each in records])
    coming = np.stack([each.draw_coming(draws, periods, rng) for each in records])
    following = (lead[:, :, 1:] + np.arange(1, LATER_ORDERS + 1)).min(axis=2)
    return OrderFutures(on_hand, demand, coming, lead[:, :, 0], following)


def order_quantities(futures: OrderFutures, *, profit: Floats, holding_cost: Floats) -> Floats:
    """The whole quantity of each item that is expected to bring most, shape (items,).

    A unit earns its profit if demand from its arrival until the next delivery would be lost without it. It costs its
    keep at the end of every period until it is sold, as far as the demand looks ahead; the oldest units are sold first,
    so no later order changes that. Both are concave in the quantity: the first unit that does not pay ends the order.
    With no lead time and demand of one period this is the newsvendor's critical fractile.

    Args:
        futures: what may come.
        profit: currency per unit sold, > 0, shape (items,).
        holding_cost: currency per unit and period, >= 0, shape (items,).

    Source: Levi, Janakiraman & Nagarajan (2008), A 2-approximation algorithm for stochastic inventory control models
    with lost sales, Mathematics of Operations Research 33: all later holding cost is charged to the order that causes
    it. Here their sum with the lost profit is least, where they balance the two.
    """
    needs, last = _needs(futures)
    low = np.zeros(len(last))
    high = np.ceil(last.max(axis=1))
    while np.any(low < high):
        middle = np.floor((low + high) / 2)
        earned = profit * np.clip(last - middle[:, None], 0.0, 1.0).mean(axis=1)
        unsold = np.clip(middle[:, None, None] + 1 - needs, 0.0, 1.0)
        kept = holding_cost * unsold.sum(axis=2).mean(axis=1)
        pays = earned > kept
        low, high = np.where(pays & (low < high), middle + 1, low), np.where(pays | (low >= high), high, middle)
    return low


def _needs(futures: OrderFutures) -> tuple[Floats, Floats]:
    """The quantity that would just be sold by the end of each period, and by that of the last before the next delivery.

    Infinite while the order has not arrived; shapes (items, draws, periods) and (items, draws).
    """
    items, draws, periods = futures.demand.shape
    needs, last = np.full((items, draws, periods), np.inf), np.zeros((items, draws))
    stock = np.repeat(futures.on_hand[:, None], draws, axis=1)
    need, gone = np.zeros((items, draws)), np.zeros((items, draws))
    for period in range(periods):
        here = futures.arrival <= period
        balance = futures.coming[:, :, period] - futures.demand[:, :, period]
        gone = np.where(here, gone - balance, 0.0)
        need = np.where(here, np.maximum(need, gone - stock), 0.0)
        stock = np.where(here, stock, np.maximum(stock + balance, 0.0))  # at the arrival, it stays what it was
        needs[:, :, period] = np.where(here, need, np.inf)
        last = np.where(here & (period < futures.following), need, last)
    return needs, last
