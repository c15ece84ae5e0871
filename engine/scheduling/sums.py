"""Sums that must stay in a range, beside the graph of a person's rules: by a counter, or by a price.

Most sums are counted in the search for one person's best roster. The hours of a year have too many values for that, so
each unit of such a sum is charged for (or rewarded) until the best roster keeps the range: a Lagrangian relaxation.
Where a hair's breadth of the charge lets the sum jump over the range, the one charge holds for the first days of the
plan and the other for the rest, and the day of the change is looked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.arrays import Floats, Ints, Ints16, Ints32
from engine.scheduling.automaton import Graph
from engine.scheduling.constraints import RangeConstraint, Tier, WeekendConstraint


@dataclass(frozen=True, eq=False)
class Track:
    """One counter: tallies one after the other in time that count the same, or the worked weekends.

    Attributes:
        tallies: the tallies in order of time; empty for weekends.
        tiers: thresholds and the penalty per unit above each.
        top: values above are not told apart.
    """

    tallies: tuple[RangeConstraint, ...]
    tiers: tuple[Tier, ...]
    top: int

    @property
    def levels(self) -> int:
        """How many values it can have."""
        return self.top + 1

    def excess(self, value: int) -> float:
        """What a value costs by being high."""
        return sum(
            (np.inf if cost is None else cost * (value - threshold))
            for threshold, cost in self.tiers
            if value > threshold
        )


@dataclass(frozen=True, eq=False)
class Counters:
    """All counters of one person, flattened into one number each day.

    Attributes:
        size: how many flat values there are.
        start: the flat value before day 0.
        moves: arcs: which row of `target` and `excess` each arc uses.
        target: shape (moves, size), the next flat value; -1 when forbidden.
        excess: shape (moves, size), what the move costs.
        closing: per day, the row of `close_to` that ends a period on that day; -1 for none.
        close_to: shape (closings, size), the flat value with which the next period starts.
        close_cost: shape (closings, size), what the period costs by being low; infinite when forbidden.
    """

    size: int
    start: int
    moves: Ints32
    target: Ints32
    excess: Floats
    closing: Ints32
    close_to: Ints32
    close_cost: Floats


class Net(NamedTuple):
    """A graph with its counters as plain arrays; see `automaton.Graph` and `Counters`."""

    first: Ints32
    target: Ints32
    kind: Ints32
    cost: Floats
    finish: Floats
    moves: Ints32
    counter_to: Ints32
    counter_cost: Floats
    closing: Ints32
    close_to: Ints32
    close_cost: Floats
    start: int


def tracks(tallies: Sequence[RangeConstraint], blocks: Sequence[WeekendConstraint]) -> tuple[Track, ...]:
    """Counters for these tallies and weekends; tallies of the same sum share one."""
    weekends = [Track((), form.tiers, max(threshold for threshold, _ in form.tiers)) for form in blocks if form.tiers]
    rows: dict[tuple[bytes, tuple[Tier, ...]], list[RangeConstraint]] = {}
    alike: dict[tuple[int, int, int, bytes], list[RangeConstraint]] = {}
    for tally in tallies:
        alike.setdefault((tally.days.start, tally.days.stop, tally.start, tally.gain.tobytes()), []).append(tally)
    for together in alike.values():
        tally = _joined(together)
        rows.setdefault((tally.gain.tobytes(), tally.tiers), []).append(tally)
    counted = list(weekends)
    for row in rows.values():
        for one in _apart(row):
            hard = one[0].hard_most
            top = hard if hard is not None else max([t for t, _ in one[0].tiers] + [t.least for t in one])
            counted.append(Track(tuple(one), one[0].tiers, max(top, max(t.least for t in one), 0)))
    return tuple(counted)


def _joined(tallies: Sequence[RangeConstraint]) -> RangeConstraint:
    """Tallies over the same days of the same sum as one."""
    if len(tallies) == 1:
        return tallies[0]
    tiers = tuple(dict.fromkeys(tier for tally in tallies for tier in tally.tiers))
    low = max(tallies, key=lambda tally: tally.least)
    first = tallies[0]
    return RangeConstraint(first.days, first.gain, low.least, low.under, tiers, first.start, first.statement)


def _apart(tallies: Sequence[RangeConstraint]) -> list[list[RangeConstraint]]:
    """Tallies gathered so that within a group none overlaps another."""
    groups: list[list[RangeConstraint]] = []
    for tally in sorted(tallies, key=lambda each: each.days.start):
        home = next((group for group in groups if group[-1].days.stop <= tally.days.start), None)
        if home is None:
            groups.append([tally])
        else:
            home.append(tally)
    return groups


def counters(graph: Graph, tracks_of_rules: Sequence[Track], days: int) -> Counters:
    """The counters of these tracks along this graph; the weekend tracks come first."""
    levels = [track.levels for track in tracks_of_rules]
    size = int(np.prod(levels)) if levels else 1
    values = np.stack(np.unravel_index(np.arange(size), levels or [1])).astype(np.int64)
    pairs, moves = np.unique(np.stack([graph.kind, graph.effect], axis=1), axis=0, return_inverse=True)
    target = np.zeros((len(pairs), size), np.int32)
    excess = np.zeros((len(pairs), size))
    for row, (kind, effect) in enumerate(pairs):
        target[row], excess[row] = _move(graph, tracks_of_rules, values, int(kind), int(effect))
    start = [min(t.tallies[0].start if t.tallies else 0, t.top) for t in tracks_of_rules]
    closing, close_to, close_cost = _closings(tracks_of_rules, values, days)
    flat = int(np.ravel_multi_index(start, levels)) if levels else 0
    return Counters(size, flat, moves.reshape(-1).astype(np.int32), target, excess, closing, close_to, close_cost)


def _move(graph: Graph, tracks_of_rules: Sequence[Track], values: Ints, kind: int, effect: int) -> tuple[Ints, Floats]:
    duty = int(graph.representative[kind])
    after, cost = values.copy(), np.zeros(values.shape[1])
    for place, track in enumerate(tracks_of_rules):
        if track.tallies:
            gain = track.tallies[0].gain
            rise = int(gain[duty]) if duty < len(gain) else 0
        else:
            rise = int(graph.rises[effect, place])
        table = np.array([track.excess(v) for v in range(track.top + rise + 1)])
        with np.errstate(invalid="ignore"):
            step = table[values[place] + rise] - table[values[place]]
        cost += np.where(np.isnan(step), np.inf, step)
        after[place] = np.minimum(values[place] + rise, track.top)
    flat = (
        np.ravel_multi_index(list(after), [t.levels for t in tracks_of_rules])
        if tracks_of_rules
        else np.zeros(1, np.int64)
    )
    return np.where(np.isinf(cost), -1, flat), np.where(np.isinf(cost), 0.0, cost)


def _closings(tracks_of_rules: Sequence[Track], values: Ints, days: int) -> tuple[Ints32, Ints32, Floats]:
    closing = np.full(days, -1, np.int32)
    rows_to: list[Ints] = []
    rows_cost: list[Floats] = []
    for day in range(days):
        ending = {p: t for p, track in enumerate(tracks_of_rules) for t in track.tallies if t.days.stop == day + 1}
        if not ending:
            continue
        after, cost = values.copy(), np.zeros(values.shape[1])
        for place, tally in ending.items():
            low = np.array([tally.shortfall_cost(v) for v in range(tracks_of_rules[place].levels)])
            cost += low[values[place]]
            after[place] = min(_next_start(tracks_of_rules[place], tally), tracks_of_rules[place].top)
        closing[day] = len(rows_to)
        rows_to.append(np.ravel_multi_index(list(after), [t.levels for t in tracks_of_rules]))
        rows_cost.append(cost)
    size = values.shape[1]
    return (
        closing,
        np.array(rows_to, np.int32).reshape(len(rows_to), size),
        np.array(rows_cost, float).reshape(len(rows_cost), size),
    )


def _next_start(track: Track, ended: RangeConstraint) -> int:
    later = [tally.start for tally in track.tallies if tally.days.start >= ended.days.stop]
    return later[0] if later else 0


ROUNDS = 40
"""How often a charge is changed for one roster."""
HALVINGS = 6
"""How often the gap between a charge that is too little and one that is too much is halved, before days are split."""
KEPT = 0.95
"""So much of a charge that did its work is tried next time: the roster then ends close to the edge of the range."""


@dataclass
class Charge:
    """What a unit of one sum costs while a roster is looked for that keeps the sum's range.

    Attributes:
        tally: the sum.
        step: the first charge that is tried, per unit.
        level: the charge of now, the same on all days unless they are split.
    """

    tally: RangeConstraint
    step: float
    level: float = 0.0
    _little: float | None = None
    _much: float | None = None
    _halvings: int = 0
    _split: tuple[int, int] | None = None
    _backwards: bool = False

    @property
    def even(self) -> bool:
        """True while all days have the same charge, so that a bound may be taken from it."""
        return self._split is None

    def per_day(self) -> Floats:
        """The charge per unit on each day of the sum."""
        days = len(self.tally.days)
        if self._split is None or self._little is None or self._much is None:
            return np.full(days, self.level)
        early = np.arange(days) < sum(self._split) // 2
        return np.where(early != self._backwards, self._little, self._much)

    def on(self, costs: Floats) -> None:
        """Add the charge to what duties cost, shape (days, K + 1)."""
        days = self.tally.days
        costs[days.start : days.stop, :-1] += np.outer(self.per_day(), self.tally.gain)

    def paid(self, duties: Ints16) -> float:
        """What a roster pays."""
        gains = np.append(self.tally.gain, 0)[duties[self.tally.days.start : self.tally.days.stop]]
        return float(self.per_day() @ gains)

    def most_paid(self) -> float:
        """What no roster in the range pays more than, at the same charge on all days; infinite when there is no end."""
        return self.level * (self.tally.range_end(self.level) - self.tally.start) if self.level else 0.0

    def move(self, side: int) -> None:
        """Charge more when a roster's sum was too high (1), less when it was too low (-1)."""
        if self._split is not None:
            self._move_split(self._split, side)
        elif side:
            self._move_level(side)

    def _move_split(self, between: tuple[int, int], side: int) -> None:
        """Look for the day of the change by halves; then from the other end; then with charges further apart."""
        middle = sum(between) // 2
        self._split = (between[0], middle) if (side > 0) != self._backwards else (middle, between[1])
        if self._split[1] - self._split[0] <= 1:
            self._split = (0, len(self.tally.days))
            if self._backwards and self._little is not None and self._much is not None:
                apart = self._much - self._little + self.step / 10
                self._little, self._much = self._little - apart, self._much + apart
            self._backwards = not self._backwards

    def _move_level(self, side: int) -> None:
        if side > 0:
            self._little = self.level
        else:
            self._much = self.level
        if self._little is None or self._much is None:
            self.level += side * self.step
            self.step *= 2
        elif self._halvings < HALVINGS:
            self._halvings += 1
            self.level = (self._little + self._much) / 2
        else:
            self._split = (0, len(self.tally.days))


def outside(tally: RangeConstraint, duties: Ints16) -> int:
    """1 when a roster's sum is above what must hold, -1 when it is below, 0 when it is in the range."""
    total = tally.total(duties)
    if np.isinf(tally.excess_cost(total)):
        return 1
    return -1 if np.isinf(tally.shortfall_cost(total)) else 0


def first_step(costs: Floats, tally: RangeConstraint) -> float:
    """A small charge per unit of a sum, by the size of the costs."""
    finite = costs[np.isfinite(costs)]
    return float(1.0 + np.ptp(finite)) / (50.0 * max(1, int(tally.gain.max(initial=1))))
