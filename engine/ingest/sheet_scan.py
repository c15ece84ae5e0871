"""What the XML of a workbook's sheet says beside its cells, in one pass over its bytes.

No XML of a stranger is expanded, and no expression goes back over what it has read: an attribute is looked for within
one tag, and a tag ends at the next "<" at the latest. So the cost grows with the bytes and with nothing else.
"""

import re
from collections.abc import Iterator
from itertools import chain, pairwise

import numpy as np

from engine.errors import UnreadableFile
from engine.ingest.grid import MEGABYTE, WIDE_COLUMNS, Details, Merge
from engine.ingest.package import Package

SAVE_AGAIN = "Open it in your spreadsheet program, save it again, and choose the new file."

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""What a spreadsheet program can hold."""

DENSE_CELLS = 5_000_000
"""Cells that a dense reader may hold whatever is in them."""

BYTES_A_CELL = 4
"""A filled cell takes more bytes of XML than this."""

MOST_TEXT = 150 * MEGABYTE
"""Bytes of text that all cells may hold together, where the workbook itself has much fewer."""

_MOST_MERGES = 5_000
_FEWEST_ZEROS = 3
_CELL_STARTS = b"<c ", b"<c>", b"<c/"
_PREFIXED_STARTS = b":c ", b":c>", b":c/"
_STARTS = (*_CELL_STARTS, *_PREFIXED_STARTS, b"<row", b":row")

_PREFIX = rb"<(?:\w{1,20}:)?"
_ROW, _CELL = re.compile(_PREFIX + rb"row\b[^<>]*"), re.compile(_PREFIX + rb"c[\s/>]")
_COLUMN = re.compile(_PREFIX + rb"col\b[^<>]*")
_MERGE = re.compile(_PREFIX + rb'mergeCell\b[^<>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_NUMBER, _FIRST, _LAST = (re.compile(rb"\b" + name + rb'="(\d{1,7})"') for name in (b"r", b"min", b"max"))
_FORMULA_OF_TEXT = re.compile(rb"<c\b([^<>]*)><f\b[^<>]*>[^<]*</f><v(?:></v>| ?/>)")
_SHARED_FORMULA, _SHARED_ZERO = re.compile(rb"<f\b[^<>]*/>"), re.compile(rb"<f\b[^<>]*/><v>0</v>")

# What every program writes is found fast; whatever else a reader takes for a place is looked for only where it is.
_PLACED = re.compile(rb' r="([A-Z]{1,3})[0-9]')
_FAR_ROW = re.compile(rb' r="[A-Z]{0,3}([0-9]{6,})"')
_DIGITS = {digits: re.compile(rb' r="[A-Z]{0,3}[0-9]{%d}' % digits) for digits in (5, 4, 3)}
_PLACE_TAG = re.compile(_PREFIX + rb"(?:row|c)\b[^<>]*")
_ANY_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]*)([0-9]*)""")
_TEXT_INDEX = re.compile(rb"""["']s["'][^<>]{0,200}>\s{0,20}<(?:\w{1,20}:)?v>(\d{1,9})""")


