"""The right reading of small exports whose columns or rows are easily taken for something else."""

from datetime import date

import pytest

from engine.business.model import Business
from engine.dataset import ColumnRole
from engine.ingest import read_dataset, read_files

R = ColumnRole
TODAY = date(2026, 11, 30)


def opened(text: str, name: str = "file.csv") -> Business:
    return Business(read_dataset(text.encode(), name, today=TODAY), TODAY)


def role(business: Business, name: ColumnRole) -> str:
    column = business.dataset.tables[0].find(name)
    return column.name if column else ""


def sums(business: Business) -> tuple[float, float]:
    return business.sales["quantity"].sum(), round(business.sales["revenue"].sum(), 2)


def lines(*rows: str, times: int = 6) -> str:
    """The rows again and again, `{d}` the day, `{k}` a number from 1 and `{n}` a number that goes up."""
    body = [row.format(d=f"2026-03-{2 + k:02}", n=100 + k, k=k + 1) for k in range(times) for row in rows]
    return "\n".join(body) + "\n"


def test_what_was_not_paid_or_did_not_come_about_does_not_count() -> None:
    text = "Date,Item,Amount,Status\n" + lines(
        "{d},Cut,30,Completed", "{d},Cut,40,Not attended", "{d},Cut,50,did not show"
    )
    assert opened(text).sales["revenue"].sum() == 6 * 30


def test_statuses_of_practices_and_of_purchases_at_a_terminal_are_sales() -> None:
    text = "Datum;Leistung;Betrag;Art\n" + lines("{d};Zahnreinigung;80,00;Verkauf", "{d};Füllung;120,00;Verkauf")
    assert opened(text).sales["revenue"].sum() == 6 * 200
    terminal = "Date,Type,Amount\n" + lines("{d},Purchase,25.00", "{d},Refund,-5.00")
    assert opened(terminal).sales["revenue"].sum() == 6 * 20


def test_the_discount_of_an_order_is_taken_off_its_lines() -> None:
    rows = "".join(
        f"A{k},2026-03-0{k},{line},{k}.00,{60 - k}.00\n"
        for k in range(1, 7)
        for line in ("Mug,2,10.00,20.00", "Bag,1,40.00,40.00")
    )
    business = opened("Order,Date,Item,Quantity,Price,Line total,Order discount,Order total\n" + rows)
    assert sums(business) == (18, 6 * 60.0 - 21.0)


def test_of_two_prices_the_paid_one_is_the_price() -> None:
    rows = lines("{d},Mug,1,10.00,10.00,", "{d},Mug,3,10.00,8.00,", times=8)
    assert role(opened("Date,Item,Qty,List price,Selling price,Note\n" + rows), R.PRICE) == "Selling price"


def test_what_the_units_multiply_to_a_sum_is_a_price_and_no_sum() -> None:
    rows = lines("{d},Mug,2,10.00,20.00", "{d},Bag,3,7.00,21.00", "{d},Mug,1,10.00,10.00", "{d},Bag,1,7.00,7.00")
    business = opened("Date,Item,Qty,Amount,Total\n" + rows)
    assert (role(business, R.PRICE), role(business, R.REVENUE)) == ("Amount", "Total")


def test_days_until_a_bill_is_due_are_no_price() -> None:
    rows = lines("{d},Hose,2,44.00,10%,79.20,30", "{d},Pot,3,31.00,0%,93.00,30", "{d},Hose,1,44.00,0%,44.00,30")
    business = opened("Date,Description,Quantity,Price,Discount,Total,- Balance Due Days\n" + rows)
    assert (role(business, R.PRICE), role(business, R.REVENUE)) == ("Price", "Total")


def test_an_amount_that_is_another_one_less_the_tax_is_before_tax_whatever_it_is_called() -> None:
    rows = lines("{d},Kurti,1,1050.00,50.00,1000.00,50.00,950.00", "{d},Saree,2,420.00,0.00,420.00,20.00,400.00")
    headers = "Date,Product,Qty,Price before discount,Discount,Price after discount,Tax amount,Taxable value\n"
    assert role(opened(headers + rows), R.REVENUE) == "Taxable value"


def test_units_turned_by_their_sign_follow_the_money() -> None:
    """A ledger of stock writes what leaves as less than nothing."""
    rows = lines("{d},Mug,-2,20.00", "{d},Bag,-1,30.00", "{d},Mug,1,-10.00")
    business = opened("Posting Date,Item,Quantity,Sales Amount\n" + rows)
    assert sums(business) == (12, 240.0)


def test_amounts_may_bear_the_letters_of_their_currency() -> None:
    text = "Date,Item,Total\n" + lines('{d},Mug,"MXP 1,23{k}.50"', '{d},Bag,"MXP {k}.00"')
    assert opened(text).sales["revenue"].sum() == pytest.approx(6 * 1230.5 + 42)


