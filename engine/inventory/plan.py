"""From items and limits to an order list with its proof."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.arrays import Ints
from engine.inventory.check import CheckedLine, OrderRehearsal, Orders, order_cost, order_violations, rehearse
from engine.inventory.curve import CostCurve, CostCurves, Options, options
from engine.inventory.infeasibility import BUDGET, SPACE, find_clash
from engine.inventory.item import Defaults, OrderLimits, StockItem
from engine.inventory.multiple_choice_knapsack import Choice, ChoiceProblem, cheapest, choose
from engine.inventory.planning_inputs import PlanningInputs, PlanningItem, day_of, days_in_period, planning_inputs
from engine.inventory.result import ExpectedOrder, OrderLine, OrderPlan
from engine.inventory.safety_stock import protection
from engine.inventory.scenarios import Scenarios, same_futures, scenarios
from engine.proof import BindingLimit, Proof, Recheck, Status

AGREEMENT = 1e-6
"""The second look must find the promised cost to this share."""

OWN = "your own quantities"
"""What stands in the proof for the solver where the owner has put quantities in place of the plan's."""

FOLLOWING = 3
"""Later orders that a line foresees."""


@dataclass(frozen=True)
class SearchEffort:
    """How long and how far to search.

    Attributes:
        seconds: wall-clock limit.
        tolerance: relative gap at which a plan counts as proved.
    """

    seconds: float = 5.0
    tolerance: float = 1e-4


@dataclass(frozen=True)
class _ItemOrder:
    """What is ordered of one item.

    Attributes:
        quantity: units.
        alone: units that would be cheapest for the item alone.
        cost: expected cost, currency.
        spend: currency to pay for it.
        no_stockout: chance that nothing is missing until the next delivery, 0..1.
    """

    quantity: float
    alone: float
    cost: float
    spend: float
    no_stockout: float


