"""The best that a node of the search can hope for: every channel on the smallest concave curve above what it can
bring, under all shared limits. The optimum's proof is made of this bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.budget.curves import Curve
from engine.errors import DyocenseError
from engine.solvers.highs import Program, SolverStatus, WorkLimits, solve

FIRST_LOOK = 24
"""Spends at which a curve is looked at first, evenly and again by powers of two."""

PRECISION = 1e-10
"""Feasibility of rows and of prices, in the scaled program."""


@dataclass(frozen=True, eq=False)
class SpendVariable:
    """One spend to choose, and what it is worth.

    Attributes:
        curve: outcome per period.
        low, high: the range of the spend when it is not off.
        optional: whether it may also be off, at spend 0, without fee.
        fee: what being on costs, in the unit of the objective.
        gain: worth of one unit of outcome.
        cost: worth of one unit of money spent.
        step: the spend is a multiple of this; 0 for any spend.
    """

    curve: Curve
    low: float
    high: float
    optional: bool = False
    fee: float = 0.0
    gain: float = 1.0
    cost: float = 0.0
    step: float = 0.0

    def worth(self, spend: Floats) -> Floats:
        """What each spend brings when the channel is on."""
        return np.asarray(self.gain * self.curve.value(spend) - self.cost * spend - self.fee)

    def slope(self, spend: float) -> float:
        """What one more unit of money brings at this spend."""
        return self.gain * float(self.curve.slope(np.array([spend]))[0]) - self.cost

    @property
    def off_worth(self) -> float:
        """What the channel brings when it is off."""
        return self.gain * float(self.curve.value(np.zeros(1))[0])


@dataclass(frozen=True)
class Box:
    """The part of a variable's range that one node of the search looks at.

    Attributes:
        low, high: the range when on.
        off: whether off is allowed.
        on: whether on is allowed.
    """

    low: float
    high: float
    off: bool = False
    on: bool = True

    def within(self, low: float, high: float) -> "Box":
        """The box cut to a range."""
        return replace(self, low=max(self.low, low), high=min(self.high, high))


@dataclass(frozen=True, eq=False)
class Envelope:
    """Corners of a concave curve that lies nowhere below the worth of a variable in its box.

    Attributes:
        spend, worth: the corners, by rising spend, shape (n,).
        on: 1.0 where the corner means that the channel is on.
        exact: where the corner lies on the variable's own curve.
    """

    spend: Floats
    worth: Floats
    on: Floats
    exact: Bools


def first_samples(variable: SpendVariable) -> Floats:
    """Where to look at a curve before anything is known of the optimum."""
    low, high = variable.low, variable.high
    if variable.step or high <= low:
        return np.array([low, high])
    halves = low + (high - low) * 2.0 ** -np.arange(FIRST_LOOK // 2, 0, -1)
    return np.union1d(np.linspace(low, high, FIRST_LOOK), halves)


def envelope(variable: SpendVariable, box: Box, samples: Floats, *, joined: bool) -> Envelope:
    """The envelope of a variable in a box.

    Args:
        variable: what is chosen.
        box: where.
        samples: spends at which the curve is looked at; more of them make the envelope tighter.
        joined: one concave curve over off and on together; else off is a corner of its own before the others.
    """
    x, y = np.empty(0), np.empty(0)
    exact = np.empty(0, dtype=np.bool_)
    if box.on:
        x, y, exact = _on_part(variable, box, samples)
    on = np.ones(len(x))
    if box.off:
        x, y, on = np.append(0.0, x), np.append(variable.off_worth, y), np.append(0.0, on)
        exact = np.append(True, exact)
    if joined or not box.off:
        hull = upper_hull(x, y)
        return Envelope(x[hull], y[hull], on[hull], exact[hull])
    hull = np.append(0, 1 + upper_hull(x[1:], y[1:])) if box.on else np.zeros(1, dtype=np.int64)
    return Envelope(x[hull], y[hull], on[hull], exact[hull])


def upper_hull(x: Floats, y: Floats) -> Ints:
    """Positions of the corners of the upper hull of points that are sorted by x."""
    across, up = x.tolist(), y.tolist()
    hull: list[int] = []
    for place in range(len(across)):
        while hull and (across[hull[-1]] == across[place]) and up[hull[-1]] <= up[place]:
            hull.pop()
        if hull and across[hull[-1]] == across[place]:
            continue
        while len(hull) > 1 and not _bends_down(across, up, hull, place):
            hull.pop()
        hull.append(place)
    return np.array(hull, dtype=np.int64)


def multiples(low: float, high: float, step: float) -> Floats:
    """The multiples of a step from `low` to `high`, both included where they are multiples."""
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    return np.asarray(np.arange(first, last + 1) * step)


@dataclass(frozen=True, eq=False)
class SharedLimits:
    """Limits that several channels share: `spend_parts @ spend + on_parts @ on <= most`.

    Attributes:
        spend_parts: shape (rows, channels).
        on_parts: shape (rows, channels); what being on counts in each row.
        most: shape (rows,).
    """

    spend_parts: Floats
    on_parts: Floats
    most: Floats

    @property
    def is_one_total(self) -> bool:
        """Whether the only shared limit is on the sum of all spends."""
        return len(self.most) == 1 and bool(np.all(self.spend_parts == 1) and np.all(self.on_parts == 0))

    def hold(self, spend: Floats, on: Floats, tolerance: float) -> bool:
        """Whether a plan keeps them all, to a share `tolerance` of what each adds up."""
        over = self.spend_parts @ spend + self.on_parts @ on - self.most
        added = np.abs(self.spend_parts) @ np.abs(spend) + np.abs(self.on_parts) @ on + np.abs(self.most)
        added += np.max(np.abs(spend), initial=0.0)  # rounding in one channel shows in rows of others
        return bool(np.all(over <= tolerance * added))


@dataclass(frozen=True, eq=False)
class EnvelopeOptimum:
    """The optimum over the envelopes.

    Attributes:
        spend: per channel.
        on: per channel, 0..1.
        worth: per channel, on its envelope.
        corners: per channel, the positions of the corners that carry weight.
        prices: per row, what one more unit of it is worth, >= 0.
        bound: no plan is worth more; follows from the prices alone.
    """

    spend: Floats
    on: Floats
    worth: Floats
    corners: tuple[tuple[int, ...], ...]
    prices: Floats
    bound: float


def relax(envelopes: Sequence[Envelope], rows: SharedLimits) -> EnvelopeOptimum | None:
    """The best plan on the envelopes, or None when not even that is possible.

    Raises:
        SolverFailed: the linear solver failed.
    """
    return _by_merging(envelopes, rows) if rows.is_one_total else _by_linear_program(envelopes, rows)


def bound_from_prices(envelopes: Sequence[Envelope], rows: SharedLimits, prices: Floats) -> float:
    """What no plan can exceed, for any prices >= 0 (weak duality): pay for the limits, then let each channel choose."""
    per_spend, per_on = prices @ rows.spend_parts, prices @ rows.on_parts
    best = [
        float(np.max(each.worth - per_spend[place] * each.spend - per_on[place] * each.on))
        for place, each in enumerate(envelopes)
    ]
    return float(prices @ rows.most) + sum(best)


class SolverFailed(DyocenseError):
    """The linear solver gave neither an answer nor a reason; nothing is known of the plan."""


@dataclass(frozen=True, eq=False)
class CornerWeights:
    """The optimum of a program.

    Attributes:
        weight: per column, >= 0.
        duals: per shared row, what one more unit of it is worth, >= 0 up to rounding.
    """

    weight: Floats
    duals: Floats


def best_weights(worth: Floats, parts: Floats, most: Floats, owner: Ints) -> CornerWeights | None:
    """Maximise `worth @ weight` with `parts @ weight <= most` and weights that add up to 1 per owner.

    Args:
        worth: per column, of the order of 1.
        parts: shape (rows, columns), of the order of 1.
        most: per row.
        owner: per column, 0 to owners - 1.

    Returns:
        None when no weights keep the rows.

    Raises:
        SolverFailed: HiGHS failed.
    """
    columns, rows, owners = len(worth), len(most), int(owner[-1]) + 1
    at_row, at_column = np.nonzero(parts)
    program = Program(
        cost=-worth,
        lower=np.zeros(columns),
        upper=np.full(columns, np.inf),
        integer=np.zeros(columns, dtype=bool),
        rows=np.concatenate([at_row, rows + owner]),
        columns=np.concatenate([at_column, np.arange(columns)]),
        entries=np.concatenate([parts[at_row, at_column], np.ones(columns)]),
        row_lower=np.concatenate([np.full(rows, -np.inf), np.ones(owners)]),
        row_upper=np.concatenate([most, np.ones(owners)]),
    )
    solution = solve(program, WorkLimits(precision=PRECISION))
    if solution.status is SolverStatus.INFEASIBLE:
        return None
    if solution.status is not SolverStatus.OPTIMAL or solution.values is None:
        raise SolverFailed(f"the linear program is {solution.status}")
    return CornerWeights(np.maximum(solution.values, 0.0), -solution.duals[:rows])


def _bends_down(x: Sequence[float], y: Sequence[float], hull: Sequence[int], place: int) -> bool:
    a, b = hull[-2], hull[-1]
    return (y[b] - y[a]) * (x[place] - x[b]) > (y[place] - y[b]) * (x[b] - x[a])


def _on_part(variable: SpendVariable, box: Box, samples: Floats) -> tuple[Floats, Floats, Bools]:
    low, high = box.low, box.high
    if variable.step:
        x = multiples(low, high, variable.step)
        return x, variable.worth(x), np.ones(len(x), dtype=np.bool_)
    corners = variable.curve.corners()
    points = np.concatenate([samples, corners])
    x = np.unique(np.concatenate([[low, high], points[(points > low) & (points < high)]]))
    across, up = variable.curve.touching(x)
    both = np.concatenate([x, across])
    worth = np.concatenate([variable.worth(x), variable.gain * up - variable.cost * across - variable.fee])
    exact = np.concatenate([np.ones(len(x), dtype=np.bool_), np.zeros(len(across), dtype=np.bool_)])
    order = np.argsort(both, kind="stable")
    return both[order], worth[order], exact[order]


def _by_merging(envelopes: Sequence[Envelope], rows: SharedLimits) -> EnvelopeOptimum | None:
    """Money goes to the steepest piece of any envelope first; the last piece that gets some sets the price."""
    money = float(rows.most[0]) - sum(float(each.spend[0]) for each in envelopes)
    if money < -1e-9 * max(1e-9, abs(float(rows.most[0]))):
        return None
    widths = np.concatenate([np.diff(each.spend) for each in envelopes])
    rises = np.concatenate([np.diff(each.worth) for each in envelopes])
    owner = np.repeat(np.arange(len(envelopes)), [len(each.spend) - 1 for each in envelopes])
    slopes = rises / widths
    order = np.argsort(-slopes, kind="stable")
    order = order[slopes[order] > 0]
    filled = np.cumsum(widths[order])
    whole = int(np.searchsorted(filled, max(money, 0.0), side="right"))
    pieces = np.bincount(owner[order[:whole]], minlength=len(envelopes))
    left = max(money, 0.0) - (float(filled[whole - 1]) if whole else 0.0)
    price = float(slopes[order[whole]]) if whole < len(order) else 0.0
    split = int(owner[order[whole]]) if whole < len(order) and left > 0 else -1
    return _placed(envelopes, rows, pieces, (split, left, price))


def _placed(
    envelopes: Sequence[Envelope], rows: SharedLimits, pieces: Ints, last: tuple[int, float, float]
) -> EnvelopeOptimum:
    split, left, price = last
    spend = np.array([each.spend[at] for each, at in zip(envelopes, pieces, strict=True)])
    worth = np.array([each.worth[at] for each, at in zip(envelopes, pieces, strict=True)])
    on = np.array([each.on[at] for each, at in zip(envelopes, pieces, strict=True)])
    corners: list[tuple[int, ...]] = [(int(at),) for at in pieces]
    if split >= 0:
        each, at = envelopes[split], int(pieces[split])
        share = left / float(each.spend[at + 1] - each.spend[at])
        spend[split] += left
        worth[split] += share * float(each.worth[at + 1] - each.worth[at])
        on[split] += share * float(each.on[at + 1] - each.on[at])
        corners[split] = (at, at + 1)
    prices = np.array([price])
    return EnvelopeOptimum(spend, on, worth, tuple(corners), prices, bound_from_prices(envelopes, rows, prices))


def _by_linear_program(envelopes: Sequence[Envelope], rows: SharedLimits) -> EnvelopeOptimum | None:
    """Weights on the corners of each envelope; its duals serve as prices, so their rounding cannot spoil the bound."""
    sizes = [len(each.spend) for each in envelopes]
    owner = np.repeat(np.arange(len(envelopes)), sizes)
    spend, worth, on = (
        np.concatenate([getattr(each, name) for each in envelopes]) for name in ("spend", "worth", "on")
    )
    money, unit = max(1e-300, float(np.max(spend))), max(1e-300, float(np.max(np.abs(worth))))
    heights = np.maximum(1e-300, np.max(np.abs(rows.spend_parts), axis=1) * money)
    heights = np.where(np.any(rows.spend_parts != 0, axis=1), heights, 1.0)
    parts = (rows.spend_parts[:, owner] * spend + rows.on_parts[:, owner] * on) / heights[:, None]
    optimum = best_weights(worth / unit, parts, rows.most / heights, owner)
    if optimum is None:
        return None
    weight = optimum.weight
    weight = weight / np.bincount(owner, weight, len(envelopes))[owner]
    prices = np.maximum(optimum.duals, 0.0) * unit / heights
    ends = np.cumsum([0, *sizes])
    corners = tuple(tuple(np.flatnonzero(weight[start:end] > 1e-9).tolist()) for start, end in pairwise(ends))
    totals = [np.bincount(owner, weight * each, len(envelopes)).astype(np.float64) for each in (spend, on, worth)]
    return EnvelopeOptimum(totals[0], totals[1], totals[2], corners, prices, bound_from_prices(envelopes, rows, prices))
