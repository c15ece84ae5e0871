"""What a question says about time, items and amounts, read by rules: nothing here is guessed."""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

WORD_NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
        ]
    )
} | {"a": 1, "an": 1, "couple of": 2, "few": 3, "fortnight": 14}
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14}

_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(sorted(WORD_NUMBERS, key=len, reverse=True))})"
_UNIT = r"(?P<unit>day|week|fortnight|month|quarter|year)s?"
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name != "may" else "may" for name in MONTHS).replace("sep(", "sept?(")
_CALENDAR_UNIT = "day|weekend|week|fortnight|month|quarter|year"
_OF_YEAR = r"(?:,? (?P<year>(?:19|20)\d\d)\b)?"
_FUTURE = r"next|coming|upcoming|following|this coming"
_PAST = r"last|past|previous"

TIMES_OF_YEAR = {
    "christmas eve": ((12, 24), (12, 24)),
    "christmas": ((12, 24), (12, 26)),
    "new year's eve": ((12, 31), (12, 31)),
    "new year": ((12, 31), (1, 1)),
    "valentine's day": ((2, 14), (2, 14)),
    "valentine's": ((2, 14), (2, 14)),
    "halloween": ((10, 31), (10, 31)),
    "spring": ((3, 1), (5, 31)),
    "summer": ((6, 1), (8, 31)),
    "autumn": ((9, 1), (11, 30)),
    "winter": ((12, 1), (2, 28)),
}
"""First and last (month, day) of times that have a name and no weekday; longer names first."""

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
class Span:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days that are."""
        return (self.last - self.first).days + 1


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
    rest, spans = _spans(rest, today)
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


def _spans(query: str, today: date) -> tuple[str, tuple[Span, ...]]:
    found: list[tuple[int, Span]] = []
    rest = query
    for pattern, read in READERS:
        while hit := pattern.search(rest):
            span = read(hit, today)
            if span is not None:
                found.append((hit.start(), span))
            rest = rest[: hit.start()] + " " * len(hit.group()) + rest[hit.end() :]
    return rest, tuple(span for _, span in sorted(found, key=lambda pair: pair[0]))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else WORD_NUMBERS.get((text or "a").casefold(), 1)


def _ahead(hit: re.Match[str], today: date) -> Span | None:
    """ "The next 14 days" start tomorrow."""
    count, unit = _number(hit["count"]), hit["unit"].casefold()
    first = today + timedelta(days=1)
    if unit in UNIT_DAYS:
        return Span(first, today + timedelta(days=count * UNIT_DAYS[unit]))
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count
    return Span(first, _shift(today, months))


def _back(hit: re.Match[str], today: date) -> Span | None:
    """ "The last 14 days" end today."""
    count, unit = _number(hit["count"]), hit["unit"].casefold()
    if unit in UNIT_DAYS:
        return Span(today - timedelta(days=count * UNIT_DAYS[unit] - 1), today)
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count
    return Span(_shift(today, -months) + timedelta(days=1), today)


def _calendar(hit: re.Match[str], today: date) -> Span | None:
    """ "Next week" and "last month" are whole ones of the calendar; a week starts on Monday."""
    step = 0 if hit["which"].casefold() == "this" else (1 if re.fullmatch(_FUTURE, hit["which"], re.IGNORECASE) else -1)
    unit = hit["unit"].casefold()
    if unit == "day":
        return Span(today + timedelta(days=step), today + timedelta(days=step))
    if unit in UNIT_DAYS:
        first = today - timedelta(days=today.weekday()) + timedelta(days=step * UNIT_DAYS[unit])
        return Span(first, first + timedelta(days=UNIT_DAYS[unit] - 1))
    if unit == "weekend":
        first = today - timedelta(days=today.weekday()) + timedelta(days=5 + 7 * step)
        return Span(first, first + timedelta(days=1))
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = _shift(date(today.year, (today.month - 1) // length * length + 1, 1), step * length)
    return Span(first, _shift(first, length) - timedelta(days=1))


def _near(hit: re.Match[str], today: date) -> Span | None:
    day = today + timedelta(days={"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}[hit[0].casefold()])
    return Span(day, day)


def _iso(hit: re.Match[str], _: date) -> Span | None:
    return _day(int(hit["year"]), int(hit["month"]), int(hit["day"]))


def _dated(hit: re.Match[str], today: date) -> Span | None:
    """ "12 May" without a year is the nearest one to come, or the last one where the question says "last"."""
    month = _month_of(hit["month"])
    if hit["year"]:
        return _day(int(hit["year"]), month, int(hit["day"]))
    span = _day(today.year, month, int(hit["day"]))
    return _day(today.year + 1, month, int(hit["day"])) if span and span.last < today - timedelta(days=182) else span


def _named_month(hit: re.Match[str], today: date) -> Span | None:
    """ "December" is the one of this year, "last December" the latest that is over, "next May" the next to start."""
    month, which = _month_of(hit["month"]), (hit["which"] or "").casefold()
    year = int(hit["year"]) if hit["year"] else today.year
    if which and re.fullmatch(_FUTURE, which) and month <= today.month:
        year += 1
    if which and re.fullmatch(_PAST, which) and month >= today.month:
        year -= 1
    return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _named_day(hit: re.Match[str], today: date) -> Span | None:
    """ "Saturday" is the next one, today included; "last Saturday" the latest before today."""
    weekday = WEEKDAYS.index(hit["weekday"].casefold())
    if re.fullmatch(_PAST, hit["which"] or "", re.IGNORECASE):
        day = today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    else:
        day = today + timedelta(days=(weekday - today.weekday()) % 7)
    return Span(day, day)


def _feast(hit: re.Match[str], today: date) -> Span | None:
    """ "Christmas" and "summer" are those of this year unless the question says otherwise; winter ends in the next."""
    (month, day), (last_month, last_day) = TIMES_OF_YEAR[hit["feast"].casefold().replace("’", "'")]
    year, which = int(hit["year"] or today.year), (hit["which"] or "").casefold()

    def in_year(year: int) -> Span:
        return Span(date(year, month, day), date(year + (last_month < month), last_month, last_day))

    if which and re.fullmatch(_FUTURE, which) and in_year(year).first <= today:
        return in_year(year + 1)
    return in_year(year - 1) if re.fullmatch(_PAST, which) and in_year(year).last >= today else in_year(year)


def _year(hit: re.Match[str], _: date) -> Span | None:
    return Span(date(int(hit["year"]), 1, 1), date(int(hit["year"]), 12, 31))


def _day(year: int, month: int, day: int) -> Span | None:
    try:
        return Span(date(year, month, day), date(year, month, day))
    except ValueError:
        return None


def _month_of(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name.casefold()[:3]))


def _shift(day: date, months: int) -> date:
    """The same day so many months on, or the last day of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _amount(found: re.Match[str]) -> Amount:
    scale = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}.get((found["scale"] or "").casefold(), 1.0)
    value = float(found["number"].replace(",", "")) * scale * (-1 if found["sign"] in ("-", "−") else 1)
    unit = (found["unit"] or found["money"] or "").casefold()
    if unit in ("%", "percent", "per cent"):
        return Amount(value, "%")
    return Amount(value, CURRENCIES.get(unit.removesuffix("s"), ""))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Span | None]], ...] = (
    (_pattern(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"), _iso),
    (_pattern(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b{_OF_YEAR}"), _dated),
    (_pattern(rf"\b(?P<month>{_MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b{_OF_YEAR}"), _dated),
    (_pattern(rf"\b(?:{_FUTURE}) {_COUNT} {_UNIT}\b"), _ahead),
    (_pattern(rf"\b(?:in|within|for|over) (?:the )?(?:{_FUTURE} )?{_COUNT} {_UNIT}\b"), _ahead),
    (_pattern(rf"\b(?:{_PAST}) {_COUNT} {_UNIT}\b"), _back),
    (_pattern(rf"\b(?P<which>this|{_FUTURE}|{_PAST}) (?P<unit>{_CALENDAR_UNIT})\b"), _calendar),
    (_pattern(r"\b(?:yesterday|today|tonight|tomorrow)\b"), _near),
    (_pattern(rf"\b(?:(?P<which>{_FUTURE}|{_PAST}|this) )?(?P<weekday>{'|'.join(WEEKDAYS)})s?\b"), _named_day),
    (_pattern(rf"\b(?:(?P<which>{_FUTURE}|{_PAST}|this) )?(?P<month>{_MONTH})\b{_OF_YEAR}"), _named_month),
    (_pattern(rf"\b(?:(?P<which>{_FUTURE}|{_PAST}|this) )?(?P<feast>{'|'.join(TIMES_OF_YEAR)})\b{_OF_YEAR}"), _feast),
    (_pattern(r"\b(?:in |of |year )(?P<year>(?:19|20)\d\d)\b"), _year),
)  # fmt: skip
"""Tried in this order; what one has read, the next does not see."""
