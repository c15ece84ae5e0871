"""A line whose quotation marks do not pair, cut into cells all the same."""

from dataclasses import dataclass

_DEAREST = 4
"""Oddities above which a way of cutting a line is no explanation of it."""

_MOST_STEPS = 4_000
"""Steps above which no way of cutting a line is looked for."""


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


def _offer(ways: dict[int, _Way], within: int, way: _Way) -> None:
    if within not in ways or way.cost < ways[within].cost:
        ways[within] = way


def _oddities(content: str, delimiter: str) -> int:
    single = content.replace('""', "")
    return single.count('"') + single.count(f'{delimiter}"') + single.count(f'"{delimiter}')
