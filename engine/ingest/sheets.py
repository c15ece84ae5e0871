"""Several tables of one file: two on one sheet, pivot tables beside their data, one table cut into sheets."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import polars as pl

from engine.dataset import SHEET, CleaningReport, Column, ColumnRole, Question, Repair, Table, TableKind
from engine.ingest.amounts import looks_like_number
from engine.ingest.columns import Setting, ask, counted, join
from engine.ingest.dates import looks_like_date
from engine.ingest.grid import SheetGrid, filled_per_row

TOGETHER = "put them together"
EACH_ALONE, CORRECT = "use each by itself", "I will correct the file first"

_FEWEST_SHARED, _SHARED = 3, 0.6
"""Columns that tables must share, and their share of all, to be parts of one although one has a few more."""

_SAME_ROWS, _FEWEST_KINDS = 0.8, 4
"""Share of the rows of days that two tables cover from which they are the same rows, and how many different ones: few
kinds of rows are alike by chance."""

_DTYPES = {"date": pl.Date, "number": pl.Float64, "text": pl.String}
_HEAD_ROWS = 30
_MOST_BREAKS = 50
_FEWEST_ROWS = 2
_MOST_TITLES = 6
_FEWEST_AGAIN = 4
_PIVOT_WORDS = frozenset(
    (
        "row labels",
        "column labels",
        "(multiple items)",
        "zeilenbeschriftungen",
        "spaltenbeschriftungen",
        "étiquettes de lignes",
        "étiquettes de colonnes",
        "etiquetas de fila",
        "etiquetas de columna",
        "etichette di riga",
        "etichette di colonna",
        "rijlabels",
        "kolomlabels",
        "rótulos de linha",
        "rótulos de coluna",
        "etykiety wierszy",
        "etykiety kolumn",
    )
)
_PIVOT_HEAD = 30


@dataclass(frozen=True)
class SheetPart:
    """One table's worth of a sheet."""

    grid: SheetGrid
    note: str = ""


def parts_of(grid: SheetGrid) -> list[SheetPart]:
    """The tables of one sheet, each as a grid of the sheet's size in which the other tables are blank."""
    sides = _touching(grid.text) or _side_by_side(grid.text)
    blocks = [block for side in sides for block in _one_below_the_other(side)]
    if len(blocks) < 2:
        return [SheetPart(grid)]
    note = f"{grid.name} holds {len(blocks)} tables; each is read by itself"
    parts = []
    for number, block in enumerate(blocks, start=1):
        name = grid.name if number == 1 else f"{grid.name} ({number})"
        cell_mask = pl.DataFrame([block[column].is_not_null().alias(column) for column in block.columns])
        numbers = None if grid.numbers is None else _only(grid.numbers, cell_mask)
        parts.append(SheetPart(replace(grid, name=name, text=block, numbers=numbers), note if number == 1 else ""))
    return parts


def without_pivots(grids: Sequence[SheetGrid]) -> tuple[list[SheetGrid], CleaningReport, bool]:
    """The sheets without pivot tables where others hold the data; True when there is nothing but pivot tables."""
    pivots = [grid.name for grid in grids if is_pivot(grid)]
    rest = [grid for grid in grids if grid.name not in pivots]
    others = [grid for grid in rest if (filled_per_row(grid.text) > 1).sum() > _FEWEST_ROWS]
    if not pivots or not others:
        return list(grids), CleaningReport(), bool(pivots)
    warnings = tuple(f"Sheet {name} was left out: it is a pivot table, which adds up other data." for name in pivots)
    return rest, CleaningReport(warnings=warnings), False


def is_pivot(grid: SheetGrid) -> bool:
    """True for a sheet with a pivot table on it."""
    if grid.details.pivot:
        return True
    head = grid.text.head(_PIVOT_HEAD)
    return any(head[name].str.to_lowercase().is_in(list(_PIVOT_WORDS)).any() for name in head.columns[:6])


def join_sheets(tables: Sequence[Table], setting: Setting) -> tuple[list[Table], CleaningReport]:
    """One table for sheets with the same columns, or nearly: months, years or shops on a sheet each."""
    groups: list[list[Table]] = []
    for table in tables:
        group = next((group for group in groups if _belongs(table, group[0])), None)
        if group is None:
            groups.append([table])
        else:
            group.append(table)
    joined: list[Table] = []
    reports = []
    for group in groups:
        whole, report = _join_alike(group, replace(setting, fingerprint=group[0].fingerprint))
        joined += whole
        reports.append(report)
    return joined, join(*reports)


