"""One small bakery, written down in many ways, is always the same bakery."""

import itertools
from datetime import date, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from engine.dataset import ColumnRole
from engine.ingest import read_dataset

ROWS = [
    (date(2025, 3, day), item, quantity, price)
    for day, item, quantity, price in [
        (12, "Crème slice", 1, 3.5),
        (12, "Rye loaf", 40, 1234.5),
        (13, "Crème slice", 7, 3.5),
        (13, "Rye loaf", 38, 4.75),
        (14, "Crème slice", 0, 3.5),
        (14, "Rye loaf", 41, 4.75),
    ]
]
EXPECTED = pl.DataFrame(
    ROWS, schema={"day": pl.Date, "item": pl.String, "quantity": pl.Float64, "price": pl.Float64}, orient="row"
)
ROLES = (ColumnRole.DATE, ColumnRole.ITEM, ColumnRole.QUANTITY, ColumnRole.PRICE)

HEADERS = {
    "en": ("Date", "Product", "Qty sold", "Unit price"),
    "de": ("Datum", "Artikel", "Menge", "Einzelpreis"),
    "fr": ("Jour", "Produit", "Quantité", "Prix unitaire"),
    "es": ("Fecha", "Producto", "Cantidad", "Precio"),
    "it": ("Data", "Prodotto", "Quantità", "Prezzo"),
    "nl": ("Datum", "Artikel", "Aantal", "Prijs"),
    "pt": ("Data", "Produto", "Quantidade", "Preço"),
    "pl": ("Data", "Produkt", "Ilość", "Cena"),
}


def point(price: float) -> str:
    return f"{price:,.2f}"


def comma(price: float) -> str:
    return point(price).translate(str.maketrans(",.", ".,"))


def spaced(price: float) -> str:
    return point(price).replace(",", "\u202f").replace(".", ",")


PRICES = {
    "point": point,
    "comma": comma,
    "spaced": spaced,
    "euro": lambda p: f"€ {comma(p)}",
    "pound": lambda p: f"£{point(p)}",
}
DATES = {
    "iso": "%Y-%m-%d",
    "dotted": "%d.%m.%Y",
    "day first": "%d/%m/%Y",
    "month first": "%m/%d/%Y",
    "words": "%-d %B %Y",
    "american words": "%B %-d, %Y",
    "short": "%d-%b-%y",
    "time": "%Y-%m-%dT08:30:00",
    "compact": "%Y%m%d",
}


def written(language: str, prices: str, dates: str, delimiter: str) -> str:
    lines = [HEADERS[language]]
    for day, item, quantity, price in ROWS:
        lines.append((day.strftime(DATES[dates]), item, str(quantity), PRICES[prices](price)))
    return "\r\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)


def assert_is_the_bakery(content: bytes, name: str = "sales.csv") -> None:
    (table,) = read_dataset(content, name).tables
    assert tuple(column.role for column in table.columns) == ROLES
    assert_frame_equal(table.frame.rename(dict(zip(table.frame.columns, EXPECTED.columns, strict=True))), EXPECTED)


@pytest.mark.parametrize(("prices", "dates"), list(itertools.product(PRICES, DATES)))
def test_any_way_of_writing_prices_and_dates_gives_the_same_table(prices: str, dates: str) -> None:
    assert_is_the_bakery(written("en", prices, dates, ";").encode())


@pytest.mark.parametrize(("language", "delimiter"), list(itertools.product(HEADERS, "\t;|,")))
def test_any_language_and_delimiter_gives_the_same_table(language: str, delimiter: str) -> None:
    assert_is_the_bakery(written(language, "comma", "dotted", delimiter).encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_any_encoding_gives_the_same_table(encoding: str) -> None:
    assert_is_the_bakery(written("en", "comma", "dotted", ";").encode(encoding))


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
def test_any_line_ending_gives_the_same_table(newline: str) -> None:
    assert_is_the_bakery(written("en", "point", "iso", ",").replace("\r\n", newline).encode())


def test_the_workbook_gives_the_same_table(workbook) -> None:
    assert_is_the_bakery(workbook({"Sales": [HEADERS["en"], *ROWS]}), "sales.xlsx")


def test_the_workbook_with_a_title_blank_edges_and_times_gives_the_same_table(workbook) -> None:
    rows = [(None, datetime(day.year, day.month, day.day, 17, 5), *rest) for day, *rest in ROWS]
    sheet = [("", "Bakery sales 2025"), (), (None, *HEADERS["en"]), *rows, ()]
    assert_is_the_bakery(workbook({"Sales": sheet}), "sales.xlsx")


def test_the_workbook_of_an_owner_who_typed_everything_as_text_gives_the_same_table(workbook) -> None:
    rows = [(day.strftime("%d.%m.%Y"), item, str(quantity), comma(price)) for day, item, quantity, price in ROWS]
    assert_is_the_bakery(workbook({"Sales": [HEADERS["de"], *rows]}), "sales.xlsx")


def test_polish_names_survive_the_encoding_of_polish_windows() -> None:
    text = "Data;Produkt;Ilość\n12.03.2025;Chleb żytni;4\n13.03.2025;Pączek z różą;5\n"
    (table,) = read_dataset(text.encode("cp1250"), "sprzedaz.csv").tables
    assert table.frame["Produkt"].to_list() == ["Chleb żytni", "Pączek z różą"]
    assert table.frame["Ilość"].sum() == 9


def test_reading_twice_gives_the_same_dataset() -> None:
    content = written("fr", "spaced", "words", ";").encode()
    first, second = read_dataset(content, "a.csv"), read_dataset(content, "a.csv")
    assert first.sha256 == second.sha256
    assert first.report == second.report
    assert_frame_equal(first.tables[0].frame, second.tables[0].frame)
