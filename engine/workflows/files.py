"""From an owner's files to a dataset, and back to a clean workbook; files are read in processes that can be ended.

A file comes from a stranger and may be made to do harm. Whatever it does, it does it in a process of its own with
limits: the server's own interpreter stays free for everybody else, and the next file finds a fresh process.
"""

import atexit
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from queue import LifoQueue

import polars as pl

from engine.business.model import Business
from engine.compute import WarmWorker
from engine.dataset import Choices, Dataset
from engine.errors import DataProblem, JobFailed, UnreadableFile
from engine.exports import Sheet, workbook
from engine.ingest import Readiness, ReadingLimits, bundle, bundle_name, read_dataset, read_files, unbundle, verdict
from engine.process import Allowance, AllowanceSpent, Overdue
from engine.settings import Settings

logger = logging.getLogger(__name__)

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

READERS = 2
"""Processes that read side by side, so that nobody waits behind one bad file; the second starts when it is needed."""

_AT_HAND = (__name__, "fastexcel", "openpyxl", "babel.dates")
"""What a process has imported before its first file."""

_MEGABYTE = 1_000_000
_MEMORY, _TIMES_THE_FILE = 900, 20
"""Megabytes that any file may take, and how many times its own size a large one may."""

_CPU_SECONDS, _SECONDS_A_MEGABYTE, _MOST_CPU_SECONDS = 9, 10, 30
"""CPU seconds that a small file may take, that each megabyte adds, and that any file may take; most take one."""

_CLOCK_SECONDS = 120.0
_LARGE = 20 * _MEGABYTE
"""A process that has read a larger file is replaced, for it would keep the memory."""

_LESS = "Remove sheets or years that you do not need, or save the table as .csv, and choose the file again."
_AGAIN = "Choose it again; if that does not help, save it once more in your spreadsheet program first."

Read = Callable[..., Dataset]


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


class FileReader:
    """Reads files, each in a process that has limits of memory, CPU seconds and time.

    Safe to call from many threads.

    Args:
        read: what reads a file there: is given its content, its name, the settings, the choices and the day.
        allowance: what reading a file of so many bytes may use.
        seconds: longest wait for a file.
        readers: how many files are read side by side, >= 1; the others wait in line.
    """

    def __init__(
        self,
        read: Read | None = None,
        *,
        allowance: Callable[[int], Allowance] | None = None,
        seconds: float = _CLOCK_SECONDS,
        readers: int = READERS,
    ) -> None:
        self._read, self._allowance, self._seconds = read or read_file, allowance or allowance_for, seconds
        self._workers = [WarmWorker(_AT_HAND) for _ in range(readers)]
        # The one that was used last is warm.
        self._free: LifoQueue[WarmWorker] = LifoQueue()
        for worker in reversed(self._workers):
            self._free.put(worker)

    def start(self) -> None:
        """Begin to warm up the first process, and return at once."""
        self._workers[0].start()

    def open_file(
        self,
        content: bytes,
        name: str,
        settings: Settings,
        choices: Choices | None = None,
        *,
        today: date | None = None,
    ) -> Dataset:
        """Read an owner's file, or several in a bundle; dates far beyond `today` are flagged.

        Raises:
            DataProblem: the file cannot be read, or not within the limits; the message says what, where and what to do.
        """
        worker = self._free.get()
        try:
            with self._in_words(name, self._allowance(len(content))) as allowance:
                dataset: Dataset = worker.run_within(
                    allowance, self._read, content, name, settings, choices, today, timeout=self._seconds
                )
            return dataset
        finally:
            if len(content) > _LARGE:
                worker.renew()
            self._free.put(worker)

    def close(self) -> None:
        """End the processes, and with them what is being read."""
        for worker in self._workers:
            worker.close()

    @contextmanager
    def _in_words(self, name: str, allowance: Allowance) -> Iterator[Allowance]:
        """Say what ended a reading process so that the file's owner can act on it."""
        try:
            yield allowance
        except AllowanceSpent as spent:
            memory = spent.what == "memory"
            much = f"{allowance.megabytes:,} MB of memory" if memory else f"{allowance.cpu_seconds} seconds"
            raise UnreadableFile(f"Reading the file takes more than {much}", where=name, remedy=_LESS) from spent
        except Overdue as overdue:
            problem = f"Reading the file takes longer than {self._seconds:g} seconds"
            raise UnreadableFile(problem, where=name, remedy=_LESS) from overdue
        except JobFailed as failed:
            logger.warning("A file could not be read: %s", failed)
            raise UnreadableFile("Reading the file broke off", where=name, remedy=_AGAIN) from failed


def allowance_for(size: int) -> Allowance:
    """What reading a file of so many bytes may use."""
    megabytes = size // _MEGABYTE
    seconds = min(_MOST_CPU_SECONDS, _CPU_SECONDS + _SECONDS_A_MEGABYTE * megabytes)
    return Allowance(max(_MEMORY, _TIMES_THE_FILE * megabytes), seconds)


def read_file(content: bytes, name: str, settings: Settings, choices: Choices | None, today: date | None) -> Dataset:
    """Read a file in this process."""
    return open_file(content, name, settings, choices, today=today)


@cache
def shared_reader() -> FileReader:
    """The reader of this program; it ends with it."""
    reader = FileReader()
    atexit.register(reader.close)
    return reader
