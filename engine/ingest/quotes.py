"""Quotation marks as files really have them: single, escaped by a backslash, around whole lines, never closed.

Each function gives text in which a quotation mark means what a strict reader takes it for.
"""

import csv
import io
import re
from dataclasses import dataclass

import polars as pl

from engine.ingest.sniff import SAMPLE_CHARACTERS, SAMPLE_ROWS, find_delimiter

_FEWEST_LINES = 2
_FEWEST_MARKS = 2
"""Delimiters that a whole line must have, so that a line of prose in a cell is not taken for one."""


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
    places = odd.arg_true().to_list()
    stray = []
    while places:
        first = places.pop(0)
        last = places[0] if places else first
        if last > first and _is_one_row(repaired[first : last + 1], delimiter, usual + 1):
            places.pop(0)
        elif marks[first] >= usual:
            before, _, after = repaired[first].rpartition('"')
            repaired[first] = before + after
            stray.append(first + 1)
        else:
            places = places[1:]
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
