"""Files that would do harm, and text in encodings that name themselves nowhere."""

import io
import zipfile

import pytest

from engine.dataset import Choices
from engine.errors import DataProblem, UnreadableFile
from engine.ingest import ReadingLimits, read_dataset
from engine.ingest.sniff import decode

ROWS = [("date", "quantity"), ("2025-01-01", 3), ("2025-01-02", 4), ("2025-01-03", 5)]
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


def rewritten(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(buffer, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            after.writestr(name, data.replace(old, new, 1) if name == part else data)
    return buffer.getvalue()


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_that_declares_entities_is_refused(workbook, part: str) -> None:
    content = rewritten(workbook({"Sales": ROWS}), part, b'standalone="yes"?>', b'standalone="yes"?>' + ENTITIES)
    with pytest.raises(UnreadableFile, match="declares XML entities"):
        read_dataset(content, "sales.xlsx")


def open_document(row: str) -> bytes:
    buffer = io.BytesIO()
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    names += ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    names += ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    sheet = f'<office:spreadsheet><table:table table:name="S">{row}</table:table></office:spreadsheet>'
    body = f"<office:body>{sheet}</office:body>"
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", "<manifest/>")
        package.writestr(
            "content.xml", f'<?xml version="1.0"?><office:document-content {names}>{body}</office:document-content>'
        )
    return buffer.getvalue()


def cell(value: str, attributes: str = "") -> str:
    kind = "float" if value.isdecimal() else "string"
    number = f' office:value="{value}"' if kind == "float" else ""
    return (
        f'<table:table-cell office:value-type="{kind}"{number} {attributes}><text:p>{value}</text:p></table:table-cell>'
    )


def test_an_open_document_table_is_read() -> None:
    lines = [("item", "cost"), ("Rye", "12"), ("Oat", "14")]
    content = open_document("".join(f"<table:table-row>{cell(a)}{cell(b)}</table:table-row>" for a, b in lines))
    assert read_dataset(content, "items.ods").tables[0].frame["cost"].sum() == 26


def test_hidden_rows_of_an_open_document_are_asked_about_and_its_currency_is_known() -> None:
    money = 'office:currency="EUR"'
    lines = "".join(f"<table:table-row>{cell(name)}{cell('12', money)}</table:table-row>" for name in ("Rye", "Oat"))
    hidden = f'<table:table-row table:visibility="filter">{cell("Bun")}{cell("14", money)}</table:table-row>'
    header = f"<table:table-row>{cell('item')}{cell('cost')}</table:table-row>"
    dataset = read_dataset(open_document(header + lines + hidden), "items.ods")
    (question,) = dataset.report.questions
    assert "1 of 3 rows" in question.text
    assert dataset.currency == "EUR"
    answered = Choices(answers={question.key: "leave them out"})
    assert read_dataset(open_document(header + lines + hidden), "i.ods", choices=answered).tables[0].frame.height == 2


def test_a_column_that_promises_dates_and_has_none_is_left_blank() -> None:
    table = read_dataset(b"Date,Item,Cost\n-,Rye,1\n-,Oat,2\n-,Bun,4\n", "items.csv").tables[0]
    assert table.frame["Date"].null_count() == 3
    assert table.frame["Cost"].sum() == 7


def test_a_few_cells_that_stand_for_millions_are_refused() -> None:
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell("1")}</table:table-row>'
    wide = cell("1", attributes='table:number-columns-repeated="16384"')
    column = f"<table:table-row>{wide}</table:table-row>"
    for bomb in (row, column):
        with pytest.raises(UnreadableFile, match="stand for millions"):
            read_dataset(open_document(bomb), "bomb.ods")


def test_a_stray_cell_far_to_the_right_costs_nothing(workbook) -> None:
    rows = [*ROWS, ("2025-01-04", 6, *[None] * 9_000, "x")]
    table = read_dataset(workbook({"Sales": rows}), "sales.xlsx").tables[0]
    assert table.frame.shape == (4, 3)
    assert table.frame["quantity"].sum() == 18


def test_thousands_of_filled_columns_are_refused_with_what_to_do() -> None:
    text = ",".join(f"day {day}" for day in range(1_500)) + "\n" + ",".join("3" for _ in range(1_500)) + "\n"
    with pytest.raises(DataProblem, match=r"1,500 columns, and at most 1,000.*Turn the table"):
        read_dataset(text.encode(), "wide.csv")


def test_reading_stops_when_the_time_is_over(workbook) -> None:
    with pytest.raises(UnreadableFile, match="longer than 0 seconds"):
        read_dataset(workbook({"Sales": ROWS}), "sales.xlsx", limits=ReadingLimits(max_seconds=0.0))


def test_the_old_workbook_that_makes_the_first_reader_panic_is_called_damaged() -> None:
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00"
    content = header + bytes(478) + "Workbook".encode("utf-16-le") + b"\xff" * 700
    with pytest.raises(UnreadableFile) as caught:
        read_dataset(content, "old.xls")
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("mac_roman", "Früchte;Öl;Äpfel\rBrötchen;für;Käse\r"),
        ("mac_roman", "jamón, piñón, mañana"),
        ("cp932", "日付,商品,数量\n2025-01-01,りんご,3\n"),
        ("cp932", "売上表\n店舗名,金額\n東京,100\n"),
        ("gb18030", "日期,商品,数量\n2025-01-01,苹果,3\n"),
        ("cp950", "銷售額,部門\n臺北,100\n"),
        ("cp1250", "příliš žluťoučký kůň"),
        ("cp1252", "Datum;Größe\n01.02.2025;groß\n"),
    ],
)
def test_an_encoding_without_a_mark_is_told_by_the_words_that_it_makes(encoding: str, text: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded.text == text.replace("\r", "\n")
    assert decoded.encoding == encoding


def test_nul_bytes_between_the_characters_are_ignored() -> None:
    dataset = read_dataset(b"date,quantity\n2025-01-01,3\x00\n2025-01-02,\x004\n2025-01-03,5\n", "till.csv")
    assert dataset.tables[0].frame["quantity"].sum() == 12
