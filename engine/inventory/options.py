"""The quantities of each item that can be ordered, whole cases above the minimum, with what they cost and take."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.inventory.curve import CostCurves
from engine.inventory.item import OrderLimits
from engine.inventory.scenarios import MOST_REVIEWS

MOST_OPTIONS = 400
"""An item has at most so many quantities to choose from; beyond that, only every second, third, ... case is offered."""

ENOUGH = 0.9995
"""Nobody needs more than what lasts, in this share of the futures, until the next delivery (and reviews spared)."""

HALVINGS = 60
"""Steps of the search for the least quantity that meets a fill rate."""


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
