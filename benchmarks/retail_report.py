"""The tables and the JSON figures of the retail area."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from benchmarks.ours import ENSEMBLE, QUICK
from benchmarks.scores import RESAMPLES, Ratio, Score
from benchmarks.series import Case
from benchmarks.table import aligned, number

NAN = float("nan")
PERIODS = {"D": "days", "W": "weeks", "M": "months", "Q": "quarters", "Y": "years"}
"""By the first letter of pandas' word."""

BANDS = ("coverage80", "coverage95", "total80", "total95")
ORIGIN = "@"
"""Before the number of the origin in the id of a case."""

WHAT_IT_IS = (
    "Error: the mean absolute error of a case over the mean absolute seasonal difference of its own history (MASE),\n"
    "the mean over cases, so that each case counts once. Ratios: the mean over that of the peer that is best over all\n"
    "cases; intervals hold 95 % of {draws} draws of series with all their origins. Bands hold shares of periods, and\n"
    "of totals over the horizon; SIS is the interval score of the 95 % band in the same scale. Days on which a shop\n"
    "was closed count nowhere."
)


@dataclass(frozen=True)
class Board:
    """All scores of a run.

    Attributes:
        frame: one row per case and method: the columns of `Score`, `source`, `period` ("days") and `shop`, the series
            without its origin; cases without a scale are not in it.
        left_out: the cases without a scale (a constant history).
    """

    frame: pl.DataFrame
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, cases: Sequence[Case], scores: Sequence[Score]) -> "Board":
        """Gather the scores of all methods on all cases.

        Raises:
            ValueError: no case has a scale.
        """
        kinds = pl.DataFrame(
            {
                "series": [case.name for case in cases],
                "source": [case.source for case in cases],
                "period": [PERIODS.get(case.past.freq[0].upper(), case.past.freq) for case in cases],
                "shop": [case.name.split(ORIGIN)[0] for case in cases],
            }
        )
        frame = pl.DataFrame([asdict(score) for score in scores]).join(kinds, on="series", how="left")
        without = frame.filter(pl.col("mase").is_nan())["series"].unique(maintain_order=True).to_list()
        if len(without) == len(cases):
            raise ValueError("every history is constant, so nothing can be scored")
        return cls(frame.filter(~pl.col("series").is_in(without)), tuple(without))

    def part(self, column: str, value: str) -> "Board":
        """The cases of one source, or of one length of period."""
        return replace(self, frame=self.frame.filter(pl.col(column) == value))

    def values(self, column: str) -> list[str]:
        """The sources, or the lengths of periods, in the order of the data."""
        return self.frame[column].unique(maintain_order=True).to_list()

    @property
    def cases(self) -> int:
        """How many were scored."""
        return self.frame["series"].n_unique()

    def mean(self, method: str, column: str) -> float:
        """A measure of one method, the mean over cases; NaN where the method has none."""
        values = self.frame.filter(method=method)[column].to_numpy()
        return float(values.mean()) if len(values) else NAN

    def best(self, methods: Sequence[str], column: str = "mase") -> str:
        """The method with the smallest mean; "" without any."""
        return min(methods, key=lambda method: self.mean(method, column), default="")

    def ratio(self, method: str, peer: str, column: str = "mase") -> float:
        """The mean of one method over that of another; NaN where either did not run."""
        theirs = self.mean(peer, column)
        return self.mean(method, column) / theirs if theirs else NAN

    def interval(self, method: str, peer: str, seed: int, column: str = "mase") -> Ratio:
        """`ratio` with its 95 % interval: series are drawn again, each with all its origins."""
        sums = [
            self.frame.filter(method=each).group_by("shop").agg(pl.col(column).sum()).sort("shop")[column].to_numpy()
            for each in (method, peer)
        ]
        if not all(map(len, sums)):
            return Ratio(NAN, NAN, NAN)
        shops = len(sums[0])
        draws = np.random.default_rng(seed).integers(shops, size=(RESAMPLES, shops))
        ours, theirs = (each[draws].sum(axis=1) for each in sums)
        low, high = np.quantile(ours[theirs > 0] / theirs[theirs > 0], (0.025, 0.975)) if np.any(theirs) else (NAN, NAN)
        return Ratio(self.ratio(method, peer, column), float(low), float(high))

    def failures(self) -> list[tuple[str, str, str]]:
        """Case, method and reason of each failure."""
        return self.frame.filter(pl.col("failure") != "").select("series", "method", "failure").rows()


