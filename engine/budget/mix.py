"""The marketing mix as a question: channels with their curves, what they cost today, and what counts as good."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from engine.budget.curves import Curve


@dataclass(frozen=True, eq=False)
class Channel:
    """One way to spend marketing money.

    Attributes:
        name: the owner's own name.
        curve: outcome per period for a steady spend per period.
        today: what is spent on it now, per period.
        seen: the largest spend per period in the history, beyond which the curve is a guess; None for a curve that the
            owner typed.
    """

    name: str
    curve: Curve
    today: float = 0.0
    seen: float | None = None

    def outcome(self, spend: float) -> float:
        """Outcome per period for a steady spend."""
        return float(self.curve.value(np.array([spend]))[0])

    def marginal(self, spend: float) -> float:
        """Outcome that one more unit of money would bring."""
        return float(self.curve.slope(np.array([spend]))[0])


@dataclass(frozen=True, eq=False)
class Mix:
    """All channels that share one budget.

    Attributes:
        channels: in the owner's order, names unique.
        unit: what the outcome is counted in: "units", an ISO currency code, "leads", ...
        currency: ISO code of the money spent, or "".
        period: the noun of one period: "week".

    Raises:
        ValueError: no channel, or two of one name.
    """

    channels: tuple[Channel, ...]
    unit: str = ""
    currency: str = ""
    period: str = "week"

    def __post_init__(self) -> None:
        if not self.channels or len(set(self.names)) != len(self.channels):
            raise ValueError("a mix needs channels with names of their own")

    @property
    def names(self) -> tuple[str, ...]:
        """The channels' names."""
        return tuple(channel.name for channel in self.channels)

    @property
    def today(self) -> Mapping[str, float]:
        """Today's spend per channel and period."""
        return {channel.name: channel.today for channel in self.channels}

    def __getitem__(self, name: str) -> Channel:
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise KeyError(name)

    def outcome(self, spend: Mapping[str, float]) -> float:
        """Outcome per period that all channels bring together; a channel that is not named gets nothing."""
        return sum(channel.outcome(spend.get(channel.name, 0.0)) for channel in self.channels)

    def with_curve(self, name: str, curve: Curve) -> "Mix":
        """The mix with one curve replaced by the owner's own, of which no spend counts as unseen.

        Raises:
            KeyError: there is no such channel.
        """
        own = replace(self[name], curve=curve, seen=None)
        return replace(self, channels=tuple(own if each.name == name else each for each in self.channels))


@dataclass(frozen=True)
class Goal:
    """What the best plan maximises.

    Attributes:
        kind: "outcome" as it is counted, or "profit": outcome times margin, less the money spent.
        margin: money earned per unit of outcome, before marketing; only for profit.

    Raises:
        ValueError: the margin is not positive.
    """

    kind: Literal["outcome", "profit"] = "outcome"
    margin: float = 1.0

    def __post_init__(self) -> None:
        if not self.margin > 0:
            raise ValueError("the margin must be positive")

    @property
    def gain(self) -> float:
        """Worth of one unit of outcome."""
        return self.margin if self.kind == "profit" else 1.0

    @property
    def cost(self) -> float:
        """Worth of one unit of money."""
        return 1.0 if self.kind == "profit" else 0.0


OUTCOME = Goal()
"""As much outcome as the budget can bring."""
