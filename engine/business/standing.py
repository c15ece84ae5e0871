"""Which rows of a table of sales count, and which are taken back, by what their status and their kind say."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

import polars as pl

from engine.business.decisions import Decision, Topic, counted, verb


@cache
def _all_words() -> Mapping[str, str]:
    text = files("engine.business").joinpath("standing.toml").read_text(encoding="utf-8")
    return {name: str(words) for name, words in tomllib.loads(text).items()}


def _words(name: str) -> tuple[str, ...]:
    return tuple(" ".join(_all_words()[name].split()).split(", "))


CANCELLED = _words("cancelled")
REFUNDED = _words("refunded")
LETTERS = ("q", "v", "vd", "qt")
"""Quotes and voids, where a status is written with a letter or two."""

BOUGHT = _words("bought")
"""What comes into the shop, where sales stand beside it; at a terminal it is the customer who buys."""

PRACTICE = _words("practice")
SALES = _words("sales")
SOLD = (*SALES, *_words("sold"))
"""Kinds of receipts that are made to learn the till by, and those beside which they stand."""

PARTLY = _words("partly")
"""How the words of a status begin, lower case."""

NOT = _words("not")
"""Words that turn round what follows them."""

CAME_ABOUT = _words("came_about")
"""What must have come about for a sale to be one."""

BROUGHT_BACK = (*REFUNDED, *_words("brought_back"))
SOLD_BY = _words("sold_by")
NOT_SOLD_BY = _words("not_sold_by")
BROUGHT_BACK_BY = _words("brought_back_by")
"""Letters by which documents are told apart where an invoice is one of them: quotes, orders and notes of delivery are
no sales, credit notes take one back."""

CREDITED = ("gutschrift", "credit note", "credit memo", "kreditnota", "kreditfaktura", "dobropis")
"""A document of its own that takes a sale back, where a status says it."""

MOVED = _words("moved")
"""How the words for the kind of a row begin, lower case: what takes a sale back, and what only moves money."""

TIPS = _words("tips")
"""Names of rows that stand among the items and are the staff's, no sale."""

PRODUCTS = _words("products")
BESIDE_PRODUCTS = _words("beside_products")
"""Kinds of lines of an order: what stands beside the products is no sale of its own."""

INVOICES = _words("invoices")
LAPSED = _words("lapsed")
"""What has run out is no sale, and an invoice of which this is said is one that is due."""

RECEIPTS = _words("receipts")
"""Kinds of documents: beside invoices, what pays them is no sale of its own."""

EARLIER = _words("earlier")
"""Kinds of documents that come before an invoice: beside one they are no sales of their own."""

AWAITED = _words("awaited")
SENT = _words("sent")
"""Orders that wait for their payment are no sales where others of the same list were sent; an invoice may wait."""

MOVED_AT_END = _words("moved_at_end")
"""How they end."""

MOST_MOVED = 0.9
"""Share of the rows beyond which a word for moved money means something else in this file."""

NO = (
    "false", "no", "n", "0", "0.0", "", "-", "nein", "non", "nee", "não", "nao", "nie", "nej", "falsch", "ne", "hayır",
    "hayir",
)  # fmt: skip

MOST_TIPS = 0.5
"""Share of the rows beyond which what is called a tip is what is sold."""

MARKS = ("status", "row_type", "void")
"""The columns that say it; of each there may be several, with a number behind the name."""


def without_cancelled(
    rows: pl.DataFrame, headers: dict[str, str], *, payments: bool = False, alone: bool = True
) -> tuple[pl.DataFrame, list[Decision]]:
    """The rows that stand, those that bring a sale back turned below zero, and what was done.

    A row below zero is the refund or reversal itself: it is subtracted, unless the sale that it takes back is left out.

    Args:
        rows: with the columns of `MARKS` as text.
        headers: the owner's header of each.
        payments: whether they are payments, of which a kind below zero that brings nothing back is none.
        alone: whether there are no other sales: then rows stand of which none would be left.
    """
    marks = [name for name in rows.columns if name.split("#")[0] in MARKS]
    if not marks:
        return rows, []
    amount = pl.coalesce("revenue", "quantity").fill_null(0.0)
    marked = rows.with_row_index("row").with_columns(
        undone=pl.coalesce(
            *(_undone(name, name.split("#")[0], headers[name], headers.get("document", "")) for name in marks)
        ),
        below=amount < 0,
        size=amount.abs(),
    )
    marked = _without_credits(marked, marks)
    sales = marked.filter(pl.col("undone").is_not_null(), ~pl.col("below"))
    twins = sales.select("size", "item", "document").unique()
    undone_below = marked.filter(pl.col("undone").is_not_null(), "below")
    taken_back = undone_below.join(twins, on=["size", "item", "document"], nulls_equal=True)
    # The reversal may have a number of its own: then its amount tells what it takes back.
    reversals = undone_below.filter(_begins(pl.col("undone").str.to_lowercase(), CANCELLED))
    sold = sales.filter(~_begins(pl.col("undone").str.to_lowercase(), PRACTICE))
    same = sold.select("size", "item").unique()
    lonely = reversals.join(taken_back, on="row", how="anti").join(same, on=["size", "item"], nulls_equal=True)
    taken_back = pl.concat([taken_back, lonely], how="diagonal")
    # Where other returns stand, one that is cancelled is no return either.
    if marked.filter("below", pl.col("undone").is_null()).height > undone_below.height:
        flags = [headers[name] for name in marks if name.startswith("void")]
        taken_back = pl.concat([taken_back, undone_below.filter(pl.col("undone").is_in(flags))], how="diagonal")
    out = marked.filter(pl.col("row").is_in([*sales["row"], *taken_back["row"]]))
    moved = marked.filter(pl.any_horizontal(pl.lit(value=False), *(_moved(name, name.split("#")[0]) for name in marks)))
    if payments:
        moved = pl.concat([moved, _drawn(marked, marks)]).unique("row", maintain_order=True)
    moved = moved.filter(~pl.col("row").is_in(out["row"].implode()))
    if moved.height > MOST_MOVED * rows.height:
        moved = moved.clear()
    if alone and out.height + moved.height >= rows.height:
        return rows, list(_all_out(rows.height))
    decisions = [*_said(out, "undone", "for what the status says"), *_moved_said(moved, marks)]
    gone = [*out["row"], *moved["row"]]
    rest = marked.filter(~pl.col("row").is_in(gone))
    rest, turned = _turned(rest, marks)
    return rest.select(rows.columns), [*decisions, *turned]


