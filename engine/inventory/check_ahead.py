"""A second look at the deliveries ahead: each future played through period by period; knows nothing of the solver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.arrays import Floats
from engine.inventory.check import paid
from engine.inventory.cover import TAIL, lasts, longer
from engine.inventory.item import OrderLimits, Shortage
from engine.inventory.planning_inputs import PlanningItem

ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class PlayedItem:
    """What the orders of one item lead to.

    Attributes:
        ready: the item.
        quantities: units ordered at each chance, shape (chances,).
        cost: of each chance's order until the next delivery, currency; the first holds what comes before any order.
        stock: expected units just after the delivery of each chance.
        no_stockout: for each order, and for the time before the first, the share of futures in which nothing is missing
            until the next delivery, 0..1; 1 at all other chances.
        fill: likewise the share of the expected demand that is met, 0..1.
        missing: units missing until the end, on average.
        kept: units in stock at the end of a period, added up until the end, on average.
    """

    ready: PlanningItem
    quantities: Floats
    cost: Floats
    stock: Floats
    no_stockout: Floats
    fill: Floats
    missing: float
    kept: float

    @property
    def ordering(self) -> float:
        """Order fees and what is paid above the usual price, currency."""
        placed = self.quantities[self.quantities > 0]
        above = sum(paid(self.ready, float(q)) - self.ready.unit_cost * float(q) for q in placed)
        return self.ready.item.order_cost * len(placed) + above


def play(ready: PlanningItem, quantities: Floats) -> PlayedItem:
    """Play the orders of an item through.

    Args:
        ready: the item.
        quantities: units at each chance, the first one now, shape (chances,).
    """
    return _Player(ready, quantities).played()


class _Player:
    def __init__(self, ready: PlanningItem, quantities: Floats) -> None:
        self._ready, self._quantities, self._chances = ready, quantities, len(quantities)
        self._step, self._wait = ready.item.review_period, -int(-(ready.lead_time - 1e-9) // 1)
        self._end = self._chances * self._step + self._wait
        self._life = lasts(ready.item.shelf_life, self._end + TAIL * self._step)
        seen = max(self._end + (TAIL + 1) * self._step, self._end - self._step + (self._life or 0))
        self._demand = longer(ready.demand.paths, seen).T
        self._cost, self._stock = np.zeros(self._chances), np.zeros(self._chances)
        self._sure, self._fill = np.ones(self._chances), np.ones(self._chances)
        self._missing, self._kept = 0.0, 0.0

    def played(self) -> PlayedItem:
        if self._life is not None and self._life < self._step:
            self._play_fresh(self._life)
        else:
            self._play_kept()
        served = self._sure, self._fill
        return PlayedItem(self._ready, self._quantities, self._cost, self._stock, *served, self._missing, self._kept)

    def _arrival(self, chance: int) -> int:
        return chance * self._step + self._wait

    def _on_its_way(self, period: int) -> float:
        return sum(each.quantity for each in self._ready.item.on_order if max(0, each.period) == period)

    def _after(self, period: int) -> float:
        return sum(each.quantity for each in self._ready.item.on_order if max(0, each.period) >= period)

    def _until(self, period: int, stock: Floats) -> tuple[Floats, Floats]:
        """Live from today up to a period; the stock, and what was missed on the way and not waited for."""
        lost = np.zeros(len(stock))
        for now in range(period):
            stock = stock + self._on_its_way(now) - self._demand[now]
            if self._ready.item.shortage is Shortage.LOST:
                lost, stock = lost + np.maximum(-stock, 0.0), np.maximum(stock, 0.0)
        return stock, lost

    def _play_kept(self) -> None:
        """From order to order; the first one finds the stock of each future, a later one the expected position."""
        draws, orders = self._demand.shape[1], np.flatnonzero(self._quantities > 0).tolist()
        start = np.full(draws, float(self._ready.on_hand))
        whole = float(self._ready.on_hand) + self._after(0)
        if not orders or orders[0] > 0:
            stock, _ = self._until(self._wait, start)
            self._live(0, orders[0] if orders else self._chances, stock, is_order=False)
        position = whole
        lost, lost_so_far = self._losses(start), 0.0
        for chance, following in pairwise([*orders, self._chances]):
            if chance == 0:
                stock = self._until(self._wait, start)[0] + self._quantities[0]
            else:
                begin = chance * self._step
                if chance == orders[0]:
                    lost_so_far = float(self._until(begin, start)[1].mean() - lost[:begin].sum(axis=0).mean())
                gone = float(self._demand[: chance * self._step].sum(axis=0).mean())
                ordered = float(self._quantities[: chance + 1].sum())
                position = whole + lost_so_far + float(lost[:begin].sum(axis=0).mean()) - gone + ordered
                later = self._after(self._arrival(chance))
                waiting = self._demand[chance * self._step : self._arrival(chance)].sum(axis=0)
                stock = position - later - waiting + lost[begin:].sum(axis=0)
            self._live(chance, following, stock, is_order=True)

    def _losses(self, start: Floats) -> Floats:
        """What is lost in each period before the first delivery, whatever is ordered, shape (periods, draws)."""
        so_far = [self._until(period, start)[1] for period in range(self._wait + 1)]
        return np.diff(np.array(so_far), axis=0)

    def _live(self, chance: int, following: int, stock: Floats, *, is_order: bool) -> None:
        """One order from its delivery to the next one's: what is kept and what is missing, charged to its chance."""
        ready, chances, last = self._ready, range(chance, following), self._arrival(following)
        lost_sales = ready.item.shortage is Shortage.LOST
        missing, kept, first_stock = np.zeros(len(stock)), np.zeros(len(stock)), stock
        for now in range(self._arrival(chance), last):
            for each in chances:
                if now == self._arrival(each):
                    self._stock[each] = float((np.maximum(stock, 0.0) if not is_order else stock).mean())
            stock = stock + self._on_its_way(now) - self._demand[now]
            kept += np.maximum(stock, 0.0)
            if lost_sales and not is_order:
                missing, stock = missing + np.maximum(-stock, 0.0), np.maximum(stock, 0.0)
        missing = missing + np.maximum(-stock, 0.0)
        sold = self._demand[self._arrival(chance) : last].sum(axis=0)
        self._charge(chance, kept, missing, sold)
        if self._life is not None and is_order:
            passed = self._life if following == self._chances else (following - chance) * self._step
            self._waste(chance, first_stock, self._life, passed / self._life)
        if following == self._chances and self._life is None:
            self._carry(chance, first_stock if is_order else None)

    def _charge(self, chance: int, kept: Floats, missing: Floats, sold: Floats) -> None:
        """What is kept and missing, in each future, while so much could be sold."""
        ready = self._ready
        self._cost[chance] += float((ready.holding_cost * kept + ready.stockout_cost * missing).mean())
        self._missing += float(missing.mean())
        self._kept += float(kept.mean())
        self._sure[chance] = min(float(self._sure[chance]), float(np.mean(missing <= 1e-9)))
        met = 1.0 - float(missing.mean()) / max(float(sold.mean()), 1e-9)
        self._fill[chance] = min(float(self._fill[chance]), met)

    def _waste(self, chance: int, stock: Floats, life: int, share: float) -> None:
        start = self._arrival(chance)
        coming = sum(self._on_its_way(now) for now in range(start, start + life))
        left = stock + coming - self._demand[start : start + life].sum(axis=0)
        if chance == 0:
            left = np.minimum(left, self._quantities[0])
        price = max(0.0, self._ready.unit_cost - self._ready.item.salvage)
        self._cost[chance] += share * price * float(np.maximum(left, 0.0).mean())

    def _carry(self, chance: int, stock: Floats | None) -> None:
        """What is above the usual level at the reviews after the end."""
        ready, step, end = self._ready, self._step, self._chances * self._step
        ratio = ready.stockout_cost / (ready.stockout_cost + step * ready.holding_cost)
        usual = float(np.quantile(self._demand[end : self._end + step].sum(axis=0), ratio))
        start, begin = np.full(self._demand.shape[1], float(ready.on_hand)), chance * step
        lost = self._losses(start)
        if stock is None or chance == 0:
            begin, position = 0, float(ready.on_hand) + self._after(0)
            position += 0.0 if stock is None else float(self._quantities[0])
        else:
            gone = self._demand[begin : self._arrival(chance)].sum(axis=0) - lost[begin:].sum(axis=0)
            position = float((stock + gone).mean()) + self._after(self._arrival(chance))
        for after in range(TAIL):
            until = end + after * step
            sold = self._demand[begin:until].sum(axis=0) - lost[begin:until].sum(axis=0)
            above = np.maximum(position - sold - usual, 0.0)
            self._cost[chance] += step * ready.holding_cost * float(above.mean())

    def _play_fresh(self, life: int) -> None:
        """Each delivery by itself: it sells while it is fresh."""
        ready = self._ready
        for chance in range(self._chances):
            begin, quantity = self._arrival(chance), float(self._quantities[chance])
            there = np.zeros(self._demand.shape[1])
            if chance == 0:
                there = np.maximum(self._until(begin, there + float(ready.on_hand))[0], 0.0)
            stock, kept = there + quantity, np.zeros(len(there))
            self._stock[chance] = float(stock.mean())
            for now in range(begin, begin + life):
                stock = stock - self._demand[now]
                kept += np.maximum(stock, 0.0)
            self._charge(chance, kept, np.maximum(-stock, 0.0), self._demand[begin : begin + life].sum(axis=0))
            if quantity > 0:
                price = max(0.0, ready.unit_cost - ready.item.salvage)
                self._cost[chance] += price * float(np.minimum(np.maximum(stock, 0.0), quantity).mean())