def test_days_may_be_written_with_spaces() -> None:
    text = "Datum;Položka;Částka\n" + "\n".join(f"{k}. 10. 2026;Káva;50,00" for k in range(1, 10))
    assert (opened(text).sales["day"].min(), opened(text).sales["day"].max()) == (date(2026, 10, 1), date(2026, 10, 9))


def test_the_category_is_what_the_items_are_parted_by() -> None:
    rows = lines("{d},Latte,Coffee,Ann,2,8", "{d},Scone,Bakery,Bob,1,3", "{d},Latte,Coffee,Bob,1,4", times=9)
    assert role(opened("Date,Item,Department,Group,Qty,Total\n" + rows), R.CATEGORY) == "Department"


def test_sales_without_days_are_those_of_the_period_in_the_title() -> None:
    text = "Sales by item;;\n01/10/2026 - 31/10/2026;;\nItem;Quantity;Total\nMug;3;30\nBag;2;40\nHat;5;75\n"
    business = opened(text, "report.csv")
    assert sums(business) == (10, 145.0)
    assert (business.sales["day"].min(), business.sales["day"].max()) >= (date(2026, 10, 1), date(2026, 10, 1))


def test_groups_of_a_list_of_stock_are_no_articles() -> None:
    text = "Article,On hand,Cost\nDrinks,,\nCola,12,0.50\nWater,30,0.20\nSnacks,,\nChips,8,0.70\nNuts,4,1.10\n"
    items = opened(text).items
    assert sorted(items["name"]) == ["Chips", "Cola", "Nuts", "Water"]


def test_what_is_available_is_less_than_what_lies_there() -> None:
    text = "Product,Available,Reserved,Physical stock\nMug,3,2,5\nBag,10,0,10\nHat,1,6,7\nCap,2,1,3\n"
    assert dict(opened(text).items.select("name", "on_hand").iter_rows()) == {"Mug": 5, "Bag": 10, "Hat": 7, "Cap": 3}


def test_sizes_beside_each_other_are_pieces_of_one_article() -> None:
    text = "Modell;Farbe;36;37;38;39\nRunner;rot;1;2;3;4\nStiefel;blau;0;1;0;2\nSandale;weiß;5;5;5;5\n"
    assert dict(opened(text, "Lagerbestand.csv").items.select("name", "on_hand").iter_rows()) == {
        "Runner": 10,
        "Stiefel": 3,
        "Sandale": 20,
    }


def test_sizes_in_letters_that_were_sold_on_days_are_units_sold() -> None:
    text = "Date,Item,S,M,L,XL\n" + lines("{d},Shirt,1,2,3,0", "{d},Hoodie,0,1,0,1")
    assert opened(text).sales["quantity"].sum() == 6 * 8


def test_costs_below_the_takings_are_no_sales() -> None:
    months = "2026-01;2026-02;2026-03;2026-04"
    takings = f"Takings;{months}\nBread;100,50;110;120;130\nCakes;50;60;70;80,50\n"
    text = f"{takings}\nCosts;{months}\nRent;40;40;40;40\nFlour;20;22;24;26\n"
    assert opened(text).sales["revenue"].sum() == 721


def test_a_file_of_another_sale_and_one_of_credit_notes_alone_leave_the_sales_as_they_are() -> None:
    sales = "Date,Item,Qty,Total\n" + lines("{d},Mug,1,10.00", "{d},Bag,2,30.00")
    notes = "Date,Document,Type,Total\n" + lines("{d},C{n},Voucher,3.00", times=4)
    dataset = read_files({"sales.csv": sales.encode(), "void.csv": notes.replace("Voucher", "Cancelled").encode()},
                         today=TODAY)  # fmt: skip
    assert Business(dataset, TODAY).sales["revenue"].sum() == 240.0


def test_a_month_above_its_rows_does_not_part_a_table() -> None:
    head = "Lessons 2026;;;\ndate;pupil;subject;amount\n"
    january = "JANUARY;;;\n" + "".join(f"2026-01-{k:02};Ann;maths;90\n" for k in range(2, 8)) + "total;;;540\n"
    february = ";;;\nFEBRUARY;;;\n" + "".join(f"2026-02-{k:02};Ann;maths;90\n" for k in range(2, 9)) + "total;;;630\n"
    assert opened(head + january + february).sales["revenue"].sum() == 1170


def test_two_tables_of_sales_with_other_columns_are_compared_and_not_mixed_up() -> None:
    daily = "Date,Total\n" + lines("{d},40.00")
    lines_ = "Day;Article;Qty;Amount\n" + lines("{d};Mug;1;10.00", "{d};Bag;2;30.00")
    dataset = read_files({"lines.csv": lines_.encode(), "days.csv": daily.encode()}, today=TODAY)
    business = Business(dataset, TODAY)
    assert business.sales["revenue"].sum() == 240.0
    assert len(business.unused) == 1
