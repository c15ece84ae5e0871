"""Inventory: textbook answers, optimum and shadow price under a capacity, scale, and the peers' plans beside ours."""

import argparse
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.extras import NOT_INSTALLED, can_import
from benchmarks.inventory_cases import Row, textbook, under_capacity, zheng
from benchmarks.lumpy_items import lumpy
from benchmarks.table import aligned
from benchmarks.textbook.shared import (
    NormalItems,
    newsvendor_under_capacity,
    normal_cost,
    sampled_newsvendor_under_capacity,
)
from engine.solvers.highs import Program, WorkLimits, solve

PARTS = ("cases", "scale", "peers")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds inventory/")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seed", type=int, default=1, help="of the generated items")
    parser.add_argument("--largest", type=int, default=10_000, help="items in the largest plan")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Measure all parts; the tables, and the figures for the JSON line."""
    parts, figures = list[str](), dict[str, object]()
    if "cases" in options.parts:
        text, figures = _cases(options.data)
        parts.append(text)
    if "peers" in options.parts:
        measures = _peers(np.random.default_rng(options.seed))
        parts += [f"{name:44} {value:10.4f}" for name, value in measures.items()]
        figures["peers"] = measures
    if "scale" in options.parts:
        measures = dict(_scale(options.largest, options.seed))
        parts += [f"{name:44} {value:10.4f}" for name, value in measures.items()]
        figures["scale"] = measures
    return "\n".join(parts), figures


def _cases(data: Path) -> tuple[str, dict[str, object]]:
    """All published answers of the folder beside ours."""
    folder = data / "inventory" if (data / "inventory").is_dir() else data
    omissions, answers = list[str](), dict[str, list[Row]]()
    for name, answer in FILES.items():
        answers[name] = []
        if (folder / name).is_file():
            answers[name], others = answer(json.loads((folder / name).read_text()))
            omissions += others
        else:
            omissions.append(f"there is no {name} in {folder}")
    textbooks, zheng_federgruen, capacities = answers.values()
    rows = [*textbooks, *zheng_federgruen, *capacities]
    if not rows:
        raise SystemExit(f"there is no case in {folder}; it needs one of {', '.join(FILES)}")
    costs = [row for row in rows if row.is_cost]
    figures: dict[str, object] = {
        "cases": len(rows),
        "worst_cost": max((row.error for row in (*textbooks, *capacities) if row.is_cost), default=0.0),
        "worst_policy": max((row.error for row in textbooks if not row.is_cost), default=0.0),
        "worst_zheng_federgruen": max((row.distance for row in zheng_federgruen if row.is_cost), default=0.0),
        "worst_shadow_price": max((row.distance for row in capacities if not row.is_cost), default=0.0),
        "costs_met": sum(row.is_right for row in costs),
        "costs": len(costs),
        "left_out": omissions,
        "stockpyl": _peer_figures(rows),
    }
    return "\n".join([_table(rows), *(f"left out: {each}" for each in omissions)]), figures


def _peer_figures(rows: Sequence[Row]) -> dict[str, object]:
    """How many of the answers stockpyl gives too, and how many of these are the source's."""
    if not can_import("stockpyl"):
        return {"installed": False}
    theirs = [replace(row, ours=row.stockpyl) for row in rows if not math.isnan(row.stockpyl)]
    return {"installed": True, "answers": len(theirs), "met": sum(row.is_right for row in theirs)}


def _table(rows: Sequence[Row]) -> str:
    missing = "-" if can_import("stockpyl") else NOT_INSTALLED
    headers = ("case", "what", "source", "ours", "stockpyl", "error")
    return aligned(headers, [
        (row.case, row.what, f"{row.truth:.8g}", f"{row.ours:.8g}",
         missing if math.isnan(row.stockpyl) else f"{row.stockpyl:.8g}", f"{row.error:.1e}")
        for row in rows
    ])  # fmt: skip


FILES = {
    "stockpyl_cases.json": textbook,
    "zheng_federgruen_1991_sS.json": zheng,
    "capacitated_newsvendor.json": under_capacity,
}
"""The files that hold published cases, and what answers them; each may be missing."""


def _normal_items(count: int, rng: np.random.Generator) -> NormalItems:
    mean = rng.lognormal(3, 1, count)
    underage = rng.uniform(3, 25, count)
    return NormalItems(
        mean, mean * rng.uniform(0.2, 0.7, count), underage, rng.uniform(0.3, 3, count), rng.uniform(0.1, 2, count)
    )


def _peers(rng: np.random.Generator, count: int = 1000, draws: int = 50) -> dict[str, float]:
    """True expected cost over the optimum, of plans that fill 85 % of the space that the optimum would like."""
    items = _normal_items(count, rng)
    free = newsvendor_under_capacity(items, np.inf)
    space = 0.85 * free.usage
    best = newsvendor_under_capacity(items, space)

    def ratio(quantities: np.ndarray) -> float:
        fitting = quantities * min(1.0, space / float(items.volume @ quantities))
        return float(normal_cost(items, fitting).sum()) / best.cost

    samples = np.maximum(rng.normal(items.demand_mean[:, None], items.demand_sd[:, None], (count, draws)), 0.0)
    start = time.process_time()
    ours = sampled_newsvendor_under_capacity(samples, items.underage, items.overage, items.volume, space)
    middle = time.process_time()
    program = _scenario_program(items, samples, space)
    theirs = solve(program, WorkLimits(240.0, seed=1))
    end = time.process_time()
    return {
        "mean order, cost over optimum": ratio(items.demand_mean),
        "95 % service then shrink, cost over optimum": ratio(items.demand_mean + 1.645 * items.demand_sd),
        "critical ratio then shrink, cost over optimum": ratio(free.quantities),
        f"{draws} samples, cost over optimum": ratio(ours.quantities),
        "ours: CPU seconds for the samples": middle - start,
        "scenario LP (HiGHS): CPU seconds": end - middle,
        "scenario LP: objective over ours": theirs.objective / ours.cost if theirs.is_proved() else float("nan"),
    }


def _scenario_program(items: NormalItems, samples: np.ndarray, space: float) -> Program:
    """The textbook's linear program: a shortage and a surplus for every item and scenario."""
    count, draws = samples.shape
    cells = count * draws
    cell, owner = np.arange(cells), np.repeat(np.arange(count), draws)
    cost = np.concatenate([np.zeros(count), items.underage[owner] / draws, items.overage[owner] / draws])
    rows = np.concatenate([cell, cell, cell, np.full(count, cells)])
    columns = np.concatenate([owner, count + cell, count + cells + cell, np.arange(count)])
    entries = np.concatenate([np.ones(2 * cells), -np.ones(cells), items.volume])
    total = len(cost)
    return Program(
        cost, np.zeros(total), np.full(total, np.inf), np.zeros(total, bool), rows, columns, entries,
        np.append(samples.ravel(), -np.inf), np.append(samples.ravel(), space),
    )  # fmt: skip


def _scale(largest: int, seed: int) -> Iterator[tuple[str, float]]:
    rng = np.random.default_rng(seed)
    for count in sorted({largest // 10, largest}):
        items = _normal_items(count, rng)
        space = 0.85 * newsvendor_under_capacity(items, np.inf).usage
        start = time.process_time()
        newsvendor_under_capacity(items, space)
        yield f"one capacity, {count} items: CPU seconds", time.process_time() - start
    for count in sorted({500, largest // 10, largest}):
        yield from lumpy(count, np.random.default_rng(seed))
