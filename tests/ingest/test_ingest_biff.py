"""Hidden rows and columns of .xls workbooks, from records as [MS-XLS] lays them out."""

import random
import struct

from engine.ingest.details import old_workbook_details

SECTOR = 512
NO_MORE, NONE = 0xFFFFFFFE, 0xFFFFFFFF


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
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", 62, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4_096, NO_MORE, 0, NO_MORE, 0) + struct.pack("<I", 0)
    sectors = [0xFFFFFFFD, NO_MORE, *range(3, 10), NO_MORE]
    table = struct.pack(f"<{len(sectors)}I", *sectors)
    directory = entry("Root Entry", 5, child=1, start=NO_MORE, size=0) + entry("Workbook", 2, NONE, 2, len(stream))
    return b"".join(part.ljust(SECTOR, b"\xff") for part in (header, table, directory)) + stream


def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    """One entry of the directory of a compound file."""
    letters = name.encode("utf-16-le")
    head = letters.ljust(64, b"\0") + struct.pack("<HBB", len(letters) + 2, kind, 1)
    return head + struct.pack("<3I36x3I", NONE, NONE, child, start, size, 0)


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
        if rng.random() < 0.3 and len(damaged) > 512:
            struct.pack_into("<IH", damaged, rng.choice([28, 30, 32, 48, 56, 60, 68]), rng.getrandbits(32), 0)
        found = old_workbook_details(bytes(damaged))
        assert all(len(details.hidden_rows) <= len(whole) for details in found.values())
