"""Published cases with a known answer: events, accounting textbooks, paradoxes, graphs, leads, simulated media mixes.

Each kind is a folder of files of one form; however many there are, all are measured, and a folder that is missing is
left out.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.causal_naive import before_and_after, hill_climb, slope
from engine.arrays import Floats
from engine.causal.effect import effects, fit_model
from engine.causal.event import FEWEST_ROWS, Story, event_impact
from engine.causal.granger import lead_table
from engine.causal.panel import Panel, Part, Variable
from engine.causal.second_look import climb
from engine.dataset import Frequency

Figures = dict[str, object]

ACTUAL = re.compile(r"^Actual\s+(-?[\d.]+)\s+(-?[\d.]+)", re.MULTILINE)
"""The line of R's summary that says what happened after the event: its mean and its sum."""

LAGGED = re.compile(r"\(t-(\d+)\)")
USUAL_LAGS = 3
NAIVE_COLUMNS = 12
"""Networks with more columns than this take the naive search minutes."""


@dataclass(frozen=True)
class _Event:
    """A series, its controls, the rows before the event, and what R says."""

    name: str
    outcome: Floats
    controls: Floats
    start: int
    told: Mapping[str, Any]


def events(folder: Path) -> Figures:
    """The cases of CausalImpact beside what R says of them, and beside before against after."""
    found: Figures = {}
    for case in _event_cases(folder / "its_causalimpact"):
        days = tuple(date(2020, 1, 1) + timedelta(days=k) for k in range(len(case.outcome)))
        made = event_impact(Story(case.name, "", days, case.start), case.outcome, case.controls)
        naive, naive_real = before_and_after(case.outcome, case.start)
        mean, (low, high) = case.told["abs_avg"], case.told["abs_ci"]
        real = low > 0 or high < 0
        found[case.name] = {
            "ours": made.average,
            "interval": list(made.interval),
            "r": mean,
            "r_interval": [low, high],
            "off": abs(made.average / mean - 1) if mean else None,
            "off_in_half_widths": abs(made.average - mean) / max((high - low) / 2, 1e-12),
            "real": bool(real),
            "same_verdict": bool(made.is_significant == real),
            "naive": naive,
            "naive_same_verdict": bool(naive_real == real),
        }
    return found


def _event_cases(folder: Path) -> Iterator[_Event]:
    for path in sorted(folder.glob("*_R_expected.json")):
        name = path.name.removesuffix("_R_expected.json")
        frame = _table(folder / f"{name}.csv").select(pl.selectors.numeric()).drop_nulls()
        outcome = "y" if "y" in frame.columns else frame.columns[0]
        values = frame[outcome].to_numpy().astype(np.float64)
        summary = (folder / f"{name}_R_summary.txt").read_text(encoding="utf-8")
        start, end = _window(values, summary)
        controls = frame.drop(outcome).to_numpy().astype(np.float64)
        told = json.loads(path.read_text(encoding="utf-8"))
        yield _Event(name, values[:end], controls[:end], start, told)


def _window(values: Floats, summary: str) -> tuple[int, int]:
    """The rows after the event: the one stretch with the mean and the sum that R's summary prints.

    Raises:
        ValueError: no stretch has them.
    """
    line = ACTUAL.search(summary)
    wanted = [(float(text), _half_a_digit(text)) for text in (line.groups() if line else ())]
    for end in range(len(values), FEWEST_ROWS, -1):
        for start in range(FEWEST_ROWS, end):
            part = values[start:end]
            if wanted and all(
                abs(value - told) <= room for value, (told, room) in zip((part.mean(), part.sum()), wanted, strict=True)
            ):
                return start, end
    raise ValueError("no stretch of the series has the mean and the sum that R's summary prints")


def _half_a_digit(text: str) -> float:
    return 0.5 * 10.0 ** -len(text.partition(".")[2]) * (1 + 1e-9)


def _table(path: Path) -> pl.DataFrame:
    """A table with commas, semicolons, tabs or spaces between its columns, packed or not."""
    packed = path.with_name(path.name + ".gz")
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    header = content.partition(b"\n")[0].decode("utf-8")
    separator = max(",;\t ", key=lambda mark: (header.count(mark) > 0, -",;\t ".index(mark)))
    return pl.read_csv(content, separator=separator, try_parse_dates=True, infer_schema_length=None)


