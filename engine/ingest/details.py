"""What lies in a workbook beside its cells: hidden rows and columns, merged ranges, formulas, dangers.

Only bytes and records are searched; no XML of a stranger is ever expanded, and nothing of a file is run.
Source of the records of an .xls workbook: Microsoft, [MS-XLS].
"""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from posixpath import basename, dirname, join, normpath

from engine.errors import UnreadableFile
from engine.ingest.grid import WIDE_COLUMNS, Details
from engine.ingest.package import Package
from engine.ingest.sheet_scan import SAVE_AGAIN, SheetScan, refuse_long_texts, scan
from engine.ingest.sniff import PACKAGE_ERRORS

MOST_SHEETS = 500
"""A sheet for each day of a year is less."""

LONGEST_NAME = 1_000
"""Spreadsheet programs allow 31 letters."""

_HEAD = 8_000
_SHARED_TEXTS = "xl/sharedStrings.xml"
_SINCE_1904 = re.compile(r'\bdate1904="(?:1|true)"')
_LINK, _SHEET = re.compile(r"<(?:\w{1,20}:)?Relationship\b[^<>]*"), re.compile(r"<(?:\w{1,20}:)?sheet\b[^<>]*")

_SHEET_RECORD, _ROW_RECORD, _COLUMNS_RECORD, _END_RECORD = 0x0085, 0x0208, 0x007D, 0x000A
_ROW_HIDDEN, _COLUMNS_HIDDEN = 0x20, 0x01
_MOST_RECORDS = 5_000_000


@dataclass(frozen=True)
class WorkbookScan:
    """What an .xlsx workbook says beside its cells.

    Attributes:
        details: of each sheet, by its name; empty where it cannot be told.
        sparse: the few cells of a sheet lie so far apart that a dense reader would hold mostly blanks.
    """

    details: dict[str, Details]
    sparse: bool


def refuse_entities(content: bytes) -> None:
    """Refuse a package whose XML declares entities.

    Raises:
        UnreadableFile: it does.
    """
    try:
        package = Package(content)
        for name in package.names:
            head = package.head(name)[:_HEAD].replace(b"\x00", b"") if name.endswith((".xml", ".rels")) else b""
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise UnreadableFile(
                    "The workbook declares XML entities, which no spreadsheet needs", remedy=SAVE_AGAIN
                )
    except PACKAGE_ERRORS:
        return  # the reader says what is damaged


def scan_workbook(content: bytes) -> WorkbookScan:
    """Look through the sheets of an .xlsx workbook.

    Raises:
        UnreadableFile: its cells stand for more than any spreadsheet holds, or it has too many sheets.
    """
    try:
        package = Package(content)
        scans, damaged = _scans(package)
        refuse_long_texts(package, scans, _as_stored(package, _SHARED_TEXTS))
        blank = [scanned.is_mostly_blank() for scanned in scans.values()]
        return WorkbookScan(_details(package, scans), sparse=damaged or any(blank))
    except (*PACKAGE_ERRORS, KeyError):
        return WorkbookScan({}, sparse=False)


def member_size(content: bytes, *members: str) -> int:
    """Bytes of these parts of the package once unpacked; a part that is missing or damaged has none."""
    size = 0
    try:
        package = Package(content)
        for member in members:
            size += sum(map(len, package.chunks(member))) if member in package.names else 0
    except PACKAGE_ERRORS:
        return size
    return size


def refuse_many_sheets(names: list[str]) -> None:
    """Refuse a workbook with more sheets, or with longer names of sheets, than anybody makes.

    Raises:
        UnreadableFile: it has.
    """
    if len(names) > MOST_SHEETS:
        raise UnreadableFile(
            f"The workbook has {len(names):,} sheets, and at most {MOST_SHEETS:,} can be read",
            remedy="Keep the sheets that you need, or put their rows on one sheet, and choose the file again.",
        )
    longest = max(map(len, names), default=0)
    if longest > LONGEST_NAME:
        raise UnreadableFile(f"The name of a sheet has {longest:,} letters, which cannot be", remedy=SAVE_AGAIN)


def _scans(package: Package) -> tuple[dict[str, SheetScan], bool]:
    """What each part with a sheet in it holds, and whether one is damaged."""
    scans, damaged = {}, False
    for name in sorted(package.names):
        try:
            if name.lower().startswith("xl/worksheets/") or b"sheetData" in package.head(name):
                scans[name] = scan(package, name)
        except PACKAGE_ERRORS:
            damaged = True
    return scans, damaged


def _as_stored(package: Package, part: str) -> str:
    """The name under which a part is stored; readers do not mind its case."""
    return next((name for name in package.names if name.lower() == part.lower()), part)


def _details(package: Package, scans: dict[str, SheetScan]) -> dict[str, Details]:
    try:
        book = package.read("xl/workbook.xml").decode("utf-8", errors="replace")
        since_1904 = _SINCE_1904.search(book) is not None
        parts = _sheet_parts(package, book)
    except (*PACKAGE_ERRORS, KeyError):
        return {}
    refuse_many_sheets(list(parts))
    return {
        name: scans[part].details(pivot=_has_pivot(package, part), since_1904=since_1904)
        for name, part in parts.items()
        if part in scans
    }


def _sheet_parts(package: Package, book: str) -> dict[str, str]:
    """The part of each sheet, by the sheet's name; `book` is the text of the workbook's own part."""
    links = package.read("xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
    targets = {}
    for link in _LINK.findall(links):
        target = _attribute(link, "Target")
        targets[_attribute(link, "Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    parts = {}
    for sheet in _SHEET.findall(book):
        name = _attribute(sheet, "name")
        readable = unescape(name) if len(name) <= LONGEST_NAME else name
        parts[readable] = targets.get(_attribute(sheet, r"\w{1,20}:id"), "")
    return parts


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\s{name}="([^"]*)"', tag)
    return match[1] if match else ""


def _has_pivot(package: Package, part: str) -> bool:
    links = normpath(join(dirname(part), "_rels", basename(part) + ".rels"))
    return links in package.names and b"pivotTable" in package.read(links)


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
    columns: set[int] = set()
    for kind, place, length in _records(stream, start):
        if kind == _ROW_RECORD and length >= 14 and stream[place + 12] & _ROW_HIDDEN:
            rows.append(struct.unpack_from("<H", stream, place)[0])
        elif kind == _COLUMNS_RECORD and length >= 10 and stream[place + 8] & _COLUMNS_HIDDEN:
            first, last = struct.unpack_from("<HH", stream, place)
            columns.update(range(first, min(last + 1, WIDE_COLUMNS)))
    return Details(tuple(sorted(rows)), tuple(sorted(columns)))
