"""How far a cause may be believed: A to D, by rules that are written down, and the test that would settle it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

import numpy as np

from engine.arrays import Floats
from engine.causal.checks import Check
from engine.causal.effect import Effect, EffectModel
from engine.causal.frame import BudgetRule
from engine.causal.panel import Part

FEWEST_ROWS = 26
FEWEST_PER_DRIVER = 10.0
AMPLE_PER_DRIVER = 15.0
MOST_OVERLAP = 0.95
WIDEST_SPREAD = 2.0
"""No effect is told from fewer than 26 rows, fewer than 10 rows per driver, or a driver that calendar and other drivers
account for to 95 %. An effect that changes more than twofold between plausible carry-overs is a pattern at most."""

STABLE = 0.85
FEWEST_PAUSES, PAUSE, OFF = 2, 2, 0.1
"""Switched off: at least two periods in a row at a tenth of the usual level or less."""

SURE, POWERFUL = 1.959964, 0.841621
"""Normal quantiles for a 5 % test, both sides, that finds the effect in four cases of five."""

LONGEST = 52
SHORTEST = 4


class Grade(StrEnum):
    """How far a cause may be believed."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"

    @property
    def label(self) -> str:
        """The grade in words; nothing here is proof without an experiment."""
        return {
            "A": "strong evidence, not proof",
            "B": "suggestive",
            "C": "a pattern, no more",
            "D": "not enough data",
        }[self.value]


@dataclass(frozen=True)
class Standing:
    """All that a grade rests on.

    Attributes:
        effect: the effect and its interval.
        checks: the attempts to overturn it.
        strongest_known: share that the strongest other known driver explains, 0..1.
        rule: how the owner sets it.
        tested: whether it was switched on and off by a plan made before.
        pauses: how many separate times it was switched off, as `pauses` counts them.
        stability: share of the resampled histories in which an arrow leads from it towards the outcome; None when no
            graph was learnt.
        leads: whether its past helps to foresee the outcome or a step before it; None when that was not tested.
        treatment: whether the owner can turn it.
    """

    effect: Effect
    checks: tuple[Check, ...]
    strongest_known: float
    rule: BudgetRule
    tested: bool
    pauses: int = 0
    stability: float | None = None
    leads: bool | None = None
    treatment: bool = True


@dataclass(frozen=True)
class GradeVerdict:
    """A grade with its reasons.

    Attributes:
        grade: A to D.
        reasons: why it is not better, one sentence each; empty for an A.
        overturned_by: what could still prove it wrong.
    """

    grade: Grade
    reasons: tuple[str, ...]
    overturned_by: tuple[str, ...]


def judge(standing: Standing) -> GradeVerdict:
    """Grade one cause.

    D when the data cannot tell; C when the interval holds zero, a check failed or the budget follows sales; A when
    nothing at all stands against it and the owner tested it, or set it in advance and switched it off more than once; B
    otherwise. No statistic can make up for not knowing why the driver moved, so without that there is no A.
    """
    blind = _too_little(standing.effect)
    if blind:
        return GradeVerdict(Grade.D, blind, ("More rows, or a stretch in which only this driver changes.",))
    weak = _weaknesses(standing)
    if weak:
        return GradeVerdict(Grade.C, weak, _overturned_by(standing))
    open_points = _open_points(standing)
    return GradeVerdict(Grade.B if open_points else Grade.A, open_points, _overturned_by(standing))


def pauses(values: Floats) -> int:
    """How many separate times a driver was switched off after it was on and before it was on again."""
    usual = float(np.median(values[values > 0])) if np.any(values > 0) else 0.0
    off = values <= OFF * usual
    if usual <= 0 or off.mean() > 0.5:
        return 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], off.astype(int), [0]])))
    starts, ends = edges[::2], edges[1::2]
    return int(
        sum(end - start >= PAUSE and start > 0 and end < len(values) for start, end in zip(starts, ends, strict=True))
    )


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


