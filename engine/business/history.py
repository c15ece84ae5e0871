"""From clean tables to one regular series: which periods were open, which were closed, what was sold in each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.dataset import ColumnRole, Dataset, Frequency, Table, in_words, step
from engine.errors import MissingColumn

OPEN_SHARE = 0.5
RECENT_DAYS = 182
STRAY_GAP = 60
"""A weekday counts as a business day when at least `OPEN_SHARE` of its dates in the latest half year have a row. A few
first or last dates do not count when a gap of `STRAY_GAP` times the usual distance parts them from the rest."""


@dataclass(frozen=True)
class Metric:
    """Something that can be counted per period.

    Attributes:
        key: stable name: "quantity", "revenue", "traffic", "leads".
        label: for the owner: "Units sold".
        unit: "units", an ISO currency code, "visits", "leads", or "".
        table: the table that holds it.
        column: its column, or None where revenue is quantity times price.
    """

    key: str
    label: str
    unit: str
    table: str
    column: str | None


@dataclass(frozen=True)
class Calendar:
    """The periods of a business.

    Attributes:
        frequency: the length of one period.
        open_weekdays: for daily data, the weekdays (Monday = 0) on which the business opens.
        anchor: for weekly data, the weekday on which a week starts.
    """

    frequency: Frequency
    open_weekdays: tuple[int, ...] = tuple(range(7))
    anchor: int = 0

    @property
    def season_length(self) -> int:
        """Open periods in one season; a shop that closes on Sundays has a week of six."""
        return len(self.open_weekdays) if self.frequency is Frequency.DAILY else self.frequency.season_length

    def ahead(self, last: date, periods: int) -> tuple[date, ...]:
        """The open periods among the `periods` that follow `last`."""
        return tuple(day for k in range(1, periods + 1) if self.opens_in(day := step(last, self.frequency, k)))

    def between(self, first: date, last: date) -> list[date]:
        """The open periods from `first` to `last`, both included."""
        days = pl.date_range(first, last, self.frequency.polars_interval, eager=True).to_list()
        return [day for day in days if self.opens_in(day)]

    def opens_in(self, period: date) -> bool:
        """False for a day on which the business never opens."""
        return self.frequency is not Frequency.DAILY or period.weekday() in self.open_weekdays


@dataclass(frozen=True)
class SalesHistory:
    """One metric of one item, or of all items together, on a regular calendar.

    Attributes:
        metric: what is counted.
        item: the item's name, or "" for all items together.
        frame: `item` (String), `period` (Date, start of the period) and `value` (Float64); one row per open period,
            sorted; a null value is a period without any row in the whole table (closed or unknown), never a zero.
        calendar: which periods there are.
        cautions: what the owner should know about how the series was made.
        similar: the histories of like items, which end with this one; given where it is too short to go by itself.
    """

    metric: Metric
    item: str
    frame: pl.DataFrame
    calendar: Calendar
    cautions: tuple[str, ...] = ()
    similar: tuple["SalesHistory", ...] = ()

    @property
    def periods(self) -> list[date]:
        """The start of each period."""
        return self.frame["period"].to_list()

    @property
    def values(self) -> NDArray[np.float64]:
        """The value of each period; NaN where the business was closed."""
        return self.frame["value"].to_numpy().astype(np.float64)

    @property
    def season_length(self) -> int:
        """Open periods in one season."""
        return self.calendar.season_length

    def __len__(self) -> int:
        return len(self.frame)


def metrics(dataset: Dataset) -> tuple[Metric, ...]:
    """What can be forecast from this file, sales first.

    Raises:
        MissingColumn: no table has both a date and something to count.
    """
    found: dict[str, Metric] = {}
    dated = [table for table in dataset.tables if _has_dates(table)]
    for table in sorted(dated, key=lambda table: not table.has(ColumnRole.QUANTITY)):
        for metric in _metrics_of(table, dataset.currency):
            found.setdefault(metric.key, metric)
    if found:
        return tuple(found.values())
    columns = [column.name for table in (dated or dataset.tables) for column in table.columns]
    raise MissingColumn("quantity or the revenue" if dated else "date", available=columns)


def table_of(dataset: Dataset, metric: Metric) -> Table:
    """The table that holds a metric, joined with all that have the same columns: one sheet a month is one table."""
    first = dataset.table(metric.table)
    alike = [table.frame for table in dataset.tables if table.columns == first.columns]
    return replace(first, frame=pl.concat(alike)) if len(alike) > 1 else first


def dated_rows(dataset: Dataset, metric: Metric, *, of: ColumnRole = ColumnRole.ITEM) -> pl.DataFrame:
    """`day`, `item` and `value` of each dated row of the metric's table, a few days far from all others left out.

    Args:
        dataset: the owner's data.
        metric: what is counted.
        of: the role whose column stands in `item`, for example the store; "" in each row where no column has it.
    """
    rows, _ = without_stray_days(_rows(table_of(dataset, metric), metric, of).drop_nulls("day"))
    return rows


def items(dataset: Dataset, metric: Metric) -> tuple[str, ...]:
    """The items of the metric's table, the largest first; empty when it has no item column."""
    if table_of(dataset, metric).find(ColumnRole.ITEM) is None:
        return ()
    rows = dated_rows(dataset, metric)
    totals = rows.drop_nulls("item").group_by("item").agg(pl.col("value").sum())
    return tuple(totals.sort("value", "item", descending=[True, False])["item"].to_list())


