"""What a question is about: some of the items, a store or a category, or something that the file does not have."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from engine.business.model import Business
from engine.business.query import Filter
from engine.coach.context import READ, QuestionFact
from engine.coach.figures import CATEGORIES, STORES, Figures, Grouping
from engine.coach.understand.entities import EVERYDAY, WORD, Alike, Arguments, alike_in, singular
from engine.coach.understand.times import read_spans
from engine.facts import Fact, Facts
from engine.narrate.coach import NOT_IN_FILE

MOST_NAMES = 3
"""So many items that share a word are said by their names; more of them by the word."""
CLOSE = 0.8
"""A word this close to one of an item's name is taken for it, only not spelt in the same way."""
_COUNTED = (
    "seasonal general standard change point mile kilometre kilometer inch foot feet ounce gallon far farther friend "
    "everything anything nothing something stuff altogether overall exactly roughly approximately else actual average "
    "unit item product piece good thing article line box pack bag bottle case kilo gram litre pound dollar euro "
    "percent stock inventory quantity volume amount total number store shop branch location outlet region "
    "category department group brand channel supplier sale revenue money cash income turnover takings earning "
    "profit margin order transaction purchase receipt invoice ticket bill basket booking reservation appointment "
    "visit visitor lead enquiry inquiry call delivery check cover table meal job project session deal contract "
    "hour minute time weekday weekend quarter fortnight holiday morning afternoon evening night person people "
    "customer client guest shopper buyer employee staff worker member patient user subscriber colleague further "
    "fewer other different separate business growth promotion discount one two three four five six seven eight "
    "nine ten monday tuesday wednesday thursday friday saturday sunday"
)
NOT_FOR_SALE = EVERYDAY | {singular(word) for word in _COUNTED.split()}
"""Words after "how many" that name no item: what is counted, when, by whom."""
HOW_MANY = re.compile(
    r"\bhow (?:many|much)(?: of)?(?: (?:my|our|the|these|those))? (?P<what>(?:[^\W\d_]{3,}[- ]){0,2}?[^\W\d_]{3,})"
    r" (?:did|do|have|had|has|will|should)\b",
    re.IGNORECASE,
)
_LISTED = r"(?:\w+(?:,| and| or| with| to| vs\.?| versus| against) )*"


@dataclass(frozen=True)
class Selection:
    """Some of the items, the stores or the categories, or all.

    Attributes:
        label: how they are called; "" for all.
        items: their names; none for all.
        dimension: what they are.
    """

    label: str = ""
    items: tuple[str, ...] = ()
    dimension: str = "item"

    @property
    def where(self) -> tuple[Filter, ...]:
        """The filter that leaves only them."""
        return (Filter(self.dimension, self.items),) if self.items else ()


def selections(arguments: Arguments) -> tuple[Selection, ...]:
    """One for each item that is named, and one for each word that several items share."""
    alone = (Selection(item, (item,)) for item in arguments.items)
    return (*alone, *(Selection(listed(_names(alike)), alike.items) for alike in arguments.alike))


def in_order(sides: Sequence[Selection], question: str) -> tuple[Selection, ...]:
    """The selections in the order in which the question names them."""
    order = [singular(word) for word in WORD.findall(question.casefold())]

    def place(side: Selection) -> int:
        words = set.intersection(*(_words(item) for item in side.items))
        return min((order.index(word) for word in words - EVERYDAY if word in order), default=len(order))

    return tuple(sorted(sides, key=place))


def together(arguments: Arguments) -> Selection:
    """All items that the question names as one selection; all of the file where it names none."""
    items = (*arguments.items, *(item for alike in arguments.alike for item in alike.items))
    names = (*arguments.items, *(name for alike in arguments.alike for name in _names(alike)))
    return Selection(listed(names), tuple(dict.fromkeys(items)))


