"""Incidents of a shop built from services that call each other, with the service in which each began."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from benchmarks.root_cause import suspects
from engine.arrays import Floats

Figures = dict[str, object]

PUBLISHED_TRAVERSAL = {
    ("petshop_high_traffic", "latency"): (0.571, 0.786),
    ("petshop_high_traffic", "availability"): (0.667, 1.0),
}
"""Top-1 and top-3 recall of anomaly traversal on the same incidents, as PetShop's authors published them."""

STRETCH = 5
"""Readings in a stretch of quiet time that is tried as if it were an incident."""


@dataclass(frozen=True)
class _Table:
    """A PetShop file: one column per (service, metric, statistic)."""

    columns: Mapping[tuple[str, str, str], Floats]

    def of(self, metric: str, statistic: str) -> dict[str, Floats]:
        return {
            service: values
            for (service, what, how), values in self.columns.items()
            if what == metric and how == statistic
        }

    def part(self, first: int, last: int) -> "_Table":
        return _Table({key: values[first:last] for key, values in self.columns.items()})

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values())))


def _table(path: Path) -> _Table:
    with _open(path) as file:
        rows = list(csv.reader(file))
    keys = list(zip(rows[0][1:], rows[1][1:], rows[2][1:], strict=True))
    body = [row for row in rows[3:] if row and row[0] and row[0] != "unix_timestamp"]
    values = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in body])
    return _Table({key: values[:, k] for k, key in enumerate(keys)})


def _open(path: Path) -> TextIO:
    """The file, packed or not."""
    archive = path.with_name(path.name + ".gz")
    return gzip.open(archive, "rt", encoding="utf-8") if archive.exists() else path.open(encoding="utf-8")


@dataclass(frozen=True)
class _Shop:
    """One folder of incidents: what calls what, quiet times, and what is told of each incident."""

    folder: Path
    calls: Mapping[str, Sequence[str]]
    normal: _Table
    truth: Mapping[str, Mapping[str, Mapping[str, str]]]


def _shops(folder: Path) -> Iterator[_Shop]:
    for place in sorted(path.parent for path in folder.glob("petshop*/expected.json")):
        with (place / "graph.csv").open(encoding="utf-8") as file:
            rows = list(csv.reader(file))
        names = rows[0][1:]
        calls = {row[0]: [names[k] for k, cell in enumerate(row[1:]) if float(cell)] for row in rows[1:]}
        truth = json.loads((place / "expected.json").read_text(encoding="utf-8"))
        yield _Shop(place, calls, _table(place / "normal_metrics.csv"), truth)


def incidents(folder: Path) -> Figures:
    """Root causes of every incident given the graph, by kind of figure, and what is said of quiet times."""
    return {name: row for shop in _shops(folder) for name, row in _scores(shop).items()}


def _scores(shop: _Shop) -> Figures:
    ranks: dict[str, list[tuple[int, int]]] = {}
    targets: dict[str, Counter[tuple[str, str]]] = {}
    for issue, truth in shop.truth.items():
        metric, how, node = (truth["target"][key] for key in ("metric", "agg", "node"))
        during = _table(shop.folder / f"{issue}_metrics.csv").of(metric, how)
        usual, root = shop.normal.of(metric, how), truth["root_cause"]["node"]
        ours = [suspect.name for suspect in suspects(shop.calls, usual, during, node)]
        ranks.setdefault(metric, []).append((_rank(ours, root), _rank(_by_correlation(during, node), root)))
        targets.setdefault(metric, Counter())[how, node] += 1
    label = shop.folder.name.removeprefix("petshop").strip("_").replace("_", " ")
    return {
        f"{label} {metric}".strip(): {
            "incidents": len(pairs),
            **{f"top{k}": float(np.mean([ours <= k for ours, _ in pairs])) for k in (1, 3)},
            "published": PUBLISHED_TRAVERSAL.get((shop.folder.name, metric)),
            **{f"naive_top{k}": float(np.mean([naive <= k for _, naive in pairs])) for k in (1, 3)},
            "quiet_on_normal_days": _quiet(shop, metric, *targets[metric].most_common(1)[0][0]),
        }
        for metric, pairs in ranks.items()
    }


def _rank(names: Sequence[str], root: str) -> int:
    return names.index(root) + 1 if root in names else 10**6


def _by_correlation(during: Mapping[str, Floats], target: str) -> list[str]:
    """All parts by how closely their paths follow the target's."""

    def together(name: str) -> float:
        both = np.isfinite(during[name]) & np.isfinite(during[target])
        if both.sum() < 3 or np.ptp(during[name][both]) == 0 or np.ptp(during[target][both]) == 0:
            return 0.0
        return -abs(float(np.corrcoef(during[name][both], during[target][both])[0, 1]))

    if target not in during:
        return sorted(during)
    return sorted((name for name in during if name != target), key=lambda name: (together(name), name))


def _quiet(shop: _Shop, metric: str, how: str, target: str) -> float:
    """Share of stretches of the second half that are not called unusual, judged by the first half."""
    half = shop.normal.rows // 2
    usual = shop.normal.part(0, half).of(metric, how)
    starts = range(half, shop.normal.rows - STRETCH, STRETCH)
    silent = [
        not suspects(shop.calls, usual, shop.normal.part(start, start + STRETCH).of(metric, how), target)
        for start in starts
    ]
    return float(np.mean(silent))
