"""Dates as people write them: day-first or month-first is decided once for a whole column, from all of its cells."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from engine.business.calendar import LOCALES

EARLIEST, LATEST = date(1900, 1, 2), date(2100, 12, 31)

SINCE_1900, SINCE_1904 = date(1899, 12, 30), date(1904, 1, 1)
"""Day 0 of the day counts that workbooks store."""

_CENTURY_TURN = 70
"""Two-digit years from here on belong to the 1900s."""

_TIME = r"(?:[t ,]+(?:[-–] )?\d{1,2}[:.h]\d{2}.*|z)?$"
_DAY_NAME = r"(?:\d{1,2}:\d{2}(?::\d{2})?[ ,]+)?(?:[^\W\d_]+\.?,?\s+)?"
"""What may stand before a date: a time of day, the name of the day."""

_WORD = r"(?P<mon>[^\W\d_]{3,})\.?"
_YEAR = r"(?P<y>\d{4}|\d{2})"
_SHORT_YEAR = r"^\d{1,2}[-/. ][^\W\d_]{3,}\.?[-/. ]\d$"
_BY_DIGITS = "day and month in digits"
_DAY_FORMS = {
    "year first": rf"^(?P<y>\d{{4}})[-/. ](?P<m>\d{{1,2}})[-/. ](?P<d>\d{{1,2}})\.?{_TIME}",
    _BY_DIGITS: rf"^{_DAY_NAME}(?P<a>\d{{1,2}})[-/.]\s?(?P<b>\d{{1,2}})[-/.]\s?{_YEAR}\.?{_TIME}",
    "month by name": (
        rf"^{_DAY_NAME}(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|\.)?[-/. ]*(?:de |of )?{_WORD}"
        rf"[-/., ]*(?:de |del )?(?P<y>\d{{4}}|\d{{1,2}})(?: ?r\.?)?{_TIME}"
    ),
    "year before the month by name": rf"^(?P<y>\d{{4}})[-/. ]{_WORD}[-/. ](?P<d>\d{{1,2}}){_TIME}",
    "digits, then a time": (
        r"^(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?:t\d{4,6}z?|(?:\d{6}(?:\.\d+)?)?\[[^\]]*\])$"
    ),
    "year, month and day in characters": r"^(?P<y>\d{4}) ?[年년] ?(?P<m>\d{1,2}) ?[月월] ?(?P<d>\d{1,2}) ?[日일]",
    "month by name before the day": (
        rf"^{_DAY_NAME}{_WORD}[-/ ]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[-/ ]+(?P<y>\d{{4}}|\d{{2}}){_TIME}"
    ),
}
_QUARTER_WORDS = r"q|t|qtr\.?|quarter|quartal|quart\.|trimestre|trim\.?|kwartaal|kwartał|kwartal"
_PERIOD_FORMS = {
    "fiscal year": r"^fy ?(?P<y>\d{4})$",
    "month and year": rf"^{_WORD}[-/' ]*(?:de )?{_YEAR}$",
    "year and month": rf"^(?P<y>\d{{4}})[-/ ]{_WORD}$",
    "year and month in digits": r"^(?P<y>\d{4})(?:[-/]|[- ]?m)(?P<m>\d{1,2})$",
    "month and year in digits": r"^(?P<m>\d{1,2})[-/](?P<y>\d{4})$",
    "quarter and year": rf"^(?:{_QUARTER_WORDS}) ?(?P<q>[1-4])[-/' ]*(?P<y>\d{{4}})$",
    "quarter and short year": r"^q(?P<q>[1-4])[-/' ]+(?P<y>\d{2})$",
    "quarter before its word": (
        rf"^(?P<q>[1-4])(?:\.|º|°|ª|st|nd|rd|th|er|e|ème)? ?(?:{_QUARTER_WORDS})[-/' ]*(?P<y>\d{{4}})$"
    ),
    "year and quarter": r"^(?P<y>\d{4})[-/ ]*q(?P<q>[1-4])$",
    "week and year": r"^(?:w|wk|kw|week|woche|semaine|semana|settimana|tydzien) ?(?P<w>\d{1,2})[-/., ]+(?P<y>\d{4})$",
    "year and week": r"^(?P<y>\d{4})[- ]?(?:w|kw|week )(?P<w>\d{1,2})$",
}
_PERIOD_SHAPES = tuple(re.sub(r"\?P<\w+>", "", pattern) for pattern in _PERIOD_FORMS.values())
_YEAR_DIGITS = r"^(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)$"
_DAY_DIGITS = r"^(?P<a>\d{2})(?P<b>\d{2})(?P<y>(?:19|20)\d{2})$"
_DIGITS_ONLY = {
    "digits only": _YEAR_DIGITS,
    "digits only, with a time": r"^(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)[0-2]\d[0-5]\d(?:[0-5]\d)?$",
    "digits only, the year last": _DAY_DIGITS,
    "year and month, digits only": r"^(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])$",
    "month and year like a decimal number": r"^(?P<m>0[1-9]|1[0-2])\.(?P<y>(?:19|20)\d{2})$",
}
_SECONDS = r"^1\d{9}(?:\d{3})?$"
"""Seconds, or thousandths of them, since 1970."""

_TWO_YEARS = r"^(?:fy ?)?(?P<y>(?:19|20)\d{2}) ?[-/–] ?(?P<z>\d{4}|\d{2})$"
"""A fiscal year: 2023/24, FY 2023-2024."""

_STORED_DAY = r"^(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
_MONTHS, _FEWEST_SWAPPED = 12, 4
_UNEVEN = 1.2
"""The longest month is at most so many times the shortest."""

_SERIAL = r"^(?:[2-6]\d{4})(?:\.\d+)?$"


@dataclass(frozen=True)
class DateEvidence:
    """What a column's cells say about how its dates are written; all are counts of cells.

    Attributes:
        day_first: cells whose first number cannot be a month ("25/3/2025"), or that are written with full stops.
        month_first: cells whose second number cannot be a month ("3/25/2025").
        either: cells that are a date in both orders ("3/4/2025").
        with_time: cells that also hold a time of day other than midnight.
        whole_periods: cells that name a month, a quarter or a week instead of a day.
        runs_day_first: True when the dates run in order only if the day comes first, False when only if the month
            does, None when the order settles nothing.
        example: one cell that could be either.
        short_year: one cell like "10-Nov-9" or "25/01/13", in which the first or the last part may be the year.
        swapped: cells whose day and month a spreadsheet program may have exchanged: it took each date that can be read
            in its own order for one, and left the others ("25/3/2025") as text.
    """

    day_first: int
    month_first: int
    either: int
    with_time: int
    whole_periods: int
    runs_day_first: bool | None = None
    example: str = ""
    short_year: str = ""
    swapped: int = 0

    @property
    def first(self) -> bool | None:
        """True for day first, False for month first, None when the column does not tell."""
        if self.day_first != self.month_first:
            return self.day_first > self.month_first
        return self.runs_day_first


@dataclass(frozen=True)
class DateReadings:
    """A column read both ways; a cell that is no date in one order is null there.

    Attributes:
        text: the cells as they stand.
        day_first: the days, if the day comes before the month wherever both are digits.
        month_first: the days, if the month does.
    """

    text: pl.Series
    day_first: pl.Series
    month_first: pl.Series

    @property
    def readable(self) -> pl.Series:
        """True for each cell that is a date in one order or the other."""
        return self.day_first.is_not_null() | self.month_first.is_not_null()


def read_dates(text: pl.Series, *, bare_digits: bool = False, since: date = SINCE_1900) -> DateReadings:
    """The column as Date, read in both orders; a time of day is cut off.

    A month, quarter or week becomes its first day. With `bare_digits`, "20250503", a year and the day counts that
    spreadsheets use (45780 is 3 May 2025, counted from `since`) are dates too.

    Args:
        text: the cells, as text.
        bare_digits: whether digits without marks may be dates.
        since: day 0 of the file's day counts: 1900's or 1904's.
    """
    lowered = _fiscal_years(text.str.to_lowercase()).alias("cell")
    forms = _DAY_FORMS | _PERIOD_FORMS | (_DIGITS_ONLY if bare_digits else {})
    shaped = lowered.to_frame().select(
        pl.col("cell").str.contains(pattern).any().alias(form) for form, pattern in forms.items()
    )
    present = [forms[form] for form in forms if shaped[form].any()]
    counts = [_day_counts(since)] if bare_digits else []
    orders = {"day_first": True, "month_first": False}
    days = lowered.to_frame().with_columns(
        _in_range([_by_pattern(pattern, day_first=order) for pattern in present] + counts).alias(name)
        for name, order in orders.items()
    )
    return DateReadings(text, days["day_first"].rename(text.name), days["month_first"].rename(text.name))


def are_fiscal_years(names: pl.Series) -> bool:
    """True for several names like "2023/24", all of them of a year and the next."""
    parts = names.str.to_lowercase().str.extract_groups(_TWO_YEARS).struct.unnest()
    if len(names) < 2 or parts["y"].null_count():
        return False
    first, second = parts["y"].cast(pl.Int32), parts["z"].cast(pl.Int32)
    return bool(((second == first + 1) | (second == (first + 1) % 100)).all())


def _fiscal_years(lowered: pl.Series) -> pl.Series:
    """Years like "2023/24" as the first of the two, where each cell of a column is one; other columns as they are."""
    if not lowered.head(1).str.contains(_TWO_YEARS).any():
        return lowered
    return lowered.str.replace(_TWO_YEARS, "fy ${y}") if are_fiscal_years(lowered.drop_nulls()) else lowered


def looks_like_date(text: pl.Series) -> pl.Series:
    """True for each cell that is certainly a date (digits alone are not)."""
    return read_dates(text).readable


def date_evidence(readings: DateReadings, counts: pl.Series, spread: Callable[[pl.Series], pl.Series]) -> DateEvidence:
    """Count what the cells of one column show.

    Args:
        readings: each different cell once, read both ways.
        counts: how often each comes.
        spread: turns a value for each cell into a value for each row, in the order of the file.
    """
    lowered = readings.text.str.to_lowercase()
    day_first, month_first = readings.day_first, readings.month_first
    by_digits = lowered.str.contains(_DAY_FORMS[_BY_DIGITS])
    by_digits |= lowered.str.contains(_DAY_DIGITS) & ~lowered.str.contains(_YEAR_DIGITS)
    dotted = lowered.str.contains(r"^(?:\d{1,2}:\d{2}(?::\d{2})?)?\D*\d{1,2}\.\d{1,2}\.\d") & by_digits
    slashed = by_digits & ~dotted
    different = slashed & day_first.is_not_null() & month_first.is_not_null() & (day_first != month_first)
    periods = lowered.str.contains("|".join(f"(?:{bare})" for bare in _PERIOD_SHAPES))
    short_years = readings.text.filter(lowered.str.contains(_SHORT_YEAR) | _year_may_lead(lowered))
    return DateEvidence(
        day_first=int(counts.filter(by_digits & day_first.is_not_null() & (month_first.is_null() | dotted)).sum()),
        month_first=int(counts.filter(slashed & month_first.is_not_null() & day_first.is_null()).sum()),
        either=int(counts.filter(different).sum()),
        with_time=int(counts.filter(_with_time(lowered)).sum()),
        whole_periods=int(counts.filter(periods).sum()),
        runs_day_first=_runs(spread(day_first), spread(month_first)) if different.any() else None,
        example=str(readings.text.filter(different).first() or ""),
        short_year=str(short_years.first() or ""),
        swapped=_count_swaps(lowered, counts, by_digits & day_first.is_not_null() & month_first.is_not_null()),
    )


def _count_swaps(lowered: pl.Series, counts: pl.Series, readable_both_ways: pl.Series) -> int:
    """How many cells have the year first, where each could be exchanged and no cell with the year last could."""
    stored = lowered.str.extract_groups(rf"{_STORED_DAY}").struct.unnest()
    days, months = stored["d"].cast(pl.Int32), stored["m"]
    by_digits = lowered.str.contains(_DAY_FORMS[_BY_DIGITS]).sum()
    few = min(days.count(), by_digits, months.n_unique()) < _FEWEST_SWAPPED
    if few or readable_both_ways.any() or days.max() > _MONTHS:  # type: ignore[operator]
        return 0
    return int(counts.filter(days.is_not_null()).sum())


def day_and_month_exchanged(cells: pl.Series) -> pl.Series:
    """Cells like 2025-03-04 with day and month exchanged; others as they are."""
    return cells.str.replace(_STORED_DAY, "${y}-${d}-${m}")


def _year_may_lead(lowered: pl.Series) -> pl.Series:
    """True for cells like 25/01/13 in a column whose first parts vary less than its last, as years do."""
    parts = lowered.str.extract_groups(r"^(\d{2})[-/.](\d{1,2})[-/.](\d{2})$").struct.unnest().drop_nulls()
    nothing = pl.Series([False]).new_from_index(0, len(lowered))
    if parts.height < len(lowered) or parts.height < 2:
        return nothing
    first, middle, last = (parts[name].cast(pl.Int32) for name in parts.columns)
    leads = first.n_unique() < last.n_unique() and bool((middle <= 12).all() and last.is_between(1, 31).all())
    return ~nothing if leads else nothing


def is_day_and_month(cells: pl.Series) -> bool:
    """True for cells of three or four digits that are all a day and a month: "0107", "2809"."""
    parts = cells.drop_nulls().str.strip_chars().str.extract_groups(r"^(\d{1,2})(\d{2})$").struct.unnest()
    numbers = [parts[name].cast(pl.Int32) for name in parts.columns]
    if parts.is_empty() or any(part.null_count() or not part.is_between(1, 31).all() for part in numbers):
        return False
    return any(bool((part <= _MONTHS).all()) for part in numbers)


def year_to_the_front(cells: pl.Series) -> pl.Series:
    """ "10-Nov-9" with its outer parts exchanged, so that its first part is read as the year."""
    return cells.str.replace(r"^(\d{1,2})(\D+|[-/.]\d{1,2}[-/.])(\d{1,2})$", "${3}${2}${1}")


def _in_range(readings: list[pl.Expr]) -> pl.Expr:
    day = pl.coalesce([*readings, pl.lit(None, dtype=pl.Date)])
    return pl.when(day.is_between(EARLIEST, LATEST)).then(day)


def _by_pattern(pattern: str, *, day_first: bool) -> pl.Expr:
    """The days of the cells that have this form, null for the others."""
    parts = pl.col("cell").str.extract_groups(pattern).struct
    year = parts.field("y").cast(pl.Int32)
    full_year = year + pl.when(parts.field("y").str.len_chars() > 2).then(0).when(year < _CENTURY_TURN).then(
        2000
    ).otherwise(1900)
    if "<w>" in pattern:
        week = pl.concat_str(full_year.cast(pl.String), parts.field("w").str.zfill(2), pl.lit("1"), separator=" ")
        return week.str.to_date("%G %V %u", strict=False)
    day, month = _day_and_month(pattern, parts, day_first=day_first)
    written = pl.concat_str(full_year.cast(pl.String), month, day, separator="-")
    return written.str.to_date("%Y-%m-%d", strict=False)


def _day_and_month(pattern: str, parts: Any, *, day_first: bool) -> tuple[pl.Expr, pl.Expr]:
    if "<a>" in pattern:
        first, second = parts.field("a"), parts.field("b")
        return (first, second) if day_first else (second, first)
    day = parts.field("d") if "<d>" in pattern else pl.lit("1")
    if "<mon>" in pattern:
        return day, parts.field("mon").replace_strict(_month_numbers(), default=None, return_dtype=pl.String)
    if "<q>" in pattern:
        return day, (parts.field("q").cast(pl.Int32) * 3 - 2).cast(pl.String)
    return (day, parts.field("m")) if "<m>" in pattern else (day, pl.lit("1"))


def _day_counts(since: date) -> pl.Expr:
    """Years ("2025"), the counts of days that spreadsheets store, and the counts of seconds that programs do."""
    cell = pl.col("cell")
    counts = pl.when(cell.str.contains(_SERIAL)).then(cell).cast(pl.Float64, strict=False).cast(pl.Int32, strict=False)
    years = pl.when(cell.str.contains(r"^(?:19|20)\d{2}$")).then(cell + "-01-01").str.to_date("%Y-%m-%d", strict=False)
    seconds = pl.when(cell.str.contains(_SECONDS)).then(cell.str.head(10)).cast(pl.Int64, strict=False)
    return pl.coalesce(
        pl.lit(since) + pl.duration(days=counts), years, pl.from_epoch(seconds, time_unit="s").cast(pl.Date)
    )


def _with_time(lowered: pl.Series) -> pl.Series:
    times = lowered.str.extract(r"\d[t ,]+(\d{1,2}[:.h]\d{2}.*)$")
    midnight = times.str.contains(r"^(?:0?0|12)[:.h]00(?:[:.]00(?:\.0+)?)?(?: ?am|z)?$").fill_null(False)
    return (times.is_not_null() & ~midnight) | lowered.str.contains(rf"{_SECONDS}|^\d{{1,2}}:\d{{2}}.*\d{{4}}")


def _runs(day_first: pl.Series, month_first: pl.Series) -> bool | None:
    """Which reading runs in order, if only one does; where both do, which of them runs evenly."""
    filled = day_first.is_not_null() | month_first.is_not_null()
    day_first, month_first = day_first.filter(filled), month_first.filter(filled)
    if day_first.null_count() or month_first.null_count() or day_first.n_unique() < 4:
        return None
    orderly = [bool(days.is_sorted() or days.is_sorted(descending=True)) for days in (day_first, month_first)]
    if all(orderly):
        orderly = [_are_even(day_first), _are_even(month_first)]
    return orderly[0] if orderly[0] != orderly[1] else None


def _are_even(days: pl.Series) -> bool:
    """True for a long run of days as far from each other as those of months, weeks or quarters."""
    gaps = days.unique().sort().diff().drop_nulls().dt.total_days()
    return len(gaps) >= _MONTHS and bool(gaps.max() <= _UNEVEN * gaps.min())  # type: ignore[operator]


@cache
def _month_numbers() -> dict[str, str]:
    """Month names of our languages in lower case, long and short, with and without accents, to their number."""
    from babel.dates import get_month_names

    numbers = {"sept": "9", "mrz": "3", "maerz": "3", "janv": "1", "fevr": "2", "avr": "4", "juil": "7"}
    for locale in LOCALES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context=context, locale=locale).items():
                    word = name.lower().rstrip(".")
                    numbers.setdefault(word, str(number))
                    numbers.setdefault(without_accents(word), str(number))
    return numbers


def month_number(word: str) -> int:
    """The number (1..12) of a month by its name in one of our languages; 0 when it is none."""
    return int(_month_numbers().get(word.lower().rstrip("."), 0))


_LETTERS = str.maketrans({"ł": "l", "ß": "ss", "ø": "o", "æ": "ae", "đ": "d", "ı": "i", "œ": "oe"})
"""Letters that are no other letter with an accent."""


def without_accents(word: str) -> str:
    """The word in plain letters: "février" becomes "fevrier"."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.translate(_LETTERS)) if not unicodedata.combining(c))