def _names(table: Table) -> dict[str, str]:
    """The names of the columns by which they are compared, to their own."""
    return {name.strip().casefold(): name for name in table.frame.columns}


def _belongs(table: Table, first: Table) -> bool:
    """True for tables with the same headers in whatever order, or of which one has a few more; both with dates."""
    one, other = set(_names(table)), set(_names(first))
    if one == other:
        return True
    nested = one < other or other < one
    dated = table.find(ColumnRole.DATE) is not None and first.find(ColumnRole.DATE) is not None
    return nested and dated and len(one & other) >= max(_FEWEST_SHARED, _SHARED * len(one | other))


def _join_alike(group: list[Table], setting: Setting) -> tuple[list[Table], CleaningReport]:
    if len(group) < 2 or not all(table.header_row for table in group) or SHEET in group[0].frame.columns:
        return group, CleaningReport()
    listed = ", ".join(table.name for table in group[:6]) + (", …" if len(group) > 6 else "")
    columns = _columns_of(group)
    if columns is None:
        return _apart(group, listed, setting)
    same = all(_names(table).keys() == _names(group[0]).keys() for table in group)
    alike = "the same columns" if same else "nearly the same columns"
    question = Question(
        setting.key("", "sheets with the same columns"),
        f"{len(group)} tables have {alike} ({listed}): are they parts of one?",
        (TOGETHER, *(f"use only {table.name}" for table in group)),
        TOGETHER,
        essential=not (_lie_apart(group) or _are_lists(group) or (same and _twice(group, columns) is not None)),
    )
    answer, report = ask(question, setting, settled=f"tables with {alike}")
    if answer != TOGETHER:
        return [group[question.options.index(answer) - 1]], report
    frame = pl.concat([_with_columns(table, columns) for table in group])
    twice = _twice(group, columns)
    if twice is not None:
        frame = frame.filter(~twice)
        what = f"counted rows once that stand in two of {listed}"
        report = replace(report, repairs=(Repair(what, int(twice.sum()), ""),))
    sheet = Column(SHEET, ColumnRole.OTHER, "text", 0.9, "the sheet that the row was on")
    headers = group[0].headers or tuple(column.name for column in group[0].columns)
    name = " + ".join(table.name for table in group)
    whole = Table(name, frame, (*columns, sheet), group[0].header_row, headers, group[0].kind)
    line = f"{listed} were put together: {counted(frame.height, 'row')}"
    return [whole], join(CleaningReport((line,)), report)


def _apart(group: list[Table], listed: str, setting: Setting) -> tuple[list[Table], CleaningReport]:
    question = setting.question(
        "",
        "sheets that do not fit together",
        f"{listed} have the same columns, but some hold numbers or dates in one and words in another: what should "
        "happen?",
        (EACH_ALONE, CORRECT),
    )
    return group, ask(question, setting, settled=f"{listed} do not fit together")[1]


def _columns_of(group: Sequence[Table]) -> tuple[Column, ...] | None:
    """Every column that one of the tables has, as it is where it is filled; None when its kind differs."""
    columns_by_key: dict[str, list[Column]] = {}
    filled: dict[str, list[Column]] = {}
    for table in group:
        for key, name in _names(table).items():
            column = next(column for column in table.columns if column.name == name)
            columns_by_key.setdefault(key, []).append(column)
            if table.frame[name].is_not_null().any():
                filled.setdefault(key, []).append(column)
    if any(len({column.kind for column in columns}) > 1 for columns in filled.values()):
        return None
    return tuple(filled.get(key, columns)[0] for key, columns in columns_by_key.items())


def _with_columns(table: Table, columns: Sequence[Column]) -> pl.DataFrame:
    names = _names(table)
    own = [names.get(column.name.strip().casefold()) for column in columns]
    return table.frame.select(
        *(
            (pl.col(name) if name else pl.lit(None)).cast(_DTYPES[column.kind]).alias(column.name)
            for name, column in zip(own, columns, strict=True)
        ),
        pl.lit(table.name).alias(SHEET),
    )


