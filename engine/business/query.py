"""The only way in which a figure of the past is computed: measures, by dimensions, of a period, compared and ranked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import polars as pl

from engine.business.calendar import Calendar, Period, period_of
from engine.business.items import key_of
from engine.business.measures import (
    DIMENSIONS,
    MEASURES,
    MONEY,
    PARTS_OF_TIME,
    RECENT_DAYS,
    Cube,
    Measure,
    Unavailable,
)
from engine.business.model import Business
from engine.dataset import Frequency, step
from engine.facts import Fact, Facts

PERIOD = "period"
"""The column of a result that holds the start of each period."""


@dataclass(frozen=True)
class Filter:
    """Only rows whose dimension has one of these values; names are matched without regard to case and blanks.

    Attributes:
        dimension: its key.
        values: the values; a part of time is given as a date (the first of the month, say), a weekday as 0..6.
        exclude: take the others instead.
    """

    dimension: str
    values: tuple[str | date | int | None, ...]
    exclude: bool = False


@dataclass(frozen=True)
class Having:
    """Only groups whose measure lies in a range, both ends included; None for no end."""

    measure: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Query:
    """A question about the past.

    Attributes:
        measures: keys of measures, one column each.
        by: keys of dimensions, one column each.
        where: filters; all must hold.
        period: the days that count; None for all up to today.
        grain: the periods into which time is cut, in the column `period`; None for no cut.
        compare: the days to compare with, "previous" for as many days just before, "year" for the same weekdays a year
            earlier; adds `<measure>_before` and `<measure>_change`.
        having: ranges of measures.
        order: the measure by which groups are sorted, the largest first; "" to sort by the dimensions.
        ascending: the smallest first.
        limit: at most so many groups; 0 for all.
        share_of: a dimension key of `by`, or "all": adds `<measure>_share`, percent of the first measure.

    Raises:
        ValueError: it compares without a period, cuts the compared periods, names something twice, or sorts, limits or
            shares by what it does not ask for.
    """

    measures: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    period: Period | None = None
    grain: Calendar | None = None
    compare: Period | Literal["previous", "year"] | None = None
    having: tuple[Having, ...] = ()
    order: str = ""
    ascending: bool = False
    limit: int = 0
    share_of: str = ""

    def __post_init__(self) -> None:
        if self.compare is not None and (self.period is None or self.grain is not None):
            raise ValueError("a comparison needs a period, and no grain within it")
        if self.compare is not None and {*self.by} & {*PARTS_OF_TIME} - {"weekday"}:
            raise ValueError("the days of two periods have nothing in common by which they could be compared")
        for names in (self.measures, self.by):
            if len({*names}) < len(names):
                raise ValueError(f"named twice: {', '.join(names)}")
        asked = {f"{key}{ending}" for key in self.measures for ending in ("", "_before", "_change")}
        if unknown := {self.order, *(each.measure for each in self.having)} - {"", *asked}:
            raise ValueError(f"sorted or limited by what is not asked for: {', '.join(sorted(unknown))}")
        if self.share_of not in ("", "all", *self.by):
            raise ValueError(f"shares of what is not grouped by: {self.share_of}")


@dataclass(frozen=True, eq=False)
class QueryResult:
    """What the business's past says.

    Attributes:
        query: what was asked.
        frame: a column per dimension, `period` where time is cut, and a column per measure (Float64).
        units: per measure.
        unavailable: measures that the file cannot give; they have no column.
        rows: how many rows of the file are behind it.
    """

    query: Query
    frame: pl.DataFrame
    units: Mapping[str, str]
    unavailable: tuple[Unavailable, ...] = ()
    rows: int = 0

    def total(self, measure: str) -> float:
        """The measure of a result with one row; 0.0 where nothing is known.

        Raises:
            ValueError: the query grouped its figures.
        """
        if self.query.by or self.query.grain:
            raise ValueError("a grouped result has no single value")
        value = self.frame[measure][0] if measure in self.frame.columns and self.frame.height else None
        return float(value) if value is not None else 0.0

    def by_name(self, measure: str) -> dict[str, float]:
        """The measure per value of the first dimension; rows without a name are under ""."""
        values = self.frame.select(
            pl.col(self.query.by[0]).cast(pl.String).fill_null(""), pl.col(measure).fill_null(0.0)
        )
        return dict(values.iter_rows())

    def facts(self) -> Facts:
        """Every figure of a result with few rows, as facts."""
        basis = f"worked out from {self.rows:,} rows of your file"
        items = []
        for place, row in enumerate(self.frame.iter_rows(named=True)):
            named = ", ".join(str(row[name]) for name in (*self.query.by, PERIOD) if name in row)
            for key in self.units:
                if row[key] is not None:
                    label = MEASURES[key].label + (f", {named}" if named else "")
                    items.append(Fact(f"{key}_{place}" if named else key, label, row[key], self.units[key], basis))
        return Facts(tuple(items), tuple(each.sentence for each in self.unavailable))


def run(business: Business, query: Query) -> QueryResult:
    """Compute a query.

    Raises:
        KeyError: a measure or a dimension is unknown.
    """
    missing = tuple(lack for key in query.measures if (lack := unavailable(business, key, query)) is not None)
    lacking = {each.measure for each in missing}
    keys = tuple(key for key in query.measures if key not in lacking)
    frame = _grouped(business, query, keys, query.period)
    if query.compare is not None:
        frame = _compared(business, query, keys, frame)
    frame = _shared(frame, query, keys)
    units = {key: unit_of(MEASURES[key], business.currency) for key in keys}
    return QueryResult(query, _ordered(frame, query), units, missing, _rows_behind(business, query, keys))


def unit_of(measure: Measure, currency: str) -> str:
    """The unit of a measure, with the currency in the place of money."""
    return currency if measure.unit == MONEY else measure.unit


def unavailable(business: Business, key: str, query: Query | None = None) -> Unavailable | None:
    """Why the file cannot give a measure, by the dimensions of a query; None when it can."""
    measure = MEASURES[key]
    if measure.ratio is not None:
        parts = (unavailable(business, part, query) for part in measure.ratio)
        lack = next((part for part in parts if part is not None), None)
        return None if lack is None else Unavailable(key, measure.label, lack.missing, lack.available)
    cube = _cube_of(business, measure)
    frame = CUBES[cube](business)
    columns = tuple(column.name for table in business.dataset.tables for column in table.columns)
    for column in measure.needs:
        if column not in frame.columns or frame[column].null_count() == frame.height:
            return Unavailable(key, measure.label, column.replace("_", " "), columns)
    if query is not None:
        for name in (*query.by, *(each.dimension for each in query.where), *(["day"] if query.grain else [])):
            if not _stands_in(name, cube, frame):
                return Unavailable(key, measure.label, f"{DIMENSIONS[name].label} beside it", columns)
    return None


def rows_of(business: Business, key: str, where: tuple[Filter, ...] = ()) -> pl.DataFrame:
    """The rows of the cube behind a measure that is no ratio, with its columns."""
    return _filtered(CUBES[_cube_of(business, MEASURES[key])](business), Query((key,), where=where), None)


def previous(period: Period) -> Period:
    """As many days just before; whole months before whole months."""
    last = period.first - timedelta(days=1)
    after = period.last + timedelta(days=1)
    if period.first.day == 1 and after.day == 1:
        months = (after.year - period.first.year) * 12 + after.month - period.first.month
        return Period(step(period.first, Frequency.MONTHLY, -months), last)
    return Period(period.first - timedelta(days=period.days), last)


def year_before(period: Period) -> Period:
    """The same months a year earlier where they are whole, else the same weekdays 52 weeks earlier."""
    after = period.last + timedelta(days=1)
    if period.first.day == 1 and after.day == 1:
        first = step(period.first, Frequency.MONTHLY, -12)
        return Period(first, step(after, Frequency.MONTHLY, -12) - timedelta(days=1))
    return Period(period.first - timedelta(days=364), period.last - timedelta(days=364))


def _cube_of(business: Business, measure: Measure) -> Cube:
    """Money comes from another table where the sales count units alone."""
    return "takings" if measure.key == "revenue" and business.takings.height else measure.cube


def _recent_cube(business: Business) -> pl.DataFrame:
    days = min(RECENT_DAYS, business.span.days) if business.span else RECENT_DAYS
    first = business.last_day - timedelta(days=days - 1)
    return business.sales.filter(pl.col("day") >= first).drop("day").with_columns(days_covered=float(days))


def _needs_cube(business: Business) -> pl.DataFrame:
    """An hour costs what those of its role earn on average, or all people where nobody has the role."""
    needs = business.people.needs.drop_nulls(["weekday", "start", "end", "people"])
    staff = business.people.staff
    key = pl.col("role").map_elements(key_of, return_dtype=pl.String).alias("key")
    rates = staff.group_by(key).agg(pl.col("rate").mean())
    hours = pl.col("people") * (pl.col("end") - pl.col("start")) / 60
    rate = pl.coalesce("rate", pl.lit(staff["rate"].mean(), pl.Float64))
    joined = needs.with_columns(key).join(rates, on="key", how="left")
    return joined.with_columns(hours=hours, wages=hours * rate).drop("key")


def _staff_cube(business: Business) -> pl.DataFrame:
    return business.people.staff.rename({"name": "person"}).filter(pl.col("person") != "")


CUBES: Mapping[Cube, Callable[[Business], pl.DataFrame]] = {
    "sales": lambda business: business.sales,
    "takings": lambda business: business.takings,
    "recent": _recent_cube,
    "media": lambda business: business.media.spend,
    "traffic": lambda business: business.media.traffic,
    "stock": lambda business: business.items.rename({"name": "item"}),
    "needs": _needs_cube,
    "staff": _staff_cube,
}
"""The frame behind each cube."""


def _stands_in(name: str, cube: Cube, frame: pl.DataFrame) -> bool:
    if name in PARTS_OF_TIME and "day" in frame.columns:
        return True
    return cube in DIMENSIONS[name].cubes and name in frame.columns and frame[name].null_count() < max(1, frame.height)


def _grouped(business: Business, query: Query, keys: Sequence[str], period: Period | None) -> pl.DataFrame:
    """The measures of one period by the query's dimensions; ratios are worked out from the sums of their parts."""
    base = list(dict.fromkeys(part for key in keys for part in _parts(key)))
    names = [*query.by, *([PERIOD] if query.grain else [])]
    joined: pl.DataFrame | None = None
    for cube in dict.fromkeys(_cube_of(business, MEASURES[key]) for key in base):
        totals = [MEASURES[key] for key in base if _cube_of(business, MEASURES[key]) == cube]
        rows = _filtered(CUBES[cube](business), query, period)
        sums = [measure.total.cast(pl.Float64).alias(measure.key) for measure in totals if measure.total is not None]
        part = rows.group_by(names, maintain_order=True).agg(sums) if names else rows.select(sums)
        joined = part if joined is None else _joined(joined, part, names)
    if joined is None:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return joined.select(*names, *(_value(key).alias(key) for key in keys))


