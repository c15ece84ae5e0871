"""One line of a text file is written otherwise than the rest: every row is still read, and what was done is said.

The outsider is Python's csv module, on the file before the line was spoilt. Cases are drawn anew in each run.
"""

import csv
import io
import random
import time

import pytest

from engine.dataset import Dataset
from engine.ingest import read_dataset
from engine.ingest.grid import ReadingLimits
from engine.ingest.text import OpenText, open_text

SEED = random.SystemRandom().randrange(10**6)
CASES = range(12)
DELIMITERS = (",", ";", "\t", "|")

HEADER = ("Date", "Time", "Order", "Quantity", "Price", "Item", "Remark")
ITEMS = ("Rye loaf", "Boots, men's", 'Screen, 24"', "Tea; green", "Milk|1 l", "Rolls, 6, sliced")
REMARKS = ("sold, then returned", 'a "good" one, she said', "to be called, or not", "paid", "two lines\nof words, here")
MONEY, REMARK = 4, 6
MARK = '"'


def drawn(case: int) -> tuple[random.Random, list[list[str]]]:
    print("seed", SEED + case)
    chance = random.Random(SEED + case)
    rows = [
        [
            f"{chance.randint(10, 28)}/0{chance.randint(1, 9)}/2024",
            f"{chance.randint(10, 23)}:{chance.randint(10, 59)}",
            f"AB-{chance.randint(1000, 9999)}",
            str(chance.randint(1, 12)),
            f"€{chance.randint(1, 99)}.{chance.randint(10, 99)}",
            ITEMS[row % len(ITEMS)],
            REMARKS[row % len(REMARKS)],
        ]
        for row in range(chance.randint(30, 60))
    ]
    chance.shuffle(rows)
    return chance, [list(HEADER), *rows]


def written(rows: list[list[str]], delimiter: str) -> list[str]:
    """Each row as it is written by the csv module; a cell of two lines stays in its row."""
    texts = []
    for row in rows:
        line = io.StringIO()
        csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(row)
        texts.append(line.getvalue().removesuffix("\n"))
    return texts


def opened(lines: list[str]) -> OpenText:
    return open_text("\n".join(lines).encode(), "shop", ReadingLimits())


def cells(text: OpenText) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in text.grid.text.iter_rows()]


def outsider(lines: list[str], delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=delimiter))


def one_line(chance: random.Random, rows: list[list[str]]) -> int:
    """A row of data on one line."""
    return chance.choice([place for place, row in enumerate(rows) if place and "\n" not in row[REMARK]])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("delimiter", DELIMITERS, ids=("comma", "semicolon", "tab", "bar"))
def test_a_well_written_file_is_read_as_the_csv_module_reads_it(delimiter: str, case: int) -> None:
    _, rows = drawn(case)
    lines = written(rows, delimiter)
    text = opened(lines)
    assert cells(text) == outsider(lines, delimiter) == rows
    assert not text.repairs
    assert not text.grid.notes


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("delimiter", DELIMITERS, ids=("comma", "semicolon", "tab", "bar"))
def test_a_stray_mark_before_a_cell_moves_no_cell(delimiter: str, case: int) -> None:
    chance, rows = drawn(case)
    lines = written(rows, delimiter)
    expected = outsider(lines, delimiter)
    place = one_line(chance, rows)
    before = delimiter.join(rows[place][: chance.randrange(1, MONEY + 1)]) + delimiter
    lines[place] = before + MARK + lines[place].removeprefix(before)
    text = opened(lines)
    assert cells(text) == expected
    number = 1 + "\n".join(lines[:place]).count("\n") + 1
    assert text.grid.notes == (f"a quotation mark that is never closed was left out: line {number}",)


@pytest.mark.parametrize("case", CASES)
def test_a_mark_inside_a_cell_in_marks_is_one_of_its_letters(case: int) -> None:
    chance, rows = drawn(case)
    place = one_line(chance, rows)
    rows[place][REMARK] = 'a box of 8" by ten, in all'
    lines = written(rows, ",")
    expected = outsider(lines, ",")
    lines[place] = lines[place].replace('8"" by', '8" by')
    text = opened(lines)
    assert cells(text) == expected
    assert "kept as letters" in text.grid.notes[0]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("column", "what"),
    [(0, "missing"), (1, "missing"), (3, "missing"), (0, "twice"), (2, "twice"), (3, "twice"), (5, "twice")],
)
def test_a_row_with_a_separator_too_few_or_too_many_keeps_its_columns(column: int, what: str, case: int) -> None:
    chance, rows = drawn(case)
    place = one_line(chance, rows)
    lines = written(rows, ";")
    expected = outsider(lines, ";")
    at = sum(len(cell) for cell in rows[place][: column + 1]) + column
    at += 2 * (column == 5 and ";" in rows[place][5]) + rows[place][5].count('"') * (column == 5)
    at += 2 * (column == 5 and '"' in rows[place][5])
    assert lines[place][at] == ";"
    lines[place] = lines[place][:at] + (";;" if what == "twice" else "") + lines[place][at + 1 :]
    text = opened(lines)
    assert cells(text) == expected
    (repair,) = text.repairs
    number = 1 + "\n".join(lines[:place]).count("\n") + 1
    assert (repair.rows, repair.cells) == (1, (f"line {number}",))
    assert ("missing" if what == "missing" else "came twice") in repair.what


