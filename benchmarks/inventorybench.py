"""Orders, period after period, on InventoryBench: ours beside a base stock, as a share of perfect foresight.

Baek, Fu, Ma & Peng (2026), AI Agents for Inventory Control, arXiv 2602.12631. Every period the player orders, knowing
five periods before the game, the demand so far, what is on hand, what came and how much is on its way, the promised
lead time, profit and holding cost; never when an order will come, nor what will be sold. Then orders that are due come,
and demand is met from stock or lost. A lost order never counts as on its way, unless the run has `--silent-losses`.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.stats import norm

from benchmarks.table import aligned
from engine.arrays import Bools, Floats
from engine.forecast.level import believe_levels
from engine.inventory.lost_sales import SupplyRecord, order_futures, order_quantities

PROMISES = {"lead_time_0": 0, "lead_time_4": 4, "lead_time_stochastic": 2}
"""Lead times that the settings promise, periods."""

DRAWS = 150
LOOKS_AHEAD = 6
"""Periods after the promised delivery whose demand is looked at."""

RATE = 0.3
"""At which the base stock's level follows the newest demand."""

BEST_PUBLISHED = 0.538
"""Mean of the best agent on the public board."""


@dataclass(frozen=True, eq=False)
class Games:
    """Instances of one family and setting, which last equally long and are played side by side.

    Attributes:
        family, setting: as the file names them.
        ids: of the instances.
        profit: currency per unit sold, shape (items,).
        holding_cost: currency per unit and period, shape (items,).
        before: demand of the periods before the game, shape (items, periods before).
        demand: of the game, shape (items, periods).
        lead_times: of an order placed in each period, infinite for a lost one; the player never sees them.
    """

    family: str
    setting: str
    ids: tuple[str, ...]
    profit: Floats
    holding_cost: Floats
    before: Floats
    demand: Floats
    lead_times: Floats


@dataclass(frozen=True, eq=False)
class View:
    """All that a player may see when it orders; every array has shape (items,) but the demand.

    Attributes:
        promise: lead time that the supplier names, periods.
        profit: currency per unit sold.
        holding_cost: currency per unit and period.
        demand: of all periods so far, those before the game included, shape (items, n).
        on_hand: units.
        in_transit: units on their way.
        ordered: in the last period, units.
        arrived: in the last period, units.
        first: True in the first period of the game.
    """

    promise: int
    profit: Floats
    holding_cost: Floats
    demand: Floats
    on_hand: Floats
    in_transit: Floats
    ordered: Floats
    arrived: Floats
    first: bool


Player = Callable[[View], Floats]
"""What to order of each item, units; rounded down."""


class Product:
    """Dyocense: paths of the level, what deliveries so far teach, and the quantity that is expected to bring most."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._records: list[SupplyRecord] = []

    def __call__(self, view: View) -> Floats:
        """Order."""
        if view.first:
            self._records = [SupplyRecord(view.promise) for _ in view.profit]
        else:
            news = zip(self._records, view.ordered, view.arrived, view.in_transit, strict=True)
            self._records = [
                record.place(ordered).next_period(arrived=arrived, in_transit=in_transit)
                for record, ordered, arrived, in_transit in news
            ]
        horizon = view.promise + LOOKS_AHEAD
        demand = believe_levels(view.demand).paths(horizon=horizon, draws=DRAWS, rng=self._rng)
        futures = order_futures(view.on_hand, demand, self._records, self._rng)
        return order_quantities(futures, profit=view.profit, holding_cost=view.holding_cost)


def base_stock(view: View) -> Floats:
    """Order up to the smoothed level of lead time and review, and a safety stock of the errors so far."""
    level, errors = view.demand[:, 0], [view.demand[:, 0] * 0.0]
    for sales in view.demand.T[1:]:
        errors.append(sales - level)
        level = level + RATE * errors[-1]
    periods = view.promise + 1
    critical = norm.ppf(view.profit / (view.profit + view.holding_cost))
    target = level * periods + critical * np.std(errors[-20:], axis=0) * np.sqrt(periods)
    return np.asarray(np.maximum(target - view.on_hand - view.in_transit, 0.0))


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--data", type=Path, required=True, help="the folder with instances.json")
    parser.add_argument("--sample", type=int, help="only so many instances, evenly spread over the file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--silent-losses", action="store_true", help="lost orders stay in the total on its way")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Play all instances by both; the table, and the figures for the JSON line."""
    games = read_games(options.data / "instances.json", options.sample)
    began = time.process_time()
    ours = [play(each, Product(options.seed), silent_losses=options.silent_losses) for each in games]
    seconds = time.process_time() - began
    plain = [play(each, base_stock, silent_losses=options.silent_losses) for each in games]
    mine, theirs = Means.of(games, ours), Means.of(games, plain)
    rows = [["all", f"{mine.mean:.3f}", f"{theirs.mean:.3f}"]]
    for mean, other in ((mine.by_family, theirs.by_family), (mine.by_setting, theirs.by_setting)):
        rows += [[name, f"{value:.3f}", f"{other[name]:.3f}"] for name, value in mean.items()]
    text = aligned(["instances", "Dyocense", "base stock"], rows)
    text += f"\n{seconds:.0f} s CPU; best published agent {BEST_PUBLISHED} over all 1,320 instances"
    return text, {**asdict(mine), "base_stock": asdict(theirs), "seconds": seconds}


