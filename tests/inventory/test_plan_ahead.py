"""The deliveries ahead of a corner shop: two items, three deliveries, every plan counted out; and what limits do."""

import math
import secrets
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from engine.inventory import Arrival, Defaults, OrderLimits, PriceBreak, Shortage, StockItem
from engine.inventory.check_ahead import ahead_violations, play
from engine.inventory.plan_ahead import AheadEffort, plan_ahead
from engine.inventory.planning_inputs import planning_inputs
from engine.proof import Status
from tests.inventory.conftest import demand_of

REVIEW, LEAD, CHANCES = 2, 3, 3
LENGTH = CHANCES * REVIEW + LEAD + 7 * REVIEW
EXACT = AheadEffort(CHANCES, 30.0, 1e-4, 5.0)


def goods(rng: np.random.Generator, name: str, **known) -> StockItem:
    """Sells about a case of six in a review period."""
    sold = rng.poisson(rng.uniform(1.5, 3.5), (8, LENGTH)).astype(float)
    usual = {
        "unit_cost": rng.uniform(1, 4), "supplier": "mill", "on_hand": float(rng.integers(0, 12)),
        "lead_time": float(LEAD), "review_period": REVIEW, "holding_cost": rng.uniform(0.05, 0.4),
        "stockout_cost": rng.uniform(2, 8), "pack": 6.0, "minimum_order": float(rng.choice([0, 6, 12])), "volume": 1.0,
    }  # fmt: skip
    return StockItem(name, demand_of(sold), **(usual | known))


def ready(*items: StockItem, limits: OrderLimits):
    inputs = planning_inputs(items, limits, Defaults())
    assert not inputs.problems
    return inputs.items


def price(item: StockItem, units: float) -> float:
    reached = [each.unit_cost for each in item.prices if each.quantity <= units]
    return units * (reached[-1] if reached else item.unit_cost)


def cost_by_hand(item: StockItem, orders: tuple[float, ...]) -> tuple[float, list[float]]:
    """Lost sales, day by day and future by future: what orders of an item that keeps cost, and its expected stock."""
    paths = item.demand.paths
    ends = [LEAD + REVIEW * chance for chance in range(CHANCES + 1)]
    placed = [chance for chance in range(CHANCES) if orders[chance] > 0]
    total, stocks = 0.0, [0.0] * CHANCES
    mean = paths.mean(axis=0)
    starts = sorted({0, *placed})
    for start, following in zip(starts, [*starts[1:], CHANCES], strict=True):
        lost = mean_lost(item, min(placed, default=0), start)
        position = item.on_hand + lost - mean[: REVIEW * start].sum() + sum(orders[: start + 1])
        for path in paths:
            shelf = shelf_at_delivery(item, path, start, orders[0] if start == 0 else position)
            missing = 0.0
            for day in range(ends[start], ends[following]):
                if day in ends[:CHANCES]:
                    stocks[ends.index(day)] += (
                        max(shelf, 0.0) / len(paths) if orders[start] == 0 else shelf / len(paths)
                    )
                shelf -= path[day]
                total += item.holding_cost * max(shelf, 0.0) / len(paths)
                if orders[start] == 0 and shelf < 0:
                    missing, shelf = missing - shelf, 0.0
            total += item.stockout_cost * (missing + max(-shelf, 0.0)) / len(paths)
        if item.shelf_life is not None and orders[start] > 0:
            total += waste_by_hand(item, orders, start, following)
    total += sum(price(item, each) - item.unit_cost * each for each in orders)
    return total + (carry_by_hand(item, starts[-1], position) if item.shelf_life is None else 0.0), stocks


def mean_lost(item: StockItem, first: int, start: int) -> float:
    """Sales lost up to an order, on average: all before the first one, then those before any delivery can come."""
    before = [lost_until(item, path, REVIEW * first) for path in item.demand.paths]
    since = [
        lost_until(item, path, min(REVIEW * start, LEAD)) - lost_until(item, path, min(REVIEW * first, LEAD))
        for path in item.demand.paths
    ]
    return (sum(before) + sum(since)) / len(before)


def shelf_at_delivery(item: StockItem, path, start: int, level: float) -> float:
    if start == 0:
        return shelf_after(item, path, LEAD) + level
    lost = lost_until(item, path, LEAD) - lost_until(item, path, min(REVIEW * start, LEAD))
    return level - path[REVIEW * start : LEAD + REVIEW * start].sum() + lost


