"""Every item of a large file, forecast chunk by chunk: polars in, parquet out."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.business.calendar import Calendar, find_calendar, period_of
from engine.business.sales import without_future, without_strays
from engine.compute import Chunk, Runner, map_chunks, serial
from engine.dataset import Frequency
from engine.errors import DataProblem, MissingColumn, TooLittleHistory
from engine.forecast.counts import Covariates
from engine.forecast.counts.covariates import FEWEST_DAYS, month_parts
from engine.forecast.items import ItemTuning, forecast_items, tune_items
from engine.forecast.series import MINIMUM_PERIODS
from engine.forecast.year import covers_a_year
from engine.process import Report

USUAL_HORIZONS = {Frequency.DAILY: 28, Frequency.WEEKLY: 13, Frequency.MONTHLY: 12}
"""Periods ahead where nobody says how many; 4 of longer ones."""

CHUNK_ITEMS = 250
"""Items in one chunk; each chunk is one file of the result."""

LEARNT_ON = 400
"""Items that a file is tuned on, evenly spread."""

QUANTILES = {"lower_95": 0.025, "lower_80": 0.1, "median": 0.5, "upper_80": 0.9, "upper_95": 0.975}
"""The columns of a result and the chance that each is not exceeded."""

DRAWS = 400
"""Paths of an item, from which the bounds of its total come."""

VALUE_NAMES = ("quantity", "units", "sales", "sold", "demand", "y", "value", "qty")
"""Headers that are sales where a file has several columns of numbers, the likeliest first."""

SEPARATORS = (",", ";", "\t", "|")
"""What may stand between the columns of a csv file."""

DATE_FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d", "%d.%m.%Y")
"""Dates as text that can be read in one way only."""

VERSION = "4"
"""Part of a run's identity: results of another version are not mixed in."""


@dataclass(frozen=True)
class Columns:
    """What is read of a file.

    Attributes:
        day, item, value: the names of the columns; "" for those that are to be found.
        until: rows of later days are left out, and said; None for all rows.
    """

    day: str = ""
    item: str = ""
    value: str = ""
    until: date | None = None

    @property
    def names(self) -> tuple[str, str, str]:
        """Of the columns."""
        return self.day, self.item, self.value


@dataclass(frozen=True, eq=False)
class ItemMatrix:
    """All items on one calendar.

    Attributes:
        items: their names, sorted.
        values: shape (items, periods); NaN before an item's first row, where the whole business was closed, and where
            rows hold no number; an open period without a row is a zero, and so is one in which more came back than was
            sold, and each of an item without any number.
        ahead: the start of each period to forecast.
        calendar: which periods there are.
        returned: how many values below zero were taken as zero.
        covariates: the parts of the month, where days go far enough back to tell what they do; else None.
    """

    items: tuple[str, ...]
    values: Floats
    ahead: tuple[date, ...]
    calendar: Calendar
    returned: int
    covariates: Covariates | None


@dataclass(frozen=True)
class BulkResult:
    """Where the forecasts are.

    Attributes:
        files: one parquet file a chunk, in the order of the items: `item`, `period` (null in the line of the total
            over the horizon), `mean`, the columns of `QUANTILES`, `method`.
        items: how many.
        periods: the start of each period ahead.
        cautions: what the owner should know.
    """

    files: tuple[Path, ...]
    items: int
    periods: tuple[date, ...]
    cautions: tuple[str, ...]

    def frame(self) -> pl.LazyFrame:
        """All forecasts together."""
        return pl.scan_parquet(list(self.files))


def forecast_file(
    file: Path,
    folder: Path,
    *,
    horizon: int,
    columns: Columns | None = None,
    runner: Runner = serial,
    report: Report = lambda share, note: None,
) -> BulkResult:
    """Forecast all items of a parquet or csv file with one row per item and period, or several.

    A run that was stopped is taken up where it stopped when it is started again with the same file and folder.

    Args:
        file: the sales.
        folder: where the results go; made when it is not there.
        horizon: calendar periods ahead, >= 1; 0 for four seasons of days, else one season.
        columns: which columns to use, where they cannot be found by their type and name.
        runner: where the work runs.
        report: told how far it has come.

    Raises:
        DataProblem: the file cannot be used, or the folder holds another run.
        JobFailed: a chunk could not be computed; what is done stays.
    """
    columns = columns or Columns()
    rows, cautions = _past_rows(read_sales(file, columns), columns.until)
    table = item_matrix(rows, horizon)
    season = table.calendar.season_length
    chosen = np.unique(np.linspace(0, len(table.items) - 1, min(LEARNT_ON, len(table.items))).astype(int))
    tuning = tune_items(
        table.values[chosen], horizon=len(table.ahead), season_length=season, covariates=table.covariates
    )
    run = hashlib.sha256(
        file.read_bytes() + repr((VERSION, horizon, columns.names, table.ahead[0])).encode()
    ).hexdigest()
    chunks = [_chunk(table, tuning, first) for first in range(0, len(table.items), CHUNK_ITEMS)]
    files = map_chunks(forecast_chunk, chunks, folder=folder, run=run, runner=runner, report=report)
    return BulkResult(files, len(table.items), table.ahead, (*cautions, *_cautions(table)))


