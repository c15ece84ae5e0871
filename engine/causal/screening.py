"""Columns that no regression can use, found and named before anything is fitted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.arrays import Bools, Floats
from engine.causal.panel import Panel, Part, Variable
from engine.causal.regression import explained

SAME = 1 - 1e-6
"""A column that another explains to this share says the same thing."""

MOST_GAPS = 0.2
SMALLEST_PART = 1e-3
"""A column that makes less than this of the figure's ups and downs is no part of it but rounding."""

ROWS_PER_COLUMN = 3
"""With fewer rows than this per column, any figure can be worked out from them."""


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
