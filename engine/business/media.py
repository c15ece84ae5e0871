"""Marketing spend per channel, and visits and leads, as one row a day and channel."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from engine.business.contract import Contract, Field
from engine.business.decisions import Decision, Topic, counted, verb
from engine.business.items import key_of
from engine.dataset import SHEET, Column, ColumnRole, Dataset, Table

MEDIA = Contract(
    "media",
    {
        "day": Field(pl.Date, "the day, or the first day of the period, of the spend", required=True),
        "channel": Field(pl.String, "the marketing channel, as the file calls it", required=True),
        "spend": Field(pl.Float64, "money; null where the cell is blank"),
    },
)
TRAFFIC = Contract(
    "traffic",
    {
        "day": Field(pl.Date, "the day, or the first day of the period", required=True),
        "store": Field(pl.String, "the store"),
        "traffic": Field(pl.Float64, "visits"),
        "leads": Field(pl.Float64, "leads"),
    },
)
REPORT = Contract(
    "report",
    {
        "day": Field(pl.Date, "the day, or the first day of the period", required=True),
        "column": Field(pl.String, "the owner's own header", required=True),
        "value": Field(pl.Float64, "a number whose meaning the owner did not say"),
    },
)
"""Dated numbers beside the spend that have no meaning of their own; one may be what advertising cannot move."""


VISITS, LEADS = ColumnRole.TRAFFIC, ColumnRole.LEADS


@dataclass(frozen=True, eq=False)
class Media:
    """What marketing cost, and what came of it before a sale.

    Attributes:
        spend: as in `MEDIA`.
        traffic: as in `TRAFFIC`.
        report: as in `REPORT`.
        tables: the tables that hold spend.
        headers: the owner's own header of `traffic` and `leads`.
        columns: how many columns of numbers the widest table of spend has.
        undated: a table that names spend but has no dates; "" for none.
        unreadable: a column of spend that holds no numbers; "" for none.
        fingerprint: of the headers of the first table with visits or leads.
        traffic_tables: the tables that hold visits or leads.
        decisions: what was left out, with counts.
        unused: what is told a second time in longer periods, and is not counted again.
    """

    spend: pl.DataFrame
    traffic: pl.DataFrame
    report: pl.DataFrame
    tables: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    columns: int = 0
    undated: str = ""
    unreadable: str = ""
    fingerprint: str = ""
    traffic_tables: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    unused: tuple[str, ...] = ()


def gather_media(dataset: Dataset, today: date) -> Media:
    """Every row of spend, visits and leads up to today."""
    spending = [table for table in dataset.tables if table.has(ColumnRole.CHANNEL_SPEND)]
    dated = [table for table in spending if table.has(ColumnRole.DATE)]
    counting = [t for t in dataset.tables if t.has(ColumnRole.DATE) and (t.find(VISITS) or t.find(LEADS))]
    spend, spent_twice = _finest([(table, rows) for table in dated for rows in _spend_rows(table)], "channel")
    traffic, counted_twice = _finest([(table, rows) for table in counting for rows in _traffic_rows(table)], "step")
    spend, decisions = _past_spend(spend, today)
    report = [rows for table in (dated or counting)[:1] for rows in _report_rows(table)]
    headers = {
        name: column.name
        for name, role in (("leads", LEADS), ("traffic", VISITS))
        for table in reversed(counting)
        if (column := table.find(role)) is not None
    }
    return Media(
        MEDIA.completed(spend),
        TRAFFIC.check(_past(TRAFFIC.completed(traffic), today)),
        REPORT.check(_past(pl.concat([REPORT.empty(), *report]), today)),
        tuple(table.name for table in dated),
        headers,
        max((sum(column.kind == "number" for column in table.columns) for table in dated), default=0),
        spending[0].name if spending and not dated else "",
        next(
            (c.name for t in dated for c in t.columns if c.role is ColumnRole.CHANNEL_SPEND and c.kind != "number"), ""
        ),
        counting[0].fingerprint if counting else "",
        tuple(table.name for table in counting),
        decisions,
        (*spent_twice, *counted_twice),
    )


def _past(rows: pl.DataFrame, today: date) -> pl.DataFrame:
    return rows.filter(pl.col("day") <= today)


def _past_spend(rows: pl.DataFrame, today: date) -> tuple[pl.DataFrame, tuple[Decision, ...]]:
    """The spend up to today of named channels in one spelling, and what was left out."""
    usual: dict[str, str] = {}
    for name in rows["channel"].drop_nulls():
        usual.setdefault(key_of(name), name.strip())
    named = rows.with_columns(pl.col("channel").replace({n: usual[key_of(n)] for n in rows["channel"].drop_nulls()}))
    later = named.filter(pl.col("day") > today, pl.col("spend").is_not_null()).height
    blank = named.filter(pl.col("channel").is_null() | pl.col("day").is_null(), pl.col("spend").is_not_null()).height
    decisions = []
    if later:
        says = f"{counted(later)} of marketing spend dated after today {verb(later, 'is', 'are')} left out."
        decisions.append(Decision(Topic.AFTER_TODAY, says, later))
    if blank:
        says = f"{counted(blank)} of marketing spend without a channel or a date {verb(blank, 'is', 'are')} left out."
        decisions.append(Decision(Topic.UNDATED, says, blank, caution=True))
    return _past(named.drop_nulls("channel"), today), tuple(decisions)


def _finest(parts: list[tuple[Table, pl.DataFrame]], naming: str) -> tuple[pl.DataFrame, list[str]]:
    """All rows, but of what unlike tables tell twice only those of the table with the most days.

    Args:
        parts: rows with `day`, a value, and the name of what they are of, by the table that they come from.
        naming: the column with that name: "channel" or "step".
    """
    shapes = {table.name: frozenset((c.name.strip().casefold(), c.role) for c in table.columns) for table, _ in parts}
    days = {table.name: rows["day"].n_unique() for table, rows in parts}
    best: dict[str, str] = {}
    for table, rows in sorted(parts, key=lambda part: -days[part[0].name]):
        for name in rows[naming].drop_nulls().unique():
            best.setdefault(key_of(name), table.name)
    parted, unused = [], []
    for table, rows in parts:
        here = [n for n in rows[naming].drop_nulls().unique() if shapes[best[key_of(n)]] == shapes[table.name]]
        again = [n for n in rows[naming].drop_nulls().unique().sort() if n not in here]
        parted.append(rows.filter(pl.col(naming).is_in(here) | pl.col(naming).is_null()))
        unused += [f"{name} in {table.name} is not counted again; it stands in {best[key_of(name)]}." for name in again]
    empty = pl.DataFrame(schema={"day": pl.Date, naming: pl.String, "spend": pl.Float64})
    return pl.concat([empty, *parted], how="diagonal"), unused


def _unreadable(tables: list[Table]) -> str:
    spends = (c for table in tables for c in table.columns if c.role is ColumnRole.CHANNEL_SPEND)
    return next((column.name for column in spends if column.kind != "number"), "")


def _spend_rows(table: Table) -> list[pl.DataFrame]:
    """`day`, `channel`, `spend` of each row; channels are columns, or named in a text column beside one of spend."""
    day = pl.col(table.require(ColumnRole.DATE).name).alias("day")
    columns = [c for c in table.columns if c.role is ColumnRole.CHANNEL_SPEND and c.kind == "number"]
    naming = _channel_names(table)
    if naming is not None and len(columns) == 1:
        channel = pl.col(naming.name).cast(pl.String).alias("channel")
        return [table.frame.select(day, channel, pl.col(columns[0].name).cast(pl.Float64).alias("spend"))]
    return [
        table.frame.select(
            day, pl.lit(column.name).alias("channel"), pl.col(column.name).cast(pl.Float64).alias("spend")
        )
        for column in columns
    ]


def _channel_names(table: Table) -> Column | None:
    """The text column that names the channel of each row, in a table that holds nothing but spend."""
    if table.has(ColumnRole.QUANTITY) or table.has(ColumnRole.REVENUE):
        return None
    texts = [column for column in table.columns if column.kind == "text" and column.role is not ColumnRole.STORE]
    called = [column for column in texts if column.role is ColumnRole.CHANNEL]
    plain = [column for column in texts if column.role is ColumnRole.OTHER and column.name != SHEET]
    return next(iter([*called, *plain, *texts]), None)


def _traffic_rows(table: Table) -> Iterator[pl.DataFrame]:
    """`day`, `store` and the visits or the leads of each row; `step` says which."""
    store = table.find(ColumnRole.STORE)
    place = pl.col(store.name).cast(pl.String) if store else pl.lit(None, pl.String)
    day = pl.col(table.require(ColumnRole.DATE).name)
    for name, role in (("traffic", VISITS), ("leads", LEADS)):
        column = table.find(role)
        if column is not None and column.kind == "number":
            value = pl.col(column.name).cast(pl.Float64).alias(name)
            yield table.frame.select(value, day=day, store=place, step=pl.lit(name))


def _report_rows(table: Table) -> Iterator[pl.DataFrame]:
    day = pl.col(table.require(ColumnRole.DATE).name).alias("day")
    for column in _unnamed_numbers(table.columns):
        name = pl.lit(column.name).alias("column")
        yield table.frame.select(day, name, pl.col(column.name).cast(pl.Float64).alias("value"))


def _unnamed_numbers(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.role is ColumnRole.OTHER and column.kind == "number"]
