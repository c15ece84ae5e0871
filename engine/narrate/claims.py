"""What a number in a text claims: how large, of what, on which day."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

UnitKind = Literal["none", "percent", "points", "money", "ratio", "noun", "suffix"]

BLANK = "\0"
"""Stands where a text was already read; neither a letter nor a space, so that what is around it keeps apart."""


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
