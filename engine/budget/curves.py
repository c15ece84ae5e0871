"""What a channel brings for a steady spend, and how the money of one period goes on working in later ones."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

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


class Curve(Protocol):
    """Outcome per period as a function of spend per period; it never falls and starts at spend 0."""

    def value(self, spend: Floats) -> Floats:
        """The outcome for each spend >= 0."""
        ...

    def slope(self, spend: Floats) -> Floats:
        """The outcome of one more unit of money at each spend; infinite where the curve starts upright."""
        ...

    def corners(self) -> Floats:
        """Spends between which the curve bends one way only."""
        ...

    def touching(self, spend: Floats) -> tuple[Floats, Floats]:
        """Points on or above the curve, one at most between two neighbours of the sorted `spend`.

        With the points of the curve itself, their upper hull lies nowhere below the curve. `spend` holds the corners.
        """
        ...

    def concave_around(self, spend: float) -> tuple[float, float]:
        """The widest interval around this spend in which the curve bends down; the spend itself where there is none."""
        ...


class Smooth(ABC):
    """A curve with a slope everywhere that turns from bending up to bending down at one spend at most."""

    @property
    def inflection(self) -> float:
        """The spend up to which the curve bends up; 0 where it bends down from the start."""
        return 0.0

    @abstractmethod
    def value(self, spend: Floats) -> Floats:
        """The outcome for each spend."""

    @abstractmethod
    def slope(self, spend: Floats) -> Floats:
        """The outcome of one more unit of money at each spend."""

    def corners(self) -> Floats:
        """The inflection, where there is one."""
        return np.array([self.inflection] if self.inflection > 0 else [])

    def touching(self, spend: Floats) -> tuple[Floats, Floats]:
        """Where the tangents of neighbours cross, in the part that bends down."""
        value, slope = self.value(spend), self.slope(spend)
        left, right = spend[:-1], spend[1:]
        bent = (left >= self.inflection) & (slope[:-1] > slope[1:])
        left, right, low, high = left[bent], right[bent], value[:-1][bent], value[1:][bent]
        first, last = slope[:-1][bent], slope[1:][bent]
        upright = ~np.isfinite(first)
        steep = np.where(upright, last + 1, first)
        across = np.where(upright, left, (high - low + steep * left - last * right) / (steep - last))
        across = np.clip(across, left, right)
        # The tangent of the right neighbour bounds the curve on the whole cell, so rounding of `across` does no harm.
        return across, np.maximum(high + last * (across - right), np.where(upright, low, low + steep * (across - left)))

    def concave_around(self, spend: float) -> tuple[float, float]:
        """Everything above the inflection."""
        return (self.inflection, np.inf) if spend >= self.inflection else (spend, spend)


@dataclass(frozen=True)
class Hill(Smooth):
    """`top * spend^steepness / (half^steepness + spend^steepness)`: saturates, and starts slowly when steep.

    Attributes:
        top: the outcome that no spend exceeds, per period, >= 0.
        half: the spend that brings half of it, > 0.
        steepness: 1 or less bends down everywhere; above 1 the curve is S-shaped.
    """

    top: float
    half: float
    steepness: float = 1.0

    def __post_init__(self) -> None:
        if not (self.top >= 0 and self.half > 0 and self.steepness > 0):
            raise ValueError(f"not a Hill curve: {self}")

    @property
    def inflection(self) -> float:
        """Where an S-shaped curve is steepest; 0 for a concave one."""
        a = self.steepness
        return self.half * float(((a - 1) / (a + 1)) ** (1 / a)) if a > 1 else 0.0

    def value(self, spend: Floats) -> Floats:
        """The outcome for each spend."""
        return np.asarray(self.top / (1 + self._missing(np.asarray(spend, dtype=np.float64))))

    def slope(self, spend: Floats) -> Floats:
        """The derivative; infinite at 0 where the steepness is below 1."""
        spend = np.asarray(spend, dtype=np.float64)
        if self.top == 0:
            return np.zeros_like(spend)
        missing = self._missing(spend)
        reached = 1 / (1 + missing)
        with np.errstate(over="ignore"):
            left = 1 / (1 + 1 / np.maximum(missing, 1e-300))
        at_zero = {-1: np.inf, 0: self.top / self.half, 1: 0.0}[int(np.sign(self.steepness - 1))]
        paid = np.where(spend > 0, spend, 1.0)
        return np.asarray(np.where(spend > 0, self.steepness * self.top * reached * left / paid, at_zero))

    def _missing(self, spend: Floats) -> Floats:
        """What is missing to the top, as a multiple of what is reached; a form that steep curves do not overflow."""
        with np.errstate(divide="ignore", over="ignore"):
            return np.asarray((self.half / spend) ** self.steepness)


@dataclass(frozen=True)
class Saturating(Smooth):
    """`top * tanh(spend / scale)`, the logistic curve from 0: `(1 - e^-2u) / (1 + e^-2u)` with `u = spend / scale`.

    Attributes:
        top: the outcome that no spend exceeds, per period, >= 0.
        scale: the spend that brings 76 % of it, > 0.
    """

    top: float
    scale: float

    def __post_init__(self) -> None:
        if not (self.top >= 0 and self.scale > 0):
            raise ValueError(f"not a saturating curve: {self}")

    def value(self, spend: Floats) -> Floats:
        """The outcome for each spend."""
        return np.asarray(self.top * np.tanh(np.asarray(spend) / self.scale))

    def slope(self, spend: Floats) -> Floats:
        """The derivative."""
        return np.asarray(self.top / self.scale / np.cosh(np.minimum(np.asarray(spend) / self.scale, 350.0)) ** 2)


@dataclass(frozen=True)
class Power(Smooth):
    """`gain * spend^exponent`: diminishing, without a ceiling.

    Attributes:
        gain: the outcome of the first unit of money, >= 0.
        exponent: 0 to 1; 1 is a straight line.
    """

    gain: float
    exponent: float

    def __post_init__(self) -> None:
        if not (self.gain >= 0 and 0 < self.exponent <= 1):
            raise ValueError(f"not a power curve: {self}")

    def value(self, spend: Floats) -> Floats:
        """The outcome for each spend."""
        return np.asarray(self.gain * np.asarray(spend) ** self.exponent)

    def slope(self, spend: Floats) -> Floats:
        """The derivative; infinite at 0 unless the line is straight."""
        spend = np.asarray(spend, dtype=np.float64)
        if self.gain == 0:
            return np.zeros_like(spend)
        with np.errstate(divide="ignore"):
            return np.asarray(self.gain * self.exponent * spend ** (self.exponent - 1))


@dataclass(frozen=True, eq=False)
class TabulatedCurve:
    """A curve known at some spends, straight between them and flat beyond the last: how fitted curves are kept.

    Attributes:
        spends: rising, the first 0, shape (n,).
        outcomes: never falling, shape (n,).

    Raises:
        ValueError: fewer than two points, or not in order.
    """

    spends: Floats
    outcomes: Floats

    def __post_init__(self) -> None:
        if len(self.spends) < 2 or len(self.spends) != len(self.outcomes) or self.spends[0] != 0:
            raise ValueError("a table needs at least two points, the first at spend 0")
        if np.any(np.diff(self.spends) <= 0) or np.any(np.diff(self.outcomes) < 0):
            raise ValueError("spends must rise and outcomes must not fall")

    def value(self, spend: Floats) -> Floats:
        """The outcome for each spend."""
        return np.asarray(np.interp(spend, self.spends, self.outcomes))

    def slope(self, spend: Floats) -> Floats:
        """The slope to the right of each spend."""
        steps = np.append(self._steps(), 0.0)
        return np.asarray(steps[np.searchsorted(self.spends, spend, side="right") - 1])

    def corners(self) -> Floats:
        """All points of the table."""
        return self.spends

    def touching(self, spend: Floats) -> tuple[Floats, Floats]:
        """None: between its points the table is straight."""
        return np.empty(0), np.empty(0)

    def concave_around(self, spend: float) -> tuple[float, float]:
        """The run of falling slopes around this spend."""
        steps = np.append(self._steps(), 0.0)
        rises = np.flatnonzero(np.diff(steps) > 1e-12 * max(1e-300, float(steps.max()))) + 1  # a corner bending up
        before, after = rises[self.spends[rises] <= spend], rises[self.spends[rises] > spend]
        low = float(self.spends[before[-1]]) if len(before) else 0.0
        return low, float(self.spends[after[0]]) if len(after) else np.inf

    def _steps(self) -> Floats:
        return np.asarray(np.diff(self.outcomes) / np.diff(self.spends))


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
