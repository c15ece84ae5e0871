"""Spend and outcome side by side on one calendar: what response curves are learnt from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.business.history import Calendar, Metric, SalesHistory, find_calendar, metrics, sales_history, table_of
from engine.dataset import Column, ColumnRole, Dataset, Frequency, Table, step
from engine.errors import DataProblem, MissingColumn

CONTROL_ROLES = (ColumnRole.PRICE, ColumnRole.PROMOTION)
OPEN_DAYS, HOLIDAYS = "Open days", "Public holidays"
MIXED = "several currencies"
FEWEST_PERIODS = 12
"""Fewer periods with both spend and outcome say nothing."""

REGULAR = 0.8
SLACK = timedelta(days=1)
"""Spend is kept in longer periods than sales when at least the share `REGULAR` of those periods has a row; a period
counts as covered when at most `SLACK` of it, such as a closed Sunday, lies outside the file."""


@dataclass(frozen=True, eq=False)
class MediaHistory:
    """One row per period: what was spent on each channel, what came of it, and what else moved.

    Attributes:
        periods: the start of each period, rising, shape (n,).
        outcome: what is explained, per period, finite, shape (n,).
        spend: per channel, money per period, finite and >= 0, shape (n,).
        controls: other columns that move the outcome (price, promotion, events), finite, shape (n,).
        frequency: the length of one period.
        unit: of the outcome.
        currency: of the spend, ISO code or "".
        cautions: what the owner should know about how the table was made.

    Raises:
        DataProblem: no channel, negative or missing spend, no outcome, or too few periods.
    """

    periods: tuple[date, ...]
    outcome: Floats
    spend: Mapping[str, Floats]
    controls: Mapping[str, Floats] = field(default_factory=dict)
    frequency: Frequency = Frequency.WEEKLY
    unit: str = ""
    currency: str = ""
    cautions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.spend:
            raise DataProblem(
                "The file has an outcome but no marketing spend",
                remedy="Add a column with the money spent per channel, or mark one as channel spend.",
            )
        if len(self) < FEWEST_PERIODS:
            what = f"Only {len(self)} {self.frequency.period}s have both spend and outcome"
            raise DataProblem(what, remedy=f"At least {FEWEST_PERIODS} are needed, better a hundred.")
        _check_outcome(self.outcome)
        for name, spent in self.spend.items():
            _check_spend(name, spent, self.periods)

    def __len__(self) -> int:
        return len(self.periods)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels' names."""
        return tuple(self.spend)

    def with_events(self, events: Mapping[str, Sequence[date]]) -> "MediaHistory":
        """The history with one more control per name: how many of its days lie in each period.

        Args:
            events: days by name: a fair, or all public holidays under `HOLIDAYS`.
        """
        starts = np.array(self.periods, dtype="datetime64[D]")
        ends = np.array([step(period, self.frequency, 1) for period in self.periods], dtype="datetime64[D]")
        counted = {}
        for name, days in events.items():
            sorted_days = np.unique(np.array(days, dtype="datetime64[D]"))
            within = np.searchsorted(sorted_days, ends) - np.searchsorted(sorted_days, starts)
            counted[name] = within.astype(np.float64)
        return replace(self, controls={**self.controls, **counted})


def media_history(dataset: Dataset, *, metric: Metric | None = None) -> MediaHistory:
    """The marketing table of a file.

    The outcome is summed over items; spend is read from every column with the role of channel spend. Both are summed
    per period of the coarser of their calendars: daily sales beside weekly bills make weeks. A period without spend
    rows counts as zero spend and is said; periods in which the business was closed are left out.

    Args:
        dataset: the owner's file.
        metric: what is to be explained; revenue where there is one, else the file's first.

    Raises:
        MissingColumn: no outcome or no date.
        DataProblem: there is no spend, it is negative, in mixed currencies, or there are too few periods.
    """
    chosen = metric or _first_outcome(dataset)
    rows = _all_spend_rows(dataset)
    history = sales_history(dataset, chosen)
    calendar = _shared_calendar(history.calendar, rows.drop_nulls("spent")["day"].unique().sort().to_list())
    outcome = _outcome(history, calendar)
    periods = outcome["period"].to_list()
    spend, notes = _spends(rows, periods, calendar)
    controls = _controls(table_of(dataset, chosen), periods, calendar)
    if outcome["days"].n_unique() > 1:
        controls[OPEN_DAYS] = outcome["days"].to_numpy().astype(np.float64)
    return MediaHistory(
        periods=tuple(periods),
        outcome=outcome["value"].to_numpy().astype(np.float64),
        spend=spend,
        controls=controls,
        frequency=calendar.frequency,
        unit=chosen.unit,
        currency=dataset.currency,
        cautions=(*history.cautions, *_currencies(dataset), *notes),
    )


