"""Columns that a table only implies: keys written once per group, dates in parts, balances, money in and out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import permutations

import polars as pl

from engine.business.standing import BOUGHT, SALES
from engine.dataset import CleaningReport, ColumnRole, Repair
from engine.ingest.columns import CleanColumn, Setting, ask, counted, join, new_column, unused_name
from engine.ingest.dates import month_number, without_accents
from engine.ingest.grid import Merge
from engine.ingest.inferred_formats import over_new_year, which_year
from engine.ingest.meaning.names import Hint, is_running_total

REPEAT, BLANK = "they repeat the cell above", "they are blank"
DATE = "Date"
_FEWEST_ROWS, _FEWEST_MONTHS = 4, 3
_SPARSE = 0.3
"""Share of blank cells from which a column on the left may be one that is written once per group."""

_YEAR_WORDS = frozenset(("year", "jahr", "annee", "ano", "anno", "jaar", "rok", "fy"))
_MONTH_WORDS = frozenset(("month", "monat", "mois", "mes", "mese", "maand", "miesiac"))
_DAY_WORDS = frozenset(("day", "tag", "jour", "dia", "giorno", "dag", "dzien"))
_QUARTER_WORDS = frozenset(("quarter", "quartal", "trimestre", "kwartaal", "kwartal", "qtr", "q"))
_GROUP_ROLES = (ColumnRole.DATE, ColumnRole.ITEM, ColumnRole.CATEGORY, ColumnRole.STORE, ColumnRole.EMPLOYEE)

NET = "Net amount"
CHANGES, AS_IT_STANDS = "the change from row to row", "the column as it stands"
_COUNTED = frozenset({ColumnRole.REVENUE, ColumnRole.QUANTITY})
_FEWEST_STEPS, _MOST_COLUMNS, _STEPS_SHARE = 2, 12, 0.9
_OUT_WORDS = """
    debit debits out withdrawal withdrawals soll ausgaben debe cargo dare uscite af uitgaven debito saidas wydatki wn
    depenses
"""
_IN_WORDS = """
    credit credits in deposit deposits haben einnahmen haber abono avere entrate bij credito entradas wplywy ma recettes
