"""Worlds: shops whose true demand is known, with the files that their owner would upload."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.series import Array

NEARLY_POISSON = 1.001
"""A variance up to so many times the mean is taken as the mean."""


@dataclass(frozen=True)
class Total:
    """The true distribution of a sum of demand.

    A law with the same mean and variance stands for it: Poisson where they agree, else negative binomial; gamma for
    amounts that are no counts. For sums of independent Poisson, negative binomial or gamma periods that is exact.

    Attributes:
        mean, sd: units.
        is_count: whether only whole numbers can come.
    """

    mean: float
    sd: float
    is_count: bool = True

    def at_most(self, values: float | Array) -> Array:
        """The chance that no more than these come, 0..1."""
        from scipy import stats

        values = np.asarray(values, dtype=np.float64)
        if self.mean <= 0 or self.sd <= 0:
            return np.where(values >= self.mean - 1e-9, 1.0, 0.0)
        spread = self.sd**2 / self.mean
        if not self.is_count:
            return np.asarray(stats.gamma.cdf(values, self.mean / spread, scale=spread))
        if spread <= NEARLY_POISSON:
            return np.asarray(stats.poisson.cdf(values, self.mean))
        return np.asarray(stats.nbinom.cdf(values, self.mean / (spread - 1), 1 / spread))

    def within(self, lower: float, upper: float) -> float:
        """The chance that the sum lies between two bounds, both included, 0..1."""
        below = float(np.ceil(lower - 1e-9)) - 1 if self.is_count else lower
        return max(0.0, float(self.at_most(upper + 1e-9) - self.at_most(below)))


@dataclass(frozen=True)
class OrderTruth:
    """The one order of an item that is placed today, and what each quantity truly costs.

    Attributes:
        lead, review: days until it arrives, and from then to the next arrival.
        on_hand: units.
        optimum: the cheapest quantity, units.
        optimum_cost: what it costs, currency.
        no_stockout: the chance of none at the optimum between the two arrivals, 0..1.
        cost: the true cost of some quantities, currency, by quantity.
    """

    lead: int
    review: int
    on_hand: int
    optimum: float
    optimum_cost: float
    no_stockout: float
    cost: Mapping[float, float]

    def cost_of(self, quantity: float) -> float:
        """The true cost of a quantity, currency: between known ones, or beyond them, on their line."""
        known = sorted({**self.cost, self.optimum: self.optimum_cost}.items())
        quantities, costs = (np.array(each) for each in zip(*known, strict=True))
        if quantity <= quantities[-1] or len(known) == 1:
            return float(np.interp(quantity, quantities, costs))
        slope = (costs[-1] - costs[-2]) / (quantities[-1] - quantities[-2])
        return float(costs[-1] + slope * (quantity - quantities[-1]))


@dataclass(frozen=True)
class Truth:
    """What is true of one item, or of all together.

    Attributes:
        item: its name; "" for all together.
        future: mean of each period, shape (n,).
        realised: what came in one draw, shape (n,).
        width80: from the 10 to the 90 % quantile of each period, shape (n,); NaN for all together.
        totals: of the first periods, by their number.
        order: of the item, where one is to be placed.
        told: what else the file says of the item.
    """

    item: str
    future: Array
    realised: Array
    width80: Array
    totals: Mapping[int, Total]
    order: OrderTruth | None
    told: Mapping[str, Any]

    @property
    def last(self) -> int:
        """The number of periods of the longest total."""
        return max(self.totals)

    def stockout_risk(self, quantity: float) -> float:
        """The true chance of a stockout between the arrival of an order of so many units and the next one, 0..1.

        Raises:
            ValueError: no order of this item is known.
        """
        if self.order is None:
            raise ValueError(f"no order of {self.item} is known")
        lead, until = self.order.lead, self.order.lead + self.order.review
        before, after = self._sum(0, lead), self._sum(lead, until)
        used = np.arange(self.order.on_hand + 1)
        cumulated = before.at_most(used.astype(np.float64))
        chances = np.diff(cumulated, prepend=np.zeros(1))
        chances[-1] += 1 - cumulated[-1]  # what is wanted beyond the stock is lost
        missed = 1 - after.at_most(np.asarray(self.order.on_hand - used + quantity + 1e-9, dtype=np.float64))
        return float(np.sum(chances * missed))

    def _sum(self, first: int, last: int) -> Total:
        """Demand of some days, which spreads as negative binomial days of one size do."""
        days = self.future[first:last]
        near = min(self.totals, key=lambda periods: abs(periods - (last - first)))
        known, squares = self.future[:near], float(np.sum(self.future[:near] ** 2))
        excess = (self.totals[near].sd ** 2 - float(known.sum())) / squares if squares else 0.0
        variance = float(days.sum() + max(0.0, excess) * np.sum(days**2))
        return Total(float(days.sum()), float(np.sqrt(variance)))


@dataclass(frozen=True)
class World:
    """One shop.

    Attributes:
        folder: where its files and its truth lie.
        name, kind: "a1_orders_0.5", "a sparse order list".
        today: the day on which its files are read.
        country: whose holidays the shop keeps, or "".
        files: the names of the owner's files.
        periods: the start of each period ahead.
        total: what is true of all items together.
        items: what is true of each.
        told: what else the truth says of the shop.
    """

    folder: Path
    name: str
    kind: str
    today: date
    country: str
    files: tuple[str, ...]
    periods: tuple[date, ...]
    total: Truth
    items: tuple[Truth, ...]
    told: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The kind of world in short, "a1"."""
        return self.name.split("_")[0]

    @cached_property
    def closed(self) -> tuple[date, ...]:
        """The days ahead on which the shop is closed."""
        return tuple(date.fromisoformat(day) for day in self.told.get("closed", ()) if day in map(str, self.periods))

    def contents(self) -> dict[str, bytes]:
        """The owner's files by name."""
        return {name: (self.folder / name).read_bytes() for name in self.files}


