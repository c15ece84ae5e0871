"""From what an owner knows to what can be computed: defaults that are said, and items that must be left out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from statistics import median

import numpy as np

from engine.dataset import Frequency, step
from engine.demand import DemandDistribution
from engine.errors import DataProblem
from engine.inventory.item import Defaults, OrderLimits, Shortage, StockItem

DAYS = {
    Frequency.DAILY: 1.0,
    Frequency.WEEKLY: 7.0,
    Frequency.MONTHLY: 365.25 / 12,
    Frequency.QUARTERLY: 365.25 / 4,
    Frequency.YEARLY: 365.25,
}
"""Days in one period."""

WEEK = 7

ODD_VOLUME = 500.0
"""A volume that is so many times the usual one, or as small, was probably given in another unit."""


@dataclass(frozen=True, eq=False)
class PlanningItem:
    """An item of which everything is known.

    Attributes:
        item: as the owner gave it.
        demand: what may be sold.
        unit_cost: currency per unit, > 0.
        holding_cost: currency per unit and period, > 0.
        stockout_cost: currency per unit short, > 0.
        lead_time: periods, >= 0.
        on_hand: units.
        volume: space per unit, 0 where no capacity is given.
    """

    item: StockItem
    demand: DemandDistribution
    unit_cost: float
    holding_cost: float
    stockout_cost: float
    lead_time: float
    on_hand: float
    volume: float

    @property
    def name(self) -> str:
        """The item's name."""
        return self.item.name

    @cached_property
    def usual_demand(self) -> float:
        """Expected demand of one period, on average, units."""
        return float(self.demand.mean.mean())


@dataclass(frozen=True, eq=False)
class PlanningInputs:
    """What can be planned, and what must be said about it.

    Attributes:
        items: ready to plan.
        problems: one for each item that is left out.
        assumptions: the defaults in use, one sentence each.
        cautions: what looks odd but was used.
    """

    items: tuple[PlanningItem, ...]
    problems: tuple[DataProblem, ...]
    assumptions: tuple[str, ...]
    cautions: tuple[str, ...]


def days_in_period(demand: DemandDistribution) -> float:
    """Calendar days from one period to the next, on average: more than one where a business closes on some weekdays."""
    if demand.frequency is not Frequency.DAILY or not _covers_a_week(demand):
        return DAYS[demand.frequency]
    return WEEK / len(_open_weekdays(demand.periods))


