"""Which items matter (ABC), which are hard to foresee (XYZ), and which lie on the shelf for too long."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.inventory.planning_inputs import PlanningItem, days_in_period

A_SHARE, B_SHARE = 0.80, 0.95
"""Items that together make up these shares of the yearly value are A, then B; the rest is C."""

X_SPREAD, Y_SPREAD = 0.5, 1.0
"""Demand whose deviation is below these shares of its mean is X, then Y; the rest is Z."""

SURE = 0.95
"""Stock beyond what may be needed, with this probability, counts as excess."""

DEAD_DAYS = 365.0
"""Stock that lasts longer than this at the expected demand is dead."""


@dataclass(frozen=True)
class StockClass:
    """Where an item stands.

    Attributes:
        name: the item's name.
        value_class: "A", "B" or "C" by expected yearly demand times cost.
        demand_class: "X", "Y" or "Z" by how much demand per review period varies.
        yearly_value: currency.
        excess: units beyond what the forecast's whole horizon will probably need.
        excess_value: what these cost, currency.
        dead: the stock will not be sold within a year at the expected demand.
    """

    name: str
    value_class: str
    demand_class: str
    yearly_value: float
    excess: float
    excess_value: float
    dead: bool


def classify(items: Sequence[PlanningItem]) -> tuple[StockClass, ...]:
    """Classes of all items, in the order given."""
    values = np.array([_per_day(each) * 365.25 * each.unit_cost for each in items])
    order = np.argsort(-values, kind="stable")
    before = np.cumsum(values[order]) - values[order]
    share = np.empty(len(items))
    share[order] = before / max(float(values.sum()), 1e-12)
    return tuple(_classified(each, float(v), float(s)) for each, v, s in zip(items, values, share, strict=True))


def _classified(ready: PlanningItem, value: float, share_before: float) -> StockClass:
    abc = "A" if share_before < A_SHARE else "B" if share_before < B_SHARE else "C"
    review = ready.item.review_period
    per_review = ready.demand.total(0, review)
    mean = float(per_review.mean())
    spread = float(per_review.std()) / mean if mean > 0 else np.inf
    xyz = "X" if spread < X_SPREAD else "Y" if spread < Y_SPREAD else "Z"
    needed = float(np.quantile(ready.demand.total(), SURE))
    excess = max(0.0, ready.on_hand - needed)
    dead = ready.on_hand > 0 and ready.on_hand > _per_day(ready) * DEAD_DAYS
    return StockClass(ready.name, abc, xyz, value, excess, excess * ready.unit_cost, dead)


def _per_day(ready: PlanningItem) -> float:
    return float(ready.demand.mean.mean()) / days_in_period(ready.demand)