def _past_rows(rows: pl.DataFrame, until: date | None) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The rows up to a day, without a few days far from all others, and what was left out.

    Raises:
        DataProblem: nothing lies in the past.
    """
    past, later = without_future(rows, until) if until else (rows, [])
    if past.is_empty() and not rows.is_empty():
        raise DataProblem("All rows are dated after today", remedy="Check the year in the date column.")
    near, strays = without_strays(past)
    return near, tuple(decision.sentence for decision in (*later, *strays))


def read_sales(file: Path, columns: Columns) -> pl.DataFrame:
    """`day`, `item` and `value` of each row.

    Raises:
        DataProblem: the file is no table, or a column is missing.
    """
    rows = _with_dates(_read(file))
    day = columns.day or _first(rows, "date", [name for name in rows.columns if rows.schema[name].is_temporal()])
    item = columns.item or _first(rows, "item", _item_columns(rows))
    numbers = [name for name in rows.columns if rows.schema[name].is_numeric() and name != item]
    value = columns.value or _first(rows, "quantity", _likeliest_first(numbers))
    for role, name in (("date", day), ("item", item), ("quantity", value)):
        if name not in rows.columns:
            raise MissingColumn(role, available=rows.columns)
    if not rows.schema[day].is_temporal():
        raise DataProblem("The column of dates cannot be read", where=day, remedy="Write them as 2026-03-31.")
    if value not in numbers:
        raise DataProblem("The column of quantities holds more than numbers", where=value)
    sold = pl.col(value).cast(pl.Float64)
    return rows.select(
        day=pl.col(day).cast(pl.Date), item=pl.col(item).cast(pl.String), value=pl.when(sold.is_finite()).then(sold)
    ).drop_nulls(["day", "item"])


def _read(file: Path) -> pl.DataFrame:
    """The file as a table; a csv file may have other signs than commas between its columns.

    Raises:
        DataProblem: it is not there, or no table.
    """
    try:
        if file.suffix.casefold() == ".parquet":
            return pl.read_parquet(file)
        with file.open("rb") as opened:
            header = opened.readline()
        sign = max(SEPARATORS, key=lambda each: header.count(each.encode()))
        return pl.read_csv(file, separator=sign, decimal_comma=sign == ";", try_parse_dates=True)
    except FileNotFoundError as problem:
        raise DataProblem("There is no such file", where=str(file)) from problem
    except (pl.exceptions.PolarsError, OSError) as problem:
        raise DataProblem("The file cannot be read as a table", where=file.name) from problem


def _with_dates(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows, with columns of text that are dates year first, or day first with points, as dates."""
    for name in rows.columns:
        if rows.schema[name] != pl.String or not len(rows):
            continue
        for form in DATE_FORMS:
            dates = rows[name].str.strptime(pl.Date, form, strict=False)
            if dates.null_count() == rows[name].null_count():
                rows = rows.with_columns(dates)
                break
    return rows


def item_matrix(rows: pl.DataFrame, horizon: int, calendar: Calendar | None = None) -> ItemMatrix:
    """All items on one calendar, from the rows of `read_sales`.

    Args:
        rows: `day`, `item`, `value`.
        horizon: periods ahead; 0 for the usual number.
        calendar: of the business; None to find it from the rows.

    Raises:
        DataProblem: there are too few periods, or none ahead is open.
    """
    if rows.is_empty():
        raise DataProblem("The file has no row with a date and an item")
    calendar = calendar or find_calendar(rows["day"].unique().sort().to_list())
    number = pl.col("value").fill_nan(None)
    sold = pl.when(number.is_not_null().any()).then(number.sum())
    sums = rows.group_by("item", period=period_of(calendar)).agg(sold.alias("value")).with_columns(_zero_without_any())
    first, last = sums["period"].min(), sums["period"].max()
    assert isinstance(first, date) and isinstance(last, date)
    periods = calendar.between(first, last)
    if len(periods) < MINIMUM_PERIODS:
        raise TooLittleHistory(len(periods), MINIMUM_PERIODS, period=calendar.frequency.period)
    ahead = calendar.ahead(last, horizon or USUAL_HORIZONS.get(calendar.frequency, 4))
    if not ahead:
        raise DataProblem(
            f"You are usually closed on the next {calendar.frequency.period}", remedy="Look further ahead."
        )
    items = sums["item"].unique().sort()
    values, returned = _scattered(sums, items, periods, zeros=calendar.zeros)
    return ItemMatrix(tuple(items.to_list()), values, ahead, calendar, returned, _causes(periods, ahead, calendar))