def listed(names: Sequence[str]) -> str:
    """ "Rye loaf, White roll and Muffin"."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _names(alike: Alike) -> tuple[str, ...]:
    few = len(alike.items) <= MOST_NAMES
    return alike.items if few else (f"all items with '{alike.words}' in their names",)


def places_in(question: str, figures: Figures, grouping: Grouping) -> tuple[str, ...]:
    """The stores, or the categories, that the question names in full, in its order; "last winter" is a time."""
    question, _ = read_spans(question, figures.whole.last)
    names = (name for name in figures.names(grouping) if not _is_everyday(name))
    places = sorted((_place_of(question, name, grouping), name) for name in names)
    return tuple(name for place, name in places if place >= 0)


def _place_of(question: str, value: str, grouping: Grouping) -> int:
    """Where it stands, -1 for nowhere; a number is one only as in "stores 1 and 3"."""
    called = "" if WORD.search(value) else rf"\b(?:{grouping.words}) (?:number |no\.? ?|#)?{_LISTED}"
    name = rf"{called}(?<!\w)(?P<name>{re.escape(value.removesuffix('s'))})(?:s|es)?(?!\w)"
    hit = re.search(name, question, re.IGNORECASE)
    return hit.start("name") if hit else -1


def called(name: str, grouping: Grouping) -> str:
    """The name, or "store 3" for a bare number."""
    return name if WORD.search(name) else f"{grouping.noun} {name}"


def _is_everyday(value: str) -> bool:
    """True for an everyday word alone, and where there is no word."""
    parts = re.findall(r"\w+", value.casefold())
    return not parts or (len(parts) == 1 and singular(parts[0]) in NOT_FOR_SALE)


def narrowed(
    figures: Figures, question: str, arguments: Arguments, *, keep: Grouping | None = None
) -> tuple[Figures, Arguments]:
    """Only the stores and the categories that the question names, and what else it names.

    A category counts where no item is named, or a single one by the category's own word: "cakes" are all that the owner
    calls so, not the one item that has the word in its name. Of several items with the word, and no other category, the
    names are clearer.

    Args:
        figures: what is counted.
        question: as it was typed.
        arguments: what was read in it.
        keep: the names of this grouping take nothing away.
    """
    if keep is not STORES:
        figures = _only(figures, STORES, places_in(question, figures, STORES))
    categories = places_in(question, figures, CATEGORIES) or _kinds_in(question, figures)
    words = {word for name in categories for word in _words(name)}
    named = [*arguments.items, *(item for alike in arguments.alike for item in alike.items)]
    by_name = any(item.casefold() in question.casefold() for item in named)
    only_words = not by_name and all(words & _words(item) for item in named)
    if not only_words or len(categories) <= bool(arguments.alike):
        return figures, arguments
    only = figures if keep is CATEGORIES else _only(figures, CATEGORIES, categories)
    return only, replace(arguments, items=(), alike=())


def _kinds_in(question: str, figures: Figures) -> tuple[str, ...]:
    """The categories that share a word which the question says: "drinks" for the hot and the cold ones."""
    question, _ = read_spans(question, figures.whole.last)
    return tuple(dict.fromkeys(name for each in alike_in(question, figures.names(CATEGORIES)) for name in each.items))


def _only(figures: Figures, grouping: Grouping, names: Sequence[str]) -> Figures:
    if not names:
        return figures
    label = f"{figures.label}, {listed([called(name, grouping) for name in names])}"
    return replace(figures, label=label, where=(*figures.where, Filter(grouping.key, tuple(names))))


def words_of(figures: Figures) -> tuple[str, ...]:
    """What is counted, and the stores and categories."""
    return (figures.label, *(name for grouping in (STORES, CATEGORIES) for name in figures.names(grouping)))


def not_in_file(question: str, items: Sequence[str], words: Sequence[str], business: Business) -> Iterator[Fact]:
    """The fact that no item is called as the question says, only where that is sure.

    Args:
        question: names none of the items.
        items: of the file.
        words: what the file has names for besides: its stores, say.
        business: whose file.
    """
    hit = HOW_MANY.search(question)
    if hit is None or len(items) < 2:
        return
    nouns = [singular(word) for word in WORD.findall(hit["what"].casefold())]
    names = [*items, *words, *business.columns]
    vocabulary = {word for name in names for word in _words(name)}
    if any(word in NOT_FOR_SALE or get_close_matches(word, vocabulary, 1, CLOSE) for word in nouns):
        return
    yield QuestionFact("not_in_file", "Asked for, but not in your file", hit["what"], "", READ)


def _words(name: str) -> set[str]:
    return {singular(word) for word in WORD.findall(name.casefold())}


def absence(unknown: Iterable[Fact]) -> tuple[str, ...]:
    """The caution that what was asked for is not in the file, where it is not."""
    sentence = NOT_IN_FILE[0].fill(Facts(tuple(unknown)))
    return (sentence.text,) if sentence is not None else ()
