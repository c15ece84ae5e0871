"""Small files as an owner would bring them, already read."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from engine.business.model import Business
from engine.dataset import CleaningReport, Column, ColumnRole, Dataset, Table
from tests.conftest import LATER

MONDAY = date(2023, 1, 2)


def table(name: str, columns: Mapping[str, tuple[ColumnRole, Sequence]]) -> Table:
    frame = pl.DataFrame({header: list(values) for header, (_, values) in columns.items()})
    kinds = {pl.Date: "date", pl.String: "text"}
    described = tuple(
        Column(header, role, kinds.get(frame.schema[header], "number"), 1.0, "")
        for header, (role, _) in columns.items()
    )
    floats = [pl.col(column.name).cast(pl.Float64) for column in described if column.kind == "number"]
    return Table(name, frame.with_columns(floats), described, header_row=1)


def file(*tables: Table, currency: str = "EUR") -> Business:
    return Business(Dataset("shop.xlsx", "0" * 64, tables, CleaningReport(), currency), LATER)


def weeks(count: int) -> list[date]:
    return [MONDAY + timedelta(weeks=k) for k in range(count)]


def marketing(columns: Mapping[str, Sequence], takings: Sequence, **steps: Sequence) -> Table:
    """A sheet with a week per row: spends by channel, visits and leads where given, and takings."""
    spends = {name: (ColumnRole.CHANNEL_SPEND, values) for name, values in columns.items()}
    between = {name: (ColumnRole(name), values) for name, values in steps.items()}
    return table(
        "marketing",
        {"week": (ColumnRole.DATE, weeks(len(takings))), **spends, **between, "takings": (ColumnRole.REVENUE, takings)},
    )


def kiosk(count: int = 104, seed: int = 1, truth: float = 3.0) -> Business:
    """A kiosk that sells more in the weeks in which it hands out more flyers."""
    rng = np.random.default_rng(seed)
    flyers = 1000 + 200 * rng.normal(size=count)
    takings = 5000 + truth * flyers + 200 * rng.normal(size=count)
    return file(marketing({"flyers": flyers}, takings))
