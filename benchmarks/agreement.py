"""Agreement: odd small businesses drawn at random, and every face of the app asked for the same figures."""

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.agreement_compare import Check, Findings, examine
from benchmarks.agreement_faces import NotGiven
from benchmarks.agreement_oddities import ODDITIES
from benchmarks.table import aligned

FAULTS = ("wrong", "refused", "invented", "crash")
EXAMPLES = 3
"""Examples of each face."""

PLAIN = "nothing odd"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area."""
    parser.add_argument("--cases", type=int, default=300, help="businesses to draw (default: 300)")
    parser.add_argument("--seed", type=int, help="of the first business; the next has the next (default: the clock)")
    parser.add_argument("--forecasts", type=int, default=3, help="cases that also forecast: seconds each (default: 3)")


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """The tables and the figures."""
    seed = int(time.time()) if options.seed is None else options.seed
    cases = [examine(seed + k, with_forecast=k < options.forecasts) for k in range(options.cases)]
    checks = [check for case in cases for check in case.checks]
    figures: dict[str, object] = {
        "cases": len(cases),
        "comparisons": len(checks),
        "disagreements": sum(bool(check.fault) for check in checks),
        "unsaid": sum(not is_there for case in cases for is_there in case.mentions.values()),
    }
    parts = [
        f"Seed {seed}; case k is the business of seed + k, and `--cases 1 --seed N` replays one.",
        _faces_table(checks),
        _oddities_table(cases),
        _mentions_table(cases),
        _examples(cases),
    ]
    return "\n\n".join(parts), figures


def _faces_table(checks: Iterable[Check]) -> str:
    """What each face was asked, and in which way it was wrong."""
    total, faults = Counter[str](), Counter[tuple[str, str]]()
    for check in checks:
        total[check.face] += 1
        faults[check.face, check.fault] += 1
    rows = [
        [face, str(count), str(count - faults[face, ""]), *(str(faults[face, fault]) for fault in FAULTS)]
        for face, count in total.items()
    ]
    return aligned(["Face", "asked", "disagrees", *FAULTS], rows)


def _oddities_table(cases: Sequence[Findings]) -> str:
    """Cases with each oddity, disagreements in them, in those where it stands alone, and per face."""
    names = list(dict.fromkeys(check.face for case in cases for check in case.checks))
    rows = []
    for oddity in (PLAIN, *ODDITIES):
        those = [case for case in cases if oddity in (case.world.shape.oddities or {PLAIN})]
        if not those:
            continue
        alone = [case for case in those if len(case.world.shape.oddities) <= 1]
        faces = Counter(check.face for case in those for check in case.checks if check.fault)
        bad = sum(bool(_faulty(case)) for case in those)
        single = f"{sum(len(_faulty(case)) for case in alone)} in {len(alone)}"
        rows.append([oddity, str(len(those)), str(bad), single, *(str(faces[name] or "") for name in names)])
    return aligned(["Oddity", "cases", "bad cases", "alone", *names], rows)


def _mentions_table(cases: Sequence[Findings]) -> str:
    """How often each kind of row that was left out or completed is not said with its count."""
    there = Counter(kind for case in cases for kind in case.mentions)
    unsaid = Counter(kind for case in cases for kind, is_there in case.mentions.items() if not is_there)
    rows = [[kind, str(count), str(unsaid[kind])] for kind, count in sorted(there.items())]
    return aligned(["To be said", "cases", "unsaid"], rows) if rows else "Nothing had to be said."


def _examples(cases: Sequence[Findings]) -> str:
    """The first disagreements of each face, with the seed that replays them."""
    lines, count = ["First examples:"], Counter[str]()
    for case in cases:
        for check in {check.face: check for check in reversed(_faulty(case))}.values():
            count[check.face] += 1
            if count[check.face] <= EXAMPLES:
                oddities = ", ".join(sorted(case.world.shape.oddities)) or PLAIN
                lines.append(f"--seed {case.world.shape.seed} ({oddities})\n    {_sentence(check)}")
    return "\n".join(lines)


def _faulty(case: Findings) -> list[Check]:
    return [check for check in case.checks if check.fault]


def _sentence(check: Check) -> str:
    right = " or ".join(map(_figure, check.right)) or "not in the file"
    answer = check.answer.reason if isinstance(check.answer, NotGiven) else _figure(check.answer)
    return f"{check.face}, {check.fault}: {check.what}: {answer}; right is {right}"


def _figure(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
