"""By what the Coach ranks sales: items, stores or categories."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from engine.business.history import Metric, dated_rows, table_of
from engine.dataset import ColumnRole, Dataset
from engine.errors import MissingColumn


@dataclass(frozen=True)
class Grouping:
    """What is ranked.

    Attributes:
        role: of the column; its value is the name of the column of `with_groups`.
        noun: one of them: "store".
        nouns: several.
        words: how owners call them, a pattern.
    """

    role: ColumnRole
    noun: str
    nouns: str
    words: str


ITEMS = Grouping(ColumnRole.ITEM, "item", "items", "")
STORES = Grouping(
    ColumnRole.STORE, "store", "stores", r"stores?|shops?|branch(?:es)?|locations?|outlets?|sites?|regions?"
)
CATEGORIES = Grouping(
    ColumnRole.CATEGORY,
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


def grouping_in(question: str, dataset: Dataset) -> Grouping:
    """What the question wants ranked: stores or categories where it says so by a word or by the column's name."""
    for grouping in (STORES, CATEGORIES):
        own = [re.escape(c.name) for table in dataset.tables for c in table.columns if c.role is grouping.role]
        words = "|".join([grouping.words, *(f"{name}s?" for name in own)])
        several = rf"\b(?:my|our|the) (?=(?:\w+ )?\w+s\b)(?:\w+ )?(?:{words}) {_DO}\b"
        if re.search(rf"\b{_EACH} (?:{words})\b|{several}", question, re.IGNORECASE):
            return grouping
    return ITEMS


def with_groups(dataset: Dataset, metric: Metric, rows: pl.DataFrame) -> pl.DataFrame:
    """The dated rows of a metric with `store` and `category`, null where the file does not say."""
    found = {grouping.role.value: _values(dataset, metric, grouping.role, rows) for grouping in (STORES, CATEGORIES)}
    return rows.with_columns(**found)


def regrouped(rows: pl.DataFrame, grouping: Grouping, columns: Sequence[str]) -> pl.DataFrame:
    """The rows with the stores or categories in the place of the items.

    Args:
        rows: of `with_groups`.
        grouping: what is ranked.
        columns: of the owner's sales, to choose from where none says it.

    Raises:
        MissingColumn: the file does not say them.
    """
    if grouping is ITEMS:
        return rows
    if rows[grouping.role.value].null_count() == rows.height:
        raise MissingColumn(grouping.noun, available=columns)
    return rows.with_columns(item=pl.col(grouping.role.value))


def _values(dataset: Dataset, metric: Metric, role: ColumnRole, rows: pl.DataFrame) -> pl.Series | pl.Expr:
    """Of each row, from its own table, or the category from a list of items that has one for each."""
    if table_of(dataset, metric).find(role) is not None:
        return dated_rows(dataset, metric, of=role)["item"].cast(pl.String)
    listed = next((t for t in dataset.tables if t.has(ColumnRole.ITEM, role)), None)
    if listed is None or role is not ColumnRole.CATEGORY:
        return pl.lit(None, pl.String)
    pairs = listed.frame.select(listed.require(ColumnRole.ITEM).name, listed.require(role).name).unique()
    if pairs.height > pairs[:, 0].n_unique():
        return pl.lit(None, pl.String)
    return rows["item"].replace_strict(pairs[:, 0], pairs[:, 1], default=None, return_dtype=pl.String)
