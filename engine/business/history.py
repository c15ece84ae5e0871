"""From the business to one regular series: which periods were open, which were closed, what was sold in each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.business.calendar import Calendar, Period, find_calendar, last_complete_period, period_of
from engine.business.decisions import Topic, counted, verb
from engine.business.measures import HISTORIES, MEASURES
from engine.business.model import Business
from engine.business.query import PERIOD, Filter, Query, rows_of, run, unavailable, unit_of
from engine.dataset import Frequency, in_words, step
from engine.errors import DataProblem, MissingColumn

REGULAR = 0.8
SLACK = timedelta(days=1)
"""Dates keep to longer periods when at least the share `REGULAR` of those periods has one; a period counts as covered
when at most `SLACK` of it, such as a closed Sunday, lies outside the file."""


@dataclass(frozen=True)
class Metric:
    """A measure that is counted period by period.

    Attributes:
        key: of the measure: "quantity", "revenue", "traffic", "leads".
        label: for the owner: "Units sold".
        unit: "units", an ISO currency code, "visits", "leads", or "".
    """

    key: str
    label: str
    unit: str


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
        hidden: what would have been sold besides in each period, had no shelf been empty; () where nothing is known.
    """

    metric: Metric
    item: str
    frame: pl.DataFrame
    calendar: Calendar
    cautions: tuple[str, ...] = ()
    similar: tuple["SalesHistory", ...] = ()
    hidden: tuple[float, ...] = ()

    @property
    def periods(self) -> list[date]:
        """The start of each period."""
        return self.frame["period"].to_list()

    @property
    def values(self) -> NDArray[np.float64]:
        """The value of each period; NaN where the business was closed."""
        return self.frame["value"].to_numpy().astype(np.float64)

    @property
    def demand(self) -> NDArray[np.float64]:
        """The value of each period with what empty shelves hid; NaN where the business was closed."""
        return self.values + np.array(self.hidden) if self.hidden else self.values

    @property
    def season_length(self) -> int:
        """Open periods in one season."""
        return self.calendar.season_length

    def __len__(self) -> int:
        return len(self.frame)


def metrics(business: Business) -> tuple[Metric, ...]:
    """What can be forecast from this file, sales first.

    Raises:
        MissingColumn: no table has both a date and something to count.
        DataProblem: everything lies after today.
    """
    able = [key for key in HISTORIES if unavailable(business, key) is None]
    if able:
        return tuple(Metric(key, MEASURES[key].label, unit_of(MEASURES[key], business.currency)) for key in able)
    for decision in business.decisions:
        if decision.topic is Topic.AFTER_TODAY:
            raise DataProblem("All rows are dated after today", remedy="Check the year in the date column.")
    dated, columns = business.has_dates, business.columns
    raise MissingColumn("quantity or the revenue" if dated else "date", available=columns)


def metric_named(business: Business, key: str) -> Metric:
    """The metric with this key.

    Raises:
        MissingColumn: the file has no column for it.
    """
    available = metrics(business)
    for metric in available:
        if metric.key == key.casefold():
            return metric
    raise MissingColumn(key, available=[metric.key for metric in available])


def items(business: Business, metric: Metric) -> tuple[str, ...]:
    """The items that a metric tells apart, the largest first; empty when it tells none apart."""
    if unavailable(business, metric.key, Query((metric.key,), by=("item",))) is not None:
        return ()
    ranked = run(business, Query((metric.key,), by=("item",), order=metric.key)).frame.drop_nulls("item")
    return tuple(ranked["item"].to_list())


def calendar_of(business: Business, metric: Metric) -> Calendar:
    """The periods in which a metric is kept."""
    if metric.key in ("quantity", "revenue") and business.takings.is_empty():
        return business.calendar
    return find_calendar(rows_of(business, metric.key)["day"].unique().to_list())


