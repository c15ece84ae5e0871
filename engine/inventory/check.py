"""A second look at an order list: its orders played through in every future; knows nothing of the solver."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.inventory.item import OrderLimits
from engine.inventory.planning_inputs import PlanningItem
from engine.inventory.scenarios import Scenarios


@dataclass(frozen=True)
class OrderRehearsal:
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


@dataclass(frozen=True, eq=False)
class Orders:
    """What is ordered now, one number per item.

    Attributes:
        quantity: units.
        usual: the quantity that takes the position to its usual level.
        waiting_price: currency saved at each later review at which nothing needs to be ordered.
    """

    quantity: Floats
    usual: Floats
    waiting_price: Floats


def rehearse(futures: Iterable[Scenarios], orders: Orders) -> list[OrderRehearsal]:
    """Play the orders of all items through; the futures name each item once."""
    played = {place: rehearsal for some in futures for place, rehearsal in _rehearsed(some, orders).items()}
    return [played[place] for place in range(len(played))]


def _rehearsed(futures: Scenarios, orders: Orders) -> dict[int, OrderRehearsal]:
    """What the orders of these items led to, by place."""
    places, ready = futures.places, futures.ready
    ordered = orders.quantity[places][:, None]
    holding, lacking = _column(each.holding_cost for each in ready), _column(each.stockout_cost for each in ready)
    wasting = _column(each.unit_cost - each.item.salvage for each in ready)
    flow, spoiled = _flow(futures, ordered), _spoiled(futures, ordered)
    demand = flow.demand.mean(axis=1)
    missed = flow.short.mean(axis=1) / np.where(demand > 0, demand, 1.0)
    figures = (
        holding[:, 0] * flow.held.mean(axis=1),
        lacking[:, 0] * flow.short.mean(axis=1),
        wasting[:, 0] * spoiled.mean(axis=1),
        _later(futures, ordered - orders.usual[places][:, None], orders.waiting_price[places]),
        np.mean(flow.short <= 1e-9, axis=1),
        np.where(demand > 0, np.clip(1 - missed, 0.0, 1.0), 1.0),
        np.full(len(places), spoiled.shape[1]),
        (holding * flow.held + lacking * flow.short + wasting * spoiled).std(axis=1),
    )
    rows = zip(*(each.tolist() for each in figures), strict=True)
    return {place: OrderRehearsal(*row) for place, row in zip(places.tolist(), rows, strict=True)}


def _column(numbers: Iterable[float]) -> Floats:
    return np.array([[number] for number in numbers])


@dataclass(frozen=True, eq=False)
class _Flow:
    """Between this delivery and the next, per item and draw: stock left at the periods' ends, lack, demand."""

    held: Floats
    short: Floats
    demand: Floats


def _flow(futures: Scenarios, ordered: Floats) -> _Flow:
    shape, arrival, until, coming = futures.demand.shape[1:], futures.arrival, futures.until, futures.coming
    stock = np.broadcast_to(futures.on_hand, shape)
    held, short, total = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for period in range(int(until.max())):
        demand = futures.demand[period]
        stock = stock + (coming[period] + np.where(arrival == period, ordered, 0.0)) - demand
        left = np.maximum(stock, 0.0)
        inside = (arrival <= period) & (period < until)
        if inside.any():
            held += inside * left
            short += (inside if futures.lost else until - 1 == period) * (left - stock)
            total += inside * demand
        stock = left if futures.lost else stock
    return _Flow(held, short, total)


def _spoiled(futures: Scenarios, ordered: Floats) -> Floats:
    """Units of the orders left when their shelf life ends; what was there before them sells first."""
    shape, arrival, coming = futures.demand.shape[1:], futures.arrival, futures.coming
    left, fresh = np.zeros(shape), np.zeros(shape)
    if futures.lives is None:
        return left
    older, ends = np.broadcast_to(futures.on_hand, shape), arrival + futures.lives
    for period in range(int(ends.max())):
        older = older + np.where(period <= arrival, coming[period], 0.0)
        fresh = np.where(arrival == period, ordered, fresh)
        waiting = np.minimum(np.maximum(-older, 0.0), fresh)
        older, fresh = older + waiting, fresh - waiting
        demand = futures.demand[period]
        from_older = np.minimum(np.maximum(older, 0.0), demand)
        from_fresh = np.minimum(fresh, demand - from_older)
        missing = 0.0 if futures.lost else demand - from_older - from_fresh
        older, fresh = older - from_older - missing, fresh - from_fresh
        left = np.where(ends - 1 == period, fresh, left)
    return left


