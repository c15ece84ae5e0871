"""Rows, sheets and columns that stand in a table and are no sales of it, as owners and their programs leave them."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
import xlsxwriter

from engine.dataset import Choices, ColumnRole, Dataset
from engine.errors import UnreadableFile
from engine.ingest import read_dataset, read_files
from engine.ingest.grid import SheetGrid
from engine.ingest.header import find_body
from engine.ingest.table import Circumstances, read_table

R = ColumnRole
DAYS = [date(2025, 1, 1) + timedelta(days=number) for number in range(20)]
SOLD = [3, 5, 8, 2, 9, 4, 7, 6, 1, 12, 11, 3, 5, 8, 2, 9, 4, 7, 6, 10]
LINES = [f"{day},Rye,{sold},{sold * 2.5}" for day, sold in zip(DAYS, SOLD, strict=True)]
HEADER = "Date,Item,Qty,Revenue"


def read(*lines: str, choices: Choices | None = None, today: date | None = None) -> Dataset:
    return read_dataset("\n".join(lines).encode(), "shop.csv", choices=choices, today=today)


def sold(dataset: Dataset) -> tuple[int, float]:
    table = dataset.tables[0]
    return table.frame.height, float(table.frame[table.require(R.QUANTITY).name].sum())


def essentials(dataset: Dataset) -> list[str]:
    return [question.text for question in dataset.report.questions if question.essential]


WHOLE = (20, float(sum(SOLD)))


@pytest.mark.parametrize(
    "line", ["Page 2,,,", "Corner Bakery,,,", ",,,Source: till", HEADER.upper(), HEADER, "1,2,3,4", "(1),(2),(3),(4)"]
)
def test_lines_of_words_and_headers_that_come_again_are_left_out_and_said(line: str) -> None:
    places = {"1,2,3,4": 0, "(1),(2),(3),(4)": 0}
    at = places.get(line, 10)
    dataset = read(HEADER, *LINES[:at], line, *LINES[at:])
    assert sold(dataset) == WHOLE
    assert dataset.report.repairs[0].rows == 1


def test_a_note_right_below_the_table_is_no_row() -> None:
    dataset = read(HEADER, *LINES, "All prices with tax,,,", "Printed,2025-02-01,,")
    assert sold(dataset) == WHOLE


@pytest.mark.parametrize(
    ("label", "number"),
    [("Average", 6.1), ("Durchschnitt", 6.1), ("Max", 12), ("Minimum", 1), ("Median", 6), ("Anzahl", 20)],
)
def test_averages_and_extremes_below_the_table_are_left_out_where_they_are_right(label: str, number: float) -> None:
    dataset = read("Item,Qty", *(f"Loaf {place},{count}" for place, count in enumerate(SOLD)), f"{label},{number}")
    assert sold(dataset) == WHOLE
    assert any("averages" in repair.what for repair in dataset.report.repairs)


def test_a_product_called_max_is_a_product() -> None:
    assert sold(read("Item,Qty", "Rye,5", "Oat,3", "Max,4")) == (3, 12.0)


@pytest.mark.parametrize("line", ["VAT 20 %,,,61", "Number of rows,,,20", "Cash in till,,85,"])
def test_numbers_without_a_date_below_the_table_are_asked_about_and_left_out(line: str) -> None:
    dataset = read(HEADER, *LINES, line)
    assert sold(dataset) == WHOLE
    (question,) = [question for question in dataset.report.questions if question.essential]
    kept = read(HEADER, *LINES, line, choices=Choices(answers={question.key: "keep it"}))
    assert kept.tables[0].frame.height == 21


def test_a_slip_in_one_date_does_not_cost_the_row() -> None:
    dataset = read(HEADER, *LINES[:10], LINES[10].replace("2025-01-11", "2025-01-41"), *LINES[11:])
    assert sold(dataset) == WHOLE
    assert any("1 row of shop has no date" in line for line in dataset.report.warnings)


def test_a_sum_carried_over_to_the_next_page_is_no_sale() -> None:
    page = f"Carried forward,,{sum(SOLD[:10])},{sum(SOLD[:10]) * 2.5}"
    again = page.replace("Carried", "Brought")
    dataset = read(HEADER, *LINES[:10], page, again, *LINES[10:], f"Total,,{sum(SOLD)},{sum(SOLD) * 2.5}")
    assert sold(dataset) == WHOLE
    assert not essentials(dataset)


def test_nameless_subtotals_and_the_nameless_total_of_them_are_all_left_out() -> None:
    halves = [SOLD[:10], SOLD[10:]]
    sums = [f",,{sum(half)},{sum(half) * 2.5}" for half in halves]
    dataset = read(HEADER, *LINES[:10], sums[0], *LINES[10:], sums[1], f",,{sum(SOLD)},{sum(SOLD) * 2.5}")
    assert sold(dataset) == WHOLE
    assert essentials(dataset)


def test_a_loaf_whose_name_begins_like_a_sum_is_kept_where_only_one_column_happens_to_add_up() -> None:
    assert sold(read("Item,Qty,Revenue", "Rye,1,4.5", "Oat,2,9", "Sum loaf,3,15", "Bun,4,2")) == (4, 10.0)


def test_totals_above_the_headers_belong_to_the_title() -> None:
    dataset = read(f",Total,{sum(SOLD)},{sum(SOLD) * 2.5}", HEADER, *LINES)
    assert dataset.tables[0].header_row == 2
    assert sold(dataset) == WHOLE


def test_a_second_table_with_a_title_of_its_own_is_a_second_table() -> None:
    staff = ["Staff", "Employee,Rate,Hours", "Barista 1,12.5,38", "Barista 2,13,20", "Barista 3,12,15"]
    dataset = read("Sales", HEADER, *LINES, "", *staff)
    assert sold(dataset) == WHOLE
    assert [table.frame.height for table in dataset.tables] == [20, 3]


def test_a_date_a_century_away_from_all_others_is_a_slip() -> None:
    dataset = read(HEADER, *LINES, *(line.replace("2025-01", "2025-02") for line in LINES[:19]), "1925-02-20,Rye,1,2.5")
    (question,) = dataset.report.questions
    assert "20 February 1925" in question.text
    assert dataset.tables[0].frame["Date"].min() == date(2025, 1, 1)


def test_what_is_taken_for_granted_on_another_day_makes_another_dataset() -> None:
    lines = [HEADER, *LINES, "2027-01-05,Rye,1,2.5"]
    now, later = read(*lines, today=date(2025, 2, 1)), read(*lines, today=date(2027, 2, 1))
    assert now.tables[0].frame["Date"].max() != later.tables[0].frame["Date"].max()
    assert now.sha256 != later.sha256
    assert now.sha256 == read(*lines, today=date(2025, 2, 2)).sha256


@pytest.mark.parametrize("header", ["Item,Qty", HEADER])
def test_repeats_are_offered_for_removal_even_when_most_rows_repeat(header: str) -> None:
    lines = ["Rye,3"] * 4 + ["Oat,1"] if header == "Item,Qty" else [LINES[0]] * 4 + [LINES[1]]
    dataset = read(header, *lines)
    (question,) = [question for question in dataset.report.questions if "repeated" in question.text]
    assert "3 rows" in question.text
    assert not question.essential
    single = read(header, *lines, choices=Choices(answers={question.key: "remove the repeats"}))
    assert single.tables[0].frame.height == 2


def test_one_repeat_is_one_row() -> None:
    assert any("1 row of" in question.text for question in read(HEADER, *LINES, LINES[0]).report.questions)


def test_files_with_the_same_columns_in_another_order_are_one_table() -> None:
    january = "\n".join([HEADER, *LINES[:10]]).encode()
    february = "\n".join(",".join(reversed(line.split(","))) for line in [HEADER, *LINES[10:]]).encode()
    assert sold(read_files({"january.csv": january, "february.csv": february})) == WHOLE


def test_a_file_with_one_more_column_is_put_to_the_others_and_asked_about() -> None:
    january = "\n".join([HEADER, *LINES[:10]]).encode()
    february = "\n".join([HEADER + ",Discount", *(f"{line},0.5" for line in LINES[10:])]).encode()
    dataset = read_files({"january.csv": january, "february.csv": february})
    assert sold(dataset) == WHOLE
    assert dataset.tables[0].frame["Discount"].null_count() == 10
    assert any("nearly the same columns" in question.text for question in dataset.report.questions)


def test_files_whose_columns_hold_different_things_are_not_put_together_in_silence() -> None:
    january = "\n".join([HEADER, *LINES[:10]]).encode()
    february = "\n".join([HEADER, *(line.replace(".", " and a half, or so ") for line in LINES[10:])]).encode()
    dataset = read_files({"january.csv": january, "february.csv": february})
    assert any("words in another" in text for text in essentials(dataset))


def changed(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with its first sheet's XML changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part) if name == "xl/worksheets/sheet1.xml" else part)
    return target.getvalue()


def with_formulas(result: object, *, since_1904: bool = False, days_as_numbers: bool = False) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"date_1904": since_1904})
    sheet, as_date = book.add_worksheet("Sales"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["Date", "Qty", "Revenue"])
    for row, (day, count) in enumerate(zip(DAYS, SOLD, strict=True), start=1):
        if days_as_numbers:
            sheet.write_number(row, 0, (day - date(1904, 1, 1)).days)
        else:
            sheet.write_datetime(row, 0, day, as_date)
        sheet.write_number(row, 1, count)
        sheet.write_formula(row, 2, f"=B{row + 1}*2.5", None, result)
    book.close()
    return target.getvalue()


def test_formulas_that_are_all_zero_are_asked_about() -> None:
    dataset = read_dataset(with_formulas(0), "sales.xlsx")
    assert any("All 20 formulas" in text for text in essentials(dataset))
    assert not essentials(read_dataset(with_formulas(12.5), "sales.xlsx"))


def test_formulas_whose_result_is_an_empty_text_were_calculated() -> None:
    def emptied(sheet: bytes) -> bytes:
        return re.sub(rb'(<c r="C\d+")(><f>[^<]*</f>)<v>[^<]*</v>', rb'\1 t="str"\2<v></v>', sheet)

    def unsaved(sheet: bytes) -> bytes:
        return re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", sheet)

    assert read_dataset(changed(with_formulas(12.5), emptied), "sales.xlsx").tables[0].frame["Qty"].sum() == sum(SOLD)
    with pytest.raises(UnreadableFile, match="20 formulas"):
        read_dataset(changed(with_formulas(12.5), unsaved), "sales.xlsx")


def test_day_counts_of_an_old_mac_are_counted_from_1904() -> None:
    content = with_formulas(12.5, since_1904=True, days_as_numbers=True)
    assert read_dataset(content, "sales.xlsx").tables[0].frame["Date"].to_list() == DAYS


def test_a_blank_column_of_amounts_in_a_workbook_that_hides_its_formulas_is_asked_about() -> None:
    days = [f"2025-01-{day:02} 00:00:00" for day in range(1, 13)]
    text = pl.DataFrame({"0": ["Date", *days], "1": ["Qty", *["3"] * 12], "2": ["Amount", *[None] * 12]})
    numbers = pl.DataFrame({"0": [None] * 13, "1": [None, *[3.0] * 12], "2": [None] * 13}).cast(pl.Float64)
    grid = SheetGrid("Sales", text, numbers)
    body = find_body(grid)
    assert body is not None
    questions = read_table(grid, body, Circumstances("sheet Sales", "sales", Choices()))[1].questions
    assert ["Amount in sheet Sales is blank" in question.text for question in questions if question.essential] == [True]
