"""What a decision is worth: how far from the best it can be, what holds it back, and whether a second look agrees."""

from dataclasses import dataclass
from enum import StrEnum


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
