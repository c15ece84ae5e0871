"""What a question says about time, items and amounts, read by rules: nothing here is guessed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from engine.business.calendar import Period
from engine.coach.understand.times import MONTHS, WEEKDAYS, in_longer_time, read_spans

AMOUNT = re.compile(
    r"(?P<sign>[-−+])?(?P<money>[$€£])?\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s?(?P<scale>k"
    r"|m|thousand|million)?\b"
    r"\s?(?P<unit>%|percent|per cent|dollars?|euros?|pounds?|usd|eur|gbp)?",
    re.IGNORECASE,
)
CURRENCIES = {"$": "USD", "dollar": "USD", "usd": "USD", "€": "EUR", "euro": "EUR", "eur": "EUR"} | {
    "£": "GBP",
    "pound": "GBP",
    "gbp": "GBP",
}
SPENDING = re.compile(r"\b(?:spend\w*|budget|only have|afford|at most|up to|no more than|cash)\b", re.I)
"""Words beside which a bare number is money to spend."""
WORD = re.compile(r"[^\W\d_]{3,}")
CLOSE = 0.84
_EVERYDAY = (
    "all and any average best better buy card cost day down for good high item list low make month more "
    "most much need new next order over per plan price product profit sale sell set shift show special "
    "stock store test the top unit week what when who will with work worst year"
)
_LINKING = (
    "about after again also are before between both but can could did does during each every few from give had has "
    "have her here his how into its just let like many may our out please said see she should since some such tell "
    "than that their them then there these they this those through too until very was were where which while whole "
    "why would you your"
)
_LOOSE = "big change drop half kind large regular rise single size small sold total type"


def singular(word: str) -> str:
    """One form for a word and its plural, to compare words by; not always a word itself: "loaf" for "loaves".

    >>> [singular(word) for word in ("rolls", "dresses", "pastries", "cookies", "loaves")]
    ['roll', 'dress', 'pastry', 'cooky', 'loaf']
    """
    base = word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word
    for ending, plain in (
        ("ie", "y"),
        ("ve", "f"),
        ("fe", "f"),
        ("oe", "o"),
        ("sse", "ss"),
        ("xe", "x"),
        ("she", "sh"),
    ):
        if len(base) > 4 and base.endswith(ending):
            return base.removesuffix(ending) + plain
    return base.removesuffix("e") if len(base) > 4 and base.endswith("che") else base


EVERYDAY = frozenset(singular(word) for word in f"{_EVERYDAY} {_LINKING}".split())
"""Words of everyday questions; one of them in a question does not name the item that has it in its name."""
SHARED_BY_CHANCE = EVERYDAY | {singular(word) for word in (*_LOOSE.split(), *WEEKDAYS, *MONTHS)}
"""A word of these does not stand for the items that share it."""


@dataclass(frozen=True)
class Amount:
    """A number with what it counts: "%", an ISO currency code, or "" when the question does not say."""

    value: float
    unit: str


@dataclass(frozen=True)
class Alike:
    """Items that share a word of the question, where it names none of them by itself.

    Attributes:
        words: as they were said: "rolls", or "oat lattes" for the items that have both words.
        items: one or more, in the order of the owner's data, though never all of them.
    """

    words: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Arguments:
    """What was found.

    Attributes:
        spans: stretches of time, in the order of the question.
        items: items of the owner's data that are named, in the order of the question.
        amounts: numbers that are not part of a stretch of time or of an item.
        alike: items that share a word of the question.
    """

    spans: tuple[Period, ...] = ()
    items: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()
    alike: tuple[Alike, ...] = ()


def read_arguments(query: str, *, today: date, items: Sequence[str] = ()) -> Arguments:
    """The stretches of time, items and amounts of a question.

    Args:
        query: the question.
        today: what "tomorrow" is counted from.
        items: names that the owner's data holds; misspelt ones are found when they are close.
    """
    rest, named = _items_in_full(query, items, today)
    rest, spans = read_spans(rest, today)
    item_names = _with_items_by_word(query, rest, items, named)
    amounts = tuple(_amount(match) for match in AMOUNT.finditer(rest))
    alike = {group.items: group for group in alike_in(rest, items, item_names)}
    return Arguments(spans, item_names, amounts, tuple(alike.values()))


def _items_in_full(query: str, items: Sequence[str], today: date) -> tuple[str, list[tuple[int, str]]]:
    """The items whose whole names are said; their places are blanked, so that "Size 42" is no amount."""
    places: list[tuple[int, str]] = []
    rest = query
    for item in sorted(items, key=len, reverse=True):
        hits = re.finditer(rf"(?<!\w){re.escape(item)}(?:s|es)?(?!\w)", rest, re.IGNORECASE)
        hit = next((hit for hit in hits if not in_longer_time(query, *hit.span(), today)), None)
        if hit:
            places.append((hit.start(), item))
            rest = rest[: hit.start()] + " " * len(hit.group()) + rest[hit.end() :]
    return rest, places


def _with_items_by_word(
    query: str, rest: str, items: Sequence[str], named: Sequence[tuple[int, str]]
) -> tuple[str, ...]:
    """Those and the items that what is left of the question names by a word, or misspelt where it names none at all."""
    full_names = {item for _, item in named}
    places = [*named, *((start, item) for start, item in _items_by_word(rest, items) if item not in full_names)]
    return tuple(item for _, item in sorted(places or _close_items(rest, items)))


def _items_by_word(query: str, items: Sequence[str]) -> list[tuple[int, str]]:
    """Items of whose names the question says one word that no other item has: "croissants" for "Butter croissant"."""
    having = _having(items)
    starts: dict[str, int] = {}
    for match in WORD.finditer(query.casefold()):
        word = singular(match.group())
        if word not in EVERYDAY and len(having.get(word, ())) == 1:
            starts.setdefault(next(iter(having[word])), match.start())
    return [(start, item) for item, start in starts.items()]


def _having(items: Sequence[str]) -> dict[str, set[str]]:
    """The items that have a word in their names, by word."""
    having: dict[str, set[str]] = {}
    for item in items:
        for word in WORD.findall(item.casefold()):
            having.setdefault(singular(word), set()).add(item)
    return having


def alike_in(query: str, items: Sequence[str], named: Sequence[str] = ()) -> Iterator[Alike]:
    """The items of each word that some of them share, but none of those named; words side by side narrow them down.

    Args:
        query: the question.
        items: the owner's items.
        named: items that the question names in full or by a word of their own.
    """
    having, phrase = _having(items), list[re.Match[str]]()
    shared = set[str]()
    for hit in [hit for hit in WORD.finditer(query) if _shares(having, hit, items, named)]:
        word = having[singular(hit.group().casefold())]
        if phrase and shared & word and not query[phrase[-1].end() : hit.start()].strip(" -"):
            shared, phrase = shared & word, [*phrase, hit]
            continue
        if phrase:
            yield _as_alike(phrase, shared, items)
        shared, phrase = word, [hit]
    if phrase:
        yield _as_alike(phrase, shared, items)


def _shares(having: dict[str, set[str]], hit: re.Match[str], items: Sequence[str], named: Sequence[str]) -> bool:
    word = singular(hit.group().casefold())
    having_it = having.get(word, set())
    return 1 < len(having_it) < len(items) and word not in SHARED_BY_CHANCE and not having_it.intersection(named)


def _as_alike(phrase: Sequence[re.Match[str]], shared: set[str], items: Sequence[str]) -> Alike:
    return Alike(" ".join(hit.group() for hit in phrase), tuple(item for item in items if item in shared))


def _close_items(query: str, items: Sequence[str]) -> list[tuple[int, str]]:
    by_name = {item.casefold(): item for item in items}
    places = []
    for word in re.finditer(r"[^\W\d_]{4,}", query.casefold()):
        close = get_close_matches(word.group(), by_name, 1, CLOSE)
        if close and singular(word.group()) not in EVERYDAY:
            places.append((word.start(), by_name[close[0]]))
    return places


def _amount(match: re.Match[str]) -> Amount:
    scale = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}.get((match["scale"] or "").casefold(), 1.0)
    value = float(match["number"].replace(",", "")) * scale * (-1 if match["sign"] in ("-", "−") else 1)
    unit = (match["unit"] or match["money"] or "").casefold()
    if unit in ("%", "percent", "per cent"):
        return Amount(value, "%")
    return Amount(value, CURRENCIES.get(unit.removesuffix("s"), ""))
