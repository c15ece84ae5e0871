"""Lots and rhythms: the examples of the textbooks, and small cases that can be counted out."""

from itertools import product

import numpy as np
import pytest

from benchmarks.textbook.economic_order import (
    economic_batch,
    economic_order,
    economic_order_all_units,
    economic_order_incremental,
    economic_order_with_backorders,
)
from benchmarks.textbook.joint import joint_replenishment
from engine.inventory import PriceBreak


def test_a_candy_shop_orders_304_bars_at_a_time():
    """Snyder & Shen, example 3.1 (eq. 3.4, 3.5)."""
    order = economic_order(8, 1300, holding_cost=0.225)
    assert (order.quantity, order.cost) == (pytest.approx(304.0468, abs=1e-4), pytest.approx(68.4105, abs=1e-4))


def test_pencils_are_ordered_by_3870():
    """Nahmias, Production and Operations Analysis, example 4.1: 3,120 a year, $12 an order, 25 % of $0.02."""
    assert economic_order(12, 3120, holding_cost=0.25 * 0.02).quantity == pytest.approx(3870, abs=1)


def test_resistors_are_ordered_by_400():
    """Silver, Pyke & Peterson, section 5.2: 2,400 a year, $3.20 an order, 24 % of $0.40."""
    assert economic_order(3.20, 2400, holding_cost=0.24 * 0.40).quantity == pytest.approx(400)


def test_customers_who_wait_make_lots_larger():
    """Snyder & Shen, example 3.8."""
    order = economic_order_with_backorders(8, 1300, holding_cost=0.225, stockout_cost=5)
    assert order.quantity == pytest.approx(310.81, abs=0.01)
    assert order.stockout_fraction == pytest.approx(0.0431, abs=1e-4)
    assert order.cost == pytest.approx(66.92, abs=0.01)


def test_a_batch_that_comes_bit_by_bit_is_larger():
    """Snyder & Shen, problem 3.22."""
    order = economic_batch(4, 80, holding_cost=0.08, production_rate=110)
    assert (order.quantity, order.cost) == (pytest.approx(171.27, abs=0.01), pytest.approx(3.7368, abs=1e-4))


CANDY = (PriceBreak(0, 0.75), PriceBreak(400, 0.72), PriceBreak(800, 0.68))


def test_a_discount_on_all_units_is_taken_at_its_border():
    """Snyder & Shen, example 3.5."""
    order = economic_order_all_units(8, 1300, holding_rate=0.3, prices=CANDY)
    assert (order.quantity, order.region, order.cost) == (800, 2, pytest.approx(978.6))


def test_a_discount_on_further_units_alone_is_not_worth_it():
    """Snyder & Shen, example 3.5, incremental."""
    order = economic_order_incremental(8, 1300, holding_rate=0.3, prices=CANDY)
    assert (order.region, order.cost) == (0, pytest.approx(1043.41, abs=0.01))


def test_prices_must_start_at_nothing():
    with pytest.raises(ValueError, match="start at quantity 0"):
        economic_order_all_units(8, 1300, holding_rate=0.3, prices=CANDY[1:])


def test_three_items_share_a_delivery():
    """Snyder & Shen, section 3.8: the heuristic's rhythm costs 837.85, and ours must not cost more."""
    rhythm = joint_replenishment(600, [120, 840, 300], [1, 1, 1], [160, 20, 50])
    assert rhythm.cost <= 837.8545
    assert rhythm.is_proven


def test_no_rhythm_of_a_delivery_is_cheaper(seed=4):
    """Counted out: all multiples up to six of three items, each with its best cycle."""
    rng = np.random.default_rng(seed)
    for _ in range(20):
        fees, holding, delivery = rng.uniform(1, 50, 3), rng.uniform(0.5, 20, 3), rng.uniform(5, 80)
        grid = np.array(list(product(range(1, 7), repeat=3)))
        least = np.sqrt(2 * (delivery + (fees / grid).sum(1)) * (holding * grid).sum(1)).min()
        assert joint_replenishment(delivery, fees, np.ones(3), holding).cost <= least + 1e-9
