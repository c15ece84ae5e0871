"""Hidden rows and columns of .xls workbooks, from records as [MS-XLS] lays them out."""

import random
import struct

from engine.ingest.biff import old_workbook_details

SECTOR = 512


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def hidden_row(number: int) -> bytes:
    return record(0x0208, struct.pack("<HHHHHHHH", number, 0, 3, 255, 0, 0, 0x20, 0))


def hidden_columns(first: int, last: int) -> bytes:
    return record(0x007D, struct.pack("<HHHHHH", first, last, 2_000, 15, 1, 0))


def old_workbook(sheet: bytes) -> bytes:
    """A compound file whose one stream holds a sheet called Sales: header, table of sectors, directory, stream."""
    length = 21  # of the list of sheets, behind which the sheet begins
    listed = record(0x0085, struct.pack("<IBBBB", length, 0, 0, 5, 0) + b"Sales") + record(0x000A)
    stream = (listed + sheet + record(0x000A)).ljust(8 * SECTOR, b"\0")
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(SECTOR, b"\xff"))
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<III", header, 48, 1, 0, 4_096)
    struct.pack_into("<I", header, 76, 0)
    sectors = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 10), 0xFFFFFFFE]
    table = struct.pack(f"<{len(sectors)}I", *sectors).ljust(SECTOR, b"\xff")
    name = "Workbook".encode("utf-16-le")
    entry = name.ljust(64, b"\0") + struct.pack("<H", len(name) + 2)
    entry = entry.ljust(116, b"\0") + struct.pack("<II", 2, len(stream))
    return bytes(header) + table + entry.ljust(SECTOR, b"\0") + stream


def test_hidden_rows_and_columns_are_told() -> None:
    details = old_workbook_details(old_workbook(hidden_columns(2, 3) + hidden_row(5) + hidden_row(9)))
    assert details["Sales"].hidden_rows == (5, 9)
    assert details["Sales"].hidden_columns == (2, 3)


def test_a_sheet_with_nothing_hidden_has_nothing_to_tell() -> None:
    shown = record(0x0208, struct.pack("<HHHHHHHH", 4, 0, 3, 255, 0, 0, 0, 0))
    assert old_workbook_details(old_workbook(shown)) == {}


def test_a_damaged_workbook_tells_nothing_and_ends() -> None:
    rng = random.Random(3)
    whole = old_workbook(hidden_row(5))
    for _ in range(200):
        damaged = bytearray(whole[: rng.randrange(len(whole))] if rng.random() < 0.3 else whole)
        for _ in range(5):
            if damaged:
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        found = old_workbook_details(bytes(damaged))
        assert all(len(details.hidden_rows) <= len(whole) for details in found.values())
