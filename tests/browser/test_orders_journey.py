"""A bakery's owner limits her budget, tries a quantity, compares two plans, approves the orders and sends them."""

import io

import openpyxl
from playwright.sync_api import expect


def tab_named(visit, name: str) -> None:
    visit.page.get_by_role("tab", name=name).click()
    visit.settle(600)


def spent(visit) -> float:
    shown = visit.page.locator('[data-testid="stMetric"]').first.inner_text()
    return float(shown.split("€")[1].replace(",", ""))


def test_from_the_list_to_a_purchase_order_that_reads_back(visit):
    tab = visit().open("/inventory?demo=bakery")
    expect(tab.page.get_by_text("items to order today").first).to_be_visible(timeout=90_000)
    whole = spent(tab)
    tab.page.get_by_label("Name").fill("All I want")
    tab.press("Save this order plan")

    budget = round(0.8 * whole)
    tab.page.get_by_label("Budget, EUR").fill(str(budget))
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator('[data-testid="stMetric"]').first).not_to_contain_text(f"{whole:,.0f}")
    tab.settle()
    assert spent(tab) <= budget
    tab_named(tab, "How sure is it?")
    expect(tab.page.get_by_text("no list can cost less than").last).to_be_visible()

    tab_named(tab, "Compare")
    expect(tab.page.get_by_text("Compare with")).to_be_visible()

    tab_named(tab, "Item by item")
    tab.page.get_by_label("Your quantity, units").fill("500")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_text("Ordering 500 costs").first).to_be_visible()
    tab.press("Order this quantity")
    expect(tab.page.get_by_text("Your own quantities").first).to_be_visible()
    assert spent(tab) > budget

    tab_named(tab, "What if")
    money = tab.page.get_by_role("tabpanel").get_by_role("slider").first
    money.focus()
    for _ in range(10):
        money.press("ArrowLeft")
    expect(tab.page.get_by_role("button", name="Use these settings")).to_be_enabled()
    expect(tab.page.get_by_role("tabpanel").locator('[data-testid="stMetric"]')).to_have_count(4)

    tab_named(tab, "For the suppliers")
    book = openpyxl.load_workbook(io.BytesIO(tab.download("Download the list as Excel")))
    header, *rows = book.worksheets[0].iter_rows(values_only=True)
    amount = header.index("Amount, EUR")
    total = sum(row[amount] for row in rows if row[0] and isinstance(row[amount], int | float))
    assert abs(total - spent(tab)) < 1
    tab.check()


def type_into_grid(tab, row: int, units: int) -> None:
    """Write a quantity into the order list as an owner would: a click on the cell, the number, Enter."""
    grid = tab.page.locator('[data-testid="stDataFrame"]').first
    grid.scroll_into_view_if_needed()
    grid.click(position={"x": 190, "y": 35 * (row + 1) + 17})
    tab.page.keyboard.type(str(units), delay=150)  # the first digit opens the cell
    tab.page.keyboard.press("Enter")


def test_a_quantity_typed_into_the_list_is_approved_and_still_open_after_a_reload(visit):
    tab = visit(width=1440).open("/inventory?demo=bakery")
    expect(tab.page.get_by_text("items to order today").first).to_be_visible(timeout=90_000)
    tab.settle(600)
    type_into_grid(tab, 0, 480)
    expect(tab.page.get_by_text("480 instead of").first).to_be_visible()
    item = tab.page.get_by_text("480 instead of").first.inner_text().split("quantities.")[1].split(":")[0].strip()
    tab.settle()

    tab.page.get_by_label("Your business").fill("Corner Bakery")
    tab.page.get_by_label("Your address").fill("Mill Lane 4")
    tab.press("Keep")
    expect(tab.page.get_by_text("From Corner Bakery").first).to_be_visible()
    tab.press_for("Approve 3 orders", "Open orders")
    expect(tab.page.get_by_text("Nothing has to be ordered today").first).to_be_visible()
    tab.check()

    tab.page.reload()
    tab.settle(600)
    orders = {}
    for number in ("PO-0001", "PO-0002", "PO-0003"):
        summary = tab.page.locator('[data-testid="stExpander"] summary', has_text=number)
        expect(summary).to_be_visible()
        summary.click()
        tab.settle(400)
        book = openpyxl.load_workbook(io.BytesIO(tab.download("Excel")))
        assert book.sheetnames[0].startswith(number)
        rows = [row for row in book.worksheets[0].values if row[0] is not None]
        orders |= {row[0]: row[1] for row in rows[1:] if isinstance(row[1], int | float)}
        if number == "PO-0003":
            assert tab.download("PDF").startswith(b"%PDF")
        summary.click()
        tab.settle(400)
    assert orders[item] == 480
    tab.check()


def test_a_space_that_is_too_small_for_the_service_is_explained(visit):
    tab = visit().open("/inventory?demo=bakery")
    expect(tab.page.get_by_text("items to order today").first).to_be_visible(timeout=90_000)
    slider = tab.page.get_by_role("slider", name="Least chance of no stockout")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    tab.page.get_by_label("Budget, EUR").fill("50")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_text("No order list keeps these limits").first).to_be_visible(timeout=30_000)
    expect(tab.page.get_by_text("Change", exact=False).first).to_be_visible()
    tab.check()


def test_a_list_that_two_windows_approve_is_ordered_once_and_can_be_cancelled(visit):
    first = visit().open("/inventory?demo=bakery")
    expect(first.page.get_by_text("items to order today").first).to_be_visible(timeout=90_000)
    first.page.get_by_label("Your business").fill("Corner Bakery")
    first.press("Keep")
    second = visit(context=first.page.context).open("/inventory?demo=bakery")
    expect(second.page.get_by_text("From Corner Bakery").first).to_be_visible(timeout=90_000)
    first.press_for("Approve 3 orders", "Open orders")
    second.press("Approve 3 orders")
    expect(second.page.get_by_text("approved in another window").first).to_be_visible()
    orders = second.page.locator('[data-testid="stExpander"] summary', has_text="PO-")
    expect(orders).to_have_count(3)

    orders.filter(has_text="PO-0003").click()
    second.press_for("Cancel this order", "Earlier orders: 1")
    expect(orders).to_have_count(2)
    first.page.reload()
    first.settle(600)
    expect(first.page.get_by_text("1 item to order today").first).to_be_visible(timeout=30_000)
    first.check()
    second.check()
