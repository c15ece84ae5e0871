"""The whole distribution of each period ahead: as bands, as quantiles, and as joint sample paths.

A fan is a point forecast, a spread, and the shape of the errors in units of that spread. The shape starts from what
held on the series of two forecasting competitions, by horizon and to each side by itself, and is widened or narrowed as
far as the owner's own held-back errors ask for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.arrays import Floats
from engine.dataset import Frequency
from engine.forecast.models import Panel
from engine.forecast.series import Prediction

PROBABILITIES = (0.005, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.995)

NEAR, FAR = 0.25, 0.75
"""Where in the horizon the two measured shapes stand, as a share of it; between them they blend."""

PRIOR_WEIGHT = 200
"""The prior counts as much as so many held-back points of the owner's own: errors of one stretch come together, and
calm and stormy times take turns."""

DOUBT = {0.025: 4.0 * PRIOR_WEIGHT, 0.1: 1.0 * PRIOR_WEIGHT, 0.25: 0.5 * PRIOR_WEIGHT}
"""At each of these probabilities the prior's own shape counts as much as so many points: the tails are seldom seen."""

WORST_ERROR = 6.0
"""No error counts for more spreads than this; a past that was constant has none, and would blow the bands up."""

PRIOR_WINDOWS = 10
"""How errors usually hang together counts as much as so many held-out windows of the owner's own."""

LASTING = 0.3
"""The share of every error that lasts: the level of today is itself only estimated."""

ROOT_MEAN_SQUARE = float(np.sqrt(np.pi / 2))
"""A normal error's root mean square in units of its mean absolute size."""

FARTHEST = 3.5
"""Quantiles are drawn out to so many standard normal deviations, 1 in 4,300 on each side."""


@dataclass(frozen=True)
class Prior:
    """The usual errors of one kind of series.

    Attributes:
        near: errors in spreads at each of `PROBABILITIES` in the first half of the horizon; 0 in the middle.
        far: the same in its second half.
    """

    near: tuple[float, ...]
    far: tuple[float, ...]

    def shape(self, horizon: int) -> Floats:
        """Errors in spreads at each of `PROBABILITIES`, shape (horizon, probabilities)."""
        place = (np.arange(horizon) + 0.5) / horizon
        share = np.clip((place - NEAR) / (FAR - NEAR), 0, 1)[:, None]
        return np.asarray((1 - share) * np.array(self.near) + share * np.array(self.far))

    def usual_error(self, horizon: int) -> Floats:
        """Mean absolute error in spreads, shape (horizon,)."""
        even = (np.arange(100) + 0.5) / 100
        return np.array([np.abs(np.interp(even, PROBABILITIES, row)).mean() for row in self.shape(horizon)])


_QUICK: Mapping[Frequency, Prior] = {
    Frequency.DAILY: Prior(
        near=(-3.91, -1.96, -1.19, -0.52, 0.0, 0.53, 1.03, 1.96, 2.58),
        far=(-2.95, -2.13, -1.26, -0.55, 0.0, 0.49, 0.92, 1.96, 2.58),
    ),
    Frequency.WEEKLY: Prior(
        near=(-2.97, -1.96, -1.03, -0.42, 0.0, 0.44, 1.05, 1.96, 2.85),
        far=(-5.37, -1.96, -0.78, -0.33, 0.0, 0.47, 1.03, 1.96, 2.58),
    ),
    Frequency.MONTHLY: Prior(
        near=(-3.50, -2.29, -1.21, -0.60, 0.0, 0.93, 1.78, 2.81, 4.44),
        far=(-4.01, -2.52, -1.24, -0.52, 0.0, 1.08, 1.92, 3.26, 4.30),
    ),
    Frequency.QUARTERLY: Prior(
        near=(-4.47, -2.73, -1.37, -0.58, 0.0, 0.88, 1.70, 2.89, 4.38),
        far=(-5.00, -2.96, -1.51, -0.56, 0.0, 1.08, 2.04, 3.62, 5.12),
    ),
}
_FULL: Mapping[Frequency, Prior] = {
    Frequency.DAILY: Prior(
        near=(-3.92, -1.96, -1.18, -0.53, 0.0, 0.52, 1.02, 1.96, 2.58),
        far=(-2.90, -2.11, -1.24, -0.54, 0.0, 0.46, 0.90, 1.96, 2.58),
    ),
    Frequency.WEEKLY: Prior(
        near=(-2.61, -1.96, -0.96, -0.47, 0.0, 0.47, 1.08, 1.96, 2.98),
        far=(-5.39, -1.96, -0.88, -0.40, 0.0, 0.52, 1.01, 1.96, 2.58),
    ),
    Frequency.MONTHLY: Prior(
        near=(-2.97, -2.09, -1.25, -0.62, 0.0, 0.83, 1.61, 2.64, 4.34),
        far=(-4.05, -2.57, -1.36, -0.60, 0.0, 0.98, 1.80, 2.90, 4.50),
    ),
    Frequency.QUARTERLY: Prior(
        near=(-4.49, -2.55, -1.39, -0.60, 0.0, 0.80, 1.57, 2.79, 4.25),
        far=(-5.03, -3.00, -1.56, -0.61, 0.0, 0.98, 1.99, 3.29, 4.94),
    ),
}
PRIORS: Mapping[Panel, Mapping[Frequency, Prior]] = {"quick": _QUICK, "full": _FULL, "search": _FULL}


