"""Every number that a text shows in digits, and every date."""

import re
from collections.abc import Iterator
from functools import lru_cache

from engine.narrate.claims import Claim, Day, blank
from engine.narrate.context import Numeral, claim_at
from engine.narrate.number_words import find_number_words
from engine.narrate.values import month_numbers, number_marks

PERIOD_NOUNS = frozenset({"second", "minute", "hour", "day", "week", "month", "quarter", "year"})

_DIGITS = re.compile(r"(?:\d+|(?<!\w)\.\d+)(?:[.,'’]\d+|[\u00a0\u202f\u2009]\d{3}(?!\d))*")
_ISO_DATE = re.compile(r"(?<![\w-])(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?![\w-])")


def find_claims(text: str, nouns: frozenset[str], locale: str = "en") -> list[Claim]:
    """Each number in a plain text, in order.

    A number that cannot be read safely (a clock time, "Q3", "3/4", "hundreds of", "1,23") is found all the same,
    without a reading, so that nothing can support it.

    Args:
        text: what `plain` returned.
        nouns: unit nouns in the singular, by which "one unit" differs from "one of them".
        locale: whose decimal mark, thousands mark and month names the text uses; number words are English.
    """
    all_nouns = nouns | PERIOD_NOUNS
    dates = list(_find_dates(text, locale))
    rest = blank(text, ((claim.start, claim.end) for claim in dates))
    digits = [claim_at(rest, _numeral(match, locale), all_nouns) for match in _DIGITS.finditer(rest)]
    rest = blank(rest, ((claim.start, claim.end) for claim in digits))
    return sorted([*dates, *digits, *find_number_words(rest, all_nouns)], key=lambda claim: claim.start)


def _find_dates(text: str, locale: str) -> Iterator[Claim]:
    for pattern in (_ISO_DATE, *_named_dates(locale)):
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = parts["month"]
            number = int(month) if month.isdigit() else month_numbers(locale)[month]
            day = Day(_whole(parts.get("day")), number, _whole(parts.get("year")))
            figures = tuple(float(digits) for digits in re.findall(r"\d+", match.group()))
            yield Claim(match.start(), match.end(), match.group(), figures, (day,))
        text = blank(text, [match.span() for match in pattern.finditer(text)])


@lru_cache(maxsize=32)
def _named_dates(locale: str) -> tuple[re.Pattern[str], ...]:
    """12 May 2026; 12 May; 12th of May; May 12, 2026; May 12; May 2026."""
    names = "|".join(re.escape(name) for name in sorted(month_numbers(locale), key=len, reverse=True))
    month, year = rf"(?P<month>{names})(?!\w)\.?", r"(?P<year>(?:19|20|21)\d\d)(?!\w|[.,]\d)"
    ordinal = r"(?:st|nd|rd|th)" if locale.startswith("en") else r"\."
    return (
        re.compile(rf"(?<![\w.,:/-])(?P<day>\d{{1,2}}){ordinal}?\s(?:of\s|de\s)?{month}(?:,?\s(?:de\s)?{year})?"),
        re.compile(rf"(?<!\w){month}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\w|[.,:]\d|\s?%)(?:,?\s{year})?"),
        re.compile(rf"(?<!\w){month},?\s{year}"),
    )


def _numeral(match: re.Match[str], locale: str) -> Numeral:
    written = match.group()
    read = _number_pattern(locale).fullmatch(written)
    if read is None or re.match(r"0\d", written):
        return Numeral(*match.span(), None, 0.0, tuple(float(digits) for digits in re.findall(r"\d+", written)))
    whole, decimals = re.sub(r"\D", "", read["whole"] or "0"), read["decimals"] or ""
    size = float(f"{whole}.{decimals or 0}")
    return Numeral(*match.span(), size, 0.5 * 10.0 ** -len(decimals), (size,))


@lru_cache(maxsize=32)
def _number_pattern(locale: str) -> re.Pattern[str]:
    marks = number_marks(locale)
    groups = "".join(sorted({marks.group, "'", "’", "\u00a0", "\u202f", "\u2009"} - {marks.decimal}))
    mark, middle = f"(?P<mark>[{re.escape(groups)}])", marks.grouping
    grouped = rf"\d{{1,{middle}}}{mark}(?:\d{{{middle}}}(?P=mark))*\d{{3}}"
    return re.compile(rf"(?P<whole>{grouped}|\d+)?(?:{re.escape(marks.decimal)}(?P<decimals>\d+))?")


def _whole(digits: str | None) -> int | None:
    return int(digits) if digits else None
