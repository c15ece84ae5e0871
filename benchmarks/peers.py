"""The peers: what an owner could have used instead, each as its makers ship it.

A peer is a function `(past, rng) -> Bands`. A combination takes the bands of its members, so these are fitted once.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import NormalDist
from types import FrameType
from typing import NoReturn

import numpy as np

from benchmarks.series import Array, Past
from engine.forecast.accuracy import naive2, seasonal_index

Z80, Z95 = NormalDist().inv_cdf(0.90), NormalDist().inv_cdf(0.975)
XGBOOST_LAGS = (1, 7, 14, 30)
XGBOOST_ROWS = 12
"""A lag that leaves fewer rows to learn from is dropped."""
ARIMA_CPU_SECONDS = 60


class PeerFailed(Exception):
    """A peer has no forecast for this series."""


class OutOfTime(BaseException):
    """The search used up its seconds; not an `Exception`, which pmdarima's search would swallow."""


@dataclass(frozen=True)
class Bands:
    """A forecast: the mean path and the bounds of its 80 and 95 % bands, one entry per period ahead.

    A method that knows how its periods hang together also has the bounds of the sum up to each period.
    """

    mean: Array
    lo80: Array
    hi80: Array
    lo95: Array
    hi95: Array
    lo95_sum: Array | None = None
    hi95_sum: Array | None = None
    lo80_sum: Array | None = None
    hi80_sum: Array | None = None

    def __post_init__(self) -> None:
        if not all(np.isfinite(values).all() for values in self.paths()):
            raise PeerFailed("a forecast that is not a number")

    def paths(self) -> tuple[Array, ...]:
        """The mean and the four bounds."""
        return self.mean, self.lo80, self.hi80, self.lo95, self.hi95


Fit = Callable[[Past, np.random.Generator], Bands]


@dataclass(frozen=True)
class Peer:
    """A method that is fitted to one series."""

    label: str
    fit: Fit


@dataclass(frozen=True)
class Combination:
    """A method that only combines the bands of others, each bound for itself."""

    label: str
    members: tuple[str, ...]
    combine: Callable[[Array], Array]


def seasonal_naive(past: Past, rng: np.random.Generator) -> Bands:
    """The last season again; its variance grows with each season ahead (FPP3 section 5.5)."""
    m = past.season_length if len(past.y) > past.season_length else 1
    steps = np.arange(past.horizon)
    spread = _rms(past.y[m:] - past.y[:-m]) * np.sqrt(steps // m + 1)
    return normal_bands(past.y[-m:][steps % m], spread)


def seasonally_adjusted_naive(past: Past, rng: np.random.Generator) -> Bands:
    """Naive 2 of M4, with the bands of a random walk on the seasonally adjusted history."""
    n, m, h = len(past.y), past.season_length, past.horizon
    index = np.resize(seasonal_index(past.y, m), n + h)
    step = _rms(np.diff(past.y / index[:n])) if n > 1 else 0.0
    return normal_bands(naive2(past.y, m, h), step * np.sqrt(np.arange(1, h + 1)) * index[n:])


@contextmanager
def refusals() -> Iterator[None]:
    """A model that statsforecast cannot fit is a failed peer.

    "No model able to be fitted" comes as a bare Exception; its children are bugs or errors of the data.
    """
    try:
        yield
    except Exception as error:
        if type(error) is Exception:
            raise PeerFailed(str(error)) from error
        raise


def statistical(name: str) -> Fit:
    """One automatic model of statsforecast, with its own bands."""

    def fit(past: Past, rng: np.random.Generator) -> Bands:
        from statsforecast import models

        model = getattr(models, name)(season_length=past.season_length)
        with refusals():
            made = model.forecast(y=past.y, h=past.horizon, level=[80, 95])
        return Bands(made["mean"], made["lo-80"], made["hi-80"], made["lo-95"], made["hi-95"])

    return fit


def multiple_seasons(past: Past, rng: np.random.Generator) -> Bands:
    """MSTL: the season taken out, and of days the year too once two years are there; AutoETS for what is left.

    Without a season nothing is taken out, and its AutoETS is all there is.
    """
    from statsforecast import models

    m = past.season_length
    year = round(365.25 * m / 7) if past.freq[0] == "D" else m
    seasons = [m, year] if year > m and len(past.y) >= 2 * year else [m]
    trend = models.AutoETS(model="ZZN")
    model = models.MSTL(season_length=seasons, trend_forecaster=trend) if m > 1 else trend
    with refusals():
        made = model.forecast(y=past.y, h=past.horizon, level=[80, 95])
    return Bands(made["mean"], made["lo-80"], made["hi-80"], made["lo-95"], made["hi-95"])


def prophet(past: Past, rng: np.random.Generator) -> Bands:
    """Prophet with its defaults; the bands are quantiles of its own posterior draws."""
    return _prophet(past, rng, "")


def prophet_with_holidays(past: Past, rng: np.random.Generator) -> Bands:
    """Prophet told the country, where it is known; of days only, because it finds a holiday by the date of its row."""
    return _prophet(past, rng, past.country if past.freq[0] == "D" else "")


def _prophet(past: Past, rng: np.random.Generator, country: str) -> Bands:
    import pandas as pd
    from prophet import Prophet

    np.random.seed(rng.integers(2**31))  # Prophet draws from numpy's global state
    model = Prophet()
    if country:
        model.add_country_holidays(country_name=country)
    model.fit(pd.DataFrame({"ds": pd.to_datetime(list(past.dates)), "y": past.y}))
    future = pd.DataFrame({"ds": pd.to_datetime(list(past.ahead))})
    draws = model.predictive_samples(future)["yhat"]
    model.uncertainty_samples = 0  # the mean needs no second set of draws
    mean = model.predict(future)["yhat"].to_numpy()
    lo95, lo80, hi80, hi95 = np.percentile(draws, (2.5, 10, 90, 97.5), axis=1)
    return Bands(mean, lo80, hi80, lo95, hi95)


def xgboost_lags(past: Past, rng: np.random.Generator) -> Bands:
    """The textbook's boosted trees on raw lags, step by step, with bands from the residuals of the training rows."""
    from xgboost import XGBRegressor

    y = past.y
    lags = [lag for lag in XGBOOST_LAGS if len(y) - lag >= XGBOOST_ROWS]
    if not lags:
        raise PeerFailed("too few rows for any lag")
    rows = np.column_stack([y[max(lags) - lag : len(y) - lag] for lag in lags])
    trees = XGBRegressor(
        n_estimators=200,
        max_depth=4,
        learning_rate=0.05,
        subsample=0.9,
        n_jobs=1,
        random_state=int(rng.integers(2**31)),
    )
    trees.fit(rows, y[max(lags) :])
    spread = _rms(y[max(lags) :] - trees.predict(rows))
    path = y.tolist()
    for _ in past.ahead:
        path.append(float(trees.predict(np.array([[path[-lag] for lag in lags]]))[0]))
    return normal_bands(np.array(path[len(y) :]), np.full(past.horizon, spread))


def bounded_arima(cpu_seconds: float) -> Fit:
    """pmdarima's stepwise search, stopped after so many seconds; for the main thread of a worker process only."""

    def fit(past: Past, rng: np.random.Generator) -> Bands:
        import pmdarima

        m = past.season_length
        signal.signal(signal.SIGPROF, _stop)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds, cpu_seconds)  # fires again, should the first be swallowed
        try:
            fitted = pmdarima.auto_arima(past.y, m=m, seasonal=m > 1, suppress_warnings=True, error_action="ignore")
            mean, band80 = fitted.predict(past.horizon, return_conf_int=True, alpha=0.20)
            _, band95 = fitted.predict(past.horizon, return_conf_int=True, alpha=0.05)
        except OutOfTime as late:
            raise PeerFailed(f"no model within {cpu_seconds:g} CPU seconds") from late
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return Bands(np.asarray(mean), band80[:, 0], band80[:, 1], band95[:, 0], band95[:, 1])

    return fit


