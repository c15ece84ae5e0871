"""Owners' real spreadsheets with known answers: what was found, beside general-purpose readers."""

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import mutations, reading_speed
from benchmarks.escapes import escapes
from benchmarks.extras import NOT_INSTALLED
from benchmarks.readers import MISSING, READERS
from benchmarks.table import aligned
from engine.dataset import Dataset, Table
from engine.errors import DataProblem
from engine.ingest import read_dataset
from engine.ingest.verdict import FileVerdict, Readiness, verdict

TOLERANCE = 1e-6
"""Relative difference up to which two sums are equal."""

_MARKS = {True: "yes", False: "NO"}


@dataclass(frozen=True)
class Reading:
    """What was found in one file, in the words of the manifest.

    `traceback` holds what escaped as no `DataProblem`, and should always be empty.
    """

    id: str
    status: str
    sheet: str = ""
    header_row: int | None = None
    n_data_rows: int | None = None
    date_column: str = ""
    date_min: str = ""
    date_max: str = ""
    date_n: int | None = None
    value_column: str = ""
    value_sum: float | None = None
    value_n: int | None = None
    reason: str = ""
    warnings: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    seconds: float = 0.0
    traceback: str = ""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area."""
    parser.add_argument("--mutations", type=int, default=0, help="also read so many damaged or rewritten copies")
    parser.add_argument("--speed", action="store_true", help="also time a large workbook and a large text file")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Read every file of the folder's manifest; the readable report and the figures."""
    cases = json.loads((options.data / "manifest.json").read_text())
    cases = cases[: options.sample] if options.sample else cases
    readings = [look(options.data / case["file"], case["id"]) for case in cases]
    wrongs = [differences(one, case["expect"]) for one, case in zip(readings, cases, strict=True)]
    silent = [is_silent(one, case["expect"], wrong) for one, case, wrong in zip(readings, cases, wrongs, strict=True)]
    peers = {name: [reader(options.data / case["file"], case["expect"]) for case in cases] for name, reader in READERS}
    parts = [_report(readings, cases, wrongs, peers), _peer_lines(peers)]
    figures: dict[str, object] = {
        "files": [
            asdict(one) | {"right": not wrong, "wrong": wrong} for one, wrong in zip(readings, wrongs, strict=True)
        ],
        "right": sum(not wrong for wrong in wrongs),
        "total": len(readings),
        "silently_wrong": sum(silent),
        "tracebacks": sum(bool(one.traceback) for one in readings),
        "peers": {name: _peer_score(marks) for name, marks in peers.items()},
    }
    if options.mutations:
        files = [options.data / case["file"] for case in cases]
        outcome = mutations.read_mutants(files, options.mutations, seed=options.seed)
        parts.append(outcome.text())
        figures["mutations"] = outcome.figures()
    if options.speed:
        timings = reading_speed.measure()
        parts.append(reading_speed.text(timings))
        figures["speed"] = reading_speed.figures(timings)
    parts.append(_last_line(figures))
    return "\n\n".join(parts), figures


def look(path: Path, name: str) -> Reading:
    """Read one file and say what was found."""
    start = time.perf_counter()
    try:
        with escapes(DataProblem) as escape:
            dataset = read_dataset(path.read_bytes(), path.name)
            seconds = time.perf_counter() - start
            return _reading(name, dataset, verdict(dataset), seconds)
    except DataProblem as problem:
        return Reading(name, Readiness.REFUSE.value, reason=str(problem), seconds=time.perf_counter() - start)
    return Reading(name, "traceback", reason=escape.last_line, traceback=escape.trace)


def differences(reading: Reading, expect: dict[str, Any]) -> list[str]:
    """What is not as the manifest says; empty when all is right."""
    truth = expect["status"]
    if reading.traceback:
        return ["traceback"]
    if truth == "refuse_or_ok":
        return []
    if truth.startswith("refuse"):
        return [] if reading.status == Readiness.REFUSE and reading.reason else [f"{reading.status}, not a refusal"]
    if truth == "ask_or_refuse":
        return (
            []
            if reading.status in (Readiness.ASK, Readiness.REFUSE)
            else [f"{reading.status}, neither question nor refusal"]
        )
    status = [] if reading.status == truth else [f"status {reading.status}, not {truth}"]
    return status + [line for line in (_differs(reading, expect, key) for key in _COMPARED) if line]


