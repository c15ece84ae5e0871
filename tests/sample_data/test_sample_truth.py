"""The truth file tells the truth: the process keeps to it, and the workbooks show it."""

import json
from datetime import date
from functools import cache
from itertools import pairwise
from math import log
from pathlib import Path

import fastexcel
import numpy as np
import polars as pl
import pytest

from sample_data.business import END, START, Business, Channel
from sample_data.businesses import BUSINESSES
from sample_data.businesses.bakery import BAKERY
from sample_data.businesses.cafe import CAFE
from sample_data.businesses.clinic import CLINIC
from sample_data.businesses.clothing_shop import CLOTHING_SHOP
from sample_data.businesses.online_shop import ONLINE_SHOP
from sample_data.make import main
from sample_data.process import (
    Simulation,
    adstock,
    draw,
    expect,
    hill,
    in_history,
    in_scope,
    simulate,
    without_promotions,
)
from sample_data.season import growth, monthly_curve, season_index
from sample_data.truth import units_sd

FOLDER = Path(__file__).parents[2] / "sample_data"
every_business = pytest.mark.parametrize("business", BUSINESSES, ids=lambda business: business.key)


@cache
def truth(business: Business) -> dict:
    return json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))[business.key]


@cache
def simulation(business: Business) -> Simulation:
    return simulate(business)


@cache
def sales(business: Business) -> pl.DataFrame:
    frame = fastexcel.read_excel(FOLDER / f"{business.key}.xlsx").load_sheet("sales").to_polars()
    names = ("day", "item", "units", "price", "promoted")
    return frame.rename(dict(zip(frame.columns, names, strict=True))).with_columns(pl.col("day").cast(pl.Date))


@cache
def weeks(business: Business) -> pl.DataFrame:
    return fastexcel.read_excel(FOLDER / f"{business.key}.xlsx").load_sheet("marketing").to_polars()


@cache
def made(folder: Path) -> Path:
    main(["--out", str(folder)])
    return folder


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return made(tmp_path_factory.mktemp("made"))


def expected_days(business: Business, column: str = "units") -> pl.DataFrame:
    told = truth(business)["expected"]
    days = pl.Series(told["date"]).str.to_date()
    return pl.DataFrame({"day": days, "mean": told[column], "open": told["open"]})


@every_business
def test_the_script_makes_the_committed_workbook_again(business, fresh):
    again, kept = (fastexcel.read_excel(folder / f"{business.key}.xlsx") for folder in (fresh, FOLDER))
    assert again.sheet_names == kept.sheet_names
    for name in kept.sheet_names:
        assert again.load_sheet(name).to_polars().equals(kept.load_sheet(name).to_polars()), name


@every_business
def test_the_script_makes_the_committed_truth_again(business, fresh):
    assert json.loads((fresh / "truth.json").read_text(encoding="utf-8"))[business.key] == truth(business)


def test_another_seed_gives_another_draw_around_the_same_mean():
    ours = simulation(BAKERY)
    other = draw(BAKERY, ours.expected, np.random.default_rng(7))
    assert not np.array_equal(other.units, ours.drawn.units)
    assert other.units.sum() == pytest.approx(ours.expected.units.sum(), rel=0.03)


def test_a_hundred_spent_once_with_decay_one_half_carries_over_as_50_25_12_5():
    assert adstock(np.array([0.0, 100.0, 0.0, 0.0]), 0.5).tolist() == [0.0, 50.0, 25.0, 12.5]


def test_spend_that_never_changes_is_carried_over_as_itself():
    assert adstock(np.full(5, 80.0), 0.6).tolist() == pytest.approx([80.0] * 5)


def test_half_of_the_visits_come_at_the_half_saturation():
    channel = Channel("Radio", spend=1, decay=0, max_visits=900, half=250, slope=2.3)
    assert hill(np.array([0.0, 250.0]), channel).tolist() == pytest.approx([0.0, 450.0])


def test_the_yearly_curve_is_a_straight_line_between_the_middles_of_two_months():
    months = (2.0, 1.0, *[1.0] * 10)
    middle_of_january, end_of_january = monthly_curve(months, [date(2025, 1, 16), date(2025, 1, 30)])
    assert middle_of_january == pytest.approx(2.0, abs=0.02)
    assert end_of_january == pytest.approx(1.5, abs=0.02)


