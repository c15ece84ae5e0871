"""The verbs that the pages and the command line share, on a kiosk that sells tea and water."""

from datetime import date, timedelta
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from openpyxl import load_workbook

from engine.business.history import items, metric_named
from engine.business.model import Business
from engine.dataset import Choices, ColumnRole, Dataset, Frequency
from engine.errors import DataProblem, MissingColumn, UnreadableFile
from engine.forecast import JOINT, Forecast
from engine.forecast.forecast import MINIMUM_PERIODS
from engine.forecast.models import SeasonalNaive
from engine.narrate import spoken
from engine.settings import Settings
from engine.workflows import files
from engine.workflows.forecast import forecasts
from tests.conftest import LATER, MONDAY, days_from

SUNDAY = 6
AMBIGUOUS = "Day,What,Amount,Other\n2025-01-01,Tea,5,9\n2025-01-02,Tea,6,8\n2025-01-03,Tea,7,7\n"


def kiosk_csv(weeks: int = 20) -> bytes:
    """Tea and water, sold from Monday to Saturday; twice as much on Saturdays."""
    chance = np.random.default_rng(5)
    lines = ["Day,Product,Units,Price"]
    for day in days_from(MONDAY, 7 * weeks):
        if day.weekday() != SUNDAY:
            mean = 60 if day.weekday() == SUNDAY - 1 else 30
            lines += [f"{day},Tea,{chance.poisson(mean)},2.50", f"{day},Water,{chance.poisson(mean / 3)},1.20"]
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def kiosk() -> Dataset:
    return files.open_business(kiosk_csv(), "kiosk.csv", Settings(), today=LATER)


@pytest.fixture(scope="module")
def fortnight(kiosk) -> Forecast:
    """The kiosk's next two weeks, twelve of whose days are open."""
    return forecasts.run_forecast(forecasts.history_for(kiosk, "quantity"), 14, "quick")


@pytest.fixture(scope="module")
def book(fortnight):
    return load_workbook(BytesIO(forecasts.forecast_workbook(fortnight)))


def rows_of(sheet):
    """Per row below the header, the cells by their column's name, until the first empty row."""
    header, *rows = sheet.iter_rows(values_only=True)
    filled = rows[: next((k for k, row in enumerate(rows) if not any(row)), len(rows))]
    return [dict(zip(header, row, strict=True)) for row in filled]


@pytest.mark.parametrize(
    ("frequency", "periods", "choices", "usual"),
    [
        (Frequency.DAILY, 400, (7, 14, 28, 56, 91), 28),
        (Frequency.DAILY, 60, (7, 14, 28), 28),
        (Frequency.DAILY, 30, (7, 14), 14),
        (Frequency.WEEKLY, 110, (4, 8, 13, 26), 13),
        (Frequency.WEEKLY, 20, (4, 8), 8),
        (Frequency.MONTHLY, 48, (3, 6, 12, 18), 12),
        (Frequency.QUARTERLY, 20, (2, 4, 8), 8),
        (Frequency.YEARLY, 12, (1, 2, 3), 3),
    ],
)
def test_nobody_looks_further_ahead_than_half_of_the_past(sales_of, frequency, periods, choices, usual):
    history = sales_of([5.0] * periods, frequency)
    assert forecasts.horizons_for(history) == choices
    assert forecasts.usual_horizon(history) == usual


@pytest.mark.parametrize(
    ("frequency", "shortest"),
    [(Frequency.DAILY, 7), (Frequency.WEEKLY, 4), (Frequency.MONTHLY, 3), (Frequency.QUARTERLY, 2)],
)
def test_the_shortest_horizon_is_there_for_a_history_that_is_short_even_for_it(sales_of, frequency, shortest):
    history = sales_of([5.0, 6.0, 7.0], frequency)
    assert forecasts.horizons_for(history) == (shortest,)
    assert forecasts.usual_horizon(history) == shortest


@pytest.mark.parametrize("name", ["Tea", "tea", "TEA"])
def test_an_item_is_found_however_it_is_capitalised(kiosk, name):
    assert forecasts.history_for(kiosk, "Quantity", name).item == "Tea"


def test_two_spellings_of_one_name_are_one_item_and_that_is_said(shop):
    rows = [(day, item, sold) for day in days_from(MONDAY, 10) for item, sold in (("tea", 9.0), (" Tea", 1.0))]
    rows.append((MONDAY, "tea", 5.0))
    business = shop(rows)
    assert forecasts.history_for(business, "quantity", "Tea").values.sum() == 105
    assert "10 rows spell the item otherwise than the rest: ' Tea'." in [d.sentence for d in business.decisions]


def test_without_an_item_all_are_added_up(kiosk):
    each = [forecasts.history_for(kiosk, "quantity", item).values for item in ("Tea", "Water")]
    assert forecasts.history_for(kiosk, "quantity").values == pytest.approx(sum(each))


