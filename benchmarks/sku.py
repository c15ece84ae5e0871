"""Items: quantiles, sums and points of every method on intermittent and steady sales whose future is known."""

import argparse
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import repeat
from multiprocessing import get_context

import numpy as np
import polars as pl

from benchmarks import series
from benchmarks.forecast import FAILURES
from benchmarks.series import Array, Case, Past
from benchmarks.sku_global import global_trees
from benchmarks.sku_panel import Panel, fans, panels
from benchmarks.sku_peers import FALLBACK, LOCAL, QUANTILES, Fan, SkuCombination, SkuPeer, combined
from benchmarks.sku_report import GLOBAL, OURS, report
from engine.settings import Settings
from engine.workflows.forecast.forecasts import model_environment

LO95, HI95, LO67, HI67 = 1, 7, 2, 6
DRAWS = 1000


@dataclass(frozen=True)
class SkuScore:
    """One method on one series.

    Attributes:
        spl: mean pinball loss over the nine quantiles, over the mean absolute first difference of the history.
        rmsse: root mean square error over the root mean square first difference of the history.
        coverage95, coverage67: share of periods within the band, 0..1.
        negative: share of quantiles below zero, 0..1.
        crossing: share of neighbouring quantiles in the wrong order, 0..1.
        said, came: sums over the horizon.
        failed: whether another method stood in.
    """

    series: str
    group: str
    method: str
    spl: float
    rmsse: float
    coverage95: float
    coverage67: float
    negative: float
    crossing: float
    said: float
    came: float
    failed: bool


