"""Where the table starts on a sheet, and what its columns are called."""

import re
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from engine.ingest.amounts import looks_like_number
from engine.ingest.columns import unused_name
from engine.ingest.dates import looks_like_date
from engine.ingest.grid import SheetGrid, filled_per_row
from engine.ingest.meaning.names import header_hint
from engine.ingest.periods import run_of_periods

HEAD_ROWS = 200
"""Rows of a sheet that are looked at to find its headers."""

_LONGEST_NAME = 300
"""Letters of a header that are its column's name; a longer text is a whole question of a survey, or made to do harm."""

_MOST_HEADER_ROWS = 3
_FURTHEST_HEADERS = 12
_FEWEST_MONTHS = 3
_FEWEST_HEADERS = 2

_SENTENCES = 0.6
"""Share of the cells of a row that are sentences, of a row that describes the columns."""

_SECOND_SHARE = 0.4
"""A second row of headers has at least this share of the cells of the first."""

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
        header_rows: how many rows make up the headers.
        renamed: headers that had to be changed because they were blank or repeated.
        realigned: spreadsheet rows in which the headers come again in another order; the columns below follow `names`.
    """

    names: tuple[str, ...]
    positions: tuple[int, ...]
    header_row: int
    first_row: int
    text: pl.DataFrame
    numbers: pl.DataFrame | None
    title: str = ""
    renamed: tuple[str, ...] = ()
    header_rows: int = 1
    realigned: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Heads:
    """The rows of a sheet's headers, as frame rows: the first, the fullest, and the first row of data."""

    top: int
    main: int
    data: int

    @property
    def exist(self) -> bool:
        return self.data > self.main


def find_body(grid: SheetGrid) -> Body | None:
    """The table of a sheet without its title, blank edges and blank columns; None when the sheet is blank."""
    filled = filled_per_row(grid.text)
    if not (filled > 0).any():
        return None
    last = int(filled.len() - (filled > 0).reverse().arg_max())  # type: ignore[operator]
    above = int((filled > 0).arg_max() or 0)
    heads = _find_heads(grid.text.slice(above, last - above).head(HEAD_ROWS), above)
    places = [
        i
        for i, name in enumerate(grid.text.columns)
        if grid.text[name].slice(heads.main, last - heads.main).null_count() < last - heads.main
    ]
    headers: list[str | None] = _headers(grid, heads, places) if heads.exist else [None] * len(places)
    names, renamed = unique_names(headers)
    over = grid.text.head(heads.top)
    title = " · ".join(cell for row in over.iter_rows() for cell in row if cell)
    text = _cut(grid.text, places, heads.data, last)
    again = _headers_in_another_order(text, headers)
    numbers = None if grid.numbers is None else _cut(grid.numbers, places, heads.data, last)
    return Body(
        names=names,
        positions=tuple(int(grid.text.columns[place]) for place in places),
        header_row=heads.main + 1 if heads.exist else 0,
        first_row=heads.data + 1,
        text=_realign(text, again),
        numbers=None if numbers is None else _realign(numbers, again),
        title=title,
        renamed=renamed if heads.exist else (),
        header_rows=heads.data - heads.top,
        realigned=tuple(heads.data + row + 1 for row, order in again.items() if order != sorted(order)),
    )


def _headers_in_another_order(text: pl.DataFrame, headers: list[str | None]) -> dict[int, list[int]]:
    """The rows in which all headers come again, each with the place of every header; empty where the order is one."""
    names = [header.casefold() if header else "" for header in headers]
    if len(names) < _FEWEST_HEADERS or len(set(names)) < len(names) or "" in names:
        return {}
    alike = text.select(pl.all_horizontal(pl.all().str.to_lowercase().is_in(names).fill_null(False))).to_series()
    orders = {}
    for row in alike.arg_true().to_list():
        cells = [cell.casefold() for cell in text.row(row)]
        if sorted(cells) == sorted(names):
            orders[row] = [cells.index(name) for name in names]
    return orders if any(order != sorted(order) for order in orders.values()) else {}


def _realign(frame: pl.DataFrame, orders: dict[int, list[int]]) -> pl.DataFrame:
    """The frame with its columns, from each of these rows on, in this order."""
    edges = [*orders, frame.height]
    if not orders:
        return frame
    parts = [frame.head(edges[0])]
    for row, end in pairwise(edges):
        part = frame.slice(row, end - row)
        parts.append(part.select(part[:, place].alias(str(index)) for index, place in enumerate(orders[row])))
    return pl.concat(parts)


def is_made_up(name: str, place: int) -> bool:
    """True for the name that a column without a header is given; `place` counts from 0."""
    return name == f"Column {place + 1}"


