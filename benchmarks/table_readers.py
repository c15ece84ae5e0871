"""Text files as tables of text, by this reader and by general-purpose ones that are given nothing but the file."""

import csv
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.extras import can_import
from benchmarks.table_scores import Rows
from engine.errors import DataProblem
from engine.ingest.grid import ReadingLimits
from engine.ingest.header import Body, find_body, is_made_up
from engine.ingest.sheets import parts_of
from engine.ingest.text import open_text

TableReader = Callable[[Path], Rows | None]
"""Reads one file; None where it cannot."""


def read_own(path: Path) -> Rows | None:
    """The largest table of the file as it stands before any meaning is given to it."""
    try:
        grid = open_text(path.read_bytes(), path.stem, ReadingLimits()).grid
    except DataProblem:
        return None
    bodies = [body for part in parts_of(grid) if (body := find_body(part.grid)) is not None]
    return _rows(max(bodies, key=lambda body: body.text.height)) if bodies else None


def read_pandas(path: Path) -> Rows | None:
    """The table that `pandas.read_csv` reads by default."""
    return _read_pandas(path)


def read_pandas_guess(path: Path) -> Rows | None:
    """The table that pandas reads when it is to find out the separator."""
    return _read_pandas(path, sep=None, engine="python")


def read_duckdb(path: Path) -> Rows | None:
    """The table that DuckDB reads with everything detected."""
    return _read_duckdb(path)


def read_duckdb_lenient(path: Path) -> Rows | None:
    """The table that DuckDB reads when rows may be short and marks may be stray."""
    return _read_duckdb(path, strict_mode=False, null_padding=True)


def read_clevercsv(path: Path) -> Rows | None:
    """The table that clevercsv reads in the dialect that it detects."""
    import clevercsv

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows: list[list[str]] = clevercsv.read_table(str(path))
    except (clevercsv.exceptions.NoDetectionResult, clevercsv.exceptions.Error, csv.Error, ValueError, OSError):
        return None
    return rows


PEERS: dict[str, tuple[str, TableReader]] = {
    "pandas": ("pandas", read_pandas),
    "pandas, sep=None": ("pandas", read_pandas_guess),
    "DuckDB": ("duckdb", read_duckdb),
    "DuckDB, lenient": ("duckdb", read_duckdb_lenient),
    "clevercsv": ("clevercsv", read_clevercsv),
}
"""Each peer's library and its reader."""


def peers_at_hand() -> dict[str, TableReader | None]:
    """The reader of each peer; None where its library is not installed."""
    return {name: reader if can_import(library) else None for name, (library, reader) in PEERS.items()}


def _rows(body: Body) -> Rows:
    names = ["" if is_made_up(name, place) else name for place, name in enumerate(body.names)]
    records = [[cell or "" for cell in row] for row in body.text.iter_rows()]
    return [names, *records] if body.header_row else records


def _read_pandas(path: Path, **options: Any) -> Rows | None:
    import pandas as pd

    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, **options)
    except (ValueError, csv.Error, OSError):
        return None
    if not isinstance(frame.index, pd.RangeIndex):  # rows longer than the header lend it their first cells
        frame = frame.reset_index()
    names = [re.sub(r"^Unnamed: \d+$", "", str(name)) for name in frame.columns]
    return [names, *([str(cell) for cell in row] for row in frame.itertuples(index=False, name=None))]


def _read_duckdb(path: Path, **options: Any) -> Rows | None:
    import duckdb

    try:
        relation = duckdb.connect().read_csv(str(path), all_varchar=True, **options)
        names, records = relation.columns, relation.fetchall()
    except duckdb.Error:
        return None
    # Names of this form are its own: it saw no header, and the first record stands in its place.
    header = [] if all(re.fullmatch(r"column\d+", name) for name in names) else [names]
    return [*header, *([cell or "" for cell in record] for record in records)]
