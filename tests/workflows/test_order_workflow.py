"""A shop asks what to order: its sales and its list of items are enough."""

import json
from datetime import date, timedelta

import pytest

from engine.errors import DataProblem
from engine.exports.orders import order_list, order_text, purchase_email
from engine.inventory import classify
from engine.proof import Status
from engine.settings import Settings
from engine.workflows import orders, purchases
from engine.workflows.files import as_one, open_business
from engine.workflows.order_question import OrderQuestion, SupplierTerms, as_settings, from_settings
from tests.conftest import LATER

FIRST = date(2026, 1, 5)
TODAY = date(2026, 5, 4)
"""The last of 120 days; a Monday."""
SOLD = {"Tea": 6, "Coffee": 12}
"""Units sold every single day, so that nothing is left to chance."""


def shop(items: str, *, today: date = TODAY) -> orders.Stock:
    days = [FIRST + timedelta(days=k) for k in range(120)]
    sales = ["Date,Item,Sold", *(f"{day},{item},{sold}" for day in days for item, sold in SOLD.items())]
    files = {"sales.csv": "\n".join(sales).encode(), "items.csv": items.encode()}
    return orders.stock_of(open_business(*as_one(files), Settings(), today=today))


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


def test_a_week_until_the_delivery_is_a_week_whatever_days_are_closed() -> None:
    stock = weekday_shop("7")
    (ready,) = orders.planner(stock, OrderQuestion()).ready.items
    assert ready.lead_time == 7
    assert planned(stock, OrderQuestion()).line("Tea").arrives == stock.today + timedelta(days=7)


def test_without_a_list_of_items_the_defaults_are_said() -> None:
    stock = shop("Item,Unit cost,Price\nTea,2,5\nCoffee,3,8\n")
    plan = planned(stock, OrderQuestion(lead_days=3))
    assert plan.line("Tea").arrives == TODAY + timedelta(days=3)
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
    return orders.stock_of(open_business(content, name, Settings(), today=date(2026, 5, 22)))


def test_a_shop_that_closes_at_weekends_gets_its_deliveries_on_days_when_it_is_open() -> None:
    line = planned(weekday_shop("8"), OrderQuestion(review_days=7)).line("Tea")
    assert line.arrives == date(2026, 6, 1)  # Saturday, 30 May, is closed, and so is Sunday
    assert line.why.startswith("Enough")


def test_stock_of_five_weekdays_lasts_a_week_and_a_year_has_only_its_open_days() -> None:
    stock = weekday_shop()
    made = orders.planner(stock, OrderQuestion())
    assert orders.plan(made, stock, OrderQuestion(budget=0.0), "EUR").line("Tea").cover_days == pytest.approx(
        7, rel=0.02
    )
    [tea] = classify(made.ready.items)
    assert tea.yearly_value == pytest.approx(6 * 2 * 5 / 7 * 365.25, rel=0.02)
    assert made.ready.items[0].holding_cost == pytest.approx(0.25 * 2 / 365.25)


def test_a_lead_time_that_is_assumed_is_said_in_days() -> None:
    plan = planned(weekday_shop(""), OrderQuestion(lead_days=3))
    assert "Where no lead time is known, 3 days are taken." in plan.assumptions


def test_a_delivery_after_the_forecasts_end_still_comes_on_an_open_day() -> None:
    line = planned(weekday_shop("71"), OrderQuestion()).line("Tea")
    assert line.arrives == date(2026, 8, 3)  # Saturday, 1 August, is closed


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
    assert plan.spend > 0
    assert plan.proof.objective > free.proof.objective


def test_customers_who_wait_are_ordered_for_too() -> None:
    empty = shop("Item,Unit cost,Price,On hand,Lead time (days)\nTea,2,5,0,2\nCoffee,3,8,300,2\n")
    gone, waiting = (planned(empty, OrderQuestion(waits=waits)).line("Tea").quantity for waits in (False, True))
    assert waiting == pytest.approx(gone + 2 * 6, rel=0.2)


def test_deliveries_that_vary_need_more_stock() -> None:
    sure, unsure = (planned(LISTED, OrderQuestion(late_days=late)).line("Tea").quantity for late in (0.0, 2.0))
    assert unsure > sure


