"""What kind of table a file is, and what follows for its columns and rows, on small exports of every kind."""

from datetime import date

import pytest

from engine.business.model import Business
from engine.dataset import Choices, ColumnRole, TableKind
from engine.ingest import corrections, read_dataset, read_files

R, K = ColumnRole, TableKind
TODAY = date(2026, 11, 30)


def opened(text: str, choices: Choices | None = None) -> Business:
    return Business(read_dataset(text.encode(), "file.csv", choices=choices, today=TODAY), TODAY)


def role(business: Business, name: ColumnRole) -> str:
    column = business.dataset.tables[0].find(name)
    return column.name if column else ""


def sums(business: Business) -> tuple[float, float]:
    return business.sales["quantity"].sum(), round(business.sales["revenue"].sum(), 2)


def lines(*rows: str, times: int = 4) -> str:
    """The rows again and again, `{d}` the day and `{n}` a number that goes up."""
    body = [row.format(d=f"2026-03-{2 + k:02}", n=100 + k) for k in range(times) for row in rows]
    return "\n".join(body)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Date,Item,Qty,Price\n" + lines("{d},Mug,2,9.00", "{d},Bag,1,20.00"), K.SALE_LINES),
        ("Order no,Date,Customer,Shipping,Total\n" + lines("A{n},{d},Ann,4.00,30.50", times=9), K.ORDERS),
        ("Date,Orders,Gross sales,Net sales\n" + lines("{d},{n},110.5,100.25", times=9), K.DAILY_TOTALS),
        ("Date,Type,Amount,Fee,Net\n" + lines("{d},charge,50.00,1.75,48.25", times=9), K.PAYMENTS),
        ("Day,Campaign,Cost,Impr.,Clicks\n" + lines("{d},Brand,9.50,{n},40", times=9), K.ADS),
        ("Date,Sessions,Bounce rate\n" + lines("{d},{n},0.4", times=9), K.TRAFFIC),
        ("Artikel,Lagerbestand,EK netto,Mindestbestand\nTasse,5,4.00,2\nTopf,7,9.50,3\nTeller,2,3.25,1", K.STOCK),
        ("Name,Role,Hourly rate,Max hours\nAnn,Cook,15,38\nBob,Server,14,20\nEve,Cook,16,30", K.STAFF),
        ("Employee,Clock in date,Clock in,Clock out,Total hours\n" + lines("Ann Lee,{d},9:00am,5:00pm,8"), K.TIMESHEET),
        ("Employee,Start date,Start time,End time,Position\n" + lines("Ann Lee,{d},09:00,17:00,Cook"), K.ROSTER),
        ("Mitarbeiter,Abwesenheitsart,Von,Bis\n" + lines("Ann,Urlaub,{d},{d}", times=5), K.LEAVE),
    ],
)
def test_the_columns_together_tell_what_a_table_is(text: str, kind: TableKind) -> None:
    assert opened(text).dataset.tables[0].kind is kind


def test_net_of_returns_and_before_tax_is_the_revenue_and_the_other_column_is_offered() -> None:
    business = opened("Date,Gross sales,Discounts,Net sales,Tax\n" + lines("{d},110,10,100,8", "{d},55,0,55,4"))
    assert role(business, R.REVENUE) == "Net sales"
    (question,) = [q for q in business.dataset.report.questions if "Which one is your revenue" in q.text]
    assert "Gross sales would make 660.00" in question.text
    text = "Date,Gross sales,Discounts,Net sales,Tax\n" + lines("{d},110,10,100,8", "{d},55,0,55,4")
    assert role(opened(text, Choices(answers={question.key: "Gross sales"})), R.REVENUE) == "Gross sales"


def test_what_is_called_net_but_is_much_less_than_the_gross_is_not_the_revenue() -> None:
    assert role(opened("Datum;Brutto;Netto\n" + lines("{d};21,50;10,00", "{d};30,50;12,00")), R.REVENUE) == "Brutto"


