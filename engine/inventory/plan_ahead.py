"""The next deliveries of every supplier, all items together: when, what and how much, with what merging two would cost.

The expected cost of a plan is exact for the forecast's paths under the approximations that
`engine/inventory/cover.py` names; the bound comes from tangents below that cost, so no plan of this kind costs less.
Space is kept by the expected stock just after each delivery. Each chance to order brings the budget once more, and
what is not spent is kept for later.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import numpy as np

from engine.arrays import Bools, Floats
from engine.inventory.ahead_program import SEED, AheadProgram
from engine.inventory.check import paid
from engine.inventory.check_ahead import PlayedItem, ahead_cost, ahead_violations, play
from engine.inventory.cover import ItemCovers, item_cost, levels
from engine.inventory.deliveries import AheadPlan, DeliveredItem, Delivery, MergedCost
from engine.inventory.infeasibility import find_deliveries_clash
from engine.inventory.item import OrderLimits
from engine.inventory.planning_inputs import PlanningItem, day_of
from engine.proof import Infeasibility, Proof, Recheck, Status
from engine.solvers.highs import SolverStatus, WorkLimits

ROUNDS = 4
"""A search is begun anew with more tangents at most so often."""

AGREEMENT = 1e-6
"""The second look must find the promised cost to this share."""

CHEAPER = 1e-6
"""Currency by which a plan with fewer deliveries must be cheaper to take the place of another."""

POOR = 0.25
"""A plan that may be dearer than needed by this share is not shown."""

TOO_LATE = Infeasibility[str]("No good plan was ready in time.", (), remedy="Plan once more, or set fewer limits.")

SHARPENING = 0.4
"""The most of the time in which tangents are drawn before the search."""

TRY_SECONDS = 5.0
"""For the question whether any plan keeps some limits."""

Report = Callable[[float, str], None]
"""Called with the share that is done (0..1) and what comes next."""


@dataclass(frozen=True)
class AheadEffort:
    """How far to look ahead, and how long to search.

    Attributes:
        deliveries: chances to order that are planned, >= 1.
        seconds: wall-clock limit of the search for the plan.
        tolerance: relative gap at which a plan counts as proved.
        merge_seconds: wall-clock limit of the search for what merging deliveries would cost.
    """

    deliveries: int = 8
    seconds: float = 20.0
    tolerance: float = 0.002
    merge_seconds: float = 15.0


@dataclass(frozen=True, eq=False)
class _Group:
    """Items that are planned together, and what they come to.

    Attributes:
        places: which of all items.
        quantities: units, shape (items, chances); empty without a plan.
        cost: currency.
        bound: no plan costs less.
        status: how the search ended.
        program: with the tangents that the search has drawn.
    """

    places: tuple[int, ...]
    quantities: Floats
    cost: float
    bound: float
    status: SolverStatus
    program: AheadProgram


def plan_ahead(
    items: Sequence[PlanningItem],
    limits: OrderLimits,
    *,
    currency: str = "",
    effort: AheadEffort | None = None,
    report: Report | None = None,
) -> AheadPlan:
    """The cheapest deliveries ahead, with a bound.

    Args:
        items: ready to plan, with the same review period.
        limits: the budget is that of each chance to order.
        currency: ISO code of all money.
        effort: how far to look, and when to stop.
        report: is told how far it is.
    """
    return _Ahead(items, limits, effort or AheadEffort(), report or _nobody).plan(currency)


def _nobody(share: float, note: str) -> None:
    """Takes a report and keeps it to itself."""


def _is_poor(groups: Sequence[_Group]) -> bool:
    cost, bound = sum(group.cost for group in groups), sum(group.bound for group in groups)
    return math.isfinite(cost) and cost - bound > POOR * cost


class _Ahead:
    """One question, and the covers of its items."""

    def __init__(self, items: Sequence[PlanningItem], limits: OrderLimits, effort: AheadEffort, report: Report) -> None:
        self._items, self._limits, self._chances = items, limits, effort.deliveries
        self._effort, self._report = effort, report
        self._cached: dict[tuple[float | None, float | None], list[ItemCovers]] = {}

    def plan(self, currency: str) -> AheadPlan:
        began = time.perf_counter()
        days = self._days()
        if not self._items:
            proof = Proof(Status.OPTIMAL, 0.0, 0.0, currency, "nothing to plan", 0.0)
            return AheadPlan((), (), self._limits, currency, days, proof)
        groups = self._solved(began + self._effort.seconds)
        seconds = time.perf_counter() - began
        if any(not group.quantities.size for group in groups) or _is_poor(groups):
            infeasibility = find_deliveries_clash(self._limits, self._least) if not _is_poor(groups) else TOO_LATE
            status = Status.INFEASIBLE if infeasibility.limits else Status.FEASIBLE
            proof = Proof(status, math.inf, math.inf, currency, "HiGHS", seconds)
            return AheadPlan((), (), self._limits, currency, days, proof, infeasibility)
        merged = self._merges(groups, days, time.perf_counter() + self._effort.merge_seconds)
        quantities = np.zeros((len(self._items), self._chances))
        for group in groups:
            quantities[list(group.places)] = group.quantities
        played = tuple(play(item, row) for item, row in zip(self._items, quantities, strict=True))
        proof = replace(self._proof(groups, played), unit=currency, seconds=seconds)
        deliveries, notes = self._list(played, days, merged), self._assumptions()
        return AheadPlan(deliveries, played, self._limits, currency, days, proof, assumptions=notes)

    def _days(self) -> tuple[date, ...]:
        """The first order is placed when the forecast begins."""
        if not self._items:
            return ()
        first = self._items[0]
        return tuple(day_of(first.demand, chance * first.item.review_period) for chance in range(self._chances))

    def _assumptions(self) -> tuple[str, ...]:
        last = [each.arrivals[-1] for each in self._covers(self._limits)]
        items = [each.item for each in self._items]
        sentences = {
            "Quantities after the first order are expected ones: plan again when new sales are in.": True,
            "Each chance to order brings the budget once more; what is not spent is kept.": self._limits.budget,
            "Space is kept by the expected stock just after each delivery.": self._limits.capacity,
            "Deliveries are taken to come on time.": any(each.lead_time_sd for each in items),
            "The forecast ends before the last delivery is sold; its pattern was repeated up to then.": any(
                len(each.demand.periods) < end for each, end in zip(self._items, last, strict=True)
            ),
        }
        return tuple(sentence for sentence, holds in sentences.items() if holds)

    def _covers(self, limits: OrderLimits) -> list[ItemCovers]:
        key = limits.cycle_service_level, limits.fill_rate
        if key not in self._cached:
            self._cached[key] = [ItemCovers(item, self._chances, limits) for item in self._items]
        return self._cached[key]

    def _together(self) -> list[tuple[int, ...]]:
        """Items that have to be planned together: all under shared space or money, else those of a supplier's fee."""
        places = range(len(self._items))
        if self._limits.budget is not None or self._limits.capacity is not None:
            return [tuple(places)]
        groups: dict[tuple[str, int], list[int]] = {}
        for place, item in enumerate(self._items):
            name = item.item.supplier
            is_shared = self._limits.delivery_costs.get(name, 0.0) or self._limits.supplier_minimums.get(name, 0.0)
            groups.setdefault((name, -1 if is_shared else place), []).append(place)
        return sorted((tuple(group) for group in groups.values()), key=len)

    def _solved(self, deadline: float) -> list[_Group]:
        """Small groups first; what they leave of the time is for the larger ones."""
        self._report(0.0, "reading the futures")
        covers, waiting, solved = self._covers(self._limits), self._together(), list[_Group]()
        for number, places in enumerate(waiting):
            self._report(0.7 * number / len(waiting), "planning the deliveries")
            weights = [len(each) for each in waiting[number:]]
            share = (deadline - time.perf_counter()) * weights[0] / sum(weights)
            solved.append(self._solve(places, [covers[place] for place in places], share))
        return solved

    def _solve(self, places: tuple[int, ...], covers: Sequence[ItemCovers], seconds: float) -> _Group:
        """Search, draw tangents where the plan lies, and search again until the bound is near."""
        deadline = time.perf_counter() + seconds
        program = AheadProgram(covers, self._limits)
        least = program.sharpen(deadline - (1 - SHARPENING) * seconds)
        best = _Group(places, np.empty((0, 0)), math.inf, least, SolverStatus.STOPPED, program)
        for _ in range(ROUNDS):
            left = max(0.2, deadline - time.perf_counter())
            solution = program.solve(WorkLimits(left, gap=self._effort.tolerance / 2, seed=SEED))
            if solution.values is None:
                return best if best.quantities.size else replace(best, status=solution.status)
            quantities = program.quantities()
            cost = self._cost(covers, quantities)
            if cost < best.cost:
                best = replace(best, quantities=quantities, cost=cost)
            best = replace(best, bound=min(best.cost, max(best.bound, solution.bound)), status=solution.status)
            is_near = best.cost - best.bound <= self._effort.tolerance * abs(best.cost) + 1e-9
            if is_near or time.perf_counter() > deadline:
                break
            program.refine([levels(each, row) for each, row in zip(covers, quantities, strict=True)])
        return best

    def _cost(self, covers: Sequence[ItemCovers], quantities: Floats) -> float:
        fees = 0.0
        for supplier, fee in self._limits.delivery_costs.items():
            rows = [row for row, each in enumerate(covers) if each.ready.item.supplier == supplier]
            fees += fee * int((quantities[rows] > 0).any(axis=0).sum())
        return fees + sum(item_cost(each, row) for each, row in zip(covers, quantities, strict=True))

    def _proof(self, groups: Sequence[_Group], played: Sequence[PlayedItem]) -> Proof:
        objective, bound = sum(group.cost for group in groups), sum(group.bound for group in groups)
        cost, violations = ahead_cost(played, self._limits), ahead_violations(played, self._limits)
        agrees = not violations and abs(cost - objective) <= AGREEMENT * max(1.0, abs(objective))
        near = objective - bound <= self._effort.tolerance * abs(objective) + 1e-9
        status = Status.OPTIMAL if near and agrees else Status.FEASIBLE
        return Proof(status, objective, bound, "", "HiGHS", 0.0, recheck=Recheck(violations, cost, agrees))

    def _list(
        self, played: Sequence[PlayedItem], days: Sequence[date], merged: Mapping[tuple[str, int], MergedCost]
    ) -> tuple[Delivery, ...]:
        deliveries = []
        for chance, day in enumerate(days):
            placed = [each for each in played if each.quantities[chance] > 0]
            for supplier in sorted({each.ready.item.supplier for each in placed}):
                brought = [each for each in placed if each.ready.item.supplier == supplier]
                keeping = sum(float(each.cost[chance]) + each.ready.item.order_cost for each in brought)
                fee = self._limits.delivery_costs.get(supplier, 0.0)
                items = tuple(_delivered(each, chance) for each in brought)
                key = supplier, chance
                deliveries.append(Delivery(supplier, chance, day, items, fee, keeping, merged.get(key)))
        return tuple(deliveries)

    def _merges(self, groups: list[_Group], days: Sequence[date], deadline: float) -> dict[tuple[str, int], MergedCost]:
        """For each delivery that another one follows: the cheapest plan with one delivery in place of the two.

        A plan that is cheaper than the one at hand takes its place in the groups, and all is asked again.
        """
        trips = self._trips(groups)
        often = {name: np.flatnonzero(used).tolist() for name, used in trips.items() if used.sum() > 1}
        without = sorted((chance, name) for name, chances in often.items() for chance in chances)
        extras = dict[tuple[str, int], float]()
        for number, (chance, name) in enumerate(without):
            self._report(0.7 + 0.3 * number / len(without), "pricing merged deliveries")
            rest = {**trips, name: trips[name] & (np.arange(self._chances) != chance)}
            touched = [place for place, group in enumerate(groups) if self._orders(group, name, chance)]
            fewer = [self._keep_to(groups[place], rest, deadline) for place in touched]
            extra = sum(each.cost - groups[place].cost for place, each in zip(touched, fewer, strict=True))
            if extra < -CHEAPER:
                for place, each in zip(touched, fewer, strict=True):
                    groups[place] = each
                return self._merges(groups, days, deadline)
            extras[name, chance] = max(0.0, extra) if extra == extra else extra
        merged = dict[tuple[str, int], MergedCost]()
        for name, chances in often.items():
            for one, two in pairwise(chances):
                early, late = extras[name, two], extras[name, one]
                extra = float(np.fmin(early, late))
                merged[name, one] = MergedCost(days[two], extra, early == extra)
        return merged

    def _trips(self, groups: Sequence[_Group]) -> dict[str, Bools]:
        """Whether each supplier delivers, by chance."""
        trips = {each.item.supplier: np.zeros(self._chances, bool) for each in self._items}
        for group in groups:
            for place, row in zip(group.places, group.quantities, strict=True):
                trips[self._items[place].item.supplier] |= row > 0
        return trips

    def _orders(self, group: _Group, supplier: str, chance: int) -> bool:
        rows = [row for row, place in enumerate(group.places) if self._items[place].item.supplier == supplier]
        return bool(np.any(group.quantities[rows, chance] > 0))

    def _keep_to(self, group: _Group, trips: Mapping[str, Bools], deadline: float) -> _Group:
        """The group with no deliveries but these; its cost is infinite without a plan, not a number without time."""
        left = min(TRY_SECONDS, deadline - time.perf_counter())
        if left <= 0:
            return replace(group, cost=math.nan)
        group.program.allow({name: used.tolist() for name, used in trips.items()})
        solution = group.program.solve(WorkLimits(left, gap=self._effort.tolerance / 4, seed=SEED))
        if solution.values is None:
            return replace(group, cost=math.inf if solution.status is SolverStatus.INFEASIBLE else math.nan)
        quantities = group.program.quantities()
        covers = self._covers(self._limits)
        return replace(group, quantities=quantities, cost=self._cost([covers[k] for k in group.places], quantities))

    def _least(self, limits: OrderLimits, loose: str) -> float | None:
        """By how much a limit must give way at least; infinite when that is not enough, None when it is not known."""
        program = AheadProgram(self._covers(limits), limits, loose=loose)
        solution = program.solve(WorkLimits(TRY_SECONDS, gap=1e-4, seed=SEED))
        if solution.values is None:
            return math.inf if solution.status is SolverStatus.INFEASIBLE else None
        return solution.objective


def _delivered(each: PlayedItem, chance: int) -> DeliveredItem:
    ready, quantity = each.ready, float(each.quantities[chance])
    period = chance * ready.item.review_period + math.ceil(ready.lead_time - 1e-9)
    arrives = day_of(ready.demand, period)
    return DeliveredItem(ready.name, quantity, round(quantity / ready.item.pack), paid(ready, quantity), arrives)
