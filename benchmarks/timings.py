"""Repeated measurements of one thing, and what is reported of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from benchmarks.table import aligned, number

NAN = float("nan")
COLUMNS = ("measure", "unit", "n", "median", "p95", "worst", "goal", "within")


@dataclass(frozen=True)
class Timing:
    """One thing, measured several times.

    Attributes:
        label: what was measured, for people.
        unit: of the values and of the goal.
        values: one per repetition, at least one; infinite where the answer never came.
        goal: the largest value that counts as good, or None.
    """

    label: str
    unit: str
    values: tuple[float, ...]
    goal: float | None = None

    @property
    def median(self) -> float:
        """The middle value, or the mean of the two in the middle."""
        return median(self.values)

    @property
    def p95(self) -> float:
        """The smallest value that 95 % of the values do not exceed (nearest rank)."""
        return sorted(self.values)[-(-95 * len(self.values) // 100) - 1]

    @property
    def within(self) -> float:
        """Share of the values that reach the goal, 0..1; NaN without a goal."""
        return NAN if self.goal is None else sum(value <= self.goal for value in self.values) / len(self.values)

    def figures(self) -> dict[str, object]:
        """What goes into the JSON line."""
        spread = {"median": self.median, "p95": self.p95, "worst": max(self.values)}
        return {**spread, "n": len(self.values), "unit": self.unit, "goal": self.goal, "within": self.within}

    def row(self) -> list[str]:
        """The cells below `COLUMNS`."""
        digits = 2 if self.unit == "s" else 0 if self.unit == "MB" else 1
        spread = (number(value, digits) for value in (self.median, self.p95, max(self.values)))
        goal = "" if self.goal is None else f"<= {self.goal:g}"
        within = "" if self.goal is None else f"{self.within:.0%}"
        return [self.label, self.unit, str(len(self.values)), *spread, goal, within]


def table(timings: Mapping[str, Timing]) -> str:
    """All timings, one per line."""
    return aligned(COLUMNS, [timing.row() for timing in timings.values()])


def ratio(timings: Mapping[str, Timing], above: str, below: str) -> float:
    """Between the medians of two timings; NaN where one was not measured or is zero."""
    if above not in timings or below not in timings or timings[below].median == 0:
        return NAN
    return timings[above].median / timings[below].median


def per_call(read: Callable[[], float], calls: Sequence[Callable[[], object]]) -> float:
    """By how much a counter, such as CPU seconds, rises per call."""
    before = read()
    for call in calls:
        call()
    return (read() - before) / len(calls)


def wall(call: Callable[[], object]) -> float:
    """Seconds on the clock that the call takes."""
    start = perf_counter()
    call()
    return perf_counter() - start
