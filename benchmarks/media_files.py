"""Media histories of others, some with known returns: weekly tables whose columns are told by their names."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.media_worlds import Array
from engine.budget import MediaHistory
from engine.business.calendar import find_calendar

DAY_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y")
SPEND_ENDINGS = ("_spend", "_cost", "_S")
OUTCOMES = ("y", "total_revenue", "revenue", "sales", "conversions")
ON_THE_WAY = ("_I", "_P", "_impression", "_impressions", "_click", "_clicks")
CALENDAR = frozenset({"t", "trend", "index", "dayofyear", "week", "month", "year"})
"""Columns by their names: what was spent, what came of it, what lies between the two, and what the calendar says."""

TRUTH = "true_total"
"""How the key begins under which a file of expectations keeps the known return of each channel."""


@dataclass(frozen=True, eq=False)
class MediaFile:
    """One file.

    Attributes:
        name: for the table.
        history: spend, outcome and controls.
        returns: per channel, outcome per unit of money; empty where none are known.
    """

    name: str
    history: MediaHistory
    returns: dict[str, float]


def media_files(folder: Path) -> Iterator[MediaFile]:
    """Every media history in the folder: `mmm_example*/input.csv`, `simmm*/*.csv` and `no_truth/*.csv`."""
    for path in sorted(folder.glob("mmm_example*/input.csv")):
        yield _read(path.parent.name, path, path.with_name("expected.json"))
    for path in sorted(folder.glob("simmm*/*.csv")):
        yield _read(f"{path.parent.name} {path.stem}", path, path.with_name(f"{path.stem}_expected.json"))
    for path in sorted(folder.glob("no_truth*/*.csv")):
        yield _read(path.stem, path, None)


def _read(name: str, path: Path, expected: Path | None) -> MediaFile:
    frame = pl.read_csv(path, infer_schema_length=None)
    outcome = next(column for column in OUTCOMES if column in frame.columns)
    frame = frame.drop_nulls(outcome)
    returns = _returns(expected) if expected is not None and expected.exists() else {}
    channels = _channels(frame, returns)
    days = next(found for found in map(_days, frame) if found)
    numbers = [column for column in frame.columns if frame[column].dtype.is_numeric()]
    taken = {outcome, *channels.values(), *CALENDAR}
    controls = [each for each in numbers if each not in taken and not each.endswith((*ON_THE_WAY, *SPEND_ENDINGS))]
    history = MediaHistory(
        periods=days,
        outcome=_numbers(frame, outcome),
        spend={channel: _numbers(frame, column) for channel, column in channels.items()},
        controls={column: _numbers(frame, column) for column in controls},
        frequency=find_calendar(days).frequency,
    )
    return MediaFile(name, history, {channel: returns[channel] for channel in channels if channel in returns})


def _returns(expected: Path) -> dict[str, float]:
    known = json.loads(expected.read_text())
    return next((dict(value) for key, value in known.items() if key.startswith(TRUTH)), {})


def _channels(frame: pl.DataFrame, returns: dict[str, float]) -> dict[str, str]:
    """The column of each channel: those whose return is known, else those that are called like spend."""
    named = {channel: column for channel in returns for column in _spellings(channel) if column in frame.columns}
    return named or {column: column for column in frame.columns if column.endswith(SPEND_ENDINGS)}


def _spellings(channel: str) -> Sequence[str]:
    return [*(f"{channel}{ending}" for ending in SPEND_ENDINGS), channel]


def _days(column: pl.Series) -> tuple[date, ...]:
    """The days that a column of text holds; none where it holds something else."""
    if column.dtype != pl.String:
        return ()
    for form in DAY_FORMATS:
        found = column.str.to_date(form, strict=False)
        if found.null_count() == 0:
            return tuple(found.to_list())
    return ()


def _numbers(frame: pl.DataFrame, name: str) -> Array:
    """A column as numbers; an empty cell is nothing."""
    return frame[name].cast(pl.Float64).fill_null(0.0).to_numpy().astype(np.float64)
