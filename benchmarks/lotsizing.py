"""Lot sizing: objective, bound, gap and seconds on Trigeiro's capacitated instances with setup times."""

import argparse
import itertools
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from engine.inventory.lot_sizing import LotItem, LotProblem, plan_lots
from engine.proof import Status

KNOWN = {"G57": 136509.0}
"""Published optima (LOTSIZELIB tr24-15)."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--data", type=Path, required=True, help="the folder with the instances")
    parser.add_argument("--seconds", type=float, default=60.0, help="limit for each instance")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only instances whose name starts so")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Solve every instance; the table, and the figures for the JSON line."""
    if not options.data.is_dir():
        raise SystemExit(f"there is no folder {options.data}")
    known = KNOWN | _best_known(options.data)
    rows, left_out = [], []
    for path in sorted(options.data.iterdir()):
        if not path.is_file() or path.suffix == ".json" or not path.name.startswith(tuple(options.only or ("",))):
            continue
        try:
            problem = read_instance(path)
        except ValueError as unreadable:
            left_out.append(f"{path.name}: {unreadable}")
            continue
        rows.append(_measure(path.stem, problem, options.seconds, known.get(path.stem)))
        print(_line(rows[-1]), flush=True)
    if not rows:
        raise SystemExit(f"there is no instance in {options.data}")
    exact = [row for row in rows if row.name[0].upper() in "FG"]
    figures: dict[str, object] = {
        "instances": [asdict(row) for row in rows],
        "left_out": left_out,
        "proved_f_and_g": sum(row.proved for row in exact),
        "f_and_g": len(exact),
        "wrong_bounds": sum(row.bound_wrong for row in rows),
        "violations": sum(row.violations for row in rows),
        "slowest": max(row.seconds for row in rows),
        "slowest_f_and_g": max((row.seconds for row in exact), default=0.0),
        "slowest_cpu": max(row.cpu_seconds for row in rows),
    }
    said = [f"left out: {each}" for each in left_out]
    said.append(f"{figures['proved_f_and_g']} of {len(exact)} F and G proved; {figures['wrong_bounds']} wrong bounds")
    return "\n".join(said), figures


def _best_known(folder: Path) -> dict[str, float]:
    """Published optima by instance, where the folder has them in `best_known.json`."""
    listed = folder / "best_known.json"
    if not listed.is_file():
        return {}
    read = json.loads(listed.read_text())
    return {Path(name).stem: float(value) for name, value in read.items() if isinstance(value, int | float)}


def read_instance(path: Path) -> LotProblem:
    """One instance of Trigeiro, Thomas and McClain (1989): items in columns, periods in rows.

    Raises:
        ValueError: the file holds something else.
    """
    written = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    lines = list(itertools.takewhile(bool, map(_numbers, written)))
    head = [number for line in lines[:3] for number in line]
    if len(head) < 4 or not (head[0] >= 1 and head[1] >= 1):
        raise ValueError("it does not start with numbers of items and periods and a capacity")
    n, periods, capacity = int(head[0]), int(head[1]), head[3]
    per_item, rows = lines[3 : 3 + n], lines[3 + n :]
    if len(per_item) != n or any(len(line) != 4 for line in per_item):
        raise ValueError(f"there are no four figures for each of {n} items")
    demand = _demand(rows, n, periods)
    items = [
        LotItem(f"item {k + 1}", demand[:, k], setup, held, setup_time=setup_time, unit_time=unit_time)
        for k, (unit_time, held, setup_time, setup) in enumerate(per_item)
    ]
    return LotProblem(tuple(items), np.full(periods, capacity))


def _numbers(line: str) -> list[float]:
    """The numbers of a line; none where words stand."""
    try:
        return [float(token) for token in line.split()]
    except ValueError:
        return []


def _demand(rows: list[list[float]], n: int, periods: int) -> np.ndarray:
    """A row per period. A wide instance lists the rest of the items after all periods of the first ones (as Trigeiro's
    do), or goes on in the next line: then its lines are of two lengths in turns."""
    found = [number for row in rows for number in row]
    if len(found) != n * periods or len(rows) % periods:
        raise ValueError(f"{len(found)} demands for {n} items and {periods} periods")
    widths = [len(row) for row in rows]
    if len(set(widths[:periods])) > 1 or len(rows) == periods:
        return np.array(found).reshape(periods, n)
    blocks = [np.array(rows[first : first + periods]) for first in range(0, len(rows), periods)]
    return np.concatenate(blocks, axis=1)


@dataclass(frozen=True)
class Row:
    """What was found for one instance; `known` is its published optimum, None where there is none."""

    name: str
    objective: float
    bound: float
    gap: float
    seconds: float
    cpu_seconds: float
    proved: bool
    known: float | None
    bound_wrong: bool
    violations: int


def _measure(name: str, problem: LotProblem, seconds: float, known: float | None) -> Row:
    began = time.process_time()
    plan = plan_lots(problem, seconds=seconds)
    cpu = time.process_time() - began
    proof = plan.proof
    wrong = proof.bound > proof.objective * (1 + 1e-9) or (known is not None and proof.bound > known * (1 + 1e-6))
    return Row(
        name,
        proof.objective,
        proof.bound,
        proof.gap,
        proof.seconds,
        cpu,
        proof.status is Status.OPTIMAL,
        known,
        wrong,
        len(proof.recheck.violations) if proof.recheck else 0,
    )


def _line(row: Row) -> str:
    return (
        f"{row.name:10} {row.objective:12.2f} bound {row.bound:12.2f} gap {row.gap:.4%} {row.seconds:6.1f} s "
        f"({row.cpu_seconds:.1f} s CPU) {'proved' if row.proved else 'open'}"
    )
