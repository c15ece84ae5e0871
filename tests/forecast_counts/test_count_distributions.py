"""Distributions of whole numbers: the textbook's formula, a grid, and what one has seen."""

import numpy as np
import pytest
from scipy import stats

from engine.forecast.counts.forecast import level_share, sample_paths
from engine.forecast.counts.members import MEMBERS, EmpiricalShares, ItemSample, negative_binomial
from engine.forecast.counts.mixture import Distributions, grid_sizes, grid_units


def sample_of(values, steps=1, size=12):
    n = values.shape[1]
    ones = np.ones((len(values), steps))
    phase = (np.arange(n) - n) % steps
    return ItemSample(values, np.ones(values.shape), ones, (phase, np.arange(steps)), size, 0.5)


def test_the_negative_binomial_is_that_of_the_textbook():
    mean, dispersion = 2.5, 0.4
    ours = negative_binomial(np.array([[mean]]), np.array([dispersion]), 400)[0, 0]
    theirs = stats.nbinom.pmf(np.arange(400), 1 / dispersion, 1 / (1 + dispersion * mean))
    assert ours == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_each_members_probabilities_add_up_to_one(member, counter):
    mass = member.mass(sample_of(counter(4, 90), steps=7, size=40))
    assert mass.shape == (4, 7, 40)
    assert np.all(mass >= 0)
    assert mass.sum(axis=2) == pytest.approx(1.0)


def test_what_was_seen_yesterday_counts_twice_as_much_as_what_was_seen_a_half_life_before():
    mass = EmpiricalShares("seen", half_life=1.0, same_phase=0.0).mass(sample_of(np.array([[5.0, 2.0]])))[0, 0]
    assert mass[2] == pytest.approx(2 * mass[5])


def test_quantiles_of_a_die_are_whole_and_in_order():
    die = Distributions(np.r_[0, np.full(6, 1 / 6)][None, None, :], np.array([1.0]))
    assert die.quantile(np.array([0.1, 0.5, 0.51, 1.0]))[0, 0].tolist() == [1, 3, 4, 6]
    assert die.mean[0, 0] == pytest.approx(3.5)
    assert die.variance[0, 0] == pytest.approx(35 / 12)


def test_pieces_are_counted_one_by_one_and_grams_by_fractions():
    units = grid_units(np.array([[1.0, 3.0], [0.25, 0.5], [100_000.0, 3.0]]))
    assert units[0] == 1.0
    assert units[1] < 0.01
    assert units[2] == round(units[2]) > 100
    assert np.all(grid_sizes(np.array([[1.0, 3.0], [0.25, 0.5], [100_000.0, 3.0]]), units) <= 410)


def test_paths_are_spread_over_each_period_as_its_distribution_says(rng):
    die = Distributions(np.r_[0, np.full(6, 1 / 6)][None, None, :], np.array([1.0]))
    paths = sample_paths(die, np.array([0.5]), 3, 600, rng)
    for period in range(3):
        assert np.bincount(paths[:, period].astype(int), minlength=7)[1:].tolist() == [100] * 6


def test_periods_hang_together_as_a_common_error_of_the_level_asks_for(rng):
    """A level that is off by 30 % gives two days of mean 20 the covariance (0.3 * 20)^2 = 36."""
    made = Distributions(negative_binomial(np.full((1, 1), 20.0), np.array([0.3]), 400), np.array([1.0]))
    paths = sample_paths(made, level_share(made, 0.3)[0], 2, 20_000, rng)
    assert np.cov(paths.T)[0, 1] == pytest.approx(36, rel=0.1)


def test_without_an_error_of_the_level_periods_have_nothing_in_common(rng):
    made = Distributions(negative_binomial(np.full((1, 1), 3.0), np.array([0.5]), 60), np.array([1.0]))
    paths = sample_paths(made, level_share(made, 0.0)[0], 2, 20_000, rng)
    assert abs(np.corrcoef(paths.T)[0, 1]) < 0.03
