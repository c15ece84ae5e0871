"""From the scores of each method on each series to one line per method."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.peers import Bands
from benchmarks.series import Array, Case
from engine.forecast import accuracy

RESAMPLES = 500
CATASTROPHE = 2.0
"""A series counts as lost when a method's MASE is so many times Naive2's."""


@dataclass(frozen=True)
class Score:
    """One method on one series; NaN where a measure is not defined."""

    series: str
    group: str
    method: str
    smape: float
    mase: float
    msis: float
    coverage80: float
    coverage95: float
    sums95: float
    total95: float
    seconds: float
    failure: str
    msis80: float = float("nan")
    total80: float = float("nan")


@dataclass(frozen=True)
class Summary:
    """One method over many series.

    Attributes:
        smape, mase, msis: means over series.
        owa: against the base method.
        coverage80, coverage95: share of periods within the band, 0..1.
        coverage95_sums: share of the sums up to each period within their bounds; NaN for a method that has none.
        coverage95_total: the same for the sum over the whole horizon.
        seconds_per_series: mean CPU seconds, all threads and child processes.
        worst: the largest of the series' MASE ratios to the base method.
        share_lost: the share of series with such a ratio above 2.
        failures: series on which the method failed and the base method stood in.
    """

    series: int
    smape: float
    mase: float
    owa: float
    coverage80: float
    coverage95: float
    coverage95_sums: float
    coverage95_total: float
    msis: float
    seconds_per_series: float
    worst: float
    share_lost: float
    failures: int


@dataclass(frozen=True)
class Ratio:
    """A ratio of two methods' OWA, with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def score(case: Case, method: str, bands: Bands, seconds: float, failure: str = "") -> Score:
    """Measure one forecast against what then happened."""
    y, train = case.future, case.past.y
    sums80, sums = _sums_held(y, bands.lo80_sum, bands.hi80_sum), _sums_held(y, bands.lo95_sum, bands.hi95_sum)
    return Score(
        series=case.name,
        group=case.group,
        method=method,
        smape=accuracy.smape(y, bands.mean),
        mase=accuracy.mase(y, bands.mean, train, case.m),
        msis=accuracy.msis(y, bands.lo95, bands.hi95, train, case.m),
        coverage80=accuracy.coverage(y, bands.lo80, bands.hi80),
        coverage95=accuracy.coverage(y, bands.lo95, bands.hi95),
        sums95=float(sums.mean()),
        total95=float(sums[-1]),
        seconds=seconds,
        failure=failure,
        msis80=accuracy.msis(y, bands.lo80, bands.hi80, train, case.m, alpha=0.2),
        total80=float(sums80[-1]),
    )


@dataclass(frozen=True)
class Scoreboard:
    """All scores of a run.

    Attributes:
        frame: one row per series and method, the columns of `Score`; series without a scale are not in it.
        base: the method that has OWA 1.
        left_out: the series without a scale (a constant history).
    """

    frame: pl.DataFrame
    base: str
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, scores: Sequence[Score], base: str) -> "Scoreboard":
        """Gather the scores; every method must have one for every series.

        Raises:
            ValueError: no series has a scale.
        """
        frame = pl.DataFrame([asdict(score) for score in scores])
        without = frame.filter(pl.col("mase").is_nan(), method=base)["series"].to_list()
        if len(without) == frame["series"].n_unique():
            raise ValueError("every history is constant, so nothing can be scored")
        return cls(frame.filter(~pl.col("series").is_in(without)), base, tuple(without))

    def group(self, name: str) -> "Scoreboard":
        """The scores of one group only."""
        return Scoreboard(self.frame.filter(group=name), self.base, self.left_out)

    @property
    def groups(self) -> list[str]:
        """The groups, in the order of the data."""
        return self.frame["group"].unique(maintain_order=True).to_list()

    @property
    def series(self) -> int:
        """How many series were scored."""
        return self.frame["series"].n_unique()

    def summary(self, method: str) -> Summary:
        """One method over all series of this board."""
        rows, ratios = self.frame.filter(method=method), self._mase_ratios(method)
        return Summary(
            series=len(rows),
            smape=_mean(rows["smape"]),
            mase=_mean(rows["mase"]),
            owa=accuracy.owa(self._points(method), self._points(self.base)),
            coverage80=_mean(rows["coverage80"]),
            coverage95=_mean(rows["coverage95"]),
            coverage95_sums=_mean(rows["sums95"]),
            coverage95_total=_mean(rows["total95"]),
            msis=_mean(rows["msis"]),
            seconds_per_series=_mean(rows["seconds"]),
            worst=float(ratios.max(initial=0.0)),
            share_lost=float(np.sum(ratios > CATASTROPHE)) / max(1, len(ratios)),
            failures=rows.filter(pl.col("failure") != "").height,
        )

    def failures(self) -> list[tuple[str, str, str]]:
        """Each failure: the series, the method and the reason."""
        return self.frame.filter(pl.col("failure") != "").select("series", "method", "failure").rows()

    def ratio(self, method: str, peer: str, seed: int) -> Ratio:
        """OWA(method) / OWA(peer), with its interval: series are drawn again, and both OWAs made anew."""
        ours, theirs, base = (self._points(name) for name in (method, peer, self.base))
        draws = np.random.default_rng(seed).integers(self.series, size=(RESAMPLES, self.series))
        ratios = [_owa_ratio(*(_take(points, drawn) for points in (ours, theirs, base))) for drawn in draws]
        low, high = np.quantile(ratios, (0.025, 0.975))
        return Ratio(_owa_ratio(ours, theirs, base), float(low), float(high))

    def _points(self, method: str) -> accuracy.Scores:
        rows = self.frame.filter(method=method).sort("series")
        return accuracy.Scores(rows["smape"].to_numpy(), rows["mase"].to_numpy())

    def _mase_ratios(self, method: str) -> Array:
        """Per series; one that the base method hit exactly has no ratio."""
        ours, base = self._points(method).mase, self._points(self.base).mase
        return ours[base > 0] / base[base > 0]


def _sums_held(y: Array, lower: Array | None, upper: Array | None) -> Array:
    """Per period, 1 where the sum up to it lies within its bounds; NaN for a method without such bounds."""
    if lower is None or upper is None:
        return np.full(len(y), np.nan)
    sums = np.cumsum(y)
    return ((lower <= sums) & (sums <= upper)).astype(np.float64)


def _owa_ratio(ours: accuracy.Scores, theirs: accuracy.Scores, base: accuracy.Scores) -> float:
    peer = accuracy.owa(theirs, base)
    return accuracy.owa(ours, base) / peer if peer else float("nan")


def _mean(column: pl.Series) -> float:
    return float(np.mean(column.to_numpy()))


def _take(scores: accuracy.Scores, drawn: NDArray[np.int64]) -> accuracy.Scores:
    return accuracy.Scores(scores.smape[drawn], scores.mase[drawn])
