"""Plain text tables for a terminal."""

from collections.abc import Sequence
from math import isnan


def aligned(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    return "\n".join(_line(cells, widths) for cells in (headers, ["-" * width for width in widths], *rows))


def number(value: float, digits: int = 3) -> str:
    """The value with so many decimals, or a dash where it is not a number."""
    return "-" if isnan(value) else f"{value:.{digits}f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].ljust(widths[0])
    return "  ".join([first, *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))])
