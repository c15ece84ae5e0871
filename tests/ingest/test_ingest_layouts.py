"""Tables that do not stand as one row of headers over one row per sale."""

import io
from datetime import date, timedelta

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from engine.dataset import Choices, ColumnRole, Dataset
from engine.errors import UnreadableFile
from engine.ingest import read_dataset, read_files
from engine.ingest.periods import period_of

R = ColumnRole
JANUARY = [date(2025, 1, day) for day in range(1, 8)]


def read(text: str, choices: Choices | None = None, name: str = "file.csv") -> Dataset:
    return read_dataset(text.encode(), name, choices=choices)


def rows(dataset: Dataset) -> list[tuple[object, ...]]:
    return dataset.tables[0].frame.rows()


def essentials(dataset: Dataset) -> list[str]:
    return [question.text for question in dataset.report.questions if question.essential]


@pytest.mark.parametrize(
    ("header", "measure", "first_day"),
    [
        ("Jan 2025", "", date(2025, 1, 1)),
        ("2024", "", date(2024, 1, 1)),
        ("Q3 2024", "", date(2024, 7, 1)),
        ("2025-02", "", date(2025, 2, 1)),
        ("Umsatz März 2025", "Umsatz", date(2025, 3, 1)),
        ("2023 Sales", "Sales", date(2023, 1, 1)),
        ("Février", "", date(2020, 2, 1)),
        ("KW 2", "", date(2020, 1, 6)),
    ],
)
def test_a_header_that_names_a_period_is_read_with_what_it_measures(header: str, measure: str, first_day: date) -> None:
    period = period_of(header)
    assert period is not None
    assert (period.measure, period.start(2020)) == (measure, first_day)


@pytest.mark.parametrize("header", ["Item", "Price", "Max hours", "Total", "Monday", "May contain nuts", "SKU 2024A"])
def test_other_headers_name_no_period(header: str) -> None:
    period = period_of(header)
    assert period is None or period.measure


def test_months_across_become_rows_and_the_totals_at_both_edges_are_left_out() -> None:
    dataset = read("Item,Jan 2025,Feb 2025,Mar 2025,Total\nRye,3,4,5,12\nOat,1,,2,3\nTotal,4,4,7,15\n")
    assert rows(dataset) == [
        ("Rye", date(2025, 1, 1), 3),
        ("Rye", date(2025, 2, 1), 4),
        ("Rye", date(2025, 3, 1), 5),
        ("Oat", date(2025, 1, 1), 1),
        ("Oat", date(2025, 3, 1), 2),
    ]
    assert [column.role for column in dataset.tables[0].columns] == [R.ITEM, R.DATE, R.QUANTITY]
    assert any("turned into rows" in line for line in dataset.report.read_as)
    assert {"left out Total, which adds the periods up": 2, "left out periods with a blank cell": 1}.items() <= {
        repair.what: repair.rows for repair in dataset.report.repairs
    }.items()


def test_months_without_a_year_are_asked_about_and_the_answer_is_used() -> None:
    text = "Produkt;Jan;Feb;Mrz\nBrot;3;4;5\nKuchen;1;2;2\n"
    dataset = read(text)
    (question,) = dataset.report.questions
    assert question.essential
    answered = read(text, Choices(answers={question.key: "2023"}))
    assert answered.tables[0].frame["Period"].min() == date(2023, 1, 1)
    assert not answered.report.questions


def test_the_title_may_name_the_year_and_what_is_counted() -> None:
    dataset = read("Units sold 2024\n\nProduct,Jan,Feb,Mar\nRye,3,4,5\nOat,1,2,2\n")
    table = dataset.tables[0]
    assert table.require(R.DATE).name == "Period"
    assert table.frame[table.require(R.QUANTITY).name].sum() == 17
    assert table.frame["Period"].max() == date(2024, 3, 1)


def test_next_months_file_of_a_wide_table_has_the_same_fingerprint() -> None:
    march = read("Item,Jan 2025,Feb 2025,Mar 2025\nRye,3,4,5\nOat,1,2,2\n").tables[0]
    april = read("Item,Jan 2025,Feb 2025,Mar 2025,Apr 2025\nRye,3,4,5,6\nOat,1,2,2,3\n").tables[0]
    assert march.fingerprint == april.fingerprint


def test_months_over_measures_become_one_row_a_month_with_a_column_a_measure() -> None:
    dataset = read("Product,Jan 2025,,Feb 2025,\n,Qty,Revenue,Qty,Revenue\nRye,3,9.5,4,12\nOat,1,2.5,2,5\n")
    assert dataset.tables[0].frame.columns == ["Product", "Period", "Qty", "Revenue"]
    assert rows(dataset)[0] == ("Rye", date(2025, 1, 1), 3, 9.5)
    assert dataset.tables[0].frame.select("Qty", "Revenue").sum().row(0) == (10, 29)


def test_measures_over_years_written_as_numbers_are_headers_and_no_data() -> None:
    dataset = read("Region,Sales,,Costs,\n,2023,2024,2023,2024\nNorth,10,12,5,6\nSouth,20,22,15,16\nEast,21,22,15,16\n")
    assert dataset.tables[0].frame.select("Sales", "Costs").sum().row(0) == (107, 73)


