"""Polluted text files of the Pollock benchmark: how much of each table is loaded with nothing given, beside peers."""

import argparse
import csv
import re
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path

from benchmarks.extras import NOT_INSTALLED
from benchmarks.table import aligned
from benchmarks.table_readers import TableReader, peers_at_hand, read_own
from benchmarks.table_scores import LoadingScore, Rows, average, loading_score, measure_names

OWN = "Dyocense"
BEST = 10.0
_MOST_NAMED = 15


def add_options(parser: argparse.ArgumentParser) -> None:
    """This area has no options of its own."""


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Load every file of the folder `csv` and compare it with its namesake in `clean`."""
    files = sample(sorted((options.data / "csv").iterdir()), options.sample)
    truths = {file.name: read_clean(options.data / "clean" / file.name) for file in files}
    peers = peers_at_hand()
    readers: dict[str, TableReader] = {OWN: read_own} | {name: reader for name, reader in peers.items() if reader}
    scores = {
        reader: {file.name: loading_score(truths[file.name], read(file)) for file in files}
        for reader, read in readers.items()
    }
    worst = sorted(scores[OWN], key=lambda name: scores[OWN][name].total)
    worst = [name for name in worst if scores[OWN][name].total < BEST - 1e-9]
    absent = [f"{name}  {NOT_INSTALLED}" for name, reader in peers.items() if not reader]
    named = [f"{name}  {scores[OWN][name].total:.3f}" for name in worst[:_MOST_NAMED]] or ["every file in full"]
    parts = [_measures(scores), _kinds(scores), "\n".join(named), *absent]
    figures: dict[str, object] = {
        "score": _total(scores[OWN]),
        "peers": {name: _total(scores[name]) if reader else {"installed": False} for name, reader in peers.items()},
        "files": len(files),
        "kinds": _by_kind(scores[OWN]),
        "worst": [{"file": name, "score": scores[OWN][name].total} for name in worst[:_MOST_NAMED]],
    }
    return "\n\n".join(parts), figures


def read_clean(path: Path) -> Rows:
    """What a polluted file holds: commas, double quotation marks."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def sample(files: list[Path], size: int | None) -> list[Path]:
    """So many files at even distances, so that every kind of pollution is in; all where no size is given."""
    if not size or size >= len(files):
        return files
    return [files[index * len(files) // size] for index in range(size)]


def kind_of(name: str) -> str:
    """The kind of pollution, which the file's name starts with.

    >>> kind_of("row_less_sep_row12_col4.csv")
    'row_less_sep_row'
    """
    match = re.match(r"[a-z_]*[a-z]", name.removesuffix(".csv"))
    return match[0] if match else name


def _total(scores: Mapping[str, LoadingScore]) -> float:
    return average(list(scores.values())).total


def _by_kind(scores: Mapping[str, LoadingScore]) -> dict[str, float]:
    kinds: dict[str, list[LoadingScore]] = {}
    for name, score in scores.items():
        kinds.setdefault(kind_of(name), []).append(score)
    return {kind: average(group).total for kind, group in kinds.items()}


def _measures(scores: Mapping[str, Mapping[str, LoadingScore]]) -> str:
    rows = []
    for reader, by_file in scores.items():
        mean = average(list(by_file.values()))
        rows.append([reader, *(f"{value:.3f}" for value in astuple(mean)), f"{mean.total:.3f}"])
    return aligned(["reader", *measure_names(), "score"], rows)


def _kinds(scores: Mapping[str, Mapping[str, LoadingScore]]) -> str:
    totals = {reader: _by_kind(by_file) for reader, by_file in scores.items()}
    files: dict[str, int] = {}
    for name in scores[OWN]:
        files[kind_of(name)] = files.get(kind_of(name), 0) + 1
    rows = [[kind, str(count), *(f"{totals[reader][kind]:.3f}" for reader in scores)] for kind, count in files.items()]
    return aligned(["pollution", "files", *scores], rows)