@dataclass(frozen=True)
class Means:
    """Mean scores of one player, of all instances and of each part of them."""

    mean: float
    by_family: dict[str, float]
    by_setting: dict[str, float]
    instances: int

    @classmethod
    def of(cls, games: Sequence[Games], scores: Sequence[Floats]) -> "Means":
        """Gather the scores of all games."""

        def by(names: Sequence[str]) -> dict[str, float]:
            parts = {name: [score for each, score in zip(names, scores, strict=True) if each == name] for name in names}
            return {name: float(np.concatenate(part).mean()) for name, part in parts.items()}

        everything = np.concatenate(scores)
        families, settings = by([each.family for each in games]), by([each.setting for each in games])
        return cls(float(everything.mean()), families, settings, len(everything))


def read_games(file: Path, sample: int | None = None) -> list[Games]:
    """The instances of the file, or so many of them evenly spread, those of equal kind and length together."""
    if not file.is_file():
        raise SystemExit(f"there is no file {file}")
    rows = json.loads(file.read_text())["instances"]
    if sample:
        rows = [rows[place] for place in np.unique(np.linspace(0, len(rows) - 1, sample).astype(int))]
    alike: dict[tuple[str, str, int], list[dict[str, object]]] = {}
    for row in rows:
        alike.setdefault((row["family"], row["setting"], len(row["demand"])), []).append(row)
    return [_games(family, setting, group) for (family, setting, _), group in alike.items()]


def _games(family: str, setting: str, rows: Sequence[dict[str, object]]) -> Games:
    def numbers(name: str) -> Floats:
        return np.array([row[name] for row in rows]).astype(float)

    columns = ("profit", "holding_cost", "train", "demand", "lead_times")
    return Games(family, setting, tuple(str(row["id"]) for row in rows), *map(numbers, columns))


def play(games: Games, player: Player, *, silent_losses: bool = False) -> Floats:
    """The reward of each instance as a share of perfect foresight's, >= 0, shape (items,)."""
    items, periods = games.demand.shape
    latest = int(games.lead_times[np.isfinite(games.lead_times)].max(initial=0))
    coming, lost = np.zeros((items, periods + latest + 1)), np.zeros(items)
    on_hand, ordered, arrived, reward = (np.zeros(items) for _ in range(4))
    for period in range(periods):
        view = View(
            promise=PROMISES[games.setting],
            profit=games.profit,
            holding_cost=games.holding_cost,
            demand=np.concatenate([games.before, games.demand[:, :period]], axis=1),
            on_hand=on_hand,
            in_transit=coming[:, period:].sum(axis=1) + (lost if silent_losses else 0.0),
            ordered=ordered,
            arrived=arrived,
            first=period == 0,
        )
        ordered = np.floor(np.maximum(player(view), 0.0))
        comes: Bools = np.isfinite(games.lead_times[:, period])
        due = period + games.lead_times[comes, period].astype(int)
        coming[np.flatnonzero(comes), due] += ordered[comes]
        lost = lost + np.where(comes, 0.0, ordered)
        arrived = coming[:, period].copy()
        sold = np.minimum(on_hand + arrived, games.demand[:, period])
        on_hand = on_hand + arrived - sold
        reward += games.profit * sold - games.holding_cost * on_hand
    return np.asarray(np.maximum(reward / (games.profit * games.demand.sum(axis=1)), 0.0))
