"""Order lists that a buyer can go through, purchase orders that suppliers can read and no spreadsheet runs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import numpy as np
import openpyxl
import polars as pl
import pytest

from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.exports.orders import (
    days_left,
    in_short,
    order_list,
    order_text,
    order_workbook,
    purchase_email,
    purchase_pdf,
    purchase_table,
    purchase_workbook,
)
from engine.inventory import Arrival, Defaults, OrderLimits, OrderPlan, Planner, Shortage, StockItem
from engine.store import PurchaseLine, PurchaseOrder, Sender, SupplierContact

MONDAY = date(2026, 5, 4)


def demand(days: int = 2, *, a_day: float = 10.0, closed: tuple[int, ...] = ()) -> DemandDistribution:
    periods = [MONDAY + timedelta(days=k) for k in range(days)]
    opened = tuple(day for day in periods if day.weekday() not in closed)
    return DemandDistribution("", "units", Frequency.DAILY, opened, np.full((4, len(opened)), a_day))


def planned(*items: StockItem) -> OrderPlan:
    planner = Planner(items, OrderLimits(), Defaults(), np.random.default_rng(1))
    return planner.plan(OrderLimits(), today=MONDAY - timedelta(days=1), currency="EUR")


@pytest.fixture
def bakery() -> Callable[..., OrderPlan]:
    """A bakery that sells ten of each thing a day, has nothing, and orders for today."""

    def make(*suppliers: str, name: str = "Flour", pack: float = 5.0) -> OrderPlan:
        return planned(
            *(
                StockItem(f"{name} {k}", demand(), unit_cost=2.5, price=4.0, supplier=who, lead_time=0.0, pack=pack)
                for k, who in enumerate(suppliers)
            )
        )

    return make


def order(*names: str, **changes: object) -> PurchaseOrder:
    lines = tuple(PurchaseLine(name, 10, 2.5, MONDAY, pack=5.0) for name in names or ("Flour 0", "Flour 2"))
    made = PurchaseOrder("Mill", MONDAY, "EUR", lines, Sender("Corner Bakery", "Mill Lane 4\n10115 Berlin"))
    return replace(made, **{"number": 12, **changes})


def left(on_hand: float, sells: DemandDistribution, *arrivals: Arrival) -> float:
    item = StockItem("Flour", sells, unit_cost=1.0, price=2.0, on_hand=on_hand, on_order=arrivals, lead_time=1.0)
    return days_left(planned(item).lines[0])


def test_days_left_are_stock_by_sales_with_what_comes_in_time():
    assert left(25, demand(14)) == pytest.approx(2.5)
    assert left(0, demand(14)) == 0
    assert left(5, demand(14), Arrival(0, 20)) == pytest.approx(2.5)
    assert left(25, demand(14), Arrival(2, 20)) == pytest.approx(4.5)
    assert left(25, demand(14), Arrival(3, 20)) == pytest.approx(2.5)  # empty before it comes
    assert left(200, demand(14)) == pytest.approx(20)  # beyond the forecast at the same rate
    assert left(100, demand(14), Arrival(20, 100)) == pytest.approx(10)


def test_days_left_count_the_days_on_which_a_business_is_closed():
    # Open from Monday to Friday: fifty last until the weekend, and sixty over it until Monday evening.
    assert left(45, demand(28, closed=(5, 6))) == pytest.approx(4 + 0.5 * 7 / 5)
    assert left(60, demand(28, closed=(5, 6))) > 7


def test_an_order_lasts_from_its_arrival_on_whatever_was_missing_before_it():
    # Ten a day are sold; empty after 1.2 days, the order comes at the start of the third day and lasts five.
    item = StockItem("Flour", demand(28), unit_cost=1.0, price=2.0, on_hand=12, lead_time=2.0)
    line = planned(item).lines[0]
    assert days_left(line, 50) == pytest.approx(7)
    assert days_left(line, 1000) == pytest.approx(102)
    waited_for = planned(replace(item, shortage=Shortage.BACKORDERED)).lines[0]
    assert days_left(waited_for, 50) == pytest.approx(6.2)


def test_a_reason_in_few_words():
    items = [
        StockItem("Rye", demand(28), unit_cost=1.0, price=2.0, on_hand=0, lead_time=1.0),
        StockItem("Spelt", demand(28), unit_cost=1.0, price=2.0, on_hand=900, lead_time=1.0),
        StockItem("Oats", demand(28), unit_cost=1.0, price=2.0, lead_time=1.0, on_order=(Arrival(1, 900),)),
    ]
    plan = planned(*items)
    rye, spelt, oats = (plan.line(item.name) for item in items)
    lasts = round(1 + rye.quantity / 10)
    assert in_short(rye, rye.quantity) == f"then lasts {lasts} day{'' if lasts == 1 else 's'}"
    assert in_short(spelt, 0) == "enough for now"
    assert in_short(oats, 0) == "enough on its way"
    assert in_short(rye, 1200.0) == "yours, not 1,200"
    assert in_short(replace(rye, best_alone=rye.quantity + 5), rye.quantity) == "limits allow less"
    assert in_short(replace(rye, best_alone=rye.quantity - 5), rye.quantity) == "to reach a minimum"


def test_what_never_sells_has_no_day_on_which_it_runs_out():
    assert left(5, demand(14, a_day=0.0)) == np.inf


def test_the_list_begins_with_what_runs_out_first_and_gives_its_figures():
    plan = planned(
        StockItem("Rye", demand(14), unit_cost=2.5, price=4.0, on_hand=60, lead_time=1.0, pack=6.0),
        StockItem("Wheat", demand(14), unit_cost=1.5, price=4.0, on_hand=12, lead_time=1.0, supplier="Mill"),
        StockItem("Spelt", demand(14), unit_cost=1.5, price=4.0, on_hand=20, lead_time=1.0, on_order=(Arrival(0, 8),)),
    )
    listed = order_list(plan, {"Rye": "R-1"})
    assert listed["Item"].to_list() == ["Wheat", "Spelt", "Rye"]
    assert listed["Days left"].to_list() == pytest.approx([1.2, 2.8, 6.0])
    assert listed["On hand"].to_list() == [12, 20, 60]
    assert listed["On order"].to_list() == [0, 8, 0]
    assert listed["Sells a day"].to_list() == pytest.approx([10, 10, 10])
    assert listed["Code"].to_list() == [None, None, "R-1"]
    assert listed["Expected on"].to_list() == [MONDAY + timedelta(days=1)] * 3
    assert listed["Amount, EUR"].sum() == pytest.approx(plan.spend)
    assert (listed["Packs"] * pl.Series([1, 1, 6])).to_list() == listed["Quantity"].to_list()
    assert listed["Why"].str.len_chars().min() > 20
    assert "Code" not in order_list(plan).columns


def test_the_workbook_has_the_list_and_a_sheet_per_order(bakery):
    plan = bakery("Mill", "Dairy", "Mill")
    content = order_workbook(order_list(plan), [order(), order("Flour 1", supplier="Dairy", number=0)])
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.sheetnames == ["Order list", "PO-0012 Mill", "Dairy"]
    rows = list(book["PO-0012 Mill"].values)
    assert rows[0] == ("Item", "Quantity", "Packs", "Price, EUR", "Amount, EUR", "Expected on")
    assert [row[:5] for row in rows[1:3]] == [("Flour 0", 10, 2, 2.5, 25), ("Flour 2", 10, 2, 2.5, 25)]
    said = [str(row[0]) for row in rows[3:] if row[0]]
    assert "From: Corner Bakery, Mill Lane 4, 10115 Berlin" in said and "Total: 50.00 EUR" in said


def test_an_address_that_begins_with_the_name_names_it_once():
    contact = SupplierContact("mill\nHafen 3")
    mail = purchase_email(order(sender=Sender("Corner Bakery", "Corner Bakery\nMill Lane 4")))
    assert mail.endswith("Kind regards\nCorner Bakery\nMill Lane 4")
    book = openpyxl.load_workbook(BytesIO(purchase_workbook(order(contact=contact))))
    assert "To: mill, Hafen 3" in [row[0] for row in book.worksheets[0].values]


def test_who_delivers_is_named_by_the_owner_where_the_file_names_nobody():
    nobody = order(supplier="", contact=SupplierContact())
    assert "To: " not in "".join(
        str(row[0]) for row in openpyxl.load_workbook(BytesIO(purchase_workbook(nobody)))["PO-0012 No supplier"].values
    )
    somebody = replace(nobody, contact=SupplierContact("Hafen 3", name="Mill"))
    book = openpyxl.load_workbook(BytesIO(purchase_workbook(somebody)))
    assert book.sheetnames == ["PO-0012 Mill"]
    assert "To: Mill, Hafen 3" in [row[0] for row in book.worksheets[0].values]


def test_amounts_are_whole_cents_that_add_up():
    lines = tuple(PurchaseLine(name, 1000 / 7, 0.333, MONDAY) for name in "ab")
    thirds = order(lines=lines)
    assert [line.amount for line in lines] == [47.57, 47.57] and thirds.total == 95.14
    assert "Total: 95.14 EUR" in purchase_email(thirds)


def test_a_name_like_a_formula_stays_a_text():
    book = openpyxl.load_workbook(BytesIO(purchase_workbook(order('=HYPERLINK("x")', supplier="=1+1"))))
    sheet = book.worksheets[0]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ('=HYPERLINK("x")', "s")


def test_the_mail_says_what_to_deliver_when_and_on_which_terms():
    contact = SupplierContact("Harbour 3", "30 days net", "before 10:00")
    text = purchase_email(order(contact=contact))
    assert text.startswith("Subject: Purchase order PO-0012 of 4 May 2026, Corner Bakery\n")
    assert "- Flour 0: 10 (2 packs of 5), 25.00 EUR" in text
    assert "Total: 50.00 EUR. We expect it by 4 May 2026." in text
    assert "Payment: 30 days net\nDelivery: before 10:00" in text
    assert text.endswith("Corner Bakery\nMill Lane 4\n10115 Berlin")


def test_the_mail_names_the_days_where_articles_come_on_several():
    late = PurchaseLine("Yeast", 3, 1.0, MONDAY + timedelta(days=2), code="Y-7")
    text = purchase_email(order(lines=(*order("Flour").lines, late)))
    assert "- 4 May 2026: Flour\n- 6 May 2026: Yeast" in text
    assert "- Y-7 Yeast: 3, 3.00 EUR" in text
    assert "We expect the last of it by 6 May 2026." in text


def test_a_name_cannot_add_lines_to_the_mail():
    assert "\nBcc" not in purchase_email(order("Flour\nBcc: everybody@example.org", sender=Sender("A\nBcc: b@c.org")))


def test_the_page_is_a_pdf_that_is_the_same_every_time():
    page = purchase_pdf(order(supplier="Mill & Sons <Ltd>"))
    assert page.startswith(b"%PDF-")
    assert page == purchase_pdf(order(supplier="Mill & Sons <Ltd>"))


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": tuple(PurchaseLine(f"Article {k}", 1, 1.0, MONDAY, f"A-{k:06d}", 6.0) for k in range(150))},
        {"lines": (PurchaseLine("Słodka bułka " * 500, 123456789.5, 98765.4321, MONDAY, "C" * 300),)},
        {"lines": (PurchaseLine("X" * 9000, 1, 1.0, MONDAY), PurchaseLine("", 1, 1.0, MONDAY + timedelta(days=1)))},
        {"supplier": "W" * 400, "sender": Sender("Ü" * 120, "\n".join(["line"] * 200)), "number": 1234567},
        {"supplier": "", "sender": Sender(), "number": 0, "contact": SupplierContact("<b>& & <br/>", "x" * 500)},
        {"supplier": "Αρτοποιείο ёлка 面包"},
    ],
)
def test_many_lines_and_long_texts_do_not_break_the_page(changes):
    assert purchase_pdf(order(**changes)).startswith(b"%PDF-")


def test_only_what_says_something_stands_on_a_purchase_order():
    plain = order("Flour", lines=(PurchaseLine("Flour", 10, 2.5, MONDAY),))
    assert purchase_table(plain).columns == ["Item", "Quantity", "Price, EUR", "Amount, EUR", "Expected on"]


def test_the_text_gives_items_totals_and_what_could_not_be_planned():
    plan = planned(
        StockItem("Wheat", demand(14), unit_cost=1.5, price=4.0, on_hand=0, lead_time=1.0, supplier="Mill"),
        StockItem("Rye", demand(14), unit_cost=1.5, price=4.0, on_hand=900, lead_time=1.0),
        StockItem("Oats", demand(14), unit_cost=None, price=4.0, lead_time=1.0),
    )
    [wheat] = plan.orders
    text = order_text(plan, order_list(plan))
    assert text.splitlines()[0].split() == ["Item", "Quantity", "Amount,", "EUR", "Supplier", "Why"]
    assert text.splitlines()[1].split()[:4] == ["Wheat", f"{wheat.quantity:g}", f"{wheat.spend:,.2f}", "Mill"]
    assert f"Total: {plan.spend:,.2f} EUR for 1 item from 1 supplier. 1 other needs no order." in text
    assert "Not planned: Oats has no cost" in text
    assert text.count("Oats") == 1
