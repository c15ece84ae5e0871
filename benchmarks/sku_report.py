"""The tables and the JSON figures of the item area."""

from collections.abc import Mapping

import polars as pl

from benchmarks.table import aligned, number

OURS, GLOBAL = "dyocense", "global-trees"
NAMES = {OURS: "Dyocense", GLOBAL: "Global XGBoost, Tweedie and quantiles"}
COLUMNS = ("method", "SPL", "RMSSE", "cov95", "cov67", "negative", "crossing", "bias", "failed")
NAN = float("nan")


def report(scores: pl.DataFrame, sums: pl.DataFrame, labels: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    """A table per group, best quantiles first, and the figures: ours beside the best peer of each measure."""
    names = {**labels, **NAMES}
    parts, by_group = [], dict[str, object]()
    for group in scores["group"].unique(maintain_order=True):
        of_group = scores.filter(group=group)
        summary = _summary(of_group)
        series = of_group["series"].n_unique()
        held = _sums(sums.filter(group=group))
        parts.append(f"{group}, {series} series\n" + _table(summary, names) + "\n" + _said_of(held))
        by_group[group] = {"series": series, **_figures(summary), **held, "models": _models(summary)}
    return "\n\n".join(parts), {"by_group": by_group}


def _summary(scores: pl.DataFrame) -> pl.DataFrame:
    return (
        scores.group_by("method", maintain_order=True)
        .agg(
            pl.col("spl", "rmsse", "coverage95", "coverage67", "negative", "crossing").mean(),
            bias=pl.col("said").sum() / pl.col("came").sum() - 1,
            failed=pl.col("failed").sum(),
        )
        .sort("spl")
    )


def _figures(summary: pl.DataFrame) -> dict[str, object]:
    ours, peers = summary.filter(method=OURS), summary.filter(pl.col("method") != OURS)
    figures: dict[str, object] = {}
    for measure in ("spl", "rmsse"):
        mine = ours[measure].item()
        best = peers.sort(measure).head(1)
        figures[measure] = mine
        figures[f"{measure}_best_peer"] = best[measure].item() if len(best) else NAN
        figures[f"{measure}_best_peer_name"] = best["method"].item() if len(best) else ""
        figures[f"{measure}_ratio"] = mine / best[measure].item() if len(best) else NAN
    for measure in ("coverage95", "coverage67", "negative", "crossing", "bias"):
        figures[measure] = ours[measure].item()
    return figures


def _models(summary: pl.DataFrame) -> dict[str, dict[str, float]]:
    rows = summary.select("method", "spl", "rmsse", "coverage95", "negative", "bias").iter_rows(named=True)
    return {str(row.pop("method")): row for row in rows}


def _sums(sums: pl.DataFrame) -> dict[str, float]:
    """Coverage of our sums: `sum_whole_held95`, `sum_quarter_rank80`, ..."""
    means = sums.group_by("part", maintain_order=True).agg(pl.col("held95", "held80", "rank95", "rank80").mean())
    return {
        f"sum_{row['part']}_{name}": float(row[name])
        for row in means.iter_rows(named=True)
        for name in ("held95", "held80", "rank95", "rank80")
    }


def _said_of(held: Mapping[str, float]) -> str:
    rows = [
        [part, *(number(held[f"sum_{part}_{name}"]) for name in ("held95", "held80", "rank95", "rank80"))]
        for part in ("quarter", "half", "whole")
    ]
    return aligned(("Dyocense, sums over the horizon", "held95", "held80", "rank95", "rank80"), rows)


def _table(summary: pl.DataFrame, names: Mapping[str, str]) -> str:
    rows = [
        [
            names[row["method"]],
            number(row["spl"], 4),
            *(number(row[name]) for name in ("rmsse", "coverage95", "coverage67", "negative", "crossing", "bias")),
            str(row["failed"]),
        ]
        for row in summary.iter_rows(named=True)
    ]
    return aligned(COLUMNS, rows)
