"""What each quantity of an item would be expected to cost, discounts included, and the quantities to choose from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.inventory.item import OrderLimits, PriceBreak
from engine.inventory.planning_inputs import PlanningItem
from engine.inventory.safety_stock import Excess, Protection
from engine.inventory.scenarios import MOST_REVIEWS, cover_rate, fee_cover

MOST_OPTIONS = 400
"""An item has at most so many quantities to choose from; beyond that, only every second, third, ... case is offered."""

ENOUGH = 0.9995
"""Nobody needs more than what lasts, in this share of the futures, until the next delivery (and reviews spared)."""

HALVINGS = 60
"""Steps of the search for the least quantity that meets a fill rate."""


class PriceLists:
    """The price lists of many items.

    Attributes:
        starts: the quantities from which the prices hold, rising from 0 and then infinite, shape (items, prices).
    """

    def __init__(self, ready: Sequence[PlanningItem]) -> None:
        lists = [_price_list(each) for each in ready]
        longest = max(map(len, lists))
        self.starts = np.array([_padded([price.quantity for price in prices], longest) for prices in lists])
        self._costs = np.array([_padded([price.unit_cost for price in prices], longest) for prices in lists])
        surcharges = [_surcharges(each, prices) for each, prices in zip(ready, lists, strict=True)]
        self._surcharges = np.array([_padded(each, longest) for each in surcharges])
        self._incremental = np.array([each.item.incremental for each in ready])

    def spend(self, items: Ints, quantities: Floats) -> Floats:
        """What each item's quantity costs to buy, currency."""
        region = np.sum(self.starts[items] <= quantities[:, None], axis=1) - 1
        cost = self._surcharges[items, region] + self._costs[items, region] * quantities
        return np.where(self._incremental[items] & (quantities <= 0), 0.0, cost)

    def last_break(self, most: Floats) -> Floats:
        """The largest quantity with a price of its own that is not above these, one per item; 0 for none."""
        return np.asarray(np.where(self.starts <= most[:, None], self.starts, 0.0).max(axis=1))


def incremental_surcharge(prices: Sequence[PriceBreak], region: int) -> float:
    """What an order in this region pays above its last price for all units, currency (Snyder & Shen, eq. 3.20)."""
    steps = sum(low.unit_cost * (high.quantity - low.quantity) for low, high in pairwise(prices[: region + 1]))
    return steps - prices[region].unit_cost * prices[region].quantity


@dataclass(frozen=True, eq=False)
class CostParts:
    """Expected cost of an order, part by part, currency; each is a number per quantity.

    Attributes:
        holding: stock left at the end of each period until the next delivery.
        stockout: demand that is not met until the next delivery.
        spoilage: units that cannot be sold in time, at cost less salvage.
        ordering: the fee of the order line.
        discount: what is paid above (below: negative) the usual price.
        later: stock above the usual level is carried on after the next review, and spares fees then.
    """

    holding: Floats
    stockout: Floats
    spoilage: Floats
    ordering: Floats
    discount: Floats
    later: Floats

    @property
    def near(self) -> Floats:
        """All that the order costs until the next delivery."""
        return self.holding + self.stockout + self.spoilage + self.ordering + self.discount

    @property
    def total(self) -> Floats:
        """All parts together."""
        return self.near + self.later


