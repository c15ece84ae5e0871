"""Budgets: the split of curves whose optimum is known, beside the local searches that media-mix libraries run."""

import argparse
import json
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import aligned, number
from engine.budget import Channel, ChannelLimit, Curve, Hill, Limits, Mix, Saturating, allocate

Array = NDArray[np.float64]

STARTS = 20
GRID = 1000
LOST = 0.01
SIZES = {15: 20, 30: 10}
SMALL = 100
"""Peers: random starts, steps of the hill-climb's grid; a plan is lost when it is more than 1 % short of the optimum.
Random mixes of our own: how many of each size for the clock, and small ones against dynamic programming."""


@dataclass(frozen=True, eq=False)
class Case:
    """One budget question.

    Attributes:
        name: for the table.
        kind: concave, mixed or S-shaped.
        mix: the curves.
        total: the budget.
        lower, upper: per channel.
        optimum: the best objective, by others.
    """

    name: str
    kind: str
    mix: Mix
    total: float
    lower: Array
    upper: Array
    optimum: float

    @property
    def limits(self) -> Limits:
        """The limits as an owner would give them."""
        pairs = zip(self.mix.names, self.lower, self.upper, strict=True)
        return Limits({name: ChannelLimit(float(low), float(high)) for name, low, high in pairs})

    def value(self, spend: Array) -> float:
        """The outcome of a split."""
        return sum(float(c.curve.value(np.array([x]))[0]) for c, x in zip(self.mix.channels, spend, strict=True))

    def slopes(self, spend: Array) -> Array:
        """The marginal outcome of each channel."""
        return np.array([float(c.curve.slope(np.array([x]))[0]) for c, x in zip(self.mix.channels, spend, strict=True)])


def add_options(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Solve every case by every method; the table, and the figures for the JSON line."""
    cases = list(_hill_cases(options.data / "hill_instances.json"))[: options.sample]
    rng = np.random.default_rng(options.seed)
    allocate(cases[0].mix, cases[0].total, cases[0].limits)  # imports are no part of the first case's seconds
    ours, seconds = zip(*(_ours(case) for case in cases), strict=True)
    peers: Mapping[str, Callable[[Case], Array]] = {
        "SLSQP, equal split": lambda case: _slsqp(case, _equal(case)),
        f"SLSQP, best of {STARTS} random starts": lambda case: _multi_start(case, rng),
        "greedy hill-climb on a grid": _greedy,
    }
    short = {name: [1 - case.value(peer(case)) / case.optimum for case in cases] for name, peer in peers.items()}
    mine = [1 - objective / case.optimum for case, (objective, _, _) in zip(cases, ours, strict=True)]
    wrong = sum(bound < case.optimum * (1 - 1e-9) for case, (_, bound, _) in zip(cases, ours, strict=True))
    tanh = _tanh_error(options.data / "two_channel_tanh.json")
    small = _against_programming(rng, min(SMALL, options.sample or SMALL))
    clocks = {size: _clock(size, count, rng) for size, count in SIZES.items()}
    figures: dict[str, object] = {
        "instances": len(cases),
        "worst_gap": max(gap for _, _, gap in ours),
        "worst_shortfall": max(mine),
        "wrong_bounds": wrong + small["wrong_bounds"],
        "seconds_median": float(np.median(seconds)),
        "slsqp_lost_over_1pct": _lost(short["SLSQP, equal split"]),
        "random_starts_lost_over_1pct": _lost(short[f"SLSQP, best of {STARTS} random starts"]),
        "greedy_lost_over_1pct": _lost(short["greedy hill-climb on a grid"]),
        "two_channel_tanh_error": tanh,
        "small_random": small,
        **{
            f"seconds_{size}_channels": {"median": m, "max": most, "gap": gap}
            for size, (m, most, gap) in clocks.items()
        },
    }
    return _table(cases, {"Dyocense": mine, **short}), figures


def _ours(case: Case) -> tuple[tuple[float, float, float], float]:
    """Objective, bound and proved gap, and CPU seconds."""
    started = time.process_time()
    plan = allocate(case.mix, case.total, case.limits)
    return (plan.proof.objective, plan.proof.bound, plan.proof.gap), time.process_time() - started


def _hill_cases(path: Path) -> Iterator[Case]:
    for each in json.loads(path.read_text()):
        channels = tuple(
            Channel(f"Channel {place}", Hill(one["beta"], one["gamma"], one["alpha"]))
            for place, one in enumerate(each["channels"], 1)
        )
        limits = (np.array(each["lower"]), np.minimum(each["upper"], each["budget"]))
        yield Case(each["id"], each["kind"], Mix(channels), each["budget"], *limits, each["optimum"])


def _tanh_error(path: Path) -> float:
    """The worst relative error of objective on 3000 tanh(2 x) + 2000 tanh(1.5 y)."""
    mix = Mix((Channel("A", Saturating(3000, 1 / 2)), Channel("B", Saturating(2000, 1 / 1.5))))
    cases = json.loads(path.read_text())["steady_state_optima"]
    return max(abs(allocate(mix, each["budget"]).proof.objective / each["revenue"] - 1) for each in cases)


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


def _clock(size: int, count: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Median and most CPU seconds, and the worst gap, of random mixes of one size."""
    found = [_ours(random_case(size, rng)) for _ in range(count)]
    seconds = [spent for _, spent in found]
    return float(np.median(seconds)), max(seconds), max(gap for (_, _, gap), _ in found)


def _against_programming(rng: np.random.Generator, count: int) -> dict[str, float]:
    """Random mixes of 2 to 5 channels against dynamic programming on a grid: no bound may be below it."""
    wrong, shortfall = 0, 0.0
    for _ in range(count):
        case = random_case(int(rng.integers(2, 6)), rng)
        plan = allocate(case.mix, case.total)
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


def _table(cases: list[Case], short: Mapping[str, list[float]]) -> str:
    headers = ["short of the optimum, %", "lost > 1 %", "mean", "worst"]
    rows = [
        [name, f"{_lost(each)} of {len(cases)}", number(100 * float(np.mean(each)), 7), number(100 * max(each), 7)]
        for name, each in short.items()
    ]
    return aligned(headers, rows)
