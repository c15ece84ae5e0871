"""Simulated truths: what was put into the past is found again, and nothing else."""

from datetime import date, timedelta

import numpy as np
import pytest

from engine.business.calendar import Calendar, Period
from engine.dataset import Frequency
from engine.forecast.drivers import (
    DriverKind,
    Drivers,
    Holidays,
    SpecialEvent,
    Tracked,
    estimate,
    promotion,
    with_effects,
    without_effects,
)
from engine.forecast.series import Prediction, Series, fill_closed


def weeks(kiosk, starts):
    return [Period(kiosk.days[start], kiosk.days[start] + timedelta(days=6)) for start in starts]


def present(kiosk, spans):
    return np.array([any(day in span for span in spans) for day in kiosk.days], dtype=float)


def size(effects, name):
    return next(effect for effect in effects.active if effect.name == name).size


def test_a_promotion_that_adds_35_percent_is_found_within_4_points(kiosk):
    shop = kiosk()
    flyers = weeks(shop, range(40, 520, 60))
    drivers = Drivers(Holidays("DE", "BY"), tracked=(promotion("flyer", *flyers),))
    found = []
    for seed in range(6):
        mean = shop.usual() * 1.35 ** present(shop, flyers)
        found.append(size(shop.learn(np.random.default_rng(seed).poisson(mean).astype(float), drivers), "flyer"))
    assert np.mean(found) == pytest.approx(35, abs=1.5)
    assert np.max(np.abs(np.array(found) - 35)) < 4


@pytest.mark.slow
def test_the_range_of_an_effect_holds_the_truth_about_as_often_as_it_says(kiosk):
    shop = kiosk()
    flyers = weeks(shop, range(40, 520, 60))
    drivers = Drivers(tracked=(promotion("flyer", *flyers),), paydays=False)
    held = 0
    for seed in range(40):
        mean = shop.usual() * 1.35 ** present(shop, flyers)
        effect = shop.learn(np.random.default_rng(seed).poisson(mean).astype(float), drivers).active[0]
        held += effect.lower <= 35 <= effect.upper
    assert held >= 34  # of 40 at 95 %: fewer would happen in one of a hundred honest tests


def test_a_price_elasticity_of_minus_two_is_found_within_two_tenths(kiosk):
    shop = kiosk()
    steps = {0: 2.0, 90: 2.2, 170: 1.9, 260: 2.1, 340: 2.3, 430: 2.0}
    price = Tracked("Price", DriverKind.PRICE, {shop.days[k]: value for k, value in steps.items()})
    path = np.array([steps[max(start for start in steps if start <= k)] for k in range(len(shop.days))])
    sold = np.random.default_rng(3).poisson(shop.usual() * (path / 2.0) ** -2.0).astype(float)
    effects = shop.learn(sold, Drivers(tracked=(price,)))
    assert effects.coefficients[0].weight == pytest.approx(-2.0, abs=0.2)
    assert size(effects, "Price") == pytest.approx(100 * (1.1**-2.0 - 1), abs=2)


def test_an_effect_in_units_is_told_in_units_when_sales_vary_a_lot(kiosk):
    shop = kiosk()
    flyers = weeks(shop, range(30, 520, 35))
    season = 300 + 250 * np.sin(np.arange(len(shop.days)) / 50)
    sold = season + 120 * present(shop, flyers) + np.random.default_rng(0).normal(0, 10, len(shop.days))
    effects = shop.learn(sold, Drivers(tracked=(promotion("flyer", *flyers),)))
    assert effects.link == "identity"
    assert effects.active[0].unit == "units"
    assert effects.active[0].size == pytest.approx(120, abs=8)


@pytest.mark.slow
@pytest.mark.parametrize("world", ["poisson", "autoregressive", "heavy tails"])
def test_where_no_driver_matters_nothing_is_kept_in_at_least_95_of_100_worlds(kiosk, world):
    shop = kiosk(past=420)
    kept = 0
    for seed in range(40):
        rng = np.random.default_rng(1000 + seed)
        spans = weeks(shop, rng.choice(400, 8, replace=False).tolist())
        changes = sorted(rng.choice(400, 5, replace=False).tolist())
        price = Tracked("Price", DriverKind.PRICE, {shop.days[k]: rng.uniform(2, 3) for k in changes})
        drivers = Drivers(
            Holidays("DE", "BY"), (SpecialEvent("fair", tuple(spans[:2])),), (promotion("flyer", *spans[2:]), price)
        )
        kept += bool(shop.learn(noise(world, shop.usual(), rng), drivers).active)
    assert kept <= 4  # of 40 at 5 %: more would happen in five of a hundred honest tests