def ahead_cost(played: Sequence[PlayedItem], limits: OrderLimits) -> float:
    """The expected cost of all deliveries: fees, stock, stockouts, waste, and prices above the usual, currency."""
    fees = sum(limits.delivery_costs.get(supplier, 0.0) * len(chances) for supplier, chances in _trips(played).items())
    return fees + sum(float(each.cost.sum()) + each.ordering for each in played)


def ahead_violations(played: Sequence[PlayedItem], limits: OrderLimits) -> tuple[str, ...]:
    """Each broken limit in words; empty when there is none."""
    violations = [message for each in played for message in _broken_by_item(each, limits)]
    spent = np.array([[paid(each.ready, float(q)) if q > 0 else 0.0 for q in each.quantities] for each in played])
    for supplier, chances in _trips(played).items():
        rows = [row for row, each in enumerate(played) if each.ready.item.supplier == supplier]
        minimum = limits.supplier_minimums.get(supplier, 0.0)
        for chance in chances:
            value = float(spent[rows, chance].sum())
            if value < minimum - ROUNDING * max(1.0, minimum):
                violations.append(
                    f"{supplier} takes orders from {minimum:.2f}, and delivery {chance + 1} is {value:.2f}"
                )
    for chance in range(spent.shape[1]):
        total, allowed = float(spent[:, : chance + 1].sum()), (chance + 1) * (limits.budget or 0.0)
        if limits.budget is not None and total > allowed * (1 + ROUNDING) + ROUNDING:
            violations.append(f"{total:.2f} are spent up to delivery {chance + 1}, and there are {allowed:.2f}")
        stored = sum(each.ready.volume * max(0.0, float(each.stock[chance])) for each in played)
        if limits.capacity is not None and stored > limits.capacity * (1 + ROUNDING) + ROUNDING:
            violations.append(f"{stored:.2f} {limits.capacity_unit} are stored after delivery {chance + 1}")
    return tuple(violations)


