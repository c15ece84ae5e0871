"""When to order one item whose demand is known: the textbook's example, and seasons that can be counted out."""

from itertools import product

import numpy as np
import pytest

from benchmarks.textbook.wagner_whitin import wagner_whitin


def test_wagner_and_whitin_order_twice():
    """Snyder & Shen, example 3.9."""
    schedule = wagner_whitin([90, 120, 80, 70], order_cost=500, holding_cost=2)
    assert (schedule.quantities, schedule.cost) == ((210, 0, 150, 0), 1380)


def test_no_schedule_is_cheaper_than_wagner_and_whitins(seed=3):
    """Counted out: every set of order periods of a season of seven weeks, some without demand."""
    rng = np.random.default_rng(seed)
    for _ in range(20):
        demand = rng.integers(0, 40, 7) * (rng.random(7) < 0.7)
        fee, holding = rng.uniform(5, 60), rng.uniform(0.2, 2)
        least = min(_cost(demand, orders, fee, holding) for orders in product((False, True), repeat=7))
        schedule = wagner_whitin(demand, order_cost=fee, holding_cost=holding)
        assert schedule.cost == pytest.approx(least)
        assert sum(schedule.quantities) == demand.sum()


def _cost(demand, orders, fee, holding):
    """Each demand comes from the latest order before it."""
    latest, cost = None, fee * sum(orders)
    for period, units in enumerate(demand):
        latest = period if orders[period] else latest
        if units and latest is None:
            return np.inf
        cost += holding * units * (period - latest) if units else 0
    return cost


def test_fresh_goods_are_ordered_for_two_periods_at_most():
    schedule = wagner_whitin([10, 10, 10, 10], order_cost=1000, holding_cost=1, shelf_life=2)
    assert schedule.quantities == (20, 0, 20, 0)


def test_a_dear_period_is_bought_ahead():
    schedule = wagner_whitin([10, 10], order_cost=5, holding_cost=1, unit_cost=[1, 9])
    assert (schedule.quantities, schedule.cost) == ((20, 0), 5 + 20 + 10)
