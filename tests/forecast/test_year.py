"""The year and the feasts that move are found where they come back, and nowhere else; drawn anew in each run."""

from datetime import date, timedelta

import numpy as np
import pytest

from engine.forecast.year import LEAST_DAYS, covers_a_year, moving_feasts, year_factors

START = date(2023, 9, 3)
AHEAD = 28


def days(count: int) -> list[date]:
    return [START + timedelta(days=k) for k in range(count + AHEAD)]


@pytest.fixture
def chance(capsys):
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    with capsys.disabled():
        print(f"\nseed {seed}")
    return np.random.default_rng(seed)


def of_year(count: int, depth: float) -> np.ndarray:
    """A smooth year, about 1 in the mean, for every day, those ahead included."""
    return np.exp(depth * np.sin(2 * np.pi * np.arange(count + AHEAD) / 365.25))


def test_a_smooth_year_is_found_and_goes_on(chance):
    count = 3 * 365
    truth = of_year(count, 0.4)
    sold = chance.poisson(30 * truth[:count], (8, count)).astype(float)
    factors = year_factors(sold, days(count), season_length=7)
    ratio = factors.ahead / factors.past.mean(axis=1, keepdims=True) / (truth[count:] / truth[:count].mean())
    assert np.abs(np.log(ratio)).mean() < 0.08


def test_days_without_sales_do_not_hide_the_year(chance):
    count = 2 * 365
    truth = of_year(count, 0.5)
    sold = chance.poisson(40 * truth[:count], (5, count)).astype(float)
    sold[:, np.array([day.weekday() == 6 for day in days(count)[:count]])] = np.nan
    factors = year_factors(sold, days(count), season_length=7)
    assert np.all(factors.ahead.mean(axis=1) / factors.past[:, -84:-56].mean(axis=1) != 1.0)
    told = np.log(factors.ahead.mean(axis=1) / factors.past.mean(axis=1))
    assert told == pytest.approx(np.full(5, np.log(truth[count:].mean() / truth[:count].mean())), abs=0.15)


def test_chance_makes_no_year(chance):
    count = 3 * 365
    sold = chance.poisson(chance.uniform(1, 40, (100, 1)), (100, count)).astype(float)
    factors = year_factors(sold, days(count), season_length=7)
    still = np.all(np.abs(factors.ahead - 1) < 1e-9, axis=1)
    assert still.mean() >= 0.9
    assert np.abs(np.log(factors.ahead.mean(axis=1))).mean() < 0.02


def test_a_level_that_wanders_is_seldom_taken_for_a_year(chance):
    count = 2 * 365
    level = 40 * np.exp(np.cumsum(chance.normal(0, 0.03, (60, count)), axis=1))
    sold = chance.poisson(level).astype(float)
    factors = year_factors(sold, days(count), season_length=7)
    assert np.all(np.abs(factors.ahead - 1) < 1e-9, axis=1).mean() >= 0.7


def test_easter_sells_wherever_it_falls(chance):
    count = (date(2026, 3, 20) - START).days
    ordinals = np.array([day.toordinal() for day in days(count)])
    before = np.zeros(len(ordinals), dtype=bool)
    for feast in moving_feasts(2023, 2026)["Easter"]:
        before |= (ordinals >= feast - 7) & (ordinals < feast)
    sold = chance.poisson(20 * np.where(before, 3.0, 1.0)[:count], (4, count)).astype(float)
    factors = year_factors(sold, days(count), season_length=7)
    assert before[count:].sum() == 7
    assert factors.ahead[:, before[count:]].mean() == pytest.approx(3.0, rel=0.15)
    assert factors.ahead[:, ~before[count:]][:, :8].mean() == pytest.approx(1.0, abs=0.1)


def test_feasts_fall_on_the_days_that_calendars_print():
    feasts = {name: [date.fromordinal(day) for day in each] for name, each in moving_feasts(2025, 2026).items()}
    assert feasts["Easter"] == [date(2025, 4, 20), date(2026, 4, 5)]
    assert feasts["Orthodox Easter"] == [date(2025, 4, 20), date(2026, 4, 12)]
    assert feasts["Carnival"] == [date(2025, 3, 4), date(2026, 2, 17)]
    assert feasts["Mother's Day"] == [date(2025, 5, 11), date(2026, 5, 10)]
    assert feasts["Black Friday"] == [date(2025, 11, 28), date(2026, 11, 27)]


def test_a_short_past_has_no_year():
    count = LEAST_DAYS - 1
    assert not covers_a_year(days(count)[:count])
    assert covers_a_year(days(LEAST_DAYS)[:LEAST_DAYS])
    factors = year_factors(np.ones((3, count)), days(count), season_length=7)
    assert factors.past.shape == factors.ahead.shape == (3, 1)
    assert np.all(factors.past == 1)
