"""What an order must cover: the demand until the delivery after it, as the quantity that each future needs."""

from dataclasses import dataclass

import numpy as np

from engine.inventory.arrays import Values
from engine.inventory.excess import Excess
from engine.inventory.item import Shortage
from engine.inventory.ready import ReadyItem
from engine.inventory.scenarios import Scenarios, reviews_ahead


@dataclass(frozen=True, eq=False)
class Protection:
    """One item's futures, seen from the order.

    A *need* is the order quantity with which the stock at the end of a period just reaches zero. Everything that an
    order costs follows from needs: with more than the need, stock is left; with less, demand is not met.

    Attributes:
        needs: per draw and period between the order's arrival and the next one's, units.
        last: per draw, the need of the last period before the next arrival, units.
        kept: expected stock, summed over the window, that is there whatever is ordered, unit-periods.
        demand: expected demand in the window, units.
        unspoiled: per draw, the order quantity that is sold before it spoils; None when it keeps.
        later: per draw, demand from now until the review after this one, and after that, ..., units.
        review_demand: expected demand until the next chance to order, units.
        before: expected stock just before the order arrives, units.
    """

    needs: Excess
    last: Excess
    kept: float
    demand: float
    unspoiled: Excess | None
    later: Excess
    review_demand: float
    before: float


def protection(ready: ReadyItem, futures: Scenarios) -> Protection:
    """Work out the needs of each future.

    With lost sales the stock never falls below zero, so the need of a period is the deepest lack so far; with
    backorders it is the lack of that period. On the way to its arrival an order changes nothing.

    Source: the lost-sales recursion x' = (x - d)+ + a written as a running maximum (Lindley); with backorders it is
        the newsvendor on lead time plus review period, Snyder & Shen, section 4.3.4.
    """
    item, demand, arrival = ready.item, futures.demand, futures.arrival
    draws, periods = demand.shape
    coming = _coming(ready, periods)
    lack = (
        np.cumsum(demand - coming, axis=1) - ready.on_hand
    )  # what is missing at each period's end, if nothing is lost
    length = futures.until - arrival
    window = np.arange(int(length.max()))
    columns, inside_it = np.minimum(arrival[:, None] + window, periods - 1), window < length[:, None]
    rows = np.arange(draws)
    if item.shortage is Shortage.LOST:
        lost = np.maximum.accumulate(np.concatenate([np.zeros((draws, 1)), lack], axis=1), axis=1)
        at_arrival = lost[rows, arrival]
        inside = np.take_along_axis(lack, columns, axis=1) - at_arrival[:, None]
        needs = np.maximum.accumulate(inside, axis=1)
        kept = float(((needs - inside) * inside_it).sum(axis=1).mean())
    else:
        at_arrival = np.zeros(draws)
        needs, kept = np.take_along_axis(lack, columns, axis=1), 0.0
    started = np.concatenate([np.full((draws, 1), -ready.on_hand), lack], axis=1)[rows, arrival]
    before = at_arrival - started  # stock just before the order arrives
    wanted = float((np.take_along_axis(demand, columns, axis=1) * inside_it).sum(axis=1).mean())
    reviews = reviews_ahead(ready) if item.shelf_life is None else 1
    later = np.cumsum(demand, axis=1)[:, item.review_period - 1 :: item.review_period][:, :reviews]
    unspoiled = _unspoiled(ready, futures, before + coming[np.minimum(arrival, periods - 1)])
    needs_in_it = np.where(inside_it, needs, np.inf)  # no need once the next order is there
    return Protection(
        Excess(needs_in_it),
        Excess(needs[rows, length - 1]),
        kept,
        wanted,
        None if unspoiled is None else Excess(unspoiled),
        Excess(later),
        float(later[:, 0].mean()),
        float(np.maximum(before, 0.0).mean()),
    )


def _coming(ready: ReadyItem, periods: int) -> Values:
    """Units on their way, by the period at whose start they arrive; what is overdue arrives at once."""
    coming = np.zeros(periods)
    for each in ready.item.on_order:
        if each.period < periods:
            coming[max(0, each.period)] += each.quantity
    return coming


def _unspoiled(ready: ReadyItem, futures: Scenarios, older: Values) -> Values | None:
    """What sells of an order within its shelf life, older stock first."""
    life = ready.item.shelf_life
    if life is None:
        return None
    total = np.concatenate([np.zeros((len(older), 1)), np.cumsum(futures.demand, axis=1)], axis=1)
    last = np.minimum(futures.arrival + life, total.shape[1] - 1)
    rows = np.arange(len(older))
    sold = total[rows, last] - total[rows, np.minimum(futures.arrival, total.shape[1] - 1)]
    return np.asarray(np.maximum(sold - older, 0.0))
