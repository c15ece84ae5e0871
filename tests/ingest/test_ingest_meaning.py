"""What cells mean that a plain reader would take at face value."""

from datetime import date

import pytest

from engine.dataset import Choices, ColumnRole, Dataset
from engine.ingest import read_dataset

R = ColumnRole


def read(text: str, choices: Choices | None = None, *, today: date | None = None) -> Dataset:
    return read_dataset(text.encode(), "file.csv", choices=choices, today=today)


def essentials(dataset: Dataset) -> list[str]:
    return [question.text for question in dataset.report.questions if question.essential]


def test_withheld_numbers_are_unknown_and_not_zero() -> None:
    dataset = read("Month,Visits\n2025-01,<5\n2025-02,12\n2025-03,*****\n2025-04,20\n2025-05,14\n")
    assert dataset.tables[0].frame["Visits"].to_list() == [None, 12, None, 20, 14]
    assert any("withheld" in line and "not as zero" in line for line in dataset.report.warnings)


def test_footnote_marks_behind_numbers_are_left_out_and_said() -> None:
    dataset = read("Month,Visits\n2025-01,14*\n2025-02,15 (r)\n2025-03,16 [2]\n2025-04,17†\n")
    assert dataset.tables[0].frame["Visits"].to_list() == [14, 15, 16, 17]
    assert any('as in "14*"' in line for line in dataset.report.read_as)


def test_short_numbers_beside_marked_ones_show_that_the_mark_groups_thousands() -> None:
    dataset = read('State,Code,Visits\nA,1,"6,718"\nB,2,776\nC,3,"26,822"\nD,4,988\nE,5,"34,942"\nF,6,154\n')
    assert dataset.tables[0].frame["Visits"].sum() == 6718 + 776 + 26822 + 988 + 34942 + 154
    assert not essentials(dataset)


def test_long_numbers_without_a_mark_leave_the_question_open() -> None:
    dataset = read('Day,Sold\n2025-01-01,"6,718"\n2025-01-02,7761\n2025-01-03,"2,822"\n2025-01-04,988\n')
    assert any("separate" in text for text in essentials(dataset))


def test_a_date_with_a_short_year_is_asked_about() -> None:
    text = "10-Nov-9,-12.5\n09-Nov-10,12.5\n04-Nov-11,-3\n"
    dataset = read(text)
    (question,) = [question for question in dataset.report.questions if question.essential]
    assert "10-Nov-9" in question.text
    assert dataset.tables[0].frame["Column 1"][0] == date(2009, 11, 10)
    turned = read(text, Choices(answers={question.key: "the year comes first"}))
    assert turned.tables[0].frame["Column 1"][0] == date(2010, 11, 9)


def test_many_cells_that_do_not_fit_are_asked_about_and_may_be_read_as_text() -> None:
    text = "Date,Code\n2025-01-01,51\n2025-01-02,7\n2025-01-03,B12\n2025-01-04,9\n2025-01-05,8\n".replace("Code", "Qty")
    dataset = read(text)
    (question,) = [question for question in dataset.report.questions if question.essential]
    assert "B12" in question.text
    answered = read(text, Choices(answers={question.key: "read the column as text"}))
    assert answered.tables[0].frame["Qty"].to_list() == ["51", "7", "B12", "9", "8"]


def test_a_few_stray_cells_are_a_repair_with_their_places_and_no_question() -> None:
    lines = [f"2025-01-{day:02},{day}" for day in range(1, 31)]
    lines[4] = "2025-01-05,closed"
    dataset = read("Date,Qty\n" + "\n".join(lines))
    assert not dataset.report.questions
    assert [repair.cells for repair in dataset.report.repairs] == [("row 6",)]


