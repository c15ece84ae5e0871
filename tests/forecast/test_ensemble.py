"""The median of the votes, and bands as wide as the past asks for."""

from itertools import pairwise

import numpy as np
import pytest

from engine.dataset import Frequency
from engine.forecast.backtest import Window
from engine.forecast.ensemble import Banding, combined, rehearsed, scaled_errors, voters, width
from engine.forecast.forecaster import Prediction
from engine.forecast.models import SeasonalNaive

NAIVE = SeasonalNaive.name


def said(*means: float, spread: float | None = None) -> Prediction:
    mean = np.array(means, float)
    return Prediction(mean, None if spread is None else np.full(len(mean), spread))


def test_one_wild_model_does_not_move_the_median():
    predictions = {"a": said(100, spread=4), "b": said(104, spread=6), "wild": said(13_100), NAIVE: said(90, spread=9)}
    joint = combined(predictions, ["a", "b", "wild"], floor=0.0)
    assert joint.mean.tolist() == [104]
    assert joint.spread.tolist() == [5]


def test_the_forecast_does_not_fall_below_its_floor():
    assert combined({"a": said(-3, spread=1)}, ["a"], floor=0.0).mean.tolist() == [0]


def test_models_without_a_spread_borrow_the_seasonal_naives():
    predictions = {"trees": said(100), NAIVE: said(90, spread=9)}
    assert combined(predictions, ["trees"], floor=0.0).spread.tolist() == [9]


def test_a_model_twice_as_wrong_as_the_seasonal_naive_loses_its_vote():
    actual = np.array([100.0, 100.0])
    window = Window(actual, {NAIVE: said(110, 110), "good": said(105, 95), "bad": said(121, 121)})
    assert voters([window], ["good", "bad"]) == ("good",)


def test_when_no_model_earns_a_vote_the_seasonal_naive_speaks():
    window = Window(np.array([100.0]), {NAIVE: said(101), "bad": said(121)})
    assert voters([window], ["bad"]) == (NAIVE,)


def test_a_window_is_judged_without_what_it_taught():
    good_here = {NAIVE: said(110, spread=5), "fickle": said(100, spread=5)}
    bad_there = {NAIVE: said(101, spread=5), "fickle": said(300, spread=5)}
    windows = [Window(np.array([100.0]), good_here), Window(np.array([100.0]), bad_there)]
    first, second = rehearsed(windows, ["fickle"], floor=0.0)
    assert first.mean.tolist() == [110]  # on the other window the model was hopeless
    assert second.mean.tolist() == [300]  # on the other window it was perfect


def test_closed_days_are_not_scored():
    errors = scaled_errors(np.array([10.0, np.nan]), said(8, 8, spread=2))
    assert errors.tolist() == [1.0]


def test_without_errors_of_its_own_the_band_has_the_width_that_held_on_the_competitions():
    assert width(np.empty(0), 95, Frequency.DAILY) == 1.77
    assert width(np.empty(0), 80, Frequency.MONTHLY) == 1.56


def test_nineteen_errors_give_their_largest_at_95_percent_and_count_19_parts_of_79():
    # ceil(20 * 0.95) = 19: the conformal rank is the largest of nineteen.
    errors = np.arange(1.0, 20.0)
    assert width(errors, 95, Frequency.DAILY) == pytest.approx(19 / 79 * 19 + 60 / 79 * 1.77)


def test_59_errors_give_the_57th_at_95_percent():
    # ceil(60 * 0.95) = 57, counted from one.
    errors = np.arange(1.0, 60.0)
    assert width(errors, 95, Frequency.DAILY) == pytest.approx(59 / 119 * 57 + 60 / 119 * 1.77)


def test_a_past_without_any_spread_does_not_blow_the_band_up():
    errors = scaled_errors(np.array([13.0, 10.0]), said(10, 10, spread=0.0))
    assert errors.tolist() == [6.0, 0.0]


def test_without_models_and_windows_the_seasonal_naive_speaks():
    assert voters([], []) == (NAIVE,)


def test_a_wider_band_never_lies_inside_a_narrower_one_and_none_below_the_floor():
    errors = np.array([0.0, 0.0, 5.0] * 50)
    bands = Banding((95, 50, 80), Frequency.DAILY, 0.0).around(said(3, 50, spread=2), errors)
    assert [band.level for band in bands] == [50, 80, 95]
    for inner, outer in pairwise(bands):
        assert np.all(outer.lower <= inner.lower)
        assert np.all(outer.upper >= inner.upper)
    assert min(band.lower.min() for band in bands) >= 0
