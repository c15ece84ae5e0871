"""What an owner reads when a file cannot be used: what is wrong, where, what to do."""

import io
import random
import struct
import zipfile

import pytest

from engine.errors import DataProblem, UnreadableFile
from engine.ingest import ReadingLimits, read_dataset

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(13)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refusal(content: bytes, name: str = "sales.xlsx", **limits: float) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_dataset(content, name, limits=ReadingLimits(**limits))
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize("content", [b"", b"   \r\n \t\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_called_empty(content: bytes) -> None:
    assert refusal(content, "sales.csv").startswith("The file is empty.")


def test_a_file_of_headers_only_says_that_rows_are_missing() -> None:
    assert "headers but no rows" in refusal(b"date,item,quantity\r\n", "sales.csv")


def test_a_picture_named_as_a_workbook_is_called_a_picture() -> None:
    assert refusal(PNG).startswith("The file is a PNG picture, not a table.")
    assert "JPEG" in refusal(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(40))


def test_a_pdf_is_called_a_pdf() -> None:
    assert "PDF" in refusal(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "sales.csv")


def test_a_word_document_is_called_a_word_document() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("word/document.xml", "<w:document/>")
    assert "Word document" in refusal(buffer.getvalue())


def test_a_web_page_named_as_a_workbook_says_so() -> None:
    assert "web page" in refusal(b"<html><table><tr><td>date</td></tr></table></html>", "sales.xls")


def test_a_workbook_with_a_password_asks_to_remove_it() -> None:
    directory = bytes(504) + "EncryptionInfo".encode("utf-16-le") + bytes(64) + "EncryptedPackage".encode("utf-16-le")
    message = refusal(OLE + directory)
    assert message.startswith("The workbook is protected with a password.")
    assert "remove the password" in message


def test_an_office_file_without_a_workbook_says_so() -> None:
    assert "without a workbook" in refusal(OLE + bytes(1024), "sales.xls")


def test_half_a_workbook_is_called_damaged(workbook) -> None:
    whole = workbook({"Sales": [("date", "quantity"), ("2025-01-01", 3)]})
    assert "damaged" in refusal(whole[: len(whole) // 2])


def test_a_workbook_with_a_broken_sheet_is_called_damaged() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("xl/workbook.xml", "<workbook")
        package.writestr("[Content_Types].xml", "<Types/>")
    assert "damaged" in refusal(buffer.getvalue())


def test_a_workbook_that_unpacks_to_a_thousand_times_its_size_is_refused_before_it_is_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    assert "would grow from" in refusal(buffer.getvalue())
    assert "to 20 MB when unpacked" in refusal(buffer.getvalue())


def test_a_file_over_the_limit_names_both_sizes() -> None:
    message = refusal(b"date,quantity\n" + b"2025-01-01,3\n" * 100_000, "sales.csv", max_bytes=1_000_000)
    assert "1.3 MB" in message
    assert "at most 1 MB" in message


def test_too_many_rows_name_both_numbers(workbook) -> None:
    text = b"date,quantity\n" + b"2025-01-01,3\n" * 1200
    with pytest.raises(DataProblem, match=r"1,201 rows and 2 columns, and at most 1,000 rows"):
        read_dataset(text, "sales.csv", limits=ReadingLimits(max_rows=1000))
    sheet = workbook({"Till": [("date", "quantity"), *[("2025-01-01", 3)] * 1200]})
    with pytest.raises(DataProblem, match="sheet Till"):
        read_dataset(sheet, "sales.xlsx", limits=ReadingLimits(max_rows=1000))


def test_a_workbook_without_any_table_says_why_for_each_sheet(workbook) -> None:
    message = refusal(workbook({"Sales": [("date", "item")], "Notes": [("Ask the baker",), ("about rye",)]}))
    assert message.startswith("There is no table on any visible sheet")
    assert "Sales: it has headers but no rows" in message
    assert "Notes: it holds words but no columns" in message


def test_a_letter_is_not_a_table() -> None:
    assert "words but no columns" in refusal(b"Dear baker\nplease bake more rye\nyours", "letter.txt")


def test_noise_and_torn_workbooks_are_refused_in_words_and_never_with_a_traceback(workbook) -> None:
    rng = random.Random(7)
    whole = workbook({"Sales": [("date", "quantity"), *((f"2025-01-{day:02}", day) for day in range(1, 29))]})
    refused = 0
    for trial in range(60):
        torn = bytearray(whole)
        for _ in range(1 + trial):
            torn[rng.randrange(len(torn))] = rng.randrange(256)
        try:
            read_dataset(bytes(torn), "sales.xlsx")
        except DataProblem as problem:
            refused += bool(problem.remedy)
    assert refused > 20


def test_bytes_without_any_meaning_are_no_text() -> None:
    assert "not text" in refusal(random.Random(5).randbytes(20_000), "sales.csv")
