"""The cases of the forecast area: histories with the periods that followed."""

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
    """

    y: Array
    dates: tuple[date, ...]
    ahead: tuple[date, ...]
    freq: str
    season_length: int

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
    """

    name: str
    group: str
    past: Past
    future: Array
    m: int


def load(folder: Path) -> list[Case]:
    """All cases of a folder, in the order of its `meta.csv`.

    Raises:
        ValueError: a series has no rows, gaps in `y`, or a test part of another length than its horizon.
    """
    frame = pl.read_parquet(folder / "series.parquet").with_columns(pl.col("ds").cast(pl.Date))
    rows = frame.sort("ds").partition_by("unique_id", as_dict=True)
    meta = pl.read_csv(folder / "meta.csv", schema_overrides={"unique_id": pl.String})
    return [_case(row, rows.get((row["unique_id"],), frame.clear())) for row in meta.iter_rows(named=True)]


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


def _case(row: dict[str, object], rows: pl.DataFrame) -> Case:
    name, freq = str(row["unique_id"]), str(row["freq"])
    train, test = rows.filter(split="train"), rows.filter(split="test")
    if train.is_empty() or len(test) != row["horizon"] or rows["y"].null_count() or rows["y"].is_nan().any():
        raise ValueError(f"{name} needs a complete train part and {row['horizon']} test rows")
    past = Past(
        y=train["y"].to_numpy().astype(np.float64),
        dates=tuple(train["ds"].to_list()),
        ahead=tuple(test["ds"].to_list()),
        freq=freq,
        season_length=int(str(row["season_length"])),
    )
    source = str(row["source"]).split(" (")[0]
    return Case(name, f"{source} [{freq}]", past, test["y"].to_numpy().astype(np.float64), int(str(row["m_metric"])))
