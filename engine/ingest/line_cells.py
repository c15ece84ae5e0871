"""The cells of lines: how many each has, how one with stray marks is cut, and in which column a cell belongs."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_NEWLINE, _MARK = 10, 34

_DEAREST = 4
"""Oddities above which a way of cutting a line is no explanation of it."""

_MOST_STEPS = 4_000
"""Steps above which no way of cutting a line is looked for."""

_FEWEST_ROWS = 4
_MOST_SHAPES = 4
"""Ways of writing above which a column holds free text, where any cell fits."""

_FEWEST_TIGHT = 2
"""Columns with few ways of writing that a table needs, so that its rows can be told from others."""


@dataclass(frozen=True)
class LineWidths:
    """What a look at the bytes tells about each line.

    Attributes:
        delimiters: how many there are on the line, inside quotation marks or not.
        cells: how many cells the line has when it stands by itself; 0 for an empty line.
        odd: True for a line with an odd number of quotation marks: a cell goes on below, or a mark is stray.
    """

    delimiters: npt.NDArray[np.int64]
    cells: npt.NDArray[np.int64]
    odd: npt.NDArray[np.bool_]

    @property
    def widest(self) -> int:
        """An upper limit of the number of columns."""
        return int(self.delimiters.max()) + 1

    @property
    def usual(self) -> int:
        """The number of cells that most lines have, of those with several and with all marks closed; else 0."""
        several = self.cells[~self.odd & (self.cells > 1)]
        return int(np.bincount(several).argmax()) if len(several) else 0


def line_widths(content: bytes, delimiter: str) -> LineWidths:
    """Count the cells of each line.

    Args:
        content: the text in UTF-8, with newlines alone as line ends.
        delimiter: one character.
    """
    data = np.frombuffer(content, dtype=np.uint8)
    ends = np.append(np.flatnonzero(data == _NEWLINE), len(data))
    starts = np.concatenate(([0], ends[:-1] + 1))
    places = _places(content, data, delimiter)
    delimiters = np.diff(np.searchsorted(places, ends), prepend=0)
    filled = ends > starts
    if b'"' not in content:
        return LineWidths(delimiters, (delimiters + 1) * filled, np.zeros(len(ends), dtype=np.bool_))
    # An odd running count of marks is an open cell; it may wrap around, for only its last bit counts.
    running = np.cumsum(data == _MARK, dtype=np.uint8) & 1
    before = np.where(starts > 0, running[starts - 1], 0)
    after = np.where(ends > 0, running[ends - 1], 0)
    line = np.repeat(np.arange(len(ends)), delimiters)
    inside = running[places] != before[line]
    outside = delimiters - np.bincount(line[inside], minlength=len(ends))
    return LineWidths(delimiters, (outside + 1) * filled, before != after)


def has_inner_marks(content: bytes, delimiter: str) -> bool:
    """True when a quotation mark stands between two other signs, at neither edge of a cell.

    Args:
        content, delimiter: as for `line_widths`.
    """
    data = np.frombuffer(content, dtype=np.uint8)
    marks = np.flatnonzero(data == _MARK)
    marks = marks[(marks > 0) & (marks < len(data) - 1)]
    edge = np.zeros(256, dtype=np.bool_)
    edge[[_NEWLINE, _MARK, *delimiter.encode()]] = True
    return bool((~edge[data[marks - 1]] & ~edge[data[marks + 1]]).any())


@dataclass(frozen=True)
class CutLine:
    """A line as cells.

    Attributes:
        cells: without the marks around them.
        dropped: how many marks were left out because they open a cell and nothing closes it.
    """

    cells: tuple[str, ...]
    dropped: int


@dataclass(frozen=True)
class _Way:
    """The cheapest way to cut the first pieces of a line: what is odd about it, and its cells."""

    cost: int
    cells: tuple[str, ...]
    dropped: int

    def then(self, cost: int, cell: str, dropped: int = 0) -> "_Way":
        return _Way(self.cost + cost, (*self.cells, cell), self.dropped + dropped)


def cut_line(line: str, delimiter: str, width: int) -> CutLine | None:
    """The line as so many cells, with as few oddities as possible; None where there is no likely way.

    A cell lies between two delimiters, or between a mark behind a delimiter and a mark before one. A mark inside a
    cell is odd, and more so beside a delimiter, where it looks like the edge of a cell. A mark that opens a cell and is
    never closed is odd, too, and left out.

    Args:
        line: with neither line end nor the start of a cell that goes on below.
        delimiter: between the cells.
        width: the number of cells, > 0.
    """
    pieces = line.split(delimiter)
    surplus = len(pieces) - width
    if surplus < 0 or steps_of(line, delimiter, width) > _MOST_STEPS:
        return None
    # ways[place][within]: the pieces before this place are cut, and so many delimiters lie inside cells.
    ways: list[dict[int, _Way]] = [{} for _ in range(len(pieces) + 1)]
    ways[0][0] = _Way(0, (), 0)
    for place, piece in enumerate(pieces):
        for within, way in ways[place].items():
            bare = piece.strip(" ")
            opens = bare.startswith('"')
            odd = int(opens) + int(bare.endswith('"') and len(bare) > 1)
            _offer(ways[place + 1], within, way.then(odd, bare[1:] if opens else piece, int(opens)))
            for last in range(place, min(place + surplus - within, len(pieces) - 1) + 1) if opens else ():
                cell = delimiter.join(pieces[place : last + 1]).strip(" ")
                if len(cell) > 1 and cell.endswith('"'):
                    content = cell[1:-1]
                    step = way.then(_oddities(content, delimiter), content.replace('""', '"'))
                    _offer(ways[last + 1], within + last - place, step)
    best = ways[-1].get(surplus)
    return CutLine(best.cells, best.dropped) if best and best.cost <= _DEAREST else None


def steps_of(line: str, delimiter: str, width: int) -> int:
    """How much work it is to cut the line; the arguments are those of `cut_line`."""
    pieces = line.count(delimiter) + 1
    return pieces * max(1, pieces - width + 1)


@dataclass(frozen=True)
class ColumnShapes:
    """The ways in which the cells of each column are written.

    Attributes:
        shapes: per column, how often each shape comes, with each run of letters or digits as one.
        lengths: per column, how often each shape comes, with each letter and digit by itself.
    """

    shapes: tuple[Counter[str], ...]
    lengths: tuple[Counter[str], ...]

    @property
    def tell(self) -> bool:
        """True when enough columns are written in few ways."""
        return sum(map(_is_tight, self.shapes)) >= _FEWEST_TIGHT

    def fits(self, column: int, cell: str) -> bool:
        """True for a cell written as others of its column are; `column` counts from 0."""
        usual, shape = self.shapes[column], shape_of(cell)
        return shape in usual or bool(shape and not _is_tight(usual))

    def could_stand(self, column: int, cell: str) -> bool:
        """True for a cell that may be all of its column's: a number of any length, otherwise one as long as others."""
        if not self.fits(column, cell):
            return False
        free = not _is_tight(self.shapes[column])
        return free or re.fullmatch(r"[\d.,]*", cell) is not None or exact_shape_of(cell) in self.lengths[column]

    def misfits(self, cells: Sequence[str]) -> int:
        """How many cells do not fit their columns; cells at the end may be missing, but not too many."""
        return sum(not self.fits(column, cell) for column, cell in enumerate(cells))

    def likelihood(self, cells: Sequence[str]) -> float:
        """How usual the lengths of these cells are in columns written in few ways: a product of shares."""
        product = 1.0
        for cell, usual, lengths in zip(cells, self.shapes, self.lengths, strict=False):
            if _is_tight(usual):
                product *= (lengths[exact_shape_of(cell)] + 0.1) / (lengths.total() + 1)
        return product


