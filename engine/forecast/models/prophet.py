"""Prophet: a trend that bends, with weekly and yearly curves."""

import logging
import warnings
from collections.abc import Sequence
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.dataset import Frequency
from engine.errors import ModelFailed
from engine.forecast.series import PanelModel, Prediction, Series

MINIMUM_PERIODS = 24
"""With fewer points its curves are guesses."""

YEAR = 365
"""Days."""

HISTORY_CAP = 1500
"""Longest history that is fitted, periods; the time of a fit grows with it."""


class ProphetCurve(PanelModel):
    """Prophet with its defaults and no sampling; its bands are not used (they hold 64 % instead of 95 %).

    Source: Taylor & Letham (2018), The American Statistician 72(1).
    """

    name = "Prophet"
    usual_vote = 0.25

    @classmethod
    def suits(cls, series: Series) -> bool:
        """Whether its curves of the week and the year have something to show: days that cover a year."""
        days = (series.periods[-1] - series.periods[0]).days
        return series.frequency is Frequency.DAILY and days >= YEAR

    def predict(self, series: Series, future: Sequence[date]) -> Prediction:
        """See `Forecaster`."""
        if len(series) < MINIMUM_PERIODS:
            raise ModelFailed(self.name, f"it needs {MINIMUM_PERIODS} periods")
        mean = _fit_and_predict(series.last(HISTORY_CAP), future)
        if not np.all(np.isfinite(mean)):
            raise ModelFailed(self.name, "its forecast runs out of bounds")
        return Prediction(mean)


def _fit_and_predict(series: Series, future: Sequence[date]) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        from prophet import Prophet

        for chatty in ("prophet", "cmdstanpy"):
            logging.getLogger(chatty).disabled = True  # they set their levels anew whenever they please
        years = (series.periods[-1] - series.periods[0]).days / 365.25
        model = Prophet(
            yearly_seasonality=years >= 2,
            weekly_seasonality=series.frequency is Frequency.DAILY,
            daily_seasonality=False,
            uncertainty_samples=0,
        )
        try:
            model.fit(pd.DataFrame({"ds": pd.to_datetime(list(series.periods)), "y": series.values}))
            predicted = model.predict(pd.DataFrame({"ds": pd.to_datetime(list(future))}))
        except (ValueError, RuntimeError) as problem:
            raise ModelFailed("Prophet", "it cannot be fitted to this history") from problem
    return np.asarray(predicted["yhat"], dtype=np.float64)
