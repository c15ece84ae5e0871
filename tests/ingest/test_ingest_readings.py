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


def test_what_was_paid_for_the_goods_is_the_total_without_tax_shipping_and_discount() -> None:
    rows = "".join(
        f"{k},2026-03-{k:02},{20 + k}.00,{k % 3}.50,{4 + k % 2}.00,{20 + k - k % 3 - 0.5 + 4 + k % 2:.2f}\n"
        for k in range(1, 13)
    )
    business = opened("Order,Date,Item total,Total discount,Shipping,Total price\n" + rows)
    assert business.sales["revenue"].sum() == sum(20 + k - k % 3 - 0.5 for k in range(1, 13))


def test_a_total_with_shipping_and_tax_gives_way_to_the_price_of_what_was_sold() -> None:
    rows = "".join(
        f"{k},2026-03-{k:02},Lamp,1,{100 + k}.00,{9 + k % 2}.00,{7 + k % 3}.00,{100 + k + 9 + k % 2 + 7 + k % 3}.00\n"
        for k in range(1, 13)
    )
    business = opened("Order,Date,Title,Quantity,Product Price,Shipping,Sales tax,Order Total\n" + rows)
    assert business.sales["revenue"].sum() == sum(100 + k for k in range(1, 13))


def test_refunds_in_a_column_of_their_own_come_off() -> None:
    rows = "".join(f"2026-03-{k:02},Dress,{20 + k}.00,{5 if k % 4 == 0 else 0}.00\n" for k in range(1, 13))
    business = opened("Date of sale,Description,Item price,Refunded to buyer amount\n" + rows)
    assert business.sales["revenue"].sum() == sum(20 + k for k in range(1, 13)) - 15


def test_of_guests_and_units_the_units_are_those_that_the_price_makes_a_total_of() -> None:
    rows = lines("{d},3,Pizza,2,8.00,16.00", "{d},4,Coffee,3,1.50,4.50")
    assert role(opened("Date,Covers,Item,Quantity,Unit price,Line total\n" + rows), R.QUANTITY) == "Quantity"


def test_words_one_letter_off_are_still_known() -> None:
    text = "Datum;Categorie;Vertoningen;Klikks;Kosten\n" + lines("{d};Parasols;{n};47;16,92", "{d};Grills;{n};5;0,90")
    assert role(opened(text), R.TRAFFIC) == "Klikks"


def test_clicks_at_their_price_make_the_spend() -> None:
    rows = "".join(
        f"2026-03-{k:02};{k * 10};0,{20 + k};{k * 10 * (20 + k) / 100:.2f}\n".replace(".", ",") for k in range(1, 13)
    )
    business = opened("Datum;Prokliky;Průměrná CPC;Celková cena\n" + rows)
    assert role(business, R.CHANNEL_SPEND) == "Celková cena"


def test_a_type_of_which_no_word_tells_what_happened_is_what_was_sold() -> None:
    rows = lines(
        "{d},Deep Tissue,Ann,90.00", "{d},Hot Stone,Bob,80.00", "{d},Reflexology,Ann,70.00", "{d},Prenatal,Bob,60.00"
    )
    assert role(opened("Date,Type,Calendar,Amount\n" + rows), R.ITEM) == "Type"


def test_a_credit_card_takes_no_sale_back_and_is_no_kind_of_row() -> None:
    rows = lines("{d},Sale,Credit Card,30.00", "{d},Sale,Instant EFT,40.00", "{d},Refund,Credit Card,-5.00")
    assert opened("Date,Type,Funding type,Gross\n" + rows).sales["revenue"].sum() == 6 * 65


def test_rows_that_compare_with_last_year_are_nothing_that_was_sold() -> None:
    months = "Gruppe;Jan 2026;Feb 2026;Mrz 2026;Apr 2026\n"
    body = "Kaffee;10,5;20;30;40\nKuchen;5;5;5;5,5\nVorjahr;14;24;33;44\nVeränderung %;0,1;0,04;0,06;0,03\n"
    assert opened(months + body).sales["revenue"].sum() == pytest.approx(121)


def test_a_stock_of_the_article_on_each_row_of_its_places_counts_once() -> None:
    text = (
        "Artikel;Lager;Lagerplatz;Menge;Gesamtbestand\nSeife;Haupt;A;47;81\nSeife;Haupt;B;34;81\n"
        "Creme;Haupt;A;58;149\nCreme;Laden;C;91;149\nÖl;Haupt;D;10;15\nÖl;Laden;E;5;15\nTuch;Haupt;F;9;9\n"
    )
    assert dict(opened(text).items.select("name", "on_hand").iter_rows()) == {
        "Seife": 81,
        "Creme": 149,
        "Öl": 15,
        "Tuch": 9,
    }


