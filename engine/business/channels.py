"""Several tables of sales: other channels, whose sales are added up, or the same sales told a second time."""

from collections.abc import Sequence

import polars as pl

from engine.business.calendar import find_calendar, period_of
from engine.business.sales import Sales
from engine.business.tables import SalesTable
from engine.dataset import TableKind

CLOSE, MOST_DAYS = 0.01, 0.8
"""Two sums are the same within this share; two tables tell the same sales where so many of their periods are."""

TAXED = (0.75, 1.34)
STEADY = 0.03
FEWEST_PERIODS = 5
"""Between these ratios, and steady to this share over so many periods, one table has the tax that the other has not."""

SHARED_DOCUMENTS = 0.3
"""Share of the documents of the smaller table that the other has too, from which both tell the same sales."""

OF_SALES = frozenset(
    {
        TableKind.SALE_LINES,
        TableKind.ORDERS,
        TableKind.INVOICES,
        TableKind.DAILY_TOTALS,
        TableKind.PAYMENTS,
        TableKind.OTHER,
    }
)


def is_channel(first: Sales, table: SalesTable, sales: Sales) -> bool:
    """Whether a table holds sales that the first has not: not the same again, in other words or in longer periods.

    Args:
        first: the sales that count already.
        table: the other table.
        sales: its rows that count.
    """
    figure = next((name for name in ("revenue", "quantity") if _has(first, name) and _has(sales, name)), None)
    if table.kind not in OF_SALES or table.names_spend or figure is None:
        return False
    if _share_documents(first.frame, sales.frame):
        return False
    return not _tell_the_same(first.frame, sales.frame, figure)


def together(first: Sales, others: Sequence[tuple[SalesTable, Sales]]) -> pl.DataFrame:
    """The rows of all tables, those without a channel of their own in that of their file."""
    frames = [first.frame, *(sales.frame for _, sales in others)]
    return pl.concat(frame.with_columns(channel=pl.coalesce("channel", "source")) for frame in frames)


def _has(sales: Sales, name: str) -> bool:
    return sales.frame.height > 0 and sales.frame[name].null_count() < sales.frame.height


def _share_documents(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    mine, theirs = one["document"].drop_nulls().unique(), other["document"].drop_nulls().unique()
    fewer = min(len(mine), len(theirs))
    return fewer > 0 and len(mine.filter(mine.is_in(theirs.implode()))) >= SHARED_DOCUMENTS * fewer


def _tell_the_same(one: pl.DataFrame, other: pl.DataFrame, figure: str) -> bool:
    """True where the periods that both have are the same, or differ by a steady rate of tax."""
    calendars = [find_calendar(frame["day"].unique().to_list()) for frame in (one, other)]
    order = list(type(calendars[0].frequency))
    calendar = max(calendars, key=lambda each: order.index(each.frequency))
    sums = [
        frame.group_by(period_of(calendar).alias("period")).agg(pl.col(figure).sum().alias("sum"))
        for frame in (one, other)
    ]
    both = sums[0].join(sums[1], on="period", suffix="_other").filter(pl.col("sum") != 0, pl.col("sum_other") != 0)
    if both.is_empty():
        return False
    same = ((both["sum"] - both["sum_other"]).abs() <= CLOSE * both["sum"].abs()).mean()
    if isinstance(same, float) and same >= MOST_DAYS:
        return True
    ratio = both["sum_other"] / both["sum"]
    middle, spread = ratio.median(), ratio.std()
    steady = isinstance(middle, float) and isinstance(spread, float) and spread <= STEADY * abs(middle)
    varied = both["sum"].n_unique() > FEWEST_PERIODS
    return bool(steady and varied and both.height >= FEWEST_PERIODS and TAXED[0] <= middle <= TAXED[1])  # type: ignore[operator]
