"""Rows that add others up without being called so, and other figures that a plain reader would believe."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from engine.dataset import Choices, ColumnRole, Dataset
from engine.ingest import read_dataset

QUARTERS = "Product,Q1 2024,Q2 2024,Q3 2024,Q4 2024"
RYE, BUN, CAKE = (110.5, 120.25, 131, 99), (210, 20.5, 31.75, 44), (17.25, 28, 39.5, 51)
BREAD = tuple(rye + bun for rye, bun in zip(RYE, BUN, strict=True))
ALL = tuple(bread + cake for bread, cake in zip(BREAD, CAKE, strict=True))
DAYS = [date(2024, 1, 1) + timedelta(days=number) for number in range(60)]


def read(*lines: str, choices: Choices | None = None) -> Dataset:
    return read_dataset("\n".join(lines).encode(), "shop.csv", choices=choices)


def row(name: str, figures: tuple[float, ...]) -> str:
    return ",".join([name, *map(str, figures)])


def essentials(dataset: Dataset) -> list[str]:
    return [question.text for question in dataset.report.questions if question.essential]


def test_a_group_that_stands_above_its_parts_is_not_counted_beside_them() -> None:
    lines = [row("Bread", BREAD), row("Rye", RYE), row("Bun", BUN), row("Cake", CAKE), row("Shop", ALL)]
    dataset = read(QUARTERS, *lines)
    assert dataset.tables[0].frame["Figures"].sum() == pytest.approx(sum(ALL))
    assert "the sum of rows beside it" in essentials(dataset)[0]


def test_the_owner_may_say_that_such_rows_are_real() -> None:
    lines = [row("Bread", BREAD), row("Rye", RYE), row("Bun", BUN), row("Cake", CAKE)]
    asked = next(q for q in read(QUARTERS, *lines).report.questions if q.essential)
    dataset = read(QUARTERS, *lines, choices=Choices(answers={asked.key: "keep them"}))
    assert dataset.tables[0].frame["Figures"].sum() == pytest.approx(sum(BREAD) * 2 + sum(CAKE))


def test_a_profit_among_its_sales_and_costs_is_asked_about() -> None:
    profit = tuple(total - cake for total, cake in zip(ALL, CAKE, strict=True))
    dataset = read(QUARTERS, row("Sales", ALL), row("Goods", CAKE), row("Gross profit", profit))
    assert any("figures of different kinds" in text for text in essentials(dataset))


def test_a_store_that_is_every_day_all_others_is_not_counted_beside_them() -> None:
    shops = [(day, 10 + n, 5 + n * n % 7) for n, day in enumerate(DAYS)]
    lines = [
        f"{day},All shops,{north + south}\n{day},North,{north}\n{day},South,{south}" for day, north, south in shops
    ]
    dataset = read("Date,Store,Sales", *lines)
    assert dataset.tables[0].frame.height == 120
    assert dataset.tables[0].frame["Sales"].sum() == sum(north + south for _, north, south in shops)
    assert "on each day the sum of all others" in essentials(dataset)[0]


def test_small_whole_numbers_that_add_up_by_chance_are_no_question() -> None:
    lines = [f"{day},{n % 3 + 1},{n % 4 + 1},{n % 5 + 1}" for n, day in enumerate(DAYS)]
    assert not essentials(read("Date,Units,Orders,Visits", *lines))


def test_days_and_months_that_a_program_exchanged_are_put_back_and_asked_about(workbook: Callable[..., bytes]) -> None:
    exchanged = [day.replace(month=day.day, day=day.month) if day.day <= 12 else f"{day:%d/%m/%Y}" for day in DAYS]
    rows = [("Date", "Sales"), *((day, 3) for day in exchanged)]
    dataset = read_dataset(workbook({"Sales": rows}), "shop.xlsx")
    assert dataset.tables[0].frame["Date"].to_list() == DAYS
    assert "exchanged day and month" in essentials(dataset)[0]


def test_one_amount_written_in_another_way_is_asked_about() -> None:
    lines = [f"{day},{'1.2k' if n == 30 else n}" for n, day in enumerate(DAYS)]
    assert '"1.2k"' in essentials(read("Date,Amount", *lines))[0]


def test_numbers_with_and_without_a_percent_sign_are_asked_about() -> None:
    lines = [f"{day},{n + 2}{'%' * (n % 3 == 0)}" for n, day in enumerate(DAYS)]
    dataset = read("Date,Occupancy", *lines)
    assert "percent sign" in essentials(dataset)[0]
    assert dataset.tables[0].frame["Occupancy"][:3].to_list() == [0.02, 0.03, 0.04]


def test_files_put_one_below_the_other_keep_their_columns_in_whatever_order() -> None:
    first = [f"{day},Rye,3,7.5" for day in DAYS[:30]]
    second = [f"{day},7.5,3,Rye" for day in DAYS[30:]]
    frame = read("Date,Item,Qty,Amount", *first, "Date,Amount,Qty,Item", *second).tables[0].frame
    assert (frame.height, frame["Qty"].sum(), frame["Amount"].sum()) == (60, 180, 450)


def test_tables_that_touch_side_by_side_are_two_tables() -> None:
    pairs = zip(DAYS[:30], DAYS[30:], strict=True)
    frame = read("Date,Sales,Date,Sales", *(f"{one},3,{other},4" for one, other in pairs)).tables[0].frame
    assert (frame.height, frame["Sales"].sum()) == (60, 210)


def test_cents_cut_off_by_the_comma_between_the_columns_are_asked_about() -> None:
    lines = [f"{day},Rye,{n},{n % 10:02}" for n, day in enumerate(DAYS)]
    assert "two digits in each row" in essentials(read(*lines))[0]


@pytest.mark.parametrize("joint", ["/", "-"])
def test_fiscal_years_are_years_and_no_months(joint: str) -> None:
    frame = read("Year,Sales", *(f"20{y}{joint}{y + 1},{y}" for y in range(10, 24))).tables[0].frame
    assert frame["Year"].to_list() == [date(2000 + y, 1, 1) for y in range(10, 24)]
    wide = read("Product,2010/11,2011/12,2012/13", "Rye,3,4,5", "Bun,1,2,3").tables[0].frame
    assert wide["Period"].unique().sort().to_list() == [date(2010, 1, 1), date(2011, 1, 1), date(2012, 1, 1)]


def test_months_by_number_without_a_year_ask_for_it() -> None:
    dataset = read("Month,Sales", *(f"{month},{month}.5" for month in range(1, 13)))
    assert "which year" in essentials(dataset)[0]


def test_months_that_are_still_blank_leave_a_wide_table_wide() -> None:
    frame = read("Product,Jan 2024,Feb 2024,Mar 2024,Apr 2024,May 2024", "Rye,3,4,,,", "Bun,1,2,,,").tables[0].frame
    assert (frame.height, frame["Figures"].sum()) == (4, 10)


def test_an_item_that_sells_half_of_a_mix_that_never_changes_is_an_item() -> None:
    sold = {"White roll": 20, "Rye loaf": 10, "Poppy seed roll": 6, "Croissant": 4}
    lines = [f"{day},{item},{units * (1 + n % 7 // 6)}" for n, day in enumerate(DAYS) for item, units in sold.items()]
    dataset = read("Date,Product,Units", *lines)
    assert dataset.tables[0].frame.height == len(lines)
    assert not essentials(dataset)


def test_shop_and_store_room_are_parts_of_what_is_in_stock() -> None:
    counts = [(place, 3 * place + 1) for place in range(2, 12)]
    lines = [f"Bolt {place},{shop},{room},{shop + room},4.50" for place, (shop, room) in enumerate(counts)]
    dataset = read("Item,Qty shop,Qty store room,Qty total,Unit cost", *lines)
    column = dataset.tables[0].find(ColumnRole.ON_HAND) or dataset.tables[0].find(ColumnRole.QUANTITY)
    assert column is not None
    assert column.name == "Qty total"


def test_sales_with_and_without_tax_are_one_figure() -> None:
    net = [round(17.3 * place, 2) for place in range(1, 15)]
    lines = [f"Dish {n},Bar,{n + 2},{amount * 1.1:.2f},{amount * 0.1:.2f},{amount}" for n, amount in enumerate(net)]
    head = ["Product sales", "Trading dates: 26/10/2026 to 01/11/2026", ""]
    table = read(*head, "Product,Department,Qty Sold,Sales Inc,GST,Sales Ex", *lines).tables[0]
    assert table.frame[table.require(ColumnRole.REVENUE).name].sum() == pytest.approx(sum(net))
