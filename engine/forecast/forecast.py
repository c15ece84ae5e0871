"""From a sales history to a forecast with measured bands."""

from dataclasses import replace
from datetime import date

import numpy as np

from engine.business.history import SalesHistory
from engine.errors import DataProblem, TooLittleHistory
from engine.forecast.backtest import Trial, run_trial, window_size
from engine.forecast.closed_periods import fill_closed
from engine.forecast.cold_start import forecast_newcomer
from engine.forecast.drivers import Drivers, Effects, without_effects
from engine.forecast.ensemble import combined, rehearsed, votes
from engine.forecast.fan import Limits, Nature, fan
from engine.forecast.forecaster import Series
from engine.forecast.intermittent import forecast_now_and_then, sells_now_and_then
from engine.forecast.models import Panel, SeasonalNaive, panel_for
from engine.forecast.prior import prior_for
from engine.forecast.proof import Drawing, held_by_fans, prove
from engine.forecast.result import ENOUGH_POINTS, PERFECT, TOO_NARROW, Forecast
from engine.forecast.season import level_rate
from engine.process import Report

MINIMUM_PERIODS = 8
"""Fewest open periods that a forecast is made from."""

RETURNS_SHARE = 0.05
"""Up to this share of periods below zero, they are returns in a business that sells, and the bands stop at zero."""

WINDOWS = 4
"""Stretches of the past that are held back to measure the forecast, at most."""

NOTHING_KNOWN = Drivers(paydays=False)
"""No holidays, no events, nothing."""

LEVELS = (50, 80, 95)
"""The bands that are drawn, percent."""


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
        return forecast_newcomer(history, future, horizon, LEVELS, MINIMUM_PERIODS)
    observed = _observed(history, season_length)
    if sells_now_and_then(observed):
        report(0.0, "Counting what is sold now and then")
        made, trial = forecast_now_and_then(history, observed, future, horizon, LEVELS)
        return replace(made, cautions=(*history.cautions, *_cautions(made, trial)))
    models = [SeasonalNaive(), *panel_for(panel, observed)]
    known = drivers.table(history.calendar, observed.periods, future)
    trial = run_trial(observed, known, models, WINDOWS, report)

    names = [name for name in trial.ahead if name != SeasonalNaive.name]
    nature = Nature(prior_for(panel, observed.frequency), _limits(history), _level_rate(observed, trial.effects))
    drawing = Drawing(LEVELS, nature)
    weights = votes(trial.windows, names)
    joint = combined(trial.ahead, weights, nature.limits.floor)
    played = rehearsed(trial.windows, names, nature.limits.floor)
    made = Forecast(
        history=history,
        horizon=horizon,
        season_length=observed.season_length,
        periods=future,
        fan=fan(joint, played, nature),
        levels=drawing.levels,
        members={name: np.maximum(trial.ahead[name].mean, nature.limits.floor) for name in weights},
        proof=prove(
            observed,
            trial,
            [stretch.said.mean for stretch in played],
            weights,
            held_by_fans(trial.windows, played, drawing),
        ),
        effects=trial.effects,
        plain=combined(trial.plain, weights, -np.inf).mean,
    )
    return replace(made, cautions=(*history.cautions, *_cautions(made, trial)))


def _observed(history: SalesHistory, season_length: int | None) -> Series:
    """The history as it was seen; without a season where it does not cover two of them."""
    frequency = history.calendar.frequency
    values = np.where(np.isfinite(history.values), history.values, np.nan)
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


def _limits(history: SalesHistory) -> Limits:
    """Sales do not fall below zero, unless returns are regular; what was always a whole number stays one."""
    seen = history.values[np.isfinite(history.values)]
    floor = 0.0 if np.mean(seen < 0) <= RETURNS_SHARE else -np.inf
    return Limits(floor, whole=bool(np.all(seen == np.round(seen))))


def _level_rate(observed: Series, effects: Effects) -> float:
    plain = without_effects(observed, effects)
    filled = replace(plain, values=fill_closed(plain.values, plain.season_length))
    return level_rate(filled.seasons.removed(filled.values))


def _cautions(made: Forecast, trial: Trial) -> list[str]:
    noun, season = made.history.calendar.frequency.period, made.history.season_length
    said = [*trial.effects.cautions, *(str(failure) for failure in trial.failures.values())]
    if not np.any(np.nan_to_num(made.history.values)):
        said.append("Every past period is zero, so nothing is expected.")
    elif made.proof.naive.typical_error < PERFECT:
        said.append("Your past repeats itself exactly; whether the future will, the past cannot tell.")
    elif not made.proof.gain_on_naive > 0:
        said.append(f"On your past, this forecast did not beat simply {made.simple_rule}; read it with care.")
    if len(made.history) < 2 * season:
        said.append(f"The file covers less than two seasons of {season} {noun}s, so no season is assumed.")
    size = window_size(len(made.history), len(made.periods))
    if size < len(made.periods):
        said.append(f"The history is short: the bands were checked {size} {noun}s ahead, not {len(made.periods)}.")
    if made.proof.points < ENOUGH_POINTS:
        said.append(f"Only {made.proof.points} past {noun}s could be checked, too few to say how often the bands hold.")
    elif (held := made.proof.coverage.get(80, 80)) < 80 - TOO_NARROW:
        said.append(f"On your past the 80% band held only {held:.0f}%: expect surprises outside it.")
    return said