def test_rows_that_measure_different_things_become_columns_and_are_never_added() -> None:
    dataset = read("Measure,Jan 2025,Feb 2025,Mar 2025\nRevenue,300,400,500\nVisits,30,40,50\n")
    table = dataset.tables[0]
    assert table.frame[table.require(R.REVENUE).name].sum() == 1200
    assert table.frame[table.require(R.TRAFFIC).name].sum() == 120


def test_channels_as_rows_become_a_column_of_spend_each() -> None:
    table = read("Channel,Jan 2025,Feb 2025,Mar 2025\nGoogle Ads,100,120,130\nFlyers,40,50,60\n").tables[0]
    assert [column.role for column in table.columns] == [R.DATE, R.CHANNEL_SPEND, R.CHANNEL_SPEND]
    assert table.frame.select("Google Ads", "Flyers").sum().row(0) == (350, 150)


def test_a_row_of_units_belongs_to_the_headers() -> None:
    dataset = read("Date,Item,Sold,Price\n,,(pcs),(EUR)\n2025-01-01,Rye,3,4.5\n2025-01-02,Rye,4,4.5\n")
    assert dataset.tables[0].frame.columns == ["Date", "Item", "Sold (pcs)", "Price (EUR)"]
    assert dataset.tables[0].frame.height == 2
    assert dataset.currency == "EUR"


def test_a_year_beside_a_month_makes_a_date() -> None:
    for text in (
        "Year,Month,Revenue\n2024,January,100\n2024,February,120\n",
        "Jahr;Monat;Umsatz\n2024;1;100\n2024;2;120\n",
    ):
        table = read(text).tables[0]
        assert table.frame[table.require(R.DATE).name].to_list() == [date(2024, 1, 1), date(2024, 2, 1)]
        assert table.frame[table.require(R.REVENUE).name].sum() == 220


def test_a_year_alone_is_a_date_and_a_month_alone_asks_for_its_year() -> None:
    yearly = read("Year,Sales\n2019,100\n2020,120\n2021,130\n2022,160\n").tables[0]
    assert yearly.frame[yearly.require(R.DATE).name][3] == date(2022, 1, 1)
    text = "Month,Sales\nJanuary,100\nFebruary,120\nMarch,130\n"
    dataset = read(text)
    (question,) = dataset.report.questions
    assert question.essential
    answered = read(text, Choices(answers={question.key: "2022"})).tables[0]
    assert answered.frame[answered.require(R.DATE).name].to_list() == [date(2022, month, 1) for month in (1, 2, 3)]


def test_a_date_written_once_per_day_is_filled_down_and_asked_about() -> None:
    text = "Date,Item,Qty\n2025-01-01,Rye,3\n,Oat,4\n,Bun,2\n2025-01-02,Rye,3\n,Oat,1\n"
    dataset = read(text)
    (question,) = dataset.report.questions
    assert not question.essential  # every line has its item and its quantity: nothing else is likely
    assert dataset.tables[0].frame["Date"].null_count() == 0
    blank = read(text, Choices(answers={question.key: "they are blank"}))
    assert blank.tables[0].frame["Date"].null_count() == 3


def test_merged_cells_are_filled_without_a_question() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Store", "Item", "Qty"])
    for number in range(6):
        sheet.append(["North" if number == 0 else "South" if number == 3 else None, f"Item {number % 3}", number + 1])
    sheet.merge_cells("A2:A4")
    sheet.merge_cells("A5:A7")
    dataset = read_dataset(saved(book), "stock.xlsx")
    assert dataset.tables[0].frame["Store"].to_list() == ["North"] * 3 + ["South"] * 3
    assert not dataset.report.questions


def test_two_tables_below_each_other_are_two_tables() -> None:
    dataset = read(
        "Date,Item,Qty\n2025-01-01,Rye,3\n2025-01-02,Rye,4\n2025-01-03,Rye,4\n,,\n"
        "Employee,Rate,Max hours\nBaker 1,17.5,38\nBaker 2,18.5,20\nBaker 3,18.5,20\n"
    )
    assert [(table.header_row, table.frame.height) for table in dataset.tables] == [(1, 3), (6, 3)]
    assert dataset.tables[1].has(R.EMPLOYEE, R.RATE)
    assert any("2 tables" in line for line in dataset.report.read_as)


def test_two_tables_side_by_side_are_two_tables_and_a_blank_column_inside_one_is_not() -> None:
    beside = read(
        "Date,Qty,,Item,Cost\n2025-01-01,3,,Rye,1.2\n2025-01-02,4,,Oat,1.3\n2025-01-03,4,,,\n2025-01-04,5,,,\n"
    )
    assert [table.frame.shape for table in beside.tables] == [(4, 2), (2, 2)]
    inside = read("Date,Item,,Qty\n2025-01-01,Rye,,3\n2025-01-02,Oat,,4\n2025-01-03,Oat,,4\n")
    assert [table.frame.shape for table in inside.tables] == [(3, 3)]


