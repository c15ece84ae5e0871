"""A small shop's items with demand whose chances are known."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.inventory import StockItem

MONDAY = date(2026, 5, 4)


def demand_of(paths: Sequence[Sequence[float]], frequency: Frequency = Frequency.DAILY) -> DemandDistribution:
    """Equally likely futures from Monday, 4 May 2026 on."""
    rows = np.array(paths, dtype=float)
    days = tuple(MONDAY + timedelta(days=k) for k in range(rows.shape[1]))
    return DemandDistribution("", "units", frequency, days, rows)


@pytest.fixture
def item() -> Callable[..., StockItem]:
    """Make an item that sells 1, 2, ..., 10 units a day with equal chances, delivered at once, ordered every day."""

    def make(name: str = "bread", *, sells: Sequence[float] = tuple(range(1, 11)), days: int = 1, **known) -> StockItem:
        paths = [[units] * days for units in sells]
        usual = {
            "demand": demand_of(paths), "unit_cost": 2.0, "price": 5.0, "lead_time": 0.0, "holding_cost": 1.0,
            "stockout_cost": 3.0, "volume": 1.0,
        }  # fmt: skip
        return StockItem(name, **(usual | known))

    return make
