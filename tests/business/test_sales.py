"""Which rows count, and what is said of the others."""

import polars as pl
import pytest

from engine.business.contract import BrokenContract, Contract, Field
from engine.business.decisions import Topic
from engine.business.query import Query, run
from tests.business.conftest import days, opened

STATUSES = ("completed", "paid", "Cancelled", "void", "failed", "draft", "Refunded", "partially refunded", "storniert")


def with_status(header: str = "Status") -> str:
    lines = [f"Date,Product,Units,Revenue,{header}"]
    for k, day in enumerate(days(45)):
        lines += [f"{day},Tea,1,10,{STATUSES[(k + each) % len(STATUSES)]}" for each in range(2)]
    return "\n".join(lines)


@pytest.mark.parametrize("header", ["Status", "Order status", "state"])
def test_cancelled_void_failed_draft_and_refunded_rows_do_not_count(header):
    business = opened(with_status(header))
    assert run(business, Query(("revenue",))).total("revenue") == 90 * 10 * 3 / 9
    [decision] = [each for each in business.decisions if each.topic is Topic.STATUS]
    assert decision.rows == 60
    assert decision.sentence.startswith("60 rows are left out for what the status says: 10 'Cancelled'")


def test_a_refund_below_zero_is_subtracted_from_the_sale_that_stays():
    lines = ["Date,Units,Revenue,Status", *(f"{day},2,20,paid" for day in days(30))]
    lines += [f"{day},-1,-10,refunded" for day in days(5)]
    assert run(opened("\n".join(lines)), Query(("revenue",))).total("revenue") == 600 - 50


def test_a_column_that_says_something_else_of_a_row_leaves_none_out():
    lines = ["Date,Units,Notes", *(f"{day},2,cancelled the milk order" for day in days(30))]
    assert run(opened("\n".join(lines)), Query(("quantity",))).total("quantity") == 60


def test_where_revenue_is_not_units_times_price_the_revenue_counts_and_that_is_said():
    lines = ["Date,Units,Unit price,Revenue"]
    lines += [f"{day},10,2.00,{18 if k % 2 else 20}" for k, day in enumerate(days(40))]
    business = opened("\n".join(lines))
    assert run(business, Query(("revenue",))).total("revenue") == 20 * 18 + 20 * 20
    assert any(each.topic is Topic.DISAGREEING and each.rows == 20 for each in business.decisions)


def test_two_shops_with_the_same_columns_are_one_business():
    first = "\n".join(["Date,Item,Units", *(f"{day},Tea,3" for day in days(30))])
    second = "\n".join(["Date,Item,Units", *(f"{day},Tea,4" for day in days(30))])
    business = opened(first, harbour=second)
    assert run(business, Query(("quantity",))).total("quantity") == 210


def test_weekly_totals_beside_the_spend_are_compared_and_not_counted_again():
    sales = "\n".join(["Date,Item,Units,Unit price", *(f"{day},Tea,10,2" for day in days(140))])
    weeks = [day for day in days(140) if day.weekday() == 0][:-1]
    media = "\n".join(["Week,Radio spend,Revenue", *(f"{day},50,140" for day in weeks)])
    business = opened(sales, media=media)
    assert run(business, Query(("revenue",))).total("revenue") == 140 * 20
    assert business.unused == (
        f"Revenue in media is not counted again; it agrees with the sales in {len(weeks)} of {len(weeks)} weeks.",
    )


def test_money_comes_from_the_other_table_where_sales_count_units_alone():
    sales = "\n".join(["Date,Item,Units", *(f"{day},Tea,10" for day in days(60))])
    money = "\n".join(["Date,Revenue", *(f"{day},55" for day in days(60))])
    business = opened(sales, money=money)
    result = run(business, Query(("quantity", "revenue")))
    assert (result.total("quantity"), result.total("revenue")) == (600, 3300)
    assert run(business, Query(("revenue",), by=("item",))).unavailable[0].missing == "item beside it"


def test_a_frame_that_breaks_its_contract_is_told_with_the_fix():
    contract = Contract("shelves", {"units": Field(pl.Float64, "units on the shelf", required=True)})
    with pytest.raises(BrokenContract, match="shelves has no column 'units'"):
        contract.check(pl.DataFrame({"unit": [1.0]}))
    with pytest.raises(BrokenContract, match=r"shelves\.units is Int64; cast it to Float64"):
        contract.check(pl.DataFrame({"units": [1]}))
    with pytest.raises(BrokenContract, match=r"shelves\.units has 1 gaps"):
        contract.check(pl.DataFrame({"units": [1.0, None]}))


