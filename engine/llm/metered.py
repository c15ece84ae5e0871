"""Questions that are asked beside the wording of a page, such as for a plan, count like all others."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from engine.llm.chat import Ask, Completion, ModelProxy
from engine.llm.ledger import Entry, Ledger
from engine.llm.prices import cost_of


@dataclass(frozen=True)
class MeteredModel(ModelProxy):
    """A model each of whose answers is written into the ledger.

    Attributes:
        model: who is asked.
        ledger: where it is written.
        workspace: whose question it is.
        page: where it is asked.
        reason: why a model is asked.
        now: what the clock says.
    """

    ledger: Ledger
    workspace: str
    page: str
    reason: str
    now: Callable[[], datetime]

    def ask(self, ask: Ask) -> Completion:
        """The model's answer.

        Raises:
            ModelUnavailable: there is none; then nothing is written.
        """
        began = time.monotonic()
        answer = self.model.ask(ask)
        now = self.now()
        self.ledger.record(
            Entry(
                at=now,
                workspace=self.workspace,
                page=self.page,
                model=answer.model,
                provider=answer.provider,
                local=answer.local,
                reason=self.reason,
                tokens_in=answer.tokens_in,
                tokens_out=answer.tokens_out,
                cost=cost_of(answer, now),
                seconds=time.monotonic() - began,
            )
        )
        return answer
