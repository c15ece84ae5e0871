"""Tables with their periods across the sheet, turned so that each row is one period."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from engine.dataset import CleaningReport, ColumnRole, Repair
from engine.ingest.columns import (
    CleanColumn,
    CleanRows,
    Setting,
    any_of,
    ask,
    join,
    keep_rows,
    new_column,
    short,
    unused_name,
)
from engine.ingest.dates import month_number
from engine.ingest.inferred_formats import DAY_FIRST, MONTH_FIRST, PERIOD, which_year
from engine.ingest.meaning.concepts import KIND_OF_ROLE, Concept
from engine.ingest.meaning.names import Hint, header_hint, is_phrase, normal
from engine.ingest.periods import HeaderPeriod, fiscal_periods, period_of, years_later
from engine.ingest.totals import is_total

FIGURES, MEASURE = "Figures", "Measure"
LEAVE_OUT, KEEP = "leave them out", "keep them"
_YEAR = 12
"""Months that a year lasts."""

_RUNNING = 7
"""Days that a week or a day across the sheet may lie ahead."""

_FEWEST, _FEWEST_WHOLE = 3, 2
"""Periods that make a table wide: three, or two whose headers name their year."""


@dataclass(frozen=True)
class Spread:
    """How a table's columns are spread over periods, by its headers alone.

    Attributes:
        periods: for each column that holds a period, by name, the period.
        stable: the headers that stay from one month's file to the next.
    """

    periods: dict[str, HeaderPeriod]
    stable: tuple[str, ...]

    @property
    def of_years(self) -> bool:
        """True when each period is a whole year."""
        return all(period.whole and period.months == _YEAR for period in self.periods.values())


def spread_of(names: Sequence[str]) -> Spread | None:
    """The periods across these headers; None when there are too few to make the table wide."""
    fiscal = fiscal_periods(names)
    periods = fiscal or {name: period for name in names if (period := period_of(name)) is not None}
    labels = {(period.label.casefold()) for period in periods.values()}
    whole = all(period.whole for period in periods.values())
    if len(labels) < (_FEWEST_WHOLE if whole else _FEWEST):
        return None
    return Spread(periods, (*(name for name in names if name not in periods), PERIOD))


def turn(
    table: CleanRows, spread: Spread, titles: Sequence[str], setting: Setting
) -> tuple[CleanRows, CleaningReport] | None:
    """The table with one row per period; None when its columns under periods hold no numbers.

    Args:
        table: the typed columns.
        spread: the periods across.
        titles: what stands above the table, and the name of its tab or file: they may name the year and, but for a
            file's name, what is counted.
    """
    wide = [
        column
        for column in table.columns
        if column.raw.name in spread.periods and column.raw.text.null_count() < len(column.raw.text)
    ]
    numbers = [column for column in wide if column.kind == "number"]
    others = [column for column in table.columns if column.raw.name not in spread.periods]
    others, months = _months_down(others, spread)
    dated = any(column.kind == "date" and column.values.is_not_null().any() for column in others)
    if dated or len(numbers) * 2 <= len(wide):
        return None
    others, numbers, rows, compared = _without_comparisons(others, numbers, table.rows, setting)
    others, dropped = _without_totals(others, numbers, setting)
    numbers, longer = _without_longer(numbers, spread, setting)
    years, year_question = _years(others, spread, " · ".join(titles), setting)
    day_first, order = _order(spread, setting)
    long = _long(others, numbers, spread, (years, day_first))
    if months is not None:
        long = _in_months(long, months)
    long, blanks = _without_blanks(long, setting)
    columns = _columns(long, others, _measure_name(titles), money=any(_OF_MONEY.search(title) for title in titles))
    counted = f"{setting.place}: {len(numbers)} columns of periods were turned into rows, one per period"
    report = join(CleaningReport((counted,)), dropped, longer, year_question, order, blanks)
    turned, pivoted = _measures_to_columns(columns, setting)
    places = rows.gather(long["row"]) if pivoted is None else pl.Series([table.rows[0]] * len(turned[0].values))
    return CleanRows(tuple(turned), places.rename("row")), join(compared, report, pivoted or CleaningReport())


_OF_MONEY = re.compile(
    r"(?i)[€$£¥₺]|\((?:in )?(?:eur|usd|gbp|chf|pln|zł|kč|czk|sek|dkk|nok|kr|tl|try|ft|huf|lei|ron)\.?\)"
    r"|\b(?:iva|mwst|vat|tva|btw|moms|dph|kdv|gst|alv|áfa)\b"
)
"""A currency, or a tax, in a title: the figures below it are money."""

_COMPARES = re.compile(
    r"^(?:(?:in )?(?:%|proz(?:ent)?|vs|gg|ggu)\b.*"
    r"|(?:umsatz |summe |total |sales |ca |chiffre d affaires |ventas |vendite |omzet |vendas |obrot |omsattning )?"
    r"(?:vorjahr\w*|vj|last year|previous year|prior year|ly|annee precedente|n 1|ano anterior|anno precedente"
    r"|vorig jaar|rok poprzedni|ubiegly rok|poprzedni rok|forra aret|foregaende ar|sidste ar|fjoraret|forrige ar|i fjor"
    r"|minuly rok|gecen yil|onceki yil)(?: (?:19|20)\d\d)?"
    r"|(?:veranderung|abweichung|differenz|change|difference|variance|growth|variation|evolution|ecart|variacion"
    r"|diferencia|variazione|differenza|scostamento|verandering|verschil|variacao|diferenca|zmiana|roznica|forandring"
    r"|skillnad|aendring|endring|forskel|zmena|rozdil|degisim|fark)\b.*"
    r"|(?:plan|budget|target|ziel|soll|objectif|objetivo|obiettivo|doel|meta|cel|mal|hedef|prognose|forecast)"
    r"(?: (?:19|20)\d\d)?)$"
)
"""Rows under a table that compare it: last year's, the change, the plan."""


