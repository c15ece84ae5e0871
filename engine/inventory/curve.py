"""What each quantity of one item is expected to cost."""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.inventory.arrays import Values
from engine.inventory.eoq import PriceBreak, incremental_surcharge
from engine.inventory.item import StockItem
from engine.inventory.protection import Protection
from engine.inventory.ready import ReadyItem
from engine.inventory.scenarios import cover_rate, fee_cover


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

    holding: Values
    stockout: Values
    spoilage: Values
    ordering: Values
    discount: Values
    later: Values

    @property
    def near(self) -> Values:
        """All that the order costs until the next delivery."""
        return self.holding + self.stockout + self.spoilage + self.ordering + self.discount

    @property
    def total(self) -> Values:
        """All parts together."""
        return self.near + self.later


class CostCurve:
    """One item's expected cost as a function of the order quantity, exact for its futures.

    Attributes:
        ready: the item.
        protected: its futures, whatever they cost; curves at other costs can share them.
        window_demand: expected demand between this delivery and the next, units.
        before: expected stock just before this delivery, units.
        review_demand: expected demand until the next chance to order, units.
    """

    def __init__(self, ready: ReadyItem, protected: Protection) -> None:
        self.ready, self.protected = ready, protected
        self.window_demand, self.before = protected.demand, protected.before
        self.review_demand = protected.review_demand

    @cached_property
    def usual(self) -> float:
        """The cheapest quantity when an order has no fee and any number can be had; below zero with too much stock.

        After this order the position is at its usual level.
        """
        levels = self.protected.needs.thresholds
        if self.protected.unspoiled is not None:
            levels = np.sort(np.concatenate([levels, self.protected.unspoiled.thresholds]))
        return float(levels[min(bisect_left(levels, 0.0, key=self._slope), len(levels) - 1)])

    @property
    def foreseen(self) -> float:
        """Larger orders are kept longer than the reviews that are looked at, so that their cost is not known, units."""
        reviews = len(self.protected.later.thresholds) // self.protected.later.draws
        return max(0.0, self.usual) + (reviews - 1) * self.review_demand

    @cached_property
    def waiting_price(self) -> float:
        """What a review without an order is worth, when orders have a fee: the least average cost per review."""
        item = self.ready.item
        per_review = self.review_demand
        if item.order_cost <= 0 or per_review <= 0:
            return 0.0
        held = self.ready.holding_cost * item.review_period
        return cover_rate(item.order_cost, held * per_review, fee_cover(item.order_cost, held, per_review))

    def parts(self, quantities: Values) -> CostParts:
        """The parts of the expected cost at these quantities (units, shape (n,))."""
        ready, item = self.ready, self.ready.item
        holding = ready.holding_cost * (self.protected.needs.below(quantities) + self.protected.kept)
        stockout = ready.stockout_cost * self.protected.last.above(quantities)
        spoilage = np.zeros(len(quantities))
        if self.protected.unspoiled is not None:
            spoilage = (ready.unit_cost - item.salvage) * self.protected.unspoiled.below(quantities)
        ordering = np.where(quantities > 0, item.order_cost, 0.0)
        return CostParts(holding, stockout, spoilage, ordering, self._discount(quantities), self._carried(quantities))

    def spend(self, quantities: Values) -> Values:
        """What these quantities cost to buy, currency."""
        return purchase(self.ready.item, self.ready.unit_cost, quantities)

    def no_stockout(self, quantities: Values) -> Values:
        """The chance of no stockout until the next delivery (cycle service level), 0..1."""
        return self.protected.last.share_up_to(quantities)

    def fill_rate(self, quantities: Values) -> Values:
        """The expected share of demand met until the next delivery, 0..1."""
        if self.window_demand <= 0:
            return np.ones(len(quantities))
        return np.clip(1 - self.protected.last.above(quantities) / self.window_demand, 0.0, 1.0)

    def short(self, quantities: Values) -> Values:
        """Expected units short until the next delivery."""
        return self.protected.last.above(quantities)

    def most_needed(self, share: float) -> float:
        """The quantity that is enough in this share (0..1) of the futures, units."""
        return self.protected.last.quantile(share)

    def _slope(self, quantity: float) -> float:
        """What one more unit costs beyond this quantity, less what it saves."""
        at = np.array([quantity])
        slope = self.ready.holding_cost * self.protected.needs.count_up_to(at)
        slope -= self.ready.stockout_cost * (1 - self.protected.last.share_up_to(at))
        if self.protected.unspoiled is not None and quantity >= 0:
            slope += (self.ready.unit_cost - self.ready.item.salvage) * self.protected.unspoiled.count_up_to(at)
        return float(slope[0])

    def _discount(self, quantities: Values) -> Values:
        return self.spend(quantities) - self.ready.unit_cost * quantities

    def _carried(self, quantities: Values) -> Values:
        item = self.ready.item
        if item.shelf_life is not None:
            return np.zeros(len(quantities))
        above = quantities - self.usual
        carried = self.ready.holding_cost * item.review_period * self.protected.later.below(above)
        return carried - self.waiting_price * self.protected.later.count_up_to(above)


def purchase(item: StockItem, unit_cost: float, quantities: Values) -> Values:
    """What quantities cost to buy with the item's discounts, currency."""
    prices = price_list(item, unit_cost)
    starts = np.array([price.quantity for price in prices])
    region = np.searchsorted(starts, quantities, side="right") - 1
    cost = np.array([price.unit_cost for price in prices])[region]
    if not item.incremental:
        return cost * quantities
    surcharge = np.array([incremental_surcharge(prices, place) for place in range(len(prices))])[region]
    return np.where(quantities > 0, surcharge + cost * quantities, 0.0)


def price_list(item: StockItem, unit_cost: float) -> list[PriceBreak]:
    """The prices from quantity 0 on."""
    listed = sorted((price for price in item.prices if price.quantity > 0), key=lambda price: price.quantity)
    return [PriceBreak(0.0, unit_cost), *listed]
