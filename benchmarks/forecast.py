"""Forecasts: accuracy, coverage and cost of every method on series whose future is known."""

import argparse
import logging
import os
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks import ours, series
from benchmarks.kept import Run, Shelf
from benchmarks.peers import BASE, PEERS, SHOP_PEERS, SLOW_PEERS, Bands, Combination, Peer, PeerFailed, combined
from benchmarks.report import Report
from benchmarks.scores import Score, Scoreboard, score
from benchmarks.series import Case, Past
from engine.settings import Settings
from engine.workflows.forecast.forecasts import model_environment

Method = Peer | Combination

FAILURES = (PeerFailed, ValueError, ArithmeticError, LookupError, RuntimeError)
"""What third-party models raise on series that they cannot take."""


@dataclass(frozen=True)
class Work:
    """What is to be run: the methods, the seed of everything random, and where the peers' forecasts are kept."""

    chosen: tuple[str, ...]
    seed: int
    kept: Path | None


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    names = [*PEERS, *SLOW_PEERS]
    parser.add_argument("--peers", nargs="+", choices=names, metavar="PEER", help=f"only these of: {', '.join(names)}")
    parser.add_argument("--no-pmdarima", action="store_true", help="without it, which takes most of the time")
    parser.add_argument("--no-ours", action="store_true", help="without Dyocense's own rows")
    parser.add_argument("--kept", type=Path, help="a folder in which the peers' forecasts are kept between runs")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Forecast all cases by all chosen methods; the tables, and the figures for the JSON line."""
    cases = series.load(options.data)
    if options.sample:
        cases = series.sample(cases, options.sample, options.seed)
    chosen, remark = _chosen(options)
    scores = list(all_scores(cases, Work(tuple(chosen), options.seed, options.kept), options.jobs))
    report = Report(Scoreboard.of(scores, BASE), {key: methods()[key].label for key in chosen}, options.seed)
    return "\n\n".join(part for part in (report.text(), remark) if part), report.figures()


def _chosen(options: argparse.Namespace) -> tuple[list[str], str]:
    """The methods to run, and what must be said about them."""
    usual = PEERS if options.no_pmdarima else {**PEERS, **SLOW_PEERS}
    peers = list(dict.fromkeys([*(options.peers or usual), BASE]))
    if options.no_ours:
        return peers, ""
    try:
        return [*ours.methods(), *peers], ""
    except ImportError as error:
        return peers, f"Dyocense's own rows are missing: {error}."


@cache
def methods() -> dict[str, Method]:
    """Every method by its key, ours where the engine can be imported."""
    try:
        return {**ours.methods(), **PEERS, **SLOW_PEERS, **SHOP_PEERS}
    except ImportError:
        return {**PEERS, **SLOW_PEERS, **SHOP_PEERS}


def all_scores(cases: Sequence[Case], work: Work, jobs: int) -> Iterator[Score]:
    """Every chosen method on every case, case by case, in processes side by side."""
    os.environ.update(model_environment(Settings()))
    with ProcessPoolExecutor(jobs, get_context("spawn"), _warm_up, (work,)) as pool:
        for done, scores in enumerate(pool.map(_scores_of, cases, repeat(work)), 1):
            yield from scores
            if done % 10 == 0 or done == len(cases):
                print(f"{done} of {len(cases)} series", file=sys.stderr, flush=True)


def _warm_up(work: Work) -> None:
    """Import and compile outside of the measured seconds, by forecasts that are thrown away."""
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)  # cmdstanpy reports each start and end
    for season_length in (1, 4):
        _runs(_throw_away(season_length), Work(work.chosen, work.seed, None))


def _throw_away(season_length: int) -> Past:
    days = [date(2020, 1, 1) + timedelta(days=k) for k in range(52)]
    y = 100 + np.random.default_rng(0).normal(size=48) + 10 * np.sin(np.arange(48) * np.pi / 2)
    return Past(y, tuple(days[:48]), tuple(days[48:]), "D", season_length)


def _scores_of(case: Case, work: Work) -> list[Score]:
    runs = _runs(case.past, work)
    return [score(case, key, runs[key].bands, runs[key].seconds, runs[key].failure) for key in work.chosen]


def _runs(past: Past, work: Work) -> dict[str, Run]:
    """The chosen methods and the members that they need, each fitted once."""
    known, runs = methods(), dict[str, Run]()
    base = known[BASE]
    assert isinstance(base, Peer)
    fallback = base.fit(past, np.random.default_rng(work.seed))
    for key in _with_members(work.chosen):
        method = known[key]
        if isinstance(method, Combination):
            runs[key] = _combine(method, [runs[member] for member in method.members])
        else:
            runs[key] = _found_or_fitted(key, method, past, fallback, work)
    return runs


def _with_members(chosen: Sequence[str]) -> list[str]:
    needed: dict[str, None] = {}
    for key in chosen:
        method = methods()[key]
        needed |= dict.fromkeys(method.members if isinstance(method, Combination) else ())
        needed[key] = None
    return list(needed)


def _found_or_fitted(key: str, peer: Peer, past: Past, fallback: Bands, work: Work) -> Run:
    shelf = Shelf(work.kept) if work.kept and key not in ours.KEYS else None
    found = shelf.find(key, past, work.seed) if shelf else None
    if found:
        return found
    run = _fit(peer, past, fallback, work.seed)
    if shelf:
        shelf.keep(key, past, work.seed, run)
    return run


def _fit(peer: Peer, past: Past, fallback: Bands, seed: int) -> Run:
    start = _cpu_seconds()
    try:
        bands, failure = peer.fit(past, np.random.default_rng(seed)), ""
    except FAILURES as error:
        bands, failure = fallback, f"{type(error).__name__}: {error}"
    return Run(bands, _cpu_seconds() - start, failure)


def _combine(combination: Combination, members: Sequence[Run]) -> Run:
    failures = [member.failure for member in members if member.failure]
    bands = combined(combination, [member.bands for member in members])
    return Run(bands, sum(member.seconds for member in members), "; ".join(failures))


def _cpu_seconds() -> float:
    """Of this process and of its finished children (Prophet fits in one)."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system
