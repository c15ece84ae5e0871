"""The cases of the forecast area: histories with the periods that followed."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Past:
    """All that a method may look at.

    Attributes:
        y: the history, complete.
        dates: the start of each period of the history.
        ahead: the start of each period to forecast; its length is the horizon.
        freq: the length of a period in pandas' words: D, W-SUN, MS, QS, ...
        season_length: periods in one season; 1 for none.
        country: whose public holidays there were, ISO 3166; "" where nobody says.
    """

    y: Array
    dates: tuple[date, ...]
    ahead: tuple[date, ...]
    freq: str
    season_length: int
    country: str = ""

    @property
    def horizon(self) -> int:
        """How many periods to forecast."""
        return len(self.ahead)


@dataclass(frozen=True)
class Case:
    """One series, split at the day on which the forecast is made.

    Attributes:
        name: its id in the data.
        group: where it comes from and its frequency, for tables by group.
        past: what a method sees.
        future: what then happened.
        m: the season length by which MASE and MSIS are scaled.
        source: where it comes from.
    """

    name: str
    group: str
    past: Past
    future: Array
    m: int
    source: str = ""


def load(folder: Path) -> list[Case]:
    """All cases of a folder, in the order of its `meta.csv`; series that cannot be used are left out and named.

    Raises:
        ValueError: no series has a complete past and as many test rows as its horizon.
    """
    frame = rows_of(folder)
    rows = frame.partition_by("unique_id", as_dict=True)
    meta = meta_of(folder)
    made = [_case(row, rows.get((row["unique_id"],), frame.clear())) for row in meta.iter_rows(named=True)]
    cases = [case for case in made if case is not None]
    if not cases:
        raise ValueError(f"no series of {folder} has a complete train part and as many test rows as its horizon")
    return cases


def rows_of(folder: Path) -> pl.DataFrame:
    """The rows of a folder's `series.parquet` in the order of time: text, times and numbers whatever their types."""
    rows = pl.read_parquet(folder / "series.parquet")
    when = pl.col("ds").str.to_datetime() if rows.schema["ds"] == pl.String else pl.col("ds").cast(pl.Datetime("us"))
    typed = rows.with_columns(pl.col("unique_id", "split").cast(pl.String), when, pl.col("y").cast(pl.Float64))
    return typed.sort("ds")


def meta_of(folder: Path) -> pl.DataFrame:
    """What a folder's `meta.csv` says of each series."""
    return pl.read_csv(folder / "meta.csv", schema_overrides={"unique_id": pl.String})


def is_hourly(freq: str) -> bool:
    """Whether a frequency in pandas' words is one of hours, whose dates alone do not tell the periods apart."""
    return freq[0] in "hH"


def sample(cases: list[Case], size: int, seed: int) -> list[Case]:
    """A random part of the cases in which each group keeps its share; the order stays."""
    rng = np.random.default_rng(seed)
    groups: dict[str, list[int]] = {}
    for k, case in enumerate(cases):
        groups.setdefault(case.group, []).append(k)
    # Members of a group sit at even distances on 0..1, so any cut takes the same share of every group.
    place = {
        k: (rank + rng.random()) / len(members)
        for members in groups.values()
        for rank, k in enumerate(rng.permutation(members).tolist())
    }
    return [cases[k] for k in sorted(sorted(place, key=place.__getitem__)[:size])]


def _case(row: Mapping[str, object], rows: pl.DataFrame) -> Case | None:
    name, freq, horizon = str(row["unique_id"]), str(row["freq"]), int(float(str(row["horizon"])))
    train, test = rows.filter(split="train"), rows.filter(split="test")
    if train.is_empty() or len(test) != horizon or rows["y"].null_count() or rows["y"].is_nan().any():
        print(f"{name} is left out: it needs a complete train part and {horizon} test rows", file=sys.stderr)
        return None
    past = Past(
        y=train["y"].to_numpy(),
        dates=_starts(train, freq),
        ahead=_starts(test, freq),
        freq=freq,
        season_length=int(float(str(row["season_length"]))),
        country=str(row.get("country") or ""),
    )
    source = str(row.get("source") or "").split(" (")[0]
    m = int(float(str(row["m_metric"])))
    return Case(name, f"{source} [{freq}]".strip(), past, test["y"].to_numpy(), m, source)


def _starts(rows: pl.DataFrame, freq: str) -> tuple[date, ...]:
    times = rows["ds"] if is_hourly(freq) else rows["ds"].cast(pl.Date)
    return tuple(times.to_list())
