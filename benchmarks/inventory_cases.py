"""Published cases of inventory theory: what the source says beside what we and stockpyl say."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.inventory_answers import KINDS, Data, Figures
from engine.inventory.choice import choose
from engine.inventory.choice_problem import ChoiceProblem
from engine.inventory.counts import CountDemand
from engine.inventory.order_up_to import order_up_to
from engine.inventory.shared import NormalItems, newsvendor_under_capacity

RELATIVE = 1e-6
PRINTED = 7
"""A source that prints fewer figures than this is held to its last one."""


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
    def distance(self) -> float:
        """How far ours is from the expected value."""
        distance = self.ours - self.expected
        return max(0.0, distance) if self.at_most else abs(distance)

    @property
    def error(self) -> float:
        """The distance relative to the expected value."""
        return self.distance / max(abs(self.expected), 1e-12)

    @property
    def is_cost(self) -> bool:
        """True for what a policy costs or earns; the rest is the policy itself, which need not be the only best one."""
        return "cost" in self.what or "profit" in self.what

    @property
    def met(self) -> bool:
        """The answer is right to one in a million, or to the last figure that the source prints."""
        printed = repr(float(self.expected)).lstrip("-0.").replace(".", "")
        decimals = len(repr(float(self.expected)).partition(".")[2])
        rounding = 0.5 * 10.0**-decimals if len(printed) < PRINTED and not float(self.expected).is_integer() else 0.0
        return self.distance <= max(RELATIVE * abs(self.expected), rounding * (1 + 1e-9))


ALIASES = {"order_quantity": "Q", "base_stock_level": "S", "order_up_to_level": "S", "optimal_cost": "cost"}


def textbook(cases: Sequence[Data]) -> tuple[list[Row], list[str]]:
    """All answers of the cases, and what is left out because no method here answers it."""
    rows, left_out = list[Row](), list[str]()
    for case in cases:
        data, model, name = case["data"], str(case.get("model", "")), str(case.get("name", ""))
        kind = next((kind for kind in KINDS if kind.fits(frozenset(data))), None)
        if kind is None:
            left_out.append(f"{name} ({model})")
            continue
        answers = kind.answer(data, model)
        for what, expected in _flat(case["expected"]):
            if what in answers.ours:
                ours, theirs = answers.ours[what], answers.stockpyl.get(what, math.nan)
                rows.append(Row(name, what, expected, ours, theirs, answers.at_most))
            else:
                left_out.append(f"{name}: {what.rstrip('.0123456789')}")
    return rows, list(dict.fromkeys(left_out))


def _flat(expected: Data, before: str = "") -> Iterator[tuple[str, float]]:
    for key, value in expected.items():
        name = before + ALIASES.get(key, key)
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, list):
            yield from ((f"{name}.{place}", float(each)) for place, each in enumerate(value))
        elif isinstance(value, int | float):
            yield name, float(value)


def zheng(cases: Sequence[Data]) -> tuple[list[Row], list[str]]:
    """(s, S) policies for Poisson demand."""
    rows, left_out = list[Row](), list[str]()
    for case in cases:
        name = f"ZF {case.get('demand', 'Poisson')} {case['mean']}"
        if "poisson" not in str(case.get("demand", "Poisson")).lower():
            left_out.append(name)
            continue
        costs = {"order_cost": case["K"], "holding_cost": case["h"], "stockout_cost": case["p"]}
        ours = order_up_to(CountDemand.poisson(case["mean"]), **costs, lead_time=int(case.get("lead_time", 0)))
        theirs = _zheng_peer(case) if not case.get("lead_time") else {}
        known = {"s": ours.reorder_point, "S": ours.order_up_to, "cost": ours.cost}
        rows += [
            Row(name, what, float(case[what]), float(value), theirs.get(what, math.nan))
            for what, value in known.items()
            if what in case
        ]
    return rows, left_out


def _zheng_peer(case: Data) -> Figures:
    from stockpyl.ss import s_s_discrete_exact

    found = s_s_discrete_exact(case["h"], case["p"], case["K"], use_poisson=True, demand_mean=case["mean"])
    return dict(zip(("s", "S", "cost"), found, strict=True))


def capacitated(cases: Sequence[Data]) -> tuple[list[Row], list[str]]:
    """Cost and price of space of many items under one capacity."""
    rows, left_out = list[Row](), list[str]()
    for case in cases:
        kind, name = str(case.get("demand", "normal")).lower(), str(case.get("id", ""))
        if kind.startswith("normal"):
            items = NormalItems(*(np.array(case[key], float) for key in ("mu", "sd", "underage", "overage", "volume")))
            plan = newsvendor_under_capacity(items, case["capacity"])
            known = {"optimal_cost": plan.cost, "shadow_price": plan.shadow_price}
        elif kind.startswith("poisson"):
            known = _whole_units(case)
        else:
            left_out.append(f"{name} ({kind})")
            continue
        rows += [
            Row(name, what.replace("_", " "), float(case[what]), value)
            for what, value in known.items()
            if case.get(what) is not None
        ]
    return rows, left_out


def _whole_units(case: Data) -> Figures:
    """The cheapest whole quantities for Poisson demand; items are chosen one by one from 0, 1, 2, ..."""
    offered = [CountDemand.poisson(mean) for mean in case["mu"]]
    counts = [len(demand.chances) for demand in offered]
    item = np.repeat(np.arange(len(offered)), counts)
    quantity = np.concatenate([np.arange(count, dtype=float) for count in counts])
    pairs = zip(offered, case["overage"], case["underage"], strict=True)
    cost = np.concatenate([demand.cost(np.arange(len(demand.chances), dtype=float), o, u) for demand, o, u in pairs])
    nobody = np.full(len(offered), -1)
    problem = ChoiceProblem(
        item, quantity, cost, (np.array(case["volume"])[item] * quantity)[None, :], np.array([case["capacity"]]),
        np.zeros(len(item)), nobody, np.empty(0), np.empty(0),
    )  # fmt: skip
    choice = choose(problem, seconds=60.0, tolerance=1e-9)
    if choice is None:
        return {"optimal_cost": math.inf}
    return {"optimal_cost": choice.cost, "shadow_price": float(choice.prices[0])}
