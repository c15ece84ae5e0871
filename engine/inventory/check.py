"""A second look at an order list, from its quantities alone; knows nothing of the solver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.inventory.item import OrderLimits
from engine.inventory.ready import ReadyItem
from engine.inventory.rehearsal import OrderRehearsal

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

    ready: ReadyItem
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


def paid(ready: ReadyItem, quantity: float) -> float:
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
