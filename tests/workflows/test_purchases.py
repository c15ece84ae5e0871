"""A shop approves orders; what is open and what came is known to the next list, and nothing counts twice."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from engine.business.calendar import Calendar
from engine.business.items import ITEMS
from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.inventory import Arrival
from engine.store import PurchaseLine, PurchaseOrder, Sender, SupplierContact
from engine.workflows import orders, purchases
from engine.workflows.orders import OrderQuestion, Stock
from engine.workflows.purchases import Letterhead

SATURDAY = date(2026, 10, 31)
SUNDAY = SATURDAY + timedelta(days=1)
DAY = timedelta(days=1)


def shop(last: date = SATURDAY, *, weekdays: tuple[int, ...] = tuple(range(7)), **columns: object) -> Stock:
    """Mugs and cups, ten of each a day, thirty of each on the shelf."""
    listed = {"name": ["Cup", "Mug"], "cost": [2.0, 3.0], "price": [4.0, 9.0], "on_hand": [30.0, 30.0]}
    listed |= {"lead_time": [2.0, 2.0], "supplier": ["Kiln", "Kiln"], "code": [None, "M-1"], **columns}
    calendar = Calendar(Frequency.DAILY, weekdays)
    periods = calendar.ahead(last, 28)
    chance = np.random.default_rng(4)
    demands = tuple(
        DemandDistribution(name, "units", Frequency.DAILY, periods, chance.poisson(10, (200, len(periods))) * 1.0)
        for name in ("Cup", "Mug")
    )
    return Stock(demands, calendar, ITEMS.completed(pl.DataFrame(listed)), last)


def order(quantity: float = 50.0, *, placed: date = SUNDAY, days: int = 2, number: int = 1) -> PurchaseOrder:
    line = PurchaseLine("Mug", quantity, 3.0, placed + days * DAY)
    return PurchaseOrder("Kiln", placed, "EUR", (line,), number=number)


def mugs(counted: purchases.CountedStock) -> tuple[float, tuple[Arrival, ...]]:
    stock = counted.stock
    return stock.items.filter(pl.col("name") == "Mug")["on_hand"].item(), stock.arriving.get("Mug", ())


def plan_of(stock: Stock):
    return orders.plan(orders.planner(stock, OrderQuestion()), stock, OrderQuestion(), "EUR")


def test_what_is_open_arrives_on_its_day_and_is_not_ordered_again():
    stock = shop()
    before = plan_of(stock)
    drafts = purchases.drafts(before, stock, Letterhead(), SUNDAY)
    after = purchases.counted(stock, drafts, SUNDAY)
    assert {name: each[0].period for name, each in after.stock.arriving.items()} == {"Cup": 2, "Mug": 2}
    plan = plan_of(after.stock)
    assert plan.spend < 0.1 * before.spend
    line = plan.line("Mug")
    assert sum(each.quantity for each in line.curve.ready.item.on_order) == before.line("Mug").quantity
    assert any("count as on order" in sentence for sentence in after.sentences)


def test_orders_from_an_old_file_are_dated_today_and_count_as_if_the_file_were_todays():
    stock, today = shop(), SATURDAY + 31 * DAY
    drafts = purchases.drafts(plan_of(stock), stock, Letterhead(), today)
    assert [each.placed for each in drafts] == [today]
    assert {line.expected for line in drafts[0].lines} == {today + 2 * DAY}
    counted = purchases.counted(stock, drafts, today)
    assert mugs(counted)[1][0].period == 2
    assert plan_of(counted.stock).spend < 0.1 * drafts[0].total


def test_tomorrows_file_sees_a_delivery_one_day_nearer():
    open_order = order(days=3)
    assert mugs(purchases.counted(shop(), [open_order], SUNDAY))[1] == (Arrival(3, 50.0),)
    assert mugs(purchases.counted(shop(SUNDAY), [open_order], SUNDAY + DAY))[1] == (Arrival(2, 50.0),)


def test_a_late_delivery_counts_as_coming_first_and_is_asked_about():
    counted = purchases.counted(shop(SATURDAY + 9 * DAY), [order()], SATURDAY + 10 * DAY)
    assert mugs(counted)[1] == (Arrival(0, 50.0),)
    assert any("PO-0001 should be here by now" in sentence for sentence in counted.sentences)


def test_what_came_after_the_last_day_of_the_file_is_added_and_what_came_before_is_in_it():
    came = purchases.receive_all(order(), SUNDAY + 2 * DAY)
    assert came.state == "received"
    assert mugs(purchases.counted(shop(), [came], SUNDAY + 2 * DAY)) == (80.0, ())
    assert mugs(purchases.counted(shop(SUNDAY + 2 * DAY), [came], SUNDAY + 3 * DAY)) == (30.0, ())
    said = purchases.counted(shop(), [came], SUNDAY + 2 * DAY).sentences
    assert said == (
        "50 units of 1 item came after 31 October 2026, the last day of your file: they are added to its stock.",
    )


def test_of_a_part_the_rest_stays_open():
    part = purchases.receive(order(), {"Mug": 20.0}, SUNDAY)
    assert part.state == "part received"
    assert mugs(purchases.counted(shop(), [part], SUNDAY)) == (50.0, (Arrival(2, 30.0),))


def test_the_same_totals_twice_change_nothing_and_a_lower_one_corrects():
    once = purchases.receive(order(), {"Mug": 20.0}, SUNDAY)
    assert purchases.receive(once, {"Mug": 20.0}, SUNDAY) == once
    corrected = purchases.receive(once, {"Mug": 12.0}, SUNDAY)
    assert corrected.received("Mug") == 12
    assert mugs(purchases.counted(shop(), [corrected], SUNDAY)) == (42.0, (Arrival(2, 38.0),))


def test_what_is_cancelled_is_not_expected_but_what_came_of_it_is_there():
    cancelled = purchases.cancel(purchases.receive(order(), {"Mug": 20.0}, SUNDAY), SUNDAY)
    assert cancelled.state == "rest cancelled" and not cancelled.is_open
    assert mugs(purchases.counted(shop(), [cancelled], SUNDAY)) == (50.0, ())
    reopened = purchases.reopen(cancelled)
    assert (reopened.state, reopened.received("Mug")) == ("part received", 20)
    assert purchases.reopen(reopened) == order()


def test_what_the_file_says_is_on_order_holds_the_orders_up_to_its_last_day():
    told = shop(on_order=[0.0, 50.0])
    earlier = order(placed=SATURDAY)
    assert mugs(purchases.counted(told, [earlier], SUNDAY)) == (30.0, ())
    assert mugs(purchases.counted(told, [order()], SUNDAY)) == (30.0, (Arrival(2, 50.0),))
    came = purchases.counted(told, [purchases.receive_all(earlier, SUNDAY)], SUNDAY).stock.items
    mug = came.filter(pl.col("name") == "Mug")
    assert (mug["on_hand"].item(), mug["on_order"].item()) == (80.0, 0.0)


def test_stock_that_no_file_gives_is_what_came():
    counted = purchases.counted(shop(on_hand=[None, None]), [purchases.receive_all(order(), SUNDAY)], SUNDAY)
    assert counted.stock.items["on_hand"].to_list() == [None, 50.0]


def test_items_that_the_file_does_not_know_are_passed_over():
    strange = replace(order(), lines=(PurchaseLine("Vase", 5, 1.0, SUNDAY),))
    counted = purchases.counted(shop(), [strange], SUNDAY)
    assert counted.key == "" and counted.stock.arriving == {}


def test_each_state_of_the_orders_has_a_key_of_its_own():
    states = [[order()], [order(51.0)], [order(days=3)], [purchases.receive_all(order(), SUNDAY)], []]
    keys = [purchases.counted(shop(), state, SUNDAY).key for state in states]
    assert len(set(keys)) == len(states)
    assert keys[0] == purchases.counted(shop(), [order()], SUNDAY).key


def test_a_delivery_is_expected_on_a_day_on_which_the_shop_is_open():
    stock = shop(weekdays=(0, 1, 2, 3, 4))
    today = SATURDAY + 34 * DAY  # a Friday; the plan thinks that it is the first Sunday after the file
    [draft] = purchases.drafts(plan_of(stock), stock, Letterhead(), today)
    assert {line.expected.weekday() for line in draft.lines} <= {0, 1, 2, 3, 4}


def test_an_order_carries_who_orders_codes_packs_and_terms():
    letterhead = Letterhead(Sender("Corner Shop", "High Street 1"))
    letterhead = letterhead.with_contact("Kiln", SupplierContact("Clay Road 2", "30 days net", "free"))
    stock = shop(case_pack=[1.0, 6.0])
    [draft] = purchases.drafts(plan_of(stock), stock, letterhead, SUNDAY)
    mug = next(line for line in draft.lines if line.item == "Mug")
    assert (mug.code, mug.pack, mug.unit_price) == ("M-1", 6.0, 3.0)
    assert draft.sender.name == "Corner Shop" and draft.contact.payment == "30 days net"
    assert (draft.reference, draft.currency) == ("Draft", "EUR")
    assert draft.total == pytest.approx(sum(line.quantity * line.unit_price for line in draft.lines))
    assert purchases.from_json(purchases.as_json(letterhead)) == letterhead
    assert purchases.drafts(plan_of(stock), stock, letterhead, SUNDAY, suppliers=[]) == ()


@pytest.mark.parametrize("saved", [None, 7, {"sender": 3}, "?"])
def test_what_cannot_be_read_is_an_empty_letterhead(saved):
    assert purchases.from_json(saved) == Letterhead()


def test_a_monthly_file_covers_its_last_month_to_the_end():
    calendar = Calendar(Frequency.MONTHLY)
    months = calendar.ahead(date(2026, 10, 1), 6)
    demands = (DemandDistribution("Mug", "units", Frequency.MONTHLY, months, np.full((4, 6), 300.0)),)
    stock = replace(shop(), demands=demands, calendar=calendar, last_day=date(2026, 10, 1))
    in_october = purchases.receive_all(order(placed=date(2026, 10, 5)), date(2026, 10, 20))
    assert mugs(purchases.counted(stock, [in_october], SUNDAY)) == (30.0, ())
    soon = purchases.counted(stock, [order(days=33)], SUNDAY)
    assert mugs(soon)[1] == (Arrival(1, 50.0),)
