"""Many models, one forecast: the median of the votes, with bands measured on the past.

The median, because a weighted mean inherits its worst member: on 190 series of the M3 and M4 competitions the fixed
0.3/0.4/0.3 mix of ARIMA, Prophet and boosted trees scores OWA 1.052, the median of the two quick models 0.893.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.dataset import Frequency
from engine.forecast.backtest import Window
from engine.forecast.forecaster import Prediction, Values
from engine.forecast.models import SeasonalNaive

GUARD = 2.0
"""A model whose backtest error exceeds this multiple of the seasonal naive's has no vote."""

WORST_ERROR = 6.0
"""No error counts for more spreads than this; a past that was constant has none, and would blow the bands up."""

PRIOR_LEVELS = (0, 50, 80, 95)
PRIOR_WIDTHS: Mapping[Frequency, tuple[float, ...]] = {
    Frequency.DAILY: (0, 0.54, 1.11, 1.77),
    Frequency.WEEKLY: (0, 0.49, 1.06, 1.79),
    Frequency.MONTHLY: (0, 0.76, 1.56, 2.78),
    Frequency.QUARTERLY: (0, 0.75, 1.66, 3.23),
    Frequency.YEARLY: (0, 0.75, 1.66, 3.23),
}
"""Half-widths, in units of the models' own spread, that held 50, 80 and 95 % of held-back points (none of them from the
test part) on 190 series of M3 and M4, as `python -m benchmarks prior` prints them; normal errors would ask for 0.67,
1.28 and 1.96. Yearly data borrow the quarterly ones."""

PRIOR_WEIGHT = 60
"""The prior counts as much as so many held-back points of the owner's own."""


@dataclass(frozen=True, eq=False)
class Band:
    """A range that should hold `level` percent of what happens.

    Attributes:
        level: percent, 0..100.
        lower: lower bounds, shape (horizon,).
        upper: upper bounds, shape (horizon,).
    """

    level: int
    lower: Values
    upper: Values


def voters(windows: Sequence[Window], names: Sequence[str]) -> tuple[str, ...]:
    """The models that earned a vote on these windows; the seasonal naive alone when none did."""
    if not windows:
        return tuple(names) or (SeasonalNaive.name,)
    yardstick = mean_absolute_error(windows, SeasonalNaive.name)
    kept = tuple(name for name in names if mean_absolute_error(windows, name) <= GUARD * yardstick)
    return kept or (SeasonalNaive.name,)


def combined(predictions: Mapping[str, Prediction], names: Sequence[str], floor: float) -> Prediction:
    """The median of the named models' points and, separately, of the spreads that they have.

    Where none has a spread, the seasonal naive lends its own. Points do not fall below `floor`.
    """
    chosen = [predictions[name] for name in names]
    mean = np.median([prediction.mean for prediction in chosen], axis=0)
    spreads = [prediction.spread for prediction in chosen if prediction.spread is not None]
    spread = np.median(spreads, axis=0) if spreads else predictions[SeasonalNaive.name].spread
    return Prediction(np.maximum(mean, floor), spread)


def rehearsed(windows: Sequence[Window], names: Sequence[str], floor: float) -> tuple[Prediction, ...]:
    """What the forecast would have been for each window, with the votes that the other windows give."""
    played = []
    for window in windows:
        others = [other for other in windows if other is not window]
        played.append(combined(window.predictions, voters(others, names), floor))
    return tuple(played)


def scaled_errors(actual: Values, prediction: Prediction) -> Values:
    """Absolute errors in units of the predicted spread, at most `WORST_ERROR`; closed periods are left out."""
    assert prediction.spread is not None
    seen = ~np.isnan(actual)
    error, spread = np.abs(actual - prediction.mean)[seen], prediction.spread[seen]
    return np.divide(
        np.minimum(error, WORST_ERROR * spread), spread, out=WORST_ERROR * np.sign(error), where=spread > 0
    )


def width(errors: Values, level: int, frequency: Frequency) -> float:
    """Half-width of a band in units of spread: the conformal quantile of the owner's own errors, shrunk to the prior.

    Args:
        errors: scaled absolute errors of held-back points; may be empty.
        level: percent, at most 95.
        frequency: picks the prior.

    Source: split conformal prediction with the finite-sample rank ceil((n + 1) * level), Vovk et al. (2005).
    """
    prior = float(np.interp(level, PRIOR_LEVELS, PRIOR_WIDTHS[frequency]))
    if len(errors) == 0:
        return prior
    rank = min(len(errors), int(np.ceil((len(errors) + 1) * level / 100)))
    own = float(np.sort(errors)[rank - 1])
    share = len(errors) / (len(errors) + PRIOR_WEIGHT)
    return share * own + (1 - share) * prior


@dataclass(frozen=True)
class Banding:
    """How bands are drawn.

    Attributes:
        levels: percent.
        frequency: picks the prior width.
        floor: no bound lies below it; 0 for sales, minus infinity where the history has negative values.
    """

    levels: tuple[int, ...]
    frequency: Frequency
    floor: float

    def around(self, prediction: Prediction, errors: Values) -> tuple[Band, ...]:
        """One band per level, the narrowest first; a wider level never lies inside a narrower one."""
        assert prediction.spread is not None
        result: list[Band] = []
        half = 0.0
        for level in sorted(self.levels):
            half = max(half, width(errors, level, self.frequency))
            lower = np.maximum(prediction.mean - half * prediction.spread, self.floor)
            upper = np.maximum(prediction.mean + half * prediction.spread, self.floor)
            result.append(Band(level, lower, upper))
        return tuple(result)


def mean_absolute_error(windows: Sequence[Window], name: str) -> float:
    """Mean absolute error of one model over all held-back open periods; 0 when there are none."""
    errors = np.concatenate([np.abs(window.actual - window.predictions[name].mean) for window in windows])
    return float(np.nanmean(errors)) if np.any(~np.isnan(errors)) else 0.0
