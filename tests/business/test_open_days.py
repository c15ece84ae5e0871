"""On which days a business is open, where its last whole period ends, and what is no longer sold."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from engine.business.calendar import Calendar, closed_every_year, last_complete_period, order_calendar
from engine.business.history import metrics, sales_history
from engine.business.model import Business
from engine.dataset import Frequency
from engine.forecast import forecast
from engine.forecast.items import forecast_items, silence_after_end
from engine.ingest import read_dataset, read_files

TODAY = date(2026, 11, 30)


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=k) for k in range(count)]


def test_a_date_that_was_closed_in_every_year_is_closed_again() -> None:
    opened = {day for day in days(date(2023, 1, 1), 1000) if (day.month, day.day) != (11, 1)} - {date(2024, 5, 7)}
    ahead = days(date(2025, 10, 20), 30)
    assert closed_every_year(opened, ahead) == {date(2025, 11, 1)}


def test_a_feast_that_moves_with_easter_is_closed_again() -> None:
    fridays = {date(2023, 4, 7), date(2024, 3, 29), date(2025, 4, 18)}
    opened = set(days(date(2023, 1, 1), 1100)) - fridays
    assert closed_every_year(opened, days(date(2026, 3, 1), 60)) == {date(2026, 4, 3)}


def test_what_was_closed_once_tells_nothing() -> None:
    opened = set(days(date(2025, 1, 1), 600)) - {date(2025, 11, 1)}
    assert not closed_every_year(opened, days(date(2026, 10, 1), 60))


def test_a_day_that_is_always_closed_is_forecast_at_nothing() -> None:
    shut = {(1, 1), (12, 25)}
    open_days = [day for day in days(date(2024, 9, 1), 800) if (day.month, day.day) not in shut]
    text = "date,item,quantity\n" + "".join(f"{day},Bread,{20 + day.weekday()}\n" for day in open_days)
    business = Business(read_dataset(text.encode(), "sales.csv", today=TODAY), TODAY)
    made = forecast(sales_history(business, metrics(business)[0]), horizon=60)
    expected = dict(zip(made.periods, made.point, strict=True))
    assert expected[date(2026, 12, 25)] == expected[date(2027, 1, 1)] == 0
    assert expected[date(2026, 12, 24)] > 15


@pytest.mark.parametrize(
    ("frequency", "days_of_file", "today", "last"),
    [
        (Frequency.WEEKLY, [date(2026, 11, k) for k in (2, 9, 16, 23)], date(2026, 11, 26), date(2026, 11, 16)),
        (Frequency.WEEKLY, [date(2026, 11, k) for k in (2, 9, 16, 23)], date(2026, 11, 29), date(2026, 11, 23)),
        (Frequency.MONTHLY, [date(2026, k, 1) for k in range(5, 12)], date(2026, 11, 11), date(2026, 10, 1)),
        (Frequency.MONTHLY, [date(2026, k, 1) for k in range(5, 12)], date(2026, 12, 2), date(2026, 11, 1)),
    ],
)
def test_a_period_that_is_not_over_yet_is_unfinished(
    frequency: Frequency, days_of_file: list[date], today: date, last: date
) -> None:
    assert last_complete_period(pl.Series(days_of_file), Calendar(frequency), today) == last


@pytest.mark.parametrize("blank", ["", "0"])
def test_a_row_of_today_without_sales_is_a_day_that_has_only_begun(blank: str) -> None:
    rows = "".join(f"{day},Bread,{20 + day.weekday()}\n" for day in days(date(2026, 9, 1), 90))
    text = f"date,item,quantity\n{rows}{TODAY},Bread,{blank}\n"
    business = Business(read_dataset(text.encode(), "sales.csv", today=TODAY), TODAY)
    assert sales_history(business, metrics(business)[0]).periods[-1] == date(2026, 11, 29)


def test_a_table_with_a_row_an_item_and_day_is_no_list_of_orders() -> None:
    opened = [day for day in days(date(2025, 1, 1), 500) if day.weekday() < 6 and day.day != 13]
    assert order_calendar(dict.fromkeys(opened, 3)) is None


def test_a_weekday_with_a_few_orders_less_than_chance_is_still_open() -> None:
    counts = np.random.default_rng(5).poisson(0.5, 300)
    orders = {day: int(count) for day, count in zip(days(date(2026, 1, 1), 300), counts, strict=True) if count}
    sundays = [day for day in orders if day.weekday() == 6]
    for day in sundays[: len(sundays) // 4]:
        del orders[day]
    calendar = order_calendar(orders)
    assert calendar is not None and calendar.open_weekdays == tuple(range(7))


def test_an_item_is_no_longer_sold_after_a_silence_that_chance_does_not_make() -> None:
    steady = np.random.default_rng(1).poisson(5.0, 400).astype(float)
    ended = steady.copy()
    ended[-100:] = 0.0
    assert silence_after_end(ended, 7) == 100
    assert silence_after_end(steady, 7) == 0
    assert silence_after_end(ended[:-60], 7) == 0  # forty days may be a supplier's fault


def test_goods_of_a_season_are_not_taken_for_dead() -> None:
    year = np.zeros(365)
    year[120:240] = 6.0
    assert silence_after_end(np.concatenate([year, year, year[:300]]), 7) == 0
    assert silence_after_end(year[100:], 7) == 0  # the season may come again, though it was seen once only


def test_a_dead_item_is_expected_at_nothing_and_leaves_the_others_as_they_are() -> None:
    rng = np.random.default_rng(2)
    alive = rng.poisson(10.0, (5, 400)).astype(float)
    dead = alive[:1].copy()
    dead[:, -184:] = 0.0
    together = forecast_items(np.vstack([alive, dead]), horizon=28, season_length=7)
    alone = forecast_items(alive, horizon=28, season_length=7)
    assert together.mean[-1].sum() == 0
    assert together.paths(5, draws=10, rng=rng).sum() == 0
    assert together.mean[:5] == pytest.approx(alone.mean)
    assert together.quantiles([0.9])[:5] == pytest.approx(alone.quantiles([0.9]))


def test_what_is_planned_was_not_sold() -> None:
    sold = "date,item,quantity,price\n" + "".join(f"{day},Pasta,20,4.28\n" for day in days(date(2026, 9, 1), 90))
    planned = "date,product,promo\n2026-12-10,Pasta,1\n2026-12-11,Pasta,1\n2026-12-12,Pasta,1\n"
    dataset = read_files({"planned.csv": planned.encode(), "sales.csv": sold.encode()}, today=TODAY)
    assert Business(dataset, TODAY).sales["quantity"].sum() == 1800
