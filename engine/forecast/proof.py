"""What a forecast is worth, measured on stretches of the past that it was not shown."""

from collections.abc import Mapping, Sequence

import numpy as np

from engine.forecast.accuracy import bias, coverage, mase, wape
from engine.forecast.backtest import Trial, Window
from engine.forecast.ensemble import Banding, scaled_errors
from engine.forecast.forecaster import Prediction, Series, Values
from engine.forecast.models import SeasonalNaive
from engine.forecast.result import JOINT, ForecastProof, ModelScore


def prove(
    observed: Series, trial: Trial, played: Sequence[Prediction], votes: Sequence[str], banding: Banding
) -> ForecastProof:
    """Score every model and the forecast itself.

    Args:
        observed: the history; its seasonal naive scales the errors.
        trial: what each model said about each window.
        played: what the forecast would have been for each window.
        votes: the models that take part in the forecast.
        banding: how the bands are drawn.
    """
    actual = np.concatenate([window.actual for window in trial.windows])

    def score(name: str, said: Sequence[Values], *, votes: bool, remark: str = "") -> ModelScore:
        point = np.concatenate(said)
        error = mase(actual, point, observed.values, observed.season_length)
        spent = sum(trial.seconds.values()) if name == JOINT else trial.seconds[name]
        return ModelScore(name, wape(actual, point), error, bias(actual, point), spent, votes, remark)

    scores = [score(JOINT, [prediction.mean for prediction in played], votes=True)]
    for name in trial.ahead:
        said = [window.predictions[name].mean for window in trial.windows]
        scores.append(score(name, said, votes=name in votes, remark=_remark(name, votes)))
    points = int(np.sum(~np.isnan(actual)))
    return ForecastProof(len(trial.windows), points, tuple(scores), _held(trial.windows, played, banding))


def _remark(name: str, votes: Sequence[str]) -> str:
    if name in votes:
        return ""
    if name == SeasonalNaive.name:
        return "the yardstick"
    return "no vote: its error was more than twice the yardstick's"


def _held(windows: Sequence[Window], played: Sequence[Prediction], banding: Banding) -> Mapping[int, float]:
    """Per level, the percentage of points that lay inside bands drawn from the errors of the *other* windows."""
    errors = [scaled_errors(window.actual, said) for window, said in zip(windows, played, strict=True)]
    drawn = [
        banding.around(said, np.concatenate([np.empty(0), *errors[:number], *errors[number + 1 :]]))
        for number, said in enumerate(played)
    ]
    actual = np.concatenate([window.actual for window in windows])
    held = {}
    for place, level in enumerate(sorted(banding.levels)):
        lower = np.concatenate([bands[place].lower for bands in drawn])
        upper = np.concatenate([bands[place].upper for bands in drawn])
        held[level] = 100 * coverage(actual, lower, upper)
    return held
