"""From bytes to grids of cells: the only module that meets the spreadsheet libraries."""

import csv
import io
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import polars as pl

from engine.errors import DataProblem, UnreadableFile
from engine.ingest.sniff import PACKAGE_ERRORS, Decoded, FileKind, locked

MEGABYTE = 1_000_000
_WIDE_COLUMNS = 702
"""Columns A to ZZ."""
_FORMAT_ROWS = 12
_CHEAP_STRINGS = 20 * MEGABYTE
"""A workbook with more text than this is not opened a second time for its number formats."""

_MOST_LINES = 100
"""A last cell with more lines than this was opened by a quotation mark that nobody closed."""

_BLANKS = " \t\n\r\x0b\x0c\x00\x1a\u00a0\u2007\u202f\ufeff"
_DAMAGED = "Open it in your spreadsheet program, save it again, and choose the new file."


@dataclass(frozen=True)
class Limits:
    """What may be read at most, so that one file cannot stop everybody's work.

    Attributes:
        max_bytes: size of the file.
        max_rows: rows of one sheet.
        max_cells: cells of one sheet, blank ones included.
        max_unpacked: bytes of a workbook once unpacked.
        max_ratio: how many times larger a workbook may become when it is unpacked.
    """

    max_bytes: int = 100 * MEGABYTE
    max_rows: int = 2_000_000
    max_cells: int = 60_000_000
    max_unpacked: int = 2_000 * MEGABYTE
    max_ratio: float = 250.0


@dataclass(frozen=True)
class Grid:
    """One sheet as it stands, nothing interpreted.

    Attributes:
        name: the sheet's name.
        text: the cells as text, outer blanks removed, blank cells null; frame row 0 is spreadsheet row 1.
            Numbers are plain ("1234.5"), dates are ISO ("2025-05-03 00:00:00").
        numbers: the cells that the file itself stores as numbers, at full precision, in the shape of `text`;
            None for text files, which store none.
        notes: what the reader had to do, for the owner.
    """

    name: str
    text: pl.DataFrame
    numbers: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()


def guard(content: bytes, limits: Limits) -> None:
    """Refuse a file that is too large, or that would become too large when unpacked.

    Raises:
        UnreadableFile: naming the size and the limit.
    """
    if len(content) > limits.max_bytes:
        raise UnreadableFile(
            f"The file has {_size(len(content))}, and at most {_size(limits.max_bytes)} can be read",
            remedy="Remove sheets or years that you do not need, or save it as .csv.",
        )
    if not content.startswith(b"PK\x03\x04"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            unpacked = sum(member.file_size for member in package.infolist())
    except PACKAGE_ERRORS:
        return  # sniff says what is wrong with it
    ratio = unpacked / max(1, len(content))
    if unpacked > limits.max_unpacked or (ratio > limits.max_ratio and unpacked > MEGABYTE):
        raise UnreadableFile(
            f"The workbook would grow from {_size(len(content))} to {_size(unpacked)} when unpacked",
            remedy="Delete unused rows and sheets, save it again, or export the table as .csv.",
        )


def read_text(decoded: Decoded, delimiter: str, name: str, limits: Limits) -> Grid:
    """The one table of a delimited text file.

    Rows may differ in length; quoted cells may hold delimiters and line breaks.

    Raises:
        DataProblem: it has more rows or cells than the limits allow.
    """
    text = re.sub(r'^"?sep=.?"?\n', "\n", decoded.text, count=1, flags=re.IGNORECASE).rstrip("\n")
    frame, notes = _split(text, delimiter or "\x1f", name, limits)
    return Grid(name, _tidy(frame), notes=notes)


def read_workbook(content: bytes, kind: FileKind, limits: Limits) -> list[Grid]:
    """Every visible sheet that holds a cell, in the workbook's order.

    Raises:
        UnreadableFile: neither reader can open it, or it asks for a password.
        DataProblem: a sheet has more rows or cells than the limits allow.
    """
    first_reader_dares = kind is not FileKind.XLSX or not _has_far_corner(content, limits)
    problem = ""
    if first_reader_dares:
        try:
            return _read_fast(content, limits)
        except _fast_errors() as error:
            problem = str(error)
    if "assword" in problem:
        raise locked()
    if kind is not FileKind.XLSX:
        raise UnreadableFile("The workbook cannot be opened: it seems damaged", remedy=_DAMAGED)
    return _read_patiently(content, limits)


def number_formats(content: bytes, sheet: str, *, header_row: int) -> dict[int, str]:
    """The number format of the first filled cell below the headers, per column (from 0); empty where unknown.

    A workbook may name its currency nowhere else. Only the first rows are read.
    """
    try:
        if _member_size(content, "xl/sharedStrings.xml") > _CHEAP_STRINGS:
            return {}
        book = _open_patiently(content)
        rows = book[sheet].iter_rows(min_row=header_row + 1, max_row=header_row + _FORMAT_ROWS)
        found: dict[int, str] = {}
        for row in rows:
            for index, cell in enumerate(row):
                if cell.value is not None and cell.data_type == "n":
                    found.setdefault(index, cell.number_format)
    except _openpyxl_errors():
        return {}
    return found


def _split(text: str, delimiter: str, name: str, limits: Limits) -> tuple[pl.DataFrame, tuple[str, ...]]:
    if '"' not in text:
        return _split_plainly(text, delimiter, name, limits), ()
    # A blank after the delimiter hides an opening quote from a strict reader: `0, "6,000"`.
    loose = delimiter != "\t" and re.search(re.escape(delimiter) + ' +"', text) is not None
    try:
        rows = list(csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, skipinitialspace=loose))
        swallowed = any(cell.count("\n") > _MOST_LINES for cell in rows[-1])
    except csv.Error:
        swallowed = True
    if swallowed:
        note = "a quotation mark is never closed, so quotation marks were read as ordinary characters"
        return _split_plainly(text, delimiter, name, limits), (note,)
    _refuse_oversize(name, len(rows), max(map(len, rows)), limits)
    columns = enumerate(itertools.zip_longest(*rows))
    return pl.DataFrame([pl.Series(str(index), values, dtype=pl.String) for index, values in columns]), ()


