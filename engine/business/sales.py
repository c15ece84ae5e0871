"""One row a sale line: quantity, price and revenue reconciled, of one table or several; what does not count is said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.business.calendar import find_calendar, period_of, stray_days
from engine.business.contract import Contract, Field
from engine.business.decisions import Decision, Topic, counted, verb
from engine.business.items import key_of
from engine.business.standing import MARKS, without_cancelled, without_tips
from engine.business.tables import SalesTable
from engine.dataset import TableKind, in_words

SALES = Contract(
    "sales",
    {
        "day": Field(pl.Date, "the day of the sale, not after today", required=True),
        "item": Field(pl.String, "the item's name; null where the row names none"),
        "category": Field(pl.String, "the item's category, from the row or from the list of items"),
        "store": Field(pl.String, "the store"),
        "channel": Field(pl.String, "the sales channel"),
        "source": Field(pl.String, "the sheet or file", required=True),
        "document": Field(pl.String, "order, invoice or receipt number"),
        "code": Field(pl.String, "the item's code, where the row names it too"),
        "quantity": Field(pl.Float64, "units sold; negative for a return"),
        "revenue": Field(pl.Float64, "money taken, in the business's currency; negative for a return"),
        "price": Field(pl.Float64, "money per unit, as the row says it"),
        "promotion": Field(pl.Float64, "share of the row that was sold on promotion, 0..1; null without such a column"),
        "on_hand": Field(pl.Float64, "units on the shelf beside the sale"),
        "supplier": Field(pl.String, "the item's supplier, from the row or from the list of items"),
        "cost": Field(pl.Float64, "money per unit, from the row or from the list of items"),
        "lead_time": Field(pl.Float64, "days from order to delivery, from the row"),
        "case_pack": Field(pl.Float64, "units per pack, from the row"),
    },
)
"""The sales of a business: one row a sale line."""

TEXTS = ("item", "category", "store", "channel", "document", "code", "supplier")
NUMBERS = ("quantity", "revenue", "price", "on_hand", "cost", "lead_time", "case_pack")

NOT_PROMOTED = (
    "", "no", "n", "false", "f", "0", "0.0", "0%", "0 %", "none", "-", "nein", "non", "nee", "não", "nao", "nej",
    "off", "regular", "regular price", "normal", "no promo", "no promotion",
)  # fmt: skip
AGREE = 0.01
"""Revenue and quantity times price agree when they differ by at most this share."""

CUTS = (
    "discount", "rabatt", "remise", "descuento", "sconto", "desconto", "korting", "rabat", "sleva", "zľava", "alennus",
    "kedvezmény", "indirim", "reducere", "nachlass", "gutschein", "voucher", "coupon", "promo", "skonto", "réduction",
    "reduction", "bon d'achat", "buono", "cupón", "cupom", "vale",
)  # fmt: skip
"""How the names of lines begin that take something off."""

MOST_AGAINST = 0.9
"""Share of the rows from which units with another sign than their money are written as what leaves the stock."""

CLOSE, MOST_DAYS = 0.01, 0.8
"""Two sums are the same within this share; two tables tell the same sales where so many of their periods are."""

TAXED = (0.75, 1.34)
STEADY = 0.03
FEWEST_PERIODS = 5
"""Between these ratios, and steady to this share over so many periods, one table has the tax that the other has not."""

SHARED_DOCUMENTS = 0.3
"""Share of the documents of the smaller table that the other has too, from which both tell the same sales."""

OF_SALES = frozenset(
    {
        TableKind.SALE_LINES,
        TableKind.ORDERS,
        TableKind.INVOICES,
        TableKind.DAILY_TOTALS,
        TableKind.PAYMENTS,
        TableKind.OTHER,
    }
)


@dataclass(frozen=True, eq=False)
class Sales:
    """The sales of a business, and what was decided about them.

    Attributes:
        frame: as in `SALES`.
        decisions: what was left out or filled, with counts.
    """

    frame: pl.DataFrame
    decisions: tuple[Decision, ...]


def clean_sales(table: SalesTable, today: date, *, alone: bool = True) -> Sales:
    """The rows that count, with quantity, price and revenue reconciled.

    Where a row names its revenue, that is the revenue; else it is quantity times price. Where a row names its
    quantity, that is the quantity; else it is revenue divided by price. Rows after today, rows without a date, a few
    stray days, and rows that a status calls cancelled, void, failed, draft or refunded do not count.

    Args:
        table: the sales as they were read.
        today: the owner's date.
        alone: whether there are no other sales: then rows stand of which none would be left.
    """
    rows, decisions = one_spelling(_typed(table))
    rows, undated = _without_undated(rows)
    rows, later = without_future(rows, today)
    rows, strays = without_strays(rows)
    rows, cancelled = without_cancelled(rows, table.headers, payments=table.kind is TableKind.PAYMENTS, alone=alone)
    rows, tips = without_tips(rows)
    decisions += [*undated, *later, *strays, *cancelled, *tips]
    rows, filled = reconcile(rows, table)
    rows, turned = _signed(rows)
    decisions += [*filled, *turned, *_returns(rows)]
    return Sales(SALES.completed(rows), tuple(decisions))


def reconcile(rows: pl.DataFrame, table: SalesTable) -> tuple[pl.DataFrame, list[Decision]]:
    """Fill each blank of quantity, price and revenue from the other two, where the file has such a column at all."""
    has_quantity, has_price, has_revenue = (name in table.frame.columns for name in ("quantity", "price", "revenue"))
    quantity, price, revenue = pl.col("quantity"), pl.col("price"), pl.col("revenue")
    decisions = list(_disagreeing(rows)) if has_quantity and has_price and has_revenue else []
    full = rows.with_columns(
        revenue=pl.coalesce(revenue, quantity * price),
        quantity=pl.coalesce(quantity, pl.when(price > 0).then(revenue / price)) if has_quantity else quantity,
    )
    full = full.with_columns(
        price=pl.coalesce(price, pl.when(quantity != 0).then(revenue / quantity)) if has_price else price
    )
    if has_revenue:
        decisions += _filled(rows, full, "revenue", "units times unit price", table)
    elif has_price and has_quantity:
        rows_with = full["revenue"].count()
        sentence = f"Revenue = {table.headers['quantity']} x {table.headers['price']}, in {counted(rows_with)}."
        decisions.append(Decision(Topic.TABLES, sentence))
    decisions += _filled(rows, full, "quantity", "revenue divided by unit price", table)
    empty = full.filter(pl.col("quantity").is_null() & pl.col("revenue").is_null()).height
    if empty:
        says = f"{counted(empty)} {verb(empty, 'has', 'have')} no number and {verb(empty, 'is', 'are')} not counted."
        decisions.append(Decision(Topic.NO_FIGURE, says, empty))
    return full, decisions


def one_spelling(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Decision]]:
    """The rows with each name in its most usual spelling: case and blanks tell no two names apart."""
    decisions = []
    for column in ("item", "category", "store", "channel"):
        counts = rows[column].drop_nulls().value_counts().sort("count", column, descending=[True, False])
        usual: dict[str, str] = {}
        for name in counts[column]:
            usual.setdefault(key_of(name), name.strip())
        other = {name: usual[key_of(name)] for name in counts[column] if name != usual[key_of(name)]}
        if other:
            touched = int(rows[column].is_in(list(other)).sum())
            named = ", ".join(map(repr, list(other)[:3]))
            says = (
                f"{counted(touched)} {verb(touched, 'spells', 'spell')} the {column} otherwise than the rest: {named}."
            )
            decisions.append(Decision(Topic.SPELLING, says, touched))
            rows = rows.with_columns(pl.col(column).replace(other))
    return rows, decisions


def is_promoted(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The share of a row that was sold on promotion: yes and no, 1 and 0, a cross, a name, or a discount."""
    if dtype.is_numeric():
        return column.fill_null(0.0).clip(0.0, 1.0).cast(pl.Float64)
    text = column.cast(pl.String).str.strip_chars().str.to_lowercase()
    return (text.is_not_null() & ~text.is_in(list(NOT_PROMOTED))).cast(pl.Float64)


