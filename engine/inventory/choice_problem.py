"""A choice of one option for each item, under limits that all share."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.arrays import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class ChoiceProblem:
    """Options of all items, one after the other; the options of an item stand together.

    Attributes:
        item: the item of each option, 0, 0, 0, 1, 1, ...
        quantity: units of each option; 0 is no order.
        cost: of each option.
        uses: how much of each limit each option takes, shape (limits, options), >= 0.
        limits: how much there is, shape (limits,).
        spend: of each option, counted towards the supplier's minimum.
        supplier: the supplier of each item, or -1 for one without minimum and fee.
        minimums: least spend per supplier, 0 for none; all or nothing.
        fees: cost per supplier from which anything is ordered.
    """

    item: Ints
    quantity: Floats
    cost: Floats
    uses: Floats
    limits: Floats
    spend: Floats
    supplier: Ints
    minimums: Floats
    fees: Floats

    @property
    def items(self) -> int:
        """How many items there are."""
        return len(self.supplier)

    @cached_property
    def ordered(self) -> Bools:
        """True for options in which something is ordered."""
        return np.asarray(self.quantity > 0)

    def bonus(self, prices: Floats) -> Floats:
        """What each option earns when a unit spent with a supplier is worth the supplier's price, shape (options,)."""
        return np.asarray(np.append(prices, 0.0)[self.supplier[self.item]] * self.spend)

    @cached_property
    def starts(self) -> Ints:
        """The first option of each item."""
        return np.searchsorted(self.item, np.arange(self.items))


def total_cost(problem: ChoiceProblem, chosen: Ints) -> float:
    """The cost of a choice, suppliers' fees included."""
    used = np.unique(problem.supplier[problem.ordered[chosen]])
    return float(problem.cost[chosen].sum() + problem.fees[used[used >= 0]].sum())


def cheapest(problem: ChoiceProblem, cost: Floats) -> Ints:
    """The first option of least cost of each item."""
    least = np.minimum.reduceat(cost, problem.starts)
    hits = np.flatnonzero(cost <= least[problem.item])
    return hits[np.searchsorted(problem.item[hits], np.arange(problem.items))]