def _joined(left: pl.DataFrame, right: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    if not names:
        return pl.concat([left, right], how="horizontal")
    return left.join(right, on=list(names), how="full", coalesce=True, nulls_equal=True, maintain_order="left_right")


def _parts(key: str) -> tuple[str, ...]:
    ratio = MEASURES[key].ratio
    return (key,) if ratio is None else tuple(part for each in ratio for part in _parts(each))


def _value(key: str) -> pl.Expr:
    measure = MEASURES[key]
    if measure.ratio is None:
        return pl.col(key)
    above, below = (_value(part) for part in measure.ratio)
    return pl.when(below != 0).then(measure.scale * above / below)


def _filtered(rows: pl.DataFrame, query: Query, period: Period | None) -> pl.DataFrame:
    """The rows that count, with a column per dimension of the query."""
    if "day" in rows.columns:
        if period is not None:
            rows = rows.filter(pl.col("day").is_between(period.first, period.last))
        if query.grain is not None:
            rows = rows.with_columns(period_of(query.grain).alias(PERIOD))
        wanted_parts = {*query.by, *(each.dimension for each in query.where)} & {*PARTS_OF_TIME}
        rows = rows.with_columns(PARTS_OF_TIME[name].alias(name) for name in sorted(wanted_parts - {"day"}))
    for each in query.where:
        rows = rows.filter(_holds(each, rows[each.dimension]))
    return rows


def _holds(each: Filter, column: pl.Series) -> pl.Expr:
    values: list[object] = [value for value in each.values if value is not None]
    if column.dtype == pl.String:
        keys = {key_of(str(value)) for value in values}
        values = [name for name in column.unique() if name is not None and key_of(name) in keys]
    inside = pl.col(each.dimension).is_in(values).fill_null(value=False)
    if None in each.values:
        inside = inside | pl.col(each.dimension).is_null()
    return ~inside if each.exclude else inside


def _compared(business: Business, query: Query, keys: Sequence[str], frame: pl.DataFrame) -> pl.DataFrame:
    """With the figures of the other period beside, and the change."""
    assert query.period is not None
    other = query.compare
    if not isinstance(other, Period):
        other = previous(query.period) if other == "previous" else year_before(query.period)
    before = _grouped(business, query, keys, other).rename({key: f"{key}_before" for key in keys})
    names = list(query.by)
    joined = _joined(frame, before, names)
    additive = [key for key in keys if MEASURES[key].ratio is None and MEASURES[key].additive]
    filled = joined.with_columns(pl.col(key, f"{key}_before").fill_null(0.0) for key in additive) if names else joined
    return filled.with_columns((pl.col(key) - pl.col(f"{key}_before")).alias(f"{key}_change") for key in keys)


def _shared(frame: pl.DataFrame, query: Query, keys: Sequence[str]) -> pl.DataFrame:
    if not query.share_of or not keys:
        return frame
    whole = pl.col(keys[0]).sum()
    if query.share_of != "all":
        whole = whole.over(query.share_of)
    share = pl.when(whole != 0).then(100 * pl.col(keys[0]) / whole)
    return frame.with_columns(share.alias(f"{keys[0]}_share"))


def _ordered(frame: pl.DataFrame, query: Query) -> pl.DataFrame:
    for each in query.having:
        if each.measure in frame.columns:
            ends = (
                each.least is None or pl.col(each.measure) >= each.least,
                each.most is None or pl.col(each.measure) <= each.most,
            )
            frame = frame.filter(*(end for end in ends if isinstance(end, pl.Expr)))
    names = [name for name in (*query.by, PERIOD) if name in frame.columns]
    if query.order and query.order in frame.columns:
        frame = frame.sort(
            query.order, *names, descending=[not query.ascending, *([False] * len(names))], nulls_last=True
        )
    elif names:
        frame = frame.sort(names, nulls_last=True)
    return frame.head(query.limit) if query.limit else frame


def _rows_behind(business: Business, query: Query, keys: Iterable[str]) -> int:
    cubes = {_cube_of(business, MEASURES[part]) for key in keys for part in _parts(key)}
    return max((_filtered(CUBES[cube](business), query, query.period).height for cube in cubes), default=0)
