"""Curves that bend both ways under shared limits, by a piecewise linear mixed-integer program that is refined.

Where many periods of one channel can take each other's place, a search box by box walks through all their orders. Here
each curve is cut into pieces with a concave envelope on each, and HiGHS chooses the pieces of all periods together. Its
bound holds for the curves themselves, because no envelope lies below them; pieces are cut again where the plan lies.
"""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Floats
from engine.budget.relaxation import Box, Envelope, SharedLimits, SpendVariable, envelope, first_samples
from engine.budget.search import TIGHT, SearchResult
from engine.solvers.highs import Program, SolverStatus, WorkLimits, solve

AIM = 5e-4
"""A program is solved, and pieces are cut, until no plan can be better by more than about this share."""

CLOSER = 0.2
FIRST_GAP = 0.01
FIRST_PIECES = 4
"""Each program is solved to the share `CLOSER` of the gap that is left, and to `FIRST_GAP` at least; the part of a
curve that bends up starts in so many pieces."""

LEAST_PIECE = 1e-4
MOST_ROUNDS = 12
"""Pieces are not cut below this share of the range, nor more often than this."""


@dataclass(eq=False)
class _Cut:
    """One curve in pieces: the ends of the pieces, and the spends at which it was looked at."""

    variable: SpendVariable
    ends: Floats
    samples: Floats

    def envelopes(self) -> list[Envelope]:
        boxes = [Box(float(low), float(high)) for low, high in zip(self.ends[:-1], self.ends[1:], strict=True)]
        return [envelope(self.variable, box, self.samples, joined=True) for box in boxes]

    def refine(self, spend: float, error: float, tolerance: float) -> bool:
        """Look closer at a spend where the envelope promises too much; True when that may change something."""
        if error <= tolerance:
            return False
        least = LEAST_PIECE * (self.variable.high - self.variable.low)
        low, high = self.variable.curve.concave_around(spend)
        bends_up = high <= low
        if not bends_up and spend not in self.samples:
            self.samples = np.union1d(self.samples, [spend])
            bends_up = False
        elif float(np.min(np.abs(self.ends - spend))) < least:
            return False
        if bends_up or (low > self.variable.low and not np.any(np.isclose(self.ends, low))):
            self.ends = np.union1d(self.ends, [spend if bends_up else low])
        return True


@dataclass(eq=False)
class PieceSearch:
    """The plan of greatest worth over some direct variables and some that have a curve.

    Args:
        variables: the first `direct` ones are worth nothing themselves; none is optional or in steps.
        rows: the limits that they share.
        direct: how many there are.
        repair: turns the direct part of a plan into a whole plan that keeps all limits, to the digit.
    """

    variables: Sequence[SpendVariable]
    rows: SharedLimits
    direct: int
    repair: Callable[[Floats], Floats]
    cuts: dict[Hashable, _Cut] = field(default_factory=dict)

    def run(self, start: Floats, *, seconds: float) -> SearchResult | None:
        """The best plan found within the time, and what none can exceed; None when no plan keeps the limits.

        Args:
            start: a plan to beat.
            seconds: when to stop.
        """
        if not self.rows.hold(start, np.ones(len(start)), TIGHT):
            return None
        ends, best, worth, bound = time.monotonic() + seconds, start, self._worth(start), self._ceiling()
        for variable in self.variables[self.direct :]:
            self.cuts.setdefault(_key(variable), _first_cut(variable))
        for _ in range(MOST_ROUNDS):
            values, promised, most = self._solve(worth, bound, max(1.0, ends - time.monotonic()))
            bound = min(bound, most)
            if values is None:
                break
            plan = self.repair(values[: self.direct])
            if self._worth(plan) > worth:
                best, worth = plan, self._worth(plan)
            close = bound - worth <= AIM * abs(worth)
            if close or time.monotonic() > ends or promised is None or not self._refine(values, promised):
                break
        return self._result(best, worth, bound)

    def _result(self, plan: Floats, worth: float, bound: float) -> SearchResult:
        on, prices = np.ones(len(self.variables)), np.zeros(len(self.rows.most))
        return SearchResult(plan, on, worth, max(bound, worth), prices, 0)

    def _ceiling(self) -> float:
        """What no plan can exceed even if every variable had all that it may have."""
        return sum(float(each.curve.value(np.array([each.high]))[0]) for each in self.variables[self.direct :])

    def _worth(self, plan: Floats) -> float:
        pairs = zip(self.variables[self.direct :], plan[self.direct :], strict=True)
        return sum(float(variable.curve.value(np.array([spend]))[0]) for variable, spend in pairs)

    def _refine(self, values: Floats, promised: Floats) -> bool:
        tolerance = 0.1 * AIM * float(promised.sum()) / len(promised)
        closer = False
        for place, variable in enumerate(self.variables[self.direct :]):
            spend = float(values[self.direct + place])
            error = float(promised[place] - variable.curve.value(np.array([spend]))[0])
            closer = self.cuts[_key(variable)].refine(spend, error, tolerance) or closer
        return closer

    def _solve(self, worth: float, bound: float, seconds: float) -> tuple[Floats | None, Floats | None, float]:
        """A plan on the pieces that promises more than `worth`: all values, each curve's promise, and the bound.

        There is none when nothing better is promised, or none was found in time.
        """
        pieces = _PiecewiseProgram(self.variables, self.rows, self.direct, self.cuts)
        near = min(FIRST_GAP, max(0.3 * AIM, CLOSER * (bound - worth) / max(abs(worth), 1e-300)))
        beat = worth * (1 + 0.5 * AIM)
        solution = solve(pieces.program(beat), WorkLimits(seconds, gap=near))
        if solution.status is SolverStatus.INFEASIBLE:
            return None, None, beat
        most = max(beat, -solution.bound * pieces.unit)
        return (None, None, most) if solution.values is None else (*pieces.read(solution.values), most)