def unique_names(headers: list[str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One unique name per column, of bounded length, and those that had to be made up or changed.

    >>> unique_names(["Sales", None, "sales"])
    (('Sales', 'Column 2', 'sales (2)'), ('Column 2', 'sales (2)'))
    """
    names: list[str] = []
    renamed: list[str] = []
    for position, header in enumerate(headers, start=1):
        whole = re.sub(r"\s+", " ", header or "").strip() or f"Column {position}"
        base = whole if len(whole) <= _LONGEST_NAME else whole[: _LONGEST_NAME - 1] + "…"
        name = unused_name(base, names)
        if not header or name != whole:
            renamed.append(name)
        names.append(name)
    return tuple(names), tuple(renamed)


def _cut(frame: pl.DataFrame, places: list[int], first: int, last: int) -> pl.DataFrame:
    return frame.slice(first, last - first).select(
        pl.col(frame.columns[position]).alias(str(index)) for index, position in enumerate(places)
    )


def _find_heads(head: pl.DataFrame, above: int) -> _Heads:
    """Where the headers and the data start; `above` frame rows come before the head."""
    start, has_header, first_data = _find_start(head)
    if not has_header:
        return _Heads(above + start, above + start, above + start)
    filled = filled_per_row(head)
    kinds = _kinds(head)
    # Rows of words between the fullest row of headers and the data belong to the headers: units, second lines.
    below = range(start + 1, first_data)
    joined = all(
        filled[row] > max(1, _SECOND_SHARE * filled[start]) and _is_words(head.row(row), kinds.row(row))
        for row in below
    )
    data = first_data if joined else start + 1
    top = start
    if _has_gaps(head.row(start)):
        while top > 0 and start - top < _MOST_HEADER_ROWS and _is_group_row(head.row(top - 1), kinds.row(top - 1)):
            top -= 1
    return _Heads(above + top, above + start, above + data)


def _is_words(cells: tuple[str | None, ...], kinds: tuple[str, ...]) -> bool:
    numbers = [cell for cell, kind in zip(cells, kinds, strict=True) if cell and kind == "n"]
    return "d" not in kinds and (not numbers or run_of_periods(numbers))


def _has_gaps(cells: tuple[str | None, ...]) -> bool:
    """True when headers inside the table are blank or repeated, so that the row above has to tell them apart."""
    names = [cell.casefold() for cell in cells if cell]
    places = [index for index, cell in enumerate(cells) if cell]
    return len(names) != len(set(names)) or len(names) < places[-1] - places[0] + 1


def _is_group_row(cells: tuple[str | None, ...], kinds: tuple[str, ...]) -> bool:
    places = [index for index, cell in enumerate(cells) if cell]
    years = all(re.fullmatch(r"(?:19|20)\d{2}", cell) for cell in cells if cell)
    words = all(kind in ("", "t", "d") for kind in kinds)
    return bool(places) and (words or years) and (len(places) > 1 or places[0] > 0)


def _headers(grid: SheetGrid, heads: _Heads, places: list[int]) -> list[str | None]:
    """One header per column, made of all rows of headers where the fullest alone does not tell."""
    several = heads.data > heads.main + 1
    row = _spread_right(grid, heads.main) if several else grid.text.row(heads.main)
    below = [any(grid.text[lower, place] for lower in range(heads.main + 1, heads.data)) for place in places]
    main = [row[place] if lower else grid.text[heads.main, place] for place, lower in zip(places, below, strict=True)]
    folded = [cell.casefold() if cell else None for cell in main]
    upper = [_spread_right(grid, row) for row in range(heads.top, heads.main)]
    lower = [grid.text.row(row) for row in range(heads.main + 1, heads.data)]
    lower = [row for row in lower if not _describes(row)]
    headers = []
    for index, place in enumerate(places):
        doubtful = folded[index] is None or folded.count(folded[index]) > 1
        parts = [row[place] for row in upper] if doubtful else []
        parts += [main[index], *(row[place] for row in lower)]
        words = list(dict.fromkeys(part for part in parts if part))
        headers.append(" ".join(words) or None)
    return headers


def _describes(cells: tuple[str | None, ...]) -> bool:
    """True for a row of sentences that say what each column is, and are no part of its header."""
    words = [cell.strip() for cell in cells if cell]
    return sum(word.endswith(".") and " " in word for word in words) >= _SENTENCES * len(words) > 0


def _spread_right(grid: SheetGrid, row: int) -> list[str | None]:
    """A row of group headers, each standing for the blank cells to its right: for all of them, or as far as merged."""
    cells = list(grid.text.row(row))
    ends = {merge.left: merge.right for merge in grid.details.merges if merge.top <= row <= merge.bottom}
    current, until = None, -1
    for place, cell in enumerate(cells):
        if cell:
            current, until = cell, ends.get(place, len(cells) if not ends else place)
        elif place <= until:
            cells[place] = current
    return cells


def _find_start(head: pl.DataFrame) -> tuple[int, bool, int]:
    """The frame row at which the table starts, whether it holds the headers, and the first row of data."""
    kinds = _kinds(head)
    filled = filled_per_row(head)
    wide_enough = [row for row, count in enumerate(filled) if count >= max(1, _usual_width(filled) / 2)]
    typed = _typed_columns(kinds, head, wide_enough[0])
    if not typed:
        header = _could_be_header(head, wide_enough[0])
        return wide_enough[0], header, wide_enough[0] + header
    first_data = next((row for row in wide_enough if _fits(kinds, head, row, typed)), wide_enough[-1])
    above = [row for row in wide_enough if row < first_data and not _is_record(kinds.row(row), head.row(row))]
    if not above and (later := _headers_further_down(head, kinds, typed)):
        return later, True, later + 1
    if not above:
        first_data = min([row for row in wide_enough if row <= first_data])
        return first_data, False, first_data
    # Several rows of words may stand above the data; the headers are the fullest, with words of the trade.
    best = max(_last_run(above, filled), key=lambda row: (_header_score(head.row(row)), -row))
    return best, True, max(first_data, best + 1)


def _headers_further_down(head: pl.DataFrame, kinds: pl.DataFrame, typed: dict[str, str]) -> int:
    """The row of headers where a row of totals or settings stands above it; 0 where there is none.

    It has words of the trade over the columns of numbers and dates, and is as full as any row.
    """
    usual = _usual_width(filled_per_row(head))
    for row in range(1, min(head.height - 1, _FURTHEST_HEADERS)):
        cells = head.row(row)
        names = [cell for cell in cells if cell]
        over = all(kinds[row, name] in ("t", "") for name in typed)
        if over and len(names) >= usual and len(names) == len(set(names)) and _header_score(cells) >= len(names) + 4:
            return row
    return 0


def _last_run(rows: list[int], filled: pl.Series) -> list[int]:
    """The rows after the last blank row among them: what stands above it belongs to a title."""
    first = 0
    for index, (earlier, later) in enumerate(pairwise(rows), start=1):
        if (filled[earlier:later] == 0).any():
            first = index
    return rows[first:]


def _is_record(kinds: tuple[str, ...], cells: tuple[str | None, ...]) -> bool:
    """True for a row that holds a date and a number, as no row of headers does but one of months and their year."""
    numbers = [cell for cell, kind in zip(cells, kinds, strict=True) if cell and kind == "n"]
    months = kinds.count("d") >= _FEWEST_MONTHS and all(re.fullmatch(r"(?:19|20)\d{2}", cell) for cell in numbers)
    return "d" in kinds and bool(numbers) and not months


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


def _fits(kinds: pl.DataFrame, head: pl.DataFrame, row: int, typed: dict[str, str]) -> bool:
    """True when the row has numbers and dates where the table has them."""
    cells = {name: kinds[row, name] for name in typed if kinds[row, name]}
    if len(cells) * 3 <= len(typed) or not cells:
        return False
    below = [head[row + 1, name] for name in cells if row + 1 < head.height and head[row + 1, name]]
    if run_of_periods([head[row, name] for name, kind in cells.items() if kind == "n"]) and not run_of_periods(below):
        return False
    return bool(sum(kind == typed[name] for name, kind in cells.items()) * 2 > len(cells))


def _could_be_header(head: pl.DataFrame, row: int) -> bool:
    """In a table of words only: the row's cells are all different, and none comes again below it."""
    cells = [cell for cell in head.row(row) if cell]
    below = head.slice(row + 1)
    again = any((below[name] == head[row, name]).any() for name in head.columns if head[row, name])
    return len(cells) == len(set(cells)) and not again


def _header_score(cells: tuple[str | None, ...]) -> float:
    words = [cell for cell in cells if cell]
    numbers = looks_like_number(pl.Series(words, dtype=pl.String))
    if numbers.any() and not run_of_periods(pl.Series(words).filter(numbers).to_list()):
        words = pl.Series(words).filter(~numbers).to_list()
    return len(words) + 2 * sum(header_hint(word) is not None for word in words)


def _usual_width(filled: pl.Series) -> int:
    """The number of filled cells that a full row of the table has."""
    some = filled.filter(filled > 0)
    return int(some.quantile(0.75, "nearest") or 1)
