"""Lot sizing: objective, bound, gap and seconds on Trigeiro's capacitated instances with setup times."""

import argparse
import re
import time
from pathlib import Path

import numpy as np

from engine.inventory.lot_sizing import LotItem, LotProblem, plan_lots

KNOWN = {"G57": 136509.0}
"""Published optima (LOTSIZELIB tr24-15)."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--data", type=Path, required=True, help="the folder with the instances")
    parser.add_argument("--seconds", type=float, default=60.0, help="limit for each instance")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only instances whose name starts so")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Solve every instance; the table, and the figures for the JSON line."""
    rows = []
    for path in sorted(options.data.iterdir()):
        if path.suffix in ("", ".DAT") and path.stem.startswith(tuple(options.only or "FGX")):
            rows.append(_measure(path, options.seconds))
            print(_line(rows[-1]), flush=True)
    exact = [row for row in rows if str(row["name"])[0] in "FG"]
    figures: dict[str, object] = {
        "instances": rows,
        "proved_f_and_g": sum(bool(row["proved"]) for row in exact),
        "f_and_g": len(exact),
        "wrong_bounds": sum(bool(row["bound_wrong"]) for row in rows),
        "violations": sum(int(str(row["violations"])) for row in rows),
        "slowest": max(float(str(row["seconds"])) for row in rows),
        "slowest_cpu": max(float(str(row["cpu_seconds"])) for row in rows),
    }
    summary = f"{figures['proved_f_and_g']} of {len(exact)} F and G proved; {figures['wrong_bounds']} wrong bounds"
    return summary, figures


def read_instance(path: Path) -> LotProblem:
    """One instance of Trigeiro, Thomas and McClain (1989): items in columns, periods in rows."""
    tokens = [float(token) for token in re.split(r"B\s*i", path.read_text(), maxsplit=1)[0].split()]
    n, periods = int(tokens[0]), int(tokens[1])
    capacity = np.full(periods, tokens[3])
    per_item = np.array(tokens[4 : 4 + 4 * n]).reshape(n, 4)
    demand = _demand(tokens[4 + 4 * n :], n, periods)
    items = [
        LotItem(f"item {k + 1}", demand[:, k], setup, held, setup_time=setup_time, unit_time=unit_time)
        for k, (unit_time, held, setup_time, setup) in enumerate(per_item)
    ]
    return LotProblem(tuple(items), capacity)


def _demand(numbers: list[float], n: int, periods: int) -> np.ndarray:
    """Rows of 15 items at most: a wider instance lists the rest of the items after all periods of the first 15."""
    blocks, place = [], 0
    for first in range(0, n, 15):
        width = min(15, n - first)
        blocks.append(np.array(numbers[place : place + width * periods]).reshape(periods, width))
        place += width * periods
    if place != len(numbers):
        raise ValueError(f"{len(numbers)} demands for {n} items and {periods} periods")
    return np.concatenate(blocks, axis=1)


def _measure(path: Path, seconds: float) -> dict[str, object]:
    began = time.process_time()
    plan = plan_lots(read_instance(path), seconds=seconds)
    cpu = time.process_time() - began
    proof = plan.proof
    known = KNOWN.get(path.stem)
    wrong = proof.bound > proof.objective * (1 + 1e-9) or (known is not None and proof.bound > known * (1 + 1e-6))
    return {
        "name": path.stem,
        "objective": proof.objective,
        "bound": proof.bound,
        "gap": proof.gap,
        "seconds": proof.seconds,
        "cpu_seconds": cpu,
        "proved": proof.status == "proved best",
        "known": known,
        "bound_wrong": wrong,
        "violations": len(proof.recheck.violations) if proof.recheck else 0,
    }


def _line(row: dict[str, object]) -> str:
    proved = "proved" if row["proved"] else "open"
    return (
        f"{row['name']!s:10} {row['objective']:12.2f} bound {row['bound']:12.2f} "
        f"gap {row['gap']:.4%} {row['seconds']:6.1f} s ({row['cpu_seconds']:.1f} s CPU) {proved}"
    )
