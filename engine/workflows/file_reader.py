"""Owners' files are read in processes of their own, which have limits and can be ended.

A file comes from a stranger and may be made to do harm. Whatever it does, it does it there: the server's own
interpreter stays free for everybody else, and the next file finds a fresh process.
"""

import atexit
import logging
from collections.abc import Callable
from datetime import date
from functools import cache
from queue import LifoQueue

from engine.compute import WarmWorker
from engine.dataset import Choices, Dataset
from engine.errors import JobFailed, UnreadableFile
from engine.process import Allowance, AllowanceSpent, Overdue
from engine.settings import Settings
from engine.workflows import files

logger = logging.getLogger(__name__)

READERS = 2
"""Processes that read side by side, so that nobody waits behind one bad file; the second starts when it is needed."""

_AT_HAND = (__name__, "fastexcel", "openpyxl", "babel.dates")
"""What a process has imported before its first file."""

_MEGABYTE = 1_000_000
_MEMORY, _TIMES_THE_FILE = 900, 20
"""Megabytes that any file may take, and how many times its own size a large one may."""

_CPU_SECONDS = 30
_CLOCK_SECONDS = 120.0
_LARGE = 20 * _MEGABYTE
"""A process that has read a larger file is replaced, for it would keep the memory."""

_NEWER = "Remove sheets or years that you do not need, or save the table as .csv, and choose the file again."

Read = Callable[..., Dataset]


class FileReader:
    """Reads files, each in a process that has limits of memory, CPU seconds and time.

    Safe to call from many threads.

    Args:
        read: what reads a file there: is given its content, its name, the settings, the choices and the day.
        readers: how many files are read side by side, >= 1; the others wait in line.
    """

    def __init__(self, read: Read | None = None, *, readers: int = READERS) -> None:
        self._read = read or read_file
        self._workers = [WarmWorker(_AT_HAND) for _ in range(readers)]
        # The one that was used last is warm.
        self._free: LifoQueue[WarmWorker] = LifoQueue()
        for worker in reversed(self._workers):
            self._free.put(worker)

    def start(self) -> None:
        """Begin to warm up the first process, and return at once."""
        self._workers[0].start()

    def open_file(
        self, content: bytes, name: str, settings: Settings, choices: Choices | None = None, *, today: date | None = None
    ) -> Dataset:
        """Read an owner's file, or several in a bundle; dates far beyond `today` are flagged.

        Raises:
            DataProblem: the file cannot be read, or not within the limits; the message says what, where and what to do.
        """
        worker = self._free.get()
        try:
            return self._ask(worker, content, name, settings, choices, today)
        finally:
            if len(content) > _LARGE:
                worker.renew()
            self._free.put(worker)

    def close(self) -> None:
        """End the processes, and with them what is being read."""
        for worker in self._workers:
            worker.close()

    def _ask(
        self,
        worker: WarmWorker,
        content: bytes,
        name: str,
        settings: Settings,
        choices: Choices | None,
        today: date | None,
    ) -> Dataset:
        allowance = allowance_for(len(content))
        try:
            dataset: Dataset = worker.run_within(
                allowance, self._read, content, name, settings, choices, today, timeout=_CLOCK_SECONDS
            )
        except AllowanceSpent as spent:
            much = f"{allowance.megabytes:,} MB of memory" if spent.what == "memory" else f"{_CPU_SECONDS} seconds"
            raise UnreadableFile(f"Reading the file takes more than {much}", where=name, remedy=_NEWER) from spent
        except Overdue as overdue:
            problem = f"Reading the file takes longer than {_CLOCK_SECONDS:.0f} seconds"
            raise UnreadableFile(problem, where=name, remedy=_NEWER) from overdue
        except JobFailed as failed:
            logger.warning("A file could not be read: %s", failed)
            raise UnreadableFile(
                "Reading the file broke off",
                where=name,
                remedy="Choose it again; if that does not help, save it once more in your spreadsheet program first.",
            ) from failed
        return dataset


def allowance_for(size: int) -> Allowance:
    """What reading a file of so many bytes may use."""
    return Allowance(max(_MEMORY, _TIMES_THE_FILE * size // _MEGABYTE), _CPU_SECONDS)


def read_file(
    content: bytes, name: str, settings: Settings, choices: Choices | None, today: date | None
) -> Dataset:
    """Read a file in this process."""
    return files.open_file(content, name, settings, choices, today=today)


@cache
def shared_reader() -> FileReader:
    """The reader of this program; it ends with it."""
    reader = FileReader()
    atexit.register(reader.close)
    return reader
