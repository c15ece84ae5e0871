"""What each driver contributed, between two stretches of time and in every period; the parts always add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats, Ints
from engine.causal.effect import CONFIDENCE, Effect, EffectModel, working
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
    amount = sum(each.weight * each.value * steps[each.decay] for each in effect.candidates)
    variance = sum(
        each.weight * ((each.error * steps[each.decay]) ** 2 + (each.value * steps[each.decay] - amount) ** 2)
        for each in effect.candidates
    )
    half = t_quantile(0.5 + CONFIDENCE / 2, effect.degrees) * float(np.sqrt(variance))
    return DriverContribution(effect.driver, amount, amount - half, amount + half)
