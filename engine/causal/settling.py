"""The test that would settle it: what to switch off, for how long."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from engine.causal.effect import Effect, EffectModel
from engine.causal.panel import Part

SURE, POWERFUL = 1.959964, 0.841621
"""Normal quantiles for a 5 % test, both sides, that finds the effect in four cases of five."""

LONGEST = 52
SHORTEST = 4


@dataclass(frozen=True)
class NextTest:
    """An experiment that would settle one cause.

    Attributes:
        driver: what to switch.
        periods: how long it takes in all, half of them with the driver off; 0 when no such test is feasible.
        period: noun for one period.
        plan: what to do, one or two sentences.
    """

    driver: str
    periods: int
    period: str
    plan: str


def next_test(model: EffectModel, effect: Effect) -> NextTest | None:
    """How long a driver must be switched off and on to find its effect four times in five, from the measured noise.

    None for what the owner cannot switch.

    Source: the two-sample formula n = 2 (z_a + z_b)^2 sd^2 / difference^2, per arm.
    """
    driver, noun = model.panel.named(effect.driver), model.panel.frequency.period
    if driver.part is not Part.TREATMENT:
        return None
    usual = float(driver.values[driver.values > 0].mean()) if np.any(driver.values > 0) else 0.0
    shift = abs(_worth_finding(effect)) * usual
    noise = float(np.sqrt(model.line.misfit / model.line.degrees))
    length = 4 * ceil((SURE + POWERFUL) ** 2 * (noise / shift) ** 2) if shift > 0 else LONGEST + 1
    length = max(SHORTEST, length)
    if length > LONGEST:
        plan = (
            f"Switching {driver.name} off and on would take more than a year to show its effect; double it in one "
            "region and leave it in another instead, and compare the two."
        )
        return NextTest(driver.name, 0, noun, plan)
    plan = (
        f"Pause {driver.name} in {length // 2} of the next {length} {noun}s, two at a time, on dates drawn by lot and "
        f"fixed before you start. {_promise(effect)}, the difference will show four times in five."
    )
    return NextTest(driver.name, length, noun, plan)


def _worth_finding(effect: Effect) -> float:
    """The estimate where it stands; else one for one, which pays a spend back, or half the interval in other units."""
    if effect.stands:
        return effect.value
    lower, upper = effect.interval
    return 1.0 if effect.unit and effect.unit == effect.driver_unit else (upper - lower) / 2


def _promise(effect: Effect) -> str:
    return "If it works as estimated" if effect.stands else "If it brings back what it costs"