def _too_little(effect: Effect) -> tuple[str, ...]:
    reasons = []
    if effect.rows < FEWEST_ROWS:
        reasons.append(f"There are {effect.rows} usable periods, and an effect needs {FEWEST_ROWS}.")
    if effect.rows_per_driver < FEWEST_PER_DRIVER:
        reasons.append(
            f"There are {effect.rows_per_driver:.0f} periods per driver, and an effect needs {FEWEST_PER_DRIVER:.0f}."
        )
    if effect.calendar_share > MOST_OVERLAP:
        reasons.append("It always changes with the calendar, so the two cannot be told apart.")
    elif effect.overlap > MOST_OVERLAP:
        reasons.append("It changes together with other drivers, so only their sum can be told.")
    if not np.isfinite(effect.value) or effect.error <= 0:
        reasons.append("It leaves nothing to measure.")
    return tuple(reasons)


def _weaknesses(standing: Standing) -> tuple[str, ...]:
    effect = standing.effect
    reasons = []
    if not effect.stands:
        reasons.append("The interval includes zero.")
    if effect.spread > WIDEST_SPREAD:
        reasons.append("The size more than doubles between plausible carry-overs.")
    if standing.rule is BudgetRule.SHARE_OF_SALES:
        reasons.append("The budget is a share of sales, so sales move it and not only the other way round.")
    failed = [check for check in standing.checks if check.passed is False]
    reasons += [f"It failed a check: {check.name} ({check.figure})." for check in failed]
    return tuple(reasons)


def _open_points(standing: Standing) -> tuple[str, ...]:
    effect = standing.effect
    reasons: list[str] = []
    if not standing.tested and standing.treatment:
        reasons += _about_the_rule(standing.rule)
        if standing.pauses < FEWEST_PAUSES:
            reasons.append("It was never switched off often enough to see the difference.")
    if not standing.treatment:
        reasons.append("It was not set by you as a test.")
    if effect.robustness < standing.strongest_known:
        reasons.append("A hidden cause as strong as the strongest known driver could explain it away.")
    if effect.rows_per_driver < AMPLE_PER_DRIVER:
        reasons.append(f"There are only {effect.rows_per_driver:.0f} periods per driver.")
    if any(check.passed is None for check in standing.checks if check.name != "follows sales"):
        reasons.append("Not every check could be made.")
    if standing.stability is not None and standing.stability < STABLE:
        reasons.append(f"The arrow shows in {100 * standing.stability:.0f} % of resampled histories.")
    if standing.leads is False and standing.effect.decay > 0.3:
        reasons.append("Its past does not help to foresee the figure.")
    return tuple(reasons)


def _about_the_rule(rule: BudgetRule) -> Sequence[str]:
    if rule is BudgetRule.PLANNED:
        return ()
    if rule is BudgetRule.EXPECTED_DEMAND:
        return ("The budget follows the demand that you expect, so demand may be what moves both.",)
    if rule is BudgetRule.LAST_SALES:
        return ("The budget follows last period's sales.",)
    return ("How the budget is set is not known: if it follows sales, sales may be what moves both.",)


def _overturned_by(standing: Standing) -> tuple[str, ...]:
    share = 100 * standing.effect.robustness
    sentences = [
        f"A cause that is not in the file and explains {share:.0f} % of what is left of both would explain it away.",
    ]
    if standing.treatment and not standing.tested and standing.rule is not BudgetRule.PLANNED:
        sentences.append("Sales that move the budget in the same period would look just like this.")
    return tuple(sentences)


def _worth_finding(effect: Effect) -> float:
    """The estimate where it stands; else one for one, which pays a spend back, or half the interval in other units."""
    if effect.stands:
        return effect.value
    lower, upper = effect.interval
    return 1.0 if effect.unit and effect.unit == effect.driver_unit else (upper - lower) / 2


def _promise(effect: Effect) -> str:
    return "If it works as estimated" if effect.stands else "If it brings back what it costs"