def fresh(grain: str, shelf_life: str, *, today: date, item: str = "A,2,5,0,3,{life},S") -> orders.Stock:
    """Ten a day, told in one row a day, a week or a month of three years; what is asked about is one fresh item."""
    first, days = date(2023, 10, 1), [date(2023, 10, 1) + timedelta(days=k) for k in range(365 * 3 + 1)]
    sold: dict[date, int] = {}
    for day in days:
        start = day - timedelta(days=(day - first).days % 7) if grain == "week" else day.replace(day=1)
        sold[day if grain == "day" else start] = sold.get(day if grain == "day" else start, 0) + 10
    rows = ["Date,Item,Sold", *(f"{day},A,{units}" for day, units in sold.items())]
    listed = "Item,Unit cost,Price,On hand,Lead time (days),Shelf life (days),Supplier\n"
    files = {"sales.csv": "\n".join(rows).encode(), "items.csv": (listed + item.format(life=shelf_life)).encode()}
    return orders.stock_of(open_business(*as_one(files), Settings(), today=today))


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_goods_that_keep_for_five_days_are_ordered_for_five_days_whatever_the_grain_of_the_file(grain: str) -> None:
    line = planned(fresh(grain, "5", today=date(2026, 10, 5)), OrderQuestion()).line("A")
    assert 40 <= line.quantity <= 65
    assert line.arrives == date(2026, 10, 8)
    assert line.cover_days <= 7
    assert line.stockout_risk > 0.9  # two of seven days find nothing fresh


def test_what_keeps_for_a_day_is_made_every_day_and_its_service_is_that_of_its_day() -> None:
    stock = fresh("day", "1", today=date(2026, 10, 5), item="A,2,5,0,,{life},")
    plan = planned(stock, OrderQuestion(review_days=7, service=90))
    line = plan.line("A")
    assert line.arrives == date(2026, 10, 6)
    assert 8 <= line.quantity <= 30
    assert line.curve.ready.item.review_period == 1
    assert line.rehearsal.demand == pytest.approx(line.curve.window_demand)
    assert line.stockout_risk <= 0.1 + 1e-9


def test_five_hundred_of_a_one_day_good_last_one_day_and_not_seventeen() -> None:
    stock = fresh("day", "1", today=date(2026, 10, 5), item="A,2,5,500,,{life},")
    planner = orders.planner(stock, OrderQuestion())
    plan = orders.plan(planner, stock, OrderQuestion(), "EUR")
    assert plan.line("A").quantity >= 8  # today's leftovers are not sold tomorrow
    own = planner.with_own(plan, {"A": 500.0}).line("A")
    assert own.cover_days == 1
    assert own.rehearsal.spoilage > 2 * 450


def test_an_old_file_is_planned_from_today_and_its_age_is_said() -> None:
    stock = shop("Item,Unit cost,Price,On hand,Lead time (days)\nTea,2,5,0,2\nCoffee,3,8,0,2\n", today=date(2026, 9, 1))
    plan = planned(stock, OrderQuestion())
    assert stock.cautions[0] == "Your data ends on 4 May 2026, 120 days ago."
    assert plan.today == date(2026, 9, 1)
    assert {line.arrives for line in plan.lines} == {date(2026, 9, 3)}
    assert 7 * 6 <= plan.line("Tea").quantity <= 130


TWO = "Item,Unit cost,Price,On hand,Lead time (days),Supplier\nTea,2,5,0,1,Mill\nCoffee,3,8,0,1,Roaster\n"


def test_each_supplier_keeps_its_own_rhythm() -> None:
    terms = (SupplierTerms("Mill", review_days=14),)
    plan = planned(shop(TWO), OrderQuestion(review_days=7, terms=terms))
    assert plan.line("Tea").curve.ready.item.review_period == 14
    assert plan.line("Coffee").curve.ready.item.review_period == 7
    assert plan.line("Tea").quantity >= 14 * 6


def test_goods_come_on_the_days_on_which_their_supplier_delivers() -> None:
    stock = shop(TWO)
    terms = (SupplierTerms("Mill", delivers=(3,)),)
    plan = planned(stock, OrderQuestion(terms=terms))
    assert plan.line("Tea").arrives == date(2026, 5, 7)  # the next Thursday
    assert plan.line("Coffee").arrives == date(2026, 5, 5)


