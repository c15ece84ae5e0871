"""What if a driver had been different: the same weeks, the same luck, one thing changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.arrays import Floats, Ints
from engine.causal.effect import CONFIDENCE, Effect, EffectModel, working
from engine.causal.panel import Variable
from engine.causal.regression import t_quantile

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


def _never_seen(driver: Variable, noun: str, setting: float, bounded: float) -> str:
    """That nobody knows what lies beyond, and the difference if that does nothing more than what was seen."""
    low, high = float(driver.values.min()), float(driver.values.max())
    side, far, end = ("above", "more", high) if setting > high else ("below", "less", low)
    return (
        f"{driver.name} was never {side} {end:,.0f} in one {noun}, so what {far} would do is a guess. If it does "
        f"nothing beyond that, {bounded:+,.0f} is all."
    )


def _changed(model: EffectModel, effect: Effect, rows: Ints, values: Floats) -> tuple[Floats, Floats, int]:
    driver = model.panel.named(effect.driver)
    other = driver.values.copy()
    other[rows] = values
    return driver.values, other, int(rows[0])


def _difference(effect: Effect, model: EffectModel, rows: Ints, values: Floats) -> tuple[float, float]:
    """Total change of the outcome and half of its interval, carry-over after the stretch included."""
    driver = model.panel.named(effect.driver)
    _, other, first = _changed(model, effect, rows, values)
    changed = replace(driver, values=other)
    steps = {
        each.decay: float((working(changed, each.decay) - working(driver, each.decay))[first:].sum())
        for each in effect.candidates
    }
    amount = sum(each.weight * each.value * steps[each.decay] for each in effect.candidates)
    variance = sum(
        each.weight * ((each.error * steps[each.decay]) ** 2 + (each.value * steps[each.decay] - amount) ** 2)
        for each in effect.candidates
    )
    return amount, t_quantile(0.5 + CONFIDENCE / 2, effect.degrees) * float(np.sqrt(variance))


def _curved(effect: Effect, model: EffectModel, rows: Ints, values: Floats, response: Response) -> float:
    driver = model.panel.named(effect.driver)
    _, other, first = _changed(model, effect, rows, values)
    decay = model.decays.get(driver.name, 0.0)
    before, after = (working(each, decay)[first:] for each in (driver, replace(driver, values=other)))
    return float(response(after).sum() - response(before).sum())
