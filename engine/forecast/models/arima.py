"""Auto-ARIMA by pmdarima, bounded in time and in the orders that it tries."""

import signal
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np

from engine.errors import ModelFailed
from engine.forecast.series import PanelModel, Prediction, Series

HISTORY_CAP = 200
"""Longest history that is searched and fitted, periods (a plain search on 730 days takes minutes)."""

SEARCH_SECONDS = 8.0
"""CPU seconds for the search of the orders; then the model is left out, and the owner is told."""

_Z95 = 1.959964


class OutOfTime(BaseException):
    """The search took too long; not an `Exception`, because pmdarima's search swallows those."""


class SearchedArima(PanelModel):
    """Seasonal ARIMA with orders found by a stepwise search on the oldest window and kept for the later ones.

    Source: Hyndman & Khandakar (2008), Journal of Statistical Software 27(3).
    """

    name = "ARIMA, full search"

    def __init__(self) -> None:
        self._orders: tuple[Any, Any, bool] | None = None

    def predict(self, series: Series, future: Sequence[date]) -> Prediction:
        """See `Forecaster`."""
        import pmdarima

        recent = series.last(HISTORY_CAP)
        season = recent.season_length if recent.season_length <= 24 and len(recent) >= 3 * recent.season_length else 1
        try:
            with warnings.catch_warnings(), cpu_limit(SEARCH_SECONDS):
                warnings.simplefilter("ignore")
                model = self._fitted(pmdarima, recent, season)
                mean, band = model.predict(len(future), return_conf_int=True, alpha=0.05)
        except OutOfTime as problem:
            raise ModelFailed(self.name, f"its search took more than {SEARCH_SECONDS:.0f} seconds") from problem
        except (ValueError, IndexError, np.linalg.LinAlgError) as problem:
            raise ModelFailed(self.name, "it cannot be fitted to this history") from problem
        mean, band = np.asarray(mean, float), np.asarray(band, float)
        if not np.all(np.isfinite(mean)):
            raise ModelFailed(self.name, "its forecast runs out of bounds")
        spread = (band[:, 1] - band[:, 0]) / (2 * _Z95)
        return Prediction(mean, spread if np.all(np.isfinite(spread)) else None)

    def _fitted(self, pmdarima: Any, series: Series, season: int) -> Any:
        if self._orders is None:
            model = pmdarima.auto_arima(
                series.values,
                m=season,
                seasonal=season > 1,
                stepwise=True,
                max_p=3,
                max_q=3,
                max_P=1,
                max_Q=1,
                max_order=5,
                maxiter=30,
                error_action="ignore",
            )
            self._orders = (model.order, model.seasonal_order, model.with_intercept)
            return model
        order, seasonal_order, intercept = self._orders
        model = pmdarima.ARIMA(order, seasonal_order, with_intercept=intercept, maxiter=30, suppress_warnings=True)
        return model.fit(series.values)


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in the block after so many CPU seconds.

    Timers belong to the main thread of a process on Unix: elsewhere the block runs without a limit of its own, and the
    job that it runs in has one.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 5.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
