"""Many items are worked out together; each must come out as if it were alone."""

from datetime import date

import numpy as np
import pytest

from engine.inventory import Arrival, Defaults, OrderLimits, Planner, PriceBreak, Shortage
from engine.inventory.safety_stock import Excess, thresholds

SUNDAY = date(2026, 5, 3)


def planner(shop, costs=None, like=None):
    return Planner(shop, OrderLimits(capacity=1e9), costs or Defaults(), np.random.default_rng(1), like=like)


@pytest.fixture
def shop(item):
    rng = np.random.default_rng(6)

    def known(k):
        return {
            "sells": rng.integers(0, 9, 8 + 4 * (k % 2)), "days": 6, "lead_time": float(rng.integers(0, 4)),
            "review_period": 1 + k % 3, "on_hand": float(rng.integers(0, 9)), "pack": float(rng.choice([1, 4])),
            "shortage": list(Shortage)[k % 2], "shelf_life": 3 if k % 4 == 0 else None, "order_cost": 2.0 * (k % 3),
            "on_order": (Arrival(k % 5, 3.0),), "prices": (PriceBreak(15, 1.6),) if k % 5 == 0 else (),
            "incremental": k == 10,
        }  # fmt: skip

    return [item(f"i{k}", **known(k)) for k in range(24)]


def test_a_shop_of_all_kinds_of_items_costs_what_its_items_cost_alone(shop):
    together = planner(shop).plan(OrderLimits(), today=SUNDAY)
    for each, line in zip(shop, together.lines, strict=True):
        [alone] = planner([each]).plan(OrderLimits(), today=SUNDAY).lines
        assert (line.name, line.quantity, line.why) == (alone.name, alone.quantity, alone.why)
        assert (line.cost, line.rehearsal.near) == pytest.approx((alone.cost, alone.rehearsal.near))


@pytest.mark.parametrize("limits", [OrderLimits(), OrderLimits(cycle_service_level=0.8), OrderLimits(fill_rate=0.9)])
def test_a_quantity_is_offered_if_it_is_cheaper_than_all_smaller_ones_or_takes_less_money_than_one(shop, limits):
    made = planner(shop)
    problem = made.problem(limits)
    for place, curve in enumerate(made.curves):
        offered = problem.quantity[problem.item == place]
        cases = np.arange(offered[0], offered[-1] + 0.5, curve.ready.item.pack)
        cost, spend = curve.parts(cases).total, curve.spend(cases)
        worth = [k for k in range(len(cases)) if not k or cost[k] < cost[:k].min() or spend[k] < spend[:k].max()]
        assert offered.tolist() == cases[worth].tolist()


def test_a_minimum_of_a_supplier_keeps_dearer_quantities_on_offer(shop, item):
    made = planner([*shop, item("flour", supplier="mill")])
    few, many = made.problem(OrderLimits()), made.problem(OrderLimits(supplier_minimums={"mill": 40.0}))
    more = np.bincount(many.item) - np.bincount(few.item)
    assert np.flatnonzero(more).tolist() == [len(shop)]


def test_thresholds_of_several_items_are_added_up_as_if_each_were_alone():
    first, second = np.array([[3.0, 1.0, 3.0, np.inf], [2.0, 2.0, 2.0, 5.0]]), np.array([[4.0, -1.0]])
    both = Excess([thresholds(np.array([2, 0]), first, 2), thresholds(np.array([1]), second, 2)])
    items, quantities = np.array([2, 2, 0, 1]), np.array([3.0, 0.5, 2.5, 6.0])
    assert both.below(items, quantities).tolist() == [1.0, 0.0, 0.75, 4.5]
    assert both.count_up_to(items, quantities).tolist() == [1.5, 0.0, 1.5, 1.0]
    assert both.above(np.array([0, 1]), np.array([3.0, 0.0])).tolist() == [1.0, 2.0]
    assert both.quantile(0.75).tolist() == [2.0, 4.0, 3.0]


def test_a_planner_at_other_costs_shares_late_deliveries_and_borrowed_demand(item):
    shop = [
        item("bread", category="bakery", lead_time=3.0, lead_time_sd=1.0, days=9),
        item("new", demand=None, category="bakery", lead_time=2.0),
    ]
    usual, dearer = planner(shop), Defaults(holding_rate=0.4, stockout_factor=3.0)
    shared, alone = (planner(shop, dearer, like=like) for like in (usual, None))
    assert shared.curves.protected is usual.curves.protected
    plans = [each.plan(OrderLimits(budget=30.0), today=SUNDAY) for each in (shared, alone)]
    assert [line.rehearsal for line in plans[0].lines] == [line.rehearsal for line in plans[1].lines]


def test_a_planner_with_another_generator_draws_its_own_deliveries(item):
    shop = [item("bread", lead_time=3.0, lead_time_sd=1.0, days=9)]
    one = planner(shop)
    other = Planner(shop, OrderLimits(capacity=1e9), Defaults(), np.random.default_rng(2), like=one)
    assert other.curves.protected.demand != one.curves.protected.demand
