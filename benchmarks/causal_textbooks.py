"""Accounting textbooks and paradoxes, against the printed answers."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.causal_paradoxes import read_paradox
from benchmarks.textbook_splits import old_price_split, quantity_and_mix
from engine.causal.decompose import Sold, Split, price_volume_mix

Case = Mapping[str, Any]

EXACT = 1e-6

PRICES_AND_UNITS = frozenset({"price0", "price1", "qty0", "qty1"})
PLAN = frozenset({"budget_units", "actual_units", "budget_cm_per_unit"})


def textbooks(folder: Path) -> dict[str, bool]:
    """Per printed answer, whether it comes out; a case of another form has no answer and is left out."""
    cases = [case for path in sorted((folder / "price_volume_mix").glob("*.json")) for case in _cases(path)]
    answers: dict[str, bool] = {}
    for number, case in enumerate(cases, 1):
        if case.keys() >= PRICES_AND_UNITS:
            answers |= {f"case {number}: {name}": good for name, good in _price_volume(case)}
        elif case.keys() >= PLAN:
            answers |= {f"case {number}: {name}": good for name, good in _plan(case)}
    for path in sorted((folder / "simpson").glob("*.json")):
        paradox = read_paradox(path)
        for name, good in paradox.checks() if paradox is not None else ():
            answers[f"{path.stem}: {name}"] = good and answers.get(f"{path.stem}: {name}", True)
    return answers


def _cases(path: Path) -> list[Case]:
    content = json.loads(path.read_text(encoding="utf-8"))
    return content if isinstance(content, list) else [content]


def _price_volume(case: Case) -> Iterator[tuple[str, bool]]:
    """Revenue by price and volume: step by step as the accountant does, and shared out evenly."""
    old, new = (
        {
            item: Sold(float(units), float(units) * float(case[f"price{k}"][item]))
            for item, units in case[f"qty{k}"].items()
            if units
        }
        for k in (0, 1)
    )
    even = price_volume_mix(old, new, "")
    answers, ours = case["expected"], {"revenue0": even.before, "revenue1": even.after, "change": even.change}
    yield "even split adds up", even.exact
    if set(old) == set(new):
        price, volume, both = (piece.amount for piece in old_price_split(old, new, "").pieces)
        ours |= {"price_effect_old_volume": price, "volume_effect_old_price": volume, "residual_called_mix": both}
        ours |= {"price_effect_new_volume": price + both, "volume_effect_new_price": volume + both}
        ours |= {"price_effect": price + both, "volume_effect": volume}
        yield "even price part is the mean of both", _near(_amount(even, "Prices"), price + both / 2)
    yield from _against_print(ours, answers)


def _plan(case: Case) -> Iterator[tuple[str, bool]]:
    """Units against plan: the sales volume variance, by quantity and mix."""
    split = quantity_and_mix(case["budget_units"], case["actual_units"], case["budget_cm_per_unit"])
    quantity, mix = (piece.amount for piece in split.pieces)
    ours = {"volume_variance": split.change, "quantity_variance": quantity, "mix_variance": mix}
    yield "quantity and mix add up", split.exact
    yield from _against_print(ours, case["expected"])


def _against_print(ours: Mapping[str, float], answers: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    for name, value in answers.items():
        if name in ours and isinstance(value, int | float):
            yield name.replace("_", " "), _near(ours[name], value)


def _amount(split: Split, name: str) -> float:
    return next(piece.amount for piece in split.pieces if piece.name == name)


def _near(value: float, answer: float) -> bool:
    return abs(value - answer) <= EXACT * max(1.0, abs(answer))
