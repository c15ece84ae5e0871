"""A response curve that the owner types: what a spend brings, and what twice as much would bring."""

from dataclasses import dataclass

from engine.budget.curves import Curve, Hill, Power
from engine.errors import DataProblem

STEEP = 3.0
"""The Hill steepness of a channel that starts slowly: twice the money brings less than 2 ** STEEP times as much."""


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
