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
    """New models of a panel; decomposition is for histories with several seasons, Prophet's curves for a year of days.

    Elsewhere Prophet costs as much as all others together and is never near them: on months, quarters and weeks of M3
    and M4 its OWA is 1.1 to 2.5, theirs 0.6 to 1.0.
    """
    unfit = set[Callable[[], Forecaster]]()
    if len(Decomposition.lengths(series)) < 2:
        unfit.add(Decomposition)
    if not ProphetCurve.suits(series):
        unfit.add(ProphetCurve)
    return [build() for build in PANELS[panel] if build not in unfit]


__all__ = ["PANELS", "Panel", "SeasonalNaive", "panel_for"]
