"""Order lists beside an enumeration of all quantities that shares no code with the engine, drawn anew in each run."""

import time
from datetime import date, timedelta

import numpy as np
import pytest

from benchmarks.orders_truth import SEARCH, Faults, draw_shop, faults_of
from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.inventory import Defaults, OrderLimits, Planner, StockItem
from engine.proof import Status

SUNDAY = date(2026, 5, 3)
SEED = int(time.time())
"""Printed when a test fails, so that the shops can be drawn again."""


def plan(items, limits):
    return Planner(items, limits, Defaults(), np.random.default_rng(1)).plan(limits, today=SUNDAY, search=SEARCH)


def sold(paths, **figures) -> StockItem:
    rows = np.asarray(paths, float)
    days = tuple(SUNDAY + timedelta(days=1 + k) for k in range(rows.shape[1]))
    demand = DemandDistribution("tea", "units", Frequency.DAILY, days, rows)
    usual = {"unit_cost": 2.0, "supplier": "mill", "lead_time": 1.0, "review_period": 7, "holding_cost": 0.02}
    return StockItem("tea", demand, **{**usual, "stockout_cost": 3.0, "volume": 1.0, **figures})


@pytest.mark.parametrize("number", range(15))
def test_costs_bounds_and_conflicts_are_those_of_an_enumeration(number: int) -> None:
    print(f"seed {SEED}, number {number}")
    items, limits = draw_shop(np.random.default_rng((SEED, number)))
    assert faults_of(plan(items, limits), items, limits) == Faults()


@pytest.mark.parametrize("number", range(6))
def test_a_minimum_far_above_the_need_is_met_or_left_as_an_enumeration_finds_it(number: int) -> None:
    print(f"seed {SEED}, number {number}")
    rng = np.random.default_rng((SEED, 100 + number))
    items = [sold(rng.poisson(3, (2, 10)), holding_cost=float(rng.choice([0.002, 0.02, 0.2])))]
    limits = OrderLimits(supplier_minimums={"mill": float(rng.integers(60, 400))})
    assert faults_of(plan(items, limits), items, limits) == Faults()


@pytest.mark.parametrize("minimum", [700.0, 2000.0])
def test_what_a_supplier_asks_for_beyond_the_need_is_ordered_at_the_cost_of_keeping_it(minimum: float) -> None:
    """Ten a day for sure. What is above seventy, the usual order of a week, is carried from review to review."""
    made = plan([sold([[10] * 30], holding_cost=0.002)], OrderLimits(supplier_minimums={"mill": minimum}))
    [line] = made.lines
    units = minimum / 2
    week = sum(units - 10 * day for day in range(1, 8))
    later = sum(7 * max(0.0, units - 70 - 70 * review) for review in range(1, 20))
    assert line.quantity == units
    assert made.proof.objective == pytest.approx(0.002 * (week + later))
    assert made.proof.status is Status.OPTIMAL and made.proof.bound == pytest.approx(made.proof.objective)


def test_a_minimum_whose_keeping_costs_more_than_a_week_without_goods_is_not_met() -> None:
    made = plan([sold([[10] * 30], holding_cost=0.2)], OrderLimits(supplier_minimums={"mill": 700.0}))
    assert made.spend == 0
    assert made.proof.objective == pytest.approx(7 * 10 * 3.0)