def _without_credits(marked: pl.DataFrame, marks: Sequence[str]) -> pl.DataFrame:
    """Rows of a kind that brings a sale back are credit notes, and no cancelled sales, where their status says that."""
    types = [name for name in marks if name.startswith("row_type")]
    statuses = [name for name in marks if name.startswith("status")]
    if not types or not statuses:
        return marked
    back = pl.any_horizontal(_brings_back(words_of(name)).fill_null(value=False) for name in types)
    credited = pl.any_horizontal(_begins(words_of(name), CREDITED).fill_null(value=False) for name in statuses)
    given_back = pl.any_horizontal(_begins(words_of(name), REFUNDED).fill_null(value=False) for name in statuses)
    # A sale that is called refunded beside its refund is left out; a refund alone is one.
    alone = ~(given_back & ~back).any()
    return marked.with_columns(undone=pl.when(~(back & (credited | (given_back & alone)))).then("undone"))


def _drawn(marked: pl.DataFrame, marks: Sequence[str]) -> pl.DataFrame:
    """Rows of kinds that are below zero throughout and bring nothing back: fees and payouts in any language."""
    types = [name for name in marks if name.startswith("row_type")]
    undone = (*BROUGHT_BACK, *CANCELLED)
    drawn = [
        pl.col("below").all().over(name) & pl.col(name).is_not_null() & ~_begins(words_of(name), undone)
        for name in types
    ]
    return marked.filter(pl.any_horizontal(pl.lit(value=False), *drawn))


def without_tips(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Decision]]:
    """The rows without the tips that stand among the items, and what was left out."""
    is_tip = pl.col("item").str.strip_chars().str.to_lowercase().is_in(list(TIPS)).fill_null(value=False)
    tips = rows.filter(is_tip)
    if tips.is_empty() or tips.height > MOST_TIPS * rows.height:
        return rows, []
    return rows.filter(~is_tip), list(_said(tips, "item", "because they are tips"))


def words_of(column: str) -> pl.Expr:
    """The cells of a column in lower case, words written together parted: "ItemFees" is "item fees"."""
    parted = pl.col(column).cast(pl.String).str.strip_chars().str.replace_all(r"([a-z])([A-Z])", "$1 $2")
    parted = parted.str.replace_all("_", " ")
    return parted.str.to_lowercase().str.replace_all("i\u0307", "i")  # of a Turkish capital I a dot would be left


def left_out(column: str, mark: str, header: str, document: str = "") -> pl.Expr:
    """The owner's own word for a row that is no sale, or that only moves money; null where the row counts.

    Args:
        column: the name of the column in the frame.
        mark: what it says, one of `MARKS`.
        header: the owner's name for it.
        document: the owner's name for the number of the order or invoice, "" where there is none.
    """
    moved = pl.when(_moved(column, mark)).then(pl.col(column).cast(pl.String))
    return pl.coalesce(_undone(column, mark, header, document), moved)


def _undone(column: str, mark: str, header: str, document: str) -> pl.Expr:
    text = pl.col(column).cast(pl.String).str.strip_chars()
    if mark == "void":
        return pl.when(text.is_not_null() & ~text.str.to_lowercase().is_in(list(NO))).then(pl.lit(header))
    words = words_of(column)
    kinds = CANCELLED if mark == "row_type" else (*CANCELLED, *REFUNDED)
    stands = pl.any_horizontal(words.str.contains(word, literal=True) for word in PARTLY) | _follow_not(words, kinds)
    if any(word in document.casefold() for word in INVOICES):
        stands = stands | _begins(words, LAPSED)
    learnt = _begins(words, PRACTICE) & _begins(words, SOLD).any() if mark == "row_type" else pl.lit(value=False)
    awaited = _begins(words, AWAITED) & _begins(words, SENT).any() if mark == "status" else pl.lit(value=False)
    letter = words.is_in(list(LETTERS)) & (words.drop_nulls().str.len_chars().max() <= 2)
    letter = letter | (
        _by_letters(words) & words.is_in(list(NOT_SOLD_BY)) if mark == "row_type" else pl.lit(value=False)
    )
    out = (_begins(words, kinds) & ~stands) | _follow_not(words, CAME_ABOUT) | learnt | letter | awaited
    return pl.when(out.fill_null(value=False)).then(text)


