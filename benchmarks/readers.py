"""General-purpose readers with their defaults, on the same files.

A reader is right on a file when its number of rows is exact and one of its columns of numbers has the known sum.
None stands for a file that states no sum, or that the reader is not made for; a word for a reader that is not there.
"""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

NOT_INSTALLED = "not installed"
TEXT_ENDINGS = frozenset({".csv", ".tsv", ".txt"})

Mark = bool | None | str
Reader = Callable[[Path, dict[str, Any]], Mark]


def _pandas(path: Path, expect: dict[str, Any]) -> Mark:
    import pandas as pd

    if not _scored(expect):
        return None
    try:
        frame = pd.read_csv(path) if path.suffix in TEXT_ENDINGS else pd.read_excel(path)
    except (ValueError, ImportError, OSError, pd.errors.ParserError):
        return False
    numbers = frame.select_dtypes("number")
    return _right(len(frame), [float(numbers[name].sum()) for name in numbers], expect)


def _duckdb(path: Path, expect: dict[str, Any]) -> Mark:
    try:
        import duckdb
    except ImportError:
        return NOT_INSTALLED
    if not _scored(expect) or path.suffix not in TEXT_ENDINGS:
        return None
    try:
        relation = duckdb.connect().read_csv(str(path))
        rows = relation.fetchall()
    except duckdb.Error:
        return False
    return _right(len(rows), _sums(rows), expect)


def _clevercsv(path: Path, expect: dict[str, Any]) -> Mark:
    try:
        import clevercsv
    except ImportError:
        return NOT_INSTALLED
    if not _scored(expect) or path.suffix not in TEXT_ENDINGS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = clevercsv.read_dataframe(str(path))
    except (clevercsv.exceptions.CleverCSVError, ValueError, OSError):
        return False
    numbers = frame.select_dtypes("number")
    return _right(len(frame), [float(numbers[name].sum()) for name in numbers], expect)


def _scored(expect: dict[str, Any]) -> bool:
    return "value_sum" in expect and "n_data_rows" in expect


def _sums(rows: Sequence[Sequence[Any]]) -> list[float]:
    columns = zip(*rows, strict=True)
    numeric = ([cell for cell in column if isinstance(cell, int | float)] for column in columns)
    return [float(sum(cells)) for cells in numeric if cells]


def _right(rows: int, sums: Sequence[float], expect: dict[str, Any]) -> bool:
    wanted = expect["value_sum"]
    near = any(abs(total - wanted) <= 1e-6 * max(1.0, abs(wanted)) for total in sums)
    return rows == expect["n_data_rows"] and near


READERS: Sequence[tuple[str, Reader]] = (("pandas", _pandas), ("DuckDB", _duckdb), ("clevercsv", _clevercsv))
