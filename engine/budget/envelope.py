"""The smallest concave curve above what one channel can bring: the bound of which the optimum's proof is made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.budget.curves import Curve

FIRST_LOOK = 24
"""Spends at which a curve is looked at first, evenly and again by powers of two."""


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
