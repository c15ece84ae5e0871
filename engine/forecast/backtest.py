"""How a forecast would have done: each model predicts stretches of the past that it was not shown."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from engine.errors import ModelFailed
from engine.forecast.forecaster import Forecaster, Prediction, Series, Values
from engine.process import Report


@dataclass(frozen=True, eq=False)
class Window:
    """One stretch of the past that was held back.

    Attributes:
        actual: what then happened; NaN where the business was closed.
        predictions: what each model said, by model name.
    """

    actual: Values
    predictions: Mapping[str, Prediction]


@dataclass(frozen=True, eq=False)
class Trial:
    """All windows, and what each model says about the future.

    Attributes:
        windows: the oldest first.
        ahead: what each model says about the future, by model name.
        seconds: CPU seconds per model, windows included.
        failures: the models that could not be fitted, with the reason.
    """

    windows: tuple[Window, ...]
    ahead: Mapping[str, Prediction]
    seconds: Mapping[str, float]
    failures: Mapping[str, ModelFailed] = field(default_factory=dict)


def origins(length: int, horizon: int, season_length: int, windows: int) -> tuple[int, ...]:
    """Where the held-back stretches start, the oldest first; they do not overlap.

    Each leaves two seasons and a little to learn from; a short history gets a single stretch, its last quarter.

    >>> origins(length=100, horizon=10, season_length=7, windows=3)
    (70, 80, 90)
    """
    size = window_size(length, horizon)
    enough = max(2 * season_length + 4, 12)
    starts = [length - k * size for k in range(1, windows + 1) if k == 1 or length - k * size >= enough]
    return tuple(reversed(starts))


def window_size(length: int, horizon: int) -> int:
    """Periods in one held-back stretch: the horizon, but at most a quarter of the history."""
    return max(1, min(horizon, length // 4))


def run_trial(
    observed: Series, future: Sequence[date], models: Sequence[Forecaster], windows: int, report: Report
) -> Trial:
    """Let each model forecast every window and then the future.

    Args:
        observed: the history, NaN where the business was closed. Closed periods are filled from what each window may
            know, and not scored.
        future: the periods to forecast.
        models: new objects, see `Forecaster`.
        windows: how many stretches to hold back, at most.
        report: told after each model.
    """
    starts = origins(len(observed), len(future), observed.season_length, windows)
    size = window_size(len(observed), len(future))
    spans = [(_filled(observed.until(start)), observed.periods[start : start + size]) for start in starts]
    spans.append((_filled(observed), tuple(future)))
    said: dict[str, list[Prediction]] = {}
    seconds: dict[str, float] = {}
    failures: dict[str, ModelFailed] = {}
    for number, model in enumerate(models):
        report(number / len(models), f"Trying {model.name}")
        started = time.process_time()
        try:
            said[model.name] = [model.predict(past, span) for past, span in spans]
        except ModelFailed as failure:
            failures[model.name] = failure
        seconds[model.name] = time.process_time() - started
    held_back = tuple(
        Window(observed.values[start : start + size], {name: runs[k] for name, runs in said.items()})
        for k, start in enumerate(starts)
    )
    return Trial(held_back, {name: runs[-1] for name, runs in said.items()}, seconds, failures)


def _filled(observed: Series) -> Series:
    return replace(observed, values=fill_closed(observed.values, observed.season_length))


def fill_closed(values: Values, season_length: int) -> Values:
    """Give each closed period the mean of the same place in the seasons before and after it.

    Models need a number everywhere; filled periods are never scored.
    """
    filled = values.copy()
    everywhere = np.nanmean(values) if np.any(~np.isnan(values)) else 0.0
    for index in np.flatnonzero(np.isnan(values)):
        same_place = values[index % season_length :: season_length]
        place = index // season_length
        near = same_place[max(0, place - 2) : place + 3]
        known = near[~np.isnan(near)]
        filled[index] = known.mean() if len(known) else everywhere
    return filled