def carry_by_hand(item: StockItem, last: int, position: float) -> float:
    """What is kept above the usual level after the last order."""
    paths, total = item.demand.paths, 0.0
    ratio = item.stockout_cost / (item.stockout_cost + REVIEW * item.holding_cost)
    usual = np.quantile(paths[:, REVIEW * CHANCES : LEAD + REVIEW * (CHANCES + 1)].sum(axis=1), ratio)
    for after, path in product(range(6), paths):
        lost = lost_until(item, path, LEAD) - lost_until(item, path, min(REVIEW * last, LEAD))
        above = position - path[REVIEW * last : REVIEW * (CHANCES + after)].sum() + lost - usual
        total += REVIEW * item.holding_cost * max(0.0, above) / len(paths)
    return total


def waste_by_hand(item: StockItem, orders: tuple[float, ...], start: int, following: int) -> float:
    """What spoils of the stock after one order, the share of its life that passes until the next one."""
    if REVIEW * (following - start) > item.shelf_life:
        return math.inf
    arrival, left = LEAD + REVIEW * start, 0.0
    lost = mean_lost(item, next(chance for chance in range(CHANCES) if orders[chance] > 0), start)
    expected = item.on_hand + lost - item.demand.paths.mean(axis=0)[: REVIEW * start].sum() + sum(orders[: start + 1])
    for path in item.demand.paths:
        shelf = shelf_at_delivery(item, path, start, orders[0] if start == 0 else expected)
        spoilt = max(0.0, shelf - path[arrival : arrival + item.shelf_life].sum())
        left += min(spoilt, orders[0]) if start == 0 else spoilt
    share = 1.0 if following == CHANCES else REVIEW * (following - start) / item.shelf_life
    return share * item.unit_cost * left / 8


def shelf_after(item: StockItem, path, days: int) -> float:
    shelf = item.on_hand
    for day in range(days):
        shelf = max(0.0, shelf - path[day])
    return shelf


def lost_until(item: StockItem, path, days: int) -> float:
    return shelf_after(item, path, days) - (item.on_hand - path[:days].sum())


def cheapest_by_counting(items: tuple[StockItem, ...], limits: OrderLimits, most: int = 5) -> float:
    """Every pair of orders of up to five cases at each chance."""
    tables = []
    for item in items:
        rows = []
        for cases in product(range(most + 1), repeat=CHANCES):
            orders = tuple(6.0 * each for each in cases)
            if all(each == 0 or each >= item.minimum_order for each in orders):
                rows.append((orders, *cost_by_hand(item, orders), [price(item, each) for each in orders]))
        tables.append(rows)
    least = math.inf
    for (one, cost, stock, paid), (other, more, shelf, spent) in product(*tables):
        trips = [a > 0 or b > 0 for a, b in zip(one, other, strict=True)]
        values = [a + b for a, b in zip(paid, spent, strict=True)]
        minimum = limits.supplier_minimums.get("mill", 0.0)
        if any(trip and value < minimum for trip, value in zip(trips, values, strict=True)):
            continue
        if limits.budget is not None and any(sum(values[: k + 1]) > limits.budget * (k + 1) for k in range(CHANCES)):
            continue
        volumes = [max(a, 0.0) + max(b, 0.0) for a, b in zip(stock, shelf, strict=True)]
        if limits.capacity is not None and max(volumes) > limits.capacity:
            continue
        least = min(least, cost + more + limits.delivery_costs.get("mill", 0.0) * sum(trips))
    return least


@pytest.mark.parametrize("kind", ["fee", "minimum", "budget", "space", "discount", "spoils"])
def test_no_plan_of_two_items_and_three_deliveries_is_cheaper(kind):
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    fee = {"mill": rng.uniform(1, 12)}
    limits = {
        "fee": OrderLimits(delivery_costs=fee),
        "minimum": OrderLimits(delivery_costs=fee, supplier_minimums={"mill": 40.0}),
        "budget": OrderLimits(delivery_costs=fee, budget=rng.uniform(20, 50)),
        "space": OrderLimits(delivery_costs=fee, capacity=rng.uniform(26, 34)),
        "discount": OrderLimits(delivery_costs=fee),
        "spoils": OrderLimits(delivery_costs=fee),
    }[kind]
    items = tuple(goods(rng, name) for name in ("rye", "oat"))
    if kind == "discount":
        items = tuple(replace(item, prices=(PriceBreak(12.0, 0.9 * item.unit_cost),)) for item in items)
    if kind == "spoils":
        items = tuple(replace(item, shelf_life=life) for item, life in zip(items, (2, 5), strict=True))
    plan = plan_ahead(ready(*items, limits=limits), limits, effort=EXACT)
    least = cheapest_by_counting(items, limits)
    assert plan.proof.recheck is not None and plan.proof.recheck.violations == ()
    assert plan.proof.status is Status.OPTIMAL
    assert plan.proof.bound <= least + 1e-6
    assert plan.proof.objective == pytest.approx(least, rel=2e-4)


