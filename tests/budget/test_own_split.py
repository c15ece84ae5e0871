"""Sliders that share a total, and curves that an owner types."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.budget import Hill, Outlook, Power, TypedCurve, advise, allocate, fit_total, keep_total, least_spend
from engine.errors import DataProblem
from engine.proof import Status

ENDS = {"Search": 100.0, "Flyers": 100.0, "Radio": 100.0}


def test_what_one_slider_gains_the_others_give_in_proportion():
    moved = keep_total({"Search": 50, "Flyers": 40, "Radio": 20}, "Search", 100, most=ENDS)
    assert moved == pytest.approx({"Search": 50, "Flyers": 100 / 3, "Radio": 50 / 3})


def test_a_locked_slider_gives_nothing():
    moved = keep_total({"Search": 60, "Flyers": 30, "Radio": 20}, "Search", 100, most=ENDS, locked=["Radio"])
    assert moved == pytest.approx({"Search": 60, "Flyers": 20, "Radio": 20})


def test_a_slider_stops_where_the_locked_ones_leave_nothing():
    moved = keep_total({"Search": 90, "Flyers": 30, "Radio": 20}, "Search", 100, most=ENDS, locked=["Flyers", "Radio"])
    assert moved["Search"] == pytest.approx(50)


def test_a_slider_does_not_fall_below_what_the_others_cannot_take():
    moved = keep_total({"Search": 0, "Flyers": 90, "Radio": 90}, "Search", 230, most=ENDS)
    assert moved == pytest.approx({"Search": 30, "Flyers": 100, "Radio": 100})


def test_channels_without_money_share_evenly_what_is_left_over():
    assert keep_total({"Search": 40, "Flyers": 0, "Radio": 0}, "Search", 100, most=ENDS) == pytest.approx(
        {"Search": 40, "Flyers": 30, "Radio": 30}
    )


def test_a_larger_budget_raises_all_but_the_locked_channels():
    raised = fit_total({"Search": 50, "Flyers": 30, "Radio": 20}, 150, most=ENDS, locked=["Radio"])
    assert raised == pytest.approx({"Search": 81.25, "Flyers": 48.75, "Radio": 20})


@given(
    some.lists(some.floats(0, 100), min_size=3, max_size=3),
    some.floats(0, 300),
    some.sampled_from(sorted(ENDS)),
    some.sets(some.sampled_from(sorted(ENDS)), max_size=1),
)
def test_the_total_is_kept_wherever_ends_and_locks_allow_it(amounts, total, moved, locked):
    spend = dict(zip(ENDS, amounts, strict=True))
    after = keep_total(spend, moved, total, most=ENDS, locked=locked)
    fixed = sum(spend[name] for name in locked if name != moved)
    free = 100 * (3 - len([name for name in locked if name != moved]))
    assert all(-1e-9 <= after[name] <= 100 + 1e-9 for name in after)
    assert all(after[name] == spend[name] for name in locked if name != moved)
    assert sum(after.values()) == pytest.approx(min(max(total, fixed), fixed + free), abs=1e-6)


def test_a_typed_curve_goes_through_what_the_owner_knows():
    # 100 brings 300 and 200 brings 400: top 600, half of it at 100.
    curve = TypedCurve("Posters", 100, 300, 400).curve
    assert isinstance(curve, Hill)
    assert (curve.top, curve.half, curve.steepness) == pytest.approx((600, 100, 1))


def test_twice_as_much_for_twice_the_money_is_a_straight_line():
    assert TypedCurve("Posters", 100, 300, 600).curve == Power(3, 1)


def test_a_channel_that_starts_slowly_may_bring_more_than_twice_as_much():
    curve = TypedCurve("Radio", 100, 50, 200, starts_slowly=True).curve
    assert curve.value(np.array([100.0, 200.0])) == pytest.approx([50, 200])
    assert curve.inflection > 0


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (("Radio", 100, 50, 200), "starts slowly"),
        (("Radio", 100, 50, 50), "must bring more"),
        (("Radio", 100, 50, 400, True), "far more"),
        (("Radio", 0, 50, 60), "above 0"),
        ((" ", 100, 50, 60), "no name"),
    ],
)
def test_a_curve_that_cannot_be_is_explained(told, says):
    with pytest.raises(DataProblem, match=says):
        TypedCurve(*told)


def test_typed_curves_alone_are_enough_for_a_proved_split():
    outlook = Outlook(None, (TypedCurve("Posters", 100, 300, 400), TypedCurve("Radio", 100, 300, 400)), "EUR", "EUR")
    plan = allocate(outlook.mix(), 300)
    assert plan.proof.status is Status.OPTIMAL
    assert plan.spend == pytest.approx({"Posters": 150, "Radio": 150}, rel=1e-3)
    assert outlook.expected(plan.spend).value == pytest.approx(2 * 600 * 150 / 250)


def test_an_own_curve_takes_the_place_of_the_learnt_one(fitted):
    outlook = Outlook(fitted, (TypedCurve("Radio", 100, 300, 400),))
    assert outlook.learnt == ("Flyers",)
    assert outlook.mix()["Radio"].outcome(100) == pytest.approx(300)
    assert outlook.mix()["Radio"].today == fitted.today["Radio"]
    assert "Radio is what you typed" in " ".join(outlook.cautions)
    both = outlook.expected({"Flyers": 200, "Radio": 100})
    assert both.value == pytest.approx(fitted.expected({"Flyers": 200}).value + 300)


def test_advice_goes_where_the_history_is_sure(fitted):
    # Flyers bring 3 per euro and radio nothing: moving all of the money is nearly sure to be better.
    outlook = Outlook(fitted)
    plan = allocate(outlook.mix(), sum(fitted.today.values()))
    assert advise(outlook, plan).step == 1


def test_the_least_spend_is_proved_although_the_target_is_met_to_the_digit(fitted):
    found = least_spend(fitted.mix(), 600, most=2000)
    assert found.proof.status is Status.OPTIMAL
    assert found.outcome == pytest.approx(600, rel=1e-6)


@pytest.fixture(scope="module")
def fitted(bakery):
    from engine.budget import fit_response
    from engine.budget.sampler import Effort

    return fit_response(bakery(), rng=np.random.default_rng(1), effort=Effort(chains=2, warm_up=60, sweeps=120, thin=1))
