"""Attempts to overturn an effect: each could fail if the effect were not real."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.causal.effect import EffectModel
from engine.causal.panel import Panel, Variable
from engine.causal.regression import explained, fit_prais_winsten, partialled_out, two_sided, without_memory

LEVEL = 0.05
SHIFT_APART = 4
FEWEST_SHIFTS = 19
"""A history is shifted in time by at least so many periods; with fewer than 19 shifts nothing can be told at 5 %."""

QUARTERS = 4
STEADY = (0.5, 2.0)
"""Without any quarter of the rows the effect should keep its sign and stay within these multiples of itself."""

NOTHING, TINY = 1e-20, 1e-300
"""A column of which the others leave this share of its squares says nothing of its own."""

WITH_SALES = 0.5
NEAR_ONE = (0.6, 1.4)
"""A spend that sales account for to this share, and that moves by nearly as many percent as they do, looks booked as a
share of them."""


@dataclass(frozen=True)
class Check:
    """One attempt to overturn an effect.

    Attributes:
        name: short: "future spend".
        question: what was asked.
        passed: whether the effect stood; None when there was too little to try it on.
        figure: what was measured, in words.
    """

    name: str
    question: str
    passed: bool | None
    figure: str


def attempts(model: EffectModel, driver: Variable, unaffected: Sequence[Variable] = ()) -> tuple[Check, ...]:
    """Every attempt on one effect, in the order in which an owner should read them.

    Args:
        model: the regression that the effect was measured with.
        driver: what is said to move its outcome.
        unaffected: columns that the driver cannot move.
    """
    return (
        future_spend(model, driver),
        placebo_in_time(model, driver),
        without_a_quarter(model, driver),
        *(untouched_outcome(model, driver, other) for other in unaffected),
    )


def future_spend(model: EffectModel, driver: Variable) -> Check:
    """Does next period's value, which cannot work yet, go with this period's outcome?"""
    question = "Does next period's value seem to move this period's figure, which it cannot?"
    ahead = np.append(driver.values[1:], np.nan)[model.first : -1]
    design = np.column_stack([model.design()[:-1], ahead])
    line = fit_prais_winsten(design, model.target[:-1])
    if line.degrees < 5 or line.errors[-1] <= 0:
        return Check("future value", question, None, "too few rows")
    p = two_sided(line.coefficients[-1] / line.errors[-1], line.degrees)
    return Check("future value", question, p >= LEVEL, f"p = {p:.2g}")


def placebo_in_time(model: EffectModel, driver: Variable) -> Check:
    """Does the driver's history, shifted in time, do as well as the real one?"""
    question = "Does the same history, moved to other dates, fit as well?"
    n = len(model.panel)
    shifts = range(SHIFT_APART, n - SHIFT_APART)
    if len(shifts) < FEWEST_SHIFTS:
        return Check("moved in time", question, None, "too few rows")
    stock = model.stock(driver)
    columns = np.column_stack([stock, *(np.roll(stock, shift) for shift in shifts)])[model.first :]
    scores = _sizes_of_t(columns, model.design(without=driver.name), model.target, model.line.rho)
    share = (1 + int((scores[1:] >= scores[0]).sum())) / (len(shifts) + 1)
    words = f"{100 * share:.0f} % of {len(shifts)} other dates fit as well"
    return Check("moved in time", question, share <= LEVEL, words)


def without_a_quarter(model: EffectModel, driver: Variable) -> Check:
    """Does the effect hang on one stretch of the history?"""
    question = "Does the effect stay when any quarter of the history is left out?"
    columns = _driver_last(model, driver)
    design = without_memory(columns, model.line.rho)
    target = without_memory(model.target, model.line.rho)
    values = []
    for rows in np.array_split(np.arange(len(target)), QUARTERS):
        rows_left = np.setdiff1d(np.arange(len(target)), rows)
        if len(rows_left) < design.shape[1] + 5:
            return Check("a quarter left out", question, None, "too few rows")
        if np.ptp(columns[rows_left, -1]) == 0:
            return Check("a quarter left out", question, None, "it happened in one quarter only")
        values.append(float(np.linalg.lstsq(design[rows_left], target[rows_left], rcond=None)[0][-1]))
    low, high = STEADY
    middle = float(np.linalg.lstsq(design, target, rcond=None)[0][-1])
    passed = all(low * abs(middle) <= abs(value) <= high * abs(middle) and value * middle > 0 for value in values)
    return Check("a quarter left out", question, passed, _range(values, middle))


