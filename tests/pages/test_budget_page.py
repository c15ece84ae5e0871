"""The budget page as Streamlit runs it, without a browser."""

import json
import time
from datetime import date, timedelta

import numpy as np
import pytest

from engine.workflows.budget import plan
from pages.parts.frame import state

PATIENCE = 90


def words(test) -> str:
    shown = [*test.markdown, *test.caption, *test.subheader, *test.warning, *test.error, *test.info]
    return "\n".join(str(element.value) for element in shown).replace("\\", "")


def spend_csv(weeks: int = 110, *, radio: str = "vary", first: date = date(2023, 1, 2)) -> bytes:
    """A shop with flyers that bring 3 EUR per EUR, and radio that brings nothing."""
    rng = np.random.default_rng(4)
    flyers, other = rng.uniform(50, 350, weeks), rng.uniform(50, 350, weeks)
    if radio == "same":
        other[:] = 80
    outcome = 5000 + 3 * flyers + rng.normal(0, 30, weeks)
    rows = [
        f"{first + timedelta(weeks=k)},{outcome[k]:.2f},{flyers[k]:.2f},{other[k] if radio != 'below' else -1:.2f}"
        for k in range(weeks)
    ]
    return "\n".join(["Week,Revenue (EUR),Flyers spend (EUR),Radio spend (EUR)", *rows]).encode()


def upload(test, content: bytes):
    return test.file_uploader[0].set_value([("shop.csv", content, "text/csv")]).run()


def learnt(page):
    """Wait until the job has learnt the curves."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and not page.slider and not page.error and not page.exception:
        time.sleep(0.3)
        page.run()
    return page


def test_a_shop_gets_a_proved_split_curves_and_sliders_that_share_the_budget(app):
    shop = learnt(upload(app(), spend_csv()).switch_page("pages/budget.py").run())
    assert not shop.exception
    assert "The suggested split should bring" in words(shop)
    assert {metric.label for metric in shop.metric} >= {"Brings per week", "Chance to beat today"}
    assert [slider.label for slider in shop.slider] == ["Flyers, EUR per week", "Radio, EUR per week"]
    figures = [json.loads(each.proto.spec)["data"] for each in shop.get("plotly_chart")]
    curves = [{trace["name"] for trace in figure} for figure in figures]
    assert {"90% likely", "Where you have spent", "Beyond: extrapolated", "Today", "Suggested"} in curves
    assert all(each.proto.alt for each in shop.get("plotly_chart"))

    total = sum(slider.value for slider in shop.slider)
    shop.slider[0].set_value(50.0).run()
    assert sum(slider.value for slider in shop.slider) == pytest.approx(total)
    next(each for each in shop.number_input if each.label == "Budget per week, EUR").set_value(200.0).run()
    assert sum(slider.value for slider in shop.slider) == pytest.approx(200)

    next(button for button in shop.button if button.label.startswith("Best split")).click().run()
    assert not shop.exception
    assert "within your limits no split can be worth more than" in words(shop)
    flyers, radio = (slider.value for slider in shop.slider)
    assert flyers > radio


def test_limits_that_clash_are_explained_on_the_page(app, monkeypatch):
    home = upload(app(), spend_csv())
    limits = plan.AllocationLimits({"Flyers": plan.ChannelLimit(5000)})
    monkeypatch.setattr(state, "recall", lambda subject: {"limits": plan.limits_as_json(limits)})
    page = home.switch_page("pages/budget.py").run()
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and not page.error:
        time.sleep(0.3)
        page.run()
    assert not page.exception
    assert "Flyers at least 5,000" in words(page)
    assert "in total" in words(page)


def test_without_a_file_there_is_one_thing_to_do(app):
    page = app("pages/budget.py")
    assert not page.exception
    assert [link.proto.label for link in page.main.get("page_link")] == ["**Open a spreadsheet or a sample**"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (spend_csv(20), "weeks would do"),
        (spend_csv(radio="below"), "is negative"),
        (
            b"Week,Flyers spend\n"
            + b"\n".join(f"{date(2024, 1, 1) + timedelta(weeks=k)},{50 + k}".encode() for k in range(60)),
            "",
        ),
    ],
)
def test_a_file_that_says_too_little_says_what_is_missing_and_offers_typed_curves(app, content, says):
    page = learnt(upload(app(), content).switch_page("pages/budget.py").run())
    assert not page.exception
    assert page.error
    assert says in words(page)
    assert "start from what you know" in words(page)


def test_a_link_that_leads_nowhere_says_so(app):
    page = app("pages/budget.py")
    page.query_params["plan"] = "not-there"
    page.run()
    assert not page.exception
    assert "nothing behind this link" in words(page)


TABS = {
    "More or less money": "The least spend for a goal",
    "How sure is it?": "Why no other split is better",
    "When to spend": "on average, but with money that goes on working",
    "The past": "of the ups and downs are explained",
    "What I know better": "What a test found a channel to bring",
}


def test_each_tab_is_drawn_when_it_is_open_and_not_before(app):
    shop = learnt(upload(app(), spend_csv()).switch_page("pages/budget.py").run())
    assert not [sentence for sentence in TABS.values() if sentence in words(shop)]
    for name, sentence in TABS.items():
        shop.session_state["budget"] = name
        shop.run()
        assert not shop.exception
        assert sentence in words(shop)


def test_whoever_has_the_link_sees_the_splits_until_it_is_withdrawn(app):
    shop = learnt(upload(app(), spend_csv()).switch_page("pages/budget.py").run())
    next(button for button in shop.button if button.label == "Make a link").click().run()
    assert not shop.exception
    (link,) = (each.value for each in shop.code)
    page, _, token = link.partition("?plan=")
    assert page.endswith("/budget") or page.startswith("http")

    guest = app("pages/budget.py")
    guest.query_params["plan"] = token
    guest.run()
    assert not guest.exception
    assert "brings most" in words(guest)
    assert "You see no other data of theirs" in words(guest)

    shop.button(key=f"withdraw-{token}").click().run()
    guest.run()
    assert "nothing behind this link" in words(guest)
