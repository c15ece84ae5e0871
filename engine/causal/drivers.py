"""What each driver contributed, between two stretches and in every period, and what if one had been different.

The parts always add up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.arrays import Floats, Ints
from engine.causal.effect import CONFIDENCE, Effect, EffectModel, working
from engine.causal.panel import Variable
from engine.causal.regression import t_quantile

CALENDAR = "Season, trend and holidays"
UNEXPLAINED = "Unexplained"


@dataclass(frozen=True)
class DriverContribution:
    """One driver's part of a change.

    Attributes:
        name: the driver's column, or `CALENDAR`.
        amount: in the outcome's unit, per period.
        lower: 95 % interval, lower end.
        upper: its upper end.
    """

    name: str
    amount: float
    lower: float
    upper: float


@dataclass(frozen=True)
class DriverSplit:
    """A change per period, and what each driver contributed.

    Attributes:
        outcome: the figure in question.
        unit: of all amounts, per period.
        period: noun for one period.
        before: mean per period in the first stretch.
        after: mean per period in the second.
        contributions: the calendar's and each driver's, in the panel's order.
    """

    outcome: str
    unit: str
    period: str
    before: float
    after: float
    contributions: tuple[DriverContribution, ...]

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def unexplained(self) -> float:
        """What calendar and drivers leave of the change: a bar of its own."""
        return self.change - sum(part.amount for part in self.contributions)


@dataclass(frozen=True, eq=False)
class Timeline:
    """Every period as a sum: usual level, calendar, drivers, unexplained.

    Attributes:
        outcome: the figure in question.
        unit: of all amounts.
        periods: the start of each period.
        level: the outcome's mean, from which everything else is counted.
        parts: per driver and for the calendar, its contribution per period, above or below its own mean.
        unexplained: what is left per period.
    """

    outcome: str
    unit: str
    periods: tuple[date, ...]
    level: float
    parts: Mapping[str, Floats]
    unexplained: Floats

    @property
    def total(self) -> Floats:
        """The outcome itself, up to rounding."""
        return self.level + sum(self.parts.values(), np.zeros(len(self.periods))) + self.unexplained


def driver_split(model: EffectModel, effects: tuple[Effect, ...], before: Ints, after: Ints) -> DriverSplit:
    """What calendar and drivers contributed to the change between two sets of rows.

    Args:
        model: the fitted regression.
        effects: of its drivers, averaged over carry-over and trend.
        before: positions of the first stretch's rows.
        after: positions of the second stretch's rows.

    Raises:
        ValueError: a stretch has no rows.
    """
    before, after = _open(model, before), _open(model, after)
    if not len(before) or not len(after):
        raise ValueError("each stretch needs at least one period")
    outcome = model.panel.outcome
    parts = [_calendar_part(model, before, after)]
    parts += [_driver_part(model, effect, before, after) for effect in effects]
    means = [float(outcome.values[rows].mean()) for rows in (before, after)]
    return DriverSplit(outcome.name, outcome.unit, model.panel.frequency.period, means[0], means[1], tuple(parts))


def timeline(model: EffectModel, effects: tuple[Effect, ...]) -> Timeline:
    """What calendar and drivers contributed in every period, counted from their means."""
    outcome, count = model.panel.outcome.values, _calendar_columns(model)
    calendar = model.terms[:, :count] @ model.line.coefficients[:count]
    parts = {CALENDAR: calendar - calendar.mean()}
    for effect in effects:
        driver = model.panel.named(effect.driver)
        whole = np.zeros(len(outcome))
        for each in effect.candidates:
            whole += each.weight * each.value * working(driver, each.decay)
        parts[effect.driver] = whole - whole.mean()
    level = float(outcome.mean())
    rest = outcome - level - np.sum(list(parts.values()), axis=0)
    return Timeline(model.panel.outcome.name, model.panel.outcome.unit, model.panel.periods, level, parts, rest)


Response = Callable[[Floats], Floats]
"""Outcome per period that this much working spend brings, such as a fitted saturation curve."""


@dataclass(frozen=True)
class Counterfactual:
    """What would have happened.

    Attributes:
        driver: what was changed.
        unit: of the amounts.
        spent: the driver's total over the stretch as it was.
        instead: its total in the question.
        actual: the outcome's total from the stretch to the end of the history.
        otherwise: the same total in the question.
        lower: 95 % interval of `otherwise`, lower end.
        upper: its upper end.
        seen: smallest and largest value that the driver ever had in a period.
        flat: `otherwise` if nothing beyond the seen range had any effect.
        inside: whether the question stays within the seen range.
        cautions: what must be said with it.
    """

    driver: str
    unit: str
    spent: float
    instead: float
    actual: float
    otherwise: float
    lower: float
    upper: float
    seen: tuple[float, float]
    flat: float
    inside: bool
    cautions: tuple[str, ...]

    @property
    def difference(self) -> float:
        """Otherwise minus actual."""
        return self.otherwise - self.actual


def what_if(
    model: EffectModel, effect: Effect, rows: Ints, values: Floats, response: Response | None = None
) -> Counterfactual:
    """Replace a driver's values in some periods and keep everything else, the luck of each period included.

    Args:
        model: the fitted regression.
        effect: of the driver that changes.
        rows: positions of the periods that change, in order.
        values: the driver's values there, shape (len(rows),).
        response: a saturating curve to use instead of the straight line; it sets the amount, and the interval keeps the
            straight line's relative width.

    Raises:
        ValueError: there is no period to change, or not one value for each.
    """
    if not len(rows) or len(rows) != len(values):
        raise ValueError(f"{len(values)} values for {len(rows)} periods")
    driver = model.panel.named(effect.driver)
    low, high = float(driver.values.min()), float(driver.values.max())
    moved, half = _difference(effect, model, rows, values)
    if response is not None:
        curved = _curved(effect, model, rows, values, response)
        half = half * abs(curved / moved) if moved else 0.0
        moved = curved
    bounded, _ = _difference(effect, model, rows, np.clip(values, low, high))
    actual = float(model.panel.outcome.values[rows[0] :].sum())
    inside = bool(values.min() >= low and values.max() <= high)
    return Counterfactual(
        driver=driver.name,
        unit=model.panel.outcome.unit,
        spent=float(driver.values[rows].sum()),
        instead=float(values.sum()),
        actual=actual,
        otherwise=actual + moved,
        lower=actual + moved - half,
        upper=actual + moved + half,
        seen=(low, high),
        flat=actual + (bounded if response is None else moved),
        inside=inside,
        cautions=() if inside else (_never_seen(driver, model.panel.frequency.period, float(values.max()), bounded),),
    )


def _calendar_columns(model: EffectModel) -> int:
    """The columns that are the calendar's: what an odd period has beyond it is unexplained."""
    return int(model.terms.shape[1] - model.panel.odd.sum())


