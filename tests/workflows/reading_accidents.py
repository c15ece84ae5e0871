"""Readers that go wrong, each in a way of its own; to be run in a reading process."""

import os
import signal
import time
from typing import Any

from engine.dataset import CleaningReport, Dataset
from engine.workflows.files import read_file


def by_its_content(content: bytes, name: str, *around: Any) -> Dataset:
    """Do what the content says; read it when it says nothing."""
    accident = ACCIDENTS.get(content)
    if accident is None:
        return read_file(content, name, *around)
    accident()
    return Dataset(str(os.getpid()), "", (), CleaningReport())


def _fill_the_memory() -> None:
    held = []
    while True:
        held.append(bytearray(10_000_000))


def _turn_in_circles() -> None:
    while True:
        pass


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _break() -> None:
    raise ZeroDivisionError("by mistake")


ACCIDENTS = {
    b"memory": _fill_the_memory,
    b"circles": _turn_in_circles,
    b"abort": os.abort,
    b"death": _die,
    b"mistake": _break,
    b"sleep": lambda: time.sleep(600),
    b"nap": lambda: time.sleep(1.5),
    b"who": lambda: None,
}
