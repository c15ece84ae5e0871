"""How far quantities are above, and below, what each of many futures needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.inventory.arrays import Indices, Values


@dataclass(frozen=True, eq=False)
class Thresholds:
    """What the futures of some items need.

    Attributes:
        places: which items, shape (items,).
        values: units, shape (items, n); infinite where a future has none.
        draws: how many futures each item has.
    """

    places: Indices
    values: Values
    draws: int


class Excess:
    """Expected excess over, and lack below, the thresholds of many items: E sum (q - W)+ and E sum (W - q)+.

    Args:
        parts: every item once.
    """

    def __init__(self, parts: Sequence[Thresholds]) -> None:
        places = np.concatenate([part.places for part in parts])
        lengths = np.concatenate([np.full(len(part.places), part.values.shape[1]) for part in parts])
        self.first, self.last, self.draws = (np.empty(len(places), np.int64) for _ in range(3))
        self.last[places] = np.cumsum(lengths + 1) - 1
        self.first[places] = self.last[places] - lengths
        self.draws[places] = np.repeat([part.draws for part in parts], [len(part.places) for part in parts])
        ordered = [_led_by(-np.inf, np.sort(part.values, axis=1)) for part in parts]
        self.thresholds = np.concatenate([rows.ravel() for rows in ordered])  # of each item -inf, then rising
        self._sums = np.concatenate([_led_by(0.0, np.cumsum(rows[:, 1:], axis=1)).ravel() for rows in ordered])

    def below(self, items: Indices, quantities: Values) -> Values:
        """Mean over the draws of the summed excess of each item's quantity over its thresholds."""
        place = self._place(items, quantities)
        count = place - self.first[items]
        return np.asarray(np.maximum(count * quantities - self._sums[place], 0.0) / self.draws[items])

    def above(self, items: Indices, quantities: Values) -> Values:
        """Mean over the draws of the summed lack of each item's quantity below its thresholds."""
        place, last = self._place(items, quantities), self.last[items]
        rest = self._sums[last] - self._sums[place] - (last - place) * quantities
        return np.asarray(np.maximum(rest, 0.0) / self.draws[items])

    def count_up_to(self, items: Indices, quantities: Values) -> Values:
        """Mean over the draws of how many thresholds of its item each quantity reaches."""
        return np.asarray((self._place(items, quantities + 1e-9) - self.first[items]) / self.draws[items])

    def share_up_to(self, items: Indices, quantities: Values) -> Values:
        """The share of all thresholds of its item that each quantity reaches."""
        first = self.first[items]
        return np.asarray((self._place(items, quantities + 1e-9) - first) / (self.last[items] - first))

    def quantile(self, share: float) -> Values:
        """The least threshold of each item that at least this share of them does not exceed."""
        place = self.first + np.ceil(share * (self.last - self.first) - 1e-9).astype(np.int64)
        return np.asarray(self.thresholds[np.clip(place, self.first + 1, self.last)])

    def _place(self, items: Indices, quantities: Values) -> Indices:
        """The last threshold of its item that each quantity reaches, by bisection."""
        low, high = self.first[items], self.last[items]
        for _ in range(int(np.max(high - low, initial=0)).bit_length()):
            middle = (low + high + 1) >> 1
            reached = self.thresholds[middle] <= quantities
            low = np.where(reached, middle, low)
            high = np.where(reached, high, middle - 1)
        return low


def _led_by(first: float, rows: Values) -> Values:
    return np.concatenate([np.full((len(rows), 1), first), rows], axis=1)
