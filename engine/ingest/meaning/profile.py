"""What the values of a table show: of each column, and of columns beside each other."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import polars as pl

from engine.dataset import ColumnKind
from engine.ingest.amounts import CODES
from engine.ingest.dates import month_number
from engine.ingest.meaning.concepts import Concept
from engine.ingest.meaning.names import Hint, normal, weekdays

_SAMPLE = 2_000
"""Rows of a column that are looked at for what its texts are."""

_MOSTLY = 0.8
_TIME = re.compile(r"^\s*\d{1,2}(?:[:.h]\d{2})(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*$", re.IGNORECASE)
_CODE = re.compile(r"[A-Z]{0,4}[-_.]?\d{2,}[A-Z]?", re.IGNORECASE)
_MAIL = r"^\S+@\S+\.\S+$"
_YES_NO = frozenset(
    ("true", "false", "yes", "no", "y", "n", "ja", "nein", "oui", "non", "si", "sim", "nao", "tak", "nie", "1", "0",
     "x", "-", "nej", "ano", "ne", "evet", "hayir", "wahr", "falsch")
)  # fmt: skip

LIKELY = 0.5
"""Confidence from which it counts as known what a column is."""

MOST_RELATED, MOST_BESIDE = 12, 48
"""Of the columns that may stand for one thing no more than the first so many are held against each other, and against
so many others: a table of more is no list of documents, and every pair takes time."""

FEWEST_SUMS, CENT = 5, 0.011
"""Rows in which several parts must add up to their total, and how nearly they do."""

GLANCE = 50
"""So many rows tell quickly what does not add up."""

MOST_FACTORS, FEWEST_PRODUCTS, PRODUCT_SHARE = 6, 5, 0.95
"""Columns among which a product is looked for, rows that it needs, and their share in which it must hold."""

MOST_RATES = 3
"""Rates of a tax that one file has at most."""

FEWEST_DOCUMENTS, SAME_SHARE = 3, 0.95
"""Documents of several lines from which it is told what belongs to the document, and their share in which it is so."""


@dataclass(frozen=True)
class RoleCandidate:
    """A column that waits for its role.

    Attributes:
        name: the header.
        kind: what its values turned out to be.
        values: the clean values.
        hint: what the header suggests, or what the owner chose (confidence 1).
    """

    name: str
    kind: ColumnKind
    values: pl.Series
    hint: Hint | None = None

    @cached_property
    def some(self) -> pl.Series:
        """The values that there are."""
        return self.values.drop_nulls()

    @cached_property
    def filled(self) -> float:
        """The share of rows that have a value."""
        return len(self.some) / len(self.values) if len(self.values) else 0.0

    @cached_property
    def distinct(self) -> int:
        """How many different values there are."""
        return self.some.n_unique()

    @property
    def is_constant(self) -> bool:
        """True when every row has the same value."""
        return len(self.some) > 1 and self.distinct == 1

    @cached_property
    def is_whole(self) -> bool:
        """True for numbers without decimals."""
        return self.kind == "number" and bool((self.some % 1 == 0).all())

    @cached_property
    def is_zero(self) -> bool:
        """True for a column of numbers that are all 0."""
        return self.kind == "number" and len(self.some) > 0 and bool((self.some == 0).all())

    @cached_property
    def is_counter(self) -> bool:
        """True for numbers that count rows, documents or years: they go up by one, or never fall and are large."""
        if self.kind != "number" or not self.is_whole or len(self.some) < 3:
            return False
        return is_counter(self.values) or self._climbs(self.some) or self._climbs(self.some.reverse())

    @cached_property
    def is_coded(self) -> bool:
        """True for whole numbers that are all of one length and come again and again: till, card, account numbers."""
        some = self.some
        if len(some) < 8 or not self.is_whole or some.min() < 100:  # type: ignore[operator]
            return False
        lengths = some.cast(pl.Int64, strict=False).cast(pl.String).str.len_chars()
        return bool(lengths.n_unique() == 1 and self.distinct * 4 <= len(some))

    @cached_property
    def cells(self) -> list[str]:
        """Some of the texts."""
        return self.some.head(_SAMPLE).cast(pl.String).to_list() if self.kind == "text" else []

    @cached_property
    def words(self) -> frozenset[str]:
        """The different texts of a column that has few of them, lower case."""
        return frozenset(cell.strip().casefold() for cell in self.cells) if self.distinct <= 60 else frozenset()

    @cached_property
    def is_times(self) -> bool:
        """True for texts that are times of day."""
        return self._share(lambda cell: _TIME.match(cell) is not None) >= _MOSTLY

    @cached_property
    def is_weekdays(self) -> bool:
        """True for texts that name days of the week."""
        return self._share(lambda cell: cell.strip().casefold().rstrip(".") in weekdays()) >= _MOSTLY

    @cached_property
    def is_currency(self) -> bool:
        """True for currency codes."""
        return bool(self.words) and all(word.upper() in CODES for word in self.words)

    @cached_property
    def is_mail(self) -> bool:
        """True for e-mail addresses."""
        return self.kind == "text" and len(self.some) > 0 and bool(self.some.head(_SAMPLE).str.contains(_MAIL).all())

    @cached_property
    def is_yes_no(self) -> bool:
        """True for texts that say yes or no."""
        return bool(self.words) and self.words <= _YES_NO

    @cached_property
    def is_document(self) -> bool:
        """True for numbers of orders or receipts of several lines: letters and digits, the same on rows in a row."""
        if self.kind != "text" or self.filled < 1 or len(self.some) < 6:
            return False
        again = int((self.some == self.some.shift(1)).sum())
        together = again == len(self.some) - self.distinct and again > 0
        return together and bool(
            self.some.head(_SAMPLE).str.contains(r"^[#A-Za-z]{0,6}[-_ ]?\d{2,}(?:[-/]\d+)*$").all()
        )

    @cached_property
    def is_code(self) -> bool:
        """True for short codes with digits, and no words: "A0001", "8712345000170"."""
        return self._share(lambda cell: _CODE.fullmatch(cell.strip()) is not None) >= _MOSTLY

    @cached_property
    def holds_rows_together(self) -> bool:
        """True for codes each of which stands on rows right below each other only: of orders, not of articles."""
        if self.filled < 1 or len(self.some) < 6 or self.distinct == len(self.some):
            return False
        runs = int((self.some != self.some.shift(1)).sum()) + 1
        return runs == self.distinct and self.distinct > 0.2 * len(self.some)

    @cached_property
    def comes_again(self) -> bool:
        """True for names of which each stands in several rows."""
        return self.kind == "text" and not self.is_yes_no and 2 <= self.distinct <= max(2, len(self.some) // 3)

    def _share(self, reads: Callable[[str], bool]) -> float:
        hits = sum(map(reads, self.cells))
        return hits / len(self.cells) if self.cells else 0.0

    @staticmethod
    def _climbs(values: pl.Series) -> bool:
        """True for large numbers that never fall and keep rising: numbers of tickets and of orders."""
        steps = values.diff()[1:]
        rising = bool((steps >= 0).all()) and values.n_unique() * 4 >= len(values)
        first, span = abs(float(values[0])), float(values[-1]) - float(values[0])
        return rising and len(values) >= 5 and span <= 40 * len(values) and (first > 50 or span >= 0.2 * len(values))


@dataclass(frozen=True)
class ColumnMeaning:
    """A column, and what it is in its table.

    Attributes:
        column: the column.
        concept: what it is; None when nothing tells.
        confidence: 0..1.
    """

    column: RoleCandidate
    concept: Concept | None = None
    confidence: float = 0.0

    def means(self, *concepts: Concept) -> bool:
        """True where it is surely enough one of these."""
        return self.concept in concepts and self.confidence >= LIKELY

    def counts(self, *concepts: Concept) -> bool:
        """True where it is one of these, and has numbers that are not all 0."""
        return self.means(*concepts) and self.column.kind == "number" and not self.column.is_zero


def is_counter(values: pl.Series) -> bool:
    """True for numbers that go up by one from row to row: they count the rows, or the years."""
    return len(values) > 2 and bool((values.diff()[1:] == 1).fill_null(value=False).all())


def product(values: Mapping[int, pl.Series]) -> tuple[int, int, int] | None:
    """Places of quantity, price and their product among the first columns of numbers, or None."""
    for one, other in combinations(list(values)[:MOST_FACTORS], 2):
        for total in list(values)[:MOST_FACTORS]:
            if total in (one, other) or not makes(values[one], values[other], values[total]):
                continue
            whole = bool((values[one].drop_nulls() % 1 == 0).all())
            return (
                (one, other, total)
                if whole or not bool((values[other].drop_nulls() % 1 == 0).all())
                else (other, one, total)
            )
    return None


def makes(one: pl.Series, other: pl.Series, total: pl.Series, *, share: float = PRODUCT_SHARE) -> bool:
    """True when the first two multiply to the third in nearly every row, and not because one of them is always 1."""
    complete = one.is_not_null() & other.is_not_null() & total.is_not_null()
    if complete.sum() < FEWEST_PRODUCTS or any(part.filter(complete).n_unique() < 2 for part in (one, other, total)):
        return False
    return _holds(one * other, total, share) and bool(((one != 1) & (other != 1)).filter(complete).any())


def differs_by(more: pl.Series, part: pl.Series, less: pl.Series, *, share: float = 0.8) -> bool:
    """True when one column less the part is another in nearly every row in which the part is not 0."""
    used = part.is_not_null() & (part != 0) & more.is_not_null() & less.is_not_null()
    if used.sum() < FEWEST_DOCUMENTS:
        return False
    return _holds((more - part.abs()).filter(used), less.filter(used), share)


def parts_of(total: int, numbers: Sequence[int], candidates: Sequence[RoleCandidate]) -> tuple[int, ...]:
    """The places of neighbouring columns of numbers that make this one in every row, several of them in some.

    Args:
        total: the place of the sum.
        numbers: the places of all columns of numbers, in order.
        candidates: all columns.
    """
    filled = np.stack([candidates[place].values.head(GLANCE).fill_null(0.0).to_numpy() for place in numbers])
    whole, running = candidates[total].values, np.cumsum(np.vstack([np.zeros(filled.shape[1]), filled]), axis=0)
    goal = whole.head(GLANCE).cast(pl.Float64).to_numpy()
    for first, last in combinations(range(len(numbers) + 1), 2):
        parts = [place for place in numbers[first:last] if place != total]
        if len(parts) < 2 or parts[-1] - parts[0] >= len(parts) + (parts[0] < total < parts[-1]):
            continue
        sums = running[last] - running[first] - (np.nan_to_num(goal) if total in numbers[first:last] else 0.0)
        if np.nanmax(np.abs(sums - goal), initial=0.0) > 2 * CENT:
            continue
        frame = pl.DataFrame([candidates[place].values.fill_null(0.0).alias(str(place)) for place in parts])
        used = whole.is_not_null() & (frame.select(pl.sum_horizontal(pl.all() != 0)).to_series() > 1)
        close = (frame.sum_horizontal() - whole).abs() <= CENT
        if used.sum() >= FEWEST_SUMS and close.drop_nulls().all():
            return tuple(parts)
    return ()


def belongs_to_document(documents: pl.Series, values: pl.Series, *, named: bool = False) -> bool:
    """True when a column says something of the whole document: the same on all its lines, or on its first line only.

    Args:
        documents: the number of the document of each row.
        values: the column.
        named: whether it is called a total of the document; otherwise documents must differ in it.
    """
    frame = pl.DataFrame({"document": documents, "value": values}).drop_nulls("document")
    several = frame.group_by("document").agg(
        pl.len().alias("lines"), pl.col("value").n_unique().alias("different"), pl.col("value").count().alias("there")
    )
    several = several.filter(pl.col("lines") > 1, pl.col("there") > 0)
    if several.height < FEWEST_DOCUMENTS:
        return False
    once = (several["there"] == 1) & (several["lines"] > 1)
    same = (several["different"] == 1) | once
    varied = named or frame["value"].n_unique() > 2
    return bool(varied and same.mean() >= SAME_SHARE)  # type: ignore[operator]


def adds_up_lines(documents: pl.Series, lines: pl.Series, totals: pl.Series) -> bool:
    """True when one column has, on each line of a document, what the lines of another add up to."""
    frame = pl.DataFrame({"document": documents, "line": lines, "total": totals}).drop_nulls()
    sums = frame.group_by("document").agg(
        pl.col("line").sum(),
        pl.col("total").first(),
        pl.col("total").n_unique().alias("different"),
        pl.len().alias("n"),
    )
    several = sums.filter(pl.col("n") > 1, pl.col("different") == 1)
    return several.height >= FEWEST_DOCUMENTS and _holds(several["line"], several["total"], SAME_SHARE)


def is_steady(part: pl.Series, whole: pl.Series, *, between: tuple[float, float]) -> bool:
    """True when one column is one of a few shares of another in nearly every row: an amount before tax, one with it."""
    shares = (part / whole).filter((whole != 0) & part.is_not_null())
    shares = shares.filter(shares.is_finite())
    if len(shares) < FEWEST_PRODUCTS or not shares.is_between(*between).mean() >= SAME_SHARE:  # type: ignore[operator]
        return False
    usual = shares.round(2).value_counts(sort=True)["count"].head(MOST_RATES).sum()
    return bool(usual >= SAME_SHARE * len(shares))


def follows(items: pl.Series, amounts: pl.Series) -> bool:
    """True when nearly every row has the usual amount of its item, whatever else its document holds: it is its own."""
    rows = pl.DataFrame({"item": items, "amount": amounts}).drop_nulls()
    if rows["amount"].n_unique() < 2 or rows["item"].n_unique() * FEWEST_DOCUMENTS > rows.height:
        return False
    usual = pl.col("amount") == pl.col("amount").mode().first().over("item")
    return bool(rows.select(usual.mean()).item() >= 0.9)


def stays(quantity: pl.Series, amount: pl.Series, items: pl.Series) -> bool:
    """True when the amount of nearly every item is the same whatever its quantity: it is a price, and no total."""
    rows = (
        pl.DataFrame({"item": items, "q": quantity, "a": amount}).drop_nulls().filter(pl.col("q") > 0, pl.col("a") > 0)
    )
    groups = (
        rows.group_by("item")
        .agg(
            pl.len().alias("rows"), pl.col("q").n_unique().alias("quantities"), pl.col("a").n_unique().alias("amounts")
        )
        .filter(pl.col("rows") >= 3, pl.col("quantities") > 1)
    )
    if groups.is_empty() or rows["a"].n_unique() == 1:
        return False
    steady = groups.filter(pl.col("amounts") == 1)["rows"].sum()
    return bool(steady >= 0.9 * float(groups["rows"].sum()))


def is_line_total(quantity: pl.Series, amount: pl.Series, items: pl.Series | None) -> bool:
    """True when the amount grows with the quantity: for one item, amount / quantity is steadier than the amount."""
    names = items if items is not None else pl.Series(["all"]).new_from_index(0, len(quantity))
    rows = pl.DataFrame({"item": names, "q": quantity, "a": amount}).drop_nulls(["q", "a"])
    rows = rows.filter(pl.col("q") > 0, pl.col("a") > 0)
    groups = (
        rows.with_columns(each=pl.col("a") / pl.col("q"))
        .group_by("item")
        .agg(
            pl.len().alias("rows"),
            pl.col("q").n_unique().alias("quantities"),
            (pl.col("a").std() / pl.col("a").mean()).alias("amount"),
            (pl.col("each").std() / pl.col("each").mean()).alias("each"),
        )
        .filter(pl.col("rows") >= 3, pl.col("quantities") > 1)
    )
    if groups.is_empty():
        return False
    steadier = groups.filter(pl.col("each") < 0.5 * pl.col("amount"))["rows"].sum()
    return bool(steadier >= 0.8 * float(groups["rows"].sum()))


def _holds(one: pl.Series, other: pl.Series, share: float) -> bool:
    close = ((one - other).abs() <= 0.011 + 0.005 * other.abs()).drop_nulls()
    return bool(len(close) and close.mean() >= share)  # type: ignore[operator]


def names_a_day(header: str) -> bool:
    """True for the header of one day: "Mon 16/11", "D 1"."""
    words = normal(header).split()
    if not words or not any(word.isdigit() and int(word) <= 31 for word in words[:2]):
        return False
    rest = [word for word in words if not word.isdigit()]
    return len(rest) <= 2 and all(word in weekdays() or len(word) <= 2 or month_number(word) for word in rest)
