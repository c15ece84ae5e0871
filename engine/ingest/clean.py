"""From cells of text to columns of numbers, dates or text; each decision is made once for a whole column."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from engine.dataset import CleaningReport, ColumnKind, Repair
from engine.errors import DataProblem
from engine.ingest.amounts import NumberEvidence, number_evidence, parse_numbers, with_footnotes
from engine.ingest.columns import CleanColumn, RawColumn, Setting, join, named_rows, short
from engine.ingest.dates import (
    DateEvidence,
    DateReadings,
    date_evidence,
    day_and_month_exchanged,
    is_day_and_month,
    month_number,
    read_dates,
    year_to_the_front,
)
from engine.ingest.inferred_formats import (
    DAY_FIRST,
    MONTH_FIRST,
    as_text,
    ask_to_exchange,
    date_order,
    decimal_mark,
    unread_column,
    usual_mark,
    year_place,
)
from engine.ingest.meaning.names import is_identifier

_HINTED_SHARE = 0.5
"""A column whose header names a number or a date is one when at least this share of its filled cells is."""

_UNHINTED_SHARE = 0.95
_DATE_SHARE = 0.9
_MAYBE_VALUE = r"^\W*(?:\w{1,3}\W+)?\d"
_SURE = 0.9
"""Confidence from which a header is believed even when the values look otherwise."""


@dataclass(frozen=True)
class _Inspection:
    """What the cells of one column are, before the columns that cannot decide alone look at the others."""

    raw: RawColumn
    kind: ColumnKind
    numbers: NumberEvidence | None = None
    dates: DateEvidence | None = None


def clean_columns(columns: Sequence[RawColumn], setting: Setting) -> tuple[list[CleanColumn], CleaningReport]:
    """Give each column its kind and its values, and say what was decided.

    Raises:
        DataProblem: most cells of a column that the owner chose for a number or a date are neither.
    """
    inspections = [_inspect(column, setting) for column in columns]
    decimal = usual_mark([evidence.numbers for evidence in inspections if evidence.numbers])
    first = _commonest([_order_name(evidence.dates.first) for evidence in inspections if evidence.dates])
    dated = any(evidence.kind == "date" for evidence in inspections)
    cleaned, reports = [], []
    for evidence in inspections:
        if evidence.kind == "number":
            column, report = _clean_numbers(evidence, decimal, setting)
        elif evidence.kind == "date":
            column, report = _clean_dates(evidence, first, setting)
        else:
            column, report = (
                CleanColumn(evidence.raw, "text", evidence.raw.text),
                _doubts(evidence.raw, setting, dated=dated),
            )
        cleaned.append(column)
        reports.append(report)
    return cleaned, join(*reports)


def unreadable_cells(columns: Sequence[CleanColumn], rows: pl.Series, place: str) -> tuple[Repair, ...]:
    """A repair for each column in which cells were emptied because they could not be read, or were marks for nothing.

    Args:
        columns: the columns with the rows that are kept.
        rows: the spreadsheet row of each.
        place: the sheet or file.
    """
    repairs = []
    for column in columns:
        text = column.raw.text
        if column.kind == "text" or column.values.null_count() == text.null_count():
            continue
        content = column.raw.spread(column.raw.cell_content).fill_null(False)
        marks = text.is_not_null() & ~content
        lost = content & column.values.is_null()
        where = f"{place}, column {column.raw.name}"
        if lost.any():
            first = lost.arg_max() or 0
            what = f'emptied cells that are no {column.kind}, the first in row {rows[first]}: "{short(text[first])}"'
            repairs.append(Repair(what, int(lost.sum()), where, named_rows(rows, lost)))
        if marks.any():
            what = f'read "{text.filter(marks)[0]}" as blank'
            repairs.append(Repair(what, int(marks.sum()), where, named_rows(rows, marks)))
    return tuple(repairs)


def _inspect(column: RawColumn, setting: Setting) -> _Inspection:
    kind = _kind(column, setting)
    if kind == "number":
        return _Inspection(column, kind, numbers=number_evidence(column.written["cell"], column.written["count"]))
    if kind == "date":
        return _Inspection(column, kind, dates=date_evidence(column.readings, column.cells["count"], column.spread))
    return _Inspection(column, kind)


def _kind(column: RawColumn, setting: Setting) -> ColumnKind:
    if not column.cell_content.any():
        return column.expected_kind or "text"
    if column.chosen and column.expected_kind:
        return _forced_kind(column, column.expected_kind, setting)
    if as_text(column, setting):
        return "text"
    if column.expected_kind == "date" and column.share(column.readings.readable) >= _HINTED_SHARE:
        return "date"
    if column.expected_kind == "number" and column.share(column.cell_numbers) >= _HINTED_SHARE:
        return "number"
    natural = _natural_kind(column)
    sure = column.hint is not None and column.hint.confidence >= _SURE
    return "text" if column.expected_kind == "text" and (sure or natural == "text") else natural


def _forced_kind(column: RawColumn, kind: ColumnKind, setting: Setting) -> ColumnKind:
    if kind == "text":
        return kind
    readable = _readable_as(column, kind)
    if column.share(readable) < _HINTED_SHARE:
        bad = column.first_row(column.cell_content & ~readable)
        role = column.hint.role.value if column.hint else ""
        raise DataProblem(
            f'Most cells of "{column.name}" are no {kind}s, the first of them "{short(column.text[bad])}"',
            where=f"{setting.place}, row {setting.first_row + bad}",
            remedy=f"Choose another column for the {role}, or correct these cells in the file.",
        )
    return kind


def _natural_kind(column: RawColumn) -> ColumnKind:
    """What the cells are when no header helps."""
    numbers = column.share(column.cell_numbers) >= _UNHINTED_SHARE
    cells = column.cells["cell"].filter(column.cell_content)
    # "22.01.2014" has the shape of a number with two marks in it.
    three_parts = cells.str.contains(r"\d\D+\d+\D+\d").any()
    maybe_dates = not numbers or three_parts or column.digits_are_dates
    if maybe_dates and column.share(column.readings.readable) >= _DATE_SHARE:
        return "date"
    if not numbers:
        return "text"
    whole = not cells.str.contains(r"[.,]").any()
    long_codes = whole and column.share(column.cells["cell"].str.len_chars() >= 9) > 0.5
    # "153.0001" is a code where each row has its own, all of one form, below a header of codes.
    one_form = cells.str.replace_all(r"\d", "0").n_unique() == 1 and cells.n_unique() == len(column.text.drop_nulls())
    named = is_identifier(column.name) and (whole or (one_form and cells.str.contains(r"\d[.,]\d{3,}$").all()))
    leading_zero = cells.str.contains(r"^0\d+$").any()
    return "text" if leading_zero or long_codes or named else "number"


def _clean_numbers(inspection: _Inspection, elsewhere: str, setting: Setting) -> tuple[CleanColumn, CleaningReport]:
    raw, evidence = inspection.raw, inspection.numbers
    assert evidence is not None
    if not raw.written.height:
        return CleanColumn(raw, "number", raw.stored.rename(raw.name)), CleaningReport()
    decimal, report = decimal_mark(raw, evidence, elsewhere, setting)
    written = raw.spread(parse_numbers(raw.cells["cell"], decimal))
    values = raw.stored.zip_with(raw.stored.is_not_null(), written).rename(raw.name)
    lines = list(report.read_as)
    if raw.unit:
        lines.append(f'the unit "{raw.unit}" in {raw.name} was left out')
    if evidence.point or evidence.comma:
        lines.append(f"decimal {'comma' if decimal == ',' else 'point'} in {raw.name}")
    if evidence.percent:
        lines.append(f"per cent in {raw.name}: 12 % is read as 0.12")
    if not raw.is_simple and (marked := with_footnotes(raw.written["cell"])).any():
        lines.append(f'footnote marks in {raw.name} were left out, as in "{raw.written["cell"].filter(marked)[0]}"')
    return CleanColumn(raw, "number", values), CleaningReport(tuple(lines), questions=report.questions)


def _clean_dates(inspection: _Inspection, elsewhere: str, setting: Setting) -> tuple[CleanColumn, CleaningReport]:
    raw, evidence = inspection.raw, inspection.dates
    assert evidence is not None
    if evidence.short_year:
        readings, report = _short_years(raw, evidence.short_year, setting)
        values = readings.day_first
    elif evidence.swapped:
        swap, report = ask_to_exchange(raw, evidence.swapped, setting)
        readings = read_dates(day_and_month_exchanged(raw.cells["cell"])) if swap else raw.readings
        values = readings.day_first if evidence.first is not False else readings.month_first
    else:
        day_first, report = date_order(raw, evidence, elsewhere, setting)
        values = raw.readings.day_first if day_first else raw.readings.month_first
    lines = list(report.read_as)
    if evidence.with_time:
        lines.append(f"time of day cut off in {raw.name}")
    if evidence.whole_periods:
        lines.append(f"months, quarters and weeks in {raw.name} stand for their first day")
    return CleanColumn(raw, "date", raw.spread(values)), CleaningReport(tuple(lines), questions=report.questions)


def _short_years(raw: RawColumn, example: str, setting: Setting) -> tuple[DateReadings, CleaningReport]:
    year_first, report = year_place(raw, example, setting)
    return (read_dates(year_to_the_front(raw.cells["cell"])) if year_first else raw.readings), report


def _doubts(raw: RawColumn, setting: Setting, *, dated: bool) -> CleaningReport:
    """Say why a column stays text although its header promises something else."""
    promised = raw.hint is not None and raw.hint.confidence >= _SURE and not is_identifier(raw.name)
    if raw.expected_kind is None or raw.expected_kind == "text" or not promised or not raw.cell_content.any():
        return CleaningReport()
    if raw.expected_kind == "date" and (dated or all(month_number(cell) for cell in raw.cells["cell"].head(50))):
        return CleaningReport()  # a weekday or a time beside the date, or a month beside its year
    if raw.expected_kind == "date" and is_day_and_month(raw.cells["cell"]):
        return CleaningReport()  # its year is looked for in the title
    bad = raw.first_row(raw.cell_content & ~_readable_as(raw, raw.expected_kind))
    where = f'the first in row {setting.first_row + bad} of {setting.place}: "{short(raw.text[bad])}"'
    sentence = f"{raw.name} sounds like a {raw.expected_kind}, but most of its cells are none, {where}."
    if raw.share(raw.cells["cell"].str.contains(_MAYBE_VALUE)) < _HINTED_SHARE:
        return CleaningReport(warnings=(sentence,))
    return unread_column(raw, sentence, setting)


def _readable_as(column: RawColumn, kind: ColumnKind) -> pl.Series:
    return column.readings.readable if kind == "date" else column.cell_numbers


def _order_name(day_first: bool | None) -> str:
    return "" if day_first is None else DAY_FIRST if day_first else MONTH_FIRST


def _commonest(votes: Sequence[str]) -> str:
    votes_cast = [vote for vote in votes if vote]
    return max(sorted(set(votes_cast)), key=votes_cast.count, default="")
