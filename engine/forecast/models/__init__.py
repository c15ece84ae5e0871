"""The forecasting models, one adapter a file, and the panels in which they vote."""

from collections.abc import Callable
from typing import Literal

from engine.forecast.forecaster import Forecaster, Series
from engine.forecast.models.arima import SearchedArima
from engine.forecast.models.boosted import BoostedTrees
from engine.forecast.models.prophet import ProphetCurve
from engine.forecast.models.seasonal_naive import SeasonalNaive
from engine.forecast.models.statistical import (
    Arima,
    ComplexSmoothing,
    Decomposition,
    ExponentialSmoothing,
    SmoothingMean,
    Theta,
)

Panel = Literal["quick", "full", "search"]

_QUICK: tuple[Callable[[], Forecaster], ...] = (Theta, SmoothingMean)
_FULL: tuple[Callable[[], Forecaster], ...] = (
    Theta,
    ExponentialSmoothing,
    ComplexSmoothing,
    Arima,
    Decomposition,
    ProphetCurve,
    BoostedTrees,
)
"""Without the smoothing mean: exponential smoothing would have two votes, which costs 0.4 % accuracy on M3 and M4."""

PANELS: dict[Panel, tuple[Callable[[], Forecaster], ...]] = {
    "quick": _QUICK,
    "full": _FULL,
    "search": (*_FULL, SearchedArima),
}
"""The models that vote; the seasonal naive always runs beside them as the yardstick."""


def panel_for(panel: Panel, series: Series) -> list[Forecaster]:
    """New models of a panel: decomposition for several seasons, Prophet for a year of days, trees for days and weeks.

    Elsewhere they cost as much as all others together and are never near them: on months, quarters and weeks of M3 and
    M4 the OWA of Prophet is 1.1 to 2.5, on months and quarters that of trees 1.0 to 1.4; the others have 0.6 to 1.0.
    """
    unfit = set[Callable[[], Forecaster]]()
    if len(Decomposition.lengths(series)) < 2:
        unfit.add(Decomposition)
    unfit |= {model for model in (ProphetCurve, BoostedTrees) if not model.suits(series)}
    return [build() for build in PANELS[panel] if build not in unfit]


__all__ = ["PANELS", "Panel", "SeasonalNaive", "panel_for"]
