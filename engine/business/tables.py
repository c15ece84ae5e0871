"""Which table of a file holds what: the only reader of column roles outside the reader itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from engine.dataset import SHEET, Column, ColumnRole, Dataset, Table, TableKind


@dataclass(frozen=True, eq=False)
class SalesTable:
    """The tables that together are the sales, as one frame in the owner's own columns, by what each column is.

    Attributes:
        frame: a column per known meaning, raw values; `source` is the table's name.
        tables: the names of the tables that were put together.
        headers: the owner's own header of each meaning.
        fingerprint: of the headers, by which next month's file is recognised.
        kind: what they are.
        names_spend: whether they name marketing spend too.
    """

    frame: pl.DataFrame
    tables: tuple[str, ...]
    headers: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    kind: TableKind = TableKind.OTHER
    names_spend: bool = False


SALES_ROLES: dict[str, ColumnRole] = {
    "day": ColumnRole.DATE,
    "item": ColumnRole.ITEM,
    "category": ColumnRole.CATEGORY,
    "store": ColumnRole.STORE,
    "supplier": ColumnRole.SUPPLIER,
    "quantity": ColumnRole.QUANTITY,
    "revenue": ColumnRole.REVENUE,
    "price": ColumnRole.PRICE,
    "promotion": ColumnRole.PROMOTION,
    "on_hand": ColumnRole.ON_HAND,
    "cost": ColumnRole.COST,
    "lead_time": ColumnRole.LEAD_TIME,
    "case_pack": ColumnRole.CASE_PACK,
    "document": ColumnRole.DOCUMENT,
    "channel": ColumnRole.CHANNEL,
    "code": ColumnRole.CODE,
}
MARK_ROLES = {"status": ColumnRole.STATUS, "row_type": ColumnRole.ROW_TYPE, "void": ColumnRole.VOID}
"""What says whether a row counts; of each there may be several columns."""

COUNTED = (ColumnRole.QUANTITY, ColumnRole.REVENUE)


def has_numbers(table: Table, role: ColumnRole) -> bool:
    """True when a column of this role holds numbers."""
    column = table.find(role)
    return column is not None and column.kind == "number"


def has_dates(table: Table) -> bool:
    """True when a date column holds a date."""
    column = table.find(ColumnRole.DATE)
    return column is not None and table.frame[column.name].null_count() < table.frame.height


def sales_tables(dataset: Dataset) -> list[list[Table]]:
    """The tables that can be sales, alike ones together, the likeliest first: those that count units before those
    that only name money, and plain sales before reports that name marketing spend too."""
    able = [t for t in dataset.tables if has_dates(t) and any(has_numbers(t, role) for role in COUNTED)]
    ordered = sorted(
        able, key=lambda t: (not has_numbers(t, ColumnRole.QUANTITY), t.find(ColumnRole.CHANNEL_SPEND) is not None)
    )
    return alike(ordered)


def alike(tables: Iterable[Table]) -> list[list[Table]]:
    """Tables that have the same columns with the same meanings, together: one sheet a month is one table."""
    groups: dict[frozenset[tuple[str, ColumnRole, str]], list[Table]] = {}
    for table in tables:
        groups.setdefault(_shape(table), []).append(table)
    return list(groups.values())


def read_sales(tables: Sequence[Table]) -> SalesTable:
    """Alike tables as one frame."""
    headers = {name: column.name for name, column in _sales_columns(tables[0]).items()}
    parts = [
        table.frame.select(
            _source(table),
            *(pl.col(column.name).alias(name) for name, column in _sales_columns(table).items()),
        )
        for table in tables
    ]
    first, spends = tables[0], any(table.has(ColumnRole.CHANNEL_SPEND) for table in tables)
    names = tuple(table.name for table in tables)
    return SalesTable(pl.concat(parts), names, headers, first.fingerprint, first.kind, spends)


def sheet_column(table: Table) -> Column | None:
    """The column in which the reader keeps the sheet or file of each row, where it put several together."""
    return next((c for c in table.columns if c.name == SHEET and c.role is ColumnRole.OTHER), None)


def _source(table: Table) -> pl.Expr:
    sheet = sheet_column(table)
    return (pl.col(sheet.name).cast(pl.String) if sheet else pl.lit(table.name)).alias("source")


def _sales_columns(table: Table) -> dict[str, Column]:
    columns = {name: column for name, role in SALES_ROLES.items() if (column := table.find(role)) is not None}
    for name, role in MARK_ROLES.items():
        marks = [column for column in table.columns if column.role is role]
        columns |= {f"{name}#{number}": column for number, column in enumerate(marks)}
    return columns


def _shape(table: Table) -> frozenset[tuple[str, ColumnRole, str]]:
    return frozenset((column.name.strip().casefold(), column.role, column.kind) for column in table.columns)
