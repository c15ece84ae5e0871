"""Adstock: how the money of one period goes on working in later ones."""

import math
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.dataset import Frequency

WEEKS = {
    Frequency.DAILY: 1 / 7,
    Frequency.WEEKLY: 1.0,
    Frequency.MONTHLY: 365.25 / 84,
    Frequency.QUARTERLY: 365.25 / 28,
    Frequency.YEARLY: 365.25 / 7,
}
"""Weeks in one period: a decay is known per week, whatever the file's periods are."""

FORGOTTEN = 0.01
LONGEST_WEEKS = 13
"""Weights are cut where less than the share `FORGOTTEN` is left, and after `LONGEST_WEEKS`."""


@dataclass(frozen=True)
class Carryover:
    """The shares of a period's effect that arrive in that period and in each later one.

    They add up to 1, so a steady spend has itself as adstock.

    Attributes:
        name: in words: "half gone after 1.4 weeks".
        weights: share per lag, the first for the period itself.
        decay: share that is left after a week, 0..1, for geometric adstock; the mean-equivalent one for others.
    """

    name: str
    weights: tuple[float, ...]
    decay: float

    def adstock(self, spend: Floats) -> Floats:
        """Spend as it works, shape of `spend`; before the first period as much was spent as in the first eight weeks.

        Source: Broadbent 1979; geometric weights `(1 - decay) decay^lag`.
        """
        lags = len(self.weights) - 1
        before = np.full(lags, float(np.mean(spend[:8])))
        return np.asarray(np.convolve(np.concatenate([before, spend]), self.weights)[lags : lags + len(spend)])


def geometric(decay: float, frequency: Frequency = Frequency.WEEKLY) -> Carryover:
    """Adstock that loses the same share every week.

    Args:
        decay: share left after a week, 0 <= decay < 1.
        frequency: the length of one period.

    Raises:
        ValueError: the decay is not in range.
    """
    if not 0 <= decay < 1:
        raise ValueError("decay must be at least 0 and below 1")
    weeks = WEEKS[frequency]
    left = decay**weeks
    lags = 0 if left < FORGOTTEN else min(math.ceil(math.log(FORGOTTEN) / math.log(left)), round(LONGEST_WEEKS / weeks))
    weights = left ** np.arange(lags + 1)
    name = "gone within the week" if decay == 0 else f"half gone after {math.log(0.5) / math.log(decay):.2g} weeks"
    return Carryover(name, tuple((weights / weights.sum()).tolist()), decay)


def delayed(peak_weeks: float, frequency: Frequency = Frequency.WEEKLY) -> Carryover:
    """Adstock that is strongest some weeks later: a Weibull density of shape 2.

    Args:
        peak_weeks: when it is strongest, > 0.
        frequency: the length of one period.
    """
    weeks = WEEKS[frequency]
    scale = peak_weeks * math.sqrt(2)
    at = (np.arange(max(1, round(LONGEST_WEEKS / weeks)) + 1) + 0.5) * weeks
    density = at * np.exp(-((at / scale) ** 2))
    density = density[: max(1, int(np.sum(np.cumsum(density) < (1 - FORGOTTEN) * density.sum())) + 1)]
    weights = density / density.sum()
    mean = float(weights @ np.arange(len(weights))) * weeks
    return Carryover(f"strongest after {peak_weeks:.2g} weeks", tuple(weights.tolist()), mean / (1 + mean))
