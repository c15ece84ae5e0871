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
from engine.workflows.order_question import OrderQuestion
from engine.workflows.orders import Stock
from engine.workflows.purchases import Letterhead

SATURDAY = date(2026, 10, 31)
SUNDAY = SATURDAY + timedelta(days=1)
DAY = timedelta(days=1)


def shop(
    last: date = SATURDAY, *, today: date | None = None, weekdays: tuple[int, ...] = tuple(range(7)), **columns: object
) -> Stock:
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
    return Stock(demands, calendar, ITEMS.completed(pl.DataFrame(listed)), last, today or last + DAY)


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
    today = SATURDAY + 31 * DAY
    stock = shop(today=today)
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
    today = SATURDAY + 34 * DAY  # a Friday
    stock = shop(today=today, weekdays=(0, 1, 2, 3, 4))
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
    assert mugs(soon)[1] == (Arrival(33, 50.0),)


def late_orders(days: list[int], *, supplier: str = "Kiln") -> list[purchases.PurchaseOrder]:
    """One order every ten days that were each promised in two, and came after so many."""
    first = SATURDAY - 10 * len(days) * DAY
    placed = [replace(order(placed=first + 10 * k * DAY, number=k + 1), supplier=supplier) for k in range(len(days))]
    return [purchases.receive_all(each, each.placed + took * DAY) for each, took in zip(placed, days, strict=True)]


def test_how_long_a_supplier_takes_is_learnt_from_what_came():
    """Twelve orders weigh against a promise of the weight of two, whose mean is 2.2 and whose share is 0.9."""
    took = [6, 8, 7, 6, 8, 7] * 2
    counted = purchases.counted(shop(), late_orders(took), SUNDAY)
    (pace,) = purchases.delivery_paces(shop(), late_orders(took), SUNDAY)
    promised = np.full(9, 0.1 / 9) + 0.1 * np.isin(np.arange(9), (1, 3)) + 0.6 * (np.arange(9) == 2)
    chances = 2 * promised + np.bincount(took, minlength=9)
    mean = chances @ np.arange(9) / chances.sum()
    sd = np.sqrt(chances @ (np.arange(9) - mean) ** 2 / chances.sum())
    assert (pace.orders, pace.promise) == (12, 2)
    assert (pace.days, pace.sd) == pytest.approx((mean, sd))
    assert counted.stock.items["lead_time"].to_list() == pytest.approx([mean, mean])
    item = plan_of(counted.stock).line("Mug").curve.ready.item
    assert (item.lead_time, item.lead_time_sd) == pytest.approx((mean, sd))
    assert any("After 12 deliveries of Kiln I plan with" in sentence for sentence in counted.sentences)
    assert counted.key != purchases.counted(shop(), late_orders([6] * 12), SUNDAY).key


def test_a_late_supplier_is_ordered_from_earlier_and_more():
    late = purchases.counted(shop(), late_orders([7] * 8), SUNDAY).stock
    assert plan_of(late).line("Mug").quantity > plan_of(shop()).line("Mug").quantity + 20


def test_the_owners_own_figure_of_how_deliveries_vary_stands():
    late = purchases.counted(shop(), late_orders([2, 9, 4, 7]), SUNDAY).stock
    question = OrderQuestion(late_days=5)
    plan = orders.plan(orders.planner(late, question), late, question, "EUR")
    assert plan.line("Mug").curve.ready.item.lead_time_sd == 5


def test_an_order_that_is_overdue_makes_a_supplier_slower():
    came, overdue = late_orders([2] * 4), order(placed=SATURDAY - 4 * DAY, number=9)
    (punctual,) = purchases.delivery_paces(shop(), came, SUNDAY)
    (slower,) = purchases.delivery_paces(shop(), [*came, overdue], SUNDAY)
    assert slower.days > punctual.days + 0.1


@pytest.mark.parametrize(
    ("stock", "past"),
    [
        (shop(), late_orders([9, 9])),
        (shop(), late_orders([9] * 5, supplier="")),
        (shop(lead_time=[2.0, 14.0]), late_orders([9] * 5)),
        (shop(), [purchases.cancel(each, SUNDAY) for each in late_orders([9] * 5)]),
        (shop(), late_orders([-3] * 5)),
    ],
)
def test_too_little_or_unclear_teaches_no_lead_time(stock, past):
    assert purchases.delivery_paces(stock, past, SUNDAY) == ()
    assert purchases.counted(stock, past, SUNDAY).stock.items["lead_time"].equals(stock.items["lead_time"])