class CostCurves:
    """Each item's expected cost as a function of its order quantity, exact for its futures.

    Methods take the places of items and a quantity (units) for each of them, shape (n,) both.

    Attributes:
        ready: the items.
        protected: their futures, whatever they cost; curves at other costs can share them.
        prices: their price lists.
    """

    def __init__(self, ready: Sequence[PlanningItem], protected: Protection) -> None:
        self.ready, self.protected, self.prices = tuple(ready), protected, PriceLists(ready)
        self.unit_cost = np.array([each.unit_cost for each in ready])
        self.volume = np.array([each.volume for each in ready])
        self.order_cost = np.array([each.item.order_cost for each in ready])
        self.keeps = np.array([each.item.shelf_life is None for each in ready])
        self._holding = np.array([each.holding_cost for each in ready])
        self._stockout = np.array([each.stockout_cost for each in ready])
        self._spoiled = self.unit_cost - np.array([each.item.salvage for each in ready])
        self._held = self._holding * np.array([each.item.review_period for each in ready])

    def __len__(self) -> int:
        return len(self.ready)

    def __iter__(self) -> Iterator["CostCurve"]:
        return (CostCurve(self, place) for place in range(len(self)))

    def __getitem__(self, place: int) -> "CostCurve":
        return CostCurve(self, range(len(self))[place])

    @cached_property
    def usual(self) -> Floats:
        """Each item's cheapest quantity when an order has no fee and any number can be had; below zero if too much.

        After this order the position is at its usual level.
        """
        return np.minimum(self._first_dear(self.protected.needs), self._first_dear(self.protected.unspoiled))

    @property
    def foreseen(self) -> Floats:
        """Larger orders are kept longer than the reviews that are looked at: their cost is not known; units."""
        return np.maximum(0.0, self.usual) + (self.protected.reviews - 1) * self.protected.review_demand

    @cached_property
    def fee_cover(self) -> Floats:
        """The number of review periods that an order of each item should cover."""
        figures = zip(self.order_cost.tolist(), self._held.tolist(), self.protected.review_demand.tolist(), strict=True)
        return np.array([float(fee_cover(*figure)) for figure in figures])

    @cached_property
    def waiting_price(self) -> Floats:
        """What a review without an order is worth, when orders have a fee: the least average cost per review."""
        rate = cover_rate(self.order_cost, self._held * self.protected.review_demand, self.fee_cover)
        return np.where((self.order_cost > 0) & (self.protected.review_demand > 0), rate, 0.0)

    def parts(self, items: Ints, quantities: Floats) -> CostParts:
        """The parts of the expected cost."""
        protected = self.protected
        return CostParts(
            holding=self._holding[items] * (protected.needs.below(items, quantities) + protected.leftover[items]),
            stockout=self._stockout[items] * protected.last.above(items, quantities),
            spoilage=self._spoiled[items] * protected.unspoiled.below(items, quantities),
            ordering=np.where(quantities > 0, self.order_cost[items], 0.0),
            discount=self.spend(items, quantities) - self.unit_cost[items] * quantities,
            later=self._carried(items, quantities),
        )

    def spend(self, items: Ints, quantities: Floats) -> Floats:
        """What the quantities cost to buy, currency."""
        return self.prices.spend(items, quantities)

    def no_stockout(self, items: Ints, quantities: Floats) -> Floats:
        """The chance of no stockout until the next delivery (cycle service level), 0..1."""
        return self.protected.last.share_up_to(items, quantities)

    def fill_rate(self, items: Ints, quantities: Floats) -> Floats:
        """The expected share of demand met until the next delivery, 0..1."""
        demand = self.protected.demand[items]
        missed = self.protected.last.above(items, quantities) / np.where(demand > 0, demand, 1.0)
        return np.where(demand > 0, np.clip(1 - missed, 0.0, 1.0), 1.0)

    def most_needed(self, share: float) -> Floats:
        """Each item's quantity that is enough in this share (0..1) of the futures, units."""
        return self.protected.last.quantile(share)

    def _first_dear(self, levels: Excess) -> Floats:
        """Each item's first level from which on one more unit costs at least what it saves, by bisection."""
        items = np.arange(len(self))
        low, high = levels.first, levels.last + 1
        for _ in range(int((high - low).max()).bit_length()):
            middle = (low + high) // 2
            dear = self._slope(items, levels.thresholds[middle]) >= 0
            low, high = np.where(dear, low, middle), np.where(dear, middle, high)
        level = levels.thresholds[np.minimum(high, levels.last)]
        return np.where(high <= levels.last, level, np.inf)

    def _slope(self, items: Ints, quantities: Floats) -> Floats:
        """What one more unit costs beyond these quantities, less what it saves."""
        protected = self.protected
        slope = self._holding[items] * protected.needs.count_up_to(items, quantities)
        slope -= self._stockout[items] * (1 - protected.last.share_up_to(items, quantities))
        spoiled = self._spoiled[items] * protected.unspoiled.count_up_to(items, quantities)
        return np.asarray(slope + np.where(quantities >= 0, spoiled, 0.0))

    def _carried(self, items: Ints, quantities: Floats) -> Floats:
        above = quantities - self.usual[items]
        carried = self._held[items] * self.protected.later.below(items, above)
        spared = self.waiting_price[items] * self.protected.later.count_up_to(items, above)
        return np.where(self.keeps[items], carried - spared, 0.0)


