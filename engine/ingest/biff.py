"""What lies in an .xls workbook beside its cells: hidden rows and columns, of which the reader says nothing.

Only records are walked over; nothing of a stranger's file is run. Source: Microsoft, [MS-CFB] and [MS-XLS].
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from engine.ingest.grid import WIDE_COLUMNS, Details

_HEADER, _ENTRY, _FAT_IN_HEADER = 512, 128, 109
_NO_MORE = 0xFFFFFFFA
"""Sector numbers from here on mean the end of a chain, or none."""

_SHEET, _ROW, _COLUMNS, _END = 0x0085, 0x0208, 0x007D, 0x000A
_ROW_HIDDEN, _COLUMNS_HIDDEN = 0x20, 0x01
_MOST_RECORDS = 5_000_000


@dataclass(frozen=True)
class _Sheet:
    name: str
    start: int


def old_workbook_details(content: bytes) -> dict[str, Details]:
    """The hidden rows and columns of each sheet, by the sheet's name; empty where none are or nothing can be told."""
    try:
        stream = _workbook_stream(content)
        found = {sheet.name: _details(stream, sheet.start) for sheet in _sheets(stream)}
    except (struct.error, IndexError, ValueError):
        return {}
    return {name: details for name, details in found.items() if details != Details()}


def _workbook_stream(content: bytes) -> bytes:
    """The stream called Workbook, put together from its sectors; empty when it is too small to have sectors."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    directory, smallest = struct.unpack_from("<I", content, 48)[0], struct.unpack_from("<I", content, 56)[0]
    tables = [number for number in struct.unpack_from(f"<{_FAT_IN_HEADER}I", content, 76) if number < _NO_MORE]
    fat = [
        following for number in tables for following in struct.unpack(f"<{size // 4}I", _sector(content, number, size))
    ]
    entries = _chain(content, directory, fat, size)
    for place in range(0, len(entries) - _ENTRY + 1, _ENTRY):
        length = struct.unpack_from("<H", entries, place + 64)[0]
        name = entries[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", errors="replace")
        start, extent = struct.unpack_from("<II", entries, place + 116)
        if name in ("Workbook", "Book") and extent >= smallest:
            return _chain(content, start, fat, size)[:extent]
    return b""


def _sector(content: bytes, number: int, size: int) -> bytes:
    start = _HEADER + number * size
    return content[start : start + size].ljust(size, b"\xff")


def _chain(content: bytes, start: int, fat: list[int], size: int) -> bytes:
    """The bytes of the sectors that follow each other from `start`."""
    sectors: list[bytes] = []
    while start < _NO_MORE:
        if len(sectors) > len(fat):
            raise ValueError("the sectors run in a circle")
        sectors.append(_sector(content, start, size))
        start = fat[start]
    return b"".join(sectors)


def _records(stream: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """The kind, the place of the content and its length of each record, up to the end of the part."""
    for _ in range(_MOST_RECORDS):
        if place + 4 > len(stream):
            return
        kind, length = struct.unpack_from("<HH", stream, place)
        if kind == _END:
            return
        yield kind, place + 4, length
        place += 4 + length


def _sheets(stream: bytes) -> Iterator[_Sheet]:
    for kind, place, _ in _records(stream, 0):
        if kind == _SHEET:
            start, _, _, letters, wide = struct.unpack_from("<IBBBB", stream, place)
            raw = stream[place + 8 : place + 8 + letters * (1 + (wide & 1))]
            yield _Sheet(raw.decode("utf-16-le" if wide & 1 else "latin-1"), start)


def _details(stream: bytes, start: int) -> Details:
    rows: list[int] = []
    columns: list[int] = []
    for kind, place, length in _records(stream, start):
        if kind == _ROW and length >= 14 and stream[place + 12] & _ROW_HIDDEN:
            rows.append(struct.unpack_from("<H", stream, place)[0])
        elif kind == _COLUMNS and length >= 10 and stream[place + 8] & _COLUMNS_HIDDEN:
            first, last = struct.unpack_from("<HH", stream, place)
            columns += range(first, min(last + 1, WIDE_COLUMNS))
    return Details(tuple(sorted(rows)), tuple(columns))