@pytest.mark.parametrize("case", CASES)
def test_a_row_with_another_separator_is_a_row(case: int) -> None:
    chance, rows = drawn(case)
    place = one_line(chance, rows)
    rows[place][5:] = ["Rye", "paid"]
    lines = written(rows, ",")
    expected = outsider(lines, ",")
    lines[place] = lines[place].replace(",", chance.choice(";\t| "))
    text = opened(lines)
    assert cells(text) == expected
    assert [repair.what for repair in text.repairs] == ["read a row with another separator than the rest"]


def read(*lines: str) -> Dataset:
    return read_dataset("\n".join(lines).encode(), "shop.csv")


SALES = [f"2025-01-{day:02},Rye,{day},2.50" for day in range(1, 29)]


def test_the_owner_is_told_of_a_row_that_was_cut_otherwise_than_it_is_written() -> None:
    lines = [line.replace(",Rye", "Rye") if line.startswith("2025-01-10") else line for line in SALES]
    dataset = read("Date,Item,Quantity,Amount", *lines)
    assert dataset.tables[0].frame["Quantity"].sum() == 406
    repairs = [(repair.what, repair.rows, repair.cells) for repair in dataset.report.repairs]
    assert repairs == [("put in a separator that was missing between two cells", 1, ("line 11",))]


def test_a_blank_header_too_many_moves_no_name_to_another_column() -> None:
    table = read("Date,,Item,Quantity,Amount", *SALES).tables[0]
    assert [column.name for column in table.columns] == ["Date", "Item", "Quantity", "Amount"]
    assert table.frame["Quantity"].sum() == 406


def test_a_separator_that_may_stand_in_several_places_is_not_put_in() -> None:
    lines = ["Date;A;B;C", *(f"2025-01-{day:02};{day * 7};{day * 311};{day}" for day in range(1, 29))]
    lines[10] = "2025-01-10;70311010"
    assert not opened(lines).repairs


def test_a_quantity_that_is_left_out_is_not_cut_from_the_amount() -> None:
    lines = ["Date,Item,Quantity,Amount", *SALES]
    lines[10] = "2025-01-10,Rye,12.50"
    text = opened(lines)
    assert not text.repairs
    assert cells(text)[10] == ["2025-01-10", "Rye", "12.50", ""]


def test_rows_that_leave_out_their_last_cells_stay_as_they_are() -> None:
    lines = ["Date;Item;Quantity;Amount;Remark", *(f"2025-01-{day:02};Rye;{day};2.50;paid" for day in range(1, 29))]
    lines[5], lines[6] = "2025-01-05;Rye;5;2.50", "2025-01-06;Rye;6"
    text = opened(lines)
    assert not text.repairs
    assert cells(text)[5:7] == [["2025-01-05", "Rye", "5", "2.50", ""], ["2025-01-06", "Rye", "6", "", ""]]


def test_a_title_and_a_total_are_no_malformed_rows() -> None:
    lines = ["Sales of the north shop, all in euros", "Date,Item,Quantity,Amount", *SALES, "Total,,406"]
    text = opened(lines)
    assert not text.repairs
    assert cells(text)[0][:2] == ["Sales of the north shop", "all in euros"]


def test_inches_outside_marks_are_letters_and_nothing_is_said() -> None:
    lines = ["Date,Item,Size,Amount", *(f'2025-01-{day:02},Screen,{day}",2.50' for day in range(1, 29, 2))]
    text = opened(lines)
    assert cells(text)[1] == ["2025-01-01", "Screen", '1"', "2.50"]
    assert not text.grid.notes


@pytest.mark.slow
def test_a_stray_mark_in_every_tenth_line_of_a_long_file_takes_no_time() -> None:
    lines = ["Date,Item,Quantity,Amount"]
    lines += [f"2025-01-{1 + k % 28:02},{MARK * (k % 10 == 0)}Rye,{k},2.50" for k in range(100_000)]
    start = time.process_time()
    text = opened(lines)
    assert time.process_time() - start < 10
    assert cells(text)[1:] == [line.replace('"', "").split(",") for line in lines[1:]]