def _by_letters(words: pl.Expr) -> pl.Expr:
    """True where a column tells kinds of documents by two or three letters, invoices among them."""
    return (words.drop_nulls().str.len_chars().max() <= 3) & words.is_in(list(SOLD_BY)).any()


def _moved(column: str, mark: str) -> pl.Expr:
    if mark != "row_type":
        return pl.lit(value=False)
    words = words_of(column)
    ends = words.str.contains(rf"[^\p{{L}}](?:{'|'.join(MOVED_AT_END)})$")
    starts = words.str.contains(rf"^(?:{'|'.join(map(re.escape, MOVED))})")
    pays = words.str.contains(rf"^(?:{'|'.join(RECEIPTS)})") & words.str.contains(rf"^(?:{'|'.join(INVOICES)})").any()
    earlier = words.str.contains(rf"^(?:{'|'.join(EARLIER)})") & words.str.contains(rf"^(?:{'|'.join(INVOICES)})").any()
    beside = words.str.contains(rf"^(?:{'|'.join(BESIDE_PRODUCTS)})") & _begins(words, PRODUCTS).any()
    comes_in = words.str.contains(rf"^(?:{'|'.join(BOUGHT)})") & _begins(words, SALES).any()
    return ((starts | ends | pays | beside | earlier | comes_in) & ~_begins(words, BROUGHT_BACK)).fill_null(value=False)


def _turned(rows: pl.DataFrame, marks: Sequence[str]) -> tuple[pl.DataFrame, list[Decision]]:
    """Rows of a kind that brings a sale back, written above zero, below zero."""
    types = [name for name in marks if name.startswith("row_type")]
    if not types:
        return rows, []
    back = pl.any_horizontal(_brings_back(words_of(name)).fill_null(value=False) for name in types)
    above = back & (pl.coalesce("revenue", "quantity") > 0) & ~pl.col("below")
    count = rows.filter(above).height
    if not count or count == rows.height:
        return rows, []
    turned = rows.with_columns(
        pl.when(above).then(-pl.col(c)).otherwise(pl.col(c)).alias(c) for c in ("quantity", "revenue")
    )
    says = f"{counted(count)} of a kind that takes a sale back {verb(count, 'is', 'are')} subtracted."
    return turned, [Decision(Topic.RETURNS, says, count, caution=True)]


def _brings_back(words: pl.Expr) -> pl.Expr:
    return _begins(words, BROUGHT_BACK) | (_by_letters(words) & words.is_in(list(BROUGHT_BACK_BY)))


def _said(out: pl.DataFrame, column: str, why: str) -> Iterator[Decision]:
    if out.height:
        words = out.group_by(column).len().sort("len", column, descending=[True, False])
        named = ", ".join(f"{count:,} {word!r}" for word, count in words.head(4).iter_rows())
        sums = _sums(out)
        says = f"{counted(out.height)} {verb(out.height, 'is', 'are')} left out {why}: {named}{sums}."
        yield Decision(Topic.STATUS, says, out.height, caution=True)


def _moved_said(moved: pl.DataFrame, marks: Sequence[str]) -> Iterator[Decision]:
    types = [name for name in marks if name.startswith("row_type")]
    if moved.height:
        kind = pl.coalesce(
            *(pl.when(_moved(name, "row_type")).then(pl.col(name).cast(pl.String)) for name in types), *types
        )
        yield from _said(moved.with_columns(kind=kind), "kind", "because they move money or are no sale")


def _sums(out: pl.DataFrame) -> str:
    """How much is left out, in the figures that the rows have."""
    parts = [
        f"{float(out[name].sum()):,.{digits}f} {word}"
        for name, word, digits in (("quantity", "units", 0), ("revenue", "money", 2))
        if out[name].null_count() < out.height
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _all_out(rows: int) -> Iterator[Decision]:
    says = f"The status or kind of all {counted(rows)} says that they are no sales; they are counted as they stand."
    yield Decision(Topic.STATUS, says, rows, caution=True)


def _follow_not(status: pl.Expr, words: tuple[str, ...]) -> pl.Expr:
    """True for "not" and one of these words; "no show" and the like are words of their own."""
    return status.str.contains(rf"(?:^|[^\p{{L}}])(?:{'|'.join(NOT)})[\s-]+(?:{'|'.join(map(re.escape, words))})")


def _begins(status: pl.Expr, words: tuple[str, ...]) -> pl.Expr:
    return status.str.contains("|".join(rf"(?:^|[^\p{{L}}]){re.escape(word)}" for word in words))
