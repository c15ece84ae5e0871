"""A language model rewords the engine's sentences, one at a time and without their values; what it says is checked.

The engine's own sentences are on the screen first. A reworded one takes a sentence's place when it passes the check;
otherwise, and whenever no model answers, the engine's sentence stays.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from engine.facts import Facts
from engine.llm.chat import Ask, ChatModel, Completion, Message, ModelUnavailable
from engine.narrate.check import unsupported_numbers
from engine.narrate.fidelity import refusal
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
