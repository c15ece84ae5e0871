"""The team, the shifts, the people needed and who is away, as the owner's file lists them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from engine.business.calendar import DAY_MINUTES, minutes_of, weekday_of
from engine.business.contract import Contract, Field
from engine.dataset import Column, ColumnRole, Dataset, Table, TableKind
from engine.errors import DataProblem

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STAFF = Contract(
    "staff",
    {
        "name": Field(pl.String, "the person", required=True),
        "role": Field(pl.String, "what the person does first"),
        "also": Field(pl.String, "what else, parted by commas"),
        "rate": Field(pl.Float64, "money per hour"),
        "overtime_rate": Field(pl.Float64, "money per hour beyond the usual ones"),
        "least_hours": Field(pl.Float64, "hours a week"),
        "most_hours": Field(pl.Float64, "hours a week"),
        "prefers": Field(pl.String, "in the owner's words"),
        "minor": Field(pl.String, "in the owner's words"),
        **{day: Field(pl.String, "when the person can work, in the owner's words") for day in DAYS},
        "availability": Field(pl.String, "the same for the whole week in one text"),
    },
)
NEEDS = Contract(
    "needs",
    {
        "weekday": Field(pl.Int64, "Monday = 0; null where it cannot be read"),
        "start": Field(pl.Int64, "minutes after midnight; null where it cannot be read"),
        "end": Field(pl.Int64, "minutes after midnight, beyond 1440 over midnight"),
        "role": Field(pl.String, "the role"),
        "people": Field(pl.Float64, "how many"),
    },
)
SHIFTS = Contract(
    "shifts",
    {
        "name": Field(pl.String, "the shift"),
        "start": Field(pl.Int64, "minutes after midnight"),
        "end": Field(pl.Int64, "minutes after midnight, beyond 1440 over midnight"),
        "pause": Field(pl.Float64, "minutes of unpaid break"),
    },
)
LEAVE = Contract(
    "leave",
    {
        "name": Field(pl.String, "the person", required=True),
        "first": Field(pl.Date, "first day away", required=True),
        "last": Field(pl.Date, "last day away", required=True),
        "kind": Field(pl.String, "holiday or request, in the owner's words"),
        "weight": Field(pl.String, "how much it matters, in the owner's words"),
    },
)

WORKED = frozenset({TableKind.TIMESHEET, TableKind.ROSTER})
"""Kinds of tables with a row for each time that somebody works."""

LISTED, UNTOLD = frozenset({TableKind.STAFF, TableKind.WEEK}), frozenset({TableKind.OTHER, TableKind.NEEDS})
"""Kinds of tables that list the staff, and those that may."""

AWAY = frozenset({TableKind.LEAVE, TableKind.OTHER})
"""Kinds of tables whose rows with a person and a date say when the person is away."""

LEAST_READ = 0.8
"""A column is one of times (or weekdays) when this share of its cells can be read so."""


@dataclass(frozen=True, eq=False)
class People:
    """What a file says of its staff.

    Attributes:
        staff, needs, shifts, leave: as in the contracts above.
        needs_table, shifts_table: the tables' names, for messages; "" without one.
        has_hours: whether any column says when people can work.
    """

    staff: pl.DataFrame
    needs: pl.DataFrame
    shifts: pl.DataFrame
    leave: pl.DataFrame
    needs_table: str = ""
    shifts_table: str = ""
    has_hours: bool = False


def gather_people(dataset: Dataset) -> People:
    """The first table of each kind; nothing is left out here, so that a roster can say what it cannot use."""
    named = [t for t in dataset.tables if t.has(ColumnRole.EMPLOYEE)]
    staff = next((t for t in named if t.kind in LISTED or (t.kind in UNTOLD and not t.has(ColumnRole.DATE))), None)
    worked = [t for t in named if t.kind in WORKED | {TableKind.LEAVE}]
    needs = next((t for t in dataset.tables if t.has(ColumnRole.PEOPLE_NEEDED)), None)
    shifts = next((t for t in dataset.tables if _lists_shifts(t)), None)
    away = [t for t in dataset.tables if t.has(ColumnRole.EMPLOYEE, ColumnRole.DATE) and t.kind in AWAY]
    return People(
        STAFF.check(_staff(staff)) if staff else STAFF.completed(_who_worked(worked)),
        NEEDS.check(_needs(needs)) if needs else NEEDS.empty(),
        SHIFTS.check(_shifts(shifts)) if shifts else SHIFTS.empty(),
        LEAVE.check(pl.concat([LEAVE.empty(), *(_leave(table) for table in away)])),
        needs.name if needs else "",
        shifts.name if shifts else "",
        staff is not None and any(_says_when(column) for column in staff.columns),
    )


def _staff(table: Table) -> pl.DataFrame:
    hours = [column for column in table.columns if _says_when(column)]
    by_day = {weekday: column for column in hours if (weekday := weekday_of(column.name)) is not None}
    texts = {
        "name": table.find(ColumnRole.EMPLOYEE),
        "role": table.find(ColumnRole.STAFF_ROLE),
        "also": _named(table, r"\b(also|second|other role|auch|aussi)"),
        "prefers": _named(table, r"\b(prefer|wish|likes|wunsch)"),
        "minor": _named(table, r"\b(minor|under 18|under age)"),
        **{day: by_day.get(weekday) for weekday, day in enumerate(DAYS)},
        "availability": None if by_day or not hours else hours[0],
    }
    numbers = {
        "rate": table.find(ColumnRole.RATE),
        "overtime_rate": _named(table, r"overtime|überstunden"),
        "least_hours": _named(table, r"\bmin"),
        "most_hours": table.find(ColumnRole.MAX_HOURS),
    }
    columns = [_text(column).alias(name) for name, column in texts.items()]
    columns += [_number(column).alias(name) for name, column in numbers.items()]
    return table.frame.select(columns).with_columns(pl.col("name").fill_null(""))


def _who_worked(tables: Sequence[Table]) -> pl.DataFrame:
    """Each person of timesheets and rosters once, with the role that they have most often and the latest wage."""
    rows = [
        table.frame.select(
            _text(table.find(ColumnRole.EMPLOYEE)).alias("name"),
            _text(table.find(ColumnRole.STAFF_ROLE)).alias("role"),
            _number(table.find(ColumnRole.RATE)).alias("rate"),
        )
        for table in tables
    ]
    if not rows:
        return STAFF.empty()
    usual = pl.col("role").drop_nulls().mode().sort().first()
    named = pl.concat(rows).drop_nulls("name").filter(pl.col("name").str.contains(r"\pL"))
    named = named.filter(~pl.col("name").is_in(_sums_of_people(named["name"].unique().to_list())))
    return named.group_by("name", maintain_order=True).agg(usual, pl.col("rate").drop_nulls().last())


def _sums_of_people(names: Sequence[str]) -> list[str]:
    """Names that end with another name, as "Total Ann Lee" does: rows that add up, and nobody."""
    return [name for name in names if any(name != other and name.endswith(f" {other}") for other in names)]


def _needs(table: Table) -> pl.DataFrame:
    times = _time_columns(table)
    weekday = next((column for column in table.columns if _are_weekdays(table, column)), None)
    if weekday is None or len(times) < 2:
        return NEEDS.empty()
    rows = table.frame.select(
        _text(table.find(ColumnRole.STAFF_ROLE)).alias("role"),
        _number(table.find(ColumnRole.PEOPLE_NEEDED)).alias("people"),
        day=_text(weekday),
    )
    named = [weekday_of(text or "") for text in rows["day"]]
    return rows.with_columns(pl.Series("weekday", named, dtype=pl.Int64), *_slots(table, times))


def _shifts(table: Table) -> pl.DataFrame:
    times = _time_columns(table)
    texts = (column for column in table.columns if column not in times and column.kind == "text")
    label = table.find(ColumnRole.SHIFT) or next(texts, None)
    name = _text(label) if label not in times else pl.lit(None, pl.String)
    pause = _number(_named(table, r"\b(break|pause)"))
    rows = table.frame.select(first=pl.first(), name=name, pause=pause)
    return rows.drop("first").with_columns(*_slots(table, times))


def _leave(table: Table) -> pl.DataFrame:
    days = [column for column in table.columns if column.kind == "date"]
    if not days:
        return LEAVE.empty()
    last = pl.col(days[1].name) if len(days) > 1 else pl.lit(None, pl.Date)
    rows = table.frame.select(
        _text(table.find(ColumnRole.EMPLOYEE)).alias("name"),
        pl.col(days[0].name).alias("first"),
        pl.max_horizontal(pl.col(days[0].name), last).alias("last"),
        _text(_named(table, r"leave|kind|type|reason")).alias("kind"),
        _text(_named(table, r"import|priority|weight")).alias("weight"),
    )
    return rows.drop_nulls(["name", "first"])


def _lists_shifts(table: Table) -> bool:
    apart = not table.has(ColumnRole.PEOPLE_NEEDED) and not table.has(ColumnRole.EMPLOYEE)
    apart = apart and not (
        table.has(ColumnRole.DATE) or table.has(ColumnRole.REVENUE) or table.has(ColumnRole.QUANTITY)
    )
    return apart and len(_time_columns(table)) >= 2


def _slots(table: Table, times: Sequence[Column]) -> Iterator[pl.Series]:
    starts = [_minutes(text) for text in table.frame.select(_text(times[0])).to_series()]
    ends = [_minutes(text) for text in table.frame.select(_text(times[1])).to_series()]
    over = [
        None if end is None or start is None else end if end > start else end + DAY_MINUTES
        for start, end in zip(starts, ends, strict=True)
    ]
    yield pl.Series("start", [s if e is not None else None for s, e in zip(starts, over, strict=True)], dtype=pl.Int64)
    yield pl.Series("end", over, dtype=pl.Int64)


def _minutes(text: str | None) -> int | None:
    try:
        return minutes_of(text or "")
    except DataProblem:
        return None


def _text(column: Column | None) -> pl.Expr:
    """The cells as people write them: 9 is "9" and not "9.0"."""
    if column is None:
        return pl.lit(None, pl.String)
    if column.kind == "number":
        return pl.col(column.name).map_elements(lambda value: f"{value:g}", return_dtype=pl.String)
    return pl.col(column.name).cast(pl.String).str.strip_chars()


def _number(column: Column | None) -> pl.Expr:
    usable = column is not None and column.kind == "number"
    return pl.col(column.name).cast(pl.Float64) if usable and column else pl.lit(None, pl.Float64)


def _says_when(column: Column) -> bool:
    """True for a column of hours; beside staff a weekday is one, whether the reader saw it or not."""
    named = column.role is ColumnRole.OTHER and column.kind == "text" and weekday_of(column.name) is not None
    return named or column.role is ColumnRole.AVAILABILITY


def _named(table: Table, pattern: str) -> Column | None:
    """The first column without a meaning of its own whose header has these words."""
    return next(
        (c for c in table.columns if c.role is ColumnRole.OTHER and re.search(pattern, c.name.casefold())), None
    )


def _time_columns(table: Table) -> list[Column]:
    return [column for column in table.columns if column.kind == "text" and _share(table, column, _is_time)]


def _are_weekdays(table: Table, column: Column) -> bool:
    return column.kind == "text" and _share(table, column, lambda text: weekday_of(text) is not None)


def _share(table: Table, column: Column, reads: Callable[[str], bool]) -> bool:
    values = table.frame[column.name].drop_nulls().cast(pl.String).to_list()
    return bool(values) and sum(map(reads, values)) >= LEAST_READ * len(values)


def _is_time(text: str) -> bool:
    return ":" in text and _minutes(text) is not None
