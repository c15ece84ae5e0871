"""A tea shop plans eight weeks: its sales, its items and what a delivery costs are enough."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from itertools import pairwise

import openpyxl
import polars as pl
import pytest

from engine.charts.inventory import delivery_calendar, delivery_calendar_alt
from engine.exports.deliveries import ahead_workbook, delivery_list
from engine.inventory.deliveries import AheadPlan
from engine.inventory.plan_ahead import AheadEffort
from engine.proof import Status
from engine.settings import Settings
from engine.workflows import orders
from engine.workflows.files import as_one, open_business
from engine.workflows.order_question import OrderQuestion, SupplierTerms
from engine.workflows.orders_ahead import plan_deliveries
from tests.conftest import LATER

FIRST = date(2026, 1, 5)
SOLD = {"Tea": 6, "Coffee": 12}
ITEMS = """Item,Unit cost,Price,On hand,Lead time (days),Case pack,Supplier
Tea,2,5,10,2,1,Harbour & Sons
Coffee,3,8,20,2,10,Harbour & Sons
"""
EFFORT = AheadEffort(seconds=30.0)


@pytest.fixture(scope="module")
def shop() -> orders.Stock:
    days = [FIRST + timedelta(days=k) for k in range(120)]
    sales = ["Date,Item,Sold", *(f"{day},{item},{sold}" for day in days for item, sold in SOLD.items())]
    files = {"sales.csv": "\n".join(sales).encode(), "items.csv": ITEMS.encode()}
    return orders.stock_of(open_business(*as_one(files), Settings(), today=LATER))


@pytest.fixture(scope="module")
def shared(shop: orders.Stock) -> AheadPlan:
    question = OrderQuestion(terms=(SupplierTerms("Harbour & Sons", fee=8.0),))
    return plan_deliveries(shop, question, "EUR", effort=EFFORT)


def test_steady_sales_are_covered_by_deliveries_that_both_items_share(shared: AheadPlan) -> None:
    assert shared.proof.status is Status.OPTIMAL
    assert [later - day for day, later in pairwise(shared.chances)] == [timedelta(days=7)] * 7
    assert 1 < len(shared.deliveries) < 8
    assert all(len(each.items) == 2 for each in shared.deliveries[:-1])
    brought = sum(item.quantity for each in shared.deliveries for item in each.items if item.name == "Tea")
    assert 8 * 7 * 6 - 10 <= brought <= (8 + 3) * 7 * 6  # eight weeks less the stock, and what keeps the shelf full


def test_what_one_delivery_in_place_of_two_would_cost_is_said(shop, shared) -> None:
    free = plan_deliveries(shop, OrderQuestion(), "EUR", effort=EFFORT)
    assert len(free.deliveries) == 8
    assert all(each.merged is not None and each.merged.extra >= 0 for each in shared.deliveries[:-1])
    assert shared.deliveries[0].in_short().endswith(" more")
    assert "would cost" in shared.deliveries[0].why("EUR")
    assert shared.deliveries[-1].why("EUR") == "The last one of this supplier here."
    assert shared.proof.objective < free.proof.objective + 8 * 8.0


def test_a_budget_that_is_too_small_for_the_service_clashes_in_words(shop) -> None:
    plan = plan_deliveries(shop, OrderQuestion(budget=20.0, service=95), "EUR", effort=EFFORT)
    assert plan.infeasibility is not None and not plan.deliveries
    assert set(plan.infeasibility.keys) == {"budget", "service level"}


def test_the_workbook_lists_every_delivery_and_every_item(shared) -> None:
    book = openpyxl.load_workbook(BytesIO(ahead_workbook(shared)))
    assert book.sheetnames == ["Deliveries", "Items"]
    rows = list(book["Deliveries"].values)
    assert rows[0][:4] == ("Order on", "Supplier", "Comes from", "Comes until")
    assert [row[1] for row in rows[1 : len(shared.deliveries) + 1]] == ["Harbour & Sons"] * len(shared.deliveries)
    assert delivery_list(shared)["Goods, EUR"].sum() == pytest.approx(shared.facts()["goods"].value)
    assert sum(row[5] for row in list(book["Items"].values)[1:]) == pytest.approx(shared.facts()["goods"].value)


def test_the_calendar_has_a_cell_for_every_delivery(shared) -> None:
    [cells] = delivery_calendar(shared).data
    drawn = [place for place, z in enumerate(cells.z[0]) if z is not None]
    assert drawn == [each.chance for each in shared.deliveries]
    assert "Tea: " in cells.customdata[0][drawn[0]]
    assert delivery_calendar_alt(shared).startswith(f"Calendar of {len(drawn)} deliveries")


def test_the_first_delivery_is_ordered_today_however_old_the_sales_are() -> None:
    days = [FIRST + timedelta(days=k) for k in range(120)]
    sales = ["Date,Item,Sold", *(f"{day},{item},{sold}" for day in days for item, sold in SOLD.items())]
    files = {"sales.csv": "\n".join(sales).encode(), "items.csv": ITEMS.encode()}
    today = days[-1] + timedelta(days=20)
    stock = orders.stock_of(open_business(*as_one(files), Settings(), today=today))
    plan = plan_deliveries(stock, OrderQuestion(), "EUR", effort=EFFORT)
    assert plan.chances[0] == plan.deliveries[0].ordered == today


def test_what_the_calendar_leaves_out_is_said(shop) -> None:
    fresh = replace(shop, items=shop.items.with_columns(shelf_life=pl.Series([1.0, None])))
    question = OrderQuestion(terms=(SupplierTerms("Harbour & Sons", review_days=14),))
    plan = plan_deliveries(fresh, question, "EUR", effort=EFFORT)
    kept, left = shop.items["name"].to_list()[::-1]
    assert {item.name for each in plan.deliveries for item in each.items} == {kept}
    assert "Harbour & Sons can be ordered from every 7 days here, on any weekday." in plan.assumptions
    assert f"Not in this calendar, as they are fresh every day: {left}." in plan.assumptions
