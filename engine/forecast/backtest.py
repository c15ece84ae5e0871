"""How a forecast would have done, and the votes that follow: each model predicts held-back windows of the past.

The votes are a weighted median, because a weighted mean inherits its worst member: on 190 series of the M3 and M4
competitions the fixed 0.3/0.4/0.3 mix of ARIMA, Prophet and boosted trees scores OWA 1.055, worse than the seasonally
adjusted naive.
"""

import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.dataset import Frequency
from engine.errors import ModelFailed
from engine.forecast.accuracy import bias, coverage, mase, wape
from engine.forecast.drivers import DriverEffects, DriverTable, estimate, with_effects, without_effects
from engine.forecast.fan import Band, HeldOutWindow, SeriesTraits, fan
from engine.forecast.models import USUAL_VOTES, SeasonalNaive
from engine.forecast.result import JOINT, ForecastProof, ModelScore
from engine.forecast.series import SHORT_SEASON, Forecaster, Prediction, Series, fill_closed
from engine.forecast.year import YearFactors, year_factors
from engine.process import Report

SURE_WINDOWS = 4
"""More stretches than these are held back only where half of the history is left to learn from."""

GUARD = 2.0
"""A model whose backtest error exceeds this multiple of the seasonal naive's has no vote."""

EVIDENCE = 2.0
WINDOWS_OF_PRIOR = 2.0
"""A vote is worth its usual weight times the relative backtest error to the power -`EVIDENCE`, a power that is shrunk
as if `WINDOWS_OF_PRIOR` more stretches had shown no difference: a few stretches tell little, and picking the best of
them costs 8 % accuracy."""

BEST_RELATIVE_ERROR = 0.2
"""However small an error, it counts as at least this share of the median model's: no model speaks for all."""


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
        adjusted: the whole past without the drivers and the year, as the models see it.
        seconds: CPU seconds per model, windows included.
        failures: the models that could not be fitted, with the reason.
    """

    windows: tuple[Window, ...]
    ahead: Mapping[str, Prediction]
    plain: Mapping[str, Prediction]
    effects: DriverEffects
    adjusted: Series
    seconds: Mapping[str, float]
    failures: Mapping[str, ModelFailed] = field(default_factory=dict)


def origins(length: int, horizon: int, season_length: int, windows: int) -> tuple[int, ...]:
    """Where the held-back stretches start, the oldest first; they do not overlap.

    Each leaves two seasons and a little to learn from; a short history gets a single stretch, its last quarter.

    Args:
        length: periods of the history.
        horizon: periods ahead, >= 1.
        season_length: periods in one season; 1 for none.
        windows: how many to hold out, at most.

    >>> origins(length=100, horizon=10, season_length=7, windows=3)
    (70, 80, 90)
    """
    size = window_size(length, horizon)
    enough = max(2 * season_length + 4, 12)
    least = [0, *[enough] * (SURE_WINDOWS - 1), *[max(enough, length // 2)] * windows]
    starts = [length - k * size for k in range(1, windows + 1) if length - k * size >= least[k - 1]]
    return tuple(reversed(starts))


def window_size(length: int, horizon: int) -> int:
    """Periods in one held-back stretch: the horizon, but at most a quarter of the history."""
    return max(1, min(horizon, length // 4))


def run_trial(
    observed: Series, table: DriverTable, models: Sequence[Forecaster], windows: int, report: Report
) -> Trial:
    """Let each model forecast every window and then the future.

    What the drivers do is learnt anew for each window, from what was known before it.

    Args:
        observed: the history, NaN where the business was closed. Closed periods are filled from what each window may
            know, and not scored.
        table: the drivers of the history and of the periods to forecast, which follow it.
        models: new objects, see `Forecaster`.
        windows: how many stretches to hold back, at most.
        report: told after each model.
    """
    future = table.periods[len(observed) :]
    starts = origins(len(observed), len(future), observed.season_length, windows)
    size = window_size(len(observed), len(future))
    stages = [_stage(observed.until(start), observed.periods[start : start + size], table) for start in starts]
    stages.append(_stage(observed, future, table))
    plain: dict[str, list[Prediction]] = {}
    seconds: dict[str, float] = {}
    failures: dict[str, ModelFailed] = {}
    for number, model in enumerate(models):
        report(number / len(models), f"Trying {model.name}")
        started = time.process_time()
        try:
            plain[model.name] = [stage.predict(model) for stage in stages]
        except ModelFailed as failure:
            failures[model.name] = failure
        seconds[model.name] = time.process_time() - started
    predictions = {
        name: [stage.restore_effects(name, run) for stage, run in zip(stages, runs, strict=True)]
        for name, runs in plain.items()
    }
    held_back = tuple(
        Window(observed.values[start : start + size], {name: runs[k] for name, runs in predictions.items()})
        for k, start in enumerate(starts)
    )
    ahead, before = ({name: runs[-1] for name, runs in each.items()} for each in (predictions, plain))
    return Trial(held_back, ahead, before, stages[-1].effects, stages[-1].adjusted, seconds, failures)


@dataclass(frozen=True, eq=False)
class _Stage:
    """What is known at one point in time, and the periods to forecast from it.

    The yardstick repeats what was sold, drivers and all, as an owner would who knows of none.
    """

    past: Series
    adjusted: Series
    future: tuple[date, ...]
    effects: DriverEffects
    year: YearFactors

    def predict(self, model: Forecaster) -> Prediction:
        if model.name == SeasonalNaive.name:
            return model.predict(self.past, self.future)
        return with_year(model.predict(self.adjusted, self.future), self.year)

    def restore_effects(self, name: str, plain: Prediction) -> Prediction:
        if name != SeasonalNaive.name:
            return with_effects(plain, self.effects)
        return replace(plain, mean=np.where(self.effects.future.closed, 0.0, plain.mean))


def _stage(past: Series, future: Sequence[date], table: DriverTable) -> _Stage:
    effects = estimate(past, future, table)
    undriven = without_effects(past, effects)
    year = year_of(undriven, future)
    adjusted = replace(undriven, values=undriven.values / year.past[0])
    return _Stage(_filled(past), _filled(adjusted), tuple(future), effects, year)


def year_of(past: Series, future: Sequence[date]) -> YearFactors:
    """What the year does to a series of days or weeks that never falls below zero; nothing to others."""
    observed = past.values[np.isfinite(past.values)]
    apt = past.frequency in (Frequency.DAILY, Frequency.WEEKLY) and len(observed) and observed.min() >= 0
    season = past.season_length if past.season_length <= SHORT_SEASON else 1
    return year_factors(past.values[None], (*past.periods, *future) if apt else (), season_length=season)


def with_year(prediction: Prediction, year: YearFactors) -> Prediction:
    """A model's view of the future with the year put back."""
    spread = prediction.spread
    return Prediction(prediction.mean * year.ahead[0], None if spread is None else spread * year.ahead[0])