def compare_report(sales: pl.DataFrame, report: SalesTable, today: date) -> str:
    """How a second table of sales, such as weekly totals beside the marketing spend, compares with the sales.

    Args:
        sales: the rows that count, as in `SALES`.
        report: the other table.
        today: the day on which it is asked.
    """
    name, rows = report.tables[0], clean_sales(report, today).frame
    figure = next((each for each in ("revenue", "quantity") if each in report.headers), "revenue")
    if rows.is_empty() or sales.is_empty():
        return f"{name} is not counted as sales."
    calendar = find_calendar(rows["day"].unique().to_list())
    last: date = sales["day"].max()  # type: ignore[assignment]
    sums = [
        part.group_by(period_of(calendar).alias("period")).agg(pl.col(figure).sum())
        for part in (rows, sales.filter(pl.col("day") <= calendar.end_of(last)))
    ]
    both = sums[0].join(sums[1], on="period", suffix="_sold")
    same = both.filter((pl.col(figure) - pl.col(f"{figure}_sold")).abs() <= AGREE * pl.col(figure).abs().clip(0.01))
    noun = calendar.frequency.period
    verdict = f"agrees with the sales in {same.height:,} of {counted(both.height, noun)}"
    return f"{report.headers[figure]} in {name} is not counted again; it {verdict}."


