"""Inventory: textbook answers, optimum and shadow price under a capacity, scale, and the peers' plans beside ours."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lumpy_items import lumpy
from engine.inventory import PriceBreak
from engine.inventory.counts import CountDemand
from engine.inventory.eoq import (
    economic_batch,
    economic_order,
    economic_order_all_units,
    economic_order_incremental,
    economic_order_with_backorders,
)
from engine.inventory.highs import Program, solve
from engine.inventory.joint import joint_replenishment
from engine.inventory.newsvendor import newsvendor_counts, newsvendor_normal
from engine.inventory.order_up_to import order_up_to
from engine.inventory.reorder_point import (
    NormalLeadTime,
    by_economic_order_and_safety_stock,
    by_economic_order_with_backorders,
    by_expected_inventory,
    by_loss_function,
    reorder_point_counts,
)
from engine.inventory.shared import (
    NormalItems,
    newsvendor_under_capacity,
    normal_cost,
    sampled_newsvendor_under_capacity,
)
from engine.inventory.wagner_whitin import wagner_whitin

PARTS = ("cases", "scale", "peers")


@dataclass(frozen=True)
class Row:
    """One known answer: what the source says, what we say, what stockpyl says (NaN where it was not asked).

    With `at_most`, the source's answer is not proved best, and a cheaper one is no error.
    """

    case: str
    what: str
    expected: float
    ours: float
    stockpyl: float = float("nan")
    at_most: bool = False

    @property
    def error(self) -> float:
        """Relative distance of ours to the expected value."""
        distance = self.ours - self.expected
        return (max(0.0, distance) if self.at_most else abs(distance)) / max(abs(self.expected), 1e-12)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds inventory/")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seed", type=int, default=1, help="of the generated items")
    parser.add_argument("--largest", type=int, default=10_000, help="items in the largest plan")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Measure all parts; the tables, and the figures for the JSON line."""
    folder, lines, figures = options.data / "inventory", [], dict[str, object]()
    if "cases" in options.parts:
        rows = [
            *_textbook(_read(folder, "stockpyl_cases.json")),
            *_zheng(_read(folder, "zheng_federgruen_1991_sS.json")),
        ]
        rows += _capacitated(_read(folder, "capacitated_newsvendor.json"))
        lines += [
            f"{row.case:22} {row.what:22} {row.expected:16.8g} {row.ours:16.8g} {row.stockpyl:14.8g} {row.error:.1e}"
            for row in rows
        ]
        figures["cases"] = len(rows)
        figures["worst_cost"] = max(row.error for row in rows if "price" not in row.what and row.case[:2] != "ZF")
        figures["worst_zheng_federgruen"] = max(abs(row.ours - row.expected) for row in rows if row.case[:2] == "ZF")
        figures["worst_shadow_price"] = max(abs(row.ours - row.expected) for row in rows if "price" in row.what)
    if "peers" in options.parts:
        found = _peers(np.random.default_rng(options.seed))
        lines += [f"{name:44} {value:10.4f}" for name, value in found.items()]
        figures["peers"] = found
    if "scale" in options.parts:
        found = dict(_scale(options.largest, options.seed))
        lines += [f"{name:44} {value:10.4f}" for name, value in found.items()]
        figures["scale"] = found
    return "\n".join(lines), figures


def _read(folder: Path, name: str) -> list[dict[str, Any]]:
    return list(json.loads((folder / name).read_text()))


def _textbook(cases: list[dict[str, Any]]) -> Iterator[Row]:
    for case in cases:
        model = max((known for known in ANSWERS if case["model"].startswith(known)), key=len, default="")
        if model:
            yield from ANSWERS[model](case["data"], case["expected"])
        else:
            print(f"left out, no model of this name here: {case['model']}")