def test_the_total_of_an_order_that_stands_on_each_line_counts_once() -> None:
    rows = lines("I{n},{d},Mug,1,30.00", "I{n},{d},Bag,2,30.00", times=5)
    business = opened("Invoice,Date,Item,Quantity,Invoice total\n" + rows)
    assert sums(business) == (15, 150.0)
    assert business.sales.filter(item="Mug")["revenue"].sum() == pytest.approx(50.0)
    assert any("counts once, 150.00 and not 300.00" in line for line in business.dataset.report.warnings)


def test_a_line_total_that_is_called_a_price_is_not_multiplied_again() -> None:
    rows = lines("{d},Beer,1,8.00", "{d},Beer,2,16.00", "{d},Wine,3,33.00")
    assert sums(opened("Date,Item,Qty,Net price\n" + rows)) == (24, 228.0)


def test_fields_on_the_first_line_of_an_order_are_those_of_all_its_lines() -> None:
    rows = lines("#{n},{d},paid,Mug,1,9.00", "#{n},{d},,Bag,2,20.00", "", times=4).replace("\n\n", "\n")
    rows += "\n#900,2026-03-09,voided,Mug,1,9.00\n#900,2026-03-09,,Bag,1,20.00\n"
    business = opened("Name,Created at,Financial Status,Item,Qty,Price\n" + rows)
    assert sums(business) == (12, 196.0)
    assert any("'voided'" in line for line in business.cautions)


def test_lines_without_the_number_of_their_order_belong_to_the_one_above() -> None:
    rows = lines("A{n};{d};Vase;1;10,00", ";;Kerze;2;4,00")
    business = opened("Bestellnummer;Bestelldatum;Artikel;Menge;Einzelpreis\n" + rows)
    assert sums(business) == (12, 72.0)
    assert business.sales["document"].n_unique() == 4


def test_payouts_fees_and_transfers_are_no_sales_and_refunds_are_subtracted() -> None:
    rows = lines("{d},charge,25.00", "{d},payout,-24.00", "{d},refund,5.00")
    business = opened("Date,Type,Amount\n" + rows)
    assert business.kind == "payments"
    assert sums(business)[1] == 80.0
    assert any("move money" in line for line in business.cautions)


def test_a_cancelled_row_is_left_out_and_said_and_counts_when_the_owner_says_so() -> None:
    text = "Date,Item,Qty,Revenue,Void?\n" + lines("{d},Mug,1,9.00,false", "{d},Bag,1,20.00,true")
    business = opened(text)
    assert sums(business) == (4, 36.0)
    (question,) = [q for q in business.dataset.report.questions if "Do they count" in q.text]
    assert sums(opened(text, Choices(answers={question.key: "they count"}))) == (8, 116.0)


def test_a_status_that_nobody_knows_is_asked_about_where_it_matters_and_named_where_it_does_not() -> None:
    text = "Date,Item,Qty,Status\n" + lines("{d},Mug,1,paid", "{d},Mug,1,paid", "{d},Mug,1,zorped")
    report = opened(text).dataset.report
    (question,) = (q for q in report.questions if "'zorped'" in q.text)
    assert (question.chosen, question.essential) == ("they count", True)
    assert sums(opened(text, Choices(answers={question.key: "they do not count"})))[0] == sums(opened(text))[0] * 2 / 3
    rare = opened(text.replace(",1,zorped", ",1,paid") + "\n2026-05-01,Mug,0.1,zorped").dataset.report
    assert any("'zorped'" in line and "not known to me" in line for line in rare.warnings)


def test_rows_that_add_up_other_rows_of_their_receipt_do_not_count_twice() -> None:
    rows = lines("{d},R{n},Sale,3,30.00,", "{d},R{n},Sale line,1,10.00,Mug", "{d},R{n},Sale line,2,20.00,Bag", times=5)
    assert sums(opened("Date,Receipt,Line type,Quantity,Total,Item\n" + rows)) == (15, 150.0)


def test_a_list_without_a_quantity_is_one_sale_a_row() -> None:
    text = "Date,Time,Transaction,Item\n" + lines("{d},09:10,{n},Bread", "{d},09:12,{n},Roll")
    business = opened(text)
    assert business.sales["quantity"].sum() == 8
    assert any("is one unit sold" in line for line in business.dataset.report.warnings)


