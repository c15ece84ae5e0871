"""How wide bands must be to hold, in units of the models' own spread: where the ensemble's prior widths come from."""

import argparse
import os
from collections import defaultdict

import numpy as np

from benchmarks.ours import history_of
from benchmarks.series import Case, load, sample
from benchmarks.table import aligned, number
from engine.dataset import Frequency
from engine.forecast.backtest import run_trial
from engine.forecast.ensemble import PRIOR_LEVELS, rehearsed, scaled_errors
from engine.forecast.forecast import WINDOWS
from engine.forecast.forecaster import Series, Values
from engine.forecast.models import PANELS, SeasonalNaive
from engine.settings import Settings
from engine.workflows import model_environment

LEVELS = PRIOR_LEVELS[1:]


def add_options(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Pool the scaled errors of held-back stretches over the series of each frequency; test parts are not touched."""
    os.environ.update(model_environment(Settings()))
    cases = load(options.data)
    if options.sample:
        cases = sample(cases, options.sample, options.seed)
    pooled: dict[Frequency, list[Values]] = defaultdict(list)
    for case in cases:
        frequency, errors = _errors(case)
        pooled[frequency].append(errors)
    widths = {
        frequency: np.quantile(np.concatenate(parts), np.array(LEVELS) / 100) for frequency, parts in pooled.items()
    }
    rows = [
        [frequency, str(sum(map(len, pooled[frequency]))), *(number(value, 2) for value in found)]
        for frequency, found in widths.items()
    ]
    text = aligned(["frequency", "points", *(f"{level} %" for level in LEVELS)], rows)
    return text, {str(frequency): [float(value) for value in found] for frequency, found in widths.items()}


def _errors(case: Case) -> tuple[Frequency, Values]:
    history = history_of(case.past)
    season = case.past.season_length if len(history) >= 2 * case.past.season_length else 1
    series = Series(history.values, tuple(history.periods), history.calendar.frequency, season)
    models = [SeasonalNaive(), *(build() for build in PANELS["quick"])]
    trial = run_trial(series, case.past.ahead, models, WINDOWS, lambda share, note: None)
    names = [name for name in trial.ahead if name != SeasonalNaive.name]
    played = rehearsed(trial.windows, names, 0.0)
    errors = [scaled_errors(window.actual, said) for window, said in zip(trial.windows, played, strict=True)]
    return series.frequency, np.concatenate(errors)
