"""A forecast as an owner gets it: sound on clean data, frank on poor data."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from engine.business.calendar import Calendar
from engine.dataset import Frequency
from engine.errors import DataProblem, TooLittleHistory
from engine.forecast import JOINT, forecast
from engine.forecast.backtest import run_trial
from engine.forecast.drivers import DriverTable
from engine.forecast.models import SeasonalNaive
from engine.forecast.series import Prediction, Series

WEEK = np.array([80.0, 90.0, 100.0, 110.0, 130.0, 170.0, 60.0])


def poisson_bakery(seed: int, weeks: int = 30) -> np.ndarray:
    """Sales whose true mean is WEEK, every week the same."""
    return np.random.default_rng(seed).poisson(np.tile(WEEK, weeks)).astype(float)


def test_the_forecast_of_a_steady_bakery_finds_its_true_mean(sales_of):
    result = forecast(sales_of(poisson_bakery(1)), horizon=14)
    assert np.mean(np.abs(result.point - np.tile(WEEK, 2)) / np.tile(WEEK, 2)) < 0.05
    assert result.proof.joint.mase < result.proof.naive.mase
    assert result.proof.gain_on_naive > 10


@pytest.mark.slow
def test_the_bands_hold_what_they_promise_on_sales_that_they_have_not_seen(sales_of):
    inside = {50: [], 80: [], 95: []}
    for seed in range(12):
        sold = poisson_bakery(seed, weeks=24)
        result = forecast(sales_of(sold[:-14]), horizon=14)
        for band in result.bands:
            inside[band.level] += [*((band.lower <= sold[-14:]) & (sold[-14:] <= band.upper))]
    # 168 points each: two standard errors are 8, 6 and 3 percentage points.
    assert 0.42 < np.mean(inside[50]) < 0.60
    assert 0.73 < np.mean(inside[80]) < 0.88
    assert 0.91 < np.mean(inside[95]) <= 0.99


def test_the_table_shows_the_forecast_first_and_the_yardstick_second(sales_of):
    proof = forecast(sales_of(poisson_bakery(1)), horizon=14).proof
    assert [score.model for score in proof.scores[:2]] == [JOINT, SeasonalNaive.name]
    assert (proof.windows, proof.points) == (7, 98)
    assert set(proof.coverage) == {50, 80, 95}


def test_a_past_that_repeats_itself_exactly_is_called_that(sales_of):
    result = forecast(sales_of([*np.tile(WEEK, 12)]), horizon=7)
    assert any("repeats itself exactly" in caution for caution in result.cautions)
    assert "gain_on_naive" not in result.facts()
    assert result.facts()["typical_error"].value == 0


def test_when_nothing_is_gained_the_owner_hears_so(sales_of):
    wandering = 100 + np.random.default_rng(3).normal(0, 5, 120).cumsum()
    result = forecast(sales_of([*wandering]), horizon=1)
    gained = result.proof.gain_on_naive > 0
    assert gained != any("did not beat simply repeating" in caution for caution in result.cautions)


def test_a_single_return_does_not_bring_negative_sales_into_the_bands(sales_of):
    sold = np.random.default_rng(4).integers(0, 2, 200).astype(float)
    sold[60] = -2
    result = forecast(sales_of([*sold]), horizon=7)
    assert result.band(95).lower.min() == 0


@pytest.mark.parametrize("values", [[5.0] * 60, [0.0] * 60, [0.0, 0.0, 0.0, 9.0] * 15, [1.0] * 8])
def test_odd_histories_get_a_finite_forecast_within_bounds(sales_of, values):
    result = forecast(sales_of(values), horizon=10)
    assert np.all(np.isfinite(result.point))
    for band in result.bands:
        assert np.all(band.lower >= 0)
        assert np.all(band.lower <= result.point + 1e-9)
        assert np.all(result.point <= band.upper + 1e-9)


@pytest.mark.parametrize(
    "calm", [[10.0] * 70, [*np.tile(WEEK, 10)], [*np.linspace(5, 15, 70)], [10.0] * 35 + [20.0] * 35]
)
def test_a_past_that_was_perfectly_regular_does_not_blow_the_bands_up(sales_of, calm):
    restless = np.random.default_rng(8).poisson(15, 42).astype(float)
    result = forecast(sales_of([*calm, *restless]), horizon=14)
    assert result.band(95).upper.max() < 4 * max(*calm, *restless)


@pytest.mark.parametrize("frequency", list(Frequency))
def test_eight_periods_are_enough_for_some_forecast(sales_of, frequency):
    result = forecast(sales_of([5.0, 6, 7, 5, 6, 8, 9, 7], frequency), horizon=2)
    assert np.all(np.isfinite(result.point))
    assert 4 < result.point.mean() < 10


def test_what_a_window_is_shown_does_not_depend_on_what_came_after(sales_of):
    class Spy:
        name = "Spy"

        def __init__(self):
            self.shown = []

        def predict(self, series, future):
            self.shown.append(series.values)
            return Prediction(np.zeros(len(future)))

    def shown(values):
        spy = Spy()
        history = sales_of(values)
        observed = Series(history.values, tuple(history.periods), Frequency.DAILY, 7)
        known = DriverTable((*observed.periods, *history.calendar.ahead(history.periods[-1], 14)), ())
        run_trial(observed, known, [spy], 4, lambda share, note: None)
        return spy.shown[0]

    sold = [*poisson_bakery(6, weeks=16)]
    sold[50] = None  # closed shortly before the first window, at day 56
    other_future = [*sold[:56], *(5 * value for value in sold[56:])]
    assert shown(sold).tolist() == shown(other_future).tolist()


def test_a_business_that_is_closed_on_the_whole_horizon_hears_so(sales_of):
    history = sales_of([*poisson_bakery(1, weeks=10)])
    closed_on_mondays = replace(history, calendar=Calendar(Frequency.DAILY, (1, 2, 3, 4, 5, 6)))
    with pytest.raises(DataProblem, match="usually closed on the next day"):
        forecast(closed_on_mondays, horizon=1)


def test_returns_below_zero_are_not_cut_off(sales_of):
    values = np.random.default_rng(2).normal(0, 10, 80)
    result = forecast(sales_of([*values]), horizon=7)
    assert result.band(95).lower.min() < 0


def test_a_week_of_closure_is_neither_a_zero_nor_scored(sales_of):
    sold = [*poisson_bakery(4)]
    closed = [*sold[:-20], *[None] * 7, *sold[-13:]]
    result = forecast(sales_of(closed), horizon=14)
    assert result.proof.points == 7 * 14 - 7
    assert result.point.sum() == pytest.approx(2 * WEEK.sum(), rel=0.06)


def test_seven_days_are_too_little(sales_of):
    with pytest.raises(TooLittleHistory, match="covers 7 days, and a forecast needs at least 8"):
        forecast(sales_of([1.0] * 7), horizon=7)


def test_the_horizon_must_be_positive(sales_of):
    with pytest.raises(ValueError, match="at least one period"):
        forecast(sales_of([1.0] * 20), horizon=0)


def test_a_short_monthly_file_says_that_no_season_is_assumed(sales_of):
    values = [100.0, 104, 99, 120, 130, 125, 118, 122, 128, 135, 140, 138, 141, 150, 149]
    result = forecast(sales_of(values, Frequency.MONTHLY), horizon=6)
    assert any("less than two seasons of 12 months" in caution for caution in result.cautions)
    assert any("checked 3 months ahead, not 6" in caution for caution in result.cautions)


def test_the_facts_add_up_to_what_the_table_shows(sales_of):
    result = forecast(sales_of(poisson_bakery(1)), horizon=14)
    facts = result.facts(80)
    frame = result.frame()
    assert facts["total_ahead"].value == pytest.approx(frame["median"].sum())
    assert facts["next_lower"].value == frame["lower_80"][0]
    assert facts["coverage"].value == result.proof.coverage[80]
    assert facts["horizon"].value == 14
    assert facts["peak_value"].value == frame["median"].max()
    before = result.history.values[-14:].mean()
    assert facts["change_on_recent"].value == pytest.approx(100 * (result.point.mean() / before - 1))


def test_the_same_time_a_year_ago_is_compared_weekday_by_weekday(sales_of):
    sold = np.concatenate([np.tile(WEEK, 26), 2 * np.tile(WEEK, 40)])
    result = forecast(sales_of([*sold]), horizon=14)
    # 52 weeks before the forecast, in week 15 of 66, the bakery sold half as much.
    assert result.facts()["change_on_year"].value == pytest.approx(100, abs=6)


@pytest.mark.slow
def test_the_same_data_give_the_same_forecast_in_any_process(sales_of):
    script = (
        "import numpy as np, polars as pl; from datetime import date;"
        "from engine.dataset import Frequency; from engine.business.history import *;"
        "from engine.forecast import forecast;"
        "values = np.random.default_rng(1).poisson(20, 90).astype(float);"
        "days = pl.date_range(date(2024, 1, 1), date(2025, 1, 1), '1d', eager=True).head(90);"
        "frame = pl.DataFrame({'item': [''] * 90, 'period': days, 'value': values});"
        "history = SalesHistory(Metric('quantity', 'Units', 'units'), '', frame, Calendar(Frequency.DAILY));"
        "print(repr(forecast(history, horizon=7, panel='full').point.tolist()))"
    )
    first, second = (subprocess.check_output([sys.executable, "-c", script], text=True) for _ in range(2))
    assert first == second
    assert "[" in first
