"""Rows that are not data (blank lines, totals, notes, headers that come again), and rows that deserve a look."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from engine.dataset import CleaningReport, Column, ColumnRole, Question, Repair, in_words
from engine.ingest.columns import CleanColumn
from engine.ingest.report import Setting, ask, counted, named_rows
from engine.ingest.totals import named_statistics, named_totals

KEEP, REMOVE = "keep them", "remove the repeats"
_MOST_NOTES = 30
"""Rows below a table that are taken for notes at most."""

_FEWEST_COLUMNS = 3
"""Columns from which a lonely cell tells that its row is no record."""

_DATED_SHARE = 0.9
_FEWEST_RECORDS, _RECORDS_A_LINE = 10, 4
"""Records that a table must have, in all and for each lonely line of words, so that the line is surely none."""


_ONE_SERIES_ONLY = (ColumnRole.ITEM, ColumnRole.CATEGORY, ColumnRole.STORE, ColumnRole.EMPLOYEE, ColumnRole.SHIFT)


@dataclass(frozen=True)
class CleanRows:
    """The columns without the rows that are not data.

    Attributes:
        columns: the columns, each with the same rows.
        rows: the spreadsheet row of each.
    """

    columns: tuple[CleanColumn, ...]
    rows: pl.Series


def drop_other_rows(
    columns: Sequence[CleanColumn], *, first_row: int, place: str, sources: Sequence[str] = ()
) -> tuple[CleanRows, CleaningReport]:
    """Remove blank rows, repeated headers, notes below the table and rows of totals that add up.

    Args:
        columns: the columns with all rows of the file.
        first_row: the spreadsheet row of the first.
        place: the sheet or file, for messages.
        sources: the headers as they stand in the file, to recognise them when they come again.
    """
    height = len(columns[0].values)
    table = CleanRows(tuple(columns), pl.Series("row", range(first_row, first_row + height), dtype=pl.Int64))
    repairs = []
    no_data = {
        "removed blank rows": _blank(columns),
        "removed headers that come again": _headers_again(columns, sources),
        "removed a row that only numbers the columns": _column_numbers(columns),
        "removed notes below the table": _notes_below(columns),
    }
    no_data["removed lines of words between the rows"] = _lonely_words(columns, _any(no_data.values()))
    for what, mask in no_data.items():
        if mask.any():
            first = f"{what}, the first in row {first_row + (mask.arg_max() or 0)}"
            repairs.append(Repair(first, int(mask.sum()), place, named_rows(table.rows, mask)))
    table = keep_rows(table, ~_any(no_data.values()))
    for what, find in (("totals", named_totals), ("averages and extremes", named_statistics)):
        indices = find(table.columns)
        if indices:
            listed = ", ".join(str(table.rows[index]) for index in indices[:5]) + (", …" if len(indices) > 5 else "")
            repairs.append(Repair(f"removed rows of {what}: row {listed}", len(indices), place))
        table = keep_rows(table, ~pl.Series(range(len(table.rows))).is_in(indices))
    return table, CleaningReport(repairs=tuple(repairs))


def look_at_rows(
    frame: pl.DataFrame, columns: Sequence[Column], setting: Setting
) -> tuple[pl.DataFrame, CleaningReport]:
    """Ask about rows that repeat, and say when dates are out of order or come more than once.

    Args:
        frame: the table.
        columns: what its columns mean.
        setting: the table's place in the file, and the owner's answers.
    """
    roles = {column.role: column.name for column in columns}
    day = roles.get(ColumnRole.DATE)
    frame, report = _repeats(frame, setting)
    if day is None:
        return frame, report
    lines, warnings = list(report.read_as), []
    days = frame[day].drop_nulls()
    if not days.is_sorted() and not days.is_sorted(descending=True):
        lines.append(f"{setting.place}: the dates in {day} are not in order; every row was kept")
    again = len(days) - days.n_unique()
    if again and not any(role in roles for role in _ONE_SERIES_ONLY):
        first = days.filter(days.is_duplicated())[0]
        warnings.append(
            f"A date that was there before comes in {counted(again, 'row')} of {setting.place}, "
            f"first {in_words(first)}; rows of one date are added up."
        )
    undated = frame[day].null_count()
    if undated:
        verbs = "has no date and takes" if undated == 1 else "have no date and take"
        warnings.append(f"{counted(undated, 'row')} of {setting.place} {verbs} no part in anything over time.")
    return frame, replace(report, read_as=tuple(lines), warnings=tuple(warnings))


def keep_rows(table: CleanRows, mask: pl.Series) -> CleanRows:
    """The table with only the rows for which the mask is true."""
    if mask.all():
        return table
    columns = tuple(
        replace(
            column,
            values=column.values.filter(mask),
            raw=replace(column.raw, text=column.raw.text.filter(mask), stored=column.raw.stored.filter(mask)),
        )
        for column in table.columns
    )
    return CleanRows(columns, table.rows.filter(mask))


def _text(columns: Sequence[CleanColumn]) -> pl.DataFrame:
    return pl.DataFrame([column.raw.text.alias(str(index)) for index, column in enumerate(columns)])


def _blank(columns: Sequence[CleanColumn]) -> pl.Series:
    return _text(columns).select(pl.all_horizontal(pl.all().is_null())).to_series()


def _headers_again(columns: Sequence[CleanColumn], sources: Sequence[str]) -> pl.Series:
    text = _text(columns)
    same = [pl.col(str(index)).str.to_lowercase() == name.lower() for index, name in enumerate(sources)]
    if len(same) < 2:
        return pl.Series([False]).new_from_index(0, text.height)
    return text.select(pl.all_horizontal(same).fill_null(False)).to_series()


def _column_numbers(columns: Sequence[CleanColumn]) -> pl.Series:
    """The first row, where it counts the columns: 1, 2, 3 or (1), (2), (3), as printed tables do."""
    height = len(columns[0].values)
    first = [column.raw.text[0] or "" for column in columns] if height else []
    counts = [str(number) for number in range(1, len(columns) + 1)]
    is_count = len(first) > _FEWEST_COLUMNS - 1 and [cell.strip("()[].") for cell in first] == counts
    return pl.Series([is_count] + [False] * (height - 1)) if height else pl.Series([], dtype=pl.Boolean)


def _lonely_words(columns: Sequence[CleanColumn], other: pl.Series) -> pl.Series:
    """Rows with nothing but a cell of words, or of words below the last date, where nearly every row has its date.

    Args:
        columns: the columns.
        other: rows that are no data for another reason.
    """
    text = _text(columns)
    nothing = pl.Series([False]).new_from_index(0, text.height)
    dates = [column.values for column in columns if column.kind == "date"]
    if text.width < _FEWEST_COLUMNS or not dates or not dates[0].null_count():
        return nothing
    filled = text.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int32))).to_series()
    typed = [column.values.is_not_null().alias(str(i)) for i, column in enumerate(columns) if column.kind != "text"]
    values = pl.DataFrame(typed).select(pl.any_horizontal(pl.all())).to_series()
    dated = dates[0].is_not_null()
    below = pl.Series(range(text.height)) >= text.height - int(dated.reverse().arg_max() or 0)
    lonely = ((filled == 1) | below) & ~values & ~other
    records = ~(lonely | other)
    enough = int(records.sum()) >= max(_FEWEST_RECORDS, _RECORDS_A_LINE * int(lonely.sum()))
    return lonely if enough and int(dated.sum()) >= _DATED_SHARE * int(records.sum()) else nothing


def _any(masks: Iterable[pl.Series]) -> pl.Series:
    return pl.DataFrame([mask.alias(str(i)) for i, mask in enumerate(masks)]).select(pl.any_horizontal(pl.all()))[:, 0]


def _notes_below(columns: Sequence[CleanColumn]) -> pl.Series:
    """Lonely cells of words after a blank row at the end of the table."""
    text = _text(columns)
    nothing = pl.Series([False]).new_from_index(0, text.height)
    typed = [column.values.is_not_null().alias(str(i)) for i, column in enumerate(columns) if column.kind != "text"]
    if text.width < _FEWEST_COLUMNS or not typed:
        return nothing
    filled = text.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int32))).to_series()
    is_data = (filled > 1) | pl.DataFrame(typed).select(pl.any_horizontal(pl.all())).to_series()
    after_data = text.height - int(is_data.reverse().arg_max() or 0)
    separated = after_data < text.height and filled[after_data] == 0
    if not is_data.any() or not separated or text.height - after_data > _MOST_NOTES:
        return nothing
    return (pl.Series(range(text.height)) >= after_data) & (filled == 1)


def _repeats(frame: pl.DataFrame, setting: Setting) -> tuple[pl.DataFrame, CleaningReport]:
    repeats = _count_repeats(frame)
    if not repeats:
        return frame, CleaningReport()
    question = Question(
        key=setting.key("", "repeated rows"),
        text=f"Another row is repeated exactly by {counted(repeats, 'row')} of {setting.place}. Such rows may be real "
        "sales: keep them?",
        options=(KEEP, REMOVE),
        chosen=KEEP,
    )
    answer, report = ask(question, setting, settled="rows that are exactly like another")
    if answer == KEEP:
        return frame, report
    repair = Repair("removed repeated rows, as you said", repeats, setting.place)
    return frame.unique(maintain_order=True), replace(report, repairs=(repair,))


def _count_repeats(frame: pl.DataFrame) -> int:
    """How many rows are exactly like an earlier one."""
    # Sorted hashes need a tenth of the memory; only where one comes again are the rows themselves compared.
    hashes = frame.hash_rows()
    ordered = hashes.sort()
    again = ordered.filter(ordered == ordered.shift(1)).unique()
    if again.is_empty():
        return 0
    alike = frame.filter(hashes.is_in(again.implode()))
    return alike.height - alike.n_unique()
