"""A bakery that closes on Mondays and for a week in August; a shop that reports by week or month."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from engine.business.calendar import Period, find_calendar
from engine.business.history import items, metrics, sales_history
from engine.business.model import Business
from engine.dataset import Frequency
from engine.errors import MissingColumn
from tests.conftest import LATER, MONDAY, days_from

BAKERY_DAYS = [day for day in days_from(MONDAY, 70) if day.weekday() != 0]


def test_a_bakery_that_closes_on_mondays_has_a_week_of_six(shop):
    business = shop([(day, "Rye bread", 10.0) for day in BAKERY_DAYS])
    history = sales_history(business, metrics(business)[0])
    assert history.season_length == 6
    assert len(history) == 60
    assert not any(day.weekday() == 0 for day in history.periods)
    assert all(day.weekday() != 0 for day in history.calendar.ahead(history.periods[-1], 14))
    assert len(history.calendar.ahead(history.periods[-1], 14)) == 12


def test_a_day_without_any_row_is_closed_and_not_a_zero(shop):
    holiday = MONDAY + timedelta(days=24)
    business = shop([(day, "Rye bread", 10.0) for day in BAKERY_DAYS if day != holiday])
    history = sales_history(business, metrics(business)[0])
    assert np.isnan(history.values[history.periods.index(holiday)])
    assert history.cautions == ("1 day without any row counts as closed, not as zero sales.",)


def test_an_item_that_did_not_sell_on_an_open_day_sold_zero(shop):
    rows = [(day, "Rye bread", 10.0) for day in days_from(MONDAY, 28)]
    rows += [(day, "Plum cake", 2.0) for day in days_from(MONDAY + timedelta(days=3), 25)[::2]]
    business = shop(rows)
    history = sales_history(business, metrics(business)[0], item="Plum cake")
    assert history.periods[0] == MONDAY + timedelta(days=3)
    assert history.values[:4].tolist() == [2.0, 0.0, 2.0, 0.0]


def test_several_rows_of_one_day_add_up(shop):
    business = shop([(day, "Rye bread", 4.0) for day in days_from(MONDAY, 21) for _ in range(3)])
    assert set(sales_history(business, metrics(business)[0]).values) == {12.0}


def test_revenue_is_quantity_times_price_when_the_file_has_no_revenue(shop):
    days = days_from(MONDAY, 21)
    business = shop([(day, "Rye bread", 4.0) for day in days], prices=[2.5] * 21)
    revenue = next(metric for metric in metrics(business) if metric.key == "revenue")
    assert revenue.unit == "EUR"
    assert set(sales_history(business, revenue).values) == {10.0}


def test_items_come_largest_first(shop):
    business = shop([(MONDAY, "Small", 1.0), (MONDAY, "Large", 9.0)])
    assert items(business, metrics(business)[0]) == ("Large", "Small")


def test_an_unknown_item_is_a_key_error(shop):
    business = shop([(day, "Rye bread", 4.0) for day in days_from(MONDAY, 21)])
    with pytest.raises(KeyError, match="Cheese"):
        sales_history(business, metrics(business)[0], item="Cheese")


@pytest.mark.parametrize(
    ("days", "frequency"),
    [
        (days_from(MONDAY, 60), Frequency.DAILY),
        ([day for day in days_from(MONDAY, 120) if day.weekday() in (4, 5)], Frequency.DAILY),
        (days_from(MONDAY, 140)[::7], Frequency.WEEKLY),
        ([date(2024 + k // 12, k % 12 + 1, 1) for k in range(24)], Frequency.MONTHLY),
        ([date(2024 + (k + 1) // 12, (k + 1) % 12 + 1, 1) - timedelta(days=1) for k in range(24)], Frequency.MONTHLY),
        ([date(2020 + k // 4, 3 * (k % 4) + 1, 1) for k in range(12)], Frequency.QUARTERLY),
        ([date(2010 + k, 1, 1) for k in range(9)], Frequency.YEARLY),
        (days_from(MONDAY, 200)[::3], Frequency.WEEKLY),
        ([MONDAY, MONDAY + timedelta(days=1)], Frequency.DAILY),
    ],
)
def test_the_rhythm_of_the_dates_gives_the_period(days, frequency):
    assert find_calendar(days).frequency is frequency


def test_weeks_that_end_on_sundays_keep_their_sundays(shop):
    sundays = [MONDAY + timedelta(days=6 + 7 * week) for week in range(30)]
    business = shop([(day, "Rye bread", 50.0) for day in sundays])
    history = sales_history(business, metrics(business)[0])
    assert history.periods == sundays
    assert history.calendar.ahead(sundays[-1], 1) == (sundays[-1] + timedelta(days=7),)


def test_an_unfinished_last_week_is_left_out_and_said(shop):
    every_third_day = days_from(MONDAY, 86)[::3]
    business = shop([(day, "Rye bread", 5.0) for day in every_third_day])
    history = sales_history(business, metrics(business)[0])
    last = every_third_day[-1]
    assert last.weekday() == 0
    assert history.periods[-1] == last - timedelta(days=7)
    assert "in the middle of a week" in history.cautions[0]


def test_sales_on_a_day_that_is_usually_closed_are_left_out_and_said(shop):
    business = shop([(day, "Rye bread", 10.0) for day in [*BAKERY_DAYS, MONDAY + timedelta(days=21)]])
    history = sales_history(business, metrics(business)[0])
    assert history.season_length == 6
    assert any("usually closed" in caution for caution in history.cautions)


def test_a_blank_cell_is_unknown_and_not_a_zero(shop):
    days = days_from(MONDAY, 28)
    business = shop([(day, "Rye bread", None if day == days[9] else 10.0) for day in days])
    history = sales_history(business, metrics(business)[0])
    assert np.isnan(history.values[9])
    assert "1 row has no number and is not counted." in history.cautions


def test_one_mistyped_year_does_not_move_the_business_there(shop):
    rows = [(day, "Rye bread", 10.0) for day in days_from(MONDAY, 60)]
    business = shop([*rows, (date(2052, 3, 1), "Rye bread", 10.0)])
    history = sales_history(business, metrics(business)[0])
    assert history.periods[-1] == MONDAY + timedelta(days=59)
    assert history.cautions == ("Left out, far from all other dates: 1 March 2052 (1 row).",)


def test_one_year_typed_wrong_is_found_among_two_years(shop):
    rows = [(day, "Rye bread", 10.0) for day in days_from(MONDAY, 730)]
    business = shop([*rows, (MONDAY + timedelta(days=1032), "Rye bread", 10.0)])
    assert sales_history(business, metrics(business)[0]).periods[-1] == MONDAY + timedelta(days=729)


def test_a_seasonal_business_keeps_both_its_seasons(shop):
    summers = [*days_from(date(2024, 6, 1), 90), *days_from(date(2025, 6, 1), 90)]
    business = shop([(day, "Ice cream", 10.0) for day in summers])
    history = sales_history(business, metrics(business)[0])
    assert (history.periods[0], history.periods[-1]) == (summers[0], summers[-1])


def test_one_sheet_a_year_is_one_history(shop):
    first = shop([(day, "Rye bread", 10.0) for day in days_from(MONDAY, 30)])
    later = shop([(day, "Rye bread", 20.0) for day in days_from(MONDAY + timedelta(days=30), 30)])
    tables = (first.dataset.tables[0], replace(later.dataset.tables[0], name="2025"))
    both = Business(replace(first.dataset, tables=tables), LATER)
    values = sales_history(both, metrics(both)[0]).values
    assert (len(values), values[0], values[-1]) == (60, 10.0, 20.0)


def test_an_item_without_any_date_is_not_offered(shop):
    rows = [(day, "Rye bread", 10.0) for day in days_from(MONDAY, 20)]
    business = shop([*rows, (None, "Ghost", 3.0)])
    assert items(business, metrics(business)[0]) == ("Rye bread",)


def test_a_shop_that_began_to_open_on_sundays_is_forecast_on_sundays(shop):
    days = days_from(MONDAY, 730)
    business = shop([(day, "Rye bread", 10.0) for k, day in enumerate(days) if day.weekday() != 6 or k > 430])
    assert sales_history(business, metrics(business)[0]).calendar.open_weekdays == tuple(range(7))


def test_a_shop_that_gave_up_its_sundays_is_not_forecast_on_sundays(shop):
    days = days_from(MONDAY, 730)
    business = shop([(day, "Rye bread", 10.0) for k, day in enumerate(days) if day.weekday() != 6 or k < 430])
    assert sales_history(business, metrics(business)[0]).calendar.open_weekdays == (0, 1, 2, 3, 4, 5)


def test_a_date_column_without_any_date_is_no_date_column(shop):
    business = shop([(None, "Rye bread", 1.0), (None, "Rye bread", 2.0)])
    with pytest.raises(MissingColumn, match="the date"):
        metrics(business)


def test_a_file_with_nothing_to_count_names_its_columns(shop):
    business = shop([(MONDAY, "Rye bread", 1.0)])
    table = business.dataset.tables[0]
    without = Business(replace(business.dataset, tables=(replace(table, columns=table.columns[:2]),)), LATER)
    with pytest.raises(MissingColumn, match="Choose one of: Day, Product"):
        metrics(without)


def test_a_stretch_that_ends_before_it_starts_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="2024-01-01 lies before 2024-02-01"):
        Period(date(2024, 2, 1), date(2024, 1, 1))


def test_a_stretch_names_its_days_and_a_single_one_but_once():
    weekend = Period(date(2026, 5, 2), date(2026, 5, 3))
    assert (str(weekend), str(Period(weekend.last, weekend.last))) == ("2 May 2026 to 3 May 2026", "3 May 2026")
    assert weekend.dates == [weekend.first, weekend.last]
    assert (weekend.days, weekend.last in weekend, date(2026, 5, 4) in weekend) == (2, True, False)
