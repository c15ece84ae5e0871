"""The models that this installation has, and how long each is insisted on before it is left alone for a while."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.llm.chat import Ask, ChatModel, Completion, ModelProxy, ModelUnavailable, on_this_machine
from engine.llm.providers import OPENAI_URL, AnthropicChat, OllamaChat, OpenAIChat, installed_models
from engine.llm.router import Policy
from engine.settings import Settings

Clock = Callable[[], float]

KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


@dataclass(frozen=True)
class Patience:
    """How long to insist.

    Attributes:
        attempts: how often one question is asked, >= 1.
        first_wait: seconds before the second attempt; doubled before each further one.
        longest_wait: a provider that wants more time than this is given up for this question, seconds.
    """

    attempts: int = 3
    first_wait: float = 0.5
    longest_wait: float = 4.0


class Breaker:
    """Stops asking a provider that keeps failing.

    It opens after `failures` failures in a row, refuses everything for `cooldown` seconds, then lets one question
    through per `cooldown`: an answer closes it.

    Args:
        failures: in a row, >= 1.
        cooldown: seconds.
        clock: seconds that only go forward.
    """

    def __init__(self, failures: int = 3, cooldown: float = 30.0, clock: Clock = time.monotonic) -> None:
        self._most, self._cooldown, self._clock = failures, cooldown, clock
        self._failed, self._closed_from = 0, 0.0
        self._lock = threading.Lock()

    @property
    def open(self) -> bool:
        """True while nothing is asked."""
        return self._failed >= self._most and self._clock() < self._closed_from

    def admit(self) -> bool:
        """True when a question may be asked now; after the cooldown that holds for one question."""
        with self._lock:
            if self._failed < self._most:
                return True
            if self._clock() < self._closed_from:
                return False
            self._closed_from = self._clock() + self._cooldown
            return True

    def succeeded(self) -> None:
        """An answer came."""
        with self._lock:
            self._failed = 0

    def failed(self, retry_after: float | None = None) -> None:
        """No answer came.

        Args:
            retry_after: seconds for which the provider wants to be left alone; then it is, at once.
        """
        with self._lock:
            self._failed = self._most if retry_after else self._failed + 1
            self._closed_from = self._clock() + (retry_after or self._cooldown)


@dataclass(frozen=True)
class ResilientModel(ModelProxy):
    """A model with patience and a breaker; every attempt counts for the breaker, also those inside a fallback chain.

    Attributes:
        model: who is asked.
        breaker: shared by all that ask this provider.
        patience: how long to insist.
        sleep: waits so many seconds.
    """

    breaker: Breaker = field(default_factory=Breaker)
    patience: Patience = Patience()
    sleep: Callable[[float], None] = time.sleep

    def ask(self, ask: Ask) -> Completion:
        """The answer of the first attempt that gives one; all attempts together keep to the question's time.

        Raises:
            ModelUnavailable: no attempt did, or the breaker is open.
        """
        until = time.monotonic() + ask.seconds
        for attempt in range(self.patience.attempts):
            if not self.breaker.admit():
                raise ModelUnavailable(self.provider, "it failed often and is left alone for a while")
            try:
                answer = self.model.ask(replace(ask, seconds=max(0.1, until - time.monotonic())))
            except ModelUnavailable as error:
                wait = self._wait(error, attempt)
                too_long = wait > self.patience.longest_wait or time.monotonic() + wait >= until
                self.breaker.failed(error.retry_after if too_long else None)
                if not error.passing or too_long or attempt + 1 == self.patience.attempts:
                    raise
                self.sleep(wait)
            else:
                self.breaker.succeeded()
                return answer
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, error: ModelUnavailable, attempt: int) -> float:
        return self.patience.first_wait * 2.0**attempt if error.retry_after is None else error.retry_after


@dataclass(frozen=True)
class FallbackChain:
    """Several models, asked one after the other until one answers.

    Attributes:
        models: at least one, the preferred first.

    Raises:
        ValueError: there is none.
    """

    models: Sequence[ChatModel]

    def __post_init__(self) -> None:
        if not self.models:
            raise ValueError("a chain needs a model")

    @property
    def name(self) -> str:
        """The preferred model's name."""
        return self.models[0].name

    @property
    def provider(self) -> str:
        """Who runs the preferred model."""
        return self.models[0].provider

    @property
    def local(self) -> bool:
        """True when nothing leaves this machine, whichever of them answers."""
        return all(model.local for model in self.models)

    def ask(self, ask: Ask) -> Completion:
        """The first answer.

        Raises:
            ModelUnavailable: nobody answered; the last one's reason.
        """
        for model in self.models[:-1]:
            try:
                return model.ask(ask)
            except ModelUnavailable:
                continue
        return self.models[-1].ask(ask)


