"""The best split of a budget with its proof, the least spend for a target, what larger budgets would bring, and how far
to go towards the best split when the curves are unsure.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from engine.arrays import Floats
from engine.budget.allocation import Allocation, ChannelPlan, OwnSplit
from engine.budget.check import TOLERANCE, recheck, violations_of
from engine.budget.limits import AllocationLimits, check_limits, clashing, find_clash, out_of_reach, rows, variables
from engine.budget.mix import OUTCOME, Goal, Mix
from engine.budget.relaxation import SpendVariable
from engine.budget.search import GAP, SearchResult, search
from engine.proof import BindingLimit, Infeasibility, Proof, Recheck, Status

SOLVER = "branch and bound on concave envelopes"
MOST_NODES = 4000
NO_LIMITS = AllocationLimits()

TARGET_ROUNDS = 60
TARGET_GAP = 1e-7
EXACT = 1e-9
"""The least spend for a target is searched until it is known to the share `TARGET_GAP`, in so many rounds at most; a
target counts as met to the digit when no more than the share `EXACT` of it is missing or comes on top."""

SURE = 0.95
STEPS = (1.0, 0.75, 0.5, 0.25)
"""Advice is a step towards the best split that beats today's with at least the chance `SURE`; these are tried."""


def allocate(
    mix: Mix,
    total: float,
    limits: AllocationLimits = NO_LIMITS,
    *,
    goal: Goal = OUTCOME,
    most_nodes: int = MOST_NODES,
) -> Allocation | Infeasibility[str]:
    """The split of a total per period that brings most, proved; or which limits clash, when no split keeps them.

    The plan is globally best, for S-shaped curves too: `proof.bound` is what no split can exceed, and today's split,
    where it keeps the limits, is never better.

    Args:
        mix: channels with their curves.
        total: money per period, >= 0.
        limits: what the owner asks.
        goal: outcome, or profit.
        most_nodes: effort; a search that ends early says so in the proof.

    Raises:
        DataProblem: a limit makes no sense.
    """
    check_limits(mix, total, limits)
    started = time.perf_counter()
    result = _searched(mix, total, limits, goal, most_nodes)
    if result is None:
        return find_clash(mix, total, limits) or clashing(["all limits together"])
    seconds = time.perf_counter() - started
    spend = {name: float(amount) for name, amount in zip(mix.names, result.spend, strict=True)}
    checked = recheck(mix, spend, total, limits=limits, goal=goal, promised=result.objective)
    proved = result.gap <= GAP and checked.agrees
    status = Status.OPTIMAL if proved else Status.FEASIBLE
    unit = mix.unit if goal.kind == "outcome" else mix.currency
    binding = tuple(_binding(mix, total, limits, goal, result))
    proof = Proof(status, result.objective, result.bound, unit, SOLVER, seconds, binding, checked)
    plans = tuple(_plan(mix, name, spend[name]) for name in mix.names)
    return Allocation(mix, total, limits, goal, plans, float(result.prices[0]), proof)


def least_spend(
    mix: Mix, target: float, limits: AllocationLimits = NO_LIMITS, *, most: float
) -> Allocation | Infeasibility[str]:
    """The smallest total per period that brings a target outcome, and its split.

    When not even `most` brings the target within the limits, or the limits clash: why.

    The proof is about the total: `proof.objective` is enough, and less than `proof.bound` cannot reach the target.

    Args:
        mix: channels with their curves.
        target: outcome per period, > 0.
        limits: what the owner asks; `spend_all` has no meaning here.
        most: the largest total that may be thought of.
    """
    limits, started = replace(limits, spend_all=False), time.perf_counter()
    best = allocate(mix, most, limits)
    if isinstance(best, Infeasibility):
        return best
    if best.outcome < target * (1 - GAP):
        return out_of_reach(target, best.outcome, mix.unit)
    low, missing, excess = 0.0, -target, best.outcome - target
    for turn in range(TARGET_ROUNDS):
        if best.total - low <= TARGET_GAP * best.total:
            break
        share = -missing / (excess - missing) if turn % 3 != 2 else 0.5
        middle = low + min(max(share, 0.001), 0.999) * (best.total - low)
        if excess <= EXACT * target:  # the target is met to the digit: what is left is to show that less is too little
            middle = max(middle, (1 - 0.5 * TARGET_GAP) * best.total)
        trial = allocate(mix, middle, limits)
        if isinstance(trial, Infeasibility):
            low, missing = middle, -target
        elif trial.outcome >= target * (1 - EXACT):
            best, excess = trial, trial.outcome - target
        elif trial.proof.bound < target:
            low, missing = middle, trial.outcome - target
        else:
            break
    return replace(best, proof=_least(best, low, time.perf_counter() - started))