def test_columns_of_mornings_and_evenings_are_one_figure() -> None:
    text = "Date,Morning units,Morning sales,Evening units,Evening sales\n" + lines("{d},1,2.50,2,5.00", times=9)
    assert sums(opened(text)) == (27, 67.5)


def test_a_part_of_a_figure_is_not_added_to_it() -> None:
    text = "Date,Units ordered,Units ordered - B2B,Ordered product sales\n" + lines("{d},{n},2,300.00", times=9)
    assert opened(text).sales["quantity"].sum() == sum(range(100, 109))


@pytest.mark.parametrize(
    "header",
    ["Transaction", "Impressions", "Total paid hours", "Event count", "Price per conversion", "Phone", "Table"],
)
def test_what_is_no_sale_is_never_units_or_money(header: str) -> None:
    business = opened(f"Date,{header},Note\n" + lines("{d},{n},x", times=12))
    assert not {c.role for c in business.dataset.tables[0].columns if c.name == header} & {R.QUANTITY, R.REVENUE}


def test_an_ad_report_is_spend_by_campaign() -> None:
    rows = lines("{d};Marke;9,50;900;40;1", "{d};Dächer;20,00;1500;60;2")
    business = opened("Tag;Kampagne;Kosten;Impr.;Klicks;Conversions\n" + rows)
    assert dict(business.media.spend.group_by("channel").agg(__import__("polars").col("spend").sum()).iter_rows()) == {
        "Marke": 38.0,
        "Dächer": 80.0,
    }
    assert business.media.traffic["traffic"].sum() == 400
    assert business.sales.is_empty()


def test_people_of_a_timesheet_are_the_team_in_two_columns_too() -> None:
    rows = lines("Ann,Lee,{d},9:00am,5:00pm,8.0,$15.00", "Bob,Ray,{d},9:00am,1:00pm,4.0,$14.00")
    team = opened("First name,Last name,Date,Clock in,Clock out,Hours,Wage rate\n" + rows).people.staff
    assert team.select("name", "rate").rows() == [("Ann Lee", 15.0), ("Bob Ray", 14.0)]


def test_an_order_list_counts_days_without_an_order_as_zero_and_a_till_as_closed() -> None:
    days = [1, 1, 2, 4, 5, 5, 5, 8, 9, 11, 12, 12, 14, 15, 18, 19, 20, 22, 23, 23, 25, 26, 28, 29, 30, 31]
    ordered = "\n".join(
        f"2026-{month:02}-{min(day, 28):02},A{month}{k},Mug,1" for month in (3, 4, 5) for k, day in enumerate(days)
    )
    assert opened("Order date,Order,Item,Quantity\n" + ordered).calendar.zeros
    till = "\n".join(f"2026-03-{day:02},{40 + day}" for day in range(1, 31) if day not in (8, 9, 10))
    assert not opened("Date,Units sold\n" + till).calendar.zeros


def test_times_and_cases_are_read_in_days_and_units() -> None:
    header = "Item,On hand,Cost,Lead time (weeks),Shelf life (months),Minimum order (cases),Case pack\n"
    items = opened(header + "Mug,5,4.00,2,1,3,6\nBag,7,9.00,1,2,1,4\nPot,1,2.00,3,6,2,10\n").items
    mug = items.filter(name="Mug").row(0, named=True)
    assert (mug["lead_time"], round(mug["shelf_life"]), mug["minimum_order"]) == (14, 30, 18)


def test_stock_of_sizes_and_of_places_is_added_up_and_of_rows_that_contradict_each_other_it_is_not() -> None:
    sizes = opened("Item,Size,Barcode,On hand,Cost\nShirt,S,111111,4,9\nShirt,M,111112,6,9\nCap,,111113,3,5\n").items
    assert dict(sizes.select("name", "on_hand").iter_rows()) == {"Shirt": 10, "Cap": 3}
    places = opened("Articolo,Q.tà negozio,Q.tà magazzino,Costo\nVite,2,5,1,20\nDado,1,0,2,10\nChiodo,4,4,3,5\n")
    assert places.items["on_hand"].sum() == 16
    twice = opened("Item,On hand,Cost\nTea,10,2\nTea,99,4\nOat,5,1\n").items
    assert twice.filter(name="Tea")["on_hand"].item() == 10


