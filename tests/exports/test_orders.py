"""Purchase orders that suppliers can read and that no spreadsheet runs as a formula."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import numpy as np
import openpyxl
import pytest

from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.exports.orders import order_email, order_list, order_pdf, order_workbook
from engine.inventory import Defaults, OrderLimits, OrderPlan, Planner, StockItem

MONDAY = date(2026, 5, 4)


@pytest.fixture
def bakery() -> Callable[..., OrderPlan]:
    """A bakery that sells ten of each thing a day, has nothing, and orders for today."""

    def make(*suppliers: str, name: str = "Flour", pack: float = 5.0) -> OrderPlan:
        sells = DemandDistribution(
            "", "units", Frequency.DAILY, (MONDAY, MONDAY + timedelta(days=1)), np.full((4, 2), 10.0)
        )
        items = [
            StockItem(f"{name} {k}", sells, unit_cost=2.5, price=4.0, supplier=supplier, lead_time=0.0, pack=pack)
            for k, supplier in enumerate(suppliers)
        ]
        planner = Planner(items, OrderLimits(), Defaults(), np.random.default_rng(1))
        return planner.plan(OrderLimits(), today=MONDAY - timedelta(days=1), currency="EUR")

    return make


def test_each_supplier_has_a_sheet_with_its_items_alone(bakery):
    book = openpyxl.load_workbook(BytesIO(order_workbook(bakery("Mill", "Dairy", "Mill"), sender="Corner Bakery")))
    assert book.sheetnames == ["Order list", "Mill", "Dairy"]
    rows = list(book["Mill"].values)
    assert rows[0] == ("Item", "Quantity", "Cases", "Price per unit", "Amount", "Expected on")
    assert [row[:5] for row in rows[1:3]] == [("Flour 0", 10, 2, 2.5, 25), ("Flour 2", 10, 2, 2.5, 25)]
    said = [str(row[0]) for row in rows[3:] if row[0]]
    assert "From: Corner Bakery" in said and "Total: 50.00 EUR" in said


def test_a_name_like_a_formula_stays_a_text(bakery):
    book = openpyxl.load_workbook(BytesIO(order_workbook(bakery("=1+1", name='=HYPERLINK("x")'))))
    sheet = book.worksheets[1]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ('=HYPERLINK("x") 0', "s")


def test_the_list_gives_a_reason_for_every_line(bakery):
    frame = order_list(bakery("Mill", "Dairy"))
    assert frame["Why"].str.len_chars().min() > 20
    assert frame["Expected on"].to_list() == [MONDAY, MONDAY]


def test_the_mail_says_what_to_deliver(bakery):
    text = order_email(bakery("Mill", "Dairy"), "Mill", sender="Corner Bakery")
    assert "- Flour 0: 10 (2 cases of 5)" in text
    assert "Dairy" not in text and "Flour 1" not in text
    assert "25.00 EUR in total, and the goods by 4 May 2026." in text


def test_a_name_cannot_add_lines_to_the_mail(bakery):
    text = order_email(bakery("Mill", name="Flour\nBcc: everybody@example.org"), "Mill")
    assert "\nBcc" not in text


def test_the_page_is_a_pdf_that_is_the_same_every_time(bakery):
    plan = bakery("Mill & Sons <Ltd>")
    page = order_pdf(plan, "Mill & Sons <Ltd>", sender="Corner Bakery")
    assert page.startswith(b"%PDF-")
    assert page == order_pdf(plan, "Mill & Sons <Ltd>", sender="Corner Bakery")


def test_nobody_gets_an_empty_order(bakery):
    for make in (order_email, order_pdf):
        with pytest.raises(ValueError, match="nothing is ordered"):
            make(bakery("Mill"), "Dairy")
