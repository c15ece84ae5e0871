"""Days, weeks and months that agree; items, categories and a total that agree."""

from datetime import date, timedelta

import numpy as np
import pytest

from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.forecast.coherent import (
    CATEGORY_MARK,
    TOTAL,
    Hierarchy,
    reconciliation,
    start_of,
    view,
)

HALL = Hierarchy(("roll", "bun", "tea", "milk"), {"roll": "bread", "bun": "bread", "tea": "drinks", "milk": "drinks"})


def days_ahead(first, count, rng, item=""):
    periods = tuple(first + timedelta(days=k) for k in range(count))
    return DemandDistribution(item, "units", Frequency.DAILY, periods, rng.poisson(20, (200, count)).astype(float))


def test_days_weeks_and_months_have_the_same_total_on_every_path():
    daily = days_ahead(date(2025, 3, 3), 61, np.random.default_rng(0))
    weekly, monthly = view(daily, Frequency.WEEKLY).demand, view(daily, Frequency.MONTHLY).demand
    assert weekly.total() == pytest.approx(daily.total(), abs=1e-6)
    assert monthly.total() == pytest.approx(daily.total(), abs=1e-6)
    assert view(monthly, Frequency.QUARTERLY).demand.total() == pytest.approx(daily.total(), abs=1e-6)


def test_a_months_range_is_narrower_than_the_sum_of_its_days_ranges():
    daily = days_ahead(date(2025, 3, 1), 31, np.random.default_rng(0))
    month = view(daily, Frequency.MONTHLY).demand
    assert month.quantile(0.9)[0] < 0.95 * daily.quantile(0.9).sum()
    assert month.mean.sum() == pytest.approx(daily.mean.sum())


def test_the_running_month_counts_what_was_sold_so_far():
    daily = days_ahead(date(2025, 3, 11), 28, np.random.default_rng(0))
    sold = {date(2025, 3, day): 30.0 for day in range(1, 11)} | {date(2025, 2, 28): 99.0}
    month = view(daily, Frequency.MONTHLY, history=sold)
    assert month.so_far.tolist() == [300, 0]
    assert month.demand.paths[:, 0] == pytest.approx(300 + daily.paths[:, :21].sum(axis=1))
    assert month.whole.tolist() == [True, False]


def test_a_month_of_which_the_beginning_is_unknown_is_marked():
    assert view(days_ahead(date(2025, 3, 11), 21, np.random.default_rng(0)), Frequency.MONTHLY).whole.tolist() == [
        False
    ]


def test_a_shop_that_rests_on_sundays_still_has_whole_weeks():
    monday = date(2025, 3, 3)
    periods = tuple(day for k in range(14) if (day := monday + timedelta(days=k)).weekday() < 6)
    daily = DemandDistribution("", "units", Frequency.DAILY, periods, np.ones((5, 12)))
    week = view(daily, Frequency.WEEKLY)
    assert week.demand.mean.tolist() == [6, 6]
    assert week.whole.tolist() == [True, False]  # the Sunday after the last day may have been open


def test_weeks_start_where_the_business_starts_them():
    assert start_of(date(2025, 3, 5), Frequency.WEEKLY, anchor=6) == date(2025, 3, 2)


def test_weeks_are_not_cut_into_months():
    weeks = DemandDistribution("", "units", Frequency.WEEKLY, (date(2025, 3, 3),), np.ones((2, 1)))
    with pytest.raises(ValueError, match="whole months"):
        view(weeks, Frequency.MONTHLY)
    with pytest.raises(ValueError, match="not longer"):
        view(weeks, Frequency.DAILY)


def disagreement(hierarchy, forecasts):
    """The largest gap between a node and the sum of its items; forecasts of shape (nodes, ...)."""
    items = forecasts[-len(hierarchy.items) :]
    return np.max(np.abs(forecasts - np.tensordot(hierarchy.summing, items, axes=1)))


def market(rng, times):
    """Past errors of a hall in which all items share good and bad days."""
    together = rng.normal(0, 3, times)
    items = np.stack([together + rng.normal(0, 2, times) for _ in HALL.items])
    return HALL.summing @ items + rng.normal(0, 0.5, (len(HALL.nodes), times))


