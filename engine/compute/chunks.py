"""One function over many chunks of work: here, in processes, or on Dask; each result kept as soon as it is there.

    map_chunks(function, chunks, folder=folder, run="...", workers=2, scheduler=None)

A run that was stopped is taken up where it stopped: a chunk whose file exists is not computed again.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import polars as pl

from engine.errors import DataProblem, DyocenseError, JobFailed
from engine.process import Child, ChildEnded, Failure, Report, ReturnValue, pack

RUN_FILE = "run.txt"
"""Says which run the files of a folder belong to."""

Work = Callable[..., pl.DataFrame]

CHUNK_SECONDS = 3600.0
"""A chunk that takes longer is given up."""

ATTEMPTS = 3
"""A chunk whose process dies is tried so many times."""

RETRIES = 3
"""A chunk is tried again so many times after an error; a worker that is gone does not count."""

PER_WORKER = 2
"""Chunks handed out per thread of the cluster: one runs, one waits."""

CONNECT_SECONDS = 20

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of glibc's settings, from malloc.h."""
MEMORY_RESERVE, BLOCK_RESERVE = 256 << 20, 32 << 20
"""A worker may keep so many freed bytes, in blocks of at most so many."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """A part of the work: the name of its file (without ending), and what the function is called with."""

    name: str
    arguments: tuple[Any, ...]


Runner = Callable[[Work, Sequence[Chunk]], Iterator[tuple[Chunk, pl.DataFrame]]]
"""Computes chunks and yields each with its result, in any order."""


def map_chunks(
    function: Work,
    chunks: Sequence[Chunk],
    *,
    folder: Path,
    run: str,
    runner: Runner,
    report: Report = lambda share, note: None,
) -> tuple[Path, ...]:
    """Compute every chunk that is not in the folder yet, and return all files, in the order of the chunks.

    Args:
        function: a function of an importable module; it must give the same frame for the same arguments.
        chunks: each with a name of its own.
        folder: made when it is not there; gets one parquet file a chunk, and only whole ones.
        run: what the results depend on (the file's hash, the options); one line.
        runner: where the work runs: see `engine.compute.chunks`.
        report: told how far the work has come.

    Raises:
        DataProblem: the folder holds another run.
        JobFailed: a chunk could not be computed; what is done stays.
    """
    _claim(folder, run)
    files = {chunk.name: folder / f"{chunk.name}.parquet" for chunk in chunks}
    missing = [chunk for chunk in chunks if not files[chunk.name].exists()]
    done = len(chunks) - len(missing)
    report(done / max(1, len(chunks)), f"{done} of {len(chunks)} parts were there already" if done else "")
    for chunk, result in runner(function, missing):
        _keep(result, files[chunk.name])
        done += 1
        report(done / len(chunks), f"{done} of {len(chunks)} parts")
    return tuple(files.values())


def _claim(folder: Path, run: str) -> None:
    """Make the folder this run's, or see that it is."""
    folder.mkdir(parents=True, exist_ok=True)
    sign = folder / RUN_FILE
    if sign.exists():
        if sign.read_text(encoding="utf-8") != run:
            raise DataProblem(
                "The folder holds the results of another run", where=str(folder), remedy="Choose another folder."
            )
    elif any(folder.glob("*.parquet")):
        raise DataProblem("The folder holds other files", where=str(folder), remedy="Choose an empty folder.")
    else:
        sign.write_text(run, encoding="utf-8")


def _keep(frame: pl.DataFrame, file: Path) -> None:
    """Write the whole file or none: half a file would pass for a finished chunk."""
    unfinished = file.with_suffix(".part")
    frame.write_parquet(unfinished)
    unfinished.replace(file)


def runner_for(scheduler: str, workers: int) -> Runner:
    """Dask where a scheduler is named, else so many processes, else this one."""
    if scheduler:
        return on_dask(scheduler)
    return processes(workers) if workers > 1 else serial


def serial(function: Work, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, pl.DataFrame]]:
    """One chunk after the other, here."""
    for chunk in chunks:
        yield chunk, function(*chunk.arguments)


def processes(workers: int) -> Runner:
    """So many child processes side by side; a chunk whose process died is tried again in a new one."""

    def run(function: Work, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, pl.DataFrame]]:
        idle: SimpleQueue[Child | None] = SimpleQueue()
        for _ in range(workers):
            idle.put(None)
        with ThreadPoolExecutor(workers) as threads:
            try:
                yield from in_flight(
                    chunks, lambda chunk: threads.submit(_in_child, idle, function, chunk), 2 * workers
                )
            finally:
                threads.shutdown(cancel_futures=True)
                while not idle.empty():
                    if (child := idle.get()) is not None:
                        child.close()

    return run


def in_flight(
    chunks: Sequence[Chunk], submit: Callable[[Chunk], "Future[pl.DataFrame]"], most: int
) -> Iterator[tuple[Chunk, pl.DataFrame]]:
    """Results as they come, with at most so many chunks handed out at a time: arguments are not copied before.

    Args:
        chunks: the work.
        submit: starts one chunk.
        most: how many may be out at a time, > 0.
    """
    waiting, running = iter(chunks), dict[Future[pl.DataFrame], Chunk]()
    while True:
        while len(running) < most and (chunk := next(waiting, None)) is not None:
            running[submit(chunk)] = chunk
        if not running:
            return
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            yield running.pop(future), future.result()


def _in_child(idle: "SimpleQueue[Child | None]", function: Work, chunk: Chunk) -> pl.DataFrame:
    call = pack(function, *chunk.arguments)
    child = idle.get()
    try:
        for _ in range(ATTEMPTS - 1):
            child = child or Child({})
            with suppress(ChildEnded):
                return _frame(child.ask(call, seconds=CHUNK_SECONDS))
            child.close()
            child = None
        child = Child({})
        return _frame(child.ask(call, seconds=CHUNK_SECONDS))
    finally:
        idle.put(child)


def _frame(answer: ReturnValue | Failure) -> pl.DataFrame:
    if isinstance(answer, Failure):
        raise answer.problem()
    frame: pl.DataFrame = answer.value
    return frame


def on_dask(address: str, *, connect_seconds: float = CONNECT_SECONDS) -> Runner:
    """The workers of the scheduler at this address (tcp://host:port); they need the same Dyocense installed.

    Chunks are handed out as workers become free, and one whose worker dies goes to another.
    """

    def run(function: Work, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, pl.DataFrame]]:
        if not chunks:
            return
        with _dask_client(address, connect_seconds) as client:
            yield from _dask_results(client, function, iter(chunks))

    return run


def _dask_client(address: str, seconds: float) -> Any:
    from distributed import Client

    try:
        return Client(address, timeout=seconds, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise JobFailed(f"No Dask scheduler answers at {address}.") from problem


def _dask_results(client: Any, function: Work, waiting: Iterator[Chunk]) -> Iterator[tuple[Chunk, pl.DataFrame]]:
    from distributed import as_completed

    running: dict[str, Chunk] = {}
    with client.as_current():
        finished = as_completed()
    while True:
        while len(running) < _dask_room(client) and (chunk := next(waiting, None)) is not None:
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


def _dask_room(client: Any) -> int:
    """How many chunks may be out at a time; some even while no worker is there, so that they start with the first."""
    return max(2, PER_WORKER * sum(int(threads) for threads in client.nthreads().values()))


def _in_words(problem: Exception) -> DyocenseError:
    if isinstance(problem, DyocenseError):
        return problem
    return Failure(problem, type(problem).__name__, repr(problem)).problem()