def _first_outcome(dataset: Dataset) -> Metric:
    """Revenue where the file has one, else what it counts first."""
    try:
        outcomes = metrics(dataset)
    except MissingColumn as missing:
        if missing.role == "date" or not any(table.has(ColumnRole.CHANNEL_SPEND) for table in dataset.tables):
            raise
        remedy = "Add a column with what came of it (revenue, units, visits), or say which column holds it."
        raise DataProblem("The file has marketing spend but no outcome", remedy=remedy) from missing
    return next((each for each in outcomes if each.key == "revenue"), outcomes[0])


def _currencies(dataset: Dataset) -> list[str]:
    """What the reader said of several currencies, and what to do about it here."""
    mixed = [line for line in dataset.report.warnings if MIXED in line]
    return [
        f"{line} Convert all spend to one of them first: until then the split is not to be trusted." for line in mixed
    ]


def _shared_calendar(own: Calendar, spend_days: Sequence[date]) -> Calendar:
    """The calendar of the outcome, or of the spend where that is kept in longer periods: weekly bills, daily sales."""
    if not spend_days:
        return own
    booked = find_calendar(spend_days)
    order = list(Frequency)
    if order.index(booked.frequency) <= order.index(own.frequency):
        return own
    regular = len(spend_days) >= REGULAR * len(booked.between(spend_days[0], spend_days[-1]))
    return booked if regular else own


def _outcome(history: SalesHistory, calendar: Calendar) -> pl.DataFrame:
    """`period`, `value` and open `days` of every period that the history covers from its first to its last day."""
    rows = history.frame.drop_nulls("value").rename({"period": "day"})
    if calendar is history.calendar:
        return rows.select(period="day", value="value", days=pl.lit(1.0))
    first, last = history.periods[0], step(history.periods[-1], history.calendar.frequency, 1) - timedelta(days=1)
    summed = (
        rows.with_columns(_period_of(calendar).alias("period"))
        .group_by("period")
        .agg(pl.col("value").sum(), pl.len().cast(pl.Float64).alias("days"))
    )
    ends = [step(period, calendar.frequency, 1) - timedelta(days=1) for period in summed["period"].to_list()]
    whole = [
        period >= first - SLACK and end <= last + SLACK
        for period, end in zip(summed["period"].to_list(), ends, strict=True)
    ]
    return summed.filter(pl.Series(whole)).sort("period").select("period", "value", "days")


def _check_outcome(outcome: Floats) -> None:
    if not np.all(np.isfinite(outcome)):
        raise DataProblem("The outcome has gaps", remedy="Fill them in, or leave those periods out.")
    if np.ptp(outcome) == 0:
        raise DataProblem("The outcome is the same in every period", remedy="Check that the right column was chosen.")


def _check_spend(name: str, spent: Floats, periods: Sequence[date]) -> None:
    for place in np.flatnonzero(~(np.isfinite(spent) & (spent >= 0)))[:1]:
        negative = np.isfinite(spent[place])
        what = f"The spend on {name} is negative" if negative else f"The spend on {name} is missing"
        remedy = "Book refunds in the period that they belong to." if negative else "Enter 0 where nothing was spent."
        raise DataProblem(what, where=f"{periods[place]:%Y-%m-%d}", remedy=remedy)


def _all_spend_rows(dataset: Dataset) -> pl.DataFrame:
    """`day`, `channel`, `spent` of every row of spend in the file."""
    with_spend = [table for table in dataset.tables if table.has(ColumnRole.CHANNEL_SPEND)]
    if not with_spend:
        raise DataProblem(
            "The file has an outcome but no marketing spend",
            remedy="Add a column with the money spent per channel, or mark one as channel spend.",
        )
    dated = [table for table in with_spend if table.has(ColumnRole.DATE)]
    if not dated:
        raise MissingColumn("date", available=[c.name for c in with_spend[0].columns], where=with_spend[0].name)
    return pl.concat([rows for table in dated for rows in _spend_rows(table)]).drop_nulls("day")


