"""From cells of text to columns of numbers, dates or text; each decision is made once for a whole column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from engine.dataset import CleaningReport, ColumnKind, Question, Repair
from engine.errors import DataProblem
from engine.ingest.amounts import BLANK_MARKS, NumberEvidence, looks_like_number, number_evidence, parse_numbers
from engine.ingest.dates import DateEvidence, DateReadings, date_evidence, read_dates
from engine.ingest.roles import KIND_OF_ROLE, Hint, is_identifier

_HINTED_SHARE = 0.5
"""A column whose header names a number or a date is one when at least this share of its filled cells is."""

_UNHINTED_SHARE = 0.95
_DATE_SHARE = 0.9
_SURE = 0.9
"""Confidence from which a header is believed even when the values look otherwise."""

DAY_FIRST, MONTH_FIRST = "the day comes first", "the month comes first"
THOUSANDS, DECIMALS = "thousands", "decimals"


@dataclass(frozen=True)
class RawColumn:
    """One column as it stands in the file.

    Attributes:
        name: the header.
        text: its cells as text, blank cells null.
        stored: the cells that the file stores as numbers; all null for text files.
        hint: the role that its header suggests, or that the owner chose (confidence 1).
    """

    name: str
    text: pl.Series
    stored: pl.Series
    hint: Hint | None = None

    @property
    def wanted(self) -> ColumnKind | None:
        """The kind of values that the hinted role takes."""
        return KIND_OF_ROLE.get(self.hint.role) if self.hint else None

    @property
    def chosen(self) -> bool:
        """True when the owner set the role."""
        return self.hint is not None and self.hint.confidence == 1

    @cached_property
    def content(self) -> pl.Series:
        """True for each filled cell that is not one of the marks for "nothing"."""
        return self.text.is_not_null() & ~self.text.str.to_lowercase().is_in(list(BLANK_MARKS)).fill_null(False)

    @cached_property
    def are_numbers(self) -> pl.Series:
        """True for each cell that is stored as a number, or shaped like one."""
        return self.stored.is_not_null() | looks_like_number(self.text).fill_null(False)

    @cached_property
    def readings(self) -> DateReadings:
        """The cells as dates, bare digits included where they are dates in this column."""
        return read_dates(self.text, bare_digits=self.digits_are_dates)

    @cached_property
    def digits_are_dates(self) -> bool:
        """True when the header says date, or when all cells are like 20250503."""
        if self.wanted is not None:
            return self.wanted == "date"
        cells = self.text.filter(self.content)
        if cells.is_empty() or not cells.str.contains(r"^(?:19[89]|20[0-4])\d{5}$").all():
            return False
        return bool(read_dates(cells, bare_digits=True).readable.all())

    def share(self, mask: pl.Series) -> float:
        """The share of the filled cells for which the mask is true."""
        filled = int(self.content.sum())
        return int((mask & self.content).sum()) / filled if filled else 0.0


@dataclass(frozen=True)
class Setting:
    """Where the columns stand, and what the owner answered about them.

    Attributes:
        place: the sheet or file, for messages.
        fingerprint: hash of the headers, the first part of each question's key.
        answers: the owner's answers by question key.
        first_row: the spreadsheet row of the first row of data.
        comma_file: True when the columns are separated by semicolons, as where people write decimal commas.
    """

    place: str
    fingerprint: str
    answers: Mapping[str, str]
    first_row: int = 2
    comma_file: bool = False

    def key(self, column: str, matter: str) -> str:
        """The stable name of a question."""
        return f"{self.fingerprint}/{column}/{matter}"

    def answer(self, key: str, options: Sequence[str]) -> str:
        """The owner's answer, or "" when there is none that fits."""
        given = self.answers.get(key, "")
        return given if given in options else ""


@dataclass(frozen=True)
class CleanColumn:
    """One column with typed values: pl.Date, pl.Float64 or pl.String, a cell per row of the file."""

    raw: RawColumn
    kind: ColumnKind
    values: pl.Series


@dataclass(frozen=True)
class _Found:
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
    found = [_find(column, setting) for column in columns]
    decimal = _commonest([evidence.numbers.decimal for evidence in found if evidence.numbers])
    first = _commonest([_order_name(evidence.dates.first) for evidence in found if evidence.dates])
    dated = any(evidence.kind == "date" for evidence in found)
    cleaned, reports = [], []
    for evidence in found:
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
    """A repair for each column in which cells were emptied because they could not be read.

    Args:
        columns: the columns with the rows that are kept.
        rows: the spreadsheet row of each.
        place: the sheet or file.
    """
    repairs = []
    for column in columns:
        if column.kind == "text":
            continue
        text = column.raw.text
        marks = text.is_not_null() & ~column.raw.content
        lost = column.raw.content & column.values.is_null()
        where = f"{place}, column {column.raw.name}"
        if lost.any():
            first = lost.arg_max() or 0
            what = f'emptied cells that are no {column.kind}, the first in row {rows[first]}: "{_short(text[first])}"'
            repairs.append(Repair(what, int(lost.sum()), where))
        if marks.any():
            repairs.append(Repair(f'read "{text.filter(marks)[0]}" as blank', int(marks.sum()), where))
    return tuple(repairs)


