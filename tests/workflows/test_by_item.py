"""A shop whose items, categories and total are forecast apart, and must add up on the page."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from engine.errors import DataProblem
from engine.settings import Settings
from engine.workflows import files
from engine.workflows.forecast import by_item, forecasts
from tests.conftest import LATER

MONDAY = date(2026, 1, 5)
DAYS = 140
LEVELS = {"rye": ("bread", 20), "wheat": ("bread", 40), "tart": ("cake", 6), "pie": ("cake", 4), "tea": ("drinks", 30)}


def opened(items):
    rng = np.random.default_rng(5)
    lines = ["Date,Product,Category,Units sold"]
    for item in items:
        category, level = LEVELS[item]
        sold = rng.poisson(level, DAYS).tolist()
        lines += [f"{MONDAY + timedelta(days=k)},{item},{category},{units}" for k, units in enumerate(sold)]
    return files.open_business("\n".join(lines).encode(), "shop.csv", Settings(), today=LATER)


@pytest.fixture(scope="module")
def shop():
    return opened(LEVELS)


@pytest.fixture(scope="module")
def forecast(shop):
    return forecasts.run_forecast(forecasts.history_for(shop, "quantity"), 14, "quick")


@pytest.fixture(scope="module")
def table(shop, forecast):
    return by_item.split(shop, forecast).table


def test_items_add_up_to_categories_and_these_to_the_forecast_on_the_page(table, forecast):
    total = table.filter(Item="All items")["Expected"].item()
    assert total == pytest.approx(forecast.point.sum())
    of_items = table.filter(pl.col("Item").is_in([*LEVELS]))
    assert of_items["Expected"].sum() == pytest.approx(total)
    for category in ("bread", "cake", "drinks"):
        whole = table.filter(Item=f"All of {category}")["Expected"].item()
        assert of_items.filter(Category=category)["Expected"].sum() == pytest.approx(whole)


def test_each_item_is_expected_to_sell_what_it_sells(table):
    for item, (_, level) in LEVELS.items():
        assert table.filter(Item=item)["Expected"].item() == pytest.approx(14 * level, rel=0.12)


def test_categories_stand_by_size_each_before_its_items(table):
    assert table["Item"].to_list() == [
        "All items", "All of bread", "wheat", "rye", "All of drinks", "tea", "All of cake", "tart", "pie"
    ]  # fmt: skip


def test_the_range_of_the_total_is_narrower_than_the_sum_of_the_ranges_of_the_items(table):
    width = table["80% to"] - table["80% from"]
    items = table["Item"].is_in([*LEVELS])
    assert 0 < width[0] < 0.8 * width.filter(items).sum()


def test_the_workbook_holds_the_items_too(shop, forecast):
    plain, whole = (len(forecasts.forecast_workbook(forecast, each)) for each in (None, by_item.split(shop, forecast)))
    assert whole > plain


def test_one_item_is_not_split():
    single = opened(["tea"])
    made = forecasts.run_forecast(forecasts.history_for(single, "quantity"), 14, "quick")
    assert not by_item.can_be_split(single, made)
    with pytest.raises(DataProblem, match="only one item"):
        by_item.split(single, made)
