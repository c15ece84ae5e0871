"""How a fact's value reads, and the marks by which a locale writes numbers, dates and money (Babel's home)."""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from engine.facts import Fact

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
