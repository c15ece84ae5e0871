"""Ordering: twelve weeks on real demand, ours beside the mean, the mean and a safety stock, and the last four weeks."""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.inventory import Arrival, Defaults, OrderLimits, Planner, StockItem

WEEKS, REVIEW, LEAD_TIME = 12, 7, 3
HORIZON = LEAD_TIME + REVIEW
DRAWS, REMEMBERED = 400, 392
SAFETY = 1.645
UNIT_COST = 10.0
RATIOS = (0.8, 0.9, 0.95, 0.99)
"""Shares of the stockout cost in both costs per week. Goods that spoil or date have the low ones; 0.99 is what an owner
gets who says nothing: a margin of half the cost, and a quarter of the cost a year for holding."""

USUAL_RATIO = 0.99
"""The one whose figures stand first in the JSON line."""

Forecaster = Callable[[Sequence[Floats], Sequence[date], np.random.Generator], list[Floats]]
"""(past per day of each item, the day after it, rng) -> per item paths of the days to come, shape (draws, HORIZON)."""

Rule = Callable[[Floats, "Shelf"], float]
"""(past per day, shelf) -> units to order."""


class Costs(NamedTuple):
    """What a unit costs: kept for a day, and missing."""

    holding_cost: float
    stockout_cost: float


@dataclass(frozen=True)
class Promise:
    """What an order promised for the week from its arrival to the next one's: units wanted, met, chance to run out."""

    first: int
    wanted: float
    met: float
    stockout_risk: float


@dataclass
class Shelf:
    """One item in one rolling simulation; lost sales, costs per unit and day or unit."""

    holding_cost: float
    stockout_cost: float
    stock: float
    coming: list[Arrival] = field(default_factory=list)
    holding: float = 0.0
    short: float = 0.0
    demand: float = 0.0
    promises: list["Promise"] = field(default_factory=list)
    daily: dict[int, tuple[float, float]] = field(default_factory=dict)

    @property
    def position(self) -> float:
        """On hand and on order."""
        return self.stock + sum(each.quantity for each in self.coming)

    @property
    def cost(self) -> float:
        """Holding and stockouts, currency."""
        return self.holding_cost * self.holding + self.stockout_cost * self.short

    def live(self, demand: float, day: int) -> None:
        """One day: receive, sell, count."""
        self.stock += sum(each.quantity for each in self.coming if each.period == day)
        self.coming = [each for each in self.coming if each.period > day]
        short = max(0.0, demand - self.stock)
        self.stock = max(0.0, self.stock - demand)
        self.holding += self.stock
        self.short += short
        self.demand += demand
        self.daily[day] = demand, short


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--data", type=Path, required=True, help="the folder with series.parquet and meta.csv")
    parser.add_argument("--sample", type=int, default=0, help="only so many items")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forecaster", choices=list(FORECASTERS), default="product")
    parser.add_argument("--source", default="", help="only items whose source contains this text")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Simulate all rules on all daily items; the table, and the figures for the JSON line."""
    series = _load(options.data, options.source)
    if options.sample:
        series = series[:: max(1, len(series) // options.sample)][: options.sample]
    lines, figures = [], dict[str, object](forecaster=options.forecaster, items=len(series))
    forecasts = _forecasts(series, FORECASTERS[options.forecaster], options.seed)
    for ratio in RATIOS:
        table = _simulate(series, ratio, forecasts)
        figures[f"critical_ratio_{ratio:g}"] = table
        lines.append(f"critical ratio {ratio:g}, {len(series)} items, {WEEKS} weeks")
        lines += [
            f"  {name:24} cost {row['cost']:12.0f}  fill rate {row['fill_rate']:.2%}"
            + (f"  promised {row['promised']:.2%}, realised {row['realised']:.2%}" if "promised" in row else "")
            for name, row in table.items()
            if isinstance(row, dict)
        ]
        lines.append(
            f"  against the cheapest of the others: cost {table['against_best']:+.1%}, fill rate "
            f"{100 * float(str(table['fill_rate_over_best'])):+.2f} points"
        )
        if ratio == USUAL_RATIO:
            figures |= {name: table[name] for name in ("against_best", "fill_rate_over_best", "promise_off")}
    return "\n".join(lines), figures


def product(pasts: Sequence[Floats], mornings: Sequence[date], rng: np.random.Generator) -> list[Floats]:
    """Dyocense's forecast of all items that end together, as the order page makes it."""
    found: dict[int, Floats] = {}
    for morning in dict.fromkeys(mornings):
        rows = [row for row, other in enumerate(mornings) if other == morning]
        found |= zip(rows, _together([pasts[row] for row in rows], morning, rng), strict=True)
    return [found[row] for row in range(len(pasts))]