def test_revenue_is_units_times_price(kiosk):
    sold = forecasts.history_for(kiosk, "quantity", "Tea").values
    assert forecasts.history_for(kiosk, "revenue", "Tea").values == pytest.approx(2.5 * sold)


def test_a_mistyped_item_is_answered_with_those_there_are(kiosk):
    with pytest.raises(DataProblem) as problem:
        forecasts.history_for(kiosk, "quantity", "Tee")
    assert str(problem.value) == 'There is no item "Tee". Choose one of: Tea, Water.'


def test_a_metric_that_the_file_lacks_is_answered_with_those_it_has(kiosk):
    with pytest.raises(MissingColumn) as problem:
        forecasts.history_for(kiosk, "leads")
    assert problem.value.available == ("quantity", "revenue")
    assert "Choose one of: quantity, revenue." in str(problem.value)


def test_a_file_without_items_does_not_offer_an_empty_list_of_them():
    lines = ["Day,Units", *(f"{day},{5 + k % 7}" for k, day in enumerate(days_from(MONDAY, 30)))]
    dataset = files.open_business("\n".join(lines).encode(), "till.csv", Settings(), today=LATER)
    with pytest.raises(DataProblem) as problem:
        forecasts.history_for(dataset, "quantity", "Tea")
    assert "Choose one of: ." not in str(problem.value)


def test_every_item_that_is_offered_has_a_history(shop):
    rows = [(day, "Tea", 5.0) for day in days_from(MONDAY, 60)]
    stray = shop([(MONDAY - timedelta(days=2000), "Umbrella", 1.0), *rows])
    for item in items(stray, metric_named(stray, "quantity")):
        assert len(forecasts.history_for(stray, "quantity", item)) > 0


def test_there_is_no_sample_called_nowhere():
    with pytest.raises(KeyError, match="nowhere"):
        files.sample("nowhere")


def test_each_sample_has_its_workbook():
    assert all(files.sample(each.key).path.is_file() for each in files.SAMPLES)


def test_the_accuracy_table_shows_the_forecast_first_and_the_rest_by_error(fortnight):
    table = forecasts.accuracy_table(fortnight)
    assert table["Model"][0] == JOINT
    assert set(table["Model"][1:]) == {SeasonalNaive.name, "Smoothing mean", "Theta"}
    assert table["Typical error, %"][1:].is_sorted()


def test_the_simple_rule_has_exactly_its_own_error(fortnight):
    table = forecasts.accuracy_table(fortnight)
    relative = dict(zip(table["Model"], table["Error against the simple rule"], strict=True))
    assert relative[SeasonalNaive.name] == 1.0


def test_the_other_errors_are_multiples_of_the_simple_rules(fortnight):
    # All were measured on the same days, so the shares of volume have the same ratios as the scaled errors.
    table = forecasts.accuracy_table(fortnight)
    naive = table["Typical error, %"][table["Model"].to_list().index(SeasonalNaive.name)]
    expected = [error / naive for error in table["Typical error, %"]]
    assert table["Error against the simple rule"].to_list() == pytest.approx(expected)
    # Chance alone is all that remains: a mean of many days misses by 1 / sqrt(2) of what a single day does.
    assert expected[0] == pytest.approx(2**-0.5, abs=0.15)


def test_the_table_says_who_votes(fortnight):
    table = forecasts.accuracy_table(fortnight)
    part = dict(zip(table["Model"], table["Part in the forecast"], strict=True))
    assert part[JOINT] == ""
    assert part[SeasonalNaive.name] == "the yardstick"
    assert {name for name, said in part.items() if said == "votes"} == set(fortnight.members)


def test_a_past_that_repeats_itself_has_no_error_to_compare_with(sales_of):
    repeated = forecasts.run_forecast(sales_of([10.0, 20, 30, 40, 50, 60, 70] * 10), 7, "quick")
    column = forecasts.accuracy_table(repeated)["Error against the simple rule"]
    assert column.to_list() == [None] * len(column)


def test_the_owner_reads_how_the_errors_were_measured(fortnight):
    said = forecasts.how_measured(fortnight)
    assert "Measured on 60 days in 5 stretches" in said  # two weeks with six open days each, five times
    assert "repeating the same weekday of the week before" in said


def test_months_are_measured_in_months(sales_of):
    sold = 100 + 10 * np.random.default_rng(1).normal(size=48)
    said = forecasts.how_measured(forecasts.run_forecast(sales_of([*sold], Frequency.MONTHLY), 3, "quick"))
    assert "Measured on 18 months in 6 stretches" in said
    assert "repeating the same month of the year before" in said


