"""The quantities of each item that are worth a look, with what they cost, take and spend."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.inventory.curve import CostCurves
from engine.inventory.item import OrderLimits
from engine.inventory.planning_inputs import PlanningItem

MOST_OPTIONS, OPTIONS_OF_ALL = 400, 200_000
"""An item has at most so many quantities to choose from, or as many as leave all items together with so many; beyond
that, only every second, third, ... case is offered."""

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
        hidden: what quantities between those that are offered may cost less than these, all items together, currency;
            None where all are offered.
    """

    item: Ints
    quantities: Floats
    cost: Floats
    spend: Floats
    volume: Floats
    hidden: float | None


def options(curves: CostCurves, limits: OrderLimits, aside: Bools | None = None) -> Options:
    """All quantities worth a look, the service that the limits ask for included.

    What is dearer in every way than a smaller quantity is left out, except where the supplier asks for a minimum value:
    there, an item is offered until it reaches the minimum alone.

    Args:
        curves: the items.
        limits: what the items share.
        aside: items of which nothing is ordered, whatever that costs.
    """
    aside = np.zeros(len(curves), bool) if aside is None else aside
    floor = np.where(aside, 0.0, service_floors(curves, limits))
    minimum = np.array([bool(limits.supplier_minimums.get(each.item.supplier)) for each in curves.ready])
    most = np.maximum(np.maximum(_most(curves), floor), reaches(curves.ready, limits))
    item, quantities, stride = _cases(curves, most, floor)
    item, quantities = _with_breaks(curves, item, quantities)
    enough = (quantities >= floor[item] - 1e-9) & ((quantities == 0) | ~aside[item])
    item, quantities = item[enough], quantities[enough]
    cost, spend = curves.parts(item, quantities).total, curves.spend(item, quantities)
    hidden = _hidden(curves, (item, quantities, cost), stride) if np.any(stride > 1) else None
    worthwhile = _worth_it(item, cost, spend) | minimum[item]
    item, quantities = item[worthwhile], quantities[worthwhile]
    return Options(item, quantities, cost[worthwhile], spend[worthwhile], curves.volume[item] * quantities, hidden)


def reaches(ready: Sequence[PlanningItem], limits: OrderLimits) -> list[float]:
    """The quantity of each item with which it reaches its supplier's minimum alone, at its lowest price, units.

    More than that is ordered of no item to reach the minimum; 0 where the supplier asks for none.
    """
    lowest = [min([each.unit_cost, *(price.unit_cost for price in each.item.prices)]) for each in ready]
    least = [limits.supplier_minimums.get(each.item.supplier, 0.0) for each in ready]
    return [amount / cost for amount, cost in zip(least, lowest, strict=True)]


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
    """No larger quantity of an item can be the cheapest, but one from which a price holds."""
    most = np.maximum(np.maximum(curves.most_needed(1.0), curves.usual), 0.0)
    spares = (curves.waiting_price > 0) & curves.keeps
    discounts = np.array([bool(each.item.prices) for each in curves.ready])
    most = np.where(discounts, np.maximum(most, curves.counted), most)
    return np.where(spares, np.maximum(most, curves.usual + curves.protected.later.most()), most)


def _cases(curves: CostCurves, most: Floats, floor: Floats) -> tuple[Ints, Floats, Ints]:
    """Nothing, and whole cases from the minimum until at least these quantities; and every how many-th of an item.

    The cases begin where the floor is reached.
    """
    pack = np.array([each.item.pack for each in curves.ready])
    minimum = np.array([each.item.minimum_order for each in curves.ready])
    least = np.maximum(pack, np.ceil(np.maximum(minimum, floor) / pack - 1e-9) * pack)
    cases = np.maximum(0, np.ceil((most - least) / pack - 1e-9)).astype(np.int64) + 1
    stride = -(-cases // max(MOST_OPTIONS, OPTIONS_OF_ALL // len(curves)))
    count = 1 - (-cases // stride) + (stride > 1)
    item, place = np.repeat(np.arange(len(curves)), count), _places(count)
    positive = least[item] + (pack * stride)[item] * (place - 1)
    return item, np.where(place > 0, positive, 0.0), stride


def _with_breaks(curves: CostCurves, item: Ints, quantities: Floats) -> tuple[Ints, Floats]:
    """The first cases from which a price holds as well, however many they are."""
    further = [
        (
            place,
            max(1.0, math.ceil(max(price.quantity, each.item.minimum_order) / each.item.pack - 1e-9)) * each.item.pack,
        )
        for place, each in enumerate(curves.ready)
        for price in each.item.prices
    ]
    if not further:
        return item, quantities
    largest = np.maximum.reduceat(quantities, np.searchsorted(item, np.arange(len(curves))))
    beyond = sorted({(place, cases) for place, cases in further if cases > largest[place]})
    item = np.concatenate([item, np.array([place for place, _ in beyond], np.int64)])
    quantities = np.concatenate([quantities, [cases for _, cases in beyond]])
    order = np.lexsort((quantities, item))
    return item[order], quantities[order]


def _hidden(curves: CostCurves, offered: tuple[Ints, Floats, Floats], stride: Ints) -> float:
    """How much cheaper the cases between two offered ones are than the smaller of the two, at most; of all items."""
    item, quantities, cost = offered
    total = 0.0
    for place in np.flatnonzero(stride > 1):
        own, pack = item == place, curves.ready[place].item.pack
        between = quantities[own][:-1, None] + pack * np.arange(1, stride[place])
        between = between[quantities[own][:-1] > 0].ravel()
        least = curves.parts(np.full(len(between), place), between).total.reshape(-1, stride[place] - 1).min(axis=1)
        smaller = cost[own][:-1][quantities[own][:-1] > 0]
        total += max(0.0, float(np.max(smaller - least, initial=0.0)))
    return total


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