@dataclass(frozen=True)
class CostCurve:
    """One item's expected cost as a function of the order quantity; quantities in units, shape (n,).

    Attributes:
        curves: of all items.
        place: of this one.
    """

    curves: CostCurves
    place: int

    @property
    def ready(self) -> PlanningItem:
        """The item."""
        return self.curves.ready[self.place]

    @property
    def protected(self) -> Protection:
        """The futures of all items."""
        return self.curves.protected

    @property
    def window_demand(self) -> float:
        """Expected demand between this delivery and the next, units."""
        return float(self.protected.demand[self.place])

    @property
    def before(self) -> float:
        """Expected stock just before this delivery, units."""
        return float(self.protected.before[self.place])

    @property
    def review_demand(self) -> float:
        """Expected demand until the next chance to order, units."""
        return float(self.protected.review_demand[self.place])

    @property
    def usual(self) -> float:
        """As in `CostCurves`, units."""
        return float(self.curves.usual[self.place])

    @property
    def waiting_price(self) -> float:
        """As in `CostCurves`, currency."""
        return float(self.curves.waiting_price[self.place])

    def parts(self, quantities: Floats) -> CostParts:
        """The parts of the expected cost."""
        return self.curves.parts(self._items(quantities), quantities)

    def spend(self, quantities: Floats) -> Floats:
        """What the quantities cost to buy, currency."""
        return self.curves.spend(self._items(quantities), quantities)

    def most_needed(self, share: float) -> float:
        """The quantity that is enough in this share (0..1) of the futures, units."""
        return float(self.curves.most_needed(share)[self.place])

    def _items(self, quantities: Floats) -> Ints:
        return np.full(len(quantities), self.place)


@dataclass(frozen=True, eq=False)
class Options:
    """The quantities to choose from, one item after the other, shape (n,) each.

    Attributes:
        item: the item of each option.
        quantities: units, rising within an item.
        cost: expected cost, currency.
        spend: currency to pay.
        volume: space taken, capacity's unit.
        coarse: an item had so many quantities that only some are offered.
    """

    item: Ints
    quantities: Floats
    cost: Floats
    spend: Floats
    volume: Floats
    coarse: bool


def options(curves: CostCurves, limits: OrderLimits) -> Options:
    """All quantities worth a look, the service that the limits ask for included.

    What is dearer in every way than a smaller quantity is left out, except where the supplier asks for a minimum value.
    """
    floor = service_floors(curves, limits)
    minimum = np.array([bool(limits.supplier_minimums.get(each.item.supplier)) for each in curves.ready])
    most = np.maximum(np.maximum(_most(curves), floor), np.where(minimum, curves.foreseen, 0.0))
    item, quantities, coarse = _cases(curves, most)
    enough = quantities >= floor[item] - 1e-9
    item, quantities = item[enough], quantities[enough]
    cost, spend = curves.parts(item, quantities).total, curves.spend(item, quantities)
    worthwhile = _worth_it(item, cost, spend) | minimum[item]
    item, quantities = item[worthwhile], quantities[worthwhile]
    return Options(item, quantities, cost[worthwhile], spend[worthwhile], curves.volume[item] * quantities, coarse)


