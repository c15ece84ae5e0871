"""Where the table starts on a sheet, and what its columns are called."""

import re
from dataclasses import dataclass

import polars as pl

from engine.ingest.amounts import looks_like_number
from engine.ingest.dates import looks_like_date
from engine.ingest.read import Grid
from engine.ingest.roles import header_hint

HEAD_ROWS = 200
"""Rows of a sheet that are looked at to find its headers."""

_TYPED_SHARE = 0.5
"""A column is one of numbers or of dates when at least this share of its filled cells is."""


@dataclass(frozen=True)
class Body:
    """The table inside a grid.

    Attributes:
        names: one unique name per column.
        positions: the place of each column in the grid, from 0.
        header_row: the spreadsheet row of the headers, from 1; 0 when there are none.
        first_row: the spreadsheet row of the first row of data.
        text: the data rows as text, columns named "0", "1", ...
        numbers: the cells stored as numbers, in the shape of `text`, or None.
        title: what stands above the headers, joined.
        renamed: headers that had to be changed because they were blank or repeated.
    """

    names: tuple[str, ...]
    positions: tuple[int, ...]
    header_row: int
    first_row: int
    text: pl.DataFrame
    numbers: pl.DataFrame | None
    title: str = ""
    renamed: tuple[str, ...] = ()


def find_body(grid: Grid) -> Body | None:
    """The table of a sheet without its title, blank edges and blank columns; None when the sheet is blank."""
    filled = _filled_per_row(grid.text)
    last = int(filled.len() - (filled > 0).reverse().arg_max()) if (filled > 0).any() else 0  # type: ignore[operator]
    if not last:
        return None
    start, has_header = _find_start(grid.text.head(last).head(HEAD_ROWS))
    first = start + 1 if has_header else start
    kept = [
        i
        for i, name in enumerate(grid.text.columns)
        if grid.text[name].slice(start, last - start).null_count() < last - start
    ]
    headers = [grid.text[start, i] for i in kept] if has_header else [None] * len(kept)
    names, renamed = unique_names(headers)
    above = grid.text.head(start)
    title = " · ".join(cell for row in above.iter_rows() for cell in row if cell)
    return Body(
        names=names,
        positions=tuple(kept),
        header_row=start + 1 if has_header else 0,
        first_row=first + 1,
        text=_cut(grid.text, kept, first, last),
        numbers=None if grid.numbers is None else _cut(grid.numbers, kept, first, last),
        title=title,
        renamed=renamed if has_header else (),
    )


def unique_names(headers: list[str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One unique name per column, and those that had to be made up or changed.

    >>> unique_names(["Sales", None, "sales"])
    (('Sales', 'Column 2', 'sales (2)'), ('Column 2', 'sales (2)'))
    """
    names: list[str] = []
    renamed: list[str] = []
    taken: set[str] = set()
    for position, header in enumerate(headers, start=1):
        wanted = re.sub(r"\s+", " ", header or "").strip() or f"Column {position}"
        name, copy = wanted, 1
        while name.casefold() in taken:
            copy += 1
            name = f"{wanted} ({copy})"
        if not header or copy > 1:
            renamed.append(name)
        taken.add(name.casefold())
        names.append(name)
    return tuple(names), tuple(renamed)


def _cut(frame: pl.DataFrame, kept: list[int], first: int, last: int) -> pl.DataFrame:
    return frame.slice(first, last - first).select(
        pl.col(frame.columns[position]).alias(str(index)) for index, position in enumerate(kept)
    )


def _find_start(head: pl.DataFrame) -> tuple[int, bool]:
    """The frame row at which the table starts, and whether that row holds the headers."""
    kinds = _kinds(head)
    filled = _filled_per_row(head)
    wide_enough = [row for row, count in enumerate(filled) if count >= max(1, _usual_width(filled) / 2)]
    typed = _typed_columns(kinds, head, wide_enough[0])
    if not typed:
        return wide_enough[0], _could_be_header(head, wide_enough[0])
    first_data = next((row for row in wide_enough if _fits(kinds, row, typed)), wide_enough[-1])
    above = [row for row in wide_enough if row < first_data]
    if not above:
        return first_data, False
    # Several rows of words may stand above the data; the headers are the fullest, with words of the trade.
    return max(above, key=lambda row: (_header_score(head.row(row)), -row)), True


def _kinds(head: pl.DataFrame) -> pl.DataFrame:
    """Per cell "" (blank), "n" (number), "d" (date) or "t" (text)."""
    cells = pl.concat([head[name].rename("cell") for name in head.columns])
    kinds = pl.select(
        pl.when(cells.is_null())
        .then(pl.lit(""))
        .when(looks_like_date(cells))
        .then(pl.lit("d"))
        .when(looks_like_number(cells))
        .then(pl.lit("n"))
        .otherwise(pl.lit("t"))
    ).to_series()
    return pl.DataFrame({name: kinds.slice(i * head.height, head.height) for i, name in enumerate(head.columns)})


def _typed_columns(kinds: pl.DataFrame, head: pl.DataFrame, top: int) -> dict[str, str]:
    """The columns that hold numbers or dates in the lower part of the head, where no title or header stands."""
    start = -(-kinds.height * 2 // 5) if kinds.height > 1 else 0
    typed = {}
    for name in kinds.columns:
        # Headers that come again on each printed page are no values.
        values = head[name].ne_missing(head[top, name]) | (kinds[name] != "t")
        cells = kinds[name].slice(start).filter(((kinds[name] != "") & values).slice(start))
        for kind in ("n", "d"):
            if len(cells) and (cells == kind).mean() >= _TYPED_SHARE:  # type: ignore[operator]
                typed[name] = kind
    return typed


def _fits(kinds: pl.DataFrame, row: int, typed: dict[str, str]) -> bool:
    """True when the row has numbers and dates where the table has them."""
    cells = {name: kinds[row, name] for name in typed if kinds[row, name]}
    return sum(kind == typed[name] for name, kind in cells.items()) * 2 > len(cells) if cells else False


def _could_be_header(head: pl.DataFrame, row: int) -> bool:
    """In a table of words only: the row's cells are all different, and none comes again below it."""
    cells = [cell for cell in head.row(row) if cell]
    below = head.slice(row + 1)
    again = any((below[name] == head[row, name]).any() for name in head.columns if head[row, name])
    return len(cells) == len(set(cells)) and not again


def _header_score(cells: tuple[str | None, ...]) -> float:
    words = [cell for cell in cells if cell]
    return len(words) + 2 * sum(header_hint(word) is not None for word in words)


def _filled_per_row(text: pl.DataFrame) -> pl.Series:
    return text.select(pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int32)).alias("filled")).to_series()


def _usual_width(filled: pl.Series) -> int:
    """The number of filled cells that a full row of the table has."""
    some = filled.filter(filled > 0)
    return int(some.quantile(0.75, "nearest") or 1)