def _spends(
    rows: pl.DataFrame, periods: Sequence[date], calendar: Calendar
) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """Spend per channel and period, and what must be said about it."""
    long = rows.with_columns(_period_of(calendar).alias("period"))
    frame = pl.DataFrame({"period": periods}, schema={"period": pl.Date})
    spend = {}
    for name in long["channel"].unique(maintain_order=True):
        summed = long.filter(pl.col("channel") == name).group_by("period").agg(pl.col("spent").sum())
        joined = frame.join(summed, on="period", how="left", maintain_order="left")
        spend[str(name)] = joined["spent"].fill_null(0.0).to_numpy().astype(np.float64)
    without = frame.join(long, on="period", how="anti").height
    outside = float(long.join(frame, on="period", how="anti").filter(pl.col("spent") > 0)["spent"].sum() or 0.0)
    notes = []
    unit = calendar.frequency.period
    of_period = frame.join(long, on="period").group_by("channel", "period").agg(pl.col("spent").count())
    for name, count in of_period.filter(pl.col("spent") == 0).group_by("channel").len().sort("channel").rows():
        notes.append(_nothing_spent(count, unit, f"an amount for {name}"))
    if without:
        notes.append(_nothing_spent(without, unit, "a spend row"))
    if outside > 0:
        share = 100 * outside / float(long["spent"].sum())
        notes.append(f"{share:.2g} % of the spend lies in periods without sales and is left out.")
    return spend, tuple(notes)


def _nothing_spent(periods: int, unit: str, missing: str) -> str:
    many = periods > 1
    return f"{periods} {unit}{'s' * many} without {missing} {'count' if many else 'counts'} as nothing spent."


def _spend_rows(table: Table) -> list[pl.DataFrame]:
    """`day`, `channel`, `spent` of each row; channels are columns, or named in a text column beside one of spend."""
    day = pl.col(table.require(ColumnRole.DATE).name).alias("day")
    columns = [column for column in table.columns if column.role is ColumnRole.CHANNEL_SPEND]
    for column in columns:
        if column.kind != "number":
            remedy = "Write plain amounts in one currency; convert the others first."
            raise DataProblem(f"The spend in {column.name} is not a number", where=f"sheet {table.name}", remedy=remedy)
    named = _names_of_channels(table)
    if named is not None and len(columns) == 1:
        return [table.frame.select(day, pl.col(named.name).alias("channel"), pl.col(columns[0].name).alias("spent"))]
    return [
        table.frame.select(day, pl.lit(column.name).alias("channel"), pl.col(column.name).alias("spent"))
        for column in columns
    ]


def _names_of_channels(table: Table) -> Column | None:
    """The text column that names the channel of each row, in a table that holds nothing but spend."""
    if table.has(ColumnRole.QUANTITY) or table.has(ColumnRole.REVENUE):
        return None
    texts = [column for column in table.columns if column.kind == "text" and column.role is not ColumnRole.OTHER]
    texts += [column for column in table.columns if column.kind == "text" and column.role is ColumnRole.OTHER]
    return texts[0] if texts else None


def _controls(table: Table, periods: Sequence[date], calendar: Calendar) -> dict[str, Floats]:
    """The mean price and the share of rows on promotion per period, where they vary."""
    controls: dict[str, Floats] = {}
    frame = pl.DataFrame({"period": periods}, schema={"period": pl.Date})
    for role in CONTROL_ROLES:
        column = table.find(role)
        if column is None or column.kind == "date":
            continue
        value = pl.col(column.name)
        number = value if column.kind == "number" else value.is_not_null().cast(pl.Float64)
        rows = table.frame.select(day=pl.col(table.require(ColumnRole.DATE).name), value=number).drop_nulls("day")
        mean = rows.with_columns(_period_of(calendar).alias("period")).group_by("period").agg(pl.col("value").mean())
        joined = frame.join(mean, on="period", how="left", maintain_order="left")["value"]
        filled = joined.fill_null(strategy="forward").fill_null(strategy="backward")
        if filled.null_count() == 0 and filled.n_unique() > 1:
            controls[column.name] = filled.to_numpy().astype(np.float64)
    return controls


def _period_of(calendar: Calendar) -> pl.Expr:
    if calendar.frequency is not Frequency.WEEKLY:
        return pl.col("day").dt.truncate(calendar.frequency.polars_interval)
    shift = timedelta(days=calendar.anchor)
    return (pl.col("day") - shift).dt.truncate("1w") + shift
