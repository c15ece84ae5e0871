"""From a sales history to a forecast with measured bands: by models that vote, or by counting what sells rarely."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from engine.business.history import SalesHistory
from engine.dataset import Frequency
from engine.errors import DataProblem, TooLittleHistory
from engine.forecast.backtest import (
    Drawing,
    Trial,
    Window,
    combine,
    held,
    held_by_fans,
    held_out_windows,
    origins,
    prove,
    run_trial,
    votes,
    window_size,
)
from engine.forecast.cold_start import forecast_cold_start
from engine.forecast.counts import CountTuning, Covariates, forecast_many, tune
from engine.forecast.drivers import Drivers, DriverTable, with_closures
from engine.forecast.fan import SamplePaths, SeriesTraits, ValueRange, fan, prior_for
from engine.forecast.items import INTERVAL_CUT, demand_profile, silence_after_end
from engine.forecast.models import Panel, SeasonalNaive, panel_for
from engine.forecast.result import ENOUGH_POINTS, PERFECT, TOO_NARROW, Forecast
from engine.forecast.series import MINIMUM_PERIODS, Prediction, Series, level_rate
from engine.forecast.year import covers_a_year
from engine.process import Report

RETURNS_SHARE = 0.05
"""Up to this share of periods below zero, they are returns in a business that sells, and the bands stop at zero."""

WINDOWS = 12
"""Stretches of the past that are held back to measure the forecast, at most."""

NOTHING_KNOWN = Drivers(paydays=False)
"""No holidays, no events, nothing."""

LEVELS = (50, 80, 95)
"""The bands that are drawn, percent."""

COUNTS = "Counts of what sells now and then"
"""The name of the mixture in the accuracy table."""

DRAWS = 2000
SEED = 0
"""Sample paths, and where their chance starts."""

FEWEST_SALES = 3
"""With fewer sales nothing can be said of how they come."""


def forecast(
    history: SalesHistory,
    *,
    horizon: int,
    panel: Panel = "quick",
    drivers: Drivers = NOTHING_KNOWN,
    season_length: int | None = None,
    report: Report = lambda share, note: None,
) -> Forecast:
    """Forecast the periods after the history.

    Every model also predicts held-back stretches of the past; from those come the accuracy table, the votes, the width
    of the bands, and their coverage, which is measured on each stretch with bands that have not seen it.

    Args:
        history: one metric of one item; closed periods are null.
        horizon: calendar periods ahead, >= 1; days on which the business never opens get no value.
        panel: "quick" (two models, a fraction of a second), "full" (all models) or "search" (all, and the long search
            for ARIMA's orders).
        drivers: holidays, events, promotions and prices that are known beforehand.
        season_length: open periods in a season, when it should differ from the calendar's.
        report: told how far the work has come.

    Raises:
        TooLittleHistory: fewer than 8 open periods.
        DataProblem: the business is closed on every period of the horizon, or the country of the holidays is unknown.
        ValueError: the horizon is not positive.
    """
    if horizon < 1:
        raise ValueError("horizon must be at least one period")
    future = _future(history, horizon)
    if history.similar and _seen(history) < MINIMUM_PERIODS:
        return forecast_cold_start(history, future, horizon, LEVELS)
    observed = _observed(history, season_length)
    silent = silence_after_end(observed.values, observed.season_length)
    observed = observed.last(silent) if silent else observed
    if is_intermittent(observed):
        report(0.0, "Counting what is sold now and then")
        result, trial = forecast_intermittent(history, observed, future, horizon, LEVELS)
        return replace(result, cautions=(*history.cautions, *_cautions(result, trial)))
    models = [SeasonalNaive(), *panel_for(panel, observed)]
    table = with_closures(drivers.table(history.calendar, observed.periods, future), observed, future)
    trial = run_trial(observed, table, models, WINDOWS, report)

    names = [name for name in trial.ahead if name != SeasonalNaive.name]
    traits = SeriesTraits(prior_for(panel, observed.frequency), _limits(history), _level_rate(trial.adjusted))
    drawing = Drawing(LEVELS, traits)
    weights = votes(trial.windows, names)
    joint = combine(trial.ahead, weights, traits.limits.floor)
    held_out = held_out_windows(trial.windows, names, traits.limits.floor)
    result = Forecast(
        history=history,
        horizon=horizon,
        season_length=observed.season_length,
        periods=future,
        fan=fan(joint, held_out, traits),
        levels=drawing.levels,
        members={name: np.maximum(trial.ahead[name].mean, traits.limits.floor) for name in weights},
        proof=prove(
            observed,
            trial,
            [window.prediction.mean for window in held_out],
            weights,
            held_by_fans(trial.windows, held_out, drawing),
        ),
        effects=trial.effects,
        plain=combine(trial.plain, weights, -np.inf).mean,
    )
    return replace(result, cautions=(*history.cautions, *_cautions(result, trial)))


def _observed(history: SalesHistory, season_length: int | None) -> Series:
    """The history as it was seen; without a season where it does not cover two of them."""
    frequency = history.calendar.frequency
    values = np.where(np.isfinite(history.values), history.demand, np.nan)
    if (seen := _seen(history)) < MINIMUM_PERIODS:
        raise TooLittleHistory(seen, MINIMUM_PERIODS, period=frequency.period)
    season = season_length or history.season_length
    return Series(values, tuple(history.periods), frequency, season if len(history) >= 2 * season else 1)


def _seen(history: SalesHistory) -> int:
    """Open periods of which something is known."""
    return int(np.isfinite(history.values).sum())


def _future(history: SalesHistory, horizon: int) -> tuple[date, ...]:
    future = history.calendar.ahead(history.periods[-1], horizon)
    if not future:
        noun = history.calendar.frequency.period
        raise DataProblem(f"You are usually closed on the next {noun}", remedy="Look further ahead.")
    return future


def _limits(history: SalesHistory) -> ValueRange:
    """Sales do not fall below zero, unless returns are regular; what was always a whole number stays one."""
    seen = history.values[np.isfinite(history.values)]
    floor = 0.0 if np.mean(seen < 0) <= RETURNS_SHARE else -np.inf
    return ValueRange(floor, whole=bool(np.all(seen == np.round(seen))))


def _level_rate(adjusted: Series) -> float:
    return level_rate(adjusted.seasons.removed(adjusted.values))


def _cautions(result: Forecast, trial: Trial) -> list[str]:
    noun, season = result.history.calendar.frequency.period, result.history.season_length
    cautions = [*trial.effects.cautions, *(str(failure) for failure in trial.failures.values())]
    silent = silence_after_end(result.history.values, season)
    if silent:
        cautions.append(f"Nothing has been sold for {silent} {noun}s, so nothing is expected.")
    elif not np.any(np.nan_to_num(result.history.values)):
        cautions.append("Every past period is zero, so nothing is expected.")
    elif result.proof.naive.typical_error < PERFECT:
        cautions.append("Your past repeats itself exactly; whether the future will, the past cannot tell.")
    elif not result.proof.gain_on_naive > 0:
        cautions.append(f"On your past, this forecast did not beat simply {result.simple_rule}; read it with care.")
    if len(result.history) < 2 * season:
        cautions.append(f"The file covers less than two seasons of {season} {noun}s, so no season is assumed.")
    size = window_size(len(result.history), len(result.periods))
    if size < len(result.periods):
        cautions.append(
            f"The history is short: the bands were checked {size} {noun}s ahead, not {len(result.periods)}."
        )
    if result.proof.points < ENOUGH_POINTS:
        cautions.append(
            f"Only {result.proof.points} past {noun}s could be checked, too few to say how often the bands hold."
        )
    elif (held := result.proof.coverage.get(80, 80)) < 80 - TOO_NARROW:
        cautions.append(f"On your past the 80% band held only {held:.0f}%: expect surprises outside it.")
    return cautions


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
    days = (*observed.periods, *future)
    learnt = _tuned(observed.until(starts[0]), days[starts[0] :][:size])  # from what was known before the first stretch
    held_out = [_sample_paths(observed.until(start), days[start:][:size], learnt) for start in starts]
    ahead = _sample_paths(observed, future, _tuned(observed, future))
    windows = tuple(
        Window(window.actual, {**window.predictions, COUNTS: Prediction(paths.point)})
        for window, paths in zip(trial.windows, held_out, strict=True)
    )
    predictions = {**trial.ahead, COUNTS: Prediction(ahead.point)}
    trial = replace(
        trial, windows=windows, ahead=predictions, plain=predictions, seconds={**trial.seconds, COUNTS: 0.0}
    )
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


def _tuned(observed: Series, future: Sequence[date]) -> CountTuning:
    return tune(
        observed.values[None, :],
        horizon=len(future),
        season_length=observed.season_length,
        covariates=_year_alone(observed, future),
    )


def _sample_paths(observed: Series, future: Sequence[date], tuning: CountTuning) -> SamplePaths:
    counts = forecast_many(
        observed.values[None, :],
        horizon=len(future),
        season_length=observed.season_length,
        tuning=tuning,
        covariates=_year_alone(observed, future),
    )
    return SamplePaths(counts.paths(0, draws=DRAWS, rng=np.random.default_rng(SEED)))


def _year_alone(observed: Series, future: Sequence[date]) -> Covariates | None:
    """No cause but the year, of a past that is long enough to look for it."""
    if observed.frequency not in (Frequency.DAILY, Frequency.WEEKLY) or not covers_a_year(observed.periods):
        return None
    days = (*observed.periods, *future)
    return Covariates((), np.zeros((1, 0, len(days))), days)