def _without_comparisons(
    others: list[CleanColumn], numbers: list[CleanColumn], rows: pl.Series, setting: Setting
) -> tuple[list[CleanColumn], list[CleanColumn], pl.Series, CleaningReport]:
    """The columns without the rows that hold last year, a change or a plan: nothing was sold by them."""
    compares = [
        column.values.map_elements(lambda cell: bool(_COMPARES.match(normal(cell))), pl.Boolean).fill_null(value=False)
        for column in others
        if column.kind == "text"
    ]
    out = any_of(compares) if compares else pl.Series([False]).new_from_index(0, len(rows))
    if not out.any() or int(out.sum()) * 2 > len(rows):
        return others, numbers, rows, CleaningReport()
    kept = keep_rows(CleanRows((*others, *numbers), rows), ~out)
    repair = Repair("left out rows that compare with last year or a plan", int(out.sum()), setting.place)
    split = len(others)
    return list(kept.columns[:split]), list(kept.columns[split:]), kept.rows, CleaningReport(repairs=(repair,))


OF_THE_WHOLE_ROW = frozenset({ColumnRole.QUANTITY, ColumnRole.REVENUE})
"""What cannot stand beside periods but as the sum of them."""


def _without_totals(
    others: list[CleanColumn], numbers: list[CleanColumn], setting: Setting
) -> tuple[list[CleanColumn], CleaningReport]:
    """The columns beside the periods without those that only add the periods up."""
    across = pl.DataFrame([column.values.alias(str(i)) for i, column in enumerate(numbers)])
    total = across.select(pl.sum_horizontal(pl.all())).to_series()
    rest, repairs, warnings = [], [], []
    for column in others:
        adds_up = column.kind == "number" and bool(((column.values - total).abs() <= 0.01 + 1e-6 * total.abs()).all())
        hint = header_hint(column.raw.name)
        named = is_total(column.raw.name) or (hint is not None and hint.role in OF_THE_WHOLE_ROW)
        if column.kind == "number" and (named or adds_up) and len(numbers) > 1:
            repairs.append(Repair(f"left out {column.raw.name}, which adds the periods up", len(total), setting.place))
            if not adds_up:
                warnings.append(f"{column.raw.name} in {setting.place} does not add its row up; it was left out.")
        else:
            rest.append(column)
    return rest, CleaningReport(repairs=tuple(repairs), warnings=tuple(warnings))


def _without_longer(
    numbers: list[CleanColumn], spread: Spread, setting: Setting
) -> tuple[list[CleanColumn], CleaningReport]:
    """The columns of the shortest periods: quarters and years among months add them up, or the owner is asked."""
    shortest = min(spread.periods[column.raw.name].months for column in numbers)
    longer = [column for column in numbers if spread.periods[column.raw.name].months > shortest]
    rest = [column for column in numbers if column not in longer]
    if not longer or not shortest:
        return numbers, CleaningReport()
    listed = ", ".join(column.raw.name for column in longer[:4])
    repair = Repair(f"left out {listed}, which add other periods up", len(longer[0].values), setting.place)
    if all(_adds_up(column, rest, spread) for column in longer):
        return rest, CleaningReport(repairs=(repair,))
    question = setting.question(
        PERIOD,
        "longer periods",
        f"In {setting.place}, {listed} last longer than the other periods and do not add them up: what should happen?",
        (LEAVE_OUT, KEEP),
    )
    answer, report = ask(question, setting, settled=listed)
    return (numbers if answer == KEEP else rest), report


