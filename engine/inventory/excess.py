"""How far quantities are above, and below, what each of many futures needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats, Ints


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
    kept = np.flatnonzero(last)
    values, width = rows.ravel()[kept], rows.shape[1]
    rows[:, 0] = 0.0
    sums = np.cumsum(rows, axis=1, out=rows).ravel()[kept]
    return Thresholds(places, last.sum(axis=1), np.full(len(places), draws), values, kept % width, sums)


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
        wanted = np.clip(np.ceil(share * count - 1e-9), 1, count)
        return np.asarray(self.thresholds[self._reached(self._counts, np.arange(len(count)), wanted - 1) + 1])

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
