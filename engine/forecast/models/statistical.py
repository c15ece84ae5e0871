"""The yardstick, and exponential smoothing, Theta, complex smoothing, ARIMA and decomposition, by statsforecast."""

import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Generic, TypeVar

import numpy as np

from engine.arrays import Floats
from engine.errors import ModelFailed
from engine.forecast.series import SHORT_SEASON, PanelModel, Prediction, Seasons, Series

HISTORY_CAP = 420
SEASONS_CAP = 36
"""Longest history that is fitted, in periods where there is no season and in seasons where there is: smoothing forgets
the rest, and the time of a fit grows with it (two years of days: 0.9 s for all windows instead of 2.5)."""

ARIMA_CAP = 200
"""Longest history in which ARIMA orders are searched, periods; the search takes seconds on years of days."""

APPROXIMATE_FROM = 100
"""Longer histories are searched by conditional sums of squares; on short ones that picks poor orders."""

ARIMA_MODELS, ARIMA_MODELS_AGAIN = 16, 6
"""How many orders are tried at first, and how many around those that were found in a shorter history. The search begins
at few terms and not, as is usual, at many: two thirds of the time, and the forecast is as good."""

SEARCH_AGAIN, SEARCH_AGAIN_SHORT = 1.5, 1.3
SETTLED = 72
"""What fits best is searched anew in a history that is so many times as long as the one in which it was found; of fewer
than `SETTLED` periods, which tell little, sooner."""

_REFUSALS = (ValueError, ArithmeticError, LookupError, NotImplementedError, np.linalg.LinAlgError)

_Z95 = 1.959964
_FEW_TERMS = (1, 0, 1), (0, 0, 1)

T = TypeVar("T")


