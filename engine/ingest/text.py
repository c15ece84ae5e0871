"""Delimited text as a grid of cells, and quotation marks as files really have them.

Marks are single, escaped by a backslash, around whole lines or never closed; they are put right before a strict reader
meets them.
"""

import csv
import io
import itertools
import re
from dataclasses import dataclass, replace

import polars as pl

from engine.dataset import Repair
from engine.ingest.grid import (
    MEGABYTE,
    ReadingLimits,
    SheetGrid,
    numbered,
    refuse_oversize,
    refuse_wide,
    tidy,
    without_expanse,
)
from engine.ingest.line_cells import LineWidths, has_inner_marks, line_widths
from engine.ingest.malformed_lines import OF_MARKS, is_loose, repair_lines
from engine.ingest.sniff import SAMPLE_CHARACTERS, SAMPLE_ROWS, decode, find_delimiter

_MOST_LINES = 100
"""A last cell with more lines than this was opened by a quotation mark that nobody closed."""

_MOST_NAMED = 5
_WIDEST = 1_000
"""Columns above which delimiters inside quotes are suspected."""

_GUARD = r"^'([=+\-@＝＋－＠\t])"

_NEVER_CLOSED = "a quotation mark is never closed, so quotation marks were read as ordinary characters"

_NO_DELIMITER = "\x1f"
"""Stands for the delimiter of a single column: no text holds it."""

_FEWEST_LINES = 2


@dataclass(frozen=True)
class OpenText:
    """A delimited text file as a grid, and how it was opened.

    Attributes:
        grid: the cells.
        delimiter: between the columns; "" when there is only one.
        encoding: of the bytes.
        unreadable: how many letters could not be read in that encoding.
        repairs: rows that were cut into cells otherwise than they are written.
    """

    grid: SheetGrid
    delimiter: str
    encoding: str
    unreadable: int
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True)
class _Lines:
    """A text without a line that says its separator, as letters and as bytes, and the widths of its lines."""

    text: str
    content: bytes
    delimiter: str
    widths: LineWidths


def open_text(content: bytes, name: str, limits: ReadingLimits) -> OpenText:
    """Find out how a text file is written, and read it as a grid.

    Args:
        content: the file's bytes.
        name: of the table.
        limits: how large it may be.

    Raises:
        UnreadableFile: the bytes are not text.
        DataProblem: it has more rows or cells than the limits allow.
    """
    decoded = decode(content)
    decoded = replace(decoded, text=with_plain_quotes(decoded.text))
    delimiter = find_delimiter(decoded.text)
    text = re.sub(r'^"?sep=.?"?\n', "\n", decoded.text, count=1, flags=re.IGNORECASE).rstrip("\n")
    frame, notes, repairs = _read(text, delimiter or _NO_DELIMITER, name, limits)
    grid = SheetGrid(name, without_expanse(_drop_guards(tidy(frame)), name, limits), notes=notes)
    return OpenText(grid, delimiter, decoded.encoding, decoded.text.count("\ufffd"), repairs)


def _read(
    text: str, delimiter: str, name: str, limits: ReadingLimits
) -> tuple[pl.DataFrame, tuple[str, ...], tuple[Repair, ...]]:
    """The cells, what has to be said of the quotation marks, and which rows were put right.

    Rows may differ in length; quoted cells may hold delimiters and line breaks.
    """
    lines = _lines(text, delimiter)
    repair = repair_lines(text, delimiter, lines.widths)
    if repair.text is not text:
        lines = _lines(repair.text, delimiter)
    frame, notes = _split(lines, name, limits)
    marks = [f"{fault}: line {_listed(places)}" for fault, places in repair.faults.items() if fault in OF_MARKS]
    repairs = tuple(
        Repair(fault, len(places), name, tuple(f"line {place}" for place in places[:_MOST_NAMED]))
        for fault, places in repair.faults.items()
        if fault not in OF_MARKS
    )
    return frame, (*notes, *marks), repairs


def _lines(text: str, delimiter: str) -> _Lines:
    content = text.encode()
    return _Lines(text, content, delimiter, line_widths(content, delimiter))


