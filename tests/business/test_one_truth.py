"""Three odd files on which the pages once disagreed, and their kin: every face says the same."""

import math
import pickle
from datetime import date, timedelta

import pytest

from engine.business.calendar import Period
from engine.business.history import metric_named
from engine.business.query import Query, run
from engine.causal import Answers, ChangeQuestion
from engine.coach.context import CoachContext
from engine.forecast.drivers import DriverKind
from engine.workflows.budget.plan import history_of
from engine.workflows.forecast.forecasts import history_for
from engine.workflows.forecast.sales_drivers import EMPTY_CALENDAR, drivers_for
from engine.workflows.orders import recent_sales, stock_of
from engine.workflows.why.explain import explain
from tests.business.conftest import TODAY, days, opened

BEFORE = Period(TODAY - timedelta(days=59), TODAY - timedelta(days=30))
AFTER = Period(TODAY - timedelta(days=29), TODAY)


def bakery(blank: str, where: str) -> str:
    """Ninety days of two items; every third row lacks one cell, in the last 30 days or throughout."""
    lines = ["Date,Product,Units,Unit price,Revenue"]
    for k, day in enumerate(days(90)):
        for item, units, price in (("Rye loaf", 40 + k % 7, 4.5), ("Roll", 100 + k % 5, 0.8)):
            cells = {"Units": f"{units}", "Unit price": f"{price}", "Revenue": f"{units * price:.2f}"}
            if (where == "throughout" or day > BEFORE.last) and (k + units) % 3 == 0:
                cells[blank] = ""
            lines.append(f"{day},{item},{cells['Units']},{cells['Unit price']},{cells['Revenue']}")
    return "\n".join(lines)


def truth(figure: str, period: Period) -> float:
    """The same figures without a blank, added up by hand."""
    total = 0.0
    for k, day in enumerate(days(90)):
        if day in period:
            amounts = ((40 + k % 7, 4.5), (100 + k % 5, 0.8))
            total += sum(units * (price if figure == "revenue" else 1) for units, price in amounts)
    return total


@pytest.mark.parametrize("where", ["last 30 days", "throughout"])
@pytest.mark.parametrize("blank", ["Revenue", "Units", "Unit price"])
@pytest.mark.parametrize("figure", ["revenue", "quantity"])
def test_a_blank_cell_that_the_others_tell_is_one_figure_on_every_page(blank, where, figure):
    business = opened(bakery(blank, where))
    history = history_for(business, figure)
    answer = explain(business, ChangeQuestion(figure, BEFORE, AFTER), Answers())
    for period, headline in ((BEFORE, answer.frame.before.total), (AFTER, answer.frame.after.total)):
        right = pytest.approx(truth(figure, period))
        assert headline == right
        assert run(business, Query((figure,), period=period)).total(figure) == right
        past = zip(history.periods, history.values, strict=True)
        assert sum(value for day, value in past if day in period) == right
    for split in answer.splits:
        assert split.before == pytest.approx(answer.frame.before.total)
        assert split.after == pytest.approx(answer.frame.after.total)


def test_what_was_filled_is_said_with_its_count():
    text = bakery("Revenue", "last 30 days")
    blank = sum(line.endswith(",") for line in text.splitlines())
    business = opened(text)
    assert f"{blank} rows without Revenue are counted at units times unit price." in business.cautions
    assert any(f"{blank} rows without Revenue" in line for line in history_for(business, "revenue").cautions)


def planned(rows: str, count: int = 30) -> str:
    """Three hundred real days of 39 loaves, and days after today with three times as many, or blank."""
    lines = ["Date,Product,Units", *(f"{day},Rye loaf,{38 + k % 3}" for k, day in enumerate(days(300)))]
    ahead = [TODAY + timedelta(days=k) for k in range(1, count + 1)]
    return "\n".join([*lines, *(f"{day},Rye loaf,{rows}" for day in ahead)])


