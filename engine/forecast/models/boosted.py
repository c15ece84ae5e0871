"""Boosted trees on lags of the series, by XGBoost."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from engine.dataset import Frequency
from engine.errors import ModelFailed
from engine.forecast.forecaster import Prediction, Series, Values

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


class BoostedTrees:
    """XGBoost on lags 1, 7, 14 and 30 (or their like for weeks and months) and the calendar, one step after another.

    Trees cannot leave the range that they were trained on, so values enter and leave without their seasons and relative
    to the level of the latest periods: a growing shop keeps growing.
    """

    name = "Boosted trees"

    @staticmethod
    def suits(series: Series) -> bool:
        """Whether there is enough to learn from: days and weeks, not months or longer."""
        return series.frequency in (Frequency.DAILY, Frequency.WEEKLY)

    def predict(self, series: Series, future: Sequence[date]) -> Prediction:
        """See `Forecaster`."""
        lags = usable_lags(series)
        if not lags:
            raise ModelFailed(self.name, "the history is too short for its lags")
        window = max(series.season_length, 4)
        values = series.seasons.removed(series.values)[-HISTORY_CAP:]
        features, targets = _training_rows(values, series.periods[-HISTORY_CAP:], lags, window)
        booster = _train(features, targets)
        known = len(values)
        for day in future:
            level = _level(values, window)
            row = _row(values, level, lags, day)
            step = float(booster.inplace_predict(np.asarray([row]))[0])
            values = np.append(values, level * (1 + step))
        return Prediction(series.seasons.restored(values[known:], len(series)))


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


def _training_rows(values: Values, periods: Sequence[date], lags: Sequence[int], window: int) -> tuple[Values, Values]:
    start = max(*lags, window)
    steps = range(start, len(values))
    levels = [_level(values[:t], window) for t in steps]
    rows = [_row(values[:t], level, lags, periods[t]) for t, level in zip(steps, levels, strict=True)]
    return np.asarray(rows), values[start:] / np.asarray(levels) - 1


def _level(values: Values, window: int) -> float:
    """Mean of the last season, never zero."""
    level = float(np.mean(np.abs(values[-window:])))
    return level if level > 0 else 1.0


def _row(past: Values, level: float, lags: Sequence[int], day: date) -> list[float]:
    relative = [float(past[-lag]) / level - 1 for lag in lags]
    month = float(np.mean(past[-4 * lags[-1] :])) / level - 1
    return [*relative, month, float(day.weekday()), float(day.day), float(day.month)]


def _train(features: Values, targets: Values) -> Any:
    import xgboost

    return xgboost.train(_PARAMETERS, xgboost.DMatrix(features, label=targets), num_boost_round=_ROUNDS)
