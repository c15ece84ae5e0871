"""Bands, quantiles and sample paths of one fan: the same distribution told three ways."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import ndtri

from engine.dataset import Frequency
from engine.forecast.fan import (
    LASTING,
    PROBABILITIES,
    Fan,
    HeldOutWindow,
    Prior,
    SeriesTraits,
    ValueRange,
    fan,
    prior_for,
    usual_correlation,
)
from engine.forecast.models import PANELS
from engine.forecast.series import Prediction

NORMAL = (-2.576, -1.960, -1.282, -0.674, 0.0, 0.674, 1.282, 1.960, 2.576)
"""Quantiles of the normal distribution at `PROBABILITIES`, from any table."""

STEPS = np.arange(1.0, 17.0)
RANDOM_WALK = np.sqrt(np.minimum.outer(STEPS, STEPS) / np.maximum.outer(STEPS, STEPS))
"""The correlation of a random walk's positions after 1, 2, ... steps."""

PRIOR = Prior(NORMAL, NORMAL)
SHOP = SeriesTraits(PRIOR, ValueRange(0.0), level_rate=0.3)


def bakery(horizon: int = 7, lasting: bool = False, whole: bool = False, level: float = 100.0) -> Fan:
    shape = np.tile(NORMAL, (horizon, 1))
    correlation = RANDOM_WALK[:horizon, :horizon] if lasting else np.eye(horizon)
    return Fan(np.full(horizon, level), np.full(horizon, 10.0), shape, correlation, ValueRange(0.0, whole))


def said(*means: float, spread: float) -> Prediction:
    return Prediction(np.array(means, float), np.full(len(means), spread))


def test_normal_errors_have_the_bands_of_the_table():
    inner, outer = bakery().bands((95, 80))
    assert (inner.level, outer.level) == (80, 95)
    assert (inner.lower[0], inner.upper[0]) == pytest.approx((87.18, 112.82))
    assert (outer.lower[0], outer.upper[0]) == pytest.approx((80.4, 119.6))


def test_each_day_of_the_paths_has_the_quantiles_of_the_bands():
    sales = bakery(lasting=True)
    paths = sales.paths(4000, np.random.default_rng(1))
    for probability in (0.025, 0.1, 0.5, 0.9, 0.975):
        assert np.quantile(paths, probability, axis=0) == pytest.approx(sales.quantile(probability), abs=0.15)


def test_the_sum_of_independent_days_spreads_with_the_root_of_their_number():
    paths = bakery(horizon=16).paths(4000, np.random.default_rng(2))
    assert paths.sum(axis=1).std() == pytest.approx(10 * np.sqrt(16), rel=0.04)


def test_the_sum_of_lasting_errors_spreads_like_that_of_a_random_walk():
    # The variance of the sum of 16 days with the same spread is 100 times the total of their correlations.
    paths = bakery(horizon=16, lasting=True).paths(4000, np.random.default_rng(3))
    assert paths.sum(axis=1).std() == pytest.approx(10 * np.sqrt(RANDOM_WALK.sum()), rel=0.04)


def test_errors_around_a_level_that_is_a_random_walk_last_like_it():
    assert usual_correlation(1.0, 16) == pytest.approx(RANDOM_WALK)


def test_errors_around_a_steady_level_come_and_go_but_for_a_small_share():
    apart = usual_correlation(0.0, 16)
    assert apart[0, 15] == pytest.approx(LASTING / 4)  # sqrt(1 / 16) of the share that lasts
    assert np.diag(apart) == pytest.approx(np.ones(16))


def test_smoothing_at_a_rate_of_a_half_has_the_textbooks_correlation():
    # Variance 1 + (k - 1) / 4: 1 and 1.25; covariance 0.5. Of it 70 %, and 30 % of a random walk's sqrt(1 / 2).
    assert usual_correlation(0.5, 8)[0, 1] == pytest.approx(0.7 * 0.5 / np.sqrt(1.25) + 0.3 * np.sqrt(0.5))


def test_errors_that_cancelled_out_in_the_past_make_the_sums_narrower():
    ahead = said(*[100] * 10, spread=10)
    cancelling = HeldOutWindow(ahead, np.array([1.0, -1.0] * 5))
    usual, own = (fan(ahead, past, SHOP) for past in ([], [cancelling] * 10))
    assert own.correlation[0, 9] < 0.7 * usual.correlation[0, 9]