def follows_sales(panel: Panel, driver: Variable) -> Check:
    """Does the spend look as if it were booked as a share of the outcome?"""
    question = "Does it look set as a share of the figure itself?"
    spend, outcome = driver.values, panel.outcome.values
    usable = (spend > 0) & (outcome > 0)
    if usable.sum() < len(spend) / 2 or usable.sum() < 20 or np.ptp(spend[usable]) == 0:
        return Check("follows sales", question, None, "too few rows with both")
    terms = panel.calendar()[usable]
    terms = terms[:, np.ptp(terms, axis=0) > 0]
    beside = np.column_stack([np.ones(int(usable.sum())), terms])
    logs = np.log(np.column_stack([spend[usable], outcome[usable]]))
    rests = logs - beside @ np.linalg.lstsq(beside, logs, rcond=None)[0]
    share = explained(rests[:, 1:], rests[:, 0])
    slope = float(rests[:, 0] @ rests[:, 1] / max(float(rests[:, 1] @ rests[:, 1]), 1e-300))
    looks_so = share > WITH_SALES and NEAR_ONE[0] < slope < NEAR_ONE[1]
    words = f"beyond the calendar, 1 % more of the figure goes with {slope:.2f} % more of it"
    return Check("follows sales", question, not looks_so, words)


def untouched_outcome(model: EffectModel, driver: Variable, other: Variable) -> Check:
    """Does the driver seem to move something that it cannot move?

    Args:
        model: the fitted model of the figure.
        driver: whose effect is on trial.
        other: a figure that it cannot move, per period of the panel.
    """
    question = f'Does it seem to move "{other.name}", which it cannot?'
    line = fit_prais_winsten(_driver_last(model, driver), other.values[model.first :])
    if line.errors[-1] <= 0:
        return Check("untouched figure", question, None, "it never changes")
    p = two_sided(line.coefficients[-1] / line.errors[-1], line.degrees)
    return Check("untouched figure", question, p >= LEVEL, f"p = {p:.2g}")


def strongest_known(model: EffectModel, driver: Variable) -> float:
    """The largest share of what is left of the outcome that another driver explains (its partial R2), 0..1.

    A hidden cause as strong as this is easy to imagine, so an effect should withstand one.
    """
    count = model.terms.shape[1]
    others = [k for k, other in enumerate(model.panel.drivers) if other.name != driver.name]
    errors, degrees = model.line.errors[count:], model.line.degrees
    squares = [(model.line.coefficients[count + k] / errors[k]) ** 2 for k in others if errors[k] > 0]
    return float(max((square / (square + degrees) for square in squares), default=0.0))


def _range(values: Sequence[float], middle: float) -> str:
    if middle == 0:
        return "nothing to compare with"
    shares = [100 * value / middle for value in values]
    return f"from {min(shares):.0f} % to {max(shares):.0f} % of it"


def _driver_last(model: EffectModel, driver: Variable) -> Floats:
    """The regression's columns, this driver's the last."""
    return np.column_stack([model.design(without=driver.name), model.stock(driver)[model.first :]])


def _sizes_of_t(columns: Floats, beside: Floats, target: Floats, rho: float) -> Floats:
    """The absolute t value of each column by itself beside the others; 0 for one that they say already."""
    both = np.column_stack([columns, target])
    whole = (without_memory(both, rho) ** 2).sum(axis=0)
    rows, rank = partialled_out(both, beside, rho)
    columns, target = rows[:, :-1], rows[:, -1]
    power, spread = (columns**2).sum(axis=0), float(target @ target)
    own = power > NOTHING * whole[:-1]
    power = np.where(own, power, 1.0)
    shared = np.where(own, (columns.T @ target) ** 2 / power / max(spread, NOTHING * whole[-1], TINY), 0.0)
    degrees = max(1, len(target) - rank - 1)
    return np.asarray(np.sqrt(shared * degrees / np.maximum(1 - shared, TINY)))