@dataclass(frozen=True)
class LocalOnly(ModelProxy):
    """A model that is asked only when it runs on this machine, whatever the settings say.

    Attributes:
        model: who is asked.
    """

    def ask(self, ask: Ask) -> Completion:
        """The model's answer.

        Raises:
            ModelUnavailable: it does not run here, or gave no answer.
        """
        if not self.local:
            raise ModelUnavailable(self.provider, "it is not on this machine, and nothing may leave it", passing=False)
        return self.model.ask(ask)


@dataclass(frozen=True)
class ModelPool:
    """Who can be asked.

    Attributes:
        local: models on this machine, the preferred first; none when there is none.
        cloud: the cloud model, or None; it is asked only where `Policy.cloud_allowed`.
    """

    local: tuple[ResilientModel, ...] = ()
    cloud: ResilientModel | None = None

    def policy(self, *, cloud_allowed: bool, private: bool, budget_left: bool) -> Policy:
        """What the owner allows together with what works at the moment.

        Args:
            cloud_allowed: whether the owner allowed cloud models.
            private: whether this question may not leave the machine.
            budget_left: whether the day's money is not used up.
        """
        return Policy(
            cloud_allowed=cloud_allowed,
            private=private,
            budget_left=budget_left,
            local_works=any(not model.breaker.open for model in self.local),
            cloud_works=self.cloud is not None and not self.cloud.breaker.open,
        )

    def writer(self, where: str) -> ChatModel | None:
        """Who answers on this route: "local", "cloud" (with the local models behind it), or "template" (nobody)."""
        if where == "cloud" and self.cloud is not None:
            return FallbackChain((self.cloud, *self.local))
        if where == "local" and self.local:
            return FallbackChain(self.local)
        return None


def open_pool(settings: Settings, environment: Mapping[str, str]) -> ModelPool:
    """The models that the settings name, and those of an Ollama daemon when one answers.

    Args:
        settings: the installation's.
        environment: holds the keys.
    """
    local: list[ChatModel] = []
    if settings.local_url:
        local.append(OpenAIChat(settings.local_model, url=settings.local_url))
    if on_this_machine(settings.ollama_url):
        models = installed_models(settings.ollama_url)
        name = settings.ollama_model or (models[0] if models else "")
        local += [OllamaChat(name, settings.ollama_url)] if models and name else []
    steady = tuple(ResilientModel(LocalOnly(model), Breaker()) for model in local)
    cloud = _cloud(settings, environment)
    return ModelPool(steady, None if cloud is None else ResilientModel(cloud, Breaker()))


def _cloud(settings: Settings, environment: Mapping[str, str]) -> ChatModel | None:
    provider, _, name = settings.cloud_model.partition(":")
    key = environment.get(KEYS.get(provider, ""), "")
    if not name or not key:
        return None
    if provider == "anthropic":
        return AnthropicChat(name, key, settings.cloud_url) if settings.cloud_url else AnthropicChat(name, key)
    return OpenAIChat(name, key, settings.cloud_url or OPENAI_URL)
