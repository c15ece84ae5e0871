"""From a sales history to a forecast with measured bands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from engine.errors import DataProblem, TooLittleHistory
from engine.forecast.backtest import Trial, run_trial, window_size
from engine.forecast.ensemble import Banding, combined, rehearsed, scaled_errors, voters
from engine.forecast.forecaster import Series
from engine.forecast.models import PANELS, Panel, SeasonalNaive
from engine.forecast.proof import prove
from engine.forecast.result import ENOUGH_POINTS, PERFECT, TOO_NARROW, Forecast
from engine.history import SalesHistory
from engine.process import Report

MINIMUM_PERIODS = 8
"""Fewest open periods that a forecast is made from."""

RETURNS_SHARE = 0.05
"""Up to this share of periods below zero, they are returns in a business that sells, and the bands stop at zero."""

WINDOWS = 4
"""Stretches of the past that are held back to measure the forecast, at most."""

LEVELS = (50, 80, 95)
"""The bands that are drawn, percent."""


def forecast(
    history: SalesHistory,
    *,
    horizon: int,
    levels: Sequence[int] = LEVELS,
    panel: Panel = "quick",
    season_length: int | None = None,
    report: Report = lambda share, note: None,
) -> Forecast:
    """Forecast the periods after the history.

    Every model also predicts held-back stretches of the past; from those come the accuracy table, the votes, the width
    of the bands, and their coverage, which is measured on each stretch with bands that have not seen it.

    Args:
        history: one metric of one item; closed periods are null.
        horizon: calendar periods ahead, >= 1; days on which the business never opens get no value.
        levels: bands, percent.
        panel: "quick" (two models, about a second) or "full" (six models).
        season_length: open periods in a season, when it should differ from the calendar's.
        report: told how far the work has come.

    Raises:
        TooLittleHistory: fewer than 8 open periods.
        DataProblem: the business is closed on every period of the horizon.
        ValueError: the horizon is not positive.
    """
    if horizon < 1:
        raise ValueError("horizon must be at least one period")
    observed = _observed(history, season_length)
    future = _future(history, horizon)
    models = [SeasonalNaive(), *(build() for build in PANELS[panel])]
    trial = run_trial(observed, future, models, WINDOWS, report)

    names = [name for name in trial.ahead if name != SeasonalNaive.name]
    banding = Banding(tuple(levels), observed.frequency, _floor(history))
    votes = voters(trial.windows, names)
    joint = combined(trial.ahead, votes, banding.floor)
    played = rehearsed(trial.windows, names, banding.floor)
    errors = [scaled_errors(window.actual, said) for window, said in zip(trial.windows, played, strict=True)]
    made = Forecast(
        history=history,
        horizon=horizon,
        season_length=observed.season_length,
        periods=future,
        median=joint.mean,
        bands=banding.around(joint, np.concatenate(errors)),
        members={name: np.maximum(trial.ahead[name].mean, banding.floor) for name in votes},
        proof=prove(observed, trial, played, votes, banding),
    )
    return replace(made, cautions=(*history.cautions, *_cautions(made, trial)))


def _observed(history: SalesHistory, season_length: int | None) -> Series:
    """The history as it was seen; without a season where it does not cover two of them."""
    frequency = history.calendar.frequency
    seen = len(history) - history.frame["value"].null_count()
    if seen < MINIMUM_PERIODS:
        raise TooLittleHistory(seen, MINIMUM_PERIODS, period=frequency.period)
    season = season_length or history.season_length
    return Series(history.values, tuple(history.periods), frequency, season if len(history) >= 2 * season else 1)


def _future(history: SalesHistory, horizon: int) -> tuple[date, ...]:
    future = history.calendar.ahead(history.periods[-1], horizon)
    if not future:
        noun = history.calendar.frequency.period
        raise DataProblem(f"You are usually closed on the next {noun}", remedy="Look further ahead.")
    return future


def _floor(history: SalesHistory) -> float:
    """Sales do not fall below zero, unless returns outweigh them regularly."""
    seen = history.values[~np.isnan(history.values)]
    return 0.0 if np.mean(seen < 0) <= RETURNS_SHARE else -np.inf


def _cautions(made: Forecast, trial: Trial) -> list[str]:
    noun, season = made.history.calendar.frequency.period, made.history.season_length
    said = [str(failure) for failure in trial.failures.values()]
    if made.proof.naive.typical_error < PERFECT:
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
