"""Thirteen ways in which language models, caches and disks fail: the page narrates all the same."""

import logging
import time
from datetime import UTC, datetime

import pytest

from engine.llm.cache import DiskCache, RedisCache
from engine.llm.chat import Ask, Message, ModelUnavailable, whole
from engine.llm.ledger import Ledger
from engine.llm.model_pool import Breaker, FallbackChain, Patience, ResilientModel
from engine.llm.providers import AnthropicChat, OllamaChat, OpenAIChat
from engine.llm.router import Route
from engine.narrate import narrate
from engine.narrate.writer import Writer
from tests.llm.loopback import Script, server
from tests.llm.shop_facts import honest, shop_facts

NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
HASTY = Patience(attempts=2, first_wait=0.01, longest_wait=0.05)
KEY = "sk-secret-of-the-shop"

FAULTS = {
    "refused": None,
    "timeout": Script(fault="slow first token", seconds=1.5),
    "429": Script(status=429, headers={"Retry-After": "30"}),
    "500": Script(status=500),
    "stream cut": Script("Today", fault="stream cut"),
    "bad json": Script(honest, fault="bad json"),
    "wrong schema": Script(honest, fault="wrong schema"),
    "context overrun": Script(status=413),
    "empty": Script("  "),
    "no text": Script(5),
    "slow first token": Script(honest, fault="drips", seconds=0.6),
}
PROVIDERS = {
    "openai": lambda url: OpenAIChat("gpt-4o", KEY, f"{url}/v1"),
    "anthropic": lambda url: AnthropicChat("claude-tiny", KEY, url),
    "ollama": lambda url: OllamaChat("tiny", url),
}


def written(model, tmp_path, *, cache=None, ledger=None, seconds=5.0):
    writer = Writer(
        model,
        Route("local", "your data stays here"),
        cache or DiskCache(tmp_path / "cache"),
        ledger or Ledger(),
        seconds=0.4,
    )
    return list(writer.write(shop_facts(), "orders", now=NOW))


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_a_model_does_the_engines_sentences_are_there(provider, fault, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    script = FAULTS[fault]
    plain = list(narrate(shop_facts(), "orders").sentences)

    if script is None:
        sentences = written(
            ResilientModel(PROVIDERS[provider]("http://127.0.0.1:9"), patience=HASTY), tmp_path, seconds=0.4
        )
    else:
        with server(script) as url:
            sentences = written(ResilientModel(PROVIDERS[provider](url), patience=HASTY), tmp_path, seconds=0.4)

    assert sentences == plain
    assert KEY not in caplog.text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_healthy_model_rewords_what_it_can(provider, tmp_path):
    with server(Script(honest)) as url:
        sentences = written(PROVIDERS[provider](url), tmp_path)

    assert sentences[0].text == "Today there are 12 items to order, from 3 suppliers."
    assert sentences[1].text == "It costs €1,250 to buy them."


def test_with_redis_down_the_model_still_words_the_page(tmp_path):
    with server(Script(honest)) as url:
        sentences = written(OpenAIChat("m", url=f"{url}/v1"), tmp_path, cache=RedisCache("redis://127.0.0.1:9/0"))

    assert sentences[1].text == "It costs €1,250 to buy them."


def test_with_the_database_down_the_model_still_words_the_page_and_the_cost_is_remembered(tmp_path):
    (tmp_path / "ledger.db").mkdir()
    ledger = Ledger(tmp_path / "ledger.db")
    with server(Script(honest)) as url:
        sentences = written(OpenAIChat("gpt-4o", url=f"{url}/v1"), tmp_path, ledger=ledger)

    assert sentences[1].text == "It costs €1,250 to buy them."
    assert ledger.spent().calls == 1


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [401, 429, 500])
def test_an_error_never_quotes_the_key_or_the_provider(provider, status):
    with server(Script(status=status)) as url, pytest.raises(ModelUnavailable) as caught:
        PROVIDERS[provider](url).ask(question())

    assert "sk-" not in f"{caught.value!r} {caught.value} {caught.value.__cause__} {PROVIDERS[provider](url)!r}"
    assert caught.value.__suppress_context__


