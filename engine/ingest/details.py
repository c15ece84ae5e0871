"""What lies in a workbook beside its cells: hidden rows and columns, merged ranges, formulas, dangers.

Only bytes and records are searched; no XML of a stranger is ever expanded, and nothing of a file is run.
Source of the records of an .xls workbook: Microsoft, [MS-XLS].
"""

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from posixpath import basename, dirname, join, normpath

from engine.errors import UnreadableFile
from engine.ingest.grid import MEGABYTE, WIDE_COLUMNS, Details, Merge
from engine.ingest.sniff import PACKAGE_ERRORS

_MOST_ROWS, _NEAR_ROWS = 1_048_576, 99_999
_DENSE_CELLS = 5_000_000
"""Cells that a dense reader may hold whatever is in them."""

_BYTES_A_CELL = 4
"""A filled cell takes more bytes of XML than this."""

_FAR_CELL = re.compile(rb'r="(?:[A-Z]{2,3}\d|[A-Z]?\d{6})')
_FAR_COLUMN = re.compile(rb'r="([A-Z]{2,3})\d')
_FAR_ROW = re.compile(rb'r="[A-Z]{0,3}(\d{6,})"')
_SAVE_AGAIN = "Open it in your spreadsheet program, save it again, and choose the new file."
_LARGEST_SEARCHED = 300 * MEGABYTE
_MOST_MERGES = 5_000
_HEAD = 4_000
_FEWEST_ZEROS = 3
_EMPTY_TEXT = re.compile(rb'\bt="str"[^>]*><f\b[^>]*>[^<]*</f><v(?:></v>| ?/>)')
"""A formula whose result is a text without letters; it was calculated."""

_SHARED_FORMULA, _SHARED_ZERO = re.compile(rb"<f\b[^>]*/>"), re.compile(rb"<f\b[^>]*/><v>0</v>")
_SINCE_1904 = re.compile(r'\bdate1904="(?:1|true)"')
_ROW_REPEATS = re.compile(
    rb'<table:table-row[^>]*number-rows-repeated="(\d{5,})"[^>]*>((?:(?!</table:table-row>).)*)', re.DOTALL
)
_ROW_TAG, _REPEATED = re.compile(rb"<table:table-row\b[^>]*>"), re.compile(rb'number-rows-repeated="(\d{1,7})"')
_INVISIBLE = re.compile(rb'table:visibility="(?:filter|collapse)"')
_CELL_REPEATS = re.compile(rb"<table:table-cell\b[^>]*>")

_SHEET_RECORD, _ROW_RECORD, _COLUMNS_RECORD, _END_RECORD = 0x0085, 0x0208, 0x007D, 0x000A
_ROW_HIDDEN, _COLUMNS_HIDDEN = 0x20, 0x01
_MOST_RECORDS = 5_000_000


def refuse_dangers(content: bytes) -> None:
    """Refuse a package whose XML declares entities or whose few cells stand for millions.

    Raises:
        UnreadableFile: it does.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for name in package.namelist():
                if not name.endswith((".xml", ".rels")):
                    continue
                with package.open(name) as part:
                    head = part.read(_HEAD).replace(b"\x00", b"")
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                    raise UnreadableFile(
                        "The workbook declares XML entities, which no spreadsheet needs", remedy=_SAVE_AGAIN
                    )
            if "content.xml" in package.namelist() and _multiplies(package.read("content.xml")):
                raise UnreadableFile(
                    "A few cells of the workbook stand for millions of filled ones", remedy=_SAVE_AGAIN
                )
    except PACKAGE_ERRORS:
        return  # the reader says what is damaged


def sheet_details(content: bytes) -> dict[str, Details]:
    """What the package says about each sheet, by the sheet's name; empty where it cannot be told."""
    details_by_sheet = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            book = package.read("xl/workbook.xml").decode("utf-8", errors="replace")
            since_1904 = _SINCE_1904.search(book) is not None
            for name, part in _sheet_parts(package, book).items():
                if package.getinfo(part).file_size <= _LARGEST_SEARCHED:
                    details = _details(package.read(part), _has_pivot(package, part))
                    details_by_sheet[name] = replace(details, since_1904=since_1904)
    except (*PACKAGE_ERRORS, KeyError):
        return {}
    return details_by_sheet


