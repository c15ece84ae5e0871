"""From an owner's files to a dataset, and back to a clean workbook."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from engine.business.model import Business
from engine.dataset import Choices, Dataset
from engine.errors import DataProblem
from engine.exports import Sheet, workbook
from engine.ingest import Readiness, ReadingLimits, bundle, bundle_name, read_dataset, read_files, unbundle, verdict
from engine.settings import Settings

SAMPLE_FOLDER = Path(__file__).parents[2] / "sample_data"


@dataclass(frozen=True)
class Sample:
    """A business to try the app on; `key` names its workbook."""

    key: str
    title: str
    blurb: str
    icon: str

    @property
    def path(self) -> Path:
        """The workbook."""
        return SAMPLE_FOLDER / f"{self.key}.xlsx"


SAMPLES = (
    Sample("bakery", "Bakery", "Bread and cakes, closed on Mondays", ":material/bakery_dining:"),
    Sample("clothing_shop", "Clothing shop", "Seasons, sales and slow sellers", ":material/apparel:"),
    Sample("clinic", "Clinic", "Appointments on weekdays", ":material/local_hospital:"),
    Sample("cafe", "Cafe", "Busy mornings and a team of staff", ":material/local_cafe:"),
    Sample("online_shop", "Online shop", "Orders moved by marketing", ":material/shopping_cart:"),
)


_MORE_COLUMNS = "If a column was misread, say below what it means; else choose a file with a row for each sale or day."
_ASKED = {True: "To be answered before any number counts", False: "Open question"}
_REMEDIES = {
    Readiness.TOO_SHORT: "Choose a file that reaches further back.",
    Readiness.NO_TIME_AXIS: _MORE_COLUMNS,
    Readiness.NO_NUMBERS: _MORE_COLUMNS,
    Readiness.REFUSE: f"Nothing is kept of it. {_MORE_COLUMNS}",
}


def sample(key: str) -> Sample:
    """The sample business with this key.

    Raises:
        KeyError: there is none.
    """
    for candidate in SAMPLES:
        if candidate.key == key:
            return candidate
    raise KeyError(key)


def open_file(
    content: bytes, name: str, settings: Settings, choices: Choices | None = None, *, today: date | None = None
) -> Dataset:
    """Read an owner's file, or several in a bundle; dates far beyond `today` are flagged.

    Raises:
        DataProblem: the file cannot be read; the message says what, where and what to do.
    """
    limits = ReadingLimits(max_bytes=settings.max_upload_mb * 1_000_000, max_rows=settings.max_rows)
    if files := unbundle(content):
        return replace(read_files(files, choices=choices, limits=limits, today=today), name=name)
    return read_dataset(content, name, choices=choices, limits=limits, today=today)


def open_business(
    content: bytes, name: str, settings: Settings, choices: Choices | None = None, *, today: date
) -> Business:
    """The business that an owner's file, or several in a bundle, shows on a day.

    Raises:
        DataProblem: the file cannot be read; the message says what, where and what to do.
    """
    return Business(open_file(content, name, settings, choices, today=today), today)


def as_one(files: Mapping[str, bytes]) -> tuple[bytes, str]:
    """What `open_file` reads as one dataset, and its name."""
    if len(files) == 1:
        name, content = next(iter(files.items()))
        return content, name
    return bundle(files), bundle_name(files)


def is_useful(dataset: Dataset) -> bool:
    """False for a file that no page can use as it was read; it is not kept."""
    return verdict(dataset).status is not Readiness.REFUSE


def what_stops_us(dataset: Dataset) -> DataProblem | None:
    """Why this file cannot be forecast as it was read, and what would help; None when it can."""
    judged = verdict(dataset)
    if judged.status in (Readiness.OK, Readiness.ASK):
        return None
    return DataProblem(judged.reason, where=judged.table, remedy=_REMEDIES[judged.status])


def cleaned_workbook(business: Business) -> bytes:
    """What was done to the owner's file, and the tables as they are used, as an xlsx file.

    Raises:
        DataProblem: a table has more rows than a sheet can hold.
    """
    report = business.dataset.report
    lines: list[tuple[str, str, int | None]] = [("How it was read", line, None) for line in report.read_as]
    lines += [("Changed", f"{repair.what} {repair.where}".strip(), repair.rows) for repair in report.repairs]
    lines += [
        (_ASKED[question.essential], f"{question.text} ({question.chosen})", None) for question in report.questions
    ]
    lines += [("Worth a look", warning, None) for warning in report.warnings]
    lines += [("Counted", decision.sentence, decision.rows or None) for decision in business.decisions]
    lines += [("Not counted", sentence, None) for sentence in business.unused]
    report_lines = pl.DataFrame(lines, schema={"Kind": pl.String, "What": pl.String, "Rows": pl.Int64}, orient="row")
    return workbook(
        [Sheet("Report", report_lines), *(Sheet(table.name, table.frame) for table in business.dataset.tables)]
    )