def day_of(demand: DemandDistribution, period: int) -> date:
    """The start of a period, 0 for the first of the forecast; beyond its end the same weekdays stay open."""
    if period < len(demand.periods):
        return demand.periods[period]
    if demand.frequency is not Frequency.DAILY or not _covers_a_week(demand):
        return step(demand.periods[0], demand.frequency, period)
    weekly = len(_open_weekdays(demand.periods))
    weeks = -(-(period - len(demand.periods) + 1) // weekly)
    return demand.periods[period - weeks * weekly] + timedelta(weeks=weeks)


def units_in_words(units: float) -> str:
    """A number of units as an owner reads it.

    >>> units_in_words(1355600.0)
    '1,355,600'
    """
    return f"{units:,.10g}"


def _covers_a_week(demand: DemandDistribution) -> bool:
    return (demand.periods[-1] - demand.periods[0]).days >= WEEK - 1


@lru_cache(maxsize=64)
def _open_weekdays(periods: tuple[date, ...]) -> frozenset[int]:
    return frozenset(day.weekday() for day in periods)


def planning_inputs(items: Sequence[StockItem], limits: OrderLimits, defaults: Defaults) -> PlanningInputs:
    """Fill in defaults and leave out, one by one, the items that cannot be planned."""
    ready, problems, cautions = [], [], []
    lead_times = _usual_lead_times(items)
    pools = _pools(items)
    seen: set[str] = set()
    for item in items:
        try:
            if item.name in seen:
                raise DataProblem("The item is listed twice", where=item.name, remedy="Keep one of the rows.")
            seen.add(item.name)
            _refuse_impossible(item, limits)
            ready.append(_ready(item, _Basis(defaults, lead_times, pools)))
            cautions += _oddities(item)
        except DataProblem as problem:
            problems.append(problem)
    cautions += _odd_volumes(ready)
    return PlanningInputs(tuple(ready), tuple(problems), _assumptions(items, defaults, lead_times), tuple(cautions))


@dataclass(frozen=True)
class _Basis:
    """Where the figures that an owner does not give come from."""

    defaults: Defaults
    lead_times: Mapping[str, float]
    pools: Mapping[str, DemandDistribution]


def _ready(item: StockItem, basis: _Basis) -> PlanningItem:
    demand = item.demand or basis.pools.get(item.category)
    if demand is None:
        raise _left_out(item, "has no sales history and no category to borrow from", "Give it a category.")
    lead_time = item.lead_time
    if lead_time is None:
        lead_time = basis.lead_times.get(item.supplier, basis.defaults.lead_time)
    if lead_time is None:
        raise _left_out(item, "has no lead time", "Say how long a delivery takes.")
    unit_cost = item.unit_cost or 0.0
    yearly = basis.defaults.holding_rate * unit_cost
    holding = item.holding_cost if item.holding_cost is not None else yearly * days_in_period(demand) / 365.25
    stockout = item.stockout_cost
    if stockout is None:
        margin = item.price - unit_cost if item.price is not None else basis.defaults.margin * unit_cost
        stockout = margin * basis.defaults.stockout_factor
    if stockout <= 0:
        raise _left_out(item, "sells at or below its cost", "Correct its price or cost, or say what a stockout costs.")
    on_hand = item.on_hand or 0.0
    if item.shortage is Shortage.LOST:
        on_hand = max(0.0, on_hand)
    return PlanningItem(item, demand, unit_cost, holding, stockout, lead_time, on_hand, max(0.0, item.volume or 0.0))


def _refuse_impossible(item: StockItem, limits: OrderLimits) -> None:
    if item.unit_cost is None or not item.unit_cost > 0 or not math.isfinite(item.unit_cost):
        raise _left_out(item, "has no cost, or one that is not above zero", "Enter what a unit costs.")
    _refuse_no_numbers(item)
    if item.holding_cost is not None and not item.holding_cost > 0:
        raise _left_out(item, "has a holding cost that is not above zero", "Enter one, or leave it empty.")
    if limits.capacity is not None:
        if item.volume is None or not item.volume > 0:
            raise _left_out(item, "has no volume, and space is limited", "Enter the space that a unit takes.")
        if item.volume_unit and item.volume_unit != limits.capacity_unit:
            units = f"has its volume in {item.volume_unit}, and the space is in {limits.capacity_unit}"
            raise _left_out(item, units, "Use one unit for both.")
    counts = (item.lead_time or 0.0, item.lead_time_sd, item.minimum_order, item.order_cost)
    if any(number < 0 for number in (*counts, *(each.quantity for each in item.on_order))):
        raise _left_out(item, "has a negative lead time, minimum, fee or quantity on its way", "Correct it.")
    if not item.pack > 0 or item.review_period < 1 or (item.shelf_life is not None and item.shelf_life < 1):
        raise _left_out(item, "has a case, review period or shelf life below one", "Correct it.")
    if any(not price.unit_cost > 0 for price in item.prices):
        raise _left_out(item, "has a discount to a price that is not above zero", "Correct it.")
    if item.shelf_life is not None and item.salvage > item.unit_cost:
        raise _left_out(item, "brings more when it spoils than it costs", "Correct its cost or what is left of it.")


def _refuse_no_numbers(item: StockItem) -> None:
    """A cell that holds no number must not spoil the plan of all other items."""
    numbers = {
        "stock": item.on_hand, "price": item.price, "lead time": item.lead_time, "holding cost": item.holding_cost,
        "stockout cost": item.stockout_cost, "order fee": item.order_cost, "volume": item.volume, "case": item.pack,
        "minimum": item.minimum_order, "salvage value": item.salvage,
        "deviation of the lead time": item.lead_time_sd,
    }  # fmt: skip
    numbers |= {"quantity on its way": sum(each.quantity for each in item.on_order)}
    numbers |= {"discount": sum(price.quantity + price.unit_cost for price in item.prices)}
    for name, number in numbers.items():
        if number is not None and not math.isfinite(number):
            raise _left_out(item, f"has a {name} that is not a number", "Correct it.")


def _oddities(item: StockItem) -> list[str]:
    cautions = []
    if item.on_hand is not None and item.on_hand < 0 and item.shortage is Shortage.LOST:
        cautions.append(
            f"The stock of {item.name} is below zero ({units_in_words(item.on_hand)}); it is planned as empty."
        )
    if item.demand is None:
        cautions.append(f"{item.name} has no sales history; its demand is borrowed from the category {item.category}.")
    return cautions


def _odd_volumes(ready: Sequence[PlanningItem]) -> list[str]:
    volumes = [each.volume for each in ready if each.volume > 0]
    if len(volumes) < 3:
        return []
    usual = median(volumes)
    odd = [each.name for each in ready if each.volume > 0 and not 1 / ODD_VOLUME < each.volume / usual < ODD_VOLUME]
    if not odd:
        return []
    return [f"The volume of {', '.join(odd[:5])} is far from all others; is it in another unit?"]


def _left_out(item: StockItem, what: str, remedy: str) -> DataProblem:
    return DataProblem(f"{item.name} {what} and is left out of the plan", remedy=remedy)


def _usual_lead_times(items: Sequence[StockItem]) -> dict[str, float]:
    times_of: dict[str, list[float]] = {}
    for item in items:
        if item.supplier and item.lead_time is not None and item.lead_time >= 0:
            times_of.setdefault(item.supplier, []).append(item.lead_time)
    return {supplier: median(times) for supplier, times in times_of.items()}


def _pools(items: Sequence[StockItem]) -> dict[str, DemandDistribution]:
    """Per category that is borrowed from one demand: every path of every item in it, so their spread counts as risk."""
    borrowed = {item.category for item in items if item.demand is None}
    members: dict[str, list[DemandDistribution]] = {}
    for item in items:
        if item.category in borrowed and item.category and item.demand is not None:
            members.setdefault(item.category, []).append(item.demand)
    pools = {}
    for category, demands in members.items():
        first = demands[0]
        alike = [each.paths for each in demands if each.periods == first.periods]
        pools[category] = replace(first, item="", paths=np.concatenate(alike))
    return pools


def _assumptions(items: Sequence[StockItem], defaults: Defaults, lead_times: Mapping[str, float]) -> tuple[str, ...]:
    text = []
    if any(item.holding_cost is None for item in items):
        text.append(f"Holding stock costs {defaults.holding_rate:.0%} of an item's cost a year where you gave nothing.")
    if any(item.stockout_cost is None and item.price is not None for item in items):
        times = f"{defaults.stockout_factor:g} times " if defaults.stockout_factor != 1 else ""
        text.append(f"A unit short costs {times}the margin lost (price less cost) where you gave nothing.")
    if any(item.stockout_cost is None and item.price is None for item in items):
        text.append(f"Where no price is known, the margin is taken as {defaults.margin:.0%} of the cost.")
    missing = [item for item in items if item.lead_time is None]
    if any(item.supplier in lead_times for item in missing):
        text.append("Where no lead time is known, the usual one of the same supplier is taken.")
    if defaults.lead_time is not None and any(item.supplier not in lead_times for item in missing):
        demand = next((item.demand for item in items if item.demand is not None), None)
        days = round(defaults.lead_time * (days_in_period(demand) if demand else 1.0))
        text.append(f"Where no lead time is known, {'1 day is' if days == 1 else f'{days} days are'} taken.")
    if any(item.on_hand is None for item in items):
        text.append("Where your file gives no stock, the shelf is taken as empty.")
    return tuple(text)
