"""What lies in an .xls workbook beside its cells: hidden rows and columns, of which the reader says nothing.

Only records are walked over; nothing of a stranger's file is run. Source: Microsoft, [MS-XLS].
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from engine.ingest.grid import WIDE_COLUMNS, Details

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
        details_by_sheet = {sheet.name: _details(stream, sheet.start) for sheet in _sheets(stream)}
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
