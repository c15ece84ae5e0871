"""What lies in an .xlsx package beside its cells: hidden rows and columns, merged ranges, formulas, dangers.

Only the bytes are searched; no XML of a stranger is ever expanded.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
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
