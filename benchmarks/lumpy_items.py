"""Plans of many items with cases, minimums, discounts and two limits: how long they take, and how good they are."""

import time
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.inventory import Defaults, OrderLimits, Planner, PriceBreak, SearchEffort, StockItem

MONDAY = date(2026, 5, 4)


def lumpy(count: int, rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Cases, minimums, discounts, fees, space and money at once."""
    name = f"cases, minimums, discounts, two limits, {count} items"
    shop = list(_shop(count, rng))
    began = time.process_time()
    planner = Planner(shop, OrderLimits(capacity=1e12), Defaults(), rng)
    yield f"{name}: preparing", time.process_time() - began
    began = time.process_time()
    free = planner.plan(OrderLimits(), today=MONDAY - timedelta(days=1))
    yield f"{name}: options and first plan", time.process_time() - began
    limits = OrderLimits(capacity=0.9 * free.volume, budget=0.8 * free.spend)
    for seconds, tolerance in ((5.0, 2.5e-3), (60.0, 1e-4)):
        began, wall = time.process_time(), time.perf_counter()
        plan = planner.plan(limits, today=MONDAY, search=SearchEffort(seconds, tolerance))
        label = f"{name}, {seconds:g} s"
        yield f"{label}: CPU seconds", time.process_time() - began
        yield f"{label}: wall seconds", time.perf_counter() - wall
        yield f"{label}: of these to search", plan.proof.seconds
        yield f"{label}: gap in %", 100 * plan.proof.gap
        yield f"{label}: second look agrees", float(bool(plan.proof.recheck and plan.proof.recheck.agrees))
    moved = OrderLimits(capacity=0.88 * free.volume, budget=0.8 * free.spend)
    began = time.process_time()
    planner.plan(moved, today=MONDAY, search=SearchEffort(5.0, 1e-3))
    yield f"{name}: what-if, CPU seconds", time.process_time() - began


def _shop(count: int, rng: np.random.Generator, draws: int = 200, horizon: int = 14) -> Iterator[StockItem]:
    days = tuple(MONDAY + timedelta(days=k) for k in range(horizon))
    for number in range(count):
        mean, shape = rng.lognormal(1, 1), rng.uniform(0.5, 5)
        paths = rng.poisson(rng.gamma(shape, mean / shape, (draws, 1)) * np.ones((1, horizon))).astype(float)
        cost = rng.uniform(1, 20)
        discount = (PriceBreak(float(int(mean * 14) + 1), 0.95 * cost),) if number % 3 == 0 else ()
        yield StockItem(
            f"item {number}",
            DemandDistribution("", "units", Frequency.DAILY, days, paths),
            unit_cost=cost,
            price=cost * rng.uniform(1.3, 2.0),
            on_hand=float(int(mean * rng.uniform(0, 8))),
            lead_time=float(rng.integers(1, 5)),
            review_period=7,
            holding_cost=0.01 * cost,
            order_cost=float(rng.choice([0.0, 2.0])),
            volume=rng.uniform(0.01, 0.2),
            pack=float(rng.choice([1, 6, 12])),
            minimum_order=float(rng.choice([0, 12, 24])),
            prices=discount,
            shelf_life=10 if number % 7 == 0 else None,
        )
