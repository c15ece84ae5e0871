"""The drawn businesses and the truth about them, by hand; whether the app agrees is what the benchmark measures."""

import csv
import subprocess
import sys
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest

from benchmarks.agreement_files import file_bytes
from benchmarks.agreement_oddities import EXCLUSIVE, ODDITIES
from benchmarks.agreement_reference import truth_of
from benchmarks.agreement_rows import Grain, Kind, Row, Shape, end_of, step_on
from benchmarks.agreement_worlds import Suffix, World, draw_world

MONDAY, TUESDAY = date(2026, 5, 4), date(2026, 5, 5)
EVER = (date.min, date.max)


def row(day, item, quantity, revenue, price=2.0, kind=Kind.SALE):
    return Row(day or MONDAY, day, item, "Bread", "", quantity, price, revenue, kind=kind)


ROWS = (
    row(MONDAY, "Pretzel", 10.0, 20.0),
    row(MONDAY, "Pretzel", -1.0, -2.0, kind=Kind.RETURN),
    row(MONDAY, "Bagel", 4.0, None),
    row(TUESDAY, "Bagel", None, 5.0),
    row(TUESDAY, "", 3.0, 5.5),
    row(TUESDAY, "Bagel", None, None),
    row(TUESDAY, "Bagel", 7.0, 14.0, kind=Kind.CANCELLED),
    row(None, "Bagel", 8.0, 16.0, kind=Kind.UNDATED),
    row(date(2011, 5, 4), "Bagel", 9.0, 18.0, kind=Kind.STRAY),
    row(date(2026, 6, 1), "Bagel", 30.0, 60.0, kind=Kind.FUTURE),
    row(date(2026, 6, 2), "Bagel", None, None, kind=Kind.FUTURE),
)


def world(*oddities, rows=ROWS):
    shape = Shape(1, date(2026, 5, 6), Grain.DAILY, MONDAY, TUESDAY, oddities=frozenset(oddities))
    return World(shape, rows, (), Suffix.CSV, point_dates=False)


def test_units_are_sold_less_returned_and_money_over_price_where_they_are_blank():
    truth = truth_of(world())

    assert truth.total("quantity", *EVER) == 10 - 1 + 4 + 5.0 / 2.0 + 3
    assert truth.total("quantity", MONDAY, MONDAY, "Bagel") == 4
    assert truth.total("quantity", TUESDAY, TUESDAY) == 2.5 + 3


def test_revenue_is_the_cell_and_units_times_price_where_it_is_blank():
    truth = truth_of(world())

    assert truth.total("revenue", *EVER) == 20 - 2 + 4 * 2.0 + 5 + 5.5
    assert truth.total("revenue", *EVER, "Pretzel") == 18
    assert (truth.first_day, truth.last_day) == (MONDAY, TUESDAY)


def test_a_file_of_units_alone_has_no_revenue():
    assert truth_of(world("units alone")).total("revenue", *EVER) is None
    assert truth_of(world("no revenue column")).total("revenue", MONDAY, MONDAY) == 2.0 * (10 - 1 + 4)


def test_what_was_left_out_or_completed_is_counted_by_kind():
    truth = truth_of(world())

    assert truth.mentions == {
        "future": {2},
        "stray": {1},
        "cancelled": {1},
        "undated": {1},
        "filled revenue": {1},
        "filled quantity": {1},
        "without any number": {1, 2},
    }
    assert truth.stray_days == (date(2011, 5, 4),)


def test_a_csv_file_holds_the_cells_as_they_are():
    [(name, content)] = file_bytes(world("cancelled rows")).items()

    header, first, _, blank, *_ = csv.reader(StringIO(content.decode()))
    assert name == "sales.csv"
    assert header == ["Date", "Product", "Units", "Unit price", "Revenue", "Status"]
    assert first == ["2026-05-04", "Pretzel", "10", "2", "20", ""]
    assert blank == ["2026-05-04", "Bagel", "4", "2", "", ""]


def test_a_european_file_has_points_in_dates_and_commas_in_numbers():
    content = file_bytes(replace(world(rows=(row(MONDAY, "Bagel", 1.0, 2.5, 2.5),)), point_dates=True))["sales.csv"]

    assert content.decode().splitlines() == ["Date;Product;Units;Unit price;Revenue", "04.05.2026;Bagel;1;2,50;2,50"]


@pytest.mark.parametrize("seed", range(40))
def test_a_drawn_business_is_always_the_same_and_keeps_to_its_own_rules(seed):
    one = draw_world(seed)
    today = one.shape.today

    assert one == draw_world(seed)
    assert one.shape.oddities <= set(ODDITIES)
    assert not any(len(group & one.shape.oddities) > 1 for group in EXCLUSIVE)
    assert 3 <= len(one.shape.items) <= 12
    for each in one.rows:
        assert (each.day is None) == (each.kind is Kind.UNDATED)
        if each.kind is Kind.FUTURE:
            assert each.day > today
        if each.kind in (Kind.SALE, Kind.RETURN):
            assert one.shape.first <= each.day <= one.shape.last <= today
    assert truth_of(one).lines


def test_periods_step_over_months_and_end_on_their_last_day():
    assert step_on(date(2026, 1, 1), Grain.MONTHLY, -2) == date(2025, 11, 1)
    assert end_of(date(2028, 2, 1), Grain.MONTHLY) == date(2028, 2, 29)
    assert end_of(MONDAY, Grain.WEEKLY) == date(2026, 5, 10)


def test_neither_the_drawing_nor_the_truth_knows_the_engine():
    code = "import sys, benchmarks.agreement_files, benchmarks.agreement_reference; print('engine' in sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert process.stdout.strip() == "False"