def test_a_running_balance_is_never_the_amount() -> None:
    dataset = read(
        "Date,Sales,Cumulative sales\n2025-01-01,10,10\n2025-01-02,12,22\n2025-01-03,9,31\n2025-01-04,11,42\n"
    )
    table = dataset.tables[0]
    assert table.require(R.REVENUE).name == "Sales"
    assert [column.role for column in table.columns if column.name == "Cumulative sales"] == [R.OTHER]
    assert any("running balance" in line for line in dataset.report.read_as)


def test_stock_that_falls_with_each_sale_is_still_stock() -> None:
    table = read("Date,Sold,On hand\n2025-01-01,2,98\n2025-01-02,3,95\n2025-01-03,4,91\n2025-01-04,1,90\n").tables[0]
    assert table.has(R.ON_HAND)


@pytest.mark.parametrize("headers", ["Date,Text,Debit,Credit,Balance", "Datum,Text,Soll,Haben,Saldo"])
def test_money_out_and_money_in_become_one_signed_amount(headers: str) -> None:
    text = f"{headers}\n2025-01-01,a,,100,100\n2025-01-02,b,30,,70\n2025-01-03,c,20,,50\n2025-01-04,d,,40,90\n"
    table = read(text).tables[0]
    assert table.frame["Net amount"].to_list() == [100, -30, -20, 40]
    assert table.require(R.REVENUE).name == "Net amount"


def test_money_out_and_in_without_headers_are_told_by_the_balance() -> None:
    text = "13.01.2025;a;;100;100\n14.01.2025;b;30;;70\n15.01.2025;c;20;;50\n16.01.2025;d;;40;90\n"
    assert read(text).tables[0].frame["Net amount"].to_list() == [100, -30, -20, 40]


def test_signs_that_stand_in_another_column_are_asked_about() -> None:
    text = "Date,Text,Amount,Kind\n2025-01-01,a,10.5,credit\n2025-01-02,b,4.25,debit\n2025-01-03,c,1.5,debit\n"
    dataset = read(text)
    (question,) = dataset.report.questions
    signed = read(text, Choices(answers={question.key: "make money out negative"}))
    assert signed.tables[0].frame["Amount"].sum() == pytest.approx(4.75)


def test_subtotals_named_after_their_group_are_removed_where_they_add_up() -> None:
    text = (
        "Item,Sales\nRye,10\nOat,20\nBread total,30\nBun,5\nPie,7\nSweet total,12\nGrand total,42\nTotal care soap,3\n"
    )
    dataset = read(text)
    assert dataset.tables[0].frame["Sales"].to_list() == [10, 20, 5, 7, 3]
    assert not essentials(dataset)


def test_a_total_above_its_rows_is_removed_where_it_adds_up() -> None:
    assert read("Item,Sales\nTotal,60\nRye,10\nOat,20\nBun,30\n").tables[0].frame["Sales"].sum() == 60


def test_two_digit_years_in_front_are_asked_about_when_the_first_part_varies_least() -> None:
    text = "date,qty\n25/01/13,5\n25/01/14,6\n25/01/15,7\n"
    (question,) = read(text).report.questions
    turned = read(text, Choices(answers={question.key: "the year comes first"}))
    assert turned.tables[0].frame["date"].to_list() == [date(2025, 1, day) for day in (13, 14, 15)]
    assert not essentials(read("date,qty\n13/01/25,5\n14/01/25,6\n15/01/25,7\n"))


def test_a_last_row_that_adds_everything_up_without_saying_so_is_asked_about() -> None:
    dataset = read("Region,Sales,Costs\nNorth,10,4\nSouth,20,8\nEast,30,9\nAll regions,60,21\n")
    assert any("row 5 is the sum" in text for text in essentials(dataset))
    assert dataset.tables[0].frame["Sales"].sum() == 60


def test_subtotals_without_a_name_are_asked_about_and_left_out() -> None:
    text = "Region,Store,Sales\nNorth,A,10\nNorth,B,20\nNorth,C,5\n,,35\nSouth,D,1\nSouth,E,2\nSouth,F,3\n,,6\n"
    dataset = read(text)
    assert dataset.tables[0].frame["Sales"].sum() == 41
    assert any("row 5, 9" in line for line in essentials(dataset))


