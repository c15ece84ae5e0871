"""Seasons are found where they are, shrunk where they are doubtful, and left alone where there are none."""

from datetime import date, timedelta

import numpy as np
import pytest

from engine.dataset import Frequency
from engine.forecast.series import Seasons, Series, Wave, find_seasons, level_rate

WEEK = np.array([0.8, 0.9, 0.9, 1.0, 1.1, 1.5, 0.8])


def noisy(values: np.ndarray, seed: int, share: float = 0.05) -> np.ndarray:
    return values * np.exp(np.random.default_rng(seed).normal(0, share, len(values)))


def test_the_factors_of_a_bakerys_week_are_found():
    sold = noisy(200 * np.tile(WEEK, 30), 1)
    adjusted = find_seasons(sold, [7.0]).removed(sold)
    by_weekday = adjusted.reshape(-1, 7).mean(axis=0)
    assert by_weekday / by_weekday.mean() == pytest.approx(np.ones(7), abs=0.02)


def test_what_is_taken_out_goes_back_in():
    sold = noisy(200 * np.tile(WEEK, 30), 2)
    seasons = find_seasons(sold, [7.0])
    assert seasons.restored(seasons.removed(sold), 0) == pytest.approx(sold)


def test_a_week_and_a_year_are_told_apart():
    days = np.arange(3 * 365)
    year = 1 + 0.3 * np.cos(2 * np.pi * days / 365.25)
    seasons = find_seasons(noisy(100 * np.resize(WEEK, len(days)) * year, 3), [7.0, 365.25])
    assert [wave.period for wave in seasons.waves] == [7.0, 365.25]
    yearly = np.exp(seasons.longer_than(24).waves[0].between(0, 365))
    assert yearly.max() / yearly.min() == pytest.approx(1.3 / 0.7, rel=0.1)


def test_a_year_in_weekly_sales_is_seen_through_a_wandering_level():
    weeks = np.arange(6 * 52)
    level = 100 * np.exp(np.random.default_rng(4).normal(0, 0.02, len(weeks)).cumsum())
    sold = level * (1 + 0.4 * np.sin(2 * np.pi * weeks / 52.18))
    wave = find_seasons(sold, [52.18]).waves[0].between(0, 52)
    assert np.corrcoef(wave, np.log(1 + 0.4 * np.sin(2 * np.pi * np.arange(52) / 52.18)))[0, 1] > 0.97


def test_in_nineteen_of_twenty_shops_without_a_season_the_adjustment_stays_below_three_percent():
    largest = []
    for seed in range(40):
        steady = noisy(np.full(120, 50.0), seed, share=0.1)
        largest.append(np.abs(find_seasons(steady, [12.0]).removed(steady) / steady - 1).max())
    assert np.quantile(largest, 0.95) < 0.06
    assert np.median(largest) < 0.03


def test_a_kiosk_with_days_of_zero_has_amounts_and_no_factors():
    sold = np.tile([0.0, 5.0, 6.0, 5.0, 7.0, 12.0, 0.0], 12) + np.random.default_rng(5).normal(0, 0.2, 84)
    seasons = find_seasons(np.maximum(sold, 0), [7.0])
    assert not seasons.multiplicative
    assert np.ptp(seasons.removed(np.maximum(sold, 0))) < 3


@pytest.mark.parametrize("values", [np.full(60, 7.0), np.zeros(60), np.arange(14.0)])
def test_constant_or_short_histories_have_no_season(values):
    assert find_seasons(values, [7.0]).waves == ()


def test_a_factor_stretches_the_spread_and_an_amount_does_not():
    double = Wave(2.0, np.array([np.log(2.0)]))  # the shortest wave: up, down, up, down
    assert Seasons((double,)).stretched(np.ones(2), 0) == pytest.approx([2.0, 0.5])
    assert Seasons((double,), multiplicative=False).stretched(np.ones(2), 0).tolist() == [1.0, 1.0]


def test_a_shop_closed_on_sundays_has_a_year_of_313_open_days():
    days = [day for k in range(800) if (day := date(2024, 1, 1) + timedelta(days=k)).weekday() != 6]
    week, year = Series(np.ones(len(days)), tuple(days), Frequency.DAILY, 6).cycles
    assert (week, round(year)) == (6.0, 313)


def test_weeks_have_a_year_and_months_only_what_they_were_given():
    weeks = tuple(date(2024, 1, 1) + timedelta(weeks=k) for k in range(120))
    assert Series(np.ones(120), weeks, Frequency.WEEKLY, 52).cycles == pytest.approx([365.25 / 7])
    months = tuple(date(2020 + k // 12, 1 + k % 12, 1) for k in range(30))
    assert Series(np.ones(30), months, Frequency.MONTHLY, 12).cycles == (12.0,)


@pytest.mark.parametrize(("rate", "low", "high"), [(0.1, 0.05, 0.2), (0.5, 0.33, 0.7), (1.0, 0.8, 1.0)])
def test_the_rate_at_which_a_level_wanders_is_found(rate, low, high):
    # A local level in its innovations form: each surprise moves the level by `rate` of its size.
    surprises = np.random.default_rng(9).normal(0, 1, 400)
    levels = 500 + rate * np.r_[0, surprises[:-1].cumsum()]
    assert low <= level_rate(levels + surprises) <= high


def test_of_five_values_or_a_constant_no_rate_is_known():
    assert level_rate(np.arange(5.0)) == level_rate(np.full(50, 3.0)) == 1.0
