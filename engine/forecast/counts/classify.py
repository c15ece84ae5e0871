"""What kind of demand an item has, by how often and how evenly it sells."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.arrays import Floats

INTERVAL_CUT = 1.32
"""Mean periods between sales from which demand is intermittent."""

VARIATION_CUT = 0.49
"""Squared coefficient of variation of the sizes from which they are uneven."""


class DemandKind(StrEnum):
    """The four quadrants of Syntetos, Boylan & Croston."""

    SMOOTH = "smooth"
    ERRATIC = "erratic"
    INTERMITTENT = "intermittent"
    LUMPY = "lumpy"


@dataclass(frozen=True, eq=False)
class DemandProfile:
    """How each item sells; every array has shape (items,).

    Attributes:
        interval: mean number of periods from one sale to the next, >= 1 (ADI); infinite for an item that never sold.
        variation: squared coefficient of variation of the sizes of the sales, >= 0 (CV^2); 0 below two sales.
        zero_share: share of known periods without a sale, 0..1.
        mean: mean of the known periods, units.
    """

    interval: Floats
    variation: Floats
    zero_share: Floats
    mean: Floats

    @property
    def kinds(self) -> tuple[DemandKind, ...]:
        """The quadrant of each item."""
        named = (DemandKind.SMOOTH, DemandKind.ERRATIC, DemandKind.INTERMITTENT, DemandKind.LUMPY)
        codes = 2 * (self.interval >= INTERVAL_CUT) + (self.variation >= VARIATION_CUT)
        return tuple(named[code] for code in codes)


def demand_profile(values: Floats) -> DemandProfile:
    """Measure how often and how evenly each item sells.

    Args:
        values: shape (items, n); NaN before an item's start and where a period is unknown.

    Source: Syntetos, Boylan & Croston (2005), On the categorization of demand patterns, JORS 56: ADI = known periods
    per sale, cut at 1.32; CV^2 of the non-zero sizes, cut at 0.49.
    """
    observed = np.isfinite(values)
    sold = observed & (values > 0)
    periods, sales = observed.sum(axis=1), sold.sum(axis=1)
    sizes = np.where(sold, values, 0.0)
    mean_size = sizes.sum(axis=1) / np.maximum(sales, 1)
    spread = np.sum(np.where(sold, values - mean_size[:, None], 0.0) ** 2, axis=1) / np.maximum(sales, 1)
    return DemandProfile(
        interval=np.where(sales > 0, periods / np.maximum(sales, 1), np.inf),
        variation=np.divide(spread, mean_size**2, out=np.zeros(len(values)), where=sales > 1),
        zero_share=1 - sales / np.maximum(periods, 1),
        mean=np.where(observed, values, 0.0).sum(axis=1) / np.maximum(periods, 1),
    )
