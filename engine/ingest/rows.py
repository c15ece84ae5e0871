"""What the rows of a table leave unsaid: fields on the first line of an order only, one sale a row, repeated totals."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import permutations

import polars as pl

from engine.dataset import CleaningReport, ColumnRole, Repair
from engine.ingest.columns import CleanColumn, Setting, any_of, counted, join, new_column, unused_name
from engine.ingest.meaning.assign import TableMeaning, understand
from engine.ingest.meaning.concepts import KIND_OF_CONCEPT, Concept
from engine.ingest.meaning.kinds import LISTS, PEOPLE, SALES, K
from engine.ingest.meaning.names import FAMILY, GIVEN, Hint, is_phrase, normal, readings
from engine.ingest.meaning.profile import RoleCandidate
from engine.ingest.sale_questions import which_money, which_rows
from engine.ingest.units_of_measure import in_days_and_units

C, R = Concept, ColumnRole

OF_DOCUMENT = frozenset({R.DATE, R.STATUS, R.VOID, R.STORE, R.CHANNEL})
"""What is true of a whole order when it is true of its first line."""

MOSTLY, FEWEST_ORDERS = 0.95, 3
"""Share of the lines that is nearly all, and orders from which it is told how their rows hang together."""

UNITS, NAME, ONE_SALE = "Units (one a row)", "Name", "one sale"


def read_meaning(
    columns: Sequence[CleanColumn], setting: Setting
) -> tuple[list[CleanColumn], TableMeaning, CleaningReport]:
    """What the columns mean, and the columns completed by what that tells.

    Args:
        columns: the typed columns.
        setting: where they stand.
    """
    current, reports = list(columns), []
    understanding = meaning_of(current)
    for step in STEPS:
        completed, report = step(current, understanding, setting)
        if completed is not current:
            current, understanding = completed, meaning_of(completed)
        if report is not None:
            reports.append(report)
    return current, understanding, join(*reports)


def meaning_of(columns: Sequence[CleanColumn]) -> TableMeaning:
    """What typed columns mean, together."""
    return understand([RoleCandidate(c.raw.name, c.kind, c.values, c.raw.hint) for c in columns])


Step = tuple[list[CleanColumn], CleaningReport | None]


def _whole_names(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """First and last names in two columns are one name."""
    names = {normal(column.raw.name): column for column in columns if column.kind == "text"}
    given, family = (next((names[word] for word in names if word in words), None) for words in (GIVEN, FAMILY))
    if given is None or family is None or understanding.kind not in PEOPLE or NAME in (c.raw.name for c in columns):
        return columns, None
    both = pl.DataFrame({"given": given.values, "family": family.values}).select(
        pl.concat_str(["given", "family"], separator=" ", ignore_nulls=True).str.strip_chars().alias(NAME)
    )
    joined = new_column(NAME, both[NAME], Hint(R.EMPLOYEE, 0.95, f"{given.raw.name} and {family.raw.name}"))
    rest = [_of_no_role(c, f"part of {NAME}") if c is given or c is family else c for c in columns]
    line = f"{setting.place}: {NAME} is {given.raw.name} and {family.raw.name}"
    return [joined, *rest], CleaningReport((line,))


def _whole_documents(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Fields that stand on the first line of an order are those of all its lines."""
    document = _column_of(columns, understanding, R.DOCUMENT)
    if document is None or understanding.kind not in SALES | {K.PAYMENTS}:
        return columns, None
    numbers = document.values.cast(pl.String)
    completed, repairs = list(columns), []
    headed = _stand_on_first_lines(columns, numbers)
    for place, column in enumerate(columns):
        role = understanding.columns[place].role
        of_order = role in OF_DOCUMENT or column.kind == "date"
        if column is document or not of_order or not column.values.null_count():
            continue
        if role is not R.DATE and column not in headed and not (role is R.VOID and headed):
            continue
        whole = _filled(numbers, column.values)
        more = column.values.null_count() - whole.null_count()
        if more:
            completed[place] = replace(new_column(column.raw.name, whole, column.raw.hint), kind=column.kind)
            what = f"carried down to the other lines of the same {document.raw.name}"
            repairs.append(Repair(what, more, f"{setting.place}, column {column.raw.name}"))
    return (completed, CleaningReport(repairs=tuple(repairs))) if repairs else (columns, None)


