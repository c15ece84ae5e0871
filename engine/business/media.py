"""Marketing spend per channel, and visits and leads, as one row a day and channel."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from engine.business.contract import Contract, Field
from engine.dataset import Column, ColumnRole, Dataset, Table
from engine.errors import DataProblem

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
        fingerprint: of the headers of the first table with visits or leads.
    """

    spend: pl.DataFrame
    traffic: pl.DataFrame
    report: pl.DataFrame
    tables: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    columns: int = 0
    undated: str = ""
    fingerprint: str = ""


def gather_media(dataset: Dataset, today: date) -> Media:
    """Every row of spend, visits and leads up to today.

    Raises:
        DataProblem: a column of spend does not hold numbers.
    """
    spending = [table for table in dataset.tables if table.has(ColumnRole.CHANNEL_SPEND)]
    dated = [table for table in spending if table.has(ColumnRole.DATE)]
    counting = [t for t in dataset.tables if t.has(ColumnRole.DATE) and (t.find(VISITS) or t.find(LEADS))]
    spend = [rows for table in dated for rows in _spend_rows(table)]
    traffic = [_traffic_rows(table) for table in counting]
    report = [rows for table in (dated or counting)[:1] for rows in _report_rows(table)]
    headers = {
        name: column.name
        for name, role in (("leads", LEADS), ("traffic", VISITS))
        for table in reversed(counting)
        if (column := table.find(role)) is not None
    }
    return Media(
        MEDIA.check(_past(pl.concat([MEDIA.empty(), *spend]).drop_nulls("channel"), today)),
        TRAFFIC.check(_past(pl.concat([TRAFFIC.empty(), *traffic]), today)),
        REPORT.check(_past(pl.concat([REPORT.empty(), *report]), today)),
        tuple(table.name for table in dated),
        headers,
        max((sum(column.kind == "number" for column in table.columns) for table in dated), default=0),
        spending[0].name if spending and not dated else "",
        counting[0].fingerprint if counting else "",
    )


def _past(rows: pl.DataFrame, today: date) -> pl.DataFrame:
    return rows.filter(pl.col("day") <= today)


def _spend_rows(table: Table) -> list[pl.DataFrame]:
    """`day`, `channel`, `spend` of each row; channels are columns, or named in a text column beside one of spend."""
    day = pl.col(table.require(ColumnRole.DATE).name).alias("day")
    columns = [column for column in table.columns if column.role is ColumnRole.CHANNEL_SPEND]
    for column in columns:
        if column.kind != "number":
            remedy = "Write plain amounts in one currency; convert the others first."
            raise DataProblem(f"The spend in {column.name} is not a number", where=f"sheet {table.name}", remedy=remedy)
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
    texts = [column for column in table.columns if column.kind == "text" and column.role is not ColumnRole.OTHER]
    texts += [column for column in table.columns if column.kind == "text" and column.role is ColumnRole.OTHER]
    return texts[0] if texts else None


def _traffic_rows(table: Table) -> pl.DataFrame:
    def numbers(role: ColumnRole) -> pl.Expr:
        column = table.find(role)
        usable = column is not None and column.kind == "number"
        return pl.col(column.name).cast(pl.Float64) if usable and column else pl.lit(None, pl.Float64)

    store = table.find(ColumnRole.STORE)
    return table.frame.select(
        day=pl.col(table.require(ColumnRole.DATE).name),
        store=pl.col(store.name).cast(pl.String) if store else pl.lit(None, pl.String),
        traffic=numbers(VISITS),
        leads=numbers(LEADS),
    )


def _report_rows(table: Table) -> Iterator[pl.DataFrame]:
    day = pl.col(table.require(ColumnRole.DATE).name).alias("day")
    for column in _unnamed_numbers(table.columns):
        name = pl.lit(column.name).alias("column")
        yield table.frame.select(day, name, pl.col(column.name).cast(pl.Float64).alias("value"))


def _unnamed_numbers(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.role is ColumnRole.OTHER and column.kind == "number"]
