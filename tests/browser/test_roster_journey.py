"""The owner of a cafe makes a roster, changes it, and sends it to the team."""

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from icalendar import Calendar
from playwright.sync_api import expect

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}

pytestmark = pytest.mark.slow

WHO, DAY, WORKS, LOCKED = (
    ".st-key-roster_who",
    ".st-key-roster_day",
    '[class*="st-key-shift-"]',
    '[class*="st-key-lock-"]',
)


def choose(tab, box: str, option: str) -> None:
    """Choose from a box by typing, as somebody without a mouse does."""
    field = tab.page.locator(f"{box} input").first
    field.click()
    field.fill(option)
    tab.page.get_by_role("option", name=option).first.click()
    tab.settle()


def made(tab) -> None:
    tab.press("Make the roster")
    tab.page.wait_for_selector('[data-testid="stMetric"]', timeout=120_000)
    tab.settle()


def lock(tab) -> None:
    tab.page.locator(f"{LOCKED} label").first.click()
    tab.settle()


def test_a_search_shows_how_far_it_is_and_stops_with_the_best_so_far(visit):
    tab = visit().open("/scheduling?demo=cafe")
    weeks = tab.page.get_by_role("slider").first
    weeks.focus()
    for _ in range(3):
        weeks.press("ArrowRight")
    tab.settle(600)
    tab.page.get_by_role("button", name="Make the roster").click()
    expect(tab.page.get_by_text("Best roster so far costs").first).to_be_visible(timeout=60_000)
    tab.page.get_by_role("button", name="Stop and keep the best").click()
    tab.page.wait_for_selector('[data-testid="stMetric"]', timeout=60_000)
    tab.settle()
    expect(tab.page.get_by_role("button", name="Make it again")).to_be_visible()
    tab.check()


def test_a_cell_is_drawn_by_hand_locked_and_kept_when_the_roster_is_made_again(visit):
    tab = visit().open("/scheduling?demo=cafe")
    made(tab)
    expect(tab.page.locator('[data-testid="stMetric"]').nth(1)).to_contain_text("0%")
    choose(tab, WHO, "Floor 4")
    choose(tab, DAY, "Saturday 7 November")
    choose(tab, WORKS, "free")
    expect(tab.page.get_by_text("The roster costs").first).to_be_visible()
    lock(tab)
    tab.press("Make it again")
    expect(tab.page.get_by_role("button", name="Make it again")).to_be_enabled(timeout=60_000)
    tab.settle()
    expect(tab.page.locator(f"{WORKS} input").first).to_have_value("free")
    expect(tab.page.get_by_text("has changed").or_(tab.page.get_by_text("have changed"))).to_have_count(0)
    tab.check()


def test_a_clash_is_explained_and_one_click_helps(visit):
    tab = visit().open("/scheduling?demo=cafe")
    made(tab)
    choose(tab, DAY, "Saturday 7 November")
    for cook in ("Cook 1", "Cook 2", "Cook 3", "Barista 3"):
        choose(tab, WHO, cook)
        if tab.page.locator(f"{WORKS} input").first.input_value() != "free":
            choose(tab, WORKS, "free")
        lock(tab)
    tab.page.get_by_text("People may be missing, at a price").click()
    tab.settle()
    tab.press("Make it again")
    expect(tab.page.get_by_text("No roster keeps all rules")).to_be_visible(timeout=90_000)
    expect(tab.page.get_by_text("as Kitchen; 4 of the 4 who can do it are not there").first).to_be_visible()
    tab.press("Do this")
    tab.press("Make it again")
    expect(tab.page.get_by_text("No roster keeps all rules")).to_have_count(0)
    expect(tab.page.get_by_role("button", name="Make it again")).to_be_enabled(timeout=90_000)
    tab.check()


def test_the_team_gets_calendars_and_the_owner_a_workbook_and_a_page_for_the_wall(visit):
    tab = visit().open("/scheduling?demo=cafe")
    made(tab)
    tab.page.get_by_role("tab", name="Publish").click()
    tab.settle()
    choose(tab, ".st-key-zone", "America/Toronto")
    events = Calendar.from_ical(tab.download("Calendar of Barista 1")).walk("VEVENT")
    assert 3 <= len(events) <= 5
    first = min(event.decoded("dtstart") for event in events)
    assert date(2026, 11, 2) <= first.date() <= date(2026, 11, 8)
    assert first.astimezone(UTC) > datetime(2026, 11, 2, 11, tzinfo=UTC)  # seven in Toronto is noon in London
    assert all(event.decoded("dtend") > event.decoded("dtstart") for event in events)
    names = zipfile.ZipFile(io.BytesIO(tab.download("All calendars"))).namelist()
    assert "01 Barista 1.ics" in names
    for button, start in (("Excel", b"PK"), ("PDF to print", b"%PDF")):
        assert tab.download(button).startswith(start)
    tab.check()


def test_a_refresh_in_the_middle_of_a_search_loses_nothing(visit):
    tab = visit().open("/scheduling?demo=cafe")
    tab.page.get_by_role("button", name="Make the roster").click()
    expect(tab.page.get_by_role("progressbar").first).to_be_visible()
    tab.open("/scheduling?demo=cafe")
    tab.page.wait_for_selector('[data-testid="stMetric"]', timeout=120_000)
    tab.settle()
    tab.check()


def test_two_owners_of_the_same_sample_have_two_rosters(visit):
    one, other = visit().open("/scheduling?demo=cafe"), visit().open("/scheduling?demo=cafe")
    made(one)
    other.open("/scheduling")
    expect(other.page.get_by_role("button", name="Make the roster")).to_be_visible()
    assert other.page.locator('[data-testid="stMetric"]').count() == 0
    other.check()


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_everybody_can_read_it_and_nothing_is_wider_than_the_screen(visit, scheme, width):
    tab = visit(scheme=scheme, width=width).open("/scheduling?demo=cafe")
    made(tab)
    wide = tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    found = Axe().run(tab.page, options=RULES).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    tab.check()
