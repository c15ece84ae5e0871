"""An order played through, period by period, in every future; knows nothing of the formulas that chose it."""

from dataclasses import dataclass

import numpy as np

from engine.inventory.arrays import Values
from engine.inventory.item import Shortage
from engine.inventory.ready import ReadyItem
from engine.inventory.scenarios import Scenarios, reviews_ahead


@dataclass(frozen=True)
class Rehearsal:
    """What an order of one item led to, averaged over its futures.

    Attributes:
        holding: currency, for stock left at the end of each period between this delivery and the next.
        stockout: currency, for demand not met in that time.
        spoilage: currency, for units of the order that were past their life before they sold.
        later: currency, for stock above the usual level at later reviews, less the fees that it spares.
        no_stockout: share of futures without a stockout, 0..1.
        fill_rate: share of demand met, 0..1.
        draws: how many futures there were.
        deviation: of the near cost between the futures, currency.
    """

    holding: float
    stockout: float
    spoilage: float
    later: float
    no_stockout: float
    fill_rate: float
    draws: int
    deviation: float

    @property
    def near(self) -> float:
        """Holding, stockout and spoilage."""
        return self.holding + self.stockout + self.spoilage


def rehearse(ready: ReadyItem, futures: Scenarios, quantity: float, *, usual: float, waiting_price: float) -> Rehearsal:
    """Play an order through.

    Args:
        ready: the item.
        futures: what may happen.
        quantity: units ordered now.
        usual: the quantity that takes the position to its usual level.
        waiting_price: currency saved at each later review at which nothing needs to be ordered.
    """
    item, draws = ready.item, len(futures.demand)
    first, last = int(futures.arrival.min()), int(futures.until.max())
    stock = np.full(draws, ready.on_hand)
    holding, short, wanted = np.zeros(draws), np.zeros(draws), np.zeros(draws)
    for period in range(last):
        coming = sum(each.quantity for each in item.on_order if max(0, each.period) == period)
        stock = stock + coming + np.where(futures.arrival == period, quantity, 0.0) - futures.demand[:, period]
        inside = (futures.arrival <= period) & (period < futures.until)
        counted = inside if item.shortage is Shortage.LOST else futures.until - 1 == period
        if period >= first:
            short += np.where(counted, np.maximum(-stock, 0.0), 0.0)
            holding += np.where(inside, np.maximum(stock, 0.0), 0.0)
            wanted += np.where(inside, futures.demand[:, period], 0.0)
        if item.shortage is Shortage.LOST:
            stock = np.maximum(stock, 0.0)
    spoiled = _spoiled(ready, futures, quantity)
    near = ready.holding_cost * holding + ready.stockout_cost * short + (ready.unit_cost - item.salvage) * spoiled
    return Rehearsal(
        holding=ready.holding_cost * float(holding.mean()),
        stockout=ready.stockout_cost * float(short.mean()),
        spoilage=(ready.unit_cost - item.salvage) * float(spoiled.mean()),
        later=_later(ready, futures, quantity - usual, waiting_price),
        no_stockout=float(np.mean(short <= 1e-9)),
        fill_rate=float(np.clip(1 - short.mean() / wanted.mean(), 0.0, 1.0)) if wanted.any() else 1.0,
        draws=draws,
        deviation=float(near.std()),
    )


def _spoiled(ready: ReadyItem, futures: Scenarios, quantity: float) -> Values:
    """Units of the order left when its shelf life ends; what was there before it sells first."""
    item, arrival = ready.item, futures.arrival
    older, ordered, left = np.full(len(arrival), ready.on_hand), np.zeros(len(arrival)), np.zeros(len(arrival))
    if item.shelf_life is None:
        return left
    for period in range(int(arrival.max()) + item.shelf_life):
        coming = sum(each.quantity for each in item.on_order if max(0, each.period) == period)
        older = older + np.where(period <= arrival, coming, 0.0)
        ordered = np.where(arrival == period, quantity, ordered)
        waiting = np.minimum(np.maximum(-older, 0.0), ordered)
        older, ordered = older + waiting, ordered - waiting
        demand = futures.demand[:, period]
        from_older = np.minimum(np.maximum(older, 0.0), demand)
        from_order = np.minimum(ordered, demand - from_older)
        missing = demand - from_older - from_order
        ordered = ordered - from_order
        older = older - from_older - (missing if item.shortage is Shortage.BACKORDERED else 0.0)
        left = np.where(arrival + item.shelf_life - 1 == period, ordered, left)
    return left


def _later(ready: ReadyItem, futures: Scenarios, above: float, waiting_price: float) -> float:
    """Review after review: stock above the usual level is carried, and no order is needed while there is any."""
    item = ready.item
    if item.shelf_life is not None:
        return 0.0
    position, total = np.full(len(futures.demand), above), np.zeros(len(futures.demand))
    for review in range(reviews_ahead(ready)):
        start = review * item.review_period
        position = position - futures.demand[:, start : start + item.review_period].sum(axis=1)
        total += ready.holding_cost * item.review_period * np.maximum(position, 0.0)
        total -= waiting_price * (position >= -1e-9)
    return float(total.mean())
