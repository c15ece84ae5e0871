"""What the official clients of OpenAI and Anthropic have in common: how they are made, and how they fail."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from engine.llm.chat import ModelUnavailable
from engine.llm.http_errors import refusal


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