class SeasonalNaive:
    """Repeat the last season.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), sections 5.2 and 5.5: the error
    k steps ahead has standard deviation s * sqrt(floor((k - 1) / m) + 1), s the root mean square seasonal difference.
    """

    name = "Same as last season"

    def predict(self, series: Series, future: Sequence[date]) -> Prediction:
        """See `Forecaster`; any series with one value will do."""
        season = series.season_length if len(series) > series.season_length else 1
        steps = np.arange(len(future))
        mean = series.values[-season:][steps % season]
        differences = series.values[season:] - series.values[:-season]
        noise = float(np.sqrt(np.mean(differences**2))) if len(differences) else 0.0
        return Prediction(mean, noise * np.sqrt(steps // season + 1))


class _SearchMemo(Generic[T]):
    """The result of a search in one history, which is good for those that are not much longer."""

    def __init__(self) -> None:
        self._result: T | None = None
        self._length = self._season = 0

    def get(self, length: int, season: int, search: Callable[[T | None], T]) -> T:
        """The saved result, or what `search` finds now, given the result for this season before."""
        before = self._result if season == self._season else None
        again = SEARCH_AGAIN_SHORT if length < SETTLED else SEARCH_AGAIN
        if before is not None and length <= again * self._length:
            return before
        self._result, self._length, self._season = search(before), length, season
        return self._result


class _Statistical(PanelModel):
    """One model of statsforecast on a history without (some of) its seasons, which it gets back afterwards."""

    history_cap = HISTORY_CAP
    holds_short_season = False

    def predict(self, series: Series, future: Sequence[date]) -> Prediction:
        """See `Forecaster`."""
        own = self._own_season(series)
        seasons = series.seasons.longer_than(SHORT_SEASON) if own > 1 else series.seasons
        cap = min(self.history_cap, SEASONS_CAP * own if own > 1 else HISTORY_CAP)
        with _translated(self.name):
            mean, spread = self._fitted(seasons.removed(series.values)[-cap:], own, len(future))
        return _with_seasons(self.name, mean, spread, seasons, len(series))

    def _own_season(self, series: Series) -> int:
        season = series.season_length
        usable = self.holds_short_season and season <= SHORT_SEASON and len(series) >= 2 * season + 2
        return season if usable else 1

    @abstractmethod
    def _fitted(self, values: Floats, season: int, horizon: int) -> tuple[Floats, Floats | None]:
        """Mean and spread of the next periods."""


class ExponentialSmoothing(_Statistical):
    """Exponential smoothing of the form that fits best, which holds its season itself.

    Source: Hyndman, Koehler, Ord & Snyder (2008), Forecasting with Exponential Smoothing.
    """

    name = "Exponential smoothing"
    holds_short_season = True

    def __init__(self) -> None:
        self._form = _SearchMemo[dict[str, Any]]()

    def _fitted(self, values: Floats, season: int, horizon: int) -> tuple[Floats, Floats | None]:
        from statsforecast.models import AutoETS

        form = self._form.get(len(values), season, lambda before: _best_form(values, season))
        return _forecast(AutoETS(season_length=season, **form), values, horizon)


class SmoothingMean(_Statistical):
    """The mean of simple, Holt's and damped exponential smoothing, which sees the trend three ways.

    Source: "Comb", a benchmark of M3 and M4; Makridakis & Hibon (2000), International Journal of Forecasting 16(4).
    """

    name = "Smoothing mean"

    def _fitted(self, values: Floats, season: int, horizon: int) -> tuple[Floats, Floats | None]:
        from statsforecast.models import AutoETS

        trends = (("ANN", None), ("AAN", False), ("AAN", True))
        models = [AutoETS(season_length=1, model=kind, damped=damped) for kind, damped in trends]
        forecasts = [_forecast(model, values, horizon) for model in models]
        return np.mean([mean for mean, _ in forecasts], axis=0), np.mean([spread for _, spread in forecasts], axis=0)


class Theta(_Statistical):
    """Dynamic optimised Theta. Source: Fiorucci et al. (2016), International Journal of Forecasting 32."""

    name = "Theta"
    usual_vote = 2.0

    def _fitted(self, values: Floats, season: int, horizon: int) -> tuple[Floats, Floats | None]:
        from statsforecast.models import DynamicOptimizedTheta

        return _forecast(DynamicOptimizedTheta(season_length=1), values, horizon)


class ComplexSmoothing(_Statistical):
    """Complex exponential smoothing. Source: Svetunkov, Kourentzes & Ord (2022), Naval Research Logistics 69.

    Without its own spread: its 95 % band holds 73 %, and takes thirty times as long as the forecast.
    """

    name = "Complex smoothing"

    def _fitted(self, values: Floats, season: int, horizon: int) -> tuple[Floats, Floats | None]:
        from statsforecast.models import AutoCES

        result = AutoCES(season_length=1).forecast(y=values.copy(), h=horizon)
        return np.asarray(result["mean"], float), None


class Arima(_Statistical):
    """ARIMA with orders found by a bounded stepwise search, and kept until the history has grown a good deal.

    Source: Hyndman & Khandakar (2008), Journal of Statistical Software 27(3).
    """

    name = "ARIMA"
    history_cap = ARIMA_CAP
    holds_short_season = True

    def __init__(self) -> None:
        self._orders = _SearchMemo[dict[str, Any]]()

    def _fitted(self, values: Floats, season: int, horizon: int) -> tuple[Floats, Floats | None]:
        from statsforecast.models import ARIMA

        orders = self._orders.get(len(values), season, lambda before: _best_orders(values, season, before))
        return _forecast(ARIMA(**orders), values, horizon)


class Decomposition(PanelModel):
    """Several seasons at once, a week and a year: each drawn out by local regression, the rest by smoothing.

    Source: Bandara, Hyndman & Bergmeir (2021), MSTL, arXiv 2107.13462.
    """

    name = "Season decomposition"
    seasons_cap = 6

    @classmethod
    def suits(cls, series: Series) -> bool:
        """Whether there are several seasons to take apart."""
        return len(cls.lengths(series)) >= 2

    @classmethod
    def lengths(cls, series: Series) -> tuple[int, ...]:
        """The seasons that the history covers twice, periods."""
        return tuple(round(cycle) for cycle in series.cycles if len(series) >= 2 * cycle + 2)

    def predict(self, series: Series, future: Sequence[date]) -> Prediction:
        """See `Forecaster`; the history must cover a season twice."""
        from statsforecast.models import MSTL, AutoETS

        lengths = [*self.lengths(series)]
        if not lengths:
            raise ModelFailed(self.name, "the history covers no season twice")
        model = MSTL(season_length=lengths, trend_forecaster=AutoETS(season_length=1, model="ZZN"))
        recent = series.values[-self.seasons_cap * lengths[-1] :]
        factors = bool(np.min(recent) > 0)  # a season of factors is a sum on the logarithm
        with _translated(self.name):
            values = np.log(recent) if factors else recent
            mean, spread = _forecast(model, values, len(future))
            if factors:
                mean, spread = np.exp(mean), np.exp(mean) * spread
        return _with_seasons(self.name, mean, spread, Seasons(), len(series))


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Third-party refusals in our words; warnings are silent, because we judge by the result."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    except Exception as problem:
        if not isinstance(problem, _REFUSALS) and type(problem) is not Exception:  # AutoETS raises a bare one
            raise
        raise ModelFailed(name, "it cannot be fitted to this history") from problem


def _best_form(values: Floats, season: int) -> dict[str, Any]:
    """Error, trend and season (none, added or multiplied), and whether the trend is damped."""
    from statsforecast.models import AutoETS

    error, trend, seasons, damped = AutoETS(season_length=season).fit(values.copy()).model_["components"]
    return {"model": error + trend + seasons, "damped": damped == "D"}


def _best_orders(values: Floats, season: int, before: dict[str, Any] | None) -> dict[str, Any]:
    """The orders that fit best, as the arguments of a model with just these orders.

    The search goes on from the orders found before, unless they are without the season: it may show by now.
    """
    from statsforecast.models import AutoARIMA

    rough = len(values) > APPROXIMATE_FROM
    previous = before if before and before["season_length"] == season else None
    (p, _, q), (seasonal_p, _, seasonal_q) = (previous["order"], previous["seasonal_order"]) if previous else _FEW_TERMS
    bounds = {"max_p": 3, "max_q": 3, "max_P": 1, "max_Q": 1, "max_order": 5}
    bounds |= {"start_p": p, "start_q": q, "start_P": seasonal_p, "start_Q": seasonal_q}
    bounds |= {"nmodels": ARIMA_MODELS_AGAIN if previous else ARIMA_MODELS}
    best = AutoARIMA(season_length=season, approximation=rough, **bounds).fit(values.copy()).model_
    p, q, seasonal_p, seasonal_q, length, d, seasonal_d = best["arma"]
    return {
        "order": (p, d, q),
        "season_length": length,
        "seasonal_order": (seasonal_p, seasonal_d, seasonal_q),
        "include_drift": "drift" in best["coef"],
        "include_mean": "intercept" in best["coef"],
    }


def _forecast(model: Any, values: Floats, horizon: int) -> tuple[Floats, Floats]:
    result = model.forecast(y=values.copy(), h=horizon, level=[95])
    spread = (np.asarray(result["hi-95"], float) - np.asarray(result["lo-95"], float)) / (2 * _Z95)
    return np.asarray(result["mean"], float), spread


def _with_seasons(name: str, mean: Floats, spread: Floats | None, seasons: Seasons, start: int) -> Prediction:
    if not np.all(np.isfinite(mean)):
        raise ModelFailed(name, "its forecast runs out of bounds")
    if spread is None or not np.all(np.isfinite(spread)):
        return Prediction(seasons.restored(mean, start))
    return Prediction(seasons.restored(mean, start), seasons.stretched(spread, start))
