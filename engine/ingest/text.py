"""Delimited text as a grid of cells, and quotation marks as files really have them.

Marks are single, escaped by a backslash, around whole lines or never closed; they are put right before a strict reader
meets them.
"""

import csv
import io
import itertools
import re
from dataclasses import dataclass

import numpy as np
import polars as pl

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
from engine.ingest.sniff import SAMPLE_CHARACTERS, SAMPLE_ROWS, DecodedText, find_delimiter

_MOST_LINES = 100
"""A last cell with more lines than this was opened by a quotation mark that nobody closed."""

_MOST_NAMED = 5
_WIDEST = 1_000
"""Columns above which delimiters inside quotes are suspected."""

_GUARD = r"^'([=+\-@＝＋－＠\t])"

_NEVER_CLOSED = "a quotation mark is never closed, so quotation marks were read as ordinary characters"

_FEWEST_LINES = 2
_FEWEST_MARKS = 2
"""Delimiters that a whole line must have, so that a line of prose in a cell is not taken for one."""


def read_text(decoded: DecodedText, delimiter: str, name: str, limits: ReadingLimits) -> SheetGrid:
    """The one table of a delimited text file.

    Rows may differ in length; quoted cells may hold delimiters and line breaks.

    Args:
        delimiter: one character; "" for a single column.
        name: of the table.

    Raises:
        DataProblem: it has more rows or cells than the limits allow.
    """
    text = re.sub(r'^"?sep=.?"?\n', "\n", decoded.text, count=1, flags=re.IGNORECASE).rstrip("\n")
    closed = without_stray_quotes(text, delimiter) if delimiter and '"' in text else Closed(text)
    frame, notes = _split(closed.text, delimiter or "\x1f", name, limits)
    if closed.lines:
        listed = ", ".join(map(str, closed.lines[:_MOST_NAMED])) + (", …" if len(closed.lines) > _MOST_NAMED else "")
        notes = (*notes, f"a quotation mark that is never closed was left out of line {listed}")
    return SheetGrid(name, without_expanse(_drop_guards(tidy(frame)), name, limits), notes=notes)


def _drop_guards(frame: pl.DataFrame) -> pl.DataFrame:
    """The cells without the apostrophe that keeps a spreadsheet program from running them as formulas."""
    return frame.with_columns(
        pl.col(name).str.replace(_GUARD, "$1") for name in frame.columns if frame[name].str.starts_with("'").any()
    )


def _split(text: str, delimiter: str, name: str, limits: ReadingLimits) -> tuple[pl.DataFrame, tuple[str, ...]]:
    if '"' not in text:
        return _split_fast(text, delimiter, name, limits, quote=None), ()
    # A blank after the delimiter hides an opening quote from a strict reader: `0, "6,000"`.
    loose = delimiter != "\t" and re.search(re.escape(delimiter) + ' +"', text) is not None
    mark = re.escape(delimiter)
    if len(text) > MEGABYTE and not loose and not re.search(rf'[^{mark}\n"]"[^{mark}\n"]', text):
        try:
            return _split_fast(text, delimiter, name, limits, quote='"'), ()
        except pl.exceptions.PolarsError:
            pass  # the patient way says what is wrong
    try:
        rows = list(csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, skipinitialspace=loose))
        swallowed = any(cell.count("\n") > _MOST_LINES for cell in rows[-1])
    except csv.Error:
        swallowed = True
    if swallowed:
        return _split_fast(text, delimiter, name, limits, quote=None), (_NEVER_CLOSED,)
    refuse_oversize(name, len(rows), max(map(len, rows)), limits)
    columns = enumerate(itertools.zip_longest(*rows))
    return pl.DataFrame([pl.Series(str(index), values, dtype=pl.String) for index, values in columns]), ()


def _split_fast(text: str, delimiter: str, name: str, limits: ReadingLimits, *, quote: str | None) -> pl.DataFrame:
    content = text.encode()
    lines, width = _shape(content, delimiter)
    if quote and width > _WIDEST:
        raise pl.exceptions.ComputeError("delimiters inside quotes")
    refuse_oversize(name, lines, width, limits)
    if width > limits.max_columns:
        rows = (line.split(delimiter) for line in text.split("\n") if line.count(delimiter) >= limits.max_columns)
        refuse_wide(name, max(sum(bool(cell.strip(' "')) for cell in row) for row in rows), limits)
    if width == 1:
        return pl.DataFrame({"0": text.split("\n")})
    # A first line as wide as the widest tells the reader how many columns there are.
    widest = delimiter.encode() * (width - 1) + b"\n"
    frame = pl.read_csv(
        io.BytesIO(widest + content),
        has_header=False,
        separator=delimiter,
        quote_char=quote,
        infer_schema=False,
        truncate_ragged_lines=True,
        low_memory=True,
    )
    return numbered(frame.slice(1))


def _shape(content: bytes, delimiter: str) -> tuple[int, int]:
    """How many lines there are, and how many columns the longest has."""
    data = np.frombuffer(content, dtype=np.uint8)
    ends = np.append(np.flatnonzero(data == 10), len(data))
    if len(delimiter.encode()) > 1:
        return len(ends), max(line.count(delimiter) for line in content.decode().split("\n")) + 1
    before = np.searchsorted(np.flatnonzero(data == ord(delimiter)), ends)
    return len(ends), int(np.diff(before, prepend=0).max()) + 1


@dataclass(frozen=True)
class Closed:
    """Text without quotation marks that nobody closed.

    Attributes:
        text: the text.
        lines: the lines, from 1, in which such a mark was left out.
    """

    text: str
    lines: tuple[int, ...] = ()


def with_plain_quotes(text: str) -> str:
    """The text with cells in double quotation marks where they stood in single or escaped ones, or lines in quotes."""
    if '"' not in text:
        return _from_single(text)
    if re.search(r'\\"[^,;|\t\n]', text):
        text = re.sub(r'\\(["\\])', lambda escaped: '""' if escaped[1] == '"' else "\\", text)
    return _unwrap(text)


def without_stray_quotes(text: str, delimiter: str) -> Closed:
    """The text without those quotation marks that are opened on a whole line and make no row with the lines below.

    A cell of several lines breaks its row in two: the lines up to its closing mark are one row of the usual width.
    """
    lines = pl.Series(text.split("\n"))
    odd = lines.str.count_matches('"') % 2 == 1
    if not odd.any():
        return Closed(text)
    marks = lines.str.count_matches(re.escape(delimiter))
    usual = int(marks.filter(~odd).mode().max() or 0)  # type: ignore[arg-type]
    if usual < _FEWEST_MARKS:
        return Closed(text)
    repaired = lines.to_list()
    places = odd.arg_true().to_list()[::-1]
    stray = []
    while places:
        first = places.pop()
        last = places[-1] if places else first
        if last > first and _is_one_row(repaired[first : last + 1], delimiter, usual + 1):
            places.pop()
        elif marks[first] >= usual:
            before, _, after = repaired[first].rpartition('"')
            repaired[first] = before + after
            stray.append(first + 1)
        elif places:
            places.pop()
    return Closed("\n".join(repaired), tuple(stray))


def _is_one_row(lines: list[str], delimiter: str, width: int) -> bool:
    """True when these lines make one row of this width, with a cell of several lines in it."""
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return len(rows) == 1 and len(rows[0]) == width


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
