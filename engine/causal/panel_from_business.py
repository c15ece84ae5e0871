"""From the owner's tables to what can be split and what can be regressed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from engine.business.history import Calendar, Metric, find_calendar, metrics, table_of
from engine.causal.answers import Answers, Event
from engine.causal.decompose import Sold, Split, price_volume_mix, product_split, segment_split
from engine.causal.frame import Span
from engine.causal.panel import Panel, Part, Variable
from engine.dataset import Column, ColumnRole, Dataset, Frequency, Table, step
from engine.errors import MissingColumn

STEPS = (ColumnRole.TRAFFIC, ColumnRole.LEADS)
"""What lies between a cause and sales, in the order in which it happens."""

PROMOTION, PRICES = "Promotion", "Prices"
"""Names of the two drivers that are made from the sales themselves."""

PRICES_MOVED = 0.01
"""Prices count as a driver when their index varies by at least 1 %."""

FEWEST_WEEKS = 26


@dataclass(frozen=True)
class Source:
    """One business's file, and what the owner said about it."""

    dataset: Dataset
    answers: Answers

    def metric(self, key: str) -> Metric:
        """The metric with this key.

        Raises:
            MissingColumn: the file has no column for it.
        """
        known = metrics(self.dataset)
        for metric in known:
            if metric.key == key:
                return metric
        raise MissingColumn(key, available=[metric.key for metric in known])

    def splits(self, metric: Metric, before: Span, after: Span) -> tuple[Split, ...]:
        """Every exact split of the change that the file's columns allow."""
        found: list[Split] = []
        sales = self._sales()
        if sales is not None and metric.key in ("revenue", "quantity"):
            found += _sales_splits(sales, self._categories(), metric, before, after)
        funnel = self._funnel(metric)
        if funnel is not None:
            found += _funnel_splits(funnel, metric, before, after)
        return tuple(found)

    def panel(self, metric: Metric) -> Panel | None:
        """The figure beside all that may move it, per week (or month); None when the file names nothing that may."""
        table = self._driver_table()
        if table is not None:
            made = _driver_panel(table, metric, self)
            panel = made or self._joined(table, metric)
        else:
            panel = self._sales_panel(metric)
        if panel is None:
            return None
        controls = [*self._sales_controls(panel), *_event_controls(panel, self.answers.events)]
        told = set(self.answers.unaffected)
        drivers = tuple(driver for driver in (*panel.drivers, *controls) if driver.name not in told)
        return panel.with_drivers(drivers) if drivers else None

    def _sales(self) -> pl.DataFrame | None:
        """`day`, `item`, `store`, `units`, `revenue`, `promotion` per row of the sales; None without such a table."""
        for table in self.dataset.tables:
            if table.has(ColumnRole.DATE, ColumnRole.QUANTITY) or table.has(ColumnRole.DATE, ColumnRole.REVENUE):
                if table.find(ColumnRole.CHANNEL_SPEND) is not None:
                    continue
                return _sales_rows(table_of(self.dataset, Metric("", "", "", table.name, None)))
        return None

    def _categories(self) -> Mapping[str, str]:
        for table in self.dataset.tables:
            if table.has(ColumnRole.ITEM, ColumnRole.CATEGORY):
                names = (table.require(ColumnRole.ITEM).name, table.require(ColumnRole.CATEGORY).name)
                return dict(table.frame.select(names).drop_nulls().iter_rows())
        return {}

    def _driver_table(self) -> Table | None:
        """The dated table that names spends, or visits and leads."""
        dated = [table for table in self.dataset.tables if table.has(ColumnRole.DATE)]
        for role in (ColumnRole.CHANNEL_SPEND, *STEPS):
            for table in dated:
                if table.find(role) is not None:
                    return table_of(self.dataset, Metric("", "", "", table.name, None))
        return None

    def _funnel(self, metric: Metric) -> pl.DataFrame | None:
        """`day`, `traffic`, `leads`, `outcome` of a table that has a step and the metric; None without one."""
        table = self._driver_table()
        if table is None or metric.key == "traffic":
            return None
        outcome = table.find(ColumnRole(metric.key))
        steps = [column for role in STEPS if (column := table.find(role)) is not None and role.value != metric.key]
        if outcome is None or outcome.kind != "number" or not steps:
            return None
        day = table.require(ColumnRole.DATE).name
        columns = {column.role.value: column.name for column in steps}
        return table.frame.select(day=day, outcome=outcome.name, **columns).drop_nulls()

    def _joined(self, table: Table, metric: Metric) -> Panel | None:
        """The drivers' table with the figure summed from the sales onto its periods."""
        sales = self._sales()
        if sales is None or metric.key not in ("revenue", "quantity"):
            return None
        value = "revenue" if metric.key == "revenue" else "units"
        frame = table.frame
        day = table.require(ColumnRole.DATE).name
        calendar = find_calendar(frame[day].drop_nulls().unique().to_list())
        if calendar.frequency is Frequency.DAILY:
            return None
        starts = frame[day].drop_nulls().unique().sort().to_list()
        totals = _per_period(sales, starts, calendar.frequency).select("period", pl.col(value).alias("__outcome"))
        wide = frame.join(totals, left_on=day, right_on="period", how="left")
        columns = (*table.columns, Column("__outcome", ColumnRole(metric.key), "number", 1.0, ""))
        return _driver_panel(Table(table.name, wide, columns, table.header_row), metric, self)

    def _sales_panel(self, metric: Metric) -> Panel | None:
        """The figure per week from the sales alone."""
        sales = self._sales()
        if sales is None or metric.key not in ("revenue", "quantity"):
            return None
        first: date = sales["day"].min()  # type: ignore[assignment]
        last: date = sales["day"].max()  # type: ignore[assignment]
        monday = first + timedelta(days=-first.weekday() % 7)
        weeks = ((last - monday).days + 1) // 7
        if weeks < FEWEST_WEEKS:
            return None
        starts = [monday + timedelta(weeks=k) for k in range(weeks)]
        value = "revenue" if metric.key == "revenue" else "units"
        per_week = _per_period(sales, starts, Frequency.WEEKLY)
        values = pl.DataFrame({"period": starts}).join(per_week, on="period", how="left").sort("period")[value]
        outcome = Variable(metric.label, Part.OUTCOME, metric.unit, values.to_numpy().astype(np.float64))
        return Panel(tuple(starts), Frequency.WEEKLY, outcome, ())

    def _sales_controls(self, panel: Panel) -> list[Variable]:
        """Share of rows on promotion, and the price level, per period of the panel."""
        sales = self._sales()
        if sales is None:
            return []
        starts, controls = list(panel.periods), []
        if sales["promotion"].null_count() < sales.height and not any(
            driver.name == PROMOTION for driver in panel.drivers
        ):
            share = _per_period(sales, starts, panel.frequency).select("period", "promotion")
            values = pl.DataFrame({"period": starts}).join(share, on="period", how="left").sort("period")["promotion"]
            controls.append(Variable(PROMOTION, Part.CONTROL, "", values.fill_null(0.0).to_numpy().astype(np.float64)))
        price = _price_index(sales, starts, panel.frequency)
        if price is not None and float(np.std(price)) >= PRICES_MOVED:
            controls.append(Variable(PRICES, Part.CONTROL, "", price))
        return controls