"""


def fill_down(
    columns: Sequence[CleanColumn], merges: Sequence[tuple[Merge, int]], rows: pl.Series, setting: Setting
) -> tuple[list[CleanColumn], CleaningReport]:
    """Complete the columns on the left that are written once per group.

    Args:
        merges: merged ranges of the sheet, each with the place of its column among `columns`.
        rows: the spreadsheet row of each row.
    """
    filled = list(columns)
    reports = []
    for place, column in enumerate(columns):
        ranges = [merge for merge, at in merges if at == place]
        if ranges and column.kind != "number":
            filled[place], report = _fill_merged(column, ranges, rows, setting)
            reports.append(report)
    for place, column in enumerate(filled):
        if not _is_sparse_key(column) or not _are_records(column, columns):
            break
        if column.raw.text.null_count() and column.values.null_count():
            filled[place], report = _ask_to_fill(column, setting, sure=_are_lines(column, columns))
            reports.append(report)
    return filled, join(*reports)


def whole_dates(
    columns: Sequence[CleanColumn], title: str, setting: Setting
) -> tuple[list[CleanColumn], CleaningReport]:
    """Where years, quarters, months and days stand in columns of their own, add the date that they make together.

    Args:
        title: what stands above the table and the name of its tab or file: they may name the year.
    """
    unchanged = list(columns), CleaningReport()
    if any(column.kind == "date" and column.values.is_not_null().any() for column in columns):
        return unchanged
    year, month = _find_by_name(columns, _YEAR_WORDS), _find_by_name(columns, _MONTH_WORDS)
    quarter = None if month else _find_by_name(columns, _QUARTER_WORDS)
    years = _years_of(year)
    months = _months(month) if month else _quarter_months(quarter) if quarter else None
    year_question = CleaningReport()
    if years is None:
        if year is not None or month is None or months is None or not _are_of_one_year(month, months):
            return unchanged
        later, last = over_new_year(months)
        number, year_question = which_year(
            title, str(month.raw.text[0]), setting, lambda year: date(year + last[0], last[1], 1)
        )
        years = later + number
    day = _find_by_name(columns, _DAY_WORDS) if month else None
    dates = _dates(years, months, day)
    if dates.null_count() * 2 > len(dates):
        return unchanged
    used = [column for column in (year, month or quarter, day) if column is not None]
    why = f"made of {' and '.join(column.raw.name for column in used)}"
    date_column = new_column(
        unused_name(DATE, [column.raw.name for column in columns]), dates, Hint(ColumnRole.DATE, 0.95, why)
    )
    rest = [_without_role(column) if any(column is spent for spent in used) else column for column in columns]
    return [date_column, *rest], join(CleaningReport((f"{setting.place}: {DATE} is {why}",)), year_question)


def _years_of(column: CleanColumn | None) -> pl.Series | None:
    if column is None or column.kind != "number" or not column.values.drop_nulls().is_between(1900, 2100).all():
        return None
    return column.values


def _dates(years: pl.Series, months: pl.Series | None, day: CleanColumn | None) -> pl.Series:
    first = pl.Series([1.0]).new_from_index(0, len(years))
    days = day.values if day is not None and day.kind == "number" else first
    parts = pl.DataFrame({"y": years, "m": first if months is None else months, "d": days})
    written = pl.format("{}-{}-{}", *(pl.col(name).cast(pl.Int64, strict=False) for name in "ymd"))
    return parts.select(written.str.to_date("%Y-%m-%d", strict=False)).to_series()


def _is_sparse_key(column: CleanColumn) -> bool:
    """True for a column whose blank cells may mean "as above": some cells filled, the first among them."""
    values = column.values
    hinted = column.raw.hint is not None and column.raw.hint.role in _GROUP_ROLES
    years = column.kind == "number" and values.drop_nulls().is_between(1900, 2100).all()
    if not (column.kind in ("date", "text") or years) or len(values) < _FEWEST_ROWS or values[0] is None:
        return False
    sparse = column.raw.text.null_count() >= _SPARSE * len(values)
    some = values.drop_nulls()
    once = hinted or some.n_unique() == len(some)
    return bool(sparse and once)


def _are_records(key: CleanColumn, columns: Sequence[CleanColumn]) -> bool:
    """True when rows without the key are filled about as much as rows with it: they are records of the same group."""
    others = [column.values.is_not_null().cast(pl.Int32) for column in columns if column.raw.name != key.raw.name]
    if not others:
        return False
    counts = pl.DataFrame([mask.alias(str(i)) for i, mask in enumerate(others)]).select(pl.sum_horizontal(pl.all()))
    blank = key.raw.text.is_null()
    without, within = counts.to_series().filter(blank).mean(), counts.to_series().filter(~blank).mean()
    return isinstance(without, float) and isinstance(within, float) and without * 2 >= within


def _are_lines(key: CleanColumn, columns: Sequence[CleanColumn]) -> bool:
    """True where the rows without the key have all that every row with it has, but for what is blank with it."""
    blank = key.raw.text.is_null()
    others = [column.values for column in columns if column.raw.name != key.raw.name]
    full = [values for values in others if values.filter(~blank).null_count() <= 0.05 * int((~blank).sum())]
    lines = [values for values in full if values.filter(blank).null_count() <= 0.05 * int(blank.sum())]
    heads = [values for values in full if values.filter(blank).null_count() >= 0.95 * int(blank.sum())]
    return key.kind != "number" and len(lines) >= 2 and len(lines) + len(heads) == len(full)


def _ask_to_fill(column: CleanColumn, setting: Setting, *, sure: bool) -> tuple[CleanColumn, CleaningReport]:
    name = column.raw.name
    question = setting.question(
        name,
        "blank cells",
        f"{counted(column.raw.text.null_count(), 'blank cell')} of {name} in {setting.place} below a filled one: "
        "what do blank cells mean?",
        (REPEAT, BLANK),
    )
    question = replace(question, essential=not sure)
    answer, report = ask(question, setting, settled=f"blank cells of {name}")
    if answer == BLANK:
        return column, report
    repair = Repair("filled blank cells from above", column.raw.text.null_count(), f"{setting.place}, column {name}")
    return _forward(column), replace(report, repairs=(repair,))


def _fill_merged(
    column: CleanColumn, ranges: Sequence[Merge], rows: pl.Series, setting: Setting
) -> tuple[CleanColumn, CleaningReport]:
    inside = pl.Series([False]).new_from_index(0, len(rows))
    for merge in ranges:
        inside = inside | rows.is_between(merge.top + 2, merge.bottom + 1)
    blank = inside & column.values.is_null()
    if not blank.any():
        return column, CleaningReport()
    whole = _forward(column)
    values = whole.values.zip_with(blank | column.values.is_not_null(), column.values)
    repair = Repair("filled merged cells", int(blank.sum()), f"{setting.place}, column {column.raw.name}")
    return replace(column, values=values), CleaningReport(repairs=(repair,))


def _forward(column: CleanColumn) -> CleanColumn:
    """The column with each blank cell as the one above; cells that could not be read stay unread."""
    above = column.values.fill_null(strategy="forward")
    blank = column.raw.text.is_null()
    return new_column(column.raw.name, above.zip_with(blank, column.values), column.raw.hint)


def _find_by_name(columns: Sequence[CleanColumn], words: frozenset[str]) -> CleanColumn | None:
    for column in columns:
        name = without_accents(column.raw.name.strip().lower()).strip(" .:")
        if name in words and column.kind != "date":
            return column
    return None


def _months(column: CleanColumn) -> pl.Series:
    if column.kind == "number":
        return column.values
    cells = column.values.str.strip_chars(" .")
    numbers = {cell: month_number(cell) or _digits(cell) for cell in cells.drop_nulls().unique()}
    month_of_cell = {cell: number for cell, number in numbers.items() if 1 <= number <= 12}
    return cells.replace_strict(month_of_cell, default=None, return_dtype=pl.Float64)


def _are_of_one_year(column: CleanColumn, months: pl.Series) -> bool:
    """True for the names of months in every row, or the numbers of several months, each once."""
    if months.null_count() or column.kind == "text":
        return not months.null_count()
    whole = bool((months % 1 == 0).all()) and bool(months.is_between(1, 12).all())
    return whole and months.n_unique() == len(months) >= _FEWEST_MONTHS


def _quarter_months(column: CleanColumn) -> pl.Series:
    quarters = column.values if column.kind == "number" else column.values.str.extract(r"([1-4])").cast(pl.Float64)
    return quarters * 3 - 2


def _digits(cell: str) -> int:
    digits = cell.lower().removeprefix("m")
    return int(digits) if digits.isdecimal() and len(digits) <= 2 else 0


def _without_role(column: CleanColumn) -> CleanColumn:
    return replace(column, raw=replace(column.raw, hint=Hint(ColumnRole.OTHER, 0.9, "part of the date")))


def read_ledger(columns: Sequence[CleanColumn], setting: Setting) -> tuple[list[CleanColumn], CleaningReport]:
    """Mark running balances, and join money out and money in to one signed amount; of a cash book the takings count."""
    new_columns = list(columns)
    pair = _pair(new_columns) if all(column.raw.name != NET for column in new_columns) else None
    net = _net(*pair) if pair else None
    of_takings = pair is not None and _are_takings(*pair)
    lines = []
    numbers = [column for column in new_columns if column.kind == "number"][:_MOST_COLUMNS]
    for place, column in enumerate(new_columns):
        movements = [net] if net is not None else []
        movements += [other.values for other in numbers if other is not column]
        candidate = any(column is one for one in numbers) and _may_be_balance(column, of_money=of_takings)
        if candidate and any(_runs_over(column.values, movement) for movement in movements):
            hint = Hint(ColumnRole.OTHER, 0.9, "a running balance of another column")
            new_columns[place] = replace(column, raw=replace(column.raw, hint=hint))
            lines.append(f"{setting.place}: {column.raw.name} is a running balance, so it is never added up")
    if pair and net is not None:
        paid_out, paid_in = pair
        spent = {paid_out.raw.name, paid_in.raw.name}
        if of_takings:
            why = f"what came in; {paid_out.raw.name} is what was spent"
            taken = replace(paid_in, raw=replace(paid_in.raw, hint=Hint(ColumnRole.REVENUE, 0.95, why)))
            new_columns = [taken if c is paid_in else _spent(c) if c is paid_out else c for c in new_columns]
            lines.append(f"{setting.place}: {paid_in.raw.name} is {why}")
            return new_columns, CleaningReport(tuple(lines))
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
        question = setting.question(
            column.raw.name,
            "running total",
            f"{column.raw.name} in {setting.place} is a running total: what should be added up?",
            (CHANGES, AS_IT_STANDS),
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


def _may_be_balance(column: CleanColumn, *, of_money: bool) -> bool:
    stock = column.raw.hint is not None and column.raw.hint.role is ColumnRole.ON_HAND and not of_money
    return column.kind == "number" and not (column.raw.chosen or stock)


def _are_takings(out: CleanColumn, paid: CleanColumn) -> bool:
    """True for the two sides of a cash book: what the shop took, and what it spent."""
    return out.raw.name.strip().casefold().startswith(BOUGHT) and paid.raw.name.strip().casefold().startswith(SALES)


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


def _spent(column: CleanColumn) -> CleanColumn:
    return replace(column, raw=replace(column.raw, hint=Hint(ColumnRole.OTHER, 0.9, "what was spent")))


def _part_of_net(column: CleanColumn) -> CleanColumn:
    return replace(column, raw=replace(column.raw, hint=Hint(ColumnRole.OTHER, 0.9, f"part of {NET}")))
