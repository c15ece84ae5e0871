"""Linear expressions and rows, gathered into a program."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints
from engine.scheduling.constraints import Statement
from engine.solvers.highs import INFINITY, Program


@dataclass(frozen=True, eq=False)
class Terms:
    """A sum of columns with factors, plus a constant."""

    columns: Ints
    factors: Floats
    constant: float = 0.0

    @classmethod
    def of(cls, columns: Ints, factor: float = 1.0, *, constant: float = 0.0) -> "Terms":
        """These columns, all with one factor."""
        return cls(columns, np.full(len(columns), factor), constant)


def total(parts: Sequence[Terms]) -> Terms:
    """The sum of expressions."""
    if not parts:
        return Terms.of(np.array([], np.int64))
    columns = np.concatenate([part.columns for part in parts])
    factors = np.concatenate([part.factors for part in parts])
    constant = sum(part.constant for part in parts)
    unique, place = np.unique(columns, return_inverse=True)
    if len(unique) == len(columns):
        return Terms(columns, factors, constant)
    return Terms(unique, np.bincount(place, weights=factors, minlength=len(unique)).astype(float), constant)


def negated(flag: Terms) -> Terms:
    """One minus a 0/1 expression."""
    return Terms(flag.columns, -flag.factors, 1.0 - flag.constant)


class ProgramRows:
    """A program under construction."""

    def __init__(self) -> None:
        self.offset = 0.0
        self._cost: list[float] = []
        self._upper: list[float] = []
        self._integer: list[bool] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self._terms: list[Terms] = []
        self._statements: list[Statement | None] = []
        self.statement: Statement | None = None

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return len(self._cost)

    def column(self, cost: float, *, upper: float = INFINITY, integer: bool = False) -> int:
        """Add a column from 0 to `upper`; returns its number."""
        self._cost.append(cost)
        self._upper.append(upper)
        self._integer.append(integer)
        return len(self._cost) - 1

    def row(self, low: float, high: float, terms: Terms) -> None:
        """Ask for low <= terms <= high."""
        self._low.append(low - terms.constant)
        self._high.append(high - terms.constant)
        self._terms.append(terms)
        self._statements.append(self.statement)

    def by_statement(self) -> Iterator[tuple[Statement | None, float, float, Terms]]:
        """Each row with who asked for it (`statement` at the time), its limits and its terms without constant."""
        yield from zip(self._statements, self._low, self._high, self._terms, strict=True)

    def program(self) -> Program:
        """The program as arrays."""
        row = np.repeat(np.arange(len(self._terms)), [len(terms.columns) for terms in self._terms])
        column = np.concatenate([terms.columns for terms in self._terms] or [np.array([], np.int64)])
        entry = np.concatenate([terms.factors for terms in self._terms] or [np.array([])]).astype(float)
        bounds = np.zeros(self.columns), np.array(self._upper)
        kinds = np.array(self._integer, dtype=bool)
        limits = np.array(self._low), np.array(self._high)
        return Program(np.array(self._cost), *bounds, kinds, row, column, entry, *limits, self.offset)
