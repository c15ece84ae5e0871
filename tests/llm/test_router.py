"""Who answers which question, and why."""

import numpy as np
import pytest

from engine.coach.plan import BadPlan, CalculationPlan, parse_plan, plan_by_words
from engine.coach.understand.classifier import (
    CONFIDENT,
    PACKAGED,
    Classifier,
    IntentWeights,
    classifier,
    estimate_query_complexity,
)
from engine.coach.understand.intents import Intent, supposes
from engine.coach.understand.recalibrate import OWN_QUESTIONS, read_lessons
from engine.llm.embed import (
    MiniLM,
    NoEmbedder,
    SentenceTransformer,
    SmallMiniLM,
    _read_weights,
    minilm,
    model_folder,
)
from engine.llm.router import Policy, QueryContext, Route, in_context, route

OPEN = {"cloud_allowed": True}


@pytest.mark.parametrize(
    ("complexity", "policy", "where", "reason"),
    [
        (0.9, Policy(), "local", "your data stays here"),
        (0.1, Policy(**OPEN), "local", "a simple question"),
        (0.9, Policy(**OPEN), "cloud", "a question of several steps"),
        (0.3, Policy(**OPEN), "cloud", "a question of several steps"),
        (0.9, Policy(**OPEN, private=True), "local", "this question holds personal data, which stays here"),
        (0.9, Policy(**OPEN, budget_left=False), "local", "today's budget for cloud models is used up"),
        (0.9, Policy(**OPEN, cloud_works=False), "local", "the cloud model does not answer at the moment"),
        (0.1, Policy(**OPEN, local_works=False), "cloud", "no model runs on this machine"),
    ],
)
def test_a_route_and_its_reason(complexity, policy, where, reason):
    assert route(complexity, policy) == Route(where, reason)


@pytest.mark.parametrize(
    "policy",
    [
        Policy(local_works=False),
        Policy(**OPEN, local_works=False, cloud_works=False),
        Policy(**OPEN, local_works=False, private=True),
        Policy(**OPEN, local_works=False, budget_left=False),
    ],
)
def test_where_no_model_may_answer_the_engine_speaks(policy):
    assert route(0.9, policy).model == "template"


def test_one_calculation_is_simple_and_four_are_not():
    simple = estimate_query_complexity("How many muffins will we sell tomorrow?")
    hard = estimate_query_complexity(
        "Forecast June, work out the orders for it, plan the shifts and tell me whether the ads should change."
    )

    assert 0 <= simple < 0.3 <= hard <= 1


def test_a_long_talk_makes_a_question_harder_but_only_a_little():
    assert in_context(0.2, QueryContext(turns=50)) == pytest.approx(0.3)
    assert in_context(0.99, QueryContext(turns=50, tables=9)) == 1


@pytest.mark.parametrize(
    ("query", "tool"),
    [
        ("What will muffin sales look like next weekend?", Intent.FORECAST),
        ("Do I have to reorder sugar?", Intent.ORDERS),
        ("Who works the late shift on Thursday?", Intent.ROSTER),
        ("Should more of my ad money go into radio?", Intent.BUDGET),
        ("Why did takings drop in March?", Intent.WHY),
        ("Compare this spring with last spring", Intent.COMPARE),
        ("What does lead time mean?", Intent.EXPLAIN),
        ("What was our total revenue yesterday?", Intent.DATA),
        ("Tell me a joke about bakers", Intent.OTHER),
    ],
)
def test_the_tool_of_a_plain_question(query, tool):
    assert classifier().read(query).tool is tool


def test_an_unclear_question_is_asked_back_with_two_choices():
    reading = classifier().read("croissants")

    assert reading.confidence < CONFIDENT
    assert len(reading.choices) == 2


def test_without_minilm_most_plain_questions_still_find_their_tool():
    lessons = [lesson for lesson in read_lessons(OWN_QUESTIONS) if not lesson.is_complex]
    readings = Classifier(IntentWeights.read(PACKAGED, with_meaning=False), None).read_all(
        [lesson.query for lesson in lessons]
    )
    right = [reading.tool is lesson.tools[0] for reading, lesson in zip(readings, lessons, strict=True)]

    assert np.mean(right) > 0.8


def test_minilm_gives_the_published_similarities_of_its_model_card():
    happy, very_happy, sunny = MiniLM(model_folder()).embed(
        ["That is a happy person", "That is a very happy person", "Today is a sunny day"]
    )

    assert happy @ very_happy == pytest.approx(0.943, abs=0.001)
    assert happy @ sunny == pytest.approx(0.257, abs=0.001)


def test_other_weights_are_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"something else")

    with pytest.raises(NoEmbedder, match="not the published model"):
        _read_weights(tmp_path / "model.safetensors")


def test_other_small_weights_are_refused(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"something else")

    with pytest.raises(NoEmbedder, match="not the published model"):
        SmallMiniLM(tmp_path / "model.onnx", model_folder()).embed(["bread"])


def some_questions() -> list[str]:
    return [lesson.query for lesson in read_lessons(OWN_QUESTIONS)[:100]]


def test_the_small_model_in_use_agrees_with_the_full_one():
    small, full = minilm(), MiniLM(model_folder())
    cosines = (small.embed(some_questions()) * full.embed(some_questions())).sum(axis=1)

    assert isinstance(small, SmallMiniLM)
    assert cosines.mean() >= 0.999
    assert cosines.min() >= 0.995


def test_the_small_model_sees_a_question_alike_whatever_stands_beside_it():
    alone, beside = minilm().embed(["rolls"])[0], minilm().embed(["rolls", "a much longer question about bread"])[0]

    assert (alone == beside).all()


def test_the_full_model_agrees_with_sentence_transformers_where_that_is_installed():
    pytest.importorskip("sentence_transformers", reason="the extra `semantic` is not installed")
    full, torch = MiniLM(model_folder()), SentenceTransformer(model_folder())
    cosines = (full.embed(some_questions()) * torch.embed(some_questions())).sum(axis=1)

    assert cosines.min() >= 0.999


def test_a_what_if_is_seen():
    assert supposes("What if we raised prices by 5%?")
    assert not supposes("Which prices rose?")


def test_two_ends_of_a_stretch_of_time_are_no_two_steps():
    assert plan_by_words("How much did we sell between 1 May and 31 May 2026?", classifier()).steps == (Intent.DATA,)


def test_a_plan_follows_the_clauses_of_the_question():
    plan = plan_by_words("Forecast next month and plan the shifts for it", classifier())

    assert plan.steps[:2] == (Intent.FORECAST, Intent.ROSTER)


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        '{"steps": []}',
        '{"steps": ["forecast", "forecast"]}',
        '{"steps": ["delete"]}',
        '{"steps": ["other"]}',
        '{"steps": ["forecast", "inventory", "schedule", "budget", "why", "compare"]}',
        '{"steps": "x"}',
        "[]",
    ],
)
def test_a_models_plan_that_may_not_run_is_refused(text):
    with pytest.raises(BadPlan):
        parse_plan(text)


def test_a_models_valid_plan_is_taken():
    assert parse_plan('{"steps": ["forecast", "inventory"]}') == CalculationPlan((Intent.FORECAST, Intent.ORDERS))