def test_the_second_look_agrees_whatever_the_items_are():
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    for _ in range(12):
        items = tuple(
            goods(
                rng, name, shelf_life=rng.choice([None, 1, 2, 3, 5]), on_order=(Arrival(int(rng.integers(0, 5)), 6.0),),
                shortage=rng.choice(list(Shortage)), lead_time=float(rng.integers(0, 4)),
                supplier=str(rng.choice(["mill", "dairy"])), order_cost=rng.uniform(0, 3),
                prices=(PriceBreak(18.0, 0.8),), incremental=bool(rng.integers(2)), unit_cost=1.0,
            )
            for name in ("rye", "oat", "milk")
        )  # fmt: skip
        limits = OrderLimits(delivery_costs={"mill": 5.0}, fill_rate=float(rng.choice([0.5, 0.8])))
        effort = AheadEffort(4, 20.0, 1e-3, 0.0)
        plan = plan_ahead(ready(*items, limits=limits), limits, effort=effort)
        assert plan.infeasibility is None and plan.proof.recheck is not None
        assert plan.proof.recheck.agrees, plan.proof.recheck
        assert plan.proof.bound <= plan.proof.objective + 1e-9


def test_a_fee_brings_deliveries_together_and_merging_more_costs_money(seed=7):
    rng = np.random.default_rng(seed)
    items = tuple(goods(rng, name, holding_cost=0.2) for name in ("rye", "oat"))
    counts = []
    for fee in (0.0, 4.0, 1000.0):
        limits = OrderLimits(delivery_costs={"mill": fee})
        plan = plan_ahead(ready(*items, limits=limits), limits, effort=EXACT)
        counts.append(len(plan.deliveries))
        for delivery in plan.deliveries[:-1]:
            assert delivery.merged is not None and delivery.merged.extra >= -2e-4 * plan.proof.objective
        assert all(delivery.fee == fee for delivery in plan.deliveries)
    assert counts == sorted(counts, reverse=True) and counts[-1] <= 1


def test_what_a_merged_delivery_costs_is_the_cheapest_plan_without_it(seed=8):
    """Two deliveries of one item: with the merged one there is one, at either day."""
    rng = np.random.default_rng(seed)
    limits = OrderLimits(delivery_costs={"mill": 2.0})
    item = goods(rng, "rye", on_hand=0.0, minimum_order=0.0, holding_cost=0.3, stockout_cost=8.0)
    plan = plan_ahead(ready(item, limits=limits), limits, effort=EXACT)
    trips = [delivery.chance for delivery in plan.deliveries]
    assert len(trips) >= 2
    merged = plan.deliveries[0].merged
    least = math.inf
    for dropped in trips[:2]:
        allowed = [chance in trips and chance != dropped for chance in range(CHANCES)]
        for cases in product(range(7), repeat=CHANCES):
            orders = tuple(6.0 * each for each in cases)
            if all(place or each == 0 for each, place in zip(orders, allowed, strict=True)):
                least = min(least, cost_by_hand(item, orders)[0] + 2.0 * sum(each > 0 for each in orders))
    assert merged is not None
    assert merged.extra == pytest.approx(least - plan.proof.objective, rel=1e-3, abs=1e-3)


def test_limits_that_clash_are_named_with_a_way_out_that_works(seed=9):
    rng = np.random.default_rng(seed)
    items = tuple(goods(rng, name, on_hand=0.0) for name in ("rye", "oat"))
    limits = OrderLimits(budget=5.0, cycle_service_level=0.9)
    plan = plan_ahead(ready(*items, limits=limits), limits, effort=EXACT)
    assert plan.proof.status is Status.INFEASIBLE and plan.infeasibility is not None
    assert set(plan.infeasibility.keys) == {"budget", "service level"}
    way = next(way for way in plan.infeasibility.relaxations if way.limit == "budget")
    wider = replace(limits, budget=way.rounded)
    assert plan_ahead(ready(*items, limits=wider), wider, effort=EXACT).deliveries


def test_the_second_look_names_what_is_broken():
    """An item that keeps four days, ordered once for six; another one at half a case; a shelf that stays empty."""
    rng = np.random.default_rng(3)
    limits = OrderLimits(fill_rate=0.9, cycle_service_level=0.9)
    milk, rye = ready(
        goods(rng, "milk", on_hand=0.0, shelf_life=4, minimum_order=0.0),
        goods(rng, "rye", on_hand=0.0, minimum_order=0.0),
        limits=limits,
    )
    broken = ahead_violations([play(milk, np.array([24.0, 0.0, 0.0])), play(rye, np.array([3.0, 0.0, 0.0]))], limits)
    assert "milk spoils before its next delivery" in broken
    assert "rye is not ordered in whole cases" in broken
    assert any(each.startswith("rye meets only ") for each in broken)
    assert any(each.startswith("rye keeps its service only in ") for each in broken)


def test_nothing_to_plan_is_a_plan():
    assert plan_ahead((), OrderLimits()).proof.status is Status.OPTIMAL
