"""The forecasting models, one adapter a file, and the panels in which they vote."""

from collections.abc import Callable
from typing import Literal

from engine.forecast.forecaster import Forecaster
from engine.forecast.models.arima import AutoArima
from engine.forecast.models.boosted import BoostedTrees
from engine.forecast.models.prophet import ProphetCurve
from engine.forecast.models.seasonal_naive import SeasonalNaive
from engine.forecast.models.statistical import ComplexSmoothing, ExponentialSmoothing, Theta

Panel = Literal["quick", "full"]

PANELS: dict[Panel, tuple[Callable[[], Forecaster], ...]] = {
    "quick": (ExponentialSmoothing, Theta),
    "full": (ExponentialSmoothing, Theta, ComplexSmoothing, AutoArima, ProphetCurve, BoostedTrees),
}
"""The models that vote; the seasonal naive always runs beside them as the yardstick."""

__all__ = ["PANELS", "Panel", "SeasonalNaive"]
