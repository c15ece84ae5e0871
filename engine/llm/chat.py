"""What is asked of a language model and what it answers, whoever runs it: in time, whole, and refusals in our words."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable
from urllib.parse import urlsplit

from engine.errors import DyocenseError

REASONS = {
    400: "the question was refused",
    401: "the key was refused",
    403: "the key does not allow this",
    404: "it has no such model",
    408: "it took too long",
    413: "the question is too long",
    429: "it is asked too often",
}
PASSING = frozenset({408, 409, 425, 429})


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


Chunk = TypeVar("Chunk")


def on_this_machine(url: str) -> bool:
    """True when the URL's host is a loopback address; a name other than localhost may lead anywhere."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refusal(provider: str, status: int, headers: Mapping[str, str]) -> ModelUnavailable:
    """The status code of an HTTP error in words.

    Args:
        provider: who was asked.
        status: the HTTP status, 400 or more.
        headers: of the answer; "retry-after" is read.
    """
    reason = REASONS.get(status, "it is in trouble" if status >= 500 else "the question was refused")
    return ModelUnavailable(provider, reason, retry_after=_seconds(headers), passing=status in PASSING or status >= 500)


def before(deadline: float, chunks: Iterable[Chunk], provider: str) -> Iterator[Chunk]:
    """The chunks of an answer, as long as there is time: a server that drips one word a minute is stopped too.

    Args:
        deadline: on the clock of `time.monotonic`.
        chunks: what arrives.
        provider: who sends it.

    Raises:
        ModelUnavailable: the deadline has passed.
    """
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise ModelUnavailable(provider, "it took too long")
        yield chunk


def whole(model: ChatModel, pieces: Sequence[object], *, finished: bool, tokens: tuple[object, object]) -> Completion:
    """The answer that the pieces of a stream make; servers send what they like, so nothing of it is trusted.

    Args:
        model: who was asked.
        pieces: what should be texts.
        finished: the server said that this was all.
        tokens: what should be the numbers of tokens of question and answer; anything else counts as 0.

    Raises:
        ModelUnavailable: it broke off, could not be read, or was empty.
    """
    if not finished:
        raise ModelUnavailable(model.provider, "the answer broke off")
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if len(texts) < len(pieces):
        raise ModelUnavailable(model.provider, "the answer could not be read")
    text = "".join(texts).strip()
    if not text:
        raise ModelUnavailable(model.provider, "the answer was empty")
    tokens_in, tokens_out = tokens
    return Completion(text, model.name, model.provider, _count(tokens_in), _count(tokens_out), model.local)


def _count(number: object) -> int:
    return max(0, number) if isinstance(number, int) else 0


def _seconds(headers: Mapping[str, str]) -> float | None:
    """What `Retry-After` says: seconds, or a date."""
    header = headers.get("retry-after", "").strip()
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
