"""Accounting textbooks and paradoxes, against the printed answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.causal.decompose import Sold, Split, old_price_split, price_volume_mix, quantity_and_mix, rate_split

Case = Mapping[str, Any]

EXACT = 1e-6

PRICES_AND_UNITS = frozenset({"price0", "price1", "qty0", "qty1"})
PLAN = frozenset({"budget_units", "actual_units", "budget_cm_per_unit"})


def textbooks(folder: Path) -> dict[str, bool]:
    """Per printed answer, whether it comes out; a case of no known form has no answer and is left out."""
    cases = [case for path in sorted((folder / "price_volume_mix").glob("*.json")) for case in _cases(path)]
    found: dict[str, bool] = {}
    for number, case in enumerate(cases, 1):
        if case.keys() >= PRICES_AND_UNITS:
            found |= {f"case {number}: {name}": good for name, good in _price_volume(case)}
        elif case.keys() >= PLAN:
            found |= {f"case {number}: {name}": good for name, good in _plan(case)}
    for path in sorted((folder / "simpson").glob("*.json")):
        found |= {f"{path.stem}: {name}": good for name, good in _paradox(json.loads(path.read_text(encoding="utf-8")))}
    return found


def _cases(path: Path) -> list[Case]:
    read = json.loads(path.read_text(encoding="utf-8"))
    return read if isinstance(read, list) else [read]


def _price_volume(case: Case) -> Iterator[tuple[str, bool]]:
    """Revenue by price and volume: step by step as the accountant does, and shared out evenly."""
    sold = [
        {
            item: Sold(float(units), float(units) * float(case[f"price{k}"][item]))
            for item, units in case[f"qty{k}"].items()
            if units
        }
        for k in (0, 1)
    ]
    even = price_volume_mix(*sold, "")
    told, known = case["expected"], {"revenue0": even.before, "revenue1": even.after, "change": even.change}
    yield "even split adds up", even.exact
    if set(sold[0]) == set(sold[1]):
        price, volume, both = (piece.amount for piece in old_price_split(*sold, "").pieces)
        known |= {"price_effect_old_volume": price, "volume_effect_old_price": volume, "residual_called_mix": both}
        known |= {"price_effect_new_volume": price + both, "volume_effect_new_price": volume + both}
        known |= {"price_effect": price + both, "volume_effect": volume}
        yield "even price part is the mean of both", _near(_amount(even, "Prices"), price + both / 2)
    yield from _as_printed(known, told)


def _plan(case: Case) -> Iterator[tuple[str, bool]]:
    """Units against plan: the sales volume variance, by quantity and mix."""
    split = quantity_and_mix(case["budget_units"], case["actual_units"], case["budget_cm_per_unit"])
    quantity, mix = (piece.amount for piece in split.pieces)
    known = {"volume_variance": split.change, "quantity_variance": quantity, "mix_variance": mix}
    yield "quantity and mix add up", split.exact
    yield from _as_printed(known, case["expected"])


def _paradox(case: Case) -> Iterator[tuple[str, bool]]:
    """A rate of two groups over several segments: the gap, its exact split, and whether the reversal is said."""
    first = case["rows"][0]
    segment, group = (name for name, value in first.items() if isinstance(value, str))
    hits, tries = (name for name, value in first.items() if not isinstance(value, str))
    if len({row[segment] for row in case["rows"]}) < len({row[group] for row in case["rows"]}):
        segment, group = group, segment
    if sum(row[hits] for row in case["rows"]) > sum(row[tries] for row in case["rows"]):
        hits, tries = tries, hits
    for key, told in case["expected"].items():
        sides = key.removeprefix("naive_").split("_minus_")
        if not isinstance(told, int | float) or len(sides) != 2:
            continue
        after, before = (
            {row[segment]: (row[hits], row[tries]) for row in case["rows"] if row[group] == side} for side in sides
        )
        split = rate_split("", before, after)
        yield "gap as printed", _near(split.change, told)
        yield "split adds up", split.exact
        yield "reversal said when there is one", bool(split.cautions) == _reversed(before, after)


def _reversed(before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]]) -> bool:
    """Whether the whole goes one way and most segments the other."""
    whole, *parts = (
        new[0] / new[1] - old[0] / old[1]
        for old, new in ((_sum(before), _sum(after)), *((before[name], after[name]) for name in before))
    )
    return 2 * sum(part * whole < 0 for part in parts) > len(parts)


def _sum(rates: Mapping[str, Sequence[float]]) -> tuple[float, float]:
    return sum(hits for hits, _ in rates.values()), sum(tries for _, tries in rates.values())


def _as_printed(known: Mapping[str, float], told: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    for name, value in told.items():
        if name in known and isinstance(value, int | float):
            yield name.replace("_", " "), _near(known[name], value)


def _amount(split: Split, name: str) -> float:
    return next(piece.amount for piece in split.pieces if piece.name == name)


def _near(found: float, told: float) -> bool:
    return abs(found - told) <= EXACT * max(1.0, abs(told))
