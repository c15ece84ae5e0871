"""What every provider needs on the wire: hosts, official clients, deadlines, whole answers, errors in our words."""

import json
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from ipaddress import ip_address
from types import ModuleType
from typing import Any, TypeVar
from urllib.parse import urlsplit

from engine.llm.chat import ChatModel, Completion, ModelUnavailable

Chunk = TypeVar("Chunk")

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


@dataclass(frozen=True)
class OfficialLibrary:
    """What the client of a provider's own making is called.

    Attributes:
        module: its module.
        client: makes a client.
        failure: the parent of its own errors.
    """

    module: ModuleType
    client: Callable[..., Any]
    failure: type[Exception]


@dataclass(frozen=True)
class OfficialChat(ABC):
    """A model behind a client of the provider's own making.

    Attributes:
        name: the model.
        key: the API key; servers on this machine need none.
        url: where the protocol is spoken.
        provider: the name in messages, prices and the breaker.
    """

    name: str
    key: str = field(default="", repr=False)
    url: str = ""
    provider: str = ""

    @abstractmethod
    def _library(self) -> OfficialLibrary:
        """The client's library, imported when it is first needed."""

    @property
    def local(self) -> bool:
        """True when the server is this machine."""
        return on_this_machine(self.url)

    @cached_property
    def _client(self) -> Any:
        library = self._library()
        # A proxy from the environment would carry a local question off the machine; insisting is our own business.
        http = library.module.DefaultHttpxClient(trust_env=not self.local)
        client = library.client(api_key=self.key or "none", base_url=self.url, max_retries=0, http_client=http)
        weakref.finalize(self, client.close)
        return client

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        """Turn what goes wrong in the block into `ModelUnavailable`."""
        import httpx2

        library = self._library()
        try:
            yield
        except (library.module.APITimeoutError, httpx2.TimeoutException):
            raise ModelUnavailable(self.provider, "it took too long") from None
        except library.module.APIStatusError as error:
            raise refusal(self.provider, error.status_code, error.response.headers) from None
        except (library.failure, httpx2.HTTPError):
            raise ModelUnavailable(self.provider, "it could not be reached") from None
        except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError):
            # The clients hand on whatever shape the server sent.
            raise ModelUnavailable(self.provider, "the answer could not be read") from None