def normal_bands(mean: Array, spread: Array) -> Bands:
    """Symmetric bands of a normal error with this standard deviation."""
    return Bands(mean, mean - Z80 * spread, mean + Z80 * spread, mean - Z95 * spread, mean + Z95 * spread)


def combined(combination: Combination, members: Sequence[Bands]) -> Bands:
    """The bands of a combination from those of its members."""
    paths = zip(*(member.paths() for member in members), strict=True)
    return Bands(*(combination.combine(np.array(path)) for path in paths))


def _median(paths: Array) -> Array:
    return np.asarray(np.median(paths, axis=0))


def _fixed_weights(paths: Array) -> Array:
    return np.asarray(np.array([0.3, 0.4, 0.3]) @ paths)


def _rms(errors: Array) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise OutOfTime


BASE, MEDIAN, FIXED, PMDARIMA = "naive2", "scum", "fixed", "pmdarima"
"""The method that has OWA 1, the peer to beat, the textbook's mix, and the search whose cost is the measure."""

PEERS: dict[str, Peer | Combination] = {
    "snaive": Peer("Seasonal naive", seasonal_naive),
    BASE: Peer("Naive2", seasonally_adjusted_naive),
    "autoarima": Peer("AutoARIMA", statistical("AutoARIMA")),
    "autoets": Peer("AutoETS", statistical("AutoETS")),
    "theta": Peer("DynamicOptimizedTheta", statistical("DynamicOptimizedTheta")),
    "ces": Peer("AutoCES", statistical("AutoCES")),
    MEDIAN: Combination("SCUM (median of the four)", ("autoarima", "autoets", "theta", "ces"), _median),
    "prophet": Peer("Prophet", prophet),
    "xgboost": Peer("XGBoost on lags", xgboost_lags),
    FIXED: Combination("Fixed .3/.4/.3, AutoARIMA", ("autoarima", "prophet", "xgboost"), _fixed_weights),
}

SLOW_PEERS: dict[str, Peer | Combination] = {
    PMDARIMA: Peer("pmdarima", bounded_arima(ARIMA_CPU_SECONDS)),
    "fixed-pmdarima": Combination("Fixed .3/.4/.3, pmdarima", ("pmdarima", "prophet", "xgboost"), _fixed_weights),
}

MSTL, HOLIDAYS = "mstl", "prophet-holidays"

SHOP_PEERS: dict[str, Peer | Combination] = {
    **{key: PEERS[key] for key in ("snaive", "autoets", "theta", "autoarima", "ces", MEDIAN)},
    MSTL: Peer("MSTL", multiple_seasons),
    HOLIDAYS: Peer("Prophet with holidays", prophet_with_holidays),
}
"""What a shop with a week, a year and holidays would be forecast by."""