def opendocument_details(content: bytes) -> dict[str, Details]:
    """The hidden rows of each sheet of an OpenDocument workbook, by the sheet's name; empty where none are."""
    details_by_sheet = {}
    for name, sheet in _opendocument_sheets(content):
        hidden: list[int] = []
        row = 0
        for tag in _ROW_TAG.findall(sheet) if b"table:visibility=" in sheet else ():
            repeats = _REPEATED.search(tag)
            count = int(repeats[1]) if repeats else 1
            if _INVISIBLE.search(tag):
                hidden += range(row, min(row + count, _MOST_ROWS))
            row += count
        if hidden:
            details_by_sheet[name] = Details(tuple(hidden))
    return details_by_sheet


def opendocument_currencies(content: bytes) -> set[str]:
    """The codes of the currencies in which the cells of an OpenDocument workbook are formatted."""
    sheets = (sheet for _, sheet in _opendocument_sheets(content))
    return {code.decode() for sheet in sheets for code in set(re.findall(rb'office:currency="([A-Z]{3})"', sheet))}


def _opendocument_sheets(content: bytes) -> Iterator[tuple[str, bytes]]:
    from html import unescape

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            body = package.read("content.xml")
    except (*PACKAGE_ERRORS, KeyError):
        return
    for tag, sheet in re.findall(rb"(<table:table\b[^>]*>)(.*?)</table:table>", body, re.DOTALL):
        yield unescape(_attribute(tag.decode("utf-8", errors="replace"), "table:name")), sheet


def is_sparse(content: bytes) -> bool:
    """True when a sheet's few cells lie so far apart that a dense reader would hold mostly blanks.

    Raises:
        UnreadableFile: a row has a number that no spreadsheet program gives.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                continue
            try:
                sheet = package.read(name)
            except PACKAGE_ERRORS:
                return True
            if _is_mostly_blank(sheet):
                return True
    return False


def member_size(content: bytes, member: str) -> int:
    """Bytes of one part of the package once unpacked; 0 when there is none."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.getinfo(member).file_size if member in package.namelist() else 0


def _is_mostly_blank(sheet: bytes) -> bool:
    if not _FAR_CELL.search(sheet):
        return False
    height = max((int(row) for row in _FAR_ROW.findall(sheet)), default=_NEAR_ROWS)
    if height > _MOST_ROWS:
        raise UnreadableFile(f"A row of the workbook has the number {height:,}, which cannot be", remedy=_SAVE_AGAIN)
    width = 26
    if _FAR_COLUMN.search(sheet):
        width = max(_place(letters.decode()) for letters in set(_FAR_COLUMN.findall(sheet))) + 1
    return height * width > _DENSE_CELLS and height * width * _BYTES_A_CELL > len(sheet)


def _multiplies(sheet: bytes) -> bool:
    for count, row in _ROW_REPEATS.findall(sheet):
        if b"office:value" in row and int(count) > 10_000:
            return True
    for cell in _CELL_REPEATS.findall(sheet):
        repeats = re.search(rb'number-columns-repeated="(\d+)"', cell)
        if repeats and int(repeats[1]) > 1_000 and b"office:value" in cell:
            return True
    return False


def _sheet_parts(package: zipfile.ZipFile, book: str) -> dict[str, str]:
    """The part of each sheet, by the sheet's name; `book` is the text of the workbook's own part."""
    from html import unescape

    links = package.read("xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
    targets = {}
    for link in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", links):
        target = _attribute(link, "Target")
        targets[_attribute(link, "Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    sheets = re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book)
    parts = {unescape(_attribute(sheet, "name")): targets.get(_attribute(sheet, r"\w+:id"), "") for sheet in sheets}
    present = set(package.namelist())
    return {name: part for name, part in parts.items() if part in present}


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\s{name}="([^"]*)"', tag)
    return match[1] if match else ""


def _has_pivot(package: zipfile.ZipFile, part: str) -> bool:
    links = join(dirname(part), "_rels", basename(part) + ".rels")
    return normpath(links) in package.namelist() and b"pivotTable" in package.read(normpath(links))


def _details(sheet: bytes, pivot: bool) -> Details:
    start, end = sheet.find(b"sheetData"), sheet.rfind(b"sheetData")
    hidden_rows = []
    if b"hidden=" in sheet[start:end]:
        for row in re.findall(rb'<(?:\w+:)?row\b[^>]*\bhidden="(?:1|true)"[^>]*>', sheet):
            number = re.search(rb'\br="(\d+)"', row)
            hidden_rows += [int(number[1]) - 1] if number else []
    hidden_columns: list[int] = []
    for column in re.findall(rb'<(?:\w+:)?col\b[^>]*\bhidden="(?:1|true)"[^>]*>', sheet[:start]):
        first, last = re.search(rb'\bmin="(\d+)"', column), re.search(rb'\bmax="(\d+)"', column)
        if first and last:
            hidden_columns += range(int(first[1]) - 1, min(int(last[1]), WIDE_COLUMNS))
    refs = re.findall(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]+\d+:[A-Z]+\d+)"', sheet[end:])
    merges = tuple(_merge(ref.decode()) for ref in refs[:_MOST_MERGES])
    return Details(
        tuple(hidden_rows),
        tuple(hidden_columns),
        merges,
        uncalculated=_count_uncalculated(sheet),
        zeros=_all_zero(sheet),
        pivot=pivot,
        tells_formulas=True,
    )


