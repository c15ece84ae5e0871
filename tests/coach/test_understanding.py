"""What the Coach makes of a question before anything is calculated."""

from datetime import date

import numpy as np
import pytest

from engine.business.calendar import Period
from engine.coach.plan import TalkContext, understand
from engine.coach.understand.classifier import Classifier, Reading
from engine.coach.understand.intents import Intent
from engine.llm.chat import Completion, ModelUnavailable
from engine.llm.router import Policy
from engine.narrate.glossary import GLOSSARY, term_in

KNOWN = TalkContext(date(2026, 3, 29), ("Rye loaf", "Butter croissant"), ("Maria Lopez",))
HOME = Policy(local_works=False)


class Reader:
    """Reads every question as it is told to; clauses as the first tool that their words name."""

    def __init__(self, *ranking, complexity=0.1, clauses=()):
        self.ranking, self.complexity, self.clauses = ranking, complexity, clauses

    def read(self, query):
        rest = [(tool, 0.0) for tool in Intent if tool not in {tool for tool, _ in self.ranking}]
        return Reading((*self.ranking, *rest), self.complexity, np.zeros(384, np.float32))

    def read_all(self, queries):
        return [self.read(queries[0]), *(Reader((tool, 0.9)).read("") for tool in self.clauses)]


def test_a_clear_question_is_answered():
    made = understand("What will we sell in May?", Reader((Intent.FORECAST, 0.9), (Intent.DATA, 0.05)), HOME, KNOWN)

    assert made.way == "answer"
    assert made.steps[0].words == "What will sell: 1 May 2026 to 31 May 2026"


def test_an_unclear_question_is_asked_back_with_two_choices():
    made = understand("May?", Reader((Intent.FORECAST, 0.4), (Intent.DATA, 0.35)), HOME, KNOWN)

    assert (made.way, made.choices) == ("ask back", (Intent.FORECAST, Intent.DATA))
    assert made.chosen(Intent.DATA).steps[0].tool is Intent.DATA
    assert made.chosen(Intent.DATA).way == "answer"


def test_something_else_entirely_is_refused():
    made = understand("Tell me a joke", Reader((Intent.OTHER, 0.95)), HOME, KNOWN)

    assert (made.way, made.steps) == ("outside", ())


def test_a_word_that_names_an_item_is_never_outside():
    made = understand("croissants", Reader((Intent.OTHER, 0.95), (Intent.DATA, 0.03)), HOME, KNOWN)

    assert made.way == "ask back"
    assert Intent.OTHER not in made.choices


def test_monday_is_the_last_one_where_we_look_back_and_the_next_one_where_we_look_ahead():
    back = understand("What did we sell on Monday?", Reader((Intent.DATA, 0.9)), HOME, KNOWN).steps[0].arguments
    ahead = understand("What will we sell on Monday?", Reader((Intent.FORECAST, 0.9)), HOME, KNOWN).steps[0].arguments

    assert back.spans == (Period(date(2026, 3, 23), date(2026, 3, 23)),)
    assert ahead.spans == (Period(date(2026, 3, 30), date(2026, 3, 30)),)


def test_december_is_the_last_one_where_we_look_back_and_the_next_one_where_we_look_ahead():
    back = understand("How was December?", Reader((Intent.DATA, 0.9)), HOME, KNOWN).steps[0].arguments.spans[0]
    ahead = understand("What do we expect for February?", Reader((Intent.FORECAST, 0.9)), HOME, KNOWN)

    assert back.first == date(2025, 12, 1)
    assert ahead.steps[0].arguments.spans[0].first == date(2027, 2, 1)


def test_several_things_at_once_become_a_plan_that_is_shown_first():
    reader = Reader((Intent.FORECAST, 0.7), complexity=0.8, clauses=(Intent.FORECAST, Intent.ORDERS))
    made = understand("Forecast May and then tell me what to order", reader, HOME, KNOWN)

    assert made.way == "plan"
    assert [step.tool for step in made.steps] == [Intent.FORECAST, Intent.ORDERS]
    assert made.cut().steps == made.steps[:1]


