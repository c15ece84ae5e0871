"""Tables -> an Excel workbook or a CSV file in which a cell's text is never run as a formula (CWE-1236)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import polars as pl

from engine.errors import DataProblem

SHEET_NAME_LENGTH = 31
CELL_LENGTH = 32_767
EXACT_INTEGERS = 2**53
NARROWEST, WIDEST = 8, 60
WIDTH_SAMPLE = 200
"""A column is made wide enough for its first rows; looking at all of them would cost more than it shows."""

LARGEST_SHEET = (1_048_576, 16_384)
FIRST_EXCEL_DAY = date(1900, 3, 1)
"""Excel counts a 29 February 1900 that never was, so earlier dates are written as text."""

FORMULA_STARTS = r"^[=+\-@\t\r\n＝＋－＠]"
"""Spreadsheets may read a text that starts so as a formula (OWASP, "CSV Injection")."""


NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook.

    Attributes:
        name: made valid and unique when the workbook is written (31 characters, none of []:*?/\\).
        frame: the table; numbers, dates and text keep their kind, anything else is written as text.
        notes: lines below the table, such as cautions.
    """

    name: str
    frame: pl.DataFrame
    notes: tuple[str, ...] = ()


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """An .xlsx file with these sheets: bold frozen headers, dates as dates, numbers as numbers.

    Text stays the text that it is: "=1+1" is neither run nor changed. What Excel cannot hold (not a number, infinite)
    becomes an empty cell; integers beyond 2^53 and dates before March 1900 become text; a cell's text loses control
    characters and ends after 32,767 characters.

    Raises:
        ValueError: there is no sheet; a workbook needs one.
        DataProblem: a table has more rows or columns than a sheet can hold.
    """
    from xlsxwriter import Workbook

    if not sheets:
        raise ValueError("a workbook needs at least one sheet")
    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(target, options) as book:
        for sheet, name in zip(sheets, sheet_names([sheet.name for sheet in sheets]), strict=True):
            _write_sheet(book, book.add_worksheet(name), sheet)
    return target.getvalue()


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """The table as CSV: UTF-8 with a byte order mark, so that Excel reads accents; dates as 2026-05-12.

    A text cell or header that starts with = + - @, a tab or a line break gets a ' before it, as OWASP advises against
    formula injection; numbers stay numbers, negative ones too. What is not a number or infinite becomes an empty cell.
    """
    plain = pl.DataFrame([_writable(column) for column in frame.iter_columns()])
    guarded = plain.with_columns(pl.selectors.string().str.replace(f"({FORMULA_STARTS})", "'$1"))
    headers = [f"'{name}" if re.match(FORMULA_STARTS, name) else name for name in frame.columns]
    # The headers are a row of their own: guarded, two of them may read the same, which no frame allows.
    head = pl.DataFrame([headers], schema=[str(place) for place in range(frame.width)], orient="row")
    target = BytesIO()
    head.write_csv(target, include_header=False, include_bom=True)
    guarded.write_csv(target, include_header=False)
    return target.getvalue()


def sheet_names(titles: Sequence[str]) -> tuple[str, ...]:
    """Names that Excel accepts, unique without regard to capitals, as close to the wanted ones as that allows."""
    names: list[str] = []
    for each in titles:
        plain = re.sub(r"[\[\]:*?/\\\s]", " ", NOT_IN_XML.sub("", each)).strip(" '") or "Sheet"
        # Excel keeps the name "History" for itself.
        plain = f"{plain} sheet" if plain.casefold() == "history" else plain
        name, copy = _cut(plain, SHEET_NAME_LENGTH).rstrip(" '"), 1
        while name.casefold() in {other.casefold() for other in names}:
            copy += 1
            ending = f" ({copy})"
            name = _cut(plain, SHEET_NAME_LENGTH - len(ending)).rstrip() + ending
        names.append(name)
    return tuple(names)