def _trips(played: Sequence[PlayedItem]) -> Mapping[str, list[int]]:
    """The chances at which each supplier delivers."""
    chances: dict[str, set[int]] = {}
    for each in played:
        chances.setdefault(each.ready.item.supplier, set()).update(np.flatnonzero(each.quantities > 0).tolist())
    return {supplier: sorted(used) for supplier, used in chances.items()}


def _broken_by_item(each: PlayedItem, limits: OrderLimits) -> list[str]:
    item, placed, violations = each.ready.item, each.quantities[each.quantities > 0], list[str]()
    cases = placed / item.pack
    if np.any(each.quantities < 0) or np.any(np.abs(cases - np.rint(cases)) > ROUNDING * np.maximum(1.0, cases)):
        violations.append(f"{item.name} is not ordered in whole cases")
    if np.any(placed < item.minimum_order - ROUNDING):
        violations.append(f"{item.name} is ordered below its minimum")
    if limits.cycle_service_level and np.any(each.no_stockout < limits.cycle_service_level - ROUNDING):
        violations.append(f"{item.name} keeps its service only in {each.no_stockout.min():.1%} of the futures")
    if limits.fill_rate and np.any(each.fill < limits.fill_rate - ROUNDING):
        violations.append(f"{item.name} meets only {each.fill.min():.1%} of its demand")
    life, ends = item.shelf_life, [*np.flatnonzero(each.quantities > 0).tolist(), len(each.quantities)]
    if life is not None and life >= item.review_period and np.any(np.diff(ends) * item.review_period > life):
        violations.append(f"{item.name} spoils before its next delivery")
    return violations
