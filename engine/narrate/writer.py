"""A language model rewords the engine's sentences, one at a time and without their values; what it says is checked.

The engine's own sentences are on the screen first. A reworded one takes a sentence's place when it passes the check;
otherwise, and whenever no model answers, the engine's sentence stays. What was accepted is kept for a day.
"""

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from engine.facts import Facts
from engine.llm.cache import Cache, Key
from engine.llm.chat import Ask, ChatModel, Completion, Message, ModelUnavailable
from engine.llm.ledger import Entry, Ledger, cost_of
from engine.llm.router import Route
from engine.narrate.fidelity import refusal
from engine.narrate.narrator import Page, masked, unsupported_numbers
from engine.narrate.sentences import MaskedSentence, Narration, Sentence

PROMPT_VERSION = "4"
INSTRUCTION = (
    "Reword the sentence for a busy shop owner in a warm, plain tone. Keep the meaning exactly. Keep every tag such as "
    "[A] unchanged. Answer with one sentence only."
)
MAX_TOKENS = 60
MOST_TAGS = 2
"""A sentence with more values stays as it is: models lose track of which is which."""
SECOND_TEMPERATURE = 0.7
"""At temperature 0 a second attempt would say the same again."""

EXAMPLES = (
    ("All doors are shut.", "All of the doors are shut."),
    ("Nothing has to be paid today.", "There is nothing that has to be paid today."),
    ("Together they may read [A] a day.", "They may read [A] a day together."),
    ("[A]: [B] in the box.", "[A]: in the box, [B]."),
    ("Per hour, that is about the same as before.", "That is about the same per hour as before."),
    ("That is [A] per hour.", "Per hour, that is [A]."),
    ("Per hour, that is [A] less than in the time before.", "That is [A] less per hour than in the time before."),
    ("Per hour, that is [A] more than in the time before.", "That is [A] more per hour than in the time before."),
    ("[A] need not be paid now.", "Now, [A] need not be paid."),
    ("Against the hour before, it is up [A].", "It is up [A] against the hour before."),
    ("Washing them costs [A].", "It costs [A] to wash them."),
    ("No trip that keeps to the map can take less than [A].", "No trip can take less than [A] if it keeps to the map."),
    ("On most days the clock was off by [A].", "The clock was off by [A] on most days."),
    ("Overall that should take [A] more.", "That should take [A] more overall."),
    ("With it, [A] of the seats should be free.", "[A] of the seats should be free with it."),
    ("There are [A] in the garden.", "In the garden there are [A]."),
    ("There are [A] to read today, from [B].", "Today there are [A] to read, from [B]."),
    ("Per hour, that is [A] less than in the [B] before.", "That is [A] less per hour than in the [B] before."),
    ("Per hour, that is [A] more than in the [B] before.", "That is [A] more per hour than in the [B] before."),
    ("Read [A] of [B] now.", "Now read [A] of [B]."),
    ("Late trains are expected to cost [A] until then.", "Until then, late trains are expected to cost [A]."),
    ("[A] should get most of the rain: [B] more.", "Most of the rain should go to [A]: [B] more."),
    ("It takes [A], and a shorter way could save [B].", "It takes [A], but a shorter way could save [B]."),
    ("The best hour was [A], with [B].", "The best of the hours was [A], with [B]."),
    ("In this valley, rain lies between [A] and [B].", "Rain lies between [A] and [B] in this valley."),
    ("At night, both are about the same.", "Both are about the same at night."),
    ("It is about the same.", "It is much the same."),
    ("Per guest, that is [A] more than in the hour before.", "That is [A] more per guest than in the hour before."),
    ("[A] should lose most: [B] less.", "It is [A] that should lose most: [B] less."),
    ("Beside that, the next drop would fill [A].", "The next drop would fill [A] beside that."),
    ("By what the map shows, it lies between [A] and [B].", "It lies between [A] and [B] by what the map shows."),
    ("Whether [A] is right cannot be said from here: [B].", "It cannot be said from here whether [A] is right: [B]."),
    ("We expect [A] over the next [B].", "You can expect [A] in the next [B]."),
)  # fmt: skip
"""Rewordings that show a model what is wanted. No digit may stand in one, and no matter of the engine's own sentences:
small models copy both."""
EXAMPLES_PER_SENTENCE = 3


