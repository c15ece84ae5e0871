"""Which rows of documents, payments and lists count, on small exports of the kinds that owners have."""

from datetime import date

import polars as pl
import pytest

from engine.business.model import Business
from engine.dataset import ColumnRole
from engine.ingest import read_dataset

R = ColumnRole
TODAY = date(2026, 11, 30)


def opened(text: str, name: str = "file.csv") -> Business:
    return Business(read_dataset(text.encode(), name, today=TODAY), TODAY)


def revenue(text: str) -> float:
    return round(float(opened(text).sales["revenue"].sum()), 2)


def role(business: Business, name: ColumnRole) -> str:
    column = business.dataset.tables[0].find(name)
    return column.name if column else ""


def lines(*rows: str, times: int = 6) -> str:
    """The rows again and again, `{d}` the day and `{n}` a number that goes up."""
    return "".join(row.format(d=f"2026-03-{2 + k:02}", n=100 + k) + "\n" for k in range(times) for row in rows)


@pytest.mark.parametrize(
    ("waits", "sent"),
    [("En attente de paiement", "Expédiée"), ("Awaiting payment", "Shipped"), ("Oczekuje na płatność", "Wysłane")],
)
def test_an_order_that_waits_for_its_payment_is_no_sale_where_others_were_sent(waits: str, sent: str) -> None:
    rows = lines(f"{{n}};{{d}};{sent};20,00", f"9{{n}};{{d}};{waits};50,00")
    assert revenue("Order;Date;Status;Total\n" + rows) == 120.0


def test_an_invoice_that_waits_for_its_payment_is_a_sale() -> None:
    rows = lines("{n},{d},Paid,20.00", "9{n},{d},Awaiting payment,50.00")
    assert revenue("Invoice number,Date,Status,Total\n" + rows) == 420.0


@pytest.mark.parametrize(
    "kinds",
    [
        ("Facture", "Bon de livraison", "Commande"),
        ("Fattura", "DDT", "Preventivo"),
        ("Rechnung", "Lieferschein", "Auftrag"),
    ],
)
def test_what_comes_before_an_invoice_is_no_sale_beside_it(kinds: tuple[str, str, str]) -> None:
    rows = lines(*(f"{kind};{{n}}{place};{{d}};Vin;6;{30 + place},00" for place, kind in enumerate(kinds)))
    assert revenue("Type de document;N° du document;Date;Libellé;Quantité;Montant net HT\n" + rows) == 180.0


def test_orders_alone_are_sales() -> None:
    rows = lines("Auftrag;{n};{d};Wein;6;30,00", "Auftrag;8{n};{d};Saft;2;10,00")
    assert revenue("Belegart;Belegnummer;Datum;Artikel;Menge;Betrag netto\n" + rows) == 240.0


def test_a_reversal_of_a_payment_is_subtracted_and_a_declined_one_left_out() -> None:
    rows = (
        lines("{d};Pagamento;AUTORIZZATA;38,69", "{d};Pagamento;NEGATA;99,00")
        + "2026-03-09;Storno;AUTORIZZATA;-38,69\n"
    )
    assert revenue("Data operazione;Tipo operazione;Esito;Importo lordo\n" + rows) == round(5 * 38.69, 2)


def test_what_is_left_after_a_commission_is_a_payout_though_the_delivery_is_in_it() -> None:
    rows = "".join(
        f"2026-03-{k:02};{100 + k},00;{7 + k % 2},00;{107 + 2 * k},99;{20 + k},00;{87 + k % 2},00\n"
        for k in range(1, 13)
    )
    text = "DATA;VALOR DOS ITENS (R$);TAXA DE ENTREGA (R$);TOTAL PAGO (R$);COMISSÃO (R$);VALOR LÍQUIDO (R$)\n" + rows
    assert role(opened(text), R.REVENUE) == "VALOR DOS ITENS (R$)"