def networks(folder: Path) -> Figures:
    """Published networks: hill-climbing with BIC when it is known which columns come first, and without any order.

    An arrow points the right way when a path of true arrows leads the same way; it is direct when it is one of them.
    """
    found: Figures = {}
    for path in sorted((folder / "networks").glob("*_truth.json")):
        name, told = path.name.removesuffix("_truth.json"), json.loads(path.read_text(encoding="utf-8"))
        true = {(cause, effect) for cause, effect in told["edges"]}
        frame = _table(path.with_name(f"{name}.csv"))
        names = [column for column in told["nodes"] if column in frame.columns]
        categories = frame.select(names).select(pl.selectors.string()).width > 0
        columns = np.column_stack([_numbers(frame[column], categories) for column in names])
        ours = climb(columns, names, _order(names, true), categories=categories)
        naive = hill_climb(columns, names, categories=categories) if len(names) <= NAIVE_COLUMNS else None
        found[name] = {
            "true": len(true),
            **_compared(ours, true, ""),
            **(_compared(naive, true, "naive_") if naive is not None else {}),
        }
    return found


def _numbers(column: pl.Series, categories: bool) -> Floats:
    return (column.rank("dense") if categories else column).to_numpy().astype(np.float64)


def _order(names: list[str], true: set[tuple[str, str]]) -> list[list[str]]:
    """What comes before what, as somebody who knows the trade would say it."""
    import networkx

    graph = networkx.DiGraph(sorted(true))
    graph.add_nodes_from(names)
    known = set(names)
    layers = ([name for name in layer if name in known] for layer in networkx.topological_generations(graph))
    return [sorted(layer) for layer in layers if layer]


def _compared(found: frozenset[tuple[str, str]], true: set[tuple[str, str]], key: str) -> Figures:
    import networkx

    graph = networkx.DiGraph(sorted(true))
    below = {name: networkx.descendants(graph, name) for name in graph}
    onward = sum(effect in below.get(cause, ()) for cause, effect in found)
    back = sum(cause in below.get(effect, ()) for cause, effect in found)
    return {
        f"{key}drawn": len(found),
        f"{key}direct": len(found & true),
        f"{key}right_way": onward,
        f"{key}backward": back,
    }


def var_series(folder: Path) -> Figures:
    """Published processes: false leads and recall after Holm, by the length of the series."""
    rows: dict[int, list[tuple[int, float]]] = {}
    for path in sorted((folder / "var_known_truth").glob("*_truth.json")):
        text = path.read_text(encoding="utf-8")
        true = {(cause, effect) for cause, effect in json.loads(text)["true_edges"]}
        lags = max((int(lag) for lag in LAGGED.findall(text)), default=USUAL_LAGS)
        for series in sorted(path.parent.glob(path.name.removesuffix("_truth.json") + "_*.csv*")):
            frame = _table(series.with_name(series.name.removesuffix(".gz"))).select(pl.selectors.numeric())
            columns = frame.to_numpy().astype(np.float64)
            table = lead_table(columns, frame.columns, np.ones((len(columns), 1)), lags=lags)
            found = {(lead.cause, lead.effect) for lead in table if lead.is_significant}
            rows.setdefault(len(columns), []).append((len(found - true), len(found & true) / len(true)))
    return {
        str(length): {
            "series": len(scores),
            "false": float(np.mean([false for false, _ in scores])),
            "recall": float(np.mean([recall for _, recall in scores])),
        }
        for length, scores in sorted(rows.items())
    }


def media_mixes(folder: Path) -> Figures:
    """Simulated media mixes: revenue per unit spent on all channels together, ours and the plain slope."""
    found: Figures = {}
    for path in sorted((folder / "simmm").glob("*_expected.json")):
        name = path.name.removesuffix("_expected.json")
        frame = _table(path.with_name(f"{name}.csv"))
        told = json.loads(path.read_text(encoding="utf-8"))["true_total_revenue_per_dollar"]
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