@dataclass(frozen=True)
class Rewording:
    """What became of one sentence.

    Attributes:
        source: the engine's sentence, masked.
        text: the accepted rewording, masked; "" when the engine's sentence stays.
        refusals: why each refused attempt was refused, as `fidelity.refusal` or the model's failure says.
        answers: what the model said, for the ledger.
        has_no_model: True when the model gave no answer at all, so that it need not be asked again.
    """

    source: MaskedSentence
    text: str = ""
    refusals: tuple[str, ...] = ()
    answers: tuple[Completion, ...] = ()
    has_no_model: bool = False

    @property
    def sentence(self) -> Sentence:
        """What to show."""
        return Sentence(self.source.fill(self.text), self.source.facts)


def reword(
    sentences: Sequence[MaskedSentence],
    facts: Facts,
    model: ChatModel,
    *,
    seconds: float = 20.0,
    most_tags: int = MOST_TAGS,
) -> Iterator[Rewording]:
    """One result per sentence, as soon as it is known; to stop, stop iterating.

    After a failure of the model the remaining sentences stay as they are: an owner should not wait for each of them.

    Args:
        sentences: the engine's, as `narrator.masked` makes them.
        facts: what they speak of; the number check is made once more on the filled text.
        model: who rewords.
        seconds: for each sentence.
        most_tags: sentences with more values than this stay as they are.
    """
    failed = ""
    for source in sentences:
        if failed or len(source.values) > most_tags:
            yield Rewording(source, refusals=(failed,) if failed else ())
            continue
        result = _reword_one(source, facts, model, ask_for(source, seconds))
        failed = result.refusals[-1] if result.has_no_model else ""
        yield result


def ask_for(source: MaskedSentence, seconds: float = 20.0) -> Ask:
    """What is sent for one sentence: our own words and tags, nothing of the owner's."""
    turns = [Message("system", INSTRUCTION)]
    for before, after in alike(source.text):
        turns += [Message("user", before), Message("assistant", after)]
    return Ask((*turns, Message("user", source.text)), max_tokens=MAX_TOKENS, seconds=seconds)


def fingerprint(facts: Facts) -> str:
    """sha256 of all that the facts say, hexadecimal; another value anywhere makes it another one."""
    rows = [(fact.name, fact.label, str(fact.value), fact.unit) for fact in facts]
    return sha256(json.dumps(rows).encode()).hexdigest()


def narration(results: Sequence[Rewording], facts: Facts, model: str) -> Narration:
    """The reworded sentences as one narration, checked as a whole.

    Args:
        results: one per sentence, as `reword` gives them.
        facts: what they speak of.
        model: the name to give as their writer.
    """
    sentences = tuple(result.sentence for result in results)
    written_by = model if any(result.text for result in results) else "template"
    whole = Narration(sentences, written_by, False)
    return replace(whole, checked=not unsupported_numbers(whole.text, facts))


def _reword_one(source: MaskedSentence, facts: Facts, model: ChatModel, ask: Ask) -> Rewording:
    refusals: list[str] = []
    answers: list[Completion] = []
    for attempt in (ask, replace(ask, temperature=SECOND_TEMPERATURE, seed=1)):
        try:
            answer = model.ask(attempt)
        except ModelUnavailable as error:
            return Rewording(source, "", (*refusals, f"no answer: {error.reason}"), tuple(answers), has_no_model=True)
        answers.append(answer)
        text = _first_line(answer.text)
        reason = refusal(source.text, text) or _lies(source, text, facts)
        if reason is None:
            return Rewording(source, text, tuple(refusals), tuple(answers))
        refusals.append(reason)
    return Rewording(source, "", tuple(refusals), tuple(answers))


def _lies(source: MaskedSentence, text: str, facts: Facts) -> str | None:
    return "a number that no fact supports" if unsupported_numbers(source.fill(text), facts) else None


def _first_line(text: str) -> str:
    """Small models add remarks in further lines, and quotation marks."""
    lines = text.strip().splitlines()
    return lines[0].strip().strip('"“”').strip() if lines else ""


def alike(sentence: str) -> tuple[tuple[str, str], ...]:
    """The examples whose words are most like those of the masked sentence; the nearest comes last, where it counts."""
    words = _words(sentence)

    def likeness(example: tuple[str, str]) -> float:
        others = _words(example[0])
        return len(words & others) / len(words | others)

    return tuple(sorted(EXAMPLES, key=likeness)[-EXAMPLES_PER_SENTENCE:])


def _words(sentence: str) -> set[str]:
    return set(re.findall(r"\[[A-Z]\]|[^\W\d_]+", sentence.casefold()))


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
