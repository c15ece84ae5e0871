"""Columns on their way from cells of text to typed values, and how what is decided about them is told.

Most columns of a large file repeat few cells, so each cell is looked at once and its reading is spread over the rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import polars as pl

from engine.dataset import CleaningReport, ColumnKind, Question
from engine.ingest.amounts import SIMPLE_NUMBER, blank_marks, looks_like_number
from engine.ingest.dates import SINCE_1900, DateReadings, read_dates
from engine.ingest.meaning.concepts import KIND_OF_ROLE
from engine.ingest.meaning.names import Hint

_MOST_ROWS_NAMED = 5


@dataclass(frozen=True)
class RawColumn:
    """One column as it stands in the file.

    Attributes:
        name: the header.
        text: its cells as text, blank cells null.
        stored: the cells that the file stores as numbers; all null for text files.
        hint: the role that its header suggests, or that the owner chose (confidence 1).
        since: day 0 of the workbook's day counts.
        unit: the unit that stood behind the numbers and was taken off, or "".
    """

    name: str
    text: pl.Series
    stored: pl.Series
    hint: Hint | None = None
    since: date = SINCE_1900
    unit: str = ""

    @property
    def expected_kind(self) -> ColumnKind | None:
        """The kind of values that the hinted role takes."""
        return KIND_OF_ROLE.get(self.hint.role) if self.hint else None

    @property
    def chosen(self) -> bool:
        """True when the owner set the role."""
        return self.hint is not None and self.hint.confidence == 1

    @cached_property
    def cells(self) -> pl.DataFrame:
        """Each different cell once: `cell`, its `count`, and `stored`, true when the file stores it as a number."""
        frame = pl.DataFrame({"cell": self.text, "stored": self.stored.is_not_null()}).drop_nulls("cell")
        return frame.group_by("cell", maintain_order=True).agg(
            pl.len().cast(pl.Int64).alias("count"), pl.col("stored").all()
        )

    @cached_property
    def _places(self) -> pl.Series:
        """For each row, the place of its cell in `cells`; null where it is blank."""
        lookup = self.cells.select("cell").with_row_index("place")
        return pl.DataFrame({"cell": self.text}).join(lookup, on="cell", how="left", maintain_order="left")["place"]

    def spread(self, values: pl.Series) -> pl.Series:
        """A value for each of `cells` as a value for each row."""
        if values.is_empty():
            return pl.Series(self.name, [None], dtype=values.dtype).new_from_index(0, len(self.text))
        return values.gather(self._places).rename(self.name)

    @cached_property
    def is_simple(self) -> bool:
        """True when every cell is a plain number with two decimals at most: most columns are, and need no more care."""
        cells = self.cells["cell"]
        return len(cells) > 0 and bool(cells.str.contains(SIMPLE_NUMBER).all())

    @cached_property
    def cell_content(self) -> pl.Series:
        """For each of `cells`, true unless it is one of the marks for "nothing" or "withheld"."""
        if self.is_simple:
            return self._all_true
        return ~blank_marks(self.cells["cell"])

    @cached_property
    def cell_numbers(self) -> pl.Series:
        """For each of `cells`, true when it is stored as a number, or shaped like one."""
        if self.is_simple:
            return self._all_true
        return self.cells["stored"] | looks_like_number(self.cells["cell"]).fill_null(False)

    @property
    def _all_true(self) -> pl.Series:
        return pl.Series([True]).new_from_index(0, self.cells.height)

    @cached_property
    def readings(self) -> DateReadings:
        """`cells` as dates, bare digits included where they are dates in this column."""
        return read_dates(self.cells["cell"], bare_digits=self.digits_are_dates, since=self.since)

    @cached_property
    def digits_are_dates(self) -> bool:
        """True when the header says date, or when all cells are like 20250503."""
        if self.expected_kind is not None:
            return self.expected_kind == "date"
        cells = self.cells["cell"].filter(self.cell_content)
        if cells.is_empty() or not cells.str.contains(r"^(?:19[89]|20[0-4])\d{5}$").all():
            return False
        return bool(read_dates(cells, bare_digits=True).readable.all())

    def share(self, mask: pl.Series) -> float:
        """The share of the filled rows whose cell is one for which the mask is true."""
        counts = self.cells["count"]
        filled = int(counts.filter(self.cell_content).sum())
        return int(counts.filter(mask & self.cell_content).sum()) / filled if filled else 0.0

    def first_row(self, mask: pl.Series) -> int:
        """The first row whose cell is one for which the mask is true."""
        return int(self.spread(mask).fill_null(False).arg_max() or 0)

    @cached_property
    def written(self) -> pl.DataFrame:
        """`cell` and `count` of the cells that hold text and not a stored number."""
        return self.cells.filter(~pl.col("stored")).select("cell", "count")


@dataclass(frozen=True)
class CleanColumn:
    """One column with typed values: pl.Date, pl.Float64 or pl.String, a cell per row of the file."""

    raw: RawColumn
    kind: ColumnKind
    values: pl.Series


@dataclass(frozen=True)
class CleanRows:
    """The columns without the rows that are not data.

    Attributes:
        columns: the columns, each with the same rows.
        rows: the spreadsheet row of each.
    """

    columns: tuple[CleanColumn, ...]
    rows: pl.Series


def keep_rows(table: CleanRows, mask: pl.Series) -> CleanRows:
    """The table with only the rows for which the mask is true."""
    if mask.all():
        return table
    columns = tuple(
        replace(
            column,
            values=column.values.filter(mask),
            raw=replace(column.raw, text=column.raw.text.filter(mask), stored=column.raw.stored.filter(mask)),
        )
        for column in table.columns
    )
    return CleanRows(columns, table.rows.filter(mask))


def new_column(name: str, values: pl.Series, hint: Hint | None) -> CleanColumn:
    """A column that was computed and not read.

    Args:
        name: as the owner will see it.
        values: numbers or dates, one a row.
        hint: what it means; None when that is open.
    """
    text = values.cast(pl.String).rename(name)
    stored = values.cast(pl.Float64) if values.dtype == pl.Float64 else pl.Series([None], dtype=pl.Float64)
    stored = stored if len(stored) == len(values) else stored.new_from_index(0, len(values))
    kind = "date" if values.dtype == pl.Date else "number" if values.dtype == pl.Float64 else "text"
    return CleanColumn(RawColumn(name, text, stored, hint), kind, values.rename(name))  # type: ignore[arg-type]


def any_of(masks: Iterable[pl.Series]) -> pl.Series:
    """True for each row for which one of the masks, at least one, is true."""
    return pl.DataFrame([mask.alias(str(i)) for i, mask in enumerate(masks)]).select(pl.any_horizontal(pl.all()))[:, 0]


def unused_name(base: str, names: Iterable[str]) -> str:
    """The wanted name, or the first free one after it ("Date (2)"), for a column that joins those of these names."""
    names_in_use = {name.casefold() for name in names}
    name, copy = base, 1
    while name.casefold() in names_in_use:
        copy += 1
        name = f"{base} ({copy})"
    return name


def short(cell: str | None, *, longest: int = 40) -> str:
    """The cell on one line, cut where it is too long for a sentence."""
    line = " ".join((cell or "").split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


@dataclass(frozen=True)
class Setting:
    """Where the columns stand, and what the owner answered about them.

    Attributes:
        place: the sheet or file, for messages.
        fingerprint: hash of the headers, the first part of each question's key.
        answers: the owner's answers by question key.
        first_row: the spreadsheet row of the first row of data.
        comma_file: True when the columns are separated by semicolons, as where people write decimal commas.
        today: the day on which the file is read; None when nobody said.
        title: what stands above the table, and the name of its tab or file.
    """

    place: str
    fingerprint: str
    answers: Mapping[str, str]
    first_row: int = 2
    comma_file: bool = False
    today: date | None = None
    title: str = ""

    def key(self, column: str, matter: str) -> str:
        """The stable name of a question."""
        return f"{self.fingerprint}/{column}/{matter}"

    def question(self, column: str, matter: str, text: str, options: tuple[str, ...], chosen: str = "") -> Question:
        """A question whose answer changes the numbers.

        Args:
            column: the column that it is about; "" where it is about the table.
            matter: what it is about, the last part of its key.
            text: in plain words.
            options: the possible answers.
            chosen: the answer in use until the owner gives one; "" for the first.
        """
        return Question(self.key(column, matter), text, options, chosen or options[0], essential=True)

    def answer(self, key: str, options: Sequence[str]) -> str:
        """The owner's answer, or "" when there is none that fits."""
        choice = self.answers.get(key, "")
        return choice if choice in options else ""


