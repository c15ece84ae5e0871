"""What an order must cover until the next delivery: how far quantities are above and below what each future needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats, Ints
from engine.inventory.scenarios import Scenarios


@dataclass(frozen=True, eq=False)
class Thresholds:
    """What the futures of some items need, one item after the other, each number once; shape (n,) but for the items'.

    Attributes:
        places: which items.
        lengths: how many numbers each of them has.
        draws: how many futures each of them has.
        values: units: -inf, then rising; infinite where a future has no need.
        counts: how many needs of its item are not above each.
        sums: of these.
    """

    places: Ints
    lengths: Ints
    draws: Ints
    values: Floats
    counts: Ints
    sums: Floats


def thresholds(places: Ints, needs: Floats, draws: int) -> Thresholds:
    """Sort the needs of items, shape (items, n), and keep of those that are equal the last."""
    rows = np.empty((len(needs), needs.shape[1] + 1))
    rows[:, 0], rows[:, 1:] = -np.inf, needs
    rows.sort(axis=1)
    last = np.ones(rows.shape, bool)
    np.not_equal(rows[:, 1:], rows[:, :-1], out=last[:, :-1])
    places_of_last = np.flatnonzero(last)
    values, width = rows.ravel()[places_of_last], rows.shape[1]
    rows[:, 0] = 0.0
    sums = np.cumsum(rows, axis=1, out=rows).ravel()[places_of_last]
    return Thresholds(places, last.sum(axis=1), np.full(len(places), draws), values, places_of_last % width, sums)


class Excess:
    """Expected excess over, and lack below, the thresholds of many items: E sum (q - W)+ and E sum (W - q)+.

    Args:
        parts: every item once.
    """

    def __init__(self, parts: Sequence[Thresholds]) -> None:
        places = np.concatenate([part.places for part in parts])
        lengths = np.concatenate([part.lengths for part in parts])
        self.first, self.last, self.draws = (np.empty(len(places), np.int64) for _ in range(3))
        self.last[places] = np.cumsum(lengths) - 1
        self.first[places] = self.last[places] - lengths + 1
        self.draws[places] = np.concatenate([part.draws for part in parts])
        self.thresholds = np.concatenate([part.values for part in parts])
        self._counts = np.concatenate([part.counts for part in parts])
        self._sums = np.concatenate([part.sums for part in parts])

    def below(self, items: Ints, quantities: Floats) -> Floats:
        """Mean over the draws of the summed excess of each item's quantity over its thresholds."""
        place = self._reached(self.thresholds, items, quantities)
        over = self._counts[place] * quantities - self._sums[place]
        return np.asarray(np.maximum(over, 0.0) / self.draws[items])

    def above(self, items: Ints, quantities: Floats) -> Floats:
        """Mean over the draws of the summed lack of each item's quantity below its thresholds."""
        place, last = self._reached(self.thresholds, items, quantities), self.last[items]
        rest = self._sums[last] - self._sums[place] - (self._counts[last] - self._counts[place]) * quantities
        return np.asarray(np.maximum(rest, 0.0) / self.draws[items])

    def count_up_to(self, items: Ints, quantities: Floats) -> Floats:
        """Mean over the draws of how many thresholds of its item each quantity reaches."""
        return np.asarray(self._count(items, quantities) / self.draws[items])

    def share_up_to(self, items: Ints, quantities: Floats) -> Floats:
        """The share of all thresholds of its item that each quantity reaches."""
        return np.asarray(self._count(items, quantities) / self._counts[self.last[items]])

    def quantile(self, share: float) -> Floats:
        """The least threshold of each item that at least this share of them does not exceed."""
        count = self._counts[self.last]
        rank = np.clip(np.ceil(share * count - 1e-9), 1, count)
        return np.asarray(self.thresholds[self._reached(self._counts, np.arange(len(count)), rank - 1) + 1])

    def _count(self, items: Ints, quantities: Floats) -> Ints:
        return np.asarray(self._counts[self._reached(self.thresholds, items, quantities + 1e-9)])

    def _reached(self, rising: NDArray[np.float64 | np.int64], items: Ints, numbers: Floats) -> Ints:
        """The last place of its item at which what rises there is not above each number, by bisection."""
        low, high = self.first[items], self.last[items]
        for _ in range(int(np.max(high - low, initial=0)).bit_length()):
            middle = (low + high + 1) >> 1
            reached = rising[middle] <= numbers
            low = np.where(reached, middle, low)
            high = np.where(reached, high, middle - 1)
        return low


@dataclass(frozen=True, eq=False)
class Protection:
    """The futures of all items, seen from the order.

    A *need* is the order quantity with which the stock at the end of a period just reaches zero. Everything that an
    order costs follows from needs: with more than the need, stock is left; with less, demand is not met.

    Attributes:
        needs: per draw and period between the order's arrival and the next one's, units.
        last: per draw, the need of the last period before the next arrival, units.
        unspoiled: per draw, the order quantity that is sold before it spoils; nothing of items that keep.
        later: per draw, demand from now until the review after this one, and after that, ..., units.
        leftover: expected stock, summed over the window, that is there whatever is ordered, unit-periods per item.
        demand: expected demand in the window, units per item.
        review_demand: expected demand until the next chance to order, units per item.
        before: expected stock just before the order arrives, units per item.
        reviews: reviews that `later` looks at, per item.
        repeated: a forecast was too short and its pattern was repeated.
    """

    needs: Excess
    last: Excess
    unspoiled: Excess
    later: Excess
    leftover: Floats
    demand: Floats
    review_demand: Floats
    before: Floats
    reviews: Ints
    repeated: bool


