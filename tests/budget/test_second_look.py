"""The independent check sees every kind of wrong plan, and knows nothing of the solver."""

import pytest

from engine.budget import (
    AllocationLimits,
    Channel,
    ChannelGroup,
    ChannelLimit,
    Goal,
    Hill,
    Mix,
    Power,
    Saturating,
    allocate,
)
from engine.budget.check import recheck
from engine.budget.mix import OUTCOME

SPLIT = {"Search": 36.0, "Flyers": 64.0}


def look(mix, spend, total=100, limits=None, promised=500.0, goal=OUTCOME):
    return recheck(mix, spend, total, limits=limits or AllocationLimits(), goal=goal, promised=promised)


def test_the_right_plan_passes(florist):
    assert look(florist, SPLIT).agrees


def test_a_promise_too_good_is_seen(florist):
    seen = look(florist, SPLIT, promised=500.01)
    assert not seen.agrees
    assert seen.objective == pytest.approx(500)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (AllocationLimits({"Search": ChannelLimit(40)}), "Search gets 36, outside 40 to inf"),
        (AllocationLimits({"Flyers": ChannelLimit(maximum=60)}), "Flyers gets 64, outside 0 to 60"),
        (AllocationLimits({"Search": ChannelLimit(if_used=40)}), "Search gets 36, and needs 40 if it is used"),
        (AllocationLimits({"Search": ChannelLimit(fee=5)}), "105 are spent of 100"),
        (
            AllocationLimits(groups=(ChannelGroup("all", ("Search", "Flyers"), maximum=90),)),
            "all gets 100, outside 0 to 90",
        ),
        (AllocationLimits(most_channels=1), "2 channels are used, more than 1"),
        (AllocationLimits(step=8), "Search gets 36, which is no multiple of 8"),
    ],
)
def test_each_broken_limit_is_named(florist, limits, words):
    assert look(florist, SPLIT, limits=limits).violations == (words,)


def test_money_left_over_is_seen_where_all_must_be_spent(florist):
    assert look(florist, SPLIT, total=120, limits=AllocationLimits(spend_all=True)).violations == (
        "only 100 are spent of 120",
    )


def test_profit_is_counted_after_spend_and_fees(florist):
    limits = AllocationLimits({"Search": ChannelLimit(fee=10)})
    seen = look(florist, SPLIT, total=110, limits=limits, promised=140, goal=Goal("profit", 0.5))
    assert seen.objective == pytest.approx(0.5 * 500 - 100 - 10)
    assert seen.agrees


def test_all_kinds_of_curves_are_written_down_twice():
    mix = Mix((Channel("A", Hill(9, 2, 1.7)), Channel("B", Saturating(5, 3)), Channel("C", Power(2, 0.8))))
    assert allocate(mix, 7).proof.recheck.agrees
