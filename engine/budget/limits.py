"""What an owner may ask of a split, and why no split keeps it: the smallest set of limits that cannot hold together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from engine.arrays import Floats
from engine.budget.mix import OUTCOME, Channel, Goal, Mix
from engine.budget.relaxation import SharedLimits, SpendVariable
from engine.errors import DataProblem
from engine.proof import ClashingLimit, Infeasibility, Relaxation
from engine.solvers.highs import Program, SolverStatus, solve

ROOM = 1.05
"""A channel without a maximum may get this times the total, so that the total alone is what holds it back."""

MOST_STEPS = 20_000
TINY = 1e-9
"""A budget of more than `MOST_STEPS` steps is asked in larger steps; `TINY` of a step is rounding."""

MORE_THAN_ANY = 1e3
"""A total that is set aside is this many times all amounts that are named."""


@dataclass(frozen=True)
class ChannelLimit:
    """What one channel may get per period, in money.

    Attributes:
        minimum: at least this, always.
        maximum: at most this.
        if_used: either nothing at all, or at least this.
        fee: paid once per period when the channel is used; it comes out of the budget.
    """

    minimum: float = 0.0
    maximum: float = float("inf")
    if_used: float = 0.0
    fee: float = 0.0

    @classmethod
    def committed(cls, amount: float) -> "ChannelLimit":
        """Exactly this amount: a contract that is signed, or a slider that is locked."""
        return cls(amount, amount)


@dataclass(frozen=True)
class ChannelGroup:
    """Several channels that share a limit.

    Attributes:
        name: as the owner calls them: "social media".
        channels: the names of its channels.
        minimum, maximum: of their sum, in money per period.
    """

    name: str
    channels: tuple[str, ...]
    minimum: float = 0.0
    maximum: float = float("inf")


@dataclass(frozen=True)
class AllocationLimits:
    """All limits of one question.

    Attributes:
        channels: per channel name; a channel without an entry may get anything.
        groups: limits on sums of channels.
        most_channels: at most so many channels are used; None for any number.
        step: every spend is a multiple of this ("in hundreds"); 0 for any amount.
        spend_all: the whole total must be spent.
    """

    channels: Mapping[str, ChannelLimit] = field(default_factory=dict)
    groups: tuple[ChannelGroup, ...] = ()
    most_channels: int | None = None
    step: float = 0.0
    spend_all: bool = False

    def of(self, name: str) -> ChannelLimit:
        """The limit of one channel."""
        return self.channels.get(name, ChannelLimit())

    def with_channel(self, name: str, limit: ChannelLimit) -> "AllocationLimits":
        """These limits with one channel's replaced."""
        return replace(self, channels={**self.channels, name: limit})

    def may_be_off(self, name: str) -> bool:
        """Whether using the channel at all is a choice that something depends on."""
        own = self.of(name)
        return own.minimum <= 0 and (own.if_used > 0 or own.fee > 0 or self.most_channels is not None)


def check_limits(mix: Mix, total: float, limits: AllocationLimits) -> None:
    """Refuse limits that make no sense by themselves.

    Raises:
        DataProblem: a limit names no channel, is negative or no number, or the step is too small.
    """
    named = {*limits.channels, *(name for group in limits.groups for name in group.channels)}
    unknown = sorted(named - set(mix.names))
    if unknown:
        names = ", ".join(mix.names)
        raise DataProblem(f"There is no channel called {unknown[0]}", remedy=f"Choose one of: {names}.")
    amounts = [total, limits.step, limits.most_channels or 0]
    amounts += [amount for group in limits.groups for amount in (group.minimum, group.maximum)]
    for each in limits.channels.values():
        amounts += [each.minimum, each.maximum, each.if_used, each.fee]
    if any(not amount >= 0 for amount in amounts) or not np.isfinite(total):
        raise DataProblem("A limit is negative or not a number", remedy="Limits are amounts of money from 0 up.")
    if limits.step and total / limits.step > MOST_STEPS:
        remedy = f"Use steps of {total / MOST_STEPS:,.3g} or more, or none."
        raise DataProblem(f"Steps of {limits.step:,.6g} are very fine for a total of {total:,.6g}", remedy=remedy)


def variables(mix: Mix, total: float, limits: AllocationLimits, goal: Goal) -> tuple[SpendVariable, ...]:
    """One variable per channel, with its own limits; shared ones are rows."""
    return tuple(_variable(channel, total, limits, goal) for channel in mix.channels)


def rows(mix: Mix, total: float, limits: AllocationLimits) -> SharedLimits:
    """The limits that channels share, the total first.

    Order: the total from above, then (with `spend_all`) from below, each group's maximum and minimum, the number of
    channels.
    """
    names = np.array(mix.names)
    fees = np.array([limits.of(name).fee for name in names])
    nothing, everything = np.zeros(len(names)), np.ones(len(names))
    parts: list[tuple[Floats, Floats, float]] = [(everything, fees, total)]
    if limits.spend_all:
        parts.append((-everything, -fees, -total))
    for group in limits.groups:
        members = np.isin(names, group.channels).astype(np.float64)
        if np.isfinite(group.maximum):
            parts.append((members, nothing, group.maximum))
        if group.minimum > 0:
            parts.append((-members, nothing, -group.minimum))
    if limits.most_channels is not None:
        counted = np.array([float(limits.of(name).maximum > 0) for name in names])
        parts.append((nothing, counted, float(limits.most_channels)))
    spend, on, most = zip(*parts, strict=True)
    return SharedLimits(np.array(spend), np.array(on), np.array(most))


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


def _variable(channel: Channel, total: float, limits: AllocationLimits, goal: Goal) -> SpendVariable:
    own = limits.of(channel.name)
    optional = limits.may_be_off(channel.name)
    low = max(own.minimum, own.if_used)
    high = min(own.maximum, ROOM * max(total, low))
    # A signed contract costs what it costs, in whatever steps the rest is planned.
    step = 0.0 if own.minimum == own.maximum else limits.step
    if step:
        low, high = np.ceil(low / step - TINY) * step, np.floor(high / step + TINY) * step
    return SpendVariable(
        channel.curve, float(low), float(high), optional, goal.cost * own.fee, goal.gain, goal.cost, step
    )


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
