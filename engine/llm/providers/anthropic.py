"""Anthropic's Claude."""

import json
import time
from dataclasses import dataclass
from typing import Any

from engine.llm.chat import Ask, Completion
from engine.llm.http_errors import OfficialChat, OfficialLibrary, before, whole

PUBLIC_URL = "https://api.anthropic.com"


@dataclass(frozen=True)
class AnthropicChat(OfficialChat):
    """A model behind Anthropic's messages protocol."""

    url: str = PUBLIC_URL
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
