"""How good a forecast was: the measures that forecasters agree on.

Every function takes plain arrays. A NaN among the actual values is a period that nobody could observe (the shop was
closed): it is left out of the mean, and so is the forecast made for it. A forecast that is itself NaN is never left
out: it makes the measure NaN. So does having nothing left to average: no evidence is not a perfect score.

Sources:
    Hyndman & Koehler (2006), Another look at measures of forecast accuracy, Int. J. Forecasting 22(4): MASE, scales.
    Makridakis, Spiliotis & Assimakopoulos (2020), The M4 Competition, Int. J. Forecasting 36(1): sMAPE, OWA, MSIS,
        Naive2 and its test for a season.
    Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed.: sections 3.4 (classical decomposition),
        5.8 (point accuracy), 5.9 (distributional accuracy).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Floats

SEASONAL_Z = 1.645
"""The normal quantile of a two-sided 90 % test."""


@dataclass(frozen=True)
class Scores:
    """The two point measures of M4 for one method: one entry per series, in the same order for every method.

    Attributes:
        smape: percent, 0..200.
        mase: multiples of the in-sample seasonal naive error; NaN for a series without a scale.
    """

    smape: Floats
    mase: Floats


def smape(y: ArrayLike, forecast: ArrayLike) -> float:
    """Symmetric mean absolute percentage error, percent, 0..200.

    A period in which both the actual and the forecast are zero counts as a perfect forecast.

    Source: M4; 200 * mean(|y - f| / (|y| + |f|)).
    """
    actual, point = _drop_missing(y, forecast)
    size = np.abs(actual) + np.abs(point)
    return 200 * _mean(np.abs(actual - point) / np.where(size == 0, 1.0, size))


def scale(train: ArrayLike, m: int) -> float:
    """Mean absolute seasonal difference of the history, in the unit of the data: what MASE and MSIS divide by.

    A history of at most `m` values is scaled by its first differences instead. Pairs in which either value is missing
    are left out. Zero for a constant history, NaN when no pair is complete.

    Source: Hyndman & Koehler (2006), eq. for q_t; FPP3 section 5.8.
    """
    history = _floats(train)
    lag = m if len(history) > m else 1
    return _mean_observed(np.abs(history[lag:] - history[:-lag]))


def mase(y: ArrayLike, forecast: ArrayLike, train: ArrayLike, m: int) -> float:
    """Mean absolute scaled error: below 1 is better than the seasonal naive was, on average, within its own history.

    NaN when the history has no scale (it is constant): such a series is to be left out of a table, and said so.

    Args:
        y: actual values, shape (n,); NaN where nothing could be observed.
        forecast: point forecasts, shape (n,), in the unit of `y`.
        train: the history before them, shape (t,); NaN where unknown.
        m: season length, periods, >= 1.

    Source: Hyndman & Koehler (2006).
    """
    actual, point = _drop_missing(y, forecast)
    return _ratio(_mean(np.abs(actual - point)), scale(train, m))


def msis(y: ArrayLike, lower: ArrayLike, upper: ArrayLike, train: ArrayLike, m: int, alpha: float = 0.05) -> float:
    """Mean scaled interval score of a central (1 - alpha) band; lower is better, NaN when the history has no scale.

    The width of the band, plus 2/alpha times the distance of each actual that fell outside, over the scale of MASE.

    Args:
        y: actual values, shape (n,); NaN where nothing could be observed.
        lower: lower bounds of the band, shape (n,).
        upper: upper bounds, shape (n,).
        train: the history before them, shape (t,); NaN where unknown.
        m: season length, periods, >= 1.
        alpha: the share of values that the band may miss, 0..1.

    Source: M4; Gneiting & Raftery (2007), JASA 102, eq. 43; FPP3 section 5.9 (Winkler score).
    """
    actual, low, high = _drop_missing(y, lower, upper)
    outside = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return _ratio(_mean(high - low + 2 / alpha * outside), scale(train, m))


def wape(y: ArrayLike, forecast: ArrayLike) -> float:
    """Weighted absolute percentage error, percent: all errors together over all sales together.

    Unlike a mean of percentages it can stand single zeros. NaN when the actual values sum to zero.
    """
    actual, point = _drop_missing(y, forecast)
    return 100 * _ratio(float(np.abs(actual - point).sum()), float(np.abs(actual).sum()))


def bias(y: ArrayLike, forecast: ArrayLike) -> float:
    """What was forecast above (+) or below (-) the actual total, percent of sum(|y|); NaN when that sum is zero."""
    actual, point = _drop_missing(y, forecast)
    return 100 * _ratio(float((point - actual).sum()), float(np.abs(actual).sum()))


def coverage(y: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> float:
    """Share of actual values within the band, its bounds included, 0..1.

    Args:
        y: actual values, shape (n,); NaN where nothing could be observed.
        lower: lower bounds of the band, shape (n,).
        upper: upper bounds, shape (n,).
    """
    actual, low, high = _drop_missing(y, lower, upper)
    inside = (low <= actual) & (actual <= high)
    return _mean(np.where(np.isnan(low) | np.isnan(high), np.nan, inside))


def is_seasonal(x: ArrayLike, m: int) -> bool:
    """True when the autocorrelation at lag `m` passes M4's 90 % test.

    False for fewer than three seasons, for `m` < 2 and for a constant history. A missing value counts as average.

    Source: M4, `SeasonalityTest` of the organisers' R code (Bartlett's formula for the standard error).
    """
    history = _floats(x)
    if m < 2 or len(history) < 3 * m:
        return False
    deviation = np.nan_to_num(history - _mean_observed(history))
    power = float(deviation @ deviation)
    if power == 0:
        return False
    r = np.array([deviation[lag:] @ deviation[:-lag] for lag in range(1, m + 1)]) / power
    limit = SEASONAL_Z * np.sqrt((1 + 2 * np.sum(r[:-1] ** 2)) / len(history))
    return bool(abs(r[-1]) > limit)


def seasonal_index(x: ArrayLike, m: int) -> Floats:
    """The multiplicative season of a history: `m` factors around 1, the first for the phase of `x[0]`.

    All ones when the history passes no test for a season, or when some phase has no positive factor (a weekday that
    never sells cannot be divided out).

    Source: classical multiplicative decomposition, FPP3 section 3.4; R's `decompose`, as in M4.
    """
    history, flat = _floats(x), np.ones(max(m, 1))
    if not is_seasonal(history, m):
        return flat
    window = np.r_[0.5, np.ones(m - 1), 0.5] / m if m % 2 == 0 else np.ones(m) / m
    half = len(window) // 2
    trend = np.full(len(history), np.nan)
    trend[half:-half] = np.convolve(history, window, "valid")
    trend[trend == 0] = np.nan
    ratio = history / trend
    index = np.array([_mean_observed(ratio[phase::m]) for phase in range(m)])
    if not np.all(index > 0):
        return flat
    return np.asarray(index / index.mean())


def naive2(x: ArrayLike, m: int, h: int) -> Floats:
    """The benchmark of M4: the last known value, seasonally adjusted, carried over the next `h` periods.

    Args:
        x: the history, one value per period; NaN where nothing could be observed, at least one value known.
        m: season length, periods.
        h: horizon, periods.

    Raises:
        ValueError: no value is known.

    Source: M4, Naive 2.
    """
    history = _floats(x)
    observed = np.flatnonzero(~np.isnan(history))
    if not len(observed):
        raise ValueError("a forecast needs at least one known value")
    last, index = observed[-1], seasonal_index(history, m)
    ahead = np.arange(len(history), len(history) + h) % len(index)
    return np.asarray(history[last] / index[last % len(index)] * index[ahead])


def owa(score: Scores, base: Scores) -> float:
    """Overall weighted average of M4: the mean of the relative sMAPE and the relative MASE; the base itself has 1.

    Each is a ratio of means over series, never a mean of ratios. A series that lacks a measure in either method is left
    out of both.

    Source: M4, with Naive 2 as the base.
    """
    measures = np.array([score.smape, score.mase, base.smape, base.mase], dtype=np.float64)
    complete = measures[:, ~np.isnan(measures).any(axis=0)]
    if not complete.shape[1]:
        return float("nan")
    means = complete.mean(axis=1)
    return 0.5 * (_ratio(means[0], means[2]) + _ratio(means[1], means[3]))


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _drop_missing(y: ArrayLike, *forecasts: ArrayLike) -> list[Floats]:
    """The actual values that are known, and the forecasts made for them."""
    actual = _floats(y)
    observed = ~np.isnan(actual)
    return [values[observed] for values in np.broadcast_arrays(actual, *map(_floats, forecasts))]


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _mean_observed(values: Floats) -> float:
    return _mean(values[~np.isnan(values)])


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
