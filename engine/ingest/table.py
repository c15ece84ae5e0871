"""One table, from its cells to typed columns with roles, without the rows that are no data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from engine.dataset import (
    Choices,
    CleaningReport,
    Column,
    ColumnRole,
    Question,
    Repair,
    Table,
    header_fingerprint,
    in_words,
)
from engine.ingest.amounts import common_unit, money_mark, without_unit
from engine.ingest.clean import clean_columns, unreadable_cells
from engine.ingest.columns import (
    CleanColumn,
    CleanRows,
    RawColumn,
    Setting,
    any_of,
    ask,
    counted,
    join,
    keep_rows,
    named_rows,
)
from engine.ingest.dates import SINCE_1900, SINCE_1904
from engine.ingest.derived_columns import fill_down, from_running_totals, read_ledger, whole_dates
from engine.ingest.grid import SheetGrid, filled_per_row
from engine.ingest.header import Body
from engine.ingest.inferred_formats import days_without_year, misfits, withheld
from engine.ingest.meaning.concepts import KIND_OF_ROLE
from engine.ingest.meaning.names import Hint, header_hint
from engine.ingest.open_questions import (
    blank_amounts,
    far_dates,
    formulas,
    hidden_columns,
    hidden_rows,
    mixed_currencies,
    mixed_percents,
    rows_of_totals,
    signs_in_words,
    spilled_rows,
    undated_rows,
)
from engine.ingest.rows import read_meaning
from engine.ingest.totals import named_statistics, named_totals, summing_rows
from engine.ingest.wide import Spread, spread_of, turn

_Step = Callable[[Sequence[CleanColumn]], tuple[list[CleanColumn], CleaningReport]]

KEEP, REMOVE = "keep them", "remove the repeats"
_MOST_NOTES = 30
"""Rows below a table that are taken for notes at most."""

_FEWEST_COLUMNS = 3
"""Columns from which a lonely cell tells that its row is no record."""

_DATED_SHARE = 0.9
_FEWEST_RECORDS, _RECORDS_A_LINE = 10, 4
"""Records that a table must have, in all and for each lonely line of words, so that the line is surely none."""


_ONE_SERIES_ONLY = (ColumnRole.ITEM, ColumnRole.CATEGORY, ColumnRole.STORE, ColumnRole.EMPLOYEE, ColumnRole.SHIFT)


@dataclass(frozen=True)
class Circumstances:
    """What is known of a table beside its cells.

    Attributes:
        place: the sheet or file, for messages.
        file: the name of the file without its ending.
        choices: what the owner decided.
        comma_file: True when the columns are separated by semicolons.
        today: the day on which the file is read, if it is known.
    """

    place: str
    file: str
    choices: Choices
    comma_file: bool = False
    today: date | None = None


def read_table(grid: SheetGrid, body: Body, around: Circumstances) -> tuple[Table, CleaningReport]:
    """Give the table's columns their values and roles, and remove what is no data.

    Args:
        around: its place in the file, and what the owner chose.

    Raises:
        DataProblem: most cells of a column that the owner chose cannot be read as its role.
        UnreadableFile: its numbers are formulas that were never calculated.
    """
    spread = spread_of(body.names) if body.header_row else None
    headers = spread.stable if spread else body.names
    fingerprint = header_fingerprint(list(headers))
    title = " · ".join(part for part in dict.fromkeys((around.file, body.title, grid.name)) if part)
    setting = Setting(
        around.place, fingerprint, around.choices.answers, body.first_row, around.comma_file, around.today, title
    )
    chosen = around.choices.roles.get(fingerprint, {})
    position = join(_position_report(grid, body, around.place), formulas(grid, body.text.height, setting))
    rows, cleaned = _clean(grid, body, chosen, spread, setting)
    completed, completing = _complete(grid, body, rows, spread, setting)
    table, turning = completed, CleaningReport()
    if spread is not None:
        turned = turn(completed, spread, (body.title, grid.name, around.file), setting)
        table, turning = turned or (completed, CleaningReport())
    columns, doubts = _in_turn(
        table.columns,
        lambda current: read_ledger(current, setting),
        lambda current: from_running_totals(current, setting),
        lambda current: signs_in_words(current, setting),
        lambda current: mixed_percents(current, setting),
        lambda current: far_dates(current, table.rows, setting),
    )
    columns = [_as_chosen(column, chosen) for column in columns]
    columns, understanding, completing_rows = read_meaning(columns, setting)
    meanings = understanding.columns
    frame = pl.DataFrame([column.values.alias(column.raw.name) for column in columns])
    frame, looked = look_at_rows(frame, meanings, setting)
    changed = tuple(headers) != tuple(frame.columns)
    result = Table(grid.name, frame, meanings, body.header_row, tuple(headers) if changed else (), understanding.kind)
    return result, join(position, cleaned, completing, turning, doubts, completing_rows, looked)


def _clean(
    grid: SheetGrid, body: Body, chosen: Mapping[str, ColumnRole], spread: Spread | None, setting: Setting
) -> tuple[CleanRows, CleaningReport]:
    since = SINCE_1904 if grid.details.since_1904 else SINCE_1900
    raw = [_raw_column(body, index, chosen.get(name), since) for index, name in enumerate(body.names)]
    across = spread.periods if spread is not None else {}
    raw = [replace(c, hint=Hint(ColumnRole.QUANTITY, 0.6, "a period")) if c.name in across else c for c in raw]
    columns, decisions = clean_columns(raw, setting)
    headers = body.names if body.header_row else ()
    table, removed = drop_other_rows(columns, first_row=body.first_row, place=setting.place, sources=headers)
    table, hidden = hidden_rows(table, grid, setting)
    table, totals = rows_of_totals(table, setting)
    table, sums = summing_rows(table, setting)
    table, undated = undated_rows(table, setting)
    lost = CleaningReport(repairs=unreadable_cells(table.columns, table.rows, setting.place))
    located = replace(decisions, read_as=tuple(f"{setting.place}: {line}" for line in decisions.read_as))
    questions = join(
        spilled_rows(table, grid, setting),
        blank_amounts(table, grid, setting),
        misfits(table.columns, setting),
        withheld(table.columns, setting.place),
        mixed_currencies(table.columns, setting),
    )
    return table, join(
        located,
        hidden_columns(grid, body.positions, body.names),
        removed,
        hidden,
        totals,
        sums,
        undated,
        lost,
        questions,
    )


def _complete(
    grid: SheetGrid, body: Body, table: CleanRows, spread: Spread | None, setting: Setting
) -> tuple[CleanRows, CleaningReport]:
    """Fill the keys that are written once per group, and put dates together from their parts."""
    merges = [
        (merge, body.positions.index(merge.left))
        for merge in grid.details.merges
        if merge.left == merge.right and merge.left in body.positions and merge.bottom >= body.first_row - 1
    ]
    steps: list[_Step] = [lambda current: fill_down(current, merges, table.rows, setting)]
    if spread is None or not spread.of_years:  # there, months down the side belong to the years across
        steps.append(lambda current: whole_dates(current, setting.title, setting))
        steps.append(lambda current: days_without_year(current, setting.title, setting))
    columns, report = _in_turn(table.columns, *steps)
    return CleanRows(tuple(columns), table.rows), report


def _in_turn(columns: Sequence[CleanColumn], *steps: _Step) -> tuple[list[CleanColumn], CleaningReport]:
    current, reports = list(columns), []
    for step in steps:
        current, report = step(current)
        reports.append(report)
    return current, join(*reports)


def _raw_column(body: Body, index: int, chosen: ColumnRole | None, since: date) -> RawColumn:
    name = body.names[index]
    text = body.text[str(index)].alias(name)
    blank = pl.Series(name, [None], dtype=pl.Float64).new_from_index(0, len(text))
    stored = blank if body.numbers is None else body.numbers[str(index)].alias(name)
    hint = Hint(chosen, 1.0, "chosen by you") if chosen is not None else header_hint(name)
    raw = RawColumn(name, text, stored, hint, since)
    unit = common_unit(raw.cells["cell"]) if raw.expected_kind == "number" else ""
    unit = unit or (money_mark(raw.cells["cell"]) if raw.expected_kind in ("number", None) else "")
    return replace(raw, text=without_unit(text, unit), unit=unit) if unit else raw


def _as_chosen(column: CleanColumn, chosen: Mapping[str, ColumnRole]) -> CleanColumn:
    """The column with the role that the owner chose for it, where its values allow that role."""
    role = chosen.get(column.raw.name)
    if role is None or column.raw.chosen or KIND_OF_ROLE.get(role, column.kind) != column.kind:
        return column
    return replace(column, raw=replace(column.raw, hint=Hint(role, 1.0, "chosen by you")))


def _position_report(grid: SheetGrid, body: Body, place: str) -> CleaningReport:
    if not body.header_row:
        lines = [f"{place}: no headers, so the columns are numbered"]
    else:
        lines = [f"{place}: headers in row {body.header_row}, {counted(body.text.height, 'row')} below"]
    if body.header_row and body.header_rows > 1:
        lines.append(f"{place}: {body.header_rows} rows of headers were read as one")
    if body.realigned:
        again = ", ".join(map(str, body.realigned[:5]))
        lines.append(f"{place}: the headers come again in another order in row {again}; the columns were put in order")
    if body.title:
        lines.append(f'{place}: above the table it says "{" ".join(body.title.split())[:120]}"')
    if body.renamed:
        lines.append(f"{place}: headers that were blank or repeated are now {', '.join(body.renamed)}")
    return CleaningReport((*lines, *(f"{place}: {note}" for note in grid.notes)))


def drop_other_rows(
    columns: Sequence[CleanColumn], *, first_row: int, place: str, sources: Sequence[str] = ()
) -> tuple[CleanRows, CleaningReport]:
    """Remove blank rows, repeated headers, notes below the table and rows of totals that add up.

    Args:
        columns: the columns with all rows of the file.
        first_row: the spreadsheet row of the first.
        place: the sheet or file, for messages.
        sources: the headers as they stand in the file, to recognise them when they come again.
    """
    height = len(columns[0].values)
    table = CleanRows(tuple(columns), pl.Series("row", range(first_row, first_row + height), dtype=pl.Int64))
    repairs = []
    no_data = {
        "removed blank rows": _blank(columns),
        "removed headers that come again": _headers_again(columns, sources),
        "removed a row that only numbers the columns": _column_numbers(columns),
        "removed notes below the table": _notes_below(columns),
    }
    no_data["removed lines of words between the rows"] = _lonely_words(columns, any_of(no_data.values()))
    for what, mask in no_data.items():
        if mask.any():
            first = f"{what}, the first in row {first_row + (mask.arg_max() or 0)}"
            repairs.append(Repair(first, int(mask.sum()), place, named_rows(table.rows, mask)))
    table = keep_rows(table, ~any_of(no_data.values()))
    for what, find in (("totals", named_totals), ("averages and extremes", named_statistics)):
        indices = find(table.columns)
        if indices:
            listed = ", ".join(str(table.rows[index]) for index in indices[:5]) + (", …" if len(indices) > 5 else "")
            repairs.append(Repair(f"removed rows of {what}: row {listed}", len(indices), place))
        table = keep_rows(table, ~pl.Series(range(len(table.rows))).is_in(indices))
    return table, CleaningReport(repairs=tuple(repairs))


def look_at_rows(
    frame: pl.DataFrame, columns: Sequence[Column], setting: Setting
) -> tuple[pl.DataFrame, CleaningReport]:
    """Ask about rows that repeat, and say when dates are out of order or come more than once.

    Args:
        frame: the table.
        columns: what its columns mean.
    """
    roles = {column.role: column.name for column in columns}
    day = roles.get(ColumnRole.DATE)
    frame, report = _repeats(frame, setting)
    if day is None:
        return frame, report
    lines, warnings = list(report.read_as), []
    days = frame[day].drop_nulls()
    if not days.is_sorted() and not days.is_sorted(descending=True):
        lines.append(f"{setting.place}: the dates in {day} are not in order; every row was kept")
    again = len(days) - days.n_unique()
    if again and not any(role in roles for role in _ONE_SERIES_ONLY):
        first = days.filter(days.is_duplicated())[0]
        warnings.append(
            f"A date that was there before comes in {counted(again, 'row')} of {setting.place}, "
            f"first {in_words(first)}; rows of one date are added up."
        )
    undated = frame[day].null_count()
    if undated:
        verbs = "has no date and takes" if undated == 1 else "have no date and take"
        warnings.append(f"{counted(undated, 'row')} of {setting.place} {verbs} no part in anything over time.")
    return frame, replace(report, read_as=tuple(lines), warnings=tuple(warnings))


def _text(columns: Sequence[CleanColumn]) -> pl.DataFrame:
    return pl.DataFrame([column.raw.text.alias(str(index)) for index, column in enumerate(columns)])


def _blank(columns: Sequence[CleanColumn]) -> pl.Series:
    return _text(columns).select(pl.all_horizontal(pl.all().is_null())).to_series()


def _headers_again(columns: Sequence[CleanColumn], sources: Sequence[str]) -> pl.Series:
    text = _text(columns)
    same = [pl.col(str(index)).str.to_lowercase() == name.lower() for index, name in enumerate(sources)]
    if len(same) < 2:
        return pl.Series([False]).new_from_index(0, text.height)
    return text.select(pl.all_horizontal(same).fill_null(False)).to_series()


def _column_numbers(columns: Sequence[CleanColumn]) -> pl.Series:
    """The first row, where it counts the columns: 1, 2, 3 or (1), (2), (3), as printed tables do."""
    height = len(columns[0].values)
    first = [column.raw.text[0] or "" for column in columns] if height else []
    counts = [str(number) for number in range(1, len(columns) + 1)]
    is_count = len(first) > _FEWEST_COLUMNS - 1 and [cell.strip("()[].") for cell in first] == counts
    return pl.Series([is_count] + [False] * (height - 1)) if height else pl.Series([], dtype=pl.Boolean)


def _lonely_words(columns: Sequence[CleanColumn], other: pl.Series) -> pl.Series:
    """Rows with nothing but a cell of words, or of words below the last date, where nearly every row has its date.

    Args:
        other: rows that are no data for another reason.
    """
    text = _text(columns)
    nothing = pl.Series([False]).new_from_index(0, text.height)
    dates = [column.values for column in columns if column.kind == "date"]
    if text.width < _FEWEST_COLUMNS or not dates or not dates[0].null_count():
        return nothing
    filled = filled_per_row(text)
    typed = [column.values.is_not_null() for column in columns if column.kind != "text"]
    values = any_of(typed)
    dated = dates[0].is_not_null()
    below = pl.Series(range(text.height)) >= text.height - int(dated.reverse().arg_max() or 0)
    lonely = ((filled == 1) | below) & ~values & ~other
    records = ~(lonely | other)
    enough = int(records.sum()) >= max(_FEWEST_RECORDS, _RECORDS_A_LINE * int(lonely.sum()))
    return lonely if enough and int(dated.sum()) >= _DATED_SHARE * int(records.sum()) else nothing


def _notes_below(columns: Sequence[CleanColumn]) -> pl.Series:
    """Lonely cells of words after a blank row at the end of the table."""
    text = _text(columns)
    nothing = pl.Series([False]).new_from_index(0, text.height)
    typed = [column.values.is_not_null() for column in columns if column.kind != "text"]
    if text.width < _FEWEST_COLUMNS:
        return nothing
    filled = filled_per_row(text)
    is_data = any_of([filled > 1, *typed])
    after_data = text.height - int(is_data.reverse().arg_max() or 0)
    separated = after_data < text.height and filled[after_data] == 0
    if not is_data.any() or not separated or text.height - after_data > _MOST_NOTES:
        return nothing
    return (pl.Series(range(text.height)) >= after_data) & (filled == 1)


def _repeats(frame: pl.DataFrame, setting: Setting) -> tuple[pl.DataFrame, CleaningReport]:
    repeats = _count_repeats(frame)
    if not repeats:
        return frame, CleaningReport()
    question = Question(
        key=setting.key("", "repeated rows"),
        text=f"Another row is repeated exactly by {counted(repeats, 'row')} of {setting.place}. Such rows may be real "
        "sales: keep them?",
        options=(KEEP, REMOVE),
        chosen=KEEP,
    )
    answer, report = ask(question, setting, settled="rows that are exactly like another")
    if answer == KEEP:
        return frame, report
    repair = Repair("removed repeated rows, as you said", repeats, setting.place)
    return frame.unique(maintain_order=True), replace(report, repairs=(repair,))


def _count_repeats(frame: pl.DataFrame) -> int:
    """How many rows are exactly like an earlier one."""
    # Sorted hashes need a tenth of the memory; only where one comes again are the rows themselves compared.
    hashes = frame.hash_rows()
    ordered = hashes.sort()
    again = ordered.filter(ordered == ordered.shift(1)).unique()
    if again.is_empty():
        return 0
    alike = frame.filter(hashes.is_in(again.implode()))
    return alike.height - alike.n_unique()
