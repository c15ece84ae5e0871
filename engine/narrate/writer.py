"""From facts to the words on the screen: kept wordings first, then a model, and the engine's own sentences always."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.facts import Facts
from engine.llm.cache import Cache, Key
from engine.llm.chat import ChatModel
from engine.llm.ledger import Entry, Ledger
from engine.llm.prices import cost_of
from engine.llm.router import Route
from engine.narrate.check import unsupported_numbers
from engine.narrate.fidelity import refusal
from engine.narrate.narrator import Page, masked
from engine.narrate.rewording import PROMPT_VERSION, Rewording, fingerprint, reword
from engine.narrate.sentences import MaskedSentence, Sentence


@dataclass(frozen=True)
class CachedWording:
    """A wording as it is kept: what was accepted, and the tokens that it took.

    Attributes:
        texts: one per sentence, masked; "" where the engine's sentence stayed.
        tokens_in: tokens of all questions.
        tokens_out: tokens of all answers.
    """

    texts: tuple[str, ...]
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True)
class Writer:
    """Words one page at a time.

    Attributes:
        model: who rewords; None for the engine alone.
        route: why this model.
        cache: wordings kept for a day.
        ledger: what it cost.
        workspace: whose page it is.
        seconds: most time for one sentence.
    """

    model: ChatModel | None
    route: Route
    cache: Cache
    ledger: Ledger
    workspace: str = ""
    seconds: float = 20.0

    def write(self, facts: Facts, page: Page, *, now: datetime, most: int = 26) -> Iterator[Sentence]:
        """The page's sentences in order, each as soon as its wording is settled; to stop, stop iterating.

        `narrate` has shown the same sentences in the engine's own words before. An entry is recorded at the end, also
        of a narration that was stopped.

        Args:
            facts: what may be said.
            page: which sentences are made of them.
            now: for the ledger.
            most: so many sentences at most.
        """
        sources = masked(facts, page)[:most]
        if self.model is None:
            yield from (Sentence(source.fill(), source.facts) for source in sources)
            self.ledger.record(self._entry(page, now, 0.0, ()))
            return
        key = Key(
            self.workspace, f"narrate:{page}", fingerprint(facts), PROMPT_VERSION, self.model.name, {"most": most}
        )
        wording = _read_wording(self.cache.get(key), sources, facts)
        if wording is not None:
            yield from _sentences(sources, wording)
            self.ledger.record(self._entry_from_cache(page, now, wording))
            return
        yield from self._reword(sources, facts, page, key, now)

    def _reword(
        self, sources: Sequence[MaskedSentence], facts: Facts, page: Page, key: Key, now: datetime
    ) -> Iterator[Sentence]:
        assert self.model is not None
        results: list[Rewording] = []
        began = time.monotonic()
        try:
            for result in reword(sources, facts, self.model, seconds=self.seconds):
                results.append(result)
                yield result.sentence
            if any(result.text for result in results):
                self.cache.put(key, _dump(results))
        finally:
            self.ledger.record(self._entry(page, now, time.monotonic() - began, results))

    def _entry(self, page: Page, now: datetime, seconds: float, results: Sequence[Rewording]) -> Entry:
        answers = [answer for result in results for answer in result.answers]
        last = answers[-1] if answers else None
        return Entry(
            at=now,
            workspace=self.workspace,
            page=page,
            model=last.model if last else "template",
            provider=last.provider if last else "",
            local=all(answer.local for answer in answers),
            reason=self.route.reason,
            tokens_in=sum(answer.tokens_in for answer in answers),
            tokens_out=sum(answer.tokens_out for answer in answers),
            cost=sum(cost_of(answer, now) for answer in answers),
            seconds=seconds,
            offered=len(answers),
            accepted=sum(bool(result.text) for result in results),
        )

    def _entry_from_cache(self, page: Page, now: datetime, wording: CachedWording) -> Entry:
        assert self.model is not None
        return Entry(
            at=now,
            workspace=self.workspace,
            page=page,
            model=self.model.name,
            provider=self.model.provider,
            local=True,
            reason=self.route.reason,
            tokens_in=wording.tokens_in,
            tokens_out=wording.tokens_out,
            cached=True,
        )


def _dump(results: Sequence[Rewording]) -> str:
    answers = [answer for result in results for answer in result.answers]
    tokens = (sum(answer.tokens_in for answer in answers), sum(answer.tokens_out for answer in answers))
    return json.dumps({"texts": [result.text for result in results], "tokens": tokens})


def _read_wording(dumped: str | None, sources: Sequence[MaskedSentence], facts: Facts) -> CachedWording | None:
    """A kept wording, checked like a fresh one: whoever can write to the cache must not write on the screen."""
    if dumped is None:
        return None
    try:
        read = json.loads(dumped)
        wording = CachedWording(
            tuple(str(text) for text in read["texts"]), int(read["tokens"][0]), int(read["tokens"][1])
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    if len(wording.texts) != len(sources):
        return None
    for source, text in zip(sources, wording.texts, strict=True):
        if text and (refusal(source.text, text) or unsupported_numbers(source.fill(text), facts)):
            return None
    return wording


def _sentences(sources: Sequence[MaskedSentence], wording: CachedWording) -> Iterator[Sentence]:
    for source, text in zip(sources, wording.texts, strict=True):
        yield Sentence(source.fill(text), source.facts)
