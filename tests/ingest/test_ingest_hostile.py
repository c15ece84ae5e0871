"""Files made to hurt the server cost no more than their bytes; what they say of themselves is not believed."""

import io
import secrets
import time
import zipfile

import pytest

from benchmarks.hostile_files import KINDS, open_document, package, sales, sheet, text_row, variants, workbook_parts
from engine.errors import DataProblem, UnreadableFile
from engine.ingest import read_dataset
from engine.ingest.meaning.names import header_hint
from engine.ingest.package import Package
from engine.ingest.sheet_scan import SheetScan
from engine.process import Allowance
from engine.settings import Settings
from engine.workflows.files import FileReader

SEED = secrets.randbelow(1_000_000)
GENEROUS_SECONDS = 8.0
"""Of CPU, for what takes a tenth of a second."""


@pytest.fixture(scope="module")
def reader():
    reader = FileReader(allowance=lambda size: Allowance(1_000, 20))
    yield reader
    reader.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_two_new_files_of_each_kind_are_read_or_refused_with_what_to_do(reader, kind):
    print("seed", SEED)
    for file in variants(SEED, 2, [kind]):
        try:
            assert reader.open_file(file.content, file.name, Settings()).tables
        except DataProblem as problem:
            assert problem.remedy, file.name
            assert "takes more than" not in problem.what, file.name
            assert "broke off" not in problem.what, file.name


