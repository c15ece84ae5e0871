"""What only the owner knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class BudgetRule(StrEnum):
    """How the spend of a channel is set."""

    UNKNOWN = "I do not know"
    PLANNED = "fixed in advance, whatever sales do"
    SHARE_OF_SALES = "as a share of sales"
    LAST_SALES = "after last period's sales"
    EXPECTED_DEMAND = "more when we expect more demand"


@dataclass(frozen=True)
class Event:
    """Something that happened once.

    Attributes:
        name: as the owner calls it.
        first: its first day.
        last: its last day.
    """

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class Answers:
    """What the owner said; each may be left open.

    Attributes:
        budget: per spend column, how it is set.
        order: columns in groups, the earliest first; a column can only move columns of later groups.
        never: pairs (from, to) that cannot be.
        surely: pairs (from, to) that the owner draws in.
        events: what happened once.
        tested: spend columns that were switched on and off as a test, by a plan made before.
        unaffected: columns that advertising cannot move, such as another branch's sales.
        country: ISO code for public holidays, or "" to go by the currency.
    """

    budget: Mapping[str, BudgetRule] = field(default_factory=dict)
    order: tuple[tuple[str, ...], ...] = ()
    never: frozenset[tuple[str, str]] = frozenset()
    surely: frozenset[tuple[str, str]] = frozenset()
    events: tuple[Event, ...] = ()
    tested: frozenset[str] = frozenset()
    unaffected: tuple[str, ...] = ()
    country: str = ""

    def rule(self, name: str) -> BudgetRule:
        """How this column is set."""
        return self.budget.get(name, BudgetRule.UNKNOWN)
