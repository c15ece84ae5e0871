"""One option for each item under limits that all share, at the least total cost, with a proof.

Each limit gets a price; at given prices every item chooses for itself, and the sum is a bound that no choice can beat
(Lagrangian relaxation). Prices that make the bound largest are found by cutting planes. Near those prices nearly all
items are decided; HiGHS settles the rest and proves the whole.
"""

import time
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.solvers.highs import Program, WorkLimits, solve

ROUNDS, REPAIR_ROUNDS, PASSES = 60, 120, 12
EXACT = 1e-9
SEED = 1
MOST_EXCHANGES = 4000
"""Exchanges that one pass looks at, the most saving first."""

DOUBTFUL = 3
"""Suppliers about whom prices say least are tried both with and without an order."""

FIRST_STEP, FASTER = 0.002, 1.12
"""Prices of limits that are broken rise by this share, and each time faster."""


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

    def spent(self, chosen: Ints) -> Floats:
        """What a choice spends with each supplier, shape (suppliers,)."""
        bundled = self.supplier >= 0
        spend = self.spend[chosen[bundled]]
        return np.bincount(self.supplier[bundled], spend, minlength=len(self.fees)).astype(np.float64)

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
        choices = []
        for states in product((True, False), repeat=len(doubtful)):
            open_suppliers = margin > 0
            open_suppliers[doubtful] = states
            fitting = self._fitting(open_suppliers)
            if fitting is not None:
                choices.append(self._improved(fitting))
        return min(choices, key=lambda chosen: total_cost(self._problem, chosen), default=None)

    def _fitting(self, open_suppliers: Bools) -> Ints | None:
        """Raise the prices of what is broken, little by little, until nothing is."""
        problem = self._problem
        closed = ~np.append(open_suppliers, [True])[problem.supplier][problem.item] & problem.ordered
        prices, bonuses = self._prices.copy(), self._bonuses.copy()
        step = FIRST_STEP
        for _ in range(REPAIR_ROUNDS):
            cost = problem.cost - problem.bonus(bonuses) + (prices @ problem.uses if len(prices) else 0.0)
            chosen = cheapest(problem, np.where(closed, np.inf, cost))
            if closed[chosen].any():
                return None
            broken = problem.uses[:, chosen].sum(axis=1) > problem.limits * (1 + 1e-12) + 1e-9
            poor = open_suppliers & (problem.spent(chosen) < problem.minimums - 1e-9)
            if not broken.any() and not poor.any():
                return chosen
            prices = np.where(broken, prices * (1 + step) + 1e-9, prices)
            bonuses = np.where(poor, bonuses * (1 + step) + 1e-6 * step, bonuses)
            step *= FASTER
        return None

    def _improved(self, chosen: Ints) -> Ints:
        """Exchange one item's option at a time for one that costs less and still fits."""
        problem, prices = self._problem, self._prices
        for _ in range(PASSES):
            gain = problem.cost[chosen][problem.item] - problem.cost
            extra = problem.uses - problem.uses[:, chosen][:, problem.item]
            left = problem.limits - problem.uses[:, chosen].sum(axis=1)
            good = np.flatnonzero((gain > 1e-12) & np.all(extra <= left[:, None] + 1e-12, axis=0))
            if not len(good):
                break
            priced = np.maximum(prices @ extra[:, good], 0.0) if len(prices) else np.zeros(len(good))
            order = good[np.argsort(-(gain[good] - priced), kind="stable")][:MOST_EXCHANGES]
            exchanged = self._exchange(chosen, order, left)
            if np.array_equal(exchanged, chosen):
                break
            chosen = exchanged
        return chosen

    def _exchange(self, chosen: Ints, order: Ints, left: Floats) -> Ints:
        problem, chosen, left = self._problem, chosen.copy(), left.copy()
        spent = problem.spent(chosen)
        ordering = np.isin(np.arange(len(spent)), problem.supplier[problem.ordered[chosen]])
        touched: set[int] = set()
        for option in order:
            item = int(problem.item[option])
            supplier, now = problem.supplier[item], chosen[item]
            extra = problem.uses[:, option] - problem.uses[:, now]
            if item in touched or np.any(extra > left + 1e-12):
                continue
            if supplier >= 0:
                # An exchange must neither open a supplier nor take one below its minimum.
                after = spent[supplier] + problem.spend[option] - problem.spend[now]
                if not ordering[supplier] or after < problem.minimums[supplier]:
                    continue
                spent[supplier] = after
            touched.add(item)
            chosen[item], left = option, left - extra
        return chosen


@dataclass(frozen=True, eq=False)
class Choice:
    """What was chosen.

    Attributes:
        chosen: the option of each item.
        cost: of all items and suppliers.
        bound: no choice costs less.
        prices: what one more unit of each limit saves, shape (limits,).
        proved: cost and bound are within the tolerance.
        solver: what found and proved it.
    """

    chosen: Ints
    cost: float
    bound: float
    prices: Floats
    proved: bool
    solver: str


