"""Damaged and rewritten copies of good files: none may end in a traceback, hang, or quietly change a sum."""

import csv
import io
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from benchmarks.escapes import escapes
from engine.dataset import Dataset, Table
from engine.errors import DataProblem
from engine.ingest import read_dataset
from engine.ingest.verdict import Readiness, verdict

SLOW_SECONDS, HUNG_SECONDS = 10.0, 60.0
"""CPU seconds above which a copy is slow, and seconds by the clock above which it hangs however busy the machine is."""

_MOST_FLIPS = 20
_MOST_ROWS = 300
"""Rows of a table that are written again, so that thousands of copies stay quick."""


@dataclass(frozen=True)
class Convention:
    """How one country writes its spreadsheets down."""

    locale: str
    day: str
    decimal: str
    group: str
    delimiter: str

    def number(self, value: float) -> str:
        """The value with every digit that it has."""
        whole, _, cents = format(Decimal(repr(value)), ",f").partition(".")
        cents = cents.rstrip("0")
        return whole.replace(",", self.group) + (self.decimal + cents if cents else "")


CONVENTIONS = (
    Convention("en-US", "%m/%d/%Y", ".", ",", ","),
    Convention("en-GB", "%d/%m/%Y", ".", ",", ","),
    Convention("de", "%d.%m.%Y", ",", ".", ";"),
    Convention("fr", "%d/%m/%Y", ",", "\u202f", ";"),
    Convention("es", "%d/%m/%Y", ",", ".", ";"),
    Convention("it", "%d/%m/%Y", ",", ".", ";"),
    Convention("nl", "%d-%m-%Y", ",", ".", ";"),
    Convention("pt-BR", "%d/%m/%Y", ",", ".", ";"),
    Convention("pl", "%d.%m.%Y", ",", "\u00a0", ";"),
)


