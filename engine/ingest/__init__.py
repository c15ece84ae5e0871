"""From the owner's file to clean tables, with a record of what was decided and changed.

    bytes -> sniff -> read | text -> sheets -> header -> table -> Dataset -> verdict

`sniff` tells what the bytes are, `read` and `text` give grids of cells, `details` what a workbook says beside them,
`sheets` tells tables apart, `header` finds the table in a grid, `table` gives its columns values and meaning, and
`verdict` tells what the file is good for and what stops us. Within `table`: `clean` types the columns, `totals` finds
rows that add others up, `derived_columns` completes keys, dates and amounts, `wide` turns periods across into rows,
`open_questions` asks about what may be meant otherwise, `roles` says what each column means.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath

from engine.dataset import Choices, CleaningReport, Dataset, Question, Repair, Table
from engine.ingest.amounts import CODES, currencies
from engine.ingest.columns import Setting, ask, join
from engine.ingest.grid import Clock, ReadingLimits, SheetGrid, guard
from engine.ingest.header import Body, find_body
from engine.ingest.meaning.concepts import MONEY_ROLES
from engine.ingest.opendocument import opendocument_currencies
from engine.ingest.order_lines import dated_by_orders
from engine.ingest.read import number_formats, read_workbook
from engine.ingest.sheets import join_sheets, parts_of, without_pivots
from engine.ingest.sniff import FileKind, ending_mismatch, sniff
from engine.ingest.table import Circumstances, read_table
from engine.ingest.text import open_text
from engine.ingest.verdict import BLANK, Readiness, refuse_without_tables, verdict, why_no_table

__all__ = ["Readiness", "ReadingLimits", "bundle", "bundle_name", "read_dataset", "read_files", "unbundle", "verdict"]

_DELIMITER_NAMES = {"\t": "tab", ";": "semicolon", "|": "vertical bar", ",": "comma", "": "nothing (one column)"}

_MARK = b"several spreadsheets of one business"
_NAMED = 2
"""So many files are named in full; of more, only the first."""


@dataclass(frozen=True)
class _Source:
    """The grids of a file, and how it was opened."""

    kind: FileKind
    grids: tuple[SheetGrid, ...]
    delimiter: str
    report: CleaningReport


def read_dataset(
    content: bytes,
    file_name: str,
    *,
    choices: Choices | None = None,
    limits: ReadingLimits | None = None,
    today: date | None = None,
) -> Dataset:
    """Read every table of a spreadsheet or text file.

    Args:
        content: the file's bytes; they alone decide what kind of file it is.
        file_name: the name that the owner knows it by.
        choices: the roles and answers that the owner gave for files with these headers.
        limits: how large the file may be, and how long reading may take.
        today: the day on which it is read; dates far beyond it are flagged. None: dates are not checked.

    Returns:
        The tables of all visible sheets. Same bytes and same choices, same dataset.

    Raises:
        UnreadableFile: it is empty, too large, locked, damaged, no spreadsheet, or has no table on any visible sheet.
        DataProblem: a table is too long, or most cells of a column that the owner chose cannot be read as its role.
    """
    choices, limits = choices or Choices(), limits or ReadingLimits()
    clock = Clock(limits, len(content))
    source = _open(content, file_name, limits)
    grids, report = _tell_apart(source, choices)
    entries: list[tuple[Table, Body]] = []
    reports, reasons = [source.report, report], []
    for grid in grids:
        clock.check(grid.name)
        body = find_body(grid)
        reason = why_no_table(body)
        if body is None or reason:
            reasons.append((grid.name, reason))
            continue
        around = Circumstances(
            _place(grid.name, source), PurePath(file_name).stem, choices, source.delimiter == ";", today
        )
        table, report = read_table(grid, body, around)
        entries.append((table, body))
        reports.append(report)
    if not entries:
        refuse_without_tables(reasons or [(file_name, BLANK)])
    skipped = tuple(f"Sheet {name} was left out: {why}." for name, why in reasons if why != BLANK)
    currency, money = currency_of(entries, content, source.kind)
    tables, joining = join_sheets([table for table, _ in entries], Setting("the file", "", choices.answers))
    tables, dating = dated_by_orders(tables)
    whole = join(*reports, CleaningReport(warnings=skipped), money, joining, dating)
    return Dataset(file_name, _identity(content, tables, choices, whole.questions), tuple(tables), whole, currency)


def read_files(
    files: Mapping[str, bytes],
    *,
    choices: Choices | None = None,
    limits: ReadingLimits | None = None,
    today: date | None = None,
) -> Dataset:
    """Read several files of one business, such as a month each, as one dataset.

    Tables with the same columns are put together, as the sheets of one workbook are.

    Args:
        files: the bytes of each file, by its name; at least one.
        choices, limits, today: as for `read_dataset`; the limits hold for each file.

    Raises:
        DataProblem: one of them cannot be read.
    """
    read = [read_dataset(files[name], name, choices=choices, limits=limits, today=today) for name in files]
    if len(read) == 1:
        return read[0]
    tables = [
        replace(table, name=PurePath(each.name).stem + (f" {table.name}" if len(each.tables) > 1 else ""))
        for each in read
        for table in each.tables
    ]
    answers = (choices or Choices()).answers
    joined, joining = join_sheets(tables, Setting("the files", "", answers))
    joined, dating = dated_by_orders(joined)
    currencies = {each.currency for each in read if each.currency}
    several = f"The files name several currencies ({', '.join(sorted(currencies))}); amounts were not converted."
    report = join(*(each.report for each in read), joining, dating)
    if len(currencies) > 1:
        report = join(report, CleaningReport(warnings=(several,)))
    answered = json.dumps(sorted(answers.items()))
    sha256 = hashlib.sha256("".join([*(each.sha256 for each in read), answered]).encode()).hexdigest()
    currency = currencies.pop() if len(currencies) == 1 else ""
    return Dataset(", ".join(files), sha256, tuple(joined), report, currency)


def _open(content: bytes, file_name: str, limits: ReadingLimits) -> _Source:
    guard(content, limits)
    kind = sniff(content)
    mismatch = ending_mismatch(kind, file_name)
    warnings = (mismatch,) if mismatch else ()
    if kind is not FileKind.TEXT:
        grids = tuple(read_workbook(content, kind, limits))
        return _Source(kind, grids, "", CleaningReport((f"read as {kind.value}",), warnings=warnings))
    text = open_text(content, PurePath(file_name).stem or file_name, limits)
    notes = (f"text in {text.encoding}, columns separated by {_DELIMITER_NAMES.get(text.delimiter, text.delimiter)}",)
    lost = text.unreadable
    repairs = (Repair("letters that could not be read", lost, file_name),) if lost else ()
    report = CleaningReport(notes, (*repairs, *text.repairs), warnings=warnings)
    return _Source(kind, (text.grid,), text.delimiter, report)


def _tell_apart(source: _Source, choices: Choices) -> tuple[list[SheetGrid], CleaningReport]:
    """Each table as a grid of its own, without the pivot tables that add up what other sheets hold."""
    grids, report, only_pivots = without_pivots(source.grids)
    parts = [part for grid in grids for part in parts_of(grid)]
    notes = tuple(part.note for part in parts if part.note)
    pivot_question = _ask_about_pivot(choices) if only_pivots else CleaningReport()
    return [part.grid for part in parts], join(report, CleaningReport(notes), pivot_question)


def _ask_about_pivot(choices: Choices) -> CleaningReport:
    question = Question(
        key="/pivot table",
        text="The file holds only a pivot table, which adds up data that is elsewhere: use it as it stands?",
        options=("yes, use it", "I will choose the file with the data"),
        chosen="yes, use it",
        essential=True,
    )
    return ask(question, Setting("the file", "", choices.answers), settled="the pivot table")[1]


def _place(name: str, source: _Source) -> str:
    return name if source.kind is FileKind.TEXT else f"sheet {name}"


def _identity(content: bytes, tables: Sequence[Table], choices: Choices, open_questions: Sequence[Question]) -> str:
    """Hash of the bytes, of those choices that are about this file's headers, and of what is taken for granted.

    The last differs where the day matters on which the file is read.
    """
    prints = {table.fingerprint for table in tables}
    roles = {
        key: {name: role.value for name, role in roles.items()} for key, roles in choices.roles.items() if key in prints
    }
    answers = {key: answer for key, answer in choices.answers.items() if key.split("/", 1)[0] in prints}
    granted = {question.key: question.chosen for question in open_questions}
    canonical = json.dumps({"answers": answers, "roles": roles, "granted": granted}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(content + b"\x00" + canonical.encode()).hexdigest()


def currency_of(entries: Sequence[tuple[Table, Body]], content: bytes, kind: FileKind) -> tuple[str, CleaningReport]:
    """The ISO code of the one currency that the file names, "" when it names none or several.

    Args:
        entries: each table, and where on its sheet it was.
        kind: what the file is; of some kinds the number formats can be read.
    """
    codes: set[str] = set()
    for table, body in entries:
        codes |= _named_currencies(table, body)
        if not codes and kind is FileKind.XLSX:
            codes |= _formatted_currencies(table, body, content)
    if not codes and kind is FileKind.ODS:
        codes = opendocument_currencies(content) & set(CODES)
    if len(codes) > 1:
        line = f"The file names several currencies ({', '.join(sorted(codes))}); amounts were not converted."
        return "", CleaningReport(warnings=(line,))
    currency = next(iter(codes), "")
    return currency, CleaningReport((f"amounts in {currency}",) if currency else ())


def _named_currencies(table: Table, body: Body) -> set[str]:
    kinds = {column.name: column for column in table.columns}
    texts: list[str] = []
    for index, name in enumerate(body.names):
        cells = body.text[str(index)].drop_nulls()
        column = kinds.get(name)
        if column is None or column.role in MONEY_ROLES or column.kind == "number":
            texts += [name, *cells.head(200).unique()]
        elif cells.n_unique() <= 5 and len(cells) and cells.is_in(CODES).all():
            texts += cells.unique().to_list()
    return currencies(texts)


def _formatted_currencies(table: Table, body: Body, content: bytes) -> set[str]:
    money = {column.name for column in table.columns if column.role in MONEY_ROLES}
    places = [body.positions[index] for index, name in enumerate(body.names) if name in money]
    if not places:
        return set()
    formats = number_formats(content, table.name, header_row=body.header_row)
    return currencies(formats.get(place, "") for place in places)


def bundle(files: Mapping[str, bytes]) -> bytes:
    """The files as one block of bytes; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        for name, content in files.items():
            package.writestr(zipfile.ZipInfo(PurePath(name).name), content)
        package.comment = _MARK
    return buffer.getvalue()


def unbundle(content: bytes) -> dict[str, bytes]:
    """The files in a bundle by name; empty when the bytes are none.

    Only what is stored as it stands counts, so that nothing can grow while it is unpacked.
    """
    if not content.endswith(_MARK):
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if sum(part.file_size for part in parts) > len(content):
                return {}
            return {part.filename: package.read(part) for part in parts if part.compress_type == zipfile.ZIP_STORED}
    except (zipfile.BadZipFile, OSError, ValueError):
        return {}


def bundle_name(files: Mapping[str, bytes]) -> str:
    """What the owner reads: every name, or the first and how many more."""
    names = list(files)
    return ", ".join(names) if len(names) <= _NAMED else f"{names[0]} and {len(names) - 1} more"