def _listed(lines: tuple[int, ...]) -> str:
    return ", ".join(map(str, lines[:_MOST_NAMED])) + (", …" if len(lines) > _MOST_NAMED else "")


def _drop_guards(frame: pl.DataFrame) -> pl.DataFrame:
    """The cells without the apostrophe that keeps a spreadsheet program from running them as formulas."""
    return frame.with_columns(
        pl.col(name).str.replace(_GUARD, "$1") for name in frame.columns if frame[name].str.starts_with("'").any()
    )


def _split(lines: _Lines, name: str, limits: ReadingLimits) -> tuple[pl.DataFrame, tuple[str, ...]]:
    text, delimiter = lines.text, lines.delimiter
    if '"' not in text:
        return _split_fast(lines, name, limits, quote=None), ()
    loose = is_loose(text, delimiter)
    if len(text) > MEGABYTE and not loose and not has_inner_marks(lines.content, delimiter):
        try:
            return _split_fast(lines, name, limits, quote='"'), ()
        except pl.exceptions.PolarsError:
            pass  # the patient way says what is wrong
    try:
        rows = list(csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, skipinitialspace=loose))
        swallowed = any(cell.count("\n") > _MOST_LINES for cell in rows[-1])
    except csv.Error:
        swallowed = True
    if swallowed:
        return _split_fast(lines, name, limits, quote=None), (_NEVER_CLOSED,)
    refuse_oversize(name, len(rows), max(map(len, rows)), limits)
    columns = enumerate(itertools.zip_longest(*rows))
    return pl.DataFrame([pl.Series(str(index), values, dtype=pl.String) for index, values in columns]), ()


def _split_fast(lines: _Lines, name: str, limits: ReadingLimits, *, quote: str | None) -> pl.DataFrame:
    text, delimiter, width = lines.text, lines.delimiter, lines.widths.widest
    if quote and width > _WIDEST:
        raise pl.exceptions.ComputeError("delimiters inside quotes")
    refuse_oversize(name, len(lines.widths.cells), width, limits)
    if width > limits.max_columns:
        rows = (line.split(delimiter) for line in text.split("\n") if line.count(delimiter) >= limits.max_columns)
        refuse_wide(name, max(sum(bool(cell.strip(' "')) for cell in row) for row in rows), limits)
    if width == 1:
        return pl.DataFrame({"0": text.split("\n")})
    # A first line as wide as the widest tells the reader how many columns there are.
    widest = delimiter.encode() * (width - 1) + b"\n"
    frame = pl.read_csv(
        io.BytesIO(widest + lines.content),
        has_header=False,
        separator=delimiter,
        quote_char=quote,
        infer_schema=False,
        truncate_ragged_lines=True,
        low_memory=True,
    )
    return numbered(frame.slice(1))


def with_plain_quotes(text: str) -> str:
    """The text with cells in double quotation marks where they stood in single or escaped ones, or lines in quotes."""
    if '"' not in text:
        return _from_single(text)
    if re.search(r'\\"[^,;|\t\n]', text):
        text = re.sub(r'\\(["\\])', lambda escaped: '""' if escaped[1] == '"' else "\\", text)
    return _unwrap(text)


def _from_single(text: str) -> str:
    sample = _sample(text)
    quoted = len(sample) >= _FEWEST_LINES and all(re.fullmatch(r"'.*'[;,|\t]*", line) for line in sample)
    return text.replace("'", '"') if quoted else text


def _unwrap(text: str) -> str:
    """The text without the quotes around whole lines that a second export puts there: "a,""b"",c"."""
    sample = _sample(text)
    wrapped = len(sample) >= _FEWEST_LINES and all(re.fullmatch(r'"(?:[^"]|"")*"[;,]*', line) for line in sample)
    if not wrapped or not find_delimiter("\n".join(_inside(line) for line in sample)):
        return text
    return "\n".join(_inside(line) for line in text.split("\n"))


def _sample(text: str) -> list[str]:
    """The first lines with anything on them, without the last, which may be cut off."""
    return [line for line in text[:SAMPLE_CHARACTERS].split("\n")[:SAMPLE_ROWS] if line.strip()][:-1]


def _inside(line: str) -> str:
    return line.rstrip(",;").removeprefix('"').removesuffix('"').replace('""', '"')