def _count_uncalculated(sheet: bytes) -> int:
    if b"<f" not in sheet:
        return 0
    endings = (b"</f></c>", b"</f><v></v>", b"</f><v/>", b"</f><v />")
    return sum(sheet.count(ending) for ending in endings) - len(_EMPTY_TEXT.findall(sheet))


def _all_zero(sheet: bytes) -> int:
    """How many formulas there are if 0 is the result of every one, as programs write that do not calculate; else 0."""
    if b"<f" not in sheet:
        return 0
    shared = len(_SHARED_FORMULA.findall(sheet))
    formulas = sheet.count(b"</f>") + shared
    zeros = sheet.count(b"</f><v>0</v>") + (len(_SHARED_ZERO.findall(sheet)) if shared else 0)
    return formulas if formulas == zeros and formulas >= _FEWEST_ZEROS else 0


def _merge(ref: str) -> Merge:
    left, top, right, bottom = re.fullmatch(r"([A-Z]+)(\d+):([A-Z]+)(\d+)", ref).groups()  # type: ignore[union-attr]
    return Merge(int(top) - 1, _place(left), int(bottom) - 1, _place(right))


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


@dataclass(frozen=True)
class _OldSheet:
    name: str
    start: int


def old_workbook_details(content: bytes) -> dict[str, Details]:
    """The hidden rows and columns of each sheet, by the sheet's name; empty where none are or nothing can be told."""
    try:
        stream = _workbook_stream(content)
        details_by_sheet = {sheet.name: _old_details(stream, sheet.start) for sheet in _old_sheets(stream)}
    except (OSError, struct.error, IndexError, ValueError, OverflowError):
        return {}
    return {name: details for name, details in details_by_sheet.items() if details != Details()}


def _workbook_stream(content: bytes) -> bytes:
    """The stream called Workbook, or Book in the oldest files; empty when there is none."""
    import olefile

    with olefile.OleFileIO(io.BytesIO(content)) as parts:
        name = next((name for name in ("Workbook", "Book") if parts.exists(name)), None)
        return bytes(parts.openstream(name).read()) if name else b""


def _records(stream: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """The kind, the place of the content and its length of each record, up to the end of the part."""
    for _ in range(_MOST_RECORDS):
        if place + 4 > len(stream):
            return
        kind, length = struct.unpack_from("<HH", stream, place)
        if kind == _END_RECORD:
            return
        yield kind, place + 4, length
        place += 4 + length


def _old_sheets(stream: bytes) -> Iterator[_OldSheet]:
    for kind, place, _ in _records(stream, 0):
        if kind == _SHEET_RECORD:
            start, _, _, letters, wide = struct.unpack_from("<IBBBB", stream, place)
            raw = stream[place + 8 : place + 8 + letters * (1 + (wide & 1))]
            yield _OldSheet(raw.decode("utf-16-le" if wide & 1 else "latin-1"), start)


def _old_details(stream: bytes, start: int) -> Details:
    rows: list[int] = []
    columns: list[int] = []
    for kind, place, length in _records(stream, start):
        if kind == _ROW_RECORD and length >= 14 and stream[place + 12] & _ROW_HIDDEN:
            rows.append(struct.unpack_from("<H", stream, place)[0])
        elif kind == _COLUMNS_RECORD and length >= 10 and stream[place + 8] & _COLUMNS_HIDDEN:
            first, last = struct.unpack_from("<HH", stream, place)
            columns += range(first, min(last + 1, WIDE_COLUMNS))
    return Details(tuple(sorted(rows)), tuple(columns))
