"""Money that goes on working: geometric adstock by its textbook recursion, and adstock that peaks later."""

import numpy as np
import pytest

from engine.budget import delayed, geometric
from engine.dataset import Frequency


def test_half_left_after_a_week_halves_every_week():
    weights = np.array(geometric(0.5).weights)
    assert weights[1:] / weights[:-1] == pytest.approx(0.5)
    assert weights.sum() == pytest.approx(1)


def test_adstock_is_the_recursion_of_the_textbooks():
    # a_t = (1 - d) x_t + d a_(t-1), from a steady 100 (Broadbent 1979).
    spend = np.array([100.0] * 8 + [0, 300, 0, 0])
    expected, level = [], 100.0
    for amount in spend:
        level = 0.6 * amount + 0.4 * level
        expected.append(level)
    assert geometric(0.4).adstock(spend) == pytest.approx(expected, rel=0.02)


def test_a_steady_spend_has_itself_as_adstock():
    assert geometric(0.8).adstock(np.full(20, 70.0)) == pytest.approx(70)
    assert delayed(2.5).adstock(np.full(20, 70.0)) == pytest.approx(70)


def test_without_decay_money_works_in_its_own_week():
    assert geometric(0.0).weights == (1.0,)


def test_a_decay_is_per_week_whatever_the_rows_are():
    # Half left after a week is 0.5^(1/7) after a day.
    weights = np.array(geometric(0.5, Frequency.DAILY).weights)
    assert weights[7] / weights[0] == pytest.approx(0.5)


def test_delayed_adstock_peaks_when_it_says():
    daily = np.array(delayed(2.5, Frequency.DAILY).weights)
    assert np.argmax(daily) == pytest.approx(2.5 * 7, abs=1)


@pytest.mark.parametrize("decay", [-0.1, 1.0])
def test_a_decay_out_of_range_is_refused(decay):
    with pytest.raises(ValueError, match="decay"):
        geometric(decay)
