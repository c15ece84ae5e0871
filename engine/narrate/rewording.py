"""A language model rewords the engine's sentences, one at a time and without their values; what it says is checked.

The engine's own sentences are on the screen first. A reworded one takes a sentence's place when it passes the check;
otherwise, and whenever no model answers, the engine's sentence stays.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from engine.facts import Facts
from engine.llm.chat import Answer, Ask, ChatModel, Message, ModelUnavailable
from engine.narrate.check import unsupported_numbers
from engine.narrate.examples import alike
from engine.narrate.fidelity import refusal
from engine.narrate.sentences import Masked, Narration, Sentence

PROMPT_VERSION = "4"
INSTRUCTION = (
    "Reword the sentence for a busy shop owner in a warm, plain tone. Keep the meaning exactly. Keep every tag such as "
    "[A] unchanged. Answer with one sentence only."
)
MAX_TOKENS = 60
MOST_TAGS = 2
"""A sentence with more values stays as it is: models lose track of which is which."""
UNAVAILABLE = "no answer: "
SECOND_TEMPERATURE = 0.7
"""At temperature 0 a second attempt would say the same again."""


@dataclass(frozen=True)
class Reworded:
    """What became of one sentence.

    Attributes:
        source: the engine's sentence, masked.
        text: the accepted rewording, masked; "" when the engine's sentence stays.
        refused: why each refused attempt was refused, as `fidelity.refusal` or the model's failure says.
        answers: what the model said, for the ledger.
    """

    source: Masked
    text: str = ""
    refused: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()

    @property
    def sentence(self) -> Sentence:
        """What to show."""
        return Sentence(self.source.fill(self.text), self.source.facts)


def reword(
    sentences: Sequence[Masked], facts: Facts, model: ChatModel, *, seconds: float = 20.0, most_tags: int = MOST_TAGS
) -> Iterator[Reworded]:
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
            yield Reworded(source, refused=(failed,) if failed else ())
            continue
        result = _reword_one(source, facts, model, ask_for(source, seconds))
        failed = result.refused[-1] if result.refused and result.refused[-1].startswith(UNAVAILABLE) else ""
        yield result


def ask_for(source: Masked, seconds: float = 20.0) -> Ask:
    """What is sent for one sentence: our own words and tags, nothing of the owner's."""
    turns = [Message("system", INSTRUCTION)]
    for before, after in alike(source.text):
        turns += [Message("user", before), Message("assistant", after)]
    return Ask((*turns, Message("user", source.text)), max_tokens=MAX_TOKENS, seconds=seconds)


def fingerprint(facts: Facts) -> str:
    """sha256 of all that the facts say, hexadecimal; another value anywhere makes it another one."""
    rows = [(fact.name, fact.label, str(fact.value), fact.unit) for fact in facts]
    return sha256(json.dumps(rows).encode()).hexdigest()


def narration(results: Sequence[Reworded], facts: Facts, model: str) -> Narration:
    """The reworded sentences as one narration, checked as a whole."""
    sentences = tuple(result.sentence for result in results)
    written_by = model if any(result.text for result in results) else "template"
    whole = Narration(sentences, written_by, False)
    return replace(whole, checked=not unsupported_numbers(whole.text, facts))


def _reword_one(source: Masked, facts: Facts, model: ChatModel, ask: Ask) -> Reworded:
    refused: list[str] = []
    answers: list[Answer] = []
    for attempt in (ask, replace(ask, temperature=SECOND_TEMPERATURE, seed=1)):
        try:
            answer = model.ask(attempt)
        except ModelUnavailable as error:
            return Reworded(source, "", (*refused, UNAVAILABLE + error.reason), tuple(answers))
        answers.append(answer)
        text = _first_line(answer.text)
        reason = refusal(source.text, text) or _lies(source, text, facts)
        if reason is None:
            return Reworded(source, text, tuple(refused), tuple(answers))
        refused.append(reason)
    return Reworded(source, "", tuple(refused), tuple(answers))


def _lies(source: Masked, text: str, facts: Facts) -> str | None:
    return "a number that no fact supports" if unsupported_numbers(source.fill(text), facts) else None


def _first_line(text: str) -> str:
    """Small models add remarks in further lines, and quotation marks."""
    lines = text.strip().splitlines()
    return lines[0].strip().strip('"“”').strip() if lines else ""
