"""Forecasts of the peers, kept between runs: they do not change while ours does, and pmdarima alone takes half an hour.

A forecast is found again by a hash of all that it depends on: the history, the horizon, the method, the seed, and the
versions of the libraries. The folder is the caller's; nothing is ever kept in the project.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.peers import Bands
from benchmarks.series import Past

LIBRARIES = ("statsforecast", "pmdarima", "prophet", "xgboost-cpu", "numpy")


@dataclass(frozen=True)
class Run:
    """One method's forecast of one series, and what it cost; after a failure the bands are the base method's."""

    bands: Bands
    seconds: float
    failure: str = ""


@dataclass(frozen=True)
class Shelf:
    """Where runs are kept."""

    folder: Path

    def find(self, method: str, past: Past, seed: int) -> Run | None:
        """A run that was kept, or None."""
        path = self._path(method, past, seed)
        if not path.exists():
            return None
        kept = json.loads(path.read_text())
        return Run(Bands(*map(np.array, kept["bands"])), kept["seconds"], kept["failure"])

    def keep(self, method: str, past: Past, seed: int, run: Run) -> None:
        """Keep a run."""
        path = self._path(method, past, seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        bands = [values.tolist() for values in run.bands.paths()]
        path.write_text(json.dumps({"bands": bands, "seconds": run.seconds, "failure": run.failure}))

    def _path(self, method: str, past: Past, seed: int) -> Path:
        holidays = f" {past.country} holidays {version('holidays')}" if past.country else ""
        asked = (
            f"{method} {seed} {past.freq} {past.season_length} {past.dates[0]} {past.horizon} {_versions()}{holidays}"
        )
        key = hashlib.sha256(asked.encode() + past.y.tobytes()).hexdigest()
        return self.folder / key[:2] / f"{key}.json"


@cache
def _versions() -> str:
    return " ".join(f"{name} {version(name)}" for name in LIBRARIES)
