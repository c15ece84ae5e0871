"""What may be meant otherwise than it stands: hidden rows, far-off dates, formulas without results, signs in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl

from engine.dataset import CleaningReport, ColumnRole, Question, Repair
from engine.errors import UnreadableFile
from engine.ingest.amounts import currencies
from engine.ingest.columns import CleanColumn
from engine.ingest.dates import without_accents
from engine.ingest.grid import Grid
from engine.ingest.report import Setting, ask, join
from engine.ingest.rows import CleanRows, keep_rows
from engine.ingest.totals import named_totals, nameless_totals
from engine.ingest.wide import made_column

USE_HIDDEN, LEAVE_HIDDEN = "use them", "leave them out"
LEAVE_ROW, KEEP_ROW = "leave it out", "keep it"
AS_THEY_ARE, CONVERT = "add them up as they are", "I will convert them first"
LEAVE_OUT, KEEP = "leave them out", "keep them"
AS_THEY_STAND, SIGNED = "leave the amounts as they stand", "make money out negative"
_FAR = timedelta(days=400)
"""Dates further ahead than this are no plan of a small business, but a slip of the finger."""

_UNCALCULATED_SHARE = 0.1
_MOST_NAMED = 5
_MOST_CELLS = 5_000
_OUT_WORDS = frozenset(("debit", "dr", "out", "af", "soll", "d", "debe", "dare", "paid out", "wn", "withdrawal"))
_IN_WORDS = frozenset(("credit", "cr", "in", "bij", "haben", "c", "haber", "avere", "paid in", "ma", "deposit"))


def hidden_rows(table: CleanRows, grid: Grid, setting: Setting) -> tuple[CleanRows, CleaningReport]:
    """Ask whether hidden rows count: a filter may have hidden them by chance, or the owner on purpose."""
    hidden = table.rows.is_in([row + 1 for row in grid.details.hidden_rows])
    if not hidden.any():
        return table, CleaningReport()
    question = Question(
        key=setting.key("", "hidden rows"),
        text=f"{hidden.sum()} of {len(hidden)} rows of {setting.place} are hidden, maybe by a filter: use them?",
        options=(USE_HIDDEN, LEAVE_HIDDEN),
        chosen=USE_HIDDEN,
        essential=True,
    )
    answer, report = ask(question, setting, settled="hidden rows")
    if answer == USE_HIDDEN:
        return table, report
    repair = Repair("left out hidden rows, as you said", int(hidden.sum()), setting.place)
    return keep_rows(table, ~hidden), replace(report, repairs=(repair,))


def rows_of_totals(table: CleanRows, setting: Setting) -> tuple[CleanRows, CleaningReport]:
    """Ask about rows that are called a total and add nothing up, and about rows that add up without being called so."""
    _, called = named_totals(table.columns)
    reports = []
    for rows, said, chosen in (
        (called, "called a total but does not add up", KEEP_ROW),
        (nameless_totals(table.columns), "the sum of the rows above it", LEAVE_ROW),
    ):
        if not rows:
            continue
        listed = ", ".join(str(table.rows[row]) for row in rows[:_MOST_NAMED])
        question = Question(
            key=setting.key("", said),
            text=f"In {setting.place}, row {listed} is {said}: what should happen?",
            options=(LEAVE_ROW, KEEP_ROW),
            chosen=chosen,
            essential=True,
        )
        answer, report = ask(question, setting, settled=f"row {listed}")
        if answer == LEAVE_ROW:
            repair = Repair(f"left out row {listed}, which is {said}", len(rows), setting.place)
            report = replace(report, repairs=(repair,))
            table = keep_rows(table, ~pl.Series(range(len(table.rows))).is_in(rows))
        reports.append(report)
    return table, join(*reports)


def hidden_columns(grid: Grid, positions: Sequence[int], names: Sequence[str]) -> CleaningReport:
    """Say which columns are hidden; they are read all the same."""
    hidden = [name for place, name in zip(positions, names, strict=True) if place in grid.details.hidden_columns]
    if not hidden:
        return CleaningReport()
    return CleaningReport((f"hidden columns were read too: {', '.join(hidden[:_MOST_NAMED])}",))


def formulas(grid: Grid, rows: int, place: str) -> CleaningReport:
    """Say that results of formulas are missing.

    Raises:
        UnreadableFile: so many are missing that the table says nothing.
    """
    missing = grid.details.uncalculated
    if not missing:
        return CleaningReport()
    what = f"{missing} formulas were saved without their results"
    if missing >= _UNCALCULATED_SHARE * max(1, rows):
        remedy = "Open the file in your spreadsheet program, save it there, and choose it again."
        raise UnreadableFile(what, where=place, remedy=remedy)
    return CleaningReport(warnings=(f"{what} in {place}; their cells are blank here.",))


def far_dates(
    columns: Sequence[CleanColumn], rows: pl.Series, setting: Setting
) -> tuple[list[CleanColumn], CleaningReport]:
    """Flag the few dates that lie far in the future, where the day is known on which the file is read."""
    found = list(columns)
    place = next((place for place, column in enumerate(found) if _is_main_date(column)), None)
    if setting.today is None or place is None:
        return found, CleaningReport()
    column = found[place]
    far = (column.values > setting.today + _FAR).fill_null(False)
    if not far.any() or far.sum() * 2 > column.values.count():
        return found, CleaningReport()
    first = far.arg_max() or 0
    question = Question(
        key=setting.key(column.raw.name, "dates far ahead"),
        text=f"{far.sum()} dates in {column.raw.name} lie far in the future, the first in row {rows[first]}: "
        f"{column.values[first]:%-d %B %Y}. They look like slips: use them?",
        options=(LEAVE_OUT, KEEP),
        chosen=LEAVE_OUT,
    )
    answer, report = ask(question, setting, settled=f"dates far ahead in {column.raw.name}")
    if answer == KEEP:
        return found, report
    values = column.values.zip_with(~far, pl.Series([None], dtype=pl.Date).new_from_index(0, len(far)))
    found[place] = replace(column, values=values)
    cells = tuple(f"row {row}" for row in rows.filter(far).head(_MOST_NAMED))
    repair = Repair(
        "left out dates far in the future", int(far.sum()), f"{setting.place}, column {column.raw.name}", cells
    )
    return found, replace(report, repairs=(repair,))


def signs_in_words(columns: Sequence[CleanColumn], setting: Setting) -> tuple[list[CleanColumn], CleaningReport]:
    """Ask about amounts without a sign beside a column that says "debit" or "credit"."""
    found = list(columns)
    words = next((column for column in columns if column.kind == "text" and _is_direction(column)), None)
    amounts = [c for c in columns if c.kind == "number" and c.values.count() and _is_money(c)]
    if words is None or len(amounts) != 1 or (amounts[0].values < 0).any():
        return found, CleaningReport()
    amount = amounts[0]
    question = Question(
        key=setting.key(amount.raw.name, "signs"),
        text=f"{amount.raw.name} has no signs, and {words.raw.name} says which amounts go out: "
        "what should be added up?",
        options=(AS_THEY_STAND, SIGNED),
        chosen=AS_THEY_STAND,
    )
    answer, report = ask(question, setting, settled=f"signs of {amount.raw.name}")
    if answer == SIGNED:
        out = words.values.str.to_lowercase().is_in(list(_OUT_WORDS)).fill_null(False)
        values = amount.values.zip_with(~out, -amount.values)
        place = next(place for place, column in enumerate(found) if column is amount)
        found[place] = made_column(amount.raw.name, values, amount.raw.hint)
    return found, report


def mixed_currencies(columns: Sequence[CleanColumn], setting: Setting) -> CleaningReport:
    """Ask about a column whose amounts are in several currencies: their sum means nothing."""
    reports = []
    for column in columns:
        named = currencies(column.raw.written["cell"].head(_MOST_CELLS)) if column.kind == "number" else set()
        if len(named) < 2:
            continue
        question = Question(
            key=setting.key(column.raw.name, "currencies"),
            text=f"{column.raw.name} has amounts in {' and '.join(sorted(named))}: what should happen?",
            options=(AS_THEY_ARE, CONVERT),
            chosen=AS_THEY_ARE,
            essential=True,
        )
        reports.append(ask(question, setting, settled=f"currencies in {column.raw.name}")[1])
    return join(*reports)


def _is_main_date(column: CleanColumn) -> bool:
    hint = column.raw.hint
    return column.kind == "date" and (hint is None or hint.role is ColumnRole.DATE)


def _is_money(column: CleanColumn) -> bool:
    return bool((column.values.drop_nulls() % 1 != 0).any())


def _is_direction(column: CleanColumn) -> bool:
    words = {without_accents(word.strip().lower()) for word in column.values.drop_nulls().unique().head(5)}
    return bool(words & _OUT_WORDS and words & _IN_WORDS and words <= _OUT_WORDS | _IN_WORDS)
