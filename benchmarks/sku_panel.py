"""The series of one group side by side on one calendar, for methods that learn from all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.series import Array, Case, rows_of
from benchmarks.sku_global import Block
from benchmarks.sku_peers import QUANTILES, Fan
from engine.forecast.counts import Covariates
from engine.forecast.counts.covariates import month_parts
from engine.forecast.items import ItemForecasts, forecast_items


@dataclass(frozen=True, eq=False)
class Panel:
    """One group.

    Attributes:
        cases: its series.
        values: the past, right-aligned, shape (items, n); NaN before an item's start.
        days: of the past and of the periods ahead.
        event: 1 on the days that the file calls an event, shape (items, n + horizon).
        snap: 1 on benefit days, the same shape.
    """

    cases: Sequence[Case]
    values: Array
    days: tuple[date, ...]
    event: Array
    snap: Array

    @property
    def daily(self) -> bool:
        """True for days, false for months."""
        return self.cases[0].past.freq == "D"

    @property
    def horizon(self) -> int:
        """Periods ahead."""
        return self.cases[0].past.horizon

    def block(self) -> Block:
        """For the global trees."""
        return Block(self.values, self.days, np.stack([self.event, self.snap], axis=1), self.horizon)

    def forecast(self, country: str) -> ItemForecasts:
        """Dyocense's forecast of all series."""
        season = self.cases[0].past.season_length
        known = self.known(country) if self.daily else None
        return forecast_items(self.values, horizon=self.horizon, season_length=season, covariates=known)

    def known(self, country: str) -> Covariates:
        """Benefit days, parts of the month, and named holidays with the day before each.

        The numbers that the file gives its events are those of its train and test parts apart (an event has another
        number in each), so holidays are recognised by their dates.
        """
        month, columns = month_parts(self.days), dict[str, Array]()
        for name, on in _holidays(self.days, country).items():
            columns[name], columns[f"day before {name}"] = on, np.r_[on[1:], False]
        shared = np.concatenate([month.values[0], np.array(list(columns.values()), float).reshape(-1, len(self.days))])
        own = np.concatenate([self.snap[:, None], np.repeat(shared[None], len(self.cases), axis=0)], axis=1)
        return Covariates(("benefit day", *month.names, *columns), own)


def panels(folder: Path, cases: Sequence[Case]) -> list[Panel]:
    """The cases of a folder side by side: a panel for each group, and for each day on which its series end."""
    frame = with_marks(rows_of(folder))
    marks = {name: rows for (name,), rows in frame.partition_by("unique_id", as_dict=True).items()}
    together = dict[tuple[object, ...], list[Case]]()
    for case in cases:
        together.setdefault((case.group, case.past.ahead), []).append(case)
    return [_panel(of, marks) for of in together.values()]


def with_marks(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows with an `event` ("0" for none) and a `snap` (whether it is a benefit day), known or not."""
    there = {name: pl.col(name) if name in rows.columns else pl.lit(None) for name in ("event", "snap")}
    return rows.with_columns(
        event=there["event"].cast(pl.String).fill_null("0"),
        snap=there["snap"].cast(pl.Float64).fill_null(0.0) > 0,
    )


def fans(made: ItemForecasts) -> list[Fan]:
    """A fan of each series."""
    quantiles = made.quantiles(QUANTILES.tolist())
    return [Fan(made.mean[row], quantiles[row]) for row in range(len(quantiles))]


def _panel(cases: Sequence[Case], marks: dict[object, pl.DataFrame]) -> Panel:
    longest = max(cases, key=lambda case: len(case.past.y)).past
    n, horizon = len(longest.y), longest.horizon
    values = np.full((len(cases), n), np.nan)
    event, snap = np.zeros((len(cases), n + horizon)), np.zeros((len(cases), n + horizon))
    for row, case in enumerate(cases):
        values[row, n - len(case.past.y) :] = case.past.y
        rows = marks[case.name].tail(len(case.past.y) + horizon)
        event[row, -len(rows) :] = (rows["event"] != "0").to_numpy()
        snap[row, -len(rows) :] = rows["snap"].to_numpy()
    return Panel(cases, values, (*longest.dates, *longest.ahead), event, snap)


def _holidays(days: Sequence[date], country: str) -> dict[str, Array]:
    """Public and customary holidays by name, each with a mark per day; those that fall on none of the days left out."""
    import holidays

    years = range(days[0].year, days[-1].year + 1)
    supported = holidays.country_holidays(country).supported_categories
    kinds = [kind for kind in ("public", "unofficial") if kind in supported]
    named = holidays.country_holidays(country, years=years, categories=kinds)
    marks: dict[str, Array] = {}
    for place, day in enumerate(days):
        for name in named.get_list(day):
            if "observed" not in name:
                marks.setdefault(name, np.zeros(len(days)))[place] = 1
    return {name: mark.astype(bool) for name, mark in marks.items()}
