"""A bakery's owner plays with the forecast: an event ahead, a figure of her own, a comparison, a link."""

import io
import itertools

import openpyxl
from playwright.sync_api import expect

from .test_journeys import bakery_csv


def tab_named(visit, name: str) -> None:
    visit.page.get_by_role("tab", name=name).click()
    visit.settle(600)


def total(sheet, column: int) -> float:
    """The sum of a column down to the first row without a date."""
    rows = itertools.takewhile(lambda row: row[0] is not None, sheet.iter_rows(min_row=2, values_only=True))
    return sum(row[column] for row in rows)


def test_an_event_ahead_is_told_kept_and_taken_into_account(visit):
    tab = visit().open("/")
    tab.upload(bakery_csv())
    tab.press("See what will sell")
    tab.fan()
    before = tab.page.locator("h4").first.inner_text()
    tab.page.get_by_text("What you know about the time ahead").click()
    tab.page.get_by_label("What happens").fill("Street closed")
    tab.page.get_by_placeholder("learn it from the past").fill("-50")
    tab.press("Add to the calendar")
    expect(tab.page.get_by_text("Street closed").first).to_be_visible()
    expect(tab.page.locator("h4").first).not_to_have_text(before)
    tab_named(tab, "Why?")
    expect(tab.page.get_by_text("What the total is made of")).to_be_visible()
    tab.page.reload()
    tab.fan()
    tab.page.get_by_text("What you know about the time ahead").click()
    expect(tab.page.get_by_text("Street closed").first).to_be_visible()
    tab.check()


def test_a_figure_of_her_own_a_comparison_and_the_numbers_in_excel(visit):
    tab = visit().open("/forecast?demo=bakery")
    tab.fan()
    tab_named(tab, "Your figures")
    tab.page.get_by_label("I expect, units").fill("1500")
    tab.press("Use my figure")
    expect(tab.page.get_by_text("yours 1,500")).to_be_visible()

    tab.page.get_by_label("Name").fill("Four weeks")
    tab.press("Save this forecast")
    tab_named(tab, "Compare")
    expect(tab.page.get_by_text("Compare with")).to_be_visible()

    tab_named(tab, "What if?")
    expect(tab.page.get_by_text("After the change").first).to_be_visible()

    tab_named(tab, "The numbers")
    tab.page.get_by_role("radio", name="By week").or_(tab.page.get_by_role("button", name="By week")).first.click()
    book = openpyxl.load_workbook(io.BytesIO(tab.download("Download as Excel")))
    days, weeks, sold = (
        total(book[name], column) for name, column in (("Forecast", 1), ("By week", 1), ("By week", 8))
    )
    assert abs(days - (weeks - sold)) < 0.03 * days
    tab.check()


def test_a_link_shows_another_owner_the_same_question(visit):
    one = visit().open("/forecast?demo=cafe")
    one.fan()
    slider = one.page.get_by_role("slider").first
    slider.focus()
    slider.press("ArrowRight")
    one.settle(800)
    asked = one.page.locator("h4").first.inner_text()
    two = visit().open(one.page.url.removeprefix(one.address))
    two.fan()
    assert "56 days" in asked
    assert two.page.locator("h4").first.inner_text() == asked
