"""What quantities cost to buy, with each item's discounts."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from engine.arrays import Floats, Ints
from engine.inventory.item import PriceBreak
from engine.inventory.ready import ReadyItem


class PriceLists:
    """The price lists of many items.

    Attributes:
        starts: the quantities from which the prices hold, rising from 0 and then infinite, shape (items, prices).
    """

    def __init__(self, ready: Sequence[ReadyItem]) -> None:
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


def _price_list(ready: ReadyItem) -> list[PriceBreak]:
    """The prices from quantity 0 on."""
    listed = sorted((price for price in ready.item.prices if price.quantity > 0), key=lambda price: price.quantity)
    return [PriceBreak(0.0, ready.unit_cost), *listed]


def _surcharges(ready: ReadyItem, prices: Sequence[PriceBreak]) -> list[float]:
    if not ready.item.incremental:
        return [0.0] * len(prices)
    return [incremental_surcharge(prices, place) for place in range(len(prices))]


def _padded(numbers: list[float], length: int) -> list[float]:
    return numbers + [np.inf] * (length - len(numbers))