def _causes(periods: Sequence[date], ahead: Sequence[date], calendar: Calendar) -> Covariates | None:
    """The parts of the month and the year, where the past is long enough for them; None where it is not."""
    days = (*periods, *ahead)
    monthly = calendar.frequency is Frequency.DAILY and len(periods) >= FEWEST_DAYS
    yearly = calendar.frequency in (Frequency.DAILY, Frequency.WEEKLY) and covers_a_year(periods)
    causes = month_parts(days) if monthly else Covariates((), np.zeros((1, 0, len(days))))
    if yearly:
        return replace(causes, days=days)
    return causes if monthly else None


def forecast_chunk(
    items: tuple[str, ...],
    values: Floats,
    ahead: tuple[date, ...],
    season_length: int,
    tuning: ItemTuning,
    covariates: Covariates | None,
) -> pl.DataFrame:
    """Forecast the items of one chunk: the rows of its file. The same arguments give the same rows in any process.

    Args:
        items: their names.
        values: shape (items, n), >= 0; NaN before an item's start and where nothing is known.
        ahead: the start of each period to forecast.
        season_length: periods in one season; 1 for none.
        tuning: learnt from the whole file.
        covariates: causes whose future is known, for all items; None for none.
    """
    forecasts = forecast_items(
        values, horizon=len(ahead), season_length=season_length, tuning=tuning, covariates=covariates
    )
    quantiles = forecasts.quantiles(list(QUANTILES.values()))
    sums = [forecasts.paths(row, draws=DRAWS, rng=_rng_of(item)).sum(axis=1) for row, item in enumerate(items)]
    totals = np.quantile(sums, list(QUANTILES.values()), axis=1, method="inverted_cdf").T
    lines = len(ahead) + 1
    table: dict[str, object] = {
        "item": np.repeat(items, lines),
        "period": [*ahead, None] * len(items),
        "mean": np.c_[forecasts.mean, forecasts.mean.sum(axis=1)].ravel(),
    }
    for place, name in enumerate(QUANTILES):
        table[name] = np.c_[quantiles[..., place], totals[:, place]].ravel()
    table["method"] = np.repeat(forecasts.methods, lines)
    return pl.DataFrame(table, schema_overrides={"period": pl.Date})


def _chunk(table: ItemMatrix, tuning: ItemTuning, first: int) -> Chunk:
    rows = slice(first, first + CHUNK_ITEMS)
    season = table.calendar.season_length
    arguments = (table.items[rows], table.values[rows], table.ahead, season, tuning, table.covariates)
    return Chunk(f"items-{first // CHUNK_ITEMS:06d}", arguments)


def _rng_of(item: str) -> np.random.Generator:
    """Chance that belongs to the item alone, wherever and beside whomever it is computed."""
    return np.random.default_rng(zlib.crc32(item.encode()))


def _scattered(sums: pl.DataFrame, items: pl.Series, periods: Sequence[date], *, zeros: bool) -> tuple[Floats, int]:
    place = pl.DataFrame({"period": periods, "column": np.arange(len(periods))}, schema_overrides={"period": pl.Date})
    order = pl.DataFrame({"item": items, "row": np.arange(len(items))})
    cells = sums.join(place, on="period").join(order, on="item")
    row, column, sold = (cells[name].to_numpy() for name in ("row", "column", "value"))
    values = np.zeros((len(items), len(periods)))
    values[row, column] = np.maximum(sold, 0.0)
    if not zeros:
        values[:, ~np.isin(np.arange(len(periods)), column)] = np.nan
    starts = np.full(len(items), len(periods))
    np.minimum.at(starts, row, column)
    values[np.arange(len(periods)) < starts[:, None]] = np.nan
    return values, int(np.sum(sold < 0))


def _zero_without_any() -> pl.Expr:
    """The values of each item; zeros where it has none at all."""
    return pl.when(pl.col("value").is_null().all().over("item")).then(0.0).otherwise("value").alias("value")


def _item_columns(rows: pl.DataFrame) -> list[str]:
    """Text columns, those with most different entries first; else whole numbers that are named like an item."""
    text = [name for name in rows.columns if rows.schema[name] in (pl.String, pl.Categorical)]
    named = [name for name in rows.columns if name.casefold() in ("item", "sku", "product", "article", "unique_id")]
    return named or sorted(text, key=lambda name: -rows[name].n_unique())


def _likeliest_first(numbers: Sequence[str]) -> list[str]:
    matches = [name for value_name in VALUE_NAMES for name in numbers if name.casefold() == value_name]
    return matches or (list(numbers) if len(numbers) == 1 else [])


def _first(rows: pl.DataFrame, role: str, names: Sequence[str]) -> str:
    if not names:
        raise MissingColumn(role, available=rows.columns)
    return names[0]


def _cautions(table: ItemMatrix) -> tuple[str, ...]:
    noun = table.calendar.frequency.period
    cautions = []
    if table.returned:
        cautions.append(f"{table.returned} item {noun}s with more returns than sales count as zero.")
    closed = int(np.isnan(table.values).all(axis=0).sum())
    if closed:
        cautions.append(f"{closed} {noun}s without any row count as closed, not as zero sales.")
    return tuple(cautions)
