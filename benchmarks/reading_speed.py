"""How long a large workbook and a large text file take, as a ratio to reading the same bytes raw."""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.table import aligned

WORKBOOK_ROWS, TEXT_ROWS = 200_000, 1_000_000
_FIRST_DAY = date(2021, 1, 1)


@dataclass(frozen=True)
class Timing:
    """CPU seconds and memory of one file; `raw` is the library that does nothing but read."""

    file: str
    rows: int
    megabytes: float
    cpu_seconds: float
    raw_cpu_seconds: float
    ratio: float
    peak_megabytes: float


def measure(workbook_rows: int = WORKBOOK_ROWS, text_rows: int = TEXT_ROWS) -> list[Timing]:
    """Write both files, and read each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        workbook, text = Path(folder) / "sales.xlsx", Path(folder) / "sales.csv"
        _write_workbook(_sales(workbook_rows), workbook)
        _sales(text_rows).write_csv(text)
        return [
            _timing(workbook, workbook_rows, _raw_workbook),
            _timing(text, text_rows, _raw_text),
        ]


def text(timings: list[Timing]) -> str:
    """The timings as a table."""
    headers = ["file", "rows", "MB", "CPU s", "raw CPU s", "ratio", "peak MB"]
    rows = [
        [
            t.file,
            f"{t.rows:,}",
            f"{t.megabytes:.1f}",
            f"{t.cpu_seconds:.2f}",
            f"{t.raw_cpu_seconds:.2f}",
            f"{t.ratio:.1f}",
            f"{t.peak_megabytes:.0f}",
        ]
        for t in timings
    ]
    return aligned(headers, rows)


def _sales(rows: int) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    days = np.sort(rng.integers(0, 1500, rows))
    return pl.DataFrame(
        {
            "Date": [_FIRST_DAY + timedelta(days=int(day)) for day in days],
            "Item": [f"Item {number}" for number in rng.integers(0, 300, rows)],
            "Quantity": rng.integers(1, 50, rows),
            "Price": np.round(rng.uniform(1, 20, rows), 2),
        }
    )


def _write_workbook(frame: pl.DataFrame, path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("Sales")
    as_date = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, frame.columns)
    for row, (day, *rest) in enumerate(frame.iter_rows(), start=1):
        sheet.write_datetime(row, 0, datetime.combine(day, datetime.min.time()), as_date)
        sheet.write_row(row, 1, rest)
    book.close()


def _timing(path: Path, rows: int, raw: Callable[[Path], None]) -> Timing:
    ours, peak = _alone(_ours, path)
    theirs, _ = _alone(raw, path)
    size = path.stat().st_size / 1e6
    return Timing(path.name, rows, size, ours, theirs, ours / max(theirs, 1e-9), peak)


def _alone(read: Callable[[Path], None], path: Path) -> tuple[float, float]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_clocked, (read, path))


def _clocked(read: Callable[[Path], None], path: Path) -> tuple[float, float]:
    """CPU seconds, and the largest memory of this process in MB."""
    start = time.process_time()
    read(path)
    return time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _ours(path: Path) -> None:
    from engine.ingest import read_dataset

    read_dataset(path.read_bytes(), path.name)


def _raw_workbook(path: Path) -> None:
    import fastexcel

    fastexcel.read_excel(path).load_sheet(0).to_polars()


def _raw_text(path: Path) -> None:
    pl.read_csv(path)
