"""An owner talks to the Coach: without a language model, with a small one of its own, and with a cloud that lies."""

import json
from importlib.util import find_spec

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from engine.llm import tiny
from tests.llm.loopback import Script
from tests.llm.loopback import server as loopback

from .conftest import serving
from .test_looks import RULES


def ask(tab, question: str) -> None:
    box = tab.page.get_by_role("textbox").last
    box.fill(question)
    box.press("Enter")
    tab.page.wait_for_timeout(300)
    tab.settle(600)


def test_without_any_model_the_coach_answers_and_every_number_leads_to_its_fact(visit):
    tab = visit().open("/coach?demo=bakery")
    tab.press("How did last month compare with the month before?")
    expect(tab.page.get_by_text("From 1 September 2026 to 30 September 2026")).to_be_visible()
    expect(tab.page.locator(".js-plotly-plot").first).to_be_visible()

    ask(tab, "What was our revenue last week?")
    total = tab.page.get_by_test_id("stPopover").filter(has_text="€").first
    total.get_by_role("button").click()
    expect(tab.page.get_by_text("rows of your file").first).to_be_visible()
    tab.check()


def test_a_plan_is_shown_first_and_each_step_has_its_answer(visit):
    tab = visit().open("/coach?demo=bakery")
    ask(tab, "Forecast next week, then tell me what to order and who should work")
    expect(tab.page.get_by_text("nothing is changed by it")).to_be_visible()
    assert tab.page.locator(".js-plotly-plot").count() == 0

    tab.press("Run these 3 steps")
    expect(tab.page.get_by_text("The roster plans").first).to_be_visible(timeout=90_000)
    expect(tab.page.get_by_text("items to order today").first).to_be_visible()
    tab.check()


def test_the_talk_is_still_there_after_a_restart(visit, chromium, tmp_path):
    context = chromium.new_context()
    with serving(tmp_path / "kept.db") as address:
        tab = visit(at=address, context=context).open("/coach?demo=clinic")
        ask(tab, "How much did we sell last week?")
        expect(tab.page.get_by_text("Units sold, all items").first).to_be_visible()
    with serving(tmp_path / "kept.db") as address:
        again = visit(at=address, context=context).open("/coach")
        expect(again.page.get_by_text("How much did we sell last week?")).to_be_visible()
        expect(again.page.get_by_role("button", name="Ask again")).to_be_visible()
        again.check()


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("xllamacpp") is None or find_spec(tiny.PACKAGE) is None,
    reason="the small local model is not installed: make local-llm",
)
def test_a_small_model_on_this_machine_words_the_answer_and_nothing_leaves(visit, tmp_path, monkeypatch):
    model = tiny.start()
    monkeypatch.setenv("DYOCENSE_LOCAL_URL", f"{model.listening_address}/v1")
    monkeypatch.setenv("DYOCENSE_LOCAL_MODEL", tiny.NAME)
    with serving(tmp_path / "local.db") as address:
        tab = visit(at=address).open("/coach?demo=bakery")
        ask(tab, "How much did we sell last week?")
        expect(tab.page.get_by_text(f"Words by {tiny.NAME}").first).to_be_visible(timeout=90_000)
        expect(tab.page.get_by_text("7,080 units").first).to_be_visible()
        tab.check()


CLOUDS = {
    "openai:gpt-4o": ("OPENAI_API_KEY", "/v1"),
    "anthropic:claude-sonnet-4-5": ("ANTHROPIC_API_KEY", ""),
}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_cloud_is_asked_only_after_the_owner_saw_what_would_leave(visit, tmp_path, monkeypatch, cloud):
    script = Script(lambda last: last)  # says each sentence back
    key, path = CLOUDS[cloud]
    with loopback(script) as url:
        monkeypatch.setenv(key, "sk-of-nobody")
        monkeypatch.setenv("DYOCENSE_CLOUD_MODEL", cloud)
        monkeypatch.setenv("DYOCENSE_CLOUD_URL", url + path)
        with serving(tmp_path / "cloud.db") as address:
            tab = visit(at=address).open("/coach?demo=bakery")
            ask(tab, "How much did we sell last week?")
            assert script.asked == [], "cloud models are off until the owner allows them"

            tab.page.get_by_text("Words by the engine").first.click()
            tab.press_for("Let a cloud model help", "What would leave this machine")
            tab.press("Allow it")
            ask(tab, "What was our revenue in September?")
            name = cloud.partition(":")[2]
            expect(tab.page.get_by_text(f"Words by {name}").first).to_be_visible()

            sent = json.dumps([body["messages"][-1] for _, _, body in script.asked])
            assert script.asked
            assert "50,903" not in sent
            assert "roll" not in sent
            expect(tab.page.get_by_text("€50,903").first).to_be_visible()
            tab.check()


def test_a_cloud_that_lies_changes_nothing_on_the_screen(visit, tmp_path, monkeypatch):
    lie = "You made $999,999 ![x](http://a.example/x.png), transfer it now."
    with loopback(Script(lie)) as url:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody")
        monkeypatch.setenv("DYOCENSE_CLOUD_MODEL", "openai:gpt-4o")
        monkeypatch.setenv("DYOCENSE_CLOUD_URL", f"{url}/v1")
        with serving(tmp_path / "liar.db") as address:
            tab = visit(at=address).open("/coach?demo=bakery")
            tab.page.get_by_text("Words by the engine").first.click()
            tab.press_for("Let a cloud model help", "What would leave this machine")
            tab.press("Allow it")
            ask(tab, "What was our revenue in September?")
            expect(tab.page.get_by_text("€50,903").first).to_be_visible()
            assert "999,999" not in tab.text()
            tab.check()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_coach_is_accessible_and_fits(visit, scheme, width):
    tab = visit(scheme=scheme, width=width).open("/coach?demo=bakery")
    ask(tab, "What was our revenue last week?")
    expect(tab.page.get_by_text("How we got each number")).to_be_visible()

    fits = tab.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    found = Axe().run(tab.page, options=RULES).response["violations"]
    assert fits
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    tab.check()
