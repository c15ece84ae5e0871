"""Small named businesses that the tests share."""

import os
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import hypothesis
import polars as pl
import pytest

from engine.business.calendar import Calendar
from engine.business.history import Metric, SalesHistory
from engine.business.model import Business
from engine.dataset import CleaningReport, Column, ColumnRole, Dataset, Frequency, Table
from engine.settings import Settings
from engine.workflows.forecast.forecasts import model_environment

os.environ.update(model_environment(Settings()))
# How fast a test is depends on what else the machine does, and a test that passed must pass again.
hypothesis.settings.register_profile("ours", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ours")

UNITS = Metric("quantity", "Units sold", "units")
LATER = date(2130, 1, 1)
"""The day on which a business is asked where it does not matter."""
MONDAY = date(2024, 1, 1)


@pytest.fixture
def sales_of() -> Callable[..., SalesHistory]:
    """Make a history of a business that opens on every day from Monday, 1 January 2024 (None: closed)."""

    def make(values: Sequence[float | None], frequency: Frequency = Frequency.DAILY) -> SalesHistory:
        interval = frequency.polars_interval
        days = pl.date_range(MONDAY, date(2124, 1, 1), interval, eager=True).head(len(values))
        sold = pl.Series("value", [*values], pl.Float64)
        frame = pl.DataFrame({"item": [""] * len(values), "period": days, "value": sold})
        return SalesHistory(UNITS, "", frame, Calendar(frequency))

    return make


@pytest.fixture
def shop() -> Callable[..., Business]:
    """Make a file with one sheet `sales` out of (day, item, sold) rows, and a price column when prices are given."""

    def make(rows: Sequence[tuple[date, str, float]], prices: Sequence[float] = ()) -> Business:
        frame = pl.DataFrame(rows, schema={"Day": pl.Date, "Product": pl.String, "Sold": pl.Float64}, orient="row")
        columns = [
            Column("Day", ColumnRole.DATE, "date", 1.0, ""),
            Column("Product", ColumnRole.ITEM, "text", 1.0, ""),
            Column("Sold", ColumnRole.QUANTITY, "number", 1.0, ""),
        ]
        if prices:
            frame = frame.with_columns(pl.Series("Price", prices, pl.Float64))
            columns.append(Column("Price", ColumnRole.PRICE, "number", 1.0, ""))
        table = Table("sales", frame, tuple(columns), header_row=1)
        return Business(Dataset("shop.csv", "0" * 64, (table,), CleaningReport(), "EUR"), LATER)

    return make


def days_from(first: date, count: int) -> list[date]:
    """Consecutive days."""
    return [first + timedelta(days=offset) for offset in range(count)]
