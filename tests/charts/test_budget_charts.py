"""Figures of a budget: solid where money was spent, dotted beyond, the marked points where they belong."""

from datetime import date, timedelta

import numpy as np
import pytest

from engine.budget import (
    Channel,
    MediaHistory,
    Mix,
    Outlook,
    Power,
    TradeOff,
    TypedCurve,
    allocate,
    fit_response,
    frontier,
    plan_periods,
    scenario,
)
from engine.budget.sampler import Effort
from engine.charts import budget as charts

WEEKS = tuple(date(2022, 1, 3) + timedelta(weeks=k) for k in range(60))


@pytest.fixture(scope="module")
def model():
    """A shop whose flyers bring about two euros per euro, by a short fit."""
    rng = np.random.default_rng(5)
    spend = {"Flyers": rng.uniform(20, 200, 60), "Radio": rng.uniform(20, 200, 60)}
    outcome = 2000 + 2 * spend["Flyers"] + rng.normal(0, 40, 60)
    history = MediaHistory(WEEKS, outcome, spend, unit="EUR", currency="EUR")
    return fit_response(history, rng=rng, effort=Effort(chains=1, warm_up=50, sweeps=100, thin=1))


@pytest.fixture
def florist():
    return Mix((Channel("Search", Power(30.0, 0.5), 50.0), Channel("Flyers", Power(40.0, 0.5), 50.0)), "EUR", "EUR")


def named(figure, name):
    [trace] = [trace for trace in figure.data if trace.name == name]
    return trace


def test_the_curve_is_solid_up_to_the_largest_spend_seen_and_dotted_beyond(model):
    figure = charts.response(model.curve("Flyers"), model.mix())
    solid, dotted = named(figure, "Where you have spent"), named(figure, "Beyond: extrapolated")
    assert max(solid.x) == pytest.approx(model.seen("Flyers"))
    assert (dotted.x[0], dotted.y[0]) == (solid.x[-1], solid.y[-1])
    assert dotted.line.dash == "dot"
    assert solid.line.dash is None


def test_the_interval_is_one_closed_shape_around_the_curve(model):
    figure = charts.response(model.curve("Flyers"), model.mix())
    band = named(figure, "90% likely")
    half = len(band.x) // 2
    assert list(band.x[:half]) == list(reversed(band.x[half:]))
    assert all(up >= low for up, low in zip(band.y[:half], reversed(band.y[half:]), strict=True))


def test_today_and_the_suggestion_lie_on_the_curve(model):
    mix = model.mix()
    figure = charts.response(model.curve("Flyers"), mix, suggested=300)
    curve = model.curve("Flyers")
    for name, spend in (("Today", mix.today["Flyers"]), ("Suggested", 300)):
        point = named(figure, name)
        assert point.x[0] == spend
        assert point.y[0] == pytest.approx(np.interp(spend, curve.spends, curve.mean), rel=1e-3)
    assert max(named(figure, "Beyond: extrapolated").x) >= 300


def test_the_axes_say_what_is_counted_in_what(model):
    layout = charts.response(model.curve("Flyers"), model.mix()).layout
    assert layout.xaxis.title.text == "Spend per week, EUR"
    assert layout.yaxis.title.text == "Brought by Flyers per week, EUR"


def test_the_curve_can_be_read_aloud(model):
    said = charts.response_alt(model.curve("Flyers"), model.mix(), suggested=150)
    assert f"today {model.today['Flyers']:.0f} a week brings" in said
    assert "suggested 150 a week brings" in said
    assert "90% likely between" in said


def test_a_typed_curve_has_no_interval_and_says_whose_it_is():
    outlook = Outlook(None, (TypedCurve("Posters", 100, 300, 400),), "EUR", "EUR")
    figure = charts.response(outlook.fitted_curve("Posters"), outlook.mix())
    assert [trace.name for trace in figure.data] == ["As you typed it", "Beyond: extrapolated", "Today"]
    assert max(named(figure, "As you typed it").x) == 200


def test_a_plan_by_the_week_is_stacked_and_read_aloud(florist):
    plan = plan_periods(florist, {}, 200, periods=2)
    figure = charts.flight(plan)
    each_week = [sum(pair) for pair in zip(*(trace.y for trace in figure.data), strict=True)]
    assert each_week == pytest.approx([100, 100], rel=1e-3)
    assert figure.layout.xaxis.title.text == "Week of the plan"
    assert charts.flight_alt(plan).startswith("Bar chart of the spend per week over 2 weeks: Search from 36 to 36")


def test_stacked_parts_leave_only_the_unexplained_to_the_actual_line(model):
    figure = charts.contributions(model)
    stacked = sum(np.array(trace.y) for trace in figure.data if trace.stackgroup == "outcome")
    unexplained = model.contributions()["unexplained"].to_numpy()
    assert stacked + unexplained == pytest.approx(np.array(named(figure, "Actual").y))


def test_each_channel_keeps_a_colour_of_its_own(model):
    colours = [trace.fillcolor for trace in charts.contributions(model).data if trace.stackgroup]
    assert len(set(colours)) == 3


def test_shares_are_read_aloud(model):
    said = charts.contributions_alt(model)
    assert said.startswith("Area chart of the outcome from 3 January 2022 to 20 February 2023")
    assert "Flyers" in said


def test_the_frontier_rises_with_the_budget_and_marks_today(florist):
    now = scenario(florist, "Today", florist.today)
    figure = charts.budget_frontier(frontier(florist, [400, 100, 225]), now=now)
    best, today = named(figure, "Best split"), named(figure, "Today's split")
    assert list(best.x) == [100, 225, 400]
    assert list(best.y) == pytest.approx([500, 750, 1000])
    assert (today.x[0], today.y[0]) == (100, pytest.approx(70 * np.sqrt(50)))


def test_the_frontier_is_read_aloud(florist):
    assert charts.budget_frontier_alt(frontier(florist, [100, 900])) == (
        "Line chart of what the best split brings per week: 500 EUR for a budget of 100, 1,500 EUR for 900."
    )


def test_splits_stand_side_by_side_with_what_they_bring(florist):
    splits = [scenario(florist, "Today", florist.today), scenario(florist, "Mine", {"Search": 100, "Flyers": 25})]
    figure = charts.compare(splits, currency="EUR")
    assert [trace.name for trace in figure.data] == ["Today: brings 495", "Mine: brings 500"]
    assert list(figure.data[1].y) == [100, 25]
    assert figure.layout.barmode == "group"
    assert "Mine brings 500 with Search 100, Flyers 25" in charts.compare_alt(splits)


def test_the_trade_off_goes_from_bold_to_cautious(florist):
    points = [
        TradeOff(0.0, allocate(florist, 100), 500.0, 400.0),
        TradeOff(1.0, allocate(florist, 100), 480.0, 430.0),
    ]
    figure = charts.trade_off(points)
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([400, 430], [500, 480])
    assert charts.trade_off_alt(points) == (
        "Line chart from the boldest split, 500 on average and 400 if things go badly, to the most cautious one, "
        "480 and 430."
    )
