"""Budgets: the split of curves whose optimum is known, beside the local searches that media-mix libraries run."""

import argparse
import json
import re
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import aligned, number
from engine.budget import Allocation, AllocationLimits, Channel, ChannelLimit, Curve, Hill, Mix, Saturating, allocate
from engine.proof import Infeasibility

Array = NDArray[np.float64]

OURS, SLSQP, GREEDY = "Dyocense", "SLSQP, equal split", "greedy hill-climb on a grid"
STARTS = 20
STARTED = f"SLSQP, best of {STARTS} random starts"
GRID = 1000
LOST = 0.01
SIZES = {15: 20, 30: 10}
SMALL = 100
"""Peers: random starts, steps of the hill-climb's grid; a plan is lost when it is more than 1 % short of the optimum.
Random mixes of our own: how many of each size for the clock, and small ones against dynamic programming."""

TANH = re.compile(r"([\d.]+(?:[eE][+-]?\d+)?)\s*\*?\s*tanh\(\s*([\d.]+(?:[eE][+-]?\d+)?)")
TWO_TANH = [(3000.0, 2.0), (2000.0, 1.5)]
"""How the note of a file of tanh curves writes a gain and a rate, and what they are where it does not say."""

TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Case:
    """One budget question.

    Attributes:
        name: for the table.
        kind: concave, mixed or S-shaped.
        mix: the curves.
        total: the budget.
        lower, upper: per channel.
        optimum: the best objective, by others; NaN where none is known, or no split keeps the limits.
    """

    name: str
    kind: str
    mix: Mix
    total: float
    lower: Array
    upper: Array
    optimum: float

    @property
    def limits(self) -> AllocationLimits:
        """The limits as an owner would give them."""
        pairs = zip(self.mix.names, self.lower, self.upper, strict=True)
        return AllocationLimits({name: ChannelLimit(float(low), float(high)) for name, low, high in pairs})

    @property
    def keeps_limits(self) -> bool:
        """Whether any split keeps the limits."""
        slack = 1e-9 * max(abs(self.total), TINY)
        return bool(np.all(self.lower <= self.upper + slack)) and float(self.lower.sum()) <= self.total + slack

    @property
    def lowest_bound(self) -> float:
        """What no right bound is below."""
        return self.optimum - 1e-9 * abs(self.optimum)

    def known_to(self, solved: "Solved") -> "Case":
        """The case with our own objective in the place of an optimum that nobody else knows."""
        return replace(self, optimum=solved.objective) if np.isnan(self.optimum) else self

    def short(self, objective: float) -> float:
        """How far an objective is below the optimum, as a share of it."""
        return (self.optimum - objective) / max(TINY, abs(self.optimum))

    def value(self, spend: Array) -> float:
        """The outcome of a split."""
        return sum(float(c.curve.value(np.array([x]))[0]) for c, x in zip(self.mix.channels, spend, strict=True))

    def slopes(self, spend: Array) -> Array:
        """The marginal outcome of each channel."""
        return np.array([float(c.curve.slope(np.array([x]))[0]) for c, x in zip(self.mix.channels, spend, strict=True)])


