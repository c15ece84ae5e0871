"""The stock of one item over the coming periods, in every future."""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.inventory.item import Shortage
from engine.inventory.result import OrderLine


@dataclass(frozen=True, eq=False)
class Projection:
    """Stock at the end of each period with this order and none after it.

    Attributes:
        periods: the start of each period.
        mean: units.
        lower: per level (percent), the lower edge of the band.
        upper: per level, its upper edge.
        arrives: the day on which the order is expected.
    """

    periods: tuple[date, ...]
    mean: Floats
    lower: dict[int, Floats]
    upper: dict[int, Floats]
    arrives: date


LEAST_SHOWN, AFTER = 7, 2
"""Periods that are projected: twice the time until the next delivery, and at least a week."""


def project(line: OrderLine, *, levels: tuple[int, ...] = (50, 80, 95)) -> Projection:
    """How the stock goes on from today with what is on its way and with this order.

    Args:
        line: the item and its order.
        levels: widths of the bands, percent.
    """
    ready = line.curve.ready
    shown = max(LEAST_SHOWN, AFTER * math.ceil(ready.lead_time + ready.item.review_period))
    demand = ready.demand.paths[:, :shown]
    stock = np.full(len(demand), ready.on_hand)
    lead_time = int(np.ceil(ready.lead_time - 1e-9))
    rows = []
    for period in range(demand.shape[1]):
        coming = sum(each.quantity for each in ready.item.on_order if max(0, each.period) == period)
        stock = stock + coming + (line.quantity if period == lead_time else 0.0) - demand[:, period]
        if ready.item.shortage is Shortage.LOST:
            stock = np.maximum(stock, 0.0)
        rows.append(stock)
    paths = np.array(rows)
    lower = {level: np.quantile(paths, 0.5 - level / 200, axis=1) for level in levels}
    upper = {level: np.quantile(paths, 0.5 + level / 200, axis=1) for level in levels}
    return Projection(ready.demand.periods[:shown], paths.mean(axis=1), lower, upper, line.arrives)
