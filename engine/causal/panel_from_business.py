"""From the business to what can be split exactly and what can be regressed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.business.calendar import Calendar, Period, period_of
from engine.business.history import Metric, SalesHistory, resampled, sales_history, shared_calendar, span_of
from engine.business.measures import known_sum
from engine.business.model import Business
from engine.business.query import PERIOD, Query, run, unavailable
from engine.causal.decompose import Sold, Split, price_volume_mix, product_split, segment_split
from engine.causal.frame import Answers, Event
from engine.causal.panel import Panel, Part, Variable
from engine.dataset import Frequency, step

STEPS = {"traffic": "Visits", "leads": "Leads"}
"""What lies between a cause and sales, in the order in which it happens."""

SOLD = ("quantity", "revenue")
"""The figures that come from sales."""

PROMOTION, PRICES = "Promotion", "Prices"
"""Names of the two drivers that are made from the sales themselves."""

PRICES_MOVED = 0.01
"""Prices count as a driver when their index varies by at least 1 %."""

FEWEST_WEEKS = 26
NO_NAME = "(no name)"
Amount = TypeVar("Amount")


@dataclass(frozen=True)
class CausalSource:
    """One business, and what the owner said about it."""

    business: Business
    answers: Answers

    def splits(self, metric: Metric, before: Period, after: Period) -> tuple[Split, ...]:
        """Every exact split of the change that the file's columns allow; each adds up to the totals of both stretches.

        Args:
            metric: the figure.
            before, after: whole periods of the figure.
        """
        splits: list[Split] = []
        if metric.key in SOLD:
            splits += _sales_splits(self.business, metric, (before, after))
        splits += _funnel_splits(self.business, metric, (before, after))
        return tuple(splits)

    def panel(self, metric: Metric) -> Panel | None:
        """The figure beside all that may move it, per week (or month); None when the file names nothing that may."""
        media = self.business.media
        beside = media.spend if media.spend.height else media.traffic
        panel = self._media_panel(metric, beside) if beside.height else self._sales_panel(metric)
        if panel is None:
            return None
        controls = [*self._sales_controls(panel), *_event_controls(panel, self.answers.events)]
        unaffected = set(self.answers.unaffected)
        drivers = tuple(driver for driver in (*panel.drivers, *controls) if driver.name not in unaffected)
        return replace(panel, drivers=drivers) if drivers else None

    def _media_panel(self, metric: Metric, beside: pl.DataFrame) -> Panel | None:
        """The figure, the spends, the steps between them, on the calendar that they share."""
        history = sales_history(self.business, metric)
        shared = shared_calendar(history.calendar, beside["day"].unique().sort().to_list())
        calendar = Calendar(Frequency.WEEKLY) if shared.frequency is Frequency.DAILY else shared
        grid = _grid(beside, calendar)
        values = _on_grid(resampled(self.business, history, calendar).select("period", "value"), grid)
        there = np.flatnonzero(np.isfinite(values))
        if not len(there):
            return None
        rows = slice(int(there[0]), int(there[-1]) + 1)
        periods, media = grid[rows], self.business.media
        label = self.business.header(metric.key) or metric.label
        untouched = _report(media.report, periods, calendar)
        return Panel(
            periods=tuple(periods),
            frequency=calendar.frequency,
            outcome=Variable(label, Part.OUTCOME, metric.unit, values[rows]),
            drivers=tuple(_spends(media.spend, periods, calendar, self.business.currency)),
            steps=tuple(_steps(self.business, metric, periods, calendar)),
            untouched=tuple(each for each in untouched if each.name in self.answers.unaffected),
        )

    def _sales_panel(self, metric: Metric) -> Panel | None:
        """The figure per week from the sales alone."""
        if metric.key not in SOLD:
            return None
        span, _ = span_of(self.business, metric)
        monday = span.first + timedelta(days=-span.first.weekday() % 7)
        weeks = ((span.last - monday).days + 1) // 7
        if weeks < FEWEST_WEEKS:
            return None
        periods = [monday + timedelta(weeks=k) for k in range(weeks)]
        sums = run(self.business, Query((metric.key,), grain=Calendar(Frequency.WEEKLY))).frame
        values = _on_grid(sums.select(period=PERIOD, value=metric.key), periods)
        outcome = Variable(metric.label, Part.OUTCOME, metric.unit, values)
        return Panel(tuple(periods), Frequency.WEEKLY, outcome, ())

    def _sales_controls(self, panel: Panel) -> list[Variable]:
        """Share of rows on promotion, and the price level, per period of the panel."""
        business, controls = self.business, []
        periods = list(panel.periods)
        calendar = _calendar_of(panel)
        if unavailable(business, "promoted") is None and all(each.name != PROMOTION for each in panel.drivers):
            shares = run(business, Query(("promoted",), grain=calendar)).frame
            values = _on_grid(shares.select(period=PERIOD, value=pl.col("promoted") / 100), periods)
            controls.append(Variable(PROMOTION, Part.CONTROL, "", np.nan_to_num(values)))
        index = _price_index(business, periods, calendar)
        if index is not None and float(np.std(index)) >= PRICES_MOVED:
            controls.append(Variable(PRICES, Part.CONTROL, "", index))
        return controls


def whole_periods(history: SalesHistory, span: Period) -> Period:
    """The days of a stretch that whole periods of a figure cover; the stretch itself for daily figures."""
    calendar = history.calendar
    if calendar.frequency is Frequency.DAILY:
        return span
    inside = [p for p in history.periods if span.first <= p and calendar.end_of(p) <= span.last]
    return Period(inside[0], calendar.end_of(inside[-1])) if inside else span


def _sales_splits(business: Business, metric: Metric, periods: tuple[Period, Period]) -> list[Split]:
    splits = []
    by_item = Query(SOLD, by=("item",))
    if metric.key == "revenue" and all(unavailable(business, key, by_item) is None for key in SOLD):
        before, after = (_sold(business, period) for period in periods)
        splits.append(price_volume_mix(before, after, metric.unit))
    for dimension, title in (("item", "By item"), ("category", "By category"), ("store", "By store")):
        if unavailable(business, metric.key, Query((metric.key,), by=(dimension,))) is not None:
            continue
        results = [run(business, Query((metric.key,), by=(dimension,), period=period)) for period in periods]
        totals = [_named(result.by_name(metric.key)) for result in results]
        if len({*totals[0], *totals[1]}) > 1:
            splits.append(segment_split(title, metric.unit, totals[0], totals[1]))
    return splits


def _sold(business: Business, period: Period) -> dict[str, Sold]:
    result = run(business, Query(SOLD, by=("item",), period=period))
    units, money = result.by_name("quantity"), result.by_name("revenue")
    return _named({item: Sold(units[item], money[item]) for item in units})


def _named(values: Mapping[str, Amount]) -> dict[str, Amount]:
    return {name or NO_NAME: value for name, value in sorted(values.items())}


def _funnel_splits(business: Business, metric: Metric, periods: tuple[Period, Period]) -> list[Split]:
    """Visits x conversion x value, as means per period of the steps, over the periods that lie wholly in a stretch."""
    steps = [key for key in STEPS if key != metric.key and unavailable(business, key) is None]
    if metric.key == "traffic" or not steps:
        return []
    history = sales_history(business, metric)
    calendar = shared_calendar(history.calendar, business.media.traffic["day"].unique().sort().to_list())
    beside = run(business, Query(tuple(steps), grain=calendar)).frame
    rows = resampled(business, history, calendar).join(beside, on=PERIOD).drop_nulls().rename({"value": "outcome"})
    means = []
    for period in periods:
        inside = [period.first <= day and calendar.end_of(day) <= period.last for day in rows[PERIOD].to_list()]
        part = rows.filter(pl.Series(inside, dtype=pl.Boolean))
        if part.is_empty():
            return []
        means.append({name: float(part[name].mean()) for name in (*steps, "outcome")})  # type: ignore[arg-type]
    before, after = (_factors(mean, metric) for mean in means)
    if not all(np.isfinite(value) for value in (*before.values(), *after.values())):
        return []
    pairs = [(name, value, after[name]) for name, value in before.items()]
    return [product_split(f"{' x '.join(before)}, mean per {calendar.frequency.period}", metric.unit, pairs)]


def _factors(mean: Mapping[str, float], metric: Metric) -> dict[str, float]:
    """Each step over the one before it, and the figure over the last."""
    factors: dict[str, float] = {}
    previous, noun = 1.0, ""
    for key, label in STEPS.items():
        if key in mean:
            factors[f"{label} per visit" if factors else label] = mean[key] / previous if previous else np.nan
            previous, noun = mean[key], label.lower().removesuffix("s")
    return factors | {f"{metric.label} per {noun}": mean["outcome"] / previous if previous else np.nan}


def _grid(beside: pl.DataFrame, calendar: Calendar) -> list[date]:
    """The periods from the first row to the last; short ones at both ends, which daily rows may have, are left out."""
    counts = beside.group_by(period_of(calendar).alias(PERIOD)).agg(days=pl.col("day").n_unique()).sort(PERIOD)
    full = np.flatnonzero(counts["days"].to_numpy() >= np.median(counts["days"].to_numpy()))
    first, last = counts[PERIOD][int(full[0])], counts[PERIOD][int(full[-1])]
    periods = [first]
    while (following := step(periods[-1], calendar.frequency, 1)) <= last:
        periods.append(following)
    return periods


def _on_grid(rows: pl.DataFrame, periods: Sequence[date]) -> Floats:
    """`value` of each period, NaN where there is none."""
    grid = pl.DataFrame({"period": periods}, schema={"period": pl.Date})
    return grid.join(rows, on="period", how="left", maintain_order="left")["value"].to_numpy().astype(np.float64)


def _spends(spend: pl.DataFrame, periods: Sequence[date], calendar: Calendar, currency: str) -> list[Variable]:
    sums = _by_name(spend.select("day", name="channel", value="spend"), periods, calendar)
    return [Variable(name, Part.TREATMENT, currency, values) for name, values in sums]


def _report(report: pl.DataFrame, periods: Sequence[date], calendar: Calendar) -> list[Variable]:
    sums = _by_name(report.select("day", name="column", value="value"), periods, calendar)
    return [Variable(name, Part.UNTOUCHED, "", values) for name, values in sums]


def _by_name(rows: pl.DataFrame, periods: Sequence[date], calendar: Calendar) -> list[tuple[str, Floats]]:
    """Sums per period of the `value` of each `name`, in the order in which the names come."""
    sums = rows.group_by("name", period_of(calendar).alias("period")).agg(known_sum(pl.col("value")).alias("value"))
    names = rows["name"].unique(maintain_order=True).to_list()
    return [(name, _on_grid(sums.filter(pl.col("name") == name).drop("name"), periods)) for name in names]


def _steps(business: Business, metric: Metric, periods: Sequence[date], calendar: Calendar) -> list[Variable]:
    before = {"traffic": (), "leads": ("traffic",)}.get(metric.key, tuple(STEPS))
    keys = tuple(key for key in before if unavailable(business, key) is None)
    if not keys:
        return []
    sums, headers = run(business, Query(keys, grain=calendar)).frame, business.media.headers
    values = {key: _on_grid(sums.select(period=PERIOD, value=key), periods) for key in keys}
    return [Variable(headers.get(key, STEPS[key]), Part.STEP, key, values[key]) for key in keys]


def _calendar_of(panel: Panel) -> Calendar:
    anchor = panel.periods[0].weekday() if panel.frequency is Frequency.WEEKLY else 0
    return Calendar(panel.frequency, anchor=anchor)


def _price_index(business: Business, periods: list[date], calendar: Calendar) -> Floats | None:
    """Mean log price paid against each item's usual one, weighted by its revenue over all; None without prices."""
    paid = pl.coalesce("price", pl.when(pl.col("quantity") != 0).then(pl.col("revenue") / pl.col("quantity")))
    priced = business.sales.with_columns(paid=paid).filter(
        pl.col("paid") > 0, pl.col("item").is_not_null(), pl.col("promotion").fill_null(0.0) == 0
    )
    if priced.is_empty():
        return None
    usual = priced.group_by("item").agg(pl.col("paid").median().alias("usual"), pl.col("revenue").sum().alias("weight"))
    means = priced.group_by("item", period_of(calendar).alias("period")).agg(pl.col("paid").mean())
    index = (
        means.join(usual, on="item")
        .group_by("period")
        .agg(value=((pl.col("paid") / pl.col("usual")).log() * pl.col("weight")).sum() / pl.col("weight").sum())
    )
    grid = pl.DataFrame({"period": periods}, schema={"period": pl.Date})
    values = grid.join(index, on="period", how="left", maintain_order="left")["value"]
    return values.fill_null(strategy="forward").fill_null(0.0).to_numpy().astype(np.float64)


def _event_controls(panel: Panel, events: tuple[Event, ...]) -> list[Variable]:
    """Per event, the share of each period that it covers."""
    shares = {event: np.array([event.share_of(start, panel.frequency) for start in panel.periods]) for event in events}
    return [Variable(event.name, Part.CONTROL, "", share) for event, share in shares.items() if share.any()]
