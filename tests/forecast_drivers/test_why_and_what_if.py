"""Explained to the last unit, changed to see what happens, overruled and judged."""

from datetime import date

import numpy as np
import pytest

from engine.business.calendar import Calendar, Period
from engine.dataset import Frequency
from engine.errors import DataProblem
from engine.forecast.changes import (
    ExtraEvent,
    Override,
    PriceChange,
    PromotionPlan,
    change_drivers,
    judge,
    overrule,
    price_path,
    what_if,
)
from engine.forecast.drivers import DriverKind, Drivers, Holidays, SpecialEvent, Tracked, promotion
from engine.forecast.explain import LEVEL, SEASON, TREND, explain

EVERY_DAY = Calendar(Frequency.DAILY)


@pytest.fixture
def shop(kiosk):
    return kiosk()


@pytest.fixture
def drivers(shop):
    flyers = [Period(shop.days[start], shop.days[start + 6]) for start in (*range(40, 500, 60), 507)]
    prices = {0: 2.0, 90: 2.2, 170: 1.9, 260: 2.1, 340: 2.3, 430: 2.0}
    return Drivers(
        holidays=Holidays("US"),
        events=(SpecialEvent("street closed", (Period(shop.future[1], shop.future[3]),), percent=-30),),
        tracked=(
            promotion("flyer", *flyers),
            Tracked("Price", DriverKind.PRICE, {shop.days[k]: value for k, value in prices.items()}),
        ),
    )


@pytest.fixture
def learnt(shop, drivers):
    table = shop.table(drivers)
    by_name = {driver.name: driver.values for driver in table.drivers}
    truth = shop.usual() * 1.4 ** by_name["flyer"] * np.exp(-2 * by_name["Price"]) * (1 + np.arange(528) / 2000)
    sold = np.random.default_rng(0).poisson(truth).astype(float)
    return sold, shop.learn(sold, drivers)


def explained(shop, sold, effects, forecast=None):
    plain = shop.usual()[shop.past :] * 1.26
    points = effects.future.restore(plain) if forecast is None else forecast
    past = effects.past.remove(sold[: shop.past])
    return explain(points, plain, effects.future, past=past, season_length=7, unit="units")


def test_contributions_add_up_to_the_forecast_in_every_period_and_in_total(shop, learnt):
    told = explained(shop, *learnt)
    assert np.abs(sum(part.values for part in told.contributions) - told.forecast).max() < 1e-9
    assert sum(part.total for part in told.contributions) == pytest.approx(told.forecast.sum(), abs=1e-9)


def test_even_what_the_floor_cut_off_is_accounted_for(shop, learnt):
    sold, effects = learnt
    told = explained(shop, sold, effects, np.maximum(effects.future.restore(shop.usual()[shop.past :]), 90.0))
    assert np.abs(sum(part.values for part in told.contributions) - told.forecast).max() < 1e-9


def test_each_part_says_what_it_is_and_has_the_right_sign(shop, learnt):
    parts = {part.name: part for part in explained(shop, *learnt).contributions}
    assert parts["flyer"].kind == "promotion"
    assert parts["flyer"].total > 0 > parts["street closed"].total
    assert np.flatnonzero(parts["street closed"].values).tolist() == [1, 2, 3]
    assert parts[SEASON].values[:7].sum() == pytest.approx(0, abs=1)
    assert parts[LEVEL].values[0] == pytest.approx(100 * 1.25, rel=0.1)
    assert abs(parts[TREND].total) < 0.1 * parts[LEVEL].total


def test_two_effects_on_one_day_share_what_they_do_together(shop, drivers, learnt):
    sold, _ = learnt
    busy = change_drivers(
        drivers, PromotionPlan("flyer", Period(shop.future[0], shop.future[6])), EVERY_DAY, shop.future
    )
    effects = shop.learn(sold, busy)
    parts = {part.name: part for part in explained(shop, sold, effects).contributions}
    weights = {c.name: c.weight for c in effects.coefficients}
    # Logarithmic mean: on one day, parts are in the ratio of their logarithms.
    ratio = parts["flyer"].values[2] / parts["street closed"].values[2]
    assert ratio == pytest.approx(weights["flyer"] / weights["street closed"])


def test_a_closed_holiday_takes_the_whole_day_away(kiosk):
    shop = kiosk(past=710)
    sold = np.random.default_rng(0).poisson(shop.usual()).astype(float)
    sold[(date(2024, 12, 25) - shop.days[0]).days] = np.nan
    effects = shop.learn(sold, Drivers(Holidays("GB")))
    told = explained(shop, sold, effects)
    closed = next(part for part in told.contributions if part.name == "closed days")
    place = told.periods.index(date(2025, 12, 25))
    assert told.forecast[place] == 0
    assert closed.values[place] == pytest.approx(-(shop.usual()[shop.past + place] * 1.26))
    assert np.abs(sum(part.values for part in told.contributions) - told.forecast).max() < 1e-9


def test_the_facts_of_an_explanation_hold_each_total(shop, learnt):
    told = explained(shop, *learnt)
    facts = told.facts()
    assert facts["explained_total"].value == pytest.approx(told.forecast.sum())
    assert len(facts.items) == len(told.contributions) + 1


