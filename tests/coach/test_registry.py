"""Every question that the Coach can be asked has one tool, which registers itself."""

import pytest

from engine.coach.registry import Step, name_of, registered
from engine.coach.understand.entities import Arguments
from engine.coach.understand.intents import Intent

ANSWERED = [intent for intent in Intent if intent is not Intent.OTHER]


def test_every_intent_but_other_has_exactly_one_tool():
    assert set(registered()) == set(ANSWERED)
    assert all(tool.intent is intent for intent, tool in registered().items())


@pytest.mark.parametrize("intent", ANSWERED)
def test_each_tool_has_a_name_for_the_owner_of_its_own(intent):
    name = name_of(intent)

    assert name[0].isupper() and name == name.strip()
    assert [other for other in ANSWERED if name_of(other) == name] == [intent]
    assert Step(intent, Arguments()).words == name


@pytest.mark.parametrize("intent", ANSWERED)
def test_each_tool_says_what_it_calculates(intent):
    assert registered()[intent].calculate.__doc__


def test_what_no_tool_answers_is_something_else():
    assert name_of(Intent.OTHER) == "Something else"
