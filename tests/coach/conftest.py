"""A bakery, and one with two branches, small enough to add up by hand."""

from datetime import date, timedelta

import pytest

from engine.coach.context import CoachContext
from engine.settings import Settings
from engine.workflows.files import open_business
from tests.conftest import LATER

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


CATEGORIES = {"Rye loaf": "Bread", "Butter croissant": "Pastries", "Poppy seed roll": "Rolls", "White roll": "Rolls"}
STORES = {"Downtown": 1, "Harbour": 2}
"""Harbour sells twice as much of everything."""


def chain_csv() -> bytes:
    """Two such bakeries, with a category for each item."""
    header, *rows = sales_csv().decode().splitlines()
    lines = [f"{header},Branch,Category"]
    for row in rows:
        day, item, count, price = row.split(",")
        lines += [
            f"{day},{item},{int(count) * times},{price},{store},{CATEGORIES[item]}" for store, times in STORES.items()
        ]
    return "\n".join(lines).encode()


@pytest.fixture(scope="session")
def chain() -> CoachContext:
    return CoachContext(open_business(chain_csv(), "sales.csv", Settings(), today=LATER))


@pytest.fixture(scope="session")
def bakery() -> CoachContext:
    return CoachContext(open_business(sales_csv(), "sales.csv", Settings(), today=LATER))
