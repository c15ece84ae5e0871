"""The official clients against a real, small model on this machine: wiring and safety, not quality."""

import json
import os
from importlib.util import find_spec

import pytest

from engine.llm import tiny
from engine.llm.chat import Ask, Message, ModelUnavailable
from engine.llm.providers import AnthropicChat, OllamaChat, OpenAIChat, installed_models
from engine.narrate import narrate, unsupported_numbers
from engine.narrate.narrator import masked
from engine.narrate.writer import narration, reword
from tests.llm.ollama_standin import standin
from tests.llm.shop_facts import shop_facts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("xllamacpp") is None or find_spec(tiny.PACKAGE) is None,
        reason="the small local model is not installed: make local-llm",
    ),
]
HELLO = Ask((Message("user", "Say hello to the baker."),), max_tokens=8, seconds=120)
FRUIT = {
    "type": "object",
    "properties": {"fruit": {"type": "string", "enum": ["apple", "pear"]}},
    "required": ["fruit"],
}


@pytest.fixture(scope="module")
def llama():
    server = tiny.start()  # it ends with the last reference to it
    yield server.listening_address


@pytest.fixture
def models(llama):
    with standin(llama, tiny.NAME) as ollama:
        yield {
            "openai": OpenAIChat(tiny.NAME, url=f"{llama}/v1"),
            "anthropic": AnthropicChat(tiny.NAME, url=llama),
            "ollama": OllamaChat(tiny.NAME, ollama),
        }


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
def test_each_official_client_gets_an_answer_with_its_tokens(models, provider):
    answer = models[provider].ask(HELLO)

    assert answer.text
    assert answer.local
    assert answer.tokens_in > 5
    assert 0 < answer.tokens_out <= 8


@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_a_schema_is_kept(models, provider):
    ask = Ask((Message("user", "Give a fruit as JSON."),), max_tokens=40, schema=FRUIT, seconds=120)

    assert set(json.loads(models[provider].ask(ask).text)) == {"fruit"}


def test_the_ollama_standin_lists_its_model_and_refuses_others(models):
    url = models["ollama"].url

    assert installed_models(url) == (f"{tiny.NAME}:latest",)
    with pytest.raises(ModelUnavailable, match="no such model"):
        OllamaChat("llama3", url).ask(HELLO)


def test_whatever_the_model_says_only_the_shops_numbers_are_shown(models):
    facts = shop_facts()
    results = list(reword(masked(facts, "orders"), facts, models["openai"], seconds=120))
    told = narration(results, facts, tiny.NAME)

    assert told.checked
    assert len(told.sentences) == len(narrate(facts, "orders").sentences)
    assert unsupported_numbers(told.text, facts) == []


@pytest.mark.skipif("DYOCENSE_OLLAMA_URL" not in os.environ, reason="no Ollama daemon: set DYOCENSE_OLLAMA_URL")
def test_a_real_ollama_daemon_answers():
    url = os.environ["DYOCENSE_OLLAMA_URL"]
    name = installed_models(url)[0]

    assert OllamaChat(name, url).ask(HELLO).text
