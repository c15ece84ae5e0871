"""Facts in, checked words out."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from engine.facts import Facts
from engine.narrate import coach
from engine.narrate.budget import BUDGET
from engine.narrate.check import unsupported_numbers
from engine.narrate.forecast import FORECAST
from engine.narrate.orders import ORDERS
from engine.narrate.roster import ROSTER
from engine.narrate.sentences import Masked, Narration, Sentence
from engine.narrate.templates import Template
from engine.narrate.why import WHY

Page = Literal[
    "forecast",
    "orders",
    "roster",
    "budget",
    "why",
    "data total",
    "data mean",
    "data best",
    "data worst",
    "data top",
    "data bottom",
    "stock",
    "spent",
    "staff",
    "pair",
    "window",
    "line",
    "supposed orders",
    "supposed sales",
]

PAGES: dict[Page, Sequence[Sequence[Template]]] = {
    "forecast": FORECAST,
    "orders": ORDERS,
    "roster": ROSTER,
    "budget": BUDGET,
    "why": WHY,
    "data total": coach.DATA_TOTAL,
    "data mean": coach.DATA_MEAN,
    "data best": coach.DATA_BEST,
    "data worst": coach.DATA_WORST,
    "data top": coach.DATA_TOP,
    "data bottom": coach.DATA_BOTTOM,
    "stock": coach.STOCK,
    "spent": coach.SPENT,
    "staff": coach.STAFF,
    "pair": coach.PAIR,
    "window": coach.WINDOW,
    "line": coach.LINE,
    "supposed orders": coach.SUPPOSED_ORDERS,
    "supposed sales": coach.SUPPOSED_SALES,
}


@lru_cache(maxsize=256)
def narrate(facts: Facts, page: Page) -> Narration:
    """The page's facts in a few plain English sentences.

    Templates are checked like any writer: an alternative with a number that no fact supports is passed over. Cautions
    are for the page to show; they are not repeated here.
    """
    sentences = tuple(Sentence(each.fill(), each.facts) for each in masked(facts, page))
    text = Narration(sentences, "template", False).text
    return Narration(sentences, "template", checked=not unsupported_numbers(text, facts), page=page)


@lru_cache(maxsize=256)
def masked(facts: Facts, page: Page) -> tuple[Masked, ...]:
    """The sentences of `narrate` with tags in the place of values, names and days."""
    sentences = (_first_that_passes(alternatives, facts) for alternatives in PAGES[page])
    return tuple(sentence for sentence in sentences if sentence is not None)


def _first_that_passes(alternatives: Sequence[Template], facts: Facts) -> Masked | None:
    filled = (template.mask(facts) for template in alternatives)
    return next((each for each in filled if each is not None and not unsupported_numbers(each.fill(), facts)), None)
