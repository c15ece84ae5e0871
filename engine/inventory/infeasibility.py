"""Why limits cannot all be kept, by name, and the smallest change that helps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.arrays import Floats
from engine.inventory.curve import CostCurves
from engine.inventory.item import OrderLimits
from engine.inventory.multiple_choice_knapsack import ChoiceProblem, choose
from engine.proof import ClashingLimit, Infeasibility, Relaxation

SECONDS = 2.0
STEPS = 12

SERVICE, FILL, SPACE, BUDGET = "service level", "fill rate", "warehouse space", "budget"
MINIMUM = "minimum order of "

Problem = Callable[[OrderLimits], ChoiceProblem]
"""Makes the choice problem of the items under some limits."""


@dataclass(frozen=True)
class LimitRule:
    """A limit, and the limits without it."""

    name: str
    without: Callable[[OrderLimits], OrderLimits]


def find_clash(curves: CostCurves, limits: OrderLimits, problem: Problem) -> Infeasibility[str]:
    """The limits that clash, and for each the smallest relaxation that alone makes a plan possible.

    Args:
        curves: the items.
        limits: for which there is no plan.
        problem: makes the choice problem for other limits.
    """
    present = [rule for rule in limit_rules(limits) if rule.without(limits) != limits]
    core = list(present)
    for rule in present:
        rest = [other for other in core if other is not rule]
        if not possible(only_rules(limits, rest, present), problem):
            core = rest
    ways = [way for rule in core if (way := _way_out(rule.name, curves, limits, problem)) is not None]
    names = [rule.name for rule in core]
    sentence = f"No order list keeps these limits: {' and '.join(names)}."
    return Infeasibility(sentence, tuple(ClashingLimit(name, name) for name in names), tuple(ways))


def possible(limits: OrderLimits, problem: Problem) -> bool:
    """True when some order list keeps all of these limits."""
    choice_problem = problem(limits)
    return (
        bool(np.all(choice_problem.limits >= 0)) and choose(choice_problem, seconds=SECONDS, tolerance=1.0) is not None
    )


def limit_rules(limits: OrderLimits) -> list[LimitRule]:
    """Everything that may be limited."""
    rules = [
        LimitRule(SPACE, lambda limits: replace(limits, capacity=None)),
        LimitRule(BUDGET, lambda limits: replace(limits, budget=None)),
        LimitRule(SERVICE, lambda limits: replace(limits, cycle_service_level=None)),
        LimitRule(FILL, lambda limits: replace(limits, fill_rate=None)),
    ]
    rules += [LimitRule(MINIMUM + name, partial(_without, supplier=name)) for name in limits.supplier_minimums]
    return rules


def _without(limits: OrderLimits, supplier: str) -> OrderLimits:
    return replace(limits, supplier_minimums={k: v for k, v in limits.supplier_minimums.items() if k != supplier})


def only_rules(limits: OrderLimits, core: Sequence[LimitRule], present: Sequence[LimitRule]) -> OrderLimits:
    """The limits without those that are present and not in the core."""
    for rule in present:
        if rule not in core:
            limits = rule.without(limits)
    return limits


def _way_out(name: str, curves: CostCurves, limits: OrderLimits, problem: Problem) -> Relaxation | None:
    if name == SPACE:
        before = float(curves.volume @ curves.protected.before)
        least = _least(replace(limits, capacity=None), problem, lambda choice_problem: _volumes(choice_problem, curves))
        now, unit = limits.capacity or 0.0, limits.capacity_unit
        return None if least is None else Relaxation.of_limit(name, now, before + least, unit)
    if name == BUDGET:
        least = _least(replace(limits, budget=None), problem, lambda choice_problem: choice_problem.spend)
        return None if least is None else Relaxation.of_limit(name, limits.budget or 0.0, least, "")
    if name in (SERVICE, FILL):
        return _lower_service(name, limits, problem)
    return _lower_minimum(name, limits, problem)


def _volumes(problem: ChoiceProblem, curves: CostCurves) -> Floats:
    return curves.volume[problem.item] * problem.quantity


def _least(limits: OrderLimits, problem: Problem, measure: Callable[[ChoiceProblem], Floats]) -> float | None:
    """The least of something that all other limits allow."""
    choice_problem = problem(limits)
    if np.any(choice_problem.limits < 0):
        return None
    choice = choose(
        replace(choice_problem, cost=measure(choice_problem), fees=0 * choice_problem.fees),
        seconds=SECONDS,
        tolerance=1e-6,
    )
    return None if choice is None else choice.cost


def _lower_service(name: str, limits: OrderLimits, problem: Problem) -> Relaxation | None:
    """The highest level that can be kept, to a tenth of a percent point."""

    def at(level: float) -> OrderLimits:
        return replace(limits, cycle_service_level=level) if name == SERVICE else replace(limits, fill_rate=level)

    level_now = (limits.cycle_service_level if name == SERVICE else limits.fill_rate) or 0.0
    highest = _highest(level_now, at, problem)
    return None if highest is None else Relaxation.of_limit(name, 100 * level_now, 100 * highest, "%")


def _lower_minimum(name: str, limits: OrderLimits, problem: Problem) -> Relaxation | None:
    """The highest minimum order of one supplier that can be met."""
    supplier = name.removeprefix(MINIMUM)

    def at(least: float) -> OrderLimits:
        return replace(limits, supplier_minimums={**limits.supplier_minimums, supplier: least})

    minimum = limits.supplier_minimums[supplier]
    highest = _highest(minimum, at, problem)
    return None if highest is None else Relaxation.of_limit(name, minimum, highest, "")


def _highest(now: float, at: Callable[[float], OrderLimits], problem: Problem) -> float | None:
    """The highest value below the wanted one with which a plan is possible; None when there is none from 0 on."""
    if not possible(at(0.0), problem):
        return None
    low, high = 0.0, now
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if possible(at(middle), problem) else (low, middle)
    return low


LEVELS = (0.98, 0.95, 0.9, 0.8, 0.7, 0.5)
"""Services that are offered in place of one that the deliveries ahead cannot keep."""

Give = Callable[[OrderLimits, str], float | None]
"""(limits, name of one) -> by how much that one must give way so that the deliveries ahead keep the others; infinite
when that is not enough, None when nobody knows in time. The name "" asks whether all can be kept."""


def find_deliveries_clash(limits: OrderLimits, give: Give) -> Infeasibility[str]:
    """The limits that the deliveries ahead cannot all keep, and changes that alone make a plan possible.

    Args:
        limits: for which there is no plan.
        give: looks for deliveries within some limits.
    """
    present = [rule for rule in limit_rules(limits) if rule.without(limits) != limits]
    if give(limits, "") != np.inf:
        return Infeasibility("No plan was ready in time.", (), remedy="Plan once more, or set fewer limits.")
    core, is_minimal = list(present), True
    for rule in present:
        rest = [other for other in core if other is not rule]
        least = give(only_rules(limits, rest, present), "")
        core, is_minimal = rest if least == np.inf else core, is_minimal and least is not None
    names = [rule.name for rule in core]
    ways = tuple(way for name in names if (way := _delivery_way_out(name, limits, give)) is not None)
    clashing = tuple(ClashingLimit(name, name) for name in names)
    return Infeasibility(f"No deliveries keep these limits: {' and '.join(names)}.", clashing, ways, "", is_minimal)


def _delivery_way_out(name: str, limits: OrderLimits, give: Give) -> Relaxation | None:
    if name in (SERVICE, FILL):
        now = (limits.cycle_service_level if name == SERVICE else limits.fill_rate) or 0.0
        for level in (each for each in LEVELS if each < now):
            lower = replace(limits, cycle_service_level=level) if name == SERVICE else replace(limits, fill_rate=level)
            if give(lower, "") not in (np.inf, None):
                return Relaxation.of_limit(name, 100 * now, 100 * level, "%")
        return None
    least = give(limits, name)
    if least is None or least == np.inf:
        return None
    if name == SPACE:
        return Relaxation.of_limit(name, limits.capacity or 0.0, (limits.capacity or 0.0) + least, limits.capacity_unit)
    if name == BUDGET:
        return Relaxation.of_limit(name, limits.budget or 0.0, (limits.budget or 0.0) + least, "")
    minimum = limits.supplier_minimums[name.removeprefix(MINIMUM)]
    return Relaxation.of_limit(name, minimum, minimum - least, "")
