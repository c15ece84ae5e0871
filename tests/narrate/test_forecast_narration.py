"""What the narrator says about a bakery's forecast, in full, so that a reader can judge the words."""

import math
from datetime import date

import pytest

from engine.facts import Facts
from engine.narrate import narrate, unsupported_numbers
from engine.narrate.pages import FORECAST
from engine.narrate.sentences import SentenceTemplate
from tests.narrate.forecast_facts import forecast_facts

TEMPLATES = [template for alternatives in FORECAST for template in alternatives]


def said(**changes):
    narration = narrate(forecast_facts(**changes), "forecast")
    assert narration.checked
    return narration.text


def test_a_full_forecast_reads_in_seven_sentences():
    narration = narrate(forecast_facts(), "forecast")

    assert [sentence.text for sentence in narration.sentences] == [
        "Units sold, all items: we expect 4,500 units over the next 28 days, from 12 May 2026 to 8 June 2026; the "
        "80% band around that total runs from 4,120 to 4,890 units.",
        "Per open day, that is 8.2% more than in the 28 days just before.",
        "Against the same time last year, it is up 3.4%.",
        "An open day should bring 188 units on average, and the busiest, 16 May 2026, 244 units.",
        "For 12 May 2026 we expect 172 units; the 80% band around it runs from 140 to 204 units.",
        "How far to trust this: of 112 past days that we held back, the 80% band held 81%.",
        "On past days the forecast was typically off by 11.6%, and simply repeating the same weekday of the week "
        "before by 14.3%: our error is 18.9% smaller.",
    ]
    assert (narration.written_by, narration.checked) == ("template", True)
    assert narration.text.startswith("Units sold, all items: we expect 4,500 units")


def test_a_forecast_of_weekly_revenue_reads_in_weeks_and_euros():
    text = said(
        metric=("Revenue", ""),
        item=("Baguette 250 g", ""),
        horizon=(12, "weeks"),
        total_ahead=(4499.7, "EUR"),
        per_period_ahead=(374.98, "EUR"),
        peak_value=(512.2, "EUR"),
        next_value=(371.6, "EUR"),
        next_lower=(340.2, "EUR"),
        next_upper=(403.9, "EUR"),
        checked_points=(52, "weeks"),
        simple_rule=("repeating the same week of the year before", ""),
    )

    assert "Revenue, Baguette 250 g: we expect €4,500 over the next 12 weeks" in text
    assert "Per week, that is 8.2% more than in the 12 weeks just before." in text
    assert "A week should bring €375 on average, and the busiest, which starts on 16 May 2026, €512." in text
    assert "For the week that starts on 12 May 2026 we expect €372" in text
    assert "from €340 to €404" in text
    assert "of 52 past weeks that we held back" in text
    assert "repeating the same week of the year before by 14.3%" in text


def test_with_only_the_total_one_sentence_is_left():
    facts = Facts((forecast_facts()["total_ahead"],))

    assert narrate(facts, "forecast").text == "We expect 4,500 units in total over the time ahead."


def test_without_facts_nothing_is_said():
    assert narrate(Facts(()), "forecast").sentences == ()


def test_a_fall_is_said_as_a_fall():
    text = said(change_on_recent=(-5.4, "%"), change_on_year=(-12.0, "%"))

    assert "Per open day, that is 5.4% less than in the 28 days just before." in text
    assert "it is down 12%." in text


@pytest.mark.parametrize("change", [0.0, 0.3, -0.3])
def test_a_change_too_small_to_speak_of_stays_level(change):
    text = said(change_on_recent=(change, "%"), change_on_year=(change, "%"))

    assert "Per open day, that is about the same as in the 28 days just before." in text
    assert "Against the same time last year, it stays level." in text


@pytest.mark.parametrize("gain", [0.0, -6.5])
def test_when_nothing_beats_the_simple_rule_it_is_said_frankly(gain):
    text = said(gain_on_naive=(gain, "%"))

    assert text.endswith(
        "Frankly, this forecast does not beat simply repeating the same weekday of the week before, which is off by "
        "14.3%: plan with care."
    )
    assert "smaller" not in text


def test_a_forecast_of_one_day_names_that_day_and_no_busiest_one():
    text = said(horizon=(1, "days"), last_period=(date(2026, 5, 12), ""), total_ahead=(171.6, "units"))

    assert text.startswith("Units sold, all items: we expect 172 units for 12 May 2026. That is 8.2% more than")
    assert "busiest" not in text


def test_an_item_whose_name_is_a_number_keeps_its_sentence():
    assert said(item=("1001", "")).startswith("Units sold, 1001: we expect 4,500 units")


def test_a_band_without_width_is_not_called_a_band():
    text = said(next_value=(0.0, "units"), next_lower=(0.0, "units"), next_upper=(0.0, "units"))

    assert "For 12 May 2026 we expect 0 units. " in text


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_number_leaves_its_sentence_out(value):
    assert "more than in the" not in said(change_on_recent=(value, "%"))


@pytest.mark.parametrize("missing", sorted(fact.name for fact in forecast_facts()))
def test_any_fact_may_be_missing(missing):
    narration = narrate(forecast_facts(**{missing: None}), "forecast")

    assert narration.checked
    assert len(narration.sentences) >= 5
    assert all(missing not in sentence.facts for sentence in narration.sentences)


def test_each_sentence_names_the_facts_that_it_rests_on():
    narration = narrate(forecast_facts(change_on_recent=(0.0, "%")), "forecast")

    assert narration.sentences[1].facts == ("horizon", "change_on_recent")
    assert set(narration.sentences[4].facts) == {
        "next_period",
        "next_value",
        "band_level",
        "next_lower",
        "next_upper",
        "horizon",
    }


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.text[:60])
def test_the_words_of_a_template_bring_no_number(template):
    assert not any(character.isdigit() for character in template.words)
    assert unsupported_numbers(template.words, Facts(())) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.text[:60])
def test_a_template_speaks_only_of_facts_that_a_forecast_has(template):
    assert all(name in forecast_facts() for name in template.needs)
    assert {manner for _, manner in template.slots} <= {"", "size", "bare"}


def test_no_word_is_for_statisticians_only():
    jargon = {"mase", "smape", "ensemble", "quantile", "naive", "backtest", "residual", "horizon"}

    assert [
        word for template in TEMPLATES for word in template.words.lower().split() if word.strip(".,:") in jargon
    ] == []


def test_a_template_with_a_wrong_direction_word_never_gets_through():
    facts = forecast_facts(change_on_recent=(-5.4, "%"))
    wrong = SentenceTemplate("The total is {change_on_recent:size} more than before.").fill(facts)

    assert unsupported_numbers(wrong.text, facts) == [5.4]
