"""Keeping a sum in its range by a price instead of a counter: a Lagrangian relaxation, for plans of many months.

The hours of a year have too many values to be counted in the search for one person's best roster. So each unit of the
sum is charged for (or rewarded) until the best roster keeps the range. Where a hair's breadth of the charge lets the
sum jump over the range, the one charge holds for the first days of the plan and the other for the rest, and the day of
the change is looked for.
"""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints16
from engine.scheduling.constraints import RangeConstraint

ROUNDS = 40
"""How often a charge is changed for one roster."""
HALVINGS = 6
"""How often the gap between a charge that is too little and one that is too much is halved, before days are split."""
KEPT = 0.95
"""So much of a charge that did its work is tried next time: the roster then ends close to the edge of the range."""


@dataclass
class Charge:
    """What a unit of one sum costs while a roster is looked for that keeps the sum's range.

    Attributes:
        tally: the sum.
        step: the first charge that is tried, per unit.
        level: the charge of now, the same on all days unless they are split.
    """

    tally: RangeConstraint
    step: float
    level: float = 0.0
    _little: float | None = None
    _much: float | None = None
    _halvings: int = 0
    _split: tuple[int, int] | None = None
    _backwards: bool = False

    @property
    def even(self) -> bool:
        """True while all days have the same charge, so that a bound may be taken from it."""
        return self._split is None

    def per_day(self) -> Floats:
        """The charge per unit on each day of the sum."""
        days = len(self.tally.days)
        if self._split is None or self._little is None or self._much is None:
            return np.full(days, self.level)
        early = np.arange(days) < sum(self._split) // 2
        return np.where(early != self._backwards, self._little, self._much)

    def on(self, costs: Floats) -> None:
        """Add the charge to what duties cost, shape (days, K + 1)."""
        days = self.tally.days
        costs[days.start : days.stop, :-1] += np.outer(self.per_day(), self.tally.gain)

    def paid(self, duties: Ints16) -> float:
        """What a roster pays."""
        gains = np.append(self.tally.gain, 0)[duties[self.tally.days.start : self.tally.days.stop]]
        return float(self.per_day() @ gains)

    def most_paid(self) -> float:
        """What no roster in the range pays more than, at the same charge on all days; infinite when there is no end."""
        return self.level * (self.tally.range_end(self.level) - self.tally.start) if self.level else 0.0

    def move(self, side: int) -> None:
        """Charge more when a roster's sum was too high (1), less when it was too low (-1)."""
        if self._split is not None:
            self._move_split(self._split, side)
        elif side:
            self._move_level(side)

    def _move_split(self, between: tuple[int, int], side: int) -> None:
        """Look for the day of the change by halves; then from the other end; then with charges further apart."""
        middle = sum(between) // 2
        self._split = (between[0], middle) if (side > 0) != self._backwards else (middle, between[1])
        if self._split[1] - self._split[0] <= 1:
            self._split = (0, len(self.tally.days))
            if self._backwards and self._little is not None and self._much is not None:
                apart = self._much - self._little + self.step / 10
                self._little, self._much = self._little - apart, self._much + apart
            self._backwards = not self._backwards

    def _move_level(self, side: int) -> None:
        if side > 0:
            self._little = self.level
        else:
            self._much = self.level
        if self._little is None or self._much is None:
            self.level += side * self.step
            self.step *= 2
        elif self._halvings < HALVINGS:
            self._halvings += 1
            self.level = (self._little + self._much) / 2
        else:
            self._split = (0, len(self.tally.days))


def outside(tally: RangeConstraint, duties: Ints16) -> int:
    """1 when a roster's sum is above what must hold, -1 when it is below, 0 when it is in the range."""
    gains = np.append(tally.gain, 0)
    total = tally.start + int(gains[duties[tally.days.start : tally.days.stop]].sum())
    if np.isinf(tally.excess_cost(total)):
        return 1
    return -1 if np.isinf(tally.shortfall_cost(total)) else 0


def first_step(costs: Floats, tally: RangeConstraint) -> float:
    """A small charge per unit of a sum, by the size of the costs."""
    finite = costs[np.isfinite(costs)]
    return float(1.0 + np.ptp(finite)) / (50.0 * max(1, int(tally.gain.max(initial=1))))
