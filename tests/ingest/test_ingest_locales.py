"""The same shop, written as eight countries write, is the same dataset; and seeded damage never goes unnoticed."""

import random
from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.mutations import CONVENTIONS, DAMAGES, Convention, original, read_mutants, write
from engine.dataset import ColumnRole
from engine.ingest import read_dataset

HEADERS = {
    "en-US": ("Date", "Product", "Qty sold", "Revenue"),
    "en-GB": ("Date", "Product", "Qty sold", "Revenue"),
    "de": ("Datum", "Artikel", "Menge", "Umsatz"),
    "fr": ("Jour", "Produit", "Quantité", "Montant"),
    "es": ("Fecha", "Producto", "Cantidad", "Importe"),
    "it": ("Data", "Prodotto", "Quantità", "Importo"),
    "nl": ("Datum", "Artikel", "Aantal", "Omzet"),
    "pt-BR": ("Data", "Produto", "Quantidade", "Valor"),
    "pl": ("Data", "Produkt", "Ilość", "Kwota"),
}
ROLES = (ColumnRole.DATE, ColumnRole.ITEM, ColumnRole.QUANTITY, ColumnRole.REVENUE)


def shop() -> pl.DataFrame:
    rng = random.Random(11)
    days = [date(2025, 1, 1) + timedelta(days=day) for day in range(60)]
    return pl.DataFrame(
        {
            "day": [day for day in days for _ in range(2)],
            "item": ["Rye, dark", 'Bun "XL"'] * 60,
            "sold": [float(rng.randrange(1, 4000)) for _ in range(120)],
            "paid": [rng.randrange(100, 900_000) / 100 for _ in range(120)],
        }
    )


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda convention: convention.locale)
def test_every_country_writes_the_same_shop(convention: Convention) -> None:
    frame = shop()
    plain = read_dataset(frame.write_csv().encode(), "shop.csv").tables[0]
    names = HEADERS[convention.locale]
    content = write(plain, plain.frame.columns, convention).decode()
    lines = content.split("\r\n")
    dataset = read_dataset("\r\n".join([convention.delimiter.join(names), *lines[1:]]).encode(), "shop.csv")
    (table,) = dataset.tables
    assert tuple(column.role for column in table.columns) == ROLES
    assert_frame_equal(table.frame.rename(dict(zip(names, frame.columns, strict=True))), frame)
    assert not dataset.report.questions


def test_damaged_and_rewritten_files_end_in_words_and_with_the_same_sums(tmp_path, workbook) -> None:
    frame = shop()
    (tmp_path / "shop.csv").write_bytes(frame.write_csv().encode())
    rows = [("Date", "Item", "Qty"), *((day, item, sold) for day, item, sold, _ in frame.iter_rows())]
    (tmp_path / "shop.xlsx").write_bytes(workbook({"Sales": rows}))
    (tmp_path / "bank.csv").write_text(
        "Date,Debit,Credit,Balance\n"
        + "".join(f"2025-01-{day:02},,{day},{day * (day + 1) // 2}\n" for day in range(1, 29))
    )
    outcome = read_mutants(sorted(tmp_path.iterdir()), 90, seed=5)
    assert outcome.counts.total() == 90
    assert not outcome.tracebacks
    assert not outcome.changed
    assert not outcome.slow
    assert {kind for kind, _ in outcome.counts} > set(DAMAGES)


def test_the_sums_of_a_file_with_an_open_question_are_not_compared() -> None:
    assert original("dates.csv", b"date,qty\n3/4/2025,1\n5/6/2025,2\n7/8/2025,2\n").table is None
