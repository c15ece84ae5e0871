"""The plain truth about a drawn business: sums over its rows, without a line of the engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from benchmarks.agreement_rows import Grain, Kind, Row, end_of
from benchmarks.agreement_worlds import World

COUNTS = frozenset({Kind.SALE, Kind.RETURN})
MEASURES = ("quantity", "revenue")


@dataclass(frozen=True)
class Line:
    """A row that counts; a measure that neither its cells nor its price can give is None."""

    day: date
    item: str
    category: str
    shop: str
    quantity: float | None
    revenue: float | None

    def value(self, measure: str) -> float:
        """What it adds to a sum."""
        return (self.quantity if measure == "quantity" else self.revenue) or 0.0


@dataclass(frozen=True)
class Truth:
    """What every face should say.

    Attributes:
        lines: the rows that count.
        measures: what the file can give.
        grain: of its dates.
        mentions: what must be said, by kind: the counts that are right, each in its own way.
        stray_days: the dates of the rows far from all others.
    """

    lines: tuple[Line, ...]
    measures: frozenset[str]
    grain: Grain
    mentions: Mapping[str, frozenset[int]]
    stray_days: tuple[date, ...]

    @property
    def first_day(self) -> date:
        """The first date that counts."""
        return min(line.day for line in self.lines)

    @property
    def last_day(self) -> date:
        """The last date that counts."""
        return max(line.day for line in self.lines)

    @property
    def end(self) -> date:
        """The last day of the last period that counts."""
        return end_of(self.last_day, self.grain)

    def total(self, measure: str, first: date, last: date, item: str = "") -> float | None:
        """The sum over the days from `first` to `last` of one item or of all rows; None where the file has no such
        measure."""
        if measure not in self.measures:
            return None
        return sum(line.value(measure) for line in self.within(first, last) if item in ("", line.item))

    def within(self, first: date, last: date) -> Iterator[Line]:
        """The lines of these days."""
        return (line for line in self.lines if first <= line.day <= last)


def truth_of(world: World) -> Truth:
    """Add the rows up by the rules of the product."""
    columns = world.shape.columns
    countable = [row for row in world.rows if row.kind in COUNTS]
    measures = {"quantity"} | ({"revenue"} if {"Revenue", "Unit price"} & {*columns} else set())
    return Truth(
        lines=tuple(line for row in countable if (line := _line(row, columns)) is not None),
        measures=frozenset(measures),
        grain=world.shape.grain,
        mentions=_mentions(world),
        stray_days=tuple(row.day for row in world.rows if row.kind is Kind.STRAY and row.day is not None),
    )


def _line(row: Row, columns: tuple[str, ...]) -> Line | None:
    """The row as it counts; None where it holds neither a quantity nor money."""
    assert row.day is not None
    price = row.price if "Unit price" in columns else None
    revenue = row.revenue if "Revenue" in columns else None
    quantity = row.quantity
    if quantity is None and revenue is None:
        return None
    if revenue is None and quantity is not None and price is not None:
        revenue = quantity * price
    if quantity is None and revenue is not None and price is not None and price > 0:
        quantity = revenue / price
    return Line(row.day, row.item, row.category, row.shop, quantity, revenue)


def _mentions(world: World) -> dict[str, frozenset[int]]:
    """What has to be said, with the counts that are right: of the rows that count or of all, of rows or of days."""
    rows, has_revenue = world.rows, "Revenue" in world.shape.columns
    counts = {kind.value: frozenset(_of_kind(rows, kind)) for kind in Kind if kind not in COUNTS}
    for name, group in _blank_cells(rows, has_revenue).items():
        count = sum(row.kind in COUNTS for row in group)
        counts[name] = frozenset({count, len(group)}) if count else frozenset()
    return {name: right for name, right in counts.items() if right}


def _blank_cells(rows: tuple[Row, ...], has_revenue: bool) -> dict[str, list[Row]]:
    no_money = [row for row in rows if row.revenue is None or not has_revenue]
    return {
        "filled revenue": [row for row in no_money if has_revenue and row.quantity is not None],
        "filled quantity": [row for row in rows if row.quantity is None and row.revenue is not None and has_revenue],
        "without any number": [row for row in no_money if row.quantity is None],
    }


def _of_kind(rows: tuple[Row, ...], kind: Kind) -> Iterator[int]:
    group = [row for row in rows if row.kind is kind]
    if group:
        yield len(group)
        yield len({row.day for row in group if row.day is not None} or group)
