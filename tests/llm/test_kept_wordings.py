"""A wording is found again for the same question on the same data, and for nothing else."""

import shutil
import socket
import subprocess
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

import pytest

from engine.coach.plan import plan_with
from engine.coach.understand.classifier import classifier
from engine.coach.understand.intents import Intent
from engine.llm.cache import DAY_SECONDS, DiskCache, Key, RedisCache, open_cache
from engine.llm.chat import Completion
from engine.llm.ledger import REFERENCE, CloudAllowance, Entry, Ledger, MeteredModel, cost_of, price
from engine.llm.providers import OpenAIChat
from engine.llm.router import Route
from engine.narrate.writer import PROMPT_VERSION, Writer, fingerprint
from tests.llm.loopback import Script, server
from tests.llm.shop_facts import honest, shop_facts

NOW = datetime(2026, 5, 12, 9, 0, tzinfo=UTC)
MAY = Key("shop", "orders", "facts-1", "3", "tiny", {"from": "2026-05-01", "item": "Oat milk"})


class Careful:
    """A model that rewords honestly and counts how often it is asked."""

    name, provider, local = "careful", "test", True

    def __init__(self):
        self.asked = 0

    def ask(self, ask):
        self.asked += 1
        return Completion(honest(ask.messages[-1].text), self.name, self.provider, 100, 10)


def writer(model, folder, ledger=None, workspace="shop"):
    return Writer(model, Route("local", "a simple question"), DiskCache(folder), ledger or Ledger(), workspace)


def near_twins():
    """Keys that a likeness of texts would take for the same."""
    for month in range(1, 13):
        for item in ("Oat milk", "Oat milk 1 l", "Almond milk", "oat milk", "Oat  milk", "Milk", "Oats"):
            yield replace(MAY, arguments={"from": f"2026-{month:02}-01", "item": item})
    yield from (
        replace(MAY, workspace="other shop"),
        replace(MAY, tool="forecast"),
        replace(MAY, data="facts-2"),
        replace(MAY, prompt="4"),
        replace(MAY, model="large"),
        replace(MAY, tone="warm"),
        replace(MAY, locale="de"),
    )


def test_of_90_near_twins_none_is_taken_for_another(tmp_path):
    cache = DiskCache(tmp_path)
    twins = list(near_twins())
    for number, key in enumerate(twins):
        cache.put(key, f"answer {number}")

    assert len(twins) >= 75
    assert [cache.get(key) for key in twins] == [f"answer {number}" for number in range(len(twins))]


def test_the_order_of_arguments_does_not_matter():
    assert MAY.digest == replace(MAY, arguments={"item": "Oat milk", "from": "2026-05-01"}).digest


def test_a_day_of_reloads_asks_the_model_once_per_change_of_the_data(tmp_path):
    model, ledger = Careful(), Ledger()
    prices = [1250.0, 1250.0, 1300.0, 1300.0, 1250.0, 1250.0]
    shown = []
    for spend in prices:
        sentences = list(writer(model, tmp_path, ledger).write(shop_facts(spend=(spend, "EUR")), "orders", now=NOW))
        shown.append(sentences[1].text)

    assert shown == [f"It costs €{spend:,.0f} to buy them." for spend in prices]
    entries = ledger.entries()
    assert [entry.cached for entry in entries] == [False, True, False, True, True, True]
    assert all(entry.tokens_in > 0 for entry in entries)


def test_a_wording_that_somebody_put_into_the_cache_is_checked_again(tmp_path):
    model = Careful()
    facts = shop_facts()
    key = Key("shop", "narrate:orders", fingerprint(facts), PROMPT_VERSION, "careful")
    DiskCache(tmp_path).put(key, '{"texts": ["Transfer 999 now.", "", "", ""], "tokens": [1, 1]}')

    texts = [each.text for each in writer(model, tmp_path).write(facts, "orders", now=NOW)]

    assert not any("999" in text for text in texts)
    assert model.asked > 0


def test_a_text_is_gone_after_its_time(tmp_path):
    cache = DiskCache(tmp_path, seconds=0.05)
    cache.put(MAY, "kept")
    assert cache.get(MAY) == "kept"
    time.sleep(0.1)

    assert cache.get(MAY) is None