def test_a_list_of_items_in_another_spelling_is_joined_and_its_places_add_up():
    sales = "\n".join(["Date,Product,Units,Price", *(f"{day},Rye loaf,3,4" for day in days(40))])
    items = "Product,Unit cost,On hand,Shop\nRYE LOAF,1.5,7,North\n rye  loaf ,1.5,5,South\nBaguette,1,2,North\n"
    business = opened(sales, items=items)
    row = business.items.row(by_predicate=pl.col("name") == "Rye loaf", named=True)
    assert (row["cost"], row["on_hand"]) == (1.5, 12)
    assert run(business, Query(("gross_profit",))).total("gross_profit") == 40 * 3 * (4 - 1.5)
    assert business.items["name"].to_list() == ["Baguette", "Rye loaf"]


def test_stock_in_a_sheet_per_shop_adds_up():
    sales = "\n".join(["Date,Product,Units,Price", *(f"{day},Mug,3,4" for day in days(40))])
    business = opened(sales, town="Item,Stock\nMUG,7\nTote,2\n", mall="Item,Stock\nMug,5\nTote,4\n")
    assert dict(business.items.select("name", "on_hand").iter_rows()) == {"Mug": 12, "Tote": 6}


def test_units_alone_are_worth_the_price_in_the_list_of_items_and_that_is_said():
    sales = "\n".join(["Date,Product,Units", *(f"{day},Mug,3" for day in days(40)), f"{days(1)[0]},Vase,1"])
    business = opened(sales, items="Product,Price,Unit cost\nmug,4,1\n")
    result = run(business, Query(("quantity", "revenue")))
    assert (result.total("quantity"), result.total("revenue")) == (121, 480)
    says = "The sales name no money: revenue = units x the price in the list of items, in 40 rows."
    assert says in business.cautions


def test_an_item_has_the_article_code_of_its_list_or_of_the_sales_and_none_where_it_has_several():
    sales = "\n".join(["Date,Item,Sold", *(f"{day},{item},6" for day in days(40) for item in ("Mug", "Cup"))])
    stock = "Item,SKU,Unit cost,Price,On hand\nMug,1001,2,4,9\nCup,1002,2,4,8\nCup,1003,2,4,8\nVase,0077,2,4,8"
    items = opened(sales, stock=stock).items
    assert dict(items.select("name", "code").iter_rows()) == {"Cup": None, "Mug": "1001", "Vase": "0077"}
    coded = "\n".join(
        ["Date,Item,SKU,Sold", *(f"{day},{item},6" for day in days(40) for item in ("Mug,M-1", "Cup,C-1"))]
    )
    assert opened(coded).items["code"].to_list() == ["C-1", "M-1"]


@pytest.mark.parametrize("word", ["Order", "Invoice"])
def test_lines_without_a_date_take_it_and_the_status_from_their_orders(word):
    heads = [f"{word} number,Date,Customer,Status,Subtotal,Shipping,Total"]
    parts = [f"{word} number,Item,Quantity,Unit price,Line total"]
    for k, day in enumerate(days(20)):
        parts += [f"{500 + k},Mug,2,8.00,16.00", f"{500 + k},Tea {k % 3},1,5.50,5.50"]
        heads += [f"{500 + k},{day},Ann,{'Cancelled' if k % 5 == 0 else 'Shipped'},21.50,4.95,26.45"]
    business = opened("\n".join(heads), name="orders.csv", lines="\n".join(parts))
    result = run(business, Query(("quantity", "revenue")))
    assert (result.total("quantity"), result.total("revenue")) == (16 * 3, 16 * 21.5)
    assert business.sales["day"].unique().sort().to_list() == [day for k, day in enumerate(days(20)) if k % 5]


def test_lines_whose_orders_are_not_there_stay_without_a_date():
    heads = ["Order number,Date,Total", *(f"{500 + k},{day},21.50" for k, day in enumerate(days(20)))]
    parts = ["Order number,Item,Quantity,Line total", *(f"{900 + k},Mug,2,16.00" for k in range(20))]
    business = opened("\n".join(heads), name="orders.csv", lines="\n".join(parts))
    assert run(business, Query(("revenue",))).total("revenue") == 20 * 21.5
