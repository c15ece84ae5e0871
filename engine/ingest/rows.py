"""What the rows of a table leave unsaid: parts of a figure, one sale a row, heads of groups, the period of them all."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from itertools import permutations

import polars as pl

from engine.business.standing import CANCELLED
from engine.dataset import CleaningReport, ColumnRole, Repair, in_words
from engine.ingest.columns import (
    CleanColumn,
    CleanRows,
    Setting,
    counted,
    join,
    keep_rows,
    new_column,
    unused_name,
)
from engine.ingest.inferred_formats import PERIOD
from engine.ingest.meaning.assign import TableMeaning, understand
from engine.ingest.meaning.concepts import KIND_OF_CONCEPT, Concept
from engine.ingest.meaning.kinds import LISTS, PEOPLE, SALES, K
from engine.ingest.meaning.money import LESS_BY_TAX
from engine.ingest.meaning.names import FAMILY, GIVEN, Hint, is_phrase, normal, readings
from engine.ingest.meaning.profile import MOST_BESIDE, MOST_RELATED, RoleCandidate, differs_by, is_steady
from engine.ingest.order_lines import (
    Step,
    column_of,
    discounts_of_orders,
    equals,
    filled_within,
    less_refunds,
    lines_of_orders,
    of_concept,
    of_no_role,
    one_level,
    one_total,
    whole_documents,
    worth_of_goods,
)
from engine.ingest.periods import days_in, run_of_sizes
from engine.ingest.sale_questions import which_money, which_rows
from engine.ingest.units_of_measure import in_days_and_units

C, R = Concept, ColumnRole

UNITS, NAME, ONE_SALE = "Units (one a row)", "Name", "one sale"

MOST_WORDS_OF_REMARK, MOST_GONE = 3, 0.3
"""Words of a remark that says nothing but that a row is no sale, and the share of such rows at most."""

FEWEST_CELLS, MOST_HEADS = 3, 0.35
"""Columns that a row must have so that one with a single cell tells something, and the share of such rows at most."""


def read_meaning(
    columns: Sequence[CleanColumn], setting: Setting
) -> tuple[list[CleanColumn], TableMeaning, CleaningReport]:
    """What the columns mean, and the columns completed by what that tells.

    Args:
        columns: the typed columns.
        setting: where they stand.
    """
    current, reports = list(columns), []
    understanding = meaning_of(current, setting.title)
    for step in STEPS:
        completed, report = step(current, understanding, setting)
        if completed is not current:
            current, understanding = completed, meaning_of(completed, setting.title)
        if report is not None:
            reports.append(report)
    return current, understanding, join(*reports)


def meaning_of(columns: Sequence[CleanColumn], title: str = "") -> TableMeaning:
    """What typed columns mean, together, under the title of their table."""
    return understand([RoleCandidate(c.raw.name, c.kind, c.values, c.raw.hint) for c in columns], title)


def _without_heads(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Rows with nothing but a word where people or articles are named head a group of the rows below them."""
    names = column_of(columns, understanding, R.EMPLOYEE) or column_of(columns, understanding, R.ITEM)
    if names is None or understanding.kind not in PEOPLE | LISTS or len(columns) < FEWEST_CELLS:
        return columns, None
    filled = [column.values.is_not_null() for column in columns]
    cells = pl.DataFrame([each.alias(str(place)) for place, each in enumerate(filled)]).sum_horizontal()
    heads = (cells == 1) & names.values.is_not_null() & (cells.shift(-1) > 1).fill_null(value=False)
    once = names.values.is_unique()
    heads = heads & once
    if not heads.any() or heads.mean() > MOST_HEADS or cells.filter(~heads).median() < FEWEST_CELLS:  # type: ignore[operator]
        return columns, None
    numbers = pl.Series("row", range(len(heads)), dtype=pl.Int64)
    rest = keep_rows(CleanRows(tuple(columns), numbers), ~heads)
    named = ", ".join(map(str, names.values.filter(heads).head(4)))
    repair = Repair(
        f"took lines that only head a group for no rows of their own: {named}", int(heads.sum()), setting.place
    )
    return list(rest.columns), CleaningReport(repairs=(repair,))