def without_future(rows: pl.DataFrame, today: date) -> tuple[pl.DataFrame, list[Decision]]:
    """The rows up to today, and what was left out."""
    later = rows.filter(pl.col("day") > today)
    if later.is_empty() or later.height == rows.height:
        return rows.filter(pl.col("day") <= today), _all_later(later, rows)
    latest: date = later["day"].max()  # type: ignore[assignment]
    says = (
        f"{counted(later.height)} dated after today, up to {in_words(latest)}, {verb(later.height, 'is', 'are')} left "
        "out: what has not happened yet is no sale."
    )
    return rows.filter(pl.col("day") <= today), [Decision(Topic.AFTER_TODAY, says, later.height, caution=True)]


def without_strays(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Decision]]:
    """The rows without a few days far from all others, and what was left out."""
    strays = stray_days(rows["day"].unique().to_list())
    if not strays:
        return rows, []
    out = rows.filter(pl.col("day").is_in(strays)).height
    named = ", ".join(in_words(day) for day in strays[:3])
    says = f"Left out, far from all other dates: {named} ({counted(out)})."
    return rows.filter(~pl.col("day").is_in(strays)), [Decision(Topic.STRAY, says, out, caution=True)]


def is_channel(first: Sales, table: SalesTable, sales: Sales) -> bool:
    """Whether a table holds sales that the first has not: not the same again, in other words or in longer periods.

    Args:
        first: the sales that count already.
        table: the other table.
        sales: its rows that count.
    """
    figure = next((name for name in ("revenue", "quantity") if _has(first, name) and _has(sales, name)), None)
    if table.kind not in OF_SALES or table.names_spend or figure is None:
        return False
    if _share_documents(first.frame, sales.frame):
        return False
    return not _tell_the_same(first.frame, sales.frame, figure)


def together(first: Sales, others: Sequence[tuple[SalesTable, Sales]]) -> pl.DataFrame:
    """The rows of all tables, those without a channel of their own in that of their file."""
    frames = [first.frame, *(sales.frame for _, sales in others)]
    return pl.concat(frame.with_columns(channel=pl.coalesce("channel", "source")) for frame in frames)


def _typed(table: SalesTable) -> pl.DataFrame:
    """Every column of `SALES`, null where the file has none, and those that say whether a row stands."""
    raw = table.frame

    def column(name: str, dtype: type[pl.DataType]) -> pl.Expr:
        return (pl.col(name).cast(dtype, strict=False) if name in raw.columns else pl.lit(None, dtype)).alias(name)

    promotion = (
        is_promoted(pl.col("promotion"), raw.schema["promotion"])
        if "promotion" in raw.columns
        else pl.lit(None, pl.Float64)
    )
    numbers = [_finite(column(name, pl.Float64)).alias(name) for name in NUMBERS]
    marks = [name for name in raw.columns if name.split("#")[0] in MARKS]
    texts = [column(name, pl.String) for name in (*TEXTS, *marks)]
    return raw.select("source", column("day", pl.Date), *texts, *numbers, promotion=promotion)


def _finite(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_finite()).then(value)


def _without_undated(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Decision]]:
    undated = rows["day"].null_count()
    if not undated:
        return rows, []
    says = f"{counted(undated)} without a date {verb(undated, 'is', 'are')} not counted."
    return rows.drop_nulls("day"), [Decision(Topic.UNDATED, says, undated, caution=True)]


def _all_later(later: pl.DataFrame, rows: pl.DataFrame) -> list[Decision]:
    if later.is_empty():
        return []
    says = f"All {counted(rows.height)} are dated after today. Check the year in the date column."
    return [Decision(Topic.AFTER_TODAY, says, rows.height, caution=True)]


def _filled(
    before: pl.DataFrame, after: pl.DataFrame, column: str, source: str, table: SalesTable
) -> Iterator[Decision]:
    rows = before[column].null_count() - after[column].null_count()
    if rows and column in table.headers:
        header = table.headers[column]
        says = f"{counted(rows)} without {header} {verb(rows, 'is', 'are')} counted at {source}."
        yield Decision(Topic.FILLED, says, rows, caution=True)


