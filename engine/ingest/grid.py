"""One sheet as it stands, and how much of a file may be read."""

import time
import unicodedata
from dataclasses import dataclass, field

import polars as pl

from engine.errors import DataProblem, UnreadableFile
from engine.ingest.package import Package
from engine.ingest.sniff import PACKAGE_ERRORS

MEGABYTE = 1_000_000
_MOST_COLUMNS = 16_384
"""No spreadsheet program keeps more; a damaged file may claim to."""

WIDE_COLUMNS = 702
"""Columns A to ZZ."""

_LEAST_WORK, _WORK_A_BYTE, _MOST_WORK = 8.0, 10.0 / MEGABYTE, 28.0
"""CPU seconds that a small file may take, that each byte adds, and that any file may take; most take one."""

_LONGEST_LINE = 5 * MEGABYTE
_LINES_A_ROW = 3
"""Lines of text that a row may take on average, where cells hold several."""

_ODD_DIGITS = r"[\p{Nd}--0-9]"
_PLAIN_SIGNS = str.maketrans("．，％－＋（）￥＄٫٬", ".,%-+()¥$.,")

_BLANKS = " \t\n\r\x0b\x0c\x00\x1a\u00a0\u2007\u202f\ufeff"


@dataclass(frozen=True)
class ReadingLimits:
    """What may be read at most, so that one file cannot stop everybody's work.

    Attributes:
        max_bytes: size of the file.
        max_rows: rows of one sheet.
        max_cells: cells of one sheet, blank ones included.
        max_columns: columns of one sheet with anything in them.
        max_unpacked: bytes of a workbook once unpacked.
        max_ratio: how many times larger a workbook may become when it is unpacked.
        max_seconds: time for the whole file; checked between its steps.
    """

    max_bytes: int = 100 * MEGABYTE
    max_rows: int = 2_000_000
    max_cells: int = 60_000_000
    max_columns: int = 1_000
    max_unpacked: int = 1_000 * MEGABYTE
    max_ratio: float = 250.0
    max_seconds: float = 120.0


@dataclass(frozen=True)
class Merge:
    """A merged range, as frame rows and columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Details:
    """What a workbook says about a sheet beside its cells.

    Attributes:
        hidden_rows: frame rows (from 0) that are hidden, by hand or by a filter.
        hidden_columns: places (from 0) of hidden columns.
        merges: merged ranges.
        uncalculated: formulas whose result was not saved.
        zeros: how many formulas there are when 0 is the result of every one; else 0.
        pivot: True when a pivot table stands on the sheet.
        tells_formulas: True when the file tells which cells are formulas.
        since_1904: True when the workbook counts its days from 1904, as old Macs did, and not from 1900.
    """

    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merges: tuple[Merge, ...] = ()
    uncalculated: int = 0
    zeros: int = 0
    pivot: bool = False
    tells_formulas: bool = False
    since_1904: bool = False


@dataclass(frozen=True)
class SheetGrid:
    """One sheet as it stands, nothing interpreted.

    Attributes:
        name: the sheet's name.
        text: the cells as text, outer blanks removed, blank cells null; frame row 0 is spreadsheet row 1.
            Numbers are plain ("1234.5"), dates are ISO ("2025-05-03 00:00:00").
        numbers: the cells that the file itself stores as numbers, at full precision, in the shape of `text`;
            None for text files, which store none.
        notes: what the reader had to do, for the owner.
        details: what the workbook says beside the cells.
    """

    name: str
    text: pl.DataFrame
    numbers: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()
    details: Details = field(default_factory=Details)


class Clock:
    """Stops a file that takes too long, or too much work for its size.

    Args:
        limits: how long reading may take.
        size: bytes of the file.
    """

    def __init__(self, limits: ReadingLimits, size: int) -> None:
        self._limit = limits.max_seconds
        self._end = time.monotonic() + limits.max_seconds
        self._work = min(_MOST_WORK, _LEAST_WORK + _WORK_A_BYTE * size)
        self._done = time.process_time() + self._work

    def check(self, place: str) -> None:
        """Go on, unless the time is over.

        Raises:
            UnreadableFile: it is.
        """
        late = time.monotonic() > self._end
        if late or time.process_time() > self._done:
            raise UnreadableFile(
                f"Reading the file takes longer than {self._limit if late else self._work:.0f} seconds",
                where=place,
                remedy="Remove sheets or years that you do not need, or save the table as .csv.",
            )


def guard(content: bytes, limits: ReadingLimits) -> None:
    """Refuse a file that is too large, or that would become too large when unpacked.

    Raises:
        UnreadableFile: naming the size and the limit.
    """
    if len(content) > limits.max_bytes:
        raise UnreadableFile(
            f"The file has {_size(len(content))}, and at most {_size(limits.max_bytes)} can be read",
            remedy="Remove sheets or years that you do not need, or save it as .csv.",
        )
    if content.startswith(b"PK"):
        _refuse_growth(content, limits)
    else:
        _refuse_endless(content, limits)


def _refuse_growth(content: bytes, limits: ReadingLimits) -> None:
    most = min(limits.max_unpacked, max(MEGABYTE, limits.max_ratio * len(content)))
    try:
        package = Package(content)
        unpacked = package.declared if package.declared > most else package.measure(most)
    except PACKAGE_ERRORS:
        return  # sniff says what is wrong with it
    if unpacked > most:
        size = _size(unpacked) if unpacked == package.declared else f"more than {_size(int(most))}"
        raise UnreadableFile(
            f"The workbook would grow from {_size(len(content))} to {size} when unpacked",
            remedy="Delete unused rows and sheets, save it again, or export the table as .csv.",
        )


def _refuse_endless(content: bytes, limits: ReadingLimits) -> None:
    """Refuse a text of one line without end, or of more lines than there may be rows."""
    place, end = 0, len(content)
    while end - place > _LONGEST_LINE:
        reach = place + _LONGEST_LINE
        last = max(content.rfind(b"\n", place, reach), content.rfind(b"\r", place, reach))
        if last < 0:
            raise UnreadableFile(
                f"A line of the file has more than {_size(_LONGEST_LINE)}, as no row of a table has",
                where=f"after {_size(place)}",
                remedy="Choose a file with a line for each row, or save the table as .xlsx.",
            )
        place = last + 1
    lines = content.count(b"\n")
    if lines > _LINES_A_ROW * limits.max_rows:
        raise UnreadableFile(
            f"The file has {lines:,} lines, and at most {limits.max_rows:,} rows can be read",
            remedy="Keep the years that you need, and choose the file again.",
        )


def refuse_oversize(place: str, rows: int, columns: int, limits: ReadingLimits) -> None:
    """Refuse a table that is too long or too wide.

    Args:
        place: the sheet, in the owner's words.
        rows: its rows, >= 0.
        columns: its columns, >= 0.
        limits: how large a table may be.

    Raises:
        DataProblem: naming its size and the limits.
    """
    if rows > limits.max_rows or columns > _MOST_COLUMNS or rows * columns > limits.max_cells:
        raise DataProblem(
            f"The table has {rows:,} rows and {columns:,} columns, and at most {limits.max_rows:,} rows, "
            f"{_MOST_COLUMNS:,} columns and {limits.max_cells:,} cells can be read",
            where=place,
            remedy="Keep the years that you need, delete unused rows and columns, and choose the file again.",
        )


def without_expanse(text: pl.DataFrame, place: str, limits: ReadingLimits) -> pl.DataFrame:
    """A very wide sheet without its blank columns; the others keep their names, which tell their places.

    Args:
        text: the cells, a column per column of the sheet, named by its place from 0.
        place: the sheet, in the owner's words.
        limits: how many columns may have something in them.

    Raises:
        DataProblem: too many columns have something in them.
    """
    if text.width <= WIDE_COLUMNS:
        return text
    blanks = text.null_count().row(0)
    filled = [name for name, count in zip(text.columns, blanks, strict=True) if count < text.height]
    refuse_wide(place, len(filled), limits)
    return text.select(filled)


def refuse_wide(place: str, columns: int, limits: ReadingLimits) -> None:
    """Refuse a table in which so many columns have something in them.

    Args:
        place: the sheet, in the owner's words.
        columns: its columns with something in them, >= 0.
        limits: how many there may be.

    Raises:
        DataProblem: naming their number and the limit.
    """
    if columns > limits.max_columns:
        raise DataProblem(
            f"The table has {columns:,} columns, and at most {limits.max_columns:,} can be read",
            where=place,
            remedy="Turn the table so that each row is one day or sale, or delete columns, and choose the file again.",
        )


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its columns called "0", "1", ..."""
    return frame.rename({name: str(index) for index, name in enumerate(frame.columns)})


