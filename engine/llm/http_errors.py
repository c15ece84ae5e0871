"""What every provider needs on the wire: hosts, official clients, deadlines, whole answers, errors in our words."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
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


def settings_of(library: ModuleType, *, key: str, url: str, local: bool) -> dict[str, Any]:
    """The arguments of an official client; insisting is our own business.

    A proxy from the environment would carry a local question off the machine.

    Args:
        library: the official client's module.
        key: the API key; "" where none is needed.
        url: where the protocol is spoken.
        local: whether that is this machine.
    """
    http = library.DefaultHttpxClient(trust_env=not local)
    return {"api_key": key or "none", "base_url": url, "max_retries": 0, "http_client": http}


@contextmanager
def in_our_words(library: ModuleType, failure: type[Exception], provider: str) -> Iterator[None]:
    """Turn what goes wrong in the block into `ModelUnavailable`.

    Args:
        library: the official client's module.
        failure: the parent of its own errors.
        provider: the name in messages.

    Raises:
        ModelUnavailable: the server refused, took too long, could not be reached or made no sense.
    """
    import httpx2

    try:
        yield
    except (library.APITimeoutError, httpx2.TimeoutException):
        raise ModelUnavailable(provider, "it took too long") from None
    except library.APIStatusError as error:
        raise refusal(provider, error.status_code, error.response.headers) from None
    except (failure, httpx2.HTTPError):
        raise ModelUnavailable(provider, "it could not be reached") from None
    except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError):
        # The clients hand on whatever shape the server sent.
        raise ModelUnavailable(provider, "the answer could not be read") from None
