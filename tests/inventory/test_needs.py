"""What an order must cover, and what each quantity costs: small cases worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.textbook.economic_order import economic_order
from benchmarks.textbook.newsvendor import newsvendor_samples
from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.inventory import Arrival, Defaults, OrderLimits, PriceBreak, Shortage, StockItem
from engine.inventory.check import Orders, rehearse
from engine.inventory.curve import CostCurve, CostCurves
from engine.inventory.planning_inputs import planning_inputs
from engine.inventory.safety_stock import protection
from engine.inventory.scenarios import fee_cover, scenarios


def curve_of(item: StockItem, seed: int = 1) -> CostCurve:
    ready = planning_inputs([item], OrderLimits(), Defaults()).items
    return CostCurves(ready, protection(scenarios(ready, [seed])))[0]


def test_an_empty_shelf_is_the_newsvendor(item):
    """Demand 1..10, a leftover costs 1 and a lack 3: eight loaves at the newsvendor's cost."""
    bread = item()
    curve, newsvendor = curve_of(bread), newsvendor_samples(np.arange(1.0, 11.0), holding_cost=1, stockout_cost=3)
    assert curve.usual == newsvendor.level == 8
    assert curve.parts(np.array([8.0])).total[0] == pytest.approx(newsvendor.cost)
    only, eight = np.array([0]), np.array([8.0])
    assert curve.curves.no_stockout(only, eight)[0] == 0.8
    assert curve.curves.fill_rate(only, eight)[0] == 1 - 0.3 / 5.5


def test_stock_at_hand_and_on_its_way_is_not_ordered_again(item):
    assert curve_of(item(on_hand=3.0)).usual == 5
    assert curve_of(item(on_hand=3.0, on_order=(Arrival(0, 4.0),))).usual == 1
    assert curve_of(item(on_hand=20.0)).usual == -12


def test_lost_sales_before_the_delivery_need_no_order(item):
    """Two a day, a delivery after two days, nothing in stock: customers of the first two days are gone."""
    gone = curve_of(item(sells=(2,), days=3, lead_time=2.0))
    waiting = curve_of(item(sells=(2,), days=3, lead_time=2.0, shortage=Shortage.BACKORDERED))
    assert (gone.usual, waiting.usual) == (2, 6)


def test_the_level_covers_lead_time_and_review_together(item):
    """Backorders: demand over three days of lead time and seven until the next order, as one sum per future."""
    rng = np.random.default_rng(3)
    paths = rng.poisson(4, (400, 10))
    bread = item(sells=(1,), lead_time=3.0, review_period=7, shortage=Shortage.BACKORDERED, holding_cost=1e-9)
    curve = curve_of(replace(bread, demand=demand(paths)))
    assert curve.most_needed(0.9) == np.quantile(paths.sum(axis=1), 0.9, method="inverted_cdf")


def test_a_lead_time_that_varies_widens_the_demand_it_covers(item):
    """Ten a day, ordered every ten days, a lead time of 5 days with deviation 2: what is covered varies by 10 x 2."""
    bread = item(
        sells=(10,) * 4000, days=30, lead_time=5.0, lead_time_sd=2.0, review_period=10, shortage=Shortage.BACKORDERED
    )
    curve = curve_of(bread, seed=2)
    covered = np.array([curve.most_needed(share) for share in (np.arange(4000) + 0.5) / 4000])
    assert covered.mean() == pytest.approx(150, rel=0.02)
    assert covered.std() == pytest.approx(10 * np.sqrt(2**2 + 1 / 6), rel=0.05)


def test_a_delivery_after_this_one_that_may_be_late_needs_more_stock_where_sales_are_lost(item):
    """Ten a day, each order covers a week; when the next may be two days late, the week may have nine days."""
    sure, unsure = (
        curve_of(item(sells=(10,) * 400, days=20, lead_time=4.0, review_period=7, lead_time_sd=late, holding_cost=0.01))
        for late in (0.0, 2.0)
    )
    assert sure.usual == 70
    assert 90 <= unsure.usual <= 140


