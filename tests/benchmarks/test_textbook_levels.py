"""Levels and reorder points: the examples of the textbooks, and chains that can be worked out another way."""

import numpy as np
import pytest

from benchmarks.textbook.counts import CountDemand
from benchmarks.textbook.newsvendor import (
    newsvendor_counts,
    newsvendor_lognormal,
    newsvendor_normal,
    newsvendor_profit,
    newsvendor_samples,
)
from benchmarks.textbook.order_up_to import by_power_approximation, order_up_to
from benchmarks.textbook.reorder_point import (
    NormalLeadTime,
    by_economic_order_and_safety_stock,
    by_economic_order_with_backorders,
    by_expected_inventory,
    by_loss_function,
    reorder_point_counts,
    reorder_point_normal,
)


def test_a_newsstand_has_57_papers():
    """Snyder & Shen, example 4.3."""
    stock = newsvendor_normal(50, 8, holding_cost=0.18, stockout_cost=0.70)
    assert (stock.level, stock.cost) == (pytest.approx(56.604, abs=1e-3), pytest.approx(1.9976, abs=1e-4))
    assert stock.fill_rate > stock.cycle_service_level  # the two kinds of service are not the same


def test_macs_newsstand_has_15_journals():
    """Nahmias, example 5.3: mean 11.73, deviation 4.74; 50 cents lost per copy short, 15 per copy left."""
    assert newsvendor_normal(11.73, 4.74, holding_cost=0.15, stockout_cost=0.50).level == pytest.approx(15.2, abs=0.1)


def test_a_lead_time_widens_the_level_by_its_root():
    stock = newsvendor_normal(50, 8, holding_cost=1, stockout_cost=1, lead_time=3)
    assert stock.level == pytest.approx(200)
    assert stock.cost == pytest.approx(2 * 16 * 0.398942, rel=1e-5)


def test_a_newsstand_earns_33_dollars_a_day():
    """Snyder & Shen, example 4.2: a paper costs 30 cents, sells for a dollar, and 12 cents come back."""
    stock = newsvendor_profit(50, 8, price=1.0, unit_cost=0.3, salvage=0.12)
    assert (stock.level, stock.profit) == (pytest.approx(56.604, abs=1e-3), pytest.approx(33.0024, abs=1e-4))


def test_a_price_below_the_cost_earns_nothing():
    with pytest.raises(ValueError, match="above"):
        newsvendor_profit(50, 8, price=1.0, unit_cost=1.5)


def test_skewed_demand_has_its_own_level():
    """Snyder & Shen, problem 4.8(b): the logarithm has mean 6 and deviation 0.3."""
    stock = newsvendor_lognormal(6, 0.3, holding_cost=1, stockout_cost=0.1765)
    assert (stock.level, stock.cost) == (pytest.approx(295.6266, abs=1e-3), pytest.approx(29.4425, abs=1e-3))


def test_the_power_approximation_orders_up_to_74_at_40():
    """Snyder & Shen, example 4.8."""
    policy = by_power_approximation(50, 8, order_cost=2.5, holding_cost=0.18, stockout_cost=0.70)
    assert (policy.reorder_point, policy.order_up_to) == (
        pytest.approx(40.19, abs=0.01),
        pytest.approx(74.29, abs=0.01),
    )


def test_poisson_demand_of_six_wants_eight():
    """Snyder & Shen, example 4.7."""
    stock = newsvendor_counts(CountDemand.poisson(6), holding_cost=1, stockout_cost=4)
    assert (stock.level, stock.cost) == (8, pytest.approx(3.5701, abs=1e-4))


def test_samples_are_met_at_their_fractile():
    """Demand 1..10 with equal chances and a critical ratio of 3/4: eight loaves, since 7 run short in 3 of 10 cases."""
    stock = newsvendor_samples(np.arange(1.0, 11.0), holding_cost=1, stockout_cost=3)
    assert (stock.level, stock.cycle_service_level) == (8, 0.8)
    assert stock.cost == pytest.approx((7 + 6 + 5 + 4 + 3 + 2 + 1) / 10 + 3 * (1 + 2) / 10)


def test_a_cost_of_nothing_is_refused():
    with pytest.raises(ValueError, match="positive"):
        newsvendor_normal(50, 8, holding_cost=0, stockout_cost=1)


