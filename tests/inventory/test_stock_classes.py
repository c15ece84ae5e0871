"""Which items matter, which are hard to foresee, which lie too long."""

import datetime

import numpy as np
import pytest

from engine.inventory import Defaults, OrderLimits, Planner, classify, project
from engine.inventory.planning_inputs import planning_inputs


def classes(items):
    return {each.name: each for each in classify(planning_inputs(items, OrderLimits(), Defaults()).items)}


def test_the_items_that_make_most_of_the_value_are_a(item):
    found = classes(
        [item("wine", unit_cost=50.0, price=90.0), item("bread", unit_cost=8.0, price=9.0), item("salt", unit_cost=0.1)]
    )
    assert [found[name].value_class for name in ("wine", "bread", "salt")] == ["A", "B", "C"]


def test_steady_items_are_x_and_erratic_ones_z(item):
    found = classes([item("milk", sells=(9, 10, 11)), item("candles", sells=(0, 0, 0, 0, 0, 40)), item("tea")])
    assert [found[name].demand_class for name in ("milk", "candles", "tea")] == ["X", "Z", "Y"]


def test_stock_beyond_what_the_forecast_may_need_is_excess(item):
    found = classes([item("bread", on_hand=25.0)])["bread"]
    assert found.excess == pytest.approx(25 - 9.55)  # the 95 % point of 1..10
    assert found.excess_value == 2 * found.excess


def test_stock_for_more_than_a_year_is_dead(item):
    found = classes([item("skates", sells=(0, 0, 0, 1), on_hand=120.0), item("bread", on_hand=100.0)])
    assert (found["skates"].dead, found["bread"].dead) == (True, False)


def test_the_stock_falls_until_the_order_arrives(item):

    bread = item(sells=(2,), days=4, lead_time=2.0, on_hand=5.0)
    planner = Planner([bread], OrderLimits(), Defaults(), np.random.default_rng(1))
    plan = planner.plan(OrderLimits(), today=datetime.date(2026, 5, 3))
    assert plan.lines[0].quantity == 1
    assert project(plan.lines[0]).mean.tolist() == [3, 1, 0, 0]
