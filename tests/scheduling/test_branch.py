"""The search tree alone, without the heuristics around it, against a general solver on the whole problem."""

import time
from dataclasses import replace

import numpy as np
import pytest

from engine.scheduling import Employee, Need
from engine.scheduling.branch import BranchDecision, Branching
from engine.scheduling.column_generation import greedy, pricing_context
from engine.scheduling.formulate import formulate
from engine.scheduling.master import Master, OpenPart
from engine.scheduling.mip import Compact
from engine.scheduling.rules import Rest, WorkingTime, WorkRun
from engine.solvers import highs
from tests.scheduling.rota import EARLY, LATE, cafe, day

SEED = int(time.time())


def drawn(seed):
    """Three to four people, six days, more work than they can do."""
    rng = np.random.default_rng(seed)
    staff = [
        Employee(f"Barista {k + 1}", rate=float(rng.integers(10, 20)), most_minutes=int(rng.integers(20, 41)) * 60)
        for k in range(rng.integers(3, 5))
    ]
    needs = [
        Need(day(d), "", start * 60, end * 60, least=int(rng.integers(1, 4)), under=float(rng.integers(20, 90)))
        for d in range(6)
        for start, end in ((8, 13), (13, 20))
    ]
    rules = (Rest(), WorkRun(least=2, most=3, weight=7.0), WorkingTime())
    return replace(cafe(*rules, staff=staff, needs=needs, days=6), shifts=(EARLY, LATE))


@pytest.mark.parametrize("case", range(6))
def test_the_tree_closes_at_the_optimum_of_the_whole_problem(case):
    print("seed", SEED + case)
    model = formulate(drawn(SEED + case))
    best = highs.solve(Compact(model, None).program(), highs.WorkLimits(60.0, gap=0.0)).objective
    context = pricing_context(model)
    master = Master(model, context.cover, context.big, OpenPart.all_of(model))
    first = greedy(context, list(range(len(model.people))))
    for column in first.columns:
        master.add(column)
    tree, cost, bound = Branching(context, master), first.cost, -np.inf
    for _ in range(400):
        if not tree.open or bound >= cost - 1e-6:
            break
        bound = tree.step(cost, lambda: False)
        assert bound <= best + 1e-4
        if tree.incumbent is not None:
            cost = min(cost, tree.incumbent.cost)
            assert cost >= best - 1e-4
    assert (bound, cost) == (pytest.approx(best, abs=1e-3), pytest.approx(best, abs=1e-3))


def test_a_decision_holds_for_some_duties_or_for_all_others():
    works, rests = (BranchDecision(0, 0, (0, 1), is_worked) for is_worked in (True, False))
    assert [works.allows(duty) for duty in range(3)] == [True, True, False]
    assert [rests.allows(duty) for duty in range(3)] == [False, False, True]