def join(*reports: CleaningReport) -> CleaningReport:
    """Several reports as one."""
    return CleaningReport(
        read_as=tuple(line for report in reports for line in report.read_as),
        repairs=tuple(repair for report in reports for repair in report.repairs),
        questions=tuple(question for report in reports for question in report.questions),
        warnings=tuple(line for report in reports for line in report.warnings),
    )


def ask(question: Question, setting: Setting, *, settled: str) -> tuple[str, CleaningReport]:
    """The option in use: the owner's answer, or the question's own choice together with the question itself."""
    answer = setting.answer(question.key, question.options)
    if answer:
        return answer, CleaningReport(read_as=(f"{settled}: {answer}, as you said",))
    return question.chosen, CleaningReport(questions=(question,))


def _find(column: RawColumn, setting: Setting) -> _Found:
    kind = _kind(column, setting)
    if kind == "number":
        return _Found(column, kind, numbers=number_evidence(_written(column)))
    if kind == "date":
        return _Found(column, kind, dates=date_evidence(column.readings))
    return _Found(column, kind)


def _kind(column: RawColumn, setting: Setting) -> ColumnKind:
    if not column.content.any():
        return column.wanted or "text"
    if column.chosen and column.wanted:
        return _forced_kind(column, column.wanted, setting)
    if column.wanted == "date" and column.share(column.readings.readable) >= _HINTED_SHARE:
        return "date"
    if column.wanted == "number" and column.share(column.are_numbers) >= _HINTED_SHARE:
        return "number"
    natural = _natural_kind(column)
    sure = column.hint is not None and column.hint.confidence >= _SURE
    return "text" if column.wanted == "text" and (sure or natural == "text") else natural


def _forced_kind(column: RawColumn, kind: ColumnKind, setting: Setting) -> ColumnKind:
    if kind == "text":
        return kind
    readable = _readable_as(column, kind)
    if column.share(readable) < _HINTED_SHARE:
        bad = _first_row(column.content & ~readable)
        role = column.hint.role.value if column.hint else ""
        raise DataProblem(
            f'Most cells of "{column.name}" are no {kind}s, the first of them "{_short(column.text[bad])}"',
            where=f"{setting.place}, row {setting.first_row + bad}",
            remedy=f"Choose another column for the {role}, or correct these cells in the file.",
        )
    return kind


def _natural_kind(column: RawColumn) -> ColumnKind:
    """What the cells are when no header helps."""
    numbers = column.share(column.are_numbers) >= _UNHINTED_SHARE
    cells = column.text.filter(column.content)
    # "22.01.2014" has the shape of a number with two marks in it.
    three_parts = cells.str.contains(r"\d\D+\d+\D+\d").any()
    maybe_dates = not numbers or three_parts or column.digits_are_dates
    if maybe_dates and column.share(column.readings.readable) >= _DATE_SHARE:
        return "date"
    if not numbers:
        return "text"
    whole = not cells.str.contains(r"[.,]").any()
    long_codes = whole and bool((cells.str.len_chars() >= 9).mean() > 0.5)  # type: ignore[operator]
    named = whole and is_identifier(column.name)
    leading_zero = cells.str.contains(r"^0\d+$").any()
    return "text" if leading_zero or long_codes or named else "number"


def _clean_numbers(found: _Found, elsewhere: str, setting: Setting) -> tuple[CleanColumn, CleaningReport]:
    raw, evidence = found.raw, found.numbers
    assert evidence is not None
    decimal, report = _decimal_mark(raw, evidence, elsewhere, setting)
    written = parse_numbers(_written(raw), decimal)
    values = raw.stored.zip_with(raw.stored.is_not_null(), written).rename(raw.name)
    lines = list(report.read_as)
    if evidence.point or evidence.comma:
        lines.append(f"decimal {'comma' if decimal == ',' else 'point'} in {raw.name}")
    if evidence.percent:
        lines.append(f"per cent in {raw.name}: 12 % is read as 0.12")
    return CleanColumn(raw, "number", values), CleaningReport(tuple(lines), questions=report.questions)