def _later(futures: Scenarios, above: Floats, waiting_price: Floats) -> Floats:
    """Review after review: stock above the usual level is carried, and no order is needed while there is any."""
    total, period = np.zeros(futures.demand.shape[1:]), futures.review_period
    if futures.lives is not None:
        return total[:, 0]
    position, held = np.broadcast_to(above, total.shape), period * _column(each.holding_cost for each in futures.ready)
    for review in range(int(futures.reviews.max())):
        position = position - futures.demand[review * period : (review + 1) * period].sum(axis=0)
        gain = held * np.maximum(position, 0.0)
        if waiting_price.any():
            gain -= waiting_price[:, None] * (position >= -1e-9)
        total += np.where(review < futures.reviews, gain, 0.0)
    return np.asarray(total.mean(axis=1))


ROUNDING = 1e-6


@dataclass(frozen=True)
class CheckedLine:
    """One item's order, as the check sees it.

    Attributes:
        ready: the item.
        quantity: units ordered.
        before: expected stock just before the order arrives, units.
        rehearsal: what the order led to when it was played through.
    """

    ready: PlanningItem
    quantity: float
    before: float
    rehearsal: OrderRehearsal


def order_cost(lines: Sequence[CheckedLine], limits: OrderLimits) -> float:
    """The expected cost of the whole list, added up from the rehearsals and the price lists, currency."""
    total = 0.0
    for line in lines:
        total += line.rehearsal.near + line.rehearsal.later
        if line.quantity > 0:
            total += line.ready.item.order_cost + paid(line.ready, line.quantity) - line.ready.unit_cost * line.quantity
    suppliers = {line.ready.item.supplier for line in lines if line.quantity > 0}
    return total + sum(fee for supplier, fee in limits.delivery_costs.items() if supplier in suppliers)


def order_violations(lines: Sequence[CheckedLine], limits: OrderLimits) -> tuple[str, ...]:
    """Each broken rule in words; empty when there is none."""
    violations = [message for line in lines for message in _broken_by_line(line, limits)]
    spent: dict[str, float] = {}
    for line in lines:
        supplier = line.ready.item.supplier
        spent[supplier] = spent.get(supplier, 0.0) + paid(line.ready, line.quantity)
    violations += _broken_totals(sum(spent.values()), lines, limits)
    return (*violations, *_broken_minimums(spent, limits))


def paid(ready: PlanningItem, quantity: float) -> float:
    """What this quantity costs to buy, worked out step by step from the item's price list, currency."""
    steps = sorted((price.quantity, price.unit_cost) for price in ready.item.prices if price.quantity > 0)
    steps = [(0.0, ready.unit_cost), *steps]
    if not ready.item.incremental:
        reached = [unit_cost for start, unit_cost in steps if start <= quantity]
        return quantity * reached[-1]
    ends = [start for start, _ in steps[1:]] + [float("inf")]
    return sum(
        unit_cost * max(0.0, min(quantity, end) - start) for (start, unit_cost), end in zip(steps, ends, strict=True)
    )


def _broken_by_line(line: CheckedLine, limits: OrderLimits) -> list[str]:
    item, quantity, violations = line.ready.item, line.quantity, []
    cases = quantity / item.pack
    if quantity < 0 or abs(cases - round(cases)) > ROUNDING * max(1.0, cases):
        violations.append(f"{item.name} is not ordered in whole cases")
    if 0 < quantity < item.minimum_order - ROUNDING:
        violations.append(f"{item.name} is ordered below its minimum")
    if limits.cycle_service_level and line.rehearsal.no_stockout < limits.cycle_service_level - ROUNDING:
        violations.append(f"{item.name} keeps its service only in {line.rehearsal.no_stockout:.1%} of the futures")
    if limits.fill_rate and line.rehearsal.fill_rate < limits.fill_rate - ROUNDING:
        violations.append(f"{item.name} meets only {line.rehearsal.fill_rate:.1%} of its demand")
    return violations


def _broken_totals(spent: float, lines: Sequence[CheckedLine], limits: OrderLimits) -> list[str]:
    violations = []
    if limits.budget is not None and spent > limits.budget * (1 + ROUNDING) + ROUNDING:
        violations.append(f"the order costs {spent:.2f}, and the budget is {limits.budget:.2f}")
    volume = sum(line.ready.volume * (line.before + line.quantity) for line in lines)
    if limits.capacity is not None and volume > limits.capacity * (1 + ROUNDING) + ROUNDING:
        violations.append(f"the stock takes {volume:.2f} {limits.capacity_unit}, and there are {limits.capacity:.2f}")
    return violations


def _broken_minimums(spent: Mapping[str, float], limits: OrderLimits) -> list[str]:
    return [
        f"{supplier} takes orders from {minimum:.2f}, and this one is {spent[supplier]:.2f}"
        for supplier, minimum in limits.supplier_minimums.items()
        if 0 < spent.get(supplier, 0.0) < minimum - ROUNDING
    ]
