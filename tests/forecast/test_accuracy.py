"""The measures against textbook numbers, published tables and cases small enough for a pencil."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.forecast.accuracy import (
    Scores,
    bias,
    coverage,
    is_seasonal,
    mase,
    msis,
    naive2,
    owa,
    scale,
    seasonal_index,
    smape,
    wape,
)

NAN = float("nan")

# Quarterly Australian beer production (Australian Bureau of Statistics), megalitres, 1992-2007 and 2008Q1-2010Q2:
# the worked example of Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.8.
# fmt: off
BEER = np.array([
    443, 410, 420, 532, 433, 421, 410, 512, 449, 381, 423, 531, 426, 408, 416, 520,
    409, 398, 398, 507, 432, 398, 406, 526, 428, 397, 403, 517, 435, 383, 424, 521,
    421, 402, 414, 500, 451, 380, 416, 492, 428, 408, 406, 506, 435, 380, 421, 490,
    435, 390, 412, 454, 416, 403, 408, 482, 438, 386, 405, 491, 427, 383, 394, 473,
])
BEER_AFTER = np.array([420, 390, 410, 488, 415, 398, 419, 488, 414, 374])
# fmt: on


@pytest.mark.parametrize(
    ("method", "forecast", "published"),
    [
        ("mean", np.full(10, BEER.mean()), 2.44),
        ("naive", np.full(10, BEER[-1]), 4.01),
        ("seasonal naive", np.resize(BEER[-4:], 10), 0.937),
    ],
)
def test_mase_of_the_brewery_is_the_textbooks(method, forecast, published):
    digits = 3 if published < 1 else 2
    assert round(mase(BEER_AFTER, forecast, BEER, 4), digits) == published, method


def test_winkler_score_of_a_share_price_is_the_textbooks():
    # FPP3 section 5.9: 80 % interval [744.54, 773.22], actual 741.84. A history that moves by 1 has the scale 1.
    assert msis([741.84], [744.54], [773.22], train=[0, 1], m=1, alpha=0.2) == pytest.approx(55.68)


@pytest.mark.parametrize(
    ("method", "mean_smape", "mean_mase", "published"),
    [
        ("Smyl", 11.374, 1.536, 0.821),
        ("FFORMA", 11.720, 1.551, 0.838),
        ("Theta", 12.309, 1.696, 0.897),
        ("Comb", 12.555, 1.663, 0.898),
        ("Damped", 12.661, 1.683, 0.907),
        ("SES", 13.087, 1.885, 0.975),
    ],
)
def test_owa_of_the_m4_methods_is_the_published_one(method, mean_smape, mean_mase, published):
    # Two series of very different difficulty with the published means: a mean of ratios would give something else.
    method_scores = Scores(np.array([1.0, 2 * mean_smape - 1]), np.array([0.1, 2 * mean_mase - 0.1]))
    base = Scores(np.array([10.0, 2 * 13.564 - 10]), np.array([1.5, 2 * 1.912 - 1.5]))
    assert round(owa(method_scores, base), 3) == published, method


def test_the_base_method_has_an_owa_of_exactly_one():
    base = Scores(np.array([7.3, 19.1, 4.4]), np.array([0.7, 2.9, 1.1]))
    assert owa(base, base) == 1.0


def test_owa_leaves_out_a_series_without_a_scale_in_both_methods():
    score = Scores(np.array([10.0, 99.0]), np.array([1.0, NAN]))
    base = Scores(np.array([20.0, 1.0]), np.array([2.0, 3.0]))
    assert owa(score, base) == 0.5


def test_smape_counts_a_rightly_forecast_zero_as_perfect():
    # 200 * (0 + |4 - 6| / 10) / 2
    assert smape([0, 4], [0, 6]) == pytest.approx(20.0)


def test_smape_of_a_sale_nobody_foresaw_is_its_worst():
    assert smape([5], [0]) == 200.0


def test_a_closed_day_is_left_out_of_every_measure():
    y, forecast, lower, upper = [10, NAN, 20], [12, 500, 16], [9, 400, 17], [13, 600, 21]
    assert smape(y, forecast) == pytest.approx(smape([10, 20], [12, 16]))
    assert mase(y, forecast, [1, 3, 5], 1) == pytest.approx(1.5)  # (2 + 4) / 2 over a scale of 2
    assert wape(y, forecast) == pytest.approx(20.0)  # 6 of 30
    assert bias(y, forecast) == pytest.approx(-100 * 2 / 30)
    assert coverage(y, lower, upper) == 1.0
    assert msis(y, lower, upper, [1, 3, 5], 1) == pytest.approx(2.0)  # two widths of 4 over a scale of 2


def test_a_forecast_that_is_missing_is_never_left_out():
    assert np.isnan(smape([1, 2], [1, NAN]))
    assert np.isnan(mase([1, 2], [1, NAN], [1, 2, 3], 1))
    assert np.isnan(coverage([1, 2], [0, NAN], [3, 3]))


def test_nothing_to_average_is_no_perfect_score():
    for value in (smape([NAN], [1]), wape([NAN], [1]), coverage([NAN], [0], [1])):
        assert np.isnan(value)


def test_scale_is_the_mean_step_from_season_to_season():
    assert scale([10, 20, 13, 24], m=2) == pytest.approx(3.5)  # |13 - 10|, |24 - 20|


def test_scale_of_a_history_shorter_than_a_season_uses_first_differences():
    assert scale([10, 20, 13], m=12) == pytest.approx(8.5)  # |20 - 10|, |13 - 20|


def test_scale_skips_pairs_with_a_closed_day():
    assert scale([10, NAN, 13, 15], m=1) == pytest.approx(2.0)


def test_a_constant_history_has_no_scale_and_so_no_mase():
    assert scale([7, 7, 7], m=1) == 0.0
    assert np.isnan(mase([8], [7], [7, 7, 7], 1))


def test_msis_charges_forty_times_the_miss_of_a_95_percent_band():
    # Widths 4 and 2, the second band missed by 1: (4 + 2 + 40) / 2 over a scale of 2.
    assert msis([10, 10], [8, 11], [12, 13], train=[1, 3, 5], m=1) == pytest.approx(11.5)


def test_wape_stands_a_day_without_sales_but_not_a_week():
    assert wape([0, 8, 12], [1, 8, 11]) == pytest.approx(10.0)
    assert np.isnan(wape([0, 0], [1, 1]))


def test_bias_is_positive_when_too_much_was_forecast():
    assert bias([10, 10], [12, 11]) == pytest.approx(15.0)


def test_bounds_belong_to_the_band():
    assert coverage([1, 2, 3, 4], [1, 0, 0, 0], [5, 2, 2, 3]) == 0.5


def test_two_alternating_values_have_a_season_once_there_are_enough_of_them():
    # Twelve values: r1 = -11/12, r2 = 10/12; limit 1.645 * sqrt((1 + 2 * (11/12)^2) / 12) = 0.778 < 0.833.
    # Six values: r1 = -5/6, r2 = 4/6; limit 1.645 * sqrt((1 + 2 * (5/6)^2) / 6) = 1.038 > 0.667.
    assert is_seasonal(np.tile([1.0, 2.0], 6), 2)
    assert not is_seasonal(np.tile([1.0, 2.0], 3), 2)


@pytest.mark.parametrize(
    ("history", "m"), [(np.full(60, 5.0), 12), (np.arange(20.0), 1), (np.tile(np.arange(12.0), 2), 12)]
)
def test_a_constant_or_a_short_history_has_no_season(history, m):
    assert not is_seasonal(history, m)


def test_the_beer_season_peaks_in_the_last_quarter():
    index = seasonal_index(BEER, 4)
    assert index.mean() == pytest.approx(1.0)
    assert index.argmax() == 3


def test_naive2_repeats_a_pure_season_exactly():
    cafe = np.tile([80.0, 100.0, 120.0], 8)
    assert seasonal_index(cafe, 3) == pytest.approx([0.8, 1.0, 1.2])
    assert naive2(cafe[:-1], 3, 4) == pytest.approx([120, 80, 100, 120])


def test_naive2_without_a_season_is_the_last_known_value():
    assert naive2([3, 9, 4, NAN], 7, 2) == pytest.approx([4, 4])


def test_naive2_keeps_the_phase_over_closed_days():
    cafe = np.tile([80.0, 100.0, 120.0], 8)
    cafe[[6, 13, 23]] = NAN
    assert naive2(cafe, 3, 3) == pytest.approx([80, 100, 120])


def test_naive2_does_not_divide_by_a_weekday_that_never_sells():
    kiosk = np.tile([0.0, 10.0, 20.0], 8)
    assert naive2(kiosk, 3, 3) == pytest.approx([20, 20, 20])


def test_naive2_needs_one_known_value():
    with pytest.raises(ValueError, match="at least one known value"):
        naive2([NAN, NAN], 1, 1)


# --- 190 series of the M3 and M4 competitions, where the folder is present -----------------------------------------

BENCH_DATA = Path(os.environ.get("DYOCENSE_BENCH_DATA") or Path(__file__).parents[2] / "../shared/data") / "forecast"


@dataclass(frozen=True)
class Competition:
    naive2: Scores
    seasonal_naive: Scores
    msis: np.ndarray
    coverage: np.ndarray


@pytest.fixture(scope="module")
def competition() -> Competition:
    if not (BENCH_DATA / "series.parquet").exists():
        pytest.skip("the competition series are not here; DYOCENSE_BENCH_DATA names the folder that holds them")
    rows = pl.read_parquet(BENCH_DATA / "series.parquet").sort("ds").partition_by("unique_id", as_dict=True)
    measured = [
        _measure(rows[(row["unique_id"],)], row["season_length"], row["m_metric"])
        for row in pl.read_csv(BENCH_DATA / "meta.csv").iter_rows(named=True)
    ]
    columns = np.array(measured).T
    assert columns.shape[1] == 190
    return Competition(Scores(*columns[:2]), Scores(*columns[2:4]), columns[4], columns[5])


def _measure(series: pl.DataFrame, season: int, m: int) -> tuple[float, ...]:
    x, y = (series.filter(split=part)["y"].to_numpy() for part in ("train", "test"))
    step = np.arange(len(y))
    adjusted, repeated = naive2(x, season, len(y)), x[-season:][step % season]
    half = 1.96 * np.sqrt(np.mean((x[season:] - x[:-season]) ** 2) * (step // season + 1))
    low, high = repeated - half, repeated + half
    points = (smape(y, adjusted), mase(y, adjusted, x, m), smape(y, repeated), mase(y, repeated, x, m))
    return (*points, msis(y, low, high, x, m), coverage(y, low, high))


def test_naive2_on_the_competition_series(competition):
    assert competition.naive2.smape.mean() == pytest.approx(10.483, abs=5e-4)
    assert competition.naive2.mase.mean() == pytest.approx(1.610, abs=5e-4)


def test_seasonal_naive_on_the_competition_series(competition):
    assert competition.seasonal_naive.smape.mean() == pytest.approx(11.507, abs=5e-4)
    assert competition.seasonal_naive.mase.mean() == pytest.approx(1.720, abs=5e-4)
    assert owa(competition.seasonal_naive, competition.naive2) == pytest.approx(1.083, abs=5e-4)


def test_bands_of_the_seasonal_naive_on_the_competition_series(competition):
    assert competition.msis.mean() == pytest.approx(12.686, abs=5e-4)
    assert competition.coverage.mean() == pytest.approx(0.942, abs=5e-4)
