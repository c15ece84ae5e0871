"""Exponential smoothing, Theta and complex smoothing, by statsforecast."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from engine.errors import ModelFailed
from engine.forecast.forecaster import Prediction, Series

HISTORY_CAP = 420
SEASONS_CAP = 36
"""Longest history that is fitted, in periods where there is no season and in seasons where there is: smoothing forgets
the rest, and the time of a fit grows with it (two years of days: 0.9 s for all windows instead of 2.5)."""

LONGEST_SEASON = 24
"""statsforecast's smoothing models hold no longer season; beyond it they run without one."""

_REFUSALS = (ValueError, ArithmeticError, LookupError, NotImplementedError, np.linalg.LinAlgError)

_Z95 = 1.959964


class _Statistical(ABC):
    """One statsforecast model; its own 95 % band gives the spread."""

    name: str
    longest_season = LONGEST_SEASON

    def predict(self, series: Series, future: Sequence[date]) -> Prediction:
        """See `Forecaster`."""
        season = _usable_season(series, self.longest_season)
        recent = series.last(HISTORY_CAP if season == 1 else SEASONS_CAP * season)
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # a constant series divides by zero in there; we judge by the result
                result = self._model(season).forecast(y=recent.values.copy(), h=len(future), level=[95])
        except Exception as problem:
            if not isinstance(problem, _REFUSALS) and type(problem) is not Exception:  # AutoETS raises a bare one
                raise
            raise ModelFailed(self.name, "it cannot be fitted to this history") from problem
        mean, upper = np.asarray(result["mean"], float), np.asarray(result["hi-95"], float)
        if not np.all(np.isfinite(mean)):
            raise ModelFailed(self.name, "its forecast runs out of bounds")
        spread = (upper - np.asarray(result["lo-95"], float)) / (2 * _Z95)
        return Prediction(mean, spread if np.all(np.isfinite(spread)) else None)

    @abstractmethod
    def _model(self, season_length: int) -> Any: ...


class ExponentialSmoothing(_Statistical):
    """Automatic exponential smoothing. Source: Hyndman, Koehler, Ord & Snyder (2008)."""

    name = "Exponential smoothing"

    def _model(self, season_length: int) -> Any:
        from statsforecast.models import AutoETS

        return AutoETS(season_length=season_length)


class Theta(_Statistical):
    """Dynamic optimised Theta. Source: Fiorucci et al. (2016), International Journal of Forecasting 32."""

    name = "Theta"
    longest_season = 366

    def _model(self, season_length: int) -> Any:
        from statsforecast.models import DynamicOptimizedTheta

        return DynamicOptimizedTheta(season_length=season_length)


class ComplexSmoothing(_Statistical):
    """Complex exponential smoothing. Source: Svetunkov, Kourentzes & Ord (2022), Naval Research Logistics 69."""

    name = "Complex smoothing"

    def _model(self, season_length: int) -> Any:
        from statsforecast.models import AutoCES

        return AutoCES(season_length=season_length)


def _usable_season(series: Series, longest: int) -> int:
    season = series.season_length
    return season if season <= longest and len(series) >= 2 * season + 2 else 1
