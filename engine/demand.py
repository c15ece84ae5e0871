"""What may be sold: not one number, but how likely each number is."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from engine.arrays import Floats
from engine.dataset import Frequency


@dataclass(frozen=True, eq=False)
class DemandDistribution:
    """The periods ahead of one item, as joint sample paths.

    Paths, because sums over a lead time need to know how the periods hang together; a quantile of each period cannot
    be added up. Every path is one way in which all the periods could turn out, and all are equally likely.

    Attributes:
        item: the item's name, or "" for all items together.
        unit: what is counted, as in `Metric.unit`.
        frequency: the length of one period.
        periods: the start of each period, shape (n,); one on which the business is closed has no demand.
        paths: shape (draws, n), finite and never below zero.

    Raises:
        ValueError: the shapes do not fit, there is no path, or a value is negative or not finite.
    """

    item: str
    unit: str
    frequency: Frequency
    periods: tuple[date, ...]
    paths: Floats

    def __post_init__(self) -> None:
        if self.paths.ndim != 2 or self.paths.shape[1] != len(self.periods) or len(self.paths) == 0:
            raise ValueError(f"paths of shape {self.paths.shape} for {len(self.periods)} periods")
        if not np.all(self.paths >= 0) or not np.all(np.isfinite(self.paths)):
            raise ValueError("demand must be finite and not negative")

    @property
    def draws(self) -> int:
        """How many paths there are."""
        return len(self.paths)

    @cached_property
    def mean(self) -> Floats:
        """Mean demand of each period, shape (n,)."""
        return np.asarray(self.paths.mean(axis=0))

    def quantile(self, probability: float) -> Floats:
        """The demand of each period that is not exceeded with this probability (0..1), shape (n,)."""
        return np.quantile(self.paths, probability, axis=0)

    def total(self, first: int = 0, last: int | None = None) -> Floats:
        """Demand summed over the periods `first` up to, not including, `last`: one number per path, shape (draws,)."""
        return np.asarray(self.paths[:, first:last].sum(axis=1))
