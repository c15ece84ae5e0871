"""Anthropic's Claude."""

import json
import time
import weakref
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.llm.chat import Ask, Completion
from engine.llm.http_errors import before, in_our_words, on_this_machine, settings_of, whole

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

    @cached_property
    def _client(self) -> Any:
        import anthropic

        client = anthropic.Anthropic(**settings_of(anthropic, key=self.key, url=self.url, local=self.local))
        weakref.finalize(self, client.close)
        return client

    def _in_our_words(self) -> AbstractContextManager[None]:
        import anthropic

        return in_our_words(anthropic, anthropic.AnthropicError, self.provider)