def test_weeks_that_begin_on_days_without_a_year_stand_across() -> None:
    text = "Market stall, units per week 2026;;;;;\nProduct;Price each;w/c 7 Sep;w/c 14 Sep;w/c 5 Oct;Total sold\n"
    text += "Sourdough;4,50;9;32;39;80\nRye;4,20;26;27;26;79\n"
    business = opened(text)
    assert business.sales["quantity"].sum() == 159
    assert business.sales["day"].max() == date(2026, 10, 5)


def test_months_with_two_digits_of_a_year_are_no_days() -> None:
    text = "Item;Jan 26;Feb 26;Mar 26;Apr 26\nBread;10,5;20;30;40\nCake;5;5;5;5\n"
    assert opened(text).sales["day"].unique().sort().to_list() == [date(2026, k, 1) for k in range(1, 5)]


def test_an_unknown_count_that_the_price_makes_the_total_of_is_the_quantity() -> None:
    rows = lines("{d};Raku;4;60,00 €;240,00 €", "{d};Azulejo;7;35,00 €;245,00 €", "{d};Roda;9;45,00 €;405,00 €")
    assert role(opened("Data;Workshop;Zugesagt;Preço por pessoa;Total\n" + rows), R.QUANTITY) == "Zugesagt"


def test_a_report_of_ads_without_days_is_of_the_period_of_its_title() -> None:
    text = "Advertentierapport\nPeriode: 01-10-2026 t/m 31-10-2026\n\nTitel;Vertoningen;Kliks;Kosten\n"
    text += "Stoel;4859;23;€ 2,07\nFauteuil;2840;32;€ 5,44\nTafel;347;8;€ 0,48\n"
    assert opened(text).media.spend["spend"].sum() == pytest.approx(7.99)


def test_a_line_below_a_roster_is_nobody() -> None:
    text = "Plan;;;;;\n;;;;;\nName;Mo 02.11.;Di 03.11.;Mi 04.11.;Do 05.11.;Fr 06.11.\nSabine;frei;9-18;8-14;U;9-18\n"
    text += "Jonas;9-18;U;13-18;frei;8-14\n;;;;;\nU = Urlaub, frei = kein Dienst;;;;;\n"
    assert sorted(opened(text).people.staff["name"]) == ["Jonas", "Sabine"]


def test_days_of_a_month_across_in_numbers_are_headers() -> None:
    days = ";".join(str(k) for k in range(1, 13))
    team = ("Giulia;Cucina;8;F;6;7;8;F;5;8;6;F;8;8;64", "Marco;Sala;F;8;6;7;F;8;5;8;F;6;8;7;63")
    text = f"Nome;Mansione;{days};Tot. ore\n" + "\n".join((*team, "Chiara;Banco;6;F;8;7;8;8;5;F;6;8;8;F;64")) + "\n"
    assert sorted(opened(text).people.staff["name"]) == ["Chiara", "Giulia", "Marco"]


def test_a_discount_line_stays_money_and_the_delivery_does_not() -> None:
    rows = lines(
        "O{n};{d};product;Džbán;1;950,00", "O{n};{d};discount;Sleva 10 %;1;-95,00", "O{n};{d};shipment;Box;1;65,00"
    )
    business = opened("Objednávka;Datum;Typ položky;Název;Množství;Cena bez DPH\n" + rows)
    assert (business.sales["quantity"].sum(), business.sales["revenue"].sum()) == (6, 6 * 855.0)


def test_minutes_are_no_units_and_a_fee_may_be_all_that_is_paid() -> None:
    rows = lines("{d},JH1,Physio,45,Attended,65", "{d},HM7,Podiatry,30,Attended,42", "{d},HL2,Podiatry,30,DNA,42")
    assert revenue("Date,Patient,Treatment,Mins,Status,Fee\n" + rows) == 6 * 107.0


def test_whole_numbers_side_by_side_in_a_list_of_stock_lie_in_several_places() -> None:
    text = "Material;Proveedor;Gabinete 1;Gabinete 2;Almacén;Mínimo;Precio compra\nGuantes;Pro;4;4;30;3;26,04\n"
    text += "Agujas;Den;5;9;18;3;34,66\nBaberos;Den;2;;17;5;11,54\nComposite;Pro;6;4;30;8;33,77\n"
    assert dict(opened(text).items.select("name", "on_hand").iter_rows())["Guantes"] == 38


