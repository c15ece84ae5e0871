"""From a sales history to a forecast with measured bands."""

from collections.abc import Sequence

import numpy as np

from engine.errors import TooLittleHistory
from engine.forecast.backtest import Report, Trial, fill_closed, run_trial, window_size
from engine.forecast.ensemble import Banding, combined, rehearsed, scaled_errors, voters
from engine.forecast.forecaster import Series
from engine.forecast.models import PANELS, Panel, SeasonalNaive
from engine.forecast.proof import prove
from engine.forecast.result import Forecast, ForecastProof
from engine.history import SalesHistory

MINIMUM_PERIODS = 8
"""Fewest open periods that a forecast is made from."""

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
        ValueError: the horizon is not positive.
    """
    if horizon < 1:
        raise ValueError("horizon must be at least one period")
    series = _series(history, season_length or history.season_length)
    future = history.calendar.ahead(series.periods[-1], horizon)
    models = [SeasonalNaive(), *(build() for build in PANELS[panel])]
    trial = run_trial(series, history.values, future, models, WINDOWS, report)

    names = [name for name in trial.ahead if name != SeasonalNaive.name]
    banding = Banding(tuple(levels), series.frequency, _floor(history))
    votes = voters(trial.windows, names)
    joint = combined(trial.ahead, votes, banding.floor)
    played = rehearsed(trial.windows, names, banding.floor)
    errors = [scaled_errors(window.actual, said) for window, said in zip(trial.windows, played, strict=True)]
    proof = prove(series, trial, played, votes, banding)
    return Forecast(
        history=history,
        horizon=horizon,
        periods=future,
        median=joint.mean,
        bands=banding.around(joint, np.concatenate(errors)),
        members={name: np.maximum(trial.ahead[name].mean, banding.floor) for name in votes},
        proof=proof,
        cautions=(*history.cautions, *_cautions(trial, proof, series, len(future))),
    )


def _series(history: SalesHistory, season_length: int) -> Series:
    frequency = history.calendar.frequency
    observed = len(history) - history.frame["value"].null_count()
    if observed < MINIMUM_PERIODS:
        raise TooLittleHistory(observed, MINIMUM_PERIODS, period=frequency.period)
    return Series(fill_closed(history.values, season_length), tuple(history.periods), frequency, season_length)


def _floor(history: SalesHistory) -> float:
    return 0.0 if np.nanmin(history.values) >= 0 else -np.inf


def _cautions(trial: Trial, proof: ForecastProof, series: Series, steps: int) -> list[str]:
    noun = series.frequency.period
    said = [str(failure) for failure in trial.failures.values()]
    if not proof.gain_on_naive > 0:
        said.append(
            "On your past, no model beat the simple rule of repeating last season; read this forecast with care."
        )
    if series.season_length > 1 and len(series) < 2 * series.season_length:
        said.append(
            f"The file covers less than two seasons of {series.season_length} {noun}s, so no season is assumed."
        )
    size = window_size(len(series), steps)
    if size < steps:
        said.append(f"The history is short: the bands were checked {size} {noun}s ahead, not {steps}.")
    return said