def span_of(business: Business, metric: Metric) -> tuple[Period, int]:
    """From the first day of a metric to the last, and how many rows lie between."""
    rows = rows_of(business, metric.key)
    first, last = rows["day"].min(), rows["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return Period(first, last), rows.height


def daily_rows(business: Business, metric: Metric, *, where: tuple[Filter, ...] = ()) -> pl.DataFrame:
    """`day`, `item` and `value` of each dated item; `item` is "" where the file tells none apart."""
    by_item = unavailable(business, metric.key, Query((metric.key,), by=("item",))) is None
    rows = run(business, Query((metric.key,), by=("day", "item") if by_item else ("day",), where=where)).frame
    item = pl.col("item") if by_item else pl.lit("")
    return rows.select("day", item=item, value=pl.col(metric.key))


def sales_history(
    business: Business, metric: Metric, *, item: str = "", where: tuple[Filter, ...] = (), label: str = ""
) -> SalesHistory:
    """One metric on a regular calendar.

    A period in which the item has no row while others do is a zero; a period without any row at all, or whose rows
    hold no number, is null (closed or unknown); weekdays on which the business does not open have no row. The series
    starts with the item's first row, and ends with the last period that the file covers to its end.

    Args:
        business: whose.
        metric: what is counted.
        item: one item, or "" for all.
        where: filters, for a store or a category.
        label: how the filtered part is called; the history's item.

    Raises:
        KeyError: there is no such item.
    """
    everything = rows_of(business, metric.key)
    calendar = calendar_of(business, metric)
    filters = (*where, *([Filter("item", (item,))] if item else []))
    values = run(business, Query((metric.key,), where=filters, grain=calendar)).frame
    if values.is_empty():
        raise KeyError(item or label)
    opened = everything.select(period_of(calendar).alias(PERIOD)).unique()
    first: date = values[PERIOD].min()  # type: ignore[assignment]
    everything = until_now(everything, metric.key, business.today)
    last = last_complete_period(everything["day"], calendar, business.today)
    frame = (
        pl.DataFrame({PERIOD: calendar.between(first, last)}, schema={PERIOD: pl.Date})
        .join(opened.with_columns(open=True), on=PERIOD, how="left")
        .join(values.with_columns(listed=True), on=PERIOD, how="left")
        .select(
            item=pl.lit(item or label),
            period=pl.col(PERIOD),
            value=pl.when(pl.col("listed")).then(metric.key).when(pl.col("open") | pl.lit(calendar.zeros)).then(0.0),
        )
        .sort("period")
    )
    cautions = (
        *business.cautions,
        *_unfinished(everything["day"], calendar, last),
        *_blanks(business, metric, filters),
        *_gaps(frame.join(opened, on=PERIOD, how="anti").height, calendar),
        *_off_days(values, calendar),
    )
    return SalesHistory(metric, item or label, frame, calendar, cautions)


def until_now(rows: pl.DataFrame, measure: str, today: date) -> pl.DataFrame:
    """The rows without those of today where nothing has come in yet: the day has only begun.

    Args:
        rows: with `day` and the measure, none after today.
        measure: the name of its column.
        today: the owner's date.
    """
    of_today = rows.filter(pl.col("day") == today)
    begun = of_today.height and not float(of_today[measure].fill_null(0.0).abs().sum())
    return rows.filter(pl.col("day") < today) if begun and of_today.height < rows.height else rows


def shared_calendar(own: Calendar, days: Sequence[date]) -> Calendar:
    """The calendar of a figure, or of what is laid beside it where that is kept in longer periods: weekly bills, daily
    sales.

    Args:
        own: the calendar of the figure.
        days: the dates of the other.
    """
    if not days:
        return own
    other = find_calendar(days)
    order = list(Frequency)
    if order.index(other.frequency) <= order.index(own.frequency):
        return own
    regular = len(days) >= REGULAR * len(other.between(min(days), max(days)))
    return other if regular else own


def resampled(business: Business, history: SalesHistory, calendar: Calendar) -> pl.DataFrame:
    """`period`, `value` and open `days` of every period that a history covers from its first to its last day.

    Args:
        business: whose.
        history: of all items together.
        calendar: the same as the history's, or one of longer periods.
    """
    own = history.frame.drop_nulls("value")
    if calendar == history.calendar:
        return own.select("period", "value", days=pl.lit(1.0))
    start = period_of(calendar).alias(PERIOD)
    opened = own.rename({"period": "day"}).group_by(start).agg(days=pl.len().cast(pl.Float64))
    sums = run(business, Query((history.metric.key,), grain=calendar)).frame
    first, last = history.periods[0], history.calendar.end_of(history.periods[-1])
    whole = [start >= first - SLACK and calendar.end_of(start) <= last + SLACK for start in sums[PERIOD].to_list()]
    covered = sums.filter(pl.Series(whole, dtype=pl.Boolean)).rename({history.metric.key: "value"})
    return covered.join(opened, on=PERIOD, how="inner").sort(PERIOD).select("period", "value", "days")


def _unfinished(days: pl.Series, calendar: Calendar, last: date) -> tuple[str, ...]:
    until: date = days.max()  # type: ignore[assignment]
    if until < step(last, calendar.frequency, 1):
        return ()
    noun = calendar.frequency.period
    return (f"Your file stops on {in_words(until)}, in the middle of a {noun}, so that {noun} is left out.",)


def _blanks(business: Business, metric: Metric, where: Sequence[Filter]) -> tuple[str, ...]:
    blank = rows_of(business, metric.key, tuple(where))[metric.key].null_count()
    if not blank:
        return ()
    return (f"{counted(blank)} {verb(blank, 'has no number and is', 'have no number and are')} not counted.",)


def _gaps(closed: int, calendar: Calendar) -> tuple[str, ...]:
    noun = calendar.frequency.period
    if closed == 0:
        return ()
    if calendar.zeros:
        return (f"{closed} {noun}s without an order count as zero: your file lists orders, and is no till.",)
    if closed == 1:
        return (f"1 {noun} without any row counts as closed, not as zero sales.",)
    return (f"{closed} {noun}s without any row count as closed, not as zero sales.",)


def _off_days(values: pl.DataFrame, calendar: Calendar) -> tuple[str, ...]:
    if calendar.frequency is not Frequency.DAILY:
        return ()
    off = values.filter(~(pl.col(PERIOD).dt.weekday() - 1).is_in(list(calendar.open_weekdays)))
    if off.is_empty():
        return ()
    return (f"{off.height} days with sales fall on weekdays when you are usually closed; they are left out.",)