def column_shapes(rows: Sequence[Sequence[str]]) -> ColumnShapes | None:
    """The shapes of these rows, which are all of one length; None where they are too few to tell."""
    if len(rows) < _FEWEST_ROWS:
        return None
    columns = list(zip(*rows, strict=True))
    return ColumnShapes(
        tuple(Counter(map(shape_of, column)) for column in columns),
        tuple(Counter(map(exact_shape_of, column)) for column in columns),
    )


def shape_of(cell: str) -> str:
    """How a cell is written, whatever its length.

    >>> shape_of(" BH-7885 "), shape_of("$52.45")
    ('a-9', '$9.9')
    """
    return re.sub(r"a+", "a", re.sub(r"9+", "9", exact_shape_of(cell)))


def exact_shape_of(cell: str) -> str:
    """How a cell is written, letter by letter.

    >>> exact_shape_of("BH-7885")
    'aa-9999'
    """
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", cell.strip()))


def _places(content: bytes, data: npt.NDArray[np.uint8], delimiter: str) -> npt.NDArray[np.int64]:
    sign = delimiter.encode()
    first = np.flatnonzero(data == sign[0])
    if len(sign) == 1:
        return first
    return np.array([place for place in first.tolist() if content.startswith(sign, place)], dtype=np.int64)


def _offer(ways: dict[int, _Way], within: int, way: _Way) -> None:
    if within not in ways or way.cost < ways[within].cost:
        ways[within] = way


def _oddities(content: str, delimiter: str) -> int:
    single = content.replace('""', "")
    return single.count('"') + single.count(f'{delimiter}"') + single.count(f'"{delimiter}')


def _is_tight(shapes: Counter[str]) -> bool:
    return len(shapes) <= _MOST_SHAPES and len(shapes) * 2 <= shapes.total() and any(shapes)