def _decimal_mark(
    raw: RawColumn, evidence: NumberEvidence, elsewhere: str, setting: Setting
) -> tuple[str, CleaningReport]:
    if evidence.decimal:
        return evidence.decimal, CleaningReport()
    mark = "." if evidence.either_point >= evidence.either_comma else ","
    other = "," if mark == "." else "."
    if not evidence.either_point + evidence.either_comma:
        return elsewhere or ".", CleaningReport()
    if elsewhere:
        name = "comma" if elsewhere == "," else "point"
        return elsewhere, CleaningReport((f"decimal {name} in {raw.name}, as in the other columns",))
    likely = THOUSANDS if mark == "," or setting.comma_file else DECIMALS
    cells = _written(raw).drop_nulls()
    example = str(cells.filter(cells.str.contains(rf"\d\{mark}\d{{3}}"))[0])
    question = Question(
        key=setting.key(raw.name, "decimal mark"),
        text=f'In {raw.name}, what does the "{mark}" in "{example}" separate?',
        options=(THOUSANDS, DECIMALS),
        chosen=likely,
    )
    answer, report = ask(question, setting, settled=f'"{mark}" in {raw.name}')
    return (other if answer == THOUSANDS else mark), report


def _clean_dates(found: _Found, elsewhere: str, setting: Setting) -> tuple[CleanColumn, CleaningReport]:
    raw, evidence = found.raw, found.dates
    assert evidence is not None
    day_first, report = _date_order(raw, evidence, elsewhere, setting)
    values = raw.readings.day_first if day_first else raw.readings.month_first
    lines = list(report.read_as)
    if evidence.with_time:
        lines.append(f"time of day cut off in {raw.name}")
    if evidence.whole_periods:
        lines.append(f"months, quarters and weeks in {raw.name} stand for their first day")
    return CleanColumn(raw, "date", values), CleaningReport(tuple(lines), questions=report.questions)


def _date_order(
    raw: RawColumn, evidence: DateEvidence, elsewhere: str, setting: Setting
) -> tuple[bool, CleaningReport]:
    if evidence.first is not None:
        if not evidence.either + evidence.day_first + evidence.month_first:
            return evidence.first, CleaningReport()
        order = DAY_FIRST if evidence.first else MONTH_FIRST
        return evidence.first, CleaningReport((f"in {raw.name} {order}",))
    if not evidence.either:
        return elsewhere != MONTH_FIRST, CleaningReport()
    if elsewhere:
        return elsewhere == DAY_FIRST, CleaningReport((f"in {raw.name} {elsewhere}, as in the other columns",))
    question = Question(
        key=setting.key(raw.name, "date order"),
        text=f'In {raw.name}, "{_short(evidence.example)}" can be read in two ways: which part comes first?',
        options=(DAY_FIRST, MONTH_FIRST),
        chosen=MONTH_FIRST if raw.text.str.contains(r"(?i)\b[ap]m$").any() else DAY_FIRST,
    )
    answer, report = ask(question, setting, settled=raw.name)
    return answer == DAY_FIRST, report


def _doubts(raw: RawColumn, setting: Setting, *, dated: bool) -> CleaningReport:
    """Say why a column stays text although its header promises something else."""
    promised = raw.hint is not None and raw.hint.confidence >= _SURE and not is_identifier(raw.name)
    if raw.wanted is None or raw.wanted == "text" or not promised or not raw.content.any():
        return CleaningReport()
    if raw.wanted == "date" and dated:  # a weekday or a time beside the date
        return CleaningReport()
    bad = _first_row(raw.content & ~_readable_as(raw, raw.wanted))
    where = f'the first in row {setting.first_row + bad} of {setting.place}: "{_short(raw.text[bad])}"'
    return CleaningReport(
        warnings=(f"{raw.name} sounds like a {raw.wanted}, but most of its cells are none, {where}.",)
    )


def _readable_as(column: RawColumn, kind: ColumnKind) -> pl.Series:
    return column.readings.readable if kind == "date" else column.are_numbers


def _written(column: RawColumn) -> pl.Series:
    """The cells that hold text and not a stored number."""
    return pl.select(pl.when(column.stored.is_null()).then(column.text).alias(column.name)).to_series()


def _order_name(day_first: bool | None) -> str:
    return "" if day_first is None else DAY_FIRST if day_first else MONTH_FIRST


def _commonest(votes: Sequence[str]) -> str:
    given = [vote for vote in votes if vote]
    return max(sorted(set(given)), key=given.count, default="")


def _first_row(mask: pl.Series) -> int:
    return int(mask.arg_max() or 0)


def _short(cell: str | None, *, longest: int = 40) -> str:
    line = " ".join((cell or "").split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
