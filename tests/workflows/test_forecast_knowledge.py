"""What an owner knows about the time ahead changes the forecast, and what was said before is judged later."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from engine.business.history import metrics
from engine.business.model import Business
from engine.forecast.drivers import DriverKind
from engine.ingest import read_dataset
from engine.workflows.forecast import forecasts, sales_drivers
from engine.workflows.forecast.forecasts import history_for, longer_periods, run_forecast, view_table
from engine.workflows.forecast.sales_drivers import EMPTY_CALENDAR, OwnerCalendar, Plan, PlanKind, drivers_for
from tests.conftest import LATER

FIRST, DAYS = date(2025, 1, 6), 420
WEEK = (80, 90, 100, 110, 130, 170, 60)
FLYER = 1.5
"""A kiosk whose flyer brings half as much again, in seven weeks of the past."""


@pytest.fixture(scope="module")
def kiosk():
    rng = np.random.default_rng(3)
    weeks = {3, 9, 17, 24, 33, 41, 52}
    rows = []
    for k in range(DAYS):
        runs = k // 7 in weeks
        sold = rng.poisson(WEEK[k % 7] * (FLYER if runs else 1.0))
        rows.append(f"{FIRST + timedelta(days=k)},{sold},{int(runs)}")
    return Business(read_dataset("\n".join(["Date,Sold,Promotion", *rows]).encode(), "kiosk.csv"), LATER)


def foretold(kiosk, told: OwnerCalendar = EMPTY_CALENDAR):
    metric = metrics(kiosk)[0]
    drivers = drivers_for(kiosk, metric, "", told)
    return run_forecast(history_for(kiosk, metric.key), 28, "quick", drivers), drivers


def ahead(first: int, last: int) -> tuple[date, date]:
    end = FIRST + timedelta(days=DAYS - 1)
    return end + timedelta(days=first), end + timedelta(days=last)


def test_the_flyers_true_effect_lies_in_the_range_that_is_told(kiosk):
    forecast, _ = foretold(kiosk)
    [effect] = [each for each in forecast.effects.active if each.kind is DriverKind.PROMOTION]
    assert effect.lower < 100 * (FLYER - 1) < effect.upper
    told = sales_drivers.effects_table(forecast)
    assert told["What"].to_list() == ["Promotion"]
    assert told["Days seen"].to_list() == [49]


def test_a_promised_flyer_lifts_its_days_and_no_others(kiosk):
    first, last = ahead(8, 14)
    plain, _ = foretold(kiosk)
    planned, _ = foretold(kiosk, OwnerCalendar(plans=(Plan("Flyer", PlanKind.PROMOTION, first, last),)))
    lift = planned.point / plain.point
    inside = np.array([first <= day <= last for day in planned.periods])
    assert lift[inside] == pytest.approx(FLYER, rel=0.1)
    assert lift[~inside] == pytest.approx(1.0, abs=0.01)


def test_the_parts_add_up_to_the_forecast(kiosk):
    first, last = ahead(3, 9)
    forecast, _ = foretold(kiosk, OwnerCalendar(plans=(Plan("Street closed", PlanKind.EVENT, first, last, -40.0),)))
    parts = sales_drivers.parts_table(forecast)
    totals = parts["In total, units"].to_list()
    assert sum(totals[:-1]) == pytest.approx(totals[-1])
    assert totals[-1] == pytest.approx(forecast.point.sum())
    closed = dict(zip(parts["Part"], totals, strict=True))["Street closed"]
    assert closed == pytest.approx(-0.4 * sum(WEEK), rel=0.1)


def test_trying_a_flyer_gives_the_difference_that_planning_it_would_make(kiosk):
    first, last = ahead(8, 14)
    plain, drivers = foretold(kiosk)
    [lever] = [each for each in sales_drivers.levers(drivers) if each.kind is DriverKind.PROMOTION]
    tried = sales_drivers.try_out(plain, drivers, sales_drivers.change_of(lever, (first, last), 0.0))
    planned, _ = foretold(kiosk, OwnerCalendar(plans=(Plan("Flyer", PlanKind.PROMOTION, first, last),)))
    assert tried.total == pytest.approx(planned.point.sum() - plain.point.sum(), rel=0.02)


def test_weeks_and_months_hold_the_same_units_as_the_days(kiosk):
    forecast, _ = foretold(kiosk)
    days = forecast.demand(forecasts.VIEW_DRAWS).paths.sum()
    for frequency in longer_periods(forecast):
        seen = view_table(forecast, frequency)
        own = seen["Expected"].sum() - seen["Of it already sold"].sum()
        assert own == pytest.approx(days / forecasts.VIEW_DRAWS, rel=0.02)


def test_the_owners_figure_stands_in_the_table_and_is_judged_when_the_day_is_over(kiosk):
    metric = metrics(kiosk)[0]
    whole = history_for(kiosk, metric.key)
    earlier = run_forecast(_until(whole, DAYS - 28), 14, "quick")
    day = earlier.periods[2]
    sold = float(whole.values[whole.periods.index(day)])
    figures = forecasts.with_figure((), earlier, day, sold + 1, today=earlier.periods[0], reason="market day")
    assert forecasts.figures_from_json(forecasts.figures_as_json(figures)) == figures
    assert forecasts.overridden_table(earlier, figures)["Yours"].to_list()[2] == sold + 1
    assert forecasts.overridden_total(earlier, figures) == pytest.approx(
        earlier.point.sum() - earlier.point[2] + sold + 1
    )
    later = run_forecast(whole, 14, "quick")
    judged = forecasts.override_record(later, figures)
    assert judged.judged == 1
    assert judged.owner_error == pytest.approx(100 / sold)


def test_a_figure_below_zero_is_refused(kiosk):
    forecast, _ = foretold(kiosk)
    with pytest.raises(ValueError, match="0 or more"):
        forecasts.with_figure((), forecast, forecast.periods[0], -5, today=forecast.periods[0])


def test_sixty_weeks_are_too_short_for_a_yearly_season_and_that_is_said(kiosk):
    forecast, drivers = foretold(kiosk)
    assert any("too short for a yearly season" in sentence for sentence in sales_drivers.too_short(forecast, drivers))


def _until(history, length: int):
    return replace(history, frame=history.frame.head(length))


@pytest.mark.parametrize("name", ["Promotion", "start of the month", "Christmas Day"])
def test_an_event_may_be_called_like_something_that_is_known_already(kiosk, name):
    plan = Plan(name, PlanKind.EVENT, *ahead(1, 3), 100.0)
    plain, _ = foretold(kiosk, OwnerCalendar("DE"))
    planned, _ = foretold(kiosk, OwnerCalendar("DE", plans=(plan,)))
    assert planned.point[:3] == pytest.approx(2 * plain.point[:3], rel=0.02)
    assert f"{name} (your event)" in sales_drivers.effects_table(planned)["What"].to_list()


def test_an_event_that_is_tried_out_adds_to_one_of_the_same_name(kiosk):
    forecast, drivers = foretold(kiosk, OwnerCalendar(plans=(Plan("Your event", PlanKind.EVENT, *ahead(1, 3), 50.0),)))
    lever = next(each for each in sales_drivers.levers(drivers) if each.kind is DriverKind.EVENT)
    tried = sales_drivers.try_out(forecast, drivers, sales_drivers.change_of(lever, ahead(8, 8), 10.0))
    assert tried.total == pytest.approx(0.1 * tried.planned[7], rel=0.01)


def test_the_latest_of_two_figures_for_one_day_counts_once(kiosk):
    forecast, _ = foretold(kiosk)
    day = forecast.periods[0]
    figures = forecasts.with_figure((), forecast, day, 50.0, today=date(2026, 2, 1))
    figures = forecasts.with_figure(figures, forecast, day, 50.0, today=date(2026, 2, 2))
    [used] = forecasts.latest_figures(forecast, figures)
    assert (used.value, used.made_on) == (50.0, date(2026, 2, 2))


def test_rows_dated_after_today_are_left_out_and_that_is_said(kiosk):
    today = FIRST + timedelta(days=DAYS - 6)
    history = history_for(Business(kiosk.dataset, today), "quantity")
    assert history.periods[-1] == today
    assert any(caution.startswith("5 rows dated after today") for caution in history.cautions)
