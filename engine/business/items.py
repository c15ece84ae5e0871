"""What a business knows of each item: its cost, where it comes from, how it is packed, how much lies on the shelf."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.business.contract import Contract, Field
from engine.business.decisions import Decision, Topic, counted, verb
from engine.business.tables import alike, sheet_column
from engine.dataset import ColumnRole, Dataset, Table

ITEMS = Contract(
    "items",
    {
        "name": Field(pl.String, "the item, spelt as in the sales", required=True),
        "code": Field(pl.String, "the article code; null where an item has none, or several"),
        "category": Field(pl.String, "the category"),
        "supplier": Field(pl.String, "the supplier"),
        "cost": Field(pl.Float64, "money per unit"),
        "price": Field(pl.Float64, "money per unit"),
        "on_hand": Field(pl.Float64, "units on the shelf, all places together"),
        "on_order": Field(pl.Float64, "units under way"),
        "lead_time": Field(pl.Float64, "days from order to delivery"),
        "shelf_life": Field(pl.Float64, "days"),
        "case_pack": Field(pl.Float64, "units per pack"),
        "minimum_order": Field(pl.Float64, "units"),
        "volume": Field(pl.Float64, "space per unit, in the file's own unit"),
    },
)
"""One row an item, sold or listed."""

ITEM_ROLES: dict[str, ColumnRole] = {
    "category": ColumnRole.CATEGORY,
    "supplier": ColumnRole.SUPPLIER,
    "cost": ColumnRole.COST,
    "price": ColumnRole.PRICE,
    "on_hand": ColumnRole.ON_HAND,
    "on_order": ColumnRole.ON_ORDER,
    "lead_time": ColumnRole.LEAD_TIME,
    "shelf_life": ColumnRole.SHELF_LIFE,
    "case_pack": ColumnRole.CASE_PACK,
    "minimum_order": ColumnRole.MINIMUM_ORDER,
    "volume": ColumnRole.VOLUME,
}
SUMMED = ("on_hand", "on_order")
"""What adds up over places; of everything else the first value counts."""

LATEST = ("price", "on_hand", "cost", "lead_time", "supplier", "case_pack")
"""What the sales may say of an item, the latest of which counts where no list says it."""


@dataclass(frozen=True, eq=False)
class Items:
    """All items of a business, and what was decided about them.

    Attributes:
        frame: as in `ITEMS`, sorted by name.
        listed: the names of the tables that list them.
        volume_unit: in which the file gives volumes, as its header says; "" when it does not.
        decisions: what was matched, or listed twice.
    """

    frame: pl.DataFrame
    listed: tuple[str, ...]
    volume_unit: str
    decisions: tuple[Decision, ...]


def item_lists(dataset: Dataset) -> list[Table]:
    """The tables that name items and say something about them, sales and marketing left aside."""
    sold = (ColumnRole.QUANTITY, ColumnRole.REVENUE, ColumnRole.CHANNEL_SPEND)
    return [
        table
        for table in dataset.tables
        if table.has(ColumnRole.ITEM)
        and not (table.has(ColumnRole.DATE) and any(map(table.has, sold)))
        and any(table.has(role) for role in ITEM_ROLES.values())
    ]


def gather_items(dataset: Dataset, sales: pl.DataFrame, today: date) -> Items:
    """Every item that was sold or is listed.

    Names in a list that differ from those of the sales only in case or blanks are the same item. Of a list with dates
    the latest line of each item counts, up to today.

    Args:
        dataset: the owner's file.
        sales: the rows that count, as in `engine.business.sales.SALES`.
        today: the day on which it is asked.
    """
    lists = item_lists(dataset)
    decisions: list[Decision] = []
    frame = sales.select(name="item").drop_nulls().unique().sort("name")
    spelling = {key_of(name): name for name in frame["name"]}
    codes = _codes(sales)
    for tables in alike(lists):
        listed, notes = _listed(tables, spelling, codes, today)
        decisions += [*notes, *_second_stock(frame, listed, tables[0])]
        spelling |= {key_of(name): name for name in listed["name"] if key_of(name) not in spelling}
        frame = _completed(frame, listed)
    frame = _completed(frame, _latest(sales, frame.columns))
    frame = _completed(frame, _code_of_each(sales))
    full = ITEMS.completed(frame).sort("name", maintain_order=True)
    return Items(ITEMS.check(full), tuple(t.name for t in lists), _volume_unit(lists), tuple(decisions))


def key_of(name: str) -> str:
    """By what two spellings of one name are told to be the same: case and blanks do not count.

    >>> key_of("  Rye  LOAF ") == key_of("Rye loaf")
    True
    """
    return " ".join(name.casefold().split())


def key_expr(column: str) -> pl.Expr:
    """The same for a column."""
    return pl.col(column).map_elements(key_of, return_dtype=pl.String)


def _codes(sales: pl.DataFrame) -> dict[str, str]:
    """The item that each code of the sales stands for, where it stands for one."""
    pairs = sales.select("code", "item").drop_nulls().with_columns(key=key_expr("code")).unique(["key", "item"])
    return dict(pairs.filter(~pl.col("key").is_duplicated()).select("key", "item").iter_rows())


def _code_of_each(sales: pl.DataFrame) -> pl.DataFrame:
    """The code of each item that the sales give one."""
    pairs = sales.select("code", name="item").drop_nulls()
    return pairs.group_by("name", maintain_order=True).agg(_only("code")).drop_nulls()


def _only(column: str) -> pl.Expr:
    """The value of a group that has only one, else null."""
    values = pl.col(column).drop_nulls()
    return pl.when(values.n_unique() == 1).then(values.first()).alias(column)


def _listed(
    tables: Sequence[Table], spelling: dict[str, str], codes: dict[str, str], today: date
) -> tuple[pl.DataFrame, list[Decision]]:
    """Lists with the same columns as one, a row an item, in the spelling of the sales; each list is a place."""
    table = tables[0]
    columns = {name: column.name for name, role in ITEM_ROLES.items() if (column := table.find(role)) is not None}
    place = table.find(ColumnRole.STORE) or sheet_column(table)
    item = pl.col(table.require(ColumnRole.ITEM).name).cast(pl.String).str.strip_chars().alias("name")
    coded = table.find(ColumnRole.CODE)
    code = pl.col(coded.name).cast(pl.String) if coded else item
    casts = [
        pl.col(source).cast(ITEMS.fields[name].dtype, strict=False).alias(name) for name, source in columns.items()
    ]
    dated = table.find(ColumnRole.DATE)
    day = pl.col(dated.name) if dated else pl.lit(today)
    words = [column.name for column in table.columns if column.kind == "text"]
    parts = [
        each.frame.select(
            item,
            *casts,
            code=code,
            day=day,
            place=pl.col(place.name).cast(pl.String) if place else pl.lit(each.name),
            words=pl.concat_str(pl.lit(""), pl.col(words), separator="\n", ignore_nulls=True),
        )
        for each in tables
    ]
    rows = pl.concat(parts).drop_nulls("name").filter(pl.col("day") <= today)
    rows = rows.filter(pl.any_horizontal(pl.col(list(columns)).is_not_null()))  # a name alone is the title of a group
    if dated:
        rows = rows.sort("day", descending=True, maintain_order=True).unique(["name", "place"], keep="first")
    named = rows.with_columns(key=key_expr("name"), by_code=key_expr("code")).with_columns(
        spelt=pl.coalesce(
            pl.col("key").replace_strict(spelling, default=None, return_dtype=pl.String),
            pl.col("by_code").replace_strict(codes, default=None, return_dtype=pl.String),
            "name",
        )
    )
    renamed = named.with_columns(key=key_expr("spelt"))
    once = renamed.unique(["key", "place", *columns, "code", "words"], keep="first", maintain_order=True)
    lots = _lots(once)
    others = once.join(lots.select("key", "place").unique(), on=["key", "place"], how="anti", maintain_order="left")
    decisions = [*_respelt(renamed, table), *_repeated(renamed, once, lots, table), *_contradicted(others, table)]
    once = pl.concat([lots, others.unique(["key", "place"], keep="first", maintain_order=True)])
    sums = [pl.col(n).sum() if n in SUMMED else pl.col(n).drop_nulls().first() for n in columns]
    totals = [pl.when(pl.col(n).is_not_null().any()).then(e).alias(n) for n, e in zip(columns, sums, strict=True)]
    own_code = _only("code") if coded else pl.lit(None, pl.String).alias("code")
    one_each = once.group_by("key", maintain_order=True).agg(pl.col("spelt").first().alias("name"), own_code, *totals)
    return one_each.drop("key"), decisions


def _respelt(rows: pl.DataFrame, table: Table) -> Iterator[Decision]:
    other = rows.filter(pl.col("name") != pl.col("spelt"))["name"].n_unique()
    if other:
        says = f"{counted(other, 'name')} in {table.name} {verb(other, 'is', 'are')} spelt as in the sales."
        yield Decision(Topic.SPELLING, says, other)


def _lots(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of items that agree in all that is said of them, or have a code each: sizes, colours or lots."""
    said = [name for name in ITEM_ROLES if name in rows.columns and name not in (*SUMMED, "supplier")]
    agree = [pl.col(name).drop_nulls().n_unique().over("key", "place") <= 1 for name in said]
    coded = pl.col("code").n_unique().over("key", "place") == pl.len().over("key", "place")
    if "on_hand" not in rows.columns:
        return rows.filter(pl.all_horizontal(pl.lit(value=True), *agree) | coded)
    stocked = pl.col("on_hand").is_not_null().all().over("key", "place")
    worded = stocked & (pl.col("words").n_unique().over("key", "place") == pl.len().over("key", "place"))
    return rows.filter(pl.all_horizontal(pl.lit(value=True), *agree) | coded | worded)