@pytest.mark.parametrize(
    "tag",
    [
        "<row ",
        '<row r="1" hidden="1" ',
        '<x:col hidden="1" ',
        "<mergeCell ref=",
        '<c t="str"',
        '<c t="str"><f',
        ' t="str"',
        ' hidden="1"',
        '<f a="',
        "<f/><v>0",
        "<c r = 'A1' ",
        "r" + " " * 50,
    ],
)
def test_a_sheet_of_the_same_tag_again_and_again_is_looked_through_once(tag):
    scan = SheetScan()
    began = time.process_time()
    scan.feed(b"<worksheet><sheetData><row><c " + tag.encode() * (2_000_000 // len(tag)))
    assert time.process_time() - began < GENEROUS_SECONDS
    scan.details(pivot=False, since_1904=False)


@pytest.mark.parametrize(
    "row",
    [
        '<table:table-row table:number-rows-repeated="10000" ',
        '<table:table table:name="S">',
        '<table:table-cell table:number-columns-repeated="9" ',
    ],
)
def test_an_open_document_of_the_same_tag_again_and_again_is_refused_in_words(row):
    began = time.process_time()
    with pytest.raises(UnreadableFile) as caught:
        read_dataset(open_document(f'<table:table table:name="S">{row * 20_000}</table:table>'), "s.ods")
    assert caught.value.remedy
    assert time.process_time() - began < GENEROUS_SECONDS


def test_rows_that_stand_for_many_are_refused_although_each_is_repeated_seldom():
    cell = '<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="9000">{cell * 3}</table:table-row>'
    with pytest.raises(UnreadableFile, match=r"stand for millions of filled ones \(Sales\)"):
        read_dataset(open_document(f'<table:table table:name="Sales">{row * 300}</table:table>'), "s.ods")


def test_blank_cells_repeated_to_the_edge_of_the_sheet_cost_nothing():
    def row(*cells: str) -> str:
        filled = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
        )
        blank = '<table:table-cell table:number-columns-repeated="16000"/>' * 2
        return f"<table:table-row>{filled}{blank}</table:table-row>"

    below = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    rows = row("item", "cost") + "".join(row(item, cost) for item, cost in (("Rye", "12"), ("Oat", "14")))
    table = read_dataset(open_document(f'<table:table table:name="S">{rows}{below}</table:table>'), "s.ods").tables[0]
    assert table.frame["cost"].to_list() == [12, 14]


def test_a_long_text_in_many_cells_is_refused_with_how_much_it_would_be():
    rows = "<row>" + '<c t="s"><v>0</v></c>' * 2 + "</row>"
    parts = workbook_parts({"S": sheet(rows * 10_000)}, shared=f"<si><t>{'a' * 20_000}</t></si>")
    with pytest.raises(UnreadableFile, match=r"add up to 400 MB.*Delete the column with the long texts"):
        read_dataset(package(parts), "notes.xlsx")


def test_a_long_text_in_a_few_cells_is_read():
    rows = text_row("item", "note") + "".join(
        f'<row><c t="inlineStr"><is><t>{item}</t></is></c><c t="s"><v>0</v></c></row>' for item in ("Rye", "Oat", "Bun")
    )
    parts = workbook_parts({"S": sheet(rows)}, shared=f"<si><t>{'a' * 20_000}</t></si>")
    assert read_dataset(package(parts), "notes.xlsx").tables[0].frame["note"].str.len_chars().to_list() == [20_000] * 3


def lying(content: bytes, part: str, says: int) -> bytes:
    """The archive, whose directory and header say another size of a part."""
    changed = bytearray(content)
    for magic, size_at, name_at in ((b"PK\x01\x02", 24, 46), (b"PK\x03\x04", 22, 30)):
        place = changed.find(magic)
        while place >= 0:
            if changed[place + name_at :].startswith(part.encode()):
                changed[place + size_at : place + size_at + 4] = says.to_bytes(4, "little")
            place = changed.find(magic, place + 4)
    return bytes(changed)


def test_the_size_of_a_part_is_measured_and_not_believed():
    content = lying(package({"xl/big.xml": b"0" * 5_000_000, "a.xml": b"abc"}), "xl/big.xml", says=10)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.getinfo("xl/big.xml").file_size == 10
    opened = Package(content)
    assert len(opened.read("xl/big.xml")) == 5_000_000
    assert opened.measure(1e9) > 5_000_003
    assert 1_000_000 < opened.measure(1e6) < 3_000_000


def test_a_workbook_that_hides_how_large_it_is_is_refused():
    sheet_part = "xl/worksheets/sheet1.xml"
    parts = workbook_parts({"S": sheet(sales(5), before=" " * 300_000_000)})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    with pytest.raises(UnreadableFile, match=r"would grow from .* to more than .* when unpacked. Delete unused rows"):
        read_dataset(lying(buffer.getvalue(), sheet_part, says=500), "sales.xlsx")


def test_a_piece_of_a_part_begins_where_a_cell_does():
    cells = "".join(f'<c r="A{row}"><v>{row}</v></c>' for row in range(1, 200_000))
    pieces = list(Package(package({"a.xml": cells})).pieces("a.xml", b"<c "))
    assert len(pieces) > 3
    assert all(piece.startswith(b'<c r="A') for piece in pieces)
    assert b"".join(pieces) == cells.encode()


@pytest.mark.parametrize(
    "place", ['r="XFD1048576"', "r='XFD1048576'", 'r = "XFD1048576"', 'r="xfd1048576"', 'r="XFD1048576" ' + "a" * 300]
)
def test_a_far_cell_is_found_however_its_place_is_written(place):
    scan = SheetScan()
    scan.feed(f'<row r="1"><c r="A1"><v>1</v></c></row><row><c {place}><v>1</v></c></row>'.encode())
    assert scan.is_mostly_blank()


def test_one_wide_row_without_places_makes_the_rows_below_it_mostly_blank():
    scan = SheetScan()
    scan.feed(b"<row>" + b"<c><v>1</v></c>" * 16_000)
    scan.feed(b"<c><v>1</v></c></row>" + b"<row><c><v>1</v></c></row>" * 60_000)
    assert scan.is_mostly_blank()


def test_a_thousand_rows_of_sixty_columns_are_not_mostly_blank():
    scan = SheetScan()
    letters = [chr(65 + k) for k in range(26)] + [f"A{chr(65 + k)}" for k in range(26)] + ["BA", "BH"]
    for row in range(1, 1_001):
        scan.feed(f'<row r="{row}">{"".join(f"""<c r="{c}{row}"><v>1</v></c>""" for c in letters)}</row>'.encode())
    assert not scan.is_mostly_blank()


@pytest.mark.parametrize("place", ['r="ZZZZ1"', 'r="A99999999999"', 'r="A1048577"'])
def test_a_place_that_no_spreadsheet_has_is_refused(place):
    scan = SheetScan()
    scan.feed(f"<row><c {place}><v>1</v></c></row>".encode())
    with pytest.raises(UnreadableFile, match="which cannot be"):
        scan.is_mostly_blank()


def test_an_archive_of_thousands_of_parts_is_refused_before_its_directory_is_read():
    content = package({f"{number}.xml": "" for number in range(12_000)})
    with pytest.raises(UnreadableFile, match=r"an archive of 12,00\d parts"):
        read_dataset(content, "parts.xlsx")


@pytest.mark.parametrize("form", [' a{}=""', " a{}=''", ' a{}="<"', ' a{}=">"', ' <a{}="1"'])
def test_a_tag_with_attributes_without_end_is_refused(form):
    many = "".join(form.format(number) for number in range(2_000))
    with pytest.raises(UnreadableFile, match=r"A tag in xl/worksheets/sheet1.xml has more attributes"):
        read_dataset(package(workbook_parts({"S": sheet(f"{sales(5)}<row{many}/>")})), "sales.xlsx")


def test_a_long_text_of_equals_signs_is_a_text():
    long = '<c t="inlineStr"><is><t>' + '="' * 3_000 + "</t></is></c>"
    rows = text_row("item", "note") + f'<row><c t="inlineStr"><is><t>Rye</t></is></c>{long}</row>'
    table = read_dataset(package(workbook_parts({"S": sheet(rows + text_row("Oat", "none"))})), "s.xlsx").tables[0]
    assert table.frame["item"].to_list() == ["Rye", "Oat"]


def test_more_sheets_than_days_in_a_year_are_refused():
    with pytest.raises(UnreadableFile, match="has 501 sheets, and at most 500"):
        read_dataset(package(workbook_parts({f"S{i}": sheet(sales(1)) for i in range(501)})), "sheets.xlsx")


def test_a_header_of_thousands_of_words_is_a_header():
    began = time.process_time()
    hint = header_hint(" ".join(["quantity"] + ["a"] * 4_000))
    assert hint is not None
    assert hint.role.value == "quantity"
    assert header_hint(" ".join(["a"] * 4_000)) is None
    assert time.process_time() - began < GENEROUS_SECONDS


@pytest.mark.parametrize("word", ["a", "1", "qty_", "*", "sales ", "1 a", "kumul"])
def test_a_header_without_end_is_cut_and_said_to_be(word):
    header = (word * 100_000)[:100_000]
    began = time.process_time()
    text = f"date,{header}\n2025-01-01,3\n2025-01-02,4\n2025-01-03,5\n"
    dataset = read_dataset(text.encode(), "sales.csv")
    assert time.process_time() - began < GENEROUS_SECONDS
    assert len(dataset.tables[0].columns[1].name) == 300
    assert dataset.tables[0].columns[1].name.endswith("…")


@pytest.mark.parametrize("start", [b"", b"date,quantity\n2025-01-01,3\n"])
def test_a_line_without_end_is_refused_with_where_it_begins(start):
    with pytest.raises(UnreadableFile, match=r"A line of the file has more than 5 MB.*\(after .*\)"):
        read_dataset(start + b"1," * 3_000_000, "line.csv")


def test_a_mark_on_every_line_is_read_in_one_pass():
    began = time.process_time()
    lines = b"date,item,quantity\n" + b'2025-01-01,19" tray,3\n' * 120_000
    assert read_dataset(lines, "trays.csv").tables[0].frame.height == 120_000
    assert time.process_time() - began < 4 * GENEROUS_SECONDS
