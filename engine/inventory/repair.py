"""From prices at which limits nearly hold to a good choice that keeps all of them."""

from itertools import product

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.inventory.choice_problem import ChoiceProblem, cheapest, total_cost

ROUNDS = 120
PASSES = 12
TRIED = 4000
"""Exchanges that one pass looks at, the most saving first."""

DOUBTFUL = 3
"""Suppliers about whom prices say least are tried both with and without an order."""

FIRST_STEP, FASTER = 0.002, 1.12
"""Prices of limits that are broken rise by this share, and each time faster."""


class ChoiceRepair:
    """Makes choices feasible, then better one item at a time.

    Args:
        problem: options and limits.
        prices: of the limits, currency per unit.
        bonuses: of the suppliers' minimums, currency per unit spent.
    """

    def __init__(self, problem: ChoiceProblem, prices: Floats, bonuses: Floats) -> None:
        self._problem, self._prices, self._bonuses = problem, prices, bonuses

    def feasible(self, margin: Floats) -> Ints | None:
        """A choice that keeps the limits and the suppliers' minimums; None when none was found.

        Args:
            margin: per supplier, what ordering gains at these prices beyond its fee; above zero means an order.
        """
        doubtful = np.argsort(np.abs(margin))[:DOUBTFUL]
        found = []
        for states in product((True, False), repeat=len(doubtful)):
            open_suppliers = margin > 0
            open_suppliers[doubtful] = states
            fitting = self._fitting(open_suppliers)
            if fitting is not None:
                found.append(self._improved(fitting))
        return min(found, key=lambda chosen: total_cost(self._problem, chosen), default=None)

    def _fitting(self, open_suppliers: Bools) -> Ints | None:
        """Raise the prices of what is broken, little by little, until nothing is."""
        problem = self._problem
        closed = ~np.append(open_suppliers, [True])[problem.supplier][problem.item] & problem.ordered
        prices, bonuses = self._prices.copy(), self._bonuses.copy()
        step = FIRST_STEP
        for _ in range(ROUNDS):
            cost = problem.cost - problem.bonus(bonuses) + (prices @ problem.uses if len(prices) else 0.0)
            chosen = cheapest(problem, np.where(closed, np.inf, cost))
            if closed[chosen].any():
                return None
            broken = problem.uses[:, chosen].sum(axis=1) > problem.limits * (1 + 1e-12) + 1e-9
            poor = open_suppliers & (self._spent(chosen) < problem.minimums - 1e-9)
            if not broken.any() and not poor.any():
                return chosen
            prices = np.where(broken, prices * (1 + step) + 1e-9, prices)
            bonuses = np.where(poor, bonuses * (1 + step) + 1e-6 * step, bonuses)
            step *= FASTER
        return None

    def _spent(self, chosen: Ints) -> Floats:
        problem = self._problem
        bundled = problem.supplier >= 0
        spend = problem.spend[chosen[bundled]]
        return np.bincount(problem.supplier[bundled], spend, minlength=len(problem.fees)).astype(np.float64)

    def _improved(self, chosen: Ints) -> Ints:
        """Exchange one item's option at a time for one that costs less and still fits."""
        problem, prices = self._problem, self._prices
        for _ in range(PASSES):
            gain = problem.cost[chosen][problem.item] - problem.cost
            taken = problem.uses - problem.uses[:, chosen][:, problem.item]
            left = problem.limits - problem.uses[:, chosen].sum(axis=1)
            good = np.flatnonzero((gain > 1e-12) & np.all(taken <= left[:, None] + 1e-12, axis=0))
            if not len(good):
                break
            priced = np.maximum(prices @ taken[:, good], 0.0) if len(prices) else np.zeros(len(good))
            order = good[np.argsort(-(gain[good] - priced), kind="stable")][:TRIED]
            exchanged = self._exchange(chosen, order, left)
            if np.array_equal(exchanged, chosen):
                break
            chosen = exchanged
        return chosen

    def _exchange(self, chosen: Ints, order: Ints, left: Floats) -> Ints:
        problem, chosen, left = self._problem, chosen.copy(), left.copy()
        spent = self._spent(chosen)
        ordering = np.isin(np.arange(len(spent)), problem.supplier[problem.ordered[chosen]])
        touched: set[int] = set()
        for option in order:
            item = int(problem.item[option])
            supplier, now = problem.supplier[item], chosen[item]
            taken = problem.uses[:, option] - problem.uses[:, now]
            if item in touched or np.any(taken > left + 1e-12):
                continue
            if supplier >= 0:
                # An exchange must neither open a supplier nor take one below its minimum.
                after = spent[supplier] + problem.spend[option] - problem.spend[now]
                if not ordering[supplier] or after < problem.minimums[supplier]:
                    continue
                spent[supplier] = after
            touched.add(item)
            chosen[item], left = option, left - taken
        return chosen
