"""A shop asks what to order: its sales and its list of items are enough."""

import json
from datetime import date, timedelta

import pytest

from engine.errors import DataProblem
from engine.inventory import classify
from engine.proof import Status
from engine.settings import Settings
from engine.workflows import orders
from engine.workflows.files import as_one, open_business
from engine.workflows.orders import OrderQuestion, SupplierTerms
from tests.conftest import LATER

FIRST = date(2026, 1, 5)
SOLD = {"Tea": 6, "Coffee": 12}
"""Units sold every single day, so that nothing is left to chance."""


def shop(items: str) -> orders.Stock:
    days = [FIRST + timedelta(days=k) for k in range(120)]
    sales = ["Date,Item,Sold", *(f"{day},{item},{sold}" for day in days for item, sold in SOLD.items())]
    files = {"sales.csv": "\n".join(sales).encode(), "items.csv": items.encode()}
    return orders.stock_of(open_business(*as_one(files), Settings(), today=LATER))


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
    content, name = as_one({"sales.csv": sales, "items.csv": items})
    stock = orders.stock_of(open_business(content, name, Settings(), today=LATER))
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
        orders.stock_of(open_business(sales, "sales.csv", Settings(), today=LATER))


def weekday_shop(lead_time: str = "7") -> orders.Stock:
    days = [FIRST + timedelta(days=k) for k in range(138)]  # up to Friday, 22 May 2026
    sales = "\n".join(["Date,Item,Sold", *(f"{day},Tea,6" for day in days if day.weekday() < 5)]).encode()
    items = f"Item,Unit cost,Price,On hand,Lead time (days)\nTea,2,5,30,{lead_time}\n".encode()
    content, name = as_one({"sales.csv": sales, "items.csv": items})
    return orders.stock_of(open_business(content, name, Settings(), today=LATER))


def test_a_shop_that_closes_at_weekends_gets_its_deliveries_on_days_when_it_is_open() -> None:
    line = planned(weekday_shop(), OrderQuestion(review_days=7)).line("Tea")
    assert line.arrives == date(2026, 6, 1)  # a week after Monday, 25 May
    assert [order.day for order in line.following] == [date(2026, 6, day) for day in (1, 8, 15)]


def test_stock_of_five_weekdays_lasts_a_week_and_a_year_has_only_its_open_days() -> None:
    stock = weekday_shop()
    made = orders.planner(stock, OrderQuestion())
    assert orders.plan(made, stock, OrderQuestion(budget=0.0), "EUR").line("Tea").cover_days == pytest.approx(
        7, rel=0.02
    )
    [tea] = classify(made.ready.items)
    assert tea.yearly_value == pytest.approx(6 * 2 * 5 / 7 * 365.25, rel=0.02)
    assert made.ready.items[0].holding_cost == pytest.approx(0.25 * 2 * 7 / 5 / 365.25)


def test_a_lead_time_that_is_assumed_is_said_in_days() -> None:
    plan = planned(weekday_shop(""), OrderQuestion(lead_days=3))
    assert "Where no lead time is known, 3 days are taken." in plan.assumptions


def test_a_delivery_after_the_forecasts_end_still_comes_on_an_open_day() -> None:
    line = planned(weekday_shop("70"), OrderQuestion()).line("Tea")
    assert line.arrives == date(2026, 5, 25) + timedelta(weeks=10)


def test_the_cost_of_an_empty_shelf_counts_where_no_price_is_known_too() -> None:
    stock = shop("Item,Unit cost,On hand\nTea,2,10\nCoffee,4,8\n")
    costs = [orders.planner(stock, OrderQuestion(stockout_factor=k)).ready.items[0].stockout_cost for k in (1, 5)]
    assert costs == [2, 10]


def test_a_shelf_of_which_nothing_is_known_is_taken_as_empty_and_that_is_said() -> None:
    plan = planned(shop("Item,Unit cost,Price\nTea,2,5\nCoffee,3,8\n"), OrderQuestion())
    assert any("no stock" in said for said in plan.assumptions)
    assert not any("no stock" in said for said in planned(LISTED, OrderQuestion()).assumptions)


def test_an_item_listed_twice_is_named_and_the_first_row_counts() -> None:
    stock = shop("Item,Unit cost,Price,On hand\nTea,2,5,10\nTea,4,5,99\nCoffee,3,8,8\n")
    plan = planned(stock, OrderQuestion())
    assert plan.line("Tea").curve.ready.unit_cost == 2
    assert "1 row of items names an item again (Tea); the first one counts." in stock.cautions


def test_an_item_without_history_or_category_is_not_said_to_borrow() -> None:
    plan = planned(shop("Item,Unit cost,Price\nTea,2,5\nCoffee,3,8\nCocoa,1,3\n"), OrderQuestion())
    assert "Cocoa has no sales history" in str(plan.problems[0])
    assert not any("borrowed" in said for said in plan.cautions)


def test_costs_and_stock_beside_the_sales_are_enough_and_the_latest_counts() -> None:
    rows = [f"{FIRST + timedelta(days=k)},Tea,6,5,{1 if k < 60 else 2},{200 - k}" for k in range(120)]
    content = "\n".join(["Date,Item,Sold,Price,Unit cost,On hand", *rows]).encode()
    stock = orders.stock_of(open_business(content, "sales.csv", Settings(), today=LATER))
    tea = planned(stock, OrderQuestion()).line("Tea").curve.ready
    assert (tea.unit_cost, tea.on_hand) == (2, 81)


def test_a_supplier_that_asks_for_more_than_is_needed_gets_no_order_or_enough() -> None:
    sold = shop("Item,Unit cost,Price,On hand,Lead time (days),Supplier\nTea,2,5,10,2,Mill\nCoffee,3,8,300,2,Mill\n")
    assert orders.suppliers_of(sold) == ("Mill",)
    free = planned(sold, OrderQuestion())
    asked = OrderQuestion(terms=(SupplierTerms("Mill", minimum=free.spend + 50, fee=4.0),))
    plan = planned(sold, asked)
    assert plan.spend == 0 or plan.spend >= free.spend + 50
    assert plan.proof.objective >= free.proof.objective + 4


def test_customers_who_wait_are_ordered_for_too() -> None:
    empty = shop("Item,Unit cost,Price,On hand,Lead time (days)\nTea,2,5,0,2\nCoffee,3,8,300,2\n")
    gone, waiting = (planned(empty, OrderQuestion(waits=waits)).line("Tea").quantity for waits in (False, True))
    assert waiting == pytest.approx(gone + 2 * 6, rel=0.2)


def test_deliveries_that_vary_need_more_stock() -> None:
    sure, unsure = (planned(LISTED, OrderQuestion(late_days=late)).line("Tea").quantity for late in (0.0, 2.0))
    assert unsure > sure


ALL = OrderQuestion(
    budget=30.0, service=95, fill_rate=90, waits=True, late_days=1.5, terms=(SupplierTerms("A B", 50, 4),)
)


@pytest.mark.parametrize("asked", [OrderQuestion(), ALL])
def test_what_was_saved_is_asked_again(asked: OrderQuestion) -> None:
    assert orders.from_settings(json.loads(json.dumps(orders.as_settings(asked)))) == asked
