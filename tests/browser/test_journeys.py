"""An owner with a file, a second owner, a restart, and an impatient owner."""

import io
import random
from datetime import date, timedelta

import numpy as np
import openpyxl
from playwright.sync_api import expect

from .conftest import serving

WEEK = (80, 90, 100, 110, 130, 170, 60)


def bakery_csv(weeks: int = 30) -> dict[str, object]:
    rng = np.random.default_rng(1)
    first = date(2025, 1, 6)
    rows = [f"{first + timedelta(days=k)};Rye bread;{rng.poisson(WEEK[k % 7])}" for k in range(7 * weeks)]
    content = "\n".join(["Datum;Artikel;Menge", *rows]).encode("cp1252")
    return {"name": "verkauf.csv", "mimeType": "text/csv", "buffer": content}


def test_an_owner_goes_from_a_spreadsheet_to_a_forecast_in_excel(visit):
    tab = visit().open("/")
    tab.upload(bakery_csv())
    expect(tab.page.get_by_text("210 rows").first).to_be_visible()
    expect(tab.page.get_by_role("heading", name="What I changed in your file")).to_be_visible()

    tab.press("See what will sell")
    tab.fan()
    assert "/forecast" in tab.page.url
    expect(tab.page.get_by_text("In plain words")).to_be_visible()
    expect(tab.page.locator('[data-testid="stMetric"]').first).to_contain_text("units")

    slider = tab.page.get_by_role("slider").first
    slider.focus()
    before = tab.page.locator("h4").first.inner_text()
    slider.press("ArrowRight")
    tab.settle(600)
    after = tab.page.locator("h4").first.inner_text()
    assert "28 days" in before
    assert "56 days" in after

    tab.page.get_by_role("tab", name="The numbers").click()
    book = openpyxl.load_workbook(io.BytesIO(tab.download("Download as Excel")))
    assert book.sheetnames == ["Forecast", "By week", "By month", "Past", "Accuracy", "Facts"]
    assert any(row[0].value == "Same as last season" for row in book["Accuracy"].iter_rows())
    tab.check()


def test_each_number_in_the_words_leads_to_how_we_got_it(visit):
    tab = visit().open("/forecast?demo=clinic")
    tab.fan()
    tab.page.get_by_text("How we got these numbers").click()
    expect(tab.page.get_by_text("that the models were not shown").first).to_be_visible()
    tab.check()


def test_the_forecast_page_opens_directly_on_a_fresh_server(visit, tmp_path):
    with serving(tmp_path / "fresh.db") as address:
        tab = visit(at=address).open("/forecast")
        expect(tab.page.get_by_role("heading", name="Forecast")).to_be_visible()
        expect(tab.page.get_by_role("link", name="Open a spreadsheet or a sample")).to_be_visible()
        tab.check()
        other = visit(at=address).open("/forecast?demo=bakery")
        other.fan()
        other.check()


