"""What owners really bring: every odd history gets a sound forecast or a sentence that says what to do."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from engine.business.history import metrics, sales_history
from engine.dataset import Frequency
from engine.errors import TooLittleHistory
from engine.forecast import forecast

WEEK = np.array([80.0, 90.0, 100.0, 110.0, 130.0, 170.0, 60.0])
MONDAY = date(2024, 1, 1)


def noisy_weeks(weeks: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).poisson(np.tile(WEEK, weeks)).astype(float)


def is_sound(result) -> bool:
    frame = result.frame()
    numbers = frame.drop("period").to_numpy()
    ordered = frame["lower_95"] <= frame["lower_80"], frame["median"] <= frame["upper_95"]
    return bool(np.all(np.isfinite(numbers)) and all(each.all() for each in ordered))


@pytest.mark.parametrize(("level", "said"), [(0.0, "Every past period is zero"), (7.0, "repeats itself exactly")])
def test_a_kiosk_that_never_changes_is_expected_not_to_change(sales_of, level, said):
    result = forecast(sales_of([level] * 60), horizon=7)
    assert result.point.tolist() == pytest.approx([level] * 7, abs=1e-6)
    assert is_sound(result)
    assert any(said in caution for caution in result.cautions)


def test_one_point_is_too_little(sales_of):
    with pytest.raises(TooLittleHistory, match="covers 1 day, and a forecast needs at least 8"):
        forecast(sales_of([5.0]), horizon=7)


def test_a_history_of_gaps_is_too_little(sales_of):
    with pytest.raises(TooLittleHistory, match="covers 4 days"):
        forecast(sales_of([5.0, None] * 4 + [None] * 60), horizon=7)


def test_values_that_are_no_numbers_count_as_unknown(sales_of):
    sold = noisy_weeks(12)
    broken = sold.copy()
    broken[[10, 40]] = np.nan, np.inf
    told = forecast(sales_of([*broken]), horizon=14)
    assert is_sound(told)
    assert told.point.sum() == pytest.approx(2 * WEEK.sum(), rel=0.1)


def test_a_gap_of_two_months_is_no_crash_in_sales(sales_of):
    sold = [*noisy_weeks(20), *[None] * 60, *noisy_weeks(5, seed=2)[4:]]  # the days stay in step with the weekdays
    assert forecast(sales_of(sold), horizon=14).point.sum() == pytest.approx(2 * WEEK.sum(), rel=0.1)


def test_rows_of_the_same_day_are_added_up(shop):
    rows = [(MONDAY + timedelta(days=k), "bread", half) for k in range(84) for half in (WEEK[k % 7] / 2,) * 2]
    dataset = shop(rows)
    history = sales_history(dataset, metrics(dataset)[0])
    assert forecast(history, horizon=7).point == pytest.approx(WEEK, rel=0.02)


def test_rows_by_the_minute_are_a_daily_history(shop):
    day_of_minutes = [(MONDAY + timedelta(days=k), "coffee", 1.0) for k in range(60) for _ in range(40 + k % 7)]
    dataset = shop(day_of_minutes)
    history = sales_history(dataset, metrics(dataset)[0])
    assert history.calendar.frequency is Frequency.DAILY
    assert is_sound(forecast(history, horizon=7))


def test_a_file_that_turns_from_months_to_days_is_read_by_its_usual_rhythm(shop):
    months = [(date(2022 + k // 12, 1 + k % 12, 1), "tea", 900.0) for k in range(24)]
    days = [(MONDAY + timedelta(days=k), "tea", 30.0 + k % 7) for k in range(120)]
    dataset = shop([*months, *days])
    history = sales_history(dataset, metrics(dataset)[0])
    assert history.calendar.frequency is Frequency.DAILY
    result = forecast(history, horizon=14)
    assert is_sound(result)
    assert 25 < result.point.mean() < 45


def test_a_few_returns_do_not_bring_negative_sales_and_regular_ones_do(sales_of):
    sold = noisy_weeks(20)
    sold[[20, 70]] = -15
    assert forecast(sales_of([*sold]), horizon=14).band(95).lower.min() >= 0
    balance = np.random.default_rng(3).normal(0, 40, 140)
    assert forecast(sales_of([*balance]), horizon=14).band(95).lower.min() < 0


@pytest.mark.slow
def test_fifty_years_of_days_are_forecast_like_the_latest(sales_of):
    days = np.arange(50 * 365)
    sold = np.resize(WEEK, len(days)) * (1 + days / 9000) * np.exp(np.random.default_rng(4).normal(0, 0.05, len(days)))
    result = forecast(sales_of([*sold]), horizon=14)
    assert result.point.mean() == pytest.approx(sold[-364:].mean(), rel=0.05)


def test_whole_numbers_stay_whole_and_others_do_not(sales_of):
    cakes, flour = noisy_weeks(10), noisy_weeks(10) + 0.5
    whole, broken = (forecast(sales_of([*sold]), horizon=7) for sold in (cakes, flour))
    for band in whole.bands:
        assert np.all(band.lower == np.round(band.lower)) and np.all(band.upper == np.round(band.upper))
    assert np.any(broken.band(80).lower != np.round(broken.band(80).lower))
    paths = whole.demand(200).paths
    assert np.all(paths == np.round(paths))


def test_the_range_of_a_total_is_narrower_than_the_sum_of_the_ranges(sales_of):
    result = forecast(sales_of([*noisy_weeks(20)]), horizon=14)
    facts, band = result.facts(80), result.band(80)
    low, high = facts["total_lower"].value, facts["total_upper"].value
    assert low < facts["total_ahead"].value < high
    assert high - low < 0.8 * (band.upper - band.lower).sum()


def test_demand_is_the_forecast_as_paths_and_the_same_for_the_same_seed(sales_of):
    result = forecast(sales_of([*noisy_weeks(20)]), horizon=14)
    demand = result.demand(draws=2000, seed=3)
    assert demand.periods == result.periods
    assert demand.paths.tolist() == result.demand(draws=2000, seed=3).paths.tolist()
    assert demand.quantile(0.9) == pytest.approx(result.fan.quantile(0.9), abs=1.0)


def test_returns_count_as_no_demand(sales_of):
    balance = np.random.default_rng(3).normal(0, 40, 140)
    assert forecast(sales_of([*balance]), horizon=7).demand(100).paths.min() == 0


def test_days_on_which_the_shop_never_opens_are_not_forecast(sales_of):
    history = sales_of([*noisy_weeks(10)])
    monday_closed = replace(history, calendar=replace(history.calendar, open_weekdays=(1, 2, 3, 4, 5, 6)))
    open_days = monday_closed.frame.filter(pl.col("period").dt.weekday() > 1)
    result = forecast(replace(monday_closed, frame=open_days), horizon=14)
    assert len(result.periods) == 12
    assert result.season_length == 6
