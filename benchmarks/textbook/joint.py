"""How often to order several items that share the cost of a delivery."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.textbook.economic_order import economic_order
from engine.arrays import Floats, Ints

MOST_STEPS = 200_000
"""Rhythms that are compared at most; reached only when the shared cost is next to nothing."""


@dataclass(frozen=True)
class JointOrders:
    """A common rhythm.

    Attributes:
        cycle_time: time between deliveries.
        multiples: each item comes with every so many-th delivery.
        cost: ordering and holding cost per unit of time, currency.
        is_proven: no rhythm of this kind is cheaper.
    """

    cycle_time: float
    multiples: tuple[int, ...]
    cost: float
    is_proven: bool = True


def joint_replenishment(
    shared_cost: float, order_costs: Sequence[float], demand_rates: Sequence[float], holding_costs: Sequence[float]
) -> JointOrders:
    """The cheapest rhythm in which each item comes with every m-th delivery.

    Between two lengths of the cycle at which some item's best multiple changes, the multiples are fixed and the best
    length is known in closed form; walking through all of them leaves out no rhythm.

    Args:
        shared_cost: currency per delivery, > 0.
        order_costs: currency per item in a delivery, > 0.
        demand_rates: units per unit of time.
        holding_costs: currency per unit and unit of time.

    Raises:
        ValueError: a number is not positive.

    Source: Snyder & Shen, section 3.8 (their heuristic's example is a test: ours costs no more); Goyal (1974).
    """
    lines, carrying = np.asarray(order_costs, float), np.asarray(demand_rates) * np.asarray(holding_costs)
    if not (shared_cost > 0 and np.all(lines > 0) and np.all(carrying > 0)):
        raise ValueError("costs and rates must be positive")
    best = _rhythm(shared_cost, lines, carrying, np.ones(len(lines), np.int64))
    alone = sum(
        economic_order(k, d, holding_cost=h).cost
        for k, d, h in zip(order_costs, demand_rates, holding_costs, strict=True)
    )
    shortest = shared_cost / (best.cost - alone)
    changes = _changes(lines, carrying, shortest)
    for multiples in changes[:MOST_STEPS]:
        rhythm = _rhythm(shared_cost, lines, carrying, multiples)
        best = min(best, rhythm, key=lambda each: each.cost)
    return replace(best, is_proven=len(changes) <= MOST_STEPS)


def _rhythm(shared_cost: float, lines: Floats, carrying: Floats, multiples: Ints) -> JointOrders:
    fees, holding = shared_cost + float((lines / multiples).sum()), float((carrying * multiples).sum())
    return JointOrders(math.sqrt(2 * fees / holding), tuple(int(m) for m in multiples), math.sqrt(2 * fees * holding))


def _changes(lines: Floats, carrying: Floats, shortest: float) -> list[Ints]:
    """Every vector of best multiples from the longest cycle down to the shortest that can pay."""
    steps = []
    for item, ratio in enumerate(2 * lines / carrying):
        m = 1
        while (length := math.sqrt(ratio / (m * (m + 1)))) >= shortest and m <= MOST_STEPS:
            steps.append((length, item))
            m += 1
    multiples, vectors = np.ones(len(lines), np.int64), []
    for _, item in sorted(steps, reverse=True)[: MOST_STEPS + 1]:
        multiples = multiples.copy()
        multiples[item] += 1
        vectors.append(multiples)
    return vectors
