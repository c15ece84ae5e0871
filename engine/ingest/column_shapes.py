"""How the cells of each column are written, to tell in which column a cell belongs."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_FEWEST_ROWS = 4
_MOST_SHAPES = 4
"""Ways of writing above which a column holds free text, where any cell fits."""

_FEWEST_TIGHT = 2
"""Columns with few ways of writing that a table needs, so that its rows can be told from others."""


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


def _is_tight(shapes: Counter[str]) -> bool:
    return len(shapes) <= _MOST_SHAPES and len(shapes) * 2 <= shapes.total() and any(shapes)
