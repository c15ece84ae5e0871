import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter

Rows = Sequence[Sequence[Any]]


@pytest.fixture
def workbook() -> Callable[..., bytes]:
    """Makes the bytes of a workbook from the rows of its sheets; dates get a date format, `formats` go by column."""

    def make(
        sheets: Mapping[str, Rows], *, formats: Mapping[int, str] | None = None, hidden: Sequence[str] = ()
    ) -> bytes:
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer)
        as_date = book.add_format({"num_format": "dd/mm/yyyy"})
        as_money = {column: book.add_format({"num_format": text}) for column, text in (formats or {}).items()}
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, value in enumerate(row):
                    if isinstance(value, date | datetime):
                        sheet.write_datetime(i, j, value, as_date)
                    elif value is not None:
                        sheet.write(i, j, value, as_money.get(j))
            if name in hidden:
                sheet.hide()
        book.close()
        return buffer.getvalue()

    return make