def test_the_first_column_of_a_list_of_stock_names_the_articles_whatever_it_is_called() -> None:
    text = "Zeug;Ort;Fach;Stück;Mindestbestand;bestellt;EK;VK\nKette;Keller;4;29;4;10;4;8\n"
    text += "Schlauch;Laden;9;21;4;;7,8;15,6\n"
    text += "Licht;Laden;2;39;5;;9;19\nKassette;Keller;1;25;2;;20;40\n"
    assert dict(opened(text).items.select("name", "on_hand").iter_rows())["Licht"] == 39


@pytest.mark.parametrize("days", ["lun 16/11;mar 17/11;mer 18/11;gio 19/11;ven 20/11", "L 2;M 3;X 4;J 5;V 6"])
def test_a_roster_with_its_days_across_names_the_team(days: str) -> None:
    text = f"Nome;{days};Ore\nGiorgia;14-18;14-18;riposo;10-16;10-16;53\nAlessio;10-16;riposo;riposo;10-16;10-14;43\n"
    assert sorted(opened(text).people.staff["name"]) == ["Alessio", "Giorgia"]


def test_what_was_sold_in_the_period_of_the_title_is_no_stock() -> None:
    text = "Stock Item Sales\nFrom 01/10/2026 To 31/10/2026;\nCode;Description;Qty Sold;Sales Ex GST;Cost Ex GST\n"
    text += "106;Loaf;102;318,23;129,24\n113;Block;277;1234,98;411,41\n118;Rye;531;1661,83;637,20\n"
    business = opened(text)
    assert (business.kind, sums(business)) == ("sales", (910, 3215.04))


def test_a_cancelled_credit_note_takes_nothing_back() -> None:
    rows = lines("F{n};FAKTURA;{d};Bier;2;100,00;false", "D{n};DOBROPIS;{d};Bier;-1;-50,00;false")
    rows += "D900;DOBROPIS;2026-03-09;Bier;-1;-50,00;true\nF900;FAKTURA;2026-03-09;Fass;3;300,00;true\n"
    assert sums(opened("Doklad;Typ dokladu;Datum;Název;Množství;Základ;Storno\n" + rows)) == (6, 300.0)


def test_turkish_letters_are_read_as_such() -> None:
    text = "Fatura Tarihi;Malzeme Açıklaması;Miktar;Net Tutar;İptal\n" + "".join(
        f"{k:02}.06.2026;Kapı lastiği;1;290,00;Hayır\n{k:02}.06.2026;Servis işçiliği;2;350,00;Evet\n"
        for k in range(1, 9)
    )
    business = Business(read_dataset(text.encode("cp1254"), "satis.csv", today=TODAY), TODAY)
    assert role(business, R.ITEM) == "Malzeme Açıklaması"
    assert sums(business) == (8, 8 * 290.0)


def test_what_each_has_paid_follows_the_ticket_and_is_not_that_of_the_whole_order() -> None:
    tickets = (("A1", "Clay", 55), ("A1", "Clay", 55), ("A2", "Wheel", 68), ("A3", "Clay", 55), ("A3", "Clay", 55))
    rows = "".join(
        f"{order}{k},2026-03-0{k},{ticket},1,{paid}.00\n" for k in range(1, 8) for order, ticket, paid in tickets
    )
    assert sums(opened("Order #,Order Date,Ticket Type,Quantity,Total Paid\n" + rows)) == (35, 7 * 288.0)


def test_letters_of_documents_tell_quotes_deliveries_and_credits_from_invoices() -> None:
    rows = lines("FT;FT 1/{n};{d};Vaso;4;72,00", "OR;OR 1/{n};{d};Vaso;9;99,00", "GT;GT 1/{n};{d};Vaso;9;99,00")
    rows += lines("FR;FR 1/{n};{d};Vaso;1;18,00", "NC;NC 1/{n};{d};Vaso;1;18,00")
    assert sums(opened("Tipo;Documento;Data;Descrição;Quantidade;Total líquido\n" + rows)) == (24, 6 * 72.0)


def test_a_refund_that_is_called_so_in_type_and_status_is_subtracted() -> None:
    rows = lines("{d},Settled,Authorization w/ Capture,85.00", "{d},Settled,Authorization w/ Capture,{n}.00")
    rows += "2026-03-09,Refund settled,Credit,85.00\n2026-03-09,Declined,Authorization w/ Capture,65.00\n"
    business = opened("Submit Date/Time,Transaction Status,Transaction Type,Authorization Amount\n" + rows)
    assert business.sales["revenue"].sum() == 6 * 85 + sum(range(100, 106)) - 85


