"""What a column's cells alone may not settle: the decimal mark, the order of day and month, the year, misfits."""

import re
from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from engine.dataset import CleaningReport, ColumnRole, Question
from engine.ingest.amounts import NumberEvidence
from engine.ingest.columns import CleanColumn, RawColumn, Setting, ask, counted, join, new_column, short
from engine.ingest.dates import DateEvidence, is_day_and_month
from engine.ingest.meaning.names import Hint, header_hint
from engine.ingest.periods import turns_of_year, weeks_in, years_in

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "the day comes first", "the month comes first", "the year comes first"
THOUSANDS, DECIMALS = "thousands", "decimals"
PERIOD = "Period"
"""What a column of periods that stood across the sheet or above it is called."""

_YEARS_OFFERED, _LAST_MONTH, _MOST_DAYS = 5, 12, 32
GO_ON, CORRECT = "go on without it", "I will correct the file first"
LEAVE_BLANK, AS_TEXT = "leave them blank", "read the column as text"

EXCHANGE, AS_IT_STANDS = "exchange day and month", "leave them as they are"
_VALUE_WITH_MORE = r"^\W*(?:[^\W\d]{1,3}\W*)?\d"
"""A cell that begins with a number, behind a sign or a currency, and goes on in another way."""

_FEW_CELLS = 3
_DOUBTFUL_SHARE = 0.1
"""When more of a column's cells are lost than this, its kind is in doubt."""


def decimal_mark(
    raw: RawColumn, evidence: NumberEvidence, elsewhere: str, setting: Setting
) -> tuple[str, CleaningReport]:
    """The decimal mark of a column: by its cells, by the other columns, or by the owner.

    Args:
        evidence: what its own cells say.
        elsewhere: the mark that the other columns use; "" when they show none.
    """
    if evidence.decimal:
        return evidence.decimal, CleaningReport()
    mark = "." if evidence.either_point >= evidence.either_comma else ","
    other = "," if mark == "." else "."
    if not evidence.either_point + evidence.either_comma:
        return elsewhere or ".", CleaningReport()
    if elsewhere:
        name = "comma" if elsewhere == "," else "point"
        return elsewhere, CleaningReport((f"decimal {name} in {raw.name}, as in the other columns",))
    likely = THOUSANDS if mark == "," or setting.comma_file else DECIMALS
    cells = raw.written["cell"]
    example = str(cells.filter(cells.str.contains(rf"\d\{mark}\d{{3}}"))[0])
    question = setting.question(
        raw.name,
        "decimal mark",
        f'In {raw.name}, what does the "{mark}" in "{example}" separate?',
        (THOUSANDS, DECIMALS),
        likely,
    )
    answer, report = ask(question, setting, settled=f'"{mark}" in {raw.name}')
    return (other if answer == THOUSANDS else mark), report


def usual_mark(evidences: Sequence[NumberEvidence]) -> str:
    """The decimal mark that most columns call for; "" when none does.

    Where no cell is decisive, whole numbers of three digits beside others of four and more that all carry a mark
    ("776", "6,718", and never "6718") show that the mark groups thousands.
    """
    decided = [evidence.decimal for evidence in evidences if evidence.decimal]
    if decided:
        return max(sorted(set(decided)), key=decided.count)
    for name, decimal in (("either_comma", "."), ("either_point", ",")):
        marked = [evidence for evidence in evidences if getattr(evidence, name)]
        grouped = sum(getattr(evidence, name) for evidence in marked)
        plain = sum(evidence.three_digits for evidence in marked)
        if min(grouped, plain) >= _FEW_CELLS and not any(evidence.four_digits for evidence in marked):
            return decimal
    return ""


def date_order(raw: RawColumn, evidence: DateEvidence, elsewhere: str, setting: Setting) -> tuple[bool, CleaningReport]:
    """True where the day comes first: by the cells, by the other columns, or by the owner.

    Args:
        evidence: what its own cells say.
        elsewhere: the order of the other columns; "" when they show none.
    """
    if evidence.first is not None:
        if not evidence.either + evidence.day_first + evidence.month_first:
            return evidence.first, CleaningReport()
        order = DAY_FIRST if evidence.first else MONTH_FIRST
        return evidence.first, CleaningReport((f"in {raw.name} {order}",))
    if not evidence.either:
        return elsewhere != MONTH_FIRST, CleaningReport()
    if elsewhere:
        return elsewhere == DAY_FIRST, CleaningReport((f"in {raw.name} {elsewhere}, as in the other columns",))
    american = raw.cells["cell"].str.contains(r"(?i)\b[ap]m$").any()
    question = setting.question(
        raw.name,
        "date order",
        f'In {raw.name}, "{short(evidence.example)}" can be read in two ways: which part comes first?',
        (DAY_FIRST, MONTH_FIRST),
        MONTH_FIRST if american else DAY_FIRST,
    )
    answer, report = ask(question, setting, settled=raw.name)
    return answer == DAY_FIRST, report


