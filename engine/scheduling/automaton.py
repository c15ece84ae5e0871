"""One person's rules as a layered graph: what must be remembered from day to day, and which steps are left.

Runs, forbidden sequences and weekends become the states of the graph; sums (`RangeConstraint`, and the number of worked
weekends) become counters beside it, which `sums.py` sets up. People with the same rules share one graph.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import Floats, Ints, Ints16, Ints32
from engine.scheduling.constraints import (
    Constraint,
    ForbiddenSequence,
    RangeConstraint,
    RunLengthConstraint,
    WeekendConstraint,
)

INFINITE = float("inf")
Step = tuple[Any, float, int]
"""The next state of a machine, the cost of going there, and by how much its counter rises."""


def _short(form: RunLengthConstraint | WeekendConstraint, length: int) -> float:
    """What a run of this length costs by being short."""
    missing = form.least - length
    if length == 0 or missing <= 0:
        return 0.0
    return INFINITE if form.under is None else form.under * missing


class _StreakMachine:
    """Remembers the length of the current run; -1 - length stands for a run that may stay short."""

    def __init__(self, form: RunLengthConstraint, classes: Sequence[int]) -> None:
        self.form, self.inside = form, [bool(form.inside[k]) for k in classes]
        self.cap = max(form.least, form.most or 0)

    def start(self) -> int:
        return int(min(self.form.before, self.cap))

    def step(self, state: int, day: int, kind: int) -> Step | None:
        form, exempt, length = self.form, state < 0, state if state >= 0 else -1 - state
        if not self.inside[kind]:
            cost = 0.0 if exempt else _short(form, length)
            return None if cost == INFINITE else (0, cost, 0)
        exempt = exempt or (day == 0 and length == 0 and form.free_start)
        cost = 0.0
        if form.most is not None and length + 1 > form.most:
            if form.over is None:
                return None
            cost = form.over
        length = min(length + 1, self.cap)
        return (-1 - length if exempt and length < form.least else length), cost, 0

    def finish(self, state: int) -> float:
        return 0.0 if state < 0 or self.form.free_end else _short(self.form, state)


class _BanMachine:
    """Remembers how far each possible occurrence has come: the set of steps already matched."""

    def __init__(self, form: ForbiddenSequence, classes: Sequence[int]) -> None:
        self.form = form
        self.matches = [[bool(mask[k]) for mask in form.steps] for k in classes]

    def start(self) -> tuple[int, ...]:
        return ()

    def step(self, state: tuple[int, ...], day: int, kind: int) -> Step | None:
        matches, last = self.matches[kind], len(self.form.steps) - 1
        alive = [at for at in (*state, 0) if matches[at] and (at or day in self.form.starts)]
        if last in alive and self.form.penalty is None:
            return None
        cost = self.form.penalty or 0.0 if last in alive else 0.0
        return tuple(at + 1 for at in alive if at < last), cost, 0

    def finish(self, state: tuple[int, ...]) -> float:
        return 0.0


class _BlockMachine:
    """Remembers whether the current weekend is already worked, and how many before it were, in a row."""

    def __init__(self, form: WeekendConstraint, classes: Sequence[int], off: int) -> None:
        self.form, self.works = form, [k != off for k in classes]
        self.last_day = {day: day == block[-1] for block in form.blocks for day in block}
        self.rows = form.least > 1 or form.most is not None
        self.cap = max(form.least, form.most or 0) if self.rows else 0

    def start(self) -> tuple[bool, int]:
        return False, 0

    def step(self, state: tuple[bool, int], day: int, kind: int) -> Step | None:
        if day not in self.last_day:
            return state, 0.0, 0
        worked, row = state
        rises = int(self.works[kind] and not worked)
        worked = worked or self.works[kind]
        if not self.last_day[day]:
            return (worked, row), 0.0, rises
        cost = self._close(worked, row) if self.rows else 0.0
        row = min(row + 1, self.cap) if worked and self.rows else 0
        return None if cost == INFINITE else ((False, row), cost, rises)

    def finish(self, state: tuple[bool, int]) -> float:
        return _short(self.form, state[1]) if self.rows else 0.0

    def _close(self, worked: bool, row: int) -> float:
        form = self.form
        if not worked:
            return _short(form, row)
        if form.most is None or row < form.most:
            return 0.0
        return INFINITE if form.over is None else form.over


@dataclass(frozen=True, eq=False)
class Graph:
    """All sequences of duties that the runs, forbidden sequences and weekends leave, day by day.

    Attributes:
        classes: shape (K + 1,), the class of each duty; duties of a class behave alike. The free day's is the last.
        representative: one duty of each class.
        first: shape (days, states + 1), where the arcs of each state begin; state numbers start anew each day.
        target: arcs: the state on the next day.
        kind: arcs: the class of duty.
        cost: arcs: what the step costs.
        effect: arcs: which row of `rises` it adds to the counters.
        rises: shape (effects, counters), how much each effect adds to each weekend counter.
        finish: what it costs to end in each state of the last day; infinite when forbidden.
    """

    classes: Ints32
    representative: Ints32
    first: Ints32
    target: Ints32
    kind: Ints32
    cost: Floats
    effect: Ints32
    rises: Ints32
    finish: Floats

    @property
    def states(self) -> int:
        """The most states that any day has."""
        return int(self.first.shape[1] - 1)


def behaviour(forms: Sequence[Constraint], gains: Sequence[Ints], duties: int) -> tuple[Ints32, Ints32]:
    """Classes of duties that neither forms nor sums tell apart."""
    columns: list[Ints] = [np.append(gain, 0) for gain in gains]
    for form in forms:
        if isinstance(form, RunLengthConstraint):
            columns.append(form.inside.astype(np.int64))
        elif isinstance(form, ForbiddenSequence):
            columns.extend(mask.astype(np.int64) for mask in form.steps)
    rows = np.stack([*columns, np.zeros(duties + 1, np.int64)], axis=1)
    seen: dict[tuple[int, ...], int] = {}
    classes = np.full(duties + 1, -1, np.int32)
    representative: list[int] = []
    for k in range(duties + 1):
        key = (int(k == duties), *rows[k].tolist())
        if key not in seen:
            seen[key] = len(representative)
            representative.append(k)
        classes[k] = seen[key]
    return classes, np.array(representative, np.int32)


MOST_STATES = 1500
"""A day with more states than this would make a search take longer than a breath."""


class TooManyStates(Exception):
    """The graph of these rules would be too large."""


def own_cost(form: Constraint, duties: Ints16, off: int) -> float:
    """What one form costs a given roster; infinite when it forbids it."""
    if isinstance(form, RangeConstraint):
        total = form.total(duties)
        return form.excess_cost(total) + form.shortfall_cost(total)
    machine, cost, count = _machine(form, range(off + 1), off), 0.0, 0
    state = machine.start()
    for day, duty in enumerate(duties.tolist()):
        step = machine.step(state, day, duty)
        if step is None:
            return INFINITE
        state, cost, count = step[0], cost + step[1], count + step[2]
    tiers = form.tiers if isinstance(form, WeekendConstraint) else ()
    excess = sum((INFINITE if price is None else price * (count - most)) for most, price in tiers if count > most)
    return float(cost + machine.finish(state) + excess)


def build(forms: Sequence[Constraint], gains: Sequence[Ints], days: int, duties: int) -> Graph:
    """The graph of these rules; it keeps duties apart that add different amounts to some sum (`gains`).

    Raises:
        TooManyStates: a day would have more than `MOST_STATES`.
    """
    classes, representative = behaviour(forms, gains, duties)
    control = [form for form in forms if not isinstance(form, RangeConstraint)]
    machines = [_machine(form, representative.tolist(), duties) for form in control]
    counted = [place for place, form in enumerate(control) if isinstance(form, WeekendConstraint) and form.tiers]
    return _Weave(machines, counted, len(representative)).graph(days, classes, representative)


def _machine(form: Constraint, classes: Sequence[int], off: int) -> Any:
    if isinstance(form, RunLengthConstraint):
        return _StreakMachine(form, classes)
    if isinstance(form, ForbiddenSequence):
        return _BanMachine(form, classes)
    assert isinstance(form, WeekendConstraint)
    return _BlockMachine(form, classes, off)


class _Weave:
    """Follows all machines at once, from the first day on, through the states that can be reached."""

    def __init__(self, machines: Sequence[Any], counted: Sequence[int], kinds: int) -> None:
        self.machines, self.counted, self.kinds = machines, counted, kinds
        self.effects: dict[tuple[int, ...], int] = {(0,) * len(counted): 0}

    def graph(self, days: int, classes: Ints32, representative: Ints32) -> Graph:
        states: list[tuple[Any, ...]] = [tuple(machine.start() for machine in self.machines)]
        arcs: list[tuple[int, int, float, int]] = []
        first: list[list[int]] = []
        for day in range(days):
            number_of: dict[tuple[Any, ...], int] = {}
            begins = []
            for state in states:
                begins.append(len(arcs))
                for kind in range(self.kinds):
                    arc = self._arc(state, day, kind, number_of)
                    if arc is not None:
                        arcs.append(arc)
            first.append([*begins, len(arcs)])
            states = list(number_of)
            if len(states) > MOST_STATES:
                raise TooManyStates
        width = max(max(map(len, first)), len(states) + 1)
        padded = np.array([row + [row[-1]] * (width - len(row)) for row in first], np.int32)
        finish = np.full(width - 1, np.inf)
        for place, state in enumerate(states):
            finish[place] = sum(machine.finish(part) for machine, part in zip(self.machines, state, strict=True))
        table = np.array(arcs, float).reshape(len(arcs), 4)
        target, kinds, effect = (table[:, place].astype(np.int32) for place in (0, 1, 3))
        rises = np.array(list(self.effects), np.int32).reshape(len(self.effects), len(self.counted))
        return Graph(classes, representative, padded, target, kinds, table[:, 2].copy(), effect, rises, finish)

    def _arc(
        self, state: tuple[Any, ...], day: int, kind: int, number_of: dict[tuple[Any, ...], int]
    ) -> tuple[int, int, float, int] | None:
        following, cost, rises = [], 0.0, []
        for machine, part in zip(self.machines, state, strict=True):
            step = machine.step(part, day, kind)
            if step is None:
                return None
            following.append(step[0])
            cost += step[1]
            rises.append(step[2])
        effect = self.effects.setdefault(tuple(rises[place] for place in self.counted), len(self.effects))
        return number_of.setdefault(tuple(following), len(number_of)), kind, cost, effect
