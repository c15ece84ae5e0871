"""One figure of a business beside all that may move it, on a regular calendar, without columns of no use."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import numpy as np

from engine.arrays import Bools, Floats, Ints
from engine.causal.regression import explained
from engine.dataset import Frequency, step

YEAR = 365.25
RUSH = ((1, 9), (10, 24), (25, 31))
"""Stretches of December, which no smooth curve can follow: first and last day."""

SAME = 1 - 1e-6
"""A column that another explains to this share says the same thing."""

MOST_GAPS = 0.2
SMALLEST_PART = 1e-3
"""A column that makes less than this of the figure's ups and downs is no part of it but rounding."""

ROWS_PER_COLUMN = 3
"""With fewer rows than this per column, any figure can be worked out from them."""


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


@dataclass(frozen=True)
class ExcludedColumn:
    """A column that takes no part, and why.

    Attributes:
        name: the column.
        reason: one sentence for the owner.
    """

    name: str
    reason: str


def screen(panel: Panel) -> tuple[Panel, tuple[ExcludedColumn, ...]]:
    """The panel without columns that cannot be told anything about, and what was left out.

    Left out are columns that never change, that repeat the outcome, at once or a period later, or another column, that
    are the sum of others or from which the outcome is worked out, or of which too many values are unknown; single
    unknown values are bridged, and their periods marked as gaps.
    """
    bridged = _bridged(panel)
    remaining: list[Variable] = []
    dropped: list[ExcludedColumn] = []
    for driver in bridged.drivers:
        reason = _useless(driver, bridged.outcome)
        if reason:
            dropped.append(ExcludedColumn(driver.name, reason))
        else:
            remaining.append(driver)
    totals = _sums(remaining)
    dropped += totals
    names = {each.name for each in totals}
    remaining = [driver for driver in remaining if driver.name not in names]
    twins = _twins(remaining)
    dropped += twins
    names = {each.name for each in twins}
    parts = _ingredients(bridged.outcome, [driver for driver in remaining if driver.name not in names])
    dropped += parts
    names |= {each.name for each in parts}
    steps = tuple(step for step in bridged.steps if not _useless(step, bridged.outcome))
    drivers = tuple(driver for driver in remaining if driver.name not in names)
    return replace(bridged, drivers=drivers, steps=steps), tuple(dropped)


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


def _useless(column: Variable, outcome: Variable) -> str:
    values = column.values
    if np.isnan(values).mean() > MOST_GAPS:
        return "Too many of its values are unknown."
    if _silent(values):
        return "It never changes, so nothing can be learnt from it."
    if _silent(outcome.values):
        return "The figure in question never changes, so there is nothing to explain."
    if _same(column.values, outcome.values):
        return "It is the figure in question itself, so it cannot explain it."
    if _same(column.values[1:], outcome.values[:-1]):
        return "It is the figure in question of the period before, so it cannot explain it."
    return ""


def _silent(values: Floats) -> bool:
    observed = values[~np.isnan(values)]
    return len(observed) == 0 or bool(np.ptp(observed) <= 1e-9 * max(1.0, float(np.abs(observed).max())))


def _same(one: Floats, other: Floats) -> bool:
    return explained(np.column_stack([np.ones(len(one)), one]), other) >= SAME


def _sums(drivers: Sequence[Variable]) -> list[ExcludedColumn]:
    """Columns that are the sum of two or more others, such as a total beside its parts."""
    totals: list[ExcludedColumn] = []
    for driver in drivers:
        gone = {each.name for each in totals}
        others = [other for other in drivers if other.name != driver.name and other.name not in gone]
        parts = _parts_of(driver.values, others)
        if parts:
            named = ", ".join(f'"{name}"' for name in parts)
            totals.append(ExcludedColumn(driver.name, f"It is the sum of {named}."))
    return totals


def _parts_of(total: Floats, others: Sequence[Variable]) -> tuple[str, ...]:
    """The columns that add up to a total one to one; empty when there are none."""
    if len(others) < 2:
        return ()
    table = np.column_stack([other.values for other in others])
    weights, *_ = np.linalg.lstsq(table, total, rcond=None)
    whole = np.round(weights)
    scale = max(1.0, float(np.abs(total).max()))
    if not np.all((np.abs(weights - whole) < 1e-6) & ((whole == 0) | (whole == 1))) or whole.sum() < 2:
        return ()
    if float(np.abs(table @ whole - total).max()) > 1e-6 * scale:
        return ()
    return tuple(other.name for other, weight in zip(others, whole, strict=True) if weight == 1)


def _twins(drivers: Sequence[Variable]) -> list[ExcludedColumn]:
    twins: list[ExcludedColumn] = []
    for place, driver in enumerate(drivers):
        for earlier in drivers[:place]:
            if _same(driver.values, earlier.values):
                twins.append(ExcludedColumn(driver.name, f'It always moves exactly with "{earlier.name}".'))
                break
    return twins


def _ingredients(outcome: Variable, drivers: Sequence[Variable]) -> list[ExcludedColumn]:
    """The columns from which the outcome is worked out, such as the branches that it is the sum of."""
    if len(drivers) < 2 or len(outcome.values) < ROWS_PER_COLUMN * (len(drivers) + 1) or np.isnan(outcome.values).any():
        return []
    table = np.column_stack([np.ones(len(outcome.values)), *(driver.values for driver in drivers)])
    if explained(table, outcome.values) < SAME:
        return []
    weights, *_ = np.linalg.lstsq(table, outcome.values, rcond=None)
    shares = np.abs(weights[1:]) * table[:, 1:].std(axis=0) / outcome.values.std()
    used = [driver for driver, share in zip(drivers, shares, strict=True) if share > SMALLEST_PART]
    named = ", ".join(f'"{driver.name}"' for driver in used)
    reason = f"The figure in question is worked out from {named}, so they are its parts and not its causes."
    return [ExcludedColumn(driver.name, reason) for driver in used]


def _bridged(panel: Panel) -> Panel:
    """Unknown values filled in a straight line from their neighbours, and their periods marked as gaps.

    An outcome of zero in a business that otherwise always sells is a closed period too.
    """
    gaps = np.zeros(len(panel)) if len(panel.gaps) == 0 else panel.gaps.copy()
    outcome = panel.outcome.values
    shut = (outcome == 0) & (np.nanmean(outcome == 0) < MOST_GAPS) & (np.nanmedian(outcome) > 0)
    gaps[np.isnan(outcome) | shut] = 1
    columns = []
    for variable in panel.variables:
        unknown = np.isnan(variable.values)
        if 0 < unknown.mean() <= MOST_GAPS:
            gaps[unknown] = 1
        hidden = unknown | (shut if variable.part in (Part.OUTCOME, Part.STEP) else np.zeros(len(panel), bool))
        columns.append(Variable(variable.name, variable.part, variable.unit, _filled(variable.values, hidden)))
    count = len(panel.drivers)
    return replace(
        panel,
        outcome=columns[-1],
        drivers=tuple(columns[:count]),
        steps=tuple(columns[count:-1]),
        gaps=gaps if gaps.any() else np.zeros(0),
        untouched=tuple(each for each in panel.untouched if not np.isnan(each.values).any()),
    )


def _filled(values: Floats, hidden: Bools) -> Floats:
    rows = np.arange(len(values))
    if not hidden.any() or hidden.mean() > MOST_GAPS:
        return values
    return np.asarray(np.where(hidden, np.interp(rows, rows[~hidden], values[~hidden]), values))
