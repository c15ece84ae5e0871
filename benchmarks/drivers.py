"""Drivers: what known holidays, events and promotions gain, and what is kept where nothing acts."""

import argparse
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from benchmarks.peers import PEERS, Combination, Peer, combined
from benchmarks.series import Array, Past, meta_of, rows_of
from benchmarks.sku_panel import with_marks
from benchmarks.table import aligned, number
from engine.business.calendar import Calendar, Period
from engine.business.history import Metric, SalesHistory
from engine.dataset import Frequency
from engine.forecast import forecast
from engine.forecast.drivers import (
    DriverKind,
    Drivers,
    DriverTable,
    Holidays,
    SpecialEvent,
    Tracked,
    estimate,
    promotion,
)
from engine.forecast.series import Series
from engine.settings import Settings
from engine.workflows.forecast.forecasts import model_environment

AMERICAN = re.compile(r"-(CA|TX|WI)_\d")
"""Stores whose name tells their state."""

SAME_EVENT_DAYS = 45
"""The same code so many days away from a year later is another event: codes may be numbered anew in the test part."""

MOST_ZEROS = 0.05
"""A series sells nearly every day when at most this share of its past is zero."""

EVERY_DAY = Calendar(Frequency.DAILY)
WEEK = np.array([0.8, 0.8, 0.9, 1.0, 1.3, 1.6, 0.6])
BLIND, DRIVEN = "blind", "driven"
RIVALS = ("scum", "fixed")