@every_business
def test_the_true_mean_is_the_average_of_many_draws(business):
    expected = simulation(business).expected
    rng = np.random.default_rng(20)
    totals = [draw(business, expected, rng).units.sum() for _ in range(40)]
    error = np.std(totals, ddof=1) / np.sqrt(len(totals))
    assert abs(np.mean(totals) - expected.units.sum()) < 4 * error


@every_business
def test_the_true_standard_deviation_is_that_of_many_draws(business):
    ours = simulation(business)
    rng = np.random.default_rng(21)
    totals = np.array([draw(business, ours.expected, rng).units.sum(axis=1) for _ in range(60)])
    trading = ours.expected.organic > 0
    assert (totals.std(axis=0, ddof=1)[trading] / units_sd(ours)[trading]).mean() == pytest.approx(1.0, abs=0.02)


@every_business
def test_the_workbooks_total_lies_within_chance_of_the_true_mean(business):
    expected = simulation(business).expected
    shown = in_history(expected.grid)
    rng = np.random.default_rng(22)
    spread = np.std([draw(business, expected, rng).units[shown].sum() for _ in range(40)], ddof=1)
    mean = expected_days(business).filter(pl.col("day") <= END)["mean"].sum()
    assert abs(sales(business)["units"].sum() - mean) < 4 * spread


@every_business
def test_the_business_sells_on_the_days_that_the_truth_calls_open(business):
    told = expected_days(business).filter((pl.col("open") == 1) & (pl.col("day") <= END))["day"]
    assert set(sales(business)["day"]) == set(told)


@every_business
def test_no_day_is_both_closed_and_expected_to_sell(business):
    told = expected_days(business)
    assert ((told["mean"] > 0) == (told["open"] == 1)).all()
    assert set(truth(business)["closed_days"]).isdisjoint(str(day) for day in told.filter(pl.col("open") == 1)["day"])


@every_business
def test_the_truth_looks_28_days_beyond_the_workbook(business):
    told = truth(business)["expected"]
    assert told["date"][0] == str(START)
    assert told["date"][-1] == "2026-11-28"
    ahead = np.sum(list(told["ahead"]["units"].values()), axis=0)
    assert ahead.tolist() == pytest.approx(told["units"][-28:], abs=0.01)


@pytest.mark.parametrize(
    ("business", "elasticity"),
    [(BAKERY, -1.2), (CLINIC, -0.8), (CAFE, -0.9)],
    ids=lambda value: getattr(value, "key", ""),
)
def test_units_move_after_the_price_change_as_the_elasticity_says(business, elasticity):
    change = truth(business)["price_change"]
    assert change["elasticity"] == elasticity
    day, step = date.fromisoformat(change["date"]), log(change["new"] / change["old"])
    sold = sales(business).filter(pl.col("item") == change["item"]).select("day", "units")
    both = expected_days(business, "units_of_item_with_price_change").join(sold, on="day")
    before, after = (both.filter(side).sum() for side in (pl.col("day") < day, pl.col("day") >= day))
    at_the_old_price = after["mean"][0] / (change["new"] / change["old"]) ** elasticity
    moved = (after["units"][0] / at_the_old_price) / (before["units"][0] / before["mean"][0])
    assert log(moved) / step == pytest.approx(elasticity, abs=0.4)


def test_a_broken_oven_leaves_35_percent_of_the_bread():
    bread = sales(BAKERY).filter(pl.col("item").str.contains("loaf")).group_by("day").agg(pl.col("units").sum())
    broken = bread.filter(pl.col("day").is_between(date(2026, 3, 10), date(2026, 3, 15)))["units"].mean()
    usual = bread.filter(pl.col("day").is_between(date(2026, 3, 18), date(2026, 3, 29)))["units"].mean()
    assert broken / usual == pytest.approx(0.35, abs=0.08)


def test_street_works_keep_28_percent_of_the_shoppers_away():
    visits = pl.DataFrame(
        {"week": weeks(CLOTHING_SHOP).to_series(0).cast(pl.Date), "n": weeks(CLOTHING_SHOP)["Footfall"]}
    )
    during = visits.filter(pl.col("week").is_between(date(2025, 5, 12), date(2025, 5, 26)))["n"].mean()
    later = visits.filter(pl.col("week").is_between(date(2025, 6, 9), date(2025, 6, 30)))["n"].mean()
    assert during / later == pytest.approx(0.72, abs=0.09)


