"""What an order must cover until the next delivery: how far quantities are above and below what each future needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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

    def most(self) -> Floats:
        """The largest finite threshold of each item; 0 where there is none."""
        largest, second = self.thresholds[self.last], self.thresholds[np.maximum(self.last - 1, self.first)]
        finite = np.where(np.isfinite(largest), largest, second)
        return np.where(np.isfinite(finite), finite, 0.0)

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
        last: per draw, the need of the last period before the next arrival, as far as an order can meet it, units.
        unspoiled: per draw, the order quantity that is sold before it spoils; nothing of items that keep.
        later: per draw, demand from now until each later review that is looked at, units.
        unsold: per draw, demand until the last of them, where what is left then is lost; else without any need.
        leftover: expected stock, summed over the window, that is there whatever is ordered, unit-periods per item.
        demand: expected demand in the window, units per item.
        review_demand: expected demand until the next chance to order, units per item.
        before: expected stock just before the order arrives, units per item.
        uncovered: expected demand that is not met after the order has spoiled, up to the next delivery, units per item.
        strides: reviews for which each look of `later` stands, per item.
        repeated: a forecast was too short and its pattern was repeated.
    """

    needs: Excess
    last: Excess
    unspoiled: Excess
    later: Excess
    unsold: Excess
    leftover: Floats
    demand: Floats
    review_demand: Floats
    before: Floats
    uncovered: Floats
    strides: Floats
    repeated: bool


def protection(futures: Iterable[Scenarios]) -> Protection:
    """Work out the needs of each future.

    With lost sales the stock never falls below zero, so the need of a period is the deepest lack so far; with
    backorders it is the lack of that period. On the way to its arrival an order changes nothing.

    Source: the lost-sales recursion x' = (x - d)+ + a written as a running maximum (Lindley); with backorders it is
        the newsvendor on lead time plus review period, Snyder & Shen, section 4.3.4.
    """
    seen = [_seen(some) for some in futures]
    return Protection(
        needs=Excess([each.needs for each in seen]),
        last=Excess([each.last for each in seen]),
        unspoiled=Excess([each.unspoiled for each in seen]),
        later=Excess([each.later.demand for each in seen]),
        unsold=Excess([each.later.unsold for each in seen]),
        leftover=_by_item(seen, [each.leftover for each in seen]),
        demand=_by_item(seen, [each.demand for each in seen]),
        review_demand=_by_item(seen, [each.review_demand for each in seen]),
        before=_by_item(seen, [each.before for each in seen]),
        uncovered=_by_item(seen, [each.uncovered for each in seen]),
        strides=_by_item(seen, [each.later.strides for each in seen]),
        repeated=any(each.repeated for each in seen),
    )


def look_further(protected: Protection, futures: Iterable[Scenarios]) -> Protection:
    """The same with other later reviews: those of these futures."""
    later = [_later(some) for some in futures]
    return replace(
        protected,
        later=Excess([each.demand for each in later]),
        unsold=Excess([each.unsold for each in later]),
        strides=_by_item([each.demand for each in later], [each.strides for each in later]),
    )


def _by_item(parts: Sequence["Thresholds | _Seen"], values: Sequence[Floats]) -> Floats:
    """The values of all parts in the order of the items."""
    places = np.concatenate([part.places for part in parts])
    ordered = np.empty(len(places))
    ordered[places] = np.concatenate(values)
    return ordered


@dataclass(frozen=True, eq=False)
class _Later:
    """Later reviews of some items: demand until each, and until the last where it counts; reviews a look stands for."""

    demand: Thresholds
    unsold: Thresholds
    strides: Floats


@dataclass(frozen=True, eq=False)
class _Seen:
    """The futures of some items, as in `Protection`."""

    places: Ints
    needs: Thresholds
    last: Thresholds
    unspoiled: Thresholds
    later: _Later
    leftover: Floats
    demand: Floats
    review_demand: Floats
    before: Floats
    uncovered: Floats
    repeated: bool


def _seen(futures: Scenarios) -> _Seen:
    window, draws = _window(futures), futures.demand.shape[2]
    rows = window.needs.transpose(1, 0, 2)
    unspoiled, last, uncovered = _spoil(futures, window.last)
    return _Seen(
        places=futures.places,
        needs=thresholds(futures.places, rows.reshape(len(rows), -1), draws),
        last=thresholds(futures.places, last, draws),
        unspoiled=thresholds(futures.places, unspoiled, draws),
        later=_later(futures),
        leftover=window.leftover,
        demand=window.demand,
        review_demand=futures.demand[: futures.review_period].sum(axis=0).mean(axis=1),
        before=np.maximum(window.before, 0.0).mean(axis=1),
        uncovered=uncovered.mean(axis=1),
        repeated=futures.repeated,
    )


