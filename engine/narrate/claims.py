"""What a number in a text claims: how large, of what, on which day, by the words and signs around it."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.narrate.sentences import is_currency

UnitKind = Literal["none", "percent", "points", "money", "ratio", "noun", "suffix"]

BLANK = "\0"
"""Stands where a text was already read; neither a letter nor a space, so that what is around it keeps apart."""

SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
MULTIPLIERS = SCALES | {"k": 1e3, "m": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "tn": 1e12}
FRACTIONS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "½": 0.5, "¼": 0.25, "¾": 0.75}
MONEY_WORDS = "dollar|buck|euro|pound|quid|franc|yen|yuan|rupee|krona|peso"
YEAR_LEADS = "in|since|until|till|during|before|after|throughout|year|early|mid|late|spring|summer|autumn|winter"

SYMBOL = "$¢£¤¥฿₠-₿＄￠￡￥"
GAP = "[ \u00a0\u202f\u2009]"
RISING = (
    r"up|rises?|rising|risen|rose|grows?|grew|grown|growing|growth|increas\w+|gains?|gained|climb\w*"
    r"|(?:higher|more)\s+by"
)
FALLING = (
    r"down|falls?|fell|fallen|falling|drop\w*|declin\w+|decreas\w+|los[est]\w*|shr[aiu]nk\w*|dips?|slips?"
    r"|(?:lower|less|fewer)\s+by"
)
FILLERS = r"(?:\s+(?:by|of|about|around|roughly|nearly|almost|some|another|an?|further|only|just|approximately))*\s+$"

_BEFORE = re.compile(
    rf"(?:\b(?P<word>[Mm]inus|[Nn]egative|[Pp]lus)\s+|(?<![^\s(\[\"“‘':;{BLANK}])(?P<mark>[-−–+])|(?P<minus>−){GAP})?"
    rf"(?:(?:(?P<money>[A-Z]{{0,3}}[{SYMBOL}]|(?<![^\W_])[A-Z]{{3}}){GAP}?|(?P<percent>(?<!\d)[%٪]))"
    rf"(?P<inner>[-−+])?)?$"
)
_EXTRA = re.compile(rf"\s+and\s+a\s+(?P<word>half|third|quarter)\b|{GAP}?(?P<sign>[½¼¾])")
_MULTIPLIER = re.compile(
    r"(?P<letter>(?:k|mn?|bn?|tn)(?!\w))"
    r"|[\s-](?P<word>hundred|thousand|million|billion|trillion|dozen|bn|mn|tn|k)(?!\w)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?P<points>{GAP}?[%٪][\s-]points?\b|[\s-](?i:percentage|percent)[\s-]points?\b|{GAP}?pp\b)"
    rf"|(?P<percent>{GAP}?[%٪]|[\s-](?i:per[\s-]?cent|pct)\b)"
    r"|(?P<ordinal>(?:st|nd|rd|th)\b)"
    rf"|(?P<unreadable>{GAP}?(?i:[ap]\.?m)\b|\s?o['’]?clock|{GAP}?(?:h|Uhr|cents?|pence)\b|\s?/\s?\d|[:^]\d|\s+point\s+\w"
    r"|[\s-](?:third|fifth|sixth|seventh|eighth|ninth|tenth|hundredth|thousandth)s?\b|[‰‱²³°_])"
    rf"|(?P<ratio>{GAP}?(?:x\b|×)|\s+times\b|[\s-]?fold\b)"
    rf"|(?P<money>{GAP}?(?:[A-Z]{{0,3}}[{SYMBOL}][A-Z]{{0,3}}|[A-Z]{{3}}\b))"
    r"|(?P<suffix>[^\W\d_]+)"
    rf"|[\s-](?:[A-Z][\w.]*\s)?(?P<cash>(?:{MONEY_WORDS})s?)\b"
    rf"|[\s-](?P<noun>[^\W\d_]+)"
)
_RISING, _FALLING = (re.compile(rf"\b(?:{words}){FILLERS}", re.IGNORECASE) for words in (RISING, FALLING))
_THEN = re.compile(
    r"\s*(?:[^\W\d_]+\s+)?(?:(?P<rising>more|higher|above|up|extra|increase|growth|rise)"
    r"|(?P<falling>less|fewer|lower|below|down|decrease|decline|drop|fall|loss))\b",
    re.IGNORECASE,
)
_YEAR_LEAD = re.compile(rf"\b(?:{YEAR_LEADS})[\s-]$", re.IGNORECASE)


@dataclass(frozen=True)
class Unit:
    """What stands beside a number.

    Attributes:
        kind: a percent sign, percentage points, a currency mark, "times", a known noun, or letters glued to it.
        text: the currency mark, the noun in the singular or the letters.
    """

    kind: UnitKind = "none"
    text: str = ""


@dataclass(frozen=True)
class Quantity:
    """A quantity as a text shows it.

    Attributes:
        size: its magnitude, >= 0.
        half_place: half of the last place that is shown: 0.5 for "4,500", 50 for "4.5 thousand".
        sign: 1 or -1 as written or as a direction word says; 0 when either sign would read so.
        unit: what it counts.
    """

    size: float
    half_place: float
    sign: int
    unit: Unit


@dataclass(frozen=True)
class Day:
    """A date, or those parts of it that a text shows."""

    day: int | None = None
    month: int | None = None
    year: int | None = None


@dataclass(frozen=True)
class NumberClaim:
    """One number of a text.

    Attributes:
        start: where it starts in the text.
        end: where it ends, a multiplier included, a unit not.
        written: the characters of the number itself.
        figures: what to report when nothing supports it.
        readings: the ways to read it, one of which must be supported; none when it cannot be read safely.
    """

    start: int
    end: int
    written: str
    figures: tuple[float, ...]
    readings: tuple[Quantity | Day, ...] = ()


def plain(text: str) -> str:
    """The text as an eye sees it: digits of any script as 0-9, characters without a shape left out."""
    if text.isascii():
        return text.replace(BLANK, "")
    seen = (character for character in text if unicodedata.category(character) != "Cf" and character != BLANK)
    return "".join(str(unicodedata.decimal(character, character)) for character in seen)


def blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with these spans taken out and every other character in its place."""
    for start, end in spans:
        text = text[:start] + BLANK * (end - start) + text[end:]
    return text