def _lines_of_orders(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Lines on which the number of the order and its date are blank belong to the order above them."""
    numbers = [c for c in _of_concept(columns, understanding, C.DOCUMENT) if 0 < c.values.null_count() < len(c.values)]
    items = _of_concept(columns, understanding, C.ITEM) or _of_concept(columns, understanding, C.QUANTITY)
    dates = [column for column in columns if column.kind == "date"]
    if understanding.kind not in SALES or not items or not dates:
        return columns, None
    for number in numbers:
        blank = number.values.is_null()
        lines = any_of(item.values.is_not_null() for item in items) & blank
        undated = dates[0].values.is_null() & blank
        if (
            number.values[0] is None
            or int(lines.sum()) < MOSTLY * int(blank.sum())
            or int(undated.sum()) < MOSTLY * int(blank.sum())
        ):
            continue
        whole = number.values.fill_null(strategy="forward")
        column = replace(new_column(number.raw.name, whole, number.raw.hint), kind=number.kind)
        what = f"lines without {number.raw.name} belong to the one above"
        repair = Repair(what, int(blank.sum()), f"{setting.place}, column {number.raw.name}")
        return [column if c is number else c for c in columns], CleaningReport(repairs=(repair,))
    return columns, None


def _one_level(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Where a kind of rows adds up, document by document, what another kind lists, only the lines count."""
    document, kinds = (_column_of(columns, understanding, role) for role in (R.DOCUMENT, R.ROW_TYPE))
    money = understanding.counted.revenue
    if document is None or kinds is None or money is None or understanding.kind not in SALES | {K.PAYMENTS}:
        return columns, None
    rows = pl.DataFrame(
        {"document": document.values.cast(pl.String), "kind": kinds.values, "sum": columns[money].values}
    )
    sums = rows.drop_nulls().group_by("document", "kind").agg(pl.col("sum").sum(), pl.len().alias("lines"))
    for whole, part in permutations(sums["kind"].unique().sort(), 2):
        both = sums.filter(pl.col("kind") == whole).join(
            sums.filter(pl.col("kind") == part), on="document", suffix="_part"
        )
        several = (both["lines_part"] > both["lines"]).any()
        if both.height < FEWEST_ORDERS or not several or both["lines"].max() != 1:
            continue
        if _equals(both["sum"], both["sum_part"]):
            drop = (kinds.values == whole).fill_null(value=False)
            blanked = [_blanked(c, drop) if c.kind == "number" else c for c in columns]
            line = (
                f"{counted(int(drop.sum()), 'row')} of the kind {whole!r} in {setting.place} add up the rows of "
                f"the kind {part!r} and do not count a second time."
            )
            return (blanked, CleaningReport(warnings=(line,))) if drop.any() else (columns, None)
    return columns, None


def _blanked(column: CleanColumn, rows: pl.Series) -> CleanColumn:
    values = pl.DataFrame({"value": column.values, "out": rows}).select(
        pl.when(~pl.col("out")).then("value").alias(column.raw.name)
    )
    return replace(column, values=values.to_series())


def _stand_on_first_lines(columns: Sequence[CleanColumn], documents: pl.Series) -> list[CleanColumn]:
    """The columns that are filled on the first line of nearly every order of several lines, and on no other."""
    place = pl.DataFrame({"document": documents}).select(
        line=pl.int_range(pl.len()).over("document"), lines=pl.len().over("document")
    )
    first, further = ((place["line"] == 0) & (place["lines"] > 1)), place["line"] > 0
    if int(first.sum()) < FEWEST_ORDERS:
        return []
    return [
        column
        for column in columns
        if column.values.filter(first).null_count() <= 0.1 * int(first.sum())
        and column.values.filter(further).null_count() >= 0.95 * int(further.sum())
    ]


def _filled(documents: pl.Series, values: pl.Series) -> pl.Series:
    """The values with each blank filled by the only value of its document, where it has just one."""
    frame = pl.DataFrame({"document": documents, "value": values}).with_row_index("row")
    only = (
        frame.drop_nulls()
        .group_by("document")
        .agg(pl.col("value").n_unique().alias("different"), pl.col("value").first().alias("only"))
        .filter(pl.col("different") == 1)
    )
    joined = frame.join(only, on="document", how="left").sort("row")
    return joined.select(pl.coalesce("value", "only").alias(values.name)).to_series()


def _whole_items(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """In a list of products, a title that stands on the first variant only is that of all, each with its variant."""
    if understanding.kind not in LISTS:
        return columns, None
    titles = _of_concept(columns, understanding, C.ITEM)
    codes = [c for c in _of_concept(columns, understanding, C.CODE) if not c.values.null_count()]
    title = next((column for column in titles if 0 < column.values.null_count() < len(column.values)), None)
    group = next((c for c in codes if title is not None and _are_variants(title.values, c.values)), None)
    if title is None or group is None:
        return columns, None
    whole = _filled(group.values.cast(pl.String), title.values)
    variants = [c for c in _of_concept(columns, understanding, C.VARIANT) if c.values.n_unique() > 1]
    if whole.n_unique() < len(whole) and variants:
        parts = pl.DataFrame({"title": whole, "variant": variants[-1].values.cast(pl.String)})
        whole = parts.select(pl.concat_str(["title", "variant"], separator=" - ", ignore_nulls=True)).to_series()
    named = new_column(title.raw.name, whole.rename(title.raw.name), Hint(R.ITEM, 0.95, "the title with its variant"))
    what = f"carried {title.raw.name} down to the other variants of the same {group.raw.name}"
    repair = Repair(what, title.values.null_count(), setting.place)
    return [named if c is title else c for c in columns], CleaningReport(repairs=(repair,))


def _are_variants(titles: pl.Series, groups: pl.Series) -> bool:
    """True when each group has a title on its first row and none on the others."""
    frame = (
        pl.DataFrame({"title": titles, "group": groups.cast(pl.String)}).group_by("group").agg(pl.col("title").count())
    )
    return bool((frame["title"] == 1).mean() >= 0.9)  # type: ignore[operator]


def _one_total(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """A total of the whole document that stands on each of its lines is shared out over them."""
    counts = understanding.counted
    document = _column_of(columns, understanding, R.DOCUMENT)
    if counts.revenue is None or counts.revenue not in counts.by_document or document is None:
        return columns, None
    total = columns[counts.revenue]
    if total.raw.chosen:
        return columns, None
    units = columns[counts.quantity].values if counts.quantity is not None else None
    weight = pl.Series([1.0]).new_from_index(0, len(total.values)) if units is None else units.fill_null(0.0).abs()
    frame = pl.DataFrame({"document": document.values.cast(pl.String), "total": total.values, "weight": weight})
    lines, whole = pl.len().over("document"), pl.col("weight").sum().over("document")
    share = pl.when(whole > 0).then(pl.col("weight") / whole).otherwise(1 / lines)
    once = pl.col("total").drop_nulls().first().over("document") * share
    shared = frame.select(pl.when(pl.col("document").is_null()).then("total").otherwise(once).alias("shared"))["shared"]
    name = unused_name(f"{total.raw.name} (once per {document.raw.name})", [c.raw.name for c in columns])
    column = new_column(name, shared, Hint(R.REVENUE, 0.9, f"{total.raw.name} repeats on each line"))
    rest = [_of_no_role(c, "repeated on each line") if c is total else c for c in columns]
    line = (
        f"{total.raw.name} in {setting.place} is the total of each {document.raw.name}, repeated on its lines: it "
        f"counts once, {float(shared.sum()):,.2f} and not {float(total.values.sum()):,.2f}."
    )
    return [*rest, column], CleaningReport(warnings=(line,))


def _sums_of_groups(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Columns such as "Morning units" and "Evening units" are parts of one figure: they are added up."""
    figures = FIGURES_OF_LISTS if understanding.kind in LISTS else FIGURES_OF_SALES
    if understanding.kind not in SALES | LISTS | {K.OTHER}:
        return columns, None
    new_columns, lines = list(columns), []
    for role, wanted in figures:
        if len(new_columns) > len(columns) and new_columns[-1].raw.hint and new_columns[-1].raw.hint.role is role:
            continue
        able = [
            column
            for place, column in enumerate(columns)
            if understanding.concepts.get(column.raw.name) in wanted
            and column.kind == "number"
            and place not in understanding.counted.by_document
        ]
        parts = _parts_of_one(able, wanted, by_place=understanding.kind in LISTS)
        if len(parts) < 2 or any(part.raw.chosen for part in parts):
            continue
        total = pl.DataFrame([p.values.alias(str(i)) for i, p in enumerate(parts)]).select(
            pl.when(pl.any_horizontal(pl.all().is_not_null())).then(pl.sum_horizontal(pl.all())).alias("sum")
        )["sum"]
        if any(_equals(total, c.values) for c in columns if c.kind == "number" and c not in parts):
            continue
        name = " + ".join(part.raw.name for part in parts)
        rivals = able if understanding.kind in LISTS else parts
        new_columns = [_of_no_role(c, f"part of {name}") if c in rivals else c for c in new_columns]
        new_columns.append(new_column(name, total, Hint(role, 0.9, "parts of one figure")))
        lines.append(f"{setting.place}: {role.value} is {name}")
    return (new_columns, CleaningReport(tuple(lines))) if lines else (columns, None)


FIGURES_OF_SALES = (
    (R.QUANTITY, {C.QUANTITY}), (R.REVENUE, {C.NET}), (R.REVENUE, {C.AMOUNT}), (R.REVENUE, {C.LINE_TOTAL}),
    (R.REVENUE, {C.GROSS}),
)  # fmt: skip
FIGURES_OF_LISTS = ((R.ON_HAND, {C.ON_HAND, C.QUANTITY}),)


def _parts_of_one(columns: Sequence[CleanColumn], wanted: Collection[Concept], *, by_place: bool) -> list[CleanColumn]:
    """Columns whose headers are a known word for the figure with another word each before it, or behind it.

    Args:
        columns: those of the figure.
        wanted: what the known word may stand for.
        by_place: whether the other words must name places, as those of a stock do.
    """
    words = {column.raw.name: normal(column.raw.name).split() for column in columns}
    for behind in (True, False):
        groups: dict[str, list[CleanColumn]] = {}
        for column in columns:
            common = _known_end(words[column.raw.name], wanted, behind=behind)
            groups.setdefault(common, []).append(column)
        for common, group in groups.items():
            alone = any(" ".join(own) == common for own in words.values())
            rests = {" ".join(words[c.raw.name]).replace(common, "").strip() for c in group}
            if not common or len(group) < 2 or len(rests) < len(group) or alone or rests & KINDS_OF_FIGURE:
                continue
            firsts = [one.concept for rest in rests for one in readings(rest)[:1]]
            if any(KIND_OF_CONCEPT.get(concept) == "number" for concept in firsts):
                continue
            if not by_place or C.STORE in firsts:
                return group
    return []


def _known_end(words: Sequence[str], wanted: Collection[Concept], *, behind: bool) -> str:
    """The longest known phrase for a figure at the end of a header, or at its beginning; "" where there is none."""
    for count in range(len(words) - 1, 0, -1):
        phrase = " ".join(words[-count:] if behind else words[:count])
        if is_phrase(phrase, wanted):
            return phrase
    return ""


KINDS_OF_FIGURE = frozenset(
    ("net", "gross", "total", "gesamt", "netto", "brutto", "ordered", "sold", "returned", "discounted", "product",
     "item", "line", "order", "unit", "tax", "shipping", "average", "min", "max", "sales", "net sales",
     "gross sales", "b2b", "lineitem", "cash", "ordered product", "sub", "grand", "net total", "paid", "excl",
     "incl", "ht", "ttc", "bruto", "neto", "lordo", "liquido", "last year", "previous", "target", "forecast",
     "budget", "this year", "base", "transaction", "invoice", "order total", "customer facing", "product sales",
     "collected", "due", "refunded", "sale", "available", "committed", "incoming", "reserved", "real", "virtual",
     "card", "discount")
)  # fmt: skip
"""Words before "sales" or "units" that tell another figure, not another part of the same one."""


def _equals(one: pl.Series, other: pl.Series) -> bool:
    close = ((one - other).abs() <= 0.011 + 1e-6 * other.abs()).drop_nulls()
    return bool(len(close) and close.mean() >= 0.9)  # type: ignore[operator]


def _one_sale_a_row(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Rows that name what was sold, and neither how much nor for how much, are one sale each; or the owner says so."""
    if setting.answer(each_row_key(setting.fingerprint), (ONE_SALE,)) and UNITS not in (c.raw.name for c in columns):
        ones = pl.Series([1.0]).new_from_index(0, len(columns[0].values))
        units = new_column(UNITS, ones, Hint(R.QUANTITY, 1.0, "each row is one sale, as you said"))
        return [*columns, units], CleaningReport((f"{setting.place}: each row is one sale, as you said",))
    roles = {column.role for column in understanding.columns}
    named = roles & {R.ITEM, R.DOCUMENT} or C.CUSTOMER in understanding.concepts.values()
    figures = roles & {R.QUANTITY, R.REVENUE, R.CHANNEL_SPEND, R.TRAFFIC, R.LEADS, R.PEOPLE_NEEDED}
    numbers = any(
        c.role is R.OTHER and c.kind == "number" and c.name not in understanding.concepts for c in understanding.columns
    )
    if understanding.kind not in SALES or not named or figures or R.DATE not in roles:
        return columns, None
    if numbers and R.PRICE not in roles:
        return columns, None
    ones = pl.Series([1.0]).new_from_index(0, len(columns[0].values))
    name = unused_name(UNITS, [column.raw.name for column in columns])
    line = f"{setting.place} names no quantity: each of its {counted(len(ones), 'row')} is one unit sold."
    return [*columns, new_column(name, ones, Hint(R.QUANTITY, 0.9, "each row is one sale"))], CleaningReport(
        warnings=(line,)
    )


def each_row_key(fingerprint: str) -> str:
    """Under what it is remembered that each row of a table is one sale."""
    return f"{fingerprint}//each row"


def _column_of(columns: Sequence[CleanColumn], understanding: TableMeaning, role: ColumnRole) -> CleanColumn | None:
    return next((c for c, column in zip(columns, understanding.columns, strict=True) if column.role is role), None)


def _of_concept(columns: Sequence[CleanColumn], understanding: TableMeaning, concept: Concept) -> list[CleanColumn]:
    return [column for column in columns if understanding.concepts.get(column.raw.name) is concept]


def _of_no_role(column: CleanColumn, why: str) -> CleanColumn:
    return replace(column, raw=replace(column.raw, hint=Hint(R.OTHER, 0.9, why)))


STEPS = (
    _whole_names, _lines_of_orders, _whole_documents, _one_level, _whole_items, _one_total, _sums_of_groups,
    _one_sale_a_row, in_days_and_units, which_money, which_rows,
)  # fmt: skip
"""What is done with the columns once it is known what they mean, in this order."""
