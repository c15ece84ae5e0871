"""Why no split keeps the limits: the smallest set of them that cannot hold together, in the owner's words."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.budget.limits import ChannelLimit, Group, Limits, rows, variables
from engine.budget.mix import OUTCOME, Mix
from engine.budget.problems import ClashingLimits
from engine.solvers.highs import Program, SolverStatus, solve

MORE_THAN_ANY = 1e3
"""A total that is set aside is this many times all amounts that are named."""


@dataclass(frozen=True)
class _Asked:
    mix: Mix
    total: float
    limits: Limits

    def without_total(self) -> "_Asked":
        named = [self.total, *(self.limits.of(name).minimum for name in self.mix.names)]
        named += [each.if_used + each.fee for each in self.limits.channels.values()]
        named += [group.minimum for group in self.limits.groups]
        return replace(self, total=MORE_THAN_ANY * max(1.0, sum(named)), limits=replace(self.limits, spend_all=False))


@dataclass(frozen=True)
class _Rule:
    words: str
    drop: Callable[[_Asked], _Asked]


def explain(mix: Mix, total: float, limits: Limits) -> ClashingLimits | None:
    """The clash of the limits as an error to raise, or None when some split keeps them all.

    Found by leaving out one limit after the other: a limit without which the rest still clash does not matter.
    """
    asked = _Asked(mix, total, limits)
    if _total(asked, 1) is not None:
        return None
    core = []
    for rule in _rules(asked):
        without = rule.drop(asked)
        if _total(without, 1) is None:
            asked = without
        else:
            core.append(rule)
    return ClashingLimits([rule.words for rule in core], by=_amount(asked, core, total))


def _amount(asked: _Asked, core: list[_Rule], total: float) -> float:
    """How much money is missing or left over, where the total is part of the clash."""
    if not any(rule.words.endswith("in total") for rule in core):
        return 0.0
    free = asked.without_total()
    least = _total(free, 1)
    if least is None or least > total:
        return 0.0 if least is None else least - total
    most = _total(free, -1) if asked.limits.spend_all else None
    return total - most if most is not None and most < total else 0.0


def _total(asked: _Asked, sign: int) -> float | None:
    """The smallest (1) or largest (-1) total that keeps the limits, or None."""
    chosen = variables(asked.mix, asked.total, asked.limits, OUTCOME)
    shared = rows(asked.mix, asked.total, asked.limits)
    count = len(chosen)
    step = asked.limits.step or 1.0
    unit = np.eye(count)
    low, high = (np.array([getattr(each, name) for each in chosen]) for name in ("low", "high"))
    # Columns: the spends, in steps where there are steps, then whether each channel is on.
    between = [[-unit * step, np.diag(low)], [unit * step, -np.diag(high)]]
    parts = np.block([[shared.spend_parts * step, shared.on_parts], *between])
    most = np.concatenate([shared.most, np.zeros(2 * count)])
    whole = np.array([*(each.step > 0 for each in chosen), *[True] * count])
    must = np.array([0.0 if each.optional else 1.0 for each in chosen])
    fees = np.array([asked.limits.of(name).fee for name in asked.mix.names])
    at_row, at_column = np.nonzero(parts)
    program = Program(
        cost=sign * np.concatenate([np.full(count, step), fees]),
        lower=np.concatenate([np.zeros(count), must]),
        upper=np.concatenate([np.full(count, np.inf), np.ones(count)]),
        integer=whole,
        rows=at_row,
        columns=at_column,
        entries=parts[at_row, at_column],
        row_lower=np.full(len(most), -np.inf),
        row_upper=most + 1e-9 * np.maximum(1.0, np.abs(most)),
    )
    solution = solve(program)
    return sign * solution.objective if solution.status is SolverStatus.OPTIMAL else None


def _rules(asked: _Asked) -> list[_Rule]:
    limits = asked.limits
    made = [rule for name in asked.mix.names for rule in _of_channel(name, limits.of(name))]
    made += [rule for place, group in enumerate(limits.groups) for rule in _of_group(place, group)]
    if limits.most_channels is not None:
        made.append(_Rule(f"at most {limits.most_channels} channels", partial(_with_limits, most_channels=None)))
    if limits.step:
        made.append(_Rule(f"in steps of {limits.step:,.6g}", partial(_with_limits, step=0.0)))
    exactly = "exactly" if limits.spend_all else "at most"
    return [*made, _Rule(f"{exactly} {asked.total:,.6g} in total", _Asked.without_total)]


def _of_channel(name: str, own: ChannelLimit) -> list[_Rule]:
    if own.minimum == own.maximum:
        return [_Rule(f"{name} exactly {own.minimum:,.6g}", partial(_with_channel, name, minimum=0.0, maximum=np.inf))]
    made = []
    if own.minimum > 0:
        made.append(_Rule(f"{name} at least {own.minimum:,.6g}", partial(_with_channel, name, minimum=0.0)))
    if np.isfinite(own.maximum):
        made.append(_Rule(f"{name} at most {own.maximum:,.6g}", partial(_with_channel, name, maximum=np.inf)))
    if own.if_used > 0:
        words = f"{name} at least {own.if_used:,.6g} if it is used"
        made.append(_Rule(words, partial(_with_channel, name, if_used=0.0)))
    if own.fee > 0:
        made.append(_Rule(f"a fee of {own.fee:,.6g} for {name}", partial(_with_channel, name, fee=0.0)))
    return made


def _of_group(place: int, group: Group) -> list[_Rule]:
    made = []
    if group.minimum > 0:
        made.append(_Rule(f"{group.name} at least {group.minimum:,.6g}", partial(_with_group, place, minimum=0.0)))
    if np.isfinite(group.maximum):
        made.append(_Rule(f"{group.name} at most {group.maximum:,.6g}", partial(_with_group, place, maximum=np.inf)))
    return made


def _with_limits(asked: _Asked, **changes: float | None) -> _Asked:
    return replace(asked, limits=replace(asked.limits, **changes))  # type: ignore[arg-type]


def _with_channel(name: str, asked: _Asked, **changes: float) -> _Asked:
    own = replace(asked.limits.of(name), **changes)
    return replace(asked, limits=asked.limits.with_channel(name, own))


def _with_group(place: int, asked: _Asked, **changes: float) -> _Asked:
    groups = list(asked.limits.groups)
    groups[place] = replace(groups[place], **changes)  # type: ignore[arg-type]
    return replace(asked, limits=replace(asked.limits, groups=tuple(groups)))
