"""What an owner downloads, read back with the app's two readers and with Python's own csv module."""

import csv
import io
import math
from datetime import date, datetime

import fastexcel
import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DataProblem
from engine.exports import Sheet, csv_bytes, workbook
from engine.exports.tables import sheet_names

PLAN = pl.DataFrame(
    {
        "Day": [date(2026, 5, 12), date(2026, 5, 13)],
        "Item": ["Baguette 250 g", "=1+1"],
        "Expected units": [171.6, -3.25],
        "Cases": [7, None],
        "Open": [True, False],
    }
)
ATTACKS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("http://example.com","x")',
    "=cmd|' /C calc'!A0",
]


def opened(*sheets):
    return openpyxl.load_workbook(io.BytesIO(workbook(sheets)))


def rows_of(frame):
    return list(csv.reader(io.StringIO(csv_bytes(frame).decode("utf-8-sig"), newline="")))


def test_a_sheet_reads_back_as_it_was_written():
    page = opened(Sheet("Plan", PLAN))["Plan"]

    assert [cell.value for cell in page[1]] == ["Day", "Item", "Expected units", "Cases", "Open"]
    assert [cell.value for cell in page[2]] == [datetime(2026, 5, 12), "Baguette 250 g", 171.6, 7, True]
    assert [cell.value for cell in page[3]] == [datetime(2026, 5, 13), "=1+1", -3.25, None, False]
    assert [cell.data_type for cell in page[2]] == ["d", "s", "n", "n", "b"]


def test_the_second_reader_sees_the_same_kinds():
    frame = fastexcel.read_excel(workbook([Sheet("Plan", PLAN)])).load_sheet(0).to_polars()

    assert frame["Day"].dt.date().to_list() == PLAN["Day"].to_list()
    assert frame["Item"].to_list() == PLAN["Item"].to_list()
    assert frame["Expected units"].to_list() == PLAN["Expected units"].to_list()
    assert frame["Open"].dtype == pl.Boolean


def test_the_header_is_bold_and_stays_in_sight():
    page = opened(Sheet("Plan", PLAN))["Plan"]

    assert all(cell.font.bold for cell in page[1])
    assert not page["A2"].font.bold
    assert page.freeze_panes == "A2"


def test_numbers_and_dates_are_shown_for_an_owner():
    page = opened(Sheet("Plan", PLAN))["Plan"]

    assert page["A2"].number_format == "yyyy-mm-dd"
    assert page["C2"].number_format == "#,##0.00"
    assert page["D2"].number_format == "#,##0"


def test_columns_are_as_wide_as_what_they_show():
    frame = pl.DataFrame({"Item": ["Sourdough loaf, large, sliced"], "Note": ["x" * 500], "n": [1]})
    page = opened(Sheet("Plan", frame))["Plan"]

    assert 29 <= page.column_dimensions["A"].width <= 33
    assert page.column_dimensions["B"].width < 62
    assert 8 <= page.column_dimensions["C"].width < 10


@pytest.mark.parametrize("text", ATTACKS)
def test_a_formula_in_a_text_cell_stays_text_in_a_workbook(text):
    page = opened(Sheet("Plan", pl.DataFrame({"Item": [text], text: ["x"]}), notes=(text,)))["Plan"]

    for cell in (page["A2"], page["B1"], page["A4"]):
        assert (cell.value, cell.data_type) == (text.replace("\r", "\n"), "s")  # Excel's line break
    assert page["A2"].quotePrefix


@pytest.mark.parametrize("text", ATTACKS)
def test_a_formula_in_a_text_cell_is_guarded_in_a_csv_file(text):
    assert rows_of(pl.DataFrame({text: [text], "Item": ["ok"]})) == [[f"'{text}", "Item"], [f"'{text}", "ok"]]


