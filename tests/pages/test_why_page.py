"""Why did it change, as the owner of an online shop meets it."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from engine.causal import BudgetRule
from engine.workflows.why.causal_knowledge import Ruling
from tests.pages.test_pages import upload, words

PAGE = "pages/why_did_it_change.py"


def kiosk_csv(weeks: int = 104, *, spends: bool = True, seed: int = 1) -> bytes:
    """A kiosk whose flyers bring three for one, week by week."""
    rng = np.random.default_rng(seed)
    flyers = np.round(1000 + 200 * rng.normal(size=weeks), 2)
    takings = np.round(5000 + 3 * flyers + 200 * rng.normal(size=weeks), 2)
    first = date(2023, 1, 2)
    header = "Week,Flyer spend,Revenue" if spends else "Week,Revenue"
    rows = [
        f"{first + timedelta(weeks=k)},{flyers[k]},{takings[k]}"
        if spends
        else f"{first + timedelta(weeks=k)},{takings[k]}"
        for k in range(weeks)
    ]
    return "\n".join([header, *rows]).encode()


def kiosk(app, **shape):
    home = upload(app(), kiosk_csv(**shape), "kiosk.csv")
    page = home.switch_page(PAGE).run()
    assert not page.exception
    return page


def chart(page, number: int = 0) -> dict:
    return json.loads(page.get("plotly_chart")[number].proto.spec)


def graded(page):
    return next(table.value for table in page.dataframe if "Grade" in table.value)


def press(page, label: str):
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def open_tab(page, label: str):
    """As a click on the tab does: the next run draws it."""
    page.session_state["evidence"] = label
    page.run()
    assert not page.exception
    return page


def test_without_a_file_the_page_has_one_thing_to_do(app):
    page = app(PAGE)
    assert not page.exception
    assert [link.proto.label for link in page.main.get("page_link")] == ["**Open a spreadsheet or a sample**"]


def test_three_layers_stand_apart_and_in_this_order(app):
    page = kiosk(app)
    assert [heading.value for heading in page.subheader][:3] == [
        "1. Where it changed: parts that add up",
        "2. What moved with it, and how far to believe it",
        "3. What your data cannot tell",
    ]


def test_the_flyers_are_graded_and_their_effect_is_three_for_one(app):
    page = kiosk(app)
    [row] = graded(page).to_dict("records")
    assert row["Grade"] == "B"
    low, high = (float(end) for end in row["Likely between"].split(" to "))
    assert low < 3.0 < high


def test_the_bars_of_the_drivers_add_up_on_screen(app):
    [bars] = chart(kiosk(app))["data"]
    before, *parts, after = (float(text.replace(",", "")) for text in bars["text"])
    assert bars["measure"][0] == "absolute"
    assert before + sum(parts) == pytest.approx(after, abs=1e-9)


def test_what_the_owner_says_changes_the_grade_and_is_remembered(app):
    page = kiosk(app)
    page.session_state["why-told"] = True
    page.run()
    rule = next(box for box in page.selectbox if box.label == "Flyer spend")
    rule.set_value(BudgetRule.SHARE_OF_SALES).run()
    assert not page.exception
    assert graded(page)["Grade"].tolist() == ["C"]
    assert "share of sales" in words(page)
    assert not page.run().exception
    assert graded(page)["Grade"].tolist() == ["C"]


def test_an_event_that_the_owner_names_is_weighed(app):
    page = kiosk(app)
    page.session_state["why-told"] = True
    page.run()
    next(box for box in page.text_input if box.label == "What happened").set_value("Street closed")
    page.date_input[0].set_value((date(2024, 3, 4), date(2024, 3, 17)))
    press(page, "Add the event")
    assert "Street closed" in words(page)
    open_tab(page, "One-off events")
    assert "a week, likely between" in words(page)


def test_what_was_spent_gives_what_happened_and_more_gives_about_three_times_as_much(app):
    page = open_tab(kiosk(app), "What if")
    assert "nothing would have been different" in words(page)
    box = page.number_input[0]
    box.set_value(box.value + 500).run()
    said = next(text.value for text in page.markdown if "the difference would have been" in text.value)
    amount = float(said.split("been ")[1].split(" ")[0].replace(",", "").replace("\\", ""))
    assert amount == pytest.approx(1500, rel=0.12)


def test_a_forbidden_arrow_leaves_the_picture_and_can_come_back(app):
    page = open_tab(kiosk(app), "What moves what")
    drawn = len(chart(page)["data"])
    next(box for box in page.selectbox if box.label == "From").set_value("Flyer spend")
    next(box for box in page.selectbox if box.label == "An arrow here").set_value(Ruling.NEVER)
    press(page, "Apply")
    assert len(chart(page)["data"]) == drawn - 1
    press(page, "Leave to the data")
    assert len(chart(page)["data"]) == drawn


def test_an_arrow_backward_is_refused_in_words(app):
    page = open_tab(kiosk(app), "What moves what")
    next(box for box in page.selectbox if box.label == "From").set_value("Revenue")
    next(box for box in page.selectbox if box.label == "To").set_value("Flyer spend")
    press(page, "Apply")
    assert "would point backward" in "".join(error.value for error in page.error)


def test_two_stretches_of_ones_own(app):
    page = kiosk(app)
    next(box for box in page.selectbox if box.label == "Compare").set_value("own").run()
    page.date_input[0].set_value((date(2023, 3, 6), date(2023, 4, 2))).run()
    page.date_input[1].set_value((date(2023, 4, 3), date(2023, 4, 30))).run()
    assert not page.exception
    assert not page.error
    page.date_input[1].set_value((date(2023, 3, 20), date(2023, 4, 30))).run()
    assert "overlap" in "".join(error.value for error in page.error)


def test_a_saved_question_opens_with_its_own_days(app):
    page = kiosk(app)
    next(box for box in page.selectbox if box.label == "Compare").set_value("own").run()
    page.date_input[0].set_value((date(2023, 3, 6), date(2023, 4, 2))).run()
    page.date_input[1].set_value((date(2023, 4, 3), date(2023, 4, 30))).run()
    press(page, "Save this question")
    next(box for box in page.selectbox if box.label == "Compare").set_value("block").run()
    press(page, "Open")
    assert [tuple(box.value) for box in page.date_input] == [
        (date(2023, 3, 6), date(2023, 4, 2)),
        (date(2023, 4, 3), date(2023, 4, 30)),
    ]


# Files with too little


def test_twenty_weeks_are_split_and_nothing_is_blamed(app):
    page = kiosk(app, weeks=20)
    said = words(page)
    assert "causes need at least 26" in said
    assert "No cause can be looked at" in said
    assert not page.tabs


def test_a_file_without_budgets_says_so(app):
    page = kiosk(app, spends=False)
    assert "names nothing that may have moved it" in words(page)


def test_takings_among_their_own_causes_and_a_total_are_left_out_by_name(app):
    lines = kiosk_csv().decode().splitlines()
    cells = [line.split(",") for line in lines[1:]]
    rows = [
        f"{day},{flyers},{2 * float(flyers)},50,{float(takings) * 1.19},{takings}" for day, flyers, takings in cells
    ]
    header = "Week,Flyer spend,Radio spend,Sign spend,Till spend,Revenue"
    page = upload(app(), "\n".join([header, *rows]).encode(), "kiosk.csv").switch_page(PAGE).run()
    assert not page.exception
    said = words(page)
    assert "It never changes" in said
    assert "It is the figure in question itself" in said
    assert "It always moves exactly with" in said


def test_a_file_without_dates_says_what_is_missing(app):
    page = upload(app(), b"Item,Price\nBun,2\nRoll,1\n", "list.csv").switch_page(PAGE).run()
    assert not page.exception
    assert page.error
    assert "date" in page.error[0].value
    assert "**Look at what was found in your file**" in [link.proto.label for link in page.main.get("page_link")]


def test_one_week_cannot_be_compared(app):
    page = upload(app(), kiosk_csv(weeks=1), "kiosk.csv").switch_page(PAGE).run()
    assert not page.exception
    assert page.error


def test_two_owners_of_the_same_file_keep_their_answers_apart(app):
    one, two = kiosk(app), kiosk(app)
    one.session_state["why-told"] = True
    one.run()
    next(box for box in one.selectbox if box.label == "Flyer spend").set_value(BudgetRule.SHARE_OF_SALES).run()
    two.run()
    assert graded(one)["Grade"].tolist() == ["C"]
    assert graded(two)["Grade"].tolist() == ["B"]


@pytest.mark.slow
def test_a_second_look_is_offered_and_can_be_cancelled(app):
    page = open_tab(kiosk(app), "A second look")
    assert "DoWhy and pgmpy" in words(page)
    page.button(key="deepen").click().run()
    page.button(key="cancel-deepen").click().run()
    assert [each.value for each in page.info] == ["Cancelled. The answer above stands."]
    assert page.button(key="deepen").label == "Try again"
