"""When to spend: plans period by period against small cases that can be worked out by hand."""

from itertools import product

import numpy as np
import pytest

from engine.budget import AllocationLimits, Channel, ChannelLimit, Hill, Mix, Power, geometric, plan_periods
from engine.errors import DataProblem
from engine.proof import Status


@pytest.fixture
def kiosk() -> Mix:
    """One channel that brings ten times the root of what works."""
    return Mix((Channel("Posters", Power(10.0, 0.5), 25.0),), "EUR", "EUR")


def test_without_carry_over_an_even_spend_is_best_on_a_concave_curve(kiosk):
    plan = plan_periods(kiosk, {}, 100, periods=4)
    assert plan.spend["Posters"] == pytest.approx(25, rel=1e-3)
    assert plan.total_outcome == pytest.approx(200, rel=1e-7)
    assert plan.proof.status is Status.OPTIMAL


def test_a_steady_today_is_kept_when_the_total_is_todays(kiosk):
    # Before and after goes on at 25: with carry-over too, no timing beats the same 25 in every week.
    plan = plan_periods(kiosk, {"Posters": geometric(0.5)}, 100, periods=4)
    assert plan.total_outcome == pytest.approx(plan.outcome_even, rel=1e-6)


def test_money_too_little_to_be_heard_every_week_is_spent_in_pulses():
    # Each week alone is too small to be heard: all the money in two of four weeks brings 2 * 50, evenly 4 * 100/(1+8).
    mix = Mix((Channel("Radio", Hill(100, 50, 3), 0.0),), "EUR", "EUR")
    plan = plan_periods(mix, {}, 100, periods=4)
    assert plan.total_outcome > 99
    assert plan.outcome_even == pytest.approx(4 * 100 / 9)


@pytest.mark.slow
def test_what_no_timing_can_exceed_holds_for_every_timing_that_can_be_tried():
    # Every split of 120 over three weeks in steps of 4, with a fifth of what works in one week left in the next.
    mix, carry = Mix((Channel("Radio", Hill(100, 40, 3), 0.0),), "EUR", "EUR"), geometric(0.2)
    plan = plan_periods(mix, {"Radio": carry}, 120, periods=3)
    weights, best = np.array(carry.weights), 0.0
    for first, second in product(range(0, 121, 4), repeat=2):
        if first + second <= 120:
            working = np.convolve([first, second, 120 - first - second], weights)
            best = max(best, float(mix["Radio"].curve.value(working).sum()))
    assert plan.total_outcome >= best * (1 - 1e-3)
    assert plan.proof.bound >= max(best, plan.total_outcome)
    assert plan.proof.gap < 2e-3
    assert plan.proof.recheck.agrees


def test_a_slow_start_under_impossible_limits_is_refused():
    mix = Mix((Channel("Radio", Hill(100, 40, 3), 0.0),), "EUR", "EUR")
    result = plan_periods(mix, {}, 100, periods=4, limits=AllocationLimits({"Radio": ChannelLimit(50, 60)}))
    assert result.words == ("at most 100 over 4 periods", "the channels' own limits")


def test_todays_spend_still_works_in_the_first_weeks():
    mix = Mix((Channel("Posters", Power(10.0, 0.5), 100.0),), "EUR", "EUR")
    plan = plan_periods(mix, {"Posters": geometric(0.5)}, 0, periods=1)
    # Nothing is spent, and half of the steady 100 is still there.
    assert plan.outcome["Posters"][0] == pytest.approx(10 * np.sqrt(50), rel=0.01)


def test_limits_hold_in_every_period(florist):
    limits = AllocationLimits({"Search": ChannelLimit(20, 30)})
    plan = plan_periods(florist, {"Search": geometric(0.3)}, 300, periods=3, limits=limits, most_per_period=120)
    together = sum(plan.spend.values())
    assert np.all(together <= 120 * (1 + 1e-6))
    assert np.all((plan.spend["Search"] >= 20 - 1e-6) & (plan.spend["Search"] <= 30 + 1e-6))
    assert plan.proof.recheck.agrees


def test_limits_of_the_steady_state_are_refused_here(kiosk):
    with pytest.raises(DataProblem, match="minima and maxima per channel only"):
        plan_periods(kiosk, {}, 100, periods=4, limits=AllocationLimits(step=10))


def test_a_plan_of_no_period_is_refused(kiosk):
    with pytest.raises(ValueError, match="at least one period"):
        plan_periods(kiosk, {}, 100, periods=0)
