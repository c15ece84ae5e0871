"""The orders page of a tea shop that types odd things."""

import time
from datetime import date, timedelta

import pytest

from tests.pages.test_pages import words

SALES = "\n".join(
    ["Date,Item,Sold", *(f"{date(2026, 1, 5) + timedelta(days=k)},{item},6" for k in range(120) for item in "ABCDEFGH")]
).encode()


def orders_page(app, items: str):
    home = app()
    home.file_uploader[0].set_value([("sales.csv", SALES, ""), ("items.csv", items.encode(), "")]).run()
    page = home.switch_page("pages/inventory.py").run()
    assert not page.exception
    return page


def listed(cost: float) -> str:
    return "\n".join(["Item,Unit cost,Price,On hand", *(f"{item},{cost},{2 * cost},0" for item in "ABCDEFGH")])


def test_limits_that_clash_are_told_in_whole_numbers_that_work(app):
    page = orders_page(app, listed(1000))
    page.number_input(key="budget").set_value(12345.0)
    page.select_slider(key="service").set_value(99).run()
    assert not page.exception
    assert "from 12,345 to " in words(page)
    assert "e+" not in words(page)
    needed = float(words(page).split("from 12,345 to ")[1].split()[0].rstrip(".").replace(",", ""))
    page.number_input(key="budget").set_value(needed).run()
    assert not page.error


def test_many_items_that_are_left_out_are_named_behind_a_click(app):
    page = orders_page(app, listed(0))
    assert len(page.warning) <= 4
    assert any("5 more items" in expander.label for expander in page.expander)


def test_odd_settings_still_make_a_plan(app):
    page = orders_page(app, listed(2))
    for key, value in (("budget", 0.0), ("holding", 0.0), ("lead_days", 365), ("factor", 20.0), ("late_days", 60.0)):
        page.number_input(key=key).set_value(value).run()
        assert not page.exception
        assert len(page.dataframe) >= 1


def test_an_own_quantity_is_priced_ordered_and_taken_back(app):
    page = opened(orders_page(app, listed(2)), "Item by item")
    name = page.selectbox(key="order_item").value
    best = listed_quantity(page, name)
    own = next(number for number in page.number_input if number.label == "Your quantity, units")
    own.set_value(best + 500).run()
    assert f"Ordering {best + 500:,g} costs" in words(page)
    pressed(page, "Order this quantity")
    assert listed_quantity(page, name) == best + 500
    assert "Your own quantities" in words(page)
    pressed(page, "Back to the cheapest list")
    assert listed_quantity(page, name) == best


def test_a_limit_is_tried_beside_the_plan_and_then_used(app):
    page = opened(orders_page(app, listed(2)), "What if")
    money = next(slider for slider in page.slider if slider.label == "Budget")
    money.set_value(money.max / 5).run()
    assert not page.exception
    assert any(metric.delta for metric in page.metric)
    pressed(page, "Use these settings")
    assert page.number_input(key="budget").value == pytest.approx(money.max / 5)


def test_the_list_gives_stock_sales_days_left_price_and_amount_of_each_item(app):
    page = orders_page(app, listed(2).replace("H,2,4,0", "H,2,4,30"))
    table = page.dataframe[0].value
    assert list(table.columns) == [
        "Item", "Quantity", "Packs", "Price", "Amount", "Days left", "On hand", "On order", "Sells a day", "Risk",
        "Why",
    ]  # fmt: skip
    assert table["Item"].iloc[-1] == "H" and table["On hand"].iloc[-1] == 30
    assert table["Days left"].iloc[-1] == pytest.approx(30 / 6, abs=0.2)
    assert table["Sells a day"].tolist() == pytest.approx([6] * 8, abs=0.2)
    assert table["Amount"].tolist() == (2 * table["Quantity"]).tolist()
    spend = next(metric for metric in page.metric if metric.label == "To spend now").value
    assert float(spend.replace(",", "")) == pytest.approx(table["Amount"].sum(), abs=1)


