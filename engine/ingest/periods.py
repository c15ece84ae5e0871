"""Headers that name a period ("Jan", "Q1 2024", "2023", "Sales Mar 24"): what makes a table wide."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from engine.ingest.dates import month_number, read_dates

_YEAR = r"(?:19|20)\d{2}"
_QUARTER = re.compile(
    r"^(?:q|t|qtr|quarter|quartal|trimestre|kwartaal|kwartal) ?([1-4])$|^([1-4])\.? (?:quarter|quartal)$"
)
_WEEK = re.compile(r"^(?:w|wk|week|kw|woche|semaine|semana|settimana|tydzien) ?(\d{1,2})$")
_MAYBE_DATE = re.compile(rf"{_YEAR}|\d[-/.]\d|[^\W\d_]{{3,}}\W*\d{{2}}$|\d\W*[^\W\d_]{{3,}}")
_LONGEST = 3
"""Words of a header that name its period at most."""


@dataclass(frozen=True)
class Period:
    """The period that a header names.

    Attributes:
        label: the part of the header that names it.
        measure: the rest of the header, "" when it names nothing else.
        day_first, month_first: its first day, read in both orders; None where its year is missing.
        month: its first month (1..12) where the year is missing.
        week: its week where the year is missing.
    """

    label: str
    measure: str
    day_first: date | None = None
    month_first: date | None = None
    month: int = 0
    week: int = 0

    @property
    def whole(self) -> bool:
        """True when its year is known."""
        return self.day_first is not None or self.month_first is not None

    def start(self, year: int, *, day_first: bool = True) -> date | None:
        """Its first day; `year` counts only where the header names none."""
        if self.whole:
            return (self.day_first if day_first else self.month_first) or self.day_first or self.month_first
        if self.week:
            first = date.fromisocalendar(year, 1, 1)
            return first + timedelta(weeks=self.week - 1)
        return date(year, self.month, 1)


def period_of(header: str) -> Period | None:
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
            found = _bare(" ".join(part).strip("()[]:,"))
            measure = " ".join(rest).strip(" -/:,()")
            if found is not None and re.search(r"[^\W\d_]", measure):
                return Period(found.label, measure, found.day_first, found.month_first, found.month, found.week)
    return None


def run_of_years(cells: Sequence[str]) -> bool:
    """True for cells like 2021, 2022, 2023, once or several times: headers made of numbers."""
    if len(cells) < 2 or not all(re.fullmatch(_YEAR, cell) for cell in cells):
        return False
    years = sorted({int(cell) for cell in cells})
    return len(years) > 1 and years[-1] - years[0] == len(years) - 1


def years_in(text: str) -> set[int]:
    """The years that a text names."""
    return {int(year) for year in re.findall(rf"(?<!\d){_YEAR}(?!\d)", text)}


def _bare(label: str) -> Period | None:
    text = re.sub(r"\s+", " ", label.strip().lower()).rstrip(".")
    if re.fullmatch(_YEAR, text):
        first = date(int(text), 1, 1)
        return Period(label, "", first, first)
    if month := month_number(text):
        return Period(label, "", month=month)
    if quarter := _QUARTER.match(text):
        return Period(label, "", month=int(quarter[1] or quarter[2]) * 3 - 2)
    if (week := _WEEK.match(text)) and 1 <= int(week[1]) <= 53:
        return Period(label, "", week=int(week[1]))
    if not _MAYBE_DATE.search(text):
        return None
    readings = read_dates(pl.Series([text]))
    if not readings.readable[0]:
        return None
    return Period(label, "", readings.day_first[0], readings.month_first[0])
