"""The models that this installation has, each with its own breaker: made from the settings, asked lazily."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.llm.chat import Ask, ChatModel, Completion, ModelProxy, ModelUnavailable
from engine.llm.http_errors import on_this_machine
from engine.llm.providers.anthropic import AnthropicChat
from engine.llm.providers.ollama import OllamaChat, installed_models
from engine.llm.providers.openai import PUBLIC_URL, OpenAIChat
from engine.llm.retry import Breaker, FallbackChain, ResilientModel
from engine.llm.router import Policy
from engine.settings import Settings

KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


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
    return OpenAIChat(name, key, settings.cloud_url or PUBLIC_URL)
