"""What a table is and what its columns mean is known at once when a well-known system has written its headers."""

import tomllib
from importlib.resources import files
from itertools import permutations
from pathlib import Path

import pytest

from engine.dataset import TableKind
from engine.ingest.meaning.concepts import Concept
from engine.ingest.meaning.known import ExportEntry, known_export, registry
from engine.ingest.meaning.names import normal

FOLDER = Path(str(files("engine.ingest.meaning").joinpath("known")))
SYSTEMS = sorted(FOLDER.glob("*.toml"))

SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Cancelled at,Refunded Amount,Vendor,Id,Source,Lineitem discount"
)
SQUARESPACE = (
    "Order ID,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,Taxes,"
    "Amount Refunded,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku,Lineitem variant,Lineitem requires shipping,Lineitem taxable,Billing Name"
)
SQUARE = (
    "Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,Net Sales,Tax,"
    "Transaction ID,Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,Customer ID,Customer Name"
)
XERO = (
    "ContactName,EmailAddress,InvoiceNumber,Reference,InvoiceDate,DueDate,Total,TaxTotal,InvoiceAmountPaid,"
    "InvoiceAmountDue,InventoryItemCode,Description,Quantity,UnitAmount,Discount,LineAmount,AccountCode,TaxType,"
    "TaxAmount,Currency,Type,Sent,Status"
)
STRIPE = (
    "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description,Customer Facing Amount,"
    "Customer Facing Currency,Transfer,Transfer Date (UTC),Transfer Group"
)
PLUGIN = "Order Number,Order Status,Order Date,Order Total Amount,SKU,Item #,Item Name,Quantity (- Refund),Item Cost"
META = "Campaign name,Reporting starts,Reporting ends,Amount spent (AUD),Impressions,Reach,Link clicks,Results"
META_DAYS = "Campaign name,Day,Reporting starts,Reporting ends,Amount spent (GBP),Impressions,Link clicks,Results"
META_GERMAN = "Berichtsstart,Berichtsende,Kampagnenname,Ausgegebener Betrag (EUR),Impressionen,Link-Klicks,Ergebnisse"
GOOGLE_GERMAN = "Tag;Kampagne;Währungscode;Kosten;Impr.;Klicks;Conversions;Conv.-Wert"
AMAZON = (
    "settlement-id\tdeposit-date\ttotal-amount\ttransaction-type\torder-id\tamount-type\tamount-description\tamount"
)
HOMEBASE = (
    "Name,Clock in date,Clock in time,Clock out date,Clock out time,Break start,Role,Wage rate,Actual vs. scheduled"
)

RECOGNISED = [
    (SHOPIFY, "Shopify", "sale lines", {"Created at": "day", "Paid at": "later_day", "Name": "document"}),
    (SHOPIFY, "Shopify", "sale lines", {"Total": "document_total", "Lineitem price": "price", "Cancelled at": "void"}),
    (
        SHOPIFY,
        "Shopify",
        "sale lines",
        {"Lineitem requires shipping": "text", "Shipping": "shipping", "Vendor": "supplier"},
    ),
    (SQUARESPACE, "Squarespace", "sale lines", {"Order ID": "document", "Amount Refunded": "refund"}),
    (
        SQUARE,
        "Square",
        "sale lines",
        {"Net Sales": "net", "Gross Sales": "gross", "Event Type": "row_type", "Qty": "quantity"},
    ),
    (XERO, "Xero", "invoices", {"Total": "document_total", "LineAmount": "line_total", "UnitAmount": "price"}),
    (STRIPE, "Stripe", "payments", {"Type": "row_type", "Amount": "gross", "Fee": "fee", "Net": "payout"}),
    (PLUGIN, "WooCommerce", "sale lines", {"Item Cost": "price", "Order Total Amount": "document_total"}),
    (
        META,
        "Meta Ads",
        "ad report",
        {"Reporting starts": "day", "Reporting ends": "end_day", "Amount spent (AUD)": "spend"},
    ),
    (META_DAYS, "Meta Ads", "ad report", {"Day": "day", "Reporting starts": "later_day", "Link clicks": "visits"}),
    (META_GERMAN, "Meta Ads", "ad report", {"Ausgegebener Betrag (EUR)": "spend", "Ergebnisse": "leads"}),
    (GOOGLE_GERMAN, "Google Ads", "ad report", {"Kosten": "spend", "Klicks": "visits", "Conv.-Wert": "worth"}),
    (AMAZON + "\tposted-date\tsku", "Amazon", "payments", {"total-amount": "payout", "amount-type": "row_type"}),
    (HOMEBASE, "Homebase", "timesheet", {"Name": "employee", "Break start": "text", "Wage rate": "rate"}),
]