def _contradicted(others: pl.DataFrame, table: Table) -> Iterator[Decision]:
    """Items of which two rows say different things: the first one counts."""
    again = others.height - others.unique(["key", "place"]).height
    if again:
        names = ", ".join(others["spelt"].unique(maintain_order=True).head(3))
        name = f"{verb(again, 'names', 'name')} an item again ({names})"
        yield Decision(
            Topic.REPEATED, f"{counted(again)} of {table.name} {name}; the first one counts.", again, caution=True
        )


def _repeated(rows: pl.DataFrame, once: pl.DataFrame, lots: pl.DataFrame, table: Table) -> Iterator[Decision]:
    """What is done with rows that name an item again: the same row counts once, of others the stock is added up."""
    for more, fewer, what in (
        (rows, once, "word for word; one counts"),
        (lots, lots.unique(["key", "place"]), "as its sizes or lots do; their stock is added up"),
    ):
        count = more.height - fewer.height
        if count:
            again = more.filter(pl.struct("key", "place").is_duplicated())
            names = ", ".join(again["spelt"].unique(maintain_order=True).head(3))
            says = f"{counted(count)} of {table.name} {verb(count, 'names', 'name')} an item again ({names}), {what}."
            yield Decision(Topic.REPEATED, says, count, caution=True)