def sales_history(dataset: Dataset, metric: Metric, *, item: str = "") -> SalesHistory:
    """One metric on a regular calendar.

    A period in which the item has no row while others do is a zero; a period without any row at all, or whose rows
    hold no number, is null (closed or unknown); weekdays on which the business does not open have no row. The series
    starts with the item's first row.

    Raises:
        MissingColumn: the metric's table has no date column.
        KeyError: there is no such item.
    """
    table = table_of(dataset, metric)
    rows, strays = without_stray_days(_rows(table, metric).drop_nulls("day"))
    calendar = find_calendar(rows["day"].unique().to_list())
    rows = rows.with_columns(period_of(calendar).alias("period"))
    business_open = rows.select("period").unique()
    wanted = rows.filter(pl.col("item") == item) if item else rows
    if wanted.is_empty():
        raise KeyError(item)
    last, unfinished = _last_complete_period(rows, calendar)
    first: date = wanted["period"].min()  # type: ignore[assignment]
    sold = wanted.group_by("period").agg(_sum_of_known().alias("value"), listed=pl.lit(value=True))
    frame = (
        pl.DataFrame({"period": calendar.between(first, last)}, schema={"period": pl.Date})
        .join(business_open.with_columns(open=True), on="period", how="left")
        .join(sold, on="period", how="left")
        .select(
            item=pl.lit(item),
            period=pl.col("period"),
            value=pl.when(pl.col("listed")).then("value").when(pl.col("open")).then(0.0),
        )
        .sort("period")
    )
    closed = frame.join(business_open, on="period", how="anti").height
    said = (*strays, *unfinished, *_blanks(wanted), *_gaps(closed, calendar), *_off_days(sold, calendar))
    return SalesHistory(metric, item, frame, calendar, said)


def find_calendar(days: Sequence[date]) -> Calendar:
    """The calendar that the dates of a business follow.

    Daily when its open weekdays are nearly always there; otherwise by the usual distance between dates. Dates that
    keep to no rhythm are gathered into weeks, or months when they are rarer than that.
    """
    ordered = sorted(days)
    gaps = [(later - earlier).days for earlier, later in pairwise(ordered)]
    usual = median(gaps) if gaps else 1
    weekdays = _open_weekdays(ordered)
    on_open_days = sum(day.weekday() in weekdays for day in ordered) / max(1, len(ordered))
    if usual == 1 or (usual < 7 and len(weekdays) > 1 and on_open_days >= 0.95):
        return Calendar(Frequency.DAILY, weekdays or tuple(range(7)))
    if usual < 10:
        same = {day.weekday() for day in ordered}
        return Calendar(Frequency.WEEKLY, anchor=same.pop() if len(same) == 1 else 0)
    for frequency, longest in ((Frequency.MONTHLY, 45), (Frequency.QUARTERLY, 135)):
        if usual <= longest:
            return Calendar(frequency)
    return Calendar(Frequency.YEARLY)


def _has_dates(table: Table) -> bool:
    column = table.find(ColumnRole.DATE)
    return column is not None and table.frame[column.name].null_count() < table.frame.height


def _metrics_of(table: Table, currency: str) -> list[Metric]:
    found = []
    labels = (
        (ColumnRole.QUANTITY, "Units sold", "units"),
        (ColumnRole.REVENUE, "Revenue", currency),
        (ColumnRole.TRAFFIC, "Visits", "visits"),
        (ColumnRole.LEADS, "Leads", "leads"),
    )
    for role, label, unit in labels:
        column = table.find(role)
        if column is not None and column.kind == "number":
            found.append(Metric(role.value, label, unit, table.name, column.name))
        elif role is ColumnRole.REVENUE and table.has(ColumnRole.QUANTITY, ColumnRole.PRICE):
            found.append(Metric(role.value, label, unit, table.name, None))
    return found


