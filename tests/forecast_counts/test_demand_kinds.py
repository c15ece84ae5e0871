"""A spare-parts shop knows its steady sellers from those that sell now and then."""

import numpy as np

from engine.forecast.items import INTERVAL_CUT, demand_profile

NAN = np.nan


def test_a_part_sold_every_fourth_week_in_twos_and_fours():
    profile = demand_profile(np.array([[2, 0, 0, 0, 4, 0, 0, 0]], float))
    assert profile.interval[0] == 4  # 8 weeks, 2 sales
    assert profile.mean[0] == 0.75


def test_uneven_sizes_alone_make_no_part_intermittent():
    profile = demand_profile(np.array([[1, 9, 1, 1, 12, 1, 1, 1], [0, 2, 0, 0, 2, 0, 2, 0]], float))
    assert (profile.interval >= INTERVAL_CUT).tolist() == [False, True]


def test_weeks_before_the_start_and_closed_weeks_do_not_count():
    assert demand_profile(np.array([[NAN, NAN, 3, NAN, 0, 3]])).interval[0] == 1.5


def test_a_part_that_never_sold_has_no_interval():
    assert demand_profile(np.zeros((1, 5))).interval[0] == np.inf
