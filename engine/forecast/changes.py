"""What the owner changes in a forecast: another plan ("what if"), or figures of their own in the model's place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.business.calendar import Calendar, Period
from engine.errors import DataProblem
from engine.facts import Fact, Facts
from engine.forecast.drivers.choices import Drivers, SpecialEvent, Tracked
from engine.forecast.drivers.effects import DriverEffects, DriverKind, Moves

FEW_JUDGED = 5
"""With fewer judged periods nothing is said of who forecasts better."""


@dataclass(frozen=True)
class PriceChange:
    """Another price on the days of a span.

    Attributes:
        name: the price's name among the drivers.
        percent: above (+) or below (-) the planned one, > -100.
        span: the days.
    """

    name: str
    percent: float
    span: Period


@dataclass(frozen=True)
class PromotionPlan:
    """A promotion runs on the days of a span, or does not.

    Attributes:
        name: the promotion's name among the drivers.
        span: the days.
        runs: False to call it off.
    """

    name: str
    span: Period
    runs: bool = True


@dataclass(frozen=True)
class ExtraEvent:
    """An event that was not planned.

    Attributes:
        name: in the owner's words.
        span: the days.
        percent: what the owner expects it to do to sales, percent, >= -100.
    """

    name: str
    span: Period
    percent: float


Change = PriceChange | PromotionPlan | ExtraEvent


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Two futures of one series.

    Attributes:
        periods: of both.
        planned: the forecast as things are planned, shape (n,).
        changed: the forecast after the change, shape (n,).
        sd: uncertainty of the difference that comes from the effect's size, one standard deviation of the total.
        unit: of the series.
        cautions: what the owner should know.
        no_effect: why nothing is known of what the change does, in words after "because"; "" where something is.
    """

    periods: tuple[date, ...]
    planned: Floats
    changed: Floats
    sd: float
    unit: str
    cautions: tuple[str, ...] = ()
    no_effect: str = ""

    @property
    def difference(self) -> Floats:
        """Changed minus planned, shape (n,)."""
        return self.changed - self.planned

    @property
    def total(self) -> float:
        """The difference over all periods."""
        return float(self.difference.sum())

    def facts(self) -> Facts:
        """What may be said of it."""
        planned, basis = float(self.planned.sum()), "both forecasts, summed over the horizon"
        facts = [
            Fact("whatif_planned", "As planned", planned, self.unit, basis),
            Fact("whatif_changed", "After the change", float(self.changed.sum()), self.unit, basis),
            Fact("whatif_difference", "Difference", self.total, self.unit, basis),
            Fact("whatif_lower", "Difference, at least", self.total - 1.96 * self.sd, self.unit, RANGE),
            Fact("whatif_upper", "Difference, at most", self.total + 1.96 * self.sd, self.unit, RANGE),
        ]
        if planned > 0:
            facts.append(Fact("whatif_percent", "Difference in percent", 100 * self.total / planned, "%", basis))
        return Facts(tuple(facts), self.cautions)


RANGE = "the 95% range of the effect's size as the past shows it"


def change_drivers(drivers: Drivers, change: Change, calendar: Calendar, future: Sequence[date]) -> Drivers:
    """The owner's plan with one thing changed.

    Args:
        drivers: what is planned.
        change: a price, a promotion or an event.
        calendar: of the business; a price is laid down on its open periods.
        future: the start of each period to forecast.

    Raises:
        DataProblem: there is no such price or promotion, or a price has no known value.
    """
    if isinstance(change, ExtraEvent):
        return replace(drivers, events=(*drivers.events, SpecialEvent(change.name, (change.span,), change.percent)))
    by_name = {tracked.name: tracked for tracked in drivers.tracked}
    if change.name not in by_name:
        names = ", ".join(by_name) or "none"
        raise DataProblem(f"No price or promotion is called “{change.name}”", remedy=f"Known are: {names}.")
    tracked = by_name[change.name]
    if isinstance(change, PromotionPlan):
        changed = tracked.within(change.span, float(change.runs))
    else:
        changed = _repriced(tracked, change, [*calendar.between(future[0], future[-1])])
    return replace(drivers, tracked=tuple(changed if t.name == change.name else t for t in drivers.tracked))


