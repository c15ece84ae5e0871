"""Causes: false alarms, missed causes, bias, coverage and exactness, on worlds and cases whose truth is known."""

import argparse
import hashlib
import logging
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks import causal_cases as cases
from benchmarks import causal_incidents, causal_textbooks
from benchmarks import causal_naive as naive
from benchmarks import causal_worlds as worlds
from benchmarks.causal_goals import goals, tables
from benchmarks.causal_worlds import draws
from benchmarks.table import aligned
from engine.causal.decompose import Sold, factor_effects, price_volume_mix
from engine.causal.effect import effects, fit_model
from engine.causal.event import Story, event_impact
from engine.causal.explain import find_evidence
from engine.causal.frame import Answers, BudgetRule
from engine.causal.grade import Grade
from engine.causal.granger import LEVEL, lead_table, leads
from engine.causal.graph import learn_graph
from engine.causal.panel import calendar_terms, screen
from engine.dataset import Frequency

Figures = dict[str, object]

PAIRS, GRAPHS, EFFECTS, NAIVE = 1000, 200, 200, 100
"""Repetitions per world of the tests of leads, of graphs, of effects, and of the slower naive scripts."""

LENGTHS = (52, 104, 260)
HASH_SEEDS = 10
SPLITS = 10_000


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone; `--sample` is the number of repetitions per world."""
    parser.add_argument(
        "--only", nargs="+", choices=SECTIONS, metavar="PART", help=f"only these of: {', '.join(SECTIONS)}"
    )


@contextmanager
def _silence() -> Iterator[None]:
    """The naive scripts are chatty."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def run(options: argparse.Namespace) -> tuple[str, Figures]:
    """Measure every part; the tables, and the figures for the JSON line."""
    figures: Figures = {}
    with _silence():
        for name in options.only or SECTIONS:
            start = time.process_time()
            figures[name] = SECTIONS[name](options)
            print(f"{name}: {time.process_time() - start:.0f} CPU s", file=sys.stderr, flush=True)
    figures["passed"], figures["failed"] = _verdict(figures)
    return _text(figures), figures


def _times(options: argparse.Namespace, usual: int) -> int:
    return min(usual, options.sample) if options.sample else usual


def _terms(count: int) -> np.ndarray:
    return calendar_terms(worlds.weeks(count), Frequency.WEEKLY)


def granger(options: argparse.Namespace) -> Figures:
    """False leads in ten worlds without any, in families of thirty pairs, and the power to find a real one."""
    times, few = _times(options, PAIRS), _times(options, NAIVE)
    false = {
        name: {str(n): _false_leads(make, n, options.seed, 10 * place, times) for n in LENGTHS}
        for place, (name, make) in enumerate(worlds.NULL_PAIRS.items())
    }
    naive_false = {
        name: float(np.mean([naive.granger(*make(rng, 104)) < LEVEL for rng in draws(options.seed, 10 * place, few)]))
        for place, (name, make) in enumerate(worlds.NULL_PAIRS.items())
    }
    found = {str(n): _power(n, options.seed, times) for n in LENGTHS}
    return {
        "false": false,
        "worst": max(max(row.values()) for row in false.values()),
        "naive_false_104": naive_false,
        "family_wise_104": _family(options.seed, _times(options, GRAPHS)),
        "power_at_0.4": found,
        "published_var": {str(n): _published(n, options.seed, _times(options, NAIVE)) for n in (104, 260, 1000)},
        "var_files": cases.var_series(options.data),
    }


def _false_leads(make: Callable[..., worlds.Pair], count: int, seed: int, place: int, times: int) -> float:
    """Share of draws in which the first column seems to lead the second, screened as an owner's file would be."""
    hits = 0
    for rng in draws(seed, place + LENGTHS.index(count), times):
        panel, _ = screen(worlds.spend_panel(*make(rng, count)))
        hits += next(lead.p for lead in leads(panel) if lead.cause == "spend") < LEVEL
    return hits / times


