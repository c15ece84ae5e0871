"""How much one more euro brings: the season does not inflate it, carry-over is counted, contributions add up."""

import numpy as np
import pytest

from benchmarks.causal_naive import slope
from benchmarks.causal_worlds import EFFECT_WORLDS, draws, spend_panel
from engine.causal.drivers import driver_split, timeline, what_if
from engine.causal.effect import carried_over, effects, fit_model, robustness_value
from engine.causal.grade import next_test
from engine.causal.regression import explained, fit_prais_winsten, least_squares


def effect_of(panel):
    [effect] = effects(fit_model(panel))
    return effect


def test_flyers_of_an_ice_cream_stall_bring_three_fifty_and_not_what_summer_brings(ice_cream_stall):
    found = [effect_of(ice_cream_stall(seed)) for seed in range(20)]
    assert np.mean([effect.value for effect in found]) == pytest.approx(3.5, abs=0.28)
    assert sum(effect.interval[0] <= 3.5 <= effect.interval[1] for effect in found) >= 17
    panel = ice_cream_stall()
    assert slope(panel.drivers[0].values, panel.outcome.values)[0] > 6


@pytest.mark.parametrize(
    "world", [world for world in EFFECT_WORLDS if world.identifiable], ids=lambda world: world.name
)
def test_the_effect_is_right_wherever_it_can_be(world):
    found = [effect_of(spend_panel(*world.make(rng, 104))) for rng in draws(11, 0, 20)]
    assert np.mean([effect.value for effect in found]) == pytest.approx(world.truth, rel=0.15)
    assert sum(effect.interval[0] <= world.truth <= effect.interval[1] for effect in found) >= 16


def test_flyers_that_do_nothing_are_not_said_to_do_something(ice_cream_stall):
    stands = [effect_of(ice_cream_stall(seed, truth=0.0)).stands for seed in range(40)]
    assert sum(stands) <= 6


def test_carry_over_of_steady_spend_is_the_spend():
    assert carried_over(np.full(9, 120.0), 0.6) == pytest.approx(np.full(9, 120.0))


def test_a_single_campaign_works_on_and_brings_all_of_itself():
    stock = carried_over(np.array([0.0] * 10 + [100.0] + [0.0] * 60), 0.5)
    assert list(stock[9:13]) == pytest.approx([0, 50, 25, 12.5])
    assert stock.sum() == pytest.approx(100)


def test_the_robustness_value_is_that_of_the_darfur_example():
    # Cinelli & Hazlett (2020), table 1: t = 4.18 with 783 degrees of freedom, 13.9 %
    assert robustness_value(4.18445, 783) == pytest.approx(0.139, abs=5e-4)


def test_errors_that_remember_are_found_to_do_so():
    rng = np.random.default_rng(1)
    noise = np.zeros(2000)
    for t in range(1, 2000):
        noise[t] = 0.7 * noise[t - 1] + rng.normal()
    assert fit_prais_winsten(np.ones((2000, 1)), noise).rho == pytest.approx(0.7, abs=0.04)


def test_least_squares_shares_an_effect_among_twins():
    rng = np.random.default_rng(1)
    x = rng.normal(size=100)
    line = least_squares(np.column_stack([np.ones(100), x, x]), 3 * x)
    assert line.coefficients[1:] == pytest.approx([1.5, 1.5])
    assert line.degrees == 98


def test_a_constant_is_explained_by_anything():
    assert explained(np.ones((5, 1)), np.full(5, 3.0)) == 1.0


def test_what_drivers_and_calendar_contributed_adds_up_with_the_unexplained(ice_cream_stall):
    model = fit_model(ice_cream_stall())
    split = driver_split(model, effects(model), np.arange(80, 84), np.arange(90, 94))
    parts = sum(part.amount for part in split.contributions) + split.unexplained
    assert parts == pytest.approx(split.change, rel=1e-9)
    flyers = split.contributions[1]
    moved = model.panel.drivers[0].values
    truth = 3.5 * (moved[90:94].mean() - moved[80:84].mean())
    assert flyers.lower <= truth <= flyers.upper


def test_every_week_is_the_sum_of_its_parts(ice_cream_stall):
    panel = ice_cream_stall()
    model = fit_model(panel)
    assert timeline(model, effects(model)).total == pytest.approx(panel.outcome.values, rel=1e-9)


def test_asking_what_if_it_had_been_as_it_was_gives_what_was(ice_cream_stall):
    model = fit_model(ice_cream_stall())
    [effect] = effects(model)
    rows = np.arange(60, 64)
    same = what_if(model, effect, rows, model.panel.drivers[0].values[rows])
    assert same.otherwise == same.actual == same.lower == same.upper
    assert same.inside


def test_a_little_more_would_have_brought_three_fifty_each(ice_cream_stall):
    model = fit_model(ice_cream_stall())
    [effect] = effects(model)
    rows = np.arange(60, 64)
    more = what_if(model, effect, rows, model.panel.drivers[0].values[rows] + 100)
    assert more.lower - more.actual <= 400 * 3.5 <= more.upper - more.actual


def test_ten_times_the_flyers_was_never_seen_and_is_said_to_be_a_guess(ice_cream_stall):
    model = fit_model(ice_cream_stall())
    [effect] = effects(model)
    bold = what_if(model, effect, np.arange(60, 64), np.full(4, 50_000.0))
    assert not bold.inside
    assert "never above" in bold.cautions[0]
    assert bold.actual < bold.flat < bold.otherwise


def test_a_saturating_curve_brings_less_than_the_straight_line(ice_cream_stall):
    model = fit_model(ice_cream_stall())
    [effect] = effects(model)
    rows, values = np.arange(60, 64), np.full(4, 9000.0)
    straight = what_if(model, effect, rows, values)
    curved = what_if(model, effect, rows, values, lambda spend: 20_000 * spend / (spend + 5000))
    assert 0 < curved.difference < straight.difference


def test_no_weeks_to_change_is_a_mistake_of_the_caller(ice_cream_stall):
    model = fit_model(ice_cream_stall())
    [effect] = effects(model)
    with pytest.raises(ValueError, match="periods"):
        what_if(model, effect, np.arange(0), np.zeros(0))


def test_the_next_test_of_a_clear_effect_is_four_weeks_long(ice_cream_stall):
    model = fit_model(ice_cream_stall())
    [effect] = effects(model)
    plan = next_test(model, effect)
    assert plan.periods == 4
    assert "Pause flyers in 2 of the next 4 weeks" in plan.plan


def test_whether_flyers_pay_back_among_loud_noise_needs_two_regions_and_not_a_pause(ice_cream_stall):
    model = fit_model(ice_cream_stall(truth=0.05, noise=9000))
    [effect] = effects(model)
    assert next_test(model, effect).periods == 0
    assert "more than a year" in next_test(model, effect).plan