@dataclass(frozen=True)
class Solved:
    """What our search says of a case: objective, bound, proved gap, and CPU seconds."""

    objective: float
    bound: float
    gap: float
    seconds: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Solve every case by every method; the table, and the figures for the JSON line."""
    everything = list(_hill_cases(options.data / "hill_instances.json"))[: options.sample]
    cases = [case for case in everything if case.keeps_limits]
    rng = np.random.default_rng(options.seed)
    peers: Mapping[str, Callable[[Case], Array]] = {
        SLSQP: lambda case: _slsqp(case, _equal(case)),
        STARTED: lambda case: _multi_start(case, rng),
        GREEDY: _greedy,
    }
    allocate(random_case(2, rng).mix, 1.0)  # imports are no part of the first case's seconds
    ours = [_ours(case) for case in cases]
    known = [case.known_to(mine) for case, mine in zip(cases, ours, strict=True)]
    short = {OURS: [case.short(mine.objective) for case, mine in zip(known, ours, strict=True)]}
    short |= {name: [case.short(case.value(peer(case))) for case in known] for name, peer in peers.items()}
    small = _against_programming(rng, min(SMALL, options.sample or SMALL))
    figures: dict[str, object] = {
        "instances": len(cases),
        "worst_gap": max((mine.gap for mine in ours), default=0.0),
        "worst_shortfall": max(short[OURS], default=0.0),
        "wrong_bounds": sum(m.bound < c.lowest_bound for c, m in zip(known, ours, strict=True)) + small["wrong_bounds"],
        "seconds_median": float(np.median([mine.seconds for mine in ours])) if ours else float("nan"),
        "slsqp_lost_over_1pct": _lost(short[SLSQP]),
        "random_starts_lost_over_1pct": _lost(short[STARTED]),
        "greedy_lost_over_1pct": _lost(short[GREEDY]),
        "impossible": len(everything) - len(cases),
        "impossible_told": sum(_refused(case) for case in everything if not case.keeps_limits),
        **_tanh(options.data / "two_channel_tanh.json"),
        "small_random": small,
        **{f"seconds_{size}_channels": _clock(size, count, rng) for size, count in SIZES.items()},
    }
    return _table(len(cases), short), figures


def _split(mix: Mix, total: float, limits: AllocationLimits | None = None) -> Allocation:
    """The proved split of a case that has one."""
    result = allocate(mix, total, limits or AllocationLimits())
    assert isinstance(result, Allocation)
    return result


def _ours(case: Case) -> Solved:
    started = time.process_time()
    proof = _split(case.mix, case.total, case.limits).proof
    return Solved(proof.objective, proof.bound, proof.gap, time.process_time() - started)


def _refused(case: Case) -> bool:
    """Whether limits that no split keeps are told as such."""
    return isinstance(allocate(case.mix, case.total, case.limits), Infeasibility)


def _hill_cases(path: Path) -> Iterator[Case]:
    told = json.loads(path.read_text())
    for number_of, each in enumerate(told if isinstance(told, list) else told["instances"], 1):
        channels = tuple(
            Channel(f"Channel {place}", Hill(one["beta"], one["gamma"], one["alpha"]))
            for place, one in enumerate(each["channels"], 1)
        )
        total, optimum = float(each["budget"]), each.get("optimum")
        lower = np.array(each.get("lower") or np.zeros(len(channels)), dtype=np.float64)
        upper = np.array([total if most is None else most for most in each.get("upper") or [None] * len(channels)])
        best = float("nan") if optimum is None else float(optimum)
        name = str(each.get("id", number_of))
        yield Case(name, str(each.get("kind", "")), Mix(channels), total, lower, np.minimum(upper, total), best)


def _tanh(path: Path) -> dict[str, float]:
    """The worst relative errors of objective and shadow price on curves `gain tanh(rate x)` of the file's note."""
    if not path.exists():
        return {}
    told = json.loads(path.read_text())
    curves = [(float(gain), float(rate)) for gain, rate in TANH.findall(told.get("note", ""))] or TWO_TANH
    mix = Mix(tuple(Channel(f"Channel {k}", Saturating(gain, 1 / rate)) for k, (gain, rate) in enumerate(curves, 1)))
    cases = told["steady_state_optima"]
    plans = [_split(mix, each["budget"]) for each in cases]
    objective = [abs(plan.proof.objective - each["revenue"]) for plan, each in zip(plans, cases, strict=True)]
    worst = max(off / max(TINY, abs(each["revenue"])) for off, each in zip(objective, cases, strict=True))
    prices = [
        abs(plan.price / each["shadow_price"] - 1)
        for plan, each in zip(plans, cases, strict=True)
        if each.get("shadow_price")
    ]
    return {"two_channel_tanh_error": worst, "two_channel_tanh_price_error": max(prices, default=float("nan"))}


def _equal(case: Case) -> Array:
    """The equal split, moved into the limits."""
    return _into_limits(case, np.full(len(case.lower), case.total / len(case.lower)))


def _into_limits(case: Case, wish: Array) -> Array:
    """The wish, scaled down towards the minima until the total holds."""
    spend = np.clip(wish, case.lower, case.upper)
    over = spend.sum() - case.total
    room = spend - case.lower
    return spend - room * min(1.0, over / room.sum()) if over > 0 and room.sum() > 0 else spend