def _power(count: int, seed: int, times: int) -> float:
    hits = 0
    for rng in draws(seed, 500 + count, times):
        table = lead_table(np.column_stack(worlds.leading_pair(rng, count, 0.4)), ["cause", "effect"], _terms(count))
        hits += next(lead.p for lead in table if lead.cause == "cause") < LEVEL
    return hits / times


def _family(seed: int, times: int) -> float:
    """Share of families of six unrelated columns (thirty pairs) with any lead after Holm."""
    kinds = ["season and trend", "shared season", "AR(0.8)", "shared trend", "random walk", "December spike"]
    hits = 0
    for rng in draws(seed, 600, times):
        columns = np.column_stack([worlds.NULL_PAIRS[kind](rng, 104)[0] for kind in kinds])
        hits += any(lead.is_significant for lead in lead_table(columns, kinds, _terms(104)))
    return hits / times


def _published(count: int, seed: int, times: int) -> Figures:
    names, false, right, loose = ["v1", "v2", "v3", "v4"], 0, 0, 0
    for rng in draws(seed, 700 + count, times):
        columns = worlds.published_var(rng, count)
        table = lead_table(columns, names, np.ones((count, 1)), lags=3)
        found = {(lead.cause, lead.effect) for lead in table if lead.is_significant}
        false, right = false + len(found - worlds.VAR_EDGES), right + len(found & worlds.VAR_EDGES)
        if count == 104:
            pairs = [(one, other) for one in range(4) for other in range(4) if one != other]
            called = {(names[a], names[b]) for a, b in pairs if naive.granger(columns[:, a], columns[:, b]) < LEVEL}
            loose += len(called - worlds.VAR_EDGES)
    recall = right / times / len(worlds.VAR_EDGES)
    return {"false": false / times, "recall": recall, "naive_false": loose / times if count == 104 else None}


def graph(options: argparse.Namespace) -> Figures:
    """Arrows of a funnel and of unrelated columns, and the same answer under ten hash seeds."""
    times, few = _times(options, GRAPHS), min(30, _times(options, NAIVE))
    funnels: Figures = {}
    right = drawn = 0
    for place, (tide, later) in enumerate(((False, False), (True, False), (False, True), (True, True))):
        exact = 0
        for rng in draws(options.seed, 800 + place, times):
            solid = learn_graph(worlds.funnel(rng, 104, tide=tide, later=later)).solid
            exact += solid == worlds.FUNNEL
            right, drawn = right + len([arrow for arrow in solid if _downstream(arrow)]), drawn + len(solid)
        funnels[f"{'season and trend' if tide else 'plain'}, {'a week later' if later else 'at once'}"] = exact / times
    null = {}
    for place, kind in enumerate(worlds.NULL_PAIRS):
        hits = [
            bool(learn_graph(worlds.unrelated_panel(rng, 104, kind)).solid)
            for rng in draws(options.seed, 850 + place, times // 2 or 1)
        ]
        null[kind] = float(np.mean(hits))
    return {
        "funnel_exact": funnels,
        "right_way": right / max(1, drawn),
        "null_any_solid": null,
        "null_any_solid_all": float(np.mean(list(null.values()))),
        "hash_seeds_identical": _same_everywhere(options.seed),
        "networks": cases.networks(options.data),
        **_naive_graph(options.seed, few),
    }


def _downstream(arrow: tuple[str, str]) -> bool:
    order = ["spend", "visits", "leads", "revenue"]
    return order.index(arrow[0]) < order.index(arrow[1])


def _naive_graph(seed: int, times: int) -> Figures:
    exact = right = drawn = 0
    for rng in draws(seed, 801, times):
        panel = worlds.funnel(rng, 104, tide=True, later=False)
        names = [variable.name for variable in panel.variables]
        found = naive.hill_climb(np.column_stack([variable.values for variable in panel.variables]), names)
        exact += found == worlds.FUNNEL
        right, drawn = right + len([arrow for arrow in found if _downstream(arrow)]), drawn + len(found)
    return {"naive_funnel_exact": exact / times, "naive_right_way": right / max(1, drawn)}


def _same_everywhere(seed: int) -> bool:
    """Whether graph, effects, leads and grades are the same bytes in processes with other hash seeds."""
    script = f"from benchmarks.causal import fingerprint; print(fingerprint({seed}))"
    root = Path(__file__).parents[1]
    seen = set()
    for hash_seed in range(HASH_SEEDS):
        environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root, env=environment
        )
        seen.add(done.stdout)
    return len(seen) == 1


