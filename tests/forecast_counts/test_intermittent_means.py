"""The published methods for intermittent demand give the published numbers."""

import numpy as np
import pytest

from engine.forecast.counts.members import (
    aggregated,
    croston,
    multiple_aggregation,
    sale_chance,
    sale_size,
    smoothing,
    syntetos_boylan,
)


def tsb(sold, chance_rate=0.1):
    """Teunter, Syntetos & Babai (2011): the chance of a sale times its size."""
    return sale_chance(sold, chance_rate) * sale_size(sold, 0.1)


# A lubricant by month: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (2nd ed.), section 12.2.
LUBRICANT = np.array(
    [
        [0, 2, 0, 1, 0, 11, 0, 0, 0, 0, 2, 0],
        [6, 3, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0],
        [0, 0, 0, 3, 1, 0, 0, 1, 0, 1, 0, 0],
    ],
    float,
).reshape(1, 36)


def test_crostons_method_on_the_textbooks_lubricant():
    assert croston(LUBRICANT, 0.1)[0] == pytest.approx(2.751 / 2.793, abs=5e-4)


def test_syntetos_and_boylan_take_off_half_the_rate():
    assert syntetos_boylan(LUBRICANT, 0.1)[0] == pytest.approx(0.95 * croston(LUBRICANT, 0.1)[0])


def test_smoothing_of_three_months_by_hand():
    # 10, then 10 + .5 * (20 - 10) = 15, then 15 + .5 * (5 - 15) = 10
    assert smoothing(np.array([[10.0, 20.0, 5.0]]), 0.5)[0] == 10


def test_a_dead_part_fades_with_tsb_and_stays_with_croston():
    sold = np.r_[np.tile([0, 4.0], 10), np.zeros(40)][None, :]
    assert croston(sold)[0] == pytest.approx(2.0)
    assert tsb(sold)[0] < 0.1


def test_tsb_of_a_part_that_sells_four_every_second_month_is_two():
    assert tsb(np.tile([0, 4.0], 200)[None, :], chance_rate=0.01)[0] == pytest.approx(2.0, rel=0.02)


def test_aggregation_over_two_months_sees_a_constant():
    assert aggregated(np.tile([0, 6.0], 12)[None, :], 2)[0] == 3.0


def test_several_aggregations_are_averaged():
    sold = np.tile([0, 6.0], 12)[None, :]
    one, two = smoothing(sold, 0.1)[0], aggregated(sold, 2)[0]
    assert multiple_aggregation(sold)[0] == pytest.approx((one + two) / 2)


@pytest.mark.parametrize("method", [croston, syntetos_boylan, tsb, multiple_aggregation])
def test_a_part_that_never_sold_is_expected_not_to(method):
    assert method(np.array([[np.nan, 0, 0, 0]]))[0] == 0


@pytest.mark.parametrize("method", [croston, tsb, multiple_aggregation])
def test_many_parts_at_once_get_what_each_gets_alone(method, counter):
    sold = counter(5, 60)
    together = method(sold)
    assert together == pytest.approx([method(sold[k : k + 1])[0] for k in range(5)])