def worlds_of(folder: Path, only: Sequence[str] = ()) -> list[World]:
    """The worlds of a folder that holds an `index.csv`, or of all such folders in it.

    Args:
        folder: where to look.
        only: "a1", "b": worlds of these kinds; all when empty.

    Raises:
        ValueError: there is none.
    """
    indices = sorted(folder.glob("index.csv")) or sorted(folder.glob("*/index.csv"))
    folders = [index.parent / name for index in indices for name in pl.read_csv(index)["world"]]
    found = [world for world in map(load, folders) if not only or world.code in only]
    if not found:
        raise ValueError(f"there is no world in {folder}")
    return found


def load(folder: Path) -> World:
    """The world of a folder, by its `truth.json`."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    items = tuple(_item(name, each) for name, each in truth["items"].items())
    return World(
        folder=folder,
        name=truth["world"],
        kind=truth["kind"],
        today=date.fromisoformat(truth["today"]),
        country=truth.get("country") or "",
        files=tuple(truth["files"]),
        periods=tuple(map(date.fromisoformat, truth["periods"])),
        total=_together(items, truth["total"]),
        items=items,
        told=truth,
    )


def _item(name: str, each: Mapping[str, Any]) -> Truth:
    realised = np.array(each["realised"], dtype=np.float64)
    bands = {float(level): np.array(values, dtype=np.float64) for level, values in each["bands"].items()}
    return Truth(
        item=name,
        future=np.array(each["future"], dtype=np.float64),
        realised=realised,
        width80=bands[0.9] - bands[0.1],
        totals=_totals(each["totals"], _is_count(realised)),
        order=_order(each["order"]) if each.get("order") else None,
        told=each,
    )


def _together(items: Sequence[Truth], totals: Mapping[str, Any]) -> Truth:
    future, realised = (sum(getattr(each, name) for each in items) for name in ("future", "realised"))
    width = np.full(len(future), np.nan)
    return Truth("", future, realised, width, _totals(totals, _is_count(realised)), None, {})


def _is_count(values: Array) -> bool:
    return bool(np.all(values == np.round(values)))


def _totals(totals: Mapping[str, Any], is_count: bool) -> dict[int, Total]:
    return {int(periods): Total(each["mean"], each["sd"], is_count) for periods, each in totals.items()}


def _order(each: Mapping[str, Any]) -> OrderTruth:
    return OrderTruth(
        lead=each["lead"],
        review=each["review"],
        on_hand=each["on_hand"],
        optimum=each["optimum"],
        optimum_cost=each["optimum_cost"],
        no_stockout=each["no_stockout"],
        cost={float(quantity): cost for quantity, cost in each["cost"].items()},
    )