def _twice(group: Sequence[Table], columns: tuple[Column, ...]) -> pl.Series | None:
    """The rows, of all tables one below the other, that stand in an earlier table too; None where none do.

    They are the same where nearly all rows of the days that the tables share are in both, and are not of few kinds.
    """
    day = next((column.name for column in columns if column.role is ColumnRole.DATE), None)
    if day is None:
        return None
    frames = [_with_columns(table, columns) for table in group]
    rows = pl.concat(frame.with_columns(pl.lit(place).alias("#table")) for place, frame in enumerate(frames))
    names = [column.name for column in columns]
    numbered = rows.with_columns(pl.int_range(pl.len()).over([*names, "#table"]).alias("#copy"))
    again = numbered.select(pl.col("#table").rank("dense").over([*names, "#copy"]) > 1).to_series()
    for place in range(1, len(frames)):
        own = numbered["#table"] == place
        earlier = rows.filter(pl.col("#table") < place)[day].drop_nulls()
        shared = own & numbered[day].is_in(earlier.implode())
        kinds = rows.filter(again & shared).select(name for name in names if name != day).n_unique()
        if kinds < _FEWEST_KINDS or (again & shared).sum() < _SAME_ROWS * int(shared.sum()):
            again = again & ~own
    return again if again.any() else None


def _are_lists(group: Sequence[Table]) -> bool:
    """True for lists of stock: each is a place."""
    return all(table.kind in (TableKind.STOCK, TableKind.PRICES) for table in group)


def _lie_apart(group: Sequence[Table]) -> bool:
    """True when each sheet covers days of its own."""
    spans: list[tuple[date, date]] = []
    for table in group:
        day = table.find(ColumnRole.DATE)
        days: list[date] = table.frame[day.name].drop_nulls().to_list() if day else []
        if not days:
            return False
        spans.append((min(days), max(days)))
    return all(earlier[1] < later[0] for earlier, later in pairwise(sorted(spans)))


def _side_by_side(text: pl.DataFrame) -> list[pl.DataFrame]:
    """Tables with a blank column between them that start or end on different rows, or repeat a header."""
    filled = [text[name].is_not_null() for name in text.columns]
    groups: list[list[int]] = []
    for place, mask in enumerate(filled):
        if mask.any():
            if groups and groups[-1][-1] == place - 1:
                groups[-1].append(place)
            else:
                groups.append([place])
    wide = [group for group in groups if len(group) > 1]
    if len(wide) < 2 or len(wide) != len(groups):
        return [text]
    spans = [_rows_of([filled[place] for place in group]) for group in groups]
    firsts = [{text[span[0], place] for place in group} for group, span in zip(groups, spans, strict=True)]
    headed = all(_is_header(text.row(span[0]), group) for group, span in zip(groups, spans, strict=True))
    again = any(one & other for index, one in enumerate(firsts) for other in firsts[index + 1 :])
    long_enough = all(last - first >= _FEWEST_ROWS for first, last in spans)
    if not headed or not long_enough or (len(set(spans)) == 1 and not again):
        return [text]
    return [_only(text, None, keep=set(group)) for group in groups]


