"""What the fit may believe: pairs of a carry-over and a shape per channel, and structures of the noise that is left.

Stated priors: short carry-over is likelier (density falling with the decay, as Beta(1, 2)); curves that bend down from
the start and S-shapes are both plausible (70 to 30); the spend that brings half of the most lies between a quarter and
eight times the usual spend. Noise has a memory, and the base drifts slowly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints
from engine.budget.curves import Carryover, Curve, Hill, Power, Saturating, delayed, geometric
from engine.dataset import Frequency

DECAYS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
PEAKS = (1.0, 2.5)
DELAYED_SHARE = 0.1
"""Decays per week and, for adstock that is strongest later, weeks to the peak; these share a prior of 10 %."""

HALVES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
STEEPNESS = {1.0: 0.3, 1.5: 0.1, 2.0: 0.1, 3.0: 0.1}
SCALES = (0.5, 1.0, 2.0, 4.0)
SATURATING_SHARE = 0.2
EXPONENTS = {0.5: 0.05, 0.75: 0.1, 1.0: 0.05}
"""Shapes, spends counted in the channel's usual spend, and their prior weights: Hill by steepness, tanh, power."""

MEMORIES = (0.0, 0.4, 0.8)
DRIFTS = (0.0, 1.0, 10.0, 100.0)
DRIFT_WEEKS = 26.0
"""Correlations of neighbouring weeks; variance of the slow drift against the noise's, and how slow it is."""


@dataclass(frozen=True, eq=False)
class ChannelCandidates:
    """The candidates of one channel.

    Attributes:
        carryovers: which adstock each pairs, position by `carryover_of`.
        shapes: unit curves of the spend counted in `usual`, position by `shape_of`.
        usual: the mean spend in periods with spend.
        carryover_of, shape_of: per candidate, shape (n,).
        prior: log prior per candidate, adds up to 1 before the logarithm, shape (n,).
        features: the shape of the adstocked spend, shape (n, periods).
    """

    carryovers: tuple[Carryover, ...]
    shapes: tuple[Curve, ...]
    usual: float
    carryover_of: Ints
    shape_of: Ints
    prior: Floats
    features: Floats

    def steady(self, shape: int, spend: Floats) -> Floats:
        """The unit response to a steady spend, for one shape."""
        return self.shapes[shape].value(spend / self.usual)


def candidates(spend: Floats, frequency: Frequency, *, carry_over: bool = True) -> ChannelCandidates:
    """All candidates of a channel.

    Args:
        spend: per period, not all zero.
        frequency: the length of one period.
        carry_over: False for a model in which money works in its own period only.
    """
    usual = float(spend[spend > 0].mean())
    carryovers, first = _carryovers(frequency) if carry_over else ((geometric(0.0, frequency),), np.ones(1))
    shapes, second = _shapes()
    worked = [each.adstock(spend) / usual for each in carryovers]
    features = np.array([shape.value(each) for each in worked for shape in shapes])
    carryover_of = np.repeat(np.arange(len(carryovers)), len(shapes))
    shape_of = np.tile(np.arange(len(shapes)), len(carryovers))
    prior = np.log(np.outer(first, second).ravel())
    return ChannelCandidates(tuple(carryovers), shapes, usual, carryover_of, shape_of, prior, features)


@dataclass(frozen=True, eq=False)
class Noise:
    """One structure of the noise, ready to be taken out together with the calendar.

    Attributes:
        whiten: turns a series into white noise without calendar, shape (n, n).
        log_size: minus twice the structure's own part of the log likelihood.
        columns: of the calendar, which are taken out.
    """

    whiten: Floats
    log_size: float
    columns: int


def structures(calendar: Floats, weeks: float) -> tuple[Noise, ...]:
    """All structures that the fit considers.

    Args:
        calendar: the columns that are always in the model, intercept first, shape (n, columns), full rank.
        weeks: weeks in one period.
    """
    return tuple(_structure(calendar, weeks, memory, drift) for memory in MEMORIES for drift in DRIFTS)


def _carryovers(frequency: Frequency) -> tuple[Sequence[Carryover], Floats]:
    steady = [geometric(decay, frequency) for decay in DECAYS]
    later = [delayed(peak, frequency) for peak in PEAKS]
    falling = 1 - np.array(DECAYS)
    weights = [*(1 - DELAYED_SHARE) * falling / falling.sum(), *np.full(len(later), DELAYED_SHARE / len(later))]
    return [*steady, *later], np.array(weights)


def _shapes() -> tuple[tuple[Curve, ...], Floats]:
    shapes: list[Curve] = []
    weights: list[float] = []
    for steepness, share in STEEPNESS.items():
        shapes += [Hill(1.0, half, steepness) for half in HALVES]
        weights += [share / len(HALVES)] * len(HALVES)
    shapes += [Saturating(1.0, scale) for scale in SCALES]
    weights += [SATURATING_SHARE / len(SCALES)] * len(SCALES)
    shapes += [Power(1.0, exponent) for exponent in EXPONENTS]
    weights += list(EXPONENTS.values())
    return tuple(shapes), np.array(weights) / sum(weights)


def _structure(calendar: Floats, weeks: float, memory: float, drift: float) -> Noise:
    distance = np.abs(np.subtract.outer(np.arange(len(calendar)), np.arange(len(calendar)))) * weeks
    covariance = memory**distance + drift * np.exp(-0.5 * (distance / DRIFT_WEEKS) ** 2)
    root = np.linalg.cholesky(covariance)
    inverse = np.linalg.solve(root, np.eye(len(calendar)))
    basis, triangle = np.linalg.qr(inverse @ calendar)
    whiten = inverse - basis @ (basis.T @ inverse)
    own = 2 * float(np.sum(np.log(np.diag(root)))) + 2 * float(np.sum(np.log(np.abs(np.diag(triangle)))))
    return Noise(whiten, own, calendar.shape[1])
