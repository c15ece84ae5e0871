"""Odd days and steps of the level: found where they were put, and not invented elsewhere."""

from datetime import date

import numpy as np
import pytest

from engine.business.calendar import Period
from engine.dataset import Frequency
from engine.forecast.anomalies import level_shifts, outliers, shortfalls
from engine.forecast.drivers import Drivers, Holidays, promotion
from engine.forecast.series import Series


def test_a_tripled_day_is_odd_and_named_with_what_was_usual(kiosk):
    shop = kiosk()
    sold = np.random.default_rng(0).poisson(shop.usual()).astype(float)
    sold[102] = 300  # a Friday, on which 130 are usual... times nearly three
    (odd,) = outliers(shop.series(sold))
    assert odd.period == shop.days[102]
    assert odd.expected == pytest.approx(130, rel=0.15)
    assert odd.sentence("units").startswith("12 April 2024: 300 units, more than the usual 1")


@pytest.mark.slow
def test_of_ten_thousand_quiet_days_hardly_any_is_called_odd(kiosk):
    shop = kiosk()
    trend = 1 + np.arange(len(shop.days)) / 1000
    found = sum(
        len(outliers(shop.series(np.random.default_rng(seed).poisson(60 * trend * shop.usual(1)).astype(float))))
        for seed in range(20)
    )
    assert found <= 10


def test_an_odd_day_on_a_holiday_is_explained_by_it(kiosk):
    shop = kiosk()
    sold = np.random.default_rng(0).poisson(shop.usual()).astype(float)
    christmas_eve = (date(2024, 12, 24) - shop.days[0]).days
    sold[christmas_eve] = 350
    table = shop.table(Drivers(Holidays("DE"))).at(shop.days[: shop.past])
    (odd,) = outliers(shop.series(sold), table)
    assert odd.reason == "then there was: day before Christmas Day"


def test_a_learnt_promotion_is_nothing_odd(kiosk):
    shop = kiosk()
    flyers = [Period(shop.days[start], shop.days[start]) for start in range(40, 520, 60)]
    promoted = np.array([any(day in span for span in flyers) for day in shop.days])
    sold = np.random.default_rng(0).poisson(shop.usual() * np.where(promoted, 3.0, 1.0)).astype(float)
    effects = shop.learn(sold, Drivers(tracked=(promotion("flyer", *flyers),)))
    assert len(outliers(shop.series(sold))) >= 7
    assert outliers(shop.series(sold), moves=effects.past) == ()


def test_an_empty_day_asks_whether_the_shelf_was_empty(kiosk):
    shop = kiosk()
    sold = np.random.default_rng(0).poisson(shop.usual()).astype(float)
    sold[200] = 0
    (odd,) = outliers(shop.series(sold))
    assert odd.reason == "nothing was sold: were you closed, or was the shelf empty?"


@pytest.mark.parametrize("sold", [np.zeros(500), np.full(500, 5.0), np.full(500, np.nan), np.full(9, 3.0)])
def test_nothing_is_odd_where_nothing_varies(kiosk, sold):
    assert outliers(kiosk(past=len(sold)).series(sold)) == ()
    assert level_shifts(kiosk(past=len(sold)).series(sold)) == ()


def test_a_fall_by_40_percent_is_found_within_two_days_and_five_points(kiosk):
    shop = kiosk()
    for seed in range(5):
        mean = shop.usual(60)
        mean[300:] *= 0.6
        (shift,) = level_shifts(shop.series(np.random.default_rng(seed).poisson(mean).astype(float)))
        assert abs((shift.period - shop.days[300]).days) <= 2
        assert shift.percent == pytest.approx(-40, abs=5)


def test_a_steady_trend_and_a_week_of_flyers_are_no_steps(kiosk):
    shop = kiosk()
    for seed in range(5):
        mean = shop.usual(60) * (1 + np.arange(len(shop.days)) / 500)
        mean[200:207] *= 1.8
        assert level_shifts(shop.series(np.random.default_rng(seed).poisson(mean).astype(float))) == ()


def test_the_step_is_told_in_the_owners_words(kiosk):
    shop = kiosk()
    mean = shop.usual(60)
    mean[300:] *= 2
    (shift,) = level_shifts(shop.series(np.random.default_rng(0).poisson(mean).astype(float)))
    assert shift.sentence("units").startswith("Since 27 October 2024 sales rose by")


def test_26_days_are_too_short_for_a_year_and_said_so():
    said = [short.sentence(26, "day") for short in shortfalls(26, Frequency.DAILY, 7, drivers=True)]
    assert said[0] == (
        "26 days are too short for a yearly season (426 are needed), "
        "so the year's ups and downs are followed only as they happen."
    )
    assert len(said) == 2


def test_three_years_of_days_are_long_enough_for_everything():
    assert shortfalls(1100, Frequency.DAILY, 7, drivers=True) == ()


def test_monthly_sales_step_too():
    months = tuple(date(2018 + k // 12, k % 12 + 1, 1) for k in range(72))
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(72) / 12)
    sold = np.random.default_rng(0).poisson(500 * season * np.where(np.arange(72) >= 40, 0.5, 1.0)).astype(float)
    (shift,) = level_shifts(Series(sold, months, Frequency.MONTHLY, 12))
    assert abs((shift.period - months[40]).days) <= 62
    assert shift.percent == pytest.approx(-50, abs=8)
