"""Items that sell in small whole numbers or now and then: what kind they are, and what they may sell."""

from engine.forecast.counts.classify import DemandKind, DemandProfile, demand_profile
from engine.forecast.counts.effects import CovariateEffects, Covariates, estimate_covariate_effects
from engine.forecast.counts.forecast import CountForecast, CountForecasts, forecast_counts, forecast_many
from engine.forecast.counts.mixture import CountTuning
from engine.forecast.counts.tuning import tune

__all__ = [
    "CountForecast",
    "CountForecasts",
    "CountTuning",
    "CovariateEffects",
    "Covariates",
    "DemandKind",
    "DemandProfile",
    "demand_profile",
    "estimate_covariate_effects",
    "forecast_counts",
    "forecast_many",
    "tune",
]
