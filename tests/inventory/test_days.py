"""Demand by the day from tomorrow on, from forecasts of any grain: sums stay, and days vary as days do."""

from datetime import date, timedelta

import numpy as np
import pytest

from engine.dataset import Frequency, step
from engine.demand import DemandDistribution
from engine.inventory.days import by_day

FRIDAY = date(2026, 5, 1)


def forecast(paths, frequency, first) -> DemandDistribution:
    rows = np.asarray(paths, float)
    periods = tuple(step(first, frequency, k) for k in range(rows.shape[1]))
    return DemandDistribution("tea", "units", frequency, periods, rows)


def test_the_days_of_a_month_add_up_to_the_month_in_every_future() -> None:
    months = np.random.default_rng(1).poisson(300, (200, 3))
    days = by_day(forecast(months, Frequency.MONTHLY, date(2026, 5, 1)), date(2026, 4, 30), 92)
    assert days.periods[0] == date(2026, 5, 1)
    assert np.array_equal(days.paths[:, :31].sum(axis=1), months[:, 0])
    assert np.array_equal(days.paths[:, 31:61].sum(axis=1), months[:, 1])


@pytest.mark.parametrize(("frequency", "length"), [(Frequency.WEEKLY, 7), (Frequency.MONTHLY, 30)])
def test_days_vary_by_as_much_as_days_did_that_made_up_the_periods(frequency: Frequency, length: int) -> None:
    """Daily counts of a gamma mixture with a mean of 10 and a deviation of sqrt(35), added up to periods."""
    rng = np.random.default_rng(2)
    rate = rng.gamma(4.0, 2.5, (4000, 2, length))
    periods = rng.poisson(rate).sum(axis=2)
    days = by_day(forecast(periods, frequency, date(2026, 4, 1)), date(2026, 3, 31), length)
    assert days.paths.mean() == pytest.approx(10, rel=0.02)
    assert days.paths[:, 3].var() == pytest.approx(35, rel=0.25)
    assert days.paths[:, :5].sum(axis=1).var() == pytest.approx(5 * 35, rel=0.25)


def test_counts_of_chance_stay_counts_of_chance() -> None:
    weeks = np.random.default_rng(3).poisson(70, (4000, 1))
    days = by_day(forecast(weeks, Frequency.WEEKLY, date(2026, 5, 4)), date(2026, 5, 3), 7)
    assert days.paths[:, 2].var() == pytest.approx(10, rel=0.2)


def test_amounts_that_are_no_whole_numbers_are_shared_out() -> None:
    weeks = np.random.default_rng(3).gamma(9.0, 1.0, (50, 1))
    days = by_day(forecast(weeks, Frequency.WEEKLY, date(2026, 5, 4)), date(2026, 5, 3), 7)
    assert days.paths.sum(axis=1) == pytest.approx(weeks[:, 0])


def test_the_plan_begins_tomorrow_within_a_period_that_has_begun() -> None:
    days = by_day(forecast([[310.0, 300.0]], Frequency.MONTHLY, date(2026, 5, 1)), date(2026, 5, 21), 20)
    assert days.periods == tuple(date(2026, 5, 22) + timedelta(days=k) for k in range(20))
    assert 50 < days.paths[0, :10].sum() < 150


def test_closed_days_have_no_demand_and_a_forecast_that_ends_goes_on_by_its_weekdays() -> None:
    open_days = [FRIDAY + timedelta(days=k) for k in range(3, 17) if k % 7 not in (1, 2)]
    paths = np.tile([float(day.weekday() + 1) for day in open_days], (3, 1))
    demand = DemandDistribution("tea", "units", Frequency.DAILY, tuple(open_days), paths)
    days = by_day(demand, FRIDAY, 28)
    expected = [0.0 if day.weekday() > 4 else day.weekday() + 1.0 for day in days.periods]
    assert days.paths.tolist() == [expected] * 3


def test_what_is_past_is_left_out() -> None:
    demand = forecast([[float(k) for k in range(14)]], Frequency.DAILY, date(2026, 5, 1))
    assert by_day(demand, date(2026, 5, 7), 7).paths.tolist() == [[7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0]]