def test_what_makes_the_value_of_the_stock_with_the_cost_lies_there() -> None:
    text = "Stok Kodu;Ürün Adı;Alış Fiyatı;Devir;Giriş;Çıkış;Bakiye;Stok Miktarı Sınırı;Stok Değeri\n"
    text += "".join(
        f"S{k};Bardak {k};{100 + k};{k};{2 * k};1;{3 * k - 1};10;{(100 + k) * (3 * k - 1)}\n" for k in range(2, 12)
    )
    assert dict(opened(text).items.select("name", "on_hand").iter_rows())["Bardak 5"] == 14


def test_figures_below_a_currency_are_money() -> None:
    text = "INGRESOS POR TALLER 2026 (€);;;;\nTaller;Enero;Febrero;Marzo;Abril\nTorno;750;510;285;75\n"
    text += "Modelado;240;90;90;765\n"
    assert revenue(text) == 2805.0


def test_sentences_below_the_headers_describe_them_and_are_no_part_of_them() -> None:
    text = "Order ID,Product Name,Quantity,SKU Subtotal,Created Time\n"
    text += "Platform unique order ID.,Product name.,Sold quantity.,Subtotal of the line.,Order created time.\n"
    business = opened(text + lines("A{n},Tin,2,20.00,{d}", "A{n},Wax,1,8.50,{d}"))
    assert (role(business, R.ITEM), role(business, R.DATE)) == ("Product Name", "Created Time")
    assert business.sales["revenue"].sum() == 6 * 28.5


def test_a_finer_name_that_nothing_tells_of_is_the_item_and_the_known_one_its_category() -> None:
    rows = lines(
        "{d};Karnet 8;Karnety;1;159,00", "{d};Karnet 4;Karnety;1;89,00", "{d};Baton;Bar;2;9,00", "{d};Woda;Bar;1;5,00"
    )
    business = opened("Data;Zakup;Kategoria;Ilość;Wartość netto\n" + rows)
    assert (role(business, R.ITEM), role(business, R.CATEGORY)) == ("Zakup", "Kategoria")


def test_words_that_group_the_items_are_their_category_whatever_they_are_called() -> None:
    rows = lines(
        "{d};Crown;Aaa;1;380,00", "{d};Filling;Bbb;2;110,00", "{d};Bridge;Aaa;1;900,00", "{d};Rinse;Bbb;1;20,00",
        "{d};Splint;Aaa;1;190,00",
    )  # fmt: skip
    assert role(opened("Date;Treatment;Xyz;Quantity;Amount\n" + rows), R.CATEGORY) == "Xyz"


def test_hours_at_their_pay_are_wages_and_no_sales() -> None:
    rows = lines(
        "{d},Parks,Dana,5.70,24.50,139.65", "{d},Parks,Marcus,6.20,22.00,136.40", "{d},,Quinn,7.73,19.50,150.74"
    )
    business = opened("Date,Client,Member,Hours (decimal),Pay rate,Amount\n" + rows)
    assert business.sales.is_empty()
    assert sorted(business.people.staff["name"]) == ["Dana", "Marcus", "Quinn"]


def test_an_unpaid_order_is_no_sale_where_others_arrived() -> None:
    rows = lines("P{n};{d};Concluído;Saia;1;74,90", "Q{n};{d};Não pago;Saia;1;74,90", "R{n};{d};Enviado;Top;2;99,80")
    text = "ID do pedido;Data de criação do pedido;Status do pedido;Nome do Produto;Quantidade;Subtotal do produto\n"
    assert revenue(text + rows) == round(6 * 174.7, 2)


def test_weeks_of_a_stall_in_other_languages_stand_across() -> None:
    text = "Pezzi venduti per settimana 2026;;;;;\nProdotto;sett 36;sett 37;sett 38;sett 39;Totale\n"
    text += "Toma;47;35;35;17;134\nRobiola;43;26;2;14;85\nCaprino;21;23;36;32;112\n"
    assert opened(text).sales["quantity"].sum() == 331