class Planner:
    """Items made ready once, so that one limit after another can be tried in a moment.

    Args:
        items: what may be ordered.
        limits: only which of them are given matters here, and the unit of space.
        defaults: what is taken for what is not known.
        rng: draws lead times that vary.
        like: a planner of the same items at other costs, made with a generator in the same state; what does not depend
            on costs is taken from it.
    """

    def __init__(
        self,
        items: Sequence[StockItem],
        limits: OrderLimits,
        defaults: Defaults,
        rng: np.random.Generator,
        *,
        like: "Planner | None" = None,
    ) -> None:
        self.ready: PlanningInputs = planning_inputs(items, limits, defaults)
        self._seeds = [int(seed) for seed in rng.integers(2**62, size=len(self.ready.items))]
        self._played: dict[tuple[int, float], OrderRehearsal] = {}
        self._line_cache: dict[tuple[int, float, float], OrderLine] = {}
        self._options: dict[tuple[float | None, float | None, str], Options] = {}
        self.curves: CostCurves  # where there is an item
        if self.ready.items:
            is_same = (
                like is not None and like._seeds == self._seeds and same_futures(like.ready.items, self.ready.items)
            )
            protected = like.curves.protected if like and is_same else protection(self._scenarios())
            self.curves = CostCurves(self.ready.items, protected)

    def plan(
        self, limits: OrderLimits, *, today: date, currency: str = "", search: SearchEffort | None = None
    ) -> OrderPlan:
        """The cheapest order list within these limits.

        Args:
            limits: with a capacity only if the planner was made with one.
            today: the day of the order, the one before the forecast's first period.
            currency: ISO code of all money.
            search: when to stop.
        """
        search, began = search or SearchEffort(), time.perf_counter()
        notes = (self.ready.problems, self.ready.assumptions, (*self.ready.cautions, *self._own_cautions(limits)))
        if not self.ready.items:
            proof = Proof(Status.OPTIMAL, 0.0, 0.0, currency, "nothing to plan", time.perf_counter() - began)
            return OrderPlan((), limits, currency, today, proof, *notes)
        problem = self.problem(limits)
        possible = bool(np.all(problem.limits >= 0))
        choice = choose(problem, seconds=search.seconds, tolerance=search.tolerance) if possible else None
        if choice is None:
            infeasibility = find_clash(self.curves, limits, self.problem)
            status = Status.INFEASIBLE if infeasibility.limits else Status.FEASIBLE
            proof = Proof(status, math.inf, math.inf, currency, "HiGHS", time.perf_counter() - began)
            return OrderPlan((), limits, currency, today, proof, *notes, infeasibility)
        seconds = time.perf_counter() - began
        lines = self._lines(problem, choice.chosen)
        proof = replace(self._proof(lines, limits, choice, currency), seconds=seconds)
        return OrderPlan(lines, limits, currency, today, proof, *notes)

    def with_own(self, plan: OrderPlan, quantities: Mapping[str, float]) -> OrderPlan:
        """The plan with the owner's own quantities of some items, priced and checked against all limits.

        Args:
            plan: made by this planner, with lines.
            quantities: units by item; items that are not in the plan are passed over.
        """
        lines = tuple(
            self._own_line(place, line, quantities[line.name]) if line.name in quantities else line
            for place, line in enumerate(plan.lines)
        )
        cost, violations = _second_look(lines, plan.limits)
        proof = replace(
            plan.proof,
            status=Status.FEASIBLE,
            objective=cost,
            bound=min(plan.proof.bound, cost),
            solver=OWN,
            recheck=Recheck(violations, cost, not violations),
        )
        return replace(plan, lines=lines, proof=proof)

    def problem(self, limits: OrderLimits) -> ChoiceProblem:
        """All items' options, one after the other."""
        offered, curves = self._offered(limits), self.curves
        supplier_of = [each.item.supplier for each in self.ready.items]
        suppliers = sorted({*limits.supplier_minimums, *limits.delivery_costs} & set(supplier_of))
        places = {supplier: place for place, supplier in enumerate(suppliers)}
        uses, most = [], []
        if limits.capacity is not None:
            uses.append(offered.volume)
            most.append(limits.capacity - float(curves.volume @ curves.protected.before))
        if limits.budget is not None:
            uses.append(offered.spend)
            most.append(limits.budget)
        return ChoiceProblem(
            item=offered.item,
            quantity=offered.quantities,
            cost=offered.cost,
            uses=np.array(uses).reshape(len(uses), len(offered.item)),
            limits=np.array(most),
            spend=offered.spend,
            supplier=np.array([places.get(supplier, -1) for supplier in supplier_of]),
            minimums=np.array([limits.supplier_minimums.get(name, 0.0) for name in suppliers]),
            fees=np.array([limits.delivery_costs.get(name, 0.0) for name in suppliers]),
        )

    def _scenarios(self, places: Sequence[int] | None = None) -> Iterator[Scenarios]:
        """The futures of these items; of all when there are none."""
        chosen = range(len(self._seeds)) if places is None else places
        return scenarios([self.ready.items[place] for place in chosen], [self._seeds[place] for place in chosen])

    def _offered(self, limits: OrderLimits) -> Options:
        """Options depend on the service asked for and on who has a minimum, not on space or money: keep them."""
        key = (limits.cycle_service_level, limits.fill_rate, repr(sorted(limits.supplier_minimums.items())))
        offer = self._options.get(key)
        if offer is None:  # sessions share a planner: what another one puts there meanwhile must not matter
            offer = options(self.curves, limits)
            self._options = {key: offer}
        return offer

    def _own_cautions(self, limits: OrderLimits) -> list[str]:
        cautions = []
        if self.ready.items and self.curves.protected.repeated:
            cautions.append("The forecast ends before the next delivery; its pattern was repeated up to then.")
        short_lived = [item.name for item in self.ready.items if _spoils_first(item)]
        if short_lived:
            named = ", ".join(short_lived[:3]) + (" and others" if len(short_lived) > 3 else "")
            them = "it" if len(short_lived) == 1 else "them"
            cautions.append(
                f"{named}: shorter-lived than the time between two orders; the list covers {them} only while fresh."
            )
        if self.ready.items and self._offered(limits).coarse:
            cautions.append("For some items only every second (third, ...) case was compared: there are very many.")
        return cautions

    def _lines(self, problem: ChoiceProblem, chosen: Ints) -> tuple[OrderLine, ...]:
        """One line per item; those that an earlier plan had are kept."""
        quantities, alone = problem.quantity[chosen], problem.quantity[cheapest(problem, problem.cost)]
        orders = list(zip(range(problem.items), quantities.tolist(), alone.tolist(), strict=True))
        new = [line for line in orders if line not in self._line_cache]
        if new:
            self._line_cache.update(zip(new, self._new_lines(new, problem, chosen), strict=True))
        return tuple(self._line_cache[line] for line in orders)

    def _new_lines(
        self, orders: Sequence[tuple[int, float, float]], problem: ChoiceProblem, chosen: Ints
    ) -> list[OrderLine]:
        places, quantities = [place for place, _, _ in orders], [quantity for _, quantity, _ in orders]
        played = self._rehearse(places, quantities)
        options_of = chosen[places]
        served = self.curves.no_stockout(np.array(places), np.array(quantities)).tolist()
        figures = zip(problem.cost[options_of].tolist(), problem.spend[options_of].tolist(), served, strict=True)
        return [
            _line(self.curves[place], _ItemOrder(quantity, alone, *figure), rehearsal)
            for (place, quantity, alone), figure, rehearsal in zip(orders, figures, played, strict=True)
        ]

    def _own_line(self, place: int, line: OrderLine, quantity: float) -> OrderLine:
        at = np.array([quantity])
        return replace(
            line,
            quantity=quantity,
            cost=float(line.curve.parts(at).total[0]),
            spend=float(line.curve.spend(at)[0]),
            cover_days=_cover_days(line.curve, quantity),
            rehearsal=self._rehearse([place], [quantity])[0],
            following=_following(line.curve, quantity),
            why=f"Your own quantity; {line.quantity:g} would be cheapest within your limits.",
        )

    def _rehearse(self, places: Sequence[int], quantities: Sequence[float]) -> list[OrderRehearsal]:
        """The orders of these items played through; what was played before is kept."""
        orders_of_items = list(zip(places, quantities, strict=True))
        new = [order for order in orders_of_items if order not in self._played]
        if new:
            at = [place for place, _ in new]
            orders = Orders(
                np.array([quantity for _, quantity in new]), self.curves.usual[at], self.curves.waiting_price[at]
            )
            self._played.update(zip(new, rehearse(self._scenarios(at), orders), strict=True))
        return [self._played[order] for order in orders_of_items]

    def _proof(self, lines: Sequence[OrderLine], limits: OrderLimits, choice: Choice, currency: str) -> Proof:
        cost, violations = _second_look(lines, limits)
        agrees = not violations and abs(cost - choice.cost) <= AGREEMENT * max(1.0, abs(choice.cost))
        status = Status.OPTIMAL if choice.proved and agrees else Status.FEASIBLE
        recheck = Recheck(violations, cost, agrees)
        binding = _binding(lines, limits, choice, currency)
        return Proof(status, choice.cost, choice.bound, currency, choice.solver, 0.0, binding, recheck)