def protection(futures: Iterable[Scenarios]) -> Protection:
    """Work out the needs of each future.

    With lost sales the stock never falls below zero, so the need of a period is the deepest lack so far; with
    backorders it is the lack of that period. On the way to its arrival an order changes nothing.

    Source: the lost-sales recursion x' = (x - d)+ + a written as a running maximum (Lindley); with backorders it is
        the newsvendor on lead time plus review period, Snyder & Shen, section 4.3.4.
    """
    seen = [_seen(some) for some in futures]
    places = np.concatenate([each.needs.places for each in seen])

    def by_item(parts: Sequence[Floats]) -> Floats:
        values = np.empty(len(places))
        values[places] = np.concatenate(parts)
        return values

    return Protection(
        needs=Excess([each.needs for each in seen]),
        last=Excess([each.last for each in seen]),
        unspoiled=Excess([each.unspoiled for each in seen]),
        later=Excess([each.later for each in seen]),
        leftover=by_item([each.leftover for each in seen]),
        demand=by_item([each.demand for each in seen]),
        review_demand=by_item([each.review_demand for each in seen]),
        before=by_item([each.before for each in seen]),
        reviews=by_item([each.reviews for each in seen]).astype(np.int64),
        repeated=any(each.repeated for each in seen),
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """The futures of some items, as in `Protection`."""

    needs: Thresholds
    last: Thresholds
    unspoiled: Thresholds
    later: Thresholds
    leftover: Floats
    demand: Floats
    review_demand: Floats
    before: Floats
    reviews: Floats
    repeated: bool


def _seen(futures: Scenarios) -> _Seen:
    draws = futures.demand.shape[2]
    window, later = _window(futures), _later(futures)

    def by_item(periods: Floats) -> Thresholds:
        rows = periods.transpose(1, 0, 2)
        return thresholds(futures.places, rows.reshape(len(rows), -1), draws)

    return _Seen(
        needs=by_item(window.needs),
        last=by_item(window.last[None]),
        unspoiled=by_item(_unspoiled(futures, window.older)),
        later=by_item(later),
        leftover=window.leftover,
        demand=window.demand,
        review_demand=later[0].mean(axis=1),
        before=np.maximum(window.before, 0.0).mean(axis=1),
        reviews=futures.reviews[:, 0].astype(np.float64),
        repeated=futures.repeated,
    )


@dataclass(frozen=True, eq=False)
class _Window:
    """Needs per period of the window, and what is there before it, per draw; what is expected, per item."""

    needs: Floats
    last: Floats
    before: Floats
    older: Floats
    leftover: Floats
    demand: Floats


def _window(futures: Scenarios) -> _Window:
    """Period after period: what is missing at its end when nothing is lost, and so what the order needs."""
    arrival, until, coming = futures.arrival, futures.until, futures.coming
    shape = futures.demand.shape[1:]
    gone, lack = np.zeros(shape), np.broadcast_to(-futures.on_hand, shape)
    lost, need = np.zeros(shape), np.full(shape, -np.inf)
    at_arrival, before, older, last, leftover, demand = (np.zeros(shape) for _ in range(6))
    needs = []
    for period in range(int(until.max())):
        arrives, inside = arrival == period, (arrival <= period) & (period < until)
        at_arrival = np.where(arrives, lost, at_arrival)
        before = np.where(arrives, lost - lack, before)
        older = np.where(arrives, lost - lack + coming[period], older)
        gone = gone + (futures.demand[period] - coming[period])
        lack = gone - futures.on_hand
        lost = np.maximum(lost, lack) if futures.lost else lost
        if not inside.any():
            continue
        missing = lack - at_arrival
        need = np.where(inside, np.maximum(need, missing), need) if futures.lost else missing
        leftover += np.where(inside, need - missing, 0.0)
        demand += np.where(inside, futures.demand[period], 0.0)
        last = np.where(period == until - 1, need, last)
        needs.append(np.where(inside, need, np.inf))  # no need once the next order is there
    return _Window(np.array(needs), last, before, older, leftover.mean(axis=1), demand.mean(axis=1))


def _unspoiled(futures: Scenarios, older: Floats) -> Floats:
    """What sells of an order within its shelf life, older stock first, shape (1, items, draws); empty if it keeps."""
    if futures.lives is None:
        return np.empty((0, *older.shape))
    ends, sold = futures.arrival + futures.lives, np.zeros(older.shape)
    for period in range(int(futures.arrival.min()), int(ends.max())):
        sold += np.where((futures.arrival <= period) & (period < ends), futures.demand[period], 0.0)
    return np.maximum(sold - older, 0.0)[None]


def _later(futures: Scenarios) -> Floats:
    """Demand from now up to each review, shape (reviews, items, draws)."""
    sold, later = np.zeros(futures.demand.shape[1:]), []
    for review in range(int(futures.reviews.max())):
        for period in range(review * futures.review_period, (review + 1) * futures.review_period):
            sold += futures.demand[period]
        later.append(np.where(review < futures.reviews, sold, np.inf))
    return np.array(later)
