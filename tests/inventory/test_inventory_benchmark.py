"""The measuring tools themselves: cases that other folders hold, and files that are missing."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import inventory
from benchmarks.inventory_cases import Row, textbook, under_capacity
from benchmarks.lotsizing import read_instance


def case(model, truth, **data):
    return {"name": "a shop", "model": model, "data": data, "expected": truth}


def test_a_case_is_told_by_what_it_gives():
    base = {"holding_cost": 0.18, "stockout_cost": 0.7, "demand_mean": 50, "demand_sd": 8}
    cases = [
        case("base stock", {"base_stock_level": 264.76689, "cost": 4.466781}, **base, lead_time=4),
        case("EOQ incremental discounts", {"Q": 304.0468}, fixed_cost=8, holding_cost_rate=0.3, demand_rate=1300,
             breakpoints=[0, 400, 800], unit_costs=[0.75, 0.72, 0.68]),
        case("newsvendor discrete", {"S": 5, "cost": 1225000}, holding_cost=500000, stockout_cost=1000000,
             demand_pmf={"1": .25, "2": .05, "3": .1, "4": .2, "5": .15, "6": .1, "7": .1, "8": .05}),
        case("(r,Q)", {"cost_at_r126_8_Q328_5": 78.07}, holding_cost=0.225, stockout_cost=7.5, fixed_cost=8,
             demand_mean=1300, demand_sd=150, lead_time=1 / 12),
    ]  # fmt: skip
    rows, omissions = textbook(cases)
    assert len(rows) == 6 and omissions == []
    assert all(row.error < 1e-4 and row.is_right for row in rows)


def test_a_case_that_nobody_here_answers_is_left_out_by_name():
    assert textbook([case("with floods", {"cost": 1.0}, flood_rate=2)]) == ([], ["a shop (with floods)"])


def test_a_source_is_held_to_the_figures_that_it_prints():
    assert Row("a", "cost", 78.07, 78.0712).is_right
    assert not Row("a", "cost", 78.07, 78.08).is_right
    assert not Row("a", "cost", 1380, 1380.1).is_right


def test_whole_units_under_a_capacity_are_counted_out():
    """Three items of Poisson demand: 4, 5 and 2 units are the cheapest of all that take 15 at most."""
    truth = {"optimal_cost": 19.80226, "shadow_price": None}
    items = {"mu": [3, 8, 1.5], "underage": [5, 4, 9], "overage": [1, 1, 2], "volume": [1, 2, 0.5], "capacity": 15}
    ([row], omissions) = under_capacity([{"id": "p", "demand": "Poisson(mu)", **items, **truth}, {"demand": "gamma"}])
    assert row.ours == pytest.approx(19.80226, abs=1e-5)
    assert omissions == [" (gamma)"]


def test_a_folder_without_some_of_the_files_is_measured_as_far_as_it_goes(tmp_path):
    cases = [{"demand": "Poisson", "mean": 10, "h": 1, "p": 9, "K": 64, "s": 6, "S": 40, "cost": 35.022}]
    (tmp_path / "zheng_federgruen_1991_sS.json").write_text(json.dumps(cases))
    options = argparse.Namespace(data=tmp_path, parts=["cases"], seed=1, largest=10)
    _, figures = inventory.run(options)
    assert figures["worst_zheng_federgruen"] < 1e-3
    assert len(figures["left_out"]) == 2
    with pytest.raises(SystemExit, match="no case"):
        inventory.run(argparse.Namespace(**{**vars(options), "data": Path(tmp_path / "nowhere")}))


def test_without_stockpyl_our_answers_are_measured_and_the_row_says_what_to_install(tmp_path, monkeypatch):
    """Snyder & Shen, example 3.1: a candy shop orders 304 bars at a time, which costs 68.41 a year."""
    monkeypatch.setitem(sys.modules, "stockpyl", None)
    candy = case(
        "EOQ", {"order_quantity": 304.0467, "cost": 68.4105}, fixed_cost=8, holding_cost=0.225, demand_rate=1300
    )
    (tmp_path / "stockpyl_cases.json").write_text(json.dumps([candy]))
    text, figures = inventory.run(argparse.Namespace(data=tmp_path, parts=["cases"], seed=1, largest=10))
    assert (figures["costs_met"], figures["stockpyl"]) == (1, {"installed": False})
    assert "not installed: pip install -e .[bench]" in text


def test_stockpyl_answers_beside_us_where_it_is_installed(tmp_path):
    pytest.importorskip("stockpyl")
    candy = case("EOQ", {"Q": 304.0467, "cost": 68.4105}, fixed_cost=8, holding_cost=0.225, demand_rate=1300)
    news = case(
        "Poisson", {"s": 4, "S": 10, "cost": 8.0341}, holding_cost=1, stockout_cost=4, fixed_cost=5, demand_mean=6
    )
    rows, _ = textbook([candy, news])
    assert [row.stockpyl for row in rows] == pytest.approx([row.ours for row in rows])
    (tmp_path / "stockpyl_cases.json").write_text(json.dumps([candy, news]))
    _, figures = inventory.run(argparse.Namespace(data=tmp_path, parts=["cases"], seed=1, largest=10))
    assert json.loads(json.dumps(figures["stockpyl"])) == {"installed": True, "answers": 5, "met": 5}


DOUGH = "2 3\n1\n20\n1 2 3 40\n1.00 0.80 5. 60\n"


@pytest.mark.parametrize("rows", ["1 2\n3 4\n5 6\n", "1\n3\n5\n2\n4\n6\nBi hi su su\n time cost\n"])
def test_demand_stands_in_rows_or_in_blocks(tmp_path, rows):
    path = tmp_path / "T1.DAT"
    path.write_text(DOUGH + rows)
    read = read_instance(path)
    assert [item.demand.tolist() for item in read.items] == [[1, 3, 5], [2, 4, 6]]
    assert (read.items[1].setup_time, read.items[1].holding_cost) == (5, 0.8)
    assert np.array_equal(read.capacity, [20, 20, 20])


@pytest.mark.parametrize("text", ["", "# A readme\n", DOUGH + "1 2 3\n"])
def test_a_file_of_another_kind_is_refused(tmp_path, text):
    path = tmp_path / "readme.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"it does not start|demands for"):
        read_instance(path)
