"""Quotation marks, and rows with more cells than headers: no sale is lost or read in the wrong column unsaid."""

from datetime import date

from engine.dataset import Dataset
from engine.ingest import read_dataset, verdict
from engine.ingest.verdict import Readiness

DAYS = range(1, 29)


def read(header: str, *lines: str) -> Dataset:
    return read_dataset("\n".join([header, *lines]).encode(), "shop.csv")


def essentials(dataset: Dataset) -> list[str]:
    return [question.text for question in dataset.report.questions if question.essential]


def test_a_quotation_mark_opened_half_way_down_swallows_no_row() -> None:
    mark = '"'
    lines = [f"2025-01-{day:02},{mark * (day == 10)}Rye,{day},2.50" for day in DAYS]
    dataset = read("Date,Item,Quantity,Amount", *lines)
    assert dataset.tables[0].frame["Quantity"].sum() == 406
    assert any("never closed" in line and "line 11" in line for line in dataset.report.read_as)


def test_a_cell_of_several_lines_is_still_one_cell() -> None:
    lines = [f'2025-01-{day:02},"Rye, sliced\nand packed",{day},2.50' for day in DAYS]
    frame = read("Date,Item,Quantity,Amount", *lines).tables[0].frame
    assert frame.height == 28
    assert frame["Item"][0] == "Rye, sliced\nand packed"


def test_quotation_marks_escaped_by_a_backslash_end_no_cell() -> None:
    lines = [rf'2025-01-{day:02},"Rye \"dark\", sliced",{day},2.50' for day in DAYS]
    frame = read("Date,Item,Quantity,Amount", *lines).tables[0].frame
    assert frame["Item"][0] == 'Rye "dark", sliced'
    assert frame["Amount"].sum() == 70


def test_cells_in_single_quotation_marks_are_cells() -> None:
    lines = [f"'2025-01-{day:02}','Rye, sliced','{day}','2.50'" for day in DAYS]
    frame = read("'Date','Item','Quantity','Amount'", *lines).tables[0].frame
    assert frame["Date"][0] == date(2025, 1, 1)
    assert frame["Quantity"].sum() == 406


def test_thousands_cut_in_two_by_the_comma_between_the_columns_are_asked_about() -> None:
    dataset = read("Date,Item,Amount", *(f"2025-01-{day:02},Rye,{day},500.00" for day in DAYS))
    assert verdict(dataset).status is Readiness.ASK
    assert "more cells than there are headers" in essentials(dataset)[0]


def test_a_remark_behind_the_last_column_is_no_question() -> None:
    lines = [f"2025-01-{day:02},Rye,{day}" + (",paid in cash" if day == 3 else "") for day in DAYS]
    dataset = read("Date,Item,Quantity", *lines)
    assert not essentials(dataset)
    assert dataset.tables[0].frame["Quantity"].sum() == 406


def test_two_marks_that_nobody_closed_are_not_one_cell() -> None:
    mark = '"'
    lines = [f"2025-01-{day:02},{mark * (day in (5, 6, 20))}Rye,{day},2.50" for day in DAYS]
    frame = read("Date,Item,Quantity,Amount", *lines).tables[0].frame
    assert (frame.height, frame["Quantity"].sum()) == (28, 406)