def year_place(raw: RawColumn, example: str, setting: Setting) -> tuple[bool, CleaningReport]:
    """True where the year comes first, in a column of dates like "10-Nov-9", whose years have one digit or two.

    Args:
        example: one of its cells, for the question.
    """
    question = setting.question(
        raw.name,
        "year",
        f'In {raw.name}, "{short(example)}" has no full year: which part comes first?',
        (DAY_FIRST, YEAR_FIRST),
    )
    answer, report = ask(question, setting, settled=raw.name)
    return answer == YEAR_FIRST, report


def ask_to_exchange(raw: RawColumn, count: int, setting: Setting) -> tuple[bool, CleaningReport]:
    """True where day and month of the cells that are stored as dates are to be exchanged.

    Args:
        count: how many cells are stored as dates, > 0.
    """
    question = setting.question(
        raw.name,
        "exchanged dates",
        f"In {raw.name}, {counted(count, 'date')} have a day up to 12, and all others were left as text with a "
        "day above 12: a program seems to have exchanged day and month of the former. What should happen?",
        (EXCHANGE, AS_IT_STANDS),
    )
    answer, report = ask(question, setting, settled=raw.name)
    return answer == EXCHANGE, report


def misfits_key(name: str, setting: Setting) -> str:
    """The key of the question about cells that do not fit a column's kind."""
    return setting.key(name, "cells that do not fit")


def misfits(columns: Sequence[CleanColumn], setting: Setting) -> CleaningReport:
    """A question for each column in which so many cells are lost that its kind is in doubt, or numbers are."""
    questions = []
    for column in columns:
        if column.kind == "text" or column.raw.chosen or column.values.null_count() == column.raw.text.null_count():
            continue
        lost = column.raw.spread(column.raw.cell_content).fill_null(False) & column.values.is_null()
        content = int(column.raw.cells["count"].filter(column.raw.cell_content).sum())
        key = misfits_key(column.raw.name, setting)
        cut = (
            column.kind == "number" and lost.any() and column.raw.text.filter(lost).str.contains(_VALUE_WITH_MORE).any()
        )
        doubtful = cut or lost.sum() > _DOUBTFUL_SHARE * content
        if not lost.any() or not doubtful or setting.answer(key, (LEAVE_BLANK,)):
            continue
        examples = column.raw.text.filter(lost)
        values_with_more = examples.filter(examples.str.contains(_VALUE_WITH_MORE))
        example = short((values_with_more if len(values_with_more) else examples)[0])
        questions.append(
            Question(
                key,
                f"{lost.sum()} of {content} cells of {column.raw.name} cannot be read as {column.kind}s, such as "
                f'"{example}": what should happen?',
                (LEAVE_BLANK, AS_TEXT),
                LEAVE_BLANK,
                essential=True,
            )
        )
    return CleaningReport(questions=tuple(questions))


def unread_column(raw: RawColumn, sentence: str, setting: Setting) -> CleaningReport:
    """Ask whether to go on without a column that ought to hold numbers or dates, and holds some in an unknown form.

    Args:
        sentence: what is wrong with it, one sentence.
    """
    question = setting.question(raw.name, "unread", f"{sentence} What should happen?", (GO_ON, CORRECT))
    return ask(question, setting, settled=raw.name)[1]


def as_text(raw: RawColumn, setting: Setting) -> bool:
    """True when the owner said that the column is text."""
    return bool(setting.answer(misfits_key(raw.name, setting), (AS_TEXT,)))


def withheld(columns: Sequence[CleanColumn], place: str) -> CleaningReport:
    """A warning for each column of numbers in which some are withheld: they are unknown, and not zero."""
    warnings = []
    for column in columns:
        if column.kind != "number":
            continue
        marks = column.raw.cells.filter(pl.col("cell").str.contains(r"^(?:[<>≤≥]\s*\d|\*+$)"))
        if marks.height:
            warnings.append(
                f"{counted(int(marks['count'].sum()), 'cell')} of {column.raw.name} in {place} withheld "
                f'("{marks["cell"][0]}"): unknown, and not as zero.'
            )
    return CleaningReport(warnings=tuple(warnings))