def noise(world, mean, rng):
    if world == "poisson":
        return rng.poisson(mean).astype(float)
    error = rng.standard_t(4, len(mean)) if world == "heavy tails" else rng.standard_normal(len(mean))
    if world == "autoregressive":
        for k in range(1, len(error)):
            error[k] = 0.6 * error[k - 1] + 0.8 * error[k]
    return mean * np.exp(0.12 * error)


def test_knowing_the_promotions_leaves_at_most_six_tenths_of_the_error_on_their_days(kiosk):
    blind_errors, errors, sold_then = 0.0, 0.0, 0.0
    for seed in range(5):
        shop = kiosk(past=420)
        flyers = weeks(shop, [20, 75, 130, 195, 250, 310, 370, 430])
        mean = shop.usual() * 1.6 ** present(shop, flyers)
        sold = np.random.default_rng(seed).poisson(mean).astype(float)
        past, truth = shop.series(sold), sold[shop.past :]
        effects = shop.learn(sold, Drivers(Holidays("DE"), tracked=(promotion("flyer", *flyers),)))
        promoted = present(shop, flyers)[shop.past :] == 1
        blind = four_week_mean(past.values)
        told = effects.future.restore(four_week_mean(fill_closed(effects.past.remove(past.values), 7)))
        blind_errors += np.abs(truth - blind)[promoted].sum()
        errors += np.abs(truth - told)[promoted].sum()
        sold_then += truth[promoted].sum()
    assert errors / sold_then < 0.6 * blind_errors / sold_then
    assert 100 * errors / sold_then < 12


def four_week_mean(values):
    """The mean of the same weekday over four weeks, for four weeks."""
    return np.tile(values[-28:].reshape(4, 7).mean(axis=0), 4)


def test_closed_on_christmas_so_far_means_closed_on_christmas_to_come(kiosk):
    shop = kiosk(past=710)
    sold = np.random.default_rng(0).poisson(shop.usual()).astype(float)
    for day in (date(2024, 12, 25), date(2024, 12, 26), date(2025, 10, 3)):
        sold[(day - shop.days[0]).days] = np.nan
    effects = shop.learn(sold, Drivers(Holidays("DE")))
    ahead = effects.future.restore(np.full(28, 100.0))
    assert [day for day, value in zip(shop.future, ahead, strict=True) if value == 0] == [
        date(2025, 12, 25),
        date(2025, 12, 26),
    ]


def test_a_new_event_counts_with_what_the_owner_typed(kiosk):
    shop = kiosk()
    street = SpecialEvent("street closed", (Period(shop.future[3], shop.future[9]),), percent=-30)
    effects = shop.learn(np.random.default_rng(0).poisson(shop.usual()).astype(float), Drivers(events=(street,)))
    factor = effects.future.factor
    assert factor[3:10] == pytest.approx(np.full(7, 0.7))
    assert factor[:3] == pytest.approx(np.ones(3))
    assert effects.active[0].basis == "typed by you"


def test_a_new_event_without_a_figure_asks_for_one(kiosk):
    shop = kiosk()
    fair = SpecialEvent("fair", (Period(shop.future[3], shop.future[9]),))
    effects = shop.learn(np.random.default_rng(0).poisson(shop.usual()).astype(float), Drivers(events=(fair,)))
    (out,) = [out for out in effects.left_out if out.name == "fair"]
    assert out.reason == "it has not happened before; type what it does to sales, in percent"


def test_an_event_that_happened_before_is_learnt_and_corrects_the_typed_figure(kiosk):
    shop = kiosk()
    spans = (*weeks(shop, [100, 200, 300]), Period(shop.future[0], shop.future[6]))
    street = SpecialEvent("street closed", spans, percent=-20)
    sold = np.random.default_rng(1).poisson(shop.usual() * 0.6 ** present(shop, spans)).astype(float)
    effects = shop.learn(sold, Drivers(events=(street,)))
    assert effects.active[0].size == pytest.approx(-40, abs=5)
    assert effects.active[0].basis == "your figure, corrected by what happened"


def test_two_promotions_that_always_run_together_cannot_be_told_apart(kiosk):
    shop = kiosk()
    flyers = weeks(shop, range(40, 520, 60))
    sold = np.random.default_rng(0).poisson(shop.usual() * 1.4 ** present(shop, flyers)).astype(float)
    drivers = Drivers(tracked=(promotion("flyer", *flyers), promotion("radio", *flyers)), paydays=False)
    effects = shop.learn(sold, drivers)
    assert [effect.name for effect in effects.active] == ["flyer"]
    assert effects.left_out[0].name == "radio"
    assert "together with something else" in effects.left_out[0].reason


def test_a_price_that_never_changed_teaches_nothing(kiosk):
    shop = kiosk()
    price = Tracked("Price", DriverKind.PRICE, dict.fromkeys(shop.days, 2.0))
    effects = shop.learn(np.random.default_rng(0).poisson(shop.usual()).astype(float), Drivers(tracked=(price,)))
    assert ("Price", "it never changes in the past") in [(out.name, out.reason) for out in effects.left_out]


