"""Worlds: forecasts, stockout risks and order lists from an owner's files, held against demand that is known."""

import argparse
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks.table import aligned, number
from benchmarks.world_scores import NAN, WorldScore, average
from benchmarks.world_truth import World, worlds_of
from benchmarks.world_visit import look
from engine.forecast import Panel
from engine.settings import Settings
from engine.workflows.forecast.forecasts import model_environment

PANELS: tuple[Panel, ...] = ("quick", "full")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area."""
    parser.add_argument("--data", type=Path, required=True, help="a folder with an index.csv, or with such folders")
    parser.add_argument("--only", nargs="+", default=[], metavar="KIND", help="only worlds of these kinds: a1 b ...")
    parser.add_argument("--panel", choices=PANELS, default="quick", help="the models of the forecasts")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Open, forecast and order in every world; the tables, and the figures for the JSON line."""
    os.environ.update(model_environment(Settings()))
    scores = list(_all_scores(worlds_of(options.data, options.only), options.panel, options.jobs))
    return text(scores), figures(scores)


def _all_scores(worlds: Sequence[World], panel: Panel, jobs: int) -> Iterator[WorldScore]:
    with ProcessPoolExecutor(jobs, get_context("spawn"), _quiet) as pool:
        for done, found in enumerate(pool.map(look, worlds, repeat(panel)), 1):
            yield found
            if done % 10 == 0 or done == len(worlds):
                print(f"{done} of {len(worlds)} worlds", file=sys.stderr, flush=True)


def _quiet() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)


HEADERS = (
    *("world", "bias 7", "bias 14", "bias 28", "items", "worst", "sd ratio", "total80", "total95"),
    *("period80", "period95", "orders: sd", "cost", "risk said", "risk true", "s"),
)
LEGEND = (
    "bias: percent by which the total of all items over 7, 14 and 28 days (1, 4 and 13 weeks; 1, 3 and 6 months) is\n"
    "said too high; items, worst: mean and largest size of the bias of single items over the whole horizon.\n"
    "sd ratio: of the shortest total, over the true one. total80, total95: the true chance that the whole total lies\n"
    "in our band. period80, period95: share of periods of single items whose band held one true draw.\n"
    "orders: sd: that of the shortest total of single items behind the order list, over the true one.\n"
    "cost: true cost of the order list over that of the true optimum. risk: mean chance of a stockout before the next\n"
    "delivery at the listed quantities, as it is stated and as it is."
)


def text(scores: Sequence[WorldScore]) -> str:
    """The tables, and what could not be done."""
    parts = [aligned(HEADERS, [_row(each) for each in scores]), LEGEND]
    own = [
        [f"{each.folder} {each.world}", name, number(value, 1)] for each in scores for name, value in each.own.items()
    ]
    if own:
        parts.append(aligned(("of one kind only", "figure", "value"), own))
    parts += [f"{each.folder} {each.world}: {problem}" for each in scores for problem in each.problems]
    parts.append(
        aligned(("over all worlds", "value"), [[name, number(value)] for name, value in summary(scores).items()])
    )
    return "\n\n".join(parts)


def _row(found: WorldScore) -> list[str]:
    of, biases = found.figures(), list(found.total.bias.values()) if found.total else [NAN]
    shown = (biases[0], biases[len(biases) // 2], biases[-1])
    names = ("sd_ratio", "total80", "total95")
    return [
        found.world,
        *(number(value, 1) for value in (*shown, of["items_abs_bias"], of["items_worst_bias"])),
        *(
            number(of.get(name, NAN), 2)
            for name in (*names, "items_period80", "items_period95", "demand_sd_ratio", "cost_ratio")
        ),
        *(number(of[name]) for name in ("stated_risk", "true_risk")),
        number(found.seconds, 1),
    ]


def figures(scores: Sequence[WorldScore]) -> dict[str, object]:
    """By kind of world, the mean over its folders; every item and order line; and the summary."""
    by_kind: dict[str, list[WorldScore]] = {}
    for each in scores:
        by_kind.setdefault(each.code, []).append(each)
    return {
        "worlds": {
            code: {**_means(found), "folders": len(found), "reasons": [why for each in found for why in each.problems]}
            for code, found in by_kind.items()
        },
        "items": [
            {"folder": each.folder, "world": each.world, **asdict(item)} for each in scores for item in each.items
        ],
        "orders": [
            {"folder": each.folder, "world": each.world, **asdict(line)} for each in scores for line in each.orders
        ],
        "summary": summary(scores),
    }


def summary(scores: Sequence[WorldScore]) -> dict[str, float]:
    """One figure of each kind over all worlds, which count alike."""
    found = [each.figures() for each in scores]
    names = ("sd_ratio", "total80", "total95", "items_total80", "items_total95", "items_period80", "items_period95")
    ratios = [each["cost_ratio"] for each in found]
    return {
        "worlds": float(len(scores)),
        "failed": float(sum(each.total is None for each in scores)),
        "with_problems": float(sum(bool(each.problems) for each in scores)),
        "mean_abs_bias": average([abs(each.get("bias", NAN)) for each in found]),
        "items_abs_bias": average([each["items_abs_bias"] for each in found]),
        **{name: average([each.get(name, NAN) for each in found]) for name in names},
        "cost_ratio": average(ratios),
        "median_cost_ratio": float(np.nanmedian(ratios)) if np.isfinite(ratios).any() else NAN,
        **{
            name: average([each[name] for each in found])
            for name in ("demand_sd_ratio", "stated_risk", "true_risk", "risk_gap")
        },
    }


def _means(found: Sequence[WorldScore]) -> dict[str, float]:
    rows = [each.figures() for each in found]
    return {
        name: average([row.get(name, NAN) for row in rows])
        for name in dict.fromkeys(key for row in rows for key in row)
    }