def test_what_others_sold_is_not_taken_for_visits_for_one_letter() -> None:
    rows = lines("{d},40,410.50,300.25", "{d},50,420.50,310.25")
    assert role(opened("Week,Flyer spend (EUR),Other,Revenue (EUR)\n" + rows), R.TRAFFIC) == ""


def test_a_sheet_of_marketing_spend_keeps_its_revenue() -> None:
    rows = "".join(f"2026-0{1 + k // 4}-{1 + 7 * (k % 4):02},{100 + k},{50 + k},{900 + k}\n" for k in range(12))
    business = opened("week_start,Paid search spend,Social ads spend,revenue\n" + rows, "Marketing spend.csv")
    assert business.takings["revenue"].sum() + business.sales["revenue"].sum() > 0


def test_drafts_and_cancelled_documents_in_greek_are_no_sales_and_unpaid_ones_are() -> None:
    rows = lines(
        "{d};A{n};Τιμολόγιο;Πληρωμένο;20,00", "{d};B{n};Τιμολόγιο;Ανεξόφλητο;10,00",
        "{d};C{n};Τιμολόγιο;Πρόχειρο;90,00", "{d};D{n};Τιμολόγιο;Ακυρωμένο;70,00",
    )  # fmt: skip
    assert revenue("Ημερομηνία;Αριθμός;Τύπος;Κατάσταση;Καθαρή αξία\n" + rows) == 6 * 30.0


def test_a_greek_list_of_prices_has_its_names_costs_and_prices() -> None:
    rows = "".join(f"M-{k};Κρέμα {k};Πρόσωπο;{k},50;{2 * k + 1},00\n" for k in range(3, 15))
    business = opened("Κωδικός;Προϊόν;Κατηγορία;Τιμή χονδρικής;Προτεινόμενη λιανική\n" + rows)
    item = business.items.row(by_predicate=pl.col("name") == "Κρέμα 5", named=True)
    assert (item["category"], item["cost"], item["price"]) == ("Πρόσωπο", 5.5, 11.0)


@pytest.mark.parametrize(
    ("sold", "spent"), [("Venta", "Gasto"), ("Verkauf", "Ausgabe"), ("Income", "Expense"), ("Έσοδο", "Έξοδο")]
)
def test_what_is_spent_is_no_sale_in_a_list_of_what_came_in(sold: str, spent: str) -> None:
    rows = lines(f"{{d}};{sold};Tea;20,00", f"{{d}};{spent};Rent;90,00")
    assert revenue("Date;Type;Description;Amount\n" + rows) == 120.0


def test_clicks_and_their_cost_in_greek_are_advertising() -> None:
    rows = lines("{d};Κινητά;20;0,15;3,00", "{d};Οθόνες;10;0,12;1,20")
    business = opened("Ημερομηνία;Κατηγορία;Κλικ;Μέσο κόστος ανά κλικ (€);Κόστος (€)\n" + rows)
    assert business.media.spend["spend"].sum() == pytest.approx(6 * 4.2)
    assert business.sales.is_empty()


def test_a_report_of_sales_below_its_period_is_of_that_period() -> None:
    text = (
        "FONDA ROSA · VENTAS POR PRODUCTO · DEL 01/OCT/2026 AL 31/OCT/2026\n\nDESCRIPCION;GRUPO;CANTIDAD;VENTA TOTAL\n"
    )
    text += "".join(f"Plato {k};Cocina;{k};{k * 58},00\n" for k in range(3, 15))
    business = opened(text)
    assert business.sales["day"].unique().to_list() == [date(2026, 10, 1)]
    assert business.sales["revenue"].sum() == sum(k * 58 for k in range(3, 15))


