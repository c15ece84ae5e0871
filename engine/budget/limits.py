"""What an owner may ask of a split: minima, maxima, commitments, groups, steps, and how many channels at most."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from engine.arrays import Floats
from engine.budget.envelope import SpendVariable
from engine.budget.linear_relaxation import SharedLimits
from engine.budget.mix import Channel, Goal, Mix
from engine.errors import DataProblem

ROOM = 1.05
"""A channel without a maximum may get this times the total, so that the total alone is what holds it back."""

MOST_STEPS = 20_000
TINY = 1e-9
"""A budget of more than `MOST_STEPS` steps is asked in larger steps; `TINY` of a step is rounding."""


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


def near_today(mix: Mix, *, within: float = 2.0) -> AllocationLimits:
    """The limits to start from: every channel between its spend of today divided and multiplied by `within`.

    Far from what was tried the curves are guesses, so a first step should not be longer than this.

    Raises:
        ValueError: `within` is below 1.
    """
    if within < 1:
        raise ValueError("within must be at least 1")
    own = {channel.name: ChannelLimit(channel.today / within, channel.today * within) for channel in mix.channels}
    return AllocationLimits(own)


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
