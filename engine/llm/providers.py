"""The providers of language models: OpenAI's protocol, Anthropic's, and Ollama on this machine.

An official client is imported and made when its first question is asked.
"""

import json
import socket
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from engine.llm.chat import Ask, Completion, ModelUnavailable, before, on_this_machine, refusal, whole

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
OLLAMA_URL = "http://127.0.0.1:11434"

LOOK_SECONDS = 0.5
"""How long a look lasts for whether an Ollama daemon listens."""


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


@dataclass(frozen=True)
class OpenAIChat(OfficialChat):
    """A model behind OpenAI's chat protocol: theirs, or one that vLLM, llama.cpp or LM Studio runs."""

    url: str = OPENAI_URL
    provider: str = "openai"

    def ask(self, ask: Ask) -> Completion:
        """The whole answer, read as a stream so that a slow one can be stopped.

        Raises:
            ModelUnavailable: refused, timed out, cut short, or empty.
        """
        pieces, finish, tokens = [], None, (0, 0)
        with self._in_our_words():
            stream = self._client.chat.completions.create(**self._request(ask), timeout=ask.seconds)
            with stream:
                for chunk in before(time.monotonic() + ask.seconds, stream, self.provider):
                    if chunk.usage:
                        tokens = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
                    for choice in chunk.choices or ():
                        pieces.append(choice.delta.content or "")
                        finish = choice.finish_reason or finish
        return whole(self, pieces, finished=finish is not None, tokens=tokens)

    def _request(self, ask: Ask) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": message.role, "content": message.text} for message in ask.messages],
            "max_tokens": ask.max_tokens,
            "temperature": ask.temperature,
            "seed": ask.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if ask.schema is not None:
            named = {"name": "answer", "schema": dict(ask.schema), "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": named}
        return request

    def _library(self) -> OfficialLibrary:
        import openai

        return OfficialLibrary(openai, openai.OpenAI, openai.OpenAIError)


@dataclass(frozen=True)
class AnthropicChat(OfficialChat):
    """A model behind Anthropic's messages protocol."""

    url: str = ANTHROPIC_URL
    provider: str = "anthropic"

    def ask(self, ask: Ask) -> Completion:
        """The whole answer, read as a stream so that a slow one can be stopped.

        Raises:
            ModelUnavailable: refused, timed out, cut short, or empty.
        """
        pieces, finish, tokens_in, tokens_out = [], None, 0, 0
        with self._in_our_words():
            stream = self._client.messages.create(**self._request(ask), timeout=ask.seconds)
            with stream:
                for event in before(time.monotonic() + ask.seconds, stream, self.provider):
                    if event.type == "message_start":
                        tokens_in = event.message.usage.input_tokens
                    elif event.type == "content_block_delta":
                        pieces.append(getattr(event.delta, "text", ""))
                    elif event.type == "message_delta":
                        finish, tokens_out = event.delta.stop_reason, event.usage.output_tokens
        return whole(self, pieces, finished=finish is not None, tokens=(tokens_in, tokens_out))

    def _request(self, ask: Ask) -> dict[str, Any]:
        system = [message.text for message in ask.messages if message.role == "system"]
        if ask.schema is not None:
            system.append(f"Answer with JSON alone that follows this schema: {json.dumps(dict(ask.schema))}")
        turns = [
            {"role": message.role, "content": message.text} for message in ask.messages if message.role != "system"
        ]
        return {
            "model": self.name,
            "system": "\n".join(system),
            "messages": turns,
            "max_tokens": ask.max_tokens,
            "stream": True,
        }

    def _library(self) -> OfficialLibrary:
        import anthropic

        return OfficialLibrary(anthropic, anthropic.Anthropic, anthropic.AnthropicError)


@dataclass(frozen=True)
class OllamaChat:
    """A model that an Ollama daemon runs, asked through its own protocol: its OpenAI-like one ignores `context`.

    Attributes:
        name: the model, as `ollama list` shows it.
        url: where the daemon listens.
        context: tokens of question and answer together; the daemon's own default cuts long questions silently.
        provider: the name in messages, prices and the breaker.
    """

    name: str
    url: str = OLLAMA_URL
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


def installed_models(url: str = OLLAMA_URL) -> tuple[str, ...]:
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