@dataclass(frozen=True)
class Original:
    """A file, and its best table where it was read without doubt."""

    name: str
    content: bytes
    table: Table | None = None
    sums: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What came of reading the copies.

    Attributes:
        counts: copies by what was done to them and how they ended.
        tracebacks: the copies that ended in one, with its last line.
        slow: the copies that took longer than `SLOW_SECONDS` or hung.
        changed: rewritten copies in which a sum changed although nobody asked.
    """

    counts: Counter[tuple[str, str]]
    tracebacks: tuple[str, ...]
    slow: tuple[str, ...]
    changed: tuple[str, ...]

    def text(self) -> str:
        """A readable summary."""
        lines = [f"{kind}: {ending} {count}" for (kind, ending), count in sorted(self.counts.items())]
        return "\n".join([f"{self.counts.total()} changed copies", *lines, *self.tracebacks, *self.slow, *self.changed])

    def figures(self) -> dict[str, object]:
        """The counts, for the JSON line."""
        return {
            "tried": self.counts.total(),
            "tracebacks": len(self.tracebacks),
            "slow": len(self.slow),
            "changed_sums": len(self.changed),
        }


def read_mutants(files: Sequence[Path], count: int, *, seed: int) -> Outcome:
    """Read `count` copies, drawn evenly over the files and the ways of changing them."""
    rng = random.Random(seed)
    originals = [original(path.name, path.read_bytes()) for path in files]
    counts: Counter[tuple[str, str]] = Counter()
    tracebacks, slow, changed = [], [], []
    for number in range(count):
        source = originals[number % len(originals)]
        kind = rng.choice(sorted(MUTATIONS if source.table is not None else DAMAGES))
        label = f"copy {number} of {source.name}, {kind}"
        content, name = (MUTATIONS | DAMAGES)[kind](source, rng)
        start, worked = time.perf_counter(), _cpu_seconds()
        ending, problem = _ending(content, name, source.sums if kind in REWRITES else {})
        if _cpu_seconds() - worked > SLOW_SECONDS or time.perf_counter() - start > HUNG_SECONDS:
            slow.append(label)
        if ending == "traceback":
            tracebacks.append(f"{label}: {problem}")
        if ending == "changed":
            changed.append(f"{label}: {problem}")
        counts[kind, ending] += 1
    return Outcome(counts, tuple(tracebacks), tuple(slow), tuple(changed))


def original(name: str, content: bytes) -> Original:
    """The file with the sums of its table, where those are beyond doubt."""
    try:
        dataset = read_dataset(content, name)
    except DataProblem:
        return Original(name, content)
    judged = verdict(dataset)
    if not judged.status.startswith("ok") or judged.status is Readiness.NO_NUMBERS or dataset.report.questions:
        return Original(name, content)
    table = dataset.table(judged.table)
    return Original(name, content, table, _sums(table))


def flipped(source: Original, rng: random.Random) -> tuple[bytes, str]:
    """A few bytes are others."""
    content = bytearray(source.content)
    for _ in range(rng.randint(1, _MOST_FLIPS)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content), source.name


def truncated(source: Original, rng: random.Random) -> tuple[bytes, str]:
    """The end is missing."""
    return source.content[: rng.randrange(len(source.content))], source.name


def shuffled(source: Original, rng: random.Random) -> tuple[bytes, str]:
    """The same table with its columns in another order."""
    assert source.table is not None
    names = [column.name for column in source.table.columns]
    rng.shuffle(names)
    plain = Convention("iso", "%Y-%m-%d", ".", "", ",")
    return write(source.table, names, plain), f"{source.name}.csv"


def relocated(source: Original, rng: random.Random) -> tuple[bytes, str]:
    """The same table as another country writes it."""
    assert source.table is not None
    names = [column.name for column in source.table.columns]
    return write(source.table, names, rng.choice(CONVENTIONS)), f"{source.name}.csv"


Mutation = Callable[[Original, random.Random], tuple[bytes, str]]
DAMAGES: dict[str, Mutation] = {"bytes flipped": flipped, "truncated": truncated}
REWRITES: dict[str, Mutation] = {"columns shuffled": shuffled, "locale swapped": relocated}
MUTATIONS: dict[str, Mutation] = DAMAGES | REWRITES


def write(table: Table, names: Sequence[str], convention: Convention) -> bytes:
    """The first rows of the table as text in this convention."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=convention.delimiter, lineterminator="\r\n")
    writer.writerow(names)
    for row in table.frame.select(names).head(_MOST_ROWS).iter_rows():
        writer.writerow([_cell(value, convention) for value in row])
    return buffer.getvalue().encode()


def _cpu_seconds() -> float:
    """What this process and those that it started have worked so far."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _cell(value: object, convention: Convention) -> str:
    if isinstance(value, date):
        return value.strftime(convention.day)
    return convention.number(value) if isinstance(value, float) else str(value or "")


def _ending(content: bytes, name: str, sums: dict[str, float]) -> tuple[str, str]:
    try:
        with escapes(DataProblem) as escape:
            dataset = read_dataset(content, name)
            status = verdict(dataset).status
    except DataProblem as problem:
        return "refused", str(problem)
    if escape.trace:
        return "traceback", escape.last_line
    if status in (Readiness.ASK, Readiness.REFUSE):
        return "asked" if status is Readiness.ASK else "refused", ""
    difference = _difference(dataset, sums)
    return ("changed", difference) if difference else ("read", "")


def _difference(dataset: Dataset, sums: dict[str, float]) -> str:
    have = {name: total for table in dataset.tables for name, total in _sums(table).items()}
    for name, total in sums.items():
        if name in have and abs(have[name] - total) > 1e-6 * max(1.0, abs(total)):
            return f"{name} adds up to {have[name]:,.6g}, not {total:,.6g}"
    return ""


def _sums(table: Table) -> dict[str, float]:
    rows = table.frame.head(_MOST_ROWS)
    return {column.name: float(rows[column.name].sum()) for column in table.columns if column.kind == "number"}