def _slsqp(case: Case, start: Array) -> Array:
    from scipy.optimize import minimize

    unit = max(1e-12, abs(case.value(start)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # it steps over its bounds, and says so each time
        found = minimize(
            lambda x: -case.value(np.maximum(x, 0)) / unit,
            start,
            jac=lambda x: -np.minimum(case.slopes(np.maximum(x, 1e-9)), 1e9) / unit,
            bounds=list(zip(case.lower, case.upper, strict=True)),
            constraints={"type": "ineq", "fun": lambda x: case.total - x.sum(), "jac": lambda x: -np.ones_like(x)},
            method="SLSQP",
            options={"ftol": 1e-9, "maxiter": 1000},
        )
    ended = _into_limits(case, np.nan_to_num(found.x))
    return ended if case.value(ended) >= case.value(start) else start


def _multi_start(case: Case, rng: np.random.Generator) -> Array:
    starts = [_into_limits(case, rng.dirichlet(np.ones(len(case.lower))) * case.total) for _ in range(STARTS)]
    return max((_slsqp(case, start) for start in starts), key=case.value)


def _greedy(case: Case) -> Array:
    """Jumps of best average return on a grid of a thousandth of the budget, until the first that does not fit."""
    spend, step = case.lower.copy(), case.total / GRID
    grids = [np.append(np.arange(low, high, step), high) for low, high in zip(case.lower, case.upper, strict=True)]
    values = [channel.curve.value(grid) for channel, grid in zip(case.mix.channels, grids, strict=True)]
    at = [0] * len(grids)
    while True:
        jumps = [_best_jump(grid, value, here) for grid, value, here in zip(grids, values, at, strict=True)]
        place = int(np.argmax([rate for rate, _ in jumps]))
        rate, target = jumps[place]
        if rate <= 0 or spend.sum() + grids[place][target] - spend[place] > case.total * (1 + 1e-12):
            return spend
        at[place], spend[place] = target, grids[place][target]


def _best_jump(grid: Array, value: Array, here: int) -> tuple[float, int]:
    if here + 1 >= len(grid):
        return -np.inf, here
    rates = (value[here + 1 :] - value[here]) / (grid[here + 1 :] - grid[here])
    best = int(np.argmax(rates))
    return float(rates[best]), here + 1 + best


def random_case(channels: int, rng: np.random.Generator, name: str = "") -> Case:
    """A mix in the usual ranges of media-mix models: steepness 0.5 to 3, a budget of 0.6 to 1.4 of history."""
    spends = rng.dirichlet(np.full(channels, 2.0))
    top = rng.lognormal(0, 0.7, channels)
    half, steepness = spends * rng.uniform(0.3, 2.0, channels), rng.uniform(0.5, 3.0, channels)
    curves: list[Curve] = [Hill(*map(float, each)) for each in zip(top, half, steepness, strict=True)]
    mix = Mix(tuple(Channel(f"Channel {place}", curve) for place, curve in enumerate(curves, 1)))
    total = float(rng.choice([0.6, 1.0, 1.4]))
    return Case(name, "random", mix, total, np.zeros(channels), np.full(channels, total), float("nan"))


def _clock(size: int, count: int, rng: np.random.Generator) -> dict[str, float]:
    """Median and most CPU seconds, and the worst gap, of random mixes of one size."""
    found = [_ours(random_case(size, rng)) for _ in range(count)]
    seconds = [each.seconds for each in found]
    return {"median": float(np.median(seconds)), "max": max(seconds), "gap": max(each.gap for each in found)}


def _against_programming(rng: np.random.Generator, count: int) -> dict[str, float]:
    """Random mixes of 2 to 5 channels against dynamic programming on a grid: no bound may be below it."""
    wrong, shortfall = 0, 0.0
    for _ in range(count):
        case = random_case(int(rng.integers(2, 6)), rng)
        plan = _split(case.mix, case.total)
        best = _by_programming(case)
        wrong += plan.proof.bound < best * (1 - 1e-9)
        shortfall = max(shortfall, 1 - plan.proof.objective / best)
    return {"instances": count, "wrong_bounds": wrong, "worst_shortfall": shortfall}


def _by_programming(case: Case, parts: int = 400) -> float:
    best = np.zeros(parts + 1)
    ways = np.subtract.outer(np.arange(parts + 1), np.arange(parts + 1))
    for channel in case.mix.channels:
        own = channel.curve.value(np.linspace(0, case.total, parts + 1))
        best = np.max(np.where(ways >= 0, best[np.maximum(ways, 0)] + own[None, :], -np.inf), axis=1)
    return float(best[-1])


def _lost(short: list[float]) -> int:
    return sum(each > LOST for each in short)


def _table(cases: int, short: Mapping[str, list[float]]) -> str:
    headers = ["short of the optimum, %", "lost > 1 %", "mean", "worst"]
    rows = [
        [name, f"{_lost(each)} of {cases}", number(100 * float(np.mean(each)), 7), number(100 * max(each), 7)]
        for name, each in short.items()
        if each
    ]
    return aligned(headers, rows)
