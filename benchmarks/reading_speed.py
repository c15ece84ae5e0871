"""What a large workbook and a large text file cost: CPU as a ratio to reading the same bytes raw, and memory."""

import multiprocessing
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.table import aligned

WORKBOOK_ROWS, TEXT_ROWS = 200_000, 1_000_000
TIMES_THE_FILE, SPARE_MEGABYTES = 5, 300
"""Memory may be so many times the file's size, and so much beside it."""

_FIRST_DAY = date(2021, 1, 1)
_STATUS = Path("/proc/self/status")

Reader = Callable[[Path], None]


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
    limit_megabytes: float

    @property
    def cpu_per_million_rows(self) -> float:
        """CPU seconds for each million rows: the same for files of any length where cost is linear."""
        return self.cpu_seconds / self.rows * 1e6


def measure(workbook_rows: int = WORKBOOK_ROWS, text_rows: int = TEXT_ROWS) -> list[Timing]:
    """Write both files at half and at full length, and read each in a process of its own."""
    timed = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in (workbook_rows // 2, workbook_rows):
            workbook = Path(folder) / f"sales_{rows}.xlsx"
            _write_workbook(_sales(rows), workbook)
            timed.append(_timing(workbook, rows, _raw_workbook))
        for rows in (text_rows // 2, text_rows):
            text = Path(folder) / f"sales_{rows}.csv"
            _sales(rows).write_csv(text)
            timed.append(_timing(text, rows, _raw_text))
    return timed


def text(timings: Iterable[Timing]) -> str:
    """The timings as a table."""
    headers = ["file", "rows", "MB", "CPU s", "CPU s / million", "raw CPU s", "ratio", "peak MB", "limit MB"]
    rows = [
        [
            t.file,
            f"{t.rows:,}",
            f"{t.megabytes:.1f}",
            f"{t.cpu_seconds:.2f}",
            f"{t.cpu_per_million_rows:.2f}",
            f"{t.raw_cpu_seconds:.2f}",
            f"{t.ratio:.1f}",
            f"{t.peak_megabytes:.0f}",
            f"{t.limit_megabytes:.0f}",
        ]
        for t in timings
    ]
    return aligned(headers, rows)


def figures(timings: Iterable[Timing]) -> list[dict[str, object]]:
    """The timings for the JSON line."""
    return [
        {
            "file": t.file,
            "rows": t.rows,
            "megabytes": t.megabytes,
            "cpu_seconds": t.cpu_seconds,
            "cpu_seconds_per_million_rows": t.cpu_per_million_rows,
            "raw_cpu_seconds": t.raw_cpu_seconds,
            "ratio": t.ratio,
            "peak_megabytes": t.peak_megabytes,
            "limit_megabytes": t.limit_megabytes,
        }
        for t in timings
    ]


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


def _timing(path: Path, rows: int, raw: Reader) -> Timing:
    ours, peak = _alone(_ours, path)
    theirs, _ = _alone(raw, path)
    size = path.stat().st_size / 1e6
    limit = TIMES_THE_FILE * size + SPARE_MEGABYTES
    return Timing(path.name, rows, size, ours, theirs, ours / max(theirs, 1e-9), peak, limit)


def _alone(read: Reader, path: Path) -> tuple[float, float]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_clocked, (read, path))


def _clocked(read: Reader, path: Path) -> tuple[float, float]:
    """CPU seconds, and the largest memory of this process in MB."""
    start = time.process_time()
    read(path)
    return time.process_time() - start, _peak_megabytes()


def _peak_megabytes() -> float:
    """The most memory that this process held, in MB.

    Where the system keeps that of the program alone it is used: `ru_maxrss` starts at what the parent had.
    """
    if _STATUS.exists():
        found = re.search(r"^VmHWM:\s*(\d+) kB", _STATUS.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _ours(path: Path) -> None:
    from engine.ingest import read_dataset

    read_dataset(path.read_bytes(), path.name)


def _raw_workbook(path: Path) -> None:
    import fastexcel

    fastexcel.read_excel(path).load_sheet(0).to_polars()


def _raw_text(path: Path) -> None:
    pl.read_csv(path)
