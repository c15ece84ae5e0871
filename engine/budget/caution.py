"""What may be advised when curves are uncertain: how far to go towards the best split, and what it costs to be sure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.arrays import Floats
from engine.budget.allocate import NO_LIMITS, allocate
from engine.budget.allocation import Allocation
from engine.budget.check import violations_of
from engine.budget.limits import AllocationLimits
from engine.budget.mix import Mix
from engine.solvers.infeasibility import Infeasibility

SURE = 0.95
STEPS = (1.0, 0.75, 0.5, 0.25)
"""Advice is a step towards the best split that beats today's with at least the chance `SURE`; these are tried."""


class Beliefs(Protocol):
    """Curves with their uncertainty: a `ResponseModel`, or an `Outlook` with some curves of the owner's own."""

    @property
    def today(self) -> Mapping[str, float]:
        """Today's spend per channel and period."""
        ...

    def mix(self, *, quantile: float = 0.5, caution: float = 0.0) -> Mix:
        """The channels as a question; see `ResponseModel.mix`."""
        ...

    def outcomes(self, spend: Mapping[str, float]) -> Floats:
        """What a split may bring per period, one number per draw."""
        ...

    def chance_better(self, spend: Mapping[str, float], than: Mapping[str, float]) -> float:
        """The chance, 0..1, that one split brings more than another."""
        ...


@dataclass(frozen=True, eq=False)
class Advice:
    """How far to follow the best split.

    Attributes:
        step: the share of the way from today's split to the best one, 0..1; 0 is to stay and try something out first.
        spend: money per period and channel.
        chance: 0..1, that it brings more than today's split of the same total; of the best split when the advice is to
            stay.
    """

    step: float
    spend: Mapping[str, float]
    chance: float

    @property
    def stays(self) -> bool:
        """Whether the history does not carry any change."""
        return self.step == 0


@dataclass(frozen=True, eq=False)
class TradeOff:
    """One split between the boldest and the most cautious.

    Attributes:
        caution: 0 for the best expected outcome, 1 for the best cautious one.
        allocation: the split; its proof is about the curves of this caution.
        expected: mean outcome per period over all that the history allows.
        cautious: the outcome that is exceeded with the chance 1 - quantile.
        better_than_today: the chance, 0..1, that it brings more than today's split.
    """

    caution: float
    allocation: Allocation
    expected: float
    cautious: float
    better_than_today: float


def advise(model: Beliefs, allocation: Allocation, *, sure: float = SURE) -> Advice:
    """The longest step towards the best split that is nearly sure to beat today's split of the same total.

    Args:
        model: the curves, with their uncertainty.
        allocation: the best split by expected curves.
        sure: the chance that is asked for, 0..1.
    """
    now = sum(model.today.values())
    scale = allocation.spent / now if now > 0 else 0.0
    today = {name: scale * amount for name, amount in model.today.items()}
    chances = []
    for step in STEPS:
        spend = {name: step * best + (1 - step) * today[name] for name, best in allocation.spend.items()}
        chances.append(model.chance_better(spend, today))
        keeps = not any(violations_of(allocation.mix, spend, allocation.total, allocation.limits))
        if chances[-1] >= sure and keeps:
            return Advice(step, spend, chances[-1])
    return Advice(0.0, today, chances[0])


def trade_off(
    model: Beliefs, total: float, limits: AllocationLimits = NO_LIMITS, *, quantile: float = 0.2, points: int = 5
) -> tuple[TradeOff, ...] | Infeasibility[str]:
    """Splits from bold to cautious, each the proved best for its blend of curves; or why no split keeps the limits.

    What they may bring is then measured on whole draws, in which the channels' errors belong together.

    Args:
        model: the curves, with their uncertainty.
        total: money per period.
        limits: what the owner asks.
        quantile: of the outcome, 0..1: the cautious figure is exceeded with the remaining chance.
        points: splits from bold to cautious, >= 2.
    """
    splits = []
    for caution in np.linspace(0, 1, points):
        allocation = allocate(model.mix(quantile=quantile, caution=float(caution)), total, limits)
        if isinstance(allocation, Infeasibility):
            return allocation
        splits.append(_measured(model, allocation, float(caution), quantile))
    return tuple(splits)


def _measured(model: Beliefs, allocation: Allocation, caution: float, quantile: float) -> TradeOff:
    outcomes = model.outcomes(allocation.spend)
    return TradeOff(
        caution=caution,
        allocation=allocation,
        expected=float(outcomes.mean()),
        cautious=float(np.quantile(outcomes, quantile)),
        better_than_today=model.chance_better(allocation.spend, model.today),
    )
