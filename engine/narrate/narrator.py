"""Facts in, checked words out: every number that a text shows must be one of the engine's facts."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from engine.facts import Fact, Facts
from engine.narrate import coach, pages  # noqa: F401 - each registers its sentences
from engine.narrate.claims import Day, NumberClaim, Quantity, Unit, blank, plain, singular
from engine.narrate.numerals import find_claims
from engine.narrate.sentences import (
    PAGES,
    MaskedSentence,
    Narration,
    Sentence,
    SentenceTemplate,
    currency_marks,
    is_currency,
)

_BARE_NUMBER = re.compile(r"[-−+]?\d[\d.,'’]*")
_ROUNDING = 1e-12

Page = str
"""One of `PAGES`."""


def unsupported_numbers(text: str, facts: Facts, locale: str = "en") -> list[float]:
    """Each number of the text that no fact supports, in order; nothing when the text may be shown.

    A fact supports a number when its value, rounded to the last place that the text shows, equals it: 4499.7 supports
    "4,500", 4460 does not, and both support "4.5 thousand". A percentage needs a fact in "%" and the other way round; a
    currency mark needs a fact in that currency; the noun right after the number ("28 days") must not be the unit of
    something else. The sign may be left to a direction word ("down 5%"), which must then agree with a percentage. Dates
    need a date fact with the same day, month and year as far as they are written. Digits inside a name, or inside a
    phrase of a label ("next 28 days"), are allowed where that name or phrase stands. In doubt a number is reported:
    a false alarm only means that the template speaks.

    Known limits: a number in the place of another one of the same unit ("8% more than last year" where 8% is the change
    on last month) passes, since only the number is checked and not its role; number words are read in English alone.

    Args:
        text: what a writer wants to say.
        facts: what the engine computed.
        locale: the locale whose decimal mark, thousands mark and month names the text uses.
    """
    nouns = frozenset(singular(fact.unit) for fact in facts if fact.unit.isalpha() and not is_currency(fact.unit))
    seen = plain(text)
    seen = blank(seen, _find_quotations(seen, facts, nouns))
    claims = find_claims(seen, nouns, locale)
    return [
        number
        for claim in claims
        if not any(_supports(fact, claim, locale) for fact in facts)
        for number in claim.figures
    ]


def _find_quotations(text: str, facts: Facts, nouns: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where a name with digits in it, or a numbered phrase of a label, stands in the text."""
    phrases = {phrase for fact in facts for phrase in _label_phrases(fact.label)}
    phrases |= {name for fact in facts if isinstance(fact.value, str) for name in _numbered_name(fact.value, nouns)}
    for phrase in phrases:
        yield from (match.span() for match in _phrase_pattern(phrase).finditer(text))


@lru_cache(maxsize=1024)
def _label_phrases(label: str) -> tuple[str, ...]:
    """Each number of a label with the words beside it: "next 28 days" of "Units expected over the next 28 days"."""
    words = plain(label).split()
    phrases = []
    for place, word in enumerate(words):
        beside = words[max(0, place - 1) : place] + words[place + 1 : place + 2]
        if re.search(r"\d", word) and any(re.search(r"[^\W\d_]", other) for other in beside):
            phrases.append(" ".join(words[max(0, place - 1) : place + 2]).strip(" ,.;:()[]\"'"))
    return tuple(phrases)


@lru_cache(maxsize=1024)
def _numbered_name(value: str, nouns: frozenset[str]) -> tuple[str, ...]:
    """The name when it would be reported if it were none; a bare number that can be read is matched as a value."""
    name = plain(value).strip()
    claims = find_claims(name, nouns)
    as_value = _BARE_NUMBER.fullmatch(name) and any(claim.readings for claim in claims)
    return (name,) if claims and not as_value else ()


@lru_cache(maxsize=1024)
def _phrase_pattern(phrase: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in phrase.split())
    # Longer numbers, percentages and decimals are not the phrase: "Cola 5" does not allow "Cola 5.5" or "Cola 5%".
    return re.compile(rf"(?<!\w)(?<!\d[.,'’]){words}(?!\w|[.,'’]\d|\s?[%٪])", re.IGNORECASE)


def _supports(fact: Fact, claim: NumberClaim, locale: str) -> bool:
    return any(_agrees(fact, reading, claim.written, locale) for reading in claim.readings)


def _agrees(fact: Fact, reading: Quantity | Day, written: str, locale: str) -> bool:
    value = fact.value
    if isinstance(reading, Day):
        return isinstance(value, date) and _same_day(value, reading)
    if isinstance(value, str):
        return value.strip() == written and reading.unit == Unit()
    if isinstance(value, date):
        return False
    return _same_unit(fact.unit, reading.unit, locale) and _same_value(value, reading)


def _same_day(value: date, day: Day) -> bool:
    parts = ((day.day, value.day), (day.month, value.month), (day.year, value.year))
    return all(part is None or part == true for part, true in parts)


def _same_unit(of_fact: str, unit: Unit, locale: str) -> bool:
    if unit.kind == "percent" or of_fact == "%":
        return unit.kind == "percent" and of_fact == "%"
    if unit.kind == "money":
        return is_currency(of_fact) and unit.text in currency_marks(of_fact, locale)
    if unit.kind == "points":
        return of_fact in ("pp", "percentage points")
    if unit.kind == "ratio":
        return of_fact in ("", "x", "×", "times")
    if unit.kind == "suffix":
        return singular(unit.text) == singular(of_fact)
    return unit.kind == "none" or unit.text == singular(of_fact)


def _same_value(value: float, amount: Quantity) -> bool:
    slack = amount.half_place + _ROUNDING * max(1.0, abs(value))
    if amount.sign and amount.size and value * amount.sign < 0:
        return False
    return abs(abs(value) - amount.size) <= slack


@lru_cache(maxsize=256)
def narrate(facts: Facts, page: Page) -> Narration:
    """The page's facts in a few plain English sentences.

    Templates are checked like any writer: an alternative with a number that no fact supports is passed over. Cautions
    are for the page to show; they are not repeated here.

    Args:
        facts: what the engine computed.
        page: one of `sentences.PAGES`.

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
