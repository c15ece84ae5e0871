"""Rows that add other rows up: found by their name and by arithmetic, never by the name alone."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import polars as pl

from engine.dataset import ColumnRole
from engine.ingest.columns import CleanColumn
from engine.ingest.dates import without_accents
from engine.ingest.header_vocabulary import STATISTIC_WORDS, TOTAL_WORDS

_FEWEST_SUMMED = 3
"""Rows that a nameless total must add up, so that it is no chance."""

_MOST_ATTEMPTS = 200
_MOST_STATISTICS = 12

_NEVER_ADDED = frozenset({ColumnRole.PRICE, ColumnRole.RATE, ColumnRole.LEAD_TIME, ColumnRole.OTHER})


def named_totals(columns: Sequence[CleanColumn]) -> list[int]:
    """Rows called totals that add up, or that have no date where all others have one."""
    return _judged_totals(columns)[0]


def false_totals(columns: Sequence[CleanColumn]) -> list[int]:
    """Rows called totals that add nothing up."""
    return _judged_totals(columns)[1]


def _judged_totals(columns: Sequence[CleanColumn]) -> tuple[list[int], list[int]]:
    named = list(_named_totals(columns))
    sums = [_Sums(column.values.fill_null(0.0)) for column in columns if column.kind == "number"]
    dates = [column.values for column in columns if column.kind == "date"]
    dated = bool(dates) and dates[0].null_count() <= len(named) < len(dates[0]) / 2
    alone = len(named) == 1
    totals, doubtful = [], []
    for index, exact in named:
        sums_here = [column for column in sums if column.tells(index)]
        adding = [column for column in sums_here if column.add_up_to(index, below=exact and alone)]
        # A row called nothing but "total" may have an average beside its sums; "Bread total" may be the name of a loaf.
        adds_up = len(adding) * 2 > len(sums_here) or (exact and bool(adding))
        if adds_up or (exact and dated and dates[0][index] is None):
            totals.append(index)
        elif exact:
            doubtful.append(index)
        if adds_up or exact:  # a product called "Total care" is no total, and counts for the next one
            for column in sums:
                column.leave_out(index)
    return totals, doubtful


class _Sums:
    """The running sum of one column, without the rows that were found to be totals."""

    def __init__(self, values: pl.Series) -> None:
        self._values = values
        self._running = values.cum_sum()
        self._left_out = 0.0
        self._start = 0.0

    def tells(self, index: int) -> bool:
        """True when the row has a number here."""
        return bool(self._values[index])

    def add_up_to(self, index: int, *, below: bool) -> bool:
        """True when the row is the sum of all rows above, of those since the total before, or of all rows below."""
        value = self._values[index]
        above = self._running[index] - value
        sums = [above - self._left_out, above - self._start]
        sums += [self._running[-1] - self._running[index]] if below and not index else []
        return bool(value) and any(abs(value - total) <= 0.01 + 1e-6 * abs(value) for total in sums)

    def leave_out(self, index: int) -> None:
        """Take a total out of the sums that follow."""
        self._left_out += self._values[index]
        self._start = self._running[index]


def _named_totals(columns: Sequence[CleanColumn]) -> Iterator[tuple[int, bool]]:
    """Rows with a word for total in a column of words or dates, and whether that word is all that the cell says."""
    words = [column.raw.text.str.to_lowercase() for column in columns if column.kind != "number"]
    if not words:
        return
    words_for_total = "|".join(sorted({phrase.split()[0] for phrase in _total_phrases()}))
    at_an_end = rf"^\W*(?:{words_for_total})\b|\b(?:{words_for_total})\W*$"
    # Accents are rare in these words; they are taken off the few candidates only.
    rough = [
        cells.str.contains(r"^\W*[^\W\d_]").fill_null(False)
        & cells.str.contains(r"tot|sum|som|gesamt|razem|og|c?znie|forward|bertrag|transport|riport|report|przenies")
        for cells in words
    ]
    candidates = (
        pl.DataFrame([mask.alias(str(i)) for i, mask in enumerate(rough)])
        .select(pl.any_horizontal(pl.all()))
        .to_series()
    )
    for index in candidates.arg_true():
        cells = [_normal(column[index]) for column in words if column[index]]
        exact = any(cell in _total_phrases() for cell in cells)
        if exact or any(pl.Series([cell]).str.contains(at_an_end)[0] for cell in cells):
            yield index, exact


def named_statistics(columns: Sequence[CleanColumn]) -> list[int]:
    """Rows at the end called an average, a maximum or the like whose every number is that of the rows above them."""
    height = len(columns[0].values)
    first = max(0, height - _MOST_STATISTICS)
    words = [column.raw.text[first:].str.to_lowercase() for column in columns if column.kind != "number"]
    numbers = [column.values for column in columns if column.kind == "number"]
    rough = "|".join(sorted(_statistics()))
    rows: list[int] = []
    for cells in words:
        for place in cells.str.contains(rf"^\W*(?:{rough})\W*$").fill_null(False).arg_true().to_list():
            index, measure = first + place, _statistics().get(_normal(cells[place]))
            above = [values.head(index) for values in numbers if values[index] is not None]
            figures = [values[index] for values in numbers if values[index] is not None]
            if (
                measure
                and figures
                and all(_is_close(one, measure(rest)) for one, rest in zip(figures, above, strict=True))
            ):
                rows.append(index)
    return sorted(set(rows))


def _is_close(figure: float, measured: object) -> bool:
    """True for a number that is the measured one, perhaps rounded to whole units."""
    return isinstance(measured, int | float) and abs(figure - measured) <= (0.5 if figure % 1 == 0 else 0.005001)


def is_total(name: str) -> bool:
    """True when a name says nothing but "total", in one of the languages."""
    return _normal(name.lower()) in _total_phrases()


@cache
def _statistics() -> dict[str, Callable[[pl.Series], object]]:
    measures: dict[str, Callable[[pl.Series], object]] = {
        "mean": pl.Series.mean,
        "median": pl.Series.median,
        "maximum": pl.Series.max,
        "minimum": pl.Series.min,
        "count": pl.Series.count,
    }
    return {word: measures[kind] for kind, words in STATISTIC_WORDS.items() for word in words.split(", ")}


@cache
def _total_phrases() -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in TOTAL_WORDS.split(","))


def _normal(cell: str) -> str:
    return " ".join(without_accents(cell).replace("-", " ").strip(" :.*").split())


def nameless_totals(columns: Sequence[CleanColumn]) -> list[int]:
    """Rows without a word for total that add up: the last row, or rows whose first cell is blank unlike most others."""
    height = len(columns[0].values)
    numbers = [column.values for column in columns if column.kind == "number" and is_added(column)]
    if height <= _FEWEST_SUMMED or not numbers:
        return []
    keys = [column.values for column in columns if column.kind != "number"]
    keyless = keys[0].is_null().arg_true().to_list() if keys and keys[0].null_count() * 3 < height else []
    sums = [_Sums(values.fill_null(0.0)) for values in numbers]
    rows: list[int] = []
    for index in sorted({*keyless[:_MOST_ATTEMPTS], height - 1}):
        since = rows[-1] + 1 if rows else 0
        sums_here = [column for column, values in zip(sums, numbers, strict=True) if values[index]]
        enough = index - since >= _FEWEST_SUMMED or (index in keyless and (index - since > 1 or bool(rows)))
        if enough and sums_here and all(column.add_up_to(index, below=False) for column in sums_here):
            rows.append(index)
            for column in sums:
                column.leave_out(index)
    return rows


def is_added(column: CleanColumn) -> bool:
    """True for a column of numbers that may be added up; prices and rates may not."""
    hint = column.raw.hint
    return hint is None or hint.role not in _NEVER_ADDED