def _disagreeing(rows: pl.DataFrame) -> Iterator[Decision]:
    expected = pl.col("quantity") * pl.col("price")
    full = rows.drop_nulls(["quantity", "price", "revenue"])
    apart = full.filter((pl.col("revenue") - expected).abs() > AGREE * pl.col("revenue").abs().clip(0.01)).height
    if apart:
        says = (
            f"In {apart:,} of {counted(full.height)} revenue is not units times unit price (a discount or tax, say); "
            "the revenue counts."
        )
        yield Decision(Topic.DISAGREEING, says, apart)


def _signed(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Decision]]:
    """Units of a row with money below zero are units brought back, however they are written.

    Where nearly all money comes with units below zero, the units are those that went out of the stock.
    """
    both = rows.filter(pl.col("quantity") != 0, pl.col("revenue") != 0)
    against = both.filter(pl.col("quantity").sign() != pl.col("revenue").sign()).height
    if both.height and against >= MOST_AGAINST * both.height:
        says = (
            f"Units below zero go out: in {counted(against)} money and units have other signs; the units were turned."
        )
        return rows.with_columns(-pl.col("quantity")), [Decision(Topic.RETURNS, says, against, caution=True)]
    rows = rows.with_columns(quantity=pl.when(~_is_cut()).then("quantity"))
    back = (pl.col("revenue") < 0) & (pl.col("quantity") > 0)
    wrong = rows.filter(back).height
    if not wrong:
        return rows, []
    written = f"{counted(wrong)} with money below zero and units above"
    says = f"{written} {verb(wrong, 'counts', 'count')} as units brought back."
    turned = rows.with_columns(quantity=pl.when(back).then(-pl.col("quantity")).otherwise("quantity"))
    return turned, [Decision(Topic.RETURNS, says, wrong, caution=True)]


def _is_cut() -> pl.Expr:
    """True for lines below zero whose item is a discount: money comes off, and nothing is brought back."""
    words = pl.col("item").str.strip_chars().str.to_lowercase()
    named = words.str.contains(rf"^(?:{'|'.join(CUTS)})")
    return (named & (pl.col("revenue") < 0)).fill_null(value=False)


def _returns(rows: pl.DataFrame) -> Iterator[Decision]:
    negative = rows.filter(pl.coalesce("revenue", "quantity") < 0).height
    if negative:
        says = (
            f"{counted(negative)} below zero {verb(negative, 'is a return and is', 'are returns and are')} subtracted."
        )
        yield Decision(Topic.RETURNS, says, negative)


def _has(sales: Sales, name: str) -> bool:
    return sales.frame.height > 0 and sales.frame[name].null_count() < sales.frame.height


def _share_documents(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    mine, theirs = one["document"].drop_nulls().unique(), other["document"].drop_nulls().unique()
    fewer = min(len(mine), len(theirs))
    return fewer > 0 and len(mine.filter(mine.is_in(theirs.implode()))) >= SHARED_DOCUMENTS * fewer


def _tell_the_same(one: pl.DataFrame, other: pl.DataFrame, figure: str) -> bool:
    """True where the periods that both have are the same, or differ by a steady rate of tax."""
    calendars = [find_calendar(frame["day"].unique().to_list()) for frame in (one, other)]
    order = list(type(calendars[0].frequency))
    calendar = max(calendars, key=lambda each: order.index(each.frequency))
    sums = [
        frame.group_by(period_of(calendar).alias("period")).agg(pl.col(figure).sum().alias("sum"))
        for frame in (one, other)
    ]
    both = sums[0].join(sums[1], on="period", suffix="_other").filter(pl.col("sum") != 0, pl.col("sum_other") != 0)
    if both.is_empty():
        return False
    same = ((both["sum"] - both["sum_other"]).abs() <= CLOSE * both["sum"].abs()).mean()
    if isinstance(same, float) and same >= MOST_DAYS:
        return True
    ratio = both["sum_other"] / both["sum"]
    middle, spread = ratio.median(), ratio.std()
    steady = isinstance(middle, float) and isinstance(spread, float) and spread <= STEADY * abs(middle)
    varied = both["sum"].n_unique() > FEWEST_PERIODS
    return bool(steady and varied and both.height >= FEWEST_PERIODS and TAXED[0] <= middle <= TAXED[1])  # type: ignore[operator]