def _touching(text: pl.DataFrame) -> list[pl.DataFrame]:
    """Tables side by side without a gap: the same headers, a date among them, come again and again in one row."""
    for row in text.head(_HEAD_ROWS).iter_rows():
        places = [place for place, cell in enumerate(row) if cell]
        names = [(row[place] or "").casefold() for place in places]
        width = names.index(names[0], 1) if names and names[0] in names[1:] else 0
        if width < 2 or len(names) % width or names != names[:width] * (len(names) // width):
            continue
        if not _is_header(row, places[:width]) or places != list(range(places[0], places[-1] + 1)):
            continue
        starts = [text[:, place] for place in places[::width]]
        if all(looks_like_date(cells.drop_nulls()).sum() >= _FEWEST_ROWS for cells in starts):
            edges = [*places[::width], text.width]
            return [_only(text, None, keep=set(range(*edge))) for edge in pairwise(edges)]
    return []


def _rows_of(masks: Sequence[pl.Series]) -> tuple[int, int]:
    rows = pl.DataFrame([mask.alias(str(i)) for i, mask in enumerate(masks)]).select(pl.any_horizontal(pl.all()))
    places = rows.to_series().arg_true()
    return int(places[0]), int(places[-1])


def _is_header(cells: tuple[str | None, ...], places: Sequence[int]) -> bool:
    words = [cells[place] for place in places if cells[place]]
    series = pl.Series(words, dtype=pl.String)
    return len(words) > 1 and not (looks_like_number(series) | looks_like_date(series)).any()


def _one_below_the_other(text: pl.DataFrame) -> list[pl.DataFrame]:
    """Tables with a blank row between them and headers of their own."""
    filled = filled_per_row(text)
    breaks = ((filled > 0) & (filled.shift(1) == 0)).arg_true().to_list()
    if not breaks or len(breaks) > _MOST_BREAKS:
        return [text]
    starts = [start for start in breaks if _starts_a_table(text, filled, start)]
    starts = [start for start in starts if _has_data(_rows_only(text, 0, start))]  # else only a title stands above
    if not starts:
        return [text]
    first_headers = _words(text, filled, starts[0], before=True)
    cuts = [start for start in starts if not _words(text, filled, _below_titles(filled, start)) <= first_headers]
    edges = [0, *cuts, text.height]
    blocks = [_rows_only(text, top, end) for top, end in itertools.pairwise(edges)]
    solid = [_has_data(block) for block in blocks]
    return blocks if len(blocks) > 1 and all(solid) else [text]


def _starts_a_table(text: pl.DataFrame, filled: pl.Series, start: int) -> bool:
    """True for a row of words with at least two rows of numbers or dates right below it; a title may stand above."""
    start = _below_titles(filled, start)
    row = text.row(start)
    if not (_is_header(row, range(len(row))) or _heads_again(text, start)) or start + _FEWEST_ROWS >= text.height:
        return False
    below = [[cell for cell in text.row(start + offset) if cell] for offset in (1, 2)]
    return all(cells and _has_value(cells) for cells in below)


def _heads_again(text: pl.DataFrame, start: int) -> bool:
    """True for the headers of a table above, under another first word: the same periods of something else."""
    row = text.row(start)
    told = [place for place, cell in enumerate(row) if cell]
    if len(told) < _FEWEST_AGAIN or _has_value([row[told[0]] or ""]):
        return False
    above = (text.row(place) for place in range(min(start, _MOST_TITLES + 10)))
    return any(
        other[told[0]] != row[told[0]] and sum(other[place] == row[place] for place in told) >= len(told) - 1
        for other in above
    )


def _below_titles(filled: pl.Series, start: int) -> int:
    """The first row from here with several cells, a few further down at most."""
    return next((row for row in range(start, min(start + _MOST_TITLES + 1, len(filled))) if filled[row] > 1), start)


def _has_value(cells: Sequence[str]) -> bool:
    series = pl.Series(cells, dtype=pl.String)
    return bool((looks_like_number(series) | looks_like_date(series)).any())


def _words(text: pl.DataFrame, filled: pl.Series, start: int, *, before: bool = False) -> set[str | None]:
    """The words of a row; with `before`, of every row of words above it."""
    rows = [row for row in range(start) if filled[row] > 1][:5] if before else [start]
    return {cell for row in rows for cell in text.row(row) if cell}


def _has_data(block: pl.DataFrame) -> bool:
    """True when the block has a few rows of several cells, one of them a number or a date."""
    rows = block.filter(filled_per_row(block) > 1).head(10)
    return rows.height > _FEWEST_ROWS and _has_value([cell for cell in rows.row(rows.height - 1) if cell])


def _rows_only(text: pl.DataFrame, top: int, end: int) -> pl.DataFrame:
    inside = pl.Series(range(text.height)).is_between(top, end - 1)
    return text.with_columns(pl.when(inside).then(pl.col(name)).alias(name) for name in text.columns)


def _only(frame: pl.DataFrame, mask: pl.DataFrame | None, *, keep: set[int] | None = None) -> pl.DataFrame:
    """The frame with null wherever `kept` is not true, or in all columns whose place is not in `keep`."""
    if mask is not None:
        return frame.with_columns(pl.when(mask[name]).then(pl.col(name)).alias(name) for name in frame.columns)
    return frame.with_columns(
        pl.lit(None, dtype=frame.schema[name]).alias(name)
        for place, name in enumerate(frame.columns)
        if place not in (keep or set())
    )
