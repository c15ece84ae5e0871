"""A bakery small enough to add up by hand."""

from datetime import date, timedelta

import pytest

from engine.settings import Settings
from engine.workflows import open_file
from engine.workflows.coach.found import Business

FIRST, DAYS = date(2026, 1, 5), 84  # a Monday; twelve whole weeks, so the last day is Sunday, 29 March
SOLD = {"Rye loaf": 10, "Butter croissant": 4, "Poppy seed roll": 6, "White roll": 20}
"""Sold on every day."""


def sales_csv(sold=SOLD, days: int = DAYS) -> bytes:
    lines = ["Date,Product,Units sold,Unit price"]
    for k in range(days):
        day = FIRST + timedelta(days=k)
        # Saturdays bring twice as much of everything.
        lines += [f"{day},{item},{count * (1 + (day.weekday() == 5))},2.00" for item, count in sold.items()]
    return "\n".join(lines).encode()


@pytest.fixture(scope="session")
def bakery() -> Business:
    return Business(open_file(sales_csv(), "sales.csv", Settings()))
