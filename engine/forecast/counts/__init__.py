"""Items that sell in small whole numbers or now and then, and what they may sell."""

from engine.forecast.counts.covariates import Covariates, estimate_covariate_effects
from engine.forecast.counts.forecast import CountForecasts, forecast_many, tune
from engine.forecast.counts.mixture import CountTuning

__all__ = [
    "CountForecasts",
    "CountTuning",
    "Covariates",
    "estimate_covariate_effects",
    "forecast_many",
    "tune",
]
