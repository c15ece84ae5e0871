"""Why no split keeps the limits: the smallest set of them that cannot hold together, in the owner's words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.budget.limits import AllocationLimits, ChannelGroup, ChannelLimit, rows, variables
from engine.budget.mix import OUTCOME, Mix
from engine.solvers.highs import Program, SolverStatus, solve
from engine.solvers.infeasibility import ClashingLimit, Infeasibility, Relaxation

MORE_THAN_ANY = 1e3
"""A total that is set aside is this many times all amounts that are named."""


@dataclass(frozen=True)
class _Question:
    mix: Mix
    total: float
    limits: AllocationLimits

    def without_total(self) -> "_Question":
        named = [self.total, *(self.limits.of(name).minimum for name in self.mix.names)]
        named += [each.if_used + each.fee for each in self.limits.channels.values()]
        named += [group.minimum for group in self.limits.groups]
        return replace(self, total=MORE_THAN_ANY * max(1.0, sum(named)), limits=replace(self.limits, spend_all=False))


@dataclass(frozen=True)
class _LimitRule:
    words: str
    drop: Callable[[_Question], _Question]


def find_clash(mix: Mix, total: float, limits: AllocationLimits) -> Infeasibility[str] | None:
    """The clash of the limits, or None when some split keeps them all.

    Found by leaving out one limit after the other: a limit without which the rest still clash does not matter.
    """
    question = _Question(mix, total, limits)
    if _total(question, 1) is not None:
        return None
    core = []
    for rule in _rules(question):
        without = rule.drop(question)
        if _total(without, 1) is None:
            question = without
        else:
            core.append(rule)
    total_needed = _total_needed(question, core, total)
    by = abs(total_needed - total)
    ways = (Relaxation.of_limit("the total", total, total_needed, mix.currency),) if by else ()
    return clashing([rule.words for rule in core], by=by, relaxations=ways)


def clashing(rules: Sequence[str], *, by: float = 0.0, relaxations: tuple[Relaxation, ...] = ()) -> Infeasibility[str]:
    """Limits that cannot all hold, as a result.

    Args:
        rules: the limits in words.
        by: how much money one of them must give way, where money alone decides; else 0.
        relaxations: what is known to help.
    """
    amount = f" by at least {by:,.6g}" if by > 0 else ""
    remedy = f"Loosen one of them{amount}." if len(rules) > 1 else f"Change it{amount}."
    start = "These limits cannot all hold" if len(rules) > 1 else "This limit cannot hold"
    limits = tuple(ClashingLimit(rule, rule) for rule in rules)
    return Infeasibility(f"{start}: {'; '.join(rules)}.", limits, relaxations, remedy)


def out_of_reach(target: float, most: float, unit: str) -> Infeasibility[str]:
    """A target that no spend within the limits reaches."""
    what = f"The target of {target:,.6g} is out of reach: within the limits at most {most:,.6g} can be brought in."
    limit = ClashingLimit(f"at least {target:,.6g} brought in", "target")
    way = Relaxation.of_limit("the target", target, most, unit)
    return Infeasibility(what, (limit,), (way,), "Raise a channel's maximum, or lower the target.")


def _total_needed(question: _Question, core: list[_LimitRule], total: float) -> float:
    """The total nearest to this one that the other limits allow, where the total is part of the clash."""
    if not any(rule.words.endswith("in total") for rule in core):
        return total
    free = question.without_total()
    least = _total(free, 1)
    if least is None or least > total:
        return total if least is None else least
    most = _total(free, -1) if question.limits.spend_all else None
    return most if most is not None and most < total else total


def _total(question: _Question, sign: int) -> float | None:
    """The smallest (1) or largest (-1) total that keeps the limits, or None."""
    chosen = variables(question.mix, question.total, question.limits, OUTCOME)
    shared = rows(question.mix, question.total, question.limits)
    count = len(chosen)
    step = question.limits.step or 1.0
    unit = np.eye(count)
    low, high = (np.array([getattr(each, name) for each in chosen]) for name in ("low", "high"))
    # Columns: the spends, in steps where there are steps, then whether each channel is on.
    between = [[-unit * step, np.diag(low)], [unit * step, -np.diag(high)]]
    parts = np.block([[shared.spend_parts * step, shared.on_parts], *between])
    most = np.concatenate([shared.most, np.zeros(2 * count)])
    whole = np.array([*(each.step > 0 for each in chosen), *[True] * count])
    must = np.array([0.0 if each.optional else 1.0 for each in chosen])
    fees = np.array([question.limits.of(name).fee for name in question.mix.names])
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


def _rules(question: _Question) -> list[_LimitRule]:
    limits = question.limits
    rules = [rule for name in question.mix.names for rule in _of_channel(name, limits.of(name))]
    rules += [rule for place, group in enumerate(limits.groups) for rule in _of_group(place, group)]
    if limits.most_channels is not None:
        rules.append(_LimitRule(f"at most {limits.most_channels} channels", partial(_with_limits, most_channels=None)))
    if limits.step:
        rules.append(_LimitRule(f"in steps of {limits.step:,.6g}", partial(_with_limits, step=0.0)))
    exactly = "exactly" if limits.spend_all else "at most"
    return [*rules, _LimitRule(f"{exactly} {question.total:,.6g} in total", _Question.without_total)]


def _of_channel(name: str, own: ChannelLimit) -> list[_LimitRule]:
    if own.minimum == own.maximum:
        return [
            _LimitRule(f"{name} exactly {own.minimum:,.6g}", partial(_with_channel, name, minimum=0.0, maximum=np.inf))
        ]
    rules = []
    if own.minimum > 0:
        rules.append(_LimitRule(f"{name} at least {own.minimum:,.6g}", partial(_with_channel, name, minimum=0.0)))
    if np.isfinite(own.maximum):
        rules.append(_LimitRule(f"{name} at most {own.maximum:,.6g}", partial(_with_channel, name, maximum=np.inf)))
    if own.if_used > 0:
        words = f"{name} at least {own.if_used:,.6g} if it is used"
        rules.append(_LimitRule(words, partial(_with_channel, name, if_used=0.0)))
    if own.fee > 0:
        rules.append(_LimitRule(f"a fee of {own.fee:,.6g} for {name}", partial(_with_channel, name, fee=0.0)))
    return rules


def _of_group(place: int, group: ChannelGroup) -> list[_LimitRule]:
    rules = []
    if group.minimum > 0:
        rules.append(
            _LimitRule(f"{group.name} at least {group.minimum:,.6g}", partial(_with_group, place, minimum=0.0))
        )
    if np.isfinite(group.maximum):
        rules.append(
            _LimitRule(f"{group.name} at most {group.maximum:,.6g}", partial(_with_group, place, maximum=np.inf))
        )
    return rules


def _with_limits(question: _Question, **changes: float | None) -> _Question:
    return replace(question, limits=replace(question.limits, **changes))  # type: ignore[arg-type]


def _with_channel(name: str, question: _Question, **changes: float) -> _Question:
    own = replace(question.limits.of(name), **changes)
    return replace(question, limits=question.limits.with_channel(name, own))


def _with_group(place: int, question: _Question, **changes: float) -> _Question:
    groups = list(question.limits.groups)
    groups[place] = replace(groups[place], **changes)  # type: ignore[arg-type]
    return replace(question, limits=replace(question.limits, groups=tuple(groups)))
