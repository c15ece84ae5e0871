"""Scale: seconds, memory and sameness of the results when many items are forecast here, in processes and on Dask."""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.table import aligned, number
from engine.compute import Runner, processes, serial
from engine.forecast.bulk import BulkResult, forecast_file
from engine.settings import Settings
from engine.workflows.forecast.forecasts import model_environment

WEEK = np.array((0.8, 0.85, 0.9, 1.0, 1.2, 1.35, 0.9))
FIRST_DAY = date(2024, 1, 1)
IDLE_SECONDS = 8.0
STEADY_SHARE = 0.3
"""Items that sell by the dozen every day; the others sell now and then."""


@dataclass(frozen=True)
class Measured:
    """One run: the items, seconds on the clock, CPU seconds, and its results."""

    way: str
    items: int
    wall: float
    cpu: float
    result: BulkResult


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--items", type=int, default=1000, help="items of the largest run (default: 1000)")
    parser.add_argument("--days", type=int, default=419)
    parser.add_argument("--horizon", type=int, default=28)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-dask", action="store_true", help="only here and in processes")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Forecast made-up items in every way; the table, and the figures for the JSON line."""
    os.environ.update(model_environment(Settings()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        half, whole = (_made_up(folder, count, options) for count in (options.items // 2, options.items))
        runs = [_measured("here, half the items", half, serial, options), _measured("here", whole, serial, options)]
        runs.append(_measured("2 processes", whole, processes(2), options))
        if not options.no_dask:
            runs += [_on_dask(workers, whole, options) for workers in (1, 2)]
        figures = _figures(runs)
    rows = [[one.way, str(one.items), number(one.wall, 1), number(one.cpu, 1)] for one in runs]
    return aligned(("way", "items", "seconds", "CPU s"), rows), figures


def _figures(runs: Sequence[Measured]) -> dict[str, object]:
    half, here, *others = runs
    one = next((run for run in others if run.way == "Dask, 1 worker"), None)
    return {
        "items": here.items,
        "cpu_seconds_per_item": here.cpu / here.items,
        "cpu_ratio_of_twice_the_items": here.cpu / half.cpu,
        "minutes_for_10000_on_two_cores": 10_000 * here.cpu / here.items / 2 / 60,
        "peak_memory_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "same_everywhere": all(_same(here.result, other.result) for other in others),
        "dask_overhead_one_worker": one.cpu / here.cpu - 1 if one else float("nan"),
        "runs": [
            {field.name: getattr(run, field.name) for field in fields(run) if field.name != "result"} for run in runs
        ],
    }


def _same(one: BulkResult, other: BulkResult) -> bool:
    return one.frame().collect().equals(other.frame().collect())


def _measured(
    way: str, file: Path, runner: Runner, options: argparse.Namespace, cpu: Callable[[], float] | None = None
) -> Measured:
    cpu = cpu or _cpu_seconds
    wall, used = time.monotonic(), cpu()
    folder = file.with_suffix("") / way.replace(" ", "-")
    result = forecast_file(file, folder, horizon=options.horizon, runner=runner)
    return Measured(way, result.items, time.monotonic() - wall, cpu() - used, result)


def _cpu_seconds() -> float:
    """Of this process and of its finished children."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def _on_dask(workers: int, file: Path, options: argparse.Namespace) -> Measured:
    """Workers that are already there, as on a cluster; their CPU seconds are added to ours.

    A cluster also costs some CPU every second while it waits (measured first, over a few seconds): that is taken off,
    because on a machine with other work the clock runs on while ours stands still.
    """
    from engine.compute.chunks import on_dask

    with _cluster(workers) as client:
        client.run(_warm)

        def cpu() -> float:
            return time.process_time() + float(sum(client.run(time.process_time).values()))

        before, waited = cpu(), time.monotonic()
        time.sleep(IDLE_SECONDS)
        idle = (cpu() - before) / (time.monotonic() - waited)
        way = f"Dask, {workers} worker{'s' if workers > 1 else ''}"
        made = _measured(way, file, on_dask(client.scheduler.address), options, cpu)
        return replace(made, cpu=made.cpu - idle * made.wall)


@contextmanager
def _cluster(workers: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _warm() -> None:
    """Import what the work needs."""
    import scipy.ndimage
    import scipy.signal
    import scipy.special  # noqa: F401

    import engine.forecast.bulk  # noqa: F401


def _made_up(folder: Path, count: int, options: argparse.Namespace) -> Path:
    """Items of a shop: steady ones, and ones that sell now and then, each with a week; one row per item and day."""
    rng = np.random.default_rng(options.seed)
    steady = rng.random(count) < STEADY_SHARE
    level = np.where(steady, rng.lognormal(4.0, 0.5, count), rng.lognormal(-0.5, 1.0, count))
    week = WEEK[np.arange(options.days) % 7]
    spread = np.where(steady, 20.0, 1.5)
    mean = level[:, None] * week * rng.gamma(spread[:, None], 1 / spread[:, None], (count, options.days))
    days = pl.date_range(FIRST_DAY, pl.lit(FIRST_DAY).dt.offset_by(f"{options.days - 1}d"), eager=False)
    calendar = pl.select(day=days)["day"]
    frame = pl.DataFrame(
        {
            "item": np.repeat([f"item {k:06d}" for k in range(count)], options.days),
            "day": pl.concat([calendar] * count),
            "quantity": rng.poisson(mean).ravel(),
        }
    )
    path = folder / f"shop-{count}.parquet"
    frame.write_parquet(path)
    return path
