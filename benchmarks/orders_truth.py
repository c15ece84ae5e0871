"""Small order plans beside a plain enumeration of all quantities that shares no code with the engine: wrong bounds,
wrong costs, wrong conflicts."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

import numpy as np

from benchmarks.orders_plain import PlainItem, PlainShop
from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.inventory import (
    Arrival,
    Defaults,
    OrderLimits,
    OrderPlan,
    Planner,
    PriceBreak,
    SearchEffort,
    Shortage,
    StockItem,
)
from engine.proof import Status

SUNDAY = date(2026, 5, 3)
CLOSE = 1e-6
"""Costs that are so near to each other, as a share, are the same."""

SUPPLIERS = ("mill", "dairy")
SEARCH = SearchEffort(20.0, 1e-7)


@dataclass(frozen=True)
class Faults:
    """What is wrong with one plan, in words."""

    bounds: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this area alone."""
    parser.add_argument("--instances", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Plan and enumerate so many small shops; the faults, and the figures for the JSON line."""
    counts, lines = {"wrong_bounds": 0, "wrong_costs": 0, "wrong_conflicts": 0}, list[str]()
    kinds = {"planned": 0, "impossible": 0}
    for instance in range(options.instances):
        items, limits = draw_shop(np.random.default_rng((options.seed, instance)))
        plan = Planner(items, limits, Defaults(), np.random.default_rng(1)).plan(limits, today=SUNDAY, search=SEARCH)
        kinds["impossible" if plan.infeasibility else "planned"] += 1
        faults = faults_of(plan, items, limits)
        for name, texts in (("bounds", faults.bounds), ("costs", faults.costs), ("conflicts", faults.conflicts)):
            counts[f"wrong_{name}"] += bool(texts)
            lines += [f"instance {instance} of seed {options.seed}: {text}" for text in texts]
    lines.append(f"{kinds['planned']} plans and {kinds['impossible']} conflicts beside a plain enumeration")
    return "\n".join(lines), {"instances": options.instances, "seed": options.seed, **counts}


def draw_shop(rng: np.random.Generator) -> tuple[list[StockItem], OrderLimits]:
    """One to three items and the limits that they share, all kinds of terms mixed."""
    draws, periods, review = int(rng.integers(1, 5)), int(rng.integers(3, 10)), int(rng.integers(1, 4))
    items = [_draw_item(rng, f"i{k}", (draws, periods, review)) for k in range(int(rng.integers(1, 4)))]
    spend = sum(float(item.demand.mean.sum()) * (item.unit_cost or 0) for item in items if item.demand)

    def some(chance: float, low: float, high: float) -> float | None:
        return float(np.round(spend * rng.uniform(low, high), 2)) if rng.random() < chance else None

    minimums = {name: least for name in SUPPLIERS if (least := some(0.4, 0.1, 2.5))}
    fees = {name: float(rng.uniform(0.5, 25)) for name in SUPPLIERS if rng.random() < 0.4}
    sure = rng.random()
    return items, OrderLimits(
        capacity=some(0.4, 0.1, 1.5),
        budget=some(0.5, 0.1, 1.2),
        supplier_minimums=minimums,
        delivery_costs=fees,
        cycle_service_level=float(rng.choice([0.5, 0.75, 0.9])) if sure < 0.4 else None,
        fill_rate=float(rng.choice([0.6, 0.8, 0.95])) if sure > 0.6 else None,
    )


def _draw_item(rng: np.random.Generator, name: str, shape: tuple[int, int, int]) -> StockItem:
    draws, periods, review = shape
    paths = rng.poisson(rng.choice([0.3, 1.0, 2.5]), (draws, periods)).astype(float)
    days = tuple(SUNDAY + timedelta(days=1 + k) for k in range(periods))
    lead, cost = int(rng.integers(0, 4)), float(np.round(rng.uniform(1, 4), 2))
    breaks = [PriceBreak(float(rng.integers(3, 20)), cost * float(rng.uniform(0.6, 0.95)))]
    coming = [Arrival(int(rng.integers(-1, 5)), float(rng.integers(1, 8))) for _ in range(int(rng.integers(0, 3)))]
    waits = bool(rng.random() < 0.3)
    return StockItem(
        name,
        DemandDistribution(name, "units", Frequency.DAILY, days, paths),
        unit_cost=cost,
        supplier=str(rng.choice([*SUPPLIERS, ""])),
        on_hand=float(rng.integers(-3 if waits else 0, 9)),
        on_order=tuple(coming) if rng.random() < 0.4 else (),
        lead_time=float(lead),
        review_period=review,
        deliveries=tuple((rng.random(12) < 0.6).tolist()) if rng.random() < 0.3 else (),
        shortage=Shortage.BACKORDERED if waits else Shortage.LOST,
        holding_cost=float(rng.uniform(0.02, 0.8)),
        stockout_cost=float(rng.uniform(0.5, 9)),
        order_cost=float(rng.choice([0.0, 0.0, 2.0, 8.0])),
        volume=float(rng.uniform(0.5, 2)),
        pack=float(rng.choice([1, 1, 2, 5])),
        minimum_order=float(rng.choice([0, 0, 4, 9])),
        prices=tuple(breaks) if rng.random() < 0.3 else (),
        incremental=bool(rng.random() < 0.5),
        shelf_life=int(rng.integers(1, 6)) if rng.random() < 0.35 else None,
        salvage=float(rng.choice([0.0, 0.5])),
    )


def faults_of(plan: OrderPlan, items: Sequence[StockItem], limits: OrderLimits) -> Faults:
    """The plan beside the cheapest of all combinations of quantities."""
    shop = PlainShop([_plain(item) for item in items], limits.delivery_costs, limits.supplier_minimums)
    stays = shop.without_overfull(limits.capacity)
    best = _cheapest(stays, limits)
    if plan.infeasibility is not None:
        return Faults(conflicts=tuple(_wrong_conflict(plan, stays, limits, best)))
    if {line.name for line in plan.lines} != {item.name for item in stays.items}:
        return Faults(conflicts=(f"set aside: {[str(problem) for problem in plan.problems]}",))
    if best is None:
        return Faults(conflicts=("a list where there is none",))
    chosen = {line.name: line.quantity for line in plan.lines}
    cost, proof, costs, bounds = stays.cost_of(chosen), plan.proof, list[str](), list[str]()
    if cost is None or not _allowed(stays, limits, chosen):
        costs.append(f"a limit is broken by {chosen}")
    elif abs(cost - proof.objective) > CLOSE * max(1.0, abs(cost)):
        costs.append(f"{chosen} cost {cost:.6f}, not {proof.objective:.6f}")
    if plan.proof.recheck is None or not plan.proof.recheck.agrees:
        costs.append("the second look does not agree")
    if proof.bound > best + CLOSE * max(1.0, abs(best)):
        bounds.append(f"bound {proof.bound:.6f} above {best:.6f}")
    if proof.status is Status.OPTIMAL and proof.objective > best + 2 * CLOSE * max(1.0, abs(best)):
        bounds.append(f"{proof.objective:.6f} is called best, and {best:.6f} is there")
    return Faults(tuple(bounds), tuple(costs))


def _plain(item: StockItem) -> PlainItem:
    """The figures of an item alone, in types of the plain side."""
    assert item.demand is not None
    assert item.unit_cost is not None
    assert item.holding_cost is not None
    assert item.stockout_cost is not None
    return PlainItem(
        name=item.name,
        paths=item.demand.paths.tolist(),
        supplier=item.supplier,
        cost=item.unit_cost,
        holding=item.holding_cost,
        stockout=item.stockout_cost,
        salvage=item.salvage,
        fee=item.order_cost,
        volume=item.volume or 0.0,
        pack=int(item.pack),
        minimum=int(item.minimum_order),
        breaks=tuple((each.quantity, each.unit_cost) for each in item.prices),
        incremental=item.incremental,
        on_hand=item.on_hand or 0.0,
        coming=tuple((each.period, each.quantity) for each in item.on_order),
        lead=int(item.lead_time or 0),
        review=item.review_period,
        deliveries=item.deliveries,
        life=item.shelf_life,
        waits=item.shortage is Shortage.BACKORDERED,
    )


def _cheapest(shop: PlainShop, limits: OrderLimits) -> float | None:
    """The least cost of all combinations that keep the limits; None where none does."""
    table = shop.table()
    allowed = _mask(shop, limits)
    return float(table[allowed].min()) if allowed.any() else None


def _mask(shop: PlainShop, limits: OrderLimits) -> np.ndarray:
    allowed = np.ones(shop.table().shape, bool)
    if limits.budget is not None:
        allowed &= shop.spend() <= limits.budget + 1e-9
    if limits.capacity is not None:
        allowed &= shop.volume() <= limits.capacity + 1e-9
    for supplier, least in limits.supplier_minimums.items():
        spent = shop.spend(supplier)
        allowed &= (spent <= 0) | (spent >= least - 1e-9)
    if limits.cycle_service_level:
        allowed &= shop.every(lambda outcome: outcome.no_stockout >= (limits.cycle_service_level or 0) - 1e-9)
    if limits.fill_rate:
        allowed &= shop.every(lambda outcome: outcome.fill_rate >= (limits.fill_rate or 0) - 1e-9)
    return allowed


def _allowed(shop: PlainShop, limits: OrderLimits, chosen: Mapping[str, float]) -> bool:
    place = shop.place_of(chosen)
    return place is not None and bool(_mask(shop, limits)[place])


def _limits_by_name(limits: OrderLimits) -> dict[str, OrderLimits]:
    """What each limit of a plan is called, and the limits without it."""
    named = {
        "warehouse space": replace(limits, capacity=None),
        "budget": replace(limits, budget=None),
        "service level": replace(limits, cycle_service_level=None),
        "fill rate": replace(limits, fill_rate=None),
    }
    for supplier in limits.supplier_minimums:
        rest = {name: least for name, least in limits.supplier_minimums.items() if name != supplier}
        named[f"minimum order of {supplier}"] = replace(limits, supplier_minimums=rest)
    return {name: without for name, without in named.items() if without != limits}


def _wrong_conflict(plan: OrderPlan, shop: PlainShop, limits: OrderLimits, best: float | None) -> Iterator[str]:
    """Whether the limits that are said to clash do, none of them too many, and whether the ways out lead out."""
    assert plan.infeasibility is not None
    if best is not None:
        yield f"called impossible, and {best:.4f} is there"
        return
    core = set(plan.infeasibility.words)
    if _cheapest(shop, _only(limits, core)) is not None:
        yield f"{core} do not clash"
    for fewer in combinations(sorted(core), len(core) - 1):
        if _cheapest(shop, _only(limits, set(fewer))) is None:
            yield f"{fewer} of {core} are enough to clash"
    for way in plan.infeasibility.relaxations:
        if _cheapest(shop, _relaxed(limits, way.limit, way.needed)) is None:
            yield f"{way.sentence} helps nobody"


def _only(limits: OrderLimits, core: set[str]) -> OrderLimits:
    for name in _limits_by_name(limits):
        if name not in core:
            limits = _limits_by_name(limits)[name]
    return limits


def _relaxed(limits: OrderLimits, name: str, needed: float) -> OrderLimits:
    if name == "warehouse space":
        return replace(limits, capacity=needed + 1e-6)
    if name == "budget":
        return replace(limits, budget=needed + 1e-6)
    if name == "service level":
        return replace(limits, cycle_service_level=max(0.0, needed / 100 - 1e-9))
    if name == "fill rate":
        return replace(limits, fill_rate=max(0.0, needed / 100 - 1e-9))
    supplier = name.removeprefix("minimum order of ")
    return replace(limits, supplier_minimums={**limits.supplier_minimums, supplier: needed})
