"""Stretches of time as questions name them, read by rules: nothing here is guessed."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.business.calendar import Period

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
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_LAST_DAY = r"(?:to|until|till|through|-|–|and) ?(?:the )?(?P<last>\d{1,2})(?:st|nd|rd|th)?"
_BEFORE_YEAR = r"compare|and|with|vs|versus|against|than|to|from|for|during|since|until|between|or"
_COUNTED = r"euros?|dollars?|pounds?|units?|pieces?|items?|percent"
_QUARTERS = ["first", "second", "third", "fourth"]
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

_UNTIL = re.compile(r"\s*(?:to|until|till|through|up to|-|–)\s*(?:the end of\s*|the\s*)?", re.IGNORECASE)
_AND = re.compile(r"\s*and\s*(?:the\s*)?", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s*(?:the\s*)?$", re.IGNORECASE)
_THIS_ONE = re.compile(rf"\bthis (?:{_CALENDAR_UNIT}|{'|'.join(WEEKDAYS)}|{_MONTH})\b", re.IGNORECASE)
_LAST_ONE = re.compile(rf"(?:{_PAST}) (?!{_COUNT})", re.IGNORECASE)
_SINCE = re.compile(r"\bsince\s*(?:the\s*|the (?:start|beginning) of\s*)?$", re.IGNORECASE)


@dataclass(frozen=True)
class _TimePhrase:
    """A stretch of time, with where it stands in the question and its words."""

    start: int
    end: int
    span: Period
    words: str

    @property
    def has_year(self) -> bool:
        """True when the words name a year."""
        return bool(re.search(r"(?:19|20)\d\d", self.words))

    @property
    def is_weekday(self) -> bool:
        """True for "Friday" and "last Friday"."""
        return self.words.casefold().split()[-1] in WEEKDAYS

    @property
    def is_past(self) -> bool:
        """True for "last Friday"."""
        return bool(_LAST_ONE.match(self.words))


def read_spans(query: str, today: date) -> tuple[str, tuple[Period, ...]]:
    """What is left of the question when its stretches of time are blanked, and these, in their order.

    Args:
        query: the question.
        today: what "tomorrow" is counted from, the last day of which anything is known. A month that ends with it is
            over, and is "last month" unless the question also speaks of this one.
    """
    rest, phrases = _read(query, today)
    return rest, tuple(_join(query, phrases, today))


def in_longer_time(query: str, start: int, end: int, today: date) -> bool:
    """True where these characters are only a part of what names a time: the 7 of "the last 7 days".

    Args:
        query: the question.
        start: the first of these characters, from 0.
        end: the one behind the last.
        today: from which days are counted.
    """
    _, phrases = _read(query, today)
    return any(
        phrase.start <= start and end <= phrase.end and phrase.end - phrase.start > end - start for phrase in phrases
    )


def _read(query: str, today: date) -> tuple[str, list[_TimePhrase]]:
    phrases: list[_TimePhrase] = []
    rest = query
    over = today if _THIS_ONE.search(query) else today + timedelta(days=1)
    for pattern, read in READERS:
        while hit := pattern.search(rest):
            span = read(hit, over if _LAST_ONE.match(hit.group()) else today)
            if span is not None:
                start = hit.start("year") if read is _year else hit.start()
                phrases.append(_TimePhrase(start, hit.end(), span, hit.group()))
            rest = rest[: hit.start()] + " " * len(hit.group()) + rest[hit.end() :]
    return rest, sorted(phrases, key=lambda phrase: phrase.start)


def _join(query: str, phrases: Sequence[_TimePhrase], today: date) -> Iterator[Period]:
    """ "From May to July" is one stretch, and "since May" reaches until today."""
    place = 0
    while place < len(phrases):
        phrase, before = phrases[place], query[: phrases[place].start]
        after = phrases[place + 1] if place + 1 < len(phrases) else None
        between = query[phrase.end : after.start] if after is not None else ""
        if after is not None and (_UNTIL.fullmatch(between) or (_BETWEEN.search(before) and _AND.fullmatch(between))):
            yield _from_to(phrase, after)
            place += 2
            continue
        if _SINCE.search(before):
            first = phrase.span.first
            while first > today and not phrase.has_year:
                first = shifted(first, -12)
            yield Period(first, today) if first <= today else phrase.span
        else:
            yield phrase.span
        place += 1


def _from_to(phrase: _TimePhrase, after: _TimePhrase) -> Period:
    """From the one to the other; a year that only one of them names counts for both."""
    first, last = phrase.span.first, after.span.last
    if phrase.is_weekday and after.is_weekday and first > last:
        week = timedelta(days=7)
        if not after.is_past:
            return Period(first, last + week)
        while first > last:
            first -= week
        return Period(first, last)
    while phrase.has_year and not after.has_year and shifted(last, -12) >= first:
        last = shifted(last, -12)
    while first > last and not phrase.has_year:
        first = shifted(first, -12)
    return Period(min(first, last), max(first, last))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else WORD_NUMBERS.get((text or "a").casefold(), 1)


def _ahead(hit: re.Match[str], today: date) -> Period | None:
    """ "The next 14 days" start tomorrow."""
    count, unit = max(1, _number(hit["count"])), hit["unit"].casefold()
    first = today + timedelta(days=1)
    if unit in UNIT_DAYS:
        return Period(first, today + timedelta(days=count * UNIT_DAYS[unit]))
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count
    return Period(first, shifted(today, months))


def _back(hit: re.Match[str], today: date) -> Period | None:
    """ "The last 14 days" end today."""
    count, unit = max(1, _number(hit["count"])), hit["unit"].casefold()
    if unit in UNIT_DAYS:
        return Period(today - timedelta(days=count * UNIT_DAYS[unit] - 1), today)
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count
    return Period(shifted(today, -months) + timedelta(days=1), today)


def _calendar(hit: re.Match[str], today: date) -> Period | None:
    """ "Next week" and "last month" are whole ones of the calendar; a week starts on Monday."""
    step = 0 if hit["which"].casefold() == "this" else (1 if re.fullmatch(_FUTURE, hit["which"], re.IGNORECASE) else -1)
    unit = hit["unit"].casefold()
    if unit == "day":
        return Period(today + timedelta(days=step), today + timedelta(days=step))
    if unit in UNIT_DAYS:
        first = today - timedelta(days=today.weekday()) + timedelta(days=step * UNIT_DAYS[unit])
        return Period(first, first + timedelta(days=UNIT_DAYS[unit] - 1))
    if unit == "weekend":
        first = today - timedelta(days=today.weekday()) + timedelta(days=5 + 7 * step)
        return Period(first, first + timedelta(days=1))
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = shifted(date(today.year, (today.month - 1) // length * length + 1, 1), step * length)
    return Period(first, shifted(first, length) - timedelta(days=1))


def _near(hit: re.Match[str], today: date) -> Period | None:
    day = today + timedelta(days={"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}[hit[0].casefold()])
    return Period(day, day)


def _iso(hit: re.Match[str], _: date) -> Period | None:
    return _day(int(hit["year"]), int(hit["month"]), int(hit["day"]))


def _read_day_of_month(hit: re.Match[str], today: date) -> Period | None:
    """ "12 May" without a year is the nearest one to come, or the last one where the question says "last"."""
    month = _month_of(hit["month"])
    if hit["year"]:
        return _day(int(hit["year"]), month, int(hit["day"]))
    span = _day(today.year, month, int(hit["day"]))
    return _day(today.year + 1, month, int(hit["day"])) if span and span.last < today - timedelta(days=182) else span


def _days_of_month(hit: re.Match[str], today: date) -> Period | None:
    """ "5 to 9 May" and "May 5-9"."""
    first = _read_day_of_month(hit, today)
    last = _day(first.first.year, first.first.month, int(hit["last"])) if first is not None else None
    return (
        Period(first.first, last.last) if first is not None and last is not None and first.first <= last.last else None
    )


def _quarter(hit: re.Match[str], today: date) -> Period | None:
    """ "Q3" and "the third quarter" are those of this year unless the question says otherwise."""
    quarter = hit["quarter"].casefold()
    number = int(quarter) if quarter.isdigit() else _QUARTERS.index(quarter) + 1
    first = date(int(hit["year"] or today.year), 3 * number - 2, 1)
    return Period(first, shifted(first, 3) - timedelta(days=1))


def _named_month(hit: re.Match[str], today: date) -> Period | None:
    """ "December" is the one of this year, "last December" the latest that is over, "next May" the next to start."""
    month, which = _month_of(hit["month"]), (hit["which"] or "").casefold()
    year = int(hit["year"]) if hit["year"] else today.year
    if which and re.fullmatch(_FUTURE, which) and month <= today.month:
        year += 1
    if which and re.fullmatch(_PAST, which) and month >= today.month:
        year -= 1
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _named_day(hit: re.Match[str], today: date) -> Period | None:
    """ "Saturday" is the next one, today included; "last Saturday" the latest before today."""
    weekday = WEEKDAYS.index(hit["weekday"].casefold())
    if re.fullmatch(_PAST, hit["which"] or "", re.IGNORECASE):
        day = today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    else:
        day = today + timedelta(days=(weekday - today.weekday()) % 7)
    return Period(day, day)


def _feast(hit: re.Match[str], today: date) -> Period | None:
    """ "Christmas" and "summer" are those of this year unless the question says otherwise; winter ends in the next."""
    (month, day), (last_month, last_day) = TIMES_OF_YEAR[hit["feast"].casefold().replace("’", "'")]
    year, which = int(hit["year"] or today.year), (hit["which"] or "").casefold()

    def in_year(year: int) -> Period:
        return Period(date(year, month, day), date(year + (last_month < month), last_month, last_day))

    if which and re.fullmatch(_FUTURE, which) and in_year(year).first <= today:
        return in_year(year + 1)
    return in_year(year - 1) if re.fullmatch(_PAST, which) and in_year(year).last >= today else in_year(year)


def _year(hit: re.Match[str], _: date) -> Period | None:
    return Period(date(int(hit["year"]), 1, 1), date(int(hit["year"]), 12, 31))


def _day(year: int, month: int, day: int) -> Period | None:
    try:
        return Period(date(year, month, day), date(year, month, day))
    except ValueError:
        return None


def _month_of(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name.casefold()[:3]))


def shifted(day: date, months: int) -> date:
    """The same day so many months on, or the last day of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def stretch_before(span: Period) -> Period:
    """The stretch just before: whole months before whole months, else as many days."""
    last = span.first - timedelta(days=1)
    if span.first.day == 1 and (span.last + timedelta(days=1)).day == 1:
        months = (span.last.year - span.first.year) * 12 + span.last.month - span.first.month + 1
        return Period(shifted(span.first, -months), last)
    return Period(span.first - timedelta(days=span.days), last)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Period | None]], ...] = (
    (_pattern(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"), _iso),
    (_pattern(rf"\b{_DAY} ?{_LAST_DAY}(?: of)? (?P<month>{_MONTH})\b{_OF_YEAR}"), _days_of_month),
    (_pattern(rf"\b(?P<month>{_MONTH}) {_DAY} ?{_LAST_DAY}\b{_OF_YEAR}"), _days_of_month),
    (_pattern(rf"\b{_DAY}(?: of)? (?P<month>{_MONTH})\b{_OF_YEAR}"), _read_day_of_month),
    (_pattern(rf"\b(?P<month>{_MONTH}) {_DAY}\b{_OF_YEAR}"), _read_day_of_month),
    (_pattern(rf"\bq(?P<quarter>[1-4])\b{_OF_YEAR}"), _quarter),
    (_pattern(rf"\b(?P<quarter>{'|'.join(_QUARTERS)}) quarter\b(?: of)?{_OF_YEAR}"), _quarter),
    (_pattern(rf"\b(?:{_FUTURE}) {_COUNT} {_UNIT}\b"), _ahead),
    (_pattern(rf"\b(?:in|within|for|over) (?:the )?(?:{_FUTURE} )?{_COUNT} {_UNIT}\b"), _ahead),
    (_pattern(rf"\b(?:{_PAST}) {_COUNT} {_UNIT}\b"), _back),
    (_pattern(rf"\b(?P<which>this|{_FUTURE}|{_PAST}) (?P<unit>{_CALENDAR_UNIT})\b"), _calendar),
    (_pattern(r"\b(?:yesterday|today|tonight|tomorrow)\b"), _near),
    (_pattern(rf"\b(?:(?P<which>{_FUTURE}|{_PAST}|this) )?(?P<weekday>{'|'.join(WEEKDAYS)})s?\b"), _named_day),
    (_pattern(rf"\b(?:(?P<which>{_FUTURE}|{_PAST}|this) )?(?P<month>{_MONTH})\b{_OF_YEAR}"), _named_month),
    (_pattern(rf"\b(?:(?P<which>{_FUTURE}|{_PAST}|this) )?(?P<feast>{'|'.join(TIMES_OF_YEAR)})\b{_OF_YEAR}"), _feast),
    (_pattern(r"\b(?:in |of |year )(?P<year>(?:19|20)\d\d)\b"), _year),
    # A bare number is a year only among words that stand before years, and only around our time: 2000 may be money.
    (_pattern(rf"\b(?:{_BEFORE_YEAR}) (?P<year>20[1-3]\d)\b(?! ?(?:%|[$€£]|{_COUNTED}))"), _year),
)  # fmt: skip
"""Tried in this order; what one has read, the next does not see."""
