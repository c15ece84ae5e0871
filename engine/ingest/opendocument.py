"""What an OpenDocument workbook says beside its cells, and what its few cells stand for, in one pass over its bytes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from engine.errors import UnreadableFile
from engine.ingest.details import LONGEST_NAME, refuse_many_sheets
from engine.ingest.grid import Details
from engine.ingest.package import Package
from engine.ingest.sheet_scan import BYTES_A_CELL, DENSE_CELLS, MOST_ROWS, MOST_TEXT, SAVE_AGAIN
from engine.ingest.sniff import PACKAGE_ERRORS

_MOST_SPACES = 1_000_000
_MOST_ALIKE, _MOST_ALIKE_ACROSS = 10_000, 1_000
"""How often nobody fills in the same row, or the same cell, one after the other."""

_TABLE = re.compile(rb"<table:table(?=[\s/>])[^<>]*|</table:table>")
_NAME = re.compile(rb'\stable:name="([^"]*)"')
_ROW_TAG = re.compile(rb"<table:table-row(?=[\s/>])[^<>]*")
_INVISIBLE = re.compile(rb'table:visibility="(?:filter|collapse)"')
_ROW_REPEATS, _CELL_REPEATS, _SPACES = (
    re.compile(rb"\b" + name + rb"""\s*=\s*["']\s*\+?([0-9]+)""")
    for name in (b"number-rows-repeated", b"number-columns-repeated", b"text:c")
)
_SIGNS_OF_CONTENT = (b"office:value", b"office:string-value", b"<text:p", b"table:formula", b"-value=")


@dataclass(frozen=True)
class _Row:
    """A row as it is written: how often it stands, and its bytes."""

    repeats: int
    cells: bytes

    @property
    def end_of_content(self) -> int:
        """Where the tag of the last filled cell ends; 0 in a blank row."""
        last = max(self.cells.rfind(sign) for sign in _SIGNS_OF_CONTENT)
        return 0 if last < 0 else max(last, self.cells.find(b">", last)) + 1


def refuse_repeats(content: bytes) -> None:
    """Refuse an OpenDocument workbook in which a few cells stand for millions.

    Raises:
        UnreadableFile: it is one, or it has too many sheets.
    """
    sheets = _sheets(content)
    refuse_many_sheets([name for name, _ in sheets])
    for name, sheet in sheets:
        spaces = sum(_number(count) for count in _SPACES.findall(sheet))
        if spaces > _MOST_SPACES or _multiplies(sheet):
            raise UnreadableFile(
                "A few cells of the workbook stand for millions of filled ones", where=name, remedy=SAVE_AGAIN
            )


def opendocument_details(content: bytes) -> dict[str, Details]:
    """The hidden rows of each sheet of an OpenDocument workbook, by the sheet's name; empty where none are."""
    details_by_sheet = {}
    for name, sheet in _sheets(content):
        hidden: list[int] = []
        row = 0
        for tag in _ROW_TAG.findall(sheet) if b"table:visibility=" in sheet else ():
            count = _repeats(_ROW_REPEATS, tag)
            if _INVISIBLE.search(tag):
                hidden += range(row, min(row + count, MOST_ROWS))
            row += count
        if hidden:
            details_by_sheet[name] = Details(tuple(hidden))
    return details_by_sheet


def opendocument_currencies(content: bytes) -> set[str]:
    """The codes of the currencies in which the cells of an OpenDocument workbook are formatted."""
    sheets = (sheet for _, sheet in _sheets(content))
    return {code.decode() for sheet in sheets for code in set(re.findall(rb'office:currency="([A-Z]{3})"', sheet))}


def _sheets(content: bytes) -> list[tuple[str, bytes]]:
    """The name of each sheet and the bytes between its tags; one that is never closed ends with the file."""
    try:
        body = Package(content).read("content.xml")
    except (*PACKAGE_ERRORS, KeyError):
        return []
    tags = list(_TABLE.finditer(body))
    ends = [*(tag.start() for tag in tags), len(body)][1:]
    return [
        (_name(tag[0]), body[tag.end() : end])
        for tag, end in zip(tags, ends, strict=True)
        if not tag[0].startswith(b"</")
    ]


def _name(tag: bytes) -> str:
    match = _NAME.search(tag)
    name = match[1].decode("utf-8", errors="replace") if match else ""
    return unescape(name) if len(name) <= LONGEST_NAME else name


def _multiplies(sheet: bytes) -> bool:
    """True when a reader that writes out what is repeated would hold far more than the sheet's own bytes."""
    height = waiting = width = text = 0
    for row in _rows(sheet):
        end = row.end_of_content
        if not end:
            waiting += row.repeats
            continue
        if row.repeats > _MOST_ALIKE:
            return True
        height, waiting = height + waiting + row.repeats, 0
        cells = row.cells.count(b"table-cell", 0, end)
        letters = len(row.cells)
        for repeated in _CELL_REPEATS.finditer(row.cells, 0, end):
            more = _number(repeated[1]) - 1
            tag = row.cells[row.cells.rfind(b"<", 0, repeated.start()) : row.cells.find(b">", repeated.end())]
            if more >= _MOST_ALIKE_ACROSS and b"office:value" in tag:
                return True
            following = row.cells.find(b"<table:", repeated.end())
            cells += more
            letters += more * ((following if following >= 0 else end) - repeated.end())
        width = max(width, cells)
        text += row.repeats * letters
        if height * width > max(DENSE_CELLS, len(sheet) / BYTES_A_CELL) or text > MOST_TEXT + len(sheet):
            return True
    return False


def _rows(sheet: bytes) -> Iterator[_Row]:
    tags = list(_ROW_TAG.finditer(sheet))
    ends = [*(tag.start() for tag in tags), len(sheet)][1:]
    for tag, end in zip(tags, ends, strict=True):
        yield _Row(_repeats(_ROW_REPEATS, tag[0]), sheet[tag.end() : end])


def _repeats(pattern: re.Pattern[bytes], tag: bytes) -> int:
    match = pattern.search(tag)
    return _number(match[1]) if match else 1


def _number(digits: bytes) -> int:
    return int(digits[:15])
