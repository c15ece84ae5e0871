"""The inverse question, larger budgets, and splits of the owner's own."""

import pytest

from engine.budget import AllocationLimits, ChannelLimit, allocate, frontier, least_spend, scenario
from engine.proof import Infeasibility, Status


def test_the_least_spend_for_five_hundred_is_a_hundred(florist):
    # sqrt(B) * 50 = 500.
    plan = least_spend(florist, 500, most=1000)
    assert plan.total == pytest.approx(100, rel=2e-7)
    assert plan.outcome >= 500 * (1 - 1e-9)


def test_less_money_is_proved_not_to_reach_the_target(florist):
    proof = least_spend(florist, 500, most=1000).proof
    assert proof.status is Status.OPTIMAL
    assert proof.bound < 100.0001
    assert proof.gap <= 1e-6


def test_a_target_through_s_shaped_channels_is_undone_by_the_forward_question(cinema):
    plan = least_spend(cinema, 900, most=2000)
    assert allocate(cinema, plan.total * (1 - 1e-4)).proof.bound < 900


def test_minima_cost_their_money_whatever_the_target(florist):
    plan = least_spend(florist, 10, AllocationLimits({"Search": ChannelLimit(70)}), most=1000)
    assert plan.total == pytest.approx(70, rel=1e-5)


def test_a_target_out_of_reach_says_what_is_possible(florist):
    result = least_spend(florist, 600, most=100)
    assert isinstance(result, Infeasibility)
    assert "at most 500 can be brought in" in result.sentence
    assert result.relaxations[0].needed == pytest.approx(500)


def test_minima_beyond_the_most_are_a_clash(florist):
    result = least_spend(florist, 10, AllocationLimits({"Search": ChannelLimit(70)}), most=50)
    assert result.words == ("Search at least 70", "at most 50 in total")


def test_a_larger_budget_never_brings_less(cinema):
    outcomes = [plan.outcome for plan in frontier(cinema, [100, 200, 300, 400, 500])]
    assert outcomes == sorted(outcomes)


def test_budgets_below_the_minima_are_left_out(florist):
    plans = frontier(florist, [50, 100], AllocationLimits({"Search": ChannelLimit(70)}))
    assert [plan.total for plan in plans] == [100]


def test_a_split_of_the_owners_own_is_summed_by_the_curves(florist):
    own = scenario(florist, "Mine", {"Search": 100, "Flyers": 25})
    assert (own.total, own.outcome) == (125, pytest.approx(500))
    assert own.spend == {"Search": 100, "Flyers": 25}


def test_an_owners_own_curve_replaces_a_fitted_one(florist, cinema):
    mix = cinema.with_curve("Radio", florist["Search"].curve)
    assert mix.outcome({"Radio": 100}) == pytest.approx(300)
    assert mix["Radio"].seen is None