@pytest.mark.parametrize("times", [0, pytest.param(60, marks=pytest.mark.slow)])
def test_reconciled_forecasts_agree_to_a_millionth(times):
    rng = np.random.default_rng(0)
    plan = reconciliation(HALL, market(rng, times) if times else None)
    assert plan.method == ("MinT" if times else "bottom-up")
    said = rng.uniform(10, 50, (7, 28))
    assert disagreement(HALL, said) > 10
    assert disagreement(HALL, plan.apply(said)) < 1e-6
    assert disagreement(HALL, plan.apply(rng.uniform(0, 5, (7, 100, 28)))) < 1e-6


@pytest.mark.slow
def test_forecasts_that_agree_already_stay_as_they_are():
    rng = np.random.default_rng(0)
    agreed = HALL.summing @ rng.uniform(10, 50, (4, 28))
    assert reconciliation(HALL, market(rng, 60)).apply(agreed) == pytest.approx(agreed)


@pytest.mark.slow
def test_minimum_trace_weights_are_those_of_the_textbook_formula():
    # (S' W^-1 S)^-1 S' W^-1 with Schäfer & Strimmer's shrunken covariance W, written out independently.
    errors = market(np.random.default_rng(4), 80)
    summing, n = HALL.summing, errors.shape[1]
    centred = errors - errors.mean(axis=1, keepdims=True)
    covariance = centred @ centred.T / (n - 1)
    scaled = centred / np.sqrt(np.diag(covariance))[:, None]
    products = scaled[:, None, :] * scaled[None, :, :]
    mean = products.mean(axis=2)
    variance = n / (n - 1) ** 3 * ((products - mean[:, :, None]) ** 2).sum(axis=2)
    off = ~np.eye(len(errors), dtype=bool)
    shrink = min(1.0, variance[off].sum() / ((n / (n - 1) * mean) ** 2)[off].sum())
    inverse = np.linalg.inv(np.where(off, (1 - shrink) * covariance, covariance))
    textbook = np.linalg.solve(summing.T @ inverse @ summing, summing.T @ inverse)
    assert reconciliation(HALL, errors).weights == pytest.approx(textbook, abs=0.02)


@pytest.mark.slow
def test_paths_agree_one_by_one_and_the_total_keeps_its_width():
    rng = np.random.default_rng(1)
    errors = market(rng, 300)
    periods = tuple(date(2025, 3, 3) + timedelta(days=k) for k in range(7))
    shocks = np.stack([np.sort(rng.normal(0, row.std(), 500)) for row in errors])
    demands = {
        node: DemandDistribution(
            node, "units", Frequency.DAILY, periods, np.full((500, 7), 100.0 * size) + rng.permutation(shock)[:, None]
        )
        for node, size, shock in zip(HALL.nodes, HALL.summing.sum(axis=1), shocks, strict=True)
    }
    plan = reconciliation(HALL, errors)
    joined = plan.reconcile(demands, errors)
    paths = np.stack([joined[node].paths for node in HALL.nodes])
    assert disagreement(HALL, paths) < 1e-6
    before, after = demands[TOTAL].total().std(), joined[TOTAL].total().std()
    apart = plan.reconcile(demands)[TOTAL].total().std()
    assert after == pytest.approx(before, rel=0.15)
    assert apart < 0.8 * before


def test_a_category_may_be_called_like_an_item():
    odd = Hierarchy(("tea", "milk"), {"tea": "tea"})
    assert odd.nodes == (TOTAL, CATEGORY_MARK + "tea", "tea", "milk")
    assert odd.summing.tolist() == [[1, 1], [1, 0], [1, 0], [0, 1]]


def test_too_few_or_perfect_past_errors_leave_it_to_the_items():
    rng = np.random.default_rng(0)
    assert reconciliation(HALL, market(rng, 10)).why == "only 10 past errors are known, 24 are needed"
    assert reconciliation(HALL, np.zeros((7, 60))).method == "bottom-up"


@pytest.mark.slow
def test_reconciled_demand_is_never_negative():
    plan = reconciliation(HALL, market(np.random.default_rng(0), 60))
    assert plan.apply(np.full((7, 3), 0.5) - np.eye(7, 3) * 40).min() >= 0