def what_if(planned: Floats, effects: DriverEffects, other: DriverEffects, *, unit: str, change: Change) -> WhatIf:
    """The difference that a change of drivers makes.

    Args:
        planned: the forecast before the drivers were put back, shape (n,).
        effects: the drivers as planned.
        other: the same knowledge under the changed plan, `effects.under(table, future)`.
        unit: of the series.
        change: what was changed; names the driver.
    """
    before, after = effects.future.restore(planned), other.future.restore(planned)
    return WhatIf(
        periods=effects.future.periods,
        planned=before,
        changed=after,
        sd=_sd_of_difference(planned, effects, other, change.name),
        unit=unit,
        cautions=_cautions(effects, other, change),
        no_effect=_why_no_effect(effects, other, change),
    )


def price_path(tracked: Tracked, periods: Sequence[date]) -> Floats:
    """The price on each day: the one that is known, else the last one before it.

    Raises:
        DataProblem: no price is known on or before the first day.
    """
    days = sorted(tracked.values)
    rows = np.searchsorted(np.array(days, dtype="datetime64[D]"), np.array(periods, dtype="datetime64[D]"), "right") - 1
    if not days or rows.min() < 0:
        raise DataProblem(f"No {tracked.name} is known for {periods[0]}", remedy="Type the price of that day.")
    return np.array([tracked.values[days[row]] for row in rows])


def _repriced(tracked: Tracked, change: PriceChange, days: Sequence[date]) -> Tracked:
    """Planned prices made explicit on every day, so that the change ends where its span does."""
    if tracked.kind is not DriverKind.PRICE or change.percent <= -100:
        raise DataProblem(f"“{tracked.name}” cannot be changed by {change.percent:g} %", remedy="Choose a price.")
    planned = price_path(tracked, days)
    factor = 1 + change.percent / 100
    moved = {d: p * factor if d in change.span else p for d, p in zip(days, planned.tolist(), strict=True)}
    return replace(tracked, values={**tracked.values, **moved})


def _sd_of_difference(planned: Floats, effects: DriverEffects, other: DriverEffects, name: str) -> float:
    """By the delta method: the difference's slope in the changed driver's weight, times that weight's uncertainty."""
    weights = [c for c in other.coefficients if c.name == name]
    if not weights or weights[0].weight == 0:
        return 0.0
    slopes = []
    for moves in (effects.future, other.future):
        parts = [part for part in moves.parts if part.name == name]
        slopes.append(_slope(planned, moves, parts[0].added / weights[0].weight, parts[0].multiplies) if parts else 0.0)
    return abs(slopes[1] - slopes[0]) * weights[0].sd


def _slope(planned: Floats, moves: Moves, values: Floats, multiplies: bool) -> float:
    gain = moves.restore(planned) if multiplies else np.where(moves.closed, 0.0, moves.factor)
    return float((gain * values).sum())


def _why_no_effect(effects: DriverEffects, other: DriverEffects, change: Change) -> str:
    """Why a driver plays no part; "" where it plays one."""
    if change.name in {coefficient.name for coefficient in other.coefficients}:
        return ""
    return next((out.reason for out in effects.left_out if out.name == change.name), "it is not among your drivers")


def _cautions(effects: DriverEffects, other: DriverEffects, change: Change) -> tuple[str, ...]:
    coefficients = {c.name: c for c in other.coefficients}
    if change.name not in coefficients:
        return (f"{change.name} changes nothing here: {_why_no_effect(effects, other, change)}.",)
    coefficient = coefficients[change.name]
    values = [part.added / coefficient.weight for part in other.future.parts if part.name == change.name]
    outside = [v for v in values if v.max() > coefficient.highest + 1e-9 or v.min() < coefficient.lowest - 1e-9]
    if outside and coefficient.kind is DriverKind.PRICE:
        return (f"{change.name} was never that far from its usual value in your past: read this as a guess.",)
    return ()