def singular(noun: str) -> str:
    """The noun without capitals and plural ending."""
    return noun.casefold().removesuffix("s")


@dataclass(frozen=True)
class Numeral:
    """The bare number, before anything around it is read.

    Attributes:
        start: where it starts in the text.
        end: where it ends.
        size: its value, >= 0; None when its digits are badly grouped.
        half_place: half of its last place.
        figures: what to report when it cannot be read.
    """

    start: int
    end: int
    size: float | None
    half_place: float
    figures: tuple[float, ...]


@dataclass(frozen=True)
class _Before:
    start: int
    sign: int = 0
    money: str = ""
    percent: bool = False


@dataclass(frozen=True)
class _After:
    end: int
    extra: float
    multiplier: float
    unit: Unit
    kind: Literal["", "ordinal", "unreadable"]
    rest: str


def claim_at(text: str, numeral: Numeral, nouns: frozenset[str]) -> NumberClaim:
    """What the number claims, given the words and signs around it.

    Args:
        text: the whole text.
        numeral: where the number stands.
        nouns: known unit nouns, in the singular.
    """
    written = text[numeral.start : numeral.end]
    before = _read_before(text, numeral.start)
    after = _read_after(text, numeral.end, nouns)
    unit = _unit(before, after)
    sign = _sign(text, before, after, unit)
    if numeral.size is None:
        return NumberClaim(numeral.start, numeral.end, written, numeral.figures)
    size = (numeral.size + after.extra) * after.multiplier
    figures = (size * (before.sign or 1),)
    if unit is None or sign is None or after.kind == "unreadable" or _glued(text, before.start):
        return NumberClaim(numeral.start, after.end, written, figures)
    if after.kind == "ordinal":
        return NumberClaim(numeral.start, after.end, written, figures, (Day(day=int(size)),))
    half_place = (0.05 if after.extra else numeral.half_place) * after.multiplier
    amount = Quantity(size, half_place, sign, unit)
    year = _year(text, numeral, unit)
    return NumberClaim(numeral.start, after.end, written, figures, (amount, year) if year else (amount,))


