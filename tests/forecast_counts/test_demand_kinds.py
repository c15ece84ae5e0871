"""A spare-parts shop knows its steady sellers from its lumpy ones."""

import numpy as np
import pytest

from engine.forecast.counts import DemandKind, demand_profile

NAN = np.nan


@pytest.mark.parametrize(
    ("sold", "kind"),
    [
        ([4, 5, 4, 5, 4, 5, 4, 5], DemandKind.SMOOTH),
        ([1, 9, 1, 1, 12, 1, 1, 1], DemandKind.ERRATIC),
        ([0, 2, 0, 0, 2, 0, 2, 0], DemandKind.INTERMITTENT),
        ([0, 1, 0, 0, 20, 0, 1, 0], DemandKind.LUMPY),
    ],
)
def test_each_quadrant_of_syntetos_and_boylan_has_its_part(sold, kind):
    assert demand_profile(np.array([sold], float)).kinds == (kind,)


def test_a_part_sold_every_fourth_week_in_twos_and_fours():
    profile = demand_profile(np.array([[2, 0, 0, 0, 4, 0, 0, 0]], float))
    assert profile.interval[0] == 4  # 8 weeks, 2 sales
    assert profile.variation[0] == pytest.approx((1 / 3) ** 2)  # sizes 2 and 4: mean 3, standard deviation 1
    assert profile.zero_share[0] == 0.75
    assert profile.mean[0] == 0.75


def test_weeks_before_the_start_and_closed_weeks_do_not_count():
    assert demand_profile(np.array([[NAN, NAN, 3, NAN, 0, 3]])).interval[0] == 1.5


def test_a_part_that_never_sold_has_no_interval():
    profile = demand_profile(np.zeros((1, 5)))
    assert profile.interval[0] == np.inf
    assert profile.kinds == (DemandKind.INTERMITTENT,)
