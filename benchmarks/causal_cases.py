"""Published cases with a known answer: events, accounting textbooks, a paradox, incidents, simulated media mixes."""

import csv
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.causal_naive import before_and_after, slope
from engine.causal.decompose import Sold, old_price_split, price_volume_mix, quantity_and_mix, rate_split
from engine.causal.effect import effects, fit_model
from engine.causal.event import Story, event_impact
from engine.causal.panel import Panel, Part, Variable
from engine.causal.regression import Values
from engine.causal.root_cause import suspects
from engine.dataset import Frequency

Figures = dict[str, object]

EVENTS = (
    ("google", "y", ("x1", "x2"), 60, 90),
    ("arma", "y", ("X",), 70, 100),
    ("basque", "Basque", ("another",), 21, 43),
)
"""Series, outcome, controls, rows before the event, rows in all."""

PUBLISHED_TRAVERSAL = {"latency": (0.571, 0.786), "availability": (0.667, 1.0)}
"""Top-1 and top-3 recall of anomaly traversal on the same incidents, as PetShop's authors published them."""


def events(folder: Path) -> Figures:
    """The three cases of CausalImpact beside what R says of them, and beside before against after."""
    found: Figures = {}
    for name, outcome, controls, start, rows in EVENTS:
        frame = pl.read_csv(folder / "its_causalimpact" / f"{name}.csv").head(rows)
        told = json.loads((folder / "its_causalimpact" / f"{name}_R_expected.json").read_text())
        values = frame[outcome].to_numpy().astype(np.float64)
        days = tuple(date(2020, 1, 1) + timedelta(days=k) for k in range(rows))
        made = event_impact(
            Story(name, "", days, start, controls), values, frame.select(controls).to_numpy().astype(np.float64)
        )
        real = told["abs_ci"][0] > 0 or told["abs_ci"][1] < 0
        naive, naive_real = before_and_after(values, start)
        found[name] = {
            "ours": made.average,
            "interval": list(made.interval),
            "r": told["abs_avg"],
            "off": abs(made.average / told["abs_avg"] - 1),
            "same_verdict": bool(made.found == real),
            "naive": naive,
            "naive_same_verdict": bool(naive_real == real),
        }
    return found


def textbooks(folder: Path) -> Figures:
    """Price, volume and mix, and Simpson's paradox at Berkeley, against the printed answers."""
    first, second = json.loads((folder / "price_volume_mix" / "cases.json").read_text())
    sold = [
        {
            item: Sold(first[f"qty{k}"][item], first[f"qty{k}"][item] * first[f"price{k}"][item])
            for item in first["qty0"]
        }
        for k in (0, 1)
    ]
    steps, told = [piece.amount for piece in old_price_split(*sold, "").pieces], first["expected"]
    wanted = [told[key] for key in ("price_effect_old_volume", "volume_effect_old_price", "residual_called_mix")]
    even = price_volume_mix(*sold, "")
    exam = quantity_and_mix(second["budget_units"], second["actual_units"], second["budget_cm_per_unit"])
    rows = json.loads((folder / "simpson" / "berkeley.json").read_text())
    women, men = (
        {row["dept"]: (row["admitted"], row["applied"]) for row in rows["rows"] if row["sex"] == sex} for sex in "FM"
    )
    berkeley = rate_split("", women, men)
    return {
        "price_volume_exact": bool(np.allclose(steps, wanted, rtol=0, atol=1e-6)),
        "even_split_exact": even.exact and abs(even.pieces[0].amount - 2950) < 1e-6,
        "mix_exact": abs(exam.pieces[1].amount - second["expected"]["mix_variance"]) < 1e-6
        and abs(exam.change - second["expected"]["volume_variance"]) < 1e-6,
        "simpson_exact": berkeley.exact
        and abs(berkeley.change - rows["expected"]["naive_M_minus_F"]) < 1e-9
        and "in 4 of 6 segments" in "".join(berkeley.cautions),
    }


@dataclass(frozen=True)
class _Table:
    """A PetShop file: one column per (service, metric, statistic)."""

    columns: Mapping[tuple[str, str, str], Values]

    def of(self, metric: str, statistic: str) -> dict[str, Values]:
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
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    keys = list(zip(rows[0][1:], rows[1][1:], rows[2][1:], strict=True))
    body = [row for row in rows[3:] if row[0] and row[0] != "unix_timestamp"]
    values = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in body])
    return _Table({key: values[:, k] for k, key in enumerate(keys)})


