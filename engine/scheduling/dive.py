"""From a mixture of rosters to whole ones: fix the clearest, price again, and so on."""

from collections.abc import Callable

import numpy as np

from engine.scheduling.board import Board
from engine.scheduling.columns import Generation, Workshop
from engine.scheduling.forms import Floats
from engine.scheduling.highs import Effort
from engine.scheduling.improve import whole
from engine.scheduling.master import Column, Master, Part

CLEAR = 0.95
"""A roster with so much weight is taken as it is."""
SHARE = 0.1
"""So many of the open people are decided in each step, at least one."""
ROUNDS = 5
LAST_PEOPLE = 6
"""When so few are left, their columns are chosen by a search."""


def dive(shop: Workshop, master: Master, stop: Callable[[], bool]) -> Board | None:
    """Whole rosters near the linear program's optimum; None when time is up before all are decided."""
    people = len(shop.model.people)
    chosen: dict[int, Column] = {}
    pool = list(master.columns)
    weights = master.solve().weights
    while len(chosen) < people:
        for column in _clearest(pool, weights, people - len(chosen)):
            chosen[column.person] = column
        left = [person for person in range(people) if person not in chosen]
        if not left:
            break
        if stop():
            return None
        inner, weights = _priced_again(shop, [*chosen.values()], left, pool, stop)
        pool = inner.columns
        if len(left) <= LAST_PEOPLE:
            best = _best_each(pool, weights, left)
            chosen |= {column.person: column for column in whole(inner, best, Effort(2.0, nodes=20))}
    return Board(shop, [chosen[person] for person in range(people)])


def _clearest(pool: list[Column], weights: Floats, open_people: int) -> list[Column]:
    best: dict[int, tuple[float, Column]] = {}
    for column, weight in zip(pool, weights, strict=True):
        if weight > best.get(column.person, (0.0, column))[0]:
            best[column.person] = (float(weight), column)
    ranked = sorted(best.values(), key=lambda pair: -pair[0])
    count = max(1, round(SHARE * open_people), sum(weight >= CLEAR for weight, _ in ranked))
    return [column for _, column in ranked[:count]]


def _priced_again(
    shop: Workshop, chosen: list[Column], left: list[int], pool: list[Column], stop: Callable[[], bool]
) -> tuple[Master, Floats]:
    given = np.sum([column.counts for column in chosen], axis=0)
    spent = sum(column.wages for column in chosen)
    part = Part(tuple(left), given, spent, np.arange(shop.cover.lines))
    master = Master(shop.model, shop.cover, shop.big, part)
    open_people = {*left}
    for column in pool:
        if column.person in open_people:
            master.add(column)
    root = Generation(shop, master, [None] * len(shop.model.people), stop).run(rounds=ROUNDS)
    weights = root.relaxed.weights
    return master, np.concatenate([weights, np.zeros(len(master.columns) - len(weights))])


def _best_each(pool: list[Column], weights: Floats, people: list[int]) -> list[Column]:
    order = np.argsort(-weights, kind="stable")
    best: dict[int, Column] = {}
    for place in order:
        best.setdefault(pool[place].person, pool[place])
    return [best[person] for person in people]