def _together(pasts: Sequence[Floats], morning: date, rng: np.random.Generator) -> list[Floats]:
    from engine.forecast.counts.covariates import month_parts
    from engine.forecast.items import forecast_items

    longest = max(len(past) for past in pasts)
    values = np.full((len(pasts), longest), np.nan)
    for row, past in enumerate(pasts):
        values[row, longest - len(past) :] = past
    known = month_parts([morning + timedelta(days=k) for k in range(-longest, HORIZON)])
    forecasts = forecast_items(values, horizon=HORIZON, season_length=7, covariates=known)
    return [np.asarray(forecasts.paths(row, draws=DRAWS, rng=rng), float) for row in range(len(pasts))]


def bootstrap(pasts: Sequence[Floats], mornings: Sequence[date], rng: np.random.Generator) -> list[Floats]:
    """Each item by itself, from nothing but its own past."""
    return [_bootstrapped(past, rng) for past in pasts]


FORECASTERS: dict[str, Forecaster] = {"product": product, "bootstrap": bootstrap}


def _forecasts(series: Sequence[tuple[str, Floats, date]], forecaster: Forecaster, seed: int) -> list[list[Floats]]:
    """Per week, the paths of all items as they are seen on its first day."""
    rng = np.random.default_rng(seed)
    weeks = []
    for week in range(WEEKS):
        ahead = (WEEKS - week) * REVIEW
        pasts = [y[: len(y) - ahead] for _, y, _ in series]
        mornings = [born + timedelta(days=len(past)) for past, (_, _, born) in zip(pasts, series, strict=True)]
        weeks.append(forecaster(pasts, mornings, rng))
    return weeks


def _bootstrapped(past: Floats, rng: np.random.Generator) -> Floats:
    """The level and the weekdays of now, times what followed earlier days, relative to the level and weekdays then.

    What is drawn are whole stretches of the past, so a path keeps what hangs together; they carry the errors that a
    forecast of just this kind made, the error of the level included.
    """
    past = past[-REMEMBERED:]
    place = np.arange(len(past) + HORIZON)
    profile = _weekdays(past)[place % 7]
    smooth = past / np.maximum(profile[: len(past)], 0.05)
    origins = np.arange(LEARNING, len(past) - HORIZON + 1)
    stretches = origins[:, None] + np.arange(HORIZON)
    best, now, ratios = np.inf, 0.0, np.empty((0, HORIZON))
    for half_life in HALF_LIVES:
        level = _levels(smooth, half_life)
        expected = np.maximum(level[origins], level[-1] / 10 + 1e-9)[:, None] * profile[stretches]
        error = float(np.mean((past[stretches].sum(axis=1) - expected.sum(axis=1)) ** 2))
        if error < best:
            best, ratios, now = error, past[stretches] / np.maximum(expected, 1e-9), float(level[-1])
    weight = 0.5 ** (np.arange(len(origins))[::-1] / AGE)
    drawn = ratios[rng.choice(len(origins), DRAWS, p=weight / weight.sum())]
    paths = now * profile[len(past) : len(past) + HORIZON] * drawn
    scenarios: Floats = np.floor(paths + rng.random(paths.shape))
    return scenarios


HALF_LIVES = (10.0, 20.0, 40.0, 90.0)
"""Days after which a day counts half in the level; the one with the smallest errors so far is taken."""

LEARNING = 56
"""Days before the first stretch whose error is looked at."""

AGE = 120.0
"""Days after which an error counts half."""


