"""From an owner's file to spend beside outcome, and a plain word for every file that cannot be used."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from engine.budget import MediaHistory, media_history
from engine.business.model import Business
from engine.dataset import CleaningReport, Column, ColumnRole, Dataset, Frequency, Table
from engine.errors import DataProblem
from tests.conftest import LATER

R = ColumnRole
WEEKS = 60


def sheet(name, columns):
    """A table from (header, role, values)."""
    kinds = {pl.Date: "date", pl.Float64: "number", pl.String: "text"}
    frame = pl.DataFrame({header: values for header, _, values in columns})
    made = tuple(Column(header, role, kinds[frame[header].dtype], 1.0, "") for header, role, _ in columns)
    return Table(name, frame, made, 1)


def file(*tables):
    return Business(Dataset("shop.xlsx", "0" * 64, tables, CleaningReport(), "EUR"), LATER)


def mondays(count=WEEKS):
    return [date(2023, 1, 2) + timedelta(weeks=k) for k in range(count)]


def marketing(**more):
    spend = [("Search", R.CHANNEL_SPEND, [100.0 + k % 7 for k in range(WEEKS)])]
    spend += [("Radio", R.CHANNEL_SPEND, [50.0 * (k % 3) for k in range(WEEKS)])]
    return sheet("Marketing", [("Week", R.DATE, mondays()), *more.get("outcome", SALES), *more.get("spend", spend)])


SALES = [("Revenue", R.REVENUE, [5000.0 + 10 * k for k in range(WEEKS)])]


def test_one_sheet_with_sales_and_spend_is_read_as_it_stands():
    history = media_history(file(marketing()))
    assert history.channels == ("Search", "Radio")
    assert (len(history), history.frequency, history.currency, history.unit) == (WEEKS, Frequency.WEEKLY, "EUR", "EUR")
    assert history.spend["Radio"][:4] == pytest.approx([0, 50, 100, 0])


def test_daily_spend_is_summed_into_the_weeks_of_the_sales():
    days = [date(2023, 1, 2) + timedelta(days=k) for k in range(7 * WEEKS)]
    ads = sheet("Ads", [("Day", R.DATE, days), ("Search", R.CHANNEL_SPEND, [10.0] * len(days))])
    sales = sheet("Sales", [("Week", R.DATE, mondays()), *SALES])
    assert media_history(file(sales, ads)).spend["Search"] == pytest.approx(70)


def test_weekly_bills_in_a_sheet_of_daily_sales_make_weeks():
    days = [date(2023, 1, 2) + timedelta(days=k) for k in range(7 * WEEKS)]
    bills = [70.0 if day.weekday() == 0 else None for day in days]
    takings = [100.0 + k % 9 for k in range(7 * WEEKS)]
    shop = sheet("Shop", [("Day", R.DATE, days), ("Takings", R.REVENUE, takings), ("Radio", R.CHANNEL_SPEND, bills)])
    history = media_history(file(shop))
    assert history.frequency is Frequency.WEEKLY
    assert (history.spend["Radio"], history.cautions) == (pytest.approx(70), ())


def test_channels_named_in_a_column_are_told_apart():
    rows = [(day, name, amount) for day in mondays() for name, amount in (("Search", 30.0), ("Radio", 20.0))]
    day, name, amount = zip(*rows, strict=True)
    ads = sheet(
        "Ads",
        [("Week", R.DATE, list(day)), ("Channel", R.CATEGORY, list(name)), ("Cost", R.CHANNEL_SPEND, list(amount))],
    )
    history = media_history(file(sheet("Sales", [("Week", R.DATE, mondays()), *SALES]), ads))
    assert history.channels == ("Search", "Radio")
    assert history.spend["Radio"] == pytest.approx(20)


def test_weeks_without_a_spend_row_count_as_nothing_and_are_said():
    ads = sheet("Ads", [("Week", R.DATE, mondays(40)), ("Search", R.CHANNEL_SPEND, [9.0] * 40)])
    history = media_history(file(sheet("Sales", [("Week", R.DATE, mondays()), *SALES]), ads))
    assert history.spend["Search"][-1] == 0
    assert "20 weeks without a spend row count as nothing spent." in history.cautions


def test_a_price_that_moves_is_a_control_and_one_that_does_not_is_none():
    prices = [("Price", R.PRICE, [2.0 + 0.1 * (k % 5) for k in range(WEEKS)])]
    history = media_history(file(marketing(outcome=[*SALES, *prices])))
    assert history.controls["Price"][:3] == pytest.approx([2.0, 2.1, 2.2])
    flat = [("Price", R.PRICE, [2.0] * WEEKS)]
    assert media_history(file(marketing(outcome=[*SALES, *flat]))).controls == {}


def test_event_days_are_counted_per_week():
    fair = [date(2023, 1, 4), date(2023, 1, 5), date(2023, 1, 9)]
    history = media_history(file(marketing())).with_events({"Fair": fair})
    assert history.controls["Fair"][:3] == pytest.approx([2, 1, 0])


def test_an_outcome_without_spend_asks_for_a_spend_column():
    with pytest.raises(DataProblem, match="an outcome but no marketing spend"):
        media_history(file(sheet("Sales", [("Week", R.DATE, mondays()), *SALES])))


def test_spend_without_an_outcome_asks_for_one():
    spend = [("Search", R.CHANNEL_SPEND, [100.0] * WEEKS)]
    with pytest.raises(DataProblem, match="marketing spend but no outcome"):
        media_history(file(sheet("Ads", [("Week", R.DATE, mondays()), *spend])))


def test_empty_cells_of_spend_count_as_nothing_and_are_said():
    spend = [("Search", R.CHANNEL_SPEND, [None if k % 10 == 3 else 100.0 + k for k in range(WEEKS)])]
    history = media_history(file(marketing(spend=spend)))
    assert history.spend["Search"][3] == 0
    assert "6 weeks without an amount for Search count as nothing spent." in history.cautions


def test_negative_spend_says_where():
    spend = [("Search", R.CHANNEL_SPEND, [100.0] * 30 + [-5.0] + [100.0] * (WEEKS - 31))]
    with pytest.raises(DataProblem, match=r"The spend on Search is negative \(2023-07-31\)"):
        media_history(file(marketing(spend=spend)))


def test_spend_in_mixed_currencies_is_no_number():
    spend = [("Search", R.CHANNEL_SPEND, ["100 EUR", "90 USD"] * (WEEKS // 2))]
    with pytest.raises(DataProblem, match="one currency"):
        media_history(file(marketing(spend=spend)))


@pytest.mark.parametrize(
    ("outcome", "spend", "words"),
    [
        (np.arange(20.0), {}, "no marketing spend"),
        (np.arange(20.0), {"Search": np.full(20, np.nan)}, "Search is missing"),
        (np.full(20, 7.0), {"Search": np.arange(20.0)}, "the same in every period"),
        (np.where(np.arange(20) == 3, np.nan, 1.0 * np.arange(20)), {"Search": np.arange(20.0)}, "has gaps"),
    ],
)
def test_a_history_that_cannot_be_used_says_why(weeks, outcome, spend, words):
    with pytest.raises(DataProblem, match=words):
        MediaHistory(weeks(20), outcome, spend)


def test_a_handful_of_weeks_is_refused(weeks):
    with pytest.raises(DataProblem, match="Only 5 weeks"):
        MediaHistory(weeks(5), np.arange(5.0), {"Search": np.arange(5.0)})


def test_daily_sales_beside_weekly_bills_make_weeks():
    # Bills are dated on Mondays, when the shop is closed; the file starts on a Wednesday and ends on a Saturday.
    days = [date(2023, 1, 4) + timedelta(days=k) for k in range(7 * WEEKS + 4)]
    days = [day for day in days if day.weekday() != 0]
    sales = sheet("Sales", [("Day", R.DATE, days), ("Revenue", R.REVENUE, [100.0 + k % 11 for k in range(len(days))])])
    ads = sheet(
        "Ads", [("Week", R.DATE, mondays(WEEKS + 1)), ("Search", R.CHANNEL_SPEND, [50.0 + k for k in range(WEEKS + 1)])]
    )
    history = media_history(file(sales, ads))
    assert history.frequency is Frequency.WEEKLY
    assert history.periods[0] == date(2023, 1, 9)
    assert history.spend["Search"][:2] == pytest.approx([51, 52])
    first_week = sum(100.0 + k % 11 for k, day in enumerate(days) if date(2023, 1, 9) <= day < date(2023, 1, 16))
    assert history.outcome[0] == pytest.approx(first_week)


def test_a_week_with_a_closed_day_is_explained_by_its_open_days():
    days = [date(2023, 1, 2) + timedelta(days=k) for k in range(7 * WEEKS) if k != 30]
    sales = sheet("Sales", [("Day", R.DATE, days), ("Revenue", R.REVENUE, [100.0 + k % 11 for k in range(len(days))])])
    ads = sheet("Ads", [("Week", R.DATE, mondays()), ("Search", R.CHANNEL_SPEND, [50.0 + k for k in range(WEEKS)])])
    open_days = media_history(file(sales, ads)).controls["Open days"]
    assert open_days[:6] == pytest.approx([7, 7, 7, 7, 6, 7])


def test_a_few_campaign_days_do_not_turn_daily_sales_into_months():
    days = [date(2023, 1, 2) + timedelta(days=k) for k in range(400)]
    sales = sheet("Sales", [("Day", R.DATE, days), ("Revenue", R.REVENUE, [100.0 + k % 11 for k in range(400)])])
    campaign = [days[k] for k in (10, 11, 12, 150, 151, 300)]
    ads = sheet("Ads", [("Day", R.DATE, campaign), ("Radio", R.CHANNEL_SPEND, [90.0] * 6)])
    history = media_history(file(sales, ads))
    assert history.frequency is Frequency.DAILY
    assert history.spend["Radio"].sum() == pytest.approx(540)
