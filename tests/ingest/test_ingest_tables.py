"""Where the tables of a file are, what their columns mean, and how the file was opened."""

import io
import zipfile
from datetime import date

import polars as pl
import pytest

from engine.dataset import Choices, ColumnRole
from engine.ingest import read_dataset
from engine.ingest.meaning.names import header_hint
from engine.ingest.sniff import decode, find_delimiter

BAKERY = {
    "Sales": [
        ("Date", "Item", "Quantity", "Price"),
        (date(2025, 1, 1), "Rye", 3, 4.5),
        (date(2025, 1, 2), "Rye", 4, 4.5),
    ],
    "Items": [
        ("Item", "Cost", "Supplier", "Lead time (days)", "On hand", "Case pack", "Min order"),
        ("Rye", 1.2, "Mill", 3, 40, 12, 24),
    ],
    "Staff": [
        ("Employee", "Role", "Hourly rate", "Max hours", "Mon", "Tue"),
        ("Baker 1", "Baker", 17.5, 38, "yes", "no"),
    ],
    "Marketing": [("Week", "Google Ads", "Flyers", "Visits", "Leads"), (date(2025, 1, 6), 120, 40, 900, 12)],
}
R = ColumnRole


def test_every_visible_sheet_becomes_a_table_and_hidden_or_blank_ones_do_not(workbook) -> None:
    content = workbook(BAKERY | {"Old": BAKERY["Sales"], "Blank": []}, hidden=["Old"])
    assert [table.name for table in read_dataset(content, "bakery.xlsx").tables] == [
        "Sales",
        "Items",
        "Staff",
        "Marketing",
    ]


def test_the_columns_of_a_whole_business_get_their_roles(workbook) -> None:
    tables = read_dataset(workbook(BAKERY), "bakery.xlsx").tables
    assert {table.name: [column.role for column in table.columns] for table in tables} == {
        "Sales": [R.DATE, R.ITEM, R.QUANTITY, R.PRICE],
        "Items": [R.ITEM, R.COST, R.SUPPLIER, R.LEAD_TIME, R.ON_HAND, R.CASE_PACK, R.MINIMUM_ORDER],
        "Staff": [R.EMPLOYEE, R.STAFF_ROLE, R.RATE, R.MAX_HOURS, R.AVAILABILITY, R.AVAILABILITY],
        "Marketing": [R.DATE, R.CHANNEL_SPEND, R.CHANNEL_SPEND, R.TRAFFIC, R.LEADS],
    }


def test_a_frame_has_the_columns_that_the_table_lists(workbook) -> None:
    for table in read_dataset(workbook(BAKERY), "bakery.xlsx").tables:
        assert table.frame.columns == [column.name for column in table.columns]
        stored = {"date": pl.Date, "number": pl.Float64, "text": pl.String}
        assert list(table.frame.dtypes) == [stored[column.kind] for column in table.columns]


def test_no_role_but_the_repeatable_ones_belongs_to_two_columns() -> None:
    text = "date,order date,quantity,qty,sales,revenue\n2025-01-01,2025-01-01,1,2,3,4\n2025-01-02,2025-01-02,1,2,3,4\n"
    (table,) = read_dataset(text.encode(), "sales.csv").tables
    assert [column.role for column in table.columns] == [R.DATE, R.OTHER, R.QUANTITY, R.OTHER, R.REVENUE, R.OTHER]


def test_the_owner_has_the_last_word_about_a_role() -> None:
    text = b"date,item,loaves,amount\n2025-01-01,Rye,1,2.5\n2025-01-02,Rye,2,5.0\n"
    (guessed,) = read_dataset(text, "sales.csv").tables
    choices = Choices(roles={guessed.fingerprint: {"loaves": R.QUANTITY, "item": R.CATEGORY}})
    (table,) = read_dataset(text, "sales.csv", choices=choices).tables
    loaves = table.require(R.QUANTITY)
    assert (loaves.name, loaves.confidence, loaves.why) == ("loaves", 1.0, "chosen by you")
    assert table.find(R.ITEM) is None
    assert table.require(R.CATEGORY).name == "item"


