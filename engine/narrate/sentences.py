"""What a narrator says: how a fact's value reads, and sentences with slots: the writer that always works.

A template's own words hold no number, so that only facts can bring one in. A slot is `{fact}`, or `{fact:size}` for the
size of a change whose direction the words tell, or `{fact:bare}` for a value whose unit noun follows later. Babel knows
how a locale writes numbers, dates and money, and has its home here.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from string import Formatter

from engine.facts import Fact, Facts

WHOLE_FROM = {"%": 20.0, "": 100.0}
"""From this size on a value is spoken without decimals; for anything that is counted, from `COUNTED_WHOLE_FROM`."""

COUNTED_WHOLE_FROM = 10.0
WHOLE_MONEY_FROM = 100.0

DURATIONS = {
    "days": "duration-day",
    "weeks": "duration-week",
    "months": "duration-month",
    "quarters": "duration-quarter",
    "years": "duration-year",
    "hours": "duration-hour",
    "minutes": "duration-minute",
}

TAG = re.compile(r"\[([A-Z])\]")

LEVEL_BELOW = 0.5
"""A change smaller than this, in percent, reads as "about the same"."""

Sentences = tuple[tuple["SentenceTemplate", ...], ...]
"""The sentences of a page in their order; of each its alternatives, the fullest first."""

PAGES: dict[str, Sentences] = {}
"""Under its page's name what can be said of it; each module of sentences registers its own."""


@dataclass(frozen=True)
class NumberMarks:
    """The characters between the digits of a number.

    Attributes:
        decimal: the decimal mark.
        group: the mark between thousands.
        grouping: digits in each group above the thousands: 3, or 2 in India.
    """

    decimal: str
    group: str
    grouping: int


def spoken(fact: Fact, locale: str = "en") -> str:
    """How the fact's value reads with its unit: "4,500 units", "8%", "€1,250", "12 May 2026".

    Counts from 10, percentages from 20 and money from 100 on are whole; smaller values keep one decimal, values
    below 1 two significant digits. Durations are translated; other unit nouns are said as they are.

    Raises:
        ValueError: the value is not a finite number.
    """
    value = fact.value
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return _spoken_date(value, locale)
    number = rounded(value, fact.unit)
    if fact.unit in DURATIONS:
        return _spoken_duration(number, fact.unit, locale)
    noun = "" if fact.unit == "%" or is_currency(fact.unit) else fact.unit
    if noun.endswith("s") and abs(number) == 1:
        noun = noun[:-1]
    return f"{_spoken_number(number, fact.unit, locale)} {noun}".strip()


def spoken_bare(fact: Fact, locale: str = "en") -> str:
    """Like `spoken`, without the unit noun; a percent sign or a currency stays: "40" of "40 to 60 units".

    Raises:
        ValueError: the value is not a finite number.
    """
    if isinstance(fact.value, str | date):
        return spoken(fact, locale)
    return _spoken_number(rounded(fact.value, fact.unit), fact.unit, locale)


def rounded(value: float, unit: str) -> Decimal:
    """The value with as many decimals as are worth saying.

    Raises:
        ValueError: the value is not a finite number.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be spoken")
    number = Decimal(str(round(value, _decimals(abs(value), unit))))
    whole = number.to_integral_value()
    return whole + 0 if number == whole else number  # "+ 0" turns a negative zero into zero


@lru_cache(maxsize=256)
def is_currency(code: str) -> bool:
    """True for an ISO 4217 code."""
    from babel.core import get_global

    return len(code) == 3 and code in get_global("all_currencies")


@lru_cache(maxsize=256)
def currency_marks(code: str, locale: str) -> frozenset[str]:
    """Everything that may stand for this currency beside a number: "EUR", "€", "euro"; words in the singular."""
    from babel.numbers import get_currency_name, get_currency_symbol

    symbols = {get_currency_symbol(code, each) for each in ("en", "en_001", locale)}
    narrow = {symbol[-1] for symbol in symbols if not symbol[-1].isalpha()}
    word = get_currency_name(code, locale="en").split()[-1].casefold()
    return frozenset({code, word, *symbols, *narrow})


@lru_cache(maxsize=32)
def number_marks(locale: str) -> NumberMarks:
    """The decimal mark and the thousands mark of a locale."""
    from babel import Locale
    from babel.numbers import get_decimal_symbol, get_group_symbol

    grouping = Locale.parse(locale).decimal_formats[None].grouping[1]
    return NumberMarks(get_decimal_symbol(locale), get_group_symbol(locale), grouping if grouping == 2 else 3)


@lru_cache(maxsize=32)
def month_numbers(locale: str) -> dict[str, int]:
    """Month names, long and short, in English and in the locale's language, with their numbers 1..12."""
    from babel.dates import get_month_names

    names = {"Sept": 9}
    for language in ("en", "en_001", locale):
        for width in ("wide", "abbreviated"):
            names |= {name.rstrip("."): number for number, name in get_month_names(width, locale=language).items()}
    return names


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


def _decimals(size: float, unit: str) -> int:
    if is_currency(unit):
        return 0 if size >= WHOLE_MONEY_FROM else 2
    if size >= WHOLE_FROM.get(unit, COUNTED_WHOLE_FROM):
        return 0
    if size >= 1 or size == 0:
        return 2 if unit == "" and size < 10 else 1
    return 1 - math.floor(math.log10(size))


def _spoken_date(day: date, locale: str) -> str:
    from babel.dates import format_date

    # Day before month is understood everywhere; Babel's plain "en" is American and puts the month first.
    return str(format_date(day, format="long", locale="en_001" if locale == "en" else locale))


def _spoken_number(number: Decimal, unit: str, locale: str) -> str:
    from babel.numbers import format_decimal, format_percent

    if is_currency(unit):
        return _spoken_money(number, unit, locale)
    if unit == "%":
        return str(format_percent(number / 100, locale=locale, decimal_quantization=False))
    return str(format_decimal(number, locale=locale, decimal_quantization=False))


def _spoken_money(number: Decimal, currency: str, locale: str) -> str:
    from babel import Locale
    from babel.numbers import format_currency

    if abs(number) < WHOLE_MONEY_FROM:
        return str(format_currency(number, currency, locale=locale))
    pattern = Locale.parse(locale).currency_formats["standard"].pattern.replace(".00", "")
    return str(format_currency(number, currency, format=pattern, locale=locale, currency_digits=False))


def _spoken_duration(number: Decimal, unit: str, locale: str) -> str:
    from babel import Locale
    from babel.units import format_unit

    pattern = Locale.parse(locale).decimal_formats[None].pattern.replace(".###", ".############")
    text = str(format_unit(number, DURATIONS[unit], format=pattern, locale=locale))
    # Some locales (Turkish) have no pattern of their own for a duration, and Babel then shows the key.
    return text.replace(DURATIONS[unit], unit)


def _say(fact: Fact, manner: str) -> str:
    if manner == "size" and not isinstance(fact.value, str | date):
        return spoken(replace(fact, value=abs(fact.value)))
    return spoken_bare(fact) if manner == "bare" else spoken(fact)


def _speakable(fact: Fact) -> bool:
    """Nothing that is empty, endless or not a number can be said."""
    if isinstance(fact.value, str):
        return bool(fact.value.strip())
    return isinstance(fact.value, date) or math.isfinite(fact.value)
