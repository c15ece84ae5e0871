"""What a question says about time, items and amounts, read by rules: nothing here is guessed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from engine.llm.times import Span, read_spans

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
CLOSE = 0.84
_EVERYDAY = (
    "all and any average best better buy card cost day down for good high item list low make month more "
    "most much need new next order over per plan price product profit sale sell set shift show special "
    "stock store test the top unit week what when who will with work worst year"
)
EVERYDAY = frozenset(_EVERYDAY.split())
"""Words of everyday questions; one of them in a question does not name the item that has it in its name."""


@dataclass(frozen=True)
class Amount:
    """A number with what it counts: "%", an ISO currency code, or "" when the question does not say."""

    value: float
    unit: str


@dataclass(frozen=True)
class Arguments:
    """What was found.

    Attributes:
        spans: stretches of time, in the order of the question.
        items: items of the owner's data that are named, in the order of the question.
        amounts: numbers that are not part of a stretch of time or of an item.
    """

    spans: tuple[Span, ...] = ()
    items: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()


def read_arguments(query: str, *, today: date, items: Sequence[str] = ()) -> Arguments:
    """The stretches of time, items and amounts of a question.

    Args:
        query: the question.
        today: what "tomorrow" is counted from.
        items: names that the owner's data holds; misspelt ones are found when they are close.
    """
    rest, found_items = _items(query, items)
    rest, spans = read_spans(rest, today)
    amounts = tuple(_amount(found) for found in AMOUNT.finditer(rest))
    return Arguments(spans, found_items, amounts)


def _items(query: str, items: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The items that are named; their places are blanked, so that "Size 42" is no amount."""
    found: list[tuple[int, str]] = []
    rest = query
    for item in sorted(items, key=len, reverse=True):
        hit = re.search(rf"(?<!\w){re.escape(item)}(?:s|es)?(?!\w)", rest, re.IGNORECASE)
        if hit:
            found.append((hit.start(), item))
            rest = rest[: hit.start()] + " " * len(hit.group()) + rest[hit.end() :]
    known = {item for _, item in found}
    found += [(start, item) for start, item in _items_by_word(rest, items) if item not in known]
    found = found or _close_items(query, items)
    return rest, tuple(item for _, item in sorted(found))


def _items_by_word(query: str, items: Sequence[str]) -> list[tuple[int, str]]:
    """Items of whose names the question says one word that no other item has: "croissants" for "Butter croissant"."""
    having: dict[str, set[str]] = {}
    for item in items:
        for word in re.findall(r"[^\W\d_]{3,}", item.casefold()):
            having.setdefault(_singular(word), set()).add(item)
    found: dict[str, int] = {}
    for said in re.finditer(r"[^\W\d_]{3,}", query.casefold()):
        word = _singular(said.group())
        if word not in EVERYDAY and len(having.get(word, ())) == 1:
            found.setdefault(next(iter(having[word])), said.start())
    return [(start, item) for item, start in found.items()]


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word


def _close_items(query: str, items: Sequence[str]) -> list[tuple[int, str]]:
    by_name = {item.casefold(): item for item in items}
    found = []
    for word in re.finditer(r"[^\W\d_]{4,}", query):
        close = get_close_matches(word.group().casefold(), by_name, 1, CLOSE)
        if close:
            found.append((word.start(), by_name[close[0]]))
    return found


def _amount(found: re.Match[str]) -> Amount:
    scale = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}.get((found["scale"] or "").casefold(), 1.0)
    value = float(found["number"].replace(",", "")) * scale * (-1 if found["sign"] in ("-", "−") else 1)
    unit = (found["unit"] or found["money"] or "").casefold()
    if unit in ("%", "percent", "per cent"):
        return Amount(value, "%")
    return Amount(value, CURRENCIES.get(unit.removesuffix("s"), ""))
