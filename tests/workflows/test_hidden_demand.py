"""A bakery whose file says how many loaves there were, and whose newest cake is three days old."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from engine.business.model import Business
from engine.errors import TooLittleHistory
from engine.narrate import narrate
from engine.settings import Settings
from engine.workflows import files
from engine.workflows.forecast import forecasts
from tests.conftest import LATER

MONDAY = date(2026, 1, 5)
LEVELS = {"rye": ("bread", 20), "wheat": ("bread", 30), "spelt": ("bread", 25), "tart": ("cake", 4), "pie": ("cake", 5)}
NEW_DAYS = 3
DAYS = 140
TIN = 22
"""So many rye loaves are baked each day, for 20 customers on average: on many days they run out."""


def opened(lines: list[str], *columns: str) -> Business:
    text = "\n".join([",".join(("Date", "Product", *columns)), *lines])
    return files.open_business(text.encode(), "bakery.csv", Settings(), today=LATER)


@pytest.fixture(scope="module")
def demand() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {item: rng.poisson(level, DAYS) for item, (_, level) in LEVELS.items()}


@pytest.fixture(scope="module")
def bakery(demand) -> Business:
    lines = []
    for item, wanted in demand.items():
        for k, customers in enumerate(wanted.tolist()):
            there = TIN if item == "rye" else 90
            sold = min(customers, there)
            lines.append(f"{MONDAY + timedelta(days=k)},{item},{LEVELS[item][0]},{sold},{there}")
    lines += [f"{MONDAY + timedelta(days=k)},eclair,cake,{9 + k % 2},90" for k in range(DAYS - NEW_DAYS, DAYS)]
    return opened(lines, "Category", "Units sold", "Stock on hand")


def test_loaves_that_ran_out_count_as_demand_and_it_is_said(bakery, demand):
    history = forecasts.history_for(bakery, "quantity", "rye")
    assert history.demand.mean() == pytest.approx(demand["rye"].mean(), rel=0.03)
    assert np.minimum(demand["rye"], TIN).mean() < 0.97 * demand["rye"].mean()
    ran_out = int(np.sum(demand["rye"] >= TIN))
    assert history.cautions[0].startswith(f"The shelf was empty on {ran_out} days: about ")


def test_what_is_left_in_the_evening_is_told_from_what_was_there_in_the_morning(demand):
    left = [
        f"{MONDAY + timedelta(days=k)},rye,{min(n, TIN)},{TIN - min(n, TIN)}"
        for k, n in enumerate(demand["rye"].tolist())
    ]
    history = forecasts.history_for(opened(left, "Units sold", "Stock on hand"), "quantity", "rye")
    assert history.demand.mean() == pytest.approx(demand["rye"].mean(), rel=0.03)


def test_an_item_that_never_ran_out_stays_as_it_was_sold(bakery, demand):
    history = forecasts.history_for(bakery, "quantity", "wheat")
    assert history.demand.tolist() == history.values.tolist() == demand["wheat"].tolist()
    assert history.cautions == ()


def test_a_new_cake_is_expected_to_sell_like_cakes_moved_towards_its_own_first_days(bakery):
    """Cakes sell 4 and 5 a day, breads five times as much; the new one sold about 9."""
    history = forecasts.history_for(bakery, "quantity", "eclair")
    assert sorted(each.item for each in history.similar) == ["pie", "tart"]
    made = forecasts.run_forecast(history, 14, "quick")
    assert 4.5 < made.point.mean() < 9.5
    assert "like 2 similar items" in made.cautions[0]


def test_the_band_of_a_new_cake_is_not_much_narrower_than_that_of_a_known_one(bakery):
    new, known = (
        forecasts.run_forecast(forecasts.history_for(bakery, "quantity", item), 14, "quick")
        for item in ("eclair", "pie")
    )
    widths = [np.mean(made.band(80).upper - made.band(80).lower) / made.point.mean() for made in (new, known)]
    assert widths[0] > 0.8 * widths[1]
    totals = [made.facts(80) for made in (new, known)]
    relative = [(f["total_upper"].value - f["total_lower"].value) / f["total_ahead"].value for f in totals]
    assert relative[0] > 0.8 * relative[1]


def test_nothing_is_claimed_of_how_good_the_forecast_of_a_new_cake_is(bakery):
    made = forecasts.run_forecast(forecasts.history_for(bakery, "quantity", "eclair"), 14, "quick")
    text = narrate(made.facts(80), "forecast").text
    assert not made.refinable
    assert "beat" not in text and "off by" not in text and "held" not in text
    assert "just before" not in text  # three days are not compared with fourteen
    assert forecasts.how_measured(made).startswith("Nothing could be measured yet")


def test_a_single_item_that_is_new_has_nothing_to_be_like():
    dataset = opened([f"{MONDAY + timedelta(days=k)},eclair,9" for k in range(NEW_DAYS)], "Units sold")
    with pytest.raises(TooLittleHistory):
        forecasts.run_forecast(forecasts.history_for(dataset, "quantity", "eclair"), 14, "quick")


def test_the_past_that_is_shown_is_what_was_sold(bakery):
    sold = bakery.sales.filter(pl.col("item") == "rye")["quantity"].sum()
    history = forecasts.history_for(bakery, "quantity", "rye")
    assert np.nansum(history.values) == pytest.approx(sold)
    assert np.nansum(history.demand) > sold


def test_what_sells_on_most_days_only_has_no_empty_shelf_on_the_others():
    chance = np.random.default_rng(8)
    days = [date(2026, 1, 1) + timedelta(days=k) for k in range(200)]
    rows = [("Date", "Item", "Units sold")]
    for day in days:
        rows += [(str(day), "loaf", "30")]
        rows += [(str(day), "tart", "12")] if chance.random() < 0.7 else []
    text = "\n".join(",".join(row) for row in rows)
    business = files.open_business(text.encode(), "sales.csv", Settings(), today=LATER)
    for item in ("tart", ""):
        history = forecasts.history_for(business, "quantity", item)
        assert history.demand.tolist() == history.values.tolist()
