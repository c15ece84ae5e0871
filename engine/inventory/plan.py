"""From items and limits to an order list with its proof."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.errors import DataProblem
from engine.inventory.check import CheckedLine, OrderRehearsal, Orders, order_cost, order_violations, rehearse
from engine.inventory.curve import CostCurves
from engine.inventory.infeasibility import BUDGET, SPACE, find_clash
from engine.inventory.item import Defaults, OrderLimits, StockItem
from engine.inventory.lines import ItemOrder, cover_days, following_orders, order_line, spoils_first
from engine.inventory.multiple_choice_knapsack import Choice, ChoiceProblem, cheapest, choose
from engine.inventory.options import Options, options, reaches
from engine.inventory.planning_inputs import PlanningInputs, planning_inputs, units_in_words
from engine.inventory.result import OrderLine, OrderPlan
from engine.inventory.safety_stock import look_further, protection
from engine.inventory.scenarios import Scenarios, later_reviews, same_futures, scenarios
from engine.proof import BindingLimit, Proof, Recheck, Status

AGREEMENT = 1e-6
"""The second look must find the promised cost to this share."""

OWN = "your own quantities"
"""What stands in the proof for the solver where the owner has put quantities in place of the plan's."""


@dataclass(frozen=True)
class SearchEffort:
    """How long and how far to search.

    Attributes:
        seconds: wall-clock limit.
        tolerance: relative gap at which a plan counts as proved.
    """

    seconds: float = 5.0
    tolerance: float = 1e-4


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
        self._prices: dict[str, _Prices] = {}
        self.curves: CostCurves  # where there is an item, at no supplier's terms
        if self.ready.items:
            is_same = (
                like is not None and like._seeds == self._seeds and same_futures(like.ready.items, self.ready.items)
            )
            protected = like.curves.protected if like and is_same else protection(self.scenarios())
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
        if not self.ready.items:
            status = Status.FEASIBLE if self.ready.problems else Status.OPTIMAL
            proof = Proof(status, 0.0, 0.0, currency, "nothing to plan", time.perf_counter() - began)
            notes = (self.ready.problems, self.ready.assumptions, self.ready.cautions)
            return OrderPlan((), limits, currency, today, proof, *notes)
        prices, aside = self._prices_under(limits), self._overfull(limits)
        problem = prices.problem(limits, aside)
        problems = (*self.ready.problems, *self._too_much(limits, aside))
        notes = (problems, self.ready.assumptions, (*self.ready.cautions, *self._own_cautions(prices, limits, aside)))
        choice = choose(problem, seconds=search.seconds, tolerance=search.tolerance)
        if choice is None:
            infeasibility = find_clash(self.curves, limits, self.problem)
            status = Status.INFEASIBLE if infeasibility.limits else Status.FEASIBLE
            proof = Proof(status, math.inf, math.inf, currency, "HiGHS", time.perf_counter() - began)
            return OrderPlan((), limits, currency, today, proof, *notes, infeasibility)
        choice = _with_hidden(choice, problem, prices.offered(limits, aside).hidden, search.tolerance)
        choice = _without(choice, problem, aside)
        seconds = time.perf_counter() - began
        lines = tuple(line for line in prices.lines(problem, choice.chosen) if not aside[line.curve.place])
        proof = replace(_proof(lines, limits, choice, currency), seconds=seconds)
        return OrderPlan(lines, limits, currency, today, proof, *notes)

    def with_own(self, plan: OrderPlan, quantities: Mapping[str, float]) -> OrderPlan:
        """The plan with the owner's own quantities of some items, priced and checked against all limits.

        Args:
            plan: made by this planner, with lines.
            quantities: units by item; items that are not in the plan are passed over.
        """
        prices = self._prices_under(plan.limits)
        lines = tuple(
            prices.own_line(line, quantities[line.name]) if line.name in quantities else line for line in plan.lines
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
        return self._prices_under(limits).problem(limits, self._overfull(limits))

    def scenarios(self, places: Sequence[int] | None = None, reaches: Floats | None = None) -> Iterator[Scenarios]:
        """The futures of these items, of all when there are none, up to these quantities."""
        chosen = range(len(self._seeds)) if places is None else places
        items, seeds = [self.ready.items[place] for place in chosen], [self._seeds[place] for place in chosen]
        return scenarios(items, seeds, None if reaches is None else [float(reaches[place]) for place in chosen])

    def _prices_under(self, limits: OrderLimits) -> "_Prices":
        """The costs of all quantities under the suppliers' terms: a minimum or a fee asks for a look further ahead.

        Sessions share a planner: what another one puts there meanwhile must not matter.
        """
        items = self.ready.items
        curves, reach = self.curves, np.array(reaches(items, limits))
        if any(limits.delivery_costs.values()):
            curves = CostCurves(items, curves.protected, limits.delivery_costs)
            reach = np.maximum(reach, curves.reach)
        looks = [later_reviews(each, amount) if amount > 0 else None for each, amount in zip(items, reach, strict=True)]
        key = repr((sorted(limits.delivery_costs.items()), [each for each in enumerate(looks) if each[1] is not None]))
        prices = self._prices.get(key)
        if prices is None:
            if reach.any():
                protected = look_further(curves.protected, self.scenarios(reaches=reach))
                curves = CostCurves(items, protected, limits.delivery_costs)
            prices = _Prices(self, curves, reach)
            self._prices = {**dict(list(self._prices.items())[-KEPT:]), key: prices}
        return prices

    def _overfull(self, limits: OrderLimits) -> Bools:
        """The items whose stock leaves no space for the rest, the largest first: nothing is ordered of them."""
        aside = np.zeros(len(self.curves), bool)
        if limits.capacity is not None:
            volume = self.curves.volume * self.curves.protected.before
            for place in np.argsort(-volume, kind="stable"):
                if volume[~aside].sum() <= limits.capacity:
                    break
                aside[place] = True
        return aside

    def _too_much(self, limits: OrderLimits, aside: Bools) -> list[DataProblem]:
        volume = self.curves.volume * self.curves.protected.before
        return [
            DataProblem(
                f"{self.ready.items[place].name} is set aside: its stock takes {volume[place]:,.10g} of the "
                f"{limits.capacity:,.10g} {limits.capacity_unit} of space".rstrip(),
                remedy="The rest is planned as if it lay elsewhere; sell some of it off, or give more space.",
            )
            for place in np.flatnonzero(aside)
        ]

    def _own_cautions(self, prices: "_Prices", limits: OrderLimits, aside: Bools) -> list[str]:
        cautions = []
        if self.curves.protected.repeated:
            cautions.append("The forecast ends before the next delivery; its pattern was repeated up to then.")
        short_lived = [item.name for item in self.ready.items if spoils_first(item)]
        if short_lived:
            named = ", ".join(short_lived[:3]) + (" and others" if len(short_lived) > 3 else "")
            them = "it" if len(short_lived) == 1 else "them"
            cautions.append(
                f"{named}: shorter-lived than the time between two orders; the list covers {them} only while fresh."
            )
        if prices.offered(limits, aside).hidden is not None:
            cautions.append("For some items only every second (third, ...) case was compared: there are very many.")
        return cautions


KEPT = 3
"""Suppliers' terms that a planner remembers besides the latest."""


class _Prices:
    """What all quantities cost under the suppliers' terms, and the lines that were made of them.

    Args:
        planner: plays orders through.
        curves: the costs.
        reaches: quantities up to which they hold, one per item.
    """

    def __init__(self, planner: Planner, curves: CostCurves, reaches: Floats) -> None:
        self._planner, self.curves, self._reaches = planner, curves, reaches
        self._played: dict[tuple[int, float], OrderRehearsal] = {}
        self._line_cache: dict[tuple[int, float, float], OrderLine] = {}
        self._offers: dict[str, Options] = {}

    def offered(self, limits: OrderLimits, aside: Bools) -> Options:
        """Options depend on the service asked for and on who has a minimum, not on space or money: keep them."""
        service = (limits.cycle_service_level, limits.fill_rate, np.flatnonzero(aside).tolist())
        key = repr((service, sorted(limits.supplier_minimums.items())))
        offer = self._offers.get(key)
        if offer is None:
            offer = options(self.curves, limits, aside)
            self._offers = {key: offer}
        return offer

    def problem(self, limits: OrderLimits, aside: Bools) -> ChoiceProblem:
        """All items' options, one after the other; what is set aside takes no space."""
        offer, curves = self.offered(limits, aside), self.curves
        supplier_of = [each.item.supplier for each in curves.ready]
        suppliers = sorted({*limits.supplier_minimums, *limits.delivery_costs} & set(supplier_of))
        places = {supplier: place for place, supplier in enumerate(suppliers)}
        uses, most = [], []
        if limits.capacity is not None:
            uses.append(offer.volume)
            most.append(limits.capacity - float((curves.volume * curves.protected.before)[~aside].sum()))
        if limits.budget is not None:
            uses.append(offer.spend)
            most.append(limits.budget)
        return ChoiceProblem(
            item=offer.item,
            quantity=offer.quantities,
            cost=offer.cost,
            uses=np.array(uses).reshape(len(uses), len(offer.item)),
            limits=np.array(most),
            spend=offer.spend,
            supplier=np.array([places.get(supplier, -1) for supplier in supplier_of]),
            minimums=np.array([limits.supplier_minimums.get(name, 0.0) for name in suppliers]),
            fees=np.array([limits.delivery_costs.get(name, 0.0) for name in suppliers]),
        )

    def lines(self, problem: ChoiceProblem, chosen: Ints) -> tuple[OrderLine, ...]:
        """One line per item; those that an earlier plan had are kept."""
        quantities, alone = problem.quantity[chosen], problem.quantity[cheapest(problem, problem.cost)]
        orders = list(zip(range(problem.items), quantities.tolist(), alone.tolist(), strict=True))
        new = [line for line in orders if line not in self._line_cache]
        if new:
            self._line_cache.update(zip(new, self._new_lines(new, problem, chosen), strict=True))
        return tuple(self._line_cache[line] for line in orders)

    def own_line(self, line: OrderLine, quantity: float) -> OrderLine:
        """The same line with the owner's own quantity."""
        at = np.array([quantity])
        return replace(
            line,
            quantity=quantity,
            cost=float(line.curve.parts(at).total[0]),
            spend=float(line.curve.spend(at)[0]),
            cover_days=cover_days(line.curve, quantity),
            rehearsal=self._rehearse([line.curve.place], [quantity])[0],
            following=following_orders(line.curve, quantity),
            why=f"Your own quantity; {units_in_words(line.quantity)} would be cheapest within your limits.",
        )

    def _new_lines(
        self, orders: Sequence[tuple[int, float, float]], problem: ChoiceProblem, chosen: Ints
    ) -> list[OrderLine]:
        places, quantities = [place for place, _, _ in orders], [quantity for _, quantity, _ in orders]
        played = self._rehearse(places, quantities)
        options_of = chosen[places]
        served = self.curves.no_stockout(np.array(places), np.array(quantities)).tolist()
        figures = zip(problem.cost[options_of].tolist(), problem.spend[options_of].tolist(), served, strict=True)
        return [
            order_line(self.curves[place], ItemOrder(quantity, alone, *figure), rehearsal)
            for (place, quantity, alone), figure, rehearsal in zip(orders, figures, played, strict=True)
        ]

    def _rehearse(self, places: Sequence[int], quantities: Sequence[float]) -> list[OrderRehearsal]:
        """The orders of these items played through; what was played before is kept."""
        orders_of_items = list(zip(places, quantities, strict=True))
        new = [order for order in orders_of_items if order not in self._played]
        if new:
            at = [place for place, _ in new]
            orders = Orders(
                np.array([quantity for _, quantity in new]), self.curves.usual[at], self.curves.waiting_price[at]
            )
            self._played.update(zip(new, rehearse(self._planner.scenarios(at, self._reaches), orders), strict=True))
        return [self._played[order] for order in orders_of_items]


def _with_hidden(choice: Choice, problem: ChoiceProblem, hidden: float | None, tolerance: float) -> Choice:
    """The choice with a bound that also holds for quantities between those that were compared.

    Any list becomes one of compared quantities when each is rounded down, and keeps its limits but for minimums.
    """
    if hidden is None:
        return choice
    least = float(np.minimum.reduceat(problem.cost, problem.starts).sum())
    bound = (least if np.any(problem.minimums > 0) else choice.bound) - hidden
    return replace(choice, bound=bound, proved=choice.cost - bound <= tolerance * abs(choice.cost))


def _without(choice: Choice, problem: ChoiceProblem, aside: Bools) -> Choice:
    """The choice less what the items that are set aside cost whatever is ordered of the others."""
    cost = float(problem.cost[choice.chosen[aside]].sum())
    return replace(choice, cost=choice.cost - cost, bound=choice.bound - cost)


def _proof(lines: Sequence[OrderLine], limits: OrderLimits, choice: Choice, currency: str) -> Proof:
    cost, violations = _second_look(lines, limits)
    agrees = not violations and abs(cost - choice.cost) <= AGREEMENT * max(1.0, abs(choice.cost))
    status = Status.OPTIMAL if choice.proved and agrees else Status.FEASIBLE
    recheck = Recheck(violations, cost, agrees)
    binding = _binding(lines, limits, choice, currency)
    return Proof(status, choice.cost, choice.bound, currency, choice.solver, 0.0, binding, recheck)


def _second_look(lines: Sequence[OrderLine], limits: OrderLimits) -> tuple[float, tuple[str, ...]]:
    """What the list costs and which limits it breaks, from its rehearsals alone."""
    checked = [
        CheckedLine(each.curve.ready, each.quantity, each.curve.before, each.curve.counted, each.rehearsal)
        for each in lines
    ]
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
