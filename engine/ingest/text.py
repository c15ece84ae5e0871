"""Delimited text as a grid of cells."""

import csv
import io
import itertools
import re

import numpy as np
import polars as pl

from engine.ingest.grid import MEGABYTE, ReadingLimits, SheetGrid, numbered, refuse_oversize, tidy, without_expanse
from engine.ingest.quotes import Closed, without_stray_quotes
from engine.ingest.sniff import DecodedText

_MOST_LINES = 100
"""A last cell with more lines than this was opened by a quotation mark that nobody closed."""

_MOST_NAMED = 5
_WIDEST = 1_000
"""Columns above which delimiters inside quotes are suspected."""

_GUARD = r"^'([=+\-@＝＋－＠\t])"

_NEVER_CLOSED = "a quotation mark is never closed, so quotation marks were read as ordinary characters"


def read_text(decoded: DecodedText, delimiter: str, name: str, limits: ReadingLimits) -> SheetGrid:
    """The one table of a delimited text file.

    Rows may differ in length; quoted cells may hold delimiters and line breaks.

    Args:
        decoded: the file's text.
        delimiter: one character; "" for a single column.
        name: of the table.
        limits: how large it may be.

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
