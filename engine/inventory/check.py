"""A second look at an order list: its orders played through in every future; knows nothing of the solver."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints
from engine.inventory.item import OrderLimits
from engine.inventory.planning_inputs import PlanningItem
from engine.inventory.scenarios import Scenarios


@dataclass(frozen=True)
class OrderRehearsal:
    """What an order of one item led to, averaged over its futures.

    Attributes:
        holding: currency, for stock left at the end of each period between this delivery and the next.
        stockout: currency, for demand not met in that time, after the order has spoiled too.
        spoilage: currency, for units of the order that were past their life before they sold.
        later: currency, for stock above the usual level at later reviews, less the fees that it spares, and for what
            is still not sold after the last of them, where that counts.
        no_stockout: share of futures without a stockout until the next delivery, or until the order has spoiled, 0..1.
        fill_rate: share of demand met in the same time, 0..1.
        demand: expected demand until the next delivery, whatever spoils before it, units.
        missed: how much of it is not met, units.
        always_stocked: share of futures in which all of it is met, 0..1.
        draws: how many futures there were.
        deviation: of the near cost between the futures, currency.
    """

    holding: float
    stockout: float
    spoilage: float
    later: float
    no_stockout: float
    fill_rate: float
    demand: float
    missed: float
    always_stocked: float
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
    flow, demand = _flow(futures, ordered), _demand_until(futures, futures.until).mean(axis=1)
    keeps = futures.lives is None
    unavoidable = np.zeros(flow.short.shape) if keeps else _flow(futures, np.full_like(ordered, PLENTY)).short
    fresh = np.maximum(flow.short - unavoidable, 0.0)
    missed = fresh.mean(axis=1) / np.where(demand > 0, demand, 1.0)
    figures = (
        holding[:, 0] * flow.held.mean(axis=1),
        lacking[:, 0] * flow.short.mean(axis=1),
        wasting[:, 0] * flow.spoiled.mean(axis=1),
        _later(futures, ordered, orders),
        np.mean(fresh <= 1e-9, axis=1),
        np.where(demand > 0, np.clip(1 - missed, 0.0, 1.0), 1.0),
        _demand_until(futures, futures.following).mean(axis=1),
        flow.short.mean(axis=1),
        np.mean(flow.short <= 1e-9, axis=1),
        np.full(len(places), flow.short.shape[1]),
        (holding * flow.held + lacking * flow.short + wasting * flow.spoiled).std(axis=1),
    )
    rows = zip(*(each.tolist() for each in figures), strict=True)
    return {place: OrderRehearsal(*row) for place, row in zip(places.tolist(), rows, strict=True)}


PLENTY = 1e12
"""An order that nobody sells out, units: what is missing with it, no order can help."""


def _column(numbers: Iterable[float]) -> Floats:
    return np.array([[number] for number in numbers])


@dataclass(frozen=True, eq=False)
class _Flow:
    """Per item and draw, units: stock left at the periods' ends while the order is fresh and the last to come, demand
    not met until the next delivery, and what of the order spoiled."""

    held: Floats
    short: Floats
    spoiled: Floats


def _flow(futures: Scenarios, ordered: Floats) -> _Flow:
    """What is there besides the order sells first; the order is gone when its shelf life ends."""
    shape, arrival, until, following = futures.demand.shape[1:], futures.arrival, futures.until, futures.following
    ends = following if futures.lives is None else arrival + futures.lives
    others, fresh = np.broadcast_to(futures.on_hand, shape), np.zeros(shape)
    held, short, spoiled = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for period in range(max(int(following.max()), int(ends.max()))):
        fresh = np.where(arrival == period, ordered, fresh)
        others = others + (futures.coming[period] - futures.demand[period])
        taken = np.minimum(np.maximum(-others, 0.0), fresh)
        others, fresh = others + taken, fresh - taken
        held += ((arrival <= period) & (period < until)) * (np.maximum(others, 0.0) + fresh)
        counts = (arrival <= period) & (period < following) if futures.lost else period == following - 1
        short += counts * np.maximum(-others, 0.0)
        others = np.maximum(others, 0.0) if futures.lost else others
        if futures.lives is not None:
            spoiled, fresh = np.where(ends - 1 == period, (fresh, np.zeros(shape)), (spoiled, fresh))
    return _Flow(held, short, spoiled)


def _demand_until(futures: Scenarios, end: Ints) -> Floats:
    """Demand from the order's arrival up to a period, shape (items, draws)."""
    total = np.zeros(futures.demand.shape[1:])
    for period in range(int(end.max())):
        total += ((futures.arrival <= period) & (period < end)) * futures.demand[period]
    return total


def _later(futures: Scenarios, ordered: Floats, orders: Orders) -> Floats:
    """Review after review: stock above the usual level is carried, and no order is needed while there is any."""
    total = np.zeros(futures.demand.shape[1:])
    if futures.lives is not None:
        return total[:, 0]
    usual = orders.usual[futures.places][:, None]
    price = orders.waiting_price[futures.places][:, None]
    stride = _column(each.stride for each in futures.ahead)
    held = futures.review_period * _column(each.holding_cost for each in futures.ready)
    lost = _column(each.unit_cost * later.is_last for each, later in zip(futures.ready, futures.ahead, strict=True))
    sold, last = np.zeros(total.shape), _column(each.reviews for each in futures.ahead)
    for review in range(1, int(last.max()) + 1):
        sold += futures.demand[(review - 1) * futures.review_period : review * futures.review_period].sum(axis=0)
        position = ordered - usual - sold
        gain = held * np.maximum(position, 0.0) - price * (position >= -1e-9)
        total += np.where((review % stride == 0) & (review <= last), stride * gain, 0.0)
        extra = np.maximum(position, 0.0) - np.maximum(position - ordered, 0.0)
        total += np.where(review == last, lost * extra, 0.0)
    return np.asarray(total.mean(axis=1))


ROUNDING = 1e-6


@dataclass(frozen=True)
class CheckedLine:
    """One item's order, as the check sees it.

    Attributes:
        ready: the item.
        quantity: units ordered.
        before: expected stock just before the order arrives, units.
        counted: units up to which a discount saves money, where its price does not ask for more.
        rehearsal: what the order led to when it was played through.
    """

    ready: PlanningItem
    quantity: float
    before: float
    counted: float
    rehearsal: OrderRehearsal


def order_cost(lines: Sequence[CheckedLine], limits: OrderLimits) -> float:
    """The expected cost of the whole list, added up from the rehearsals and the price lists, currency."""
    total = 0.0
    for line in lines:
        total += line.rehearsal.near + line.rehearsal.later
        if line.quantity > 0:
            total += line.ready.item.order_cost + paid(line.ready, line.quantity) - _worth(line)
    suppliers = {line.ready.item.supplier for line in lines if line.quantity > 0}
    return total + sum(fee for supplier, fee in limits.delivery_costs.items() if supplier in suppliers)


def _worth(line: CheckedLine) -> float:
    """What the order would cost without discounts; units that nobody needs yet are worth what they cost."""
    steps = [(0.0, line.ready.unit_cost), *sorted((each.quantity, each.unit_cost) for each in line.ready.item.prices)]
    start, price = [step for step in steps if step[0] <= line.quantity][-1]
    counted = min(line.quantity, max(line.counted, start))
    return line.ready.unit_cost * counted + price * (line.quantity - counted)


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
