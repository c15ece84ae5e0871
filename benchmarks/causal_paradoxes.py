"""Simpson's paradoxes: rates of two or more treatments over several groups, whatever a file calls its columns.

A file holds a list of rows, or an object with `rows` and perhaps `expected`, whose key `naive_A_minus_B` is the printed
gap between the overall rates of A and B. A row has a number of tries, a number of successes among them, the treatment,
and one or more columns that say which group it is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

from benchmarks.textbook_splits import rate_split

Row = Mapping[str, Any]
Rates = Mapping[str, tuple[float, float]]
"""Per group, successes and tries."""

TRIES = ("n", "total", "tries", "trials", "applied", "size", "count")
SUCCESSES = ("success", "hit", "admit", "recover", "conver", "surviv", "yes")
TREATMENTS = ("treatment", "treated", "arm", "variant")
WHOLE = ("naive", "aggregate", "overall", "crude", "total")
"""How the key of a gap between overall rates may begin; an adjusted gap is another figure."""

EXACT = 1e-6


@dataclass(frozen=True)
class Paradox:
    """One table of rates.

    Attributes:
        rates: per treatment and group, successes and tries.
        gaps: printed differences between the overall rates of two treatments.
    """

    rates: Mapping[str, Rates]
    gaps: Mapping[tuple[str, str], float]

    def checks(self) -> Iterator[tuple[str, bool]]:
        """What is asked of every pair of treatments seen in the same groups, and whether it comes out."""
        turns = {frozenset(pair) for pair in self.gaps}
        others = [pair for pair in combinations(self.rates, 2) if frozenset(pair) not in turns]
        for after, before in (*self.gaps, *others):
            old, new = self.rates[before], self.rates[after]
            if set(old) != set(new) or not old:
                continue
            split = rate_split("", old, new)
            if (after, before) in self.gaps:
                yield "gap as printed", abs(split.change - self.gaps[after, before]) <= EXACT
            yield "split adds up", split.exact
            against = _against(old, new)
            if against == 0 or against > 0.5:
                yield "reversal said when there is one", bool(split.cautions) == (against > 0.5)


def read_paradox(file: Path) -> Paradox | None:
    """The paradox of a file; None when its rows have another form."""
    content = json.loads(file.read_text(encoding="utf-8"))
    rows, expectations = (
        (content.get("rows"), content.get("expected")) if isinstance(content, Mapping) else (content, None)
    )
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) and row.keys() == rows[0].keys() for row in rows):
        return None
    counts, figures = _counts(rows), expectations if isinstance(expectations, Mapping) else {}
    if counts is None:
        return None
    names = _names(rows, *counts)
    treatment = _treatment(rows, names, figures)
    if treatment is None or len(names) < 2:
        return None
    rates = _rates(rows, counts, treatment, [name for name in names if name != treatment])
    return Paradox(rates, _gaps(figures, tuple(rates)))


def _counts(rows: Sequence[Row]) -> tuple[str, str] | None:
    """The columns of successes and of tries: whole numbers, the first never above the second."""
    whole = [name for name in (rows[0] if rows else ()) if all(_is_count(row[name]) for row in rows)]
    pairs = [
        (successes, tries)
        for successes, tries in permutations(whole, 2)
        if all(row[successes] <= row[tries] and row[tries] > 0 for row in rows)
    ]

    def likelihood(pair: tuple[str, str]) -> tuple[bool, bool, float, float]:
        successes, tries = pair
        names = tries.lower() in TRIES, successes.lower().startswith(SUCCESSES)
        return *names, sum(row[tries] for row in rows), sum(row[successes] for row in rows)

    return max(pairs, key=likelihood, default=None)


def _is_count(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and value >= 0 and float(value).is_integer()


def _names(rows: Sequence[Row], successes: str, tries: str) -> list[str]:
    """The columns that say whose rates these are: neither counts, nor rates, nor failures."""
    others = [name for name in rows[0] if name not in (successes, tries)]
    return [
        name
        for name in others
        if len({str(row[name]) for row in rows}) > 1
        and not all(isinstance(row[name], float) for row in rows)
        and not all(row[name] == row[tries] - row[successes] for row in rows)
    ]


def _treatment(rows: Sequence[Row], names: Sequence[str], figures: Mapping[str, object]) -> str | None:
    """The column whose values a printed gap compares; else the one that is called so, or the one with fewest values."""
    values = {name: {str(row[name]) for row in rows} for name in names}
    in_gaps = [name for name in names if _gaps(figures, tuple(values[name]))]
    by_name = [name for name in names if name.lower() in TREATMENTS]
    return min(in_gaps or by_name or names, key=lambda name: len(values[name]), default=None)


def _gaps(figures: Mapping[str, object], treatments: tuple[str, ...]) -> dict[tuple[str, str], float]:
    keys = {f"{one}_minus_{other}": (one, other) for one, other in permutations(treatments, 2)}
    keys |= {f"{whole}_{key}": pair for key, pair in keys.items() for whole in WHOLE}
    return {keys[name]: float(gap) for name, gap in figures.items() if name in keys and isinstance(gap, int | float)}


def _rates(
    rows: Sequence[Row], counts: tuple[str, str], treatment: str, groups: Sequence[str]
) -> dict[str, dict[str, tuple[float, float]]]:
    """Rows of the same treatment and group are added up."""
    rates: dict[str, dict[str, tuple[float, float]]] = {}
    for row in rows:
        mine = rates.setdefault(str(row[treatment]), {})
        group = ", ".join(str(row[name]) for name in groups)
        successes, tries = mine.get(group, (0.0, 0.0))
        mine[group] = (successes + row[counts[0]], tries + row[counts[1]])
    return rates


def _against(before: Rates, after: Rates) -> float:
    """The share of the groups that go the other way than the whole."""
    whole, *parts = (
        new[0] / new[1] - old[0] / old[1]
        for old, new in ((_sum(before), _sum(after)), *((before[name], after[name]) for name in before))
    )
    return sum(part * whole < 0 for part in parts) / len(parts)


def _sum(rates: Rates) -> tuple[float, float]:
    return sum(hits for hits, _ in rates.values()), sum(tries for _, tries in rates.values())
