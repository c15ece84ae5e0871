"""What a forecast is worth, measured on stretches of the past that it was not shown."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.forecast.accuracy import bias, coverage, mase, wape
from engine.forecast.backtest import Trial, Window
from engine.forecast.fan import Band, Nature, Stretch, fan
from engine.forecast.forecaster import Series
from engine.forecast.models import SeasonalNaive
from engine.forecast.result import JOINT, ForecastProof, ModelScore


@dataclass(frozen=True)
class Drawing:
    """How bands are drawn: at which levels, percent, and for what kind of series."""

    levels: tuple[int, ...]
    nature: Nature


def prove(
    observed: Series, trial: Trial, joint: Sequence[Floats], votes: Container[str], held: Mapping[int, float]
) -> ForecastProof:
    """Score every model and the forecast itself.

    Args:
        observed: the history; its seasonal naive scales the errors.
        trial: what each model said about each window.
        joint: what the forecast would have been for each window.
        votes: the models that take part in the forecast.
        held: per band level, the percentage of points that the bands held.
    """
    actual = np.concatenate([window.actual for window in trial.windows])

    def score(name: str, said: Sequence[Floats], *, votes: bool, remark: str = "") -> ModelScore:
        point = np.concatenate(said)
        error = mase(actual, point, observed.values, observed.season_length)
        spent = sum(trial.seconds.values()) if name == JOINT else trial.seconds[name]
        return ModelScore(name, wape(actual, point), error, bias(actual, point), spent, votes, remark)

    scores = [score(JOINT, joint, votes=True)]
    for name in trial.ahead:
        said = [window.predictions[name].mean for window in trial.windows]
        scores.append(score(name, said, votes=name in votes, remark=_remark(name, votes)))
    points = int(np.sum(~np.isnan(actual)))
    return ForecastProof(len(trial.windows), points, tuple(scores), held)


def _remark(name: str, votes: Container[str]) -> str:
    if name in votes:
        return ""
    if name == SeasonalNaive.name:
        return "the yardstick"
    return "no vote: its error was more than twice the yardstick's"


def held_by_fans(windows: Sequence[Window], played: Sequence[Stretch], drawing: Drawing) -> Mapping[int, float]:
    """Per level, the percentage of points that lay inside bands drawn from the errors of the *other* windows."""
    drawn = [fan(said.said, [other for other in played if other is not said], drawing.nature) for said in played]
    return held(windows, [each.bands(drawing.levels) for each in drawn])


def held(windows: Sequence[Window], banded: Sequence[Sequence[Band]]) -> Mapping[int, float]:
    """Per level, the percentage of the windows' points that lay inside their bands."""
    actual = np.concatenate([window.actual for window in windows])
    shares = {}
    for place, band in enumerate(banded[0]):
        lower = np.concatenate([bands[place].lower for bands in banded])
        upper = np.concatenate([bands[place].upper for bands in banded])
        shares[band.level] = 100 * coverage(actual, lower, upper)
    return shares