def test_a_chosen_role_takes_the_place_of_the_guess() -> None:
    text = b"date,quantity,returned\n2025-01-01,1,2\n2025-01-02,2,5\n"
    (guessed,) = read_dataset(text, "sales.csv").tables
    choices = Choices(roles={guessed.fingerprint: {"returned": R.QUANTITY}})
    (table,) = read_dataset(text, "sales.csv", choices=choices).tables
    assert [column.role for column in table.columns] == [R.DATE, R.OTHER, R.QUANTITY]


def test_choices_about_another_file_change_nothing() -> None:
    text = b"date,quantity\n2025-01-01,1\n2025-01-02,2\n"
    other = Choices(
        roles={"feedfacefeedface": {"quantity": R.OTHER}}, answers={"feedfacefeedface//repeated rows": "remove"}
    )
    assert read_dataset(text, "a.csv").sha256 == read_dataset(text, "a.csv", choices=other).sha256


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Unit cost (EUR)", R.COST),
        ("Total price", R.REVENUE),
        ("unitPrice", R.PRICE),
        ("Verkaufte Menge", R.QUANTITY),
        ("Umsatz netto", R.REVENUE),
        ("Chiffre d'affaires", R.REVENUE),
        ("Precio de venta", R.PRICE),
        ("Quantità venduta", R.QUANTITY),
        ("Aantal verkocht", R.QUANTITY),
        ("Data da venda", R.DATE),
        ("Sprzedana ilość", R.QUANTITY),
        ("Lieferant", R.SUPPLIER),
        ("Levertijd", R.LEAD_TIME),
        ("Facebook ads", R.CHANNEL_SPEND),
        ("Stundenlohn", R.RATE),
        ("Number of units", R.QUANTITY),
    ],
)
def test_a_header_says_what_its_column_means(header: str, role: ColumnRole) -> None:
    hint = header_hint(header)
    assert hint is not None
    assert hint.role is role


@pytest.mark.parametrize("header", ["Balance", "Customer no.", "Phone", "VAT", "Remark"])
def test_headers_that_mean_none_of_our_roles_are_left_alone(header: str) -> None:
    assert header_hint(header) is None


def test_titles_above_the_table_are_skipped_and_the_row_of_the_headers_is_said() -> None:
    text = "Rye & Co\nSales report;January\n\nDatum;Artikel;Menge\n13.01.2025;Roggen;3\n14.01.2025;Roggen;4\n"
    dataset = read_dataset(text.encode(), "sales.csv")
    assert dataset.tables[0].header_row == 4
    assert dataset.tables[0].frame.height == 2
    assert "sales: headers in row 4, 2 rows below" in dataset.report.read_as


def test_a_file_without_headers_gets_numbered_columns_and_loses_no_row() -> None:
    (table,) = read_dataset(b"2025-01-01,Rye,3\n2025-01-02,Oat,4\n2025-01-03,Rye,5\n", "sales.csv").tables
    assert (table.header_row, table.frame.columns, table.frame.height) == (0, ["Column 1", "Column 2", "Column 3"], 3)
    assert [column.role for column in table.columns] == [R.DATE, R.ITEM, R.QUANTITY]


def test_blank_and_repeated_headers_are_made_unique() -> None:
    (table,) = read_dataset(b"date,,amount,Amount\n2025-01-01,x,3,4\n2025-01-02,y,4,5\n", "sales.csv").tables
    assert table.frame.columns == ["date", "Column 2", "amount", "Amount (2)"]


def test_blank_columns_at_the_edges_are_cut() -> None:
    (table,) = read_dataset(b",date,quantity,,\n,2025-01-01,3,,\n,2025-01-02,4,,\n", "sales.csv").tables
    assert table.frame.columns == ["date", "quantity"]


def test_a_table_without_dates_is_a_table() -> None:
    (table,) = read_dataset(b"item,cost\nRye,1.2\nSpelt,1.4\n", "items.csv").tables
    assert not table.has(R.DATE)
    assert table.require(R.COST).kind == "number"


