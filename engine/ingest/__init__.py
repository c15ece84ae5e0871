"""From the owner's file to clean tables, with a record of what was decided and changed.

    bytes -> sniff -> read -> header -> roles -> clean -> rows -> validate -> Dataset

`sniff` tells what the bytes are, `read` gives grids of cells, `header` finds the table in a grid, `roles` guesses what
its columns mean, `clean` gives them values, `rows` removes what is no data, `validate` says what stops us.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import polars as pl

from engine.dataset import Choices, CleaningReport, ColumnRole, Dataset, Repair, Table, header_fingerprint
from engine.ingest import amounts, validate
from engine.ingest.clean import CleanColumn, RawColumn, Setting, clean_columns, join, unreadable_cells
from engine.ingest.header import Body, find_body
from engine.ingest.read import Grid, Limits, guard, number_formats, read_text, read_workbook
from engine.ingest.roles import MONEY_ROLES, Candidate, Hint, assign, header_hint
from engine.ingest.rows import drop_other_rows, look_at_rows
from engine.ingest.sniff import FileKind, decode, ending_mismatch, find_delimiter, sniff

__all__ = ["Limits", "read_dataset"]

_DELIMITER_NAMES = {"\t": "tab", ";": "semicolon", "|": "vertical bar", ",": "comma", "": "nothing (one column)"}


@dataclass(frozen=True)
class _Source:
    """The grids of a file, and how it was opened."""

    kind: FileKind
    grids: tuple[Grid, ...]
    delimiter: str
    report: CleaningReport


@dataclass(frozen=True)
class _Found:
    """A table, and where on its sheet it was."""

    table: Table
    body: Body


def read_dataset(
    content: bytes, file_name: str, *, choices: Choices | None = None, limits: Limits | None = None
) -> Dataset:
    """Read every table of a spreadsheet or text file.

    Args:
        content: the file's bytes; they alone decide what kind of file it is.
        file_name: the name that the owner knows it by.
        choices: the roles and answers that the owner gave for files with these headers.
        limits: how large the file may be.

    Returns:
        The tables of all visible sheets. Same bytes and same choices, same dataset.

    Raises:
        UnreadableFile: it is empty, too large, locked, damaged, no spreadsheet, or has no table on any visible sheet.
        DataProblem: a table is too long, or most cells of a column that the owner chose cannot be read as its role.
    """
    choices, limits = choices or Choices(), limits or Limits()
    source = _open(content, file_name, limits)
    found: list[_Found] = []
    reports, reasons = [source.report], []
    for grid in source.grids:
        body = find_body(grid)
        reason = validate.why_no_table(body)
        if body is None or reason:
            reasons.append((grid.name, reason))
            continue
        table, report = _read_table(grid, body, source, choices)
        found.append(_Found(table, body))
        reports.append(report)
    if not found:
        validate.refuse_without_tables(reasons or [(file_name, validate.BLANK)])
    skipped = tuple(f"Sheet {name} was left out: {why}." for name, why in reasons if why != validate.BLANK)
    currency, money = _currency(found, source, content)
    tables = tuple(entry.table for entry in found)
    report = join(*reports, CleaningReport(warnings=skipped), money)
    return Dataset(file_name, _identity(content, tables, choices), tables, report, currency)


def _open(content: bytes, file_name: str, limits: Limits) -> _Source:
    guard(content, limits)
    kind = sniff(content)
    mismatch = ending_mismatch(kind, file_name)
    warnings = (mismatch,) if mismatch else ()
    if kind is not FileKind.TEXT:
        grids = tuple(read_workbook(content, kind, limits))
        return _Source(kind, grids, "", CleaningReport((f"read as {kind.value}",), warnings=warnings))
    decoded = decode(content)
    delimiter = find_delimiter(decoded.text)
    grid = read_text(decoded, delimiter, PurePath(file_name).stem or file_name, limits)
    read_as = (f"text in {decoded.encoding}, columns separated by {_DELIMITER_NAMES.get(delimiter, delimiter)}",)
    lost = decoded.text.count("\ufffd")
    repairs = (Repair("letters that could not be read", lost, file_name),) if lost else ()
    return _Source(kind, (grid,), delimiter, CleaningReport(read_as, repairs, warnings=warnings))


def _read_table(grid: Grid, body: Body, source: _Source, choices: Choices) -> tuple[Table, CleaningReport]:
    fingerprint = header_fingerprint(list(body.names))
    place = _place(grid.name, source)
    setting = Setting(place, fingerprint, choices.answers, body.first_row, comma_file=source.delimiter == ";")
    chosen = choices.roles.get(fingerprint, {})
    raw = [_raw_column(body, index, chosen.get(name)) for index, name in enumerate(body.names)]
    columns, decisions = clean_columns(raw, setting)
    headers = body.names if body.header_row else ()
    kept, removed = drop_other_rows(columns, first_row=body.first_row, place=place, sources=headers)
    lost = CleaningReport(repairs=unreadable_cells(kept.columns, kept.rows, place))
    meanings = assign([Candidate(c.raw.name, c.kind, c.values, c.raw.hint) for c in kept.columns])
    frame, looked = look_at_rows(_frame(kept.columns), meanings, setting)
    report = join(_found_at(grid, body, place), _located(decisions, place), removed, lost, looked)
    return Table(grid.name, frame, meanings, body.header_row), report


def _raw_column(body: Body, index: int, chosen: ColumnRole | None) -> RawColumn:
    name = body.names[index]
    text = body.text[str(index)].alias(name)
    blank = pl.Series(name, [None], dtype=pl.Float64).new_from_index(0, len(text))
    stored = blank if body.numbers is None else body.numbers[str(index)].alias(name)
    hint = Hint(chosen, 1.0, "chosen by you") if chosen is not None else header_hint(name)
    return RawColumn(name, text, stored, hint)


def _frame(columns: Sequence[CleanColumn]) -> pl.DataFrame:
    return pl.DataFrame([column.values.alias(column.raw.name) for column in columns])


def _found_at(grid: Grid, body: Body, place: str) -> CleaningReport:
    where = f"headers in row {body.header_row}" if body.header_row else "no headers, so the columns are numbered"
    lines = [f"{place}: {where}, {body.text.height:,} rows below" if body.header_row else f"{place}: {where}"]
    if body.title:
        lines.append(f'{place}: above the table it says "{" ".join(body.title.split())[:120]}"')
    if body.renamed:
        lines.append(f"{place}: headers that were blank or repeated are now {', '.join(body.renamed)}")
    return CleaningReport((*lines, *(f"{place}: {note}" for note in grid.notes)))


def _located(report: CleaningReport, place: str) -> CleaningReport:
    return replace(report, read_as=tuple(f"{place}: {line}" for line in report.read_as))


def _place(name: str, source: _Source) -> str:
    return name if source.kind is FileKind.TEXT else f"sheet {name}"


def _currency(entries: Sequence[_Found], source: _Source, content: bytes) -> tuple[str, CleaningReport]:
    """The ISO code of the one currency that the file names in headers, cells or number formats."""
    found: set[str] = set()
    for entry in entries:
        found |= _named_currencies(entry.table, entry.body)
        if not found and source.kind is FileKind.XLSX:
            found |= _formatted_currencies(entry.table, entry.body, content)
    if len(found) > 1:
        line = f"The file names several currencies ({', '.join(sorted(found))}); amounts were not converted."
        return "", CleaningReport(warnings=(line,))
    currency = next(iter(found), "")
    return currency, CleaningReport((f"amounts in {currency}",) if currency else ())


def _named_currencies(table: Table, body: Body) -> set[str]:
    money = {column.name for column in table.columns if column.role in MONEY_ROLES or column.kind == "number"}
    texts: list[str] = []
    for index, column in enumerate(table.columns):
        cells = body.text[str(index)].drop_nulls()
        if column.name in money:
            texts += [column.name, *cells.head(200).unique()]
        elif cells.n_unique() <= 5 and len(cells) and cells.is_in(amounts.CODES).all():
            texts += cells.unique().to_list()
    return amounts.currencies(texts)


def _formatted_currencies(table: Table, body: Body, content: bytes) -> set[str]:
    money = [index for index, column in enumerate(table.columns) if column.role in MONEY_ROLES]
    if not money:
        return set()
    formats = number_formats(content, table.name, header_row=body.header_row)
    return amounts.currencies(formats.get(body.positions[index], "") for index in money)


def _identity(content: bytes, tables: Sequence[Table], choices: Choices) -> str:
    """Hash of the bytes and of those choices that are about this file's headers."""
    prints = {table.fingerprint for table in tables}
    roles = {
        key: {name: role.value for name, role in roles.items()} for key, roles in choices.roles.items() if key in prints
    }
    answers = {key: answer for key, answer in choices.answers.items() if key.split("/", 1)[0] in prints}
    canonical = json.dumps({"answers": answers, "roles": roles}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(content + b"\x00" + canonical.encode()).hexdigest()