def which_year(title: str, example: str, setting: Setting, last: Callable[[int], date]) -> tuple[int, CleaningReport]:
    """The year of periods that name none: from the title, or from the owner; likeliest the latest that is not ahead.

    Args:
        title: what stands above the table, and the sheet's name.
        example: one of the periods, for the question.
        last: the day from which the last of them is not ahead, by the year of the first.
    """
    named = years_in(title)
    if len(named) == 1:
        return named.pop(), CleaningReport((f'the year of the periods is in the title "{short(title)}"',))
    latest = setting.today.year if setting.today else 2025
    years = range(latest, latest - _YEARS_OFFERED, -1)
    past = (year for year in years if setting.today is None or last(year) <= setting.today)
    question = setting.question(
        PERIOD,
        "year",
        f'In {setting.place} periods such as "{example}" have no year: which year is it?',
        tuple(map(str, years)),
        str(next(past, latest)),
    )
    answer, report = ask(question, setting, settled="the year of the periods")
    return int(answer), report


def days_without_year(
    columns: Sequence[CleanColumn], title: str, setting: Setting
) -> tuple[list[CleanColumn], CleaningReport]:
    """A column of weeks ("KW 23"), or called a date with day and month in four digits, with the year of the title.

    Args:
        title: what stands above the table and the name of its tab or file.
    """
    unchanged = list(columns), CleaningReport()
    if any(column.kind == "date" and column.values.is_not_null().any() for column in columns):
        return unchanged
    for place, column in enumerate(columns):
        hint = header_hint(column.raw.name)
        cells = column.raw.text.str.strip_chars()
        if (weeks := weeks_in(column.raw.name, cells)) is not None:
            dated, report = _of_weeks(column, weeks.clip(1, 52), _spaced(title), setting)
            return [*columns[:place], dated, *columns[place + 1 :]], report
        if hint is not None and hint.role is ColumnRole.DATE and is_day_and_month(cells):
            dated, report = _of_four_digits(column, _spaced(title), setting)
            return [*columns[:place], dated, *columns[place + 1 :]], report
    return unchanged


def _of_weeks(
    column: CleanColumn, weeks: pl.Series, title: str, setting: Setting
) -> tuple[CleanColumn, CleaningReport]:
    """The first days of these weeks in the place of their names."""
    later, (turn, week) = over_new_year(weeks)
    example = str(column.raw.text.drop_nulls()[0])
    year, report = which_year(title, example, setting, lambda year: date.fromisocalendar(year + turn, week, 1))
    both = zip(weeks, later, strict=True)
    days = [date.fromisocalendar(year + int(after), week, 1) if week else None for week, after in both]
    hint = Hint(ColumnRole.DATE, 0.95, f"weeks of {year}")
    return new_column(column.raw.name, pl.Series(days, dtype=pl.Date), hint), report


def _of_four_digits(column: CleanColumn, title: str, setting: Setting) -> tuple[CleanColumn, CleaningReport]:
    """The days of cells such as "2809"."""
    cells = column.raw.text.str.strip_chars()
    first, second = (cells.str.zfill(4).str.slice(at, 2).cast(pl.Int32, strict=False) for at in (0, 2))
    day, month = (second, first) if (second > _LAST_MONTH).any() else (first, second)
    later, (turn, last) = over_new_year(month)
    example = str(cells.drop_nulls()[0])
    year, report = which_year(title, example, setting, lambda year: date(year + turn, last, 1))
    parts = pl.DataFrame({"y": later.cast(pl.Int32) + year, "m": month, "d": day})
    dates = parts.select(pl.format("{}-{}-{}", "y", "m", "d").str.to_date("%Y-%m-%d", strict=False)).to_series()
    why = f"day and month in four digits, of {year}"
    line = CleaningReport((f"{setting.place}: {column.raw.name} is {why}",))
    return new_column(column.raw.name, dates, Hint(ColumnRole.DATE, 0.95, why)), join(line, report)


def _spaced(title: str) -> str:
    """A title in which days in eight digits are written with marks, so that their years can be read."""
    return re.sub(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)", r"\1-\2-\3", title)


def over_new_year(places: pl.Series) -> tuple[pl.Series, tuple[int, int]]:
    """How many years after the first of them each lies, by its place in its year; and the last of them.

    Args:
        places: its month, or its week; null where there is none.
    """
    numbers = [int(place) for place in places.drop_nulls()]
    turns = dict(zip(numbers, turns_of_year(numbers), strict=True))
    later = pl.Series([turns.get(int(place), 0) if place is not None else 0 for place in places], dtype=pl.Float64)
    return later, max((turn, place) for place, turn in turns.items())
