"""How far a quantity is above, and below, what each of many futures needs."""

import math

import numpy as np

from engine.inventory.arrays import Values


class Excess:
    """Expected excess over, and lack below, a matrix of thresholds: E sum (q - W)+ and E sum (W - q)+.

    Args:
        thresholds: shape (draws,) or (draws, terms); kept in rising order, all together.
    """

    def __init__(self, thresholds: Values) -> None:
        self.draws = len(thresholds)
        self.thresholds = np.sort(thresholds, axis=None)
        self._sums = np.concatenate([[0.0], np.cumsum(self.thresholds)])

    def below(self, quantities: Values) -> Values:
        """Mean over the draws of the summed excess of each quantity over the thresholds."""
        count = np.searchsorted(self.thresholds, quantities, side="right")
        return np.asarray(np.maximum(count * quantities - self._sums[count], 0.0) / self.draws)

    def above(self, quantities: Values) -> Values:
        """Mean over the draws of the summed lack of each quantity below the thresholds."""
        count = np.searchsorted(self.thresholds, quantities, side="right")
        rest = self._sums[-1] - self._sums[count] - (len(self.thresholds) - count) * quantities
        return np.asarray(np.maximum(rest, 0.0) / self.draws)

    def count_up_to(self, quantities: Values) -> Values:
        """Mean over the draws of how many thresholds each quantity reaches."""
        return np.asarray(np.searchsorted(self.thresholds, quantities + 1e-9, side="right") / self.draws)

    def share_up_to(self, quantities: Values) -> Values:
        """The share of all thresholds that each quantity reaches."""
        return np.asarray(np.searchsorted(self.thresholds, quantities + 1e-9, side="right") / len(self.thresholds))

    def quantile(self, share: float) -> float:
        """The least threshold that at least this share of them does not exceed."""
        place = math.ceil(share * len(self.thresholds) - 1e-9) - 1
        return float(self.thresholds[min(max(place, 0), len(self.thresholds) - 1)])