def _second_stock(frame: pl.DataFrame, listed: pl.DataFrame, table: Table) -> Iterator[Decision]:
    if "on_hand" in frame.columns and "on_hand" in listed.columns:
        both = frame.drop_nulls("on_hand").join(listed.drop_nulls("on_hand"), on="name", how="semi").height
        if both:
            says = f"{table.name} names a stock of {counted(both, 'item')} once more; the list before it counts."
            yield Decision(Topic.REPEATED, says, both, caution=True)


def _completed(frame: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """The frame with what `more` knows where it knows nothing yet, and with the names that are new in it."""
    joined = frame.join(more, on="name", how="full", coalesce=True, suffix="_more", maintain_order="left_right")
    both = [name for name in more.columns if name != "name" and name in frame.columns]
    filled = joined.with_columns(pl.coalesce(name, f"{name}_more").alias(name) for name in both)
    return filled.drop(f"{name}_more" for name in both)


def _latest(sales: pl.DataFrame, listed: Sequence[str]) -> pl.DataFrame:
    """What the sales said last of each item, of what no list says: stock of all stores together; its usual category."""
    rows = sales.rename({"item": "name"}).drop_nulls("name").sort("day", maintain_order=True)
    latest = rows.select("name").unique()
    for column in LATEST:
        if column not in listed:
            lines = rows.drop_nulls(column).group_by("name", "store").agg(pl.col(column).last(), pl.col("day").last())
            value = pl.col(column).sum() if column in SUMMED else pl.col(column).sort_by("day").last()
            latest = latest.join(lines.group_by("name").agg(value), on="name", how="left")
    if "category" not in listed:
        pairs = rows.select("name", "category").drop_nulls()
        usual = pairs.group_by("name", "category").len().sort("len", "category").group_by("name", maintain_order=True)
        latest = latest.join(usual.agg(pl.col("category").last()), on="name", how="left")
    return latest


def _volume_unit(lists: Sequence[Table]) -> str:
    named = [column.name for table in lists if (column := table.find(ColumnRole.VOLUME))]
    unit = re.search(r"\(([^()]+)\)", named[0]) if named else None
    return unit[1] if unit else ""
