"""What a file is good for, once it is read, and what stops us: one word for the screen, one sentence for the owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from engine.dataset import Column, ColumnRole, Dataset, Table
from engine.errors import UnreadableFile
from engine.ingest.amounts import looks_like_number
from engine.ingest.columns import counted
from engine.ingest.dates import looks_like_date
from engine.ingest.header import Body
from engine.ingest.meaning.profile import is_counter

FEWEST_ROWS = 3
"""Rows with both a date and a number below which nothing is a series."""

SHORT_ROWS = 8
"""Rows with both below which a series is too short to be forecast (as `engine.forecast` has it)."""

NAMELESS_ROWS = 5
"""Rows from which numbers under headers that we do not know are worth comparing."""

_VALUE_ROLES = (
    ColumnRole.REVENUE,
    ColumnRole.QUANTITY,
    ColumnRole.TRAFFIC,
    ColumnRole.LEADS,
    ColumnRole.CHANNEL_SPEND,
    ColumnRole.PEOPLE_NEEDED,
    ColumnRole.PRICE,
    ColumnRole.COST,
    ColumnRole.ON_HAND,
    ColumnRole.RATE,
)
"""What a table is about, the most telling first."""

_WORK_ROLES = frozenset({ColumnRole.EMPLOYEE, ColumnRole.SHIFT})
"""Roles that make a table without any number useful."""

BLANK, ONLY_HEADERS, ONLY_WORDS = (
    "it is blank",
    "it has headers but no rows below them",
    "it holds words but no columns",
)
_REMEDIES = {
    BLANK: "Check that it was saved, then choose it again.",
    ONLY_HEADERS: "Add the rows, or choose the file that has them.",
    ONLY_WORDS: "Choose a file with one row per sale and columns such as date, item and quantity.",
}


class Readiness(StrEnum):
    """What a file can be used for."""

    OK = "ok"
    TOO_SHORT = "ok_too_short"
    NO_TIME_AXIS = "ok_no_time_axis"
    NO_NUMBERS = "ok_no_numeric_series"
    ASK = "ask"
    REFUSE = "refuse"


_BEST_FIRST = (Readiness.OK, Readiness.TOO_SHORT, Readiness.NO_NUMBERS, Readiness.NO_TIME_AXIS, Readiness.REFUSE)


@dataclass(frozen=True)
class FileVerdict:
    """What the file is good for.

    Attributes:
        status: the answer in one word; `ASK` when an essential question is open.
        reason: the answer in one sentence, for the owner.
        table: the table that says most, by name.
        date_column: its dates, or "".
        value_column: its telling number, or "".
    """

    status: Readiness
    reason: str
    table: str
    date_column: str = ""
    value_column: str = ""


def verdict(dataset: Dataset) -> FileVerdict:
    """Tell what the file is good for, by its best table."""
    verdicts = [_judge(table) for table in dataset.tables]
    heights = {table.name: table.frame.height for table in dataset.tables}
    best = min(verdicts, key=lambda each: (_BEST_FIRST.index(each.status), -heights[each.table]))
    others = {table.fingerprint for table in dataset.tables if table.name != best.table}
    others.discard(dataset.table(best.table).fingerprint)
    open_question = next((q for q in dataset.report.questions if q.essential and q.table not in others), None)
    if best.status is not Readiness.REFUSE and open_question is not None:
        return FileVerdict(Readiness.ASK, open_question.text, best.table, best.date_column, best.value_column)
    return best


def _judge(table: Table) -> FileVerdict:
    date = table.find(ColumnRole.DATE)
    value = _value_column(table)
    day, number = date.name if date else "", value.name if value else ""
    if date is not None and value is not None:
        status, reason = _judge_series(table, day, number)
    elif date is not None:
        status, reason = _judge_without_numbers(table)
    elif any(column.role in _WORK_ROLES for column in table.columns):
        status, reason = Readiness.NO_NUMBERS, "It names people or shifts, and has no numbers to forecast"
    elif value is not None:
        status, reason = _judge_without_dates(table, value)
    else:
        status, reason = Readiness.REFUSE, "There is no series in it: no column holds dates, and none holds amounts"
    return FileVerdict(status, reason, table.name, day, number)


def _value_column(table: Table) -> Column | None:
    """The number that the table is about: by role, otherwise the first mostly filled one that is no counter."""
    for role in _VALUE_ROLES:
        column = table.find(role)
        if column is not None and column.kind == "number" and table.frame[column.name].is_not_null().any():
            return column
    filled = [
        column
        for column in table.columns
        if column.kind == "number" and table.frame[column.name].null_count() * 2 < table.frame.height
    ]
    telling = [column for column in filled if not is_counter(table.frame[column.name])]
    return next(iter(telling or filled), None)


def _judge_series(table: Table, day: str, number: str) -> tuple[Readiness, str]:
    numbers = [column.name for column in table.columns if column.kind == "number"]
    whole = table.frame.filter(pl.col(day).is_not_null() & pl.any_horizontal(pl.col(numbers).is_not_null()))
    periods = whole[day].n_unique()
    if whole.height < FEWEST_ROWS:
        return (
            Readiness.REFUSE,
            f"There is no series in it: {counted(whole.height, 'row')} with both a date and a number",
        )
    if whole.height < SHORT_ROWS:
        return (
            Readiness.TOO_SHORT,
            f"{counted(whole.height, 'row')} with a date and a number are too few to look ahead from",
        )
    return Readiness.OK, f"{counted(whole.height, 'row')} of {number} on {periods:,} different days"


def _judge_without_numbers(table: Table) -> tuple[Readiness, str]:
    if table.frame.height < SHORT_ROWS:
        return (
            Readiness.REFUSE,
            f"There is no series in it: dates without numbers, in {counted(table.frame.height, 'row')}",
        )
    return Readiness.NO_NUMBERS, "It has dates but no numbers; only rows can be counted"


def _judge_without_dates(table: Table, value: Column) -> tuple[Readiness, str]:
    named = any(column.kind == "number" and column.role is not ColumnRole.OTHER for column in table.columns)
    comparable = table.header_row > 0 and table.frame[value.name].count() >= NAMELESS_ROWS
    if named or comparable:
        return Readiness.NO_TIME_AXIS, "It has no dates, so it can be compared but not forecast"
    rows = counted(table.frame.height, "row")
    return Readiness.REFUSE, (
        f"There is no series in it: no dates, and {rows} of numbers whose headers do not tell what they are"
    )


def why_no_table(body: Body | None) -> str:
    """Why this sheet holds no table, or "" when it does."""
    if body is None:
        return BLANK
    if body.text.is_empty():
        return ONLY_HEADERS if len(body.names) > 1 else ONLY_WORDS
    if body.text.width > 1:
        # A lone row of words is a header that nothing follows.
        return ONLY_HEADERS if body.text.height == 1 and not body.header_row and not _has_values(body) else ""
    return "" if _has_values(body) else ONLY_WORDS


def refuse_without_tables(reasons: Sequence[tuple[str, str]]) -> None:
    """Raise the refusal of a file in which no sheet holds a table.

    Args:
        reasons: for each visible sheet its name and why it holds no table.

    Raises:
        UnreadableFile: always.
    """
    if len(reasons) == 1:
        name, reason = reasons[0]
        raise UnreadableFile(f"There is no table in the file: {reason}", where=name, remedy=_REMEDIES[reason])
    where = "; ".join(f"{name}: {reason}" for name, reason in reasons)
    raise UnreadableFile(
        "There is no table on any visible sheet",
        where=where,
        remedy="Choose a workbook with a table, or unhide its sheet.",
    )


def _has_values(body: Body) -> bool:
    return any((looks_like_number(cells) | looks_like_date(cells)).any() for cells in body.text)
