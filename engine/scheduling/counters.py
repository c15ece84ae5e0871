"""Sums beside the states of a graph: where they start, how each step moves them, what high and low ones cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.arrays import Floats, Ints, Ints32
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
    """A graph with its counters as plain arrays; see `automaton.Graph` and `counters.Counters`."""

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
