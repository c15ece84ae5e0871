"""Digits, units, dates, periods, encodings and headers as they are written where owners live."""

from datetime import date

import polars as pl
import pytest

from engine.dataset import ColumnRole, Dataset
from engine.exports import csv_bytes
from engine.ingest import read_dataset
from engine.ingest.meaning.names import header_hint
from engine.ingest.periods import days_in, period_of, run_of_periods
from engine.ingest.sniff import decode

R = ColumnRole


def read(*lines: str) -> Dataset:
    return read_dataset("\n".join(lines).encode(), "shop.csv")


def essentials(dataset: Dataset) -> list[str]:
    return [question.text for question in dataset.report.questions if question.essential]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.-", 1234.0),
        ("1234.--", 1234.0),
        ("500/-", 500.0),
        ("$(12.50)", -12.5),
        ("'12.50", 12.5),
        ('="12.50"', 12.5),
        ("Rs. 12.50", 12.5),
        ("٣٤٥", 345.0),
        ("३४५", 345.0),
        ("￥１２．５０", 12.5),
        ("12.50 (est.)", 12.5),
    ],
)
def test_an_amount_is_read_as_its_writer_meant_it(cell: str, value: float) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    dataset = read("Date,Amount", *(f"2025-01-{day:02},{quoted}" for day in range(1, 5)))
    assert dataset.tables[0].frame["Amount"].to_list() == [value] * 4
    assert not essentials(dataset)


def test_the_unit_behind_the_numbers_is_left_out_and_said() -> None:
    dataset = read("Date,Quantity", "2025-01-01,12 pcs", "2025-01-02,3 pcs", "2025-01-03,7Pcs.", "2025-01-04,9")
    assert dataset.tables[0].frame["Quantity"].to_list() == [12, 3, 7, 9]
    assert any('the unit "pcs"' in line for line in dataset.report.read_as)


@pytest.mark.parametrize("cells", [("500 g", "2 kg", "1 kg"), ("0.4k", "1.2k", "3k"), ("about 3", "5 or 6", "7 pm")])
def test_units_that_differ_or_multiply_are_never_taken_off(cells: tuple[str, ...]) -> None:
    dataset = read("Date,Quantity", *(f"2025-01-{day:02},{cell}" for day, cell in enumerate(cells, start=1)))
    assert dataset.tables[0].frame["Quantity"].dtype == pl.String
    assert essentials(dataset) or dataset.report.warnings


@pytest.mark.parametrize(
    ("cells", "day"),
    [
        (["2024-Jan-03", "2024-Feb-28"], date(2024, 1, 3)),
        (["2024年1月3日", "2024年2月28日"], date(2024, 1, 3)),
        (["03012024", "28022024"], date(2024, 1, 3)),
        (["1704240000", "1709078400"], date(2024, 1, 3)),
        (["1704240000000", "1709078400000"], date(2024, 1, 3)),
        (["202401", "202402"], date(2024, 1, 1)),
        (["01.2024", "02.2024"], date(2024, 1, 1)),
        (["2024M01", "2024M02"], date(2024, 1, 1)),
        (["KW 1/2024", "KW 9/2024"], date(2024, 1, 1)),
    ],
)
def test_a_date_is_read_where_the_header_promises_one(cells: list[str], day: date) -> None:
    dataset = read("Date,Qty", *(f"{cell},{place}" for place, cell in enumerate(cells, start=5)))
    assert dataset.tables[0].frame["Date"][0] == day
    assert not essentials(dataset)


def test_eight_digits_that_may_begin_with_the_day_or_the_month_are_asked_about() -> None:
    assert any("two ways" in text for text in essentials(read("Date,Qty", "03042024,1", "05062024,2", "07082024,3")))


def test_exchange_rates_are_no_months() -> None:
    table = read("Date,Rate of exchange", "2025-01-01,1.2034", "2025-01-02,1.1987", "2025-01-03,1.2011").tables[0]
    assert table.frame["Rate of exchange"].sum() == pytest.approx(3.6032)


def test_a_date_that_we_cannot_read_is_asked_about() -> None:
    dataset = read("Date,Qty", *(f"2024.{number} of the year,5" for number in range(10, 20)))
    assert any("sounds like a date" in text for text in essentials(dataset))


def test_quarters_and_years_among_months_are_sums_and_no_periods() -> None:
    header = "Item,Jan 2024,Feb 2024,Mar 2024,Q1 2024,Apr 2024,2024"
    dataset = read(header, "Rye,1,2,3,6,4,10", "Oat,5,6,7,18,8,26")
    assert dataset.tables[0].frame.select(pl.col(pl.Float64).sum()).row(0) == (36.0,)
    assert not essentials(dataset)
    doubtful = read(header, "Rye,1,2,3,7,4,10", "Oat,5,6,7,18,8,26")
    assert any("last longer" in text for text in essentials(doubtful))