def _weekdays(past: Floats) -> Floats:
    """What each day of the week sells relative to all, drawn towards 1 where little is sold."""
    total = np.bincount(np.arange(len(past)) % 7, past, minlength=7)
    count = np.bincount(np.arange(len(past)) % 7, minlength=7)
    mean = past.mean()
    return (total + 5.0) / (count * mean + 5.0) if mean > 0 else np.ones(7)


def _levels(values: Floats, half_life: float) -> Floats:
    """Exponentially weighted mean of all days before each day, and before the day after the last."""
    keep = 0.5 ** (1 / half_life)
    levels = np.empty(len(values) + 1)
    level = levels[0] = values[:LEARNING].mean()
    for day, value in enumerate(values, 1):
        level = levels[day] = keep * level + (1 - keep) * value
    return levels


def _load(folder: Path, source: str) -> list[tuple[str, Floats, date]]:
    """The daily items with a past that is long enough; without `meta.csv`, all that have a value each day."""
    if not (folder / "series.parquet").is_file():
        raise SystemExit(f"there is no series.parquet in {folder}")
    frame = pl.read_parquet(folder / "series.parquet").with_columns(pl.col("ds").cast(pl.Date), pl.col("y").cast(float))
    listed = folder / "meta.csv"
    if listed.is_file():
        meta = pl.read_csv(listed, infer_schema_length=None).filter(pl.col("freq") == "D")
        if source:
            meta = meta.filter(pl.col("source").str.contains(source, literal=True))
        frame = frame.filter(pl.col("unique_id").cast(str).is_in(meta["unique_id"].cast(str).implode()))
    found = []
    for (name,), rows in frame.drop_nulls(["ds", "y"]).sort("ds").group_by("unique_id", maintain_order=True):
        days = rows["ds"]
        complete = (days[-1] - days[0]).days + 1 == len(days)
        if complete and len(days) >= LEARNING + HORIZON + WEEKS * REVIEW + REVIEW:
            found.append((str(name), rows["y"].to_numpy().astype(float), days[0]))
        else:
            print(f"left out: {name} is too short, or has days without a value")
    if not found:
        raise SystemExit(f"there is no daily item in {folder} whose past is long enough")
    return found


def _simulate(
    series: Sequence[tuple[str, Floats, date]], ratio: float, forecasts: Sequence[Sequence[Floats]]
) -> dict[str, object]:
    holding = 1.0 / REVIEW
    costs = Costs(holding, ratio / (1 - ratio))
    table: dict[str, dict[str, float]] = {}
    for name, rule in RULES.items():
        shelves = [_roll(y, rule, costs) for _, y, _ in series]
        table[name] = _row(shelves)
    table[FORESIGHT] = _row([_roll(y, _knowing(y), costs) for _, y, _ in series])
    began = time.process_time()
    shelves = _roll_ours(series, costs, forecasts)
    table["ours"] = _row(shelves) | _kept(shelves) | {"cpu_seconds": time.process_time() - began}
    ours, others = table["ours"], [table[name] for name in RULES]
    best = min(others, key=lambda row: row["cost"])
    return {
        **table,
        "against_best": ours["cost"] / best["cost"] - 1,
        "fill_rate_over_best": ours["fill_rate"] - best["fill_rate"],
        "promise_off": abs(ours["promised"] - ours["realised"]),
    }


def _kept(shelves: Sequence[Shelf]) -> dict[str, float]:
    """Promised and realised service over all weeks that lie inside the simulation."""
    promised_met = promised_wanted = met = wanted = risk = dry = weeks = 0.0
    for shelf in shelves:
        for promise in shelf.promises:
            days = [shelf.daily[day] for day in range(promise.first, promise.first + REVIEW) if day in shelf.daily]
            if len(days) < REVIEW:
                continue
            weeks += 1
            promised_met, promised_wanted = promised_met + promise.met, promised_wanted + promise.wanted
            met += sum(demand - short for demand, short in days)
            wanted += sum(demand for demand, _ in days)
            risk, dry = risk + promise.stockout_risk, dry + any(short > 0 for _, short in days)
    return {
        "promised": promised_met / promised_wanted,
        "realised": met / wanted,
        "promised_no_stockout": 1 - risk / weeks,
        "realised_no_stockout": 1 - dry / weeks,
    }


