"""Chunks on a Dask cluster: the one place that knows distributed."""

import ctypes
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import polars as pl

from engine.compute.chunks import Chunk, Runner, Work
from engine.errors import DyocenseError, JobFailed
from engine.process import Failure

RETRIES = 3
"""A chunk is tried again so many times after an error; a worker that is gone does not count."""

PER_WORKER = 2
"""Chunks handed out per thread of the cluster: one runs, one waits."""

CONNECT_SECONDS = 20

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of glibc's settings, from malloc.h."""
MEMORY_RESERVE, BLOCK_RESERVE = 256 << 20, 32 << 20
"""A worker may keep so many freed bytes, in blocks of at most so many."""


def on_dask(address: str, *, connect_seconds: float = CONNECT_SECONDS) -> Runner:
    """The workers of the scheduler at this address (tcp://host:port); they need the same Dyocense installed.

    Chunks are handed out as workers become free, and one whose worker dies goes to another.
    """

    def run(function: Work, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, pl.DataFrame]]:
        if not chunks:
            return
        with _connect(address, connect_seconds) as client:
            yield from _results(client, function, iter(chunks))

    return run


def _connect(address: str, seconds: float) -> Any:
    from distributed import Client

    try:
        return Client(address, timeout=seconds, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise JobFailed(f"No Dask scheduler answers at {address}.") from problem


def _results(client: Any, function: Work, waiting: Iterator[Chunk]) -> Iterator[tuple[Chunk, pl.DataFrame]]:
    from distributed import as_completed

    running: dict[str, Chunk] = {}
    with client.as_current():
        finished = as_completed()
    while True:
        while len(running) < _room(client) and (chunk := next(waiting, None)) is not None:
            future = client.submit(_with_memory_reserve, function, *chunk.arguments, pure=False, retries=RETRIES)
            running[future.key] = chunk
            finished.add(future)
        if not running:
            return
        future = next(finished)
        if (problem := future.exception()) is not None:
            raise _in_words(problem)
        yield running.pop(future.key), future.result()
        future.release()


def _with_memory_reserve(function: Work, *arguments: Any) -> pl.DataFrame:
    """The function's result, computed with an allocator that keeps what it frees.

    Dask starts its workers so that they hand freed memory back at once; work on arrays then spends a third of its time
    in getting it again (measured), which is all the overhead there is.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            allocator = ctypes.CDLL(None)
            allocator.mallopt(MMAP_THRESHOLD, BLOCK_RESERVE)
            allocator.mallopt(TRIM_THRESHOLD, MEMORY_RESERVE)
    return function(*arguments)


def _room(client: Any) -> int:
    """How many chunks may be out at a time; some even while no worker is there, so that they start with the first."""
    return max(2, PER_WORKER * sum(int(threads) for threads in client.nthreads().values()))


def _in_words(problem: Exception) -> DyocenseError:
    if isinstance(problem, DyocenseError):
        return problem
    return Failure(problem, type(problem).__name__, repr(problem)).problem()
