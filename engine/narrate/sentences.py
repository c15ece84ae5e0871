"""What a narrator says, and sentences with slots: the writer that always works.

A template's own words hold no number, so that only facts can bring one in. A slot is `{fact}`, or `{fact:size}` for the
size of a change whose direction the words tell, or `{fact:bare}` for a value whose unit noun follows later.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from string import Formatter

from engine.facts import Fact, Facts
from engine.narrate.values import spoken, spoken_bare

TAG = re.compile(r"\[([A-Z])\]")

LEVEL_BELOW = 0.5
"""A change smaller than this, in percent, reads as "about the same"."""

Sentences = tuple[tuple["SentenceTemplate", ...], ...]
"""The sentences of a page in their order; of each its alternatives, the fullest first."""

PAGES: dict[str, Sentences] = {}
"""Under its page's name what can be said of it; each module of sentences registers its own."""


@dataclass(frozen=True)
class Sentence:
    """One sentence, with the names of the facts that it rests on."""

    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class MaskedSentence:
    """One sentence whose values, names and days are tags: what a language model may see of it.

    Attributes:
        text: "We expect [A] over the next [B]."
        values: what stands behind each tag, in the order of the tags.
        facts: the names of the facts that it rests on.
    """

    text: str
    values: tuple[str, ...]
    facts: tuple[str, ...]

    def fill(self, text: str = "") -> str:
        """The sentence, or another wording of it, with its values.

        Raises:
            IndexError: the wording has a tag that the sentence does not have.
        """
        return TAG.sub(lambda match: self.values[ord(match[1]) - ord("A")], text or self.text)


@dataclass(frozen=True)
class Narration:
    """A result in words.

    Attributes:
        sentences: what is said, in order.
        written_by: "template", or the name of the language model.
        checked: True when every number in the text is one of the engine's facts.
        page: the page whose sentences these are; "" where no model may reword them.
    """

    sentences: tuple[Sentence, ...]
    written_by: str
    checked: bool
    page: str = ""

    @property
    def text(self) -> str:
        """All sentences as one paragraph."""
        return " ".join(sentence.text for sentence in self.sentences)


def tag(place: int) -> str:
    """The tag of the value in this place: "[A]" for 0.

    Raises:
        ValueError: a sentence has more than 26 values.
    """
    if place >= 26:
        raise ValueError("a sentence cannot hold so many values")
    return f"[{chr(ord('A') + place)}]"


def register(page: str, sentences: Sentences) -> Sentences:
    """Let `narrate(facts, page)` say these sentences.

    Raises:
        ValueError: the page has sentences already.
    """
    if page in PAGES:
        raise ValueError(f"the page {page} has sentences already")
    PAGES[page] = sentences
    return sentences


@dataclass(frozen=True)
class When:
    """A condition on facts; a fact that is missing makes it false.

    Attributes:
        facts: the names of the facts it looks at.
        holds: gets those facts, in that order.
    """

    facts: tuple[str, ...]
    holds: Callable[..., bool]


@dataclass(frozen=True)
class SentenceTemplate:
    """One sentence with slots, used only when each fact is there and each condition holds."""

    text: str
    when: tuple[When, ...] = ()

    @cached_property
    def slots(self) -> tuple[tuple[str, str], ...]:
        """The name and the manner ("", "size" or "bare") of each slot."""
        return tuple((name, manner or "") for _, name, manner, _ in Formatter().parse(self.text) if name)

    @property
    def words(self) -> str:
        """The text without its slots."""
        return " ".join(literal for literal, _, _, _ in Formatter().parse(self.text))

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of the facts that the sentence rests on, without repetition."""
        of_conditions = (name for condition in self.when for name in condition.facts)
        return tuple(dict.fromkeys([*(name for name, _ in self.slots), *of_conditions]))

    def fill(self, facts: Facts) -> Sentence | None:
        """The sentence for these facts, or None when it does not fit them."""
        masked = self.mask(facts)
        return None if masked is None else Sentence(masked.fill(), self.needs)

    def mask(self, facts: Facts) -> MaskedSentence | None:
        """The sentence with a tag in the place of each value, or None when it does not fit these facts."""
        if not all(name in facts and _speakable(facts[name]) for name in self.needs):
            return None
        if not all(condition.holds(*(facts[name] for name in condition.facts)) for condition in self.when):
            return None
        text, values = "", list[str]()
        for literal, name, manner, _ in Formatter().parse(self.text):
            text += literal
            if name:
                text += tag(len(values))
                values.append(_say(facts[name], manner or ""))
        return MaskedSentence(text, tuple(values), self.needs)


def rises(name: str) -> When:
    """The change is upward."""
    return When((name,), lambda change: change.value >= LEVEL_BELOW)


def falls(name: str) -> When:
    """The change is downward."""
    return When((name,), lambda change: change.value <= -LEVEL_BELOW)


def stays_level(name: str) -> When:
    """The change is too small to speak of."""
    return When((name,), lambda change: abs(change.value) < LEVEL_BELOW)


def above_zero(name: str) -> When:
    """The value is larger than zero."""
    return When((name,), lambda fact: fact.value > 0)


def not_above_zero(name: str) -> When:
    """The value is zero or less."""
    return When((name,), lambda fact: fact.value <= 0)


def counted_in(name: str, unit: str) -> When:
    """The fact is counted in this unit: "days", "weeks"."""
    return When((name,), lambda fact: fact.unit == unit)


def several(name: str) -> When:
    """The fact counts more than one."""
    return When((name,), lambda fact: fact.value > 1)


def differs(one: str, other: str) -> When:
    """The two values do not read the same."""
    return When((one, other), lambda left, right: spoken(left) != spoken(right))


def reads_the_same(one: str, other: str) -> When:
    """The two values read the same."""
    return When((one, other), lambda left, right: spoken(left) == spoken(right))


def _say(fact: Fact, manner: str) -> str:
    if manner == "size" and not isinstance(fact.value, str | date):
        return spoken(replace(fact, value=abs(fact.value)))
    return spoken_bare(fact) if manner == "bare" else spoken(fact)


def _speakable(fact: Fact) -> bool:
    """Nothing that is empty, endless or not a number can be said."""
    if isinstance(fact.value, str):
        return bool(fact.value.strip())
    return isinstance(fact.value, date) or math.isfinite(fact.value)
