"""What is held back, and how closed days are treated."""

from itertools import pairwise

import numpy as np
import pytest

from engine.forecast.backtest import origins, window_size
from engine.forecast.series import fill_closed


def test_four_stretches_of_four_weeks_are_held_back_from_a_year():
    assert origins(length=364, horizon=28, season_length=7, windows=4) == (252, 280, 308, 336)


def test_each_stretch_leaves_two_seasons_to_learn_from():
    assert origins(length=60, horizon=12, season_length=12, windows=4) == (36, 48)


def test_a_short_history_holds_back_its_last_quarter():
    assert window_size(length=10, horizon=28) == 2
    assert origins(length=10, horizon=28, season_length=7, windows=4) == (8,)


@pytest.mark.parametrize("length", range(8, 60))
def test_nothing_is_held_back_twice_and_nothing_beyond_the_end(length):
    starts, size = origins(length, 28, 7, 4), window_size(length, 28)
    assert starts[-1] + size == length
    assert all(later - earlier == size for earlier, later in pairwise(starts))
    assert starts[0] > 0


def test_a_closed_day_gets_the_mean_of_the_same_weekday_around_it():
    weeks = np.array([[10, 20, 30], [12, 22, 32], [14, 24, 34]], float)
    values = weeks.ravel()
    values[4] = np.nan  # the middle of the second "week": neighbours are 20 and 24
    assert fill_closed(values, 3)[4] == 22


def test_open_days_are_not_touched():
    values = np.array([1.0, np.nan, 3.0, 4.0])
    assert fill_closed(values, 2)[[0, 2, 3]].tolist() == [1.0, 3.0, 4.0]
    assert np.isnan(values[1])
