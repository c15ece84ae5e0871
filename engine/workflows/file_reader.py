"""Owners' files are read in processes of their own, which have limits and can be ended.

A file comes from a stranger and may be made to do harm. Whatever it does, it does it there: the server's own
interpreter stays free for everybody else, and the next file finds a fresh process.
"""

import atexit
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

_CPU_SECONDS, _SECONDS_A_MEGABYTE, _MOST_CPU_SECONDS = 9, 10, 30
"""CPU seconds that a small file may take, that each megabyte adds, and that any file may take; most take one."""

_CLOCK_SECONDS = 120.0
_LARGE = 20 * _MEGABYTE
"""A process that has read a larger file is replaced, for it would keep the memory."""

_LESS = "Remove sheets or years that you do not need, or save the table as .csv, and choose the file again."
_AGAIN = "Choose it again; if that does not help, save it once more in your spreadsheet program first."

Read = Callable[..., Dataset]


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
    return files.open_file(content, name, settings, choices, today=today)


@cache
def shared_reader() -> FileReader:
    """The reader of this program; it ends with it."""
    reader = FileReader()
    atexit.register(reader.close)
    return reader
