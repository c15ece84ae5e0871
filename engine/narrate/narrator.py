"""Facts in, checked words out."""

from collections.abc import Sequence
from functools import lru_cache

from engine.facts import Facts
from engine.narrate import budget, coach, forecast, orders, roster, why  # noqa: F401 - each registers its sentences
from engine.narrate.check import unsupported_numbers
from engine.narrate.sentences import MaskedSentence, Narration, Sentence
from engine.narrate.templates import PAGES, SentenceTemplate

Page = str
"""One of `PAGES`."""


@lru_cache(maxsize=256)
def narrate(facts: Facts, page: Page) -> Narration:
    """The page's facts in a few plain English sentences.

    Templates are checked like any writer: an alternative with a number that no fact supports is passed over. Cautions
    are for the page to show; they are not repeated here.

    Args:
        facts: what the engine computed.
        page: one of `templates.PAGES`.

    Raises:
        KeyError: no sentences are registered for the page.
    """
    sentences = tuple(Sentence(each.fill(), each.facts) for each in masked(facts, page))
    text = Narration(sentences, "template", False).text
    return Narration(sentences, "template", checked=not unsupported_numbers(text, facts), page=page)


@lru_cache(maxsize=256)
def masked(facts: Facts, page: Page) -> tuple[MaskedSentence, ...]:
    """The sentences of `narrate` with tags in the place of values, names and days."""
    sentences = (_first_that_passes(alternatives, facts) for alternatives in PAGES[page])
    return tuple(sentence for sentence in sentences if sentence is not None)


def _first_that_passes(alternatives: Sequence[SentenceTemplate], facts: Facts) -> MaskedSentence | None:
    filled = (template.mask(facts) for template in alternatives)
    return next((each for each in filled if each is not None and not unsupported_numbers(each.fill(), facts)), None)