def choose(problem: ChoiceProblem, *, seconds: float, tolerance: float) -> Choice | None:
    """The cheapest choice within the limits; None when there is none (or none was found in time).

    Args:
        problem: options and limits.
        seconds: wall-clock limit.
        tolerance: relative gap at which the choice counts as proved.
    """
    began = time.perf_counter()
    least = np.minimum.reduceat(problem.uses, problem.starts, axis=1).sum(axis=1)
    if np.any(least > problem.limits * (1 + EXACT) + EXACT):
        return None
    dual = _best_prices(problem)
    count = len(problem.limits)
    chosen = ChoiceRepair(problem, dual.prices[:count], dual.prices[count:]).feasible(dual.margin)
    cost = total_cost(problem, chosen) if chosen is not None else np.inf
    bound, solver = dual.bound, "Lagrangian relaxation"
    if chosen is None or not _close(cost, bound, tolerance):
        left = max(0.1, seconds - (time.perf_counter() - began))
        chosen, bound = _settle(problem, dual, chosen, WorkLimits(left, gap=tolerance / 2, seed=SEED))
        solver = "Lagrangian relaxation and HiGHS"
    if chosen is None:
        return None
    cost = total_cost(problem, chosen)
    return Choice(
        chosen, cost, min(bound, cost), dual.prices[:count], proved=_close(cost, bound, tolerance), solver=solver
    )


@dataclass(frozen=True, eq=False)
class _Dual:
    """What all items choose at given prices.

    Attributes:
        prices: of the limits, then of the suppliers' minimums; currency per unit.
        bound: no choice costs less.
        slopes: how the bound changes with each price.
        chosen: the option of each item.
        reduced: cost of each option with what it uses priced in.
        margin: per supplier, what ordering gains beyond its fee and minimum.
    """

    prices: Floats
    bound: float
    slopes: Floats
    chosen: Ints
    reduced: Floats
    margin: Floats


def _best_prices(problem: ChoiceProblem) -> _Dual:
    """The prices that make the bound largest, by Kelley's cutting planes."""
    scale = np.maximum(np.concatenate([problem.limits, problem.minimums]), EXACT)
    best = _at(problem, np.zeros(len(scale)))
    if np.all(best.slopes <= 0):
        return best
    most = _highest(problem) * scale
    cuts = [best]
    for _ in range(ROUNDS):
        reached = _master(cuts, most, scale)
        if reached is None:  # numbers too far apart for a linear program: what is known so far is still a bound
            break
        prices, ceiling = reached
        dual = _at(problem, prices / scale)
        best = max(best, dual, key=lambda each: each.bound)
        if ceiling - best.bound <= 1e-7 * max(1.0, abs(best.bound)):
            break
        cuts.append(dual)
    return best


