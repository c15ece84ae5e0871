"""One figure of a business beside all that may move it, on a regular calendar."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import numpy as np

from engine.arrays import Floats, Ints
from engine.dataset import Frequency, step

YEAR = 365.25
RUSH = ((1, 9), (10, 24), (25, 31))
"""Stretches of December, which no smooth curve can follow: first and last day."""


@dataclass(frozen=True)
class Shape:
    """How the calendar's part is drawn.

    Attributes:
        trend: 1 for a straight line, 3 for one that bends twice.
        waves: waves in the year's curve; 2 are enough for a summer and a winter of different length.
    """

    trend: int
    waves: int


PLAIN = Shape(1, 2)


class Part(StrEnum):
    """What a column does in the story; `STEP` lies between a cause and the outcome and is never held fixed."""

    TREATMENT = "what you can turn"
    CONTROL = "what happens anyway"
    STEP = "a step on the way"
    UNTOUCHED = "what none of these can move"
    OUTCOME = "the figure in question"


@dataclass(frozen=True, eq=False)
class Variable:
    """One column of the panel.

    Attributes:
        name: the owner's own header.
        part: what it does in the story.
        unit: an ISO currency code, "visits", ... or "".
        values: one per period, shape (n,); NaN where unknown.
    """

    name: str
    part: Part
    unit: str
    values: Floats


@dataclass(frozen=True, eq=False)
class Panel:
    """The figure in question and everything that may have moved it.

    Attributes:
        periods: the start of each period, regular, oldest first.
        frequency: the length of one period.
        outcome: the figure in question.
        drivers: treatments and controls.
        steps: columns between cause and outcome, in the order in which they happen.
        gaps: per period, True where the business was closed or a value is unknown; such rows are kept for the order in
            time and take no part in any fit.
        untouched: columns that no driver can move, to try the method on and to stand beside an event.
        cautions: what the owner should know about how the panel was made.
        odd: per period, True where the outcome lies too far from all that accounts for it; no effect rests on such
            rows, but they count in every sum.
    """

    periods: tuple[date, ...]
    frequency: Frequency
    outcome: Variable
    drivers: tuple[Variable, ...]
    steps: tuple[Variable, ...] = ()
    gaps: Floats = field(default_factory=lambda: np.zeros(0))
    untouched: tuple[Variable, ...] = ()
    cautions: tuple[str, ...] = ()
    odd: Floats = field(default_factory=lambda: np.zeros(0))

    def __len__(self) -> int:
        return len(self.periods)

    @property
    def treatments(self) -> tuple[Variable, ...]:
        """What the owner can turn."""
        return tuple(driver for driver in self.drivers if driver.part is Part.TREATMENT)

    @property
    def controls(self) -> tuple[Variable, ...]:
        """What happens anyway: prices, promotions, events."""
        return tuple(driver for driver in self.drivers if driver.part is Part.CONTROL)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Every column, the outcome last."""
        return (*self.drivers, *self.steps, self.outcome)

    def named(self, name: str) -> Variable:
        """The column with this name.

        Raises:
            KeyError: there is none.
        """
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise KeyError(name)

    def calendar(self) -> Floats:
        """`calendar_terms` of the periods, and a column for each gap and each odd period."""
        return self.terms(PLAIN)

    def terms(self, shape: Shape) -> Floats:
        """`calendar_terms` of this shape, a column for each gap, and last one for each odd period, shape (n, k)."""
        apart = [np.eye(len(self))[:, rows > 0] for rows in (self.gaps, self.odd) if len(rows)]
        return np.hstack([calendar_terms(self.periods, self.frequency, shape), *apart])

    def rows_in(self, first: date, last: date) -> Ints:
        """The positions of the periods that lie wholly between two days, both included."""
        ends = [step(period, self.frequency, 1) - timedelta(days=1) for period in self.periods]
        inside = [first <= start and end <= last for start, end in zip(self.periods, ends, strict=True)]
        return np.flatnonzero(inside)

    @property
    def usable(self) -> int:
        """Periods on which an effect can rest."""
        return len(self) - int(self.gaps.sum()) - int(self.odd.sum())

    def with_drivers(self, drivers: tuple[Variable, ...]) -> "Panel":
        """The same panel with other drivers."""
        return replace(self, drivers=drivers)


@lru_cache(maxsize=64)
def calendar_terms(periods: tuple[date, ...], frequency: Frequency, shape: Shape = PLAIN) -> Floats:
    """What the calendar alone does, to stand inside every regression, shape (n, k).

    A constant, the trend, the year's curve, and for weeks and days the stretches of December with the week after them;
    for days the weekday too.

    Args:
        periods: the start of each period.
        frequency: the length of one period.
        shape: how the trend bends, and with how many waves the year's curve is drawn.
    """
    n = len(periods)
    time = np.linspace(-1.0, 1.0, n)
    columns = [np.ones(n), *(time**power for power in range(1, shape.trend + 1))]
    if frequency is not Frequency.YEARLY:
        turns = np.array([period.timetuple().tm_yday / YEAR for period in periods]) * 2 * np.pi
        for wave in range(1, _waves(periods, frequency, shape.waves) + 1):
            columns += [np.sin(wave * turns), np.cos(wave * turns)]
    if frequency in (Frequency.WEEKLY, Frequency.DAILY):
        rush = _rush(periods, frequency)
        columns += [*rush, np.concatenate([[0.0], rush[-1][:-1]])]
    if frequency is Frequency.DAILY:
        weekdays = np.array([period.weekday() for period in periods])
        columns += [(weekdays == day).astype(float) for day in sorted({*weekdays.tolist()})[1:]]
    terms = np.column_stack([column for k, column in enumerate(columns) if k == 0 or np.ptp(column) > 0])
    terms.flags.writeable = False  # the same array answers every later call
    return terms


def _waves(periods: tuple[date, ...], frequency: Frequency, most: int) -> int:
    """Waves that the history can show: half a year of weeks shows none of its curve."""
    days = (periods[-1] - periods[0]).days if periods else 0
    if frequency is Frequency.QUARTERLY or days < 0.9 * YEAR:
        return 1 if days >= 0.5 * YEAR else 0
    return most


def _rush(periods: tuple[date, ...], frequency: Frequency) -> list[Floats]:
    """Per stretch of December, the share of each period that lies in it."""
    length = 7 if frequency is Frequency.WEEKLY else 1
    days = [[period + timedelta(days=k) for k in range(length)] for period in periods]
    return [
        np.array([sum(day.month == 12 and first <= day.day <= last for day in each) / length for each in days])
        for first, last in RUSH
    ]