def test_a_price_5_percent_higher_sells_what_the_elasticity_says(shop, drivers, learnt):
    _, effects = learnt
    change = PriceChange("Price", 5, Period(shop.future[0], shop.future[-1]))
    plan = change_drivers(drivers, change, EVERY_DAY, shop.future)
    told = what_if(
        np.full(28, 100.0), effects, effects.under(shop.table(plan), shop.future), unit="units", change=change
    )
    assert told.facts()["whatif_percent"].value == pytest.approx(100 * (1.05**-2 - 1), abs=1.5)
    assert told.sd > 0
    facts = told.facts()
    assert facts["whatif_lower"].value < told.total < facts["whatif_upper"].value
    assert told.cautions == ()


def test_a_dearer_price_is_known_on_every_day_ahead(shop, drivers):
    change = PriceChange("Price", 5, Period(shop.future[0], shop.future[-1]))
    plan = change_drivers(drivers, change, EVERY_DAY, shop.future)
    before, after = (price_path(d.tracked[1], shop.future) for d in (drivers, plan))
    assert after == pytest.approx(1.05 * before)


def test_a_promotion_in_week_three_moves_week_three_alone(shop, drivers, learnt):
    _, effects = learnt
    change = PromotionPlan("flyer", Period(shop.future[14], shop.future[20]))
    plan = change_drivers(drivers, change, EVERY_DAY, shop.future)
    told = what_if(
        np.full(28, 100.0), effects, effects.under(shop.table(plan), shop.future), unit="units", change=change
    )
    assert np.flatnonzero(np.abs(told.difference) > 1e-9).tolist() == list(range(14, 21))
    assert told.difference[14] == pytest.approx(40, abs=5)


def test_an_event_nobody_planned_counts_as_typed(shop, drivers, learnt):
    _, effects = learnt
    change = ExtraEvent("marathon", Period(shop.future[20], shop.future[20]), percent=50)
    plan = change_drivers(drivers, change, EVERY_DAY, shop.future)
    told = what_if(
        np.full(28, 100.0), effects, effects.under(shop.table(plan), shop.future), unit="units", change=change
    )
    assert told.total == pytest.approx(0.5 * told.planned[20])


def test_a_price_far_from_the_past_is_called_a_guess(shop, drivers, learnt):
    _, effects = learnt
    change = PriceChange("Price", 50, Period(shop.future[0], shop.future[-1]))
    plan = change_drivers(drivers, change, EVERY_DAY, shop.future)
    told = what_if(
        np.full(28, 100.0), effects, effects.under(shop.table(plan), shop.future), unit="units", change=change
    )
    assert "read this as a guess" in told.cautions[0]


def test_a_driver_without_an_effect_says_that_nothing_changes(shop):
    quiet = Drivers(tracked=(promotion("flyer", Period(shop.days[40], shop.days[46])),))
    effects = shop.learn(np.random.default_rng(0).poisson(shop.usual()).astype(float), quiet)
    change = PromotionPlan("flyer", Period(shop.future[0], shop.future[6]))
    plan = change_drivers(quiet, change, EVERY_DAY, shop.future)
    told = what_if(
        np.full(28, 100.0), effects, effects.under(shop.table(plan), shop.future), unit="units", change=change
    )
    assert told.total == 0
    assert told.cautions == ("flyer changes nothing here: your past shows no effect beyond chance.",)


def test_an_unknown_price_is_refused_with_the_known_names(shop, drivers):
    with pytest.raises(DataProblem, match="Known are: flyer, Price"):
        change_drivers(drivers, PriceChange("Prise", 5, Period(shop.future[0], shop.future[1])), EVERY_DAY, shop.future)


MAY = tuple(date(2025, 5, day) for day in range(1, 8))


def test_the_owners_figure_stands_in_the_forecast_and_the_models_beside_it():
    early = Override(MAY[2], 150, 100, date(2025, 4, 20))
    late = Override(MAY[2], 120, 100, date(2025, 4, 28), "fewer guests")
    other = Override(date(2025, 7, 1), 5, 9, date(2025, 4, 1))
    plan = overrule(MAY, np.full(7, 100.0), [late, early, other])
    assert plan.final.tolist() == [100, 100, 120, 100, 100, 100, 100]
    assert plan.model.tolist() == [100.0] * 7
    assert plan.used == (late,)


def test_owner_and_model_are_judged_by_what_was_sold():
    made = date(2025, 4, 30)
    own = [Override(MAY[0], 120, 100, made), Override(MAY[1], 80, 100, made), Override(MAY[2], 50, 60, made)]
    sold = {MAY[0]: 115.0, MAY[1]: 105.0, MAY[2]: float("nan")}
    record = judge(own, sold, unit="units")
    assert record.judged == 2
    assert record.owner_error == pytest.approx(100 * (5 + 25) / 220)
    assert record.model_error == pytest.approx(100 * (15 + 5) / 220)
    assert record.owner_closer == 1
    assert record.gain == pytest.approx(-50)
    assert record.facts().cautions == (
        "Only 2 of your own figures can be judged: too few to say who forecasts better.",
    )


def test_a_figure_that_was_typed_after_the_day_began_is_not_judged():
    record = judge([Override(MAY[0], 115, 100, MAY[1])], {MAY[0]: 115.0}, unit="units")
    assert record.judged == 0
    assert record.facts().cautions == ("None of your own figures can be judged yet.",)


def test_a_negative_figure_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        Override(MAY[0], -1, 100, MAY[0])