def _filled(observed: Series) -> Series:
    return replace(observed, values=fill_closed(observed.values, observed.season_length))


@dataclass(frozen=True)
class Drawing:
    """How bands are drawn: at which levels, percent, and for what kind of series."""

    levels: tuple[int, ...]
    traits: SeriesTraits


def prove(
    observed: Series, trial: Trial, joint: Sequence[Floats], votes: Container[str], held: Mapping[int, float]
) -> ForecastProof:
    """Score every model and the forecast itself.

    Args:
        observed: the history; its seasonal naive scales the errors.
        trial: what each model said about each window.
        joint: what the forecast would have been for each window.
        votes: the models that take part in the forecast.
        held: per band level, the percentage of points that the bands held.
    """
    actual = np.concatenate([window.actual for window in trial.windows])

    def score(name: str, predictions: Sequence[Floats], *, votes: bool, remark: str = "") -> ModelScore:
        point = np.concatenate(predictions)
        error = mase(actual, point, observed.values, observed.season_length)
        spent = sum(trial.seconds.values()) if name == JOINT else trial.seconds[name]
        return ModelScore(name, wape(actual, point), error, bias(actual, point), spent, votes, remark)

    scores = [score(JOINT, joint, votes=True)]
    for name in trial.ahead:
        predictions = [window.predictions[name].mean for window in trial.windows]
        scores.append(score(name, predictions, votes=name in votes, remark=_remark(name, votes)))
    points = int(np.sum(~np.isnan(actual)))
    return ForecastProof(len(trial.windows), points, tuple(scores), held)


def _remark(name: str, votes: Container[str]) -> str:
    if name in votes:
        return ""
    if name == SeasonalNaive.name:
        return "the yardstick"
    return "no vote: its error was more than twice the yardstick's"