def _rows(table: Table, metric: Metric, of: ColumnRole = ColumnRole.ITEM) -> pl.DataFrame:
    """`day`, `item` (the values of another role where one is named), `value` of each row of the table."""
    if metric.column is not None:
        value = pl.col(metric.column)
    else:
        value = pl.col(table.require(ColumnRole.QUANTITY).name) * pl.col(table.require(ColumnRole.PRICE).name)
    item = table.find(of)
    return table.frame.select(
        day=pl.col(table.require(ColumnRole.DATE).name),
        item=pl.col(item.name) if item else pl.lit(""),
        value=value,
    )


def without_stray_days(rows: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Leave out a few days far from all others: a mistyped year, not a business."""
    days = rows["day"].unique().sort().to_list()
    few = max(1, len(days) // 100)
    if len(days) <= 2 * few + 2:
        return rows, ()
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    far = STRAY_GAP * median(gaps)
    strays = [day for k, day in enumerate(days[:few]) if max(gaps[k:few]) > far]
    strays += [day for k, day in enumerate(reversed(days[-few:])) if max(gaps[-few : len(gaps) - k]) > far]
    if not strays:
        return rows, ()
    named = ", ".join(in_words(day) for day in sorted(strays)[:3])
    return rows.filter(~pl.col("day").is_in(strays)), (f"Left out, far from all other dates: {named}.",)


def _sum_of_known() -> pl.Expr:
    """The sum of the numbers there are; null where there is none."""
    return pl.when(pl.col("value").is_not_null().any()).then(pl.col("value").sum())


def _blanks(rows: pl.DataFrame) -> tuple[str, ...]:
    blank = rows["value"].null_count()
    if not blank:
        return ()
    return (f"{blank} {'row has no number and is' if blank == 1 else 'rows have no number and are'} not counted.",)


def _open_weekdays(ordered: Sequence[date]) -> tuple[int, ...]:
    recent = [day for day in ordered if (ordered[-1] - day).days < RECENT_DAYS]
    whole_weeks = ((recent[-1] - recent[0]).days + 1) / 7 if recent else 0
    if whole_weeks < 3:
        return tuple(range(7))
    seen = Counter(day.weekday() for day in recent)
    return tuple(weekday for weekday in range(7) if seen[weekday] / whole_weeks >= OPEN_SHARE)


def period_of(calendar: Calendar) -> pl.Expr:
    """The start of the period in which each `day` lies."""
    if calendar.frequency is not Frequency.WEEKLY:
        return pl.col("day").dt.truncate(calendar.frequency.polars_interval)
    shift = timedelta(days=calendar.anchor)
    return (pl.col("day") - shift).dt.truncate("1w") + shift


def _last_complete_period(rows: pl.DataFrame, calendar: Calendar) -> tuple[date, tuple[str, ...]]:
    """The last period that the file covers to its end; an unfinished one would read as a crash in sales."""
    last: date = rows["period"].max()  # type: ignore[assignment]
    per_period = rows.group_by("period").agg(pl.col("day").n_unique().alias("days"), pl.col("day").max().alias("until"))
    if calendar.frequency is Frequency.DAILY or per_period["days"].median() == 1 or per_period.height < 2:
        return last, ()
    until: date = rows["day"].max()  # type: ignore[assignment]
    end = step(last, calendar.frequency, 1) - timedelta(days=1)
    if (end - until).days <= 1:
        return last, ()
    noun = calendar.frequency.period
    caution = f"Your file stops on {in_words(until)}, in the middle of a {noun}, so that {noun} is left out."
    return step(last, calendar.frequency, -1), (caution,)


def _gaps(closed: int, calendar: Calendar) -> tuple[str, ...]:
    noun = calendar.frequency.period
    if closed == 0:
        return ()
    if closed == 1:
        return (f"1 {noun} without any row counts as closed, not as zero sales.",)
    return (f"{closed} {noun}s without any row count as closed, not as zero sales.",)


def _off_days(sold: pl.DataFrame, calendar: Calendar) -> tuple[str, ...]:
    if calendar.frequency is not Frequency.DAILY:
        return ()
    off = sold.filter(~(pl.col("period").dt.weekday() - 1).is_in(list(calendar.open_weekdays)))
    if off.is_empty():
        return ()
    return (f"{off.height} days with sales fall on weekdays when you are usually closed; they are left out.",)
