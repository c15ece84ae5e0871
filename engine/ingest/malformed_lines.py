"""Single lines of a delimited text that are written otherwise than the rest of it, put right.

A quotation mark is stray, a delimiter is missing or comes twice, a row has another delimiter. A line is count only
when it cannot be read as it stands or does not fit its columns, and when there is one way in which it does.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.ingest.line_cells import ColumnShapes, LineWidths, column_shapes, cut_line, steps_of

_FEWEST_COLUMNS = 3
"""Fewer columns do not tell a row from a line of prose."""

_USUAL_SHARE = 0.8
"""Lines must be of one width at least to this share, for the others to be exceptions."""

_MOST_STEPS, _STEPS_TO_REALIGN = 8_000_000, 400
"""Work that lines looked at one by one may take: steps of cutting them, and of finding the columns of their cells."""

_SAMPLE_LINES = 500
_CLEARLY = 3.0
"""The likeliest place of a missing delimiter must be so many times as likely as the next."""

_LONGEST_SPLIT = 200
"""Letters of a cell between which a missing delimiter is looked for."""

_OTHER_DELIMITERS = ";\t|, "


class LineFault(StrEnum):
    """What was wrong with a line, and what was done about it, in the owner's words."""

    STRAY_MARK = "a quotation mark that is never closed was left out"
    INNER_MARK = "quotation marks inside cells were kept as letters"
    MISSING = "put in a separator that was missing between two cells"
    REPEATED = "left out a separator that came twice"
    OTHER = "read a row with another separator than the rest"


OF_MARKS = frozenset({LineFault.STRAY_MARK, LineFault.INNER_MARK})
"""Faults of quotation marks alone, which move no cell."""


@dataclass(frozen=True)
class TextRepair:
    """Text in which every line can be read.

    Attributes:
        text: with as many lines as before.
        faults: the lines, from 1, that were put right, by what was wrong; a line that was merely written
            in an unusual way is not among them.
    """

    text: str
    faults: dict[LineFault, tuple[int, ...]]


@dataclass(frozen=True)
class _LineRepair:
    """The cells of a line that was put right; nothing is said where it was as good as right."""

    cells: Sequence[str]
    fault: LineFault | None


def repair_lines(text: str, delimiter: str, widths: LineWidths) -> TextRepair:
    """Put right the lines that do not have the usual number of cells.

    A cell of several lines is left alone: the lines up to its closing mark make one row of the usual width.

    Args:
        text: with newlines alone as line ends.
        delimiter: one character.
        widths: of the lines of this text.
    """
    usual = widths.usual
    odd = widths.odd
    other = ~odd & (widths.cells != usual) & (widths.cells > 0)
    suspects = np.flatnonzero(odd | other)
    if usual < _FEWEST_COLUMNS or not len(suspects):
        return TextRepair(text, {})
    if other.sum() > (1 - _USUAL_SHARE) * (widths.cells > 0).sum():
        suspects = np.flatnonzero(odd)
    lines = text.split("\n")
    form = _Form(lines, delimiter, widths, loose=is_loose(text, delimiter))
    faults: dict[LineFault, list[int]] = {}
    count = 0
    for place, repair in _repair_each(suspects.tolist(), form):
        lines[place] = _written(repair.cells, delimiter)
        count += 1
        if repair.fault:
            faults.setdefault(repair.fault, []).append(place + 1)
    if not count:
        return TextRepair(text, {})
    return TextRepair("\n".join(lines), {fault: tuple(places) for fault, places in faults.items()})


def is_loose(text: str, delimiter: str) -> bool:
    """True when a blank behind the delimiter hides an opening mark from a strict reader: `0, "6,000"`."""
    hidden = delimiter not in "\t " and ' "' in text
    return hidden and re.search(re.escape(delimiter) + ' +"', text) is not None


