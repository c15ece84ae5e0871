"""What the lines of one order leave unsaid: fields on its first line only, totals and discounts of the whole order."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, permutations, product

import polars as pl

from engine.dataset import REPEATABLE_ROLES, CleaningReport, ColumnRole, Repair, Table, TableKind
from engine.ingest.columns import CleanColumn, Setting, any_of, counted, new_column, unused_name
from engine.ingest.meaning.assign import TableMeaning
from engine.ingest.meaning.concepts import MONEY, Concept
from engine.ingest.meaning.kinds import SALES, K
from engine.ingest.meaning.names import Hint

C, R = Concept, ColumnRole

OF_DOCUMENT = frozenset({R.DATE, R.STATUS, R.VOID, R.STORE, R.CHANNEL})
"""What is true of a whole order when it is true of its first line."""

MOSTLY, FEWEST_ORDERS = 0.95, 3
"""Share of the lines that is nearly all, and orders from which it is told how their rows hang together."""

MOST_EXTRAS, CENT, MOST_REFUNDED = 5, 0.011, 0.5
"""Columns of tax, shipping, tips and fees that a total is looked for in, what two amounts may differ by, and the share
of the sales that goes back at most."""

Step = tuple[list[CleanColumn], CleaningReport | None]


def whole_documents(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Fields that stand on the first line of an order are those of all its lines."""
    document = column_of(columns, understanding, R.DOCUMENT)
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
        whole = filled_within(numbers, column.values)
        more = column.values.null_count() - whole.null_count()
        if more:
            completed[place] = replace(new_column(column.raw.name, whole, column.raw.hint), kind=column.kind)
            what = f"carried down to the other lines of the same {document.raw.name}"
            repairs.append(Repair(what, more, f"{setting.place}, column {column.raw.name}"))
    return (completed, CleaningReport(repairs=tuple(repairs))) if repairs else (columns, None)


def dated_by_orders(tables: Sequence[Table]) -> tuple[list[Table], CleaningReport]:
    """The tables, those of lines without a date with the date of the order that each names, and what is true of it.

    Args:
        tables: of one business; the orders are in another table than their lines.
    """
    whole, notes = list(tables), []
    for place, lines in enumerate(tables):
        if lines.has(R.DATE) or not lines.has(R.DOCUMENT) or not any(map(lines.has, (R.QUANTITY, R.REVENUE))):
            continue
        for orders in tables:
            dated = _dated_by(lines, orders) if orders.has(R.DATE, R.DOCUMENT) else None
            if dated is not None:
                whole[place] = dated
                number = orders.require(R.DOCUMENT).name
                notes.append(f"{lines.name} takes its dates from {orders.name}, by {number}")
                break
    return whole, CleaningReport(tuple(notes))


def _dated_by(lines: Table, orders: Table) -> Table | None:
    """The lines with what is true of their orders; None where many name an order that is not there, or there twice."""
    own, theirs = (
        table.frame[table.require(R.DOCUMENT).name].cast(pl.String).str.strip_suffix(".0") for table in (lines, orders)
    )
    taken = [
        c for c in orders.columns if c.role in OF_DOCUMENT and (c.role in REPEATABLE_ROLES or not lines.has(c.role))
    ]
    columns = [replace(c, name=unused_name(c.name, lines.frame.columns)) for c in taken]
    told = orders.frame.select(pl.col(c.name).alias(new.name) for c, new in zip(taken, columns, strict=True))
    of_orders = told.with_columns(theirs.alias("#order")).drop_nulls("#order")
    there = own.is_in(theirs.drop_nulls().implode()).sum()
    if of_orders["#order"].is_duplicated().any() or len(own) < FEWEST_ORDERS or there < MOSTLY * len(own):
        return None
    joined = lines.frame.with_columns(own.alias("#order")).join(
        of_orders, on="#order", how="left", maintain_order="left"
    )
    headers = lines.headers or tuple(column.name for column in lines.columns)
    whole = replace(lines, frame=joined.drop("#order"), columns=(*lines.columns, *columns), headers=headers)
    return replace(whole, kind=TableKind.SALE_LINES)


