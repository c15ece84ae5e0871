"""The benchmark of items scores by hand-checked numbers."""

from datetime import date, timedelta

import numpy as np
import pytest

from benchmarks.series import Case, Past
from benchmarks.sku import score, sum_scores
from benchmarks.sku_peers import LOCAL, QUANTILES, Fan, combined, past_quantiles

DAYS = tuple(date(2024, 1, 1) + timedelta(days=k) for k in range(6))
PART = Case("part", "parts", Past(np.array([2.0, 0, 4, 0]), DAYS[:4], DAYS[4:], "D", 1), np.array([3.0, 1.0]), 1)


def flat(value: float) -> Fan:
    return Fan(np.full(2, value), np.full((2, 9), value))


def test_a_fan_that_says_two_for_three_and_one():
    """Errors +1 and -1; the nine quantiles sum to 4.5, so the mean loss is (4.5 + 4.5) / 18; differences 2, 4, 4."""
    found = score(PART, "twos", flat(2.0))
    assert QUANTILES.sum() == pytest.approx(4.5)
    assert found.spl == pytest.approx(0.5 / (10 / 3))
    assert found.rmsse == pytest.approx(1 / np.sqrt(12))
    assert (found.coverage95, found.negative, found.crossing) == (0.0, 0.0, 0.0)


def test_the_truth_itself_scores_nothing():
    truth = Fan(PART.future, np.repeat(PART.future[:, None], 9, axis=1))
    assert (score(PART, "truth", truth).spl, score(PART, "truth", truth).coverage95) == (0.0, 1.0)


def test_bounds_below_zero_and_crossing_quantiles_are_counted():
    upside_down = Fan(np.zeros(2), np.tile(np.arange(9.0)[::-1] - 4, (2, 1)))
    found = score(PART, "bad", upside_down)
    assert found.negative == pytest.approx(4 / 9)
    assert found.crossing == 1.0


def test_a_sum_within_the_paths_is_held_and_one_beyond_is_not():
    rng = np.random.default_rng(1)
    near = sum_scores(PART, np.tile([2.0, 2.0], (10, 1)) + np.linspace(-1, 1, 10)[:, None], rng)
    far = sum_scores(PART, np.tile([9.0, 9.0], (10, 1)), rng)
    assert [one.part for one in near] == ["quarter", "half", "whole"]
    assert near[2].held95 == 1
    assert [one.held95 for one in far] == [0, 0, 0]


def test_past_quantiles_are_those_of_the_last_eight_weeks():
    long = Past(np.r_[np.full(100, 50.0), np.arange(56.0)], (), DAYS[4:], "D", 7)
    assert past_quantiles(long, 3.0).quantiles[0, 4] == 27.5


def test_a_clipped_median_is_never_negative():
    peer = LOCAL["scum-clipped"]
    assert combined(peer, [flat(-3.0), flat(-1.0), flat(-2.0), flat(-2.0)]).quantiles.min() == 0
