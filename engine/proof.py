"""What a decision is worth: how far from the best it can be, what holds it back, and whether a second look agrees; and
where limits cannot all be kept, which of them clash and what would help: a result like any other.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from engine.facts import Fact, Facts

K = TypeVar("K")


class Status(StrEnum):
    """How a search ended."""

    OPTIMAL = "proved best"
    FEASIBLE = "best found"
    INFEASIBLE = "impossible"


@dataclass(frozen=True)
class BindingLimit:
    """A limit that the decision uses up.

    Attributes:
        name: as the owner calls it: "warehouse space".
        used: how much the decision uses.
        limit: how much there is.
        unit: of `used` and `limit`.
        shadow_price: what one more unit of the limit would save or earn, in the objective's unit; 0 when unknown or
            when a little more changes nothing.
    """

    name: str
    used: float
    limit: float
    unit: str
    shadow_price: float


@dataclass(frozen=True)
class Recheck:
    """The decision looked at again, from the plan alone, by code that knows nothing of the solver.

    Attributes:
        violations: each broken rule in words; empty when there is none.
        objective: the objective computed again.
        agrees: no rule is broken and the objective is the promised one.
    """

    violations: tuple[str, ...]
    objective: float
    agrees: bool


@dataclass(frozen=True)
class Proof:
    """The certificate of a decision.

    Attributes:
        status: how the search ended.
        objective: what the decision costs or earns.
        bound: no decision can be better than this.
        unit: of objective and bound, usually an ISO currency code.
        solver: what found and what proved it.
        seconds: wall-clock time of the search.
        binding: the limits that hold the decision back.
        recheck: the independent second look; None when there is no plan to look at.
    """

    status: Status
    objective: float
    bound: float
    unit: str
    solver: str
    seconds: float
    binding: tuple[BindingLimit, ...] = ()
    recheck: Recheck | None = None

    @property
    def gap(self) -> float:
        """How much better any other decision can be, as a share (0..1 and more) of the objective."""
        distance = abs(self.objective - self.bound)
        return distance / max(abs(self.objective), 1e-9) if distance > 1e-9 else 0.0


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
