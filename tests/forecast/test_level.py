"""The level of items with a short past."""

import numpy as np
import pytest
from scipy.stats import t as student

from engine.forecast.level import PRIOR_PERIODS, USUAL_SPREAD, LevelModel, believe_levels, student_log_density

STILL = LevelModel(discount=1.0, spread_discount=1.0)
"""A level that never moves, known from all periods alike."""


def bakery(*sales):
    return np.array([sales], dtype=float)


def test_a_level_that_never_moves_is_the_textbooks_normal_gamma_posterior():
    """Gelman et al., Bayesian Data Analysis, section 3.3, from sums over all periods at once."""
    sales = np.array([20.0, 26.0, 23.0, 17.0, 29.0, 24.0])
    beliefs = believe_levels(sales[None], (STILL,))
    first, rest = sales[0], sales[1:]
    prior_spread = (USUAL_SPREAD * sales[:5].mean()) ** 2
    n, mean = len(rest), rest.mean()
    squares = PRIOR_PERIODS * prior_spread + np.sum((rest - mean) ** 2) + n / (n + 1) * (mean - first) ** 2
    assert beliefs.mean[0, 0] == pytest.approx((first + n * mean) / (n + 1))
    assert beliefs.periods[0, 0] == PRIOR_PERIODS + n
    assert beliefs.spread[0, 0] == pytest.approx(squares / (PRIOR_PERIODS + n))
    assert beliefs.variance[0, 0] == pytest.approx(beliefs.spread[0, 0] / (n + 1))


def test_paths_have_the_students_distribution_of_the_posterior():
    beliefs = believe_levels(bakery(200, 206, 203, 197, 209, 204), (STILL,))
    scale = np.sqrt(beliefs.variance[0, 0] + beliefs.spread[0, 0])
    right = student(beliefs.periods[0, 0], beliefs.mean[0, 0], scale)
    paths = beliefs.paths(horizon=1, draws=40_000, rng=np.random.default_rng(1))
    chances = (0.1, 0.5, 0.9)
    assert np.quantile(paths, chances) == pytest.approx(right.ppf(chances), abs=0.03 * scale)


def test_the_density_is_scipys():
    deviation = np.linspace(-4, 4, 9)
    assert student_log_density(deviation, np.full(9, 3.5)) == pytest.approx(student.logpdf(deviation, 3.5))


def test_views_count_by_bayes_rule():
    slow, quick = LevelModel(0.95), LevelModel(0.3)
    sales = bakery(20, 21, 19, 20, 22, 40)
    both = believe_levels(sales[:, :5], (slow, quick))
    before = 0.95 * both.weight[0] + 0.05 / 2
    total = both.variance / np.array([0.95, 0.3]) + both.spread
    density = student.pdf(40, both.periods, both.mean, np.sqrt(total))[0]
    after = believe_levels(sales, (slow, quick))
    assert after.weight[0] == pytest.approx(before * density / np.sum(before * density))
    assert after.log_score[0] - both.log_score[0] == pytest.approx(np.log(np.sum(before * density)))


def test_a_jump_is_believed_within_three_periods():
    rng = np.random.default_rng(4)
    usual = 20 + rng.normal(0, 2, 20)
    jumped = np.concatenate([usual, 60 + rng.normal(0, 2, 3)])
    paths = believe_levels(jumped[None]).paths(horizon=4, draws=2000, rng=rng)
    assert np.all(np.abs(np.median(paths[0], axis=0) - 60) < 4)


def test_one_odd_period_is_no_jump():
    calm = believe_levels(bakery(*[20, 22, 19, 21, 20, 18, 22, 20] * 2, 60, 20, 21))
    paths = calm.paths(horizon=4, draws=2000, rng=np.random.default_rng(1))
    assert np.all(np.abs(np.median(paths[0], axis=0) - 20) < 5)


def test_bands_hold_what_they_say_where_levels_drift_and_jump():
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    level = 100 + np.cumsum(rng.normal(0, 2, (400, 21)) + 50 * (rng.random((400, 21)) < 0.03), axis=1)
    sales = np.maximum(level + rng.normal(0, 10, level.shape), 0)
    paths = believe_levels(sales[:, :16]).paths(horizon=5, draws=400, rng=rng)
    low, high = np.quantile(paths, (0.1, 0.9), axis=1)
    assert 0.74 < np.mean((low <= sales[:, 16:]) & (sales[:, 16:] <= high)) < 0.93


def test_an_unknown_period_teaches_nothing_and_each_item_is_by_itself():
    whole, gap = bakery(20, 25, 22), bakery(20, np.nan, 25, np.nan, 22)
    together = np.array([[np.nan, np.nan, 20, 25, 22], [400, 380, 410, 390, 405]])
    for beliefs in (believe_levels(gap), believe_levels(together)):
        assert beliefs.mean[0] == pytest.approx(believe_levels(whole).mean[0])
        assert beliefs.weight[0] == pytest.approx(believe_levels(whole).weight[0])


def test_one_period_is_enough_and_nothing_sold_is_no_error():
    rng = np.random.default_rng(1)
    one = believe_levels(bakery(30)).paths(horizon=2, draws=1000, rng=rng)
    assert np.median(one) == pytest.approx(30, rel=0.1)
    nothing = believe_levels(bakery(0, 0, 0, 0)).paths(horizon=2, draws=100, rng=rng)
    assert np.all(np.isfinite(nothing)) and nothing.max() < 1


@pytest.mark.parametrize("sales", [(np.nan, np.nan), (3.0, -1.0), (3.0, np.inf)])
def test_what_is_no_demand_is_refused(sales):
    with pytest.raises(ValueError, match="known value"):
        believe_levels(bakery(*sales))
