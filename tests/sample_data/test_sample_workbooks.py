"""The committed workbooks are coherent: what one sheet says, the others say too."""

from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import fastexcel
import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from sample_data.business import END, START, WEEKDAYS, Business
from sample_data.businesses import BUSINESSES
from sample_data.businesses.bakery import BAKERY
from sample_data.businesses.cafe import CAFE
from sample_data.businesses.clinic import CLINIC
from sample_data.businesses.clothing_shop import CLOTHING_SHOP
from sample_data.businesses.online_shop import ONLINE_SHOP

FOLDER = Path(__file__).parents[2] / "sample_data"
every_business = pytest.mark.parametrize("business", BUSINESSES, ids=lambda business: business.key)


@cache
def sheet(business: Business, name: str) -> pl.DataFrame:
    return fastexcel.read_excel(FOLDER / f"{business.key}.xlsx").load_sheet(name).to_polars()


@cache
def sales(business: Business) -> pl.DataFrame:
    frame = sheet(business, "sales")
    frame = frame.rename(dict(zip(frame.columns, ("day", "item", "units", "price", "promoted"), strict=True)))
    return frame.with_columns(pl.col("day").cast(pl.Date))


@cache
def weeks(business: Business) -> pl.DataFrame:
    frame = sheet(business, "marketing")
    start, revenue = frame.columns[0], frame.columns[-1]
    return frame.rename({start: "week", revenue: "revenue"}).with_columns(pl.col("week").cast(pl.Date))


def of_item(business: Business, name: str) -> pl.DataFrame:
    return sales(business).filter(pl.col("item") == name)


def minutes(clock: str) -> int:
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


@every_business
def test_the_workbook_is_small_enough_to_mail(business):
    assert (FOLDER / f"{business.key}.xlsx").stat().st_size < 900_000


def test_the_truth_is_small_enough_to_commit():
    assert (FOLDER / "truth.json").stat().st_size < 700_000


@every_business
def test_weekly_revenue_is_what_the_sales_sheet_adds_up_to(business):
    shift = (7 - business.week_start) % 7
    takings = (
        sales(business)
        .with_columns(week=(pl.col("day") + timedelta(days=shift)).dt.truncate("1w") - timedelta(days=shift))
        .group_by("week")
        .agg((pl.col("units") * pl.col("price")).sum().alias("sold"))
    )
    both = weeks(business).join(takings, on="week", how="left").with_columns(pl.col("sold").fill_null(0.0))
    assert both["revenue"].to_list() == pytest.approx(both["sold"].to_list(), abs=0.005)


@every_business
def test_the_marketing_sheet_has_every_whole_week_once(business):
    days = weeks(business)["week"].to_list()
    assert {day.weekday() for day in days} == {business.week_start}
    assert all(later - earlier == timedelta(days=7) for earlier, later in pairwise(days))
    assert START <= days[0] < START + timedelta(days=7)
    assert END - timedelta(days=7) < days[-1] + timedelta(days=6) <= END


@every_business
def test_sales_and_items_speak_of_the_same_items(business):
    assert set(sales(business)["item"]) == set(sheet(business, "items").to_series(0))


@every_business
def test_the_items_sheet_quotes_the_latest_list_price(business):
    quoted = dict(sheet(business, "items").select(pl.nth(0), pl.nth(3)).iter_rows())
    latest = sales(business).filter(pl.col("promoted") == 0).sort("day").group_by("item").agg(pl.col("price").last())
    assert quoted == pytest.approx(dict(latest.iter_rows()))


@every_business
def test_goods_cost_less_than_they_sell_for(business):
    items = sheet(business, "items")
    assert (items.to_series(2) < items.to_series(3)).all()


@every_business
def test_sales_rows_are_whole_positive_units_once_per_item_and_day(business):
    frame = sales(business)
    assert (frame["units"] > 0).all()
    assert (frame["units"] == frame["units"].round()).all()
    assert not frame.select("day", "item").is_duplicated().any()


@every_business
def test_the_sales_cover_26_months(business):
    days = sales(business)["day"]
    assert START <= days.min() <= START + timedelta(days=1)
    assert END - timedelta(days=1) <= days.max() <= END


@pytest.mark.parametrize(
    ("business", "open_weekdays"),
    [
        (BAKERY, {1, 2, 3, 4, 5, 6}),
        (CLOTHING_SHOP, {0, 1, 2, 3, 4, 5}),
        (CLINIC, {0, 1, 2, 3, 4}),
        (CAFE, {0, 1, 2, 3, 4, 5, 6}),
        (ONLINE_SHOP, {0, 1, 2, 3, 4, 5, 6}),
    ],
    ids=lambda value: getattr(value, "key", ""),
)
def test_sales_fall_on_open_weekdays_only(business, open_weekdays):
    assert {day.weekday() for day in sales(business)["day"].unique()} == open_weekdays


@every_business
def test_nobody_sells_on_christmas_day(business):
    assert {date(2024, 12, 25), date(2025, 12, 25)}.isdisjoint(sales(business)["day"].to_list())


