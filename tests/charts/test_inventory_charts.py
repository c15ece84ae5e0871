"""The figures of an order plan: the cheapest quantity marked, limits with their price, readable without eyes."""

from datetime import date, timedelta

import numpy as np
import pytest

from engine.charts.inventory import cost_curve, cost_curve_alt, limits_bar, limits_bar_alt, stock_fan, stock_fan_alt
from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.inventory import Defaults, OrderLimits, OrderPlan, Planner, StockItem, project

MONDAY = date(2026, 5, 4)


@pytest.fixture
def kiosk() -> OrderPlan:
    """Two items that sell 1 to 10 a day with equal chances, and room for twelve."""
    days = tuple(MONDAY + timedelta(days=k) for k in range(3))
    sells = DemandDistribution("", "units", Frequency.DAILY, days, np.repeat(np.arange(1.0, 11.0)[:, None], 3, axis=1))
    known = {"unit_cost": 2.0, "lead_time": 0.0, "holding_cost": 1.0, "stockout_cost": 3.0, "volume": 1.0}
    items = [StockItem(name, sells, **known) for name in ("Papers", "Cards")]
    limits, rng = OrderLimits(capacity=12.0, budget=500.0), np.random.default_rng(1)
    planner = Planner(items, limits, Defaults(), rng)
    return planner.plan(limits, today=MONDAY - timedelta(days=1), currency="EUR")


def named(figure, name):
    [trace] = [trace for trace in figure.data if trace.name == name]
    return trace


def test_the_curve_marks_the_plans_quantity_and_the_owners(kiosk):
    line = kiosk.lines[0]
    figure = cost_curve(line, currency="EUR", now=3.0)
    marked, own, curve = named(figure, "This plan"), named(figure, "Your quantity"), named(figure, "All costs")
    assert (marked.x[0], marked.y[0]) == (line.quantity, line.cost)
    assert own.x[0] == 3
    costs = dict(zip(curve.x, curve.y, strict=True))
    assert costs[line.quantity] == pytest.approx(line.cost)
    assert min(costs, key=costs.get) == line.best_alone == 8


def test_parts_of_the_cost_add_up_to_all_of_it(kiosk):
    figure = cost_curve(kiosk.lines[0], currency="EUR")
    last = {trace.name: trace.y[4] for trace in figure.data if trace.mode == "lines"}
    assert last["Holding"] + last["Empty shelf"] == pytest.approx(last["All costs"])


def test_a_full_limit_says_what_one_more_saves(kiosk):
    [bars] = limits_bar(kiosk).data
    assert (list(bars.y), bars.x[0]) == (["Warehouse space", "Budget"], 100)
    assert "one more m³ saves" in bars.text[0] and "EUR" in bars.text[0]
    assert "saves" not in bars.text[1]


def test_the_stock_fan_ends_with_the_stock_and_shows_the_delivery(kiosk):
    line = kiosk.lines[0]
    projection = project(line)
    figure = stock_fan(line, projection)
    assert list(named(figure, "Expected stock").y) == pytest.approx(list(projection.mean))
    assert [trace.name for trace in figure.data if trace.fill == "toself"] == ["80% likely", "50% likely"]
    assert figure.layout.annotations[0].text == "order arrives"


def test_each_figure_can_be_read_aloud(kiosk):
    line = kiosk.lines[0]
    assert "lowest alone at 8 units" in cost_curve_alt(line, currency="EUR")
    assert "12.0 of 12.0 m³" in limits_bar_alt(kiosk)
    assert "6 arrive on 4 May 2026" in stock_fan_alt(line, project(line))
