"""Boosted trees over all daily items of a group at once: the peer that learns across items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from benchmarks.series import Array
from benchmarks.sku_peers import QUANTILES, Fan

LAGS = (28, 35, 42, 49, 56)
WINDOWS = (7, 28, 56, 112)
FLOOR = 0.05
"""Items are divided by their mean, at least this."""

COMMON = {"eta": 0.06, "subsample": 0.8, "colsample_bytree": 0.7, "min_child_weight": 50, "max_bin": 64, "nthread": 1}
TWEEDIE: Mapping[str, Any] = {**COMMON, "objective": "reg:tweedie", "tweedie_variance_power": 1.2, "max_depth": 7}
QUANTILE: Mapping[str, Any] = {**COMMON, "objective": "reg:quantileerror", "quantile_alpha": QUANTILES, "max_depth": 5}


@dataclass(frozen=True)
class Block:
    """Daily items on one calendar.

    Attributes:
        values: the past, shape (items, n); NaN before an item's start.
        days: of the past and of the periods ahead, n + horizon.
        marks: known marks of each day (event, benefit day), shape (items, marks, n + horizon).
        horizon: at most 28, because no feature looks at less than 28 days before.
    """

    values: Array
    days: Sequence[date]
    marks: Array
    horizon: int


def global_trees(block: Block, seed: int) -> list[Fan]:
    """One Tweedie model for the means and one multi-quantile model, both direct: every feature lies 28 days back."""
    n = block.values.shape[1]
    scale = np.maximum(np.nanmean(block.values, axis=1), FLOOR)
    features = _features(block, scale)
    known = np.isfinite(block.values) & (np.cumsum(np.isfinite(block.values), axis=1) > max(LAGS))
    rows, targets = features[:, :n][known], (block.values / scale[:, None])[known]
    ahead = features[:, n:].reshape(-1, features.shape[2])
    means = _trained(TWEEDIE, rows, targets, 300, seed).inplace_predict(ahead)
    half = np.random.default_rng(seed).random(len(rows)) < 0.5
    fans = _trained(QUANTILE, rows[half], targets[half], 120, seed).inplace_predict(ahead)
    shape = (len(scale), block.horizon)
    mean = np.asarray(means, float).reshape(shape) * scale[:, None]
    quantiles = np.maximum(np.sort(np.asarray(fans, float).reshape(*shape, -1), axis=2), 0) * scale[:, None, None]
    return [Fan(mean[row], quantiles[row]) for row in range(len(scale))]


def _trained(parameters: Mapping[str, Any], rows: Array, targets: Array, rounds: int, seed: int) -> Any:
    import xgboost

    data = xgboost.DMatrix(rows, label=targets)
    return xgboost.train({**parameters, "seed": seed, "verbosity": 0}, data, num_boost_round=rounds)


def _features(block: Block, scale: Array) -> Array:
    """Shape (items, n + horizon, features); level features in multiples of the item's mean."""
    items, n = block.values.shape
    total = n + block.horizon
    y = np.full((items, total), np.nan)
    y[:, :n] = block.values / scale[:, None]
    columns = [_lagged(y, lag) for lag in LAGS]
    columns += [_lagged(_rolling(y, window), 28) for window in WINDOWS]
    columns += [_lagged(_rolling(y**2, 28) - _rolling(y, 28) ** 2, 28)]
    columns += [_lagged(_rolling(np.where(np.isnan(y), np.nan, y == 0), 28), 28)]
    columns += [np.nanmean([_lagged(y, 28 + 7 * week) for week in range(8)], axis=0)]
    calendar = [[day.weekday() for day in block.days], [day.day for day in block.days]]
    columns += [np.tile(np.asarray(line, float), (items, 1)) for line in calendar]
    for mark in block.marks.transpose(1, 0, 2):
        columns += [mark, np.c_[mark[:, 1:], mark[:, -1:]]]
    started = np.argmax(np.isfinite(block.values), axis=1)
    columns += [np.arange(total)[None, :] - started[:, None], np.tile(np.log(scale)[:, None], (1, total))]
    return np.stack(columns, axis=2)


def _lagged(values: Array, lag: int) -> Array:
    lagged: Array = np.c_[np.full((len(values), lag), np.nan), values[:, :-lag]]
    return lagged


def _rolling(values: Array, window: int) -> Array:
    known = np.isfinite(values)
    total = np.cumsum(np.where(known, values, 0.0), axis=1)
    count = np.cumsum(known, axis=1).astype(float)
    total[:, window:] -= total[:, :-window].copy()
    count[:, window:] -= count[:, :-window].copy()
    means: Array = np.divide(total, count, out=np.full(values.shape, np.nan), where=count > 0)
    return means
