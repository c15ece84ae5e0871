"""Response curves: contributions, intervals and advice on businesses whose truth is known, beside plain regressions."""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.media_files import MediaFile, media_files
from benchmarks.media_worlds import World, world
from benchmarks.table import aligned, number
from engine.budget import (
    Allocation,
    AllocationLimits,
    Channel,
    ChannelLimit,
    MediaHistory,
    Mix,
    Power,
    ResponseModel,
    advise,
    allocate,
    fit_response,
)
from engine.budget.media import calendar_of
from engine.errors import DataProblem

WORLDS = 100
OURS, NO_CARRY_OVER, REGRESSION = "Dyocense", "the same without adstock", "ordinary regression"
T90 = 1.645
HEADERS = ("method", "contribution error", "90 % covers", "split beats today", "regret %", "CPU s")


@dataclass(frozen=True)
class Guess:
    """What a method says of one channel's contribution over the history."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Row:
    """One method on one world.

    Attributes:
        method: its name.
        error: per channel, relative error of the contribution.
        covered: per channel, whether the 90 % interval holds the truth.
        gain: what its split brings more than today's under the true curves, percent.
        regret: what the true optimum brings more than its split, percent.
        step: how far towards its best split it advises to go, 0..1.
        advised_gain, advised_regret: the same of the split that it advises.
        seconds: CPU time of the fit.
    """

    method: str
    error: tuple[float, ...]
    covered: tuple[bool, ...]
    gain: float
    regret: float
    step: float
    advised_gain: float
    advised_regret: float
    seconds: float


def near_today(mix: Mix, *, within: float = 2.0) -> AllocationLimits:
    """The limits to start from: every channel between its spend of today divided and multiplied by `within`.

    Far from what was tried the curves are guesses, so a first step should not be longer than this.

    Raises:
        ValueError: `within` is below 1.
    """
    if within < 1:
        raise ValueError("within must be at least 1")
    own = {channel.name: ChannelLimit(channel.today / within, channel.today * within) for channel in mix.channels}
    return AllocationLimits(own)


def add_options(parser: argparse.ArgumentParser) -> None:
    """No options of its own: `--sample` is the number of simulated businesses."""


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Fit the files and the simulated businesses by every method; the tables, and the figures for the JSON line."""
    files = list(_files(options.data, options.seed))
    seeds = range(100 * (options.seed - 1), 100 * (options.seed - 1) + (options.sample or WORLDS))
    if options.jobs > 1:
        with ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
            rows = [row for each in pool.map(_on_world, seeds) for row in each]
    else:
        rows = [row for seed in seeds for row in _on_world(seed)]
    by_method = {name: [row for row in rows if row.method == name] for name in (OURS, NO_CARRY_OVER, REGRESSION)}
    figures = {"worlds": len(seeds), **_summary(by_method[OURS])}
    figures["peers"] = {name: _summary(mine) for name, mine in by_method.items() if name != OURS}
    figures["files"] = files
    figures["files_covered"] = [sum(each["covered"] for each in files), sum(each["known"] for each in files)]
    figures["seconds_156_weeks_6_channels"] = _clock()
    table = aligned(HEADERS, [_table_row(name, mine) for name, mine in by_method.items()])
    return "\n\n".join([*(str(each.pop("text")) for each in files), table]), figures


def _on_world(seed: int) -> list[Row]:
    return [_judged(name, method, world(seed), seed) for name, method in METHODS.items()]


Fitted = tuple[Mapping[str, Guess], Mix, ResponseModel | None]


def _full(history: MediaHistory, seed: int) -> Fitted:
    return _from_model(fit_response(history, rng=np.random.default_rng(seed)))


def _without_carry_over(history: MediaHistory, seed: int) -> Fitted:
    return _from_model(fit_response(history, rng=np.random.default_rng(seed), carry_over=False))


def _from_model(model: ResponseModel) -> Fitted:
    found = {name: model.contribution(name) for name in model.channels}
    guesses = {name: Guess(each.value, each.lower, each.upper) for name, each in found.items()}
    return guesses, model.mix(), model


def _regression(history: MediaHistory, seed: int) -> Fitted:
    """Least squares of the outcome on this week's spend, trend and season; returns that never fall."""
    del seed
    calendar = calendar_of(history).columns
    spends = np.column_stack([history.spend[name] for name in history.channels])
    columns = np.column_stack([spends, calendar])
    size = np.linalg.lstsq(columns, history.outcome, rcond=None)[0]
    left = history.outcome - columns @ size
    variance = float(left @ left) / (len(left) - columns.shape[1]) * np.linalg.inv(columns.T @ columns).diagonal()
    totals, error = spends.sum(axis=0), np.sqrt(variance)
    guesses, channels = {}, []
    for place, name in enumerate(history.channels):
        low, high = size[place] - T90 * error[place], size[place] + T90 * error[place]
        guesses[name] = Guess(*(float(each * totals[place]) for each in (size[place], low, high)))
        recent = float(history.spend[name][-13:].mean())
        channels.append(Channel(name, Power(max(0.0, float(size[place])), 1.0), recent))
    return guesses, Mix(tuple(channels)), None


