"""From the bytes of a workbook to grids of cells: the only module that meets the spreadsheet libraries."""

import io
import itertools
import subprocess
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import polars as pl

from engine.errors import UnreadableFile
from engine.ingest.details import (
    member_size,
    old_workbook_details,
    refuse_entities,
    refuse_many_sheets,
    scan_workbook,
)
from engine.ingest.grid import (
    MEGABYTE,
    WIDE_COLUMNS,
    ReadingLimits,
    SheetGrid,
    numbered,
    refuse_oversize,
    refuse_wide,
    tidy,
    without_expanse,
)
from engine.ingest.opendocument import opendocument_details, refuse_repeats
from engine.ingest.sniff import PACKAGE_ERRORS, FileKind, locked

_FORMAT_ROWS = 12
_KEPT_WHOLE = {
    20 * MEGABYTE: ("xl/sharedStrings.xml",),
    4 * MEGABYTE: ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"),
}
"""How large the parts may be together that the second reader keeps as a whole, at a second for a megabyte of some."""

_DAMAGED = "Open it in your spreadsheet program, save it again, and choose the new file."

_Filled = tuple[tuple[int, Any], ...]
"""The filled cells of a row, each with its place."""

_PROBE_BYTES, _PROBE_SECONDS = 1_200 * MEGABYTE, 8
"""Memory, the interpreter's own included, and CPU seconds in which a small workbook must open."""

_SIGNS_OF_PANIC = (b"memory allocation of", b"panicked at")
_PROBE = """
import sys
memory, seconds = map(int, sys.argv[1:])
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
except ImportError:
    pass
import fastexcel
book = fastexcel.read_excel(sys.stdin.buffer.read())
for index in range(len(book.sheet_names)):
    book.load_sheet(index, header_row=None, skip_rows=0, n_rows=1, dtypes="string")
"""


def read_workbook(content: bytes, kind: FileKind, limits: ReadingLimits) -> list[SheetGrid]:
    """Every visible sheet that holds a cell, in the workbook's order.

    Args:
        kind: what they are.
        limits: how large it may be, and how long reading may take.

    Raises:
        UnreadableFile: neither reader can open it, it asks for a password, or it is made to do harm.
        DataProblem: a sheet has more rows or cells than the limits allow.
    """
    if kind is not FileKind.XLS:
        refuse_entities(content)
    if kind is FileKind.XLSX:
        return _read_xlsx(content, limits)
    if kind is FileKind.ODS:
        refuse_repeats(content)
    if not _survives(content, seconds=limits.max_seconds):
        raise UnreadableFile("The workbook cannot be opened: it seems damaged", remedy=_DAMAGED)
    beside = {FileKind.ODS: opendocument_details, FileKind.XLS: old_workbook_details}.get(kind)
    details = beside(content) if beside else {}
    try:
        return [replace(grid, details=details.get(grid.name, grid.details)) for grid in _read_fast(content, limits)]
    except _fast_errors() as error:
        _refuse_locked(error)
        raise UnreadableFile("The workbook cannot be opened: it seems damaged", remedy=_DAMAGED) from error


def _read_xlsx(content: bytes, limits: ReadingLimits) -> list[SheetGrid]:
    scanned = scan_workbook(content)
    grids: list[SheetGrid] | None = None
    if not scanned.sparse:
        try:
            grids = _read_fast(content, limits)
        except _fast_errors() as error:
            _refuse_locked(error)
    if grids is None:
        grids = _read_patiently(content, limits)
    return [replace(grid, details=scanned.details.get(grid.name, grid.details)) for grid in grids]


def _refuse_locked(error: Exception) -> None:
    if "assword" in str(error):
        raise locked()


def number_formats(content: bytes, sheet: str, *, header_row: int) -> dict[int, str]:
    """The number format of the first filled cell below the headers, per column (from 0); empty where unknown.

    A workbook may name its currency nowhere else. Only the first rows are read.

    Args:
        content: the bytes of an xlsx file.
        sheet: the sheet's name.
        header_row: its row, from 1; 0 when there is none.
    """
    try:
        if not _is_openable(content):
            return {}
        book = _open_patiently(content)
        rows = book[sheet].iter_rows(min_row=header_row + 1, max_row=header_row + _FORMAT_ROWS)
        formats: dict[int, str] = {}
        for row in rows:
            for index, cell in enumerate(row):
                if cell.value is not None and cell.data_type == "n":
                    formats.setdefault(index, cell.number_format)
    except _openpyxl_errors():
        return {}
    return formats


def _read_fast(content: bytes, limits: ReadingLimits) -> list[SheetGrid]:
    try:
        return _read_sheets(content, limits)
    except BaseException as error:
        # The library stops at some damaged files with a panic, which is no Exception and has no class to import.
        if type(error).__name__ == "PanicException":
            raise ValueError("the first reader gave up") from error
        raise


def _read_sheets(content: bytes, limits: ReadingLimits) -> list[SheetGrid]:
    import fastexcel

    book = fastexcel.read_excel(content)
    refuse_many_sheets(book.sheet_names)
    grids = []
    for index, name in enumerate(book.sheet_names):
        sheet = book.load_sheet(index, header_row=None, skip_rows=0, dtypes="string")
        if sheet.visible != "visible" or not sheet.width:
            continue
        refuse_oversize(f"sheet {name}", sheet.height, sheet.width, limits)
        text = without_expanse(numbered(sheet.to_polars()), f"sheet {name}", limits)
        numbers = book.load_sheet(index, header_row=None, skip_rows=0, dtypes="float").to_polars()
        stored = _only_stored_numbers(book, index, text, numbered(numbers).select(text.columns))
        grids.append(SheetGrid(name, tidy(text), stored))
    return grids


