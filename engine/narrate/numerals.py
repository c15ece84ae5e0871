"""Every number that a text shows, in digits or in English words ("four hundred and five", "half", "twice"), and every
date."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from engine.narrate.claims import SCALES, Day, NumberClaim, Numeral, Quantity, Unit, blank, claim_at
from engine.narrate.sentences import month_numbers, number_marks

PERIOD_NOUNS = frozenset({"second", "minute", "hour", "day", "week", "month", "quarter", "year"})

_DIGITS = re.compile(r"(?:\d+|(?<!\w)\.\d+)(?:[.,'’]\d+|[\u00a0\u202f\u2009]\d{3}(?!\d))*")
_ISO_DATE = re.compile(r"(?<![\w-])(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?![\w-])")

ONES = {word: n for n, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], 1)}
TEENS = {
    word: n
    for n, word in enumerate(
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
        10,
    )
}
TENS = {
    word: 10 * n
    for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
SMALL = ONES | TEENS | TENS | {"zero": 0, "couple": 2}
PARTS = {
    word: n
    for n, word in enumerate(["half", "third", "quarter", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 2)
}
ORDINALS = {
    word: n
    for n, word in enumerate(
        ["third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"], 3
    )
}
TIMES = {"twi": 2, "dou": 2, "two": 2, "thr": 3, "tri": 3, "qua": 4, "fou": 4, "fiv": 5, "ten": 10}


def _any(words: Iterable[str]) -> str:
    return "|".join(words)


_TINY = rf"(?:(?:{_any(TENS)})(?:[\s-](?:{_any(ONES)}))?|{_any(TEENS)}|{_any(ONES)})\b"
_LARGE = r"(?:million|billion|trillion)\b"
# "Two hundred and three hundred" are two numbers.
_HUNDREDS = rf"(?:(?:{_TINY}|an?)[\s-]+hundred\b(?:(?:\s+and)?[\s-]+{_TINY}(?![\s-]+hundred\b))?|{_TINY})"
_REST = rf"(?:,?\s+(?:and\s+)?{_HUNDREDS}(?![\s-]+(?:{_any(SCALES)})\b))?"
_THOUSANDS = rf"(?:{_HUNDREDS}|an?)[\s-]+thousand\b{_REST}"
_WORDS = re.compile(
    rf"\b(?:(?:{_TINY}|half\s+an?|an?)\s+(?:dozen|couple)\b"
    rf"|half\s+an?\s+(?:hundred\b|thousand\b|{_LARGE})"
    rf"|(?:{_HUNDREDS}|an?)[\s-]+{_LARGE}(?:,?\s+(?:and\s+)?{_THOUSANDS}|{_REST})"
    rf"|{_THOUSANDS}|{_HUNDREDS}|zero\b)(?![\s-](?:{_any(list(PARTS)[1:])})s?\b)",
    re.IGNORECASE,
)
_PARTS = re.compile(
    rf"\b(?:(?P<count>an?|{_any(ONES)})[\s-])?(?P<part>half|halves|(?:{_any(list(PARTS)[1:])})s?)\b", re.IGNORECASE
)
_TIMES = re.compile(
    r"\b(?:twice|thrice|doubl(?:es?|ed|ing)|tripl(?:es?|ed|ing)|quadrupl(?:es?|ed|ing)|(?:two|three|four|five|ten)fold)\b",
    re.IGNORECASE,
)
_HALVED = re.compile(r"\bhalv(?:es?|ed|ing)\b", re.IGNORECASE)
_ORDINALS = re.compile(rf"\b(?:{_any(ORDINALS)})\b", re.IGNORECASE)
_VAGUE = re.compile(
    rf"\b(?:(?P<scale>{_any(SCALES)})s?|(?P<tens>twen|thir|for|fif|six|seven|eigh|nine)ties)\b", re.IGNORECASE
)


def find_claims(text: str, nouns: frozenset[str], locale: str = "en") -> list[NumberClaim]:
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
    return sorted([*dates, *digits, *_find_number_words(rest, all_nouns)], key=lambda claim: claim.start)


def _find_dates(text: str, locale: str) -> Iterator[NumberClaim]:
    for pattern in (_ISO_DATE, *_named_dates(locale)):
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = parts["month"]
            number = int(month) if month.isdigit() else month_numbers(locale)[month]
            day = Day(_whole(parts.get("day")), number, _whole(parts.get("year")))
            figures = tuple(float(digits) for digits in re.findall(r"\d+", match.group()))
            yield NumberClaim(match.start(), match.end(), match.group(), figures, (day,))
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


def _find_number_words(text: str, nouns: frozenset[str]) -> list[NumberClaim]:
    """Each number in words; "one" counts only beside a unit ("one unit"), "first" and "second" never do.

    Args:
        text: the text, with what is written in digits blanked out.
        nouns: known unit nouns, in the singular.
    """
    claims: list[NumberClaim] = []
    for finder in (_find_times, _find_words, _find_parts, _find_ordinals, _find_vague):
        new_claims = list(finder(text, nouns))
        claims += new_claims
        text = blank(text, ((claim.start, claim.end) for claim in new_claims))
    return claims


def _find_times(text: str, _: frozenset[str]) -> Iterator[NumberClaim]:
    """A ratio of 2 or a rise of 100% for "doubles" and "twice", a ratio of a half or a fall of 50% for "halves"."""
    for match in _TIMES.finditer(text):
        ratio = float(TIMES[match.group()[:3].lower()])
        yield _ratio_claim(match, ratio, 100 * (ratio - 1), 1)
    for match in _HALVED.finditer(text):
        yield _ratio_claim(match, 0.5, 50.0, -1)


def _find_parts(text: str, nouns: frozenset[str]) -> Iterator[NumberClaim]:
    for match in _PARTS.finditer(text):
        part = match["part"].lower()
        count = (match["count"] or "").lower()
        divisor = 2 if part.startswith("hal") else PARTS[part.removesuffix("s")]
        if _is_period(text, match, part) or (not count and part in ORDINALS):
            continue
        ratio = ONES.get(count, 1) / divisor
        claim = _ratio_claim(match, ratio, 100 * ratio, 0)
        if part == "quarters":
            amount = Quantity(float(ONES.get(count, 1)), 0.5, 1, Unit("noun", "quarter"))
            claim = NumberClaim(claim.start, claim.end, claim.written, claim.figures, (*claim.readings, amount))
        yield claim


def _find_words(text: str, nouns: frozenset[str]) -> Iterator[NumberClaim]:
    for match in _WORDS.finditer(text):
        size = _value(match.group().lower())
        claim = claim_at(text, Numeral(*match.span(), size, 0.5, (size,)), nouns)
        if match.group().lower() != "one" or _counts(claim, match):
            yield claim


def _find_ordinals(text: str, _: frozenset[str]) -> Iterator[NumberClaim]:
    for match in _ORDINALS.finditer(text):
        number = ORDINALS[match.group().lower()]
        yield NumberClaim(*match.span(), match.group(), (float(number),), (Day(day=number),))


def _find_vague(text: str, _: frozenset[str]) -> Iterator[NumberClaim]:
    """Numbers that no fact can support: "hundreds of", "in the thirties", "²"."""
    for match in _VAGUE.finditer(text):
        scale, tens = match["scale"], match["tens"]
        size = SCALES[scale.lower()] if scale else float(TENS[tens.lower() + "ty"])
        yield NumberClaim(*match.span(), match.group(), (size,))
    for place, character in enumerate(text):
        if unicodedata.category(character) in ("No", "Nl"):
            yield NumberClaim(place, place + 1, character, (unicodedata.numeric(character),))


def _ratio_claim(match: re.Match[str], ratio: float, percent: float, sign: int) -> NumberClaim:
    readings = (Quantity(ratio, 0.005, 1, Unit("ratio")), Quantity(percent, 0.5, sign, Unit("percent")))
    return NumberClaim(*match.span(), match.group(), (ratio,), readings)


def _is_period(text: str, match: re.Match[str], part: str) -> bool:
    """A time in "this quarter"; a number in "a quarter of", "by a quarter" and "three quarters"."""
    if not part.startswith("quarter"):
        return False
    if match["count"] is None:
        return True
    shared = re.match(r"\s+of\b", text[match.end() :]) or re.search(r"\bby\s+$", text[: match.start()])
    return match["count"].lower() in ("a", "an") and not shared


def _counts(claim: NumberClaim, match: re.Match[str]) -> bool:
    if claim.end > match.end() or not claim.readings:
        return True
    return any(isinstance(reading, Quantity) and reading.unit.kind != "none" for reading in claim.readings)


def _value(words: str) -> float:
    total, current, half = 0.0, 0.0, False
    for word in re.findall(r"[a-z]+", words):
        if word in SMALL:
            current += SMALL[word]
        elif word == "hundred" or word == "dozen":
            current = max(current, 1.0) * SCALES[word]
        elif word in SCALES:
            total, current = total + max(current, 1.0) * SCALES[word], 0.0
        half = half or word == "half"
    return (total + current) * (0.5 if half else 1.0)
