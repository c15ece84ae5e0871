"""One function over many chunks of work: here, in processes, or on Dask; each result kept as soon as it is there.

    map_chunks(function, chunks, folder=folder, run="...", workers=2, scheduler=None)

A run that was stopped is taken up where it stopped: a chunk whose file exists is not computed again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from engine.errors import DataProblem
from engine.process import Report

RUN_FILE = "run.txt"
"""Says which run the files of a folder belong to."""

Work = Callable[..., pl.DataFrame]


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
        runner: where the work runs: see `engine.compute.runners`.
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
