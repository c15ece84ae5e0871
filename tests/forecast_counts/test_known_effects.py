"""What a benefit day or a holiday does is learnt from all items together."""

import numpy as np
import pytest

from engine.forecast.counts import Covariates, estimate_covariate_effects, forecast_many, tune
from engine.forecast.regular import forecast_regular

DAYS, AHEAD = 420, 28


@pytest.fixture(scope="module")
def pay_day() -> np.ndarray:
    """1 on the first three days of each month of 30 days, shape (1, 1, days + ahead)."""
    return (np.arange(DAYS + AHEAD) % 30 < 3).astype(float)[None, None, :]


def shop(pay_day, items, factor, level, seed=1):
    rng = np.random.default_rng(seed)
    mean = np.linspace(0.5, 1.5, items)[:, None] * level * np.where(pay_day[0] > 0, factor, 1.0)
    return rng.poisson(mean).astype(float)


def test_a_pay_day_that_sells_half_as_much_again_is_found_to(pay_day):
    sold = shop(pay_day, 20, 1.5, 40.0)[:, :DAYS]
    effects = estimate_covariate_effects(sold, Covariates(("pay day",), pay_day), season_length=7)
    assert np.exp(effects.coefficients[:, 0]).mean() == pytest.approx(1.5, rel=0.03)
    assert effects.ahead[:, 0] == pytest.approx(effects.past[:, 0])  # day 420 is a pay day, as day 0 is


def test_a_cause_that_does_nothing_is_found_to_do_nothing(pay_day):
    sold = shop(pay_day, 20, 1.0, 40.0)[:, :DAYS]
    effects = estimate_covariate_effects(sold, Covariates(("pay day",), pay_day), season_length=7)
    assert np.abs(effects.ahead - 1).mean() < 0.02


def test_slow_sellers_borrow_the_effect_from_each_other(pay_day):
    """One item with a sale every other day cannot tell; fifty together can."""
    sold = shop(pay_day, 50, 1.6, 0.5)[:, :DAYS]
    effects = estimate_covariate_effects(sold, Covariates(("pay day",), pay_day), season_length=7)
    assert np.exp(effects.coefficients[:, 0].mean()) == pytest.approx(1.6, rel=0.12)
    assert np.exp(effects.coefficients[:, 0]).std() < 0.15


def test_a_day_on_which_the_shop_was_always_closed_will_be_closed(pay_day):
    holiday = np.zeros_like(pay_day)
    holiday[..., [60, 300, DAYS + 5]] = 1
    sold = shop(pay_day, 10, 1.0, 30.0)[:, :DAYS]
    sold[:, [60, 300]] = 0
    effects = estimate_covariate_effects(sold, Covariates(("holiday",), holiday), season_length=7)
    assert np.flatnonzero(effects.ahead[0] == 0).tolist() == [5]
    assert np.flatnonzero(effects.closed).tolist() == [60, 300]


def test_known_pay_days_make_a_steady_forecast_better(pay_day):
    sold = shop(pay_day, 15, 1.5, 60.0)
    past, future = sold[:, :DAYS], sold[:, DAYS:]
    known = Covariates(("pay day",), pay_day)
    error = {
        name: np.sqrt(
            np.mean((forecast_regular(past, horizon=AHEAD, season_length=7, covariates=told).mean - future) ** 2)
        )
        for name, told in (("told", known), ("blind", None))
    }
    assert error["told"] < 0.75 * error["blind"]


def test_counts_use_a_cause_that_helps_and_leave_one_that_does_not(pay_day):
    known = Covariates(("pay day",), pay_day)
    helped = tune(shop(pay_day, 40, 3.0, 2.0)[:, :DAYS], horizon=AHEAD, season_length=1, covariates=known)
    assert helped.with_causes
    made = forecast_many(
        shop(pay_day, 40, 3.0, 2.0)[:, :DAYS], horizon=AHEAD, season_length=1, tuning=helped, covariates=known
    )
    assert made.mean[:, :3].mean() > 2 * made.mean[:, 3:20].mean()


def test_causes_must_fit_their_names():
    with pytest.raises(ValueError, match="2 names"):
        Covariates(("a", "b"), np.zeros((1, 1, 5)))
