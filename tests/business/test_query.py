"""The semantic layer against pandas, which shares no code with it, on shops drawn anew; and one added up by hand."""

import random
import time
from datetime import date, timedelta

import pandas as pd
import pytest

from engine.business.calendar import Calendar, Period
from engine.business.measures import DIMENSIONS, MEASURES
from engine.business.query import PERIOD, Filter, Having, Query, previous, run, unavailable, year_before
from engine.dataset import Frequency
from tests.business.conftest import TODAY, days, opened

SEED = int(time.time())
"""Printed when a test fails, so that the business can be drawn again."""


def drawn(seed: int) -> pd.DataFrame:
    """Two hundred days of sale lines in three stores."""
    chance = random.Random(seed)
    items = {f"Item {letter}": chance.choice(["Bread", "Cake", "Drinks"]) for letter in "ABCDEFG"}
    rows = []
    for day in days(200):
        for item, category in items.items():
            if chance.random() < 0.7:
                units, price = chance.randint(1, 30), round(chance.uniform(1, 9), 2)
                store = chance.choice(["North", "South", "Mill Lane"])
                rows.append((day, item, category, store, units, round(units * price, 2), chance.randint(1, 999)))
    columns = ["Date", "Product", "Category", "Store", "Units", "Revenue", "Order id"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def both():
    frame = drawn(SEED)
    truth = frame.rename(columns={"Product": "item", "Category": "category", "Store": "store"})
    truth["quantity"], truth["revenue"] = truth["Units"].astype(float), truth["Revenue"]
    truth["day"] = pd.to_datetime(truth["Date"])
    return opened(frame.to_csv(index=False)), truth


def pieces(frame: pd.DataFrame, key: str) -> pd.Series:
    """The parts of time as pandas cuts them."""
    starts = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
    if key == "weekday":
        return frame["day"].dt.day_of_week
    return frame["day"] if key == "day" else frame["day"].dt.to_period(starts[key]).dt.start_time


@pytest.mark.parametrize("number", range(60))
def test_any_query_gives_what_pandas_gives(both, number):
    business, truth = both
    chance = random.Random(SEED + number)
    by = tuple(chance.sample(["item", "category", "store", "month", "weekday", "week"], chance.randint(0, 2)))
    first = TODAY - timedelta(days=chance.randint(20, 190))
    period = Period(first, first + timedelta(days=chance.randint(0, 19)))
    store = chance.choice(["", " north ", "MILL LANE"])
    where = (Filter("store", (store,), exclude=chance.random() < 0.3),) if store else ()
    query = Query(("quantity", "revenue", "lines", "price"), by=by, where=where, period=period)
    rows = truth[(truth["day"] >= str(period.first)) & (truth["day"] <= str(period.last))]
    if store:
        same = rows["store"].str.casefold() == store.strip().casefold()
        rows = rows[~same if where[0].exclude else same]
    result = run(business, query)
    print(f"seed {SEED}, number {number}: {query}")
    if not by:
        assert result.total("revenue") == pytest.approx(rows["revenue"].sum())
        assert result.total("quantity") == pytest.approx(rows["quantity"].sum())
        return
    keys = [rows[key] if key in rows else pieces(rows, key).rename(key) for key in by]
    sums = rows.groupby(keys)[["quantity", "revenue"]].sum()
    sums["lines"] = rows.groupby(keys).size()
    assert len(sums) == result.frame.height
    for row in result.frame.iter_rows(named=True):
        place = tuple(pd.Timestamp(row[key]) if isinstance(row[key], date) else row[key] for key in by)
        right = sums.loc[place if len(place) > 1 else place[0]]
        assert [row["quantity"], row["revenue"], row["lines"]] == pytest.approx(list(right))
        assert row["price"] == pytest.approx(right["revenue"] / right["quantity"])


@pytest.mark.parametrize("frequency", [Frequency.WEEKLY, Frequency.MONTHLY, Frequency.DAILY])
def test_periods_add_up_to_the_whole(both, frequency):
    business, truth = both
    result = run(business, Query(("revenue",), grain=Calendar(frequency)))
    assert result.frame["revenue"].sum() == pytest.approx(truth["revenue"].sum())
    assert result.frame[PERIOD].is_sorted()


def test_comparisons_shares_ranks_and_ranges(both):
    business, truth = both
    march = Period(date(2026, 9, 1), date(2026, 9, 30))
    result = run(
        business, Query(("revenue",), by=("item",), period=march, compare="previous", order="revenue", share_of="all")
    )
    august = truth[(truth["day"] >= "2026-08-01") & (truth["day"] <= "2026-08-31")].groupby("item")["revenue"].sum()
    assert dict(zip(result.frame["item"], result.frame["revenue_before"], strict=True)) == pytest.approx(
        august.to_dict()
    )
    assert result.frame["revenue"].is_sorted(descending=True)
    assert result.frame["revenue_share"].sum() == pytest.approx(100)
    top = run(business, Query(("revenue",), by=("item",), order="revenue", limit=2))
    assert top.frame["item"].to_list() == list(truth.groupby("item")["revenue"].sum().nlargest(2).index)
    least = float(top.frame["revenue"][1])
    assert run(business, Query(("revenue",), by=("item",), having=(Having("revenue", least=least),))).frame.height == 2


SHOP = """Date,Product,Shop,Units,Unit price,Order no
2026-11-23,Tea,North,2,5,1
2026-11-23,Cake,North,1,10,1
2026-11-24,Tea,South,4,5,2
2026-11-25,Tea,North,-1,5,3
2026-11-26,Cake,South,3,10,4
2026-11-27,Tea,South,1,5,4
2026-11-28,Cake,North,2,10,5
2026-11-29,Tea,North,5,5,6
2026-11-30,Tea,North,3,5,7
"""
STOCK = "Product,Unit cost,On hand,Supplier,Category\nTea,2,28,Leaf,Drinks\nCake,4,6,Oven,Sweets\n"
MEDIA = "Week,Radio spend,Visits,Leads\n2026-11-16,10,100,10\n2026-11-23,20,300,60\n"
STAFF = "Employee,Role,Hourly rate,Max hours\nBarista 1,bar,15,20\nBarista 2,bar,17,30\n"
NEEDS = "Weekday,From,To,Role,People needed\nMonday,09:00,13:00,bar,2\nTuesday,09:00,11:00,bar,1\n"


@pytest.fixture(scope="module")
def shop():
    return opened(SHOP, stock=STOCK, media=MEDIA, staff=STAFF, needs=NEEDS)


BY_HAND = {
    "quantity": 20,
    "revenue": 14 * 5 + 6 * 10,
    "lines": 9,
    "documents": 8,
    "basket": 130 / 8,
    "price": 130 / 20,
    "unit_price": (6 * 5 + 3 * 10) / 9,
    "returns": 1,
    "gross_profit": 14 * 3 + 6 * 6,
    "costed_revenue": 130,
    "margin": 100 * 78 / 130,
    "traffic": 400,
    "leads": 70,
    "conversion": 17.5,
    "spend": 30,
    "return_on_spend": 130 / 30,
    "on_hand": 34,
    "stock_value": 28 * 2 + 6 * 4,
    "recent_units": 20 / 8,
    "days_of_cover": 34 / (20 / 8),
    "hours_planned": 10,
    "wages_planned": 160,
    "hours_available": 50,
    "people": 2,
    "wage": 16,
}


@pytest.mark.parametrize("key", [key for key in MEASURES if key != "promoted"])
def test_every_measure_is_what_it_is_by_hand(shop, key):
    assert run(shop, Query((key,))).total(key) == pytest.approx(BY_HAND[key])


@pytest.mark.parametrize("key", MEASURES)
def test_a_measure_has_a_name_a_unit_and_a_way_to_add_up(key):
    measure = MEASURES[key]
    assert measure.key == key
    assert measure.label
    assert (measure.total is None) == (measure.ratio is not None)
    assert all(part in MEASURES for part in measure.ratio or ())


def test_a_role_is_the_same_in_other_letters_and_a_role_of_nobody_costs_what_all_earn():
    needs = NEEDS.replace("bar,2", "Bar,2").replace("bar,1", "door,1")
    staff = STAFF.replace("Barista 2,bar,17", "Cook 1,kitchen,27")
    assert run(opened(SHOP, staff=staff, needs=needs), Query(("wages_planned",))).total("wages_planned") == (
        8 * 15 + 2 * (15 + 27) / 2
    )


def test_no_synonym_stands_for_two_measures_or_two_dimensions():
    for registry in (MEASURES, DIMENSIONS):
        words = [word for each in registry.values() for word in (each.label.casefold(), *each.synonyms)]
        assert len(words) == len(set(words))


def test_what_the_file_cannot_give_is_a_value_with_what_is_missing(shop):
    bare = opened("Date,Units\n" + "".join(f"{day},3\n" for day in days(20)))
    lack = unavailable(bare, "margin")
    assert lack is not None
    assert lack.sentence == "Margin cannot be worked out: your file has no revenue."
    result = run(bare, Query(("quantity", "revenue")))
    assert [each.measure for each in result.unavailable] == ["revenue"]
    assert result.total("quantity") == 60
    assert unavailable(shop, "promoted").missing == "promotion"
    assert run(shop, Query(("spend",), by=("item",))).unavailable[0].missing == "item beside it"


def test_facts_name_the_figure_the_group_and_the_rows_behind(shop):
    facts = run(shop, Query(("revenue",), by=("item",), order="revenue")).facts()
    assert [(fact.label, fact.value) for fact in facts] == [("Revenue, Tea", 70.0), ("Revenue, Cake", 60.0)]
    assert facts["revenue_0"].basis == "worked out from 9 rows of your file"


@pytest.mark.parametrize(
    "wrong",
    [
        {"measures": ("quantity", "quantity")},
        {"by": ("item", "item")},
        {"order": "revenue"},
        {"having": (Having("revenue", least=1.0),)},
        {"by": ("item",), "share_of": "store"},
        {"by": ("month",), "period": Period(date(2026, 3, 1), date(2026, 3, 31)), "compare": "previous"},
        {"compare": "previous"},
    ],
)
def test_a_question_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        Query(**{"measures": ("quantity",), **wrong})


def test_receipt_numbers_begin_anew_each_day_and_in_each_shop():
    rows = "".join(f"{day},{shop},{number},Tea,1\n" for day in days(10) for shop in "NS" for number in (1, 1, 2, 3, 4))
    tills = opened("Date,Shop,Order no,Product,Units\n" + rows)
    assert run(tills, Query(("documents",))).total("documents") == 80


def test_a_group_that_is_new_is_compared_with_nothing_sold_but_its_price_with_none(shop):
    last = Period(date(2026, 11, 24), date(2026, 11, 24))
    compared = run(shop, Query(("quantity", "unit_price"), by=("item",), period=last, compare="previous")).frame
    cake = compared.filter(item="Cake").row(0, named=True)
    assert (cake["quantity"], cake["quantity_before"], cake["quantity_change"]) == (0, 1, -1)
    assert (cake["unit_price"], cake["unit_price_before"]) == (None, 10)
    assert cake["unit_price_change"] is None


def test_whole_months_are_compared_with_whole_months():
    march = Period(date(2026, 3, 1), date(2026, 3, 31))
    assert previous(march) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert year_before(march) == Period(date(2025, 3, 1), date(2025, 3, 31))
    week = Period(date(2026, 3, 2), date(2026, 3, 8))
    assert previous(week) == Period(date(2026, 2, 23), date(2026, 3, 1))
    assert year_before(week) == Period(date(2025, 3, 3), date(2025, 3, 9))