def _second_look(lines: Sequence[OrderLine], limits: OrderLimits) -> tuple[float, tuple[str, ...]]:
    """What the list costs and which limits it breaks, from its rehearsals alone."""
    checked = [CheckedLine(each.curve.ready, each.quantity, each.curve.before, each.rehearsal) for each in lines]
    return order_cost(checked, limits), order_violations(checked, limits)


def _binding(
    lines: Sequence[OrderLine], limits: OrderLimits, choice: Choice, currency: str
) -> tuple[BindingLimit, ...]:
    binding, prices = [], list(choice.prices)
    if limits.capacity is not None:
        price = float(prices.pop(0))
        used = sum(line.curve.ready.volume * (line.curve.before + line.quantity) for line in lines)
        binding.append(BindingLimit(SPACE, used, limits.capacity, limits.capacity_unit, price))
    if limits.budget is not None:
        spent = sum(line.spend for line in lines)
        binding.append(BindingLimit(BUDGET, spent, limits.budget, currency, float(prices.pop(0))))
    return tuple(limit for limit in binding if limit.shadow_price > 0)


def _line(curve: CostCurve, order: _ItemOrder, rehearsal: OrderRehearsal) -> OrderLine:
    """An item's line in the list."""
    quantity, ready = order.quantity, curve.ready
    return OrderLine(
        curve=curve,
        quantity=quantity,
        cost=order.cost,
        best_alone=order.alone,
        spend=order.spend,
        arrives=day_of(ready.demand, math.ceil(ready.lead_time - 1e-9)),
        cover_days=_cover_days(curve, quantity),
        rehearsal=rehearsal,
        following=_following(curve, quantity),
        why=_why(ready, order),
    )


def _cover_days(curve: CostCurve, quantity: float) -> float:
    """Days for which what is there, on its way and ordered lasts at the expected demand."""
    ready = curve.ready
    position = ready.on_hand + sum(each.quantity for each in ready.item.on_order) + quantity
    per_day = curve.review_demand / ready.item.review_period / days_in_period(ready.demand)
    return max(0.0, position) / per_day if per_day > 0 else math.inf


def _following(curve: CostCurve, quantity: float) -> tuple[ExpectedOrder, ...]:
    """What will be missing to the usual level at the next reviews, on average."""
    ready, per_review, above = curve.ready, curve.review_demand, quantity - curve.usual
    ordered, orders = 0.0, []
    for review in range(1, FOLLOWING + 1):
        missing = max(0.0, review * per_review - above - ordered)
        if missing >= 0.5:
            orders.append(ExpectedOrder(day_of(ready.demand, review * ready.item.review_period), missing))
            ordered += missing
    return tuple(orders)


def _why(ready: PlanningItem, order: _ItemOrder) -> str:
    quantity, alone = order.quantity, order.alone
    if quantity < alone - 1e-9:
        return f"{alone:g} would be cheapest for this item alone; shared limits allow less."
    if quantity > alone + 1e-9:
        return f"{alone:g} would be enough; the order is larger to reach what the supplier or your service asks for."
    if quantity == 0:
        return "Stock and orders on their way are enough until the next chance to order."
    share = "more than 99%" if order.no_stockout > MOST_SAID else f"{order.no_stockout:.0%}"
    sentence = f"Enough in {share} of the futures until the next delivery: one more would cost more than it saves."
    if ready.item.prices and order.spend < ready.unit_cost * quantity:
        return sentence + " The discount is used."
    return sentence


MOST_SAID = 0.99
"""Above it a share of futures would be rounded to a certainty that nobody has."""


def _spoils_first(ready: PlanningItem) -> bool:
    """True for an item that does not keep until the next order comes."""
    return ready.item.shelf_life is not None and ready.item.shelf_life < ready.item.review_period
