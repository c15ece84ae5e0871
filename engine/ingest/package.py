"""The zip archive in which a workbook comes: its parts, measured while they are unpacked.

What an archive says about the size of a part is not believed: each part is unpacked in small steps, and counted.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from engine.errors import UnreadableFile

MOST_PARTS = 10_000
"""A workbook with a thousand sheets has about three thousand parts."""

CHUNK = 1 << 20
_PACKED_CHUNK = 1 << 16
_LONGEST_CARRIED = 4 * CHUNK
_LONG_TAG, _MOST_ATTRIBUTES = 2_000, 300
"""Bytes from which the attributes of a tag are counted, and how many it may have: readers compare each with each."""

_TAG = re.compile(rb"""<[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*""")
_LONGEST_SAID = 100
_DIRECTORY_ENTRY, _PART_HEADER = b"PK\x01\x02", struct.Struct("<4s22xHH")
_SAVE_AGAIN = "Open it in your spreadsheet program, save it again, and choose the new file."


class Package:
    """A zip archive in memory.

    Args:
        content: its bytes.

    Raises:
        UnreadableFile: it has more parts than any workbook.
        zipfile.BadZipFile: it is damaged; other `PACKAGE_ERRORS` may surface too.
    """

    def __init__(self, content: bytes) -> None:
        entries = content.count(_DIRECTORY_ENTRY)
        if entries > MOST_PARTS:
            raise UnreadableFile(
                f"The file is an archive of {entries:,} parts, and no workbook has more than {MOST_PARTS:,}",
                remedy=_SAVE_AGAIN,
            )
        self._content = memoryview(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self._members = archive.infolist()
        self._by_name = {member.filename: member for member in self._members}

    @property
    def names(self) -> frozenset[str]:
        """The names of the parts."""
        return frozenset(self._by_name)

    @property
    def declared(self) -> int:
        """Bytes of all parts once unpacked, as the archive itself says."""
        return sum(member.file_size for member in self._members)

    def measure(self, most: float) -> int:
        """Bytes of all parts once unpacked; the counting stops above `most`.

        Raises:
            UnreadableFile: a tag of a part has attributes without end.
        """
        total = 0
        for member in self._members:
            rest = b""
            for chunk in self._unpack(member):
                total += len(chunk)
                if total > most:
                    return total
                piece = rest + chunk
                if _is_crowded(piece):
                    raise UnreadableFile(
                        f"A tag in {member.filename[:_LONGEST_SAID]} has more attributes than any spreadsheet writes",
                        remedy=_SAVE_AGAIN,
                    )
                tag = piece.rfind(b">") + 1
                rest = piece[tag:] if len(piece) - tag < CHUNK else b""
        return total

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part, unpacked in steps.

        Raises:
            KeyError: there is no such part.
            zipfile.BadZipFile: the part is damaged; other `PACKAGE_ERRORS` may surface too.
        """
        return self._unpack(self._by_name[name])

    def read(self, name: str) -> bytes:
        """The whole part; raises as `chunks` does."""
        return b"".join(self.chunks(name))

    def head(self, name: str) -> bytes:
        """The beginning of a part, at most `CHUNK` bytes; raises as `chunks` does."""
        return next(self.chunks(name), b"")

    def pieces(self, name: str, *starts: bytes) -> Iterator[bytes]:
        """The part in pieces that begin where one of these stands, so that none of them is cut in two.

        The first of them is looked for first. An overlong stretch without any of them is cut wherever it is.
        """
        return _in_pieces(self.chunks(name), *starts)

    def _unpack(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        if member.flag_bits & 1:
            raise RuntimeError("the part is encrypted")
        packed = self._packed(member)
        if member.compress_type == zipfile.ZIP_STORED:
            yield from (bytes(packed[place : place + CHUNK]) for place in range(0, len(packed), CHUNK))
            return
        if member.compress_type != zipfile.ZIP_DEFLATED:
            raise NotImplementedError("packed in a way that no spreadsheet program uses")
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        for place in range(0, len(packed), _PACKED_CHUNK):
            rest = bytes(packed[place : place + _PACKED_CHUNK])
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, CHUNK)
                rest = unpacker.unconsumed_tail
        if not unpacker.eof:
            yield unpacker.flush()

    def _packed(self, member: zipfile.ZipInfo) -> memoryview:
        place = member.header_offset
        magic, name, extra = _PART_HEADER.unpack_from(self._content, place)
        if magic != b"PK\x03\x04":
            raise zipfile.BadZipFile("the directory of the archive leads nowhere")
        start = place + _PART_HEADER.size + name + extra
        return self._content[start : start + member.compress_size]


def _in_pieces(chunks: Iterator[bytes], *starts: bytes) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        rest += chunk
        cut = next((place for start in starts if (place := rest.rfind(start)) > 0), 0)
        if cut <= 0 and len(rest) > _LONGEST_CARRIED:
            cut = len(rest)
        if cut > 0:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def _is_crowded(piece: bytes) -> bool:
    """True when a tag in it has more attributes than any program writes, whatever stands between their marks."""
    for start, end in _stretches(piece, b"<"):
        tag = _TAG.match(piece, start, end)
        if tag and tag[0].count(b"=") > _MOST_ATTRIBUTES:
            return True
    for start, end in _stretches(piece, b">"):
        opened = piece.find(b"<", start, end)
        if 0 <= opened < end - _LONG_TAG and piece.count(b"=", opened, end) > _MOST_ATTRIBUTES:
            return True
    return False


def _stretches(piece: bytes, mark: bytes) -> Iterator[tuple[int, int]]:
    """Where a long stretch without this mark begins and ends."""
    place = 0
    while place < len(piece) - _LONG_TAG:
        near = piece.rfind(mark, place + 1, place + _LONG_TAG)
        if near >= 0:
            place = near
            continue
        after = piece.find(mark, place + _LONG_TAG)
        end = after if after >= 0 else len(piece)
        yield place, end
        place = end
