"""What may be sold, as joint paths."""

from datetime import date

import numpy as np
import pytest

from engine.dataset import Frequency
from engine.demand import DemandDistribution

TWO_DAYS = (date(2026, 3, 2), date(2026, 3, 3))


def bread(paths: list[list[float]]) -> DemandDistribution:
    return DemandDistribution("Bread", "units", Frequency.DAILY, TWO_DAYS, np.array(paths, dtype=float))


def test_a_total_knows_how_the_days_hang_together() -> None:
    together = bread([[10, 10], [20, 20]])
    opposed = bread([[10, 20], [20, 10]])
    assert list(together.mean) == list(opposed.mean) == [15, 15]
    assert list(together.total()) == [20, 40]
    assert list(opposed.total()) == [30, 30]


def test_a_total_covers_only_the_periods_asked_for() -> None:
    assert list(bread([[10, 1], [20, 2]]).total(1)) == [1, 2]
    assert list(bread([[10, 1], [20, 2]]).total(0, 1)) == [10, 20]


def test_a_quantile_is_taken_day_by_day() -> None:
    assert list(bread([[0, 4], [1, 5], [2, 6]]).quantile(0.5)) == [1, 5]


@pytest.mark.parametrize("paths", [[[1.0]], [[-1.0, 2.0]], [[float("nan"), 2.0]]])
def test_demand_that_cannot_be_is_refused(paths: list[list[float]]) -> None:
    with pytest.raises(ValueError, match=r"paths of shape|not negative"):
        bread(paths)


def test_demand_without_any_path_is_refused() -> None:
    with pytest.raises(ValueError, match="paths of shape"):
        DemandDistribution("Bread", "units", Frequency.DAILY, TWO_DAYS, np.empty((0, 2)))
