"""Who words the results: the models of this installation, what the owner allows, and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from engine.facts import Facts
from engine.llm.cache import Cache, open_cache
from engine.llm.chat import ChatModel
from engine.llm.ledger import CallTotals, CloudAllowance, Ledger, MeteredModel
from engine.llm.model_pool import ModelPool, open_pool
from engine.llm.router import Policy, Route, route
from engine.narrate.narrator import Page, masked
from engine.narrate.writer import MOST_TAGS, Writer, ask_for
from engine.settings import Settings

PER_CALL = 50.0 / 1000, 15.0 / 1000
"""The often quoted cost of a query with a large cloud model and with a hybrid, US dollars: an assumption, not measured
here."""
NARRATION = 0.0
"""Wording the engine's own sentences is the simplest thing that is asked of a model, complexity 0..1."""


@dataclass(frozen=True)
class Language:
    """What all sessions of a server share.

    Attributes:
        desk: who can be asked.
        cache: wordings kept for a day.
        ledger: what it cost.
        budget: what cloud models may cost.
        cloud: the cloud model's name, or "" when none is set up.
    """

    pool: ModelPool
    cache: Cache
    ledger: Ledger
    budget: CloudAllowance
    cloud: str

    @property
    def local(self) -> str:
        """The model on this machine, or ""."""
        return self.pool.local[0].name if self.pool.local else ""

    def policy(self, workspace: str, *, cloud_allowed: bool, day: date) -> Policy:
        """What the owner allows together with what works at the moment."""
        left = self.budget.allows(self.ledger, workspace, day)
        return self.pool.policy(cloud_allowed=cloud_allowed and bool(self.cloud), private=False, budget_left=left)

    def route(self, workspace: str, *, cloud_allowed: bool, day: date) -> Route:
        """Who words a page."""
        return route(NARRATION, self.policy(workspace, cloud_allowed=cloud_allowed, day=day))

    def writer(self, workspace: str, chosen: Route) -> Writer:
        """Words pages on this route."""
        return Writer(self.pool.writer(chosen.model), chosen, self.cache, self.ledger, workspace)

    def planner(self, workspace: str) -> ChatModel | None:
        """Who may plan questions of several steps: only a cloud model does that better than rules."""
        return self._recorded(self.pool.cloud, workspace, "a plan for a question of several steps")

    def helper(self, workspace: str) -> ChatModel | None:
        """Who reads a time that rules cannot read: only a model on this machine."""
        return self._recorded(self.pool.writer("local"), workspace, "a time that rules cannot read")

    def _recorded(self, model: ChatModel | None, workspace: str, reason: str) -> ChatModel | None:
        return model and MeteredModel(model, self.ledger, workspace, "coach", reason, lambda: datetime.now(UTC))

    def spent(self, workspace: str, day: date | None = None) -> CallTotals:
        """What was worded, and what it cost: on one day or so far."""
        return self.ledger.spent(workspace=workspace, day=day)


def open_language(settings: Settings, environment: Mapping[str, str]) -> Language:
    """Everything for words; a model is only looked for on this machine, and nothing is asked yet.

    Args:
        settings: the installation's.
        environment: holds the keys of cloud models.
    """
    pool = open_pool(settings, environment)
    return Language(
        pool,
        open_cache(settings.redis_url, settings.folder / "wordings"),
        Ledger(settings.folder / "language.db"),
        CloudAllowance(settings.cloud_daily_usd),
        pool.cloud.name if pool.cloud is not None else "",
    )


def leaving(facts: Facts, page: Page) -> tuple[str, ...]:
    """Exactly what a cloud model would be sent for this page: each sentence with tags in the place of values."""
    return tuple(
        ask_for(source).messages[-1].text for source in masked(facts, page) if 0 < len(source.values) <= MOST_TAGS
    )
