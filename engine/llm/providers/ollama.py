"""Ollama on this machine, through its own protocol: its OpenAI-like one ignores the size of the context."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from engine.llm.chat import Ask, Completion, ModelUnavailable
from engine.llm.http_errors import before, on_this_machine, refusal, whole

DEFAULT_URL = "http://127.0.0.1:11434"
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class OllamaChat:
    """A model that an Ollama daemon runs.

    Attributes:
        name: the model, as `ollama list` shows it.
        url: where the daemon listens.
        context: tokens of question and answer together; the daemon's own default cuts long questions silently.
        provider: the name in messages, prices and the breaker.
    """

    name: str
    url: str = DEFAULT_URL
    context: int = 4096
    provider: str = "ollama"

    @property
    def local(self) -> bool:
        """True when the daemon runs on this machine."""
        return on_this_machine(self.url)

    def ask(self, ask: Ask) -> Completion:
        """The whole answer, read as a stream so that a slow one can be stopped.

        Raises:
            ModelUnavailable: refused, timed out, cut short, empty, or the question was longer than the context.
        """
        pieces, last = [], None
        with self._in_our_words(), closing(_client(self.url, ask.seconds)) as client:
            parts = client.chat(**self._request(ask))
            for part in before(time.monotonic() + ask.seconds, parts, self.provider):
                pieces.append(part.message.content or "")
                last = part if part.done else None
        tokens = (last.prompt_eval_count, last.eval_count) if last is not None else (0, 0)
        answer = whole(self, pieces, finished=last is not None, tokens=tokens)
        if answer.tokens_in + ask.max_tokens > self.context:
            raise ModelUnavailable(self.provider, "the question is too long", passing=False)
        return answer

    def _request(self, ask: Ask) -> dict[str, Any]:
        options = {
            "num_ctx": self.context,
            "num_predict": ask.max_tokens,
            "temperature": ask.temperature,
            "seed": ask.seed,
        }
        return {
            "model": self.name,
            "messages": [{"role": message.role, "content": message.text} for message in ask.messages],
            "stream": True,
            "format": dict(ask.schema) if ask.schema is not None else None,
            "options": options,
        }

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        import httpx
        import ollama
        import pydantic

        try:
            yield
        except httpx.TimeoutException:
            raise ModelUnavailable(self.provider, "it took too long") from None
        except ollama.ResponseError as error:
            raise refusal(self.provider, error.status_code, {}) from None
        except (httpx.HTTPError, ConnectionError):
            raise ModelUnavailable(self.provider, "it could not be reached") from None
        except (ValueError, TypeError, AttributeError, pydantic.ValidationError, ollama.RequestError):
            # The client hands on whatever shape the server sent.
            raise ModelUnavailable(self.provider, "the answer could not be read") from None


def installed_models(url: str = DEFAULT_URL) -> tuple[str, ...]:
    """The models of the daemon at this address; none when no daemon answers within half a second."""
    if not _listens(url):
        return ()  # the client takes a second to load, and most machines have no daemon
    import httpx
    import ollama

    try:
        with closing(_client(url, LOOK_SECONDS)) as client:
            listed = client.list()
    except (httpx.HTTPError, ConnectionError, ollama.ResponseError, ValueError, TypeError, AttributeError):
        return ()
    return tuple(model.model for model in listed.models if model.model)


def _listens(url: str) -> bool:
    where = urlsplit(url)
    try:
        with socket.create_connection((where.hostname or "", where.port or 80), LOOK_SECONDS):
            return True
    except (OSError, ValueError):
        return False


def _client(url: str, seconds: float) -> Any:
    import ollama

    # A proxy from the environment would carry a local question off the machine.
    return ollama.Client(host=url, timeout=seconds, trust_env=not on_this_machine(url))
