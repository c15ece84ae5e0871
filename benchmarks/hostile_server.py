"""The real app, which meanwhile reads the files that it is told to, as its pages do: in its reading processes.

Started as `streamlit run` is, with a socket beside the database on which the names of files arrive.
"""

import sys
import threading
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Listener
from pathlib import Path

from engine.errors import DataProblem, DyocenseError
from engine.settings import Settings
from engine.workflows.files import FileReader, shared_reader

_ORDINARY = b"date,quantity\n" + b"".join(b"2025-01-%02d,%d\n" % (day, day) for day in range(1, 29))


@dataclass(frozen=True)
class Outcome:
    """What came of a file.

    Attributes:
        words: what the owner reads, or what was read.
        helps: True when it was read, or refused with what to do.
        next_works: True when an ordinary file could be read after it.
    """

    words: str
    helps: bool
    next_works: bool


def outcome(reader: FileReader, path: Path) -> Outcome:
    """Read a file as the app does, and an ordinary one after it."""
    try:
        dataset = reader.open_file(path.read_bytes(), path.name, Settings(), today=date.today())
        words, helps = f"read, {len(dataset.tables)} tables", True
    except DataProblem as problem:
        words, helps = str(problem), bool(problem.remedy)
    except DyocenseError as problem:
        words, helps = f"{type(problem).__name__}: {problem}", False
    return Outcome(words, helps, is_ready(reader))


def is_ready(reader: FileReader) -> bool:
    """True when an ordinary file can be read."""
    try:
        return reader.open_file(_ORDINARY, "ordinary.csv", Settings()).tables[0].frame.height == 28
    except DyocenseError:
        return False


def socket_in(folder: Path) -> str:
    """The address at which the server in this folder is told what to read."""
    return str(folder / "reader")


def _answer(address: str) -> None:
    reader = shared_reader()
    with Listener(address, "AF_UNIX") as listener, listener.accept() as asked:
        asked.send(is_ready(reader))
        while path := asked.recv():
            asked.send(outcome(reader, path))


def main() -> None:
    """Serve the app; the database's folder is where the socket is."""
    from streamlit.web.cli import main as streamlit

    address = socket_in(Settings().folder)
    threading.Thread(target=_answer, args=(address,), daemon=True).start()
    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    streamlit()


if __name__ == "__main__":
    from benchmarks import hostile_server  # what it sends must not belong to the main script

    hostile_server.main()