def frontier(
    mix: Mix, totals: Sequence[float], limits: AllocationLimits = NO_LIMITS, *, goal: Goal = OUTCOME
) -> tuple[Allocation, ...]:
    """The best split for each total: how much more a larger budget would bring.

    Totals that the limits do not allow are left out.

    Raises:
        DataProblem: a limit makes no sense.
    """
    plans = (allocate(mix, total, limits, goal=goal) for total in totals)
    return tuple(plan for plan in plans if isinstance(plan, Allocation))


def scenario(mix: Mix, name: str, spend: Mapping[str, float]) -> OwnSplit:
    """What a split of the owner's own would bring, without any search: quick enough for a slider.

    Args:
        mix: channels with their curves.
        name: what the owner calls it.
        spend: money per period and channel; a channel that is not named gets nothing.
    """
    return OwnSplit(name, tuple(_plan(mix, each, spend.get(each, 0.0)) for each in mix.names))


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
    """

    caution: float
    allocation: Allocation
    expected: float
    cautious: float


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


def _least(best: Allocation, low: float, seconds: float) -> Proof:
    """The certificate turned round: the total is what is kept small, and less than `low` cannot reach the target."""
    checked = best.proof.recheck
    proved = checked is not None and checked.agrees and best.total - low <= GAP * best.total
    status = Status.OPTIMAL if proved else Status.FEASIBLE
    again = Recheck(checked.violations, best.spent + best.fees, checked.agrees) if checked is not None else None
    return Proof(status, best.total, low, best.mix.currency, SOLVER, seconds, best.proof.binding, again)


def _searched(mix: Mix, total: float, limits: AllocationLimits, goal: Goal, most_nodes: int) -> SearchResult | None:
    chosen = variables(mix, total, limits, goal)
    today = np.array([channel.today for channel in mix.channels])
    possible = all(each.optional or each.low <= each.high for each in chosen)
    return search(chosen, rows(mix, total, limits), start=(today,), most_nodes=most_nodes) if possible else None


def _plan(mix: Mix, name: str, spend: float) -> ChannelPlan:
    channel = mix[name]
    return ChannelPlan(
        channel=name,
        today=channel.today,
        spend=spend,
        outcome_today=channel.outcome(channel.today),
        outcome=channel.outcome(spend),
        marginal=channel.marginal(spend),
        beyond_seen=channel.seen is not None and spend > channel.seen * (1 + TOLERANCE),
    )


def _binding(mix: Mix, total: float, limits: AllocationLimits, goal: Goal, result: SearchResult) -> list[BindingLimit]:
    """The limits that hold the plan back, with what one more unit of money there would be worth."""
    shared = rows(mix, total, limits)
    used = shared.spend_parts @ result.spend + shared.on_parts @ result.on
    binding = []
    for place, (name, unit) in enumerate(_row_names(mix, limits)):
        if abs(used[place] - shared.most[place]) <= TOLERANCE * max(1e-9, abs(shared.most[place])):
            price = float(result.prices[place])
            sign = -1 if shared.most[place] < 0 else 1
            spent, limit = sign * float(used[place]), sign * float(shared.most[place])
            binding.append(BindingLimit(name, spent, limit, unit, sign * price))
    charge = result.prices @ shared.spend_parts
    chosen = variables(mix, total, limits, goal)
    for place, name in enumerate(mix.names):
        binding += _own_limits(name, chosen[place], float(result.spend[place]), float(charge[place]), mix.currency)
    return binding


def _own_limits(name: str, variable: SpendVariable, spend: float, price: float, unit: str) -> list[BindingLimit]:
    near = TOLERANCE * max(1e-9, variable.high)
    gain = variable.slope(spend) - price
    if spend > 0 and spend >= variable.high - near and gain > 0:
        return [BindingLimit(f"{name}, maximum", spend, variable.high, unit, gain)]
    if 0 < spend <= variable.low + near and gain < 0:
        return [BindingLimit(f"{name}, minimum", spend, variable.low, unit, gain)]
    return []


def _row_names(mix: Mix, limits: AllocationLimits) -> list[tuple[str, str]]:
    """Names of the shared limits, in the order of `rows`."""
    names = [("the total", mix.currency)]
    if limits.spend_all:
        names.append(("the total that must be spent", mix.currency))
    for group in limits.groups:
        if np.isfinite(group.maximum):
            names.append((f"{group.name}, maximum", mix.currency))
        if group.minimum > 0:
            names.append((f"{group.name}, minimum", mix.currency))
    if limits.most_channels is not None:
        names.append(("the number of channels", "channels"))
    return names


def _measured(model: Beliefs, allocation: Allocation, caution: float, quantile: float) -> TradeOff:
    outcomes = model.outcomes(allocation.spend)
    return TradeOff(
        caution=caution,
        allocation=allocation,
        expected=float(outcomes.mean()),
        cautious=float(np.quantile(outcomes, quantile)),
    )
