"""What is decided about a column, what is changed in the rows, and how the owner is told."""

from datetime import date

import polars as pl
import pytest

from engine.dataset import Choices, ColumnRole, Dataset, Table
from engine.errors import DataProblem
from engine.ingest import read_dataset


def read(text: str, choices: Choices | None = None) -> tuple[Dataset, Table]:
    dataset = read_dataset(text.encode(), "sales.csv", choices=choices)
    return dataset, dataset.tables[0]


def column(text: str, name: str) -> list[object]:
    return read(text)[1].frame[name].to_list()


def test_words_among_the_numbers_become_blank_and_the_first_is_shown_with_its_row() -> None:
    dataset, table = read("date,quantity\n2025-01-01,3\n2025-01-02,many\n2025-01-03,5\n2025-01-04,few\n2025-01-05,6\n")
    assert table.frame["quantity"].to_list() == [3, None, 5, None, 6]
    (repair,) = dataset.report.repairs
    assert (repair.rows, repair.where) == (2, "sales, column quantity")
    assert 'row 3: "many"' in repair.what


def test_marks_for_nothing_are_read_as_blank_and_counted() -> None:
    dataset, table = read("date,quantity\n2025-01-01,3\n2025-01-02,n/a\n2025-01-03,-\n2025-01-04,4\n")
    assert table.frame["quantity"].null_count() == 2
    assert [(repair.what, repair.rows) for repair in dataset.report.repairs] == [('read "n/a" as blank', 2)]


def test_a_column_of_words_that_the_owner_chose_as_quantity_stops_with_its_first_bad_row() -> None:
    text = "day,how much\n2025-01-01,lots\n2025-01-02,little\n2025-01-03,5\n"
    _, table = read(text)
    choices = Choices(roles={table.fingerprint: {"how much": ColumnRole.QUANTITY}})
    with pytest.raises(DataProblem, match=r'Most cells of "how much" are no numbers.*"lots" \(sales, row 2\)'):
        read(text, choices)


def test_a_header_that_promises_numbers_over_a_column_of_words_is_a_warning() -> None:
    dataset, table = read("date,quantity,price\n2025-01-01,lots,2.5\n2025-01-02,few,2.5\n2025-01-03,5,3.5\n")
    assert not table.has(ColumnRole.QUANTITY)
    assert any("quantity sounds like a number" in line and "row 2" in line for line in dataset.report.warnings)


def test_a_weekday_beside_the_date_is_no_reason_to_warn() -> None:
    dataset, table = read("Date,Day,Qty\n2025-01-13,Monday,3\n2025-01-14,Tuesday,4\n")
    assert table.require(ColumnRole.DATE).name == "Date"
    assert dataset.report.warnings == ()


def test_brackets_and_minus_signs_behind_the_number_are_negative() -> None:
    assert (
        column("day,amount\n2025-01-13,(12.50)\n2025-01-14,12.50-\n2025-01-15,-12.50\n2025-01-16,- $12.50\n", "amount")
        == [-12.5] * 4
    )


def test_one_cell_with_cents_decides_what_the_comma_means_for_the_whole_column() -> None:
    assert column("day;amount\n13.01.2025;1,234\n14.01.2025;7,5\n", "amount") == [1.234, 7.5]
    assert column('day,amount\n2025-01-13,"1,234"\n2025-01-14,"1,234.50"\n', "amount") == [1234, 1234.5]


def test_a_mark_that_could_be_either_is_asked_and_the_answer_is_kept() -> None:
    text = "day,amount\n2025-01-13,1.234\n2025-01-14,2.500\n"
    dataset, table = read(text)
    (question,) = dataset.report.questions
    assert "1.234" in question.text
    assert table.frame["amount"].sum() == pytest.approx(3.734)
    answered, table = read(text, Choices(answers={question.key: "thousands"}))
    assert table.frame["amount"].to_list() == [1234, 2500]
    assert answered.report.questions == ()
    assert answered.sha256 != dataset.sha256


def test_the_other_columns_settle_what_a_mark_means() -> None:
    dataset, table = read("day;price;amount\n13.01.2025;2,50;1.234\n14.01.2025;2,60;2.500\n")
    assert table.frame["amount"].to_list() == [1234, 2500]
    assert dataset.report.questions == ()