def tidy(text: pl.DataFrame) -> pl.DataFrame:
    """The cells without outer blanks; blank cells are null."""
    if text.width > WIDE_COLUMNS:
        # One query for all columns: a query for each would take seconds.
        text = text.select(pl.all().cast(pl.String).str.strip_chars(_BLANKS).replace("", None))
        sizes = text.select((pl.all().str.len_bytes().sum() - pl.all().str.len_chars().sum()).name.keep()).row(0)
        plain = {name for name, odd in zip(text.columns, sizes, strict=True) if not odd}
        return pl.DataFrame([text[name] if name in plain else _tidy_cells(text[name]) for name in text.columns])
    return pl.DataFrame([_tidy_cells(text[name].cast(pl.String)) for name in text.columns])


def _tidy_cells(cells: pl.Series) -> pl.Series:
    stripped = cells.str.strip_chars(_BLANKS)
    same = stripped.str.len_bytes().sum() == cells.str.len_bytes().sum()
    # A column that is tidy already is kept, so that only one copy of a large file stands in memory.
    texts = cells if same else stripped
    if texts.str.len_bytes().sum() != texts.str.len_chars().sum():
        texts = _with_plain_digits(texts)
    return texts.replace("", None) if (texts == "").any() else texts


def _with_plain_digits(cells: pl.Series) -> pl.Series:
    """The cells without letters with the digits 0 to 9 where others are: Arabic, Devanagari, full-width ones."""
    odd = cells.filter(cells.str.contains(_ODD_DIGITS) & ~cells.str.contains(r"\p{L}")).unique()
    if odd.is_empty():
        return cells
    plain = [
        "".join(str(unicodedata.decimal(sign, sign)) for sign in cell).translate(_PLAIN_SIGNS) for cell in odd.to_list()
    ]
    return cells.replace(odd, pl.Series(plain))


def filled_per_row(text: pl.DataFrame) -> pl.Series:
    """How many cells of each row are filled."""
    return text.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int32)).alias("filled")).to_series()


def _size(count: int) -> str:
    for unit, size in (("GB", 1_000 * MEGABYTE), ("MB", MEGABYTE), ("kB", 1_000)):
        if count >= size:
            return f"{count / size:,.1f} {unit}".replace(".0 ", " ")
    return f"{count} bytes"