class _Form:
    """The lines of a text and the form that most of them have."""

    def __init__(self, lines: list[str], delimiter: str, widths: LineWidths, *, loose: bool) -> None:
        self.lines = lines
        self.delimiter = delimiter
        self.width = widths.usual
        self.loose = loose
        self.odd = widths.odd
        self._cells = widths.cells
        regular = np.flatnonzero(~widths.odd & (widths.cells == widths.usual))
        self._shapes = self._shapes_of(regular[1 : _SAMPLE_LINES + 1].tolist())  # the first is the headers

    def strict(self, line: str, delimiter: str = "") -> list[str] | None:
        """The cells of a line that stands by itself and is well written; else None."""
        rows = csv.reader([line], delimiter=delimiter or self.delimiter, strict=True, skipinitialspace=self.loose)
        try:
            return next(rows, None)
        except csv.Error:
            return None

    def is_one_row(self, first: int, last: int) -> bool:
        """True when these lines make one row of the usual width, with a cell of several lines in it."""
        lines = io.StringIO("\n".join(self.lines[first : last + 1]))
        try:
            rows = list(csv.reader(lines, delimiter=self.delimiter, strict=True, skipinitialspace=self.loose))
        except csv.Error:
            return False
        return len(rows) == 1 and len(rows[0]) == self.width

    def repair(self, place: int) -> _LineRepair | None:
        """The cells of a line that is put right; None where it stays as it is."""
        line = self.lines[place]
        cells = self.strict(line)
        if cells is not None and len(cells) == self.width:
            return _LineRepair(cells, None)
        short = cells is None or len(cells) == self.width - 1
        if short and not self.odd[place] and (edge := self._split_at_mark(line, cells)):
            return _LineRepair(edge, LineFault.MISSING)
        if cells is None:
            cut = cut_line(line, self.delimiter, self.width)
            if cut is None:
                return None
            return _LineRepair(cut.cells, LineFault.STRAY_MARK if cut.dropped else LineFault.INNER_MARK)
        if len(cells) == self.width + 1 and self._is_header(place):
            return _without_blank_name(cells)
        if self._shapes is None or not self._shapes.tell or not self._shapes.misfits(cells[: self.width]):
            return None
        return self._realign(line, cells, self._shapes)

    def _shapes_of(self, places: Iterable[int]) -> ColumnShapes | None:
        rows = [self.strict(self.lines[place]) for place in places]
        return column_shapes([row for row in rows if row is not None and len(row) == self.width])

    def _is_header(self, place: int) -> bool:
        """True for the first line with anything on it, when it alone is as wide as it is."""
        first = int((self._cells > 0).argmax())
        return place == first and int((self._cells >= self._cells[place]).sum()) == 1

    def _split_at_mark(self, line: str, cells: list[str] | None) -> list[str] | None:
        """The cells with a delimiter put in before or behind a mark, where only one place makes the width right."""
        ways = set()
        inner = f"[^{re.escape(self.delimiter)}]"
        for edge in re.finditer(rf'(?<=")(?={inner})|(?<={inner})(?=")', line):
            row = self.strict(line[: edge.start()] + self.delimiter + line[edge.start() :])
            if row is not None and len(row) == self.width:
                ways.add(tuple(row))
        if cells is not None:  # the line is well written: only its columns can tell
            fits = self._shapes is not None and self._shapes.tell and self._shapes.misfits(cells)
            ways = {way for way in ways if fits and self._shapes is not None and not self._shapes.misfits(way)}
        return list(ways.pop()) if len(ways) == 1 else None

    def _realign(self, line: str, cells: list[str], shapes: ColumnShapes) -> _LineRepair | None:
        if len(cells) == self.width + 1:
            row = _only_fit(_without_one_blank(cells), shapes)
            return _LineRepair(row, LineFault.REPEATED) if row else None
        if len(cells) == self.width - 1 and not _may_lack_a_cell(cells, shapes):
            row = _likeliest(_with_one_split(cells, shapes), shapes)
            if row:
                return _LineRepair(row, LineFault.MISSING)
        for delimiter in _OTHER_DELIMITERS.replace(self.delimiter, ""):
            pieces = self.strict(line, delimiter) or []
            rows = _with_words_joined(pieces, self.width, delimiter) if len(pieces) >= self.width else ()
            if row := _only_fit(rows, shapes):
                return _LineRepair(row, LineFault.OTHER)
        return None


