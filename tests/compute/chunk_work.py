"""Work for processes to do; they import it by name."""

import os
import signal
import time
from pathlib import Path

import polars as pl

from engine.errors import TooLittleHistory


def square(number: int) -> pl.DataFrame:
    return pl.DataFrame({"square": [number**2]})


def slow_square(number: int) -> pl.DataFrame:
    time.sleep(0.2)
    return square(number)


def fails_at_three(number: int) -> pl.DataFrame:
    if number == 3:
        raise TooLittleHistory(2, 8, period="day")
    return square(number)


def killed_once(number: int, mark: str) -> pl.DataFrame:
    if number == 2 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return square(number)


def always_killed(number: int) -> pl.DataFrame:
    os.kill(os.getpid(), signal.SIGKILL)
    return square(number)
