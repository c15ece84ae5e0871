"""OpenAI, and every server that speaks its protocol: vLLM, llama.cpp, LM Studio."""

import time
from dataclasses import dataclass
from typing import Any

from engine.llm.chat import Ask, Completion
from engine.llm.http_errors import OfficialChat, OfficialLibrary, before, whole

PUBLIC_URL = "https://api.openai.com/v1"


@dataclass(frozen=True)
class OpenAIChat(OfficialChat):
    """A model behind OpenAI's chat protocol."""

    url: str = PUBLIC_URL
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