class _PiecewiseProgram:
    """The columns and rows: direct spends, then per curve and piece the weights of its corners, then the choices."""

    def __init__(
        self, variables: Sequence[SpendVariable], rows: SharedLimits, direct: int, cuts: dict[Hashable, _Cut]
    ) -> None:
        self.direct, self.money = direct, max(1e-300, max(each.high for each in variables))
        envelopes_of = {key: cut.envelopes() for key, cut in cuts.items()}
        envelopes = [envelopes_of[_key(variable)] for variable in variables[direct:]]
        pieces = [each for of_curve in envelopes for each in of_curve]
        sizes = [len(each.spend) for each in pieces]
        self.curves = len(envelopes)
        self.curve_of_piece = np.repeat(np.arange(self.curves), [len(of_curve) for of_curve in envelopes])
        self.piece_of = np.repeat(np.arange(len(pieces)), sizes)
        self.owner = self.curve_of_piece[self.piece_of]
        self.spend = np.concatenate([each.spend for each in pieces])
        self.promise = np.concatenate([each.worth for each in pieces])
        self.unit = max(1e-300, float(np.max(np.abs(self.promise))))
        weights, choices = np.zeros(len(self.owner)), np.zeros(len(pieces))
        self.worth = np.concatenate([np.zeros(direct), self.promise, choices])
        self.whole = np.concatenate([np.zeros(direct), weights, choices + 1])
        self.low = np.concatenate([[each.low / self.money for each in variables[:direct]], weights, choices])
        self.high = np.concatenate([[each.high / self.money for each in variables[:direct]], weights + 1, choices + 1])
        self._share(rows)
        self._choose_pieces()

    def _share(self, rows: SharedLimits) -> None:
        """The limits that variables share, scaled: `shared @ columns <= most`."""
        heights = np.maximum(1e-300, np.max(np.abs(rows.spend_parts), axis=1) * self.money)
        parts = rows.spend_parts / heights[:, None]
        weights = parts[:, self.direct + self.owner] * self.spend
        choices = np.zeros((len(parts), len(self.curve_of_piece)))
        self.shared = np.hstack([parts[:, : self.direct] * self.money, weights, choices])
        self.most = rows.most / heights

    def _choose_pieces(self) -> None:
        """One piece per curve, and all weight on its corners: `one` are the entries of rows that equal `one_is`."""
        corners, pieces = len(self.owner), len(self.curve_of_piece)
        choice = self.direct + corners + np.arange(pieces)
        weight = self.direct + np.arange(corners)
        row = np.concatenate([self.piece_of, np.arange(pieces), pieces + self.curve_of_piece])
        self.one_row, self.one_column = row, np.concatenate([weight, choice, choice])
        self.one = np.concatenate([np.ones(corners), -np.ones(pieces), np.ones(pieces)])
        self.one_is = np.concatenate([np.zeros(pieces), np.ones(self.curves)])

    def program(self, beat: float) -> Program:
        """The plan on the pieces that promises most, if that is at least `beat`."""
        worth = self.worth / self.unit
        at_worth, (at_row, at_column) = np.flatnonzero(worth), np.nonzero(self.shared)
        shared = len(self.most)
        return Program(
            cost=-worth,
            lower=self.low,
            upper=self.high,
            integer=self.whole > 0,
            rows=np.concatenate([np.zeros(len(at_worth), np.int64), 1 + at_row, 1 + shared + self.one_row]),
            columns=np.concatenate([at_worth, at_column, self.one_column]),
            entries=np.concatenate([worth[at_worth], self.shared[at_row, at_column], self.one]),
            row_lower=np.concatenate([[beat / self.unit], np.full(shared, -np.inf), self.one_is]),
            row_upper=np.concatenate([[np.inf], self.most, self.one_is]),
        )

    def read(self, solution: Floats) -> tuple[Floats, Floats]:
        """All values in money, and what each curve promises."""
        weight = solution[self.direct : self.direct + len(self.owner)]
        values = np.bincount(self.owner, weight * self.spend, self.curves)
        promised = np.bincount(self.owner, weight * self.promise, self.curves)
        return np.concatenate([solution[: self.direct] * self.money, values]), np.asarray(promised, dtype=np.float64)


def bends_up(variable: SpendVariable) -> bool:
    """Whether a curve bends up somewhere in its range, so that a concave search may stop short of a proof."""
    low, high = variable.curve.concave_around(variable.high)
    return low > variable.low + LEAST_PIECE * (variable.high - variable.low) or high < variable.high


def _key(variable: SpendVariable) -> Hashable:
    return id(variable.curve), variable.low, variable.high


def _first_cut(variable: SpendVariable) -> _Cut:
    low = variable.curve.concave_around(variable.high)[0]
    parts = np.linspace(variable.low, low, FIRST_PIECES + 1)[:-1] if low > variable.low else np.empty(0)
    ends = np.concatenate([parts, [max(low, variable.low), variable.high]])
    return _Cut(variable, ends, first_samples(variable))
