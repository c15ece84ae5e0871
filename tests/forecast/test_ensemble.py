"""The weighted median of the votes that the models have earned."""

import numpy as np
import pytest

from engine.forecast.backtest import Window, combine, held_out_windows, votes, weighted_median
from engine.forecast.models import SeasonalNaive
from engine.forecast.series import Prediction

NAIVE = SeasonalNaive.name


def said(*means: float, spread: float | None = None) -> Prediction:
    mean = np.array(means, float)
    return Prediction(mean, None if spread is None else np.full(len(mean), spread))


def equal(*names: str) -> dict[str, float]:
    return dict.fromkeys(names, 1.0)


def test_one_wild_model_does_not_move_the_median():
    predictions = {"a": said(100, spread=4), "b": said(104, spread=6), "wild": said(13_100), NAIVE: said(90, spread=9)}
    joint = combine(predictions, equal("a", "b", "wild"), floor=0.0)
    assert joint.mean.tolist() == [104]
    assert joint.spread.tolist() == [5]


def test_two_voters_meet_in_proportion_to_their_weights():
    assert weighted_median(np.array([[90.0], [120.0]]), np.array([2.0, 1.0])) == pytest.approx([100])


def test_a_voter_with_most_of_the_weight_speaks_nearly_alone():
    # Its middle stands at 0.05 + 0.45 = 0.5 of the weight, exactly where the median is read.
    values = np.array([[10.0], [50.0], [90.0]])
    assert weighted_median(values, np.array([0.05, 0.9, 0.05])) == pytest.approx([50])


def test_the_forecast_does_not_fall_below_its_floor():
    assert combine({"a": said(-3, spread=1)}, equal("a"), floor=0.0).mean.tolist() == [0]


def test_models_without_a_spread_borrow_the_seasonal_naives():
    predictions = {"trees": said(100), NAIVE: said(90, spread=9)}
    assert combine(predictions, equal("trees"), floor=0.0).spread.tolist() == [9]


def test_a_model_twice_as_wrong_as_the_seasonal_naive_loses_its_vote():
    actual = np.array([100.0, 100.0])
    window = Window(actual, {NAIVE: said(110, 110), "good": said(105, 95), "bad": said(121, 121)})
    assert votes([window], ["good", "bad"]).keys() == {"good"}


def test_when_no_model_earns_a_vote_the_seasonal_naive_speaks():
    window = Window(np.array([100.0]), {NAIVE: said(101), "bad": said(121)})
    assert votes([window], ["bad"]).keys() == {NAIVE}


def test_half_the_error_in_two_stretches_doubles_the_weight():
    # The power is 2 * 2 / (2 + 2) = 1: weights go as one over the errors, which are 5 and 10.
    window = Window(np.array([100.0]), {NAIVE: said(110), "near": said(105), "far": said(90)})
    earned = votes([window, window], ["near", "far"])
    assert earned["near"] / earned["far"] == pytest.approx(2.0)


def test_theta_has_two_votes_before_the_past_has_spoken():
    assert votes([], ["Theta", "ARIMA"]) == {"Theta": 2.0, "ARIMA": 1.0}


def test_a_past_that_every_model_hit_exactly_changes_no_vote():
    window = Window(np.array([100.0]), {NAIVE: said(100), "a": said(100), "b": said(100)})
    assert votes([window], ["a", "b"]) == equal("a", "b")


def test_a_window_is_judged_without_what_it_taught():
    good_here = {NAIVE: said(110, spread=5), "fickle": said(100, spread=5)}
    bad_there = {NAIVE: said(101, spread=5), "fickle": said(300, spread=5)}
    windows = [Window(np.array([100.0]), good_here), Window(np.array([100.0]), bad_there)]
    first, second = held_out_windows(windows, ["fickle"], floor=0.0)
    assert first.prediction.mean.tolist() == [110]  # on the other window the model was hopeless
    assert second.prediction.mean.tolist() == [300]  # on the other window it was perfect


def test_without_models_and_windows_the_seasonal_naive_speaks():
    assert votes([], []).keys() == {NAIVE}