def _sales_rows(table: Table) -> pl.DataFrame:
    def named(role: ColumnRole, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
        column = table.find(role)
        return pl.col(column.name).cast(kind) if column is not None else pl.lit(None, dtype=kind)

    rows = table.frame.select(
        day=named(ColumnRole.DATE, pl.Date),
        item=named(ColumnRole.ITEM, pl.String),
        store=named(ColumnRole.STORE, pl.String),
        category=named(ColumnRole.CATEGORY, pl.String),
        units=named(ColumnRole.QUANTITY, pl.Float64),
        price=named(ColumnRole.PRICE, pl.Float64),
        revenue=named(ColumnRole.REVENUE, pl.Float64),
        promotion=_flag(table),
    )
    return rows.with_columns(pl.coalesce("revenue", pl.col("units") * pl.col("price")).alias("revenue")).drop_nulls(
        "day"
    )


def _flag(table: Table) -> pl.Expr:
    """1 on a row that was sold on promotion, else 0."""
    column = table.find(ColumnRole.PROMOTION)
    if column is None:
        return pl.lit(None, dtype=pl.Float64)
    if column.kind == "number":
        return (pl.col(column.name).fill_null(0.0) > 0).cast(pl.Float64)
    text = pl.col(column.name).cast(pl.String).str.strip_chars().str.to_lowercase()
    return (text.is_not_null() & ~text.is_in(["", "no", "n", "false", "0", "none", "-"])).cast(pl.Float64)


def _sales_splits(
    sales: pl.DataFrame, categories: Mapping[str, str], metric: Metric, before: Span, after: Span
) -> list[Split]:
    value = "revenue" if metric.key == "revenue" else "units"
    rows = sales.with_columns(
        pl.coalesce("category", pl.col("item").replace_strict(categories, default=None)).alias("category")
        if categories
        else pl.col("category")
    )
    parts = [rows.filter(pl.col("day").is_between(span.first, span.last)) for span in (before, after)]
    found = []
    known = rows["item"].null_count() < rows.height
    if value == "revenue" and known and rows["units"].null_count() < rows.height:
        sold = [_sold(part) for part in parts]
        found.append(price_volume_mix(sold[0], sold[1], metric.unit))
    for column, title in (("item", "By item"), ("category", "By category"), ("store", "By store")):
        totals = [_totals(part, column, value) for part in parts]
        if len({*totals[0], *totals[1]}) > 1:
            found.append(segment_split(title, metric.unit, totals[0], totals[1]))
    return found


def _sold(rows: pl.DataFrame) -> dict[str, Sold]:
    sums = rows.group_by(pl.col("item").fill_null("(no name)")).agg(pl.col("units", "revenue").sum()).sort("item")
    return {item: Sold(units, revenue) for item, units, revenue in sums.iter_rows()}


def _totals(rows: pl.DataFrame, column: str, value: str) -> dict[str, float]:
    if rows[column].null_count() == rows.height:
        return {}
    sums = rows.group_by(pl.col(column).fill_null("(no name)")).agg(pl.col(value).sum()).sort(column)
    return dict(sums.iter_rows())


def _funnel_splits(funnel: pl.DataFrame, metric: Metric, before: Span, after: Span) -> list[Split]:
    """Visits x conversion x value, as means per period of the table, over the periods that lie wholly in a stretch."""
    calendar = find_calendar(funnel["day"].unique().to_list())
    means = []
    for span in (before, after):
        ends = [step(day, calendar.frequency, 1) - timedelta(days=1) for day in funnel["day"].to_list()]
        rows = funnel.filter(pl.col("day") >= span.first, pl.Series(ends) <= span.last)
        if rows.is_empty():
            return []
        means.append({name: float(rows[name].mean()) for name in rows.columns[1:]})  # type: ignore[arg-type]
    factors = [_factors(mean, metric) for mean in means]
    names = [name for name, _ in factors[0]]
    if any(not np.isfinite(value) for part in factors for _, value in part):
        return []
    pairs = [(name, factors[0][k][1], factors[1][k][1]) for k, name in enumerate(names)]
    noun = calendar.frequency.period
    return [product_split(f"{' x '.join(names)}, mean per {noun}", metric.unit, pairs)]


def _factors(mean: Mapping[str, float], metric: Metric) -> list[tuple[str, float]]:
    """Each step over the one before it, and the figure over the last."""
    labels = {"traffic": "Visits", "leads": "Leads"}
    found: list[tuple[str, float]] = []
    previous, last = 1.0, ""
    for key, label in labels.items():
        if key in mean:
            found.append((f"{label} per visit" if found else label, mean[key] / previous if previous else np.nan))
            previous = mean[key]
            last = label
    noun = {"Visits": "visit", "Leads": "lead"}[last]
    return [*found, (f"{metric.label} per {noun}", mean["outcome"] / previous if previous else np.nan)]


def _driver_panel(table: Table, metric: Metric, source: Source) -> Panel | None:
    """A panel from one table that holds the figure and the drivers, per week when it is daily."""
    outcome = next(
        (column for column in table.columns if column.role.value == metric.key and column.kind == "number"), None
    )
    if outcome is None:
        return None
    frame, calendar = _regular(table)
    spends = [column for column in table.columns if column.role is ColumnRole.CHANNEL_SPEND and column.kind == "number"]
    steps = [] if metric.key in ("traffic",) else [table.find(role) for role in STEPS if role.value != metric.key]
    if metric.key == "leads":
        steps = [table.find(ColumnRole.TRAFFIC)]

    def values(name: str) -> np.ndarray:
        return frame[name].to_numpy().astype(np.float64)

    label = metric.label if outcome.name == "__outcome" else outcome.name
    drivers = tuple(
        Variable(column.name, Part.TREATMENT, source.dataset.currency, values(column.name)) for column in spends
    )
    between = tuple(
        Variable(column.name, Part.STEP, column.role.value, values(column.name))
        for column in steps
        if column is not None
    )
    return Panel(
        periods=tuple(frame["period"].to_list()),
        frequency=calendar.frequency,
        outcome=Variable(label, Part.OUTCOME, metric.unit, values(outcome.name)),
        drivers=drivers,
        steps=between,
        untouched=tuple(
            Variable(column.name, Part.UNTOUCHED, "", values(column.name))
            for column in table.columns
            if column.kind == "number" and column.name in source.answers.unaffected
        ),
    )


def _regular(table: Table) -> tuple[pl.DataFrame, Calendar]:
    """The table's numbers on a regular calendar, days gathered into weeks; missing periods are null."""
    day = table.require(ColumnRole.DATE).name
    numbers = [column.name for column in table.columns if column.kind == "number"]
    rows = table.frame.drop_nulls(day).select(pl.col(day).alias("period"), *numbers)
    calendar = find_calendar(rows["period"].unique().to_list())
    if calendar.frequency is Frequency.DAILY:
        calendar = Calendar(Frequency.WEEKLY)
        rows = rows.with_columns(pl.col("period").dt.truncate("1w"))
        counts = rows.group_by("period").len()
        usual = counts["len"].median()
        edges = [rows["period"].min(), rows["period"].max()]
        short = counts.filter(pl.col("period").is_in(edges), pl.col("len") < usual)["period"].to_list()
        rows = rows.filter(~pl.col("period").is_in(short))
    sums = [pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name) for name in numbers]
    first, last = rows["period"].min(), rows["period"].max()
    grid = list(_grid(first, last, calendar.frequency))  # type: ignore[arg-type]
    if calendar.frequency is not Frequency.WEEKLY:
        rows = rows.with_columns(pl.col("period").dt.truncate(calendar.frequency.polars_interval))
    totals = rows.group_by("period").agg(sums)
    return pl.DataFrame({"period": grid}).join(totals, on="period", how="left").sort("period"), calendar


