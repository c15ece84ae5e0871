"""What columns are to each other: a product, a total of the document, a total of the line."""

from collections.abc import Mapping
from itertools import combinations

import polars as pl

MOST_FACTORS, FEWEST_PRODUCTS, PRODUCT_SHARE = 6, 5, 0.95
"""Columns among which a product is looked for, rows that it needs, and their share in which it must hold."""

FEWEST_DOCUMENTS, SAME_SHARE = 3, 0.95
"""Documents of several lines from which it is told what belongs to the document, and their share in which it is so."""


def product(values: Mapping[int, pl.Series]) -> tuple[int, int, int] | None:
    """Places of quantity, price and their product among the first columns of numbers, or None."""
    for one, other in combinations(list(values)[:MOST_FACTORS], 2):
        for total in list(values)[:MOST_FACTORS]:
            if total in (one, other) or not makes(values[one], values[other], values[total]):
                continue
            whole = bool((values[one].drop_nulls() % 1 == 0).all())
            return (
                (one, other, total)
                if whole or not bool((values[other].drop_nulls() % 1 == 0).all())
                else (other, one, total)
            )
    return None


def makes(one: pl.Series, other: pl.Series, total: pl.Series, *, share: float = PRODUCT_SHARE) -> bool:
    """True when the first two multiply to the third in nearly every row, and not because one of them is always 1."""
    complete = one.is_not_null() & other.is_not_null() & total.is_not_null()
    if complete.sum() < FEWEST_PRODUCTS or any(part.filter(complete).n_unique() < 2 for part in (one, other, total)):
        return False
    return _holds(one * other, total, share) and bool(((one != 1) & (other != 1)).filter(complete).any())


def differs_by(more: pl.Series, part: pl.Series, less: pl.Series, *, share: float = 0.8) -> bool:
    """True when one column less the part is another in nearly every row in which the part is not 0."""
    used = part.is_not_null() & (part != 0) & more.is_not_null() & less.is_not_null()
    if used.sum() < FEWEST_DOCUMENTS:
        return False
    return _holds((more - part.abs()).filter(used), less.filter(used), share)


def belongs_to_document(documents: pl.Series, values: pl.Series, *, named: bool = False) -> bool:
    """True when a column says something of the whole document: the same on all its lines, or on its first line only.

    Args:
        documents: the number of the document of each row.
        values: the column.
        named: whether it is called a total of the document; otherwise documents must differ in it.
    """
    frame = pl.DataFrame({"document": documents, "value": values}).drop_nulls("document")
    several = frame.group_by("document").agg(
        pl.len().alias("lines"), pl.col("value").n_unique().alias("different"), pl.col("value").count().alias("there")
    )
    several = several.filter(pl.col("lines") > 1, pl.col("there") > 0)
    if several.height < FEWEST_DOCUMENTS:
        return False
    once = (several["there"] == 1) & (several["lines"] > 1)
    same = (several["different"] == 1) | once
    varied = named or frame["value"].n_unique() > 2
    return bool(varied and same.mean() >= SAME_SHARE)  # type: ignore[operator]


def adds_up_lines(documents: pl.Series, lines: pl.Series, totals: pl.Series) -> bool:
    """True when one column has, on each line of a document, what the lines of another add up to."""
    frame = pl.DataFrame({"document": documents, "line": lines, "total": totals}).drop_nulls()
    sums = frame.group_by("document").agg(
        pl.col("line").sum(),
        pl.col("total").first(),
        pl.col("total").n_unique().alias("different"),
        pl.len().alias("n"),
    )
    several = sums.filter(pl.col("n") > 1, pl.col("different") == 1)
    return several.height >= FEWEST_DOCUMENTS and _holds(several["line"], several["total"], SAME_SHARE)


def is_line_total(quantity: pl.Series, amount: pl.Series, items: pl.Series | None) -> bool:
    """True when the amount grows with the quantity: for one item, amount / quantity is steadier than the amount."""
    names = items if items is not None else pl.Series(["all"]).new_from_index(0, len(quantity))
    rows = pl.DataFrame({"item": names, "q": quantity, "a": amount}).drop_nulls(["q", "a"])
    rows = rows.filter(pl.col("q") > 0, pl.col("a") > 0)
    groups = (
        rows.with_columns(each=pl.col("a") / pl.col("q"))
        .group_by("item")
        .agg(
            pl.len().alias("rows"),
            pl.col("q").n_unique().alias("quantities"),
            (pl.col("a").std() / pl.col("a").mean()).alias("amount"),
            (pl.col("each").std() / pl.col("each").mean()).alias("each"),
        )
        .filter(pl.col("rows") >= 3, pl.col("quantities") > 1)
    )
    if groups.is_empty():
        return False
    steadier = groups.filter(pl.col("each") < 0.5 * pl.col("amount"))["rows"].sum()
    return bool(steadier >= 0.8 * float(groups["rows"].sum()))


def _holds(one: pl.Series, other: pl.Series, share: float) -> bool:
    close = ((one - other).abs() <= 0.011 + 0.005 * other.abs()).drop_nulls()
    return bool(len(close) and close.mean() >= share)  # type: ignore[operator]
