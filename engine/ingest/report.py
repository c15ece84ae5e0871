"""How one table's decisions are told: where it stands, what was asked, and several reports as one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.dataset import CleaningReport, Question

_MOST_ROWS_NAMED = 5


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
    """

    place: str
    fingerprint: str
    answers: Mapping[str, str]
    first_row: int = 2
    comma_file: bool = False
    today: date | None = None

    def key(self, column: str, matter: str) -> str:
        """The stable name of a question."""
        return f"{self.fingerprint}/{column}/{matter}"

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
        setting: the table's place in the file, and the owner's answers.
        settled: what a line of the report calls it once it is answered.
    """
    answer = setting.answer(question.key, question.options)
    if answer:
        return answer, CleaningReport(read_as=(f"{settled}: {answer}, as you said",))
    return question.chosen, CleaningReport(questions=(question,))
