"""Inventory: textbook answers, optimum and shadow price under a capacity, scale, and the peers' plans beside ours."""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.inventory_cases import Row, capacitated, textbook, zheng
from benchmarks.lumpy_items import lumpy
from engine.inventory.shared import (
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
    lines, figures = list[str](), dict[str, object]()
    if "cases" in options.parts:
        said, figures = _cases(options.data)
        lines += said
    if "peers" in options.parts:
        found = _peers(np.random.default_rng(options.seed))
        lines += [f"{name:44} {value:10.4f}" for name, value in found.items()]
        figures["peers"] = found
    if "scale" in options.parts:
        found = dict(_scale(options.largest, options.seed))
        lines += [f"{name:44} {value:10.4f}" for name, value in found.items()]
        figures["scale"] = found
    return "\n".join(lines), figures


def _cases(data: Path) -> tuple[list[str], dict[str, object]]:
    """All published answers of the folder beside ours."""
    folder = data / "inventory" if (data / "inventory").is_dir() else data
    left_out, found = list[str](), dict[str, list[Row]]()
    for name, answer in FILES.items():
        found[name] = []
        if (folder / name).is_file():
            found[name], not_asked = answer(json.loads((folder / name).read_text()))
            left_out += not_asked
        else:
            left_out.append(f"there is no {name} in {folder}")
    known, zheng_federgruen, shared = found.values()
    rows = [*known, *zheng_federgruen, *shared]
    if not rows:
        raise SystemExit(f"there is no case in {folder}; it needs one of {', '.join(FILES)}")
    costs = [row for row in rows if row.is_cost]
    figures: dict[str, object] = {
        "cases": len(rows),
        "worst_cost": max((row.error for row in (*known, *shared) if row.is_cost), default=0.0),
        "worst_policy": max((row.error for row in known if not row.is_cost), default=0.0),
        "worst_zheng_federgruen": max((row.distance for row in zheng_federgruen if row.is_cost), default=0.0),
        "worst_shadow_price": max((row.distance for row in shared if not row.is_cost), default=0.0),
        "costs_met": sum(row.met for row in costs),
        "costs": len(costs),
        "left_out": left_out,
    }
    said = [
        f"{row.case:18} {row.what:24} {row.expected:16.8g} {row.ours:16.8g} {row.stockpyl:14.8g} {row.error:.1e}"
        for row in rows
    ]
    return [*said, *(f"left out: {each}" for each in left_out)], figures


FILES = {
    "stockpyl_cases.json": textbook,
    "zheng_federgruen_1991_sS.json": zheng,
    "capacitated_newsvendor.json": capacitated,
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
    space = 0.85 * free.used
    best = newsvendor_under_capacity(items, space)

    def ratio(quantities: np.ndarray) -> float:
        fitting = quantities * min(1.0, space / float(items.volume @ quantities))
        return float(normal_cost(items, fitting).sum()) / best.cost

    samples = np.maximum(rng.normal(items.demand_mean[:, None], items.demand_sd[:, None], (count, draws)), 0.0)
    began = time.process_time()
    ours = sampled_newsvendor_under_capacity(samples, items.underage, items.overage, items.volume, space)
    middle = time.process_time()
    program = _scenario_program(items, samples, space)
    theirs = solve(program, WorkLimits(240.0, seed=1))
    ended = time.process_time()
    return {
        "mean order, cost over optimum": ratio(items.demand_mean),
        "95 % service then shrink, cost over optimum": ratio(items.demand_mean + 1.645 * items.demand_sd),
        "critical ratio then shrink, cost over optimum": ratio(free.quantities),
        f"{draws} samples, cost over optimum": ratio(ours.quantities),
        "ours: CPU seconds for the samples": middle - began,
        "scenario LP (HiGHS): CPU seconds": ended - middle,
        "scenario LP: objective over ours": theirs.objective / ours.cost if theirs.proved else float("nan"),
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
        space = 0.85 * newsvendor_under_capacity(items, np.inf).used
        began = time.process_time()
        newsvendor_under_capacity(items, space)
        yield f"one capacity, {count} items: CPU seconds", time.process_time() - began
    for count in sorted({500, largest // 10, largest}):
        yield from lumpy(count, np.random.default_rng(seed))