def test_numbers_in_a_csv_file_stay_numbers():
    frame = pl.DataFrame({"Day": [date(2026, 5, 12)], "Change": [-5.5], "Units": [-3], "Café": ["crème, brûlée"]})

    assert rows_of(frame) == [["Day", "Change", "Units", "Café"], ["2026-05-12", "-5.5", "-3", "crème, brûlée"]]
    assert csv_bytes(frame).startswith(b"\xef\xbb\xbf")


def test_headers_that_read_alike_once_guarded_are_both_kept():
    assert rows_of(pl.DataFrame({"=a": [1], "'=a": [2]})) == [["'=a", "'=a"], ["1", "2"]]


def test_a_table_without_rows_keeps_its_headers():
    empty = PLAN.clear()

    assert rows_of(empty) == [PLAN.columns]
    assert [cell.value for cell in opened(Sheet("Plan", empty))["Plan"][1]] == PLAN.columns


def test_what_is_no_number_leaves_its_cell_empty():
    frame = pl.DataFrame({"Units": [math.nan, math.inf, 2.0], "Sold": ["a", "b", "c"]})

    assert [cell.value for cell in opened(Sheet("Plan", frame))["Plan"]["A"]] == ["Units", None, None, 2.0]
    assert [row[0] for row in rows_of(frame)] == ["Units", "", "", "2.0"]


def test_values_that_excel_would_change_are_written_as_text():
    frame = pl.DataFrame({"Order": [2**60 + 1], "Founded": [date(1899, 5, 1)], "Tags": [["a", "b"]]})
    page = opened(Sheet("Plan", frame))["Plan"]

    assert [cell.value for cell in page[2]] == ["1152921504606846977", "1899-05-01", "['a', 'b']"]


def test_a_time_of_day_keeps_the_clock_on_the_wall():
    frame = pl.DataFrame({"At": [datetime(2026, 5, 12, 7, 30)]}).with_columns(
        pl.col("At").dt.replace_time_zone("Europe/Berlin")
    )

    assert opened(Sheet("Plan", frame))["Plan"]["A2"].value == datetime(2026, 5, 12, 7, 30)


def test_notes_stand_below_the_table():
    page = opened(Sheet("Plan", PLAN, notes=("One day was closed.", "A price is missing.")))["Plan"]

    assert [page.cell(row, 1).value for row in (4, 5, 6)] == [None, "One day was closed.", "A price is missing."]


def test_names_of_sheets_are_made_valid_and_unique():
    names = sheet_names(["Sales: May/June [all]", "", "plan", "Plan", "x" * 40, "x" * 40, "'quoted'", "History"])

    assert names == (
        "Sales  May June  all",
        "Sheet",
        "plan",
        "Plan (2)",
        "x" * 31,
        "x" * 27 + " (2)",
        "quoted",
        "History sheet",
    )


@given(st.lists(st.text(max_size=40), min_size=1, max_size=6))
def test_any_names_make_a_workbook_that_opens(wanted):
    opened_names = opened(*(Sheet(name, pl.DataFrame({"a": [1]})) for name in wanted)).sheetnames

    assert len(opened_names) == len({name.casefold() for name in opened_names}) == len(wanted)


@given(
    st.lists(
        st.text(
            alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
            min_size=1,
            max_size=30,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_text_reads_back_exactly(texts):
    page = opened(Sheet("Plan", pl.DataFrame({"Item": texts})))["Plan"]

    assert [page.cell(row, 1).value for row in range(2, len(texts) + 2)] == texts


def test_a_workbook_without_sheets_is_refused():
    with pytest.raises(ValueError, match="at least one sheet"):
        workbook([])


def test_a_table_too_large_for_excel_says_what_to_do():
    wide = pl.DataFrame({f"c{n}": [1] for n in range(16_385)})

    with pytest.raises(DataProblem, match="Download it as CSV"):
        workbook([Sheet("Plan", wide)])


def test_characters_that_no_workbook_can_hold_are_left_out():
    text = "Rye\x0b bread\ufffe, sliced"

    assert opened(Sheet("\ufffePlan", pl.DataFrame({"Item": [text]})))["Plan"]["A2"].value == "Rye bread, sliced"