def test_all_models_can_be_asked_in_the_background_and_the_page_answers_meanwhile(visit):
    tab = visit().open("/forecast?demo=bakery")
    tab.fan()
    tab.press("Ask all models")
    expect(tab.page.get_by_role("progressbar").first).to_be_visible()
    tab.page.get_by_role("tab", name="Model by model").click()
    tab.page.get_by_role("button", name="95%").or_(tab.page.get_by_role("radio", name="95%")).first.click()
    expect(tab.page.get_by_text("95% band held").first).to_be_visible()
    expect(tab.page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(tab.page.get_by_text("The median of all models that earned a vote")).to_be_visible(timeout=120_000)
    tab.page.get_by_role("tab", name="How good is it?").click()
    tab.check()


def test_a_cancelled_job_leaves_the_quick_forecast_and_can_be_started_again(visit):
    tab = visit().open("/forecast?demo=cafe")
    tab.fan()
    tab.press("Ask all models")
    tab.page.get_by_role("button", name="Cancel").click()
    expect(tab.page.get_by_text("Cancelled. The quick forecast stands.")).to_be_visible(timeout=5_000)
    expect(tab.page.get_by_role("button", name="Try again")).to_be_visible()
    tab.check()


def test_two_owners_see_nothing_of_each_other(visit):
    one, two = visit().open("/"), visit().open("/")
    one.upload(bakery_csv())
    expect(one.page.get_by_text("210 rows").first).to_be_visible()
    two.open("/")
    assert "verkauf.csv" not in two.text()
    two.open("/forecast")
    assert "no file open" in two.text()


def test_what_was_saved_is_still_there_after_a_restart(visit, chromium, tmp_path):
    context = chromium.new_context()
    with serving(tmp_path / "kept.db") as address:
        tab = visit(at=address, context=context).open("/forecast?demo=online_shop")
        tab.fan()
        tab.page.get_by_label("Name").fill("Spring plan")
        tab.press("Save this forecast")
        expect(tab.page.get_by_text("Spring plan")).to_be_visible()
    with serving(tmp_path / "kept.db") as address:
        again = visit(at=address, context=context).open("/forecast")
        again.fan()
        expect(again.page.get_by_text("Spring plan")).to_be_visible()
        again.check()
    context.close()


def test_a_file_of_300_mb_is_refused_in_words_and_nothing_is_lost(visit, tmp_path):
    tab = visit().open("/?demo=clinic")
    expect(tab.page.get_by_role("heading", name="clinic.xlsx")).to_be_visible()
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(300_000_000)
    tab.page.get_by_text("Open another file").click()
    tab.page.locator('[data-testid="stFileUploader"] input[type="file"]').set_input_files(large)
    expect(tab.page.get_by_text("100.0MB or smaller", exact=False)).to_be_visible()
    tab.open("/forecast")
    tab.fan()
    tab.check()


def ambiguous_csv() -> dict[str, object]:
    """The first twelve days of three months in no order: nothing says whether the day or the month comes first."""
    days = [(day, month) for month in (1, 2, 3) for day in range(1, 13)]
    random.Random(1).shuffle(days)
    rows = [f"{day:02d}/{month:02d}/2025,{40 + day},7" for day, month in days]
    content = "\n".join(["Date,Loaves,Trays", *rows]).encode()
    return {"name": "loaves.csv", "mimeType": "text/csv", "buffer": content}


def test_a_date_order_and_a_role_are_corrected_undone_and_used_by_keyboard_alone(visit):
    tab = visit().open("/")
    tab.upload(ambiguous_csv())
    page = tab.page
    days_first = page.get_by_text("from 1 January 2025 to 12 March 2025")
    months_first = page.get_by_text("from 1 January 2025 to 3 December 2025")

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).first.focus()
        page.keyboard.press("Enter")
        tab.settle()

    def choose(label: str, option: str) -> None:
        page.get_by_role("combobox", name=label).focus()
        page.keyboard.type(option)
        page.keyboard.press("Enter")
        tab.settle()

    expect(days_first.or_(months_first)).to_be_visible()
    first_guess, other = (days_first, months_first) if days_first.count() else (months_first, days_first)
    expect(page.get_by_role("heading", name="Please answer before you rely on the numbers")).to_be_visible()
    press("the month comes first" if other is months_first else "the day comes first")
    expect(other).to_be_visible()
    press("Undo")
    expect(first_guess).to_be_visible()
    press("Redo")
    expect(other).to_be_visible()

    choose("Column", "Trays")
    choose("Meaning", "Quantity")
    press("Correct it")
    expect(page.get_by_text("chosen by you").first).to_be_attached()
    press("See what will sell")
    tab.fan()
    expect(page.get_by_text("Per open").first).to_be_visible()
    expect(page.locator('[data-testid="stMetric"]').nth(1)).to_contain_text("7 units")
    tab.check()
