"""Limits that cannot all be kept: a result like any other, with the ones that clash and what would help."""

import math
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from engine.facts import Fact, Facts

K = TypeVar("K")


@dataclass(frozen=True)
class ClashingLimit(Generic[K]):
    """One of the limits that clash.

    Attributes:
        words: the limit as its owner would say it.
        key: what the question calls it.
    """

    words: str
    key: K


@dataclass(frozen=True)
class Relaxation:
    """One change that alone makes a plan possible.

    Attributes:
        sentence: the change, as an offer.
        limit: the name of the limit that changes; "" where the change is no number, and then nothing follows.
        now: what the limit is.
        needed: what it must be.
        unit: of both.
    """

    sentence: str
    limit: str = ""
    now: float = 0.0
    needed: float = 0.0
    unit: str = ""

    @classmethod
    def of_limit(cls, limit: str, now: float, needed: float, unit: str) -> "Relaxation":
        """A limit with another number."""
        way = cls("", limit, now, needed, unit)
        return replace(way, sentence=f"Change {limit} from {now:,.10g} to {way.rounded:,.10g} {unit}".rstrip() + ".")

    @property
    def rounded(self) -> float:
        """What is needed, to one decimal, rounded so that it is enough: a limit that falls down, any other up."""
        if self.needed < self.now:
            return math.floor(10 * self.needed + 1e-6) / 10
        return math.ceil(10 * self.needed - 1e-6) / 10


@dataclass(frozen=True)
class Infeasibility(Generic[K]):
    """Why there is no plan.

    Attributes:
        sentence: the clash in one sentence.
        limits: those that clash.
        relaxations: changes, each of which alone makes a plan possible.
        remedy: what to do, in one sentence; "" where the relaxations say it all.
        is_minimal: True when it is proved that without any one of the limits the others can be kept.
    """

    sentence: str
    limits: tuple[ClashingLimit[K], ...]
    relaxations: tuple[Relaxation, ...] = ()
    remedy: str = ""
    is_minimal: bool = True

    @property
    def words(self) -> tuple[str, ...]:
        """The limits that clash, as their owner would say them."""
        return tuple(limit.words for limit in self.limits)

    @property
    def keys(self) -> tuple[K, ...]:
        """The limits that clash, as the question calls them."""
        return tuple(limit.key for limit in self.limits)

    def facts(self) -> Facts:
        """What may be quoted."""
        basis = "Limits are left out one after the other; those without which a plan exists are named."
        clash = [Fact(f"clash_{place}", "Clashes", words, "", basis) for place, words in enumerate(self.words, 1)]
        ways = [
            Fact(f"way_{place}", f"Enough for {way.limit}", way.rounded, way.unit, way.sentence)
            for place, way in enumerate(self.relaxations, 1)
            if way.limit
        ]
        return Facts((*clash, *ways), (self.sentence,))

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".rstrip()
