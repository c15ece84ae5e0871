"""A whole roster, or the open part of one, as a mixed-integer program for a general solver."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.arrays import Bools, Floats, Ints, Ints16
from engine.scheduling.constraints import (
    CoverageConstraint,
    ForbiddenSequence,
    PersonConstraints,
    RangeConstraint,
    RosterModel,
    RunLengthConstraint,
    Statement,
    WeekendConstraint,
)
from engine.scheduling.formulate import joined_pairs, presolve
from engine.solvers.cp_sat import Statements
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


class Compact:
    """The program and how to read its solutions.

    Args:
        model: the problem.
        extra: per person, an extra cost per cell (infinite where it is barred), or None.
        explaining: True to keep every statement of the owner apart, with its claim, and to leave out all that has a
            price.
    """

    def __init__(
        self, model: RosterModel, extra: "Sequence[Floats | None] | None" = None, *, explaining: bool = False
    ) -> None:
        self.model, self.rows, self.explaining = model, ProgramRows(), explaining
        self.cell = np.full((len(model.people), model.days, model.off), -1, np.int64)
        for i, person in enumerate(model.people):
            self._cells(i, person, None if extra is None else extra[i])
        for i, person in enumerate(model.people):
            self._forms(i, person)
        for line in model.lines:
            for statement in line.statements if explaining else line.statements[:1]:
                self.rows.statement = statement
                self._line(line)
        for budget in model.budgets:
            self.rows.statement = budget.statement
            wages = [self._wages(i, person) for i, person in enumerate(model.people)]
            self._limit(total(wages), -INFINITY, budget.amount, budget.penalty)
        self.binaries = int((self.cell >= 0).sum())

    def program(self) -> Program:
        """The program, ready to be solved."""
        return self.rows.program()

    def duties(self, values: Floats) -> list[Ints16]:
        """Everybody's roster in a solution."""
        rosters = []
        for cells in self.cell:
            chosen = np.where(cells >= 0, values[np.maximum(cells, 0)], 0.0)
            worked = chosen.max(axis=1) > 0.5 if cells.size else np.zeros(len(cells), dtype=bool)
            rosters.append(np.where(worked, chosen.argmax(axis=1), self.model.off).astype(np.int16))
        return rosters

    def start(self, duties: Sequence[Ints16]) -> Floats:
        """A roster as the start of a search: the binaries; the solver fills in the rest."""
        values = np.zeros(self.rows.columns)
        for cells, roster in zip(self.cell, duties, strict=True):
            for day in np.flatnonzero(roster < self.model.off):
                if cells[day, roster[day]] >= 0:
                    values[cells[day, roster[day]]] = 1.0
        return values

    def _cells(self, i: int, person: PersonConstraints, extra: "Floats | None") -> None:
        costs = person.cell_costs(self.model.days)
        if self.explaining:
            costs = np.tile(np.append(np.where(person.fit, 0.0, np.inf), 0.0), (self.model.days, 1))
        if extra is not None:
            costs = costs + extra
        for day in range(self.model.days):
            free = costs[day, -1]
            base = 0.0 if np.isinf(free) else float(free)
            for k in np.flatnonzero(np.isfinite(costs[day, :-1])):
                self.cell[i, day, k] = self.rows.column(float(costs[day, k]) - base, upper=1.0, integer=True)
            self.rows.offset += base
            own = self.cell[i, day][self.cell[i, day] >= 0]
            low = 1.0 if np.isinf(free) else 0.0
            self.rows.row(low, 1.0, Terms.of(own))

    def _forms(self, i: int, person: PersonConstraints) -> None:
        if self.explaining:
            for cell in person.cells:
                if cell.penalty is None:
                    self.rows.statement = cell.statement
                    self.rows.row(-INFINITY, 0.0, self._in(i, cell.mask, cell.day))
        else:
            for starts, pairs in joined_pairs(person.forms).items():
                self._pairs(i, starts, pairs)
        for form in person.forms if self.explaining else presolve(person.forms):
            self.rows.statement = form.statement
            if isinstance(form, RangeConstraint):
                self._tally(i, form)
            elif isinstance(form, RunLengthConstraint):
                self._streak(form, self.model.days, partial(self._in, i, form.inside))
            elif isinstance(form, WeekendConstraint):
                self._blocks(i, form)
            elif self.explaining or not form.is_hard_pair:
                self._ban(i, form)

    def _in(self, i: int, mask: Bools, day: int) -> Terms:
        """1 when the day's duty is in the mask."""
        cells = self.cell[i, day]
        if mask[-1]:
            rest = cells[~mask[:-1]]
            return Terms.of(rest[rest >= 0], -1.0, constant=1.0)
        inside = cells[mask[:-1]]
        return Terms.of(inside[inside >= 0])

    def _limit(self, terms: Terms, low: float, high: float, penalty: float | None, *, most: float = INFINITY) -> None:
        """Ask for a sum within limits, or for a price per unit outside them."""
        if penalty is None:
            self.rows.row(low, high, terms)
        elif penalty > 0 and not self.explaining:
            slack = self.rows.column(penalty, upper=most)
            sign = 1.0 if high == INFINITY else -1.0
            self.rows.row(low, high, total([terms, Terms.of(np.array([slack]), sign)]))

    def _tally(self, i: int, form: RangeConstraint) -> None:
        cells = self.cell[i, form.days.start : form.days.stop]
        counted = (cells >= 0) & (form.gain > 0)
        factors = np.broadcast_to(form.gain, cells.shape)[counted].astype(float)
        terms = Terms(cells[counted], factors, float(form.start))
        for most, penalty in form.tiers:
            self._limit(terms, -INFINITY, most, penalty)
        if form.least > form.start:
            self._limit(terms, form.least, INFINITY, form.under)

    def _streak(self, form: RunLengthConstraint, length: int, inside: Callable[[int], Terms]) -> None:
        if form.most is not None:
            for end in range(length):
                first = end - form.most
                if first >= 0 or form.before >= -first:
                    window = total([inside(day) for day in range(max(0, first), end + 1)])
                    self._limit(window, -INFINITY, end - max(0, first), form.over, most=1.0)
        for short in range(form.least):
            self._short_runs(form, length, inside, short)

    def _short_runs(self, form: RunLengthConstraint, length: int, inside: Callable[[int], Terms], short: int) -> None:
        """Runs of exactly so many planned days, after which the run is over."""
        for first in range(length - short + 1):
            past = form.before if first == 0 else 0
            missing = form.least - short - past
            if missing <= 0 or short + past == 0 or (first == 0 and past == 0 and form.free_start):
                continue
            last = first + short
            if last == length and (form.free_end or short == 0):
                continue
            parts = [inside(day) for day in range(first, last)]
            parts += [negated(inside(first - 1))] if first > 0 else []
            parts += [negated(inside(last))] if last < length else []
            penalty = None if form.under is None else form.under * missing
            self._limit(total(parts), -INFINITY, len(parts) - 1, penalty, most=1.0)

    def _ban(self, i: int, form: ForbiddenSequence) -> None:
        for start in sorted(form.starts):
            if start + len(form.steps) <= self.model.days:
                parts = [self._in(i, mask, start + k) for k, mask in enumerate(form.steps)]
                self._limit(total(parts), -INFINITY, len(parts) - 1, form.penalty, most=1.0)

    def _pairs(self, i: int, starts: frozenset[int], pairs: Bools) -> None:
        """Forbidden pairs as cliques: all first duties that forbid a set of second ones, against that set."""
        for then in {row.tobytes(): row for row in pairs if row.any()}.values():
            firsts = (pairs | ~then).all(axis=1)
            for start in sorted(starts):
                if start + 1 < self.model.days:
                    self.rows.row(-INFINITY, 1.0, total([self._in(i, firsts, start), self._in(i, then, start + 1)]))

    def _blocks(self, i: int, form: WeekendConstraint) -> None:
        working = np.array([True] * self.model.off + [False])
        flags = []
        for block in form.blocks:
            worked = self.rows.column(0.0, upper=1.0, integer=True)
            self.rows.statement = None
            days = [self._in(i, working, day) for day in block]
            for day in days:
                self.rows.row(-INFINITY, 0.0, total([day, Terms.of(np.array([worked]), -1.0)]))
            self.rows.row(0.0, INFINITY, total([*days, Terms.of(np.array([worked]), -1.0)]))
            flags.append(Terms.of(np.array([worked])))
        self.rows.statement = form.statement
        for most, penalty in form.tiers:
            self._limit(total(flags), -INFINITY, most, penalty)
        weekends = np.ones(len(flags), dtype=bool)
        limits = form.least, form.most, form.under, form.over
        runs = RunLengthConstraint(weekends, *limits, 0, free_start=False, free_end=False, statement=form.statement)
        self._streak(runs, len(flags), flags.__getitem__)

    def _line(self, line: CoverageConstraint) -> None:
        duty, day = np.array(line.cells, np.int64) % self.model.off, np.array(line.cells, np.int64) // self.model.off
        people = np.arange(len(self.model.people)) if line.people is None else np.flatnonzero(line.people)
        cells = self.cell[people][:, day, duty].reshape(-1)
        terms = Terms.of(cells[cells >= 0])
        if line.least > 0:
            self._limit(terms, line.least, INFINITY, line.under)
        if line.most is not None:
            self._limit(terms, -INFINITY, line.most, line.over)

    def _wages(self, i: int, person: PersonConstraints) -> Terms:
        _, duty = np.nonzero(self.cell[i] >= 0)
        return Terms(self.cell[i][self.cell[i] >= 0], person.wage[duty], 0.0)


def statements_of(model: RosterModel) -> Statements[Statement]:
    """What the owner asked for, statement by statement."""
    compact = Compact(model, explaining=True)
    statements: Statements[Statement] = Statements(compact.rows.columns)
    for statement, low, high, terms in compact.rows.by_statement():
        statements.add_row(terms.columns, terms.factors, (low, high), statement)
    return statements


def fewest(
    statements: Statements[Statement], suspects: Sequence[Statement], ends: float
) -> tuple[tuple[Statement, ...], bool]:
    """Suspects of which none can be left out, and whether that was proved before the monotonic clock reads `ends`."""
    core, proved = list(suspects), True
    for statement in suspects:
        rest = [other for other in core if other != statement]
        if statement not in core:
            continue
        clash = statements.clash(rest, seconds=ends - time.monotonic())
        if clash is None:
            proved = False
        elif clash:
            core = [other for other in rest if other in clash]
    return tuple(core), proved