def test_the_total_lift_of_pastry_week_is_display_times_visits_times_the_lower_price():
    pastry_week = truth(BAKERY)["promotions"][0]
    assert pastry_week["total_lift"] == pytest.approx(1.25 * 1.03 * 0.85**-1.2, abs=1e-4)


@every_business
def test_promotions_lift_sales_as_told(business):
    """Units of all promoted items on all their promotion days, against the truth with and without promotions."""
    ours = simulation(business)
    cells = ours.expected.promoted & in_history(ours.expected.grid)[:, None]
    plain = expect(without_promotions(business), ours.expected.spend).units[cells].sum()
    lifted = ours.expected.units[cells].sum()
    rng = np.random.default_rng(23)
    spread = np.std([draw(business, ours.expected, rng).units[cells].sum() for _ in range(40)], ddof=1)
    sold = sales(business).filter(pl.col("promoted") == 1)["units"].sum()
    assert abs(sold - lifted) < 4 * spread
    assert sold - plain > 4 * spread


@every_business
def test_one_more_unit_of_spend_each_week_brings_the_marginal_revenue_told(business):
    """By difference: the whole process is run again with the budget of one channel raised by 1 in every week."""
    expected = simulation(business).expected
    grid = expected.grid
    whole = [week for week in grid.whole_weeks() if expected.visits[week] > 0]
    for k, channel in enumerate(business.channels):
        raised = expected.spend.copy()
        raised[:, k] += 1.0
        more = grid.per_week(expect(business, raised).revenue - expected.revenue)[whole].mean()
        told = truth(business)["marketing"]["channels"][channel.name]["marginal_revenue_over_history"]
        assert more == pytest.approx(told, rel=0.02)


def test_the_online_shops_visits_show_what_each_channel_brings():
    """Least squares of the workbook's visits on the true curves: each coefficient is 1, and clearly not 0."""
    ours = simulation(ONLINE_SHOP)
    grid, rows = ours.expected.grid, ours.expected.grid.whole_weeks()
    demand = ONLINE_SHOP.demand
    weekday = np.array([demand.weekday[day.weekday()] for day in grid.days])
    regular = demand.visits * grid.per_week(
        weekday * season_index(ONLINE_SHOP, grid.days) * growth(ONLINE_SHOP, grid.days)
    )
    brought = [hill(ours.expected.carried[:, k], channel) for k, channel in enumerate(ONLINE_SHOP.channels)]
    design = (np.column_stack([regular, *brought]) * ours.expected.reach[:, None])[rows]
    visits = weeks(ONLINE_SHOP)["visits"].to_numpy()
    found, *_ = np.linalg.lstsq(design, visits, rcond=None)
    rest = visits - design @ found
    error = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * (rest @ rest) / (len(visits) - design.shape[1]))
    assert (np.abs(found - 1.0) < 4 * error).all()
    assert (found > 3 * error).all()


@pytest.mark.parametrize(("business", "rate"), [(CLINIC, 0.16), (ONLINE_SHOP, 0.085)], ids=["clinic", "online_shop"])
def test_visits_turn_into_leads_at_the_rate_told(business, rate):
    frame = weeks(business)
    assert frame.to_series(-2).sum() / frame.to_series(-3).sum() == pytest.approx(rate, rel=0.02)
    assert truth(business)["marketing"]["lead_rate"] == rate


@every_business
def test_the_graph_has_a_path_from_each_channel_to_revenue_and_no_circle(business):
    children: dict[str, set[str]] = {}
    for edge in truth(business)["graph"]:
        children.setdefault(edge["from"], set()).add(edge["to"])

    def below(node: str, above: tuple[str, ...] = ()) -> set[str]:
        assert node not in above
        return {node}.union(*(below(child, (*above, node)) for child in children.get(node, ())))

    for channel in business.channels:
        assert "revenue" in below(f"{channel.name} spend")
    assert "revenue" in below("season")


@every_business
def test_no_item_is_in_two_promotions_at_once(business):
    for item in business.items:
        spans = sorted((p.first, p.last) for p in business.promotions if in_scope(item, p.scope))
        assert all(end < start for (_, end), (start, _) in pairwise(spans))
