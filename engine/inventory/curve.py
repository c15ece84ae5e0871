"""What each quantity of an item would be expected to cost, discounts included."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from engine.arrays import Floats, Ints
from engine.inventory.item import PriceBreak, Shortage
from engine.inventory.planning_inputs import PlanningItem
from engine.inventory.safety_stock import Excess, Protection
from engine.inventory.scenarios import cover_rate, fee_cover


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

    def saved(self, items: Ints, quantities: Floats, needs: Floats) -> Floats:
        """What discounts take off the first price, currency: of the units up to each need, or up to the quantity from
        which the price holds; what is bought beyond them could have it later too."""
        region = np.sum(self.starts[items] <= quantities[:, None], axis=1) - 1
        counted = np.minimum(quantities, np.maximum(needs, self.starts[items, region]))
        first, last = self._costs[items, 0], self._costs[items, region]
        return np.asarray(first * counted + last * (quantities - counted) - self.spend(items, quantities))


def incremental_surcharge(prices: Sequence[PriceBreak], region: int) -> float:
    """What an order in this region pays above its last price for all units, currency (Snyder & Shen, eq. 3.20)."""
    steps = sum(low.unit_cost * (high.quantity - low.quantity) for low, high in pairwise(prices[: region + 1]))
    return steps - prices[region].unit_cost * prices[region].quantity


@dataclass(frozen=True, eq=False)
class CostParts:
    """Expected cost of an order, part by part, currency; each is a number per quantity.

    Attributes:
        holding: stock left at the end of each period until the next delivery, or until the order has spoiled.
        stockout: demand that is not met until the next delivery, also after the order has spoiled.
        spoilage: units that cannot be sold in time, at cost less salvage.
        ordering: the fee of the order line.
        discount: what is paid below (negative) the usual price, for units that are needed or that the price asks for.
        later: stock above the usual level is carried on after the next review, and spares fees then; what of the order
            is above it after the last review looked at counts as lost, where nobody looks further.
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

    Args:
        ready, protected: as above.
        delivery_costs: currency per order to a supplier, shared by all of its items.
    """

    def __init__(
        self,
        ready: Sequence[PlanningItem],
        protected: Protection,
        delivery_costs: Mapping[str, float] | None = None,
    ) -> None:
        self.ready, self.protected, self.prices = tuple(ready), protected, PriceLists(ready)
        self.unit_cost = np.array([each.unit_cost for each in ready])
        self.volume = np.array([each.volume for each in ready])
        self.order_cost = np.array([each.item.order_cost for each in ready])
        self.keeps = np.array([each.item.shelf_life is None for each in ready])
        self._holding = np.array([each.holding_cost for each in ready])
        self._stockout = np.array([each.stockout_cost for each in ready])
        self._spoiled = self.unit_cost - np.array([each.item.salvage for each in ready])
        self._held = self._holding * np.array([each.item.review_period for each in ready])
        self._shared = self._shares(delivery_costs or {})
        self._fees = self.order_cost + self._shared

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
        levels = (self.protected.needs, self.protected.last, self.protected.unspoiled)
        return np.asarray(np.minimum.reduce([self._first_dear(level) for level in levels]))

    @cached_property
    def fee_cover(self) -> Floats:
        """The number of review periods that an order of each item should cover."""
        figures = zip(self._fees.tolist(), self._held.tolist(), self.protected.review_demand.tolist(), strict=True)
        return np.array([float(fee_cover(*figure)) for figure in figures])

    @cached_property
    def counted(self) -> Floats:
        """Units of each item that may be needed until the next delivery, or until the last review that a fee makes the
        order cover: for these a discount saves money."""
        more = (self.fee_cover - 1) * self.protected.review_demand
        return np.maximum(self.most_needed(1.0), 0.0) + np.where(self.keeps, more, 0.0)

    @property
    def reach(self) -> Floats:
        """The quantity of each item up to which its share of a supplier's fee asks for its cost; 0 without a share."""
        return np.where(self._shared > 0, self.fee_cover * self.protected.review_demand, 0.0)

    @cached_property
    def waiting_price(self) -> Floats:
        """What a review without an order is worth, when orders have a fee: the least average cost per review.

        The fee of a supplier's delivery counts with each item's share. Nobody pays more for a review than the loss of
        all its customers.
        """
        per_review = self.protected.review_demand
        rate = cover_rate(self._fees, self._held * per_review, self.fee_cover)
        gone = np.where([each.item.shortage is Shortage.LOST for each in self.ready], self._stockout, np.inf)
        with np.errstate(invalid="ignore"):
            return np.where((self._fees > 0) & (per_review > 0), np.minimum(rate, gone * per_review), 0.0)

    def _shares(self, delivery_costs: Mapping[str, float]) -> Floats:
        """Each item's share of its supplier's fee: as the cost of keeping what it sells until the next review.

        A supplier of goods that spoil comes anyway: no review is spared.
        """
        weights, shares = self._held * self.protected.review_demand, np.zeros(len(self.ready))
        for supplier, fee in delivery_costs.items():
            members = np.array([each.item.supplier == supplier for each in self.ready])
            if fee > 0 and np.all(self.keeps[members]) and weights[members].sum() > 0:
                shares[members] = fee * weights[members] / weights[members].sum()
        return shares

    def parts(self, items: Ints, quantities: Floats) -> CostParts:
        """The parts of the expected cost."""
        protected = self.protected
        return CostParts(
            holding=self._holding[items] * (protected.needs.below(items, quantities) + protected.leftover[items]),
            stockout=self._stockout[items] * (protected.last.above(items, quantities) + protected.uncovered[items]),
            spoilage=self._spoiled[items] * protected.unspoiled.below(items, quantities),
            ordering=np.where(quantities > 0, self.order_cost[items], 0.0),
            discount=-self.prices.saved(items, quantities, self.counted[items]),
            later=self._carried(items, quantities),
        )

    def spend(self, items: Ints, quantities: Floats) -> Floats:
        """What the quantities cost to buy, currency."""
        return self.prices.spend(items, quantities)

    def no_stockout(self, items: Ints, quantities: Floats) -> Floats:
        """The chance of no stockout until the next delivery or until the order has spoiled (cycle service), 0..1."""
        return self.protected.last.share_up_to(items, quantities)

    def fill_rate(self, items: Ints, quantities: Floats) -> Floats:
        """The expected share of demand met until the next delivery or until the order has spoiled, 0..1."""
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
        unsold = self.protected.unsold.below(items, above)
        unsold = unsold - self.protected.unsold.below(items, -self.usual[items])
        later = self.protected.strides[items] * (carried - spared) + self.unit_cost[items] * unsold
        return np.where(self.keeps[items], later, 0.0)


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

    @property
    def counted(self) -> float:
        """As in `CostCurves`, units."""
        return float(self.curves.counted[self.place])

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