def test_months_written_as_numbers_across_the_sheet_are_headers() -> None:
    for header in ("Item,202411,202412,202501", "Item,11.2024,12.2024,01.2025"):
        frame = read(header, "Rye,1,2,3", "Oat,4,5,6").tables[0].frame
        assert (frame.height, frame["Period"].max()) == (6, date(2025, 1, 1))
    assert not run_of_periods(["202411", "202501"])


def test_a_week_with_its_year_is_no_month() -> None:
    period = period_of("KW 3/2024")
    assert period is not None
    assert period.start(0) == date(2024, 1, 15)


def test_sales_up_to_date_count_by_what_they_grew() -> None:
    grown = [5, 9, 14, 15, 21, 30]
    dataset = read("Date,Cumulative sales", *(f"2025-01-{day:02},{total}" for day, total in enumerate(grown, start=1)))
    table = dataset.tables[0]
    assert table.frame[table.require(R.REVENUE).name].to_list() == [5, 4, 5, 1, 6, 9]
    assert any("running total" in text for text in essentials(dataset))


def test_a_running_total_that_starts_anew_each_year_counts_its_first_month_whole() -> None:
    lines = ["2024-11-01,110", "2024-12-01,120", "2025-01-01,8", "2025-02-01,20", "2025-03-01,30"]
    table = read("Month,YTD revenue", *lines).tables[0]
    assert table.frame["YTD revenue"].to_list() == [110, 10, 8, 12, 10]


def test_text_that_a_program_might_run_comes_back_as_it_was_exported() -> None:
    dangerous = ["=1+1", "+49 30 1234", "-x", "@SUM(A1)", "'quoted", "007", "plain"]
    days = [date(2025, 1, day) for day in range(1, 8)]
    sales = pl.DataFrame({"Date": days, "Item": dangerous, "Qty": [5.0, 1.0, 9.0, 2.0, 7.0, 3.0, 4.0]})
    assert read_dataset(csv_bytes(sales), "sales.csv").tables[0].frame.equals(sales)


def test_lines_that_were_quoted_as_a_whole_are_opened() -> None:
    lines = ['"Date,Item,Qty"', *(f'"2025-01-{day:02},""Rye, dark"",{day}"' for day in range(1, 6))]
    table = read(*lines).tables[0]
    assert table.frame["Qty"].sum() == 15
    assert table.frame["Item"][0] == "Rye, dark"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp949", "매출일,제품,수량\n2025-01-01,아메리카노,3\n2025-01-02,라떼,5\n"),
        ("euc_jp", "売上日,商品名,数量\n2025-01-01,コーヒー,3\n2025-01-02,りんご,3\n"),
        ("cp932", "売上日,商品名,数量\n2025-01-01,牛乳,3\n2025-01-02,食パン,3\n"),
        ("gb18030", "日期,产品\n2025-01-01,咖啡\n2025-01-02,面包\n"),
        ("cp950", "日期,商品\n2025-01-01,鮮奶\n2025-01-02,雞蛋\n"),
        ("iso8859_2", "Nazwa;Ilość\nżółty ser;3\nŚliwka;4\nwiśnia;3\n"),
        ("cp1250", "Nazwa;Ilość\nChleb żytni;3\nBułka śniadaniowa;4\n"),
    ],
)
def test_old_encodings_of_east_asia_and_central_europe_are_told_apart(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Bestelldatum", R.DATE),
        ("Factuurdatum", R.DATE),
        ("Nazwa towaru", R.ITEM),
        ("Famiglia", R.CATEGORY),
        ("Point de vente", R.STORE),
        ("Qtde", R.QUANTITY),
        ("Q.tà", R.QUANTITY),
        ("Gesamtumsatz", R.REVENUE),
        ("Revenue¹", R.REVENUE),
        ("Utarg", R.REVENUE),
        ("Preço de compra", R.COST),
        ("Op voorraad", R.ON_HAND),
        ("Plazo (días)", R.LEAD_TIME),
        ("Koszt reklamy", R.CHANNEL_SPEND),
        ("Fréquentation", R.TRAFFIC),
        ("Imię i nazwisko", R.EMPLOYEE),
        ("Costo orario", R.RATE),
        ("Heures hebdo", R.MAX_HOURS),
        ("Dienst", R.SHIFT),
        ("Benötigte Mitarbeiter", R.PEOPLE_NEEDED),
    ],
)
def test_headers_of_the_trade_are_known_in_the_eight_languages(header: str, role: ColumnRole) -> None:
    hint = header_hint(header)
    assert hint is not None
    assert hint.role is role


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("3 stycznia 2024 r.", date(2024, 1, 3)),
        ("10:15 31/01/2024", date(2024, 1, 31)),
        ("20240131T101500Z", date(2024, 1, 31)),
        ("20240131120000[0:GMT]", date(2024, 1, 31)),
        ("2. Quartal 2024", date(2024, 4, 1)),
        ("3e trimestre 2024", date(2024, 7, 1)),
        ("Q4 24", date(2024, 10, 1)),
    ],
)
def test_a_date_is_read_however_its_country_or_its_program_writes_it(cell: str, day: date) -> None:
    dataset = read("Date,Quantity", *(f"{cell},{count}" for count in range(1, 13)))
    assert dataset.tables[0].frame["Date"].to_list() == [day] * 12