def _repair_each(suspects: list[int], form: _Form) -> Iterator[tuple[int, _LineRepair]]:
    """The suspects that are put right, but no line in a cell of several lines, and no more than can be looked at."""
    odd = np.flatnonzero(form.odd)
    until = -1
    steps = 0
    for place in suspects:
        if place <= until:
            continue
        following = int(np.searchsorted(odd, place, side="right"))
        closing = int(odd[following]) if form.odd[place] and following < len(odd) else place
        if closing > place and form.is_one_row(place, closing):
            until = closing
            continue
        steps += steps_of(form.lines[place], form.delimiter, form.width)
        steps += 0 if form.odd[place] else _STEPS_TO_REALIGN
        if steps > _MOST_STEPS:
            return
        repair = form.repair(place)
        if repair is not None:
            yield place, repair
        else:
            until = closing


def _without_blank_name(cells: list[str]) -> _LineRepair | None:
    """Headers without the only blank among them, which would move all others away from their columns."""
    names = [cell for cell in cells if cell.strip()]
    words = all(re.search(r"[^\W\d_]", name) for name in names)
    if len(names) != len(cells) - 1 or not words or not cells[-1].strip():
        return None
    return _LineRepair(names, LineFault.REPEATED)


def _without_one_blank(cells: list[str]) -> Iterator[list[str]]:
    for place, cell in enumerate(cells):
        if not cell.strip():
            yield cells[:place] + cells[place + 1 :]


def _may_lack_a_cell(cells: list[str], shapes: ColumnShapes) -> bool:
    """True when the cells fit with a blank among them: "12.50" may be an amount alone, and not 1 and 2.50."""
    behind = [shapes.could_stand(place + 1, cell) for place, cell in enumerate(cells)]
    for place in range(len(cells) + 1):
        if all(behind[place:]):
            return True
        if place < len(cells) and not shapes.could_stand(place, cells[place]):
            return False
    return False


def _with_one_split(cells: list[str], shapes: ColumnShapes) -> Iterator[list[str]]:
    """The cells with one of them cut in two, where those before and behind it fit their columns."""
    for place, cell in enumerate(cells):
        behind = enumerate(cells[place + 1 :], start=place + 2)
        if all(shapes.fits(column, other) for column, other in behind):
            for cut in range(1, min(len(cell), _LONGEST_SPLIT)):
                if shapes.fits(place, cell[:cut]) and shapes.fits(place + 1, cell[cut:]):
                    yield [*cells[:place], cell[:cut], cell[cut:], *cells[place + 1 :]]
        if not shapes.fits(place, cell):
            return


def _with_words_joined(pieces: list[str], width: int, delimiter: str) -> Iterator[list[str]]:
    """The pieces with one run of them joined, so that they are as many as there are columns."""
    run = len(pieces) - width + 1
    for place in range(width):
        yield [*pieces[:place], delimiter.join(pieces[place : place + run]), *pieces[place + run :]]


def _only_fit(rows: Iterable[list[str]], shapes: ColumnShapes) -> list[str] | None:
    """The one row in which every cell fits its column."""
    fits = {tuple(row) for row in rows if not shapes.misfits(row)}
    return list(fits.pop()) if len(fits) == 1 else None


def _likeliest(rows: Iterable[list[str]], shapes: ColumnShapes) -> list[str] | None:
    """The row in which every cell fits its column, where one is clearly the likeliest."""
    fits = sorted(((shapes.likelihood(row), row) for row in rows if not shapes.misfits(row)), reverse=True)
    if not fits or (len(fits) > 1 and fits[0][0] < _CLEARLY * fits[1][0]):
        return None
    return fits[0][1]


def _written(cells: Sequence[str], delimiter: str) -> str:
    """The cells as one well-written line."""
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
    return line.getvalue()
