"""Units of measure in headers and cells: times become days, and cases and dozens become units."""

import re
from collections.abc import Mapping, Sequence

import polars as pl

from engine.dataset import CleaningReport, ColumnRole
from engine.ingest.columns import CleanColumn, Setting, new_column
from engine.ingest.meaning.assign import TableMeaning
from engine.ingest.meaning.names import Hint, normal

R = ColumnRole

DAYS_IN: Mapping[str, float] = {"hours": 1 / 24, "days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}
"""How many days a unit of time has."""

WORDS: Mapping[str, str] = {
    "hours": r"hours?|hrs?|std|stunden|heures?|horas?|ore|uren|godzin\w*|timmar|timer|hodin\w*|saat",
    "days": r"days?|d|tagen?|tage|jours?|j|dias?|giorni|gg|dagen|dni|dagar|dage|dager|dny|dnu|gun",
    "weeks": r"weeks?|wks?|w|wochen?|wo|semaines?|sem|semanas?|settimane?|weken"
    r"|tygodni\w*|tyg|veckor|uger|uker|tydn\w*|hafta",
    "months": r"months?|mths?|mon|monaten?|monate|mois|meses|mes|mesi|mese"
    r"|maanden?|miesi\w*|manader|maneder|mesic\w*|ay",
    "years": r"years?|yrs?|jahren?|jahre|ans?|annees?|anos?|anni|jaar|jaren|lat|ar|let|yil",
}  # fmt: skip
CASES = (
    r"cases?|cartons?|packs?|boxes|kartons?|ve|gebinde|colis|caisses?|cajas?|cartoni|colli|doos|caixas?|karton\w*|kolli"
)
DOZENS = r"dozens?|dtz|dutzend|douzaines?|docenas?|dozzine|dozijn|duzias?|tuzin\w*|dussin|dusin|tucty?"

OF_TIME = frozenset({R.LEAD_TIME, R.SHELF_LIFE})
OF_UNITS = frozenset({R.MINIMUM_ORDER, R.ON_HAND, R.ON_ORDER})
UNITS_OF: Mapping[ColumnRole, tuple[str, ...]] = {
    **dict.fromkeys(OF_TIME, tuple(DAYS_IN)),
    **dict.fromkeys(OF_UNITS, ("units", "cases", "dozens")),
}
"""The units that a column of a role may be given in; the first of units, and days, need no change."""

TURNED = "turned into"

Step = tuple[list[CleanColumn], CleaningReport | None]


def in_days_and_units(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Times in days, and amounts in units, whatever the header, the cells or the owner says that they are in.

    Args:
        columns: the typed columns.
        understanding: what they mean.
        setting: where they stand, and what the owner answered.
    """
    roles = {column.name: column.role for column in understanding.columns}
    changed, lines = list(columns), []
    for place, column in enumerate(columns):
        role = roles.get(column.raw.name, R.OTHER)
        if role not in UNITS_OF or column.kind != "number" or (column.raw.hint and TURNED in column.raw.hint.why):
            continue
        unit = setting.answer(unit_key(setting.fingerprint, column.raw.name), UNITS_OF[role]) or unit_of(column, role)
        factor = _factor(unit, role, columns, roles)
        if factor is None:
            continue
        values, what = factor
        in_usual = (column.values * values).rename(column.raw.name)
        changed[place] = new_column(column.raw.name, in_usual, Hint(role, 0.95, f"{unit}, {TURNED} {what}"))
        lines.append(f"{setting.place}: {column.raw.name} is in {unit}; it counts in {what}")
    return (changed, CleaningReport(tuple(lines))) if lines else (columns, None)


def unit_key(fingerprint: str, column: str) -> str:
    """Under what the owner's word for the unit of a column is remembered."""
    return f"{fingerprint}/{column}/unit"


def unit_of(column: CleanColumn, role: ColumnRole) -> str:
    """The unit that the cells or the header of a column name, one of `UNITS_OF`; "" for none."""
    said = f"{column.raw.unit} {normal(column.raw.name)}"
    if role in OF_TIME:
        return next((unit for unit, words in WORDS.items() if re.search(rf"\b(?:{words})\b", said)), "")
    if re.search(rf"\b(?:{DOZENS})\b", said):
        return "dozens"
    return "cases" if re.search(rf"\b(?:{CASES})\b", said) else ""


def _factor(
    unit: str, role: ColumnRole, columns: Sequence[CleanColumn], roles: Mapping[str, ColumnRole]
) -> tuple[pl.Series | float, str] | None:
    """By what the values are multiplied, and what they are then; None where nothing has to be done."""
    if role in OF_TIME:
        return None if unit in ("", "days") else (DAYS_IN[unit], "days")
    if unit == "dozens":
        return 12.0, "units"
    pack = next((c for c in columns if roles.get(c.raw.name) is R.CASE_PACK and c.kind == "number"), None)
    return (pack.values.fill_null(1.0), "units") if unit == "cases" and pack is not None else None