def test_an_approved_order_is_numbered_kept_and_known_to_the_next_list(app, monkeypatch):
    monkeypatch.setenv("DYOCENSE_WORKSPACE", "tea shop")
    page = orders_page(app, listed(2))
    wanted = {name: listed_quantity(page, name) for name in "ABCDEFGH"}
    assert page.button(key="approve-orders").disabled
    page.text_input[0].set_value("Tea & Sons")
    pressed(page, "Keep")
    assert any(expander.label == "From Tea \\& Sons" for expander in page.expander)
    assert str(sum(2 * units for units in wanted.values()))[:-2] in page.button(key="approve-orders").label.replace(
        ",", ""
    )
    page.button(key="approve-orders").click().run()
    assert not page.exception
    assert "Nothing has to be ordered today" in words(page)
    assert all(listed_quantity(page, name) == 0 for name in wanted)
    assert listed_value(page, "A", "On order") == wanted["A"]
    assert any("PO-0001" in expander.label for expander in page.expander)

    again = app("pages/inventory.py")
    assert any("PO-0001" in expander.label for expander in again.expander)
    again.session_state["order-1"] = True
    again.run()
    assert not again.exception
    pressed(again, "Mark as received")
    assert listed_value(again, "A", "On order") == 0
    assert listed_value(again, "A", "On hand") == wanted["A"]
    assert "they are added to its stock" in words(again)
    assert any(expander.label == "Earlier orders: 1" for expander in again.expander)
    assert "Nothing is on its way." in words(again)

    again.session_state["earlier-orders"] = True
    again.run()
    pressed(again, "Open it again")
    assert listed_value(again, "A", "On order") == wanted["A"]
    again.session_state["order-1"] = True
    again.run()
    pressed(again, "Cancel this order")
    assert listed_quantity(again, "A") == wanted["A"]
    assert listed_value(again, "A", "On order") == 0


def test_a_currency_and_a_supplier_that_the_file_does_not_say_are_told_once(app, monkeypatch):
    monkeypatch.setenv("DYOCENSE_WORKSPACE", "tea shop")
    page = orders_page(app, listed(2))
    page.text_input[0].set_value("Tea & Sons")
    next(box for box in page.selectbox if box.label.startswith("Currency")).set_value("EUR")
    pressed(page, "Keep")
    assert page.button(key="approve-orders").label.endswith(" EUR")
    next(field for field in page.text_input if field.label == "Supplier").set_value("Leaf & Co")
    keep = [button for button in page.button if button.label == "Keep"]
    keep[-1].click().run()
    page.button(key="approve-orders").click().run()
    again = app("pages/inventory.py")
    [order] = [expander.label for expander in again.expander if "PO-0001" in expander.label]
    assert "Leaf & Co" in order.replace("\\", "") and " EUR, open" in order


def test_own_quantities_are_approved_and_do_not_come_back(app):
    page = opened(orders_page(app, listed(2)), "Item by item")
    name = page.selectbox(key="order_item").value
    own = next(number for number in page.number_input if number.label == "Your quantity, units")
    own.set_value(500.0).run()
    pressed(page, "Order this quantity")
    opened(page, "For the suppliers")
    page.text_input[0].set_value("Tea & Sons")
    pressed(page, "Keep")
    page.button(key="approve-orders").click().run()
    assert not page.exception
    assert listed_value(page, name, "On order") == 500
    assert listed_quantity(page, name) == 0
    assert "Your own quantities" not in words(page)


