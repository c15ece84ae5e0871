"""The few mathematical forms that every rule is made of, over days 0..D-1 and duties 0..K-1; K stands for a free day.

A duty is a shift in a role. A penalty of None means: never. Everything here is per person, except `CoverageConstraint`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Bools, Floats, Ints, Ints16

Tier = tuple[int, float | None]


@dataclass(frozen=True, order=True)
class Statement:
    """The owner's statement behind a form: what could be dropped if a roster is impossible.

    Attributes:
        kind: "rule", "day off", "available", "lock" or "need".
        index: which rule, need or lock, by place in the problem; -1 otherwise.
        employee: whom it is about, or "".
        day: the day that it is about, where there is one.
    """

    kind: str
    index: int
    employee: str = ""
    day: date | None = None


@dataclass(frozen=True, eq=False)
class DayCost:
    """On one day some duties (or being free) are not wanted.

    Attributes:
        day: the day.
        mask: shape (K + 1,), what is not wanted.
        penalty: its cost.
        statement: who says so.
    """

    day: int
    mask: Bools
    penalty: float | None
    statement: Statement

    @property
    def penalties(self) -> tuple[float | None, ...]:
        """All its prices."""
        return (self.penalty,)


@dataclass(frozen=True, eq=False)
class RangeConstraint:
    """A sum over days that should reach `least` and not exceed each tier's threshold.

    Attributes:
        days: consecutive days, ascending.
        gain: what each duty adds, shape (K,), integers >= 0.
        least: lower limit.
        under: penalty per unit below it.
        tiers: (threshold, penalty per unit above it).
        start: what the history already added.
        statement: who says so.
    """

    days: range
    gain: Ints
    least: int
    under: float | None
    tiers: tuple[Tier, ...]
    start: int
    statement: Statement

    @property
    def penalties(self) -> tuple[float | None, ...]:
        """All its prices."""
        return (self.under, *(penalty for _, penalty in self.tiers))

    @property
    def hard_most(self) -> int | None:
        """The threshold that must not be exceeded."""
        return min((most for most, penalty in self.tiers if penalty is None), default=None)

    @property
    def must(self) -> bool:
        """True when one of its limits has no price."""
        return self.hard_most is not None or (self.under is None and self.least > self.start)

    def total(self, duties: Ints16) -> int:
        """The sum in one person's roster."""
        return self.start + int(np.append(self.gain, 0)[duties[self.days.start : self.days.stop]].sum())

    def range_end(self, charge: float) -> float:
        """The end of the range that must hold towards which a charge per unit (negative: a reward) drives the sum."""
        if charge > 0:
            return np.inf if self.hard_most is None else self.hard_most
        return self.least if self.under is None else self.start

    def excess_cost(self, value: float) -> float:
        """What a sum costs by being high; infinite when forbidden."""
        return sum(
            (np.inf if penalty is None else penalty * (value - most)) for most, penalty in self.tiers if value > most
        )

    def shortfall_cost(self, value: float) -> float:
        """What a sum costs by being low; infinite when forbidden."""
        if value >= self.least:
            return 0.0
        return np.inf if self.under is None else self.under * (self.least - value)


@dataclass(frozen=True, eq=False)
class RunLengthConstraint:
    """Limits on the length of runs of consecutive days inside a set.

    Attributes:
        inside: shape (K + 1,).
        least: days; shorter runs cost `under` per missing day.
        most: days; longer runs cost `over` per day beyond; None for no limit.
        under: penalty.
        over: penalty.
        before: length of the run that ends on the eve of day 0.
        free_start: True when a run that starts on day 0 may be short, because nobody knows what was before.
        free_end: True when the last run may be short.
        statement: who says so.
    """

    inside: Bools
    least: int
    most: int | None
    under: float | None
    over: float | None
    before: int
    free_start: bool
    free_end: bool
    statement: Statement

    @property
    def penalties(self) -> tuple[float | None, ...]:
        """All its prices."""
        return self.under, self.over


