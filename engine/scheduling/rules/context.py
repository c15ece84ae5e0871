"""What a rule is given to say in mathematical forms what it asks of one person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Bools, Ints
from engine.scheduling.constraints import Constraint, DayCost, ForbiddenSequence, RangeConstraint, Statement, Tier
from engine.scheduling.entities import ShiftType
from engine.scheduling.rules.work import Horizon, Work

Limit = tuple[int, float | None]
"""A limit and what each unit beyond it costs; None when it must hold."""


@dataclass(frozen=True, eq=False)
class FormulationContext:
    """One person's part of a problem.

    Attributes:
        duties: (shift, role) of each duty.
        past: the person's work before the plan.
        statement: the statement that the forms belong to.
    """

    duties: tuple[tuple[str, str], ...]
    past: Work
    statement: Statement

    @property
    def problem(self) -> Horizon:
        """Days and shifts."""
        return self.past.problem

    @property
    def shifts(self) -> tuple[ShiftType, ...]:
        """The shift types."""
        return self.past.problem.shifts

    @property
    def days(self) -> int:
        """Days of the plan."""
        return self.past.problem.days

    def mask(self, *names: str) -> Bools:
        """The duties on these shifts."""
        return np.array([shift in names for shift, _ in self.duties] + [False])

    @property
    def working(self) -> Bools:
        """All duties, and not the free day."""
        return np.array([True] * len(self.duties) + [False])

    def per_shift(self, value: dict[str, int]) -> Ints:
        """A number for each duty from a number for each shift."""
        return np.array([value[shift] for shift, _ in self.duties], dtype=np.int64)

    @property
    def minutes(self) -> Ints:
        """Paid minutes of each duty."""
        return self.per_shift({shift.name: shift.paid for shift in self.shifts})

    def barred(self, names: Sequence[str], weight: float | None) -> Iterator[DayCost]:
        """These shifts are not wanted on any day."""
        mask = self.mask(*names)
        if mask.any():
            yield from (DayCost(day, mask, weight, self.statement) for day in range(self.days))

    def sum_in_range(self, days: tuple[int, ...], gain: Ints, least: Limit, tiers: tuple[Tier, ...]) -> RangeConstraint:
        """Limits on a sum over the planned part of a period; what the history adds is known.

        Args:
            days: the period; days before the plan are negative.
            gain: what each duty adds.
            least: the lower limit.
            tiers: the upper limits.
        """
        value = {shift: int(gain[k]) for k, (shift, _) in enumerate(self.duties)}
        start = sum(value.get(name, 0) for day in days if day < 0 for name in self.past.names(day))
        planned = range(max(0, days[0]), days[-1] + 1)
        return RangeConstraint(planned, gain, least[0], least[1], tiers, start, self.statement)

    def forbidden_pairs(self, cost: dict[tuple[str, str], int], weight: float | None) -> Iterator[Constraint | DayCost]:
        """What may not follow on the next day, grouped so that each group is as large as it can be.

        Args:
            cost: how much a pair of shifts breaks the rule; pairs that are missing or 0 do not.
            weight: price of one unit; None when it must hold.
        """
        follows: dict[tuple[int, frozenset[str]], list[str]] = {}
        for first in self.shifts:
            costs = {then.name: cost.get((first.name, then.name), 0) for then in self.shifts}
            amounts = {*costs.values()} - {0}
            for amount in {1} if weight is None and amounts else amounts:
                then = frozenset(name for name, each in costs.items() if each and (weight is None or each == amount))
                follows.setdefault((amount, then), []).append(first.name)
        for (amount, then), firsts in follows.items():
            penalty = None if weight is None else weight * amount
            steps = (self.mask(*firsts), self.mask(*then))
            yield ForbiddenSequence(frozenset(range(self.days - 1)), steps, penalty, self.statement)
            if any(name in firsts for name in self.past.names(-1)):
                yield DayCost(0, self.mask(*then), penalty, self.statement)