def both(one: str, other: str) -> Business:
    return Business(read_files({"shop.csv": one.encode(), "market.csv": other.encode()}, today=TODAY), TODAY)


def test_another_channel_is_added_and_the_same_sales_told_twice_are_not() -> None:
    shop = "Day,Item,Units,Net sales\n" + lines("{d},Mug,{n},200.00", "{d},Bag,1,30.00", times=9)
    market = "Date,Ordered product sales,Units ordered\n" + lines("{d},50.00,5", times=9)
    together = both(shop, market)
    assert sums(together)[1] == 9 * 280
    assert any("are added up" in line for line in together.cautions)
    again = "Date,Takings,Visitors\n" + lines("{d},230.00,40", times=9)
    assert sums(both(shop, again))[1] == 9 * 230


def test_rows_that_stand_in_two_files_count_once() -> None:
    header = "Date,Item,Qty,Receipt\n"
    rows = [f"2026-03-{day:02},Mug,{1 + day % 3},R{day}" for day in range(1, 21)]
    business = both(header + "\n".join(rows[:12]), header + "\n".join(rows[8:]))
    assert business.sales["quantity"].sum() == sum(1 + day % 3 for day in range(1, 21))
    assert not any(question.essential for question in business.dataset.report.questions)


def test_a_list_of_items_is_matched_by_its_code() -> None:
    sales = "Date,SKU,Item,Qty\n" + lines("{d},M1,Speckled mug,2", "{d},B1,Tote bag,1")
    stock = "Product,SKU,On hand,Cost\nMUG SPECKLED 330,M1,5,4.00\nBag (cotton),B1,7,9.00\nPot,P1,2,3.00\n"
    stocked = both(sales, stock).items.drop_nulls("on_hand")
    assert dict(stocked.select("name", "on_hand").iter_rows()) == {"Speckled mug": 5, "Tote bag": 7, "Pot": 2}


def test_a_correction_says_what_a_column_is_its_unit_and_which_words_do_not_count() -> None:
    text = "Date,Item,Qty,Kind\n" + lines("{d},Mug,1,shelf", "{d},Mug,1,gift")
    table = opened(text).dataset.tables[0]
    said = corrections.corrections(
        table, "Kind", next(c for c in table.columns if c.name == "Kind").role.value.capitalize(), not_counted=["gift"]
    )
    business = opened(text, said)
    assert business.sales["quantity"].sum() == 4
    assert any("as you said" in repair.what for repair in business.dataset.report.repairs)
    stock = "Item,On hand,Cost,Lead time\nMug,5,4,2\nBag,7,9,1\nPot,2,3,4\n"
    table = opened(stock).dataset.tables[0]
    weeks = corrections.corrections(table, "Lead time", "Lead time", unit="weeks")
    assert opened(stock, weeks).items.filter(name="Pot")["lead_time"].item() == 28


def test_each_row_is_one_sale_when_the_owner_says_so() -> None:
    text = "Date,Item,Amount\n" + lines("{d},Cut,30.00", "{d},Dye,80.00")
    table = opened(text).dataset.tables[0]
    assert corrections.may_count_rows(table)
    assert opened(text, corrections.each_row_is_one_sale(table)).sales["quantity"].sum() == 8


def test_what_was_understood_is_one_line() -> None:
    text = "Date,Item,Qty,Net sales,Status\n" + lines("{d},Mug,1,9.00,paid", "{d},Bag,1,20.00,cancelled")
    (line,) = opened(text).understood
    assert line == (
        "Units = Qty, money = Net sales, per item = Item, by date = Date; 4 of 8 rows used, "
        "4 rows left out for their status."
    )