@pytest.mark.parametrize(
    "text", ["date,quantity\n2025-01-01,3\n2025-01-02,4\n", "date,item,quantity\n2025-01-01,Rye,3\n2025-01-02,Rye,4\n"]
)
def test_two_rows_of_one_item_are_read(text: str) -> None:
    (table,) = read_dataset(text.encode(), "sales.csv").tables
    assert table.frame[table.require(R.QUANTITY).name].to_list() == [3, 4]


def test_the_content_decides_and_a_wrong_ending_is_mentioned(workbook) -> None:
    dataset = read_dataset(workbook(BAKERY), "bakery.csv")
    assert len(dataset.tables) == 4
    assert any('ends in ".csv"' in line for line in dataset.report.warnings)
    assert any("plain text" in line for line in read_dataset(b"a,b\n1,2\n", "bakery.xlsx").report.warnings)


def test_a_workbook_that_only_the_second_reader_opens_is_read(workbook) -> None:
    rows = [("date", "quantity"), *((date(2025, 1, day), 2 + day) for day in (1, 2, 3))]
    content = io.BytesIO(workbook({"Sales": rows}))
    newer = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            # The first reader knows no error values younger than itself.
            new.writestr(name, old.read(name).replace(b'<c r="B4"><v>5</v>', b'<c r="B4" t="e"><v>#SOON!</v>'))
    dataset = read_dataset(newer.getvalue(), "sales.xlsx")
    assert dataset.tables[0].frame["quantity"].to_list() == [3, 4, None]
    assert any('row 4: "#SOON!"' in repair.what for repair in dataset.report.repairs)
    assert any("second reader" in line for line in dataset.report.read_as)


def test_a_stray_cell_in_the_far_corner_does_not_fill_the_memory(workbook) -> None:
    rows = [("date", "quantity"), ("2025-01-01", 3), ("2025-01-02", 4)]
    content = io.BytesIO(workbook({"Sales": rows}))
    far = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(far, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            corner = b'<row r="400000"><c r="XFD400000"><v>1</v></c></row></sheetData>'
            new.writestr(name, old.read(name).replace(b"</sheetData>", corner))
    with pytest.raises(Exception, match="rows and 16,384 columns") as caught:
        read_dataset(far.getvalue(), "sales.xlsx")
    assert type(caught.value).__name__ == "DataProblem"


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("a,b\n1,2\n", ","),
        ("a\tb c, d\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("a\n1\n", ""),
        ('name,note\n"Rye; dark","a; b"\n"Spelt; light","c; d"\n', ","),
        ("sep=;\na;b,c\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_makes_a_table(text: str, delimiter: str) -> None:
    assert find_delimiter(text) == delimiter


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Früchte, Öl, Äpfel, Straße", "cp1252"),
        ("Crêpe à la crème, garçon, œuf", "cp1252"),
        ("jamón, piñón, mañana", "cp1252"),
        ("pão, maçã, limões", "cp1252"),
        ("żółty ser, pączki, ślimak, źrebię", "cp1250"),
        ("£5, 10 °C, ½", "cp1252"),
    ],
)
def test_windows_text_is_read_in_the_encoding_that_makes_words(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, encoding)


def test_quotes_protect_delimiters_line_breaks_and_quotes() -> None:
    text = 'date,item,quantity\n2025-01-01,"Rye, 2"" slices\nfresh",3\n2025-01-02,Rye,4\n'
    (table,) = read_dataset(text.encode(), "sales.csv").tables
    assert table.frame["item"].to_list() == ['Rye, 2" slices\nfresh', "Rye"]


def test_a_quotation_mark_that_is_never_closed_swallows_no_row() -> None:
    rows = "".join(f"2025-01-{day:02},Rye,{day}\n" for day in range(1, 29)) * 5
    dataset = read_dataset(f'date,item,quantity\n2024-12-31,"Rye,1\n{rows}'.encode(), "sales.csv")
    assert dataset.tables[0].frame.height == 141
    assert any("never closed" in line for line in dataset.report.read_as)