@dataclass(frozen=True)
class Override:
    """One figure that the owner put in the model's place.

    Attributes:
        period: the start of the period.
        value: the owner's figure, in the unit of the series, >= 0.
        model: what the model said when the owner overruled it.
        made_on: the day of the decision.
        reason: in the owner's words, or "".

    Raises:
        ValueError: the value is negative or no number.
    """

    period: date
    value: float
    model: float
    made_on: date
    reason: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.value) and self.value >= 0):
            raise ValueError(f"an override must be a number of 0 or more, not {self.value}")


@dataclass(frozen=True, eq=False)
class Overruled:
    """A forecast with the owner's figures in it; the model's own stay beside them.

    Attributes:
        periods: the periods of the forecast.
        model: the model's figures, shape (n,).
        final: those in use, shape (n,).
        used: the overrides that apply.
    """

    periods: tuple[date, ...]
    model: Floats
    final: Floats
    used: tuple[Override, ...]


@dataclass(frozen=True)
class OverrideRecord:
    """How the owner's figures did beside the model's, over periods that have passed.

    Attributes:
        judged: periods with an override and a known outcome.
        owner_error, model_error: sum of absolute errors, percent of what was sold.
        owner_closer: periods in which the owner's figure came closer.
        unit: of the series.
    """

    judged: int
    owner_error: float
    model_error: float
    owner_closer: int
    unit: str

    @property
    def gain(self) -> float:
        """How much smaller the owner's error is than the model's, percent; negative when it is larger."""
        return 100 * (1 - self.owner_error / self.model_error) if self.model_error > 0 else 0.0

    def facts(self) -> Facts:
        """What may be said of it."""
        basis = f"sum of absolute errors over {self.judged} periods that you overruled, against what was sold"
        facts = [Fact("overrides_judged", "Overruled periods that have passed", self.judged, "", "counted")]
        if not self.judged or not np.isfinite(self.owner_error):
            return Facts(tuple(facts), ("None of your own figures can be judged yet.",))
        facts += [
            Fact("override_error", "Your typical error", self.owner_error, "%", basis),
            Fact("override_model_error", "The model's typical error there", self.model_error, "%", basis),
            Fact("override_closer", "Times that your figure came closer", self.owner_closer, "", "counted"),
        ]
        few = f"Only {self.judged} of your own figures can be judged: too few to say who forecasts better."
        return Facts(tuple(facts), (few,) if self.judged < FEW_JUDGED else ())


def overrule(periods: Sequence[date], model: Floats, overrides: Sequence[Override]) -> Overruled:
    """Put the owner's figures into a forecast; of several for one period the latest counts.

    Args:
        periods: of the forecast.
        model: the model's figures, shape (n,).
        overrides: those of other periods are passed over.
    """
    latest = {override.period: override for override in sorted(overrides, key=lambda override: override.made_on)}
    used = tuple(latest[period] for period in periods if period in latest)
    final = np.array([latest[p].value if p in latest else m for p, m in zip(periods, model, strict=True)])
    return Overruled(tuple(periods), model, final, used)


def judge(overrides: Sequence[Override], sold: Mapping[date, float], *, unit: str) -> OverrideRecord:
    """Compare the owner's figures and the model's with what was sold.

    Args:
        overrides: any; of several for one period the latest is judged, and those made after the period began never.
        sold: what was sold in each period; NaN where closed.
        unit: of the series.
    """
    fair = [override for override in overrides if override.made_on <= override.period]
    latest = {override.period: override for override in sorted(fair, key=lambda override: override.made_on)}
    comparable = [override for period, override in latest.items() if not np.isnan(sold.get(period, float("nan")))]
    actual = np.array([sold[override.period] for override in comparable])
    owner = np.array([override.value for override in comparable]) - actual
    model = np.array([override.model for override in comparable]) - actual
    volume = float(np.abs(actual).sum())

    def share(errors: Floats) -> float:
        return 100 * float(np.abs(errors).sum()) / volume if volume else float("nan")

    return OverrideRecord(
        judged=len(comparable),
        owner_error=share(owner),
        model_error=share(model),
        owner_closer=int(np.sum(np.abs(owner) < np.abs(model))),
        unit=unit,
    )
