"""The methods that items are measured against: quantiles of each period from each of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.peers import PeerFailed, refusals
from benchmarks.series import Array, Past

QUANTILES = np.array((0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995))
"""The nine quantiles of the M5 uncertainty competition."""
LEVELS = (99, 95, 67, 50)
"""The bands that they bound, percent."""


@dataclass(frozen=True)
class Fan:
    """A forecast: the mean path (horizon,) and a quantile in each column (horizon, 9)."""

    mean: Array
    quantiles: Array

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean).all() and np.isfinite(self.quantiles).all()):
            raise PeerFailed("a forecast that is not a number")


Fit = Callable[[Past, np.random.Generator], Fan]


@dataclass(frozen=True)
class SkuPeer:
    """A method that is fitted to one series."""

    label: str
    fit: Fit


@dataclass(frozen=True)
class SkuCombination:
    """A method that only combines the fans of others, mean and each quantile for itself."""

    label: str
    members: tuple[str, ...]
    combine: Callable[[Array], Array]


def past_quantiles(past: Past, mean: float | Array) -> Fan:
    """A flat mean with the quantiles of the last max(56, 2 x horizon) values."""
    recent = np.quantile(past.y[-max(56, 2 * past.horizon) :], QUANTILES)
    return Fan(np.broadcast_to(mean, (past.horizon,)).astype(float), np.tile(recent, (past.horizon, 1)))


def seasonal_naive(past: Past, rng: np.random.Generator) -> Fan:
    """The last season again, with the quantiles of the recent past."""
    m = past.season_length if len(past.y) >= past.season_length else 1
    return past_quantiles(past, past.y[-m:][np.arange(past.horizon) % m])


def intermittent(name: str, **options: float) -> Fit:
    """One of statsforecast's methods for intermittent demand, with the quantiles of the recent past."""

    def fit(past: Past, rng: np.random.Generator) -> Fan:
        from statsforecast import models

        made = getattr(models, name)(**options).forecast(y=past.y, h=past.horizon)
        return past_quantiles(past, np.nan_to_num(made["mean"]))

    return fit


def statistical(name: str) -> Fit:
    """One automatic model of statsforecast, with its own bands."""

    def fit(past: Past, rng: np.random.Generator) -> Fan:
        from statsforecast import models

        model = getattr(models, name)(season_length=past.season_length)
        with refusals():
            made = model.forecast(y=past.y, h=past.horizon, level=list(LEVELS))
        bounds = [made[f"{side}-{level}"] for level in LEVELS for side in ("lo", "hi")]
        return Fan(np.asarray(made["mean"]), np.sort(np.stack([*bounds, made["mean"]], axis=1), axis=1))

    return fit


def prophet(past: Past, rng: np.random.Generator) -> Fan:
    """Prophet with its defaults; the quantiles are those of its own posterior draws."""
    import pandas as pd
    from prophet import Prophet

    np.random.seed(rng.integers(2**31))  # Prophet draws from numpy's global state
    model = Prophet()
    model.fit(pd.DataFrame({"ds": pd.to_datetime(list(past.dates)), "y": past.y}))
    future = pd.DataFrame({"ds": pd.to_datetime(list(past.ahead))})
    draws = model.predictive_samples(future)["yhat"]
    model.uncertainty_samples = 0  # the mean needs no second set of draws
    return Fan(model.predict(future)["yhat"].to_numpy(), np.quantile(draws, QUANTILES, axis=1).T)


def xgboost_lags(past: Past, rng: np.random.Generator) -> Fan:
    """The textbook's boosted trees on lags 1, 7, 14, 30, with normal bands from the residuals of the training rows."""
    from scipy.stats import norm

    from benchmarks.peers import xgboost_lags as trees

    made = trees(past, rng)
    spread = (made.hi95 - made.lo95) / (2 * norm.ppf(0.975))
    return Fan(made.mean, made.mean[:, None] + spread[:, None] * norm.ppf(QUANTILES))


def combined(combination: SkuCombination, members: Sequence[Fan]) -> Fan:
    """The fan of a combination from those of its members."""
    mean = combination.combine(np.stack([fan.mean for fan in members]))
    return Fan(mean, np.sort(combination.combine(np.stack([fan.quantiles for fan in members])), axis=1))


def _median(parts: Array) -> Array:
    return np.asarray(np.median(parts, axis=0))


def _clipped_median(parts: Array) -> Array:
    return np.maximum(_median(parts), 0.0)


def _fixed_weights(parts: Array) -> Array:
    return np.asarray(np.tensordot((0.3, 0.4, 0.3), parts, axes=1))


FOUR = ("autoarima", "autoets", "theta", "ces")

LOCAL: Mapping[str, SkuPeer | SkuCombination] = {
    "snaive": SkuPeer("Seasonal naive, past quantiles", seasonal_naive),
    "tsb": SkuPeer("TSB, past quantiles", intermittent("TSB", alpha_d=0.1, alpha_p=0.1)),
    "sba": SkuPeer("CrostonSBA, past quantiles", intermittent("CrostonSBA")),
    "imapa": SkuPeer("IMAPA, past quantiles", intermittent("IMAPA")),
    "autoarima": SkuPeer("AutoARIMA", statistical("AutoARIMA")),
    "autoets": SkuPeer("AutoETS", statistical("AutoETS")),
    "theta": SkuPeer("DynamicOptimizedTheta", statistical("DynamicOptimizedTheta")),
    "ces": SkuPeer("AutoCES", statistical("AutoCES")),
    "scum": SkuCombination("SCUM (median of the four)", FOUR, _median),
    "scum-clipped": SkuCombination("SCUM, clipped at 0", FOUR, _clipped_median),
    "prophet": SkuPeer("Prophet", prophet),
    "xgboost": SkuPeer("XGBoost on lags", xgboost_lags),
    "fixed": SkuCombination("Fixed .3/.4/.3, AutoARIMA", ("autoarima", "prophet", "xgboost"), _fixed_weights),
}
"""Peers that see one series at a time."""

FALLBACK = "tsb"
"""Stands in for a peer that fails on a series."""
