"""Where chunks run: here, in processes side by side, or on Dask."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from queue import SimpleQueue

import polars as pl

from engine.compute.chunks import Chunk, Runner, Work
from engine.process import Child, ChildEnded, Failure, ReturnValue, pack

CHUNK_SECONDS = 3600.0
"""A chunk that takes longer is given up."""

ATTEMPTS = 3
"""A chunk whose process dies is tried so many times."""


def runner_for(scheduler: str, workers: int) -> Runner:
    """Dask where a scheduler is named, else so many processes, else this one."""
    if scheduler:
        from engine.compute.dask import on_dask

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