def _write_sheet(book: Any, page: Any, sheet: Sheet) -> None:
    if sheet.frame.height + len(sheet.notes) + 2 > LARGEST_SHEET[0] or sheet.frame.width > LARGEST_SHEET[1]:
        size = f"{sheet.frame.height:,} rows and {sheet.frame.width:,} columns"
        raise DataProblem(f"The table has {size}, more than an Excel sheet holds", remedy="Download it as CSV instead.")
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    page.freeze_panes(1, 0)
    for place, name in enumerate(sheet.frame.columns):
        column = _writable(sheet.frame[name])
        page.set_column(place, place, _width(column), _cell_format(book, column))
        page.write_string(0, place, _cell_text(name), bold)
        _write_column(page, place, column, book.add_format({"quote_prefix": True}))
    for line, note in enumerate(sheet.notes):
        page.write_string(sheet.frame.height + 2 + line, 0, _cell_text(note))


def _writable(column: pl.Series) -> pl.Series:
    """The column as one of the kinds that Excel knows."""
    kind = column.dtype
    if kind.is_integer():
        exact = column.is_between(-EXACT_INTEGERS, EXACT_INTEGERS).all()
        return column if exact else column.cast(pl.String)
    if kind.is_float() or kind.is_decimal():
        numbers = column.cast(pl.Float64)
        return pl.select(pl.when(numbers.is_finite()).then(numbers)).to_series().alias(column.name)
    if kind == pl.Datetime and getattr(kind, "time_zone", None):
        return column.dt.replace_time_zone(None)  # Excel knows no time zones; the wall clock is what an owner sees
    if kind == pl.Boolean or kind == pl.String:
        return column
    if kind in (pl.Date, pl.Datetime) and column.cast(pl.Date).ge(FIRST_EXCEL_DAY).all():
        return column
    return pl.Series(column.name, [None if value is None else str(value) for value in column.to_list()], pl.String)


def _write_column(page: Any, place: int, column: pl.Series, as_text: Any) -> None:
    kind = column.dtype
    write = (
        page.write_boolean if kind == pl.Boolean else page.write_datetime if kind.is_temporal() else page.write_number
    )
    for row, value in enumerate(column.to_list(), 1):
        if isinstance(value, str):
            # The mark keeps a formula-like text a text when its cell is edited.
            mark = as_text if re.match(FORMULA_STARTS, value) else None
            page.write_string(row, place, _cell_text(value), mark)
        elif value is not None:
            write(row, place, value)


def _cell_text(text: str) -> str:
    """The text as a cell can hold it: line breaks as Excel writes them, no control characters, not too long."""
    return _cut(NOT_IN_XML.sub("", re.sub("\r\n?", "\n", text)), CELL_LENGTH)


def _cut(text: str, length: int) -> str:
    """At most so many characters, as Excel counts them (UTF-16)."""
    if len(text) * 2 <= length:
        return text
    return text.encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore")


def _cell_format(book: Any, column: pl.Series) -> Any:
    kind = column.dtype
    if kind == pl.Date:
        return book.add_format({"num_format": "yyyy-mm-dd"})
    if kind == pl.Datetime:
        return book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    if kind.is_integer():
        return book.add_format({"num_format": "#,##0"})
    if kind.is_float():
        return book.add_format({"num_format": "#,##0.00"})
    return None


def _width(column: pl.Series) -> int:
    """Characters that show the header's longest word and the first values."""
    if column.dtype == pl.Date:
        texts = ["2026-05-12"]
    elif column.dtype.is_float():
        texts = [f"{value:,.2f}" for value in column.head(WIDTH_SAMPLE).drop_nulls()]
    elif column.dtype.is_integer():
        texts = [f"{value:,}" for value in column.head(WIDTH_SAMPLE).drop_nulls()]
    else:
        texts = [str(value) for value in column.head(WIDTH_SAMPLE).drop_nulls()]
    longest = max((len(text) for text in [*column.name.split(), *texts]), default=0)
    return min(max(longest + 2, NARROWEST), WIDEST)