BY_HAND = [
    "Date,Item,Qty,Price",
    "Date,Item,Quantity,Unit price,Total",
    "Order ID,Date,Customer,Product,SKU,Quantity,Price,Discount,Tax,Shipping,Total,Status",
    "Invoice number,Invoice date,Due date,Customer,Description,Quantity,Net,Tax,Gross,Status",
    "Day,Campaign,Cost,Impressions,Clicks,Conversions",
    "Date,Sessions,Users,Page views",
    "SKU,Product,Supplier,Unit cost,Price,Stock on hand,On order,Reorder point,Lead time",
    "Name,Role,Date,Start,End,Hours,Hourly rate,Wages",
    "Datum;Artikel;Menge;Einzelpreis;Umsatz netto;Umsatz brutto",
    "Datum;Belegnummer;Konto;Gegenkonto;Betrag;Buchungstext",
    "Fecha;Campaña;Gasto;Impresiones;Clics",
    "Date,Gross sales,Discounts,Net sales,Tax,Tips",
]


def headers(line: str) -> list[str]:
    return line.split(next(mark for mark in "\t;," if mark in line))


def written(entry: ExportEntry) -> frozenset[str]:
    """All headers that we know the export to have."""
    return frozenset(entry.export.columns).union(*entry.signature)


def named(entry: ExportEntry) -> str:
    return f"{entry.export.system}: {entry.export.name}"


@pytest.mark.parametrize("file", SYSTEMS, ids=lambda file: file.stem)
def test_each_file_names_its_system_and_at_least_one_export(file: Path) -> None:
    system = tomllib.loads(file.read_text(encoding="utf-8"))
    assert set(system) == {"system", "export"}
    assert system["system"].strip()
    assert system["export"]
    for export in system["export"]:
        assert set(export) == {"name", "kind", "signature", "columns"}
        assert export["kind"] in {kind.value for kind in TableKind} - {"other"}
        assert set(export["columns"].values()) <= {concept.value for concept in Concept}
        assert 2 <= len({normal(header) for header in export["signature"]}) <= 4


def test_every_file_is_in_the_registry_once() -> None:
    names = [tomllib.loads(file.read_text(encoding="utf-8"))["system"] for file in SYSTEMS]
    assert len(names) == len(set(names)) >= 40
    assert {entry.export.system for entry in registry()} == set(names)
    assert len({named(entry) for entry in registry()}) == len(registry())


@pytest.mark.parametrize("entry", registry(), ids=named)
def test_an_export_is_recognised_by_its_own_headers(entry: ExportEntry) -> None:
    export = known_export(sorted(written(entry)))
    assert export is not None
    assert export.system == entry.export.system
    assert export.kind == entry.export.kind
    assert known_export(sorted(min(spellings) for spellings in entry.signature)) == entry.export


def test_no_export_fits_the_headers_of_another_system() -> None:
    strangers = [
        f"{named(one)} fits {named(other)}"
        for one, other in permutations(registry(), 2)
        if one.export.system != other.export.system and one.fits(written(other))
    ]
    assert not strangers


def test_two_exports_of_one_system_that_fit_the_same_headers_differ_in_the_length_of_their_signatures() -> None:
    ties = [
        f"{named(one)} fits {named(other)}"
        for one, other in permutations(registry(), 2)
        if one.fits(written(other)) and len(one.signature) == len(other.signature)
    ]
    assert not ties


@pytest.mark.parametrize("entry", registry(), ids=named)
def test_an_export_says_what_it_is_about(entry: ExportEntry) -> None:
    concepts = set(entry.export.columns.values())
    money = {Concept.NET, Concept.GROSS, Concept.AMOUNT, Concept.LINE_TOTAL, Concept.DOCUMENT_TOTAL, Concept.PRICE}
    needed = {
        TableKind.SALE_LINES: money,
        TableKind.ORDERS: money,
        TableKind.INVOICES: money,
        TableKind.DAILY_TOTALS: money,
        TableKind.LEDGER: money,
        TableKind.PAYMENTS: money | {Concept.PAYOUT},
        TableKind.ADS: {Concept.VISITS},
        TableKind.TRAFFIC: {Concept.VISITS},
        TableKind.STOCK: {Concept.CODE, Concept.ON_HAND},
        TableKind.PRICES: {Concept.PRICE},
        TableKind.TIMESHEET: {Concept.HOURS},
        TableKind.ROSTER: {Concept.EMPLOYEE},
    }
    assert concepts & needed[entry.export.kind]


@pytest.mark.parametrize(("line", "system", "kind", "meanings"), RECOGNISED)
def test_real_header_lines_are_recognised(line: str, system: str, kind: str, meanings: dict[str, str]) -> None:
    export = known_export(headers(line))
    assert export is not None
    assert (export.system, export.kind.value) == (system, kind)
    assert {header: export.columns[normal(header)].value for header in meanings} == meanings


@pytest.mark.parametrize("line", BY_HAND)
def test_a_list_made_by_hand_is_no_known_export(line: str) -> None:
    assert known_export(headers(line)) is None


def test_capitals_accents_and_foot_notes_do_not_matter() -> None:
    export = known_export(["JOUR", "campagne", "Cout", "IMPR", "clics*"])
    assert export is not None
    assert export.system == "Google Ads"


def test_headers_missing_from_a_signature_leave_the_export_unknown() -> None:
    assert known_export(["Name", "Financial Status", "Lineitem quantity"]) is None
    assert known_export([]) is None
