"""Boosted trees on lags of the series, by XGBoost."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from engine.arrays import Floats
from engine.dataset import Frequency
from engine.errors import ModelFailed
from engine.forecast.series import PanelModel, Prediction, Series

MINIMUM_ROWS = 24
"""Fewest training rows; lags that leave fewer are dropped."""

HISTORY_CAP = 1500
"""Longest history that the trees learn from, periods."""

_PARAMETERS = {
    "objective": "reg:squarederror",
    "max_depth": 3,
    "eta": 0.05,
    "subsample": 0.9,
    "nthread": 1,
    "seed": 7,
    "verbosity": 0,
}
_ROUNDS = 120


class BoostedTrees(PanelModel):
    """XGBoost on lags 1, 7, 14 and 30 (or their like for weeks and months) and the calendar, one step after another.

    Trees cannot leave the range that they were trained on, so values enter and leave without their seasons and relative
    to the level of the latest periods: a growing shop keeps growing.
    """

    name = "Boosted trees"
    usual_vote = 0.25

    @classmethod
    def suits(cls, series: Series) -> bool:
        """Whether there is enough to learn from: days and weeks, not months or longer."""
        return series.frequency in (Frequency.DAILY, Frequency.WEEKLY)

    def predict(self, series: Series, future: Sequence[date]) -> Prediction:
        """See `Forecaster`."""
        lags = usable_lags(series)
        if not lags:
            raise ModelFailed(self.name, "the history is too short for its lags")
        window = max(series.season_length, 4)
        values = series.seasons.removed(series.values)[-HISTORY_CAP:]
        length, first = len(values), max(*lags, window)
        levels = _levels(values, first, window)[:-1]
        days = series.periods[-HISTORY_CAP:]
        booster = _train(_rows(values, first, levels, lags, days[first:]), values[first:] / levels - 1)
        for day in future:
            level = _levels(values, len(values), window)
            row = _rows(values, len(values), level, lags, [day])
            values = np.append(values, level * (1 + booster.inplace_predict(row)))
        return Prediction(series.seasons.restored(values[length:], len(series)))


def usable_lags(series: Series) -> tuple[int, ...]:
    """The lags that leave at least `MINIMUM_ROWS` rows to learn from; shortest first."""
    season = series.season_length
    usual = {
        Frequency.DAILY: (1, season, 2 * season, 30),
        Frequency.WEEKLY: (1, 2, 4, 52),
        Frequency.MONTHLY: (1, 2, 3, 12),
        Frequency.QUARTERLY: (1, 2, 4, 8),
        Frequency.YEARLY: (1, 2, 3),
    }[series.frequency]
    return tuple(sorted({lag for lag in usual if len(series) - max(lag, season, 4) >= MINIMUM_ROWS}))


def _levels(values: Floats, first: int, window: int) -> Floats:
    """Mean size of the season before each position from `first` to one past the end, never zero."""
    before = np.lib.stride_tricks.sliding_window_view(np.abs(values), window)[first - window :]
    levels: Floats = before.mean(axis=1)
    return np.where(levels > 0, levels, 1.0)


def _rows(values: Floats, first: int, levels: Floats, lags: Sequence[int], days: Sequence[date]) -> Floats:
    """What is known before each of these days, the first of them at position `first`: one row each."""
    at = np.arange(first, first + len(days))
    since = np.maximum(at - 4 * lags[-1], 0)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    recent = (sums[at] - sums[since]) / (at - since)
    past = np.column_stack([*(values[at - lag] for lag in lags), recent])
    calendar = [(day.weekday(), day.day, day.month) for day in days]
    return np.column_stack([past / levels[:, None] - 1, calendar])


def _train(features: Floats, targets: Floats) -> Any:
    import xgboost

    return xgboost.train(_PARAMETERS, xgboost.DMatrix(features, label=targets), num_boost_round=_ROUNDS)
