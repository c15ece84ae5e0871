"""A sales history in, a forecast with measured bands out."""

from engine.forecast.forecast import LEVELS, NOTHING_KNOWN, forecast
from engine.forecast.models import PANELS, Panel
from engine.forecast.result import JOINT, Forecast, ForecastProof, ModelScore
from engine.forecast.series import MINIMUM_PERIODS

__all__ = [
    "JOINT",
    "LEVELS",
    "MINIMUM_PERIODS",
    "NOTHING_KNOWN",
    "PANELS",
    "Forecast",
    "ForecastProof",
    "ModelScore",
    "Panel",
    "forecast",
]
