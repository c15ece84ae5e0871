"""The rewording check: a reworded sentence must say what the engine's sentence says, no more and no less.

Both are masked, so no value is involved: what can go wrong is which tag stands where, and the words around it. Each
rule compares one aspect of the two; the first that differs refuses the rewording. A refusal costs nothing but charm.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.narrate.sentences import TAG
from engine.narrate.vocabulary import (
    ADVICE,
    CAUSES,
    CERTAIN,
    COMPARED,
    COMPARED_STILL,
    DOUBTS,
    DOWN,
    EXPECTATIONS,
    FREE_WORDS,
    LEAST,
    LEVEL,
    MEASURES,
    NEGATIONS,
    NUMBERS,
    SUBJECTS,
    TIMES,
    UP,
    Groups,
    stem,
)

LONGEST_RATIO, LONGEST_MORE = 1.8, 20
NEW_WORDS, NEW_WORDS_SHARE = 3, 0.34
SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
MARKUP = re.compile(r"https?:|www\.|\]\(|!\[|<[^>]*>|[`|{}\\#]|\*\*|__|\n")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
CAPITAL = re.compile(r"(?<=[^\s.!?:\[] )(?!I\b)[^\W\d_a-z]\w+")
WORD_OR_TAG = re.compile(r"\[[A-Z]\]|[^\W\d_]+(?:['’][^\W\d_]+)?|[;.:]")
REACH = 5
SIZE_LINKS = frozenset({"by", "of", "about", "around", "nearly", "almost", "roughly", "some", "a", "another"})
DETERMINED = re.compile(
    r"\b(?:an?|the|your|our|their|its|another|each|every|this|that|those|these|some) \[[A-Z]\]", re.I
)
ENGINE_WORDS = re.compile(r"\b(?:sentence|reword\w*|tags?|as an ai|language model|instruction\w*|assistant)\b", re.I)


@dataclass(frozen=True)
class FidelityRule:
    """One aspect that must not change.

    Attributes:
        name: what the log calls a refusal.
        holds: gets the engine's masked sentence and the rewording.
    """

    name: str
    holds: Callable[[str, str], bool]


def refusal(source: str, text: str) -> str | None:
    """The name of the first rule that the rewording breaks; None when it may be shown.

    Args:
        source: the engine's sentence, masked.
        text: the rewording, masked.
    """
    return next((rule.name for rule in RULES if not rule.holds(source, text)), None)


def _same_tags(source: str, text: str) -> bool:
    brackets = len(re.findall(r"[\[\]]", text)) == 2 * len(TAG.findall(text))
    return brackets and TAG.findall(source) == TAG.findall(text)


def _no_number(source: str, text: str) -> bool:
    return not re.search(r"\d", text) and set(_matches(NUMBERS, text)) <= set(_matches(NUMBERS, source))


def _plain_text(_: str, text: str) -> bool:
    return not MARKUP.search(text) and not ENGINE_WORDS.search(text)


def _right_length(source: str, text: str) -> bool:
    ends = max(1, len(SENTENCE_END.findall(source)))
    short_enough = len(text) <= LONGEST_RATIO * len(source) + LONGEST_MORE
    return short_enough and len(text) >= 0.4 * len(source) and len(SENTENCE_END.findall(text)) <= ends


def _same_direction(source: str, text: str) -> bool:
    return _directions(source) == _directions(text)


def _directions(text: str) -> list[str]:
    """The directions in the order of the text; the same one twice in a row counts once."""
    hits = sorted(
        (hit.start(), name)
        for name, words in (("up", UP), ("down", DOWN), ("level", LEVEL))
        for hit in words.finditer(text)
    )
    names = [name for _, name in hits]
    return [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]


def _same_negation(source: str, text: str) -> bool:
    return len(NEGATIONS.findall(source)) % 2 == len(NEGATIONS.findall(text)) % 2


def _same_hedge(source: str, text: str) -> bool:
    """An expectation stays one, a possibility does not become a certainty, and no doubt is added."""
    if bool(EXPECTATIONS.search(source)) != bool(EXPECTATIONS.search(text)):
        return False
    if bool(DOUBTS.search(source)) != bool(DOUBTS.search(text)):
        return False
    return set(_matches(CERTAIN, text)) <= set(_matches(CERTAIN, source))


def _same_end(source: str, text: str) -> bool:
    """The most does not become the least, nor the other way round."""
    return bool(LEAST.search(source)) == bool(LEAST.search(text))


def _still_compared(source: str, text: str) -> bool:
    """What something is compared with is not lost: "up [A] on last year" is not "up [A] last year"."""
    return not COMPARED.search(source) or bool(COMPARED_STILL.search(text))


def _no_new_cause(source: str, text: str) -> bool:
    return bool(CAUSES.search(source)) == bool(CAUSES.search(text))


def _no_advice(source: str, text: str) -> bool:
    return set(_matches(ADVICE, text)) <= set(_matches(ADVICE, source))


def _same_groups(groups: Groups) -> Callable[[str, str], bool]:
    """Each group of words that mean the same is in both texts or in neither."""

    def holds(source: str, text: str) -> bool:
        return all(bool(words.search(source)) == bool(words.search(text)) for words in groups)

    return holds


def _no_new_name(source: str, text: str) -> bool:
    source_words = {word.casefold() for word in WORD.findall(source)}
    return all(word.casefold() in source_words for word in CAPITAL.findall(text))


def _bound_direction(source: str, text: str) -> bool:
    """A value that measures a change still does: "up [A]", "a rise of [A]", "[A] more", never "up against [A]"."""
    return all(_bound(text, tag) >= _bound(source, tag) for tag in TAG.findall(source))


def _bound(text: str, letter: str) -> frozenset[str]:
    """How the value is tied to a word of direction: as the size of a change, or as what something is compared with."""
    before, _, after = text.partition(f"[{letter}]")
    words = [word.casefold() for word in WORD_OR_TAG.findall(before)][-REACH:]
    ties = set()
    while words and words[-1] in SIZE_LINKS:
        words.pop()
    if words and _is_direction(words[-1]):
        ties.add("size")
    if words[-1:] == ["than"] and len(words) > 1 and _is_direction(words[-2]):
        ties.add("size" if words[-3:-2] == ["by"] else "limit")
    following = WORD_OR_TAG.findall(after)[:1]
    if following and _is_direction(following[0]):
        ties.add("size")
    return frozenset(ties)


def _is_direction(word: str) -> bool:
    return bool(UP.fullmatch(word) or DOWN.fullmatch(word))


def _no_new_determiner(source: str, text: str) -> bool:
    """ "The [A]" or "each [A]" makes a name of a value."""
    return len(DETERMINED.findall(text)) <= len(DETERMINED.findall(source))


def _few_new_words(source: str, text: str) -> bool:
    """Words that are neither the source's nor among those that carry no matter of their own."""
    source_stems = {stem(word) for word in WORD.findall(TAG.sub(" ", source))}
    words = [stem(word) for word in WORD.findall(TAG.sub(" ", text))]
    new = [word for word in words if word not in source_stems and word not in FREE_WORDS]
    return len(new) <= max(NEW_WORDS, 0) and len(new) <= max(1, NEW_WORDS_SHARE * len(words))


def _matches(words: re.Pattern[str], text: str) -> list[str]:
    return [hit.group().casefold() for hit in words.finditer(text)]


RULES = (
    FidelityRule("tags or their order", _same_tags),
    FidelityRule("markup", _plain_text),
    FidelityRule("a number", _no_number),
    FidelityRule("length", _right_length),
    FidelityRule("direction", _same_direction),
    FidelityRule("direction of a value", _bound_direction),
    FidelityRule("negation", _same_negation),
    FidelityRule("a value as a name", _no_new_determiner),
    FidelityRule("hedge", _same_hedge),
    FidelityRule("comparison", _still_compared),
    FidelityRule("most or least", _same_end),
    FidelityRule("cause", _no_new_cause),
    FidelityRule("advice", _no_advice),
    FidelityRule("subject", _same_groups(SUBJECTS)),
    FidelityRule("time", _same_groups(TIMES)),
    FidelityRule("measure", _same_groups(MEASURES)),
    FidelityRule("a name", _no_new_name),
    FidelityRule("new matter", _few_new_words),
)
