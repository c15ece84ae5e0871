"""Combining, sampling and comparing, on numbers small enough to check by hand."""

import signal
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from benchmarks.peers import (
    BASE,
    PEERS,
    Bands,
    Combination,
    PeerFailed,
    bounded_arima,
    combined,
    normal_bands,
    seasonal_naive,
    xgboost_lags,
)
from benchmarks.scores import Scoreboard, score
from benchmarks.series import Case, Past, sample
from benchmarks.table import aligned, number

RNG = np.random.default_rng(1)


def past(y: np.ndarray, horizon: int = 2, season_length: int = 1) -> Past:
    days = tuple(date(2024, 1, 1) + timedelta(days=k) for k in range(len(y) + horizon))
    return Past(np.asarray(y, float), days[: len(y)], days[len(y) :], "D", season_length)


def case(name: str, group: str = "shops", y: tuple[float, ...] = (1, 2, 3, 4)) -> Case:
    return Case(name, group, past(np.array(y)), np.array([10.0, 10.0]), 1)


def flat(level: float, spread: float = 1.0) -> Bands:
    return normal_bands(np.full(2, level), np.full(2, spread))


def test_the_median_of_four_ignores_a_member_that_explodes():
    scum = PEERS["scum"]
    assert isinstance(scum, Combination)
    joint = combined(scum, [flat(10), flat(11), flat(13), flat(1e9)])
    assert joint.mean == pytest.approx([12, 12])


def test_fixed_weights_follow_a_member_that_explodes():
    fixed = PEERS["fixed"]
    assert isinstance(fixed, Combination)
    assert combined(fixed, [flat(10), flat(20), flat(30)]).mean == pytest.approx([20, 20])  # 3 + 8 + 9
    assert combined(fixed, [flat(10), flat(1000), flat(30)]).mean == pytest.approx([412, 412])


def test_seasonal_naive_widens_by_the_root_of_the_season_number():
    # Steps from season to season are all 3: spread 3 in the first season ahead, 3 * sqrt(2) in the second.
    bands = seasonal_naive(past(np.array([1, 2, 4, 5, 7, 8]), horizon=4, season_length=2), RNG)
    assert bands.mean == pytest.approx([7, 8, 7, 8])
    assert bands.hi95 - bands.mean == pytest.approx(1.959964 * 3 * np.sqrt([1, 1, 2, 2]), rel=1e-6)
    assert bands.mean - bands.lo80 == pytest.approx(1.281552 * 3 * np.sqrt([1, 1, 2, 2]), rel=1e-6)


def test_boosted_trees_learn_an_alternation_but_no_trend():
    alternating = past(np.tile([10.0, 20.0], 30) + RNG.normal(0, 0.1, 60), horizon=3)
    assert xgboost_lags(alternating, RNG).mean == pytest.approx([10, 20, 10], abs=0.5)
    rising = past(np.arange(60.0), horizon=10)
    assert xgboost_lags(rising, RNG).mean[-1] < 62  # trees cannot leave the range that they saw


def test_boosted_trees_refuse_a_history_that_leaves_no_rows():
    with pytest.raises(PeerFailed, match="too few rows"):
        xgboost_lags(past(np.arange(10.0)), RNG)


def test_a_forecast_that_is_not_a_number_is_a_failure():
    with pytest.raises(PeerFailed, match="not a number"):
        normal_bands(np.array([1.0, np.nan]), np.ones(2))


def test_scores_of_one_forecast_by_hand():
    # Actuals 10, 10; forecast 8 with a spread of 1: 10 lies 2 above, beyond both bands. The history steps by 1.
    found = score(case("bakery"), "rule", flat(8.0), seconds=0.5)
    assert found.smape == pytest.approx(200 * 2 / 18)
    assert found.mase == pytest.approx(2.0)
    assert (found.coverage80, found.coverage95) == (0.0, 0.0)
    assert found.msis == pytest.approx(2 * 1.959964 + 40 * (2 - 1.959964), rel=1e-5)


def test_sums_are_judged_by_bounds_of_their_own():
    # Actuals 10, 10 add up to 10 and 20; the bounds hold the first sum and not the second.
    bands = replace(flat(10.0), lo95_sum=np.array([8.0, 12.0]), hi95_sum=np.array([12.0, 19.0]))
    found = score(case("bakery"), "paths", bands, seconds=0.5)
    assert (found.sums95, found.total95) == (0.5, 0.0)
    assert np.isnan(score(case("bakery"), "rule", flat(10.0), seconds=0.5).total95)


def board(*levels: tuple[str, float, float]) -> Scoreboard:
    """Series with the forecast of Naive2 and of one method; the actual is 10 throughout."""
    cases = [(case(name), naive, method) for name, naive, method in levels]
    scores = [
        score(one, key, flat(level), 0.1)
        for one, *pair in cases
        for key, level in zip((BASE, "rule"), pair, strict=True)
    ]
    return Scoreboard.of(scores, BASE)


def test_worst_series_and_share_lost_are_relative_to_naive2():
    found = board(("bakery", 9.0, 9.0), ("clinic", 9.0, 5.0), ("cafe", 8.0, 9.0), ("shop", 8.0, 8.0)).summary("rule")
    assert found.worst == pytest.approx(5.0)  # the clinic: off by 5 instead of 1
    assert found.share_lost == 0.25
    assert found.mase == pytest.approx((1 + 5 + 1 + 2) / 4)


def test_bootstrap_of_a_method_against_itself_is_one_without_doubt():
    ratio = board(("bakery", 9.0, 7.0), ("clinic", 9.0, 5.0)).ratio("rule", "rule", seed=1)
    assert (ratio.value, ratio.low, ratio.high) == (1.0, 1.0, 1.0)


def test_bootstrap_interval_of_two_series_spans_both():
    # One series is as good as Naive2, the other one twice as bad, so resamples run from one to the other.
    ratio = board(("bakery", 9.0, 9.0), ("clinic", 11.0, 12.0)).ratio("rule", BASE, seed=1)
    assert ratio.low == pytest.approx(1.0)
    assert ratio.low < ratio.value < ratio.high
    assert ratio.high == pytest.approx(board(("clinic", 11.0, 12.0)).summary("rule").owa)


def test_constant_histories_alone_cannot_be_scored():
    kiosk = score(case("kiosk", y=(5, 5, 5, 5)), BASE, flat(5.0), 0.1)
    with pytest.raises(ValueError, match="constant"):
        Scoreboard.of([kiosk], BASE)


def test_a_sample_keeps_the_share_of_every_group():
    cases = [case(f"{group} {k}", group) for group, size in (("bakeries", 40), ("cafes", 20)) for k in range(size)]
    drawn = sample(cases, 12, seed=3)
    assert [one.group for one in drawn].count("bakeries") in (7, 8, 9)
    assert len(set(drawn_names := [one.name for one in drawn])) == 12
    assert drawn_names == [one.name for one in sample(cases, 12, seed=3)]
    assert drawn_names != [one.name for one in sample(cases, 12, seed=4)]


def test_a_search_that_takes_too_long_is_stopped_and_leaves_no_timer_behind():
    noisy = 100 + 10 * np.sin(np.arange(96) * np.pi / 6) + RNG.normal(size=96)
    with pytest.raises(PeerFailed, match=r"within 0\.05 CPU seconds"):
        bounded_arima(0.05)(past(noisy, horizon=12, season_length=12), RNG)
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_table_columns_line_up():
    assert aligned(("method", "OWA"), [("Naive2", number(1.0)), ("us", number(float("nan")))]) == "\n".join(
        ["method    OWA", "------  -----", "Naive2  1.000", "us          -"]
    )