def test_of_a_cash_book_the_takings_count_and_carried_balances_are_no_question() -> None:
    text = "Datum;Beleg;Text;Einnahme;Ausgabe;Bestand\n01.05.26;;Übertrag;;;250.00\n"
    balance, taken = 250.0, 0.0
    for k in range(1, 25):
        spent = 40.25 if k % 4 == 0 else 0.0
        came = 0.0 if spent else 100.5 + 3 * k
        balance, taken = balance + came - spent, taken + came
        sides = f";{spent:.2f};{balance:.2f}" if spent else f"{came:.2f};;{balance:.2f}"
        text += f"{k:02}.05.26;{k};{'Porto' if spent else 'Tageseinnahme'};{sides}\n"
    text += f"24.05.26;;Übertrag;;;{balance:.2f}\n"
    business = opened(text)
    assert business.sales["revenue"].sum() == pytest.approx(taken)
    assert not [question for question in business.dataset.report.questions if question.essential]


def test_an_invoice_that_ran_over_its_day_is_a_sale_and_an_expired_payment_is_none() -> None:
    rows = lines("F{n};{d};Betaald;20,00", "G{n};{d};Verlopen;10,00", "H{n};{d};Concept;90,00")
    assert revenue("Factuurnummer;Factuurdatum;Status;Totaal excl. btw\n" + rows) == 180.0
    assert revenue("Bestelnummer;Besteldatum;Status;Totaal excl. btw\n" + rows) == 120.0


def test_a_reversal_takes_back_a_sale_and_no_receipt_of_training() -> None:
    rows = lines("{n};{d};Verkauf;Tee;1;5,00", "8{n};{d};Training;Kuchen;1;4,00", times=8)
    rows += lines("9{n};{d};Storno;Kuchen;-1;-4,00", "7{n};{d};Verkauf;Kuchen;1;4,00", times=3)
    assert revenue("Belegnummer;Datum;Belegtyp;Artikel;Menge;Gesamt netto\n" + rows) == 40.0


def test_what_is_taken_off_a_payment_is_a_fee_though_it_is_called_a_price() -> None:
    rows = "".join(
        f"2026-03-{k:02};R{k};{17 * k},90;0,{50 + 3 * k};{17 * k},{90 - 50 - 3 * k:02}\n" for k in range(2, 13)
    )
    business = opened("Data de pagamento;Nº encomenda;Valor;Tarifa;Valor líquido\n" + rows)
    assert (role(business, R.REVENUE), role(business, R.PRICE)) == ("Valor", "")


def test_a_department_in_which_the_same_is_sold_as_elsewhere_is_a_branch() -> None:
    rows = lines(
        *(f"{{d}};{place};{item};1;{5 + len(item)},00" for place in ("Nord", "Syd") for item in ("Bad", "Kur"))
    )
    assert role(opened("Dato;Afdeling;Ydelse;Antal;Beløb\n" + rows), R.STORE) == "Afdeling"
    rows = lines(*(f"{{d}};{place};{place} {k};1;{5 + k},00" for place in ("Brood", "Taart") for k in range(3)))
    assert role(opened("Datum;Afdeling;Artikel;Aantal;Bedrag\n" + rows), R.CATEGORY) == "Afdeling"


def test_a_site_of_a_timesheet_is_where_they_work_and_money_an_hour_is_the_wage() -> None:
    rows = lines("Mia,North,{d},06:00,12:30,6.50,30.50", "Leo,South,{d},10:00,16:30,6.50,33.20")
    business = opened("Employee,Site,Date,Start,Finish,Hours,€/hour\n" + rows)
    assert (role(business, R.STORE), role(business, R.RATE)) == ("Site", "€/hour")


def test_a_state_among_the_addresses_says_nothing_of_the_order() -> None:
    rows = lines("{n},{d},Shipped,Salem,Oregon,20.00", "9{n},{d},Canceled,Dayton,Ohio,50.00")
    business = opened("Order,Date,Order Status,City,State,Total\n" + rows)
    assert role(business, R.STATUS) == "Order Status"
    assert not [line for line in business.dataset.report.warnings if "State" in line]


def test_a_reference_of_each_payment_is_no_item() -> None:
    rows = lines("{d};Venda;Marcação {n};15,00;Aprovada", "{d};Venda;Marcação 7{n};22,00;Aprovada")
    assert role(opened("Data;Tipo de transação;Referência;Valor;Estado\n" + rows), R.ITEM) == ""