def _row(shelves: Sequence[Shelf]) -> dict[str, float]:
    return {
        "cost": sum(shelf.cost for shelf in shelves),
        "fill_rate": 1 - sum(shelf.short for shelf in shelves) / sum(shelf.demand for shelf in shelves),
        "holding_share": sum(s.holding_cost * s.holding for s in shelves) / sum(s.cost for s in shelves),
    }


def _start(y: Floats, costs: Costs) -> tuple[int, Shelf]:
    """The first day of the twelve weeks, and a shelf with a protection interval's mean demand on it."""
    first = len(y) - WEEKS * REVIEW
    return first, Shelf(*costs, stock=round(float(y[:first][-28:].mean()) * HORIZON))


def _roll(y: Floats, rule: Rule, costs: Costs) -> Shelf:
    first, shelf = _start(y, costs)
    for day in range(first, len(y)):
        if (day - first) % REVIEW == 0:
            quantity = max(0.0, np.ceil(rule(y[:day], shelf) - 1e-9))
            shelf.coming.append(Arrival(day + LEAD_TIME, quantity))
        shelf.live(float(y[day]), day)
    return shelf


def _mean(past: Floats, shelf: Shelf) -> float:
    return float(past[-REMEMBERED:].mean()) * HORIZON - shelf.position


def _mean_and_safety(past: Floats, shelf: Shelf) -> float:
    spread = float(past[-REMEMBERED:].std()) * np.sqrt(HORIZON)
    return float(_mean(past, shelf) + SAFETY * spread)


def _last_four_weeks(past: Floats, shelf: Shelf) -> float:
    return float(past[-28:].mean()) * HORIZON - shelf.position


def _knowing(y: Floats) -> Rule:
    """Orders exactly what will be wanted: nobody can, and how little it would cost shows what a forecast can save."""

    def order(past: Floats, shelf: Shelf) -> float:
        return float(y[len(past) : len(past) + HORIZON].sum()) - shelf.position

    return order


FORESIGHT = "demand known beforehand"

RULES: dict[str, Rule] = {
    "mean": _mean,
    "mean + 1.65 sigma": _mean_and_safety,
    "last four weeks": _last_four_weeks,
}


def _roll_ours(
    series: Sequence[tuple[str, Floats, date]], costs: Costs, forecasts: Sequence[Sequence[Floats]]
) -> list[Shelf]:
    """All items side by side: one order list a week."""
    rng = np.random.default_rng(0)
    started = [_start(y, costs) for _, y, _ in series]
    shelves = [shelf for _, shelf in started]
    for week in range(WEEKS):
        items = [
            _item(name, born + timedelta(days=first + week * REVIEW), (shelf, first + week * REVIEW), paths)
            for (name, _, born), (first, shelf), paths in zip(series, started, forecasts[week], strict=True)
        ]
        plan = Planner(items, OrderLimits(), Defaults(), rng).plan(OrderLimits(), today=items[0].demand.periods[0])  # type: ignore[union-attr]
        for line, (_, y, _), (first, shelf) in zip(plan.lines, series, started, strict=True):
            day = first + week * REVIEW
            shelf.coming.append(Arrival(day + LEAD_TIME, line.quantity))
            for today in range(day, day + REVIEW):
                shelf.live(float(y[today]), today)
            wanted = line.curve.window_demand
            shelf.promises.append(
                Promise(day + LEAD_TIME, wanted, wanted * line.rehearsal.fill_rate, line.stockout_risk)
            )
    return shelves


def _item(name: str, today: date, where: tuple[Shelf, int], paths: Floats) -> StockItem:
    shelf, day = where
    days = tuple(today + timedelta(days=k) for k in range(HORIZON))
    demand = DemandDistribution(name, "units", Frequency.DAILY, days, paths)
    coming = tuple(Arrival(each.period - day, each.quantity) for each in shelf.coming)
    return StockItem(
        name, demand, unit_cost=UNIT_COST, on_hand=shelf.stock, on_order=coming, lead_time=LEAD_TIME,
        review_period=REVIEW, holding_cost=shelf.holding_cost, stockout_cost=shelf.stockout_cost,
    )  # fmt: skip