def held_by_fans(windows: Sequence[Window], held_out: Sequence[HeldOutWindow], drawing: Drawing) -> Mapping[int, float]:
    """Per level, the percentage of points that lay inside bands drawn from the errors of the *other* windows.

    Args:
        windows: what happened, and what each model predicted.
        held_out: the forecast of each of these windows, and its errors.
        drawing: the levels of the bands, percent, and the kind of series.
    """
    fans = [
        fan(window.prediction, [other for other in held_out if other is not window], drawing.traits)
        for window in held_out
    ]
    return held(windows, [each.bands(drawing.levels) for each in fans])


def held(windows: Sequence[Window], banded: Sequence[Sequence[Band]]) -> Mapping[int, float]:
    """Per level, the percentage of the windows' points that lay inside their bands."""
    actual = np.concatenate([window.actual for window in windows])
    shares = {}
    for place, band in enumerate(banded[0]):
        lower = np.concatenate([bands[place].lower for bands in banded])
        upper = np.concatenate([bands[place].upper for bands in banded])
        shares[band.level] = 100 * coverage(actual, lower, upper)
    return shares


def votes(windows: Sequence[Window], names: Sequence[str]) -> dict[str, float]:
    """The models that earned a vote on these windows, with its weight; the seasonal naive alone when none did."""
    usual = {name: USUAL_VOTES.get(name, 1.0) for name in names}
    if not windows:
        return usual or {SeasonalNaive.name: 1.0}
    errors = {name: mean_absolute_error(windows, name) for name in (SeasonalNaive.name, *names)}
    eligible = {name: vote for name, vote in usual.items() if errors[name] <= GUARD * errors[SeasonalNaive.name]}
    if not eligible:
        return {SeasonalNaive.name: 1.0}
    middle = float(np.median([errors[name] for name in eligible]))
    if middle == 0:
        return eligible
    power = EVIDENCE * len(windows) / (len(windows) + WINDOWS_OF_PRIOR)
    return {name: vote * max(errors[name] / middle, BEST_RELATIVE_ERROR) ** -power for name, vote in eligible.items()}


def combine(predictions: Mapping[str, Prediction], votes: Mapping[str, float], floor: float) -> Prediction:
    """The weighted median of the voters' points and the plain median of the spreads that they have.

    Where none has a spread, the seasonal naive lends its own. Points do not fall below `floor`.

    Args:
        predictions: by model name; the seasonal naive is among them.
        votes: weight of each voter, > 0.
        floor: the lowest value possible; minus infinity for none.
    """
    chosen = [predictions[name] for name in votes]
    mean = weighted_median(np.array([prediction.mean for prediction in chosen]), np.array([*votes.values()]))
    spreads = [prediction.spread for prediction in chosen if prediction.spread is not None]
    spread = np.median(spreads, axis=0) if spreads else predictions[SeasonalNaive.name].spread
    return Prediction(np.maximum(mean, floor), spread)


def weighted_median(values: Floats, weights: Floats) -> Floats:
    """The median of each column of `values`, shape (voters, n), between the two middle voters in proportion.

    Each voter stands at the middle of its share of the weight; equal weights give the usual median of an odd number.
    """
    order = np.argsort(values, axis=0, kind="stable")
    ranked, shares = np.take_along_axis(values, order, axis=0), weights[order] / weights.sum()
    places = np.cumsum(shares, axis=0) - shares / 2
    return np.array([np.interp(0.5, place, column) for place, column in zip(places.T, ranked.T, strict=True)])


def held_out_windows(windows: Sequence[Window], names: Sequence[str], floor: float) -> tuple[HeldOutWindow, ...]:
    """The forecast of each window, with the votes that the other windows give, and its errors.

    Args:
        windows: what happened, and what each model predicted.
        names: of the models that may vote.
        floor: the lowest value possible; minus infinity for none.
    """
    held_out = []
    for window in windows:
        others = [other for other in windows if other is not window]
        prediction = combine(window.predictions, votes(others, names), floor)
        held_out.append(HeldOutWindow.of(window.actual, prediction))
    return tuple(held_out)


def mean_absolute_error(windows: Sequence[Window], name: str) -> float:
    """Mean absolute error of one model over all held-back open periods; 0 when there are none."""
    errors = np.concatenate([np.abs(window.actual - window.predictions[name].mean) for window in windows])
    return float(np.nanmean(errors)) if np.any(~np.isnan(errors)) else 0.0