def _open(model: EffectModel, rows: Ints) -> Ints:
    return rows if len(model.panel.gaps) == 0 else rows[model.panel.gaps[rows] == 0]


def _calendar_part(model: EffectModel, before: Ints, after: Ints) -> DriverContribution:
    count = _calendar_columns(model)
    moved = (model.terms[after].mean(axis=0) - model.terms[before].mean(axis=0))[:count]
    amount = float(moved @ model.line.coefficients[:count])
    error = float(np.sqrt(max(0.0, moved @ model.line.covariance[:count, :count] @ moved)))
    half = t_quantile(0.5 + CONFIDENCE / 2, model.line.degrees) * error
    return DriverContribution(CALENDAR, amount, amount - half, amount + half)


def _driver_part(model: EffectModel, effect: Effect, before: Ints, after: Ints) -> DriverContribution:
    driver = model.panel.named(effect.driver)
    moved = {each.decay: working(driver, each.decay) for each in effect.candidates}
    steps = {decay: float(stock[after].mean() - stock[before].mean()) for decay, stock in moved.items()}
    amount, half = _moved_by(effect, steps)
    return DriverContribution(effect.driver, amount, amount - half, amount + half)


def _never_seen(driver: Variable, noun: str, setting: float, bounded: float) -> str:
    """That nobody knows what lies beyond, and the difference if that does nothing more than what was seen."""
    low, high = float(driver.values.min()), float(driver.values.max())
    side, far, end = ("above", "more", high) if setting > high else ("below", "less", low)
    return (
        f"{driver.name} was never {side} {end:,.0f} in one {noun}, so what {far} would do is a guess. If it does "
        f"nothing beyond that, {bounded:+,.0f} is all."
    )


def _moved_by(effect: Effect, steps: Mapping[float, float]) -> tuple[float, float]:
    """What a driver moves and half of its interval, from the step of its working amount under each carry-over."""
    amount = sum(each.weight * each.value * steps[each.decay] for each in effect.candidates)
    variance = sum(
        each.weight * ((each.error * steps[each.decay]) ** 2 + (each.value * steps[each.decay] - amount) ** 2)
        for each in effect.candidates
    )
    return amount, t_quantile(0.5 + CONFIDENCE / 2, effect.degrees) * float(np.sqrt(variance))


def _changed(model: EffectModel, effect: Effect, rows: Ints, values: Floats) -> tuple[Variable, Variable]:
    """The driver as it was, and with other values in some rows."""
    driver = model.panel.named(effect.driver)
    other = driver.values.copy()
    other[rows] = values
    return driver, replace(driver, values=other)


def _difference(effect: Effect, model: EffectModel, rows: Ints, values: Floats) -> tuple[float, float]:
    """Total change of the outcome and half of its interval, carry-over after the stretch included."""
    driver, changed = _changed(model, effect, rows, values)
    steps = {
        each.decay: float((working(changed, each.decay) - working(driver, each.decay))[rows[0] :].sum())
        for each in effect.candidates
    }
    return _moved_by(effect, steps)


def _curved(effect: Effect, model: EffectModel, rows: Ints, values: Floats, response: Response) -> float:
    decay = model.decays.get(effect.driver, 0.0)
    before, after = (working(each, decay)[rows[0] :] for each in _changed(model, effect, rows, values))
    return float(response(after).sum() - response(before).sum())
