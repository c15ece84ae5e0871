"""A hardware shop's ladder, which sells about twice a week."""

import numpy as np
import pytest

from engine.forecast import forecast
from engine.forecast.forecast import COUNTS
from engine.forecast.items import forecast_items

CHANCE, DAYS = 0.3, 420


def ladders(seed: int, days: int = DAYS) -> np.ndarray:
    """Sold on three days of ten, then 1 + Poisson(0.5) pieces; on average 0.45 a day."""
    rng = np.random.default_rng(seed)
    return (rng.random(days) < CHANCE) * (1.0 + rng.poisson(0.5, days))


def test_what_sells_now_and_then_is_forecast_as_counts(sales_of):
    made = forecast(sales_of([*ladders(1)]), horizon=28)
    assert [*made.members] == [COUNTS]
    assert made.point.sum() == pytest.approx(28 * 0.45, rel=0.25)
    assert made.band(95).lower.min() == 0
    assert np.all(made.band(80).upper == np.round(made.band(80).upper))
    assert {score.model for score in made.proof.scores} >= {"This forecast", "Same as last season", COUNTS}


@pytest.mark.slow
def test_the_total_of_four_weeks_lies_in_its_range_as_often_as_promised(sales_of):
    held = 0
    for seed in range(12):
        sold = ladders(seed, DAYS + 28)
        totals = forecast(sales_of([*sold[:DAYS]]), horizon=28).demand(1000).paths.sum(axis=1)
        lower, upper = np.quantile(totals, (0.1, 0.9))
        held += lower <= sold[DAYS:].sum() <= upper
    assert held >= 7  # 80 % of 12 are 9.6; two standard errors below


def test_a_steady_item_alone_varies_by_little_more_than_chance_over_a_week():
    """Ten a day by chance alone: a week varies by the root of seventy."""
    for seed in range(3):
        sold = np.random.default_rng(seed).poisson(10.0, (1, DAYS))
        paths = forecast_items(sold.astype(float), horizon=56, season_length=7).paths(
            0, draws=1000, rng=np.random.default_rng(1)
        )
        assert 0.9 < paths[:, :7].sum(axis=1).std() / np.sqrt(70) < 1.5


def test_the_same_data_give_the_same_futures(sales_of):
    one, two = (forecast(sales_of([*ladders(2)]), horizon=14).demand(500).paths for _ in range(2))
    assert np.array_equal(one, two)


def test_steady_sales_and_regular_returns_are_not_counted_so(sales_of):
    for sold in ([5.0, 6, 7] * 30, [0.0, 0, 3, 0, -1, 0, 2, 0, 1] * 10):
        assert COUNTS not in forecast(sales_of(sold), horizon=7).members
