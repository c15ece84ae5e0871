"""Facts in, checked words out."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from engine.facts import Facts
from engine.narrate.check import unsupported_numbers
from engine.narrate.forecast import FORECAST
from engine.narrate.sentences import Narration, Sentence
from engine.narrate.templates import Template

Page = Literal["forecast"]

PAGES: dict[Page, Sequence[Sequence[Template]]] = {"forecast": FORECAST}


@lru_cache(maxsize=256)
def narrate(facts: Facts, page: Page) -> Narration:
    """The page's facts in a few plain English sentences.

    Templates are checked like any writer: an alternative with a number that no fact supports is passed over. Cautions
    are for the page to show; they are not repeated here.
    """
    said = (_first_that_passes(alternatives, facts) for alternatives in PAGES[page])
    sentences = tuple(sentence for sentence in said if sentence is not None)
    text = Narration(sentences, "template", False).text
    return Narration(sentences, "template", checked=not unsupported_numbers(text, facts))


def _first_that_passes(alternatives: Sequence[Template], facts: Facts) -> Sentence | None:
    filled = (template.fill(facts) for template in alternatives)
    return next((each for each in filled if each is not None and not unsupported_numbers(each.text, facts)), None)
