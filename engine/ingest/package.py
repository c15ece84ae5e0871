"""What lies in an .xlsx package beside its cells: hidden rows and columns, merged ranges, formulas, dangers.

Only the bytes are searched; no XML of a stranger is ever expanded.
"""

import io
import re
import zipfile
from posixpath import basename, dirname, join, normpath

from engine.errors import UnreadableFile
from engine.ingest.grid import MEGABYTE, WIDE_COLUMNS, Details, Limits, Merge
from engine.ingest.sniff import PACKAGE_ERRORS

_LARGEST_SEARCHED = 300 * MEGABYTE
_MOST_MERGES = 5_000
_HEAD = 4_000
_ROW_REPEATS = re.compile(
    rb'<table:table-row[^>]*number-rows-repeated="(\d{5,})"[^>]*>((?:(?!</table:table-row>).)*)', re.DOTALL
)
_CELL_REPEATS = re.compile(rb"<table:table-cell\b[^>]*>")


def refuse_dangers(content: bytes) -> None:
    """Refuse a package whose XML declares entities or whose few cells stand for millions.

    Raises:
        UnreadableFile: it does.
    """
    remedy = "Open it in your spreadsheet program, save it again, and choose the new file."
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for name in package.namelist():
                if not name.endswith((".xml", ".rels")):
                    continue
                with package.open(name) as part:
                    head = part.read(_HEAD).replace(b"\x00", b"")
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                    raise UnreadableFile(
                        "The workbook declares XML entities, which no spreadsheet needs", remedy=remedy
                    )
            if "content.xml" in package.namelist() and _multiplies(package.read("content.xml")):
                raise UnreadableFile("A few cells of the workbook stand for millions of filled ones", remedy=remedy)
    except PACKAGE_ERRORS:
        return  # the reader says what is damaged


def sheet_details(content: bytes) -> dict[str, Details]:
    """What the package says about each sheet, by the sheet's name; empty where it cannot be told."""
    found = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for name, part in _sheet_parts(package).items():
                if package.getinfo(part).file_size <= _LARGEST_SEARCHED:
                    found[name] = _details(package.read(part), _has_pivot(package, part))
    except (*PACKAGE_ERRORS, KeyError):
        return {}
    return found


def has_far_corner(content: bytes, limits: Limits) -> bool:
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
            if beyond and rows and int(rows[-1]) * WIDE_COLUMNS > limits.max_cells:
                return True
    return False


def member_size(content: bytes, member: str) -> int:
    """Bytes of one part of the package once unpacked; 0 when there is none."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.getinfo(member).file_size if member in package.namelist() else 0


def _multiplies(sheet: bytes) -> bool:
    for count, row in _ROW_REPEATS.findall(sheet):
        if b"office:value" in row and int(count) > 10_000:
            return True
    for cell in _CELL_REPEATS.findall(sheet):
        repeats = re.search(rb'number-columns-repeated="(\d+)"', cell)
        if repeats and int(repeats[1]) > 1_000 and b"office:value" in cell:
            return True
    return False


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    from html import unescape

    book = package.read("xl/workbook.xml").decode("utf-8", errors="replace")
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
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""


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
    return Details(tuple(hidden_rows), tuple(hidden_columns), merges, _uncalculated(sheet), pivot)


def _uncalculated(sheet: bytes) -> int:
    if b"<f" not in sheet:
        return 0
    endings = (b"</f></c>", b"</f><v></v>", b"</f><v/>", b"</f><v />")
    return sum(sheet.count(ending) for ending in endings)


def _merge(ref: str) -> Merge:
    left, top, right, bottom = re.fullmatch(r"([A-Z]+)(\d+):([A-Z]+)(\d+)", ref).groups()  # type: ignore[union-attr]
    return Merge(int(top) - 1, _place(left), int(bottom) - 1, _place(right))


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1