def _adds_up(column: CleanColumn, rest: Sequence[CleanColumn], spread: Spread) -> bool:
    """True when a column is in each row the sum of those whose periods lie in its own."""
    period = spread.periods[column.raw.name]
    parts = [
        other.values
        for other in rest
        if period.covers(spread.periods[other.raw.name]) and spread.periods[other.raw.name].measure == period.measure
    ]
    if not parts:
        return False
    total = pl.DataFrame([values.alias(str(i)) for i, values in enumerate(parts)]).select(pl.sum_horizontal(pl.all()))
    difference = (column.values.fill_null(0.0) - total.to_series()).abs()
    return bool((difference <= 0.01 + 1e-6 * total.to_series().abs()).all())


def _years(
    others: list[CleanColumn], spread: Spread, title: str, setting: Setting
) -> tuple[pl.Series | int, CleaningReport]:
    """The year of headers that name none: from a column of years, from the title, or from the owner."""
    if all(period.whole for period in spread.periods.values()):
        return 0, CleaningReport()
    for column in others:
        if column.kind == "number" and column.values.null_count() == 0 and column.values.is_between(1900, 2100).all():
            return column.values.cast(pl.Int64), CleaningReport((f"the year of each period is in {column.raw.name}",))
    return which_year(title, next(iter(spread.periods)), setting, lambda year: max(_first_days(spread, year)))


def _first_days(spread: Spread, year: int) -> list[date]:
    """When the periods that name no year begin, the first of them in this year; what may still run is not ahead."""
    open_ones = [period for period in spread.periods.values() if not period.whole]
    later = years_later(open_ones)
    days = ((period, period.start(year + later[period.label.casefold()])) for period in open_ones)
    return [day if period.months else day - timedelta(days=_RUNNING) for period, day in days if day]


def _months_down(others: list[CleanColumn], spread: Spread) -> tuple[list[CleanColumn], pl.Series | None]:
    """The columns without the one that names the month of each row, and those months, where years stand across."""
    if not spread.of_years:
        return others, None
    for column in others:
        months = _month_numbers(column.raw.text)
        if months is not None:
            return [other for other in others if other is not column], months
    return others, None


def _month_numbers(names: pl.Series) -> pl.Series | None:
    """The number of the month that each row names; None unless every row names one, several of them."""
    numbers = {name: month_number(name) for name in names.drop_nulls().unique()}
    if names.null_count() or len(set(numbers.values())) < _FEWEST or not all(numbers.values()):
        return None
    return names.replace_strict(numbers, return_dtype=pl.Int8)


def _in_months(long: pl.DataFrame, months: pl.Series) -> pl.DataFrame:
    """The years of each row as the months that it names."""
    with_months = long.with_columns(months.gather(long["row"]).alias("month"))
    start = pl.date(pl.col(PERIOD).dt.year(), pl.col("month"), 1)
    return with_months.with_columns(start.alias(PERIOD)).drop("month").sort(PERIOD, maintain_order=True)


def _order(spread: Spread, setting: Setting) -> tuple[bool, CleaningReport]:
    """True where the day comes first in headers like 03/04/2025."""
    both = [(p.day_first, p.month_first) for p in spread.periods.values() if p.whole]
    if all(first == second for first, second in both):
        return True, CleaningReport()
    if any(first is None or second is None for first, second in both):
        return all(first is not None for first, _ in both), CleaningReport()
    question = setting.question(
        PERIOD,
        "date order",
        f'In the headers of {setting.place}, "{next(iter(spread.periods))}" can be read in two ways: '
        "which part comes first?",
        (DAY_FIRST, MONTH_FIRST),
    )
    answer, report = ask(question, setting, settled="the dates in the headers")
    return answer == DAY_FIRST, report


def _long(
    others: list[CleanColumn],
    numbers: list[CleanColumn],
    spread: Spread,
    reading: tuple[pl.Series | int, bool],
) -> pl.DataFrame:
    """`row`, the other columns by place, `HeaderPeriod` and one column per measure."""
    years, day_first = reading
    height = len(numbers[0].values)
    fixed = pl.DataFrame([column.values.alias(f"#{i}") for i, column in enumerate(others)])
    fixed = (fixed if others else pl.DataFrame({"row": range(height)})).with_columns(
        pl.int_range(height, dtype=pl.Int64).alias("row")
    )
    by_label: dict[str, dict[str, CleanColumn]] = {}
    for column in numbers:
        period = spread.periods[column.raw.name]
        by_label.setdefault(period.label.casefold(), {})[period.measure] = column
    later = years_later([period for period in spread.periods.values() if not period.whole])
    parts = []
    for label, columns in by_label.items():
        period = spread.periods[next(iter(columns.values())).raw.name]
        year = years + later.get(label, 0) if isinstance(years, int) else years
        starts = _starts(period, year, height, day_first=day_first)
        measures = [column.values.alias(f"={measure}") for measure, column in columns.items()]
        parts.append(fixed.with_columns(starts.alias(PERIOD), *measures))
    return pl.concat(parts, how="diagonal").sort("row", maintain_order=True)


