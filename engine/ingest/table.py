"""One table, from its cells to typed columns with roles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from engine.dataset import Choices, CleaningReport, ColumnRole, Table, header_fingerprint
from engine.ingest.amounts import common_unit, without_unit
from engine.ingest.clean import clean_columns, unreadable_cells
from engine.ingest.columns import CleanColumn, RawColumn
from engine.ingest.dates import SINCE_1900, SINCE_1904
from engine.ingest.grid import SheetGrid
from engine.ingest.header import Body
from engine.ingest.inferred_formats import misfits, withheld
from engine.ingest.keys import fill_down, whole_dates
from engine.ingest.ledger import from_running_totals, read_ledger
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
from engine.ingest.report import Setting, counted, join
from engine.ingest.roles import KIND_OF_ROLE, Hint, RoleCandidate, assign, header_hint
from engine.ingest.rows import CleanRows, drop_other_rows, look_at_rows
from engine.ingest.sums import summing_rows
from engine.ingest.wide import Spread, spread_of, turn

_Step = Callable[[Sequence[CleanColumn]], tuple[list[CleanColumn], CleaningReport]]


@dataclass(frozen=True)
class Circumstances:
    """What is known of a table beside its cells.

    Attributes:
        place: the sheet or file, for messages.
        choices: what the owner decided.
        comma_file: True when the columns are separated by semicolons.
        today: the day on which the file is read, if it is known.
    """

    place: str
    choices: Choices
    comma_file: bool = False
    today: date | None = None


def read_table(grid: SheetGrid, body: Body, around: Circumstances) -> tuple[Table, CleaningReport]:
    """Give the table's columns their values and roles, and remove what is no data.

    Args:
        grid: the sheet.
        body: where the table lies in it.
        around: its place in the file, and what the owner chose.

    Raises:
        DataProblem: most cells of a column that the owner chose cannot be read as its role.
        UnreadableFile: its numbers are formulas that were never calculated.
    """
    spread = spread_of(body.names) if body.header_row else None
    headers = spread.stable if spread else body.names
    fingerprint = header_fingerprint(list(headers))
    setting = Setting(
        around.place, fingerprint, around.choices.answers, body.first_row, around.comma_file, around.today
    )
    chosen = around.choices.roles.get(fingerprint, {})
    position = join(_position_report(grid, body, around.place), formulas(grid, body.text.height, setting))
    rows, cleaned = _clean(grid, body, chosen, setting)
    completed, completing = _complete(grid, body, rows, spread, setting)
    table, turning = completed, CleaningReport()
    if spread is not None:
        turned = turn(completed, spread, (body.title, grid.name), setting)
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
    meanings = assign([RoleCandidate(c.raw.name, c.kind, c.values, c.raw.hint) for c in columns])
    frame = pl.DataFrame([column.values.alias(column.raw.name) for column in columns])
    frame, looked = look_at_rows(frame, meanings, setting)
    changed = tuple(headers) != tuple(frame.columns)
    result = Table(grid.name, frame, meanings, body.header_row, tuple(headers) if changed else ())
    return result, join(position, cleaned, completing, turning, doubts, looked)


def _clean(
    grid: SheetGrid, body: Body, chosen: Mapping[str, ColumnRole], setting: Setting
) -> tuple[CleanRows, CleaningReport]:
    since = SINCE_1904 if grid.details.since_1904 else SINCE_1900
    raw = [_raw_column(body, index, chosen.get(name), since) for index, name in enumerate(body.names)]
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
        steps.append(lambda current: whole_dates(current, f"{body.title} · {grid.name}", setting))
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