def test_a_provider_that_wants_a_moment_gets_it():
    waited = []
    with server(Script(honest, status=429, headers={"Retry-After": "2"}, failures=1)) as url:
        steady = ResilientModel(OpenAIChat("m", url=f"{url}/v1"), sleep=waited.append)
        assert steady.ask(question()).text == "Hello"

    assert waited == [2.0]


def test_a_provider_that_wants_an_hour_is_left_alone_for_an_hour():
    now = [0.0]
    breaker = Breaker(clock=lambda: now[0])
    with server(Script(honest, status=429, headers={"Retry-After": "3600"}, failures=1)) as url:
        steady = ResilientModel(OpenAIChat("m", url=f"{url}/v1"), breaker)
        with pytest.raises(ModelUnavailable, match="asked too often"):
            steady.ask(question())
        now[0] = 3599.0
        assert breaker.open
        now[0] = 3601.0
        assert steady.ask(question()).text == "Hello"
        assert not breaker.open


def test_the_breaker_opens_for_failures_inside_a_fallback_chain():
    broken, healthy = Script(status=500), Script(honest)
    with server(broken) as bad, server(healthy) as good:
        first = ResilientModel(OpenAIChat("a", url=f"{bad}/v1"), Breaker(failures=3), Patience(attempts=1))
        chain = FallbackChain((first, OpenAIChat("b", url=f"{good}/v1")))
        answers = [chain.ask(question()).model for _ in range(5)]

    assert answers == ["b"] * 5
    assert first.breaker.open
    assert len(broken.asked) == 3


def test_after_the_cooldown_one_question_is_let_through():
    now = [0.0]
    breaker = Breaker(failures=1, cooldown=30, clock=lambda: now[0])
    breaker.failed()
    now[0] = 31.0

    assert [breaker.admit(), breaker.admit()] == [True, False]
    breaker.succeeded()
    assert breaker.admit()


def test_a_question_that_was_let_through_and_given_up_does_not_keep_the_next_one_out():
    now = [0.0]
    breaker = Breaker(failures=1, cooldown=30, clock=lambda: now[0])
    breaker.failed()
    now[0] = 31.0
    assert breaker.admit()

    now[0] = 62.0
    assert breaker.admit()


@pytest.mark.parametrize("tokens", [(None, None), ("many", -3), (1.5, [])])
def test_tokens_that_are_no_numbers_count_as_none(tokens):
    answer = whole(OpenAIChat("m"), ["Hel", "lo"], finished=True, tokens=tokens)

    assert (answer.text, answer.tokens_in, answer.tokens_out) == ("Hello", 0, 0)


def test_a_wrong_key_is_not_tried_again():
    script = Script(status=401)
    with server(script) as url, pytest.raises(ModelUnavailable, match="key was refused"):
        ResilientModel(OpenAIChat("m", KEY, f"{url}/v1"), patience=Patience(attempts=3, first_wait=0.01)).ask(
            question()
        )

    assert len(script.asked) == 1


def test_ollama_is_told_the_size_of_the_context_and_a_cut_question_is_no_answer():
    script = Script(honest)
    with server(script) as url:
        assert OllamaChat("tiny", url, context=512).ask(question()).tokens_in == 50
        with pytest.raises(ModelUnavailable, match="too long"):
            OllamaChat("tiny", url, context=100).ask(question())

    assert [body["options"]["num_ctx"] for _, _, body in script.asked] == [512, 100]


def test_a_server_that_drips_is_stopped_at_the_deadline():
    began = time.monotonic()
    with server(Script(honest, fault="drips", seconds=0.4)) as url, pytest.raises(ModelUnavailable, match="too long"):
        OpenAIChat("m", url=f"{url}/v1").ask(question(seconds=0.5))

    assert time.monotonic() - began < 2.5


def question(seconds=5.0):
    return Ask((Message("user", "Hello"),), seconds=seconds)
