"""Owners' real spreadsheets with known answers: what was found, beside general-purpose readers."""

import argparse
import json
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import mutations, reading_speed
from benchmarks.readers import READERS
from benchmarks.table import aligned
from engine.dataset import Dataset, Table
from engine.errors import DataProblem
from engine.ingest import read_dataset
from engine.ingest.verdict import FileVerdict, Readiness, verdict

TOLERANCE = 1e-6
"""Relative difference up to which two sums are equal."""

_MARKS = {True: "yes", False: "NO"}


@dataclass(frozen=True)
class Found:
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
    found = [look(options.data / case["file"], case["id"]) for case in cases]
    wrongs = [differences(one, case["expect"]) for one, case in zip(found, cases, strict=True)]
    silent = [is_silent(one, case["expect"], wrong) for one, case, wrong in zip(found, cases, wrongs, strict=True)]
    peers = {name: [read(options.data / case["file"], case["expect"]) for case in cases] for name, read in READERS}
    parts = [_report(found, cases, wrongs, peers)]
    figures: dict[str, object] = {
        "files": [asdict(one) | {"right": not wrong, "wrong": wrong} for one, wrong in zip(found, wrongs, strict=True)],
        "right": sum(not wrong for wrong in wrongs),
        "total": len(found),
        "silently_wrong": sum(silent),
        "tracebacks": sum(bool(one.traceback) for one in found),
        "peers": {name: _peer_score(marks) for name, marks in peers.items()},
    }
    if options.mutations:
        files = [options.data / case["file"] for case in cases]
        outcome = mutations.read_mutants(files, options.mutations, seed=options.seed)
        parts.append(outcome.text())
        figures["mutations"] = outcome.figures()
    if options.speed:
        timed = reading_speed.measure()
        parts.append(reading_speed.text(timed))
        figures["speed"] = reading_speed.figures(timed)
    parts.append(_last_line(figures))
    return "\n\n".join(parts), figures


def look(path: Path, name: str) -> Found:
    """Read one file and say what was found."""
    start = time.perf_counter()
    try:
        dataset = read_dataset(path.read_bytes(), path.name)
    except DataProblem as problem:
        return Found(name, Readiness.REFUSE.value, reason=str(problem), seconds=time.perf_counter() - start)
    except Exception:  # noqa: BLE001  # the benchmark counts what escapes
        trace = traceback.format_exc()
        return Found(name, "traceback", reason=trace.splitlines()[-1], traceback=trace)
    seconds = time.perf_counter() - start
    return _found(name, dataset, verdict(dataset), seconds)


def differences(found: Found, expect: dict[str, Any]) -> list[str]:
    """What is not as the manifest says; empty when all is right."""
    wanted = expect["status"]
    if found.traceback:
        return ["traceback"]
    if wanted == "refuse_or_ok":
        return []
    if wanted.startswith("refuse"):
        return [] if found.status == Readiness.REFUSE and found.reason else [f"{found.status}, not a refusal"]
    if wanted == "ask_or_refuse":
        return (
            []
            if found.status in (Readiness.ASK, Readiness.REFUSE)
            else [f"{found.status}, neither question nor refusal"]
        )
    status = [] if found.status == wanted else [f"status {found.status}, not {wanted}"]
    return status + [line for line in (_differs(found, expect, key) for key in _COMPARED) if line]


def is_silent(found: Found, expect: dict[str, Any], wrong: list[str]) -> bool:
    """True when the file was taken as good although a figure is wrong, or although it should have been doubted."""
    if not wrong or not found.status.startswith("ok"):
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


def _differs(found: Found, expect: dict[str, Any], key: str) -> str:
    if key not in expect:
        return ""
    wanted = expect[key]
    if key == "header_rows":
        return "" if found.header_row in wanted else f"header row {found.header_row}, not one of {wanted}"
    have = getattr(found, key)
    if key == "value_sum":
        same = have is not None and abs(have - wanted) <= TOLERANCE * max(1.0, abs(wanted))
    else:
        same = have == wanted
    return "" if same else f"{key} {have}, not {wanted}"


def _found(name: str, dataset: Dataset, judged: FileVerdict, seconds: float) -> Found:
    table = dataset.table(judged.table)
    return Found(
        id=name,
        status=judged.status.value,
        sheet=judged.table,
        header_row=table.header_row or None,
        n_data_rows=table.frame.height,
        reason=judged.reason,
        warnings=dataset.report.warnings,
        questions=tuple(question.text for question in dataset.report.questions),
        seconds=seconds,
        **_dates(table, judged.date_column),
        **_values(table, judged.value_column),
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
    found: list[Found], cases: list[dict[str, Any]], wrongs: list[list[str]], peers: dict[str, list[bool | str | None]]
) -> str:
    headers = ["file", "status", "sheet", "header", "rows", "dates", "value", "sum", "s", "right", *peers]
    rows = []
    for index, (one, wrong) in enumerate(zip(found, wrongs, strict=True)):
        span = f"{one.date_min} to {one.date_max}" if one.date_min else "-"
        total = "-" if one.value_sum is None else f"{one.value_sum:,.2f}"
        marks = [_mark(peers[name][index]) for name in peers]
        facts = [one.sheet[:16], str(one.header_row or "-"), str(one.n_data_rows or "-"), span]
        rows.append(
            [one.id, one.status, *facts, one.value_column[:16], total, f"{one.seconds:.2f}", _MARKS[not wrong], *marks]
        )
    notes = [
        f"{one.id}  expected {case['expect']['status']}: {'; '.join(wrong)}"
        for one, case, wrong in zip(found, cases, wrongs, strict=True)
        if wrong
    ]
    details = [
        f"{one.id}  {kind}: {line}"
        for one in found
        for kind, lines in (("why", (one.reason,)), ("question", one.questions), ("warning", one.warnings))
        for line in lines
    ]
    return "\n".join([aligned(headers, rows), "", *details, "", *(notes or ["every file as expected"])])


def _mark(value: bool | str | None) -> str:
    return "-" if value is None else value if isinstance(value, str) else _MARKS[value]


def _peer_score(marks: list[bool | str | None]) -> dict[str, object]:
    scored = [mark for mark in marks if isinstance(mark, bool)]
    if not scored:
        return {"installed": not any(isinstance(mark, str) for mark in marks)}
    return {"right": sum(scored), "total": len(scored)}


def _last_line(figures: dict[str, object]) -> str:
    return (
        f"{figures['right']} of {figures['total']} right, {figures['silently_wrong']} silently wrong, "
        f"{figures['tracebacks']} tracebacks"
    )