def test_a_supplier_that_is_left_out_stays_left_out_when_another_is_needed(app):
    sold = "Item,Unit cost,Price,On hand,Supplier\n"
    sold += "\n".join(
        f"{item},2,4,{5000 * (item == 'C')},{supplier}" for item, supplier in zip("ABC", "XYZ", strict=True)
    )
    page = orders_page(app, sold)
    assert supplier_choice(page).value == ["X", "Y"]
    supplier_choice(page).set_value(["X"]).run()
    assert page.button(key="approve-orders").label.startswith("Approve 1 order,")
    opened(page, "Item by item")
    page.selectbox(key="order_item").set_value("C").run()
    next(number for number in page.number_input if number.label == "Your quantity, units").set_value(7.0).run()
    pressed(page, "Order this quantity")
    opened(page, "For the suppliers")
    assert supplier_choice(page).value == ["X", "Z"]


def supplier_choice(page):
    return next(box for box in page.multiselect if box.label == "Order now from")


def test_own_quantities_outlive_a_page_that_is_loaded_again_and_end_with_the_order(app, monkeypatch):
    monkeypatch.setenv("DYOCENSE_WORKSPACE", "tea shop")
    page = opened(orders_page(app, listed(2)), "Item by item")
    name = page.selectbox(key="order_item").value
    next(number for number in page.number_input if number.label == "Your quantity, units").set_value(500.0).run()
    pressed(page, "Order this quantity")
    again = app("pages/inventory.py")
    assert listed_quantity(again, name) == 500

    again.text_input[0].set_value("Tea & Sons")
    pressed(again, "Keep")
    again.button(key="approve-orders").click().run()
    page.run()  # the first window has not heard of it
    assert listed_value(page, name, "On order") == 500
    assert listed_quantity(page, name) == 0
    assert "Your own quantities" not in words(page)
    assert not any(button.label == "Back to the cheapest list" for button in page.button)


def opened(page, tab: str):
    page.session_state["orders"] = tab
    page.run()
    assert not page.exception
    return page


def pressed(page, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception


def test_the_next_orders_are_planned_as_a_calendar(app):
    page = opened(orders_page(app, listed(2)), "Plan ahead")
    page.button(key="deliveries").click().run()
    ends = time.monotonic() + 120
    while not page.get("plotly_chart") and time.monotonic() < ends:
        time.sleep(0.5)
        page.run()
    assert not page.exception
    assert any(metric.label == "Deliveries" for metric in page.metric)
    assert "no such plan can cost less than" in words(page)
    assert "found the same cost and no broken limit" in words(page)
    assert any("One with the next" in table.value.columns for table in page.dataframe)


def listed_quantity(page, name: str) -> float:
    return listed_value(page, name, "Quantity")


def listed_value(page, name: str, column: str) -> float:
    table = page.dataframe[0].value
    return float(table.loc[table["Item"] == name, column].iloc[0])


def test_a_cost_that_the_file_lacks_is_typed_and_planned_with(app):
    page = orders_page(app, "\n".join(["Item,Price,On hand", *(f"{item},5,0" for item in "ABCDEFGH")]))
    assert any("8 items have no cost" in expander.label for expander in page.expander)
    assert not page.tabs
    page.multiselect(key="with_costs").set_value(["B"]).run()
    page.number_input(key="cost of B").set_value(2.0).run()
    assert not page.exception
    assert listed_quantity(page, "B") > 0
    page = opened(page, "Item by item")
    assert page.selectbox(key="order_item").options == ["B"]
    page.number_input(key="margin").set_value(50.0).run()
    assert not page.exception
    assert all(listed_quantity(page, item) > 0 for item in "ABCDEFGH")


def test_a_supplier_has_its_own_rhythm_and_days(app):
    items = ["Item,Unit cost,Price,On hand,Lead time (days),Supplier", *(f"{item},2,5,0,1,Mill" for item in "ABCDEFGH")]
    page = orders_page(app, "\n".join(items))
    weekly = listed_quantity(page, "A")
    page.multiselect(key="with_terms").set_value(["Mill"]).run()
    page.selectbox(key="rhythm of Mill").set_value(28).run()
    page.multiselect(key="deliveries of Mill").set_value(["Thursday"]).run()
    assert not page.exception
    assert listed_quantity(page, "A") >= weekly + 20 * 6
