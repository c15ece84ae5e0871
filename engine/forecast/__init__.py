"""A sales history in, a forecast with measured bands out."""

from engine.forecast.forecast import LEVELS, NOTHING_KNOWN, forecast
from engine.forecast.models import PANELS, Panel
from engine.forecast.result import JOINT, Forecast, ForecastProof

__all__ = [
    "JOINT",
    "LEVELS",
    "NOTHING_KNOWN",
    "PANELS",
    "Forecast",
    "ForecastProof",
    "Panel",
    "forecast",
]