def test_text_in_a_workbook_is_not_mistaken_for_a_stored_number(workbook) -> None:
    rows = [("day", "amount"), (date(2025, 1, 13), "1.234"), (date(2025, 1, 14), "1.234,50"), (date(2025, 1, 15), 7.25)]
    (table,) = read_dataset(workbook({"Till": rows}), "till.xlsx").tables
    assert table.frame["amount"].to_list() == [1234, 1234.5, 7.25]


def test_stored_numbers_keep_every_digit(workbook) -> None:
    rows = [("day", "amount"), (date(2025, 1, 13), 0.123456789012345), (date(2025, 1, 14), 1e-12)]
    (table,) = read_dataset(workbook({"Till": rows}), "till.xlsx").tables
    assert table.frame["amount"].to_list() == [0.123456789012345, 1e-12]


def test_article_numbers_keep_their_zeros() -> None:
    assert column("date,sku,quantity\n2025-01-01,0042,3\n2025-01-02,0107,4\n", "sku") == ["0042", "0107"]
    assert column("date,till,quantity\n2025-01-01,007,3\n2025-01-02,010,4\n", "till") == ["007", "010"]


def test_one_day_after_the_twelfth_decides_the_order_for_the_whole_column() -> None:
    assert column("date,quantity\n3/4/2025,1\n25/4/2025,2\n", "date") == [date(2025, 4, 3), date(2025, 4, 25)]
    assert column("date,quantity\n3/4/2025,1\n3/25/2025,2\n", "date") == [date(2025, 3, 4), date(2025, 3, 25)]


def test_dates_that_run_in_order_one_way_only_are_read_that_way() -> None:
    days = "date,quantity\n" + "".join(f"{day}/1/2025,1\n" for day in (2, 5, 9, 12)) + "3/2/2025,1\n4/2/2025,1\n"
    dataset, table = read(days)
    assert table.frame["date"].to_list()[-2:] == [date(2025, 2, 3), date(2025, 2, 4)]
    assert dataset.report.questions == ()


def test_a_date_that_could_be_either_is_asked_and_the_answer_holds_for_next_month() -> None:
    dataset, table = read("date,quantity\n3/4/2025,1\n5/6/2025,2\n")
    (question,) = dataset.report.questions
    assert table.frame["date"][0] == date(2025, 4, 3)
    answers = Choices(answers={question.key: "the month comes first"})
    _, next_month = read("date,quantity\n7/8/2025,1\n9/8/2025,2\n", answers)
    assert next_month.frame["date"].to_list() == [date(2025, 7, 8), date(2025, 9, 8)]


def test_day_counts_beside_dates_are_dates(workbook) -> None:
    rows = [("date", "quantity"), (date(2025, 5, 2), 1), (45780, 2), ("4 May 2025", 3)]
    (table,) = read_dataset(workbook({"Till": rows}), "till.xlsx").tables
    assert table.frame["date"].to_list() == [date(2025, 5, day) for day in (2, 3, 4)]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("3. März 2025", date(2025, 3, 3)),
        ("3 févr. 2025", date(2025, 2, 3)),
        ("3 de mayo de 2025", date(2025, 5, 3)),
        ("3 sierpnia 2025", date(2025, 8, 3)),
        ("Mon, 3 March 2025", date(2025, 3, 3)),
        ("Mar 2025", date(2025, 3, 1)),
        ("Q3 2025", date(2025, 7, 1)),
        ("2025-W10", date(2025, 3, 3)),
        ("03-mrt-25", date(2025, 3, 3)),
    ],
)
def test_dates_in_words_are_read_in_the_languages_of_europe(cell: str, day: date) -> None:
    assert column(f'date,quantity\n"{cell}",1\n"{cell}",2\n', "date") == [day, day]


def test_the_thirtieth_of_february_is_no_date() -> None:
    dataset, table = read("date,quantity\n2025-02-28,1\n2025-02-30,2\n2025-03-01,3\n")
    assert table.frame["date"].null_count() == 1
    assert any('row 3: "2025-02-30"' in repair.what for repair in dataset.report.repairs)


def test_a_row_of_totals_that_adds_up_is_removed() -> None:
    dataset, table = read("item,quantity\nRye,3\nSpelt,4\nTotal,7\nTotal care shampoo,2\n")
    assert table.frame["item"].to_list() == ["Rye", "Spelt", "Total care shampoo"]
    assert [(repair.what, repair.rows) for repair in dataset.report.repairs] == [("removed rows of totals: row 4", 1)]


