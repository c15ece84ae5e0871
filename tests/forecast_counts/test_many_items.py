"""A whole shop at once: which way each item goes, and steady items' bands."""

import numpy as np
import pytest

from engine.forecast.items import are_counts, forecast_items, from_first_sale
from engine.forecast.regular import forecast_regular, theta, tune_regular

WEEK = np.array([0.6, 0.7, 0.8, 1.0, 1.3, 1.6, 1.0])


@pytest.fixture(scope="module")
def steady() -> np.ndarray:
    """Twelve items that sell some hundreds a day, shape (12, 266)."""
    rng = np.random.default_rng(3)
    level = rng.uniform(100, 900, (12, 1))
    return np.round(level * WEEK[np.arange(266) % 7] * rng.normal(1, 0.1, (12, 266)))


def test_slow_sellers_are_counts_and_bread_is_not():
    rng = np.random.default_rng(1)
    assert are_counts(np.stack([rng.poisson(0.4, 100), rng.poisson(4, 100), rng.poisson(400, 100)])).tolist() == [
        True,
        True,
        False,
    ]


def test_an_item_begins_with_its_first_sale():
    seen = from_first_sale(np.array([[0, 0, 3, 0], [0, 0, 0, 0.0]]))
    assert np.array_equal(seen, [[np.nan, np.nan, 3, 0], [0, 0, 0, 0]], equal_nan=True)


def test_the_week_of_steady_items_is_found(steady):
    made = forecast_regular(steady, horizon=7, season_length=7)
    assert made.mean.mean(axis=0) / made.mean.mean() == pytest.approx(WEEK / WEEK.mean(), rel=0.04)


def test_bands_of_steady_items_hold_as_often_as_they_promise(steady):
    past, future = steady[:, :238], steady[:, 238:]
    low, high = np.moveaxis(forecast_regular(past, horizon=28, season_length=7).quantiles((0.1, 0.9)), 2, 0)
    assert np.mean((low <= future) & (future <= high)) == pytest.approx(0.8, abs=0.06)


def test_the_last_level_needs_no_theta_but_a_trend_does():
    flat = np.random.default_rng(1).normal(500, 30, (12, 60))
    growing = 100 * 1.04 ** np.arange(60) * np.random.default_rng(2).normal(1, 0.02, (12, 60))
    assert tune_regular(flat, horizon=6, season_length=1).shares[2] == 0
    assert tune_regular(growing, horizon=6, season_length=1).shares[2] > 0


def test_theta_is_that_of_another_library_on_a_growing_shop():
    """statsforecast optimises the rate and the start of the level freely, ours takes the best of a few."""
    from statsforecast.models import Theta

    sold = 100 + 3 * np.arange(60) + np.random.default_rng(4).normal(0, 8, 60)
    theirs = Theta(season_length=1).forecast(y=sold, h=6)["mean"]
    assert theta(sold[None, :], 6)[0] == pytest.approx(theirs, rel=0.02)


def test_theta_of_a_straight_line_goes_on_with_half_its_slope():
    """Rate 0.9 follows a line of slope 2 at a distance of 2 / 0.9 - 2; Theta goes on by 1 a period."""
    ahead = theta(2.0 * np.arange(50)[None, :], 4)[0]
    assert np.diff(ahead) == pytest.approx(1.0)


def test_one_short_item_still_has_a_band():
    made = forecast_regular(np.array([[100.0, 110, 90, 105, 95, 100]]), horizon=3, season_length=7)
    low, high = made.quantiles((0.1, 0.9))[0].T
    assert np.all((low < 100) & (high > 100))


def test_a_mixed_shop_gets_one_answer_in_the_order_of_its_items(steady, rng):
    slow = np.random.default_rng(1).poisson(0.5, (12, 266)).astype(float)
    mixed = np.stack([row for pair in zip(steady, slow, strict=True) for row in pair])
    made = forecast_items(mixed, horizon=14, season_length=7)
    assert made.counted.tolist() == [False, True] * 12
    quantiles = made.quantiles((0.5,))[..., 0]
    assert np.all(quantiles[::2] > 30)
    assert np.all(quantiles[1::2] < 3)
    assert made.paths(0, draws=50, rng=rng).mean() == pytest.approx(made.mean[0].mean(), rel=0.1)
    assert made.paths(1, draws=400, rng=rng).mean() == pytest.approx(made.mean[1].mean(), rel=0.1)
    assert len(set(made.methods)) == 2


@pytest.mark.parametrize(
    ("values", "why"),
    [([[1.0, -1]], "negative"), ([[np.nan, np.nan], [1, 2]], "each item"), ([[1.0, np.inf]], "finite")],
)
def test_what_cannot_be_forecast_is_refused(values, why):
    with pytest.raises(ValueError, match=why):
        forecast_items(np.array(values), horizon=2, season_length=1)


def test_sales_that_only_vary_by_chance_give_weeks_that_vary_as_much():
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print(f"seed {seed}")
    chance = np.random.default_rng(seed)
    week = np.array([0.8, 0.9, 0.9, 1.0, 1.1, 1.5, 0.8])
    for mean in (3.0, 15.0, 60.0):
        sold = chance.poisson(mean * week[np.arange(728) % 7], (12, 728)).astype(float)
        made = forecast_items(sold, horizon=28, season_length=7)
        weeks = [made.paths(row, draws=600, rng=chance)[:, :7].sum(axis=1).std() for row in range(12)]
        assert 0.8 < np.mean(weeks) / np.sqrt(7 * mean) < 1.35  # the level is an estimate, and moves a little
