"""Headers that name a period ("Jan", "Q1 2024", "2023", "Sales Mar 24"): what makes a table wide."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from engine.ingest.dates import are_fiscal_years, month_number, read_dates

_YEAR = r"(?:19|20)\d{2}"
_QUARTER = re.compile(
    r"^(?:q|t|qtr|quarter|quartal|trimestre|kwartaal|kwartal) ?([1-4])$|^([1-4])\.? (?:quarter|quartal)$"
)
_WEEK = re.compile(
    r"^(?:w|wk|week|kw|woche|sem|semaine|semana|sett|settimana|tydzien|uge|vecka|uke|t[yý]den|hafta|viikko|h[eé]t)\.? ?"
    r"(\d{1,2})$"
)
_WEEK_CELL = (
    r"(?i)^(?:w|wk|week|kw|woche|kalenderwoche|s|sem|semaine|semana|settimana|sett|uge|vecka|v|uke|tydzien|tydzień|tyden"
    r"|týden|hafta|viikko|hét|saptamana)\.?\s?(\d{1,2})(?:\b.*)?$"
)
_WEEK_NAME = re.compile(
    r"(?i)^\W*(?:week|wk|kw|woche|kalenderwoche|semaine|semana|settimana|uge|vecka|uke|tydzie[nń]|t[yý]den|hafta|viikko"
    r"|h[eé]t|s[aă]pt[aă]m[aâ]na)(?: ?(?:no|nr|number|nummer))?\W*$"
)
_DAY_MONTH = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.)?[ -](?:de )?(?P<name>[^\W\d_]{3,})\.?")
_WEEK_OF = re.compile(
    r"(?i)w/?[ceb]|w\.[ceb]\.|week(?: commencing| of| from| starting| beginning| ending| to)?|wk"
    r"|woche(?: ab| vom| bis)?|ab"
    r"|(?:semaine|sem\.?|s\.) (?:du|au)|(?:semana|sem\.?) (?:del?|al?|até)|(?:settimana|sett\.?) (?:del|dal|al)"
    r"|week (?:van|t/m|tot)|uge|vecka|uke|(?:tydzień|tydz\.?) (?:od|do)|týden (?:od|do)"
)
"""What stands before the first day of a week, or the last."""

_YEAR_ALONE = re.compile(rf"(?P<y>{_YEAR})")
_YEAR_MONTH = re.compile(rf"(?P<y>{_YEAR})(?P<m>0[1-9]|1[0-2])")
_MONTH_YEAR = re.compile(rf"(?P<m>0[1-9]|1[0-2])\.(?P<y>{_YEAR})")
_MAYBE_DATE = re.compile(rf"{_YEAR}|q[1-4]\W+\d{{2}}$|\d[-/.]\d|[^\W\d_]{{3,}}\W*\d{{2}}$|\d\W*[^\W\d_]{{3,}}")
_OF_QUARTER = re.compile(r"q[1-4]|[1-4]\W{0,2}q\b|quart|trim|kwarta|\bt ?[1-4]\b|\b[1-4]t\b")
_OF_DAY = re.compile(r"\d\D+\d+\D+\d|\d\D*[^\W\d_]{3,}\D*\d{4}|\d{8}|(?:^|[ \d-])(?:w|wk|kw|week) ?\d")
_YEAR_MONTHS = 12
_ANY_YEAR = 2000
"""Compares periods that name no year."""

_FEWEST_STEPS = 2
"""Steps from one period to the next from which it is told that they go on over New Year."""

_FEWEST_DAYS = 10
"""Days of a month in a row from which their numbers are headers."""

_MOST_WEEKS = 0.9
"""Share of the cells that name a week, of those of a column of weeks."""

_DAY_OF_TITLE = re.compile(
    r"\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d{2})"
    r"|\d{1,2}(?:\.|st|nd|rd|th|er|η)?[./ -]\s?(?:de |of )?[^\W\d_]{3,}\.?[./ -]\s?(?:de |del )?(?:19|20)\d{2}"
    r"|[^\W\d_]{3,}\.? \d{1,2}(?:st|nd|rd|th)?, (?:19|20)\d{2})\b"
)
"""A day in a title."""

_UNTIL = re.compile(
    r"\b(\d{1,2})(?:\.|st|nd|rd|th|er|º)? ?(?:[-–—]|to|until|bis|al|au|a|e|tot|t/m|do|till|til|do|έως) ?"
    r"(?=\d{1,2}(?:\.|st|nd|rd|th|er|º)? ?(?:de |of )?[^\W\d_]{3,})"
)
"""The first of two days of one month in a title, before the word between them."""

_MONTH_OF_TITLE = re.compile(r"([^\W\d_]{3,})\.?\s+(?:de\s+)?((?:19|20)\d{2})\b")
"""A word and a year."""

_LONGEST = 3
"""Words of a header that name its period at most."""


@dataclass(frozen=True)
class HeaderPeriod:
    """The period that a header names.

    Attributes:
        label: the part of the header that names it.
        measure: the rest of the header, "" when it names nothing else.
        day_first, month_first: its first day, read in both orders; None where its year is missing.
        month: its first month (1..12) where the year is missing.
        day: its first day in that month.
        week: its week where the year is missing.
        months: how many months it lasts; 0 for weeks and days.
    """

    label: str
    measure: str
    day_first: date | None = None
    month_first: date | None = None
    month: int = 0
    day: int = 1
    week: int = 0
    months: int = 0

    @property
    def whole(self) -> bool:
        """True when its year is known."""
        return self.day_first is not None or self.month_first is not None

    def covers(self, other: "HeaderPeriod") -> bool:
        """True when the other period lies within this one; a year covers months that do not name theirs."""
        if self.whole != other.whole:
            return self.whole and self.months == _YEAR_MONTHS
        mine, theirs = self.start(_ANY_YEAR), other.start(_ANY_YEAR)
        if mine is None or theirs is None:
            return False
        return 0 <= (theirs.year - mine.year) * 12 + theirs.month - mine.month < self.months

    def start(self, year: int, *, day_first: bool = True) -> date | None:
        """Its first day; `year` counts only where the header names none."""
        if self.whole:
            return (self.day_first if day_first else self.month_first) or self.day_first or self.month_first
        if self.week:
            first = date.fromisocalendar(year, 1, 1)
            return first + timedelta(weeks=self.week - 1)
        return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))


def period_of(header: str) -> HeaderPeriod | None:
    """The period that a header names, alone or beside a measure; None when it names none.

    >>> period_of("Units Q2 2024").measure, period_of("Units Q2 2024").start(0)
    ('Units', datetime.date(2024, 4, 1))
    """
    alone = _bare(header)
    if alone is not None:
        return alone
    words = header.replace("_", " ").split()
    for size in range(min(_LONGEST, len(words) - 1), 0, -1):
        for part, rest in ((words[-size:], words[:-size]), (words[:size], words[size:])):
            period = _bare(" ".join(part).strip("()[]:,"))
            measure = " ".join(rest).strip(" -/:,()")
            if period is not None and _WEEK_OF.fullmatch(" ".join(rest).strip(" :")):
                return replace(period, months=0)
            if period is not None and re.search(r"[^\W\d_]", measure):
                return replace(period, measure=measure)
    return None


def weeks_in(header: str, cells: pl.Series) -> pl.Series | None:
    """The numbers of the weeks that cells such as "KW 23" name, or 23 under such a header; None where they do not.

    >>> weeks_in("Woche", pl.Series(["KW 23", "KW 24 (8.6.)"])).to_list(), weeks_in("Platz", pl.Series(["1", "2"]))
    ([23, 24], None)
    """
    some = cells.drop_nulls()
    pattern = r"^(\d{1,2})$" if _WEEK_NAME.match(header) and some.str.contains(r"^\d{1,2}$").all() else _WEEK_CELL
    weeks = cells.str.extract(pattern).cast(pl.Int32, strict=False)
    named = weeks.is_between(1, 53)
    return weeks if len(some) and int(named.sum()) >= _MOST_WEEKS * len(some) else None


def years_later(periods: Sequence[HeaderPeriod]) -> dict[str, int]:
    """For each label of periods without a year, in their order, how many years after the first of them it lies.

    >>> years_later([HeaderPeriod(name, "", month=month) for name, month in (("nov", 11), ("dec", 12), ("jan", 1))])
    {'nov': 0, 'dec': 0, 'jan': 1}
    """
    first_days: dict[str, date | None] = {}
    for period in periods:
        first_days.setdefault(period.label.casefold(), period.start(_ANY_YEAR))
    turns = turns_of_year([day.toordinal() for day in first_days.values() if day])
    return dict(zip(first_days, turns, strict=True))


def turns_of_year(places: Sequence[int]) -> list[int]:
    """0 for what lies in the first year and 1 for what lies in the next, where one series goes on over New Year.

    Args:
        places: where in its year each lies, the latest first or last; a place that comes again is of the same year.
    """
    order = list(dict.fromkeys(places))
    rises = [later > place for place, later in pairwise(order)]
    up = rises.count(True) >= rises.count(False)
    if len(rises) < _FEWEST_STEPS or rises.count(not up) != 1:
        return [0] * len(places)
    turn = rises.index(not up) + 1
    first, second = (order[:turn], order[turn:]) if up else (order[turn:], order[:turn])
    goes_on = max(second) < min(first)
    return [int(goes_on and place in second) for place in places]


def fiscal_periods(names: Sequence[str]) -> dict[str, HeaderPeriod]:
    """The headers among these that name fiscal years ("2023/24"), each as its first year; empty when they are months.

    "2010/11" alone may be November 2010; beside "2011/12" it is not.
    """
    split = [name for name in names if re.fullmatch(rf"(?i)(?:fy ?)?{_YEAR} ?[-/–] ?(?:\d{{4}}|\d{{2}})", name.strip())]
    if not are_fiscal_years(pl.Series(split, dtype=pl.String)):
        return {}
    first = {name: date(min(years_in(name)), 1, 1) for name in split}
    return {name: HeaderPeriod(name, "", day, day, months=_YEAR_MONTHS) for name, day in first.items()}


LETTERS_OF_SIZES = ("XXXS", "XXS", "XS", "S", "M", "L", "XL", "XXL", "2XL", "XXXL", "3XL", "4XL", "5XL")
_FEWEST_LETTERS = 3

_FEWEST_SIZES, _SIZES, _STEPS_OF_SIZES = 4, (15, 64), {0.5, 1.0, 2.0}
"""How many sizes tell that they are sizes, between which they lie, and how far from each other."""


def run_of_periods(cells: Sequence[str]) -> bool:
    """True for cells like 2021, 2022, 2023 or 202401, 202402, once or several times: headers made of numbers.

    Sizes of shoes and clothes such as 36, 37, 38, 39 are headers as well.
    """
    if len(cells) < 2 or not all(cells):
        return False
    if run_of_sizes(cells) or (len(cells) >= _FEWEST_DAYS and list(cells) == [str(k + 1) for k in range(len(cells))]):
        return True
    for pattern, months in ((_YEAR_ALONE, 12), (_YEAR_MONTH, 1), (_MONTH_YEAR, 1)):
        matches = [pattern.fullmatch(cell) for cell in cells]
        if all(matches):
            count = sorted({int(one["y"]) * 12 + int(one.groupdict().get("m") or 0) for one in matches if one})
            return len(count) > 1 and count[-1] - count[0] == (len(count) - 1) * months
    return False


def run_of_sizes(cells: Sequence[str]) -> bool:
    """True for headers like 36, 37, 38, 39 or S, M, L, XL: the sizes of shoes and clothes, in their order."""
    letters = [cell.strip().upper() for cell in cells]
    places = [LETTERS_OF_SIZES.index(cell) for cell in letters if cell in LETTERS_OF_SIZES]
    if len(places) == len(letters) >= _FEWEST_LETTERS:
        return all(earlier < later for earlier, later in pairwise(places))
    if len(cells) < _FEWEST_SIZES or not all(re.fullmatch(r"\d{2}(?:[.,][05])?", cell) for cell in cells):
        return False
    sizes = [float(cell.replace(",", ".")) for cell in cells]
    steps = {later - size for size, later in pairwise(sizes)}
    return len(steps) == 1 and steps <= _STEPS_OF_SIZES and _SIZES[0] <= sizes[0] and sizes[-1] <= _SIZES[1]


def years_in(text: str) -> set[int]:
    """The years that a text names."""
    return {int(year) for year in re.findall(rf"(?<!\d){_YEAR}(?!\d)", text)}


def days_in(title: str) -> list[date]:
    """The days that a title names, or the first days of the months that it names."""
    cells = pl.Series(_DAY_OF_TITLE.findall(title), dtype=pl.String).str.replace_all(r"([./-])\s|(\d)η", "${1}${2}")
    readings = read_dates(cells)
    if readings.readable.any():
        days = readings.day_first if not readings.day_first.null_count() else readings.month_first
        named = days.drop_nulls().to_list()
        first = _UNTIL.search(title) if len(named) == 1 else None
        return [named[0].replace(day=int(first[1])), *named] if first and 0 < int(first[1]) < named[0].day else named
    months = ((month_number(word), int(year)) for word, year in _MONTH_OF_TITLE.findall(title))
    return [date(year, month, 1) for month, year in months if month]


def _bare(label: str) -> HeaderPeriod | None:
    text = re.sub(r"\s+", " ", label.strip().lower()).rstrip(".")
    if re.fullmatch(rf"(?:fy ?)?{_YEAR}", text):
        first = date(int(text[-4:]), 1, 1)
        return HeaderPeriod(label, "", first, first, months=_YEAR_MONTHS)
    if month := month_number(text):
        return HeaderPeriod(label, "", month=month, months=1)
    if (day := _DAY_MONTH.fullmatch(text)) and (month := month_number(day["name"])):
        return HeaderPeriod(label, "", month=month, day=int(day["day"]))
    if quarter := _QUARTER.match(text):
        return HeaderPeriod(label, "", month=int(quarter[1] or quarter[2]) * 3 - 2, months=3)
    if (week := _WEEK.match(text)) and 1 <= int(week[1]) <= 53:
        return HeaderPeriod(label, "", week=int(week[1]))
    if not _MAYBE_DATE.search(text):
        return None
    digits = _YEAR_MONTH.fullmatch(text) or _MONTH_YEAR.fullmatch(text)
    readings = read_dates(pl.Series([text]), bare_digits=digits is not None)
    if not readings.readable[0]:
        return None
    months = 3 if _OF_QUARTER.search(text) else 0 if _OF_DAY.search(text) else 1
    return HeaderPeriod(label, "", readings.day_first[0], readings.month_first[0], months=months)