def _split_plainly(text: str, delimiter: str, name: str, limits: Limits) -> pl.DataFrame:
    lines = pl.Series(text.split("\n"))
    width = int(lines.str.count_matches(delimiter, literal=True).max() or 0) + 1  # type: ignore[arg-type]
    _refuse_oversize(name, len(lines), width, limits)
    if width == 1:
        return pl.DataFrame({"0": lines})
    return _numbered(lines.str.split_exact(delimiter, width - 1).struct.unnest())


def _read_fast(content: bytes, limits: Limits) -> list[Grid]:
    import fastexcel

    book = fastexcel.read_excel(content)
    grids = []
    for index, name in enumerate(book.sheet_names):
        sheet = book.load_sheet(index, header_row=None, skip_rows=0, dtypes="string")
        if sheet.visible != "visible" or not sheet.width:
            continue
        _refuse_oversize(f"sheet {name}", sheet.height, sheet.width, limits)
        text = _numbered(sheet.to_polars())
        numbers = book.load_sheet(index, header_row=None, skip_rows=0, dtypes="float").to_polars()
        stored = _only_stored_numbers(book, index, text, _numbered(numbers))
        grids.append(Grid(name, _tidy(text), stored))
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
    as_dates = _numbered(sheet.to_polars())
    return _only_where(
        numbers, {name: ~text[name].str.contains(lookalike) | as_dates[name].is_not_null() for name in doubtful}
    )


def _only_where(frame: pl.DataFrame, masks: dict[str, pl.Series]) -> pl.DataFrame:
    """The frame with null wherever a column's mask is not true."""
    return frame.with_columns(pl.when(mask).then(frame[name]).alias(name) for name, mask in masks.items())


def _read_patiently(content: bytes, limits: Limits) -> list[Grid]:
    """By the second reader, which opens workbooks that the first cannot, and skips blank expanses."""
    grids = []
    try:
        book = _open_patiently(content)
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()
            rows = list(_filled(sheet.iter_rows(values_only=True), sheet.title, limits))
            if any(rows):
                grids.append(_grid_of_values(sheet.title, rows))
    except _openpyxl_errors() as error:
        raise UnreadableFile("The workbook cannot be opened: it seems damaged", remedy=_DAMAGED) from error
    return grids


def _open_patiently(content: bytes) -> Any:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # What the library cannot keep when it saves (styles, validations) is nothing to a reader.
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True)


def _filled(rows: Iterable[Sequence[Any]], sheet: str, limits: Limits) -> Iterator[tuple[Any, ...]]:
    """Rows without their blank end; blank rows are held back until a filled one follows."""
    waiting = count = width = 0
    for row in rows:
        end = next((i for i in range(len(row), 0, -1) if row[i - 1] not in (None, "")), 0)
        if not end:
            waiting += 1
            continue
        count, width = count + waiting + 1, max(width, end)
        _refuse_oversize(f"sheet {sheet}", count, width, limits)
        yield from itertools.repeat((), waiting)
        waiting = 0
        yield tuple(row[:end])


def _grid_of_values(name: str, rows: Sequence[tuple[Any, ...]]) -> Grid:
    columns = list(itertools.zip_longest(*rows))
    text = [pl.Series(str(i), [_as_text(cell) for cell in cells], dtype=pl.String) for i, cells in enumerate(columns)]
    numbers = [
        pl.Series(str(i), [_as_number(cell) for cell in cells], dtype=pl.Float64) for i, cells in enumerate(columns)
    ]
    note = "opened with the second reader, because the first one could not"
    return Grid(name, _tidy(pl.DataFrame(text)), pl.DataFrame(numbers), notes=(note,))


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


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename({name: str(index) for index, name in enumerate(frame.columns)})


def _tidy(text: pl.DataFrame) -> pl.DataFrame:
    return text.with_columns(pl.all().cast(pl.String).str.strip_chars(_BLANKS).replace("", None))


def _refuse_oversize(place: str, rows: int, columns: int, limits: Limits) -> None:
    if rows > limits.max_rows or rows * columns > limits.max_cells:
        raise DataProblem(
            f"The table has {rows:,} rows and {columns:,} columns, and at most {limits.max_rows:,} rows "
            f"and {limits.max_cells:,} cells can be read",
            where=place,
            remedy="Keep the years that you need, delete unused rows and columns, and choose the file again.",
        )


def _has_far_corner(content: bytes, limits: Limits) -> bool:
    """True when a stray cell far to the right and below would make a dense reader hold too many cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                continue
            try:
                sheet = package.read(name)
            except PACKAGE_ERRORS:
                return True
            rows = re.findall(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"', sheet[sheet.rfind(b"row ") - 20 :])
            beyond = re.search(rb'<(?:\w+:)?c r="[A-Z]{3}\d', sheet) is not None
            if beyond and rows and int(rows[-1]) * _WIDE_COLUMNS > limits.max_cells:
                return True
    return False


def _member_size(content: bytes, member: str) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.getinfo(member).file_size if member in package.namelist() else 0


def _size(count: int) -> str:
    for unit, size in (("GB", 1_000 * MEGABYTE), ("MB", MEGABYTE), ("kB", 1_000)):
        if count >= size:
            return f"{count / size:,.1f} {unit}".replace(".0 ", " ")
    return f"{count} bytes"


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
