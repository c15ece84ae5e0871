"""Many models, one forecast: the weighted median of the votes.

The median, because a weighted mean inherits its worst member: on 190 series of the M3 and M4 competitions the fixed
0.3/0.4/0.3 mix of ARIMA, Prophet and boosted trees scores OWA 1.055, worse than the seasonally adjusted naive.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from engine.arrays import Floats
from engine.forecast.backtest import Window
from engine.forecast.fan import HeldOutWindow
from engine.forecast.forecaster import Prediction
from engine.forecast.models import USUAL_VOTES, SeasonalNaive

GUARD = 2.0
"""A model whose backtest error exceeds this multiple of the seasonal naive's has no vote."""

EVIDENCE = 2.0
WINDOWS_OF_PRIOR = 2.0
"""A vote is worth its usual weight times the relative backtest error to the power -`EVIDENCE`, a power that is shrunk
as if `WINDOWS_OF_PRIOR` more stretches had shown no difference: a few stretches tell little, and picking the best of
them costs 8 % accuracy."""

BEST_RELATIVE_ERROR = 0.2
"""However small an error, it counts as at least this share of the median model's: no model speaks for all."""


def votes(windows: Sequence[Window], names: Sequence[str]) -> dict[str, float]:
    """The models that earned a vote on these windows, with its weight; the seasonal naive alone when none did."""
    usual = {name: USUAL_VOTES.get(name, 1.0) for name in names}
    if not windows:
        return usual or {SeasonalNaive.name: 1.0}
    errors = {name: mean_absolute_error(windows, name) for name in (SeasonalNaive.name, *names)}
    eligible = {name: vote for name, vote in usual.items() if errors[name] <= GUARD * errors[SeasonalNaive.name]}
    if not eligible:
        return {SeasonalNaive.name: 1.0}
    middle = float(np.median([errors[name] for name in eligible]))
    if middle == 0:
        return eligible
    power = EVIDENCE * len(windows) / (len(windows) + WINDOWS_OF_PRIOR)
    return {name: vote * max(errors[name] / middle, BEST_RELATIVE_ERROR) ** -power for name, vote in eligible.items()}


def combine(predictions: Mapping[str, Prediction], votes: Mapping[str, float], floor: float) -> Prediction:
    """The weighted median of the voters' points and the plain median of the spreads that they have.

    Where none has a spread, the seasonal naive lends its own. Points do not fall below `floor`.

    Args:
        predictions: by model name; the seasonal naive is among them.
        votes: weight of each voter, > 0.
        floor: the lowest value possible; minus infinity for none.
    """
    chosen = [predictions[name] for name in votes]
    mean = weighted_median(np.array([prediction.mean for prediction in chosen]), np.array([*votes.values()]))
    spreads = [prediction.spread for prediction in chosen if prediction.spread is not None]
    spread = np.median(spreads, axis=0) if spreads else predictions[SeasonalNaive.name].spread
    return Prediction(np.maximum(mean, floor), spread)


def weighted_median(values: Floats, weights: Floats) -> Floats:
    """The median of each column of `values`, shape (voters, n), between the two middle voters in proportion.

    Each voter stands at the middle of its share of the weight; equal weights give the usual median of an odd number.
    """
    order = np.argsort(values, axis=0, kind="stable")
    ranked, shares = np.take_along_axis(values, order, axis=0), weights[order] / weights.sum()
    places = np.cumsum(shares, axis=0) - shares / 2
    return np.array([np.interp(0.5, place, column) for place, column in zip(places.T, ranked.T, strict=True)])


def held_out_windows(windows: Sequence[Window], names: Sequence[str], floor: float) -> tuple[HeldOutWindow, ...]:
    """The forecast of each window, with the votes that the other windows give, and its errors.

    Args:
        windows: what happened, and what each model predicted.
        names: of the models that may vote.
        floor: the lowest value possible; minus infinity for none.
    """
    held_out = []
    for window in windows:
        others = [other for other in windows if other is not window]
        prediction = combine(window.predictions, votes(others, names), floor)
        held_out.append(HeldOutWindow.of(window.actual, prediction))
    return tuple(held_out)


def mean_absolute_error(windows: Sequence[Window], name: str) -> float:
    """Mean absolute error of one model over all held-back open periods; 0 when there are none."""
    errors = np.concatenate([np.abs(window.actual - window.predictions[name].mean) for window in windows])
    return float(np.nanmean(errors)) if np.any(~np.isnan(errors)) else 0.0
