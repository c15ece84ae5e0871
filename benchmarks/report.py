"""The tables and the JSON figures of the forecast area."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property

from benchmarks.ours import ENSEMBLE, QUICK
from benchmarks.peers import FIXED, MEDIAN, PMDARIMA
from benchmarks.scores import Ratio, Scoreboard, Summary
from benchmarks.table import aligned, number

NAN = float("nan")
GROUP_MEASURES = ("owa", "coverage80", "coverage95", "msis")
COLUMNS = (
    *("method", "sMAPE", "MASE", "OWA", "cov80", "cov95", "sums95", "MSIS", "CPU s", "worst", ">2x", "failed"),
    "OWA / SCUM",
)


@dataclass(frozen=True)
class Report:
    """What one run found.

    Attributes:
        board: all scores.
        labels: the methods that ran, with the names for the tables.
        seed: of the bootstrap.
    """

    board: Scoreboard
    labels: Mapping[str, str]
    seed: int

    def text(self) -> str:
        """The tables, best OWA first."""
        order = sorted(self.labels, key=lambda key: self._all[key].owa)
        parts = [
            f"{self.board.series} series. OWA against Naive2; worst and >2x: the series' MASE over Naive2's.",
            aligned(COLUMNS, [self._row(key) for key in order]),
            *(
                self._table_by_group(title, measure, order)
                for title, measure in (("OWA", "owa"), ("cov95", "coverage95"))
            ),
            *self._failures(),
        ]
        if self.board.left_out:
            parts.append(f"Left out, because a constant history has no scale: {', '.join(self.board.left_out)}.")
        return "\n\n".join(parts)

    def figures(self) -> dict[str, object]:
        """Everything measured; NaN where something did not run or is not defined."""
        return {
            **_headline(self._all.get(ENSEMBLE), self._all.get(MEDIAN)),
            **self._against_median(ENSEMBLE),
            **_extras(self._all),
            "series": self.board.series,
            "left_out": list(self.board.left_out),
            "by_group": {
                name: {"series": self.board.group(name).series, **_headline(of.get(ENSEMBLE), of.get(MEDIAN))}
                for name, of in self._by_group.items()
            },
            "models": {label: self._model(key) for key, label in self.labels.items()},
        }

    @cached_property
    def _all(self) -> dict[str, Summary]:
        return {key: self.board.summary(key) for key in self.labels}

    @cached_property
    def _by_group(self) -> dict[str, dict[str, Summary]]:
        boards = {name: self.board.group(name) for name in self.board.groups}
        return {name: {key: board.summary(key) for key in self.labels} for name, board in boards.items()}

    @cached_property
    def _ratios(self) -> dict[str, Ratio]:
        """Per method, its OWA over SCUM's; empty without SCUM."""
        others = [key for key in self.labels if key != MEDIAN] if MEDIAN in self.labels else []
        return {key: self.board.ratio(key, MEDIAN, self.seed) for key in others}

    def _against_median(self, key: str) -> dict[str, object]:
        ratio = self._ratios.get(key, Ratio(NAN, NAN, NAN))
        return {"owa_ratio": ratio.value, "owa_ratio_interval": [ratio.low, ratio.high]}

    def _model(self, key: str) -> dict[str, object]:
        groups = {name: {m: getattr(of[key], m) for m in GROUP_MEASURES} for name, of in self._by_group.items()}
        return {**asdict(self._all[key]), **self._against_median(key), "by_group": groups}

    def _row(self, key: str) -> list[str]:
        found, ratio = self._all[key], self._ratios.get(key)
        measures = (found.smape, found.mase, found.owa, found.coverage80, found.coverage95, found.coverage95_sums)
        return [
            self.labels[key],
            *map(number, measures),
            number(found.msis, 2),
            number(found.seconds_per_series),
            number(found.worst, 2),
            number(found.share_lost),
            str(found.failures),
            f"{number(ratio.value)} [{number(ratio.low, 2)}, {number(ratio.high, 2)}]" if ratio else "-",
        ]

    def _table_by_group(self, title: str, measure: str, order: list[str]) -> str:
        rows = [
            [self.labels[key], *(number(getattr(of[key], measure)) for of in self._by_group.values())] for key in order
        ]
        return aligned((f"{title} by group", *self._by_group), rows)

    def _failures(self) -> list[str]:
        return [
            f"{self.labels[key]} failed on {series}, Naive2 stood in: {failure}"
            for series, key, failure in self.board.failures()
        ]


def _headline(mine: Summary | None, peer: Summary | None) -> dict[str, float]:
    """Ours, beside the median of the peers; NaN for a method that did not run."""
    return {
        "owa": mine.owa if mine else NAN,
        "owa_peer_median": peer.owa if peer else NAN,
        "coverage95": mine.coverage95 if mine else NAN,
        "coverage80": mine.coverage80 if mine else NAN,
        "msis": mine.msis if mine else NAN,
        "msis_peer_median": peer.msis if peer else NAN,
        "seconds_per_series": mine.seconds_per_series if mine else NAN,
    }


def _extras(of: Mapping[str, Summary]) -> dict[str, float]:
    """What else is promised: sums, the worst series, the quick panel, and the cost beside pmdarima's."""
    mine, quick = of.get(ENSEMBLE), of.get(QUICK)
    seconds = of[PMDARIMA].seconds_per_series if PMDARIMA in of else NAN
    fixed = of[FIXED].owa if FIXED in of else NAN
    return {
        "coverage95_total": mine.coverage95_total if mine else NAN,
        "coverage95_sums": mine.coverage95_sums if mine else NAN,
        "worst_mase_ratio": mine.worst if mine else NAN,
        "share_lost": mine.share_lost if mine else NAN,
        "owa_fixed_weights": fixed,
        "seconds_share_of_pmdarima": mine.seconds_per_series / seconds if mine else NAN,
        "quick_owa": quick.owa if quick else NAN,
        "quick_coverage95": quick.coverage95 if quick else NAN,
        "quick_coverage80": quick.coverage80 if quick else NAN,
        "quick_msis": quick.msis if quick else NAN,
        "quick_coverage95_total": quick.coverage95_total if quick else NAN,
        "quick_seconds_per_series": quick.seconds_per_series if quick else NAN,
        "quick_seconds_share_of_pmdarima": quick.seconds_per_series / seconds if quick else NAN,
    }
