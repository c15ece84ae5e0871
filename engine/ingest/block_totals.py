"""Rows that tell of other rows: what totals and statistics are called, and totals of blocks that name nothing."""

from collections.abc import Mapping, Sequence

import polars as pl

from engine.ingest.columns import CleanColumn

TOTAL_WORDS = (
    "total, totals, grand total, sub total, subtotal, overall total, sum, gesamt, gesamtsumme, "
    "summe, zwischensumme, insgesamt, somme, sous total, total general, suma, suma total, totale, "
    "totale generale, subtotale, totaal, eindtotaal, subtotaal, soma, total geral, razem, lacznie, "
    "ogolem, carried forward, brought forward, balance carried forward, ubertrag, a reporter, report, riporto, "
    "suma y sigue, toplam, genel toplam, ara toplam, yekun, celkem, soucet, mezisoucet, i alt, ialt, totalt, "
    "totalsumma, delsumma, summa, sum total, delsum, total ht, total ttc, totaal generaal, gesamtbetrag, endsumme, "
    "totais, totales, totali, total do dia, total mes, total del mes, total du mois, monatssumme, tagessumme, "
    "wochensumme, jahressumme, "
    "suma y sigue, transport, a transportar, do przeniesienia, z przeniesienia, "
    "yhteensa, valisumma, loppusumma, osszesen, mindosszesen, reszosszeg, vegosszeg, total de plata, spolu, celkom, "
    "medzisucet, συνολο, συνολα, γενικο συνολο, μερικο συνολο, αθροισμα"
)
"""What a row of totals begins with."""

STATISTIC_WORDS: Mapping[str, str] = {
    "mean": "average, avg, mean, durchschnitt, mittelwert, schnitt, moyenne, promedio, media, gemiddelde, gemiddeld, "
    "srednia, srednio",
    "median": "median, mediane, mediana, mediaan",
    "maximum": "max, maximum, highest, maximo, massimo, maks, maksimum, hochstwert, maximale",
    "minimum": "min, minimum, lowest, minimo, tiefstwert, minimale",
    "count": "count, number, anzahl, nombre, numero, conteggio, aantal, contagem, liczba",
}
"""What a row of statistics is called, without accents."""

_FEWEST_BLOCKS, _MOST_NAMES, _RARE = 3, 50, 0.1


def sums_of_blocks(columns: Sequence[CleanColumn], added: Sequence[CleanColumn]) -> tuple[str, list[int]]:
    """A word that comes again and again beside the sum of the rows since it came last, and its rows.

    Its rows leave something blank that all others have: the price, or the quantity.

    Args:
        columns: all columns.
        added: those of numbers that may be added up.
    """
    numbers = [column.values.fill_null(0.0) for column in added]
    for key in (column.values for column in columns if column.kind == "text"):
        counts = key.drop_nulls().value_counts().filter(pl.col("count").is_between(_FEWEST_BLOCKS, len(key) // 3))
        for word in counts.get_column(key.name).head(_MOST_NAMES):
            is_word = (key == word).fill_null(value=False)
            rows = is_word.arg_true().to_list()
            if _are_barer(columns, is_word) and _are_sums(numbers, rows):
                return str(word), rows
    return "", []


def _are_barer(columns: Sequence[CleanColumn], rows: pl.Series) -> bool:
    """True where a column is blank on all these rows and filled on nearly all others."""
    return any(
        column.values.filter(rows).null_count() == int(rows.sum())
        and column.values.filter(~rows).null_count() <= 0.1 * int((~rows).sum())
        for column in columns
    )


def _are_sums(numbers: Sequence[pl.Series], rows: Sequence[int]) -> bool:
    """True where each of these rows has what the rows since the one before add up to, several of them at times."""
    blocks = list(zip([-1, *rows], rows, strict=False))
    longer = sum(row - last > 2 for last, row in blocks)
    filled = all(any(values[row] for values in numbers) for row in rows)
    return (
        filled
        and longer >= max(_FEWEST_BLOCKS, len(rows) // 2)
        and all(_is_sum_since(values, row, last) for last, row in blocks for values in numbers if values[row])
    )


def _is_sum_since(values: pl.Series, row: int, last: int) -> bool:
    return abs(float(values[last + 1 : row].sum()) - float(values[row])) <= 0.011 + 1e-6 * abs(float(values[row]))


def carried_balances(columns: Sequence[CleanColumn], rows: Sequence[int]) -> frozenset[int]:
    """Those of these rows that tell nothing but the balance above them, or the one at the start, and move no money."""
    numbers = [column.values for column in columns if column.kind == "number"]
    if not rows or len(numbers) < 2:
        return frozenset()
    filled = pl.DataFrame([values.is_not_null().alias(str(place)) for place, values in enumerate(numbers)])
    told = filled.sum_horizontal()
    for balance in numbers:
        still = told == balance.is_not_null().cast(told.dtype)
        most = _RARE * len(balance)
        if balance.null_count() > most or int(still.sum()) > most:
            continue
        above = balance.fill_null(strategy="forward").shift(1).fill_null(balance)
        same = ((above - balance).abs() <= 0.005).fill_null(value=False) & still
        if same.any():
            return frozenset(row for row in rows if same[row])
    return frozenset()