def _of_one_period(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Sales without any date are those of the period that the title names."""
    roles = {column.role for column in understanding.columns}
    sold = roles & {R.QUANTITY, R.REVENUE} and roles & {R.ITEM, R.CATEGORY, R.CODE}
    reported = understanding.kind in (K.ADS, K.TRAFFIC)
    if not (reported or (understanding.kind is K.OTHER and sold)) or any(column.kind == "date" for column in columns):
        return columns, None
    days = days_in(setting.title)
    if not days or (len(set(days)) == 1 and days[0].day > 1):  # the day on which it was printed, or counted
        return columns, None
    first, last = min(days), max(days)
    name = unused_name(PERIOD, [column.raw.name for column in columns])
    values = pl.Series(name, [first]).new_from_index(0, len(columns[0].values))
    line = (
        f"{setting.place} has no dates: all of it is of the period that stands above it, from {in_words(first)} to "
        f"{in_words(last)}."
    )
    return [*columns, new_column(name, values, Hint(R.DATE, 0.9, "the title says so"))], CleaningReport(
        warnings=(line,)
    )


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
    rest = [of_no_role(c, f"part of {NAME}") if c is given or c is family else c for c in columns]
    line = f"{setting.place}: {NAME} is {given.raw.name} and {family.raw.name}"
    return [joined, *rest], CleaningReport((line,))


def _whole_items(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """In a list of products, a title that stands on the first variant only is that of all, each with its variant."""
    if understanding.kind not in LISTS:
        return columns, None
    titles = of_concept(columns, understanding, C.ITEM)
    codes = [c for c in of_concept(columns, understanding, C.CODE) if not c.values.null_count()]
    title = next((column for column in titles if 0 < column.values.null_count() < len(column.values)), None)
    group = next((c for c in codes if title is not None and _are_variants(title.values, c.values)), None)
    if title is None or group is None:
        return columns, None
    whole = filled_within(group.values.cast(pl.String), title.values)
    variants = [c for c in of_concept(columns, understanding, C.VARIANT) if c.values.n_unique() > 1]
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
        if len(parts) < 2 or any(part.raw.chosen for part in parts) or _tell_the_same(parts, columns):
            continue
        total = pl.DataFrame([p.values.alias(str(i)) for i, p in enumerate(parts)]).select(
            pl.when(pl.any_horizontal(pl.all().is_not_null())).then(pl.sum_horizontal(pl.all())).alias("sum")
        )["sum"]
        if any(equals(total, c.values) for c in columns if c.kind == "number" and all(c is not part for part in parts)):
            continue
        name = " + ".join(part.raw.name for part in parts)
        rivals = able if understanding.kind in LISTS else parts
        new_columns = [
            of_no_role(c, f"part of {name}") if any(c is rival for rival in rivals) else c for c in new_columns
        ]
        new_columns.append(new_column(name, total, Hint(role, 0.9, "parts of one figure")))
        lines.append(f"{setting.place}: {role.value} is {name}")
    return (new_columns, CleaningReport(tuple(lines))) if lines else (columns, None)


def _tell_the_same(parts: Sequence[CleanColumn], columns: Sequence[CleanColumn]) -> bool:
    """True where one part is another one less a third column, or a steady share of it: with tax, and without."""
    numbers = [column for column in columns if column.kind == "number"]
    pairs = [
        (more, less) for more, less in permutations(parts[:MOST_RELATED], 2) if more.values.sum() > less.values.sum()
    ]
    cuts = [column.values for column in numbers if all(column is not part for part in parts)]
    return any(
        is_steady(less.values, more.values, between=LESS_BY_TAX)
        or any(differs_by(more.values, cut, less.values) for cut in cuts)
        for more, less in pairs
    )


def _taken_back_by_hand(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Rows that a remark calls cancelled, where no column says which rows stand, are marked so."""
    roles = {column.role for column in understanding.columns}
    if understanding.kind not in SALES | {K.OTHER} or roles & {R.STATUS, R.VOID} or not roles & {R.QUANTITY, R.REVENUE}:
        return columns, None
    for remark in of_concept(columns, understanding, C.TEXT):
        said = remark.values.cast(pl.String).str.strip_chars().str.to_lowercase() if remark.kind == "text" else None
        if said is None:
            continue
        short = said.str.split(" ").list.len() <= MOST_WORDS_OF_REMARK
        gone = (said.str.contains(rf"^(?:{'|'.join(map(re.escape, CANCELLED))})") & short).fill_null(value=False)
        if gone.any() and gone.mean() <= MOST_GONE:  # type: ignore[operator]
            name = unused_name(f"{remark.raw.name}: {said.filter(gone)[0]}", [column.raw.name for column in columns])
            marks = pl.DataFrame({"gone": gone, "said": remark.values}).select(pl.when("gone").then("said").alias(name))
            return [*columns, new_column(name, marks[name], Hint(R.VOID, 0.9, "a remark says so"))], None
    return columns, None


def _of_sizes(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Figures that stand in a column a size are added up: what lies there in a list, what was sold on days."""
    numbers = [column for column in columns if column.kind == "number"][:MOST_BESIDE]
    runs = ((first, last) for first in range(len(numbers)) for last in range(len(numbers), first + 2, -1))
    sizes = next((numbers[a:b] for a, b in runs if run_of_sizes([c.raw.name for c in numbers[a:b]])), [])
    named = {column.raw.name for column in sizes}
    roles = {column.role for column in understanding.columns if column.name not in named}
    if not sizes or roles & {R.ON_HAND, R.QUANTITY} or R.ITEM not in roles or any(c.raw.chosen for c in sizes):
        return columns, None
    name = unused_name(f"{sizes[0].raw.name} to {sizes[-1].raw.name}", [column.raw.name for column in columns])
    frame = pl.DataFrame([column.values.alias(str(place)) for place, column in enumerate(sizes)])
    role = R.QUANTITY if R.DATE in roles else R.ON_HAND
    total = new_column(name, frame.sum_horizontal().rename(name), Hint(role, 0.9, "the sizes, added up"))
    rest = [of_no_role(c, f"part of {name}") if any(c is size for size in sizes) else c for c in columns]
    return [*rest, total], CleaningReport((f"{setting.place}: {role.value} is all sizes, {name}",))


def _of_places(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """In a list of stock that names no stock, whole numbers side by side are what lies in several places."""
    roles = {column.role for column in understanding.columns}
    if understanding.kind is not K.STOCK or roles & {R.ON_HAND, R.QUANTITY}:
        return columns, None
    side = columns[: 2 * MOST_BESIDE]
    able = [_counts_of_place(column, understanding.concepts.get(column.raw.name)) for column in side]
    runs = [
        (a, b) for a in range(len(able)) for b in range(a + 2, len(able) + 1) if all(x is not None for x in able[a:b])
    ]
    if not runs:
        return columns, None
    first, last = max(runs, key=lambda run: run[1] - run[0])
    name = " + ".join(column.raw.name for column in columns[first:last])
    frame = pl.DataFrame([values.alias(str(k)) for k, values in enumerate(able[first:last]) if values is not None])
    total = new_column(name, frame.sum_horizontal().rename(name), Hint(R.ON_HAND, 0.8, "what lies in several places"))
    rest = [of_no_role(c, f"part of {name}") if first <= k < last else c for k, c in enumerate(columns)]
    return [*rest, total], CleaningReport((f"{setting.place}: {R.ON_HAND.value} is {name}",))


def _counts_of_place(column: CleanColumn, concept: Concept | None) -> pl.Series | None:
    """Whole numbers, of a column that is called like a place or like nothing known; None for others."""
    if column.raw.chosen or concept not in (None, C.STORE):
        return None
    values = column.values.cast(pl.String).cast(pl.Float64, strict=False)
    known = values.drop_nulls()
    whole = len(known) and len(known) == len(column.values.drop_nulls()) and bool((known % 1 == 0).all())
    return values if whole else None


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
    day = column_of(columns, understanding, R.DATE)
    first = day.values.min() if day is not None and day.kind == "date" else None
    if setting.today is not None and isinstance(first, date) and first > setting.today:
        return columns, None  # what is planned was not sold
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


STEPS = (
    _whole_names, _without_heads, _of_one_period, lines_of_orders, whole_documents, one_level, _whole_items, one_total,
    discounts_of_orders, _taken_back_by_hand, worth_of_goods, less_refunds, _of_sizes, _of_places, _sums_of_groups,
    _one_sale_a_row, in_days_and_units, which_money, which_rows,
)  # fmt: skip
"""What is done with the columns once it is known what they mean, in this order."""