def _eoq(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    from stockpyl.eoq import economic_order_quantity

    ours = economic_order(d["fixed_cost"], d["demand_rate"], holding_cost=d["holding_cost"])
    quantity, cost = economic_order_quantity(d["fixed_cost"], d["holding_cost"], d["demand_rate"])
    yield Row("EOQ", "quantity", want["Q"], ours.quantity, quantity)
    yield Row("EOQ", "cost", want["cost"], ours.cost, cost)


def _discounts(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    from stockpyl import eoq

    prices = [PriceBreak(*pair) for pair in zip(d["breakpoints"], d["unit_costs"], strict=True)]
    peer = (d["fixed_cost"], d["holding_cost_rate"], d["demand_rate"], d["breakpoints"], d["unit_costs"])
    for name, ours, theirs in (
        ("all_units", economic_order_all_units, eoq.economic_order_quantity_with_all_units_discounts),
        ("incremental", economic_order_incremental, eoq.economic_order_quantity_with_incremental_discounts),
    ):
        order = ours(d["fixed_cost"], d["demand_rate"], holding_rate=d["holding_cost_rate"], prices=prices)
        quantity, _, cost = theirs(*peer)
        yield Row(f"EOQ {name}", "quantity", want[name]["Q"], order.quantity, quantity)
        yield Row(f"EOQ {name}", "cost", want[name]["cost"], order.cost, cost)


def _backorders(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    from stockpyl.eoq import economic_order_quantity_with_backorders

    ours = economic_order_with_backorders(
        d["fixed_cost"], d["demand_rate"], holding_cost=d["holding_cost"], stockout_cost=d["stockout_cost"]
    )
    peer = economic_order_quantity_with_backorders(
        d["fixed_cost"], d["holding_cost"], d["stockout_cost"], d["demand_rate"]
    )
    yield Row("EOQ backorders", "quantity", want["Q"], ours.quantity, peer[0])
    yield Row("EOQ backorders", "share waiting", want["stockout_fraction"], ours.stockout_fraction, peer[1])
    yield Row("EOQ backorders", "cost", want["cost"], ours.cost, peer[2])


def _batch(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    from stockpyl.eoq import economic_production_quantity

    ours = economic_batch(
        d["fixed_cost"], d["demand_rate"], holding_cost=d["holding_cost"], production_rate=d["production_rate"]
    )
    peer = economic_production_quantity(d["fixed_cost"], d["holding_cost"], d["demand_rate"], d["production_rate"])
    yield Row("EPQ", "quantity", want["Q"], ours.quantity, peer[0])
    yield Row("EPQ", "cost", want["cost"], ours.cost, peer[1])


def _dynamic(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    from stockpyl import wagner_whitin as peer

    ours = wagner_whitin(d["demand"], order_cost=d["fixed_cost"], holding_cost=d["holding_cost"])
    theirs = peer.wagner_whitin(d["num_periods"], d["holding_cost"], d["fixed_cost"], d["demand"])
    yield Row("Wagner-Whitin", "cost", want["cost"], ours.cost, theirs[1])
    for period, (wanted, got) in enumerate(zip(want["order_quantities"][1:], ours.quantities, strict=True), 1):
        yield Row("Wagner-Whitin", f"order {period}", wanted, got, theirs[0][period])


def _joint(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    ours = joint_replenishment(
        d["shared_fixed_cost"], d["individual_fixed_costs"], d["demand_rates"], d["holding_costs"]
    )
    yield Row("joint replenishment", "cost", want["cost"], ours.cost, want["cost"], at_most=True)


def _normal(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    from stockpyl.newsvendor import newsvendor_normal as peer

    ours = newsvendor_normal(
        d["demand_mean"], d["demand_sd"], holding_cost=d["holding_cost"], stockout_cost=d["stockout_cost"]
    )
    level, cost = peer(d["holding_cost"], d["stockout_cost"], d["demand_mean"], d["demand_sd"])
    yield Row("newsvendor normal", "level", want["S"], ours.level, level)
    yield Row("newsvendor normal", "cost", want["cost"], ours.cost, cost)


def _poisson(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    from stockpyl.newsvendor import newsvendor_poisson

    ours = newsvendor_counts(
        CountDemand.poisson(d["demand_mean"]), holding_cost=d["holding_cost"], stockout_cost=d["stockout_cost"]
    )
    level, cost = newsvendor_poisson(d["holding_cost"], d["stockout_cost"], d["demand_mean"])
    yield Row("newsvendor Poisson", "level", want["S"], ours.level, level)
    yield Row("newsvendor Poisson", "cost", want["cost"], ours.cost, cost)


def _poisson_and_orders(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    from stockpyl.ss import s_s_discrete_exact

    yield from _poisson(d, want["newsvendor"])
    ours = order_up_to(
        CountDemand.poisson(d["demand_mean"]),
        order_cost=d["fixed_cost"],
        holding_cost=d["holding_cost"],
        stockout_cost=d["stockout_cost"],
    )
    s, big, cost = s_s_discrete_exact(
        d["holding_cost"], d["stockout_cost"], d["fixed_cost"], use_poisson=True, demand_mean=d["demand_mean"]
    )
    yield Row("(s, S) Poisson", "s", want["sS"]["s"], ours.reorder_point, s)
    yield Row("(s, S) Poisson", "S", want["sS"]["S"], ours.order_up_to, big)
    yield Row("(s, S) Poisson", "cost", want["sS"]["cost"], ours.cost, cost)


def _reorder(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    item = NormalLeadTime(
        d["demand_mean"], d["demand_sd"], d["lead_time"], d["fixed_cost"], d["holding_cost"], d["stockout_cost"]
    )
    yield Row("(r, Q) normal", "cost of (126.8, 328.5)", want["cost_at_r126_8_Q328_5"], item.cost(126.8, 328.5))
    ways = {
        "EIL": by_expected_inventory,
        "EOQB": by_economic_order_with_backorders,
        "EOQSS": by_economic_order_and_safety_stock,
        "loss": by_loss_function,
    }
    for name, way in ways.items():
        ours = way(item)
        yield Row(f"(r, Q) {name}", "r", want[name]["r"], ours.reorder_point)
        yield Row(f"(r, Q) {name}", "Q", want[name]["Q"], ours.quantity)
    yield Row("(r, Q) EIL", "cost", want["EIL"]["cost"], by_expected_inventory(item).cost)


def _reorder_counts(d: dict[str, Any], want: dict[str, Any]) -> Iterator[Row]:
    from stockpyl.rq import r_q_poisson_exact

    ours = reorder_point_counts(
        CountDemand.poisson(d["demand_mean"] * d["lead_time"]),
        d["demand_mean"],
        order_cost=d["fixed_cost"],
        holding_cost=d["holding_cost"],
        stockout_cost=d["stockout_cost"],
    )
    r, lot, cost = r_q_poisson_exact(
        d["holding_cost"], d["stockout_cost"], d["fixed_cost"], d["demand_mean"], d["lead_time"]
    )
    yield Row("(r, Q) Poisson", "r", want["r"], ours.reorder_point, r)
    yield Row("(r, Q) Poisson", "Q", want["Q"], ours.quantity, lot)
    yield Row("(r, Q) Poisson", "cost", want["cost"], ours.cost, cost)


ANSWERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Iterator[Row]]] = {
    "EOQ": _eoq,
    "EOQ all-units and incremental": _discounts,
    "EOQ with backorders": _backorders,
    "EPQ": _batch,
    "Wagner-Whitin": _dynamic,
    "Joint replenishment": _joint,
    "newsvendor normal": _normal,
    "(s,S) Poisson": _poisson_and_orders,
    "newsvendor Poisson": _poisson,
    "(r,Q) normal": _reorder,
    "(r,Q) Poisson": _reorder_counts,
}


def _zheng(cases: list[dict[str, Any]]) -> Iterator[Row]:
    for case in cases:
        ours = order_up_to(
            CountDemand.poisson(case["mean"]), order_cost=case["K"], holding_cost=case["h"], stockout_cost=case["p"]
        )
        name = f"ZF Poisson {case['mean']}"
        yield Row(name, "s", case["s"], ours.reorder_point)
        yield Row(name, "S", case["S"], ours.order_up_to)
        yield Row(name, "cost", case["cost"], ours.cost)


def _capacitated(cases: list[dict[str, Any]]) -> Iterator[Row]:
    for case in cases:
        items = NormalItems(*(np.array(case[key]) for key in ("mu", "sd", "underage", "overage", "volume")))
        plan = newsvendor_under_capacity(items, case["capacity"])
        yield Row(case["id"], "cost", case["optimal_cost"], plan.cost)
        yield Row(case["id"], "shadow price", case["shadow_price"], plan.shadow_price)


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
    theirs = solve(program, seconds=240.0)
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
