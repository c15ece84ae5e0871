"""How far a cause may be believed: the rules, one by one, and the worlds in which nothing can be known."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.causal_worlds import EFFECT_WORLDS, draws, spend_panel
from engine.causal.checks import Check, attempts, follows_sales, future_spend, placebo_in_time, untouched_outcome
from engine.causal.effect import CandidateEffect, Effect, fit_model
from engine.causal.explain import find_evidence
from engine.causal.frame import Answers, BudgetRule
from engine.causal.grade import Grade, Standing, judge, pauses
from engine.causal.panel import PLAIN, Part, Variable

SOUND = Effect(
    "flyers", "takings", "EUR", "EUR", (CandidateEffect(0.0, PLAIN, 3.5, 0.3, 1.0),), 95, 104, 104.0, 0.4, 0.4
)
PASSED = (Check("future value", "", True, ""), Check("moved in time", "", True, ""))
BEST = Standing(SOUND, PASSED, 0.1, BudgetRule.PLANNED, tested=False, pauses=2, stability=1.0, leads=True)


def worse(**changes):
    return judge(replace(BEST, **changes))


def test_planned_switched_off_twice_and_standing_every_check_is_strong_evidence():
    assert judge(BEST).grade is Grade.A
    assert judge(BEST).grade.label == "strong evidence, not proof"
    assert judge(BEST).overturned_by


def test_a_planned_test_needs_no_answer_about_the_budget():
    assert worse(tested=True, rule=BudgetRule.UNKNOWN, pauses=0).grade is Grade.A


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rule": BudgetRule.UNKNOWN}, "How the budget is set is not known"),
        ({"rule": BudgetRule.EXPECTED_DEMAND}, "demand may be what moves both"),
        ({"rule": BudgetRule.LAST_SALES}, "follows last period's sales"),
        ({"pauses": 1}, "never switched off often enough"),
        ({"stability": 0.5}, "50 % of resampled histories"),
        ({"strongest_known": 0.9}, "as strong as the strongest known driver"),
        ({"checks": (Check("moved in time", "", None, ""),)}, "Not every check"),
        ({"effect": replace(SOUND, rows_per_driver=12.0)}, "12 periods per driver"),
        ({"treatment": False}, "not set by you"),
    ],
)
def test_one_open_point_makes_it_suggestive(changes, why):
    verdict = worse(**changes)
    assert verdict.grade is Grade.B
    assert why in " ".join(verdict.reasons)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"effect": replace(SOUND, candidates=(CandidateEffect(0.0, PLAIN, 3.5, 3.0, 1.0),))}, "includes zero"),
        ({"checks": (Check("future value", "", False, "p = 0.01"),)}, "failed a check: future value (p = 0.01)"),
        ({"rule": BudgetRule.SHARE_OF_SALES}, "share of sales"),
        (
            {
                "effect": replace(
                    SOUND, candidates=(CandidateEffect(0, PLAIN, 2, 0.1, 0.5), CandidateEffect(0.8, PLAIN, 5, 0.1, 0.5))
                )
            },
            "more than doubles",
        ),
    ],
)
def test_a_failed_check_leaves_a_pattern(changes, why):
    verdict = worse(**changes)
    assert verdict.grade is Grade.C
    assert why in " ".join(verdict.reasons)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rows": 25}, "25 usable periods"),
        ({"rows_per_driver": 9.0}, "9 periods per driver"),
        ({"calendar_share": 0.97}, "with the calendar"),
        ({"overlap": 0.97}, "only their sum"),
    ],
)
def test_too_little_to_tell_is_said_to_be_so(changes, why):
    verdict = worse(effect=replace(SOUND, **changes))
    assert verdict.grade is Grade.D
    assert why in verdict.reasons[0]


def test_two_stretches_without_spend_are_two_pauses_and_one_empty_week_is_none():
    spend = np.full(40, 100.0)
    spend[5:8] = 0
    spend[20:22] = 5
    spend[30] = 0
    assert pauses(spend) == 2


def test_a_channel_that_is_mostly_off_has_campaigns_and_not_pauses():
    assert pauses(np.array([0.0, 0, 0, 100, 0, 0, 0, 100, 0, 0, 0])) == 0


@pytest.mark.parametrize("rule", [None, BudgetRule.UNKNOWN, BudgetRule.PLANNED])
@pytest.mark.parametrize("world", [world for world in EFFECT_WORLDS if not world.identifiable], ids=lambda w: w.name)
def test_where_no_test_can_help_nothing_is_called_strong(world, rule):
    for rng in draws(4, 0, 6):
        panel = spend_panel(*world.make(rng, 104))
        evidence = find_evidence(panel, Answers(budget={"spend": rule or world.rule}))
        assert evidence.causes[0].grade is not Grade.A


def test_a_budget_booked_as_a_share_of_sales_looks_like_one():
    [world] = [world for world in EFFECT_WORLDS if world.name == "share of sales"]
    failed = 0
    for rng in draws(9, 0, 10):
        panel = spend_panel(*world.make(rng, 104))
        failed += follows_sales(panel, panel.drivers[0]).passed is False
    assert failed >= 4


def test_a_budget_set_from_last_weeks_sales_shows_in_next_weeks_spend():
    [world] = [world for world in EFFECT_WORLDS if world.name == "budget after last week's sales"]
    panel = spend_panel(*world.make(np.random.default_rng(1), 104))
    assert future_spend(fit_model(panel), panel.drivers[0]).passed is False


def test_a_real_effect_does_not_come_out_when_its_history_is_moved(ice_cream_stall):
    model = fit_model(ice_cream_stall())
    assert placebo_in_time(model, model.panel.drivers[0]).passed is True


def test_flyers_for_nothing_come_out_as_well_on_other_dates(ice_cream_stall):
    passed = [
        placebo_in_time(fit_model(panel), panel.drivers[0]).passed
        for panel in (ice_cream_stall(s, truth=0.0) for s in range(10))
    ]
    assert sum(passed) <= 3


def test_an_effect_stands_or_falls_with_what_it_cannot_touch(ice_cream_stall):
    panel = ice_cream_stall()
    model = fit_model(panel)
    far = Variable("branch abroad", Part.UNTOUCHED, "", np.random.default_rng(9).normal(size=104))
    tied = Variable("branch next door", Part.UNTOUCHED, "", panel.outcome.values + far.values)
    assert untouched_outcome(model, panel.drivers[0], far).passed is True
    assert untouched_outcome(model, panel.drivers[0], tied).passed is False
    assert [check.passed for check in attempts(model, panel.drivers[0], [far])] == [True] * 4


@pytest.mark.slow
def test_dowhys_refuters_pass_a_wrong_slope_and_are_given_no_weight():
    from engine.causal.second_look import identify_and_estimate

    [world] = [world for world in EFFECT_WORLDS if world.name == "share of sales"]
    columns = np.column_stack(world.make(np.random.default_rng(1), 104))
    found = identify_and_estimate(columns, ["spend", "sales"], [("spend", "sales")], ("spend", "sales"), simulations=20)
    assert found.value > 3
    assert all(refutation.holds for refutation in found.refutations)


@pytest.mark.slow
def test_dowhy_holds_the_season_fixed_and_gets_the_same_slope_as_least_squares():
    from engine.causal.second_look import identify_and_estimate

    rng = np.random.default_rng(2)
    season, luck = rng.normal(size=(2, 200))
    spend = season + rng.normal(size=200)
    sales = 2 * spend + 3 * season + luck
    arrows = [("season", "my spend"), ("season", "sales"), ("my spend", "sales")]
    found = identify_and_estimate(
        np.column_stack([season, spend, sales]),
        ["season", "my spend", "sales"],
        arrows,
        ("my spend", "sales"),
        simulations=0,
    )
    beta, *_ = np.linalg.lstsq(np.column_stack([np.ones(200), spend, season]), sales, rcond=None)
    assert found.adjusted_for == ("season",)
    assert found.identifiable
    assert found.value == pytest.approx(beta[1], rel=1e-9)
    assert found.interval[0] < 2 < found.interval[1]