def test_totals_of_blocks_and_of_everything_are_all_removed() -> None:
    rows = [
        "Datum;Artikel;Menge",
        "13.01.2025;Rye;3",
        "13.01.2025;Spelt;4",
        ";Zwischensumme;7",
        "14.01.2025;Rye;5",
        ";Zwischensumme;5",
        ";Gesamt;12",
    ]
    dataset, table = read("\n".join(rows))
    assert table.frame["Menge"].sum() == 12
    assert dataset.report.repairs[0].rows == 3


def test_a_total_that_does_not_add_up_is_kept_and_asked_about() -> None:
    dataset, table = read("item,quantity\nRye,3\nSpelt,4\nTotal,9\n")
    assert table.frame.height == 3
    assert [question.text for question in dataset.report.questions] == [
        "In sales, row 4 is called a total but does not add up: what should happen?"
    ]


def test_blank_rows_headers_that_come_again_and_notes_below_are_removed() -> None:
    text = "date,item,quantity\n2025-01-01,Rye,3\n,,\ndate,item,quantity\n2025-01-02,Rye,4\n,,\nPrinted by the till,,\n"
    dataset, table = read(text)
    assert table.frame["quantity"].to_list() == [3, 4]
    assert {repair.what.split(",")[0]: repair.rows for repair in dataset.report.repairs} == {
        "removed blank rows": 2,
        "removed headers that come again": 1,
        "removed notes below the table": 1,
    }


def test_rows_that_repeat_stay_until_the_owner_says_otherwise() -> None:
    text = "date,item,quantity\n2025-01-01,Rye,3\n2025-01-01,Rye,3\n2025-01-02,Rye,4\n"
    dataset, table = read(text)
    (question,) = dataset.report.questions
    assert (table.frame.height, question.chosen) == (3, "keep them")
    answered, table = read(text, Choices(answers={question.key: "remove the repeats"}))
    assert table.frame.height == 2
    assert answered.report.repairs[0].rows == 1


def test_dates_out_of_order_keep_their_rows_and_are_mentioned() -> None:
    dataset, table = read("date,quantity\n2025-01-03,3\n2025-01-01,1\n2025-01-02,2\n")
    assert table.frame["quantity"].to_list() == [3, 1, 2]
    assert any("not in order" in line for line in dataset.report.read_as)


def test_a_date_that_comes_twice_in_a_single_series_is_mentioned() -> None:
    dataset, table = read("date,quantity\n2025-01-01,3\n2025-01-01,4\n2025-01-02,2\n")
    assert table.frame.height == 3
    assert any(
        "A date that was there before comes in 1 row of sales, first 1 January 2025" in w
        for w in dataset.report.warnings
    )


def test_the_time_of_day_is_cut_off_and_that_is_said() -> None:
    dataset, table = read("date,quantity\n2025-01-13 08:15,3\n2025-01-14 17:40,4\n")
    assert table.frame.schema["date"] == pl.Date
    assert "sales: time of day cut off in date" in dataset.report.read_as


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("date,price\n2025-01-01,£2.50\n2025-01-02,£3\n", "GBP"),
        ("date;Preis (EUR)\n13.01.2025;2,50\n14.01.2025;3,00\n", "EUR"),
        ("date,price,ccy\n2025-01-01,2.50,CHF\n2025-01-02,3,CHF\n", "CHF"),
        ("date,price\n2025-01-01,2.5\n2025-01-02,3\n", ""),
    ],
)
def test_the_currency_is_the_one_that_the_file_names(text: str, currency: str) -> None:
    assert read(text)[0].currency == currency


def test_the_currency_may_stand_in_the_number_format_alone(workbook) -> None:
    content = workbook({"Till": [("date", "price"), ("2025-01-01", 2.5)]}, formats={1: "#,##0.00 [$€-407]"})
    assert read_dataset(content, "till.xlsx").currency == "EUR"


def test_two_currencies_are_a_warning_and_no_choice() -> None:
    dataset, _ = read("date,price,cost\n2025-01-01,£2.50,€1\n2025-01-02,£3,€2\n")
    assert dataset.currency == ""
    assert any("EUR, GBP" in line for line in dataset.report.warnings)