def fingerprint(seed: int) -> str:
    """A hash of everything that the statistics say about one funnel."""
    evidence = find_evidence(worlds.funnel(np.random.default_rng(seed), 104, tide=True, later=False), Answers())
    assert evidence is not None
    said = repr((evidence.graph, evidence.leads, evidence.causes))
    return hashlib.sha256(said.encode()).hexdigest()


def effect(options: argparse.Namespace) -> Figures:
    """Bias, coverage and grades in every world, by what the owner says about the budget."""
    times, rows = _times(options, EFFECTS), {}
    for place, world in enumerate(worlds.EFFECT_WORLDS):
        values, held, widths, plain, plain_held = [], 0, [], [], 0
        grades: dict[str, dict[str, int]] = {}
        for rng in draws(options.seed, 900 + place, times):
            spend, revenue = world.make(rng, 104)
            panel = worlds.spend_panel(spend, revenue)
            [found] = effects(fit_model(panel))
            low, high = found.interval
            values.append(found.value)
            widths.append(high - low)
            held += low <= world.truth <= high
            slope, below, above = naive.slope(spend, revenue)
            plain.append(slope)
            plain_held += below <= world.truth <= above
        for rule in dict.fromkeys((world.rule, BudgetRule.UNKNOWN, BudgetRule.PLANNED)):
            grades[rule.name.lower()] = _grades(world, rule, options.seed, 900 + place, min(times, 60))
        rows[world.name] = {
            "identifiable": world.identifiable,
            "truth": world.truth,
            "mean": float(np.mean(values)),
            "bias": float(np.mean(values) / world.truth - 1) if world.truth else None,
            "coverage": held / times,
            "median_width": float(np.median(widths)),
            "naive_mean": float(np.mean(plain)),
            "naive_coverage": plain_held / times,
            "told_truly": world.rule.name.lower(),
            "grades": grades,
        }
    return {"worlds": rows, "refuters_passed_wrong_slopes": _refuters(options.seed, min(5, times))}


def _grades(world: worlds.EffectWorld, rule: BudgetRule, seed: int, place: int, times: int) -> dict[str, int]:
    found: dict[str, int] = {grade.value: 0 for grade in Grade}
    for rng in draws(seed, place, times):
        answers = Answers(budget={"spend": rule})
        evidence = find_evidence(worlds.spend_panel(*world.make(rng, 104)), answers)
        assert evidence is not None
        found[evidence.causes[0].grade.value] += 1
    return found


def _refuters(seed: int, times: int) -> Figures:
    """How many plain slopes, wrong by half or more, DoWhy's three refuters let pass."""
    passed = wrong = 0
    for place, world in enumerate(worlds.EFFECT_WORLDS):
        if world.name not in ("season", "trend", "share of sales", "hidden demand"):
            continue
        for rng in draws(seed, 900 + place, times):
            wrong += 1
            passed += naive.refuted(*world.make(rng, 104))
    return {"wrong": wrong, "passed": passed}


