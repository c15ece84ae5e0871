"""How a forecast would have done: each model predicts stretches of the past that it was not shown."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from engine.arrays import Floats
from engine.errors import ModelFailed
from engine.forecast.closed_periods import fill_closed
from engine.forecast.drivers import DriverTable, Effects, estimate, with_effects, without_effects
from engine.forecast.forecaster import Forecaster, Prediction, Series
from engine.forecast.models import SeasonalNaive
from engine.process import Report


@dataclass(frozen=True, eq=False)
class Window:
    """One stretch of the past that was held back.

    Attributes:
        actual: what then happened; NaN where the business was closed.
        predictions: what each model said, by model name.
    """

    actual: Floats
    predictions: Mapping[str, Prediction]


@dataclass(frozen=True, eq=False)
class Trial:
    """All windows, and what each model says about the future.

    Attributes:
        windows: the oldest first.
        ahead: what each model says about the future, by model name.
        plain: the same before the drivers' effects were put back.
        effects: what the drivers do, learnt from the whole past.
        seconds: CPU seconds per model, windows included.
        failures: the models that could not be fitted, with the reason.
    """

    windows: tuple[Window, ...]
    ahead: Mapping[str, Prediction]
    plain: Mapping[str, Prediction]
    effects: Effects
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
    observed: Series, known: DriverTable, models: Sequence[Forecaster], windows: int, report: Report
) -> Trial:
    """Let each model forecast every window and then the future.

    What the drivers do is learnt anew for each window, from what was known before it.

    Args:
        observed: the history, NaN where the business was closed. Closed periods are filled from what each window may
            know, and not scored.
        known: the drivers of the history and of the periods to forecast, which follow it.
        models: new objects, see `Forecaster`.
        windows: how many stretches to hold back, at most.
        report: told after each model.
    """
    future = known.periods[len(observed) :]
    starts = origins(len(observed), len(future), observed.season_length, windows)
    size = window_size(len(observed), len(future))
    stages = [_stage(observed.until(start), observed.periods[start : start + size], known) for start in starts]
    stages.append(_stage(observed, future, known))
    plain: dict[str, list[Prediction]] = {}
    seconds: dict[str, float] = {}
    failures: dict[str, ModelFailed] = {}
    for number, model in enumerate(models):
        report(number / len(models), f"Trying {model.name}")
        started = time.process_time()
        try:
            plain[model.name] = [model.predict(stage.past_for(model), stage.future) for stage in stages]
        except ModelFailed as failure:
            failures[model.name] = failure
        seconds[model.name] = time.process_time() - started
    said = {
        name: [stage.told(name, run) for stage, run in zip(stages, runs, strict=True)] for name, runs in plain.items()
    }
    held_back = tuple(
        Window(observed.values[start : start + size], {name: runs[k] for name, runs in said.items()})
        for k, start in enumerate(starts)
    )
    ahead, before = ({name: runs[-1] for name, runs in each.items()} for each in (said, plain))
    return Trial(held_back, ahead, before, stages[-1].effects, seconds, failures)


@dataclass(frozen=True, eq=False)
class _Stage:
    """What is known at one point in time, and the periods to forecast from it.

    The yardstick repeats what was sold, drivers and all, as an owner would who knows of none.
    """

    past: Series
    without_drivers: Series
    future: tuple[date, ...]
    effects: Effects

    def past_for(self, model: Forecaster) -> Series:
        return self.past if model.name == SeasonalNaive.name else self.without_drivers

    def told(self, name: str, plain: Prediction) -> Prediction:
        return plain if name == SeasonalNaive.name else with_effects(plain, self.effects)


def _stage(past: Series, future: Sequence[date], known: DriverTable) -> _Stage:
    effects = estimate(past, future, known)
    return _Stage(_filled(past), _filled(without_effects(past, effects)), tuple(future), effects)


def _filled(observed: Series) -> Series:
    return replace(observed, values=fill_closed(observed.values, observed.season_length))
