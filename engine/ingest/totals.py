"""Rows that add other rows up: told by their names and by arithmetic, never by a name alone."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl

from engine.dataset import CleaningReport, ColumnRole, Repair
from engine.ingest.block_totals import STATISTIC_WORDS, TOTAL_WORDS, carried_balances, sums_of_blocks
from engine.ingest.columns import CleanColumn, CleanRows, Setting, any_of, ask, join, keep_rows, named_rows, short
from engine.ingest.dates import without_accents
from engine.ingest.inferred_formats import CORRECT
from engine.ingest.meaning.names import header_hint

_FEWEST_SUMMED = 3
"""Rows that a nameless total must add up, so that it is no chance."""

_MOST_ATTEMPTS = 200
_MOST_STATISTICS = 12

NEVER_ADDED = frozenset({ColumnRole.PRICE, ColumnRole.RATE, ColumnRole.LEAD_TIME, ColumnRole.OTHER})

LEAVE_OUT, KEEP, AS_THEY_ARE = "leave them out", "keep them", "add them up as they are"
_FEWEST_FIGURES = 3
"""Columns of numbers, or days, in which figures must add up, so that it is no chance."""

_FEWEST_DIGITS = 8
_MOST_ROWS, _MOST_NAMES, _MOST_NAMED = 500, 50, 5
_PROFIT = re.compile(
    r"\b(profit|margin|ebit\w*|gewinn|rohertrag|ergebnis|marge|benefice|resultat|beneficio|margen|utile|margine|winst"
    r"|lucro|margem|zysk|marza)\b"
)
_KEYS = frozenset({ColumnRole.ITEM, ColumnRole.CATEGORY, ColumnRole.STORE, ColumnRole.EMPLOYEE, ColumnRole.OTHER})


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
    alone, carried = len(named) == 1, carried_balances(columns, [index for index, _ in named])
    totals, doubtful = [], []
    for index, exact in named:
        sums_here = [column for column in sums if column.tells(index)]
        adding = [column for column in sums_here if column.add_up_to(index, below=exact and alone)]
        # A row called nothing but "total" may have an average beside its sums; "Bread total" may be the name of a loaf.
        adds_up = len(adding) * 2 > len(sums_here) or (exact and (bool(adding) or index in carried))
        undated = bool(dates) and dates[0][index] is None
        if adds_up or (exact and undated and (dated or _nearly_all(dates[0]))):
            totals.append(index)
        elif exact:
            doubtful.append(index)
        if adds_up or exact:  # a product called "Total care" is no total, and counts for the next one
            for column in sums:
                column.leave_out(index)
    return totals, doubtful


def _nearly_all(dates: pl.Series) -> bool:
    """True where nearly every row has its date: a row of a total without one is no record."""
    return dates.null_count() <= 0.2 * len(dates)


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
        & cells.str.contains(
            r"tot|sum|som|gesamt|razem|og|c?znie|forward|bertrag|transport|riport|report|przenies|toplam|yek|celkem|sou|alt"
        )
        for cells in words
    ]
    for index in any_of(rough).arg_true():
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
    return hint is None or hint.role not in NEVER_ADDED


def summing_rows(table: CleanRows, setting: Setting) -> tuple[CleanRows, CleaningReport]:
    """Ask about rows that in every column are the sum of rows beside them, or one name that on each day is all others.

    Where costs or a profit are named, sales are the sum of both; such a table holds figures that must not be added to
    each other, and another question is asked.
    """
    if _figures(table.columns) is not None and _names_profit(table.columns):
        return table, _differences(table, setting)
    sums = [row for row in _sums_of_neighbours(table.columns) if not _is_full_record(table.columns, row)]
    table, among = _ask_to_leave_out(table, sums, "the sum of rows beside it", setting)
    word, blocks = sums_of_blocks(table.columns, [c for c in table.columns if c.kind == "number" and is_added(c)])
    table, below = _ask_to_leave_out(
        table, blocks, f'called "{short(word)}" and each time the sum of the rows above it', setting, certain=True
    )
    name, rows = _sum_of_all_others(table.columns)
    wording = f'called "{short(name)}" and on each day the sum of all others'
    table, over = _ask_to_leave_out(table, rows, wording, setting)
    return table, join(among, below, over)


def _ask_to_leave_out(
    table: CleanRows, rows: Sequence[int], wording: str, setting: Setting, *, certain: bool = False
) -> tuple[CleanRows, CleaningReport]:
    if not rows:
        return table, CleaningReport()
    mask = pl.Series(range(len(table.rows))).is_in(list(rows))
    listed = ", ".join(str(table.rows[row]) for row in rows[:_MOST_NAMED]) + (", …" if len(rows) > _MOST_NAMED else "")
    question = setting.question(
        "",
        "rows that add others up",
        f"In {setting.place}, row {listed} is {wording}: what should happen?",
        (LEAVE_OUT, KEEP),
    )
    question = replace(question, essential=not certain)
    answer, report = ask(question, setting, settled=f"row {listed}")
    if answer == KEEP:
        return table, report
    repair = Repair(f"left out rows that are {wording}", len(rows), setting.place, named_rows(table.rows, mask))
    return keep_rows(table, ~mask), replace(report, repairs=(repair,))


def _differences(table: CleanRows, setting: Setting) -> CleaningReport:
    figures = _figures(table.columns)
    rows = [] if figures is None else [row for row in range(2, len(figures)) if _is_difference(figures, row)]
    if not rows:
        return CleaningReport()
    question = setting.question(
        "",
        "rows that are differences",
        f"In {setting.place}, row {table.rows[rows[0]]} is what remains of a row above it, as a profit of sales: "
        "its rows are figures of different kinds. What should happen?",
        (AS_THEY_ARE, CORRECT),
    )
    return ask(question, setting, settled="rows of different kinds")[1]


def _names_profit(columns: Sequence[CleanColumn]) -> bool:
    """True when one of the rows is called a cost or a profit."""
    names = [name for column in columns if column.kind == "text" for name in column.values.unique().head(_MOST_NAMES)]
    hints = [header_hint(name) for name in names if name]
    costs = any(hint is not None and hint.role is ColumnRole.COST for hint in hints)
    return costs or any(_PROFIT.search(without_accents(name.lower())) for name in names if name)


def _figures(columns: Sequence[CleanColumn]) -> np.ndarray | None:
    """The numbers of each row, where a table is short and has enough of them."""
    numbers = [column.values.fill_null(0.0) for column in columns if column.kind == "number" and is_added(column)]
    numbers = _independent(numbers)
    if len(numbers) < _FEWEST_FIGURES or not _FEWEST_FIGURES <= len(numbers[0]) <= _MOST_ROWS:
        return None
    return pl.DataFrame([values.alias(str(i)) for i, values in enumerate(numbers)]).to_numpy()


def _is_full_record(columns: Sequence[CleanColumn], row: int) -> bool:
    """True for a row with its date and every text that nearly all rows have: by chance its figures are a sum."""
    dates = [column.values for column in columns if column.kind == "date"]
    if not any(days[row] is not None and days.n_unique() > 1 for days in dates):
        return False
    texts = [column.values for column in columns if column.kind == "text"]
    usual = [values for values in texts if values.null_count() < 0.1 * len(values)]
    return bool(usual) and all(values[row] is not None for values in usual)


def _independent(numbers: Sequence[pl.Series]) -> list[pl.Series]:
    """The columns that are not another times a number: at one price, units and money add up together by chance."""
    kept: list[pl.Series] = []
    for values in numbers:
        ratios = ((values / other).filter((other != 0) & (values != 0)) for other in kept)
        if not any(len(ratio) > 2 and ratio.max() - ratio.min() <= 1e-6 * abs(ratio.max()) for ratio in ratios):  # type: ignore[operator,arg-type]
            kept.append(values)
    return kept


def _sums_of_neighbours(columns: Sequence[CleanColumn]) -> list[int]:
    """Rows that are the sum of at least two rows right below them, or right above, in every column of numbers."""
    figures = _figures(columns)
    if figures is None:
        return []
    left = figures.copy()
    rows = []
    for row in reversed(range(len(left))):
        if _tells(figures[row]) and _adds_up(left[row + 1 :], figures[row]):
            rows.append(row)
            left[row] = 0.0
    for row in range(len(left)):
        if row not in rows and _tells(figures[row]) and _adds_up(left[:row][::-1], figures[row]):
            rows.append(row)
            left[row] = 0.0
    return sorted(rows)


def _tells(figures: np.ndarray) -> bool:
    """True for a row with so many numbers, not all alike, that they add up by chance in one table of ten thousand."""
    some = np.abs(figures[figures != 0])
    digits = sum(len(f"{value:.2f}".replace(".", "").strip("0")) for value in some)
    return len(some) >= _FEWEST_FIGURES and len(np.unique(some)) > 1 and digits >= _FEWEST_DIGITS


def _adds_up(beside: np.ndarray, total: np.ndarray) -> bool:
    """True when the first so many of the rows beside a total add up to it, at least two of them with figures."""
    filled = (beside != 0).any(axis=1).cumsum() >= 2
    close = (np.abs(beside.cumsum(axis=0) - total) <= _tolerance(total)).all(axis=1)
    return bool((close & filled).any())


def _is_difference(figures: np.ndarray, row: int) -> bool:
    """True when a row is one above it less all rows between."""
    if not _tells(figures[row]):
        return False
    between = figures[:row][::-1].cumsum(axis=0)
    for above in range(1, row):
        rest = figures[row - above - 1] - between[above - 1]
        if _tells(figures[row - 1]) and (np.abs(rest - figures[row]) <= _tolerance(figures[row])).all():
            return True
    return False


def _tolerance(total: np.ndarray) -> np.ndarray:
    size = np.abs(total)
    allowed: np.ndarray = np.minimum(0.011, 0.001 * size) + 1e-6 * size
    return allowed


def _sum_of_all_others(columns: Sequence[CleanColumn]) -> tuple[str, list[int]]:
    """The name whose figures are on every day the sum of all other names', and its rows."""
    day = next((column.values for column in columns if column.kind == "date"), None)
    numbers = [column.values.fill_null(0.0) for column in columns if column.kind == "number" and is_added(column)]
    keys = [column.values for column in columns if column.kind == "text" and _may_be_key(column)]
    if day is None or not numbers or day.null_count():
        return "", []
    for key in keys:
        frame = pl.DataFrame([key.alias("key"), day.alias("day"), *(v.alias(str(i)) for i, v in enumerate(numbers))])
        names = frame.group_by("key").agg(pl.all().exclude("day").sum())
        whole = names.select(pl.all().exclude("key").sum())
        for name in names["key"].drop_nulls():
            own = names.filter(pl.col("key") == name).drop("key")
            if _is_half(own, whole) and _is_sum_each_day(frame, name) and _mixes(frame, name) >= _FEWEST_FIGURES:
                return name, (key == name).fill_null(False).arg_true().to_list()
    return "", []


