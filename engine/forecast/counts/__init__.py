"""Items that sell in small whole numbers or now and then: what kind they are, and what they may sell."""

from engine.forecast.counts.covariates import CovariateEffects, Covariates, estimate_covariate_effects
from engine.forecast.counts.forecast import CountForecasts, forecast_many, tune
from engine.forecast.counts.mixture import CountTuning

__all__ = [
    "CountForecasts",
    "CountTuning",
    "CovariateEffects",
    "Covariates",
    "estimate_covariate_effects",
    "forecast_many",
    "tune",
]
