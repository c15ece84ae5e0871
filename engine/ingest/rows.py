"""Rows that are not data (blank lines, totals, notes, headers that come again), and rows that deserve a look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from engine.dataset import CleaningReport, Column, ColumnRole, Question, Repair
from engine.ingest.columns import CleanColumn
from engine.ingest.report import Setting, ask
from engine.ingest.totals import named_totals

KEEP, REMOVE = "keep them", "remove the repeats"
_MOST_NOTES = 30
"""Rows below a table that are taken for notes at most."""

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
    kept = CleanRows(tuple(columns), pl.Series("row", range(first_row, first_row + height), dtype=pl.Int64))
    repairs, warnings = [], []
    for what, mask in (
        ("removed blank rows", _blank(columns)),
        ("removed headers that come again", _headers_again(columns, sources)),
        ("removed notes below the table", _notes_below(columns)),
    ):
        if mask.any():
            repairs.append(
                Repair(f"{what}, the first in row {first_row + (mask.arg_max() or 0)}", int(mask.sum()), place)
            )
    kept = keep_rows(kept, ~(_blank(columns) | _headers_again(columns, sources) | _notes_below(columns)))
    totals, doubtful = named_totals(kept.columns)
    if totals:
        listed = ", ".join(str(kept.rows[index]) for index in totals[:5]) + (", …" if len(totals) > 5 else "")
        repairs.append(Repair(f"removed rows of totals: row {listed}", len(totals), place))
    warnings += [
        f"Row {kept.rows[index]} of {place} is called a total but does not add up, so it was kept."
        for index in doubtful
    ]
    mask = pl.Series(range(len(kept.rows))).is_in(totals)
    return keep_rows(kept, ~mask), CleaningReport(repairs=tuple(repairs), warnings=tuple(warnings))


def look_at_rows(
    frame: pl.DataFrame, columns: Sequence[Column], setting: Setting
) -> tuple[pl.DataFrame, CleaningReport]:
    """Ask about rows that repeat, and say when dates are out of order or come more than once."""
    roles = {column.role: column.name for column in columns}
    day = roles.get(ColumnRole.DATE)
    if day is None:
        return frame, CleaningReport()
    frame, report = _repeats(frame, setting)
    lines, warnings = list(report.read_as), []
    days = frame[day].drop_nulls()
    if not days.is_sorted() and not days.is_sorted(descending=True):
        lines.append(f"{setting.place}: the dates in {day} are not in order; every row was kept")
    again = len(days) - days.n_unique()
    if again and not any(role in roles for role in _ONE_SERIES_ONLY):
        first = days.filter(days.is_duplicated())[0]
        warnings.append(
            f"{again} rows of {setting.place} have a date that was there before, the first {first:%-d %B %Y}; "
            "rows of one date are added up."
        )
    undated = frame[day].null_count()
    if undated:
        warnings.append(f"{undated} rows of {setting.place} have no date and take no part in anything over time.")
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
    same = [pl.col(str(index)) == name for index, name in enumerate(sources)]
    if len(same) < 2:
        return pl.Series([False]).new_from_index(0, text.height)
    return text.select(pl.all_horizontal(same).fill_null(False)).to_series()


def _notes_below(columns: Sequence[CleanColumn]) -> pl.Series:
    """Lonely cells of words after a blank row at the end of the table."""
    text = _text(columns)
    nothing = pl.Series([False]).new_from_index(0, text.height)
    typed = [column.values.is_not_null().alias(str(i)) for i, column in enumerate(columns) if column.kind != "text"]
    if text.width < 3 or not typed:
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
        text=f"{repeats} rows of {setting.place} repeat another row exactly. They may be real sales: keep them?",
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