@dataclass(frozen=True, eq=False)
class _Window:
    """Needs per period of the window, and what is there before it, per draw; what is expected, per item."""

    needs: Floats
    last: Floats
    before: Floats
    leftover: Floats
    demand: Floats


def _window(futures: Scenarios) -> _Window:
    """Period after period: what is missing at its end when nothing is lost, and so what the order needs."""
    arrival, until, coming = futures.arrival, futures.until, futures.coming
    shape = futures.demand.shape[1:]
    gone, lack = np.zeros(shape), np.broadcast_to(-futures.on_hand, shape)
    lost, need = np.zeros(shape), np.full(shape, -np.inf)
    at_arrival, before, last, leftover, demand = (np.zeros(shape) for _ in range(5))
    needs = []
    for period in range(int(until.max())):
        arrives, inside = arrival == period, (arrival <= period) & (period < until)
        at_arrival = np.where(arrives, lost, at_arrival)
        before = np.where(arrives, lost - lack, before)
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
    return _Window(np.array(needs), last, before, leftover.mean(axis=1), demand.mean(axis=1))


def _unspoiled(futures: Scenarios, lives: Ints) -> Floats:
    """What sells of an order within its shelf life, other stock first, shape (items, draws)."""
    shape, arrival = futures.demand.shape[1:], futures.arrival
    ends, lack = arrival + lives, np.broadcast_to(-futures.on_hand, shape)
    sold = np.zeros(shape)
    for period in range(int(ends.max())):
        lack = lack - futures.coming[period] + futures.demand[period]
        inside = (arrival <= period) & (period < ends)
        if futures.lost:  # stock that is there besides starts anew at zero once it has run out
            sold += np.where(inside, np.maximum(lack, 0.0), 0.0)
            lack = np.minimum(lack, 0.0)
        else:
            sold = np.where(inside, np.maximum(sold, lack), sold)
    return sold


def _uncovered(futures: Scenarios) -> Floats:
    """Demand that nothing is there for once the order has spoiled, until the next delivery, shape (items, draws)."""
    lack, missing = np.broadcast_to(-futures.on_hand, futures.demand.shape[1:]), np.zeros(futures.demand.shape[1:])
    for period in range(int(futures.following.max())):
        lack = lack - futures.coming[period] + futures.demand[period]
        inside = (futures.until <= period) & (period < futures.following)
        missing += np.where(inside, np.maximum(lack, 0.0), 0.0)
        lack = np.minimum(lack, 0.0)
    return missing


def _backlog(futures: Scenarios) -> Floats:
    """What customers wait for, less stock, at the end of the period before the next delivery if nothing is ordered."""
    lack = (futures.demand - futures.coming).cumsum(axis=0) - futures.on_hand
    ends = np.broadcast_to(futures.following - 1, lack.shape[1:])
    return np.asarray(np.take_along_axis(lack, ends[None], axis=0)[0])


def _spoil(futures: Scenarios, last: Floats) -> tuple[Floats, Floats, Floats]:
    """Of items that spoil: the order that sells while it is fresh, the need until the next delivery, what is missing
    whatever is ordered; the same need and nothing of items that keep. Shape (items, draws) each."""
    if futures.lives is None:
        return np.empty((len(last), 0)), last, np.zeros(last.shape)
    unspoiled = _unspoiled(futures, futures.lives)
    if futures.lost:
        return unspoiled, last, _uncovered(futures)
    backlog = _backlog(futures)
    return unspoiled, np.minimum(backlog, unspoiled), np.maximum(backlog - unspoiled, 0.0)


def _later(futures: Scenarios) -> _Later:
    """Demand from now up to each later review that is looked at."""
    draws, looks = futures.demand.shape[2], futures.looks
    strides = np.array([each.stride for each in futures.ahead])
    sold = futures.demand.cumsum(axis=0)
    items, later = np.arange(len(strides)), []
    for look in range(1, int(looks.max()) + 1):
        end = np.minimum(look * strides * futures.review_period, len(sold)) - 1
        later.append(np.where(look <= looks, sold[end, items], np.inf))
    rows = np.array(later).transpose(1, 0, 2)
    ends = looks[:, 0] * strides * futures.review_period - 1
    counts = np.array([each.is_last for each in futures.ahead])
    unsold = np.where(counts[:, None], sold[ends, items], np.inf)
    return _Later(
        thresholds(futures.places, rows.reshape(len(rows), -1), draws),
        thresholds(futures.places, unsold, draws),
        strides.astype(np.float64),
    )