def test_a_unit_alone_heads_quantities_and_with_a_currency_prices() -> None:
    business = opened(
        "Data;Prodotto;kg;€/kg;Incasso\n" + lines("{d};Ricotta;6,25;8,00;50,00", "{d};Burro;2,5;10,00;25,00")
    )
    assert (role(business, R.QUANTITY), role(business, R.PRICE), role(business, R.REVENUE)) == ("kg", "€/kg", "Incasso")


def test_what_is_left_to_pay_after_a_deposit_is_not_what_was_sold() -> None:
    rows = lines("{d};Tattoo;800 zł;200 zł;600 zł", "{d};Piercing;140 zł;;140 zł", "{d};Touch-up;350 zł;100 zł;250 zł")
    assert opened("Data;Usługa;Cena;Zadatek;Do zapłaty\n" + rows).sales["revenue"].sum() == 6 * 1290


def test_a_remark_can_call_a_row_off() -> None:
    rows = lines("{d};Hose;2;24,00;", "{d};Jacke;1;28,00;eilig") + "2026-03-09;Hose;1;12,00;storniert\n"
    business = opened("Annahme;Arbeit;Stück;Preis gesamt;Bemerkung\n" + rows)
    assert sums(business) == (18, 6 * 52.0)
    assert any("storniert" in question.text for question in business.dataset.report.questions)


def test_a_discount_among_the_lines_brings_nothing_back() -> None:
    rows = lines("{d},R{n},Bouquet,2,30.00", "{d},R{n},Discount 10 %,1,-3.00")
    assert sums(opened("Date,Receipt,Item,Quantity,Amount\n" + rows)) == (12, 6 * 27.0)


@pytest.mark.parametrize("week", ["KW {k}", "S{k} (01/06)", "Week {k}", "{k}"])
def test_weeks_without_a_year_are_those_of_the_year_in_the_title(week: str) -> None:
    rows = "".join(f"{week.format(k=k)};Markt;{100 + k},50\n" for k in range(10, 22))
    business = opened("Umsatz 2026;;\nWoche;Ort;Betrag\n" + rows)
    assert (business.sales["day"].min(), business.sales["day"].max()) == (date(2026, 3, 2), date(2026, 5, 18))


def test_amounts_below_a_title_of_costs_or_beside_suppliers_are_no_sales() -> None:
    takings = "Farm shop 2026;;;\n;;;\nDate;Product;Qty;Amount\n" + lines("{d};Eggs;12;38,40", "{d};Honey;3;13,50")
    costs = ";;;\nExpenses;;;\nDate;What;Amount;\n" + lines("{d};Seeds;84,30;", "{d};Diesel;120,00;")
    assert sums(opened(takings + costs)) == (90, 6 * 51.9)
    bought = "Date,Supplier,Amount\n" + lines("{d},Mill,316.80", "{d},Metro,95.00")
    assert opened(bought).sales.is_empty()


def test_lines_of_shipping_and_payment_beside_products_are_no_products() -> None:
    rows = lines("O{n};{d};product;Toy;2;30,00", "O{n};{d};shipment;Parcel;1;4,00", "O{n};{d};payment;Cash;1;1,00")
    assert sums(opened("Order;Date;Item type;Product title;Quantity;Amount\n" + rows)) == (12, 180.0)


def test_of_several_prices_one_that_the_units_make_is_the_sum_and_one_before_tax_the_revenue() -> None:
    rows = lines("{d};Toy;2;121,00;242,00;200,00", "{d};Game;1;60,50;60,50;50,00", "{d};Toy;3;121,00;363,00;300,00")
    business = opened("Date;Product;Quantity;Price per unit with VAT;Price with VAT;Price without VAT\n" + rows)
    assert (role(business, R.PRICE), business.sales["revenue"].sum()) == ("Price per unit with VAT", 6 * 550.0)


def test_stock_is_what_is_available_and_what_is_promised_whatever_it_is_called() -> None:
    text = (
        "Kód;Název;Stav MJ;Rezervováno;Dostupné množství\n1;Šroub;134;0;134\n2;Matice;656;10;646\n3;Vrut;611;11;600\n"
    )
    text += "4;Hák;90;5;85\n5;Pant;697;20;677\n"
    assert dict(opened(text).items.select("name", "on_hand").iter_rows())["Matice"] == 656


@pytest.mark.parametrize(
    "header",
    [
        "Laskun pvm;Tuote;Määrä;Veroton yhteensä",
        "Számla kelte;Termék neve;Mennyiség;Nettó összesen",
        "Data emiterii;Produs;Cantitate;Valoare fără TVA",
        "Dátum predaja;Názov produktu;Množstvo;Celkom bez DPH",
    ],
)
def test_finnish_hungarian_romanian_and_slovak_headers_are_known(header: str) -> None:
    assert sums(opened(header + "\n" + lines("{d};A;2;20,00", "{d};B;1;30,00"))) == (18, 300.0)