def arithmetic(options: argparse.Namespace) -> Figures:
    """Random splits, textbook cases, published events, and events that never happened."""
    rng = np.random.default_rng(options.seed)
    times = SPLITS if not options.sample else min(SPLITS, 50 * options.sample)
    worst, left = 0.0, []
    for _ in range(times):
        worst = max(worst, _worst_split(rng))
        before, after = rng.uniform(0.2, 2, 3), rng.uniform(0.2, 2, 3)
        left.append(naive.one_at_a_time(before.tolist(), after.tolist()))
    return {
        "random_splits": times,
        "worst_gap": worst,
        "naive_median_gap": float(np.median(left)),
        "textbooks": causal_textbooks.textbooks(options.data),
        "events": cases.events(options.data),
        "null_events": _null_events(options.seed, _times(options, 300)),
    }


def _worst_split(rng: np.random.Generator) -> float:
    """Largest gap between parts and change of one random product and one random range, relative to the amounts."""
    before, after = (rng.normal(size=3) * 10 ** rng.uniform(-2, 4, 3) * (rng.random(3) > 0.1) for _ in (0, 1))
    change = float(np.prod(after) - np.prod(before))
    scale = max(1.0, float(np.prod(np.maximum(np.abs(before), np.abs(after)))))
    gap = abs(sum(factor_effects(list(before), list(after))) - change) / scale
    months = []
    for _ in (0, 1):
        names = [f"item {k}" for k in range(8) if rng.random() > 0.25]
        months.append({name: Sold(*(rng.normal(size=2) * 10 ** rng.uniform(0, 4, 2))) for name in names})
    split = price_volume_mix(months[0], months[1], "")
    size = max(1.0, abs(split.before), abs(split.after), *(abs(piece.amount) for piece in split.pieces))
    return max(gap, abs(split.residual) / size)


def _null_events(seed: int, times: int) -> Figures:
    """How often an event is found where there is none, and where it adds one standard deviation of the noise."""
    found = {}
    for label, effect_size in (("false", 0.0), ("power_1_sd", 1.0)):
        hits = 0
        for rng in draws(seed, 1200, times):
            outcome, others = worlds.event_series(rng, 104, 92, effect_size)
            hits += event_impact(Story("", "", worlds.weeks(104), 92), outcome, others).is_significant
        found[label] = hits / times
    naive_hits = [
        naive.before_and_after(worlds.event_series(rng, 104, 92, 0.0)[0], 92)[1] for rng in draws(seed, 1200, times)
    ]
    return {**found, "naive_false": float(np.mean(naive_hits))}


def incidents(options: argparse.Namespace) -> Figures:
    """Root causes of PetShop's incidents."""
    return causal_incidents.incidents(options.data)


def mixes(options: argparse.Namespace) -> Figures:
    """Simulated media mixes."""
    return cases.media_mixes(options.data)


def speed(options: argparse.Namespace) -> Figures:
    """CPU seconds of the whole statistical answer, warm."""
    found: Figures = {}
    for rows, width in ((104, 6), (1000, 20)):
        panel = worlds.many_columns(np.random.default_rng(options.seed), rows, width)
        find_evidence(panel, Answers())
        start = time.process_time()
        find_evidence(panel, Answers())
        found[f"{rows}x{width}"] = time.process_time() - start
    return found


SECTIONS: dict[str, Callable[[argparse.Namespace], Figures]] = {
    "granger": granger,
    "graph": graph,
    "effect": effect,
    "arithmetic": arithmetic,
    "incidents": incidents,
    "mixes": mixes,
    "speed": speed,
}


def _verdict(figures: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """The goals that were reached, and those that were not."""
    reached = goals(figures)
    return [name for name, good in reached.items() if good], [name for name, good in reached.items() if not good]


def _text(figures: Mapping[str, object]) -> str:
    parts = [aligned(headers, rows) for headers, rows in tables(figures)]
    passed, failed = figures["passed"], figures["failed"]
    assert isinstance(passed, list) and isinstance(failed, list)
    parts.append(f"Goals reached: {len(passed)} of {len(passed) + len(failed)}. Missed: {', '.join(failed) or 'none'}.")
    return "\n\n".join(parts)
