"""A calculation in the background, as every page offers it: started, cancelled for real, or refused in words."""

import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

PATIENCE = 60


def screen(name: str, *arguments: object) -> None:
    import kitchen_work
    import streamlit as st

    from pages.parts.frame import background
    from pages.parts.frame.background import Calculation, JobOffer

    offer = JobOffer(
        "bread",
        "Bake",
        ":material/bakery_dining:",
        again="Bake again",
        cancelled="Nothing is baked.",
        one_at_a_time=True,
    )
    loaves = background.panel(Calculation((name,), getattr(kitchen_work, name), arguments), offer)
    if loaves is not None:
        st.markdown(f"{loaves} loaves")


@pytest.fixture
def kitchen(app) -> Callable[..., AppTest]:
    app()  # the server's services, in a database of this test
    return lambda *arguments: AppTest.from_function(screen, args=arguments, default_timeout=120).run()


def until(page: AppTest, ready: Callable[[AppTest], bool]) -> AppTest:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and not ready(page):
        time.sleep(0.2)
        page.run()
    assert not page.exception
    assert ready(page)
    return page


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_a_calculation_is_offered_and_its_result_stays(kitchen):
    page = kitchen("bake", 12)
    assert labels(page) == ["Bake"]
    page.button(key="bread").click().run()
    until(page, lambda test: [each.value for each in test.markdown] == ["12 loaves"])
    assert labels(page) == []


def test_a_cancelled_calculation_has_ended_and_is_offered_again(kitchen):
    page = kitchen("rest_the_dough")
    page.button(key="bread").click().run()
    until(page, lambda test: labels(test) == ["Cancel"])
    page.button(key="cancel-bread").click().run()
    assert [each.value for each in page.info] == ["Nothing is baked."]
    assert labels(page) == ["Bake again"]
    assert page.session_state["dyocense"].job.status().state == "cancelled"


def test_what_the_work_refuses_is_words_with_its_remedy(kitchen):
    page = kitchen("burn")
    page.button(key="bread").click().run()
    until(page, lambda test: bool(test.error))
    assert "The oven is too hot" in page.error[0].value
    assert "Let it cool down" in page.error[0].value
    assert labels(page) == ["Bake again"]


def test_two_browsers_do_not_share_a_calculation(kitchen):
    first, second = kitchen("bake", 12), kitchen("bake", 12)
    first.button(key="bread").click().run()
    until(first, lambda test: bool(test.markdown))
    assert labels(second.run()) == ["Bake"]
