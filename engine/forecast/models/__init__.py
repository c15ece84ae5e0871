"""The forecasting models, and the panels in which they vote.

A new model is a `PanelModel` in a file of its own, and its entry in a panel below; the contract tests run over these.
"""

from typing import Literal

from engine.forecast.models.arima import SearchedArima
from engine.forecast.models.boosted import BoostedTrees
from engine.forecast.models.prophet import ProphetCurve
from engine.forecast.models.statistical import (
    Arima,
    ComplexSmoothing,
    Decomposition,
    ExponentialSmoothing,
    SeasonalNaive,
    SmoothingMean,
    Theta,
)
from engine.forecast.series import Forecaster, PanelModel, Series

Panel = Literal["quick", "full", "search"]

_QUICK: tuple[type[PanelModel], ...] = (Theta, SmoothingMean)
_FULL: tuple[type[PanelModel], ...] = (
    Theta,
    ExponentialSmoothing,
    ComplexSmoothing,
    Arima,
    Decomposition,
    ProphetCurve,
    BoostedTrees,
)
"""Without the smoothing mean: exponential smoothing would have two votes, which costs 0.4 % accuracy on M3 and M4."""

PANELS: dict[Panel, tuple[type[PanelModel], ...]] = {
    "quick": _QUICK,
    "full": _FULL,
    "search": (*_FULL, SearchedArima),
}
"""The models that vote; the seasonal naive always runs beside them as the yardstick."""


USUAL_VOTES: dict[str, float] = {model.name: model.usual_vote for panel in PANELS.values() for model in panel}
"""Votes before the owner's own past has spoken, by the model's name. On held-out windows of the training parts of 190
series of M3 and M4, Theta has an OWA of 0.90, smoothing 0.92 to 0.93, trees 1.14 and Prophet 1.64."""


def panel_for(panel: Panel, series: Series) -> list[Forecaster]:
    """New models of a panel, those that suit the series.

    Decomposition is for several seasons, Prophet for a year of days, trees for days and weeks. Elsewhere they cost as
    much as all others together and are never near them: on months, quarters and weeks of M3 and M4 the OWA of Prophet
    is 1.1 to 2.5, on months and quarters that of trees 1.0 to 1.4; the others have 0.6 to 1.0.
    """
    return [model() for model in PANELS[panel] if model.suits(series)]


__all__ = ["PANELS", "USUAL_VOTES", "Panel", "SeasonalNaive", "panel_for"]
