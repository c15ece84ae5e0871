"""One warehouse, many items: the exact newsvendor under a capacity."""

import numpy as np
import pytest

from benchmarks.textbook.shared import (
    NormalItems,
    newsvendor_under_capacity,
    normal_cost,
    sampled_newsvendor_under_capacity,
)
from engine.solvers.highs import Program, WorkLimits, solve


@pytest.fixture
def cellar(rng=None):
    """Forty wines."""
    rng = np.random.default_rng(5)
    mean = rng.lognormal(3, 0.8, 40)
    return NormalItems(mean, 0.3 * mean, rng.uniform(2, 20, 40), rng.uniform(0.2, 3, 40), rng.uniform(0.1, 2, 40))


def test_room_enough_is_the_newsvendor_of_each_wine(cellar):
    plan = newsvendor_under_capacity(cellar, 1e9)
    ratio = cellar.underage / (cellar.underage + cellar.overage)
    below = [
        np.mean(np.random.default_rng(1).normal(m, s, 200_000) <= q)
        for m, s, q in zip(cellar.demand_mean[:3], cellar.demand_sd[:3], plan.quantities[:3], strict=True)
    ]
    assert below == pytest.approx(list(ratio[:3]), abs=0.005)
    assert plan.shadow_price == 0


def test_the_plan_proves_itself(cellar):
    free = newsvendor_under_capacity(cellar, 1e9).usage
    for share in (0.9, 0.6, 0.3):
        plan = newsvendor_under_capacity(cellar, share * free)
        assert plan.usage <= share * free
        assert plan.cost == pytest.approx(plan.bound, rel=1e-9)


def test_the_price_of_space_is_what_one_more_unit_saves(cellar):
    space = 0.7 * newsvendor_under_capacity(cellar, 1e9).usage
    plan, more = (newsvendor_under_capacity(cellar, space + extra) for extra in (0.0, 0.01))
    assert (plan.cost - more.cost) / 0.01 == pytest.approx(plan.shadow_price, rel=1e-3)


def test_moving_a_case_between_two_wines_never_helps(cellar):
    plan = newsvendor_under_capacity(cellar, 0.7 * newsvendor_under_capacity(cellar, 1e9).usage)
    rng = np.random.default_rng(2)
    for _ in range(50):
        here, there = rng.choice(40, 2, replace=False)
        other = plan.quantities.copy()
        volume = min(0.5, other[here] * cellar.volume[here])
        other[here] -= volume / cellar.volume[here]
        other[there] += volume / cellar.volume[there]
        assert normal_cost(cellar, other).sum() >= plan.cost - 1e-9


def test_samples_give_the_linear_programs_optimum():
    """Eight items and six scenarios, also solved as the textbook's linear program."""
    rng = np.random.default_rng(8)
    samples = rng.integers(0, 20, (8, 6)).astype(float)
    underage, overage, volume = rng.uniform(2, 9, 8), rng.uniform(0.5, 2, 8), rng.uniform(0.5, 2, 8)
    plan = sampled_newsvendor_under_capacity(samples, underage, overage, volume, 60.0)
    assert plan.usage <= 60 + 1e-9
    cost = np.maximum(samples - plan.quantities[:, None], 0).mean(1) @ underage
    cost += np.maximum(plan.quantities[:, None] - samples, 0).mean(1) @ overage
    assert plan.cost == pytest.approx(cost)
    assert plan.cost == pytest.approx(_by_linear_program(samples, underage, overage, volume, 60.0))


def _by_linear_program(samples, underage, overage, volume, capacity):
    n, m = samples.shape
    rows, columns, entries = [], [], []
    for k in range(n * m):
        rows += [k, k, k]
        columns += [k // m, n + k, n + n * m + k]
        entries += [1.0, 1.0, -1.0]
    rows += [n * m] * n
    columns += list(range(n))
    entries += list(volume)
    cost = np.concatenate([np.zeros(n), np.repeat(underage, m) / m, np.repeat(overage, m) / m])
    limits = samples.ravel()
    program = Program(
        cost, np.zeros(len(cost)), np.full(len(cost), np.inf), np.zeros(len(cost), bool), np.array(rows),
        np.array(columns), np.array(entries), np.append(limits, -np.inf), np.append(limits, capacity),
    )  # fmt: skip
    return solve(program, WorkLimits(20, seed=1)).objective