def test_the_bakery_is_on_holiday_for_a_week_each_august():
    closed = sales(BAKERY).filter(pl.col("day").is_between(date(2025, 8, 11), date(2025, 8, 17)))
    assert closed.is_empty()
    week = weeks(BAKERY).filter(pl.col("week") == date(2025, 8, 11)).drop("week")
    assert week.row(0) == (0, 0, 0, 0)


def test_the_croissant_costs_1_80_until_september_2025_and_2_10_from_then_on():
    full = of_item(BAKERY, "Butter croissant").filter(pl.col("promoted") == 0)
    assert set(full.filter(pl.col("day") < date(2025, 9, 2))["price"]) == {1.80}
    assert set(full.filter(pl.col("day") >= date(2025, 9, 2))["price"]) == {2.10}


def test_black_week_takes_a_fifth_off_every_price_of_the_online_shop():
    stove = of_item(ONLINE_SHOP, "Camping stove")
    black = stove.filter(pl.col("day").is_between(date(2025, 11, 24), date(2025, 12, 1)))
    assert set(black["promoted"]) == {1}
    assert set(black["price"]) == {43.20}
    assert set(stove.filter(pl.col("promoted") == 0)["price"]) == {54.00}


def test_a_silk_tie_sells_on_few_days_and_a_t_shirt_on_nearly_all():
    days = sales(CLOTHING_SHOP)["day"].n_unique()
    assert of_item(CLOTHING_SHOP, "Silk tie").height < 0.25 * days
    assert of_item(CLOTHING_SHOP, "Striped T-shirt").height > 0.97 * days


def test_stollen_is_for_winter():
    months = {day.month for day in of_item(BAKERY, "Fruit stollen")["day"]}
    assert {11, 12} <= months
    assert months.isdisjoint({3, 4, 5, 6, 7, 8})


@every_business
def test_a_paused_channel_has_no_spend(business):
    frame = weeks(business)
    for number, channel in enumerate(business.channels, start=1):
        for first, last in channel.pauses:
            paused = frame.filter(pl.col("week").is_between(first, last))
            assert paused.height >= 2
            assert paused.to_series(number).sum() == 0


@every_business
def test_every_role_that_is_needed_has_somebody(business):
    assert set(sheet(business, "coverage").to_series(3)) <= set(sheet(business, "staff").to_series(1))


@every_business
def test_people_are_needed_only_when_the_business_can_be_open(business):
    weekdays = {WEEKDAYS.index(day) for day in sheet(business, "coverage").to_series(0)}
    assert weekdays <= {k for k, factor in enumerate(business.demand.weekday) if factor}


@every_business
def test_the_staff_can_cover_the_need_within_their_hours_and_availability(business):
    """A relaxed roster by hours: nobody twice at once, nobody beyond the week's hours, everybody at least the least."""
    slots = list(sheet(business, "coverage").iter_rows())
    length = business.staffing.slot_minutes / 60
    pairs = [
        (p, s)
        for p, person in enumerate(business.staffing.people)
        for s, (day, start, end, role, _) in enumerate(slots)
        if role in (person.role, person.also) and _is_there(person.available[WEEKDAYS.index(day)], start, end)
    ]
    moments = {moment: k for k, moment in enumerate(sorted({(day, start) for day, start, *_ in slots}))}
    people, columns = business.staffing.people, range(len(pairs))
    cover = coo_matrix((-np.ones(len(pairs)), ([s for _, s in pairs], columns)), (len(slots), len(pairs)))
    hours = coo_matrix((np.full(len(pairs), length), ([p for p, _ in pairs], columns)), (len(people), len(pairs)))
    once_rows = [p * len(moments) + moments[slots[s][0], slots[s][1]] for p, s in pairs]
    once = coo_matrix((np.ones(len(pairs)), (once_rows, columns)), (len(people) * len(moments), len(pairs)))
    wall = np.concatenate(
        [
            [-float(slot[4]) for slot in slots],
            [person.max_hours for person in people],
            [-person.min_hours for person in people],
            np.ones(once.shape[0]),
        ]
    )
    rows = [part.toarray() for part in (cover, hours, -hours, once)]
    answer = linprog(np.ones(len(pairs)), A_ub=coo_matrix(np.vstack(rows)), b_ub=wall, bounds=(0, 1))
    assert answer.status == 0, answer.message


def _is_there(window: str, start: str, end: str) -> bool:
    if not window:
        return False
    first, last = (minutes(clock) for clock in window.split("-"))
    return first <= minutes(start) and minutes(end) <= last


def test_the_cafe_needs_more_baristas_in_the_saturday_rush_than_on_a_monday_evening():
    needed = {(day, start, role): people for day, start, _, role, people in sheet(CAFE, "coverage").iter_rows()}
    assert needed["Sat", "08:30", "Barista"] == 3
    assert needed["Mon", "18:30", "Barista"] == 1


def test_time_off_in_the_cafe_names_people_on_the_staff_sheet():
    assert set(sheet(CAFE, "time off").to_series(0)) <= set(sheet(CAFE, "staff").to_series(0))


def test_cafe_shifts_start_before_they_end_and_keep_to_opening_hours():
    for _, start, end, pause in sheet(CAFE, "shift types").iter_rows():
        assert minutes("07:00") <= minutes(start) < minutes(end) <= minutes("19:00")
        assert pause < minutes(end) - minutes(start)
