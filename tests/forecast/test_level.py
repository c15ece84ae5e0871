"""The level of items with a short past."""

import numpy as np
import pytest
from scipy.stats import t as student

from engine.forecast.items import SHORT, forecast_items, tune_items
from engine.forecast.level import (
    PRIOR_PERIODS,
    USUAL_SPREAD,
    LevelModel,
    believe_levels,
    forecast_levels,
    have_short_past,
    student_log_density,
)

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


WEEK = np.array([0.6, 0.7, 0.8, 1.0, 1.3, 1.6, 1.0])


def shop_with_news(rng, known=6):
    """Twenty items of some hundreds a day with one week, four of which are new; then a week ahead."""
    level = rng.uniform(100, 900, (20, 1))
    sold = np.round(level * WEEK[np.arange(147) % 7] * rng.normal(1, 0.05, (20, 147)))
    sold[:4, : 140 - known] = np.nan
    return sold[:, :140], sold[:, 140:]


def test_a_short_past_is_less_than_a_season_or_two_weeks():
    values = np.full((3, 60), np.nan)
    for row, known in enumerate((13, 14, 52)):
        values[row, -known:] = 1
    assert have_short_past(values, 7).tolist() == [True, False, False]
    assert have_short_past(values, 52).tolist() == [True, True, False]


def test_new_items_of_a_shop_have_its_week_and_bands_that_hold():
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    off, held = [], []
    for _ in range(8):
        past, future = shop_with_news(rng)
        made = forecast_items(past, horizon=7, season_length=7)
        assert [way == SHORT for way in made.methods] == [True] * 4 + [False] * 16
        low, high = np.moveaxis(made.quantiles((0.1, 0.9))[:4], 2, 0)
        off.append(np.abs(made.mean - future)[:4] / future[:4])
        held.append((low <= future[:4]) & (future[:4] <= high))
    assert np.mean(off) < 0.12  # without the week it would be 0.3
    assert np.mean(held) > 0.7


def test_an_items_figures_are_the_same_in_whatever_company():
    past, _ = shop_with_news(np.random.default_rng(3))
    tuning = tune_items(past, horizon=7, season_length=7)
    whole = forecast_items(past, horizon=7, season_length=7, tuning=tuning)
    alone = forecast_items(past[2:3], horizon=7, season_length=7, tuning=tuning)
    assert alone.mean[0] == pytest.approx(whole.mean[2])
    assert alone.quantiles((0.1, 0.9))[0] == pytest.approx(whole.quantiles((0.1, 0.9))[2])
    paths = [each.paths(row, draws=40, rng=np.random.default_rng(1)) for each, row in ((alone, 0), (whole, 2))]
    assert np.array_equal(*paths)


def test_one_day_of_sales_has_a_band_and_no_wild_path():
    made = forecast_items(bakery(*[np.nan] * 20, 140), horizon=3, season_length=7)
    low, high = made.quantiles((0.1, 0.9))[0].T
    assert np.all((low < 120) & (high > 160))
    assert made.mean[0] == pytest.approx([140] * 3, rel=0.15)
    assert made.paths(0, draws=5000, rng=np.random.default_rng(1)).max() <= 4 * 140


def test_the_level_is_taken_without_the_season_that_multiplies_it():
    """Ten a day, twice that every other day, which comes next."""
    made = forecast_levels(bakery(*[20, 10] * 5), horizon=2, season=np.array([4 / 3, 2 / 3]))
    assert np.median(made.paths(0, draws=2000, rng=np.random.default_rng(1)), axis=0) == pytest.approx([20, 10], abs=1)
