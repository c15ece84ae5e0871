"""What each channel is believed to bring: learnt from the history, typed by the owner, or some of both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.arrays import Floats
from engine.budget.curves import Carryover, Curve, Hill, Power
from engine.budget.mix import Channel, Mix
from engine.budget.model import Estimate, FittedCurve, ResponseModel, estimated
from engine.errors import DataProblem

STEEP = 3.0
"""The Hill steepness of a channel that starts slowly: twice the money brings less than 2 ** STEEP times as much."""

TOLD = 2.0
DRAWN = 4.0
POINTS = 121
"""A typed curve is known up to `TOLD` times its spend, and drawn up to `DRAWN` times it, at so many points."""


@dataclass(frozen=True)
class TypedCurve:
    """What an owner knows of a channel without any history.

    Attributes:
        channel: its name.
        spend: money per period, > 0.
        brings: outcome per period for that spend, > 0.
        doubled: outcome per period for twice that spend.
        starts_slowly: the channel does little until enough is spent (an S-shaped curve).

    Raises:
        DataProblem: no curve of that shape goes through the two points.
    """

    channel: str
    spend: float
    brings: float
    doubled: float
    starts_slowly: bool = False

    def __post_init__(self) -> None:
        where = self.channel or "the channel without a name"
        if not self.channel.strip():
            raise DataProblem("A channel has no name", remedy="Give it one.")
        if not (self.spend > 0 and self.brings > 0):
            raise DataProblem("Spend and outcome must be above 0", where=where, remedy="Type what one spend brought.")
        if not self.doubled > self.brings:
            remedy = "Type a little more for twice the money; leave a channel that does nothing out."
            raise DataProblem("Twice the money must bring more than the money itself", where=where, remedy=remedy)
        if self.doubled > 2 * self.brings and not self.starts_slowly:
            remedy = "Say that it starts slowly, or type at most twice as much."
            raise DataProblem("Twice the money brings more than twice as much", where=where, remedy=remedy)
        if self.doubled >= 2**STEEP * self.brings:
            remedy = f"Type less than {2**STEEP:g} times as much for twice the money."
            raise DataProblem("Twice the money brings far more than twice as much", where=where, remedy=remedy)

    @property
    def curve(self) -> Curve:
        """The Hill curve through both points; a straight line where twice the money brings twice as much."""
        steepness = STEEP if self.starts_slowly else 1.0
        ratio, most = self.doubled / self.brings, 2**steepness
        if ratio >= most:
            return Power(self.brings / self.spend, 1.0)
        lifted = most * (ratio - 1) / (most - ratio)  # (half / spend) ** steepness
        return Hill(self.brings * (1 + lifted), self.spend * lifted ** (1 / steepness), steepness)


@dataclass(frozen=True, eq=False)
class Outlook:
    """The channels as they are believed in now.

    Attributes:
        model: what the history says; None without one.
        typed: the owner's own curves; one with the name of a fitted channel takes its place.
        unit: of the outcome, for an outlook without a history.
        currency: of the spends, for an outlook without a history.
        period: the noun of one period, for an outlook without a history.

    Raises:
        ValueError: there is neither a model nor a typed curve.
    """

    model: ResponseModel | None
    typed: tuple[TypedCurve, ...] = ()
    unit: str = ""
    currency: str = ""
    period: str = "week"

    def __post_init__(self) -> None:
        if self.model is None and not self.typed:
            raise ValueError("an outlook needs a model or a typed curve")

    @property
    def learnt(self) -> tuple[str, ...]:
        """The channels whose curve comes from the history."""
        channels = self.model.channels if self.model is not None else ()
        return tuple(name for name in channels if name not in self._own)

    @cached_property
    def today(self) -> Mapping[str, float]:
        """Today's spend per channel and period; what was typed for channels that the history does not have."""
        return self.mix().today

    def mix(self, *, quantile: float = 0.5, caution: float = 0.0) -> Mix:
        """The channels as a question of how to split a budget; see `ResponseModel.mix`.

        A typed curve is the same for every caution.
        """
        return self._expected if caution == 0 else self._mix(quantile, caution)

    @cached_property
    def _expected(self) -> Mix:
        """Made once: sliders ask for it at every move."""
        return self._mix(0.5, 0.0)

    def _mix(self, quantile: float, caution: float) -> Mix:
        if self.model is None:
            return Mix(tuple(self._channel(each) for each in self.typed), self.unit, self.currency, self.period)
        mix = self.model.mix(quantile=quantile, caution=caution)
        for each in self.typed:
            if each.channel in mix.names:
                mix = mix.with_curve(each.channel, each.curve)
            else:
                mix = replace(mix, channels=(*mix.channels, self._channel(each)))
        return mix

    def fitted_curve(self, channel: str) -> FittedCurve:
        """The channel's curve with its interval; of a typed one the interval is the curve itself."""
        own = self._own.get(channel)
        if own is None:
            assert self.model is not None
            return self.model.curve(channel)
        reach = DRAWN * max(own.spend, self.today[channel])
        spends = np.linspace(0, reach, POINTS)
        value = own.curve.value(spends)
        return FittedCurve(channel, spends, value, value, value, TOLD * own.spend)

    def outcomes(self, spend: Mapping[str, float]) -> Floats:
        """What a split may bring per period, one number per equally likely explanation, shape (draws,)."""
        typed = sum(float(each.curve.value(np.array([spend.get(each.channel, 0.0)]))[0]) for each in self._own.values())
        if self.model is None:
            return np.array([typed])
        return self.model.outcomes({name: spend.get(name, 0.0) for name in self.learnt}) + typed

    def expected(self, spend: Mapping[str, float]) -> Estimate:
        """What a split brings per period, with the interval of `LEVEL` percent."""
        return estimated(self.outcomes(spend))

    def chance_better(self, spend: Mapping[str, float], than: Mapping[str, float]) -> float:
        """The chance, 0..1, that one split brings more than another."""
        return float(np.mean(self.outcomes(spend) > self.outcomes(than)))

    def carryovers(self) -> Mapping[str, Carryover]:
        """The likeliest carry-over of each channel that the history knows."""
        if self.model is None:
            return {}
        return {name: self.model.typical_carryover(name) for name in self.model.channels}

    @cached_property
    def cautions(self) -> tuple[str, ...]:
        """What the owner should know before believing a curve."""
        sentences = list(self.model.cautions) if self.model is not None else []
        if self._own:
            names = " and ".join(self._own)
            sentences.append(f"The curve of {names} is what you typed: no interval is known for it.")
        return tuple(sentences)

    @cached_property
    def _own(self) -> Mapping[str, TypedCurve]:
        return {each.channel: each for each in self.typed}

    @staticmethod
    def _channel(each: TypedCurve) -> Channel:
        return Channel(each.channel, each.curve, each.spend)