def prior_for(panel: Panel, frequency: Frequency) -> Prior:
    """The prior of a panel's forecasts of one frequency; years, of which none were measured, borrow the quarters'."""
    return PRIORS[panel][Frequency.QUARTERLY if frequency is Frequency.YEARLY else frequency]


@dataclass(frozen=True, eq=False)
class Band:
    """A range that should hold `level` percent of what happens.

    Attributes:
        level: percent, 0..100.
        lower: lower bounds, shape (horizon,).
        upper: upper bounds, shape (horizon,).
    """

    level: int
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class ValueRange:
    """What values are possible.

    Attributes:
        floor: nothing lies below it; 0 for sales, minus infinity where the history has negative values.
        whole: only whole numbers happen.
    """

    floor: float
    whole: bool = False


@dataclass(frozen=True)
class SeriesTraits:
    """What is known of a series before its own errors speak.

    Attributes:
        prior: the usual shape of the errors of such series.
        limits: what values are possible.
        level_rate: 0..1, how fast the level follows the newest value, as `series.level_rate` finds it.
    """

    prior: Prior
    limits: ValueRange
    level_rate: float


class PredictiveDistribution(Protocol):
    """How likely each value of each period ahead is, and how the periods hang together."""

    @property
    def point(self) -> Floats:
        """The point forecast: the median of a fan, the mean of sample paths, shape (horizon,)."""
        ...

    def bands(self, levels: Sequence[int]) -> tuple[Band, ...]:
        """One band per level in percent, the narrowest first; each holds the middle and all narrower bands."""
        ...

    def paths(self, draws: int, rng: np.random.Generator) -> Floats:
        """Ways in which all periods could turn out, equally likely, shape (draws, horizon)."""
        ...


@dataclass(frozen=True, eq=False)
class Fan:
    """The distribution of each period ahead, and how the periods hang together.

    Attributes:
        point: the point forecast, the median of each period, shape (horizon,).
        spread: the unit of the errors, shape (horizon,).
        shape: errors in spreads at each of `PROBABILITIES`, shape (horizon, probabilities); 0 in the middle.
        correlation: of the errors of the periods, shape (horizon, horizon).
        limits: what values are possible.
    """

    point: Floats
    spread: Floats
    shape: Floats
    correlation: Floats
    limits: ValueRange

    def quantile(self, probability: float) -> Floats:
        """What is not exceeded with this probability (0..1), shape (horizon,)."""
        return np.asarray(self._quantiles(np.full((1, len(self.point)), probability))[0])

    def bands(self, levels: Sequence[int]) -> tuple[Band, ...]:
        """One band per level in percent, the narrowest first; each holds the middle and all narrower bands.

        Where only whole numbers happen, the bounds are whole, rounded away from the middle.
        """
        bands = []
        for level in sorted(levels):
            lower, upper = self.quantile(0.5 - level / 200), self.quantile(0.5 + level / 200)
            if self.limits.whole:
                lower, upper = np.floor(lower), np.ceil(upper)
            bands.append(Band(level, lower, upper))
        return tuple(bands)

    def paths(self, draws: int, rng: np.random.Generator) -> Floats:
        """Ways in which all periods could turn out, equally likely, shape (draws, horizon).

        The values of each period are evenly spread over its distribution, so they have its quantiles; normal errors
        with this correlation decide which values come together.

        Source: Clark et al. (2004), The Schaake shuffle, Journal of Hydrometeorology 5(1).
        """
        root = np.linalg.cholesky(self.correlation + 1e-9 * np.eye(len(self.point)))
        together = rng.standard_normal((draws, len(self.point))) @ root.T
        order = np.argsort(np.argsort(together, axis=0, kind="stable"), axis=0, kind="stable")
        values = self._quantiles((order + 0.5) / draws)
        return np.maximum(np.rint(values), self.limits.floor) if self.limits.whole else values

    def _quantiles(self, probabilities: Floats) -> Floats:
        """Values at probabilities of shape (n, horizon), period by period."""
        from scipy.special import ndtri

        deviations = np.clip(ndtri(probabilities), -FARTHEST, FARTHEST)
        knots = ndtri(np.array(PROBABILITIES))
        errors = [_interpolated(column, knots, shape) for column, shape in zip(deviations.T, self.shape, strict=True)]
        return np.maximum(self.point + self.spread * np.array(errors).T, self.limits.floor)