METHODS: Mapping[str, Callable[[MediaHistory, int], Fitted]] = {
    OURS: _full,
    NO_CARRY_OVER: _without_carry_over,
    REGRESSION: _regression,
}


def _judged(name: str, method: Callable[[MediaHistory, int], Fitted], truth: World, seed: int) -> Row:
    started = time.process_time()
    guesses, mix, model = method(truth.history, seed)
    seconds = time.process_time() - started
    errors, covered = [], []
    for channel, guess in guesses.items():
        true = truth.contributions[channel]
        errors.append(abs(guess.value - true) / true)
        covered.append(guess.lower <= true <= guess.upper)
    total, limits = sum(truth.truth.today.values()), near_today(truth.truth)
    plan = _split(mix, total, limits)
    advice = advise(model, plan) if model is not None else None
    gain, regret = _under_truth(truth, plan.spend, limits)
    advised = _under_truth(truth, advice.spend if advice is not None else plan.spend, limits)
    step = advice.step if advice is not None else 1.0
    return Row(name, tuple(errors), tuple(covered), gain, regret, step, *advised, seconds)


def _split(mix: Mix, total: float, limits: AllocationLimits) -> Allocation:
    result = allocate(mix, total, limits)
    assert isinstance(result, Allocation)  # the limits lie around today's split, which keeps them
    return result


def _under_truth(truth: World, spend: Mapping[str, float], limits: AllocationLimits) -> tuple[float, float]:
    """Gain over today and loss against the true optimum within the same limits, percent."""
    mix = truth.truth
    today, brought = mix.outcome(mix.today), mix.outcome(spend)
    best = _split(mix, sum(mix.today.values()), limits).outcome
    return 100 * (brought / today - 1), 100 * (1 - brought / best)


def _summary(rows: Sequence[Row]) -> dict[str, object]:
    errors = [error for row in rows for error in row.error]
    moved = [row for row in rows if row.step > 0]
    return {
        "contribution_error_median": float(np.median(errors)),
        "coverage90": float(np.mean([hit for row in rows for hit in row.covered])),
        "channels": len(errors),
        "best_split_beats_today": float(np.mean([row.gain > 0 for row in rows])),
        "best_split_regret_median": float(np.median([row.regret for row in rows])),
        "change_advised": len(moved) / len(rows),
        "advised_split_beats_today": float(np.mean([row.advised_gain > 0 for row in moved])) if moved else float("nan"),
        "advised_worse_than_today": float(np.mean([row.advised_gain < -1e-6 for row in rows])),
        "advised_regret_median": float(np.median([row.advised_regret for row in rows])),
        "seconds_median": float(np.median([row.seconds for row in rows])),
    }


def _table_row(name: str, rows: Sequence[Row]) -> list[str]:
    found = _summary(rows)
    keys = ("contribution_error_median", "coverage90", "advised_split_beats_today", "advised_regret_median")
    return [name, *(number(float(str(found[key])), 3) for key in (*keys, "seconds_median"))]


def _files(folder: Path, seed: int) -> Iterator[dict[str, Any]]:
    """The files of others: returns per unit of money beside the known ones."""
    for each in media_files(folder):
        started = time.process_time()
        try:
            model = fit_response(each.history, rng=np.random.default_rng(seed))
        except DataProblem as problem:
            refused = {"file": each.name, "known": 0, "covered": 0, "refused": str(problem)}
            yield refused | {"text": f"{each.name}: {problem}"}
        else:
            yield _on_file(each, model, time.process_time() - started)


def _on_file(file: MediaFile, model: ResponseModel, seconds: float) -> dict[str, Any]:
    """One file's figures and its table; a channel without a curve counts as not covered."""
    found = {channel: model.roas(channel) for channel in model.channels}
    known = {channel: true for channel, true in file.returns.items() if channel in found}
    rows = [
        [channel, *(number(each, 2) for each in (roas.value, roas.lower, roas.upper, known.get(channel, np.nan)))]
        for channel, roas in found.items()
    ]
    return {
        "file": file.name,
        "known": len(file.returns),
        "covered": sum(found[channel].lower <= true <= found[channel].upper for channel, true in known.items()),
        "error_median": _median([abs(found[channel].value / true - 1) for channel, true in known.items()]),
        "agreement": model.agreement,
        "cautions": len(model.cautions),
        "seconds": seconds,
        "text": aligned([file.name, "return", "90 % from", "to", "truth"], rows),
    }


def _clock() -> float:
    """CPU seconds of a fit to 156 weeks of six channels."""
    rng = np.random.default_rng(0)
    spend = {f"Channel {number_of}": rng.lognormal(5, 0.5, 156) for number_of in range(6)}
    weeks = tuple(date(2020, 1, 6) + timedelta(weeks=k) for k in range(156))
    outcome = 9000 + sum((np.sqrt(each) * 30 for each in spend.values()), start=rng.normal(0, 200, 156))
    started = time.process_time()
    fit_response(MediaHistory(weeks, outcome, spend), rng=rng)
    return time.process_time() - started


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else float("nan")
