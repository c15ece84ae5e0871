"""Advertising that works on for a while."""

import numpy as np

from engine.arrays import Floats

DECAYS = tuple(round(0.1 * k, 1) for k in range(9))
"""Shares of the effect that may last into the next period."""

FIRST_GUESS = 8
"""The spend before the first period is taken to be the mean of so many first ones."""


def carried_over(spend: Floats, decay: float) -> Floats:
    """Spend as it works: a(t) = (1 - decay) x(t) + decay a(t-1), which equals the spend when that never changes.

    Its coefficient is therefore the whole effect of one unit of spend, over all later periods.

    Args:
        spend: per period, shape (n,).
        decay: share of the effect that lasts into the next period, 0 <= decay < 1.

    Source: Broadbent (1979), "One way TV advertisements work", normalised to weights that sum to 1.
    """
    ages = np.arange(len(spend))
    before = float(spend[:FIRST_GUESS].mean()) * decay ** (ages + 1)
    return np.asarray(np.convolve(spend, (1 - decay) * decay**ages)[: len(spend)] + before)
