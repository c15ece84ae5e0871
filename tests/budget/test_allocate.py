"""The best split: textbook optima, certificates that hold, shadow prices that keep their word."""

from itertools import product

import numpy as np
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
from engine.proof import Status


def brute_force(mix: Mix, total: float, parts: int = 60) -> float:
    """The best outcome over all splits into equal parts of the total, by dynamic programming."""
    best = np.zeros(parts + 1)
    grid = np.linspace(0, total, parts + 1)
    for channel in mix.channels:
        own = channel.curve.value(grid)
        best = np.array([max(best[k - j] + own[j] for j in range(k + 1)) for k in range(parts + 1)])
    return float(best[-1])


def test_square_roots_share_a_budget_by_the_squares_of_their_gains(florist):
    # Maximise 30 sqrt(x) + 40 sqrt(y), x + y = 100: x : y = 30^2 : 40^2, the best is 10 sqrt(30^2 + 40^2) = 500.
    plan = allocate(florist, 100)
    assert plan.spend == pytest.approx({"Search": 36, "Flyers": 64}, rel=1e-3)
    assert plan.proof.objective == pytest.approx(500, rel=1e-8)
    assert plan.proof.status is Status.OPTIMAL


def test_the_next_euro_brings_what_the_shadow_price_says(florist):
    # d/dB sqrt(B) sqrt(30^2 + 40^2) at 100 is 2.5.
    plan = allocate(florist, 100)
    assert plan.price == pytest.approx(2.5, rel=1e-3)
    assert allocate(florist, 101).outcome - plan.outcome == pytest.approx(plan.price, rel=0.01)


def test_the_steeper_of_two_logistic_channels_gets_a_small_budget_alone():
    # 3000 tanh(2x) + 2000 tanh(1.5y): at x = 0.1 the first still brings 5766 per unit, the second starts at 3000.
    mix = Mix((Channel("A", Saturating(3000, 1 / 2)), Channel("B", Saturating(2000, 1 / 1.5))))
    plan = allocate(mix, 0.1)
    assert plan.spend == pytest.approx({"A": 0.1, "B": 0.0}, abs=1e-9)
    assert plan.price == pytest.approx(6000 / np.cosh(0.2) ** 2, rel=1e-3)


def test_a_local_search_would_split_evenly_where_one_channel_should_get_all():
    # Two equal S-shaped channels: half the money each brings 2 * 100 / (1 + 8), all on one 100 / (1 + 1).
    mix = Mix((Channel("A", Hill(100, 10, 3), 5), Channel("B", Hill(100, 10, 3), 5)))
    plan = allocate(mix, 10)
    assert sorted(plan.spend.values()) == pytest.approx([0, 10], abs=1e-6)
    assert plan.proof.objective == pytest.approx(50)


@pytest.mark.parametrize("total", [50, 150, 420, 900])
def test_no_grid_of_splits_beats_the_plan_and_none_passes_its_bound(cinema, total):
    plan = allocate(cinema, total)
    best = brute_force(cinema, total)
    assert plan.outcome >= best * (1 - 1e-6)
    assert best <= plan.proof.bound * (1 + 1e-9)
    assert plan.proof.gap <= 1e-6


@pytest.mark.slow
def test_bounds_hold_on_forty_random_mixes():
    rng = np.random.default_rng(20)
    for _ in range(40):
        curves = [Hill(*rng.uniform([1, 0.05, 0.5], [5, 1.0, 3.0])) for _ in range(int(rng.integers(2, 5)))]
        mix = Mix(tuple(Channel(str(place), curve) for place, curve in enumerate(curves)))
        plan = allocate(mix, float(rng.uniform(0.3, 2)))
        assert plan.proof.status is Status.OPTIMAL
        assert plan.proof.objective >= brute_force(mix, plan.total, 40) * (1 - 1e-6)


def test_the_plan_is_never_worse_than_todays_split(cinema):
    plan = allocate(cinema, 400)
    assert plan.outcome >= plan.outcome_today


def test_scale_does_not_matter(cinema):
    large = Mix(
        tuple(Channel(c.name, Hill(c.curve.top * 1e-6, c.curve.half * 1e5, c.curve.steepness)) for c in cinema.channels)
    )
    small, big = allocate(cinema, 420), allocate(large, 420e5)
    assert big.outcome == pytest.approx(small.outcome * 1e-6, rel=1e-7)


def test_a_committed_channel_keeps_its_money_and_the_rest_is_best(florist):
    limits = AllocationLimits({"Search": ChannelLimit.committed(50)})
    assert allocate(florist, 100, limits).spend == pytest.approx({"Search": 50, "Flyers": 50})


