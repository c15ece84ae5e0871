"""Demand that comes in whole units, as the chance of each number."""

import math
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats

TAIL = 1e-13
"""Chances beyond the numbers that have all but this much are left out."""


@dataclass(frozen=True, eq=False)
class CountDemand:
    """Demand of one period in whole units.

    Attributes:
        chances: the chance of 0, 1, 2, ... units, shape (n,); adds up to 1.

    Raises:
        ValueError: the chances are negative or do not add up to 1.
    """

    chances: Floats

    def __post_init__(self) -> None:
        if self.chances.ndim != 1 or np.any(self.chances < 0) or abs(self.chances.sum() - 1) > 1e-6:
            raise ValueError("the chances of a demand are not negative and add up to 1")

    @classmethod
    def poisson(cls, mean: float) -> "CountDemand":
        """Poisson demand.

        Args:
            mean: units per period, > 0.

        Raises:
            ValueError: the mean is not positive.
        """
        if not mean > 0:
            raise ValueError("a Poisson demand needs a positive mean")
        most = math.ceil(mean + 9 * math.sqrt(mean) + 25)
        units = np.arange(most + 1)
        log_factorial = np.concatenate([[0.0], np.cumsum(np.log(units[1:]))])
        chances = np.exp(units * math.log(mean) - mean - log_factorial)
        return cls(chances / chances.sum())

    @property
    def mean(self) -> float:
        """Units per period."""
        return float(self.chances @ np.arange(len(self.chances)))

    def over(self, periods: int) -> "CountDemand":
        """The demand of so many periods together, each independent of the others."""
        total = np.ones(1)
        for _ in range(periods):
            total = np.convolve(total, self.chances)
            reach = int(np.searchsorted(np.cumsum(total), total.sum() - TAIL)) + 1
            total = total[:reach]
        return CountDemand(total / total.sum())

    def short(self, levels: Floats) -> Floats:
        """Expected units short at each stock level (any whole number, negative ones too), units."""
        units = np.arange(len(self.chances))
        above = 1 - np.cumsum(self.chances)
        shortfall = np.concatenate([np.cumsum(above[::-1])[::-1], [0.0]])
        inside = np.clip(levels, 0, len(units)).astype(np.int64)
        return np.where(levels < 0, self.mean - levels, np.maximum(shortfall[inside], 0.0))

    def cost(self, levels: Floats, holding_cost: float, stockout_cost: float) -> Floats:
        """Expected holding and stockout cost of a period that starts at each of these levels, currency."""
        short = self.short(levels)
        return holding_cost * (levels - self.mean + short) + stockout_cost * short