class SheetScan:
    """What is known of a sheet when its bytes have been fed piece by piece, none of which cuts a cell in two.

    Attributes:
        size: bytes so far.
        texts: cells that show one of the workbook's shared texts.
    """

    def __init__(self) -> None:
        self.size = self.texts = 0
        self._hidden_rows: list[int] = []
        self._hidden_columns: set[int] = set()
        self._merges: list[Merge] = []
        self._unsaved = self._formulas = self._zeros = 0
        self._last_row = self._digits = self._loose_rows = self._in_row = self._longest_row = 0
        self._letters: set[bytes] = set()

    def feed(self, piece: bytes) -> None:
        """Look at the next bytes."""
        self.size += len(piece)
        self.texts += piece.count(b'"s"') + piece.count(b"'s'")
        self._find_hidden(piece)
        self._find_merges(piece)
        if b"<f" in piece:
            self._count_formulas(piece)
        self._find_places(piece)

    def details(self, *, pivot: bool, since_1904: bool) -> Details:
        """What the sheet says beside its cells."""
        return Details(
            tuple(self._hidden_rows),
            tuple(sorted(self._hidden_columns)),
            tuple(self._merges),
            uncalculated=self._unsaved,
            zeros=self._formulas if self._formulas == self._zeros and self._formulas >= _FEWEST_ZEROS else 0,
            pivot=pivot,
            tells_formulas=True,
            since_1904=since_1904,
        )

    def is_mostly_blank(self) -> bool:
        """True when the few cells lie so far apart that a dense reader would hold mostly blanks.

        Raises:
            UnreadableFile: a row or a column has a number that no spreadsheet program gives.
        """
        width = max([_place(letters) + 1 for letters in self._letters] + [self._longest_row])
        for what, number, most in (("row", self._last_row, MOST_ROWS), ("column", width, MOST_COLUMNS)):
            if number > most:
                raise UnreadableFile(
                    f"A {what} of the workbook has the number {number:,}, which cannot be", remedy=SAVE_AGAIN
                )
        height: int = max(self._last_row, 10**self._digits - 1) + self._loose_rows
        return height * width > max(DENSE_CELLS, self.size / BYTES_A_CELL)

    def _find_hidden(self, piece: bytes) -> None:
        if b"hidden=" not in piece or not _HIDDEN.search(piece):
            return
        for row in _ROW.findall(piece):
            number = _NUMBER.search(row) if _HIDDEN.search(row) else None
            if number and 0 < int(number[1]) <= MOST_ROWS and len(self._hidden_rows) < MOST_ROWS:
                self._hidden_rows.append(int(number[1]) - 1)
        for column in _COLUMN.findall(piece):
            first, last = _FIRST.search(column), _LAST.search(column)
            if first and last and _HIDDEN.search(column):
                self._hidden_columns.update(range(int(first[1]) - 1, min(int(last[1]), WIDE_COLUMNS)))

    def _find_merges(self, piece: bytes) -> None:
        if b"mergeCell" not in piece or len(self._merges) >= _MOST_MERGES:
            return
        for left, top, right, bottom in _MERGE.findall(piece)[: _MOST_MERGES - len(self._merges)]:
            self._merges.append(Merge(int(top) - 1, _place(left), int(bottom) - 1, _place(right)))

    def _count_formulas(self, piece: bytes) -> None:
        endings = (b"</f></c>", b"</f><v></v>", b"</f><v/>", b"</f><v />")
        # A formula whose result is a text without letters was calculated.
        blank_texts = sum(b't="str"' in cell for cell in _FORMULA_OF_TEXT.findall(piece))
        self._unsaved += sum(piece.count(ending) for ending in endings) - blank_texts
        shared = len(_SHARED_FORMULA.findall(piece))
        self._formulas += piece.count(b"</f>") + shared
        self._zeros += piece.count(b"</f><v>0</v>") + (len(_SHARED_ZERO.findall(piece)) if shared else 0)

    def _find_places(self, piece: bytes) -> None:
        letters = _PLACED.findall(piece)
        self._letters.update(letters)
        self._digits = next(
            (digits for digits in _DIGITS if digits <= self._digits or _DIGITS[digits].search(piece)),
            max(self._digits, 2),
        )
        self._last_row = max([self._last_row, *map(_number, set(_FAR_ROW.findall(piece)))])
        cells = sum(piece.count(start) for start in _CELL_STARTS)
        cells += sum(piece.count(start) for start in _PREFIXED_STARTS) if b":c" in piece else 0
        loose_rows = piece.count(b"<row") + piece.count(b":row") - (piece.count(b' r="') - len(letters))
        if cells > len(letters) or loose_rows > 0:
            self._loose_rows += max(0, loose_rows)
            self._find_odd_places(piece)

    def _find_odd_places(self, piece: bytes) -> None:
        """Rows and cells that say their place in a way of their own, or not at all and so follow the one before."""
        places = set(_ANY_PLACE.findall(b"<".join(_PLACE_TAG.findall(piece))))
        self._letters.update(letters.upper() for letters, _ in places if letters)
        self._last_row = max([self._last_row, *(_number(digits) for _, digits in places if digits)])
        for index, part in enumerate(_ROW.split(piece)):
            self._in_row = (0 if index else self._in_row) + len(_CELL.findall(part))
            self._longest_row = max(self._longest_row, self._in_row)


def scan(package: Package, part: str) -> SheetScan:
    """Look at the sheet in this part.

    Raises:
        KeyError: there is no such part; what a damaged package raises may surface too.
    """
    result = SheetScan()
    for piece in package.pieces(part, *_STARTS):
        result.feed(piece)
    return result


def refuse_long_texts(package: Package, scans: dict[str, SheetScan], shared: str) -> None:
    """Refuse a workbook in which long texts stand in so many cells that they fill the memory.

    Args:
        package: the workbook.
        scans: of its sheets, by their parts.
        shared: the part with the shared texts.

    Raises:
        UnreadableFile: it is one.
    """
    most = max(MOST_TEXT, 2 * sum(scan.size for scan in scans.values()))
    cells = sum(scan.texts for scan in scans.values())
    if not cells or shared not in package.names or cells * max(_spans(package, shared), default=0) <= most:
        return
    lengths = np.fromiter(_text_lengths(package, shared), dtype=np.int64)
    longest, total = int(lengths.max(initial=0)), 0
    for part, scanned in scans.items():
        rest = scanned.texts
        for piece in package.pieces(part, *_STARTS) if rest else ():
            indices = np.array([int(index) for index in _TEXT_INDEX.findall(piece)], dtype=np.int64)
            total += int(lengths[indices[indices < len(lengths)]].sum())
            rest -= len(indices)
        total += max(0, rest) * longest
        if total > most:
            raise UnreadableFile(
                f"The texts in the cells of the workbook add up to {total // MEGABYTE:,} MB, because long ones come "
                "again and again",
                remedy="Delete the column with the long texts, save the workbook again, and choose the new file.",
            )


def _spans(package: Package, shared: str) -> Iterator[int]:
    """Bytes from the start of each shared text to that of the next; no text is longer."""
    before = 0
    for piece in package.pieces(shared, b"<si>", b"<si ", b":si>", b":si "):
        starts = [before, *(match.start() for match in re.finditer(rb"<(?:\w{1,20}:)?si[\s>]", piece)), len(piece)]
        yield from (after - start for start, after in pairwise(starts))


def _text_lengths(package: Package, shared: str) -> Iterator[int]:
    texts = (
        re.split(rb"<(?:\w{1,20}:)?si[\s>/]", piece)
        for piece in package.pieces(shared, b"<si>", b"<si ", b":si>", b":si ", b"<si/", b":si/")
    )
    first = next(texts, [b""])
    for text in chain(first[1:], chain.from_iterable(later[1:] for later in texts)):
        yield len(re.sub(rb"<[^<>]*>", b"", text))


def _place(letters: bytes) -> int:
    """The place of a column, from 0; one beyond the last where there are more letters than any column has.

    >>> _place(b"A"), _place(b"XFD")
    (0, 16383)
    """
    if len(letters) > 3:
        return MOST_COLUMNS
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _number(digits: bytes) -> int:
    return int(digits[:15])
