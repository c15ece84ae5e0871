"""What it costs when one order of an item lasts from its delivery to a later one, for every level; from the paths.

The chances to order come every review period, the first one now. An order placed at a chance is seen as a level: what
is there and on its way, the order included. From then on nothing is known but the paths, so the level has to last for
the demand from that chance until the next order's delivery, less what is lost before any delivery can come. What a
level costs is a sum of hinges, one for each path and period: stock kept above a demand, demand missed above a stock.
That is convex, so tangents bound it from below.

Approximations: later levels are set to the expected position plus the order, so orders after the first are expected
quantities; demand that is missed once a delivery can come is thought to be ordered again; lead times have no spread; a
forecast that is too short goes on with its own pattern; what is on the shelf now does not spoil. An item that spoils
within a review period is delivered fresh each time and carries nothing over; one that lives longer is ordered again
before its last delivery spoils. What would spoil of its level is charged bit by bit, for the share of its life that
passes until the next delivery, and in full after the last one; it is not taken off the position that comes next.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from engine.arrays import Floats
from engine.inventory.check import paid
from engine.inventory.item import OrderLimits, Shortage
from engine.inventory.planning_inputs import PlanningItem

TAIL = 6
"""Reviews after the last delivery for which stock above the usual level is charged."""

PLACES = (0.02, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96, 0.98, 0.99, 0.995, 0.999)
"""Quantiles of the demand to be covered at which tangents are drawn first."""

HALVINGS = 50


@dataclass(frozen=True, eq=False)
class Hinges:
    """`weight` times the sum of what a level lies above each threshold, or below it.

    Attributes:
        thresholds: rising, units.
        weight: currency per unit.
        short: counts what is missing to a threshold in place of what is above it.
    """

    thresholds: Floats
    weight: float
    short: bool = False

    @cached_property
    def _sums(self) -> Floats:
        return np.concatenate([[0.0], np.cumsum(self.thresholds)])

    def at(self, levels: Floats) -> Floats:
        """The cost of these levels, currency."""
        below = np.searchsorted(self.thresholds, levels, side="right")
        if self.short:
            left = len(self.thresholds) - below
            return np.asarray(self.weight * (self._sums[-1] - self._sums[below] - left * levels))
        return np.asarray(self.weight * (below * levels - self._sums[below]))

    def slope(self, levels: Floats) -> Floats:
        """The cost of one more unit above these levels, currency."""
        below = np.searchsorted(self.thresholds, levels, side="right")
        return np.asarray(self.weight * (below - len(self.thresholds) if self.short else below))


@dataclass(frozen=True, eq=False)
class OrderCover:
    """No other delivery arrives between that of one chance to order and that of another.

    Attributes:
        first: the chance at which the order is placed; for no order, the one from which on nothing is ordered.
        last: the next chance at which something is ordered, or the number of chances for none.
        hinges: cost of a level; none without an order.
        constant: cost without an order, currency.
        least: the smallest level that keeps the service, units.
        until: expected demand from the first chance to the delivery of each chance that is covered, units.
    """

    first: int
    last: int
    hinges: tuple[Hinges, ...] = ()
    constant: float = 0.0
    least: float = 0.0
    until: tuple[float, ...] = ()

    @property
    def is_order(self) -> bool:
        """Whether something is ordered at the first chance."""
        return bool(self.hinges)

    def cost(self, levels: Floats) -> Floats:
        """Holding, stockouts and waste of these levels, currency."""
        return np.asarray(self.constant + sum((each.at(levels) for each in self.hinges), np.zeros(len(levels))))

    def tangents(self, levels: Floats) -> Iterator[tuple[float, float]]:
        """Slope (currency per unit) and height (at level 0) of lines that touch the cost at these levels."""
        slopes = sum((each.slope(levels) for each in self.hinges), np.zeros(len(levels)))
        heights = self.cost(levels) - slopes * levels
        yield from dict.fromkeys(zip(slopes.round(10).tolist(), heights.tolist(), strict=True))

    def places(self) -> Floats:
        """Levels at which tangents are drawn first: where the cost bends most, and both ends."""
        bends = next(each.thresholds for each in self.hinges if each.short)
        return np.unique([0.0, *np.quantile(bends, PLACES), bends[-1] + 1e-6, *self._far()])

    def _far(self) -> list[float]:
        far = max(float(each.thresholds[-1]) for each in self.hinges)
        near = next(float(each.thresholds[-1]) for each in self.hinges if each.short)
        return [near + share * (far - near) + 1e-6 for share in (0.3, 0.6, 1.0)]


class ItemCovers:
    """All covers of one item.

    Args:
        ready: the item.
        chances: how often something can be ordered.
        limits: the service that is asked for.

    Attributes:
        covers: a row of them from the first chance to the end is a plan of when to order.
        arrivals: the period at whose start the order of each chance arrives, and of the one after the last.
        position: expected units there and on their way at each chance when nothing is ordered before it.
        is_fresh: spoils within a review period.
        lowest: no level is lower, units.
        most: no level needs to be higher, units.
    """

    def __init__(self, ready: PlanningItem, chances: int, limits: OrderLimits) -> None:
        self.ready, self.chances, self._limits = ready, chances, limits
        item, lead_time = ready.item, math.ceil(ready.lead_time - 1e-9)
        self.review = item.review_period
        self.arrivals = [chance * self.review + lead_time for chance in range(chances + 1)]
        self.life = lasts(item.shelf_life, self.arrivals[-1] + TAIL * self.review)
        self.is_fresh = self.life is not None and self.life < self.review
        until = max(self.arrivals[-1] + (TAIL + 1) * self.review, self.arrivals[-2] + (self.life or 0))
        demand = longer(ready.demand.paths, until)
        self._sold = np.concatenate([np.zeros((len(demand), 1)), np.cumsum(demand, axis=1)], axis=1)
        self._idle()
        covers = self._fresh() if self.is_fresh else self._kept()
        self.covers = tuple(covers)
        highest = max((float(each.thresholds[-1]) for cover in covers for each in cover.hinges), default=0.0)
        lumps = [item.minimum_order, item.pack, *(price.quantity for price in item.prices)]
        self.lowest = min(0.0, float(self.position.min()))
        piles = chances if self.life is not None else 1  # smallest orders that do not sell before they spoil pile up
        self.most = max(highest, float(self.position.max()), 0.0) + piles * (max(lumps) + item.pack)

    def expected(self, chance: int, period: int) -> float:
        """Expected units that go from a chance to the start of a period."""
        return float(self._gone(chance, period).mean())

    def _gone(self, chance: int, period: int) -> Floats:
        """Demand between the two in each future, less what is lost before the first delivery whatever is ordered."""
        start, end = (min(each, self.arrivals[0]) for each in (chance * self.review, period))
        return np.asarray(self._between(chance, period) - self._lost[start:end].sum(axis=0))

    def _between(self, chance: int, period: int) -> Floats:
        return np.asarray(self._sold[:, period] - self._sold[:, chance * self.review])

    def _coming(self, first: int, last: int) -> float:
        """Units on their way that arrive from one period up to another; overdue ones in period 0."""
        return sum(each.quantity for each in self.ready.item.on_order if first <= max(0, each.period) < last)

    def _idle(self) -> None:
        """The stock in each future if nothing is ordered any more, at the end of each period."""
        lost_sales = self.ready.item.shortage is Shortage.LOST
        stock = np.full(len(self._sold), self.ready.on_hand)
        stocks, losses = [], []
        for period in range(self.arrivals[-1]):
            stock = stock + self._coming(period, period + 1) - (self._sold[:, period + 1] - self._sold[:, period])
            losses.append(np.maximum(-stock, 0.0) if lost_sales else np.zeros(len(stock)))
            stock = stock + losses[-1]
            stocks.append(stock)
        self._stocks, self._lost = np.array(stocks), np.array(losses)
        first = self.arrivals[0]
        self.at_first = self._stocks[first - 1] if first else np.full(len(self._sold), self.ready.on_hand)
        whole = self.ready.on_hand + self._coming(0, 10**9)
        lost_by = [float(self._lost[: chance * self.review].sum(axis=0).mean()) for chance in range(self.chances)]
        expected = [float(self._between(0, chance * self.review).mean()) for chance in range(self.chances)]
        self.position = whole - np.array(expected) + np.array(lost_by)

    def _kept(self) -> list[OrderCover]:
        """Covers of an item that carries its stock over."""
        idle = [self._without(last) for last in range(1, self.chances + 1)]
        covers = [cover for cover in idle if cover is not None]
        for first in range(self.chances):
            held: list[Hinges] = []
            for last in range(first + 1, self.chances + 1):
                held.append(self._held(first, last - 1))
                if self.life is None or self.arrivals[last] - self.arrivals[first] <= self.life:
                    covers.append(self._with(first, last, tuple(held)))
        return covers

    def _needs(self, first: int, period: int) -> Floats:
        """The level at a chance that just lasts to the end of a period, in each future, units."""
        return self._gone(first, period + 1) + self._coming(period + 1, 10**9)

    def _held(self, first: int, window: int) -> Hinges:
        periods = range(self.arrivals[window], self.arrivals[window + 1])
        needs = np.concatenate([self._needs(first, period) for period in periods])
        return Hinges(np.sort(needs), self.ready.holding_cost / len(self._sold))

    def _with(self, first: int, last: int, held: tuple[Hinges, ...]) -> OrderCover:
        draws, until = len(self._sold), tuple(self.expected(first, self.arrivals[k]) for k in range(first, last))
        short = Hinges(np.sort(self._needs(first, self.arrivals[last] - 1)), self.ready.stockout_cost / draws, True)
        demand = self.expected(first, self.arrivals[last]) - self.expected(first, self.arrivals[first])
        hinges = [*held, short]
        if self.life is not None:
            share = 1.0 if last == self.chances else (self.arrivals[last] - self.arrivals[first]) / self.life
            hinges.append(self._wasted(first, self._needs(first, self.arrivals[first] + self.life - 1), share))
        elif last == self.chances:
            hinges += self._later(first)
        return OrderCover(first, last, tuple(hinges), least=self._service(short, demand), until=until)

    def _wasted(self, first: int, needs: Floats, share: float = 1.0) -> Hinges:
        least = self.position[0] if not first and not self.is_fresh else 0.0
        price = self.ready.unit_cost - self.ready.item.salvage
        return Hinges(np.sort(np.maximum(needs, least)), share * max(0.0, price) / len(self._sold))

    def _later(self, first: int) -> list[Hinges]:
        """Stock above the usual level at the reviews after the end, which is carried on."""
        weight = self.review * self.ready.holding_cost / len(self._sold)
        return [
            Hinges(np.sort(self._gone(first, (self.chances + after) * self.review) + self.usual), weight)
            for after in range(TAIL)
        ]

    @cached_property
    def usual(self) -> float:
        """The level that an order after the end would go up to, units."""
        ratio = self.ready.stockout_cost / (self.ready.stockout_cost + self.review * self.ready.holding_cost)
        return float(np.quantile(self._between(self.chances, self.arrivals[-1] + self.review), ratio))

    def _service(self, short: Hinges, demand: float) -> float:
        """The least level that keeps the service until the next delivery, units."""
        levels, least = short.thresholds, 0.0
        if self._limits.cycle_service_level:
            least = float(np.quantile(levels, self._limits.cycle_service_level, method="inverted_cdf"))
        if self._limits.fill_rate:
            allowed, low, high = (1 - self._limits.fill_rate) * demand, 0.0, max(0.0, float(levels[-1]))
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                missing = float(np.maximum(levels - middle, 0.0).mean())
                low, high = (middle, high) if missing > allowed else (low, middle)
            least = max(least, high)
        return least

    def _without(self, last: int) -> OrderCover | None:
        """Nothing is ordered before a chance; None when that breaks the service that is asked for."""
        start, end, ready = self.arrivals[0], self.arrivals[last], self.ready
        kept = np.maximum(self._stocks[start:end], 0.0).sum(axis=0)
        missed = self._lost[start:end].sum(axis=0) + np.maximum(-self._stocks[end - 1], 0.0)
        if not self._serves(missed, self.expected(0, end) - self.expected(0, start)):
            return None
        constant = float((ready.holding_cost * kept + ready.stockout_cost * missed).mean())
        if last == self.chances and self.life is None:
            constant += float(sum(each.at(self.position[:1])[0] for each in self._later(0)))
        until = tuple(self.position[0] - float(self._arriving(chance).mean()) for chance in range(last))
        return OrderCover(0, last, constant=constant, until=until)

    def _arriving(self, chance: int) -> Floats:
        """The stock just before the delivery of a chance when nothing was ordered, in each future."""
        period = self.arrivals[chance]
        stock = self._stocks[period - 1] if period else np.full(len(self._sold), self.ready.on_hand)
        return np.asarray(np.maximum(stock, 0.0))

    def _serves(self, missed: Floats, demand: float) -> bool:
        enough = (
            not self._limits.cycle_service_level or float(np.mean(missed <= 1e-9)) >= self._limits.cycle_service_level
        )
        return enough and (not self._limits.fill_rate or float(missed.mean()) <= (1 - self._limits.fill_rate) * demand)

    def _fresh(self) -> list[OrderCover]:
        """Covers of an item that spoils before the next delivery: each chance by itself, and nothing carried over."""
        covers, draws, ready = list[OrderCover](), len(self._sold), self.ready
        assert self.life is not None
        for chance in range(self.chances):
            start = self.arrivals[chance]
            there = np.maximum(self.at_first, 0.0) if not chance else np.zeros(draws)
            needs = [self._sold[:, start + day] - self._sold[:, start] - there for day in range(1, self.life + 1)]
            held = Hinges(np.sort(np.concatenate(needs)), ready.holding_cost / draws)
            short = Hinges(np.sort(needs[-1]), ready.stockout_cost / draws, True)
            hinges = (held, short, self._wasted(chance, needs[-1]))
            demand = float(needs[-1].mean() + there.mean())
            least = self._service(short, demand)
            covers.append(OrderCover(chance, chance + 1, hinges, least=least, until=(-float(there.mean()),)))
            nothing = float(held.at(np.zeros(1))[0] + short.at(np.zeros(1))[0])
            if self._serves(np.maximum(needs[-1], 0.0), demand):
                covers.append(OrderCover(chance, chance + 1, constant=nothing, until=(-float(there.mean()),)))
        return covers


def lasts(life: int | None, periods: int) -> int | None:
    """The shelf life in periods, or None when nothing spoils within so many."""
    return life if life is not None and life <= periods else None


def longer(paths: Floats, periods: int) -> Floats:
    """The paths over so many periods, shape (draws, periods): after its end each path goes on as another one."""
    parts, width = [paths], paths.shape[1]
    while width < periods:
        parts.append(np.roll(parts[-1], 1, axis=0))
        width += paths.shape[1]
    return np.concatenate(parts, axis=1)[:, :periods]


def levels(covers: ItemCovers, quantities: Floats) -> dict[tuple[int, int], float]:
    """The levels that orders lead to, by their chance and the one of the next order.

    Args:
        covers: the item.
        quantities: units at each chance, shape (chances,).
    """
    orders = np.flatnonzero(quantities > 0).tolist()
    if covers.is_fresh:
        return {(chance, chance + 1): float(quantities[chance]) for chance in orders}
    result, level, before = {}, 0.0, -1
    for chance, following in pairwise([*orders, covers.chances]):
        if before < 0:
            level = float(covers.position[chance])
        else:
            level -= covers.expected(before, chance * covers.review)
        level += float(quantities[chance])
        result[chance, following], before = level, chance
    return result


def item_cost(covers: ItemCovers, quantities: Floats) -> float:
    """What the orders of one item cost without delivery fees, currency; infinite for a row of covers that is not there.

    Args:
        covers: the item.
        quantities: units at each chance, shape (chances,).
    """
    ready, used = covers.ready, levels(covers, quantities)
    by_key = {(each.first, each.last, each.is_order): each for each in covers.covers}
    chosen = [(first, last, True) for first, last in used]
    if covers.is_fresh:
        chosen += [(chance, chance + 1, False) for chance in range(covers.chances) if not quantities[chance] > 0]
    elif not quantities[0] > 0:
        chosen.append((0, min((first for first, _ in used), default=covers.chances), False))
    if any(key not in by_key for key in chosen):
        return math.inf
    total: float = sum(float(by_key[key].cost(np.array([used.get(key[:2], 0.0)]))[0]) for key in chosen)
    placed: list[float] = quantities[quantities > 0].tolist()
    return total + sum([ready.item.order_cost + paid(ready, each) - ready.unit_cost * each for each in placed])
