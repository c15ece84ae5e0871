"""What rows of totals and of statistics begin with."""

from collections.abc import Mapping

TOTAL_WORDS = (
    "total, totals, grand total, sub total, subtotal, overall total, sum, gesamt, gesamtsumme, "
    "summe, zwischensumme, insgesamt, somme, sous total, total general, suma, suma total, totale, "
    "totale generale, subtotale, totaal, eindtotaal, subtotaal, soma, total geral, razem, lacznie, "
    "ogolem, carried forward, brought forward, balance carried forward, ubertrag, a reporter, report, riporto, "
    "suma y sigue, toplam, genel toplam, ara toplam, yekun, celkem, soucet, mezisoucet, i alt, ialt, totalt, "
    "totalsumma, delsumma, summa, sum total, delsum, total ht, total ttc, totaal generaal, gesamtbetrag, endsumme, "
    "totais, totales, totali, total do dia, total mes, total del mes, total du mois, monatssumme, tagessumme, "
    "wochensumme, jahressumme, "
    "suma y sigue, transport, a transportar, do przeniesienia, z przeniesienia"
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
