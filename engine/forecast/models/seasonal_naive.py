"""The yardstick: what was seen one season ago will be seen again."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from engine.forecast.series import Prediction, Series


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