@pytest.fixture
def redis_url(tmp_path):
    """A real Redis server."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        for _ in count():
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


def test_real_redis_keeps_a_text_for_a_day(redis_url):
    import redis

    cache = open_cache(redis_url, None)
    cache.put(MAY, "kept")
    with redis.Redis.from_url(redis_url) as direct:
        left = direct.ttl(f"dyocense:wording:{MAY.digest}")
        assert DAY_SECONDS - 60 < left <= DAY_SECONDS
        direct.expire(f"dyocense:wording:{MAY.digest}", 0)

    assert isinstance(cache, RedisCache)
    assert cache.get(MAY) is None
    cache.close()


def test_the_ledger_counts_to_the_cent_and_remembers_after_a_restart(tmp_path):
    ledger = Ledger(tmp_path / "ledger.db")
    answer = Completion("Hello", "gpt-4o", "openai", 800, 150, local=False)
    for cached in (False, False, True):
        cost = 0.0 if cached else cost_of(answer, NOW)
        ledger.record(
            Entry(NOW, "shop", "orders", "gpt-4o", "openai", cached, "several steps", 800, 150, cost, 1.0, cached)
        )

    spent = Ledger(tmp_path / "ledger.db").spent(workspace="shop", day=date(2026, 5, 12))

    # 800 tokens at $2.50 and 150 at $10 per million: $0.0035.
    assert spent.cost == pytest.approx(2 * 0.0035)
    assert spent.all_cloud == pytest.approx(3 * 0.0035)
    assert (spent.calls, spent.local_share, spent.cached_share) == (3, pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert ledger.spent(workspace="another").calls == 0


def test_the_ledger_finds_the_entries_of_a_day_a_page_and_a_workspace(tmp_path):
    for ledger in (Ledger(tmp_path / "ledger.db"), Ledger()):
        for day, page, workspace in ((11, "orders", "shop"), (12, "orders", "shop"), (12, "coach", "cafe")):
            at = datetime(2026, 5, day, 23, 59, tzinfo=UTC)
            ledger.record(Entry(at, workspace, page, "gpt-4o", "openai", False, "", cost=1.0))

        assert ledger.spent(day=date(2026, 5, 12)).calls == 2
        assert ledger.spent(day=date(2026, 5, 12), workspace="shop").calls == 1
        assert ledger.spent(page="orders").calls == 2
        assert ledger.spent(page="coach", workspace="shop").calls == 0


def test_a_plan_by_a_cloud_model_is_paid_from_the_days_budget():
    ledger = Ledger()
    with server(Script('{"steps": ["forecast", "inventory"]}')) as url:
        cloud = MeteredModel(
            OpenAIChat("gpt-4o", url=f"{url}/v1"), ledger, "shop", "coach", "a plan for several steps", lambda: NOW
        )
        plan = plan_with(cloud, "Forecast June and order for it", classifier())

    assert plan.steps == (Intent.FORECAST, Intent.ORDERS)
    (entry,) = ledger.entries(workspace="shop", page="coach", day=NOW.date())
    assert (entry.reason, entry.tokens_in, entry.tokens_out) == ("a plan for several steps", 50, 10)


def test_a_model_of_this_machine_costs_nothing_and_an_unknown_one_counts_as_the_reference():
    assert cost_of(Completion("Hello", "gpt-4o", "openai", 800, 150, local=True), NOW) == 0
    unknown = Completion("Hello", "model-of-the-year", "openai", 800, 150, local=False)
    assert cost_of(unknown, NOW) == price(REFERENCE, 800, 150, NOW)


def test_the_budget_of_a_day_ends_with_the_call_that_uses_it_up():
    ledger, budget = Ledger(), CloudAllowance(daily=0.01)
    calls = 0
    while budget.allows(ledger, "shop", NOW.date()):
        ledger.record(Entry(NOW, "shop", "orders", "gpt-4o", "openai", False, "", 800, 150, 0.0035))
        calls += 1

    assert calls == 3
    assert budget.allows(ledger, "shop", date(2026, 5, 13))
    assert budget.allows(ledger, "another shop", NOW.date())
    assert not CloudAllowance().allows(ledger, "another shop", NOW.date())
