"""From a mixture of rosters to whole ones, and from a roster to better ones."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ints
from engine.scheduling.column_generation import Generation, Incumbent, PricingContext, Root
from engine.scheduling.master import Master, MasterSolution, OpenPart, RosterColumn
from engine.solvers.highs import Program, WorkLimits, solve

ROUNDS, NODES = 40, 30
"""How carefully an opening is solved: rounds of column generation, then nodes of the search for whole columns. They are
steps rather than seconds, so that a seed always gives the same."""


@dataclass(frozen=True)
class Opening:
    """The part of a roster that may change.

    Attributes:
        people: whose rosters.
        days: the days on which they may change.
    """

    people: tuple[int, ...]
    days: range


def reopened(incumbent: Incumbent, opening: Opening, stop: Callable[[], bool]) -> Incumbent | None:
    """The best roster that differs only inside the opening; None when nothing better was found."""
    context = incumbent.context
    start = [incumbent.columns[person] for person in opening.people]
    master = Master(context.model, context.cover, context.big, _part(incumbent, opening))
    for column in start:
        master.add(column)
    current = incumbent.cost
    outside = sum(column.cost for column in incumbent.columns) - sum(column.cost for column in start)
    barred = _barred(incumbent, opening)
    generation = Generation(context, master, barred, stop, enough=current - outside - 1e-6)
    root = generation.run(rounds=ROUNDS)
    if root.bound >= current - outside - 1e-6:
        return None
    hopeful = useful(master, root, current - outside)
    chosen = whole(master, start, WorkLimits(5.0, gap=0.0, nodes=NODES), hopeful)
    better = incumbent.copy()
    for column in chosen:
        better.replace(column)
    return better if better.cost < current - 1e-6 else None


def _part(incumbent: Incumbent, opening: Opening) -> OpenPart:
    """The opening as the linear program knows it: lines outside its days keep their cost."""
    cover = incumbent.context.cover
    counts, spent = incumbent.others(opening.people)
    days = cover.cell // cover.duties
    inside = np.zeros(cover.lines, dtype=bool)
    inside[cover.line[(days >= opening.days.start) & (days < opening.days.stop)]] = True
    return OpenPart(opening.people, counts, spent, np.flatnonzero(inside), float(incumbent.line_costs()[~inside].sum()))


def _barred(incumbent: Incumbent, opening: Opening) -> list[Floats | None]:
    """Per person, infinity on each cell that must stay as it is."""
    model = incumbent.context.model
    barred: list[Floats | None] = [None] * len(model.people)
    if len(opening.days) == model.days:
        return barred
    for person in opening.people:
        closed = np.full((model.days, model.off + 1), np.inf)
        closed[opening.days.start : opening.days.stop] = 0.0
        rows = np.arange(model.days)
        closed[rows, incumbent.columns[person].duties] = 0.0
        barred[person] = closed
    return barred


def useful(master: Master, root: Root, cost: float) -> list[RosterColumn]:
    """The columns that can be part of anything cheaper than this cost: those that the bound leaves room for."""
    room = cost - root.bound + 1e-6
    return [column for column in master.columns if root.prices.reduced(column) <= room]


def whole(
    master: Master, start: Sequence[RosterColumn], limits: WorkLimits, columns: Sequence[RosterColumn] | None = None
) -> list[RosterColumn]:
    """The best choice of one column per person; at least as good as `start`.

    Args:
        master: the people and what is needed.
        start: a choice to begin with.
        limits: how long and how hard to try.
        columns: what to choose from, beside the start; all columns of the master when left out.
    """
    keys = {column.key for column in start}
    pool = [*start, *(c for c in (master.columns if columns is None else columns) if c.key not in keys)]
    program = choice(master, pool)
    fixed = len(program.cost) - len(pool)
    first = np.zeros(len(program.cost))
    first[fixed : fixed + len(start)] = 1.0
    counts = np.sum([column.counts for column in start], axis=0)[master.active]
    lines = len(master.active)
    first[:lines] = np.maximum(0.0, master.least - counts)
    first[lines : 2 * lines] = np.where(master.over > 0, np.maximum(0.0, counts - np.minimum(master.most, 1e9)), 0.0)
    solution = solve(program, limits, start=first)
    if solution.values is None:
        return list(start)
    picked = np.flatnonzero(solution.values[fixed:] > 0.5)
    columns_chosen = sorted((pool[place] for place in picked), key=lambda column: column.person)
    return columns_chosen if len(columns_chosen) == len(master.people) else list(start)


def choice(master: Master, pool: Sequence[RosterColumn]) -> Program:
    """The choice of one column per person as a mixed-integer program; missing and extra people come first."""
    lines, people, budgets = len(master.active), len(master.people), len(master.money)
    rows: list[Ints] = [
        np.arange(lines),
        np.arange(lines),
        np.arange(lines + people, lines + people + budgets),
    ]
    columns = [np.arange(lines), np.arange(lines, 2 * lines), np.arange(2 * lines, 2 * lines + budgets)]
    values = [np.ones(lines), -np.ones(lines), -np.ones(budgets)]
    for place, column in enumerate(pool):
        at, entries = master.entries(column)
        rows.append(at.astype(np.int64))
        columns.append(np.full(len(at), 2 * lines + budgets + place))
        values.append(entries)
    prices = master.model.budget_prices(master.big)
    cost = np.concatenate([master.under, master.over, prices, [column.cost for column in pool]])
    fixed = 2 * lines + budgets
    upper = np.concatenate([np.full(lines, np.inf), np.where(master.over > 0, np.inf, 0.0), np.full(budgets, np.inf)])
    row_lower = np.concatenate([master.least, np.ones(people), np.full(budgets, -np.inf)])
    row_upper = np.concatenate([np.where(master.over > 0, master.most, np.inf), np.ones(people), master.money])
    integer = np.arange(len(cost)) >= fixed
    upper = np.concatenate([upper, np.ones(len(pool))])
    matrix = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
    return Program(cost, np.zeros(len(cost)), upper, integer, *matrix, row_lower, row_upper)


class Neighbourhoods:
    """Chooses what to open next; learns how large an opening may be.

    Args:
        context: the problem.
        rng: all chance in the choice.
    """

    def __init__(self, context: PricingContext, rng: np.random.Generator) -> None:
        self.context, self.rng = context, rng
        cover = context.cover
        day = np.full(cover.lines, 0, np.int64)
        day[cover.line] = cover.cell // cover.duties
        self._line_day = day
        self.group = 4.0
        self.window = 10.0
        self.crowd = 8.0

    def next(self, incumbent: Incumbent) -> Opening:
        """Some people over all days, or many people over some days, near where the roster is dear."""
        model = self.context.model
        day = self._costly_day(incumbent)
        if self.rng.random() < 0.5 or model.days <= 7:
            size = min(len(model.people), max(2, round(self.group)))
            return Opening(self._people(incumbent, day, size), range(model.days))
        length = min(model.days, round(self.window))
        first = int(np.clip(day - self.rng.integers(0, length), 0, model.days - length))
        size = min(len(model.people), round(self.crowd))
        return Opening(self._people(incumbent, day, size), range(first, first + length))

    def around(self, incumbent: Incumbent, focus: Sequence[int]) -> Opening:
        """These people and some others, over all days (four weeks at most)."""
        others = self._people(
            incumbent, self._costly_day(incumbent), min(len(incumbent.columns), 2 + round(self.group))
        )
        length = min(self.context.model.days, 28)
        first = int(self.rng.integers(0, self.context.model.days - length + 1))
        return Opening(tuple(sorted({*others, *focus[:4]})), range(first, first + length))

    def learn(self, opening: Opening, *, is_better: bool, quick: bool) -> None:
        """Grow what was solved quickly without a find, shrink what took long."""
        whole_plan = len(opening.days) == self.context.model.days
        factor = 0.9 if not quick else 1.0 if is_better else 1.05
        if whole_plan:
            self.group = float(np.clip(self.group * factor, 2, 12))
        else:
            self.window = float(np.clip(self.window * factor, 5, 21))
            self.crowd = float(np.clip(self.crowd * factor, 4, 40))

    def _costly_day(self, incumbent: Incumbent) -> int:
        line_costs = incumbent.line_costs()
        total = line_costs.sum()
        if total <= 0 or self.rng.random() < 0.3:
            return int(self.rng.integers(self.context.model.days))
        return int(self._line_day[self.rng.choice(len(line_costs), p=line_costs / total)])

    def _people(self, incumbent: Incumbent, day: int, size: int) -> tuple[int, ...]:
        costs = np.array(
            [
                1.0 + column.cost - incumbent.context.pricers[column.person].cells.min(axis=1).sum()
                for column in incumbent.columns
            ]
        )
        chances = np.maximum(costs, 0.0) + costs.clip(0).mean() + 1e-9
        picked = self.rng.choice(len(chances), size=size, replace=False, p=chances / chances.sum())
        return tuple(sorted(int(person) for person in picked))


CLEAR = 0.95
"""A roster with so much weight is taken as it is."""
SHARE = 0.1
"""So many of the open people are decided in each step, at least one."""
KEPT, ALL_KEPT = 50, 2_000
"""So many rosters of each person, and of all, go on to the next step beside those in use: more make it slow."""
BLUR = 0.5
"""A weight is blurred by a factor between this and 1."""
CAREFUL = 300
"""Rounds of pricing in a step at most."""


@dataclass(frozen=True, eq=False)
class DiveLimits:
    """When a dive is over before its end.

    Attributes:
        cost: a roster that costs as much is not wanted.
        stop: tells when the dive is to be given up.
        elapsed: the time, seconds.
        haste: until then a step takes as long as it needs; from then on each gets its share of what is left.
        end: the time by which the dive is to be through.
    """

    cost: float
    stop: Callable[[], bool]
    elapsed: Callable[[], float]
    haste: float
    end: float

    def step(self, open_people: int) -> Callable[[], bool]:
        """Tells when pricing for so many people has lasted long enough."""
        now = self.elapsed()
        until = max(self.haste, now + (self.end - now) / _steps(open_people))
        return lambda: self.stop() or self.elapsed() >= until


def dive(
    context: PricingContext, master: Master, limits: DiveLimits, rng: np.random.Generator | None = None
) -> Incumbent | None:
    """Whole rosters near the linear program's optimum; None when a limit is met before all are decided.

    Args:
        context: makes columns.
        master: the linear program, with the columns of its optimum.
        limits: when to give up.
        rng: blurs what is clearest, for a dive that ends elsewhere; None for none.
    """
    people = range(len(context.model.people))
    chosen: dict[int, RosterColumn] = {}
    pool, relaxed = list(master.columns), master.solve()
    while True:
        weights = relaxed.weights if rng is None else relaxed.weights * rng.uniform(BLUR, 1.0, len(relaxed.weights))
        for column in _clearest(pool, weights, len(people) - len(chosen)):
            chosen[column.person] = column
        if len(chosen) == len(people):
            return Incumbent(context, [chosen[person] for person in people])
        inner = _left(context, [*chosen.values()], _best(pool, relaxed, chosen.keys()))
        enough = limits.cost - sum(column.cost for column in chosen.values())
        long_enough = limits.step(len(people) - len(chosen))
        root = Generation(context, inner, [None] * len(people), long_enough, enough=enough).run(rounds=CAREFUL)
        if limits.stop() or root.bound >= enough - 1e-6:
            return None
        pool, relaxed = inner.columns, root.relaxed


def _steps(open_people: int) -> int:
    """How many steps decide so many people."""
    steps = 0
    while open_people > 0:
        open_people -= _decided(open_people)
        steps += 1
    return max(1, steps)


def _decided(open_people: int) -> int:
    return max(1, round(SHARE * open_people))


def _clearest(pool: Sequence[RosterColumn], weights: Floats, open_people: int) -> list[RosterColumn]:
    best: dict[int, tuple[float, RosterColumn]] = {}
    for column, weight in zip(pool, weights, strict=False):
        if weight > best.get(column.person, (0.0, column))[0]:
            best[column.person] = (float(weight), column)
    ranked = sorted(best.values(), key=lambda pair: -pair[0])
    count = max(_decided(open_people), sum(weight >= CLEAR for weight, _ in ranked))
    return [column for _, column in ranked[:count]]


def _best(pool: Sequence[RosterColumn], relaxed: MasterSolution, decided: Collection[int]) -> list[RosterColumn]:
    """The columns of the undecided people that are in use or cost least under the prices."""
    reduced = [relaxed.prices.reduced(column) for column in pool]
    used = {place for place, weight in enumerate(relaxed.weights) if weight > 1e-9}
    candidates, counts = [], dict.fromkeys(range(len(relaxed.prices.people)), 0)
    most = min(KEPT, max(1, ALL_KEPT // max(1, len(counts) - len(decided))))
    for place in np.argsort(reduced, kind="stable"):
        person = pool[place].person
        if person not in decided and (place in used or counts[person] < most):
            counts[person] += 1
            candidates.append(pool[place])
    return candidates


def _left(context: PricingContext, chosen: Sequence[RosterColumn], pool: Sequence[RosterColumn]) -> Master:
    """The linear program over the people who are not decided, beside those who are."""
    decided = {column.person for column in chosen}
    people = tuple(person for person in range(len(context.model.people)) if person not in decided)
    counts = np.sum([column.counts for column in chosen], axis=0)
    spent = sum(column.wages for column in chosen)
    master = Master(
        context.model, context.cover, context.big, OpenPart(people, counts, spent, np.arange(context.cover.lines))
    )
    for column in pool:
        master.add(column)
    return master