@dataclass(frozen=True)
class Report:
    """What one run found.

    Attributes:
        board: all scores.
        mine, peers: the methods that ran, by key, with the names for the tables.
        seed: of the bootstrap.
    """

    board: Board
    mine: Mapping[str, str]
    peers: Mapping[str, str]
    seed: int

    def text(self) -> str:
        """The tables: all methods, then our error and bands by source and by length of period."""
        parts = [
            f"{self.board.cases} cases of {self.board.frame['shop'].n_unique()} series.",
            WHAT_IT_IS.format(draws=RESAMPLES),
            self._methods(),
        ]
        for column in ("period", "source") if self.mine else ():
            parts += [self._errors_by(column), self._bands_by(column)]
        parts += [
            f"{self._labels[method]} failed on {case}, Naive2 stood in: {failure}"
            for case, method, failure in self.board.failures()
        ]
        if self.board.left_out:
            parts.append(f"Left out, because a constant history has no scale: {', '.join(self.board.left_out)}.")
        return "\n\n".join(parts)

    def figures(self) -> dict[str, object]:
        """Everything measured; NaN where something did not run or is not defined."""
        full, quick = (self.board.interval(key, self._best, self.seed) for key in (ENSEMBLE, QUICK))
        return {
            "wape_ratio_best_peer": full.value,
            "wape_ratio_interval": [full.low, full.high],
            "quick_ratio_best_peer": quick.value,
            "quick_ratio_interval": [quick.low, quick.high],
            **{name: self.board.mean(ENSEMBLE, name) for name in BANDS},
            "sis_ratio": self.board.ratio(ENSEMBLE, self._sharpest, "msis"),
            "sis80_ratio": self.board.ratio(ENSEMBLE, self.board.best(list(self.peers), "msis80"), "msis80"),
            **{f"quick_{name}": self.board.mean(QUICK, name) for name in BANDS},
            "quick_sis_ratio": self.board.ratio(QUICK, self._sharpest, "msis"),
            "best_peer": self.peers.get(self._best),
            "best_peer_sis": self.peers.get(self._sharpest),
            "cases": self.board.cases,
            "left_out": list(self.board.left_out),
            "by_group": {
                column: {value: self._group(self.board.part(column, value)) for value in self.board.values(column)}
                for column in ("period", "source")
            },
            "methods": {label: self._method(key) for key, label in self._labels.items()},
        }

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {**self.mine, **self.peers}

    @cached_property
    def _best(self) -> str:
        """The peer with the smallest error over all cases."""
        return self.board.best(list(self.peers))

    @cached_property
    def _sharpest(self) -> str:
        """The peer with the smallest interval score over all cases."""
        return self.board.best(list(self.peers), "msis")

    def _method(self, key: str) -> dict[str, float]:
        failed = sum(method == key for _, method, _ in self.board.failures())
        names = ("mase", *BANDS, "msis", "msis80", "seconds")
        return {**{name: self.board.mean(key, name) for name in names}, "failures": failed}

    def _group(self, part: Board) -> dict[str, object]:
        """Ours in one part of the cases, against the peer that is best over all and the one that is best there."""
        there = part.best(list(self.peers))
        return {
            "cases": part.cases,
            "wape_ratio_best_peer": part.ratio(ENSEMBLE, self._best),
            "quick_ratio_best_peer": part.ratio(QUICK, self._best),
            "best_here": self.peers.get(there),
            "wape_ratio_best_here": part.ratio(ENSEMBLE, there),
            "sis_ratio": part.ratio(ENSEMBLE, self._sharpest, "msis"),
            **{name: part.mean(ENSEMBLE, name) for name in BANDS},
            **{f"quick_{name}": part.mean(QUICK, name) for name in BANDS},
        }

    def _methods(self) -> str:
        headers = ("method", "error", "ratio [95 %]", "cov80", "cov95", "total80", "total95", "SIS", "CPU s", "failed")
        rows = []
        for key in sorted(self._labels, key=lambda key: self.board.mean(key, "mase")):
            found, ratio = self._method(key), self.board.interval(key, self._best, self.seed)
            shown = f"{number(ratio.value)} [{number(ratio.low, 2)}, {number(ratio.high, 2)}]"
            bands = [number(found[name]) for name in BANDS]
            row = (number(found["mase"]), shown, *bands, number(found["msis"], 2), number(found["seconds"], 2))
            rows.append([self._labels[key], *row, str(found["failures"])])
        return aligned(headers, rows)

    def _errors_by(self, column: str) -> str:
        headers = (f"error by {column}", "cases", "full", "quick", "best peer", "full / best here", "best here")
        rows = []
        for value in self.board.values(column):
            part = self.board.part(column, value)
            there = part.best(list(self.peers))
            ratios = (part.ratio(ENSEMBLE, self._best), part.ratio(QUICK, self._best))
            error, here = part.mean(self._best, "mase"), part.ratio(ENSEMBLE, there)
            row = (*map(number, ratios), number(error), number(here), self.peers.get(there, "-"))
            rows.append([value, str(part.cases), *row])
        return aligned(headers, rows) + "\n(full and quick: over the peer that is best over all, whose error follows)"

    def _bands_by(self, column: str) -> str:
        names = ("cov80", "cov95", "total80", "total95")
        headers = (f"bands by {column}", "cases", *names, *(f"quick {name}" for name in names), "SIS ratio")
        rows = []
        for value in self.board.values(column):
            part = self.board.part(column, value)
            held = [number(part.mean(key, name), 2) for key in (ENSEMBLE, QUICK) for name in BANDS]
            rows.append([value, str(part.cases), *held, number(part.ratio(ENSEMBLE, self._sharpest, "msis"))])
        return aligned(headers, rows)
