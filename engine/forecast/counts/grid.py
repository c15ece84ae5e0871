"""Whole-number distributions of many items at once, as probabilities on a grid.

A grid counts in steps of an item's own `unit`: 1 for whole numbers, more where an item sells by the thousand, less
where it sells by weight. `mass` has shape (items, steps, size): how likely each multiple 0, 1, ... size - 1 is.
"""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints

LONGEST = 400
"""Most grid points of an item; one that sells more counts in larger units."""

HEADROOM = 2.0
SPARE = 8
"""The grid ends at so many times the largest value seen, plus `SPARE` points."""


@dataclass(frozen=True, eq=False)
class Distributions:
    """What each item may sell in each step ahead.

    Attributes:
        mass: shape (items, steps, size), each row sums to 1.
        unit: shape (items,), the amount that one grid point stands for.
    """

    mass: Floats
    unit: Floats

    @property
    def cumulative(self) -> Floats:
        """The chance of at most each grid point, shape (items, steps, size)."""
        return np.cumsum(self.mass, axis=2)

    @property
    def mean(self) -> Floats:
        """Mean demand, units, shape (items, steps)."""
        return self.mass @ np.arange(self.mass.shape[2], dtype=np.float64) * self.unit[:, None]

    @property
    def variance(self) -> Floats:
        """Variance of demand, squared units, shape (items, steps)."""
        points = np.arange(self.mass.shape[2], dtype=np.float64)
        mean = self.mass @ points
        return (self.mass @ points**2 - mean**2) * self.unit[:, None] ** 2

    def each_period(self, horizon: int) -> "Distributions":
        """One step per period ahead; the steps are one season that repeats."""
        return Distributions(self.mass.take(np.arange(horizon) % self.mass.shape[1], axis=1), self.unit)

    def item(self, row: int) -> "Distributions":
        """One item alone, shape (1, steps, size)."""
        return Distributions(self.mass[row : row + 1], self.unit[row : row + 1])

    def quantile(self, probability: Floats) -> Floats:
        """The smallest grid point that is not exceeded with each probability.

        Args:
            probability: shape (k,), 0..1.

        Returns:
            shape (items, steps, k), units; never crossing, never negative.
        """
        below = self.cumulative
        counts = [np.sum(below < p - 1e-9, axis=2) for p in probability]
        top = self.mass.shape[2] - 1
        return np.asarray(np.minimum(np.stack(counts, axis=2), top) * self.unit[:, None, None])


def grid_units(values: Floats) -> Floats:
    """The unit of each item's grid: 1 where whole numbers fit, else what `LONGEST` points can span, shape (items,)."""
    top = HEADROOM * _largest(values)
    whole = np.all(np.isnan(values) | (values == np.round(values)), axis=1)
    coarse = top / (LONGEST - SPARE)
    return np.asarray(np.where(whole | (top == 0), np.maximum(1.0, np.ceil(coarse)), coarse))


def grid_sizes(values: Floats, unit: Floats) -> Ints:
    """Grid points that each item needs, at most `LONGEST` + 1, shape (items,)."""
    needed = np.ceil(HEADROOM * _largest(values) / unit - 1e-9).astype(np.int64) + SPARE + 1
    return np.asarray(np.minimum(needed, LONGEST + 1))


def _largest(values: Floats) -> Floats:
    return np.asarray(np.where(np.isfinite(values), values, 0.0).max(axis=1, initial=0.0))
