"""Limits that cannot all hold are named in words, and only those that matter."""

import pytest

from engine.budget import AllocationLimits, ChannelGroup, ChannelLimit, allocate
from engine.errors import DataProblem
from engine.proof import Infeasibility


def clash(mix, total, limits):
    result = allocate(mix, total, limits)
    assert isinstance(result, Infeasibility)
    return result


def test_minima_above_the_total_say_by_how_much(cinema):
    found = clash(
        cinema,
        420,
        AllocationLimits({"Search": ChannelLimit(300), "Radio": ChannelLimit(200), "Mail": ChannelLimit(0)}),
    )
    assert found.words == ("Search at least 300", "Radio at least 200", "at most 420 in total")
    assert found.relaxations[0].needed == pytest.approx(500)
    assert "Loosen one of them by at least 80." in str(found)


def test_a_minimum_above_its_own_maximum_is_the_whole_clash(cinema):
    found = clash(cinema, 420, AllocationLimits({"Search": ChannelLimit(300, 200), "Mail": ChannelLimit(10)}))
    assert found.words == ("Search at least 300", "Search at most 200")


def test_a_group_below_its_members_minimum_is_found(cinema):
    limits = AllocationLimits(
        {"Mail": ChannelLimit(10)}, groups=(ChannelGroup("offline", ("Radio", "Mail"), maximum=5),)
    )
    assert clash(cinema, 420, limits).words == ("Mail at least 10", "offline at most 5")


def test_more_must_be_used_than_may_be(cinema):
    found = clash(cinema, 420, AllocationLimits({name: ChannelLimit(1) for name in cinema.names}, most_channels=2))
    assert len(found.words) == 4  # any three minima, and the number of channels
    assert found.words[-1] == "at most 2 channels"


def test_money_that_nobody_may_take_cannot_be_spent(cinema):
    limits = AllocationLimits({name: ChannelLimit(maximum=50) for name in cinema.names}, spend_all=True)
    found = clash(cinema, 420, limits)
    assert found.words[-1] == "exactly 420 in total"
    assert found.relaxations[0].needed == pytest.approx(200)
    assert found.remedy == "Loosen one of them by at least 220."


def test_no_multiple_of_a_hundred_lies_between_120_and_180(cinema):
    found = clash(cinema, 420, AllocationLimits({"Search": ChannelLimit(120, 180)}, step=100))
    assert found.words == ("Search at least 120", "Search at most 180", "in steps of 100")


def test_a_contract_keeps_its_odd_amount_among_steps(cinema):
    plan = allocate(cinema, 420, AllocationLimits({"Radio": ChannelLimit.committed(123)}, step=10))
    assert plan.spend["Radio"] == pytest.approx(123)


@pytest.mark.parametrize(
    ("total", "limits", "words"),
    [
        (100, AllocationLimits({"Television": ChannelLimit(1)}), "no channel called Television"),
        (100, AllocationLimits({"Search": ChannelLimit(-1)}), "negative or not a number"),
        (100, AllocationLimits({"Search": ChannelLimit(float("nan"))}), "negative or not a number"),
        (float("inf"), AllocationLimits(), "negative or not a number"),
        (1e9, AllocationLimits(step=0.01), "very fine"),
    ],
)
def test_limits_without_sense_are_refused(cinema, total, limits, words):
    with pytest.raises(DataProblem, match=words):
        allocate(cinema, total, limits)
