"""Published cases of inventory theory: what the source says beside what we and stockpyl say."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import stockpyl_answers
from benchmarks.extras import can_import
from benchmarks.inventory_answers import KINDS
from benchmarks.stockpyl_answers import Data, Figures
from benchmarks.textbook.counts import CountDemand
from benchmarks.textbook.order_up_to import order_up_to
from benchmarks.textbook.shared import NormalItems, newsvendor_under_capacity
from engine.inventory.multiple_choice_knapsack import ChoiceProblem, choose

RELATIVE = 1e-6
PRINTED = 7
"""A source that prints fewer figures than this is held to its last one."""


@dataclass(frozen=True)
class Row:
    """One known answer: what the source says, what we say, what stockpyl says (NaN where it says nothing).

    With `at_most`, the source's answer is not proved best, and a cheaper one is no error.
    """

    case: str
    what: str
    truth: float
    ours: float
    stockpyl: float = float("nan")
    at_most: bool = False

    @property
    def distance(self) -> float:
        """How far ours is from the expected value."""
        distance = self.ours - self.truth
        return max(0.0, distance) if self.at_most else abs(distance)

    @property
    def error(self) -> float:
        """The distance relative to the expected value."""
        return self.distance / max(abs(self.truth), 1e-12)

    @property
    def is_cost(self) -> bool:
        """True for what a policy costs or earns; the rest is the policy itself, which need not be the only best one."""
        return "cost" in self.what or "profit" in self.what

    @property
    def is_right(self) -> bool:
        """The answer is right to one in a million, or to the last figure that the source prints."""
        digits = repr(float(self.truth)).lstrip("-0.").replace(".", "")
        decimals = len(repr(float(self.truth)).partition(".")[2])
        rounding = 0.5 * 10.0**-decimals if len(digits) < PRINTED and not float(self.truth).is_integer() else 0.0
        return self.distance <= max(RELATIVE * abs(self.truth), rounding * (1 + 1e-9))


ALIASES = {"order_quantity": "Q", "base_stock_level": "S", "order_up_to_level": "S", "optimal_cost": "cost"}


def textbook(cases: Sequence[Data]) -> tuple[list[Row], list[str]]:
    """All answers of the cases, and what is left out because no method here answers it."""
    rows, omissions = list[Row](), list[str]()
    for case in cases:
        data, model, name = case["data"], str(case.get("model", "")), str(case.get("name", ""))
        kind = next((kind for kind in KINDS if kind.fits(frozenset(data))), None)
        if kind is None:
            omissions.append(f"{name} ({model})")
            continue
        ours = kind.ours(data, model)
        theirs = kind.stockpyl(data, model) if can_import("stockpyl") else {}
        for what, truth in _flat(case["expected"]):
            if what in ours:
                rows.append(Row(name, what, truth, ours[what], theirs.get(what, math.nan), kind.at_most))
            else:
                omissions.append(f"{name}: {what.rstrip('.0123456789')}")
    return rows, list(dict.fromkeys(omissions))


def _flat(truth: Data, before: str = "") -> Iterator[tuple[str, float]]:
    for key, value in truth.items():
        name = before + ALIASES.get(key, key)
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, list):
            yield from ((f"{name}.{place}", float(each)) for place, each in enumerate(value))
        elif isinstance(value, int | float):
            yield name, float(value)


def zheng(cases: Sequence[Data]) -> tuple[list[Row], list[str]]:
    """(s, S) policies for Poisson demand."""
    rows, omissions = list[Row](), list[str]()
    for case in cases:
        name = f"ZF {case.get('demand', 'Poisson')} {case['mean']}"
        if "poisson" not in str(case.get("demand", "Poisson")).lower():
            omissions.append(name)
            continue
        costs = {"order_cost": case["K"], "holding_cost": case["h"], "stockout_cost": case["p"]}
        ours = order_up_to(CountDemand.poisson(case["mean"]), **costs, lead_time=int(case.get("lead_time", 0)))
        theirs = _zheng_peer(case)
        answers: Figures = {"s": ours.reorder_point, "S": ours.order_up_to, "cost": ours.cost}
        rows += [
            Row(name, what, float(case[what]), float(value), theirs.get(what, math.nan))
            for what, value in answers.items()
            if what in case
        ]
    return rows, omissions


def _zheng_peer(case: Data) -> Figures:
    if not can_import("stockpyl") or case.get("lead_time"):
        return {}
    return stockpyl_answers.s_s_for_poisson(case["h"], case["p"], case["K"], case["mean"])


def under_capacity(cases: Sequence[Data]) -> tuple[list[Row], list[str]]:
    """Cost and price of space of many items under one capacity."""
    rows, omissions = list[Row](), list[str]()
    for case in cases:
        kind, name = str(case.get("demand", "normal")).lower(), str(case.get("id", ""))
        if kind.startswith("normal"):
            items = NormalItems(*(np.array(case[key], float) for key in ("mu", "sd", "underage", "overage", "volume")))
            plan = newsvendor_under_capacity(items, case["capacity"])
            answers = {"optimal_cost": plan.cost, "shadow_price": plan.shadow_price}
        elif kind.startswith("poisson"):
            answers = _whole_units(case)
        else:
            omissions.append(f"{name} ({kind})")
            continue
        rows += [
            Row(name, what.replace("_", " "), float(case[what]), value)
            for what, value in answers.items()
            if case.get(what) is not None
        ]
    return rows, omissions


def _whole_units(case: Data) -> Figures:
    """The cheapest whole quantities for Poisson demand; items are chosen one by one from 0, 1, 2, ..."""
    demands = [CountDemand.poisson(mean) for mean in case["mu"]]
    counts = [len(demand.chances) for demand in demands]
    item = np.repeat(np.arange(len(demands)), counts)
    quantity = np.concatenate([np.arange(count, dtype=float) for count in counts])
    pairs = zip(demands, case["overage"], case["underage"], strict=True)
    cost = np.concatenate([demand.cost(np.arange(len(demand.chances), dtype=float), o, u) for demand, o, u in pairs])
    nobody = np.full(len(demands), -1)
    problem = ChoiceProblem(
        item, quantity, cost, (np.array(case["volume"])[item] * quantity)[None, :], np.array([case["capacity"]]),
        np.zeros(len(item)), nobody, np.empty(0), np.empty(0),
    )  # fmt: skip
    choice = choose(problem, seconds=60.0, tolerance=1e-9)
    if choice is None:
        return {"optimal_cost": math.inf}
    return {"optimal_cost": choice.cost, "shadow_price": float(choice.prices[0])}
