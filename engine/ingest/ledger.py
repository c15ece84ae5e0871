"""Columns of books and bank statements: running balances, and money in and out in two columns."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import polars as pl

from engine.dataset import CleaningReport, ColumnRole, Question
from engine.ingest.columns import CleanColumn
from engine.ingest.dates import without_accents
from engine.ingest.report import Setting, ask, join
from engine.ingest.roles import Hint, is_running_total
from engine.ingest.wide import new_column

NET = "Net amount"
CHANGES, AS_IT_STANDS = "the change from row to row", "the column as it stands"
_COUNTED = frozenset({ColumnRole.REVENUE, ColumnRole.QUANTITY})
_FEWEST_STEPS = 2
_MOST_COLUMNS = 12
_STEPS_SHARE = 0.9
_OUT_WORDS = """
    debit debits out withdrawal withdrawals soll ausgaben debe cargo dare uscite af uitgaven debito saidas wydatki wn
    depenses
"""
_IN_WORDS = """
    credit credits in deposit deposits haben einnahmen haber abono avere entrate bij credito entradas wplywy ma recettes
"""


def read_ledger(columns: Sequence[CleanColumn], setting: Setting) -> tuple[list[CleanColumn], CleaningReport]:
    """Mark running balances, and join money out and money in to one signed amount."""
    new_columns = list(columns)
    pair = _pair(new_columns) if all(column.raw.name != NET for column in new_columns) else None
    net = _net(*pair) if pair else None
    lines = []
    numbers = [column for column in new_columns if column.kind == "number"][:_MOST_COLUMNS]
    for place, column in enumerate(new_columns):
        movements = [net] if net is not None else []
        movements += [other.values for other in numbers if other is not column]
        candidate = any(column is one for one in numbers) and _may_be_balance(column)
        if candidate and any(_runs_over(column.values, movement) for movement in movements):
            hint = Hint(ColumnRole.OTHER, 0.9, "a running balance of another column")
            new_columns[place] = replace(column, raw=replace(column.raw, hint=hint))
            lines.append(f"{setting.place}: {column.raw.name} is a running balance, so it is never added up")
    if pair and net is not None:
        paid_out, paid_in = pair
        spent = {paid_out.raw.name, paid_in.raw.name}
        new_columns = [_part_of_net(column) if column.raw.name in spent else column for column in new_columns]
        new_columns.append(
            new_column(NET, net, Hint(ColumnRole.REVENUE, 0.6, f"{paid_in.raw.name} less {paid_out.raw.name}"))
        )
        lines.append(f"{setting.place}: {NET} is {paid_in.raw.name} less {paid_out.raw.name}")
    return new_columns, CleaningReport(tuple(lines))


def from_running_totals(columns: Sequence[CleanColumn], setting: Setting) -> tuple[list[CleanColumn], CleaningReport]:
    """Ask whether a column that is a running total by its name and its values counts by its changes.

    It may start anew, as each year. Where another column has the changes, nothing is asked.
    """
    new_columns = list(columns)
    day = next((column for column in columns if column.kind == "date"), None)
    if day is None or any(c.kind == "number" and c.raw.hint and c.raw.hint.role in _COUNTED for c in columns):
        return new_columns, CleaningReport()
    reports = []
    for place, column in enumerate(columns):
        if column.kind != "number" or column.raw.chosen or not is_running_total(column.raw.name):
            continue
        changes = _changes(day.values, column.values)
        if changes is None:
            continue
        question = Question(
            key=setting.key(column.raw.name, "running total"),
            text=f"{column.raw.name} in {setting.place} is a running total: what should be added up?",
            options=(CHANGES, AS_IT_STANDS),
            chosen=CHANGES,
            essential=True,
        )
        answer, report = ask(question, setting, settled=column.raw.name)
        reports.append(report)
        if answer == CHANGES:
            hint = Hint(ColumnRole.REVENUE, 0.6, f"the changes of {column.raw.name}")
            new_columns[place] = new_column(column.raw.name, changes, hint)
    return new_columns, join(*reports)


def _changes(days: pl.Series, totals: pl.Series) -> pl.Series | None:
    """What a running total grew by in each row, in the order of the days; None when it falls for other reasons."""
    if days.null_count() or totals.null_count() or days.n_unique() < max(_FEWEST_STEPS, len(days)):
        return None
    frame = pl.DataFrame({"day": days, "total": totals}).with_row_index("row").sort("day")
    change = frame["total"].diff().fill_null(frame["total"][0])
    anew = change < 0
    if anew.sum() * 4 > len(change):
        return None
    return frame.with_columns(change.zip_with(~anew, frame["total"]).alias("change")).sort("row")["change"]


def _pair(columns: Sequence[CleanColumn]) -> tuple[CleanColumn, CleanColumn] | None:
    """Money out and money in: two columns of which each row fills one, told by names, signs or a running balance."""
    numbers = [column for column in columns if column.kind == "number" and not column.raw.chosen]
    pairs = [
        (out, paid) for out, paid in permutations(numbers[:_MOST_COLUMNS], 2) if _complement(out.values, paid.values)
    ]
    for evidence in (_are_named, _have_opposite_signs):
        for out, paid in pairs:
            if evidence(out, paid):
                return out, paid
    for out, paid in pairs:
        if any(_runs_over(column.values, _net(out, paid)) for column in numbers):
            return out, paid
    return None


def _may_be_balance(column: CleanColumn) -> bool:
    stock = column.raw.hint is not None and column.raw.hint.role is ColumnRole.ON_HAND
    return column.kind == "number" and not (column.raw.chosen or stock)


def _complement(one: pl.Series, other: pl.Series) -> bool:
    one, other = one.replace(0.0, None), other.replace(0.0, None)
    either = one.is_not_null() | other.is_not_null()
    both = one.is_not_null() & other.is_not_null()
    used = one.is_not_null().any() and other.is_not_null().any()
    return bool(used and not both.any() and either.mean() >= _STEPS_SHARE)  # type: ignore[operator]


def _are_named(out: CleanColumn, paid: CleanColumn) -> bool:
    def words(column: CleanColumn) -> set[str]:
        return set(without_accents(column.raw.name.lower()).replace("(", " ").replace(")", " ").split())

    return bool(words(out) & set(_OUT_WORDS.split()) and words(paid) & set(_IN_WORDS.split()))


def _have_opposite_signs(out: CleanColumn, paid: CleanColumn) -> bool:
    return bool((out.values.drop_nulls() < 0).all() and (paid.values.drop_nulls() > 0).all())


def _net(out: CleanColumn, paid: CleanColumn) -> pl.Series:
    return paid.values.fill_null(0.0).abs() - out.values.fill_null(0.0).abs()


def _runs_over(balance: pl.Series, movement: pl.Series) -> bool:
    """True when the balance changes by the movement from row to row, in the file's order or against it."""
    if balance.null_count() or len(balance) <= _FEWEST_STEPS:
        return False
    change = balance.diff()[1:]
    moved = movement.fill_null(0.0)
    if (moved != 0).sum() <= len(moved) / 2 or moved.n_unique() < _FEWEST_STEPS + 1:
        return False
    for step in (change - moved[1:], change + moved[:-1]):
        close = step.abs() <= 0.005 + 1e-9 * balance[1:].abs()
        if close.mean() >= _STEPS_SHARE:  # type: ignore[operator]
            return True
    return False


def _part_of_net(column: CleanColumn) -> CleanColumn:
    return replace(column, raw=replace(column.raw, hint=Hint(ColumnRole.OTHER, 0.9, f"part of {NET}")))