def _read_before(text: str, start: int) -> _Before:
    match = _BEFORE.search(text[max(0, start - 24) : start])
    if match is None or not match.group():
        return _Before(start)
    money = match["money"] or ""
    if money.isalpha() and not is_currency(money):
        return _Before(start)
    marks = "".join(match[name] or "" for name in ("word", "mark", "minus", "inner")).lower()
    sign = 0 if not marks else 1 if marks in ("+", "plus") else -1
    return _Before(start - len(match.group()), sign, money, match["percent"] is not None)


def _read_after(text: str, end: int, nouns: frozenset[str]) -> _After:
    extra, multiplier = 0.0, 1.0
    if match := _EXTRA.match(text, end):
        extra, end = FRACTIONS[match["word"] or match["sign"]], match.end()
    if match := _MULTIPLIER.match(text, end):
        multiplier, end = MULTIPLIERS[(match["letter"] or match["word"]).lower()], match.end()
    match = _AFTER.match(text, end)
    if match is None:
        return _After(end, extra, multiplier, Unit(), "", text[end:])
    kind = match.lastgroup
    if kind in ("ordinal", "unreadable"):
        return _After(end, extra, multiplier, Unit(), kind, text[match.end() :])  # type: ignore[arg-type]
    unit = _unit_after(match, nouns)
    return _After(end, extra, multiplier, unit, "", text[end if unit.kind == "none" else match.end() :])


def _unit_after(match: re.Match[str], nouns: frozenset[str]) -> Unit:
    text = match.group().strip(" -\u00a0\u202f\u2009")
    kind = match.lastgroup
    if kind == "cash":
        return Unit("money", singular(match["cash"]))
    if kind in ("percent", "points", "ratio"):
        return Unit(kind)  # type: ignore[arg-type]
    if kind == "money" and (not text.isalpha() or is_currency(text)):
        return Unit("money", text)
    word = singular(text)
    if word in nouns:
        return Unit("noun", word)
    return Unit("suffix", text) if kind == "suffix" else Unit()


def _unit(before: _Before, after: _After) -> Unit | None:
    """The one unit of a number, or None when the marks before and after it disagree."""
    marked = Unit("money", before.money) if before.money else Unit("percent") if before.percent else None
    if marked is None:
        return after.unit
    return marked if after.unit.kind in ("none", "noun") else None


def _sign(text: str, before: _Before, after: _After, unit: Unit | None) -> int | None:
    """The sign that a reader would take away, or None when sign and direction word contradict each other."""
    direction = _direction(text[: before.start], after.rest)
    if before.sign:
        return before.sign if direction in (0, before.sign) else None
    if text[: before.start].endswith("(") and after.rest.startswith(")"):
        return 0  # an aside, or an accountant's minus
    if unit == Unit("percent"):
        return direction or 1
    # "Costs fall by $500" also says a saving of +500; a percentage is too often a change to allow that.
    return 0 if direction < 0 else 1


def _direction(left: str, right: str) -> int:
    """1 for "up 8%" and "8% more", -1 for "fell by 8%" and "8% lower", otherwise 0."""
    left = left[-80:]
    if _RISING.search(left):
        return 1
    if _FALLING.search(left):
        return -1
    match = _THEN.match(right)
    return 0 if match is None else 1 if match["rising"] else -1


def _glued(text: str, start: int) -> bool:
    """True when the number is part of something else: "Q3", "COVID-19", "3/4", "14:30", "$€5"."""
    left = text[max(0, start - 2) : start]
    if not left:
        return False
    if left[-1].isalnum() or left[-1] == "_" or unicodedata.category(left[-1]) == "Sc":
        return True
    inner = left[0] if len(left) == 2 else " "
    return (left[-1] in "-–−" and inner.isalpha()) or (left[-1] in "/:^.,'’" and inner.isalnum())


def _year(text: str, numeral: Numeral, unit: Unit) -> Day | None:
    written = text[numeral.start : numeral.end]
    if unit.kind == "none" and re.fullmatch(r"(?:19|20|21)\d\d", written) and _YEAR_LEAD.search(text[: numeral.start]):
        return Day(year=int(written))
    return None
