"""A shop asks where its marketing money should go: its sales and its spend are enough."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from engine.budget import AllocationLimits, ChannelGroup, ChannelLimit, Outlook, TypedCurve, fit_response
from engine.budget.allocate import SURE
from engine.budget.media import calendar_of
from engine.budget.sampler import Effort
from engine.errors import DataProblem
from engine.facts import Facts
from engine.narrate import narrate
from engine.narrate.pages import SURE_ENOUGH
from engine.proof import Infeasibility, Status
from engine.settings import Settings
from engine.workflows import files
from engine.workflows.budget import plan as budget
from engine.workflows.budget import report
from engine.workflows.budget.plan import BudgetQuestion
from engine.workflows.forecast.sales_drivers import OwnerCalendar, Plan, PlanKind
from tests.conftest import LATER

FIRST = date(2023, 1, 2)
WEEKS = 120


def shop_csv(channels: str = "Flyers spend (EUR),Radio spend (EUR)", weeks: int = WEEKS) -> bytes:
    """Flyers bring 3 EUR per EUR at once, radio nothing; the rest is base and a little noise."""
    rng = np.random.default_rng(4)
    flyers, radio = rng.uniform(50, 350, weeks).round(2), rng.uniform(50, 350, weeks).round(2)
    outcome = 5000 + 3 * flyers + rng.normal(0, 30, weeks)
    rows = [f"{FIRST + timedelta(weeks=k)},{outcome[k]:.2f},{flyers[k]:.2f},{radio[k]:.2f}" for k in range(weeks)]
    return "\n".join([f"Week,Revenue (EUR),{channels}", *rows]).encode()


def opened(content: bytes):
    return files.open_business(content, "shop.csv", Settings(), today=LATER)


@pytest.fixture(scope="module")
def shop() -> Outlook:
    history = budget.history_of(opened(shop_csv()))
    quick = Effort(chains=2, warm_up=60, sweeps=120, thin=1)
    return Outlook(fit_response(history, rng=np.random.default_rng(0), effort=quick))


def test_channels_carry_short_names_of_their_own(shop):
    assert shop.model is not None
    assert shop.model.channels == ("Flyers", "Radio")
    assert shop.mix().currency == "EUR"


@pytest.mark.parametrize(
    ("header", "short"),
    [
        ("Search ads spend (CHF)", "Search ads"),
        ("tv_spend", "Tv"),
        ("Radio", "Radio"),
        ("Spend", "Spend"),
        ("Local newspaper costs", "Local newspaper"),
    ],
)
def test_a_header_is_shortened_to_the_channel(header, short):
    assert budget.short_name(header) == short


def test_money_goes_to_the_channel_that_brings_something(shop):
    plan = budget.suggest(shop, BudgetQuestion(400))
    assert plan.spend["Flyers"] > 1.3 * plan.spend["Radio"]
    assert plan.proof.status is Status.OPTIMAL
    assert plan.outcome >= plan.outcome_today


def test_no_channel_leaves_its_reach_unless_the_owner_says_so(shop):
    now, total = shop.today, sum(shop.today.values())
    near = budget.suggest(shop, BudgetQuestion(total, reach=1.25))
    assert all(now[name] / 1.2501 <= near.spend[name] <= now[name] * 1.2501 for name in now)
    free = budget.suggest(shop, BudgetQuestion(total, reach=None))
    assert free.outcome >= near.outcome
    own = BudgetQuestion(total, reach=1.25, limits=AllocationLimits({"Radio": ChannelLimit.committed(0.0)}))
    assert budget.suggest(shop, own).spend["Radio"] == 0


def test_a_channel_may_be_left_out_where_only_some_are_wanted(shop):
    plan = budget.suggest(shop, BudgetQuestion(300, limits=AllocationLimits(most_channels=1)))
    assert sorted(spend > 0 for spend in plan.spend.values()) == [False, True]


def test_locked_channels_stay_in_the_best_split_for_the_rest(shop):
    plan = budget.best_for_the_rest(shop, BudgetQuestion(400), {"Flyers": 120.0, "Radio": 280.0}, ["Radio"])
    assert plan.spend["Radio"] == pytest.approx(280)
    assert plan.spend["Flyers"] <= 120 + 1e-6


def test_limits_that_clash_are_named(shop):
    limits = AllocationLimits({"Flyers": ChannelLimit(300)}, (ChannelGroup("Paper", ("Flyers",), 0, 200),))
    result = budget.suggest(shop, BudgetQuestion(400, limits=limits))
    assert result.words == ("Flyers at least 300", "Paper at most 200")


def test_profit_leaves_money_that_brings_less_than_it_costs(shop):
    plan = budget.suggest(shop, BudgetQuestion(900, reach=None, profit=True, margin=0.4))
    assert plan.spend["Radio"] < 50  # 3 EUR per EUR keep 1.2 of each, radio brings nothing


def test_a_larger_budget_never_brings_less(shop):
    found = budget.budgets(shop, BudgetQuestion(400))
    outcomes = [each.outcome for each in found]
    assert [each.total for each in found] == [400 * share for share in budget.FRONTIER]
    assert outcomes == sorted(outcomes)


def test_the_least_spend_for_a_goal_is_less_than_what_brings_more(shop):
    brought = budget.suggest(shop, BudgetQuestion(400, reach=None))
    least = budget.least_for(shop, BudgetQuestion(400), 0.5 * brought.outcome)
    assert least.total < 400
    assert least.outcome == pytest.approx(0.5 * brought.outcome, rel=1e-6)
    out_of_reach = budget.least_for(shop, BudgetQuestion(400), 1e6)
    assert isinstance(out_of_reach, Infeasibility)
    assert "out of reach" in out_of_reach.sentence


def test_the_words_rest_on_facts_and_say_how_sure(shop):
    plan = budget.suggest(shop, BudgetQuestion(sum(shop.today.values())))
    facts = budget.facts_of(shop, plan)
    said = narrate(facts, "budget")
    assert said.checked
    assert "every week" in said.text
    assert 0 <= facts["chance"].value <= 100
    assert facts["low"].value <= facts["outcome"].value <= facts["high"].value


@pytest.mark.parametrize(("chance", "warned"), [(49.0, True), (94.0, True), (95.0, False)])
def test_a_split_that_the_past_does_not_carry_is_to_be_tried_small(shop, chance, warned):
    facts = budget.facts_of(shop, budget.suggest(shop, BudgetQuestion(400)))
    told = tuple(replace(fact, value=chance) if fact.name == "chance" else fact for fact in facts.items)
    said = narrate(Facts(told, facts.cautions), "budget")
    assert said.checked
    assert ("only" in said.text and "try a small step first" in said.text) == warned
    assert SURE_ENOUGH == 100 * SURE


def test_the_next_money_is_said_in_words_with_its_range(shop):
    plan = budget.suggest(shop, BudgetQuestion(400))
    assert "the next €10 would bring about €" in report.marginal(shop, plan, "Flyers")
    assert "90% likely between" in report.marginal(shop, plan, "Flyers")
    assert "extrapolated" in report.seen(shop, "Flyers")


def test_the_certificate_says_bound_gap_and_second_look(shop):
    said = " ".join(report.certificate(budget.suggest(shop, BudgetQuestion(400))))
    assert "Proved best: within your limits no split can be worth more than" in said
    assert "found the same worth and no broken limit" in said
    held = report.holding_back(budget.suggest(shop, BudgetQuestion(300)))
    assert any(line.startswith("The total: €10 more would bring") for line in held)


def test_limits_survive_the_store_and_forget_channels_that_are_gone():
    limits = AllocationLimits(
        {"Flyers": ChannelLimit(10, 50, 5, 2), "Radio": ChannelLimit(20)},
        (ChannelGroup("Both", ("Flyers", "Radio"), 0, 90),),
        most_channels=1,
        step=5.0,
        spend_all=True,
    )
    told = budget.limits_as_json(limits)
    assert budget.limits_from_json(told, ["Flyers", "Radio"]) == limits
    assert set(budget.limits_from_json(told, ["Flyers"]).channels) == {"Flyers"}


def test_a_plan_by_the_week_is_proved_on_curves_without_a_slow_start(shop):
    plan = budget.by_period(shop, BudgetQuestion(400), 4)
    assert sum(float(each.sum()) for each in plan.spend.values()) <= 1600 * (1 + 1e-6)
    said = " ".join(report.timing(plan, ranges_only=True))
    assert "Proved: no other timing" in said
    assert "for the steady split only" in said


def test_a_link_carries_the_splits_and_nothing_of_the_file(shop):
    mine = budget.own_split(shop, "Mine", {"Flyers": 300.0, "Radio": 0.0})
    told = report.shared(shop, [mine], title="shop.csv", sentences=["Proved."], today=date(2026, 5, 3))
    seen = report.from_shared(told)
    assert seen.scenarios[0].outcome == pytest.approx(mine.outcome)
    assert seen.sentences == ("Made on 3 May 2026.", "Proved.")
    assert not any(day in str(told) for day in ("2023-", "date(2023"))
    low, high = seen.ranges["Mine"]
    assert low < mine.outcome < high


@pytest.mark.slow
def test_a_test_of_the_owner_moves_the_curve(shop):
    history = budget.history_of(opened(shop_csv(weeks=80)))
    alone = budget.learn(history, [])
    told = [{"channel": "Radio", "roas": 2.0, "error": 0.05}]
    tested = budget.learn(history, budget.lifts_from_json(told, history.channels))
    assert alone.roas("Radio").value < 1
    assert tested.roas("Radio").value == pytest.approx(2, abs=0.3)


def test_spend_that_is_missing_is_asked_for():
    rows = "\n".join(f"{FIRST + timedelta(weeks=k)},{900 + k}" for k in range(60))
    with pytest.raises(DataProblem, match="no marketing spend") as problem:
        budget.history_of(opened(f"Week,Revenue\n{rows}".encode()))
    assert "Add a column with the money spent per channel" in problem.value.remedy


def test_a_typed_curve_needs_no_file():
    outlook = Outlook(None, (TypedCurve("Posters", 100, 300, 400),), "EUR", "EUR")
    plan = budget.suggest(outlook, BudgetQuestion(100))
    assert budget.advice_of(outlook, plan) is None
    assert "chance" not in budget.facts_of(outlook, plan)
    assert "typed" in report.seen(outlook, "Posters")
    assert report.carryover_table(outlook).is_empty()


def test_two_typed_curves_need_two_names():
    told = {"channel": "Radio", "spend": 100.0, "brings": 300.0, "doubled": 400.0, "starts_slowly": False}
    with pytest.raises(DataProblem, match="Two curves are called Radio"):
        budget.curves_from_json([told, told])


def test_public_holidays_of_the_currency_or_of_the_told_country_belong_to_the_calendar():
    francs = opened(shop_csv().replace(b"EUR", b"CHF"))
    holidays = budget.history_of(francs).controls["Public holidays"]
    assert holidays[budget.history_of(francs).periods.index(date(2024, 1, 1))] == 1
    euros = opened(shop_csv())
    assert "Public holidays" not in budget.history_of(euros).controls  # the euro has no single country
    fair = Plan("Fair", PlanKind.EVENT, date(2023, 1, 3), date(2023, 1, 10))
    told = budget.history_of(euros, OwnerCalendar("DE", plans=(fair,))).controls
    assert told["Fair"][:3] == pytest.approx([6, 2, 0])
    assert told["Public holidays"].sum() > 15


def test_a_holiday_asks_for_no_more_rows():
    history = budget.history_of(opened(shop_csv()))
    with_holidays = history.with_events({"Public holidays": history.periods[::10]})
    assert calendar_of(with_holidays).effects == calendar_of(history).effects


def test_the_base_is_named_part_by_part(shop):
    assert shop.model is not None
    said = report.base(shop.model)
    assert said.startswith("The base is level, trend and season. Public holidays are not in it")
    history = shop.model.history.with_events({"Public holidays": [date(2024, 1, 1)], "street_fair": [date(2024, 5, 4)]})
    known = report.base(replace(shop.model, history=history))
    assert known == "The base is level, trend, season, public holidays and street fair."
