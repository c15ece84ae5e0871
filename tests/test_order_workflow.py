"""A shop asks what to order: its sales and its list of items are enough."""

from datetime import date, timedelta

import pytest

from engine import workflows
from engine.errors import DataProblem
from engine.proof import Status
from engine.settings import Settings
from engine.workflows import orders
from engine.workflows.orders import OrderQuestion

FIRST = date(2026, 1, 5)
SOLD = {"Tea": 6, "Coffee": 12}
"""Units sold every single day, so that nothing is left to chance."""


def shop(items: str) -> orders.Stock:
    days = [FIRST + timedelta(days=k) for k in range(120)]
    sales = ["Date,Item,Sold", *(f"{day},{item},{sold}" for day in days for item, sold in SOLD.items())]
    files = {"sales.csv": "\n".join(sales).encode(), "items.csv": items.encode()}
    return orders.stock_of(workflows.open_file(*workflows.as_one(files), Settings()))


LISTED = shop("Item,Unit cost,Price,On hand,Lead time (days),Case pack\nTea,2,5,10,2,1\nCoffee,3,8,300,2,10\n")


def planned(stock: orders.Stock, asked: OrderQuestion):
    return orders.plan(orders.planner(stock, asked.costs), stock, asked, "EUR")


def test_steady_demand_is_ordered_up_to_the_delivery_after_the_next() -> None:
    plan = planned(LISTED, OrderQuestion(review_days=7))
    tea = plan.line("Tea")
    assert tea.quantity >= 9 * 6 - 10
    assert tea.stockout_risk < 0.2
    assert plan.proof.status is Status.OPTIMAL


def test_a_full_shelf_needs_no_order() -> None:
    assert planned(LISTED, OrderQuestion(review_days=7)).line("Coffee").quantity == 0


def test_a_budget_is_kept_and_its_price_is_told() -> None:
    plan = planned(LISTED, OrderQuestion(review_days=7, budget=30.0))
    assert plan.spend <= 30
    assert [limit.name for limit in plan.proof.binding] == ["budget"]
    assert plan.proof.binding[0].shadow_price > 0


def test_days_become_open_periods() -> None:
    weekdays_only = [FIRST + timedelta(days=k) for k in range(140) if (FIRST + timedelta(days=k)).weekday() < 5]
    sales = "\n".join(["Date,Item,Sold", *(f"{day},Tea,6" for day in weekdays_only)]).encode()
    items = b"Item,Unit cost,Price,On hand,Lead time (days)\nTea,2,5,10,7\n"
    content, name = workflows.as_one({"sales.csv": sales, "items.csv": items})
    stock = orders.stock_of(workflows.open_file(content, name, Settings()))
    (ready,) = orders.planner(stock, OrderQuestion()).ready.items
    assert ready.lead_time == pytest.approx(5)


def test_without_a_list_of_items_the_defaults_are_said() -> None:
    stock = shop("Item,Unit cost,Price\nTea,2,5\nCoffee,3,8\n")
    plan = planned(stock, OrderQuestion(lead_days=3))
    assert plan.line("Tea").curve.ready.lead_time == 3
    assert any("25%" in said for said in plan.assumptions)


def test_sales_without_an_item_cannot_be_ordered_from() -> None:
    sales = "\n".join(["Date,Sold", *(f"{FIRST + timedelta(days=k)},5" for k in range(60))]).encode()
    with pytest.raises(DataProblem, match="item"):
        orders.stock_of(workflows.open_file(sales, "sales.csv", Settings()))
