"""One item that sells now and then: a mixture of counts instead of models that expect a little every day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.business.history import SalesHistory
from engine.forecast.backtest import Trial, Window, held, origins, prove, run_trial, window_size
from engine.forecast.counts import CountTuning, demand_profile, forecast_counts, tune
from engine.forecast.counts.classify import INTERVAL_CUT
from engine.forecast.drivers import DriverTable
from engine.forecast.fan import Band
from engine.forecast.forecaster import Prediction, Series
from engine.forecast.models import SeasonalNaive
from engine.forecast.result import Forecast

COUNTS = "Counts of what sells now and then"
"""The name of the mixture in the accuracy table."""

WINDOWS = 4
DRAWS = 2000
SEED = 0
"""Held-back stretches, sample paths, and where their chance starts."""

FEWEST_SALES = 3
"""With fewer sales nothing can be said of how they come."""


@dataclass(frozen=True, eq=False)
class SamplePaths:
    """A predictive distribution given by sample paths, shape (draws, horizon), whole numbers where the past is."""

    sampled: Floats

    @property
    def point(self) -> Floats:
        """The mean of the paths; the median of most periods would be nothing at all, shape (horizon,)."""
        return np.asarray(self.sampled.mean(axis=0))

    def bands(self, levels: Sequence[int]) -> tuple[Band, ...]:
        """See `PredictiveDistribution`; a band that would leave out the mean is stretched to it."""
        bands = []
        for level in sorted(levels):
            ends = ((1 - level / 100) / 2, (1 + level / 100) / 2)
            lower, upper = np.quantile(self.sampled, ends, axis=0, method="inverted_cdf")
            bands.append(Band(level, np.minimum(lower, np.floor(self.point)), np.maximum(upper, np.ceil(self.point))))
        return tuple(bands)

    def paths(self, draws: int, rng: np.random.Generator) -> Floats:
        """See `PredictiveDistribution`; drawn anew from the paths there are, each about equally often."""
        order = rng.permutation(-(-draws // len(self.sampled)) * len(self.sampled))[:draws]
        return self.sampled[order % len(self.sampled)]


def is_intermittent(observed: Series) -> bool:
    """True for sales with so many zeros between them that they are intermittent; never with returns among them.

    Source: Syntetos, Boylan & Croston (2005), On the categorization of demand patterns, JORS 56: 1.32 periods a sale.
    """
    observed_values = observed.values[~np.isnan(observed.values)]
    if np.sum(observed_values > 0) < FEWEST_SALES or np.any(observed_values < 0):
        return False
    return bool(demand_profile(observed.values[None, :]).interval[0] >= INTERVAL_CUT)


def forecast_intermittent(
    history: SalesHistory, observed: Series, future: Sequence[date], horizon: int, levels: Sequence[int]
) -> tuple[Forecast, Trial]:
    """Forecast an item for which `is_intermittent`; drivers play no part, there are too few sales to learn from.

    Args:
        history: one item.
        observed: the same as models see it.
        future: the open periods to forecast.
        horizon: calendar periods asked for.
        levels: bands, percent.
    """
    trial = run_trial(
        observed, DriverTable((*observed.periods, *future), ()), [SeasonalNaive()], WINDOWS, lambda share, note: None
    )
    size = window_size(len(observed), len(future))
    starts = origins(len(observed), len(future), observed.season_length, WINDOWS)
    learnt = _tuned(observed.until(starts[0]), size)  # from what was known before the first stretch
    held_out = [_sample_paths(observed.until(start), size, learnt) for start in starts]
    ahead = _sample_paths(observed, len(future), _tuned(observed, len(future)))
    windows = tuple(
        Window(window.actual, {**window.predictions, COUNTS: Prediction(paths.point)})
        for window, paths in zip(trial.windows, held_out, strict=True)
    )
    predictions = {**trial.ahead, COUNTS: Prediction(ahead.point)}
    trial = Trial(windows, predictions, predictions, trial.effects, {**trial.seconds, COUNTS: 0.0}, trial.failures)
    share_held = held(windows, [each.bands(levels) for each in held_out])
    result = Forecast(
        history=history,
        horizon=horizon,
        season_length=observed.season_length,
        periods=tuple(future),
        fan=ahead,
        levels=tuple(sorted(levels)),
        members={COUNTS: ahead.point},
        proof=prove(observed, trial, [each.point for each in held_out], (COUNTS,), share_held),
        effects=trial.effects,
        plain=ahead.point,
        refinable=False,
    )
    return result, trial


def _tuned(observed: Series, horizon: int) -> CountTuning:
    return tune(observed.values[None, :], horizon=horizon, season_length=observed.season_length)


def _sample_paths(observed: Series, horizon: int, tuning: CountTuning) -> SamplePaths:
    counts = forecast_counts(
        observed.values,
        horizon=horizon,
        season_length=observed.season_length,
        rng=np.random.default_rng(SEED),
        tuning=tuning,
        draws=DRAWS,
    )
    return SamplePaths(counts.paths)