def service_floors(curves: CostCurves, limits: OrderLimits) -> Floats:
    """The least quantity of each item that keeps the service that the limits ask for, units."""
    floor = np.zeros(len(curves))
    if limits.cycle_service_level:
        floor = np.maximum(floor, curves.most_needed(limits.cycle_service_level))
    if limits.fill_rate:
        floor = np.maximum(floor, _filling(curves, limits.fill_rate))
    return floor


def _price_list(ready: PlanningItem) -> list[PriceBreak]:
    """The prices from quantity 0 on."""
    listed = sorted((price for price in ready.item.prices if price.quantity > 0), key=lambda price: price.quantity)
    return [PriceBreak(0.0, ready.unit_cost), *listed]


def _surcharges(ready: PlanningItem, prices: Sequence[PriceBreak]) -> list[float]:
    if not ready.item.incremental:
        return [0.0] * len(prices)
    return [incremental_surcharge(prices, place) for place in range(len(prices))]


def _padded(numbers: list[float], length: int) -> list[float]:
    return numbers + [np.inf] * (length - len(numbers))


def _filling(curves: CostCurves, fill_rate: float) -> Floats:
    """The least quantity of each item that meets this share of its demand, by halving."""
    items = np.arange(len(curves))
    poor = items[curves.fill_rate(items, np.zeros(len(items))) < fill_rate]
    low, high = np.zeros(len(poor)), np.maximum(curves.most_needed(1.0)[poor], 0.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        short = curves.fill_rate(poor, middle) < fill_rate
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    floor = np.zeros(len(items))
    floor[poor] = high
    return floor


def _most(curves: CostCurves) -> Floats:
    """No larger quantity of an item can be the cheapest."""
    per_review = curves.protected.review_demand
    most = np.maximum(np.maximum(curves.most_needed(ENOUGH), curves.usual), 0.0)
    most = most + (curves.fee_cover - 1) * per_review
    return np.maximum(most, curves.prices.last_break(np.maximum(most, MOST_REVIEWS / 2 * per_review)))


def _cases(curves: CostCurves, most: Floats) -> tuple[Ints, Floats, bool]:
    """Nothing, and whole cases from the minimum until at least these quantities; and whether some were left out."""
    pack = np.array([each.item.pack for each in curves.ready])
    minimum = np.array([each.item.minimum_order for each in curves.ready])
    least = np.maximum(pack, np.ceil(minimum / pack - 1e-9) * pack)
    cases = np.maximum(0, np.ceil((most - least) / pack - 1e-9)).astype(np.int64) + 1
    stride = -(-cases // MOST_OPTIONS)
    count = 1 - (-cases // stride) + (stride > 1)
    item, place = np.repeat(np.arange(len(curves)), count), _places(count)
    positive = least[item] + (pack * stride)[item] * (place - 1)
    return item, np.where(place > 0, positive, 0.0), bool(np.any(stride > 1))


def _places(count: Ints) -> Ints:
    """0, 1, ... as far as each count."""
    return np.asarray(np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count))


def _worth_it(item: Ints, cost: Floats, spend: Floats) -> Bools:
    """True for what is cheaper, or takes less money, than all smaller quantities of its item."""
    place = _places(np.bincount(item))
    cheaper, less_money = cost < _least_before(cost, place), -spend > _least_before(-spend, place)
    return np.asarray(cheaper | less_money | (place == 0))


def _least_before(values: Floats, place: Ints) -> Floats:
    """The least of the values before each one in its item, found in steps of double width; infinite for the first."""
    least, width = np.concatenate([[np.inf], values[:-1]]), 1
    least[place == 0] = np.inf
    while width < place.max(initial=0):
        least[width:] = np.where(place[width:] >= width, np.minimum(least[width:], least[:-width]), least[width:])
        width *= 2
    return least