def test_a_level_for_lead_time_and_review_covers_both():
    """Poisson demand of 2 a week over a lead time of 2 weeks is Poisson demand of 6 over the three weeks covered."""
    three_weeks = newsvendor_counts(CountDemand.poisson(2).over(3), holding_cost=1, stockout_cost=4)
    alone = newsvendor_counts(CountDemand.poisson(6), holding_cost=1, stockout_cost=4)
    assert (three_weeks.level, three_weeks.cost) == (alone.level, pytest.approx(alone.cost, rel=1e-9))


def test_order_up_to_ten_at_four():
    """Snyder & Shen, example 4.7."""
    policy = order_up_to(CountDemand.poisson(6), order_cost=5, holding_cost=1, stockout_cost=4)
    assert (policy.reorder_point, policy.order_up_to, policy.cost) == (4, 10, pytest.approx(8.0341, abs=1e-4))


def test_no_other_policy_costs_less_in_its_markov_chain():
    """Lumpy demand: every (s, S) nearby, costed by the stationary distribution of its chain."""
    demand = CountDemand(np.array([0.55, 0.1, 0.0, 0.2, 0.0, 0.1, 0.05]))
    policy = order_up_to(demand, order_cost=9, holding_cost=1, stockout_cost=6)
    costs = {
        (s, big): _long_run(demand, s, big, fee=9, holding=1, short=6) for s in range(-3, 9) for big in range(s + 1, 22)
    }
    assert policy.cost == pytest.approx(min(costs.values()))
    assert costs[policy.reorder_point, policy.order_up_to] == pytest.approx(policy.cost)


def _long_run(demand, s, big, *, fee, holding, short):
    """Average cost per period; states are the positions after ordering, s + 1 .. S."""
    states = np.arange(s + 1, big + 1)
    moves, orders = np.zeros((len(states), len(states))), np.zeros(len(states))
    for row, level in enumerate(states):
        for units, chance in enumerate(demand.chances):
            reorder = level - units <= s
            moves[row, -1 if reorder else level - units - s - 1] += chance
            orders[row] += chance * reorder
    system = np.vstack([moves.T - np.eye(len(states)), np.ones(len(states))])
    share = np.linalg.lstsq(system, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    units = np.arange(len(demand.chances))
    gap = states[:, None] - units[None, :]
    each = (holding * np.maximum(gap, 0) + short * np.maximum(-gap, 0)) @ demand.chances
    return float(share @ (each + fee * orders))


CANDY = NormalLeadTime(1300, 150, 1 / 12, 8, 0.225, 7.5)
"""Snyder & Shen, example 5.1."""


def test_reorder_at_127_a_lot_of_328():
    policy = reorder_point_normal(CANDY)
    assert policy.cost == pytest.approx(78.0711, abs=1e-3)
    nearby = [CANDY.cost(policy.reorder_point + a, policy.quantity + b) for a in (-1, 0, 1) for b in (-2, 0, 2)]
    assert min(nearby) == pytest.approx(policy.cost)


@pytest.mark.parametrize(
    ("way", "r", "lot"),
    [
        (by_expected_inventory, 213.97, 318.59),
        (by_economic_order_with_backorders, 128.64, 308.57),
        (by_economic_order_and_safety_stock, 190.34, 304.05),
        (by_loss_function, 126.87, 328.45),
    ],
)
def test_the_approximations_of_the_book(way, r, lot):
    policy = way(CANDY)
    assert (policy.reorder_point, policy.quantity) == (pytest.approx(r, abs=0.01), pytest.approx(lot, abs=0.01))


def test_harveys_mustard_is_ordered_by_111_at_143():
    """Nahmias, example 5.4: 200 jars a year, lead-time demand 100 with deviation 25, costs 50, 2 a year, 25."""
    mustard = NormalLeadTime(200, 25 / 0.5**0.5, 0.5, 50, 2, 25)
    policy = by_expected_inventory(mustard)
    assert (policy.quantity, policy.reorder_point) == (pytest.approx(111, abs=0.5), pytest.approx(143, abs=0.5))


def test_unit_demand_is_reordered_at_three_by_five():
    """Snyder & Shen, example 5.8."""
    policy = reorder_point_counts(CountDemand.poisson(3), 1.5, order_cost=100, holding_cost=20, stockout_cost=150)
    assert (policy.reorder_point, policy.quantity, policy.cost) == (3, 5, pytest.approx(107.92, abs=0.01))
