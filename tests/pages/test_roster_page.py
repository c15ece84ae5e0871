"""The roster screen, as the owner of a cafe meets it."""

import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from engine.workflows.roster.inputs import TimeOff

DAYS = [date(2026, 5, 4) + timedelta(days=k) for k in range(84)]
SALES = "\n".join(["Date,Item,Sold", *(f"{day},Tea,{20 + day.weekday()}" for day in DAYS)]).encode()


def words(test: AppTest) -> str:
    shown = [*test.markdown, *test.caption, *test.warning, *test.error, *test.info]
    return "\n".join(str(element.value) for element in shown)


def roster_page(app, sample: str = "cafe") -> AppTest:
    return app("pages/scheduling.py", demo=sample)


def until(test: AppTest, ready, seconds: float = 60.0) -> AppTest:
    """Run the page again and again, as its fragment does, until something is there."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        test.run()
        assert not test.exception
        if ready(test):
            return test
        time.sleep(0.3)
    raise AssertionError(words(test))


def made(test: AppTest) -> AppTest:
    test.button(key="make").click().run()
    return until(test, lambda page: bool(page.metric))


def grid(test: AppTest):
    return test.dataframe[0].value


def test_without_a_file_there_is_one_thing_to_do(app):
    page = app("pages/scheduling.py")
    assert not page.exception
    assert [link.proto.label for link in page.main.get("page_link")] == ["**Open a spreadsheet or a sample**"]


def test_before_the_first_roster_there_is_one_button_and_the_tables(app):
    page = roster_page(app)
    assert not page.exception
    assert page.button(key="make").label == "Make the roster"
    assert [tab.label for tab in page.tabs] == ["People needed", "Staff", "Shifts", "Time off", "Rules"]
    first = next(box for box in page.selectbox if box.label == "First day")
    assert first.value == date(2026, 11, 2)


def test_the_cafes_week_is_made_and_proved(app):
    page = made(roster_page(app))
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Could be cheaper by"] == "0%"
    assert figures["Hours nobody covers"] == "0 hours"
    assert len(grid(page)) == 14
    assert "Every stretch has the people that it needs." in words(page)
    assert "In plain words" in [element.value for element in page.subheader]


@pytest.mark.slow
def test_an_edited_cell_is_checked_and_can_be_taken_back(app):
    page = made(roster_page(app))
    before = grid(page)["Mon 2 Nov"].tolist()
    page.selectbox(key="roster_who").set_value("Barista 2").run()  # Mondays are off in the staff table
    cell = next(box for box in page.selectbox if box.label == "Works")
    cell.set_value(("Early", "Barista")).run()
    assert "Barista 2 is not available for Early (07:00-15:00) on Monday 2 November" in words(page).replace("\\", "")
    assert "Early ⚠" in grid(page)["Mon 2 Nov"].tolist()
    page.button(key="roster-undo").click().run()
    assert grid(page)["Mon 2 Nov"].tolist() == before


@pytest.mark.slow
def test_a_locked_cell_stays_when_the_roster_is_made_again(app):
    page = made(roster_page(app))
    next(toggle for toggle in page.toggle if toggle.label == "Locked").set_value(True).run()
    kept = grid(page)["Mon 2 Nov"].tolist()[0]
    assert kept.endswith("🔒")
    page.button(key="make").click().run()
    until(page, lambda test: not test.button(key="make").disabled)
    assert grid(page)["Mon 2 Nov"].tolist()[0] == kept


@pytest.mark.slow
def test_a_day_off_has_a_price_that_can_be_paid(app):
    page = made(roster_page(app))
    page.button(key="day-off").click().run()
    until(page, lambda test: any(button.key == "give-day-off" for button in test.button))
    assert "Giving Barista 1 Monday 2 November off costs" in words(page).replace("\\", "")
    page.button(key="give-day-off").click().run()
    assert grid(page)["Mon 2 Nov"].tolist()[0] == "– 🔒"


@pytest.mark.slow
def test_a_clash_is_explained_and_a_click_makes_the_roster_possible(app):
    page = roster_page(app)
    page.toggle[0].set_value(False).run()  # nobody may be missing
    (only,) = page.session_state["dyocense"].slots.values()
    saturday = date(2026, 11, 7)
    away = tuple(TimeOff(p.name, saturday, saturday) for p in only.draft.staff if "Kitchen" in p.roles)
    only.book = replace(only.book, draft=replace(only.draft, time_off=(*only.draft.time_off, *away)))
    page.button(key="make").click().run()
    until(page, lambda test: bool(test.error))
    assert "No roster keeps all rules" in page.error[0].value
    assert "as Kitchen" in page.error[0].value
    offers = [button for button in page.button if button.label == "Do this"]
    assert offers
    offers[-1].click().run()  # people may be missing, at a price
    made(page)
    assert "Why is somebody missing?" in [box.label for box in page.selectbox]


@pytest.mark.slow
def test_a_file_without_staff_says_so_and_starts_with_a_team(app):
    page = app()
    page.file_uploader[0].set_value([("tea.csv", SALES, "text/csv")]).run()
    page.switch_page("pages/scheduling.py").run()
    assert not page.exception
    assert "Your file has no list of staff" in words(page)
    assert made(page).metric


@pytest.mark.slow
def test_a_plan_survives_a_new_browser_tab(app):
    page = made(roster_page(app))
    kept = grid(page)["Sat 7 Nov"].tolist()
    (before,) = page.session_state["dyocense"].slots.values()
    page.session_state["dyocense"].slots.clear()  # as after a refresh: only what is stored is left
    page.run()
    assert grid(page)["Sat 7 Nov"].tolist() == kept
    assert before.book == next(iter(page.session_state["dyocense"].slots.values())).book


@pytest.mark.slow
def test_the_people_needed_follow_the_forecast_when_asked(app):
    page = roster_page(app)
    page.session_state["from-forecast"] = True  # the panel is open
    page.run()
    page.button(key="use-forecast").click().run()
    assert "From the forecast, day by day" in words(page)


def tab(page: AppTest, name: str) -> AppTest:
    page.session_state["roster-tabs"] = name
    page.run()
    assert not page.exception
    return page


@pytest.mark.slow
def test_each_part_of_the_result_is_drawn_when_its_tab_is_open(app):
    page = made(roster_page(app))
    assert "A second look at the roster alone" not in words(page)
    assert "A second look at the roster alone" in words(tab(page, "How sure is it?"))
    hours = tab(page, "People").dataframe[1].value
    assert hours["Paid hours"].sum() > 0
    assert len(hours) == 14
    assert "cost" in words(tab(page, "Not met"))
    zones = next(box for box in tab(page, "Publish").selectbox if box.label == "Time zone of the business")
    assert "Europe/Berlin" in zones.options


@pytest.mark.slow
def test_a_roster_that_was_put_aside_comes_back(app):
    page = tab(made(roster_page(app)), "Compare")
    before = grid(page)["Mon 2 Nov"].tolist()
    next(each for each in page.text_input if each.label == "Name").set_value("First try")
    next(each for each in page.button if each.label == "Put this roster aside").click().run()
    assert "First try is put aside" in words(page)
    page.selectbox(key="roster_who").set_value("Barista 2").run()
    next(box for box in page.selectbox if box.label == "Works").set_value(("Early", "Barista")).run()
    assert grid(page)["Mon 2 Nov"].tolist() != before
    page.button(key="back-0").click().run()
    assert grid(page)["Mon 2 Nov"].tolist() == before
    assert "First try is back" in words(page)
