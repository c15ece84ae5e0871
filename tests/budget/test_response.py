"""Response curves of simulated businesses whose truth is known."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.response import near_today
from engine.budget import (
    LiftTest,
    MediaHistory,
    TooFewRows,
    advise,
    allocate,
    fit_response,
    media_history,
    trade_off,
)
from engine.budget.response import split_r_hat
from engine.budget.sampler import Effort
from engine.business.model import Business
from engine.errors import DataProblem
from engine.ingest import read_dataset
from tests.conftest import LATER

SAMPLES = Path(__file__).parents[2] / "sample_data"
QUICK = Effort(chains=2, warm_up=150, sweeps=300, thin=2)


def fitted(history, **more):
    return fit_response(history, rng=np.random.default_rng(1), effort=QUICK, **more)


@pytest.fixture(scope="module")
def model(bakery):
    """The bakery of the conftest: flyers bring 3 per euro, radio nothing."""
    return fitted(bakery())


def test_flyers_bring_about_three_euros_per_euro(model):
    roas = model.roas("Flyers")
    assert roas.lower <= 3 <= roas.upper
    assert roas.value == pytest.approx(3, rel=0.25)


def test_radio_that_does_nothing_is_seen_not_to_earn_its_money_back(model):
    assert model.roas("Radio").value < 0.5
    assert model.roas("Radio").upper < model.roas("Flyers").lower
    assert model.roas("Radio").lower == pytest.approx(0, abs=0.05)


def test_the_next_euro_on_flyers_brings_three_more_where_money_was_spent(model):
    assert model.marginal_roas("Flyers").value == pytest.approx(3, rel=0.25)


def test_base_channels_and_rest_add_up_to_the_outcome(model):
    parts = model.contributions()
    total = sum(parts[name].to_numpy() for name in ("base", "Flyers", "Radio", "unexplained"))
    assert total == pytest.approx(model.history.outcome)
    assert model.explained > 0.9


def test_the_best_split_takes_money_from_radio(model):
    mix = model.mix()
    today = sum(mix.today.values())
    plan = allocate(mix, today, near_today(mix))
    assert plan.spend["Flyers"] > mix.today["Flyers"] * 1.3
    assert model.chance_better(plan.spend, mix.today) > 0.95


def test_a_clear_case_is_advised_in_full(model):
    mix = model.mix()
    advice = advise(model, allocate(mix, sum(mix.today.values()), near_today(mix)))
    assert (advice.step, advice.stays) == (1.0, False)
    assert advice.chance > 0.95


def test_where_noise_hides_everything_the_advice_is_to_stay(bakery):
    rng = np.random.default_rng(12)
    spend = {name: rng.uniform(90, 110, 130) for name in ("Flyers", "Radio")}
    found = fitted(bakery(noise=2000.0, spend=spend))
    mix = found.mix()
    advice = advise(found, allocate(mix, sum(mix.today.values()), near_today(mix)))
    assert advice.stays
    assert advice.spend == pytest.approx(dict(mix.today))


def test_the_same_seed_gives_the_same_model(bakery, model):
    assert fitted(bakery()).table().equals(model.table())


def test_a_true_decay_of_one_half_is_among_the_plausible_ones(bakery, weeks):
    rng = np.random.default_rng(8)
    spend = rng.uniform(50, 350, 130)
    worked, level = np.empty(130), 200.0
    for week, amount in enumerate(spend):
        level = 0.5 * amount + 0.5 * level
        worked[week] = level
    outcome = 5000 + 3 * worked + rng.normal(0, 30, 130)
    found = fitted(MediaHistory(weeks(130), outcome, {"Flyers": spend}))
    assert found.typical_carryover("Flyers").decay == pytest.approx(0.5, abs=0.1)
    assert found.roas("Flyers").lower <= 3 <= found.roas("Flyers").upper


def test_a_season_that_moves_both_is_not_credited_to_the_channel(weeks):
    rng = np.random.default_rng(9)
    season = np.sin(2 * np.pi * np.arange(156) / 52.18)
    spend = 200 + 100 * season + rng.uniform(-60, 60, 156)
    outcome = 8000 + 1500 * season + 2 * spend + rng.normal(0, 60, 156)
    found = fitted(MediaHistory(weeks(156), outcome, {"Search": spend}))
    naive = np.polyfit(spend, outcome, 1)[0]
    assert naive > 8
    assert found.roas("Search").upper < 4


def test_a_lift_test_pulls_the_return_towards_what_it_found(bakery):
    noisy = bakery(noise=900.0)
    free, tested = fitted(noisy), fitted(noisy, lifts=[LiftTest("Flyers", 2.1, 0.1)])
    assert tested.roas("Flyers").value == pytest.approx(2.1, abs=0.15)
    width = free.roas("Flyers").upper - free.roas("Flyers").lower
    assert tested.roas("Flyers").upper - tested.roas("Flyers").lower < 0.5 * width


def test_a_lift_test_of_an_unknown_channel_is_refused(bakery):
    with pytest.raises(DataProblem, match="about Television"):
        fitted(bakery(), lifts=[LiftTest("Television", 2, 0.1)])


def test_too_few_weeks_say_how_many_would_do(bakery):
    rng = np.random.default_rng(3)
    many = {f"Channel {number}": rng.uniform(10, 90, 60) for number in range(8)}
    with pytest.raises(TooFewRows, match=r"60 weeks for 10 effects .* About 100 weeks would do"):
        fitted(bakery(count=60, spend=many))


def test_more_channels_than_rows_are_refused(bakery):
    rng = np.random.default_rng(3)
    many = {f"Channel {number}": rng.uniform(10, 90, 40) for number in range(50)}
    with pytest.raises(TooFewRows, match="put small channels together"):
        fitted(bakery(count=40, spend=many))


def test_a_channel_spent_on_evenly_is_set_aside_with_the_reason(bakery):
    base = bakery()
    found = fitted(bakery(spend={**base.spend, "Sign": np.full(130, 40.0), "Unused": np.zeros(130)}))
    assert found.channels == ("Flyers", "Radio")
    assert [(each.channel, each.reason) for each in found.aside] == [
        ("Sign", "was spent on evenly all the time"),
        ("Unused", "was never spent on"),
    ]
    assert any(caution.startswith("Sign was spent on evenly") for caution in found.cautions)


def test_when_no_channel_varies_the_remedy_is_to_vary_one(bakery):
    with pytest.raises(DataProblem, match="Change the spend for some weeks"):
        fitted(bakery(spend={"Sign": np.full(130, 40.0)}))


def test_spend_that_follows_the_calendar_is_set_aside(bakery, weeks):
    days = np.array([day.toordinal() for day in weeks(130)])
    spend = 200 + 100 * np.sin(2 * np.pi * days / 365.25)
    found = fitted(bakery(spend={**bakery().spend, "Christmas": spend}))
    assert [each.channel for each in found.aside] == ["Christmas"]


def test_channels_that_move_together_are_said_to(bakery):
    base = bakery()
    rng = np.random.default_rng(2)
    twin = base.spend["Flyers"] * 0.5 + rng.normal(0, 3, 130)
    found = fitted(bakery(spend={**base.spend, "Posters": np.maximum(twin, 0)}))
    assert found.together == (("Flyers", "Posters"),)
    assert any("only what they bring in sum" in caution for caution in found.cautions)


def test_caution_trades_the_mean_for_the_bad_case(bakery):
    found = fitted(bakery(noise=600.0))
    mix = found.mix()
    points = trade_off(found, sum(mix.today.values()), near_today(mix), points=3)
    assert [point.caution for point in points] == [0, 0.5, 1]
    assert points[0].expected >= points[-1].expected - 1e-6 * points[0].expected
    assert all(point.cautious <= point.expected for point in points)


def test_the_facts_name_each_channel_and_its_return(model):
    facts = model.facts()
    assert facts["channel_1"].value == "Flyers"
    assert facts["return_1"].value == pytest.approx(3, rel=0.25)
    assert facts["return_1_lower"].value < facts["return_1"].value < facts["return_1_upper"].value
    assert any("not an experiment" in caution for caution in facts.cautions)


def test_chains_that_agree_have_an_r_hat_of_one_and_others_do_not():
    rng = np.random.default_rng(1)
    chain = np.repeat([0, 1], 500)
    assert split_r_hat(rng.normal(size=1000), chain) == pytest.approx(1, abs=0.02)
    assert split_r_hat(rng.normal(size=1000) + 5 * chain, chain) > 2


@pytest.mark.slow
def test_the_true_returns_of_the_sample_businesses_lie_in_their_intervals():
    truth = json.loads((SAMPLES / "truth.json").read_text())
    hits = []
    for name in ("bakery", "clothing_shop", "clinic", "cafe", "online_shop"):
        dataset = Business(read_dataset((SAMPLES / f"{name}.xlsx").read_bytes(), f"{name}.xlsx"), LATER)
        model = fit_response(media_history(dataset), rng=np.random.default_rng(1))
        for channel, known in truth[name]["marketing"]["channels"].items():
            [column] = [each for each in model.channels if each.startswith(channel)]
            roas = model.roas(column)
            hits.append(roas.lower <= known["average_return_over_history"] <= roas.upper)
    assert len(hits) == 14
    assert sum(hits) >= 11  # nine tenths, less what chance may take
