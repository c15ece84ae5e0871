"""Rows that are not data (blank lines, totals, notes, headers that come again), and rows that deserve a look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import polars as pl

from engine.dataset import CleaningReport, Column, ColumnRole, Question, Repair
from engine.ingest.clean import CleanColumn, Setting, ask
from engine.ingest.dates import without_accents
from engine.ingest.words import TOTAL_WORDS

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
    kept = _keep(kept, ~(_blank(columns) | _headers_again(columns, sources) | _notes_below(columns)))
    totals, doubtful = _totals(kept.columns)
    if totals:
        listed = ", ".join(str(kept.rows[index]) for index in totals[:5]) + (", …" if len(totals) > 5 else "")
        repairs.append(Repair(f"removed rows of totals: row {listed}", len(totals), place))
    warnings += [
        f"Row {kept.rows[index]} of {place} is called a total but does not add up, so it was kept."
        for index in doubtful
    ]
    mask = pl.Series(range(len(kept.rows))).is_in(totals)
    return _keep(kept, ~mask), CleaningReport(repairs=tuple(repairs), warnings=tuple(warnings))


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


def _keep(table: CleanRows, mask: pl.Series) -> CleanRows:
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


def _totals(columns: Sequence[CleanColumn]) -> tuple[list[int], list[int]]:
    """Rows named as totals: those that add up (or have no date where all others have one), and those that do not."""
    named = [(index, exact) for index, exact in _named_totals(columns)]
    sums = [column.values.fill_null(0.0) for column in columns if column.kind == "number"]
    dates = [column.values for column in columns if column.kind == "date"]
    is_named = pl.Series(range(len(columns[0].values))).is_in([index for index, _ in named])
    running = [values.zip_with(~is_named, pl.Series([0.0]).new_from_index(0, len(values))).cum_sum() for values in sums]
    dated = bool(dates) and dates[0].null_count() <= len(named) < len(dates[0]) / 2
    totals, doubtful = [], []
    previous = -1
    for index, exact in named:
        starts = (-1, previous)
        adds_up = any(_adds_up(values, total, index, starts) for values, total in zip(sums, running, strict=True))
        if adds_up or (exact and dated and dates[0][index] is None):
            totals.append(index)
        elif exact:
            doubtful.append(index)
        previous = index
    return totals, doubtful


def _adds_up(values: pl.Series, running: pl.Series, index: int, starts: Sequence[int]) -> bool:
    """True when the row's value is the sum of the rows above it, from the top or from the total before."""
    value = values[index]
    sums = [running[index] - (running[start] if start >= 0 else 0.0) for start in starts]
    return value != 0 and any(abs(value - total) <= 0.01 + 1e-6 * abs(value) for total in sums)


def _named_totals(columns: Sequence[CleanColumn]) -> Iterator[tuple[int, bool]]:
    """Rows with a word for total in a column of words or dates, and whether that word is all that the cell says."""
    words = [column.raw.text.str.to_lowercase() for column in columns if column.kind != "number"]
    if not words:
        return
    first_words = r"^\W*(?:" + "|".join(sorted({phrase.split()[0] for phrase in _total_phrases()})) + r")\b"
    # Accents are rare in these words; they are taken off the few candidates only.
    rough = [
        cells.str.contains(r"^\W*[^\W\d_]").fill_null(False) & cells.str.contains(r"tot|sum|som|gesamt|razem|og|c?znie")
        for cells in words
    ]
    candidates = (
        pl.DataFrame([mask.alias(str(i)) for i, mask in enumerate(rough)])
        .select(pl.any_horizontal(pl.all()))
        .to_series()
    )
    for index in candidates.arg_true():
        cells = [_normal(column[index]) for column in words if column[index]]
        exact = any(cell in _total_phrases() for cell in cells)
        if exact or any(pl.Series([cell]).str.contains(first_words)[0] for cell in cells):
            yield index, exact


@cache
def _total_phrases() -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in TOTAL_WORDS.split(","))


def _normal(cell: str) -> str:
    return " ".join(without_accents(cell).replace("-", " ").strip(" :.*").split())


def _repeats(frame: pl.DataFrame, setting: Setting) -> tuple[pl.DataFrame, CleaningReport]:
    repeats = frame.height - frame.n_unique()
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