@dataclass(frozen=True)
class SumScore:
    """Our bands of the sum over the first periods of one series.

    Attributes:
        part: "quarter", "half" or "whole" horizon.
        held95, held80: 1 when the band held the sum.
        rank95, rank80: 1 when the sum's rank among the paths, ties broken by chance, lies within the band; on average
            exactly 0.95 and 0.80 for a right distribution even where sums are small whole numbers.
    """

    series: str
    group: str
    part: str
    held95: float
    held80: float
    rank95: float
    rank80: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--peers", nargs="*", choices=[*LOCAL, GLOBAL], metavar="PEER", help="only these peers")
    parser.add_argument("--country", default="US", help="whose holidays are known ahead (default: US)")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Forecast all series by all methods; the tables, and the figures for the JSON line."""
    os.environ.update(model_environment(Settings()))
    cases = [replace(case, past=_since_first_sale(case.past)) for case in series.load(options.data)]
    cases = [case for case in cases if _has_a_scale(case)]
    if options.sample:
        cases = series.sample(cases, options.sample, options.seed)
    peers = [*LOCAL, GLOBAL] if options.peers is None else options.peers
    local = [peer for peer in LOCAL if peer in peers]
    scores, sums = list(_local_scores(cases, local, options.jobs, options.seed)), list[SumScore]()
    for panel in panels(options.data, cases):
        made = panel.forecast(options.country)
        scores += [score(case, OURS, fan) for case, fan in zip(panel.cases, fans(made), strict=True)]
        rng = np.random.default_rng(options.seed)
        for row, case in enumerate(panel.cases):
            sums += sum_scores(case, made.paths(row, draws=DRAWS, rng=rng), rng)
        if GLOBAL in peers and panel.daily:
            scores += _global_scores(panel, options.seed)
        print(f"{panel.cases[0].group} done", file=sys.stderr, flush=True)
    labels = {key: peer.label for key, peer in LOCAL.items()}
    return report(_frame(scores), _frame(sums), labels)


def score(case: Case, method: str, fan: Fan, failed: bool = False) -> SkuScore:
    """Measure one fan against what then happened."""
    q, jumps = fan.quantiles, np.diff(case.past.y)
    error = case.future[:, None] - q
    loss = np.maximum(QUANTILES * error, (QUANTILES - 1) * error)
    return SkuScore(
        series=case.name,
        group=case.group,
        method=method,
        spl=float(loss.mean() / np.mean(np.abs(jumps))),
        rmsse=float(np.sqrt(np.mean((case.future - fan.mean) ** 2) / np.mean(jumps**2))),
        coverage95=_held(case.future, q[:, LO95], q[:, HI95]),
        coverage67=_held(case.future, q[:, LO67], q[:, HI67]),
        negative=float(np.mean(q < 0)),
        crossing=float(np.mean(np.diff(q, axis=1) < 0)),
        said=float(fan.mean.sum()),
        came=float(case.future.sum()),
        failed=failed,
    )


def sum_scores(case: Case, paths: Array, rng: np.random.Generator) -> list[SumScore]:
    """Whether the bands of sums over a quarter, a half and the whole of the horizon held."""
    horizon, scores = paths.shape[1], []
    for part, periods in (("quarter", -(-horizon // 4)), ("half", -(-horizon // 2)), ("whole", horizon)):
        drawn, came = paths[:, :periods].sum(axis=1), float(case.future[:periods].sum())
        rank = np.mean(drawn < came) + rng.random() * np.mean(drawn == came)
        bounds = np.quantile(drawn, (0.025, 0.1, 0.9, 0.975), method="inverted_cdf")
        scores.append(
            SumScore(
                case.name,
                case.group,
                part,
                held95=float(bounds[0] <= came <= bounds[3]),
                held80=float(bounds[1] <= came <= bounds[2]),
                rank95=float(0.025 <= rank <= 0.975),
                rank80=float(0.1 <= rank <= 0.9),
            )
        )
    return scores


def _since_first_sale(past: Past) -> Past:
    start = int(np.argmax(past.y > 0))
    return replace(past, y=past.y[start:], dates=past.dates[start:])


def _has_a_scale(case: Case) -> bool:
    """Whether errors can be measured in steps of the history; a series that never changes is left out and named."""
    if np.any(np.diff(case.past.y)):
        return True
    print(f"{case.name} is left out: a constant history has no scale", file=sys.stderr)
    return False


def _held(actual: Array, lower: Array, upper: Array) -> float:
    return float(np.mean((lower <= actual) & (actual <= upper)))


def _frame(scores: Sequence[SkuScore] | Sequence[SumScore]) -> pl.DataFrame:
    return pl.DataFrame([asdict(one) for one in scores])


def _global_scores(panel: Panel, seed: int) -> list[SkuScore]:
    trees = global_trees(panel.block(), seed)
    return [score(case, GLOBAL, fan) for case, fan in zip(panel.cases, trees, strict=True)]


def _local_scores(cases: Sequence[Case], chosen: Sequence[str], jobs: int, seed: int) -> Iterator[SkuScore]:
    if not chosen:
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), _quiet) as pool:
        for done, scores in enumerate(pool.map(_scores_of, cases, repeat(chosen), repeat(seed)), 1):
            yield from scores
            if done % 10 == 0 or done == len(cases):
                print(f"{done} of {len(cases)} series", file=sys.stderr, flush=True)


def _quiet() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)  # cmdstanpy reports each start and end


def _scores_of(case: Case, chosen: Sequence[str], seed: int) -> list[SkuScore]:
    made: dict[str, tuple[Fan, bool]] = {}
    for key in _with_members(chosen):
        method = LOCAL[key]
        if isinstance(method, SkuCombination):
            parts = [made[member] for member in method.members]
            made[key] = combined(method, [fan for fan, _ in parts]), any(failed for _, failed in parts)
        else:
            made[key] = _fit(method, case.past, seed)
    return [score(case, key, *made[key]) for key in chosen]


def _with_members(chosen: Sequence[str]) -> list[str]:
    needed: dict[str, None] = {}
    for key in chosen:
        method = LOCAL[key]
        needed |= dict.fromkeys(method.members if isinstance(method, SkuCombination) else ())
        needed[key] = None
    return list(needed)


def _fit(peer: SkuPeer, past: Past, seed: int) -> tuple[Fan, bool]:
    """Its fan, or that of the method that stands in, and whether it failed."""
    try:
        return peer.fit(past, np.random.default_rng(seed)), False
    except FAILURES:
        stand_in = LOCAL[FALLBACK]
        assert isinstance(stand_in, SkuPeer)
        return stand_in.fit(past, np.random.default_rng(seed)), True