def lines_of_orders(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Lines on which the number of the order and its date are blank belong to the order above them."""
    numbers = [c for c in of_concept(columns, understanding, C.DOCUMENT) if 0 < c.values.null_count() < len(c.values)]
    items = of_concept(columns, understanding, C.ITEM) or of_concept(columns, understanding, C.QUANTITY)
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


def one_level(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """Where a kind of rows adds up, document by document, what another kind lists, only the lines count."""
    document, kinds = (column_of(columns, understanding, role) for role in (R.DOCUMENT, R.ROW_TYPE))
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
        if equals(both["sum"], both["sum_part"]):
            drop = (kinds.values == whole).fill_null(value=False)
            blanked = [_blanked(c, drop) if c.kind == "number" else c for c in columns]
            line = (
                f"{counted(int(drop.sum()), 'row')} of the kind {whole!r} in {setting.place} add up the rows of "
                f"the kind {part!r} and do not count a second time."
            )
            return (blanked, CleaningReport(warnings=(line,))) if drop.any() else (columns, None)
    return columns, None


def one_total(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """A total of the whole document that stands on each of its lines is shared out over them."""
    counts = understanding.counted
    document = column_of(columns, understanding, R.DOCUMENT)
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
    rest = [of_no_role(c, "repeated on each line") if c is total else c for c in columns]
    line = (
        f"{total.raw.name} in {setting.place} is the total of each {document.raw.name}, repeated on its lines: it "
        f"counts once, {float(shared.sum()):,.2f} and not {float(total.values.sum()):,.2f}."
    )
    return [*rest, column], CleaningReport(warnings=(line,))


def discounts_of_orders(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """A discount of the whole order comes off its lines, where the totals of the orders show that it is theirs."""
    document = column_of(columns, understanding, R.DOCUMENT)
    lines, counts = _line_money(columns, understanding), understanding.counted
    if document is None or lines is None or understanding.kind not in SALES:
        return columns, None
    by_order = [c for place, c in enumerate(columns) if place in counts.by_document and c.kind == "number"]
    cuts = [c for c in by_order if understanding.concepts.get(c.raw.name) is C.DISCOUNT]
    totals = [c for c in by_order if understanding.concepts.get(c.raw.name) in (*MONEY, C.BALANCE)]
    added = [c for c in by_order if understanding.concepts.get(c.raw.name) in (C.SHIPPING, C.TAX, C.TIP, C.FEE)]
    orders = _by_order(document, [lines, *(c.values for c in (*cuts, *totals, *added))])
    names = [str(place) for place in range(1, orders.width - 1)]
    for cut, total in product(names[: len(cuts)], names[len(cuts) : len(cuts) + len(totals)]):
        extras = names[len(cuts) + len(totals) :]
        if not any(
            _makes_up(orders, cut, total, some) for n in range(len(extras) + 1) for some in combinations(extras, n)
        ):
            continue
        discount = cuts[int(cut) - 1]
        frame = pl.DataFrame({"document": document.values.cast(pl.String), "line": lines, "cut": discount.values})
        once = pl.col("cut").drop_nulls().first().over("document").abs().fill_null(0.0)
        whole = pl.col("line").sum().over("document")
        less = frame.select(pl.when(whole > 0).then(pl.col("line") * (1 - once / whole)).otherwise("line"))
        name = unused_name(f"Line less {discount.raw.name}", [c.raw.name for c in columns])
        column = new_column(
            name, less.to_series(), Hint(R.REVENUE, 0.95, f"{discount.raw.name} of the order taken off")
        )
        money = counts.revenue
        rest = [
            of_no_role(c, "before the discount of the order") if place == money else c
            for place, c in enumerate(columns)
        ]
        line = (
            f"{discount.raw.name} in {setting.place} is that of the whole {document.raw.name}: taken off its lines "
            f"it makes {float(column.values.sum()):,.2f} and not {float(lines.sum()):,.2f}."
        )
        return [*rest, column], CleaningReport(warnings=(line,))
    return columns, None


def worth_of_goods(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """What was paid for the goods, where a total is them less a discount and with tax, shipping, tip or fees."""
    money = column_of(columns, understanding, R.REVENUE)
    if understanding.kind not in SALES or (money is not None and money.raw.chosen):
        return columns, None
    counts = understanding.counted
    alone = {
        p: c.values.fill_null(0.0) for p, c in enumerate(columns) if c.kind == "number" and p not in counts.by_document
    }
    of = {place: understanding.concepts.get(columns[place].raw.name) for place in alone}
    totals = [place for place in alone if of[place] in MONEY]
    bases = {place: alone[place] for place in totals}
    if counts.price in alone:
        units = alone.get(counts.quantity) if counts.quantity is not None else None
        bases[counts.price] = alone[counts.price] if units is None else alone[counts.price] * units
    cuts = [place for place in alone if of[place] is C.DISCOUNT]
    extras = [alone[place] for place in alone if of[place] in (C.SHIPPING, C.TAX, C.TIP, C.FEE)][:MOST_EXTRAS]
    sums = [list(some) for n in range(len(extras) + 1) for some in combinations(extras, n)]
    for total, (base, goods), cut in product(totals, bases.items(), (None, *cuts)):
        wanted = total if counts.revenue is None else counts.revenue
        if total == base or wanted not in (total, base):
            continue
        discount = goods * 0.0 if cut is None else alone[cut].abs()
        less = goods - discount
        if not any(_adds_up_to(less, added, alone[total], discount) for added in sums):
            continue
        told = discount != 0 if cut is not None else goods != alone[total]
        if any(equals(less.filter(told), alone[place].filter(told)) for place in totals):
            return columns, None
        return _with_goods(columns, less, wanted, (columns[base], None if cut is None else columns[cut]), setting)
    return columns, None


def _adds_up_to(less: pl.Series, added: Sequence[pl.Series], total: pl.Series, discount: pl.Series) -> bool:
    """True where the goods and what is added are the total, in the rows with a discount or an addition as in all."""
    made, moved = less, discount != 0
    for part in added:
        made, moved = made + part, moved | (part != 0)
    close = (made - total).abs() <= CENT + 1e-6 * total.abs()
    enough = int(moved.sum()) >= FEWEST_ORDERS and all((part != 0).any() for part in added)
    cut = discount != 0
    parts = [close, close.filter(moved), *([close.filter(cut)] if cut.any() else [])]
    return enough and all(float(part.sum()) >= MOSTLY * len(part) for part in parts)


def _with_goods(
    columns: list[CleanColumn],
    values: pl.Series,
    money: int,
    parts: tuple[CleanColumn, CleanColumn | None],
    setting: Setting,
) -> Step:
    """The columns with what the goods were sold for as the revenue."""
    base, cut = parts
    words = base.raw.name if cut is None else f"{base.raw.name} less {cut.raw.name}"
    name = unused_name(f"Goods: {words}", [column.raw.name for column in columns])
    column = new_column(name, values.rename(name), Hint(R.REVENUE, 0.95, "what was paid for the goods"))
    rest = [of_no_role(c, "not what the goods were sold for") if p == money else c for p, c in enumerate(columns)]
    line = (
        f"What was paid for the goods in {setting.place} is {words}, {float(values.sum()):,.2f}; "
        f"{columns[money].raw.name} would make {float(columns[money].values.sum()):,.2f}."
    )
    return [*rest, column], CleaningReport(warnings=(line,))


def less_refunds(columns: list[CleanColumn], understanding: TableMeaning, setting: Setting) -> Step:
    """What went back to the customer of a sale, in a column of its own, comes off what it was sold for."""
    money = column_of(columns, understanding, R.REVENUE) or column_of(columns, understanding, R.PRICE)
    if money is None or money.raw.chosen or understanding.kind not in SALES - {K.DAILY_TOTALS}:
        return columns, None
    by_document = [columns[place] for place in understanding.counted.by_document]
    refunds = [c for c in of_concept(columns, understanding, C.REFUND) if c.kind == "number"]
    refunds = [c for c in refunds if all(c is not one for one in by_document) and _sum(c.values) > 0]
    units = column_of(columns, understanding, R.QUANTITY)
    if not refunds or understanding.concepts.get(money.raw.name) is C.NET:
        return columns, None
    priced = understanding.concepts.get(money.raw.name) is C.PRICE and units is not None
    sold = money.values * units.values if priced and units is not None else money.values
    refund = max(refunds, key=lambda column: _sum(column.values))
    back = refund.values.abs().fill_null(0.0)
    within = (back <= sold.abs().fill_null(0.0) + CENT).sum()
    if within < MOSTLY * len(back) or _sum(back) > MOST_REFUNDED * _sum(sold):
        return columns, None
    name = unused_name(f"{money.raw.name} less {refund.raw.name}", [c.raw.name for c in columns])
    column = new_column(name, (sold - back).rename(name), Hint(R.REVENUE, 0.95, f"{refund.raw.name} taken off"))
    rest = [of_no_role(c, "before refunds") if c is money and not priced else c for c in columns]
    told = f"{refund.raw.name} in {setting.place} went back to customers, {_sum(back):,.2f}"
    line = f"{told}: it comes off {money.raw.name}."
    return [*rest, column], CleaningReport(warnings=(line,))


def _sum(values: pl.Series) -> float:
    return float(values.abs().sum() or 0.0)


def _line_money(columns: Sequence[CleanColumn], understanding: TableMeaning) -> pl.Series | None:
    """The money of each line, by its own column or as units times price; None where the owner chose, or neither is."""
    counts = understanding.counted
    if counts.revenue is not None and counts.revenue not in counts.by_document:
        return None if columns[counts.revenue].raw.chosen else columns[counts.revenue].values.fill_null(0.0)
    if counts.revenue is None and counts.quantity is not None and counts.price is not None:
        return (columns[counts.quantity].values * columns[counts.price].values).fill_null(0.0)
    return None


def _by_order(document: CleanColumn, values: Sequence[pl.Series]) -> pl.DataFrame:
    """For each order the sum of its lines, "0", and what stands once for all of it."""
    frame = pl.DataFrame(
        [document.values.cast(pl.String).alias("document"), *(v.alias(str(i)) for i, v in enumerate(values))]
    )
    once = [pl.col(str(place)).drop_nulls().first().fill_null(0.0) for place in range(1, len(values))]
    return frame.drop_nulls("document").group_by("document").agg(pl.col("0").sum(), *once)


def _makes_up(orders: pl.DataFrame, cut: str, total: str, added: Sequence[str]) -> bool:
    """True where the lines less the discount, and what is added, are the total of nearly all orders with a discount."""
    rows = orders.filter(pl.col(cut) != 0, pl.col(total) != 0)
    if rows.height < FEWEST_ORDERS:
        return False
    made = rows["0"] - rows[cut].abs()
    for name in added:
        made = made + rows[name]
    return equals(made, rows[total]) and not equals(rows["0"], rows[total])


def column_of(columns: Sequence[CleanColumn], understanding: TableMeaning, role: ColumnRole) -> CleanColumn | None:
    """The first column with a role, or None."""
    return next((c for c, column in zip(columns, understanding.columns, strict=True) if column.role is role), None)


def of_concept(columns: Sequence[CleanColumn], understanding: TableMeaning, concept: Concept) -> list[CleanColumn]:
    """The columns that are a concept by their names."""
    return [column for column in columns if understanding.concepts.get(column.raw.name) is concept]


def of_no_role(column: CleanColumn, why: str) -> CleanColumn:
    """The column as one that takes no part, and why."""
    return replace(column, raw=replace(column.raw, hint=Hint(R.OTHER, 0.9, why)))


def filled_within(documents: pl.Series, values: pl.Series) -> pl.Series:
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


def equals(one: pl.Series, other: pl.Series) -> bool:
    """True where two columns of money are the same, to a cent, in nearly all rows that have both."""
    close = ((one - other).abs() <= 0.011 + 1e-6 * other.abs()).drop_nulls()
    return bool(len(close) and close.mean() >= 0.9)  # type: ignore[operator]


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
