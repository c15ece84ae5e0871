"""From a mixture of rosters to whole ones: fix the clearest, price again to the end, and so on."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.scheduling.incumbent import Incumbent
from engine.scheduling.master import Master, MasterSolution, OpenPart, RosterColumn
from engine.scheduling.pricing_context import Generation, PricingContext

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