def test_a_cost_that_is_not_in_the_file_can_be_typed_or_taken_from_the_price() -> None:
    stock = shop("Item,Price,On hand\nTea,5,0\nCoffee,8,0\n")
    assert stock.without_cost == ("Coffee", "Tea")
    assert planned(stock, OrderQuestion()).lines == ()
    typed = planned(stock, OrderQuestion(own_costs=(("Tea", 2.0),)))
    assert [line.name for line in typed.lines] == ["Tea"]
    both = planned(stock, OrderQuestion(own_costs=(("Tea", 2.0),), margin=25.0))
    assert [line.curve.ready.unit_cost for line in both.lines] == [6.0, 2.0]
    assert any("margin of 25%" in text for text in both.assumptions)


ALL = OrderQuestion(
    budget=30.0,
    service=95,
    fill_rate=90,
    waits=True,
    late_days=1.5,
    terms=(SupplierTerms("A B", 50, 4, 14, (1, 4)),),
    margin=40.0,
    own_costs=(("Tea", 2.5),),
)


@pytest.mark.parametrize("asked", [OrderQuestion(), ALL])
def test_what_was_saved_is_asked_again(asked: OrderQuestion) -> None:
    assert from_settings(json.loads(json.dumps(as_settings(asked)))) == asked


def test_nothing_comes_on_a_holiday_of_the_business_or_of_its_supplier() -> None:
    """Open every day but Christmas and New Year's Day; ordered three days before Christmas, three days on the way."""
    first, today = date(2023, 6, 1), date(2026, 12, 22)
    days = [first + timedelta(days=k) for k in range((today - first).days)]
    closed = {(12, 25), (12, 26), (1, 1)}
    rows = ["Date,Item,Sold", *(f"{day},Tea,10" for day in days if (day.month, day.day) not in closed)]
    items = b"Item,Unit cost,Price,On hand,Lead time (days),Supplier\nTea,2,5,0,3,Mill\n"
    content, name = as_one({"sales.csv": "\n".join(rows).encode(), "items.csv": items})
    stock = orders.stock_of(open_business(content, name, Settings(), today=today))
    assert planned(stock, OrderQuestion()).line("Tea").arrives == date(2026, 12, 27)
    fridays = OrderQuestion(terms=(SupplierTerms("Mill", delivers=(4,)),))
    assert planned(stock, fridays).line("Tea").arrives == date(2027, 1, 8)  # 25 December and 1 January are closed


def test_a_short_lived_good_is_served_as_long_as_it_is_fresh_and_that_is_what_is_said() -> None:
    """Ten a day, five days fresh, a week from order to order: two days of seven find nothing."""
    plan = planned(fresh("day", "5", today=date(2026, 10, 5)), OrderQuestion())
    line = plan.line("A")
    assert line.rehearsal.demand == pytest.approx(70, rel=0.05)
    assert plan.fill_rate == pytest.approx(5 / 7, abs=0.03)
    assert any("only while fresh" in caution for caution in plan.cautions)


def test_large_quantities_are_written_out() -> None:
    first = date(2026, 1, 5)
    days = [first + timedelta(days=k) for k in range(120)]
    rows = ["Date,Item,Sold", *(f"{day},Screws,{250_000 + day.day}" for day in days)]
    items = b"Item,Unit cost,Price,On hand,Lead time (days)\nScrews,0.01,0.05,1355601,3\n"
    content, name = as_one({"sales.csv": "\n".join(rows).encode(), "items.csv": items})
    stock = orders.stock_of(open_business(content, name, Settings(), today=date(2026, 5, 5)))
    plan = orders.planner(stock, OrderQuestion()).with_own(planned(stock, OrderQuestion()), {"Screws": 1_355_601.0})
    drafts = purchases.drafts(plan, stock, purchases.Letterhead(), stock.today)
    said = [line.why for line in plan.lines] + [purchase_email(each) for each in drafts] + [*plan.cautions]
    assert any("1,355,601" in text for text in said)
    assert not any("e+" in text for text in [*said, order_text(plan, order_list(plan))])
