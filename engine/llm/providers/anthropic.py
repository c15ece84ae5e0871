"""Anthropic's Claude."""

import json
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.llm.chat import Answer, Ask, ModelUnavailable
from engine.llm.wire import before, on_this_machine, refused

PUBLIC_URL = "https://api.anthropic.com"


@dataclass(frozen=True)
class AnthropicChat:
    """A model behind Anthropic's messages protocol.

    Attributes:
        name: the model.
        key: the API key.
        url: where the protocol is spoken, without `/v1`.
        provider: the name in messages, prices and the breaker.
    """

    name: str
    key: str = field(default="", repr=False)
    url: str = PUBLIC_URL
    provider: str = "anthropic"

    @property
    def local(self) -> bool:
        """True when the server is this machine."""
        return on_this_machine(self.url)

    def ask(self, ask: Ask) -> Answer:
        """The whole answer, read as a stream so that a slow one can be stopped.

        Raises:
            ModelUnavailable: refused, timed out, cut short, or empty.
        """
        said, finish, tokens_in, tokens_out = [], None, 0, 0
        with self._in_our_words():
            stream = self._client.messages.create(**self._request(ask), timeout=ask.seconds)
            with stream:
                for event in before(time.monotonic() + ask.seconds, stream, self.provider):
                    if event.type == "message_start":
                        tokens_in = event.message.usage.input_tokens
                    elif event.type == "content_block_delta":
                        said.append(getattr(event.delta, "text", ""))
                    elif event.type == "message_delta":
                        finish, tokens_out = event.delta.stop_reason, event.usage.output_tokens
        text = "".join(said).strip()
        if finish is None:
            raise ModelUnavailable(self.provider, "the answer broke off")
        if not text:
            raise ModelUnavailable(self.provider, "the answer was empty")
        return Answer(text, self.name, self.provider, tokens_in, tokens_out, self.local)

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

    @cached_property
    def _client(self) -> Any:
        import anthropic

        # A proxy from the environment would carry a local question off the machine.
        http = anthropic.DefaultHttpxClient(trust_env=not self.local)
        client = anthropic.Anthropic(api_key=self.key or "none", base_url=self.url, max_retries=0, http_client=http)
        weakref.finalize(self, client.close)
        return client

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        import anthropic
        import httpx2

        try:
            yield
        except (anthropic.APITimeoutError, httpx2.TimeoutException):
            raise ModelUnavailable(self.provider, "it took too long") from None
        except anthropic.APIStatusError as error:
            raise refused(self.provider, error.status_code, error.response.headers) from None
        except (anthropic.AnthropicError, httpx2.HTTPError):
            raise ModelUnavailable(self.provider, "it could not be reached") from None
        except (json.JSONDecodeError, UnicodeDecodeError, AttributeError):
            # The client hands on whatever shape the server sent.
            raise ModelUnavailable(self.provider, "the answer could not be read") from None