def test_a_month_on_a_sheet_each_is_one_table(workbook) -> None:
    sheets = {
        name: [("Date", "Item", "Qty"), *((date(2025, month, day), "Rye", day) for day in range(1, 6))]
        for month, name in enumerate(("Jan", "Feb", "Mar"), start=1)
    }
    dataset = read_dataset(workbook(sheets), "year.xlsx")
    assert dataset.tables[0].frame.height == 15
    assert dataset.tables[0].frame["Qty"].sum() == 45
    (question,) = dataset.report.questions
    assert not question.essential
    one = read_dataset(workbook(sheets), "year.xlsx", choices=Choices(answers={question.key: "use only Feb"}))
    assert one.tables[0].frame["Date"].max() == date(2025, 2, 5)


def test_a_month_in_a_file_each_is_one_table() -> None:
    files = {
        f"sales-{month}.csv": f"date,item,revenue\n2025-{month:02}-01,Rye,10\n2025-{month:02}-02,Rye,€ 12\n".encode()
        for month in (1, 2, 3)
    }
    dataset = read_files(files)
    (table,) = dataset.tables
    assert table.frame["revenue"].sum() == 66
    assert table.frame["Sheet"].unique(maintain_order=True).to_list() == ["sales-1", "sales-2", "sales-3"]
    assert (dataset.currency, dataset.name) == ("EUR", "sales-1.csv, sales-2.csv, sales-3.csv")
    assert dataset.sha256 != read_files(dict(list(files.items())[:2])).sha256
    assert read_files({"one.csv": files["sales-1.csv"]}).tables[0].name == "one"


def test_two_sheets_that_cover_the_same_days_are_asked_about(workbook) -> None:
    sheets = {shop: [("Date", "Qty"), *((day, 3) for day in JANUARY)] for shop in ("Old town", "Harbour")}
    assert any("same columns" in text for text in essentials(read_dataset(workbook(sheets), "shops.xlsx")))


def test_a_pivot_table_beside_its_data_is_left_out(workbook) -> None:
    sheets = {
        "Summary": [("Row Labels", "Sum of Qty"), ("Rye", 21), ("Oat", 7), ("Grand Total", 28)],
        "Data": [("Date", "Item", "Qty"), *((day, "Rye", 4) for day in JANUARY)],
    }
    dataset = read_dataset(workbook(sheets), "sales.xlsx")
    assert [table.name for table in dataset.tables] == ["Data"]
    assert any("Summary" in line and "pivot" in line for line in dataset.report.warnings)
    alone = read_dataset(workbook({"Summary": sheets["Summary"]}), "sales.xlsx")
    assert any("only a pivot table" in text for text in essentials(alone))
    assert alone.tables[0].frame["Sum of Qty"].sum() == 28


def test_hidden_rows_are_asked_about() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("Sales")
    day_format = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["Date", "Qty"])
    for number, day in enumerate(JANUARY, start=1):
        sheet.write_datetime(number, 0, day, day_format)
        sheet.write(number, 1, number)
    sheet.set_row(3, None, None, {"hidden": True})
    book.close()
    dataset = read_dataset(buffer.getvalue(), "sales.xlsx")
    (question,) = dataset.report.questions
    assert question.essential
    shown = read_dataset(buffer.getvalue(), "sales.xlsx", choices=Choices(answers={question.key: "leave them out"}))
    assert (dataset.tables[0].frame["Qty"].sum(), shown.tables[0].frame["Qty"].sum()) == (28, 25)


def test_dates_of_the_1904_system_are_the_days_that_the_owner_sees() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"date_1904": True})
    sheet = book.add_worksheet("Sales")
    for number, day in enumerate(JANUARY):
        sheet.write_datetime(number + 1, 0, day, book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write(number + 1, 1, number)
    sheet.write_row(0, 0, ["Date", "Qty"])
    book.close()
    assert read_dataset(buffer.getvalue(), "mac.xlsx").tables[0].frame["Date"].to_list() == JANUARY


def test_formulas_that_were_never_calculated_are_refused_with_what_to_do() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Date", "Qty", "Total"])
    for number, day in enumerate(JANUARY, start=2):
        book.active.append([day, number, f"=B{number}*2"])
    with pytest.raises(UnreadableFile, match=r"7 formulas were saved without their results.*save it"):
        read_dataset(saved(book), "sales.xlsx")


def test_a_table_far_down_the_sheet_is_found(workbook) -> None:
    blank = [()] * 400
    dataset = read_dataset(
        workbook({"Till": [*blank, (None, None, "Date", "Qty"), *((None, None, d, 2) for d in JANUARY)]}), "t.xlsx"
    )
    assert dataset.tables[0].header_row == 401
    assert dataset.tables[0].frame["Qty"].sum() == 14


def test_a_long_table_is_read_to_its_last_row() -> None:
    lines = [f"{JANUARY[0] + timedelta(days=n)},Rye,{n}" for n in range(3000)]
    frame = read("Date,Item,Qty\n" + "\n".join(lines)).tables[0].frame
    assert frame.select(pl.len(), pl.col("Qty").sum()).row(0) == (3000, 3000 * 2999 / 2)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
