"""A corner shop's slow sellers: forecasts whose bands, sums and means are right where the truth is known."""

import numpy as np
import pytest

from engine.forecast.counts import forecast_many, tune
from tests.forecast_counts.conftest import WEEK

PROBABILITIES = (0.025, 0.1, 0.5, 0.9, 0.975)


def of_one(sold, horizon, season_length=7):
    return forecast_many(np.asarray(sold)[None, :], horizon=horizon, season_length=season_length)


def test_the_mean_of_a_busy_saturday_is_found(counter):
    sold = counter(40, 420)
    made = forecast_many(sold, horizon=7, season_length=7)
    truth = np.linspace(0.2, 4.0, 40)[:, None] * WEEK[(420 + np.arange(7)) % 7]
    assert made.mean.sum(axis=0) == pytest.approx(truth.sum(axis=0), rel=0.08)


def test_bands_hold_as_often_as_they_promise(counter):
    sold = counter(60, 420, seed=3)
    past, future = sold[:, :392], sold[:, 392:]
    made = forecast_many(past, horizon=28, season_length=7).quantiles(PROBABILITIES)
    # Whole numbers: a band may hold more than it promises, because its borders count as inside, but never much less.
    assert np.mean(future <= made[..., 4]) == pytest.approx(0.985, abs=0.015)
    assert np.mean(future < made[..., 3]) <= 0.92 <= np.mean(future <= made[..., 3]) + 0.03
    assert np.mean((made[..., 0] <= future) & (future <= made[..., 4])) >= 0.94


@pytest.mark.slow
def test_sums_over_the_lead_time_are_covered_though_levels_wander():
    """Levels drift like a random walk, so a sum of four weeks is far less sure than 28 separate days would be."""
    rng = np.random.default_rng(5)
    walk = np.exp(np.cumsum(rng.normal(0, 0.03, (120, 420)), axis=1))
    sold = rng.poisson(1.5 * walk / walk[:, :1]).astype(float)
    past, future = sold[:, :392], sold[:, 392:].sum(axis=1)
    made = forecast_many(past, horizon=28, season_length=7)
    chance = np.random.default_rng(1)
    totals = np.stack([made.paths(row, draws=400, rng=chance).sum(axis=1) for row in range(120)])
    low, high = np.quantile(totals, (0.025, 0.975), axis=1)
    held = np.mean((low <= future) & (future <= high))
    alone = np.stack([made.paths(row, draws=400, rng=chance) for row in range(120)])
    for period in range(28):
        alone[:, :, period] = chance.permuted(alone[:, :, period], axis=1)
    low, high = np.quantile(alone.sum(axis=2), (0.025, 0.975), axis=1)
    assert 0.91 <= held <= 0.99
    assert np.mean((low <= future) & (future <= high)) < held - 0.1


def test_pieces_stay_whole_never_negative_and_quantiles_never_cross(counter, rng):
    made = forecast_many(counter(20, 200), horizon=10, season_length=7)
    quantiles = made.quantiles(PROBABILITIES)
    assert np.all(quantiles == np.round(quantiles))
    assert np.all(quantiles >= 0)
    assert np.all(np.diff(quantiles, axis=2) >= 0)
    paths = made.paths(3, draws=100, rng=rng)
    assert np.all(paths == np.round(paths))
    assert np.all(paths >= 0)


def test_a_part_that_died_is_expected_to_stay_dead():
    sold = np.r_[np.random.default_rng(2).poisson(2, 200), np.zeros(200)]
    made = of_one(sold, 28)
    assert made.mean.mean() < 0.4
    assert made.quantiles([0.5]).max() == 0


def test_ham_that_is_sold_by_weight_keeps_its_decimals():
    sold = np.where(np.arange(90) % 3 == 0, 0.35, 0.0)
    made = of_one(sold, 7, season_length=1)
    assert made.mean.mean() == pytest.approx(0.35 / 3, rel=0.25)


@pytest.mark.parametrize("sold", [[0.0] * 30, [3.0], [2.0] * 40, [np.nan, np.nan, 1.0, np.nan, 0.0]])
def test_odd_histories_have_a_sound_forecast(sold, rng):
    made = of_one(sold, 5)
    paths = made.paths(0, draws=1000, rng=rng)
    assert paths.shape == (1000, 5)
    assert np.all(np.isfinite(made.mean))
    assert np.all(paths >= 0)


def test_a_bun_that_sold_six_every_day_is_no_less_certain_than_chance_alone_would_make_it(rng):
    week = of_one(np.full(120, 6.0), 14).paths(0, draws=1000, rng=rng)[:, :7].sum(axis=1)
    assert week.mean() == pytest.approx(42, rel=0.02)
    assert week.std() < 1.5 * 42**0.5  # independent Poisson days: the root of 42


def test_a_shelf_that_never_sold_is_forecast_to_sell_nothing(rng):
    assert of_one(np.zeros(50), 4).paths(0, draws=1000, rng=rng).max() == 0


@pytest.mark.parametrize(
    ("sold", "horizon", "why"),
    [([1.0, -2.0], 3, "negative"), ([np.nan], 3, "known value"), ([1.0], 0, "horizon"), ([np.inf], 2, "known value")],
)
def test_what_cannot_be_forecast_is_refused(sold, horizon, why):
    with pytest.raises(ValueError, match=why):
        of_one(sold, horizon)


def test_the_same_seed_gives_the_same_paths(counter):
    sold = counter(1, 120)[0]
    one, two = (of_one(sold, 9).paths(0, draws=100, rng=np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(one, two)


def test_an_item_gets_the_same_forecast_alone_and_among_others(counter):
    sold = counter(30, 200)
    tuning = tune(sold, horizon=14, season_length=7)
    together = forecast_many(sold, horizon=14, season_length=7, tuning=tuning)
    alone = forecast_many(sold[7:8], horizon=14, season_length=7, tuning=tuning)
    assert alone.mean[0] == pytest.approx(together.mean[7], rel=1e-4)
    assert np.array_equal(alone.quantiles(PROBABILITIES)[0], together.quantiles(PROBABILITIES)[7])


def test_the_weekend_is_used_where_there_is_one_and_not_where_there_is_none(counter):
    flat = np.random.default_rng(1).poisson(1.0, (60, 300)).astype(float)
    assert tune(counter(60, 300), horizon=14, season_length=7).seasonal
    assert not tune(flat, horizon=14, season_length=7).seasonal


def test_the_method_is_told_in_words(counter):
    method = of_one(counter(1, 100)[0], 3).tuning.method
    assert "level" in method
    assert "%" in method