class Planner:
    """A cloud model that notes what it is sent."""

    name, provider, local = "planner", "openai", False

    def __init__(self, text):
        self.text, self.sent = text, []

    def ask(self, ask):
        self.sent.append(ask.messages[-1].text)
        if not self.text:
            raise ModelUnavailable("openai", "it took too long")
        return Completion(self.text, self.name, self.provider, 10, 10, False)


HARD = "Forecast croissants for Maria Lopez at maria@example.com, and then order for May"


def test_a_plan_in_the_cloud_sees_neither_people_nor_items_nor_addresses():
    reader = Reader((Intent.FORECAST, 0.7), complexity=0.8, clauses=(Intent.FORECAST, Intent.ORDERS))
    planner = Planner('{"steps": ["forecast", "inventory"]}')
    question = "Forecast the Rye loaf and then order it"
    made = understand(question, reader, Policy(cloud_allowed=True), KNOWN, planner=planner)

    assert made.route.model == "cloud"
    assert made.way == "plan"
    assert planner.sent == ["Forecast the <NAME_1> and then order it"]


@pytest.mark.parametrize("question", [HARD, "Ask Maria Lopez for May and order then"])
def test_a_question_with_personal_data_is_never_sent(question):
    reader = Reader((Intent.FORECAST, 0.7), complexity=0.8, clauses=(Intent.FORECAST, Intent.ORDERS))
    planner = Planner('{"steps": ["forecast"]}')
    made = understand(question, reader, Policy(cloud_allowed=True), KNOWN, planner=planner)

    assert made.route.model == "local"
    assert planner.sent == []


@pytest.mark.parametrize("text", ["", "rm -rf /", '{"steps": ["delete everything"]}', '{"steps": []}'])
def test_a_bad_plan_from_a_model_falls_back_to_the_words(text):
    reader = Reader((Intent.FORECAST, 0.7), complexity=0.8, clauses=(Intent.FORECAST, Intent.ORDERS))
    made = understand("Forecast and then order", reader, Policy(cloud_allowed=True), KNOWN, planner=Planner(text))

    assert [step.tool for step in made.steps] == [Intent.FORECAST, Intent.ORDERS]


def test_a_time_that_rules_cannot_read_is_read_by_a_model_and_shown_first():
    helper = Planner('{"first": "2026-04-03", "last": "2026-04-06"}')
    question = "How much of the Rye loaf will we sell over Easter?"
    made = understand(question, Reader((Intent.FORECAST, 0.9)), HOME, KNOWN, helper=helper)

    assert made.way == "plan"
    assert made.steps[0].words == "What will sell: Rye loaf, 3 April 2026 to 6 April 2026"
    assert helper.sent == ["How much of the <NAME_1> will we sell over Easter?"]


NONSENSE = [
    "",
    "soon",
    "{}",
    '{"first": "2026-04-06", "last": "2026-04-03"}',
    '{"first": "1999-01-01", "last": "1999-01-02"}',
    '{"first": 3, "last": null}',
]


@pytest.mark.parametrize("text", NONSENSE)
def test_a_time_that_makes_no_sense_is_left_out(text):
    made = understand("Sales over Easter?", Reader((Intent.FORECAST, 0.9)), HOME, KNOWN, helper=Planner(text))

    assert (made.way, made.steps[0].arguments.spans) == ("answer", ())


def test_a_time_that_rules_can_read_needs_no_model():
    helper = Planner("")
    understand("How were sales before last week?", Reader((Intent.DATA, 0.9)), HOME, KNOWN, helper=helper)

    assert helper.sent == []


def test_an_endless_question_is_cut():
    assert len(understand("a" * 9999, Reader((Intent.DATA, 0.9)), HOME, KNOWN).question) == 500


def test_no_term_is_explained_with_a_number():
    assert not any(character.isdigit() for term in GLOSSARY for character in term.text)


def test_the_longest_name_wins():
    assert term_in("what is the economic order quantity?").name == "order quantity"
    assert term_in("what is a p-value").name == "significant"
    assert term_in("hello") is None


def test_the_real_classifier_is_one():
    from engine.coach.understand.classifier import classifier

    assert isinstance(classifier(), Classifier)
