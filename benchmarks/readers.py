"""General-purpose readers with their defaults, on the same files.

A reader is right on a file when its number of rows is exact and one of its columns of numbers has the known sum.
None stands for a file that states no sum, or that the reader is not made for; `MISSING` for a reader that is not there.
"""

import csv
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.extras import can_import

MISSING = "not installed"
TEXT_ENDINGS = frozenset({".csv", ".tsv", ".txt"})

Mark = bool | None | str
Reader = Callable[[Path, dict[str, Any]], Mark]


def _pandas(path: Path, expect: dict[str, Any]) -> Mark:
    import pandas as pd

    if not _has_truth(expect):
        return None
    try:
        frame = pd.read_csv(path) if path.suffix in TEXT_ENDINGS else pd.read_excel(path)
    except (ValueError, ImportError, OSError, pd.errors.ParserError):
        return False
    numbers = frame.select_dtypes("number")
    return _right(len(frame), [float(numbers[name].sum()) for name in numbers], expect)


def _duckdb(path: Path, expect: dict[str, Any]) -> Mark:
    if not can_import("duckdb"):
        return MISSING
    import duckdb

    if not _has_truth(expect) or path.suffix not in TEXT_ENDINGS:
        return None
    try:
        relation = duckdb.connect().read_csv(str(path))
        rows = relation.fetchall()
    except duckdb.Error:
        return False
    return _right(len(rows), _sums(rows), expect)


def _clevercsv(path: Path, expect: dict[str, Any]) -> Mark:
    if not can_import("clevercsv"):
        return MISSING
    import clevercsv

    if not _has_truth(expect) or path.suffix not in TEXT_ENDINGS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = clevercsv.read_dataframe(str(path))
    except (clevercsv.exceptions.NoDetectionResult, clevercsv.exceptions.ParserError, csv.Error, ValueError, OSError):
        return False
    numbers = frame.select_dtypes("number")
    return _right(len(frame), [float(numbers[name].sum()) for name in numbers], expect)


def _has_truth(expect: dict[str, Any]) -> bool:
    return "value_sum" in expect and "n_data_rows" in expect


def _sums(rows: Sequence[Sequence[Any]]) -> list[float]:
    columns = zip(*rows, strict=True)
    numeric = ([cell for cell in column if isinstance(cell, int | float)] for column in columns)
    return [float(sum(cells)) for cells in numeric if cells]


def _right(rows: int, sums: Sequence[float], expect: dict[str, Any]) -> bool:
    truth = expect["value_sum"]
    near = any(abs(total - truth) <= 1e-6 * max(1.0, abs(truth)) for total in sums)
    return rows == expect["n_data_rows"] and near


READERS: Sequence[tuple[str, Reader]] = (("pandas", _pandas), ("DuckDB", _duckdb), ("clevercsv", _clevercsv))