def test_fresh_goods_are_ordered_with_care(item):
    keeps, spoils = item(), item(shelf_life=1)
    assert curve_of(spoils).usual < curve_of(keeps).usual
    # A tenth loaf is thrown away unless ten are wanted: 2.00 of cost and 1 of holding against 3 of margin.
    assert curve_of(spoils).parts(np.array([10.0])).spoilage[0] == pytest.approx(2 * 4.5)


def test_a_discount_lowers_the_price_of_all_units(item):
    bread = item(prices=(PriceBreak(12, 1.5),))
    assert curve_of(bread).spend(np.array([11.0, 12.0])).tolist() == [22.0, 18.0]


def test_an_incremental_discount_lowers_the_price_of_further_units(item):
    bread = item(prices=(PriceBreak(12, 1.5),), incremental=True)
    assert curve_of(bread).spend(np.array([0.0, 11.0, 14.0])).tolist() == [0.0, 22.0, 24.0 + 3.0]


def test_more_than_the_usual_is_carried_until_it_sells(item):
    """Two a day for sure and an order of six: four are left tonight, two tomorrow night, none then; as is the usual."""
    parts = curve_of(item(sells=(2,), days=5)).parts(np.array([2.0, 6.0]))
    assert parts.later.tolist() == [0.0, 2.0 + 0.0]
    assert parts.holding.tolist() == [0.0, 4.0]


def test_a_fee_makes_orders_as_large_as_the_economic_lot():
    lot = economic_order(50, 10, holding_cost=1).quantity
    assert abs(fee_cover(50, 1, 10) * 10 - lot) <= 5


DEMANDS = st.lists(st.lists(st.integers(0, 9), min_size=12, max_size=12), min_size=2, max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    paths=DEMANDS,
    quantity=st.integers(0, 40),
    on_hand=st.integers(0, 12),
    coming=st.lists(st.tuples(st.integers(0, 6), st.integers(1, 9)), max_size=2),
    lead_time=st.integers(0, 4),
    review=st.integers(1, 4),
    life=st.one_of(st.none(), st.integers(1, 6)),
    waits=st.booleans(),
    fee=st.sampled_from([0.0, 7.0]),
    late=st.sampled_from([0.0, 1.5]),
)
def test_played_through_day_by_day_every_quantity_costs_what_the_formulas_say(
    paths, quantity, on_hand, coming, lead_time, review, life, waits, fee, late
):
    bun = StockItem(
        "bun", demand(paths), unit_cost=2.0, price=5.0, on_hand=float(on_hand), lead_time=float(lead_time),
        on_order=tuple(Arrival(day, float(units)) for day, units in coming), review_period=review, holding_cost=0.3,
        shelf_life=life, shortage=Shortage.BACKORDERED if waits else Shortage.LOST, order_cost=fee,
        lead_time_sd=late,
    )  # fmt: skip
    curve, at = curve_of(bun), np.array([float(quantity)])
    orders = Orders(at, curve.curves.usual, curve.curves.waiting_price)
    [played] = rehearse(scenarios([curve.ready], [1]), orders)
    said = curve.parts(at)
    assert played.holding == pytest.approx(said.holding[0], abs=1e-9)
    assert played.stockout == pytest.approx(said.stockout[0], abs=1e-9)
    assert played.spoilage == pytest.approx(said.spoilage[0], abs=1e-9)
    assert played.later == pytest.approx(said.later[0], abs=1e-9)
    assert played.fill_rate == pytest.approx(curve.curves.fill_rate(np.array([0]), at)[0])
    assert played.no_stockout == pytest.approx(curve.curves.no_stockout(np.array([0]), at)[0])


def demand(paths) -> DemandDistribution:
    from datetime import date, timedelta

    rows = np.array(paths, dtype=float)
    days = tuple(date(2026, 5, 4) + timedelta(days=k) for k in range(rows.shape[1]))
    return DemandDistribution("", "units", Frequency.DAILY, days, rows)