def test_errors_that_added_up_in_the_past_make_the_sums_wider():
    ahead = said(*[100] * 10, spread=10)
    lasting = [HeldOutWindow(ahead, np.full(10, sign * 1.5)) for sign in (1.0, -1.0) * 5]
    usual, own = (fan(ahead, past, SHOP) for past in ([], lasting))
    assert own.correlation[0, 9] > 1.2 * usual.correlation[0, 9]
    assert np.linalg.eigvalsh(own.correlation).min() > -1e-9


def test_a_shape_of_ones_own_holds_what_it_promises():
    ahead, chance = said(*[100] * 10, spread=10), np.random.default_rng(3)
    flat = [HeldOutWindow(ahead, chance.uniform(-1.5, 1.5, 10)) for _ in range(200)]
    own = fan(ahead, flat, SHOP)
    (half, most) = own.bands((50, 80))
    assert half.upper.mean() - half.lower.mean() == pytest.approx(10 * 1.5, rel=0.12)
    assert most.upper.mean() - most.lower.mean() == pytest.approx(10 * 2.4, rel=0.12)
    assert np.all(np.diff(own.shape, axis=1) >= 0)


def test_the_same_seed_gives_the_same_paths():
    first, second = (bakery().paths(50, np.random.default_rng(7)) for _ in range(2))
    assert first.tolist() == second.tolist()


def test_cakes_are_sold_whole_and_never_less_than_none():
    cakes = bakery(whole=True, level=9.4)
    for band in cakes.bands((50, 95)):
        assert np.all(band.lower == np.floor(band.lower)) and np.all(band.upper == np.floor(band.upper))
        assert np.all((band.lower >= 0) & (band.lower <= 9.4) & (band.upper >= 9.4))
    paths = cakes.paths(500, np.random.default_rng(4))
    assert paths.min() == 0
    assert np.all(paths == np.round(paths))


def test_a_wider_band_never_lies_inside_a_narrower_one():
    for panel in PANELS:
        for frequency in Frequency:
            drawn = fan(
                said(*[50] * 9, spread=20), [], SeriesTraits(prior_for(panel, frequency), ValueRange(0.0), 0.3)
            ).bands((5, 50, 80, 95, 99))
            for inner, outer in pairwise(drawn):
                assert np.all(outer.lower <= inner.lower) and np.all(outer.upper >= inner.upper)


@pytest.mark.parametrize("frequency", Frequency)
@pytest.mark.parametrize("panel", PANELS)
def test_large_errors_are_never_rarer_than_models_promise(panel, frequency):
    prior = prior_for(panel, frequency)
    for shape in (prior.near, prior.far):
        outer = np.abs(NORMAL) > 1.9
        assert np.all(np.abs(shape)[outer] >= np.abs(NORMAL)[outer] - 0.01)  # rounded to the second digit


def test_closed_days_have_no_error():
    errors = HeldOutWindow.of(np.array([10.0, np.nan]), said(8, 8, spread=2)).errors
    assert errors[0] == 1.0
    assert np.isnan(errors[1])


def test_a_past_without_any_spread_does_not_blow_the_band_up():
    calm = HeldOutWindow.of(np.array([13.0, 10.0, 7.0]), said(10, 10, 10, spread=0.0))
    assert calm.errors.tolist() == [6.0, 0.0, -6.0]


def test_without_errors_of_its_own_the_fan_has_the_shape_of_the_prior():
    assert fan(said(100, spread=10), [], SHOP).quantile(0.975) == pytest.approx([119.6])


def test_two_hundred_errors_twice_as_large_as_usual_make_the_band_more_than_half_as_wide_again():
    # The prior counts as two hundred points: (200 * 2 + 200 * 1) / 400 = 1.5. Of the shape at 95 % it counts four times
    # as much as the points that show 2 there: (200 * 2 + 800 * 1.5) / 1000 = 1.6.
    errors = 2 * ndtri((np.arange(200) + 0.5) / 200)
    past = HeldOutWindow(said(*[100] * 200, spread=10), errors)
    drawn = fan(said(100, spread=10), [past], SHOP)
    assert drawn.quantile(0.975) == pytest.approx([100 + 1.6 * 19.6], rel=0.01)


def test_the_usual_error_of_a_normal_distribution_is_the_root_of_two_over_pi():
    assert PRIOR.usual_error(3) == pytest.approx([np.sqrt(2 / np.pi)] * 3, rel=0.03)


def test_the_shape_blends_from_the_first_half_of_the_horizon_to_the_second():
    wide = tuple(2 * value for value in NORMAL)
    shape = Prior(NORMAL, wide).shape(8)[:, PROBABILITIES.index(0.975)]
    assert shape[0] == pytest.approx(1.96)
    assert shape[-1] == pytest.approx(3.92)
    assert np.all(np.diff(shape) >= 0)