def is_silent(reading: Reading, expect: dict[str, Any], wrong: list[str]) -> bool:
    """True when the file was taken as good although a figure is wrong, or although it should have been doubted."""
    if not wrong or not reading.status.startswith("ok"):
        return False
    if not expect["status"].startswith("ok"):
        return True
    return any(not line.startswith("status") for line in wrong)


_COMPARED = (
    "sheet",
    "header_row",
    "header_rows",
    "n_data_rows",
    "date_column",
    "date_min",
    "date_max",
    "date_n",
    "value_column",
    "value_sum",
    "value_n",
)


def _differs(reading: Reading, expect: dict[str, Any], key: str) -> str:
    if key not in expect:
        return ""
    truth = expect[key]
    if key == "header_rows":
        return "" if reading.header_row in truth else f"header row {reading.header_row}, not one of {truth}"
    have = getattr(reading, key)
    if key == "value_sum":
        same = have is not None and abs(have - truth) <= TOLERANCE * max(1.0, abs(truth))
    else:
        same = have == truth
    return "" if same else f"{key} {have}, not {truth}"


def _reading(name: str, dataset: Dataset, judgement: FileVerdict, seconds: float) -> Reading:
    table = dataset.table(judgement.table)
    return Reading(
        id=name,
        status=judgement.status.value,
        sheet=judgement.table,
        header_row=table.header_row or None,
        n_data_rows=table.frame.height,
        reason=judgement.reason,
        warnings=dataset.report.warnings,
        questions=tuple(question.text for question in dataset.report.questions),
        seconds=seconds,
        **_dates(table, judgement.date_column),
        **_values(table, judgement.value_column),
    )


def _dates(table: Table, column: str) -> dict[str, Any]:
    if not column:
        return {}
    days = table.frame[column].drop_nulls()
    span = {"date_min": days.min().isoformat(), "date_max": days.max().isoformat()} if len(days) else {}  # type: ignore[union-attr]
    return {"date_column": column, "date_n": len(days), **span}


def _values(table: Table, column: str) -> dict[str, Any]:
    if not column:
        return {}
    values = table.frame[column].drop_nulls()
    return {"value_column": column, "value_n": len(values), "value_sum": float(values.sum())}


def _report(
    readings: list[Reading],
    cases: list[dict[str, Any]],
    wrongs: list[list[str]],
    peers: dict[str, list[bool | str | None]],
) -> str:
    headers = ["file", "status", "sheet", "header", "rows", "dates", "value", "sum", "s", "right", *peers]
    rows = []
    for index, (one, wrong) in enumerate(zip(readings, wrongs, strict=True)):
        span = f"{one.date_min} to {one.date_max}" if one.date_min else "-"
        total = "-" if one.value_sum is None else f"{one.value_sum:,.2f}"
        marks = [_mark(peers[name][index]) for name in peers]
        facts = [one.sheet[:16], str(one.header_row or "-"), str(one.n_data_rows or "-"), span]
        rows.append(
            [one.id, one.status, *facts, one.value_column[:16], total, f"{one.seconds:.2f}", _MARKS[not wrong], *marks]
        )
    notes = [
        f"{one.id}  expected {case['expect']['status']}: {'; '.join(wrong)}"
        for one, case, wrong in zip(readings, cases, wrongs, strict=True)
        if wrong
    ]
    details = [
        f"{one.id}  {kind}: {line}"
        for one in readings
        for kind, lines in (("why", (one.reason,)), ("question", one.questions), ("warning", one.warnings))
        for line in lines
    ]
    return "\n".join([aligned(headers, rows), "", *details, "", *(notes or ["every file as expected"])])


def _mark(value: bool | str | None) -> str:
    return "-" if value is None else value if isinstance(value, str) else _MARKS[value]


def _peer_score(marks: list[bool | str | None]) -> dict[str, object]:
    scores = [mark for mark in marks if isinstance(mark, bool)]
    if not scores:
        return {"installed": MISSING not in marks}
    return {"right": sum(scores), "total": len(scores)}


def _peer_lines(peers: dict[str, list[bool | str | None]]) -> str:
    """One line per peer: its score, or how to get it."""
    lines = []
    for name, marks in peers.items():
        scores = [mark for mark in marks if isinstance(mark, bool)]
        lines.append(f"{name}  {NOT_INSTALLED if MISSING in marks else f'{sum(scores)} of {len(scores)} right'}")
    return "\n".join(lines)


def _last_line(figures: dict[str, object]) -> str:
    return (
        f"{figures['right']} of {figures['total']} right, {figures['silently_wrong']} silently wrong, "
        f"{figures['tracebacks']} tracebacks"
    )