@dataclass(frozen=True, eq=False)
class SamplePaths:
    """A predictive distribution given by sample paths, shape (draws, horizon), whole numbers where the past is."""

    sampled: Floats

    @property
    def point(self) -> Floats:
        """The mean of the paths; the median of most periods would be nothing at all, shape (horizon,)."""
        return np.asarray(self.sampled.mean(axis=0))

    def bands(self, levels: Sequence[int]) -> tuple[Band, ...]:
        """See `PredictiveDistribution`; a band that would leave out the mean is stretched to it."""
        bands = []
        for level in sorted(levels):
            ends = ((1 - level / 100) / 2, (1 + level / 100) / 2)
            lower, upper = np.quantile(self.sampled, ends, axis=0, method="inverted_cdf")
            bands.append(Band(level, np.minimum(lower, np.floor(self.point)), np.maximum(upper, np.ceil(self.point))))
        return tuple(bands)

    def paths(self, draws: int, rng: np.random.Generator) -> Floats:
        """See `PredictiveDistribution`; drawn anew from the paths there are, each about equally often."""
        order = rng.permutation(-(-draws // len(self.sampled)) * len(self.sampled))[:draws]
        return self.sampled[order % len(self.sampled)]


@dataclass(frozen=True, eq=False)
class HeldOutWindow:
    """The forecast of one held-out window of the past, and how far it was off.

    Attributes:
        prediction: the forecast of the window, with its spread.
        errors: actual minus forecast in units of the spread, at most `WORST_ERROR` to either side; NaN where the
            business was closed.
    """

    prediction: Prediction
    errors: Floats

    @classmethod
    def of(cls, actual: Floats, prediction: Prediction) -> "HeldOutWindow":
        """Compare a prediction with what happened."""
        assert prediction.spread is not None
        error, spread = actual - prediction.mean, prediction.spread
        bounded = np.clip(error, -WORST_ERROR * spread, WORST_ERROR * spread)
        return cls(prediction, np.divide(bounded, spread, out=WORST_ERROR * np.sign(error), where=spread > 0))


def fan(prediction: Prediction, windows: Sequence[HeldOutWindow], traits: SeriesTraits) -> Fan:
    """The fan around a forecast.

    Args:
        prediction: its middle and its spread.
        windows: what was held back; may be empty.
        traits: what is known of the series besides.
    """
    assert prediction.spread is not None
    horizon = len(prediction.mean)
    shape = _own_shape(horizon, windows, traits.prior)
    return Fan(prediction.mean, prediction.spread, shape, _own_correlation(horizon, windows, traits), traits.limits)


def usual_correlation(level_rate: float, horizon: int) -> Floats:
    """How the errors of the periods ahead hang together, shape (horizon, horizon).

    Exponential smoothing whose level follows the newest value at the rate a has an error variance of 1 + (k - 1) a^2
    after k periods, and a covariance of a + (k - 1) a^2 with all later periods: errors around a steady level come and
    go, those around a wandering one last. A small share lasts in any case.

    Source: Hyndman, Koehler, Ord & Snyder (2008), Forecasting with Exponential Smoothing, section 6.2.
    """
    steps = np.arange(horizon, dtype=np.float64)
    covariance = level_rate + level_rate**2 * np.minimum.outer(steps, steps)
    np.fill_diagonal(covariance, 1 + level_rate**2 * steps)
    deviation = np.sqrt(np.diag(covariance))
    lasting = np.sqrt(np.minimum.outer(steps + 1, steps + 1) / np.maximum.outer(steps + 1, steps + 1))
    return np.asarray((1 - LASTING) * covariance / np.outer(deviation, deviation) + LASTING * lasting)


def _own_shape(horizon: int, windows: Sequence[HeldOutWindow], prior: Prior) -> Floats:
    """Errors in spreads at each of `PROBABILITIES`, shape (horizon, probabilities): the prior, stretched.

    Each pair of probabilities has its own factor: the quantile of the owner's errors in units of the prior's, shrunk to
    the factor of all. Beyond the pairs of `DOUBT` there are too few errors to tell.

    Source: split conformal prediction, Vovk, Gammerman & Shafer (2005), Algorithmic Learning in a Random World, with
    errors in units of the prior.
    """
    usual = _own_width(windows, prior)
    factors = np.full(len(PROBABILITIES), usual)
    for probability, doubt in DOUBT.items():
        place = PROBABILITIES.index(probability)
        scaled = [_in_units(window.errors, prior.shape(len(window.errors)), place) for window in windows]
        seen = np.concatenate([np.empty(0), *scaled])
        seen = seen[np.isfinite(seen)]
        own = float(np.quantile(seen, 1 - 2 * probability)) if len(seen) else usual
        factors[[place, -1 - place]] = (len(seen) * own + doubt * usual) / (len(seen) + doubt)
    shape, middle = prior.shape(horizon) * factors, len(PROBABILITIES) // 2
    above = np.maximum.accumulate(shape[:, middle:], axis=1)
    below = np.minimum.accumulate(shape[:, middle::-1], axis=1)[:, ::-1]
    return np.concatenate([below[:, :-1], above], axis=1)


def _in_units(errors: Floats, shape: Floats, place: int) -> Floats:
    """The size of errors in units of the prior at this of `PROBABILITIES`, or at its mirror image above the middle."""
    return np.asarray(np.abs(errors) / np.where(errors < 0, -shape[:, place], shape[:, -1 - place]))


def _own_width(windows: Sequence[HeldOutWindow], prior: Prior) -> float:
    """How much wider than the prior the owner's own errors ask the bands to be, shrunk to 1.

    Absolute errors are compared in the mean, which a few points tell better than an outer quantile.
    """
    own = [np.abs(window.errors) / prior.usual_error(len(window.errors)) for window in windows]
    seen = np.concatenate([np.empty(0), *own])
    seen = seen[~np.isnan(seen)]
    return float((seen.sum() + PRIOR_WEIGHT) / (len(seen) + PRIOR_WEIGHT))


def _own_correlation(horizon: int, windows: Sequence[HeldOutWindow], traits: SeriesTraits) -> Floats:
    """The usual correlation, made looser or tighter as the owner's own errors cancelled out or added up."""
    usual = usual_correlation(traits.level_rate, horizon)
    ratios = np.array([_sum_ratio(window, traits) for window in windows])
    finite = ratios[np.isfinite(ratios)]
    ratio = (finite.sum() + PRIOR_WINDOWS) / (len(finite) + PRIOR_WINDOWS)
    if ratio > 1:
        return _between(usual, np.ones((horizon, horizon)), ratio * usual.sum())
    return _between(np.eye(horizon), usual, ratio * usual.sum())


def _between(loose: Floats, tight: Floats, total: float) -> Floats:
    """The mixture of two correlations that makes the variance of a sum this large, in units of one period's."""
    apart = float(tight.sum() - loose.sum())
    share = float(np.clip((total - loose.sum()) / apart, 0, 1)) if apart > 0 else 1.0
    return np.asarray((1 - share) * loose + share * tight)


def _sum_ratio(window: HeldOutWindow, traits: SeriesTraits) -> float:
    """The squared sum of the errors of a window, in units of what it should be on average; closed days count as 0."""
    assert window.prediction.spread is not None
    horizon = len(window.errors)
    size = window.prediction.spread * traits.prior.usual_error(horizon) * ROOT_MEAN_SQUARE
    expected = float(size @ usual_correlation(traits.level_rate, horizon) @ size)
    summed = float(window.prediction.spread @ np.nan_to_num(window.errors))
    return summed**2 / expected if expected > 0 else float("nan")


def _interpolated(deviations: Floats, knots: Floats, shape: Floats) -> Floats:
    """The shape at these normal deviations; beyond its ends it goes on as it came."""
    inner = np.interp(deviations, knots, shape)
    low = (shape[1] - shape[0]) / (knots[1] - knots[0]) * np.minimum(deviations - knots[0], 0)
    high = (shape[-1] - shape[-2]) / (knots[-1] - knots[-2]) * np.maximum(deviations - knots[-1], 0)
    return np.asarray(inner + low + high)