def _may_be_key(column: CleanColumn) -> bool:
    names = column.values.n_unique()
    return (column.raw.hint is None or column.raw.hint.role in _KEYS) and 2 < names <= _MOST_NAMES


def _is_half(own: pl.DataFrame, whole: pl.DataFrame) -> bool:
    return all(abs(2 * own[name][0] - whole[name][0]) <= 0.011 + 1e-6 * abs(whole[name][0]) for name in own.columns)


def _mixes(frame: pl.DataFrame, name: str) -> int:
    """In how many proportions the other names stand; where days never change them, half of all may well be one name."""
    parts = frame.filter(pl.col("key") != name).with_columns(
        (pl.col("0") / pl.col("0").sum().over("day")).round(6).alias("share")
    )
    return int(parts.group_by("key").agg(pl.col("share").n_unique())["share"].max() or 0)  # type: ignore[arg-type]


def _is_sum_each_day(frame: pl.DataFrame, name: str) -> bool:
    sides = frame.with_columns(pl.when(pl.col("key") == name).then(1.0).otherwise(-1.0).alias("side"))
    figures = [column for column in frame.columns if column not in ("key", "day")]
    rest = sides.group_by("day").agg(
        *((pl.col(column) * pl.col("side")).sum().abs() for column in figures), pl.col("side").min().alias("others")
    )
    differ = rest.select(pl.max_horizontal(figures)).to_series()
    return rest.height >= _FEWEST_FIGURES and bool((differ <= 0.011 + 1e-6 * frame[figures[0]].abs().max()).all())  # type: ignore[operator]