def _starts(period: HeaderPeriod, years: pl.Series | int, height: int, *, day_first: bool) -> pl.Series:
    if isinstance(years, int):
        return pl.Series([period.start(years, day_first=day_first)], dtype=pl.Date).new_from_index(0, height)
    return pl.Series([period.start(year, day_first=day_first) for year in years], dtype=pl.Date)


def _without_blanks(long: pl.DataFrame, setting: Setting) -> tuple[pl.DataFrame, CleaningReport]:
    measures = [name for name in long.columns if name.startswith("=")]
    filled = long.filter(pl.any_horizontal(pl.col(measures).is_not_null()))
    lost = long.height - filled.height
    if not lost:
        return long, CleaningReport()
    return filled, CleaningReport(repairs=(Repair("left out periods with a blank cell", lost, setting.place),))


def _columns(long: pl.DataFrame, others: list[CleanColumn], measure: str, *, money: bool) -> list[CleanColumn]:
    columns = [new_column(column.raw.name, long[f"#{i}"], column.raw.hint) for i, column in enumerate(others)]
    why = Hint(ColumnRole.DATE, 0.9, "the periods that stood across the sheet")
    of_costs = Hint(ColumnRole.OTHER, 0.9, "costs, by what the rows are called")
    columns.append(new_column(unused_name(PERIOD, [column.raw.name for column in columns]), long[PERIOD], why))
    for name in long.columns:
        if name.startswith("="):
            title = name[1:] or measure
            whole = not money and bool((long[name].drop_nulls() % 1 == 0).all())
            figures = Hint(ColumnRole.QUANTITY if whole else ColumnRole.REVENUE, 0.6, "the figures of the periods")
            by_corner = None if name[1:] else of_costs if _names_costs(others) else _corner(others)
            hint = header_hint(title) or by_corner or figures
            columns.append(new_column(unused_name(title, [column.raw.name for column in columns]), long[name], hint))
    return columns


def _names_costs(others: Sequence[CleanColumn]) -> bool:
    """True where the rows are kinds of costs, by the header of their names."""
    words = [normal(column.raw.name) for column in others if column.kind == "text"]
    return any(is_phrase(word, (Concept.COST, Concept.COST_TOTAL, Concept.WAGES, Concept.SPEND)) for word in words)


def _corner(others: Sequence[CleanColumn]) -> Hint | None:
    """What the figures are, where the header of the names tells that and not what they name: "Takings"."""
    hints = [header_hint(column.raw.name) for column in others if column.kind == "text"]
    return next((hint for hint in hints if hint is not None and KIND_OF_ROLE.get(hint.role) == "number"), None)


def _measure_name(titles: Sequence[str]) -> str:
    """What is counted, if the title tells; a neutral word otherwise."""
    for part in titles[0].split(" · "):
        hint = header_hint(part)
        if hint is not None and KIND_OF_ROLE.get(hint.role) == "number":
            return short(part)
    return FIGURES


def _measures_to_columns(
    columns: list[CleanColumn], setting: Setting
) -> tuple[list[CleanColumn], CleaningReport | None]:
    """Rows that are measures ("Revenue", "Visits") become columns: they must never be added to each other."""
    labels = [column for column in columns if column.kind == "text" and column.values.n_unique() > 1]
    values = [column for column in columns if column.kind == "number"]
    if len(labels) != 1 or len(values) != 1:
        return columns, None
    names = labels[0].values.drop_nulls().unique(maintain_order=True).to_list()
    hints = {name: header_hint(name) for name in names}
    numeric = [name for name, hint in hints.items() if hint and KIND_OF_ROLE.get(hint.role) == "number"]
    roles = {hint.role for hint in hints.values() if hint}
    if len(numeric) < len(names) or (len(roles) < 2 and roles != {ColumnRole.CHANNEL_SPEND}):
        return columns, None
    day = next(column for column in columns if column.kind == "date")
    frame = pl.DataFrame([column.values.alias(column.raw.name) for column in columns])
    wide = frame.pivot(on=labels[0].raw.name, index=day.raw.name, values=values[0].raw.name, aggregate_function="first")
    new_columns = [new_column(day.raw.name, wide[day.raw.name], day.raw.hint)]
    new_columns += [new_column(name, wide[name], hints[name]) for name in wide.columns[1:]]
    line = f"{setting.place}: the rows {', '.join(names[:6])} measure different things, so each became a column"
    return new_columns, CleaningReport((line,))