def test_months_down_the_side_and_years_across_make_a_month_a_row() -> None:
    months = ("January", "February", "March", "April", "May", "June")
    dataset = read("Month,2022,2023,2024", *(f"{month},{n}0,{n}1,{n}2" for n, month in enumerate(months, start=1)))
    frame = dataset.tables[0].frame
    assert frame["Period"].to_list()[::5] == [date(2022, 1, 1), date(2022, 6, 1), date(2023, 5, 1), date(2024, 4, 1)]
    assert frame["Figures"].sum() == 210 * 3 + 6 * 3
    assert not essentials(dataset)


def test_sales_to_date_are_a_running_total_and_no_date() -> None:
    assert header_hint("Sales to date") == header_hint("Cumulative sales")
    assert header_hint("To date").role is R.DATE


@pytest.mark.parametrize(
    ("weeks", "days"),
    [
        ("w/e 5 Sep,w/e 12 Sep,w/e 19 Sep", ["2026-09-05", "2026-09-12", "2026-09-19"]),
        ("Sem. du 7 sept.,Sem. du 14 sept.,Sem. du 21 sept.", ["2026-09-07", "2026-09-14", "2026-09-21"]),
        ("tydz. do 26 wrz,tydz. do 3 paź,tydz. do 10 paź", ["2026-09-26", "2026-10-03", "2026-10-10"]),
        ("Week t/m 5 december,Week t/m 12 december,Week t/m 2 januari", ["2025-12-05", "2025-12-12", "2026-01-02"]),
        ("nov,dec,jan,feb", ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"]),
        ("helmikuu,maaliskuu,huhtikuu", ["2026-02-01", "2026-03-01", "2026-04-01"]),
        ("Ιανουάριος,Φεβρουάριος,Μάρτιος", ["2026-01-01", "2026-02-01", "2026-03-01"]),
    ],
)
def test_periods_across_are_of_the_latest_year_that_is_not_ahead_and_go_on_over_new_year(
    weeks: str, days: list[str]
) -> None:
    figures = ",".join(str(place) for place in range(7, 7 + len(days)))
    text = f"Line,{weeks}\nRye,{figures}\nBun,{figures}\nCake,{figures}\n"
    dataset = read_dataset(text.encode(), "shop.csv", today=date(2026, 11, 30))
    assert dataset.tables[0].frame["Period"].unique().sort().to_list() == [date.fromisoformat(day) for day in days]
    assert "which year" in essentials(dataset)[0]


def test_weeks_down_the_side_go_on_over_new_year() -> None:
    weeks = ((51, "2025-12-15"), (52, "2025-12-22"), (1, "2025-12-29"), (2, "2026-01-05"), (3, "2026-01-12"))
    rows = "".join(f"KW {week};{place + 3}\n" for place, (week, _) in enumerate(weeks))
    dataset = read_dataset(f"Woche;Menge\n{rows}".encode(), "shop.csv", today=date(2026, 11, 30))
    assert dataset.tables[0].frame["Woche"].to_list() == [date.fromisoformat(day) for _, day in weeks]


@pytest.mark.parametrize(
    ("title", "days"),
    [
        ("DEL 01/OCT/2026 AL 31/OCT/2026", [date(2026, 10, 1), date(2026, 10, 31)]),
        ("Sales for 26 - 31 October 2026", [date(2026, 10, 26), date(2026, 10, 31)]),
        ("vom 1. bis 15. März 2026", [date(2026, 3, 1), date(2026, 3, 15)]),
        ("October 26, 2026", [date(2026, 10, 26)]),
        ("Σάββατο 3η Οκτωβρίου 2026", [date(2026, 10, 3)]),
        ("Monat: März 2026", [date(2026, 3, 1)]),
        ("Room 12, shelf 2", []),
    ],
)
def test_the_days_of_a_title_are_read_with_months_in_words(title: str, days: list[date]) -> None:
    assert days_in(title) == days


def test_codes_with_a_point_are_no_numbers() -> None:
    rows = [f"153.{place:04},Plate {place},{place + 5}" for place in range(1, 9)]
    table = read("Item code,Item,On hand", *rows).tables[0]
    assert table.frame["Item code"].to_list() == [f"153.{place:04}" for place in range(1, 9)]
