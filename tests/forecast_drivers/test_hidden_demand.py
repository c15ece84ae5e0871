"""Demand that sales do not show: empty shelves and items without a past."""

import numpy as np
import pytest

from engine.forecast.censored_demand import ran_out, uncensored
from engine.forecast.cold_start import DRAWS, analogue, new_item, new_item_beside_own_level

WEEK = np.array([0.8, 0.8, 0.9, 1.0, 1.3, 1.6, 0.6])


@pytest.mark.parametrize(("level", "dispersion"), [(5.0, 0.0), (20.0, 0.1), (60.0, 0.05)])
def test_two_days_in_three_at_risk_of_running_out_hide_demand_that_is_found_within_3_percent(kiosk, level, dispersion):
    shop = kiosk(past=400)
    hidden, naive = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        noise = rng.gamma(1 / dispersion, dispersion, 428) if dispersion else 1.0
        demand = rng.poisson(shop.usual(level) * noise).astype(float)[:400]
        stock = rng.choice([0.8 * level, 1.1 * level, 3 * level], 400).round()
        sold = np.minimum(demand, stock)
        told = uncensored(shop.series(sold), ran_out(sold, stock))
        hidden.append(told.demand.mean() / demand.mean() - 1)
        naive.append(sold.mean() / demand.mean() - 1)
    assert np.mean(naive) < -0.12
    assert abs(np.mean(hidden)) < 0.03


def test_an_empty_shelf_all_day_says_nothing_so_the_usual_is_expected(kiosk):
    shop = kiosk(past=140)
    sold = np.random.default_rng(0).poisson(shop.usual(50)).astype(float)[:140]
    sold[70:77] = 0
    told = uncensored(shop.series(sold), np.isin(np.arange(140), np.arange(70, 77)))
    assert told.demand[70:77] == pytest.approx(shop.usual(50)[70:77], rel=0.15)
    assert told.lost == pytest.approx(350, rel=0.1)


def test_demand_is_never_less_than_what_was_sold(kiosk):
    shop = kiosk(past=200)
    rng = np.random.default_rng(1)
    sold = rng.poisson(shop.usual(8)).astype(float)[:200]
    told = uncensored(shop.series(sold), rng.random(200) < 0.3)
    assert np.all(told.demand >= sold)
    assert np.array_equal(told.demand[~told.censored], sold[~told.censored])


def test_a_poisson_item_that_always_runs_out_at_two_has_the_rate_of_its_likelihood(kiosk):
    # Half of the days end with an empty shelf of two: P(D >= 2) = 1 - 2.6783 exp(-1.6783), rate by maximum likelihood.
    shop = kiosk(past=7000)
    demand = np.random.default_rng(5).poisson(1.6783, 7000).astype(float)
    series = shop.series(np.minimum(demand, 2.0))
    told = uncensored(series, ran_out(series.values, np.full(7000, 2.0)))
    assert np.mean(series.values >= 2) == pytest.approx(0.5, abs=0.02)
    assert told.demand.mean() == pytest.approx(1.6783, rel=0.03)


def test_a_shelf_that_is_always_empty_is_said_to_tell_nothing(kiosk):
    shop = kiosk(past=30)
    told = uncensored(shop.series(np.full(30, 3.0)), np.ones(30, dtype=bool))
    assert told.cautions == ("The shelf ran empty on every day, so demand cannot be told from sales.",)


def similar_items(rng, count=12, days=140):
    levels = np.exp(rng.normal(2.5, 0.5, count))
    return [rng.poisson(level * WEEK[np.arange(days) % 7] * rng.gamma(5, 0.2, days)).astype(float) for level in levels]


@pytest.mark.slow
@pytest.mark.parametrize("own_days", [0, 14])
def test_bands_of_new_items_hold_what_they_promise_and_narrow_with_their_own_sales(own_days):
    held, widths = 0, []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        like = analogue(similar_items(rng), [0] * 12, 7)
        level = np.exp(rng.normal(2.5, 0.5))
        sold = rng.poisson(level * WEEK[np.arange(42) % 7] * rng.gamma(5, 0.2, 42)).astype(float)
        totals = new_item(like, sold[14 - own_days : 14], horizon=28, rng=rng).sum(axis=1)
        low, high = np.quantile(totals, [0.025, 0.975])
        held += low <= sold[14:].sum() <= high
        widths.append((high - low) / totals.mean())
    assert held >= 87  # of 100 at 95 %, from a dozen similar items
    assert np.mean(widths) > 1.5 if own_days == 0 else np.mean(widths) < 0.9


def test_a_new_item_has_the_week_of_similar_ones():
    rng = np.random.default_rng(0)
    like = analogue(similar_items(rng, count=40), [0] * 40, 7)
    profile = new_item(like, np.array([]), horizon=28, rng=rng, first_place=2).mean(axis=0).reshape(4, 7).mean(axis=0)
    assert profile / profile.mean() == pytest.approx(np.roll(WEEK / WEEK.mean(), -2), rel=0.12)


def test_a_steady_new_item_is_better_known_by_its_own_level_too():
    """Similar items vary widely from day to day; these new ones sell about 300 day after day, give or take 10."""
    rng = np.random.default_rng(11)
    like = analogue([rng.gamma(2, rng.uniform(50, 250), 140) for _ in range(12)], [0] * 12, 1)
    own, ahead = np.round(rng.normal(300, 10, 5)), rng.normal(300, 10, 7)
    both = new_item_beside_own_level(like, own, horizon=7, rng=rng)
    alone = new_item(like, own, horizon=7, rng=rng, draws=DRAWS)
    assert both.shape == alone.shape == (DRAWS, 7)
    loss = [np.mean([abs(np.quantile(each, q, axis=0) - ahead) for q in (0.2, 0.5, 0.8)]) for each in (both, alone)]
    assert loss[0] < 0.5 * loss[1]


@pytest.mark.parametrize("own", [[], [np.nan, np.nan], [0.0, 3.0, 1.0]])
def test_what_sells_in_small_numbers_or_not_yet_is_left_to_similar_items(own):
    rng = np.random.default_rng(2)
    like = analogue(list(rng.poisson(3, (6, 90)) * 1.0), [0] * 6, 1)
    made = new_item_beside_own_level(like, np.array(own), horizon=4, rng=np.random.default_rng(5))
    assert np.array_equal(made, new_item(like, np.array(own), horizon=4, rng=np.random.default_rng(5), draws=DRAWS))


def test_one_similar_item_is_not_enough():
    with pytest.raises(ValueError, match="at least 2"):
        analogue([np.ones(10), np.zeros(10)], [0, 0], 7)