def test_what_happens_after_the_series_ends_cannot_be_seen(kiosk):
    shop = kiosk()
    flyers = weeks(shop, range(40, 520, 60))
    sold = np.random.default_rng(0).poisson(shop.usual() * 1.4 ** present(shop, flyers)).astype(float)
    table = shop.table(Drivers(Holidays("DE"), tracked=(promotion("flyer", *flyers),)))
    early = estimate(shop.series(sold).until(300), shop.days[300:328], table)
    other = sold.copy()
    other[300:] *= 5
    again = estimate(shop.series(other).until(300), shop.days[300:328], table)
    assert early.active == again.active


def test_removing_and_restoring_effects_gives_the_past_back(kiosk):
    shop = kiosk()
    flyers = weeks(shop, range(40, 520, 60))
    sold = np.random.default_rng(0).poisson(shop.usual() * 1.4 ** present(shop, flyers)).astype(float)
    past = shop.learn(sold, Drivers(tracked=(promotion("flyer", *flyers),))).past
    assert past.restore(past.remove(sold[: shop.past])) == pytest.approx(sold[: shop.past])


def test_bands_grow_with_the_effect_and_with_its_uncertainty(kiosk):
    shop = kiosk()
    street = SpecialEvent("fair", (Period(shop.future[0], shop.future[0]),), percent=50)
    future = shop.learn(np.random.default_rng(0).poisson(shop.usual()).astype(float), Drivers(events=(street,))).future
    spread = future.restore_spread(np.full(28, 100.0), np.full(28, 10.0))
    assert spread[0] == pytest.approx(1.5 * np.hypot(10, 0.3 * 0.5 * 100))
    assert spread[1] == pytest.approx(10)


def test_a_model_between_taking_out_and_putting_back_never_sees_the_drivers(kiosk):
    shop = kiosk()
    flyers = weeks(shop, [*range(40, 500, 60), 507])
    on = present(shop, flyers)
    sold = np.random.default_rng(0).poisson(shop.usual() * 1.5**on).astype(float)
    effects = shop.learn(sold, Drivers(tracked=(promotion("flyer", *flyers),)))
    plain = without_effects(shop.series(sold), effects).values
    assert plain[on[: shop.past] == 1].mean() == pytest.approx(shop.usual()[:7].mean(), rel=0.05)
    said = with_effects(Prediction(np.full(28, 100.0), np.full(28, 10.0)), effects)
    promoted = on[shop.past :] == 1
    assert said.mean[promoted] == pytest.approx(np.full(7, 150), rel=0.05)
    assert said.mean[~promoted] == pytest.approx(np.full(21, 100))
    assert said.spread is not None
    assert said.spread[promoted].min() > 1.4 * said.spread[~promoted].max()


def test_monthly_sales_follow_the_number_of_open_days():
    months = [date(2017 + k // 12, k % 12 + 1, 1) for k in range(108)]
    calendar = Calendar(Frequency.MONTHLY, open_weekdays=(0, 1, 2, 3, 4))
    table = Drivers().table(calendar, months[:96], months[96:])
    days = np.exp(table.drivers[0].values)
    sold = np.random.default_rng(0).poisson(2000 * days).astype(float)
    effects = estimate(Series(sold[:96], tuple(months[:96]), Frequency.MONTHLY, 12), months[96:], table)
    assert effects.coefficients[0].weight == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("sold", [np.zeros(500), np.full(500, 7.0), np.full(500, np.nan), np.arange(500) % 2 * 1.0])
def test_odd_series_teach_nothing_and_break_nothing(kiosk, sold):
    shop = kiosk()
    effects = shop.learn(sold, Drivers(Holidays("DE"), tracked=(promotion("flyer", *weeks(shop, [30, 100, 510])),)))
    assert np.all(np.isfinite(effects.future.restore(np.full(28, 10.0))))


def test_ten_days_of_history_teach_nothing(kiosk):
    shop = kiosk(past=10)
    effects = shop.learn(shop.usual(), Drivers(Holidays("DE"), tracked=(promotion("flyer", *weeks(shop, [2])),)))
    assert effects.active == ()


def test_returns_make_effects_add_up(kiosk):
    shop = kiosk()
    flyers = weeks(shop, range(40, 520, 60))
    sold = shop.usual(20) - 18 + 30 * present(shop, flyers) + np.random.default_rng(0).normal(0, 3, len(shop.days))
    effects = shop.learn(sold, Drivers(tracked=(promotion("flyer", *flyers),)))
    assert effects.link == "identity"
    assert effects.active[0].size == pytest.approx(30, abs=3)
