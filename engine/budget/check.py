"""A second look at a split, from the plan alone: plain arithmetic that knows nothing of the solver."""

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from engine.budget.curves import Curve, Hill, Power, Saturating, TabulatedCurve
from engine.budget.limits import AllocationLimits
from engine.budget.mix import Goal, Mix
from engine.proof import Recheck

TOLERANCE = 1e-6
"""Share of a limit, or of the promised objective, by which rounding may miss it."""


def recheck(
    mix: Mix, spend: Mapping[str, float], total: float, *, limits: AllocationLimits, goal: Goal, promised: float
) -> Recheck:
    """Look at a plan again.

    Args:
        mix: the channels and their curves.
        spend: the plan, money per period and channel.
        total: the budget per period.
        limits: what was asked.
        goal: what was to be maximised.
        promised: the objective that the solver reported.
    """
    violations = tuple(violations_of(mix, spend, total, limits))
    objective = objective_of(mix, spend, limits, goal)
    same = math.isclose(objective, promised, rel_tol=TOLERANCE, abs_tol=1e-9)
    return Recheck(violations, objective, same and not violations)


def objective_of(mix: Mix, spend: Mapping[str, float], limits: AllocationLimits, goal: Goal) -> float:
    """What a plan is worth, term by term."""
    worth = 0.0
    for channel in mix.channels:
        amount = spend[channel.name]
        outcome = outcome_by_formula(channel.curve, amount)
        worth += goal.margin * outcome if goal.kind == "profit" else outcome
        if goal.kind == "profit":
            worth -= amount + (limits.of(channel.name).fee if amount > 0 else 0.0)
    return worth


def violations_of(mix: Mix, spend: Mapping[str, float], total: float, limits: AllocationLimits) -> Iterator[str]:
    """Each limit that a plan breaks, in words."""
    slack = TOLERANCE * max(total, 1e-9)
    fees = sum(limits.of(name).fee for name in mix.names if spend[name] > 0)
    paid = sum(spend[name] for name in mix.names) + fees
    if paid > total + slack:
        yield f"{paid:,.6g} are spent of {total:,.6g}"
    if limits.spend_all and paid < total - slack:
        yield f"only {paid:,.6g} are spent of {total:,.6g}"
    for name in mix.names:
        yield from _of_channel(name, spend[name], limits, slack)
    for group in limits.groups:
        together = sum(spend[name] for name in group.channels)
        if not group.minimum - slack <= together <= group.maximum + slack:
            yield f"{group.name} gets {together:,.6g}, outside {group.minimum:,.6g} to {group.maximum:,.6g}"
    used = sum(spend[name] > 0 for name in mix.names)
    if limits.most_channels is not None and used > limits.most_channels:
        yield f"{used} channels are used, more than {limits.most_channels}"


def outcome_by_formula(curve: Curve, spend: float) -> float:
    """One curve at one spend, written out again.

    Raises:
        TypeError: a kind of curve that nobody wrote down here.
    """
    match curve:
        case Hill(top, half, steepness):
            return top * _logistic(steepness * math.log(spend / half)) if spend > 0 else 0.0
        case Saturating(top, scale):
            falling = math.exp(-2 * spend / scale)
            return top * (1 - falling) / (1 + falling)
        case Power(gain, exponent):
            return gain * math.pow(spend, exponent)
        case TabulatedCurve():
            return _between(curve, spend)
    raise TypeError(f"no formula for {type(curve).__name__}")


def _logistic(at: float) -> float:
    """1 / (1 + e^-at), whatever the size of `at`."""
    return 1 / (1 + math.exp(-at)) if at > 0 else math.exp(at) / (1 + math.exp(at))


def _between(table: TabulatedCurve, spend: float) -> float:
    after = bisect_right(table.spends.tolist(), spend)
    if after == len(table.spends):
        return float(table.outcomes[-1])
    x0, x1 = float(table.spends[after - 1]), float(table.spends[after])
    y0, y1 = float(table.outcomes[after - 1]), float(table.outcomes[after])
    return y0 + (y1 - y0) * (spend - x0) / (x1 - x0)


def _of_channel(name: str, amount: float, limits: AllocationLimits, slack: float) -> Iterator[str]:
    own = limits.of(name)
    if amount < 0 or not own.minimum - slack <= amount <= own.maximum + slack:
        yield f"{name} gets {amount:,.6g}, outside {own.minimum:,.6g} to {own.maximum:,.6g}"
    if 0 < amount < own.if_used - slack:
        yield f"{name} gets {amount:,.6g}, and needs {own.if_used:,.6g} if it is used"
    if limits.step and own.minimum != own.maximum:
        off = abs(amount - round(amount / limits.step) * limits.step)
        if off > slack:
            yield f"{name} gets {amount:,.6g}, which is no multiple of {limits.step:,.6g}"