def test_amounts_in_two_currencies_in_one_column_are_asked_about() -> None:
    dataset = read("date,amount\n2025-01-01,$5\n2025-01-02,€6\n2025-01-03,$7\n")
    assert any("EUR and USD" in text for text in essentials(dataset))


def test_a_last_row_that_adds_up_in_one_column_only_is_a_row() -> None:
    dataset = read("Region,Sales,Costs\nNorth,10,4\nSouth,20,8\nEast,30,9\nWest,60,23\n")
    assert dataset.tables[0].frame["Sales"].sum() == 120
    assert not essentials(dataset)


def test_a_total_that_does_not_add_up_is_asked_about() -> None:
    text = "item,quantity\nRye,3\nSpelt,4\nTotal,9\n"
    dataset = read(text)
    (question,) = dataset.report.questions
    assert question.essential
    without = read(text, Choices(answers={question.key: "leave it out"}))
    assert without.tables[0].frame["quantity"].sum() == 7


def test_a_date_far_in_the_future_is_flagged_when_the_day_is_known() -> None:
    lines = [f"2025-01-{day:02},{day}" for day in range(1, 31)]
    lines[9] = "2052-01-10,10"
    text = "Date,Qty\n" + "\n".join(lines)
    assert read(text).tables[0].frame["Date"].max() == date(2052, 1, 10)
    dataset = read(text, today=date(2025, 2, 1))
    (question,) = dataset.report.questions
    assert "row 11: 10 January 2052" in question.text
    assert dataset.tables[0].frame["Date"].max() == date(2025, 1, 30)
    kept = read(text, Choices(answers={question.key: "keep them"}), today=date(2025, 2, 1))
    assert kept.tables[0].frame["Date"].max() == date(2052, 1, 10)


def test_card_numbers_are_not_what_was_sold() -> None:
    lines = [f"2025-01-{day:02},{2226 if day % 3 else 2101},{day}.50" for day in range(1, 20)]
    table = read("\n".join(lines)).tables[0]
    assert table.require(R.REVENUE).name == "Column 3"


def test_without_headers_quantity_price_and_amount_are_told_by_arithmetic() -> None:
    rows = [(f"2025-01-{day:02}", "Rye" if day % 2 else "Bun", 2.5 if day % 2 else 1.2, day) for day in range(1, 13)]
    dataset = read("\n".join(f"{day},{item},{price},{count},{price * count:.2f}" for day, item, price, count in rows))
    roles = {column.name: column.role for column in dataset.tables[0].columns}
    assert (roles["Column 4"], roles["Column 3"], roles["Column 5"]) == (R.QUANTITY, R.PRICE, R.REVENUE)


def test_without_headers_the_amounts_with_decimals_are_the_money() -> None:
    dataset = read("\n".join(f"2025-01-{day:02},{day % 5 + 1},{day * 7}.35" for day in range(1, 13)))
    roles = [column.role for column in dataset.tables[0].columns]
    assert roles == [R.DATE, R.QUANTITY, R.REVENUE]


def test_a_month_in_each_row_tells_that_the_month_comes_first() -> None:
    rows = [f"{month}/1/{year},{month * 2}" for year in (2023, 2024) for month in range(1, 13)]
    dataset = read("\n".join(["Date,Sold", *rows]))
    assert dataset.tables[0].frame["Date"][1] == date(2023, 2, 1)
    assert not essentials(dataset)


def test_a_column_that_counts_the_rows_is_not_what_was_sold() -> None:
    rows = [f"{place},2025-01-{place:02},{place * 7 % 11}" for place in range(1, 29)]
    roles = [column.role for column in read("\n".join(["Obs,Date,Till", *rows])).tables[0].columns]
    assert roles == [R.OTHER, R.DATE, R.QUANTITY]
