"""Exports of invented systems, drawn anew in each run: what they say is worked out beside the reader, row by row."""

import csv
import io
import random
import time
from datetime import date, timedelta

import pytest

from engine.business.model import Business
from engine.ingest import read_dataset

TODAY = date(2026, 11, 30)
SEED = time.time_ns() % 100_000
WORDS = {
    "day": ("Order date", "Bestelldatum", "Date de commande", "Fecha de venta", "Data vendita", "Orderdatum"),
    "document": (
        "Order number",
        "Bestellnummer",
        "Numéro de commande",
        "Número de pedido",
        "Numero ordine",
        "Ordernummer",
    ),
    "item": ("Product name", "Artikelbezeichnung", "Nom du produit", "Producto", "Nome prodotto", "Produktnamn"),
    "quantity": ("Quantity", "Menge", "Quantité", "Cantidad", "Quantità", "Antal"),
    "price": ("Unit price", "Einzelpreis", "Prix unitaire", "Precio unitario", "Prezzo unitario", "Styckpris"),
    "discount": ("Discount", "Rabatt", "Remise", "Descuento", "Sconto", "Rabatt"),
    "net": ("Net sales", "Nettobetrag", "Total HT", "Importe neto", "Imponibile", "Belopp exkl. moms"),
    "tax": ("Tax", "MwSt", "TVA", "IVA", "IVA", "Moms"),
    "total": ("Order total", "Bestellsumme", "Total de la commande", "Total del pedido", "Totale ordine", "Ordersumma"),
    "status": ("Status", "Bestellstatus", "Statut", "Estado", "Stato", "Status"),
    "phone": ("Phone", "Telefon", "Téléphone", "Teléfono", "Telefono", "Telefon"),
}
STATUSES = (
    ("paid", "cancelled"),
    ("bezahlt", "storniert"),
    ("payée", "annulée"),
    ("pagado", "cancelado"),
    ("pagato", "annullato"),
    ("betald", "avbruten"),
)
ITEMS = ("Mug 0.3 l", "Tote bag", "Fern print", "Soap bar", "Candle L", "Blanket")


def drawn(seed: int) -> tuple[str, float, float]:
    """An export, the units that were sold, and their money net of discounts and before tax."""
    rng = random.Random(seed)
    language = rng.randrange(6)
    columns = [name for name in WORDS if name not in ("discount", "tax", "phone", "total") or rng.random() < 0.6]
    rng.shuffle(columns)
    prices = {item: rng.randrange(300, 4000) / 100 for item in ITEMS}
    day, rows, units, money = date(2026, 3, 1), [], 0.0, 0.0
    for number in range(rng.randrange(40, 70)):
        day += timedelta(days=rng.choice((0, 1, 1, 2)))
        undone = rng.random() < 0.1
        lines = []
        for item in rng.sample(ITEMS, rng.choice((1, 1, 2, 3))):
            count = rng.choice((1, 1, 2, 3, 5))
            off = round(count * prices[item] * 0.1, 2) if "discount" in columns and rng.random() < 0.3 else 0.0
            net = round(count * prices[item] - off, 2)
            lines.append({"item": item, "quantity": count, "price": prices[item], "discount": off, "net": net})
            units, money = (units, money) if undone else (units + count, money + net)
        total = round(sum(line["net"] for line in lines) * 1.2, 2)
        for line in lines:
            head = {
                "day": day.isoformat(),
                "document": f"B{1000 + number}",
                "total": total,
                "phone": f"0170{number:06}",
            }
            rows.append(line | head | {"status": STATUSES[language][undone], "tax": round(line["net"] * 0.2, 2)})
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([WORDS[name][language] for name in columns])
    writer.writerows([row[name] for name in columns] for row in rows)
    return text.getvalue(), units, round(money, 2)


@pytest.mark.parametrize("place", range(24))
def test_an_export_that_nobody_has_seen_is_summed_as_by_hand(place: int) -> None:
    seed = SEED + place
    text, units, money = drawn(seed)
    business = Business(read_dataset(text.encode(), "export.csv", today=TODAY), TODAY)
    found = business.sales["quantity"].sum(), round(business.sales["revenue"].sum(), 2)
    assert found == (units, pytest.approx(money, abs=0.02)), f"seed {seed}\n{text[:600]}\n{business.understood}"