def _only_stored_numbers(book: Any, index: int, text: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """`numbers` without the cells that hold text or a truth value.

    The reader turns the text "1.234" into 1.234 although its writer may have meant 1234; read as dates, text cells
    stay blank while stored numbers do not.
    """
    lookalike = r"^[-+]?\d{1,3}\.\d{3}$"
    doubtful = [name for name in text.columns if text[name].str.contains(lookalike).any()]
    numbers = _only_where(numbers, {name: ~text[name].is_in(["true", "false"]) for name in text.columns})
    if not doubtful:
        return numbers
    sheet = book.load_sheet(index, header_row=None, skip_rows=0, dtypes="datetime")
    as_dates = numbered(sheet.to_polars())
    return _only_where(
        numbers, {name: ~text[name].str.contains(lookalike) | as_dates[name].is_not_null() for name in doubtful}
    )


def _only_where(frame: pl.DataFrame, masks: dict[str, pl.Series]) -> pl.DataFrame:
    """The frame with null wherever a column's mask is not true."""
    return frame.with_columns(pl.when(mask).then(frame[name]).alias(name) for name, mask in masks.items())


def _read_patiently(content: bytes, limits: ReadingLimits) -> list[SheetGrid]:
    """By the second reader, which opens workbooks that the first cannot, and skips blank expanses."""
    grids = []
    if not _is_openable(content):
        raise UnreadableFile("The workbook cannot be opened: it seems damaged", remedy=_DAMAGED)
    try:
        book = _open_patiently(content)
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()
            rows = list(_filled_cells(sheet.iter_rows(values_only=True), sheet.title, limits))
            if any(rows):
                grids.append(_grid_of_values(sheet.title, rows, limits))
    except _openpyxl_errors() as error:
        raise UnreadableFile("The workbook cannot be opened: it seems damaged", remedy=_DAMAGED) from error
    return grids


def _is_openable(content: bytes) -> bool:
    """True unless the second reader would take long before it comes to the first cell."""
    return all(member_size(content, *parts) <= most for most, parts in _KEPT_WHOLE.items())


def _open_patiently(content: bytes) -> Any:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # What the library cannot keep when it saves (styles, validations) is nothing to a reader.
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True)


def _filled_cells(rows: Iterable[Sequence[Any]], sheet: str, limits: ReadingLimits) -> Iterator[_Filled]:
    """The filled cells of each row; blank rows are held back until a filled one follows."""
    waiting = count = width = 0
    for row in rows:
        filled = tuple((place, cell) for place, cell in enumerate(row) if cell not in (None, ""))
        if not filled:
            waiting += 1
            continue
        count, width = count + waiting + 1, max(width, filled[-1][0] + 1)
        refuse_oversize(f"sheet {sheet}", count, width, limits)
        yield from itertools.repeat((), waiting)
        waiting = 0
        yield filled


def _grid_of_values(name: str, rows: Sequence[_Filled], limits: ReadingLimits) -> SheetGrid:
    filled = {column for row in rows for column, _ in row}
    width = max(filled) + 1
    refuse_wide(f"sheet {name}", len(filled), limits)
    # The blank columns of a very wide sheet are left out; see `without_expanse`.
    places: dict[int, list[int]] = {
        column: [] for column in (range(width) if width <= WIDE_COLUMNS else sorted(filled))
    }
    cells: dict[int, list[Any]] = {column: [] for column in places}
    for number, row in enumerate(rows):
        for column, cell in row:
            places[column].append(number)
            cells[column].append(cell)
    text, numbers = (
        pl.DataFrame([_scatter(str(i), [read(cell) for cell in cells[i]], places[i], len(rows), kind) for i in places])
        for read, kind in ((_as_text, pl.String()), (_as_number, pl.Float64()))
    )
    note = "opened with the second reader, because the first one could not"
    whole = without_expanse(tidy(text), f"sheet {name}", limits)
    return SheetGrid(name, whole, numbers.select(whole.columns), notes=(note,))


def _scatter(name: str, values: list[Any], places: list[int], height: int, kind: pl.DataType) -> pl.Series:
    """A column with these values in these places and blanks elsewhere."""
    blank = pl.Series(name, [None], dtype=kind).new_from_index(0, height)
    return blank.scatter(places, pl.Series(values, dtype=kind)) if places else blank


def _as_text(cell: Any) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return f"{cell.isoformat()} 00:00:00"
    if isinstance(cell, time):
        return f"1899-12-31 {cell.isoformat()}"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _as_number(cell: Any) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None


def _fast_errors() -> tuple[type[Exception], ...]:
    import fastexcel

    return (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError, OverflowError)


def _openpyxl_errors() -> tuple[type[Exception], ...]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from openpyxl.utils.exceptions import InvalidFileException

    # A damaged part surfaces from inside the library as whatever its parser stumbled over.
    return (
        *PACKAGE_ERRORS,
        InvalidFileException,
        DefusedXmlException,
        ParseError,
        LookupError,
        TypeError,
        AttributeError,
    )


def _survives(content: bytes, *, seconds: float) -> bool:
    """True unless opening the workbook ends its process, takes longer than so many seconds, or makes the library panic.

    A damaged workbook can ask for more memory than there is, and the library then ends the whole process: so it is
    opened in a process of its own first. An ordinary error is no danger: the reader meets it again and tells the owner.
    """
    memory, cpu = _PROBE_BYTES + 20 * len(content), _PROBE_SECONDS + len(content) // MEGABYTE
    probe = [sys.executable, "-I", "-c", _PROBE, str(memory), str(cpu)]
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and our own code; the file comes in as data
            probe, input=content, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode >= 0 and not any(sign in done.stderr for sign in _SIGNS_OF_PANIC)