def test_the_forecast_table_has_one_row_per_open_day(fortnight):
    table = forecasts.forecast_table(fortnight)
    last = MONDAY + timedelta(days=7 * 20 - 2)  # a Saturday
    assert table["Date"].to_list() == [
        day for day in days_from(last + timedelta(days=1), 14) if day.weekday() != SUNDAY
    ]


def test_the_forecast_table_speaks_the_owners_words(fortnight):
    table = forecasts.forecast_table(fortnight)
    ranges = [f"{level}% {end}" for level in (50, 80, 95) for end in ("from", "to")]
    assert table.columns == ["Date", "Expected", *ranges]
    nested = ["95% from", "80% from", "50% from", "Expected", "50% to", "80% to", "95% to"]
    for narrower, wider in pairwise(nested):
        assert (table[narrower] <= table[wider]).all()


def test_the_workbook_has_the_forecast_its_past_its_accuracy_and_its_facts(book):
    assert book.sheetnames == ["Forecast", "By week", "By month", "Past", "Accuracy", "Facts"]


def test_the_workbooks_total_is_the_one_that_is_spoken(book, fortnight):
    rows = rows_of(book["Forecast"])
    total = fortnight.facts()["total_ahead"]
    assert sum(row["Expected"] for row in rows) == pytest.approx(total.value)
    said = {row["What"]: row["Value"] for row in rows_of(book["Facts"])}
    assert said[total.label] == spoken(total)
    # Five days with 40 and a Saturday with 80 units, twice; three standard errors of twenty weeks are 2.5 %.
    assert total.value == pytest.approx(2 * (5 * 40 + 80), rel=0.05)


def test_the_workbooks_past_is_the_file(book):
    rows = rows_of(book["Past"])
    file = kiosk_csv().decode().splitlines()[1:]
    assert len(rows) == 20 * 6
    assert sum(row["Actual"] for row in rows) == sum(int(line.split(",")[2]) for line in file)
    assert rows[0]["Date"].date() == MONDAY


def test_the_workbook_says_what_is_counted(book):
    notes = [cell.value for cell in book["Forecast"]["A"] if isinstance(cell.value, str)]
    assert "Units sold (units), all items" in notes


def test_the_cautions_go_along_with_the_numbers(sales_of):
    short = forecasts.run_forecast(sales_of([5.0, 6, 7, 5, 6, 8, 9, 7, 6, 5]), 7, "quick")
    assert short.cautions
    sheet = load_workbook(BytesIO(forecasts.forecast_workbook(short)))["Forecast"]
    notes = [cell.value for cell in sheet["A"] if isinstance(cell.value, str)]
    assert set(short.cautions) <= set(notes)


def till(choices: Choices | None = None) -> Business:
    return files.open_business(AMBIGUOUS.encode(), "till.csv", Settings(), choices, today=LATER)


def roles(**chosen: ColumnRole) -> Choices:
    fingerprint = till().dataset.tables[0].fingerprint
    return Choices({fingerprint: chosen})


def test_the_owners_choice_of_a_column_is_kept(kiosk):
    counted = till(roles(Other=ColumnRole.QUANTITY))
    assert counted.header("quantity") == "Other"
    assert forecasts.history_for(counted, "quantity").values.tolist() == [9, 8, 7]


def test_the_same_bytes_and_choices_are_the_same_file():
    first, again = (till(roles()) for _ in range(2))
    other = till(roles(Other=ColumnRole.QUANTITY))
    assert first.key == again.key
    assert first.key != other.key


def test_next_months_file_is_read_with_this_months_choices():
    later = AMBIGUOUS.replace("2025-01", "2025-02")
    dataset = files.open_business(
        later.encode(), "february.csv", Settings(), roles(Other=ColumnRole.QUANTITY), today=LATER
    )
    history = forecasts.history_for(dataset, "quantity")
    assert (history.periods[0], history.values.tolist()) == (date(2025, 2, 1), [9, 8, 7])


def test_a_file_above_the_limit_is_refused_in_words():
    with pytest.raises(UnreadableFile, match="MB"):
        files.open_business(b"x" * 1_000_001, "huge.csv", Settings(max_upload_mb=1), today=LATER)


@pytest.mark.parametrize(("months", "enough"), [(MINIMUM_PERIODS - 1, False), (MINIMUM_PERIODS, True)])
def test_a_file_is_good_for_a_forecast_from_as_many_rows_as_a_forecast_needs(months, enough):
    rows = [f"2025-{month:02d}-01,{90 + month}" for month in range(1, months + 1)]
    dataset = files.open_business("\n".join(["Month,Units sold", *rows]).encode(), "shop.csv", Settings(), today=LATER)
    assert (files.what_stops_us(dataset.dataset) is None) == enough
    if enough:
        made = forecasts.run_forecast(forecasts.history_for(dataset, "quantity"), 3, "quick")
        assert len(made.periods) == 3
