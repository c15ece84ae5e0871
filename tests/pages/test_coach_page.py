"""The Coach and the narrator's corner of the sidebar, as an owner of a bakery meets them, without a language model."""

from datetime import date, timedelta

import numpy as np
import pytest
import streamlit as st

WEEK = (80, 90, 100, 110, 130, 170, 60)


def bakery_csv(days: int = 200) -> bytes:
    rng, first = np.random.default_rng(1), date(2025, 1, 6)
    rows = [f"{first + timedelta(days=k)},Rye bread,{rng.poisson(WEEK[k % 7])}" for k in range(days)]
    return "\n".join(["Date,Product,Units sold", *rows]).encode()


def upload(test, content: bytes):
    return test.file_uploader[0].set_value([("bakery.csv", content, "text/csv")]).run()


def words(test) -> str:
    shown = [*test.markdown, *test.caption, *test.subheader, *test.warning, *test.error, *test.info]
    return "\n".join(str(element.value) for element in shown)


@pytest.fixture
def coach(app):
    """The Coach with a bakery's file of 200 days open."""
    return upload(app(), bakery_csv()).switch_page("pages/coach.py").run()


def ask(page, question: str):
    return page.chat_input[0].set_value(question).run()


def labels(page) -> list[str]:
    return [button.label for button in page.button]


def test_without_a_file_there_is_one_thing_to_do(app):
    page = app("pages/coach.py")

    assert not page.exception
    assert [link.proto.label for link in page.main.get("page_link")] == ["**Open a spreadsheet or a sample**"]


def test_an_empty_conversation_offers_questions_that_this_file_can_answer(coach):
    assert not coach.exception
    assert "How will Rye bread sell next week?" in labels(coach)
    assert "Who should work next week?" not in labels(coach), "the file has no list of staff"


def test_an_example_is_answered_with_one_click(coach):
    page = coach.button(key="example-0").click().run()

    assert not page.exception
    assert "we expect" in words(page)
    assert len(page.get("plotly_chart")) == 1


def test_an_answer_has_a_chart_words_and_every_number_leads_to_how_we_got_it(coach):
    page = ask(coach, "How much did we sell last week?")

    assert not page.exception
    assert "Units sold" in words(page)
    assert "How we got each number:" in words(page)
    assert "rows of your file" in words(page), "the popover of the total says what was added up"


def test_a_question_about_something_else_is_refused_with_what_can_be_asked(coach):
    page = ask(coach, "Tell me a joke about bakers")

    assert "outside what I can work out" in words(page)


def test_what_is_missing_is_said_with_what_to_do(coach):
    page = ask(coach, "What should I order today?")

    assert not page.exception
    assert "cost" in words(page)


def test_an_unclear_question_is_asked_back_with_two_buttons(coach):
    page = ask(coach, "bread")
    choices = [button for button in page.button if button.key.startswith("choose-")]

    assert len(choices) == 2
    assert "I am not sure what you mean" in words(page)

    page = choices[0].click().run()
    assert not page.exception
    assert "I am not sure" not in words(page)


def test_a_plan_is_shown_before_it_runs_and_can_be_dropped(coach):
    question = "How much will we sell next week, how does that compare with last week, and why did sales change?"
    page = ask(coach, question)

    assert "nothing is changed by it" in words(page)
    assert not page.get("plotly_chart")

    page = page.button(key="drop-plan").click().run()
    assert question not in words(page)


def test_a_plan_runs_step_by_step(coach):
    page = ask(coach, "How much will we sell next week, and how does last week compare with the week before?")
    page = page.button(key="run-plan").click().run()

    assert not page.exception
    assert words(page).count("**") >= 4, "each step has a title"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What should I order today?", "to order today"),
        ("Who should work next week?", "The roster plans"),
        ("Who works on Friday?", "At work on 6 November 2026"),
        ("Who works on Monday?", "Nobody is at work on 2 November 2026."),
        ("How should I split my marketing money?", "The suggested split"),
        ("Why did revenue change last month?", "From 1 September 2026 to 30 September 2026 it was"),
        ("What if I raise the price of croissants by 10%?", "If the price is 10% higher"),
    ],
)
def test_every_calculation_answers_for_a_whole_business(app, question, told):
    page = app("pages/coach.py", demo="bakery")
    page = ask(page, question)
    choice = [button for button in page.button if button.key == "choose-forecast"]
    page = choice[0].click().run() if choice else page

    assert not page.exception
    assert told in words(page)
    assert len(page.get("plotly_chart")) == 1


def test_a_refresh_keeps_the_conversation(app, monkeypatch):
    page = upload(app(), bakery_csv()).switch_page("pages/coach.py").run()
    ask(page, "How much did we sell last week?")
    token = page.session_state["dyocense"].token
    monkeypatch.setattr(type(st.context), "cookies", property(lambda context: {"dyocense_workspace": token}))

    again = app("pages/coach.py")

    assert not again.exception
    assert "How much did we sell last week?" in words(again)
    assert "rows of your file" in words(again)
    assert any(button.label == "Ask again" for button in again.button)


def test_two_owners_do_not_see_each_others_questions(app):
    page = upload(app(), bakery_csv()).switch_page("pages/coach.py").run()
    ask(page, "How much did we sell last week?")
    other = upload(app(), bakery_csv()).switch_page("pages/coach.py").run()

    assert "How much did we sell last week?" not in words(other)


def test_a_thumb_is_kept(coach):
    page = ask(coach, "How much did we sell last week?")
    thumbs = page.get("feedback") or page.get("button_group")
    assert thumbs

    from pages.parts.frame import cached

    here = page.session_state["dyocense"]
    turn = cached.services().store.talks.of(here.workspace, here.file)[0]
    assert (turn.tool, turn.rating) == ("kpi", 0)
    assert turn.answer["parts"][0]["facts"], "facts are kept with the answer"


def test_all_talks_can_be_forgotten(coach):
    page = ask(coach, "How much did we sell last week?")
    page = page.button(key="forget-talks").click().run()

    assert not page.exception
    assert "How much did we sell last week?" not in words(page)


@pytest.mark.parametrize("text", ["![x](http://a.example/b.png)", "<script>alert(1)</script>", "$x^2$ `y`"])
def test_what_an_owner_types_is_shown_letter_by_letter(coach, text):
    page = ask(coach, text)

    assert not page.exception
    shown = next(str(each.value) for each in page.markdown if "x" in str(each.value) or "alert" in str(each.value))
    assert "](http" not in shown.replace("\\", "") or "\\[" in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("page", ["Home.py", "pages/forecast.py", "pages/inventory.py", "pages/coach.py"])
def test_the_narrator_says_on_every_page_who_writes_and_what_it_costs(app, page):
    opened = app(page)
    told = "\n".join(str(each.value) for each in [*opened.sidebar.markdown, *opened.sidebar.caption])

    assert [each.label for each in opened.sidebar.expander][:1] == ["Words by the engine"]
    assert "all of them in the cloud" in told
    assert "Kept on this machine: **100%**" in told
    assert "nothing leaves this machine" in told
    assert "That is an assumption" in told
