"""What is asked of a language model and what it answers, whoever runs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from engine.errors import DyocenseError


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True)
class Ask:
    """One question to a model.

    Attributes:
        messages: the conversation; a system message, if any, comes first.
        max_tokens: the answer stops after so many tokens, > 0.
        temperature: 0 for the likeliest words, up to 2.
        seed: the same seed gives the same words where the provider can promise that.
        schema: JSON schema that the answer must follow; free text when None.
        seconds: the whole answer must be there after so long.
    """

    messages: tuple[Message, ...]
    max_tokens: int = 80
    temperature: float = 0.0
    seed: int = 0
    schema: Mapping[str, Any] | None = None
    seconds: float = 20.0


@dataclass(frozen=True)
class Completion:
    """What a model said.

    Attributes:
        text: the whole answer, never empty.
        model: who said it.
        provider: "ollama", "openai" (also for servers that speak its protocol) or "anthropic".
        tokens_in: tokens of the question, as the provider counts them.
        tokens_out: tokens of the answer.
        local: True when nothing left this machine.
    """

    text: str
    model: str
    provider: str
    tokens_in: int
    tokens_out: int
    local: bool = True


@runtime_checkable
class ChatModel(Protocol):
    """A language model behind any wire; each provider is one such class."""

    @property
    def name(self) -> str:
        """The model's name, as its provider spells it."""

    @property
    def provider(self) -> str:
        """Who runs it, as in `Completion.provider`."""

    @property
    def local(self) -> bool:
        """True when nothing that is asked leaves this machine."""

    def ask(self, ask: Ask) -> Completion:
        """The whole answer.

        Raises:
            ModelUnavailable: there is none; the engine's own sentences speak instead.
        """


@dataclass(frozen=True)
class ModelProxy:
    """What stands before a model and goes by its name.

    Attributes:
        model: who is asked.
    """

    model: ChatModel

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def provider(self) -> str:
        """Who runs it."""
        return self.model.provider

    @property
    def local(self) -> bool:
        """True when nothing leaves this machine."""
        return self.model.local


class ModelUnavailable(DyocenseError):
    """A language model gave no usable answer.

    The reason is one of our own sentences: what a provider writes into its errors may quote keys or questions.

    Args:
        provider: who was asked.
        reason: why, one clause.
        retry_after: seconds after which the provider wants to be asked again; None when it did not say.
        passing: False when asking again cannot help (a wrong key, a question that is too long).
    """

    def __init__(self, provider: str, reason: str, *, retry_after: float | None = None, passing: bool = True) -> None:
        super().__init__(provider, reason)
        self.provider, self.reason, self.retry_after, self.passing = provider, reason, retry_after, passing

    def __str__(self) -> str:
        return f"{self.provider} gave no answer: {self.reason}."
