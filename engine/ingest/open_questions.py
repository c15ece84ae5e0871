"""What may be meant otherwise than it stands: hidden rows, far-off dates, formulas without results, signs in words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from engine.dataset import CleaningReport, ColumnRole, Question, Repair, in_words
from engine.errors import UnreadableFile
from engine.ingest.amounts import currencies, looks_like_number
from engine.ingest.columns import (
    CleanColumn,
    CleanRows,
    Setting,
    any_of,
    ask,
    counted,
    join,
    keep_rows,
    named_rows,
    new_column,
)
from engine.ingest.dates import without_accents
from engine.ingest.grid import SheetGrid
from engine.ingest.header import is_made_up
from engine.ingest.inferred_formats import CORRECT, GO_ON
from engine.ingest.totals import false_totals, nameless_totals

USE_HIDDEN, LEAVE_HIDDEN = "use them", "leave them out"
LEAVE_ROW, KEEP_ROW = "leave it out", "keep it"
AS_THEY_ARE, CONVERT = "add them up as they are", "I will convert them first"
LEAVE_OUT, KEEP = "leave them out", "keep them"
AS_THEY_STAND, SIGNED = "leave the amounts as they stand", "make money out negative"
PER_CENT, PLAIN_NUMBER = "a per cent too", "the number as it stands"
TRULY_ZERO, SAVE_AGAIN = "they are 0", "I will save it in my spreadsheet program first"
_SOLD = frozenset({ColumnRole.REVENUE, ColumnRole.QUANTITY})
_SURE, _FEWEST_ROWS = 0.9, 3
_FAR = timedelta(days=400)
"""Dates further ahead than this are no plan of a small business, but a slip of the finger."""

_AWAY = timedelta(days=3653)
"""Dates further than this from nearly all others are slips too."""

_FEWEST_DATES, _FEW_SHARE = 20, 0.03
_UNDATED_SHARE = 0.1
_SMALL, _AS_A_TOTAL = 0.01, 0.9  # shares of a sum between which rows without a date change it, and are no total of it
_UNCALCULATED_SHARE = 0.1
_MOST_NAMED = 5
_MOST_CELLS = 5_000
_OUT_WORDS = frozenset(("debit", "dr", "out", "af", "soll", "d", "debe", "dare", "paid out", "wn", "withdrawal"))
_IN_WORDS = frozenset(("credit", "cr", "in", "bij", "haben", "c", "haber", "avere", "paid in", "ma", "deposit"))


def hidden_rows(table: CleanRows, grid: SheetGrid, setting: Setting) -> tuple[CleanRows, CleaningReport]:
    """Ask whether hidden rows count: a filter may have hidden them by chance, or the owner on purpose.

    Args:
        grid: the sheet, which knows what it hides.
    """
    hidden = table.rows.is_in([row + 1 for row in grid.details.hidden_rows])
    if not hidden.any():
        return table, CleaningReport()
    question = setting.question(
        "",
        "hidden rows",
        f"{hidden.sum()} of {len(hidden)} rows of {setting.place} {'is' if hidden.sum() == 1 else 'are'} hidden, "
        "maybe by a filter: use them?",
        (USE_HIDDEN, LEAVE_HIDDEN),
    )
    answer, report = ask(question, setting, settled="hidden rows")
    if answer == USE_HIDDEN:
        return table, report
    repair = Repair("left out hidden rows, as you said", int(hidden.sum()), setting.place)
    return keep_rows(table, ~hidden), replace(report, repairs=(repair,))


def rows_of_totals(table: CleanRows, setting: Setting) -> tuple[CleanRows, CleaningReport]:
    """Ask about rows that are called a total and add nothing up, and about rows that add up without being called so."""
    reports = []
    rows_in_question: list[int] = []
    for find, wording, chosen in (
        (false_totals, "called a total but does not add up", KEEP_ROW),
        (nameless_totals, "the sum of the rows above it", LEAVE_ROW),
    ):
        rows = [row for row in find(table.columns) if table.rows[row] not in rows_in_question]
        if not rows:
            continue
        rows_in_question += [table.rows[row] for row in rows]
        listed = ", ".join(map(str, rows_in_question[-len(rows) :][:_MOST_NAMED]))
        question = setting.question(
            "",
            wording,
            f"In {setting.place}, row {listed} is {wording}: what should happen?",
            (LEAVE_ROW, KEEP_ROW),
            chosen,
        )
        undated = all(_is_undated(table.columns, row) for row in rows)
        question = replace(question, essential=not (undated and find is nameless_totals))
        answer, report = ask(question, setting, settled=f"row {listed}")
        if answer == LEAVE_ROW:
            repair = Repair(f"left out row {listed}, which is {wording}", len(rows), setting.place)
            report = replace(report, repairs=(repair,))
            table = keep_rows(table, ~pl.Series(range(len(table.rows))).is_in(rows))
        reports.append(report)
    return table, join(*reports)


def _is_undated(columns: Sequence[CleanColumn], row: int) -> bool:
    days = next((column.values for column in columns if _is_main_date(column)), pl.Series([], dtype=pl.Date))
    return len(days) > 0 and days[row] is None and days.null_count() <= _UNDATED_SHARE * len(days)


def undated_rows(table: CleanRows, setting: Setting) -> tuple[CleanRows, CleaningReport]:
    """Ask about the few rows with numbers that have words for a date or stand below the last date.

    Notes, taxes and other sums stand there; a slip in a date has digits, and stays a record.
    """
    day = next((column for column in table.columns if _is_main_date(column)), None)
    numbers = [column.values.is_not_null() for column in table.columns if column.kind == "number"]
    undated = day.values.null_count() if day else 0
    if day is None or not numbers or not 0 < undated <= _UNDATED_SHARE * len(day.values):
        return table, CleaningReport()
    last = len(day.values) - int(day.values.is_not_null().reverse().arg_max() or 0)
    words = day.raw.text.is_not_null() & day.raw.spread(day.raw.cell_content).fill_null(False)
    words &= ~day.raw.text.str.contains(r"\d").fill_null(False)
    stray = day.values.is_null() & any_of(numbers) & (words | (pl.Series(range(len(day.values))) >= last))
    if not stray.any():
        return table, CleaningReport()
    listed = ", ".join(map(str, table.rows.filter(stray).head(_MOST_NAMED)))
    question = setting.question(
        day.raw.name,
        "rows without a date",
        f"In {setting.place}, row {listed} has numbers but no date, unlike nearly all others: what should happen?",
        (LEAVE_ROW, KEEP_ROW),
    )
    question = replace(question, essential=_matters(table.columns, stray))
    answer, report = ask(question, setting, settled=f"row {listed}")
    if answer == KEEP_ROW:
        return table, report
    place = f"{setting.place}, column {day.raw.name}"
    repair = Repair("left out rows without a date", int(stray.sum()), place, named_rows(table.rows, stray))
    return keep_rows(table, ~stray), replace(report, repairs=(repair,))


def _matters(columns: Sequence[CleanColumn], rows: pl.Series) -> bool:
    """True where a column sums to a hundredth of the other rows and more in these, and to less than a total of them."""
    for column in (column for column in columns if column.kind == "number"):
        there, rest = (abs(float(column.values.filter(mask).sum() or 0.0)) for mask in (rows, ~rows))
        if rest and _SMALL <= there / rest < _AS_A_TOTAL:
            return True
    return False


def spilled_rows(table: CleanRows, grid: SheetGrid, setting: Setting) -> CleaningReport:
    """Ask about rows of a text file that have more cells than there are headers: a cell may be cut in two.

    A remark behind the last column, with everything before it as it should be, is none.

    Args:
        grid: the sheet, which knows the cells behind its headers.
    """
    if grid.numbers is not None:
        return CleaningReport()
    extra = _beyond_headers(table.columns)
    if not extra:
        return _cut_decimals(table.columns, setting)
    filled = any_of(column.raw.text.is_not_null() for column in extra)
    lost = [
        column.raw.text.is_not_null() & column.values.is_null() for column in table.columns if column.kind != "text"
    ]
    values = [looks_like_number(column.raw.text).fill_null(False) for column in extra]
    shifted = filled & any_of([*lost, *values])
    if not shifted.any():
        return CleaningReport()
    question = setting.question(
        "",
        "more cells than headers",
        f"{counted(int(filled.sum()), 'row')} of {setting.place}, such as row {table.rows.filter(shifted)[0]}, "
        "have more cells than there are headers, as when a comma inside a cell was taken for a new column: what should "
        "happen?",
        (GO_ON, CORRECT),
    )
    return ask(question, setting, settled="rows with more cells than headers")[1]


def _cut_decimals(columns: Sequence[CleanColumn], setting: Setting) -> CleaningReport:
    """Ask about a column of two digits, "05" among them, behind whole numbers: "12,05" may have been cut in two."""
    for before, column in pairwise(columns):
        cells = column.raw.text
        cents = cells.str.contains(r"^\d{2}$").all() and cells.str.starts_with("0").sum() > 0
        if not cents or cells.null_count() or not before.raw.text.str.contains(r"^-?\d+$").all():
            continue
        question = setting.question(
            column.raw.name,
            "decimals cut off",
            f"In {setting.place}, {column.raw.name} holds two digits in each row, as when the comma of amounts "
            f'like "{before.raw.text[0]},{cells[0]}" was taken for a new column: what should happen?',
            (GO_ON, CORRECT),
        )
        return ask(question, setting, settled=column.raw.name)[1]
    return CleaningReport()


def blank_amounts(table: CleanRows, grid: SheetGrid, setting: Setting) -> CleaningReport:
    """Ask about a column that ought to hold what was sold, and is blank in a workbook that hides its formulas.

    Args:
        grid: the sheet, which knows whether formulas are hidden.
    """
    if grid.numbers is None or grid.details.tells_formulas or len(table.rows) < _FEWEST_ROWS:
        return CleaningReport()
    reports = []
    for column in table.columns:
        hint = column.raw.hint
        if hint is None or hint.role not in _SOLD or hint.confidence < _SURE or column.raw.text.is_not_null().any():
            continue
        question = setting.question(
            column.raw.name,
            "blank",
            f"{column.raw.name} in {setting.place} is blank. If it holds formulas, their results were not saved: "
            "open the file in your spreadsheet program and save it there. What should happen?",
            (GO_ON, CORRECT),
        )
        reports.append(ask(question, setting, settled=column.raw.name)[1])
    return join(*reports)


def hidden_columns(grid: SheetGrid, positions: Sequence[int], names: Sequence[str]) -> CleaningReport:
    """Say which columns are hidden; they are read all the same.

    Args:
        grid: the sheet, which knows what it hides.
        positions: where each column of the table stands in the sheet, from 0.
        names: the columns' names, in the same order.
    """
    hidden = [name for place, name in zip(positions, names, strict=True) if place in grid.details.hidden_columns]
    if not hidden:
        return CleaningReport()
    return CleaningReport((f"hidden columns were read too: {', '.join(hidden[:_MOST_NAMED])}",))


def formulas(grid: SheetGrid, rows: int, setting: Setting) -> CleaningReport:
    """Say that results of formulas are missing, and ask whether they are where every one is 0.

    Args:
        rows: rows of its table, > 0.

    Raises:
        UnreadableFile: so many are missing that the table says nothing.
    """
    missing = grid.details.uncalculated
    if grid.details.zeros:
        question = setting.question(
            "",
            "formulas",
            f"All {grid.details.zeros} formulas of {setting.place} have the result 0, as when a program wrote "
            "them without calculating: are they 0?",
            (TRULY_ZERO, SAVE_AGAIN),
        )
        return ask(question, setting, settled="formulas")[1]
    if not missing:
        return CleaningReport()
    what = f"{counted(missing, 'formula')} {'was' if missing == 1 else 'were'} saved without their results"
    if missing >= _UNCALCULATED_SHARE * max(1, rows):
        remedy = "Open the file in your spreadsheet program, save it there, and choose it again."
        raise UnreadableFile(what, where=setting.place, remedy=remedy)
    return CleaningReport(warnings=(f"{what} in {setting.place}; their cells are blank here.",))


def far_dates(
    columns: Sequence[CleanColumn], rows: pl.Series, setting: Setting
) -> tuple[list[CleanColumn], CleaningReport]:
    """Flag the few dates that lie far from all others, or far in the future where the day of reading is known.

    Args:
        rows: each row's number in the sheet, from 1.
        setting: the table's place in the file, the owner's answers, and the day of reading.
    """
    new_columns = list(columns)
    place = next((place for place, column in enumerate(new_columns) if _is_main_date(column)), None)
    if place is None:
        return new_columns, CleaningReport()
    column = new_columns[place]
    far = _far(column.values, setting.today)
    if not far.any() or far.sum() * 2 > column.values.count():
        return new_columns, CleaningReport()
    first = far.arg_max() or 0
    question = Question(
        key=setting.key(column.raw.name, "dates far off"),
        text=f"{counted(int(far.sum()), 'date')} in {column.raw.name} far from the others or in the future, the first "
        f"in row {rows[first]}: {in_words(column.values[first])}. This looks like a slip: use them?",
        options=(LEAVE_OUT, KEEP),
        chosen=LEAVE_OUT,
    )
    answer, report = ask(question, setting, settled=f"dates far off in {column.raw.name}")
    if answer == KEEP:
        return new_columns, report
    values = column.values.zip_with(~far, pl.Series([None], dtype=pl.Date).new_from_index(0, len(far)))
    new_columns[place] = replace(column, values=values)
    where = f"{setting.place}, column {column.raw.name}"
    repair = Repair("left out dates that look like slips", int(far.sum()), where, named_rows(rows, far))
    return new_columns, replace(report, repairs=(repair,))


def _far(days: pl.Series, today: date | None) -> pl.Series:
    """True for each of the few dates that is years away from the bulk, or too far ahead of today."""
    ahead = (days > today + _FAR if today else days.is_null() & days.is_not_null()).fill_null(False)
    dates = days.drop_nulls()
    if len(dates) < _FEWEST_DATES or dates.max() - dates.min() < _AWAY:  # type: ignore[operator]
        return ahead
    dates = dates.sort()
    early, late = dates[len(dates) // 10], dates[-1 - len(dates) // 10]
    apart = ((days < early - _AWAY) | (days > late + _AWAY)).fill_null(False)
    return ahead | apart if apart.sum() <= _FEW_SHARE * len(dates) else ahead


def signs_in_words(columns: Sequence[CleanColumn], setting: Setting) -> tuple[list[CleanColumn], CleaningReport]:
    """Ask about amounts without a sign beside a column that says "debit" or "credit"."""
    new_columns = list(columns)
    words = next((column for column in columns if column.kind == "text" and _is_direction(column)), None)
    amounts = [c for c in columns if c.kind == "number" and c.values.count() and _is_money(c)]
    if words is None or len(amounts) != 1 or (amounts[0].values < 0).any():
        return new_columns, CleaningReport()
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
        place = next(place for place, column in enumerate(new_columns) if column is amount)
        new_columns[place] = new_column(amount.raw.name, values, amount.raw.hint)
    return new_columns, report


def mixed_percents(columns: Sequence[CleanColumn], setting: Setting) -> tuple[list[CleanColumn], CleaningReport]:
    """Ask about a column in which some numbers have a percent sign and others, larger than 1, have none."""
    new_columns, reports = list(columns), []
    for place, column in enumerate(columns):
        signed = column.raw.text.str.ends_with("%").fill_null(False) if column.kind == "number" else None
        bare = column.values.filter(~signed).drop_nulls().abs() if signed is not None and signed.any() else None
        if signed is None or bare is None or bare.is_empty() or bare.median() <= 1:  # type: ignore[operator]
            continue
        question = setting.question(
            column.raw.name,
            "percent",
            f"In {column.raw.name}, {counted(int(signed.sum()), 'cell')} have a percent sign and the others none: "
            "what does a number without a sign mean?",
            (PER_CENT, PLAIN_NUMBER),
        )
        answer, report = ask(question, setting, settled=f"numbers without a percent sign in {column.raw.name}")
        if answer == PER_CENT:
            new_columns[place] = replace(column, values=column.values.zip_with(signed, column.values / 100))
        reports.append(report)
    return new_columns, join(*reports)


def mixed_currencies(columns: Sequence[CleanColumn], setting: Setting) -> CleaningReport:
    """Ask about a column whose amounts are in several currencies: their sum means nothing."""
    reports = []
    for column in columns:
        named = currencies(column.raw.written["cell"].head(_MOST_CELLS)) if column.kind == "number" else set()
        if len(named) < 2:
            continue
        question = setting.question(
            column.raw.name,
            "currencies",
            f"{column.raw.name} has amounts in {' and '.join(sorted(named))}: what should happen?",
            (AS_THEY_ARE, CONVERT),
        )
        reports.append(ask(question, setting, settled=f"currencies in {column.raw.name}")[1])
    return join(*reports)


def _beyond_headers(columns: Sequence[CleanColumn]) -> list[CleanColumn]:
    """The columns at the right end whose header is blank; none where no column has a header."""
    named = [place for place, column in enumerate(columns) if not is_made_up(column.raw.name, place)]
    return list(columns[named[-1] + 1 :]) if named else []


def _is_main_date(column: CleanColumn) -> bool:
    hint = column.raw.hint
    return column.kind == "date" and (hint is None or hint.role is ColumnRole.DATE)


def _is_money(column: CleanColumn) -> bool:
    return bool((column.values.drop_nulls() % 1 != 0).any())


def _is_direction(column: CleanColumn) -> bool:
    words = {without_accents(word.strip().lower()) for word in column.values.drop_nulls().unique().head(5)}
    return bool(words & _OUT_WORDS and words & _IN_WORDS and words <= _OUT_WORDS | _IN_WORDS)