def counted(count: int, noun: str) -> str:
    """The number with its noun.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def named_rows(rows: pl.Series, mask: pl.Series) -> tuple[str, ...]:
    """The first rows for which the mask is true, as the owner finds them: "row 12".

    Args:
        rows: the spreadsheet row of each row.
        mask: in the same order.
    """
    return tuple(f"row {row}" for row in rows.filter(mask).head(_MOST_ROWS_NAMED))


def join(*reports: CleaningReport) -> CleaningReport:
    """Several reports as one."""
    return CleaningReport(
        read_as=tuple(line for report in reports for line in report.read_as),
        repairs=tuple(repair for report in reports for repair in report.repairs),
        questions=tuple(question for report in reports for question in report.questions),
        warnings=tuple(line for report in reports for line in report.warnings),
    )


def ask(question: Question, setting: Setting, *, settled: str) -> tuple[str, CleaningReport]:
    """The option in use: the owner's answer, or the question's own choice together with the question itself.

    Args:
        question: with the choice that holds until the owner answers.
        settled: what a line of the report calls it once it is answered.
    """
    answer = setting.answer(question.key, question.options)
    if answer:
        return answer, CleaningReport(read_as=(f"{settled}: {answer}, as you said",))
    return question.chosen, CleaningReport(questions=(question,))