def incidents(folder: Path) -> Figures:
    """PetShop's incidents with high traffic: root causes given the graph, and what is said on normal days."""
    shop = folder / "petshop_high_traffic"
    with (shop / "graph.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    names = rows[0][1:]
    calls = {row[0]: [names[k] for k, cell in enumerate(row[1:]) if float(cell)] for row in rows[1:]}
    normal = _table(shop / "normal_metrics.csv.gz")
    ranks: dict[str, list[tuple[int, int]]] = {}
    for issue, told in json.loads((shop / "expected.json").read_text()).items():
        metric, how, node = (told["target"][key] for key in ("metric", "agg", "node"))
        during = _table(shop / f"{issue}_metrics.csv.gz").of(metric, how)
        usual, root = normal.of(metric, how), told["root_cause"]["node"]
        ours = [suspect.name for suspect in suspects(calls, usual, during, node)]
        naive = _by_correlation(during, node)
        ranks.setdefault(metric, []).append((_rank(ours, root), _rank(naive, root)))
    return {
        metric: {
            "top1": float(np.mean([ours <= 1 for ours, _ in pairs])),
            "top3": float(np.mean([ours <= 3 for ours, _ in pairs])),
            "published": list(PUBLISHED_TRAVERSAL[metric]),
            "naive_top1": float(np.mean([naive <= 1 for _, naive in pairs])),
            "naive_top3": float(np.mean([naive <= 3 for _, naive in pairs])),
            "quiet_on_normal_days": _quiet(normal, calls, metric),
        }
        for metric, pairs in ranks.items()
    }


def _rank(names: Sequence[str], wanted: str) -> int:
    return names.index(wanted) + 1 if wanted in names else 10**6


def _by_correlation(during: Mapping[str, Values], target: str) -> list[str]:
    """All parts by how closely their paths follow the target's."""

    def together(name: str) -> float:
        both = np.isfinite(during[name]) & np.isfinite(during[target])
        if both.sum() < 3 or np.ptp(during[name][both]) == 0 or np.ptp(during[target][both]) == 0:
            return 0.0
        return -abs(float(np.corrcoef(during[name][both], during[target][both])[0, 1]))

    return sorted((name for name in during if name != target), key=lambda name: (together(name), name))


def _quiet(normal: _Table, calls: Mapping[str, Sequence[str]], metric: str) -> float:
    """Share of stretches of the second half that are not called unusual, judged by the first half."""
    half = normal.rows // 2
    usual = normal.part(0, half).of(metric, "Average")
    starts = range(half, normal.rows - 5, 5)
    silent = [
        not suspects(calls, usual, normal.part(start, start + 5).of(metric, "Average"), "PetSite") for start in starts
    ]
    return float(np.mean(silent))


def media_mixes(folder: Path) -> Figures:
    """Simulated media mixes: revenue per unit spent on all channels together, ours and the plain slope."""
    found: Figures = {}
    for name in ("dev1", "dev2", "dev3"):
        frame = pl.read_csv(folder / "simmm" / f"{name}.csv", try_parse_dates=True)
        told = json.loads((folder / "simmm" / f"{name}_expected.json").read_text())["true_total_revenue_per_dollar"]
        spends = {channel: frame[f"{channel}_spend"].to_numpy().astype(np.float64) for channel in told}
        total = np.sum(list(spends.values()), axis=0)
        revenue = frame["total_revenue"].to_numpy().astype(np.float64)
        panel = Panel(
            tuple(frame["week_start"].to_list()),
            Frequency.WEEKLY,
            Variable("revenue", Part.OUTCOME, "USD", revenue),
            (Variable("spend", Part.TREATMENT, "USD", total),),
        )
        [effect] = effects(fit_model(panel))
        truth = sum(told[channel] * spends[channel].sum() for channel in told) / total.sum()
        low, high = effect.interval
        found[name] = {
            "truth": float(truth),
            "ours": effect.value,
            "interval": [low, high],
            "held": bool(low <= truth <= high),
            "naive": slope(total, revenue)[0],
        }
    return found
