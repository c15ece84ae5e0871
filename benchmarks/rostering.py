"""Published shift scheduling and nurse rostering instances: our plan, its bound, and the best known."""

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import rostering_curtois, rostering_inrc1
from benchmarks.rostering_plain import plain
from benchmarks.table import aligned, number
from engine.scheduling import RosterProblem, check, solve

NAN = float("nan")
COLUMNS = ("instance", "people x days", "penalty", "bound", "gap %", "best known", "to best %", "plain CP-SAT", "CPU s")


@dataclass(frozen=True)
class Outcome:
    """One instance, solved.

    Attributes:
        name: of the instance.
        size: people x days.
        penalty: of our roster, by the independent checker.
        bound: ours.
        best_known: published; NaN where nobody says.
        plain: the peer's penalty; NaN when it found no roster or was not asked.
        feasible: our roster keeps every rule that must hold.
        seconds: processor time of our search.
        wall: wall-clock time of our search.
    """

    name: str
    size: str
    penalty: float
    bound: float
    best_known: float
    plain: float
    feasible: bool
    seconds: float
    wall: float

    @property
    def gap(self) -> float:
        """Between our roster and our bound, as a share of the roster."""
        return (self.penalty - self.bound) / max(1e-9, self.penalty)

    @property
    def to_best(self) -> float:
        """Between our roster and the best known, as a share of the best known."""
        return (self.penalty - self.best_known) / max(1.0, self.best_known)

    def row(self) -> list[str]:
        """The table's row."""
        flag = "" if self.feasible else " (breaks rules)"
        cells = [self.name, self.size, f"{self.penalty:,.0f}{flag}", f"{self.bound:,.0f}", number(100 * self.gap, 2)]
        peer = "-" if self.plain != self.plain else f"{self.plain:,.0f}"
        best = "-" if self.best_known != self.best_known else f"{self.best_known:,.0f}"
        return [*cells, best, number(100 * self.to_best, 2), peer, number(self.seconds, 1)]


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be chosen on the command line."""
    parser.add_argument("--seconds", type=float, default=60.0, help="wall-clock time for each search")
    parser.add_argument("--only", nargs="*", default=[], help="names of instances; all when left out")
    parser.add_argument("--without-plain", action="store_true", help="leave the peer out")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Solve every instance of the folder, one after the other."""
    outcomes = []
    for path in _instances(options.data, options.only)[: options.sample]:
        outcomes.append(_solve(path, options))
        print("  ".join(outcomes[-1].row()), flush=True)
    better = [1 - outcome.penalty / outcome.plain for outcome in outcomes if outcome.plain > 0]
    known = [outcome.to_best for outcome in outcomes if outcome.to_best == outcome.to_best]
    figures: dict[str, object] = {
        "instances": {outcome.name: _figures(outcome) for outcome in outcomes},
        "median_gap": statistics.median(known) if known else NAN,
        "proved": sum(outcome.gap <= 1e-9 for outcome in outcomes),
        "median_improvement_on_plain": statistics.median(better) if better else NAN,
        "seconds": options.seconds,
    }
    return aligned(COLUMNS, [outcome.row() for outcome in outcomes]), figures


def _figures(outcome: Outcome) -> dict[str, object]:
    return {
        "penalty": outcome.penalty,
        "bound": outcome.bound,
        "best_known": outcome.best_known,
        "plain": outcome.plain,
        "feasible": outcome.feasible,
        "cpu_seconds": outcome.seconds,
        "wall_seconds": outcome.wall,
    }


def _instances(folder: Path, only: list[str]) -> list[Path]:
    found = sorted(folder.glob("*.txt"), key=lambda path: (len(path.stem), path.stem))
    return [path for path in found if not only or path.stem in only]


def read(path: Path) -> RosterProblem:
    """The instance, whichever of the two formats it has."""
    if "SECTION_HORIZON" in path.read_text():
        return rostering_curtois.read(path)
    return rostering_inrc1.read(path)


def _solve(path: Path, options: argparse.Namespace) -> Outcome:
    problem = read(path)
    best = _best_known(path)
    before, began = time.process_time(), time.monotonic()
    roster = solve(problem, seconds=options.seconds, seed=options.seed)
    cpu, wall = time.process_time() - before, time.monotonic() - began
    checked = check(problem, roster.assignments)
    peer = NAN
    if not options.without_plain:
        other = plain(problem, options.seconds, options.seed)
        found = None if other is None else check(problem, other)
        peer = NAN if found is None or found.violations else found.cost
    size = f"{len(problem.employees)} x {problem.days}"
    kept = not checked.violations
    return Outcome(path.stem, size, checked.cost, roster.bound, best, peer, kept, cpu, wall)


def _best_known(path: Path) -> float:
    """The published cost of an instance; NaN where the folder does not tell."""
    published = path.parent / "best_known.json"
    known = json.loads(published.read_text()) if published.is_file() else {}
    return float(known.get(path.stem, NAN))