def _highest(problem: ChoiceProblem) -> Floats:
    """Prices beyond which no item changes its choice any more."""
    each = np.bincount(problem.item)
    least = np.repeat(np.minimum.reduceat(problem.cost, problem.starts), each)
    saved = np.repeat(np.maximum.reduceat(problem.cost, problem.starts), each) - problem.cost
    spread = problem.uses - np.repeat(np.minimum.reduceat(problem.uses, problem.starts, axis=1), each, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(spread > EXACT, saved / spread, 0.0).max(axis=1, initial=0.0)
        dearer = np.where(problem.spend > EXACT, (problem.cost - least) / problem.spend, 0.0).max()
    return np.concatenate([worth, np.full(len(problem.minimums), dearer + worth.sum())]) + EXACT


def _master(cuts: list[_Dual], most: Floats, scale: Floats) -> tuple[Floats, float] | None:
    """The prices (per whole limit) where the cuts so far leave most room, and how high they reach; None if unsolved."""
    count, rows = len(most), len(cuts)
    slopes = np.array([dual.slopes for dual in cuts]) / scale
    bases = np.array([dual.bound - dual.slopes @ dual.prices for dual in cuts])
    program = Program(
        cost=np.concatenate([np.zeros(count), [-1.0]]),
        lower=np.concatenate([np.zeros(count), [-np.inf]]),
        upper=np.concatenate([most, [np.inf]]),
        integer=np.zeros(count + 1, bool),
        rows=np.repeat(np.arange(rows), count + 1),
        columns=np.tile(np.arange(count + 1), rows),
        entries=np.concatenate([-slopes, np.ones((rows, 1))], axis=1).ravel(),
        row_lower=np.full(rows, -np.inf),
        row_upper=bases,
    )
    solution = solve(program, WorkLimits(5.0, seed=SEED))
    if solution.values is None:
        return None
    return np.clip(solution.values[:count], 0.0, most), float(solution.values[count])


def _at(problem: ChoiceProblem, prices: Floats) -> _Dual:
    """What every item, and every supplier with a fee or minimum, chooses at these prices."""
    limits = prices[: len(problem.limits)]
    bonus = problem.bonus(prices[len(problem.limits) :])
    reduced = problem.cost - bonus + (limits @ problem.uses if len(limits) else 0.0)
    chosen = cheapest(problem, reduced)
    bound = float(reduced[chosen].sum() - limits @ problem.limits)
    slopes = margin = np.zeros(len(problem.minimums))
    if len(slopes):
        fees = problem.fees + prices[len(limits) :] * problem.minimums
        gains, idle = _gains(problem, reduced, chosen)
        bound += float(np.minimum(fees, gains).sum())
        closed = np.append(gains < fees, [False])[problem.supplier]
        chosen = np.where(closed, idle, chosen)
        slopes = np.where(gains < fees, 0.0, problem.minimums - problem.spent(chosen))
        margin = gains - fees
    used = problem.uses[:, chosen].sum(axis=1) - problem.limits
    return _Dual(prices, bound, np.concatenate([used, slopes]), chosen, reduced, margin)


def _gains(problem: ChoiceProblem, reduced: Floats, chosen: Ints) -> tuple[Floats, Ints]:
    """What ordering gains per supplier against ordering nothing; and each item's option without an order."""
    idle = cheapest(problem, np.where(problem.ordered, np.inf, reduced))
    gain = np.where(problem.ordered[idle], np.inf, reduced[idle]) - reduced[chosen]
    bundled = problem.supplier >= 0
    gains = np.bincount(problem.supplier[bundled], gain[bundled], minlength=len(problem.fees))
    return gains.astype(np.float64), idle


def _close(cost: float, bound: float, tolerance: float) -> bool:
    return cost - bound <= tolerance * max(abs(cost), EXACT) + EXACT


def _settle(problem: ChoiceProblem, dual: _Dual, chosen: Ints | None, limits: WorkLimits) -> tuple[Ints | None, float]:
    """Solve what the prices leave open: the best choice and its bound.

    Options that cost more than the known gap beyond their item's best are out.
    """
    cost = total_cost(problem, chosen) if chosen is not None else np.inf
    least = np.minimum.reduceat(dual.reduced, problem.starts)
    extra = dual.reduced - least[problem.item]
    open_options = extra <= (cost - dual.bound) * (1 + 1e-9) + EXACT
    if chosen is not None:
        open_options[chosen] = True
    # With a supplier closed, its items take nothing whatever that costs them.
    open_options |= (problem.supplier[problem.item] >= 0) & ~problem.ordered
    core = np.flatnonzero(open_options)
    start = None
    if chosen is not None:
        opened = np.isin(np.arange(len(problem.fees)), problem.supplier[problem.ordered[chosen]])
        start = np.concatenate([np.isin(core, chosen), opened]).astype(float)
    solution = solve(_program(problem, core), limits, start=start)
    bound = max(dual.bound, min(solution.bound, cost))
    if solution.values is not None:
        candidate = core[solution.values[: len(core)] > 0.5]
        if len(candidate) == problem.items and total_cost(problem, candidate) < cost:
            chosen = candidate
    return chosen, bound


def _program(problem: ChoiceProblem, core: Ints) -> Program:
    """One option per item; the limits, each scaled by itself; suppliers all or nothing."""
    items, suppliers, limits = problem.items, len(problem.fees), len(problem.limits)
    n = len(core)
    item, place = problem.item[core], np.arange(n)
    scale = np.maximum(problem.limits, EXACT)
    uses = problem.uses[:, core] / scale[:, None]
    limit_rows, limit_columns = np.nonzero(uses)
    bundled = np.flatnonzero((problem.supplier[item] >= 0) & problem.ordered[core])
    members = problem.supplier[item[bundled]]
    first_open, first_least = items + limits, items + limits + len(bundled)
    supplier = np.arange(suppliers)
    rows = [item, items + limit_rows, first_open + np.arange(len(bundled)), first_open + np.arange(len(bundled))]
    columns = [place, limit_columns, bundled, n + members]
    entries = [np.ones(n), uses[limit_rows, limit_columns], np.ones(len(bundled)), -np.ones(len(bundled))]
    rows += [first_least + members, first_least + supplier]
    columns += [bundled, n + supplier]
    entries += [problem.spend[core][bundled], -problem.minimums]
    return Program(
        cost=np.concatenate([problem.cost[core], problem.fees]),
        lower=np.zeros(n + suppliers),
        upper=np.ones(n + suppliers),
        integer=np.ones(n + suppliers, bool),
        rows=np.concatenate(rows).astype(np.int64),
        columns=np.concatenate(columns).astype(np.int64),
        entries=np.concatenate(entries),
        row_lower=np.concatenate([np.ones(items), np.full(limits + len(bundled), -np.inf), np.zeros(suppliers)]),
        row_upper=np.concatenate([np.ones(items + limits), np.zeros(len(bundled)), np.full(suppliers, np.inf)]),
    )