@dataclass(frozen=True, eq=False)
class ForbiddenSequence:
    """A sequence of days that is not wanted, wherever it starts on one of some days.

    Attributes:
        starts: the days.
        steps: one mask of shape (K + 1,) per day of the sequence.
        penalty: per occurrence.
        statement: who says so.
    """

    starts: frozenset[int]
    steps: tuple[Bools, ...]
    penalty: float | None
    statement: Statement

    @property
    def penalties(self) -> tuple[float | None, ...]:
        """All its prices."""
        return (self.penalty,)

    @property
    def is_hard_pair(self) -> bool:
        """True when it is about two days and must not happen."""
        return self.penalty is None and len(self.steps) == 2


@dataclass(frozen=True, eq=False)
class WeekendConstraint:
    """Groups of days (weekends) that count as worked when any of their days is.

    Attributes:
        blocks: days of each group, ascending and disjoint.
        tiers: (threshold, penalty per worked group above it).
        least: length of runs of worked groups, at least.
        most: length of such runs, at most; None for no limit.
        under: penalty per missing group of a run.
        over: penalty per group too many of a run.
        statement: who says so.
    """

    blocks: tuple[tuple[int, ...], ...]
    tiers: tuple[Tier, ...]
    least: int
    most: int | None
    under: float | None
    over: float | None
    statement: Statement

    @property
    def penalties(self) -> tuple[float | None, ...]:
        """All its prices."""
        return (self.under, self.over, *(penalty for _, penalty in self.tiers))


Constraint = RangeConstraint | RunLengthConstraint | ForbiddenSequence | WeekendConstraint


@dataclass(frozen=True, eq=False)
class PersonConstraints:
    """One person's rules as forms.

    Attributes:
        name: of the person.
        wage: what each duty costs, shape (K,), currency.
        fit: shape (K,), the duties that the person can do at all.
        cells: what single days ask.
        forms: what sequences and sums ask.
    """

    name: str
    wage: Floats
    fit: Bools
    cells: tuple[DayCost, ...]
    forms: tuple[Constraint, ...]

    def cell_costs(self, days: int) -> Floats:
        """What each duty costs on each day, shape (days, K + 1); infinite where it cannot be."""
        one_day = np.append(np.where(self.fit, self.wage, np.inf), 0.0)
        costs = np.tile(one_day, (days, 1))
        for cell in self.cells:
            costs[cell.day, cell.mask] += np.inf if cell.penalty is None else cell.penalty
        return costs


@dataclass(frozen=True, eq=False)
class CoverageConstraint:
    """How many people are needed on some cells together.

    Attributes:
        cells: flat places day * K + duty that count.
        least: people.
        most: people; None for no limit.
        under: penalty per missing person.
        over: penalty per person too many.
        people: shape (people,), whom it counts; None for all.
        statements: who says so.
    """

    cells: tuple[int, ...]
    least: int
    most: int | None
    under: float | None
    over: float | None
    people: Bools | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class WageLimit:
    """A limit on all wages together.

    Attributes:
        amount: currency.
        penalty: per unit of currency above it.
        statement: who says so.
    """

    amount: float
    penalty: float | None
    statement: Statement


@dataclass(frozen=True, eq=False)
class RosterModel:
    """A problem in forms.

    Attributes:
        days: D.
        duties: (shift, role) of each duty; K of them.
        people: one entry per employee, in the problem's order.
        lines: what is needed.
        budgets: limits on all wages together.
        integral: True when every cost is a whole number, so that a bound may be rounded up.
        sentences: what each statement says.
    """

    days: int
    duties: tuple[tuple[str, str], ...]
    people: tuple[PersonConstraints, ...]
    lines: tuple[CoverageConstraint, ...]
    budgets: tuple[WageLimit, ...]
    integral: bool
    sentences: Mapping[Statement, str]

    def budget_prices(self, big: float) -> Floats:
        """What a unit of currency above each budget costs, shape (budgets,); `big` where it must not be."""
        return np.array([big if budget.penalty is None else budget.penalty for budget in self.budgets], float)

    @property
    def off(self) -> int:
        """The index of a free day."""
        return len(self.duties)