@pytest.mark.parametrize("rows", ["120", ""])
def test_days_after_today_move_no_page(rows):
    business = opened(planned(rows))
    assert history_for(business, "quantity").periods[-1] == TODAY
    assert recent_sales(business)["day"].max() == TODAY
    assert CoachContext(business).today == TODAY
    stock = stock_of(business)
    assert stock.demands[0].periods[0] == TODAY + timedelta(days=1)
    assert stock.demands[0].mean[:7].mean() == pytest.approx(39, rel=0.03)
    says = "30 rows dated after today, up to 30 December 2026, are left out"
    assert any(line.startswith(says) for line in (*stock.cautions, *business.cautions))


def test_planned_marketing_is_no_past_spend():
    weeks = [TODAY - timedelta(days=7 * k) for k in reversed(range(-4, 60))]
    rows = [f"{day},{100 + k},{1000 + 10 * (k % 9)}" for k, day in enumerate(weeks)]
    media = history_of(opened("\n".join(["Week,Radio spend,Revenue", *rows])))
    assert media.periods[-1] < TODAY  # the week that begins today is not over
    assert len(media) == 59


@pytest.mark.parametrize(("yes", "no"), [("yes", "no"), ("1", "0"), ("x", ""), ("Ja", "Nein"), ("TRUE", "FALSE")])
def test_a_promotion_is_one_whatever_it_is_called(yes, no):
    lines = ["Date,Units,Promotion"]
    promoted = 0
    for k, day in enumerate(days(300)):
        runs = k % 28 < 8
        promoted += runs
        lines.append(f"{day},{(60 if runs else 40) + k % 3},{yes if runs else no}")
    business = opened("\n".join(lines))
    drivers = drivers_for(business, metric_named(business, "quantity"), "", EMPTY_CALENDAR)
    [tracked] = [each for each in drivers.tracked if each.kind is DriverKind.PROMOTION]
    assert sum(share > 0 for share in tracked.values.values()) == promoted
    share = run(business, Query(("promoted",))).total("promoted")
    assert share == pytest.approx(100 * promoted / 300)


def test_two_mistyped_years_in_a_weekly_file_are_both_left_out():
    weeks = [date(2025, 1, 5) + timedelta(weeks=k) for k in range(90)]
    lines = ["Week,Units", *(f"{week},7" for week in weeks), "2015-02-01,900", "2015-04-05,900"]
    business = opened("\n".join(lines) + "\n")
    assert run(business, Query(("quantity",))).total("quantity") == 7 * 90
    assert business.span == Period(weeks[0], weeks[-1])
    assert sum("1 row" in caution for caution in business.cautions) == 2


@pytest.mark.parametrize("stray", ["2024-05-01", "2004-05-01", "2062-05-01"])
def test_one_stray_year_begins_no_page(stray):
    lines = ["Date,Product,Units,Revenue", f"{stray},Rye loaf,9,99"]
    lines += [f"{day},Rye loaf,{40 + k % 3},{100 + k % 3}" for k, day in enumerate(days(120))]
    business = opened("\n".join(lines))
    assert business.span == Period(TODAY - timedelta(days=119), TODAY)
    assert history_for(business, "revenue").periods[0] == TODAY - timedelta(days=119)
    assert sum("1 row" in caution for caution in business.cautions) == 1


def test_another_day_is_another_key_and_another_past():
    text = planned("120")
    monday, tuesday = opened(text, TODAY), opened(text, TODAY + timedelta(days=1))
    assert monday.key != tuesday.key
    assert history_for(tuesday, "quantity").periods[-1] == TODAY + timedelta(days=1)


def test_data_that_ended_a_month_ago_says_so():
    business = opened("\n".join(["Date,Units", *(f"{day},5" for day in days(60, date(2026, 10, 31)))]))
    assert business.freshness == "Your data ends on 31 October 2026, 30 days ago."
    assert not math.isnan(history_for(business, "quantity").values[-1])


def test_another_process_makes_the_same_business():
    business = opened(planned("120"))
    length = len(pickle.dumps(business))
    assert business.sales.height == 300
    there = pickle.loads(pickle.dumps(business))
    assert len(pickle.dumps(business)) == length
    assert (there.key, there.decisions) == (business.key, business.decisions)
    assert there.sales.equals(business.sales)
