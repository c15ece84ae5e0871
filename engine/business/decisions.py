"""What was decided about an owner's rows, in words that the owner reads."""

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What a decision is about."""

    TABLES = "which tables hold what"
    AFTER_TODAY = "rows after today"
    STRAY = "stray days"
    UNDATED = "rows without a date"
    STATUS = "cancelled and refunded rows"
    RETURNS = "returns"
    FILLED = "figures worked out from others"
    NO_FIGURE = "rows without a figure"
    DISAGREEING = "figures that disagree"
    SPELLING = "names that are spelt differently"
    REPEATED = "names that are listed twice"


@dataclass(frozen=True)
class Decision:
    """One thing that was decided once, for every page.

    Attributes:
        topic: what it is about.
        sentence: what was taken for what, and on which evidence, with the figures.
        rows: how many rows it touches; 0 where it is about whole tables.
        caution: whether a page that shows figures of the past should say it too.
    """

    topic: Topic
    sentence: str
    rows: int = 0
    caution: bool = False


def counted(rows: int, noun: str = "row") -> str:
    """ "1 row" or "1,200 rows"."""
    return f"{rows:,} {noun}" if rows == 1 else f"{rows:,} {noun}s"


def verb(rows: int, singular: str, plural: str) -> str:
    """The form of a verb that goes with a count."""
    return singular if rows == 1 else plural
