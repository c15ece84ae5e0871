"""How much of a table a reader of text files loads, by the measures of the Pollock benchmark.

Source: Vitagliano et al., "Pollock: A Data Loading Benchmark", PVLDB 16(8), 2023, section 4.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields

Rows = Sequence[Sequence[str]]
"""A table as text: the first row is its header."""


@dataclass(frozen=True)
class LoadingScore:
    """The ten measures of one file, or their averages over several; each from 0 to 1."""

    success: float = 0.0
    header_precision: float = 0.0
    header_recall: float = 0.0
    header_f1: float = 0.0
    record_precision: float = 0.0
    record_recall: float = 0.0
    record_f1: float = 0.0
    cell_precision: float = 0.0
    cell_recall: float = 0.0
    cell_f1: float = 0.0

    @property
    def total(self) -> float:
        """All ten added up: 10 is best."""
        return float(sum(astuple(self)))


NOTHING = LoadingScore()
"""The score of a reader that refuses a file or breaks on it."""


def loading_score(truth: Rows, table: Rows | None) -> LoadingScore:
    """Compare a loaded table with what the file holds.

    Header, records and cells are compared as multisets without the blanks around cells; a record is its cells joined.

    Args:
        truth: what the file holds.
        table: what the reader made of it; None where it refused.
    """
    if table is None:
        return NOTHING
    truth, table = _without_outer_blanks(truth), _without_outer_blanks(table)
    header = _overlap(truth[0] if truth else (), table[0] if table else ())
    records = _overlap(map("".join, truth[1:]), map("".join, table[1:]))
    cells = _overlap(_cells(truth[1:]), _cells(table[1:]))
    return LoadingScore(1.0, *header, *records, *cells)


def average(scores: Sequence[LoadingScore]) -> LoadingScore:
    """The mean of each measure over the files; at least one."""
    return LoadingScore(*(sum(values) / len(scores) for values in zip(*map(astuple, scores), strict=True)))


def measure_names() -> list[str]:
    """The ten measures as words, in the order of their fields."""
    return [field.name.replace("_", " ") for field in fields(LoadingScore)]


def _without_outer_blanks(table: Rows) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in table]


def _cells(table: Rows) -> Iterable[str]:
    return (cell for row in table for cell in row)


def _overlap(truth: Iterable[str], loaded: Iterable[str]) -> tuple[float, float, float]:
    """Precision, recall and F1; all 1 where there is nothing to load and nothing was loaded."""
    expected, present = Counter(truth), Counter(loaded)
    if not expected and not present:
        return 1.0, 1.0, 1.0
    common = (expected & present).total()
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / present.total(), common / expected.total()
    return precision, recall, 2 * precision * recall / (precision + recall)
