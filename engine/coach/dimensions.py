"""By what the Coach ranks sales: items, stores or categories."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from engine.business.model import Business
from engine.errors import MissingColumn


@dataclass(frozen=True)
class Grouping:
    """What is ranked.

    Attributes:
        key: of the dimension; also the name of its column in the rows of a measure.
        noun: one of them: "store".
        nouns: several.
        words: how owners call them, a pattern.
    """

    key: str
    noun: str
    nouns: str
    words: str


ITEMS = Grouping("item", "item", "items", "")
STORES = Grouping("store", "store", "stores", r"stores?|shops?|branch(?:es)?|locations?|outlets?|sites?|regions?")
CATEGORIES = Grouping(
    "category",
    "category",
    "categories",
    r"categor(?:y|ies)|departments?|product (?:groups?|lines?|types?|famil(?:y|ies))|(?:types?|kinds?) of products?",
)
_EACH = (
    r"(?:(?:by|per|each|every|which|what|rank|compare|between|among|across)(?: of)?"
    r"(?: (?:my|our|the)(?= (?:\w+ )?\w+s\b))?"
    r"|best|worst|top|bottom|strongest|weakest|busiest|quietest|slowest|leading|highest|lowest|popular)"
    r"(?: (?:best|worst|top|two|three|four|five|\d+|different|individual|single|product|item|service|menu|sales)"
    r"|[- ](?:selling|performing|earning|grossing))*"
)
_DO = r"(?:do|did|compare|perform\w*|rank|sell|sold|differ)"


def grouping_in(question: str, business: Business) -> Grouping:
    """What the question wants ranked: stores or categories where it says so by a word or by the column's name."""
    for grouping in (STORES, CATEGORIES):
        own = [re.escape(header)] if (header := business.header(grouping.key)) else []
        words = "|".join([grouping.words, *(f"{name}s?" for name in own)])
        several = rf"\b(?:my|our|the) (?=(?:\w+ )?\w+s\b)(?:\w+ )?(?:{words}) {_DO}\b"
        if re.search(rf"\b{_EACH} (?:{words})\b|{several}", question, re.IGNORECASE):
            return grouping
    return ITEMS


def regrouped(rows: pl.DataFrame, grouping: Grouping, columns: Sequence[str]) -> pl.DataFrame:
    """The rows with the stores or categories in the place of the items.

    Args:
        rows: of a measure, with `store` and `category`.
        grouping: what is ranked.
        columns: of the owner's sales, to choose from where none says it.

    Raises:
        MissingColumn: the file does not say them.
    """
    if grouping is ITEMS:
        return rows
    if rows[grouping.key].null_count() == rows.height:
        raise MissingColumn(grouping.noun, available=columns)
    return rows.with_columns(item=pl.col(grouping.key))