def test_a_maximum_that_binds_is_priced_at_what_it_costs(florist):
    # Flyers at most 36: there they would bring 40 / (2 * 6) = 10/3 for the next euro, search at 64 only 30 / 16.
    plan = allocate(florist, 100, AllocationLimits({"Flyers": ChannelLimit(maximum=36)}))
    prices = {limit.name: limit.shadow_price for limit in plan.proof.binding}
    assert prices["the total"] == pytest.approx(30 / 16, rel=1e-3)
    assert prices["Flyers, maximum"] == pytest.approx(10 / 3 - 30 / 16, rel=1e-3)


def test_steps_of_fifty_give_the_best_multiples_of_fifty(cinema):
    plan = allocate(cinema, 420, AllocationLimits(step=50))
    grid = [sum(s) for s in product(range(0, 401, 50), repeat=4) if sum(s) <= 400]
    best = max(
        cinema.outcome(dict(zip(cinema.names, split, strict=True)))
        for split in product(range(0, 401, 50), repeat=4)
        if sum(split) <= 400
    )
    assert grid
    assert all(amount % 50 == 0 for amount in plan.spend.values())
    assert plan.outcome == pytest.approx(best)


def test_at_most_two_channels_are_the_best_two(cinema):
    plan = allocate(cinema, 420, AllocationLimits(most_channels=2))
    pairs = [
        allocate(Mix((cinema.channels[one], cinema.channels[two])), 420).outcome
        for one in range(4)
        for two in range(one)
    ]
    assert sum(amount > 0 for amount in plan.spend.values()) == 2
    assert plan.outcome == pytest.approx(max(pairs), rel=1e-7)


def test_a_group_gets_no_more_than_its_cap(cinema):
    plan = allocate(cinema, 420, AllocationLimits(groups=(ChannelGroup("digital", ("Search", "Social"), maximum=150),)))
    assert plan.spend["Search"] + plan.spend["Social"] <= 150 * (1 + 1e-9)
    assert plan.proof.status is Status.OPTIMAL


def test_a_channel_with_a_fee_is_used_only_when_it_earns_it():
    # sqrt curves: alone 10 sqrt(100) = 100; both with a fee of 20 for B: sqrt(80) * sqrt(200) = 126.5; with 60: 89.4.
    mix = Mix((Channel("A", Power(10, 0.5)), Channel("B", Power(10, 0.5))))
    used = allocate(mix, 100, AllocationLimits({"B": ChannelLimit(fee=20)}))
    assert used.outcome == pytest.approx(np.sqrt(80 * 200), rel=1e-7)
    unused = allocate(mix, 100, AllocationLimits({"B": ChannelLimit(fee=60)}))
    assert unused.spend == pytest.approx({"A": 100, "B": 0})


def test_a_channel_with_a_smallest_buy_gets_it_or_nothing():
    # B's smallest buy of 90 leaves 10 to A: 10 sqrt(10) + 10 sqrt(90) = 126.5 beats A alone at 100; of 100 it does not.
    mix = Mix((Channel("A", Power(10, 0.5)), Channel("B", Power(10, 0.5))))
    assert allocate(mix, 100, AllocationLimits({"B": ChannelLimit(if_used=90)})).spend["B"] == pytest.approx(90)
    assert allocate(mix, 80, AllocationLimits({"B": ChannelLimit(if_used=90)})).spend["B"] == 0


def test_profit_stops_where_the_next_euro_earns_one(florist):
    # Margin 0.5: 15 / (2 sqrt(x))... 0.5 * 30 / (2 sqrt(x)) = 1 at x = 56.25, and 100 for flyers.
    plan = allocate(florist, 1000, goal=Goal("profit", margin=0.5))
    assert plan.spend == pytest.approx({"Search": 56.25, "Flyers": 100}, rel=1e-3)
    assert plan.price == pytest.approx(0, abs=1e-3)
    assert any("unspent" in caution for caution in plan.cautions)


def test_money_that_must_be_spent_is_spent(florist):
    plan = allocate(florist, 1000, AllocationLimits(spend_all=True), goal=Goal("profit", margin=0.5))
    assert plan.spent == pytest.approx(1000)


def test_spend_beyond_the_history_is_said(cinema):
    plan = allocate(cinema, 2000)
    assert any("never spent this much" in caution for caution in plan.cautions)


def test_the_facts_carry_the_certificate(florist):
    facts = allocate(florist, 100).facts()
    assert facts["outcome"].value == pytest.approx(500, rel=1e-6)
    assert facts["next_money"].label == "Next 10 EUR bring"
    assert facts["next_money"].value == pytest.approx(25, rel=1e-3)
    assert facts["status"].value == "proved best"
    assert facts["gap"].value <= 1e-4
    assert (facts["raise_channel"].value, facts["cut_channel"].value) == ("Flyers", "Search")