@dataclass(frozen=True)
class Cut:
    """One series, cut at the day on which the forecast is made."""

    name: str
    past: Series
    ahead: tuple[date, ...]
    future: Array
    drivers: Drivers

    @property
    def table(self) -> DriverTable:
        """The drivers' numbers, past and future."""
        return self.drivers.table(EVERY_DAY, self.past.periods, self.ahead)

    @property
    def history(self) -> SalesHistory:
        """The past as an owner's file would give it."""
        frame = pl.DataFrame({"item": "", "period": self.past.periods, "value": self.past.values})
        return SalesHistory(Metric("quantity", "Units sold", "units"), "", frame, EVERY_DAY)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--origins", type=int, default=0, help="so many cuts inside the train part; 0: the test part")
    parser.add_argument("--worlds", type=int, default=100, help="simulated worlds per question")
    parser.add_argument("--no-peers", action="store_true", help="ours with and without drivers alone")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """RMSSE with and without known drivers beside the peers, and the simulated worlds."""
    os.environ.update(model_environment(Settings()))
    cuts = _cuts(options)
    rows = [_scores(cut, () if options.no_peers else RIVALS) for cut in cuts]
    means = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    best = min([means[key] for key in RIVALS if key in means], default=means[BLIND])
    figures: dict[str, object] = {f"rmsse_{key}": value for key, value in means.items()}
    figures |= {
        "ratio_to_best_peer": means[DRIVEN] / best,
        "ratio_to_blind": means[DRIVEN] / means[BLIND],
        "promotion_ratio": promotion_ratio(options.worlds // 5, options.seed),
        "null_kept": null_share(options.worlds, options.seed),
        "cuts": len(cuts),
    }
    table = aligned(["RMSSE", "mean"], [[key, number(value)] for key, value in means.items()])
    return f"{table}\n\n{_per_estimate(cuts)}", figures


def promotion_ratio(worlds: int, seed: int) -> float:
    """WAPE on promoted days, with known promotions against without, over simulated shops."""
    errors = np.zeros(2)
    for world in range(worlds):
        rng = np.random.default_rng([seed, world])
        days = [date(2024, 1, 1) + timedelta(days=k) for k in range(448)]
        starts = [*rng.choice(np.arange(20, 400, 9), 7, replace=False).tolist(), int(rng.integers(421, 440))]
        spans = [Period(days[k], days[k] + timedelta(days=6)) for k in starts]
        on = np.array([any(day in span for span in spans) for day in days])
        sold = rng.poisson(100 * WEEK[np.arange(448) % 7] * np.where(on, rng.uniform(1.4, 1.8), 1.0)).astype(float)
        drivers = Drivers(Holidays("DE"), tracked=(promotion("flyer", *spans),))
        cut = Cut("", _series(sold, days, 420), tuple(days[420:]), sold[420:], drivers)
        blind, driven = _ours(cut)
        errors += [np.abs(cut.future - said)[on[420:]].sum() for said in (blind, driven)]
    return float(errors[1] / errors[0])


def null_share(worlds: int, seed: int) -> float:
    """The share of worlds in which something is kept although nothing acts."""
    kept = 0
    for world in range(worlds):
        rng = np.random.default_rng([seed, 10_000 + world])
        days = [date(2024, 1, 1) + timedelta(days=k) for k in range(448)]
        spans = [Period(days[k], days[k] + timedelta(days=6)) for k in rng.choice(420, 6, replace=False)]
        price = Tracked("price", DriverKind.PRICE, {days[k]: rng.uniform(2, 3) for k in rng.choice(420, 5)})
        error = rng.standard_normal(448) if world % 2 else rng.standard_t(4, 448)
        sold = 100 * WEEK[np.arange(448) % 7] * np.exp(0.12 * error)
        drivers = Drivers(Holidays("DE", "BY"), tracked=(promotion("flyer", *spans), price))
        table = drivers.table(EVERY_DAY, days[:420], days[420:])
        kept += bool(estimate(_series(sold, days, 420), days[420:], table).active)
    return kept / worlds


def _cuts(options: argparse.Namespace) -> list[Cut]:
    frame = with_marks(rows_of(options.data)).with_columns(pl.col("ds").cast(pl.Date))
    names = _steady_days(frame, meta_of(options.data))[: options.sample]
    cuts = []
    for name in names:
        rows = frame.filter(unique_id=name).sort("ds")
        train = rows.filter(split="train").height
        size = rows.height - train
        starts = [train - k * size for k in range(1, options.origins + 1)] if options.origins else [train]
        days, sold = rows["ds"].to_list(), rows["y"].to_numpy().astype(np.float64)
        drivers = _known(name, rows, train)
        for start in starts:
            stop = start + size
            cuts.append(Cut(name, _series(sold, days, start), tuple(days[start:stop]), sold[start:stop], drivers))
    return cuts


def _steady_days(rows: pl.DataFrame, meta: pl.DataFrame) -> list[str]:
    """The daily series that sell nearly every day, in the order of the folder.

    Raises:
        ValueError: there is none.
    """
    past = rows.filter(split="train").group_by("unique_id").agg(zeros=(pl.col("y") == 0).mean())
    steady = past.filter(pl.col("zeros") < MOST_ZEROS)["unique_id"].implode()
    daily = meta.filter(pl.col("freq").str.starts_with("D"), pl.col("unique_id").is_in(steady))
    named = daily.filter(pl.col("source").str.contains("store x dept")) if "source" in daily.columns else daily
    names = (daily if named.is_empty() else named)["unique_id"].to_list()
    if not names:
        raise ValueError("no daily series sells nearly every day")
    return names


def _known(name: str, rows: pl.DataFrame, train: int) -> Drivers:
    """Public holidays of the store's state, events that keep their code, and days on which benefits are paid."""
    state = AMERICAN.search(name)
    benefits = Tracked("benefits", DriverKind.OTHER, dict(zip(rows["ds"], rows["snap"].cast(pl.Float64), strict=True)))
    by_code: dict[str, list[date]] = {}
    for place, (day, code) in enumerate(zip(rows["ds"], rows["event"], strict=True)):
        if code != "0" and (place < train or any(_a_year_apart(day, seen) for seen in by_code.get(code, []))):
            by_code.setdefault(code, []).append(day)
    events = (SpecialEvent(f"event {code}", tuple(Period(day, day) for day in days)) for code, days in by_code.items())
    return Drivers(Holidays("US", state[1]) if state else None, tuple(events), (benefits,))


def _a_year_apart(day: date, seen: date) -> bool:
    return abs((day - seen).days - 365) <= SAME_EVENT_DAYS


def _scores(cut: Cut, rivals: Sequence[str]) -> dict[str, float]:
    scale = float(np.sqrt(np.mean(np.diff(cut.past.values) ** 2)))
    said = dict(zip((BLIND, DRIVEN), _ours(cut), strict=True))
    past = Past(cut.past.values, cut.past.periods, cut.ahead, "D", 7)
    members = {key for rival in rivals for key in _members(rival)}
    fitted = {key: _peer(key).fit(past, np.random.default_rng(1)) for key in sorted(members)}
    for rival in rivals:
        combination = PEERS[rival]
        assert isinstance(combination, Combination)
        said[rival] = combined(combination, [fitted[key] for key in combination.members]).mean
    return {key: float(np.sqrt(np.mean((cut.future - values) ** 2))) / scale for key, values in said.items()}


def _members(rival: str) -> tuple[str, ...]:
    combination = PEERS[rival]
    assert isinstance(combination, Combination)
    return combination.members


def _peer(key: str) -> Peer:
    peer = PEERS[key]
    assert isinstance(peer, Peer)
    return peer


def _ours(cut: Cut) -> tuple[Array, Array]:
    """The quick forecast without and with the drivers."""
    blind = forecast(cut.history, horizon=len(cut.ahead))
    driven = forecast(cut.history, horizon=len(cut.ahead), drivers=cut.drivers)
    return blind.point, driven.point


def _series(sold: Array, days: Sequence[date], length: int) -> Series:
    return Series(sold[:length], tuple(days[:length]), Frequency.DAILY, 7)


def _per_estimate(cuts: Sequence[Cut]) -> str:
    started = time.process_time()
    kept = [len(estimate(cut.past, cut.ahead, cut.table).active) for cut in cuts]
    seconds = (time.process_time() - started) / len(cuts)
    return f"{np.mean(kept):.1f} effects kept of {len(cuts[0].table.drivers)}; {seconds:.3f} CPU seconds per estimate"