def _grid(first: date, last: date, frequency: Frequency) -> list[date]:
    starts = [first if frequency in (Frequency.WEEKLY, Frequency.DAILY) else first.replace(day=1)]
    while (following := step(starts[-1], frequency, 1)) <= last:
        starts.append(following)
    return starts


def _per_period(sales: pl.DataFrame, starts: list[date], frequency: Frequency) -> pl.DataFrame:
    """Units, revenue and the share of rows on promotion of each period; rows outside all periods are left out."""
    periods = pl.DataFrame({"period": starts}).sort("period")
    rows = sales.sort("day").join_asof(periods, left_on="day", right_on="period", strategy="backward")
    end = step(starts[-1], frequency, 1)
    rows = rows.filter(pl.col("period").is_not_null(), pl.col("day") < end)
    return rows.group_by("period").agg(pl.col("units", "revenue").sum(), pl.col("promotion").mean())


def _price_index(sales: pl.DataFrame, starts: list[date], frequency: Frequency) -> np.ndarray | None:
    """Mean log price paid against each item's usual one, weighted by its revenue over all; None without prices."""
    priced = sales.with_columns(pl.coalesce("price", pl.col("revenue") / pl.col("units")).alias("paid"))
    priced = priced.filter(pl.col("paid") > 0, pl.col("item").is_not_null(), pl.col("promotion").fill_null(0.0) == 0)
    if priced.is_empty():
        return None
    periods = pl.DataFrame({"period": starts}).sort("period")
    rows = priced.sort("day").join_asof(periods, left_on="day", right_on="period", strategy="backward")
    rows = rows.filter(pl.col("period").is_not_null(), pl.col("day") < step(starts[-1], frequency, 1))
    usual = priced.group_by("item").agg(pl.col("paid").median().alias("usual"), pl.col("revenue").sum().alias("weight"))
    rows = rows.group_by("period", "item").agg(pl.col("paid").mean()).join(usual, on="item")
    index = rows.group_by("period").agg(
        ((pl.col("paid") / pl.col("usual")).log() * pl.col("weight")).sum() / pl.col("weight").sum()
    )
    values = periods.join(index, on="period", how="left").sort("period").to_series(1)
    return values.fill_null(strategy="forward").fill_null(0.0).to_numpy().astype(np.float64)


def _event_controls(panel: Panel, events: tuple[Event, ...]) -> list[Variable]:
    """Per event, the share of each period that it covers."""
    found = []
    for event in events:
        shares = []
        for start in panel.periods:
            end = step(start, panel.frequency, 1)
            covered = (min(event.last + timedelta(days=1), end) - max(event.first, start)).days
            shares.append(max(0, covered) / (end - start).days)
        if any(shares):
            found.append(Variable(event.name, Part.CONTROL, "", np.array(shares)))
    return found
