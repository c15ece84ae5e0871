"""The oddities of drawn businesses: which go together, and what each does to the rows."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from benchmarks.agreement_rows import Grain, Kind, Row, Shape, step_on

Alter = Callable[[Sequence[Row], Shape, random.Random], Iterable[Row]]

ODDITIES = (
    "blank revenue, a third",
    "blank revenue, last 30 days",
    "blank revenue, throughout",
    "blank quantity",
    "no number",
    "planned rows",
    "planned rows, blank",
    "stray rows",
    "promotion",
    "returns",
    "cancelled rows",
    "month sheets",
    "shop sheets",
    "two files",
    "zero rows",
    "closed weekdays",
    "closed weeks",
    "item list",
    "shop column",
    "category column",
    "no item name",
    "no date",
    "weekly",
    "monthly",
    "marketing",
    "no revenue column",
    "no price column",
    "units alone",
)

_BLANKS = frozenset(name for name in ODDITIES if name.startswith("blank "))
_BLANK_REVENUE = frozenset(name for name in ODDITIES if name.startswith("blank revenue"))
_MISSING_COLUMNS = ("no revenue column", "no price column", "units alone")
EXCLUSIVE = (
    frozenset(_MISSING_COLUMNS),
    *(frozenset({name, column}) for name in sorted(_BLANKS) for column in _MISSING_COLUMNS),
    _BLANK_REVENUE,
    frozenset({"blank revenue, throughout", "blank quantity"}),
    frozenset({"planned rows", "planned rows, blank"}),
    frozenset({"month sheets", "shop sheets", "two files"}),
    frozenset({"shop sheets", "shop column"}),
    frozenset({"two files", "shop column"}),
    frozenset({"weekly", "monthly", "month sheets"}),
    *(frozenset({name, "closed weekdays"}) for name in ("weekly", "monthly")),
    *(frozenset({name, "closed weeks"}) for name in ("weekly", "monthly")),
    *(frozenset({name, "marketing"}) for name in ("monthly", "month sheets")),
)
"""No two of a set go together."""

HOW_MANY = (0, 1, 2, 3, 4, 5)
HOW_OFTEN = (1, 8, 5, 4, 4, 2)
VOID_WORDS = ("Cancelled", "Void", "Refunded", "Failed", "Draft")
PROMOTED = 0.15
DISCOUNT = 0.1


def choose_oddities(rng: random.Random) -> frozenset[str]:
    """None to five oddities that go together."""
    count = rng.choices(HOW_MANY, HOW_OFTEN)[0]
    chosen: set[str] = set()
    for name in rng.sample(ODDITIES, len(ODDITIES)):
        if len(chosen) == count:
            break
        if not any(name in group and group & chosen for group in EXCLUSIVE):
            chosen.add(name)
    return frozenset(chosen)


def _sometimes(rows: Sequence[Row], share: float, rng: random.Random, change: Callable[[Row], Row]) -> Iterator[Row]:
    """Change a share of the ordinary sales."""
    for row in rows:
        yield change(row) if row.kind is Kind.SALE and rng.random() < share else row


def _a_few(rows: Sequence[Row], count: int, rng: random.Random, change: Callable[[Row], Row]) -> Iterator[Row]:
    """Change so many of the ordinary sales, none of them in the first or the last tenth of the file."""
    tenth = len(rows) // 10
    inside = [place for place in range(tenth, len(rows) - tenth) if rows[place].kind is Kind.SALE]
    places = set(rng.sample(inside, count))
    for place, row in enumerate(rows):
        yield change(row) if place in places else row


def _zero_rows(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterable[Row]:
    return _sometimes(rows, 0.06, rng, lambda row: replace(row, quantity=0.0, revenue=0.0))


def _promotion(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterator[Row]:
    """A column that marks some rows; on these the customer pays a tenth less."""
    yes, no = rng.choice([("yes", "no"), ("Y", "N"), ("1", "0"), ("x", "")])
    for row in rows:
        if rng.random() >= PROMOTED or row.revenue is None:
            yield replace(row, promotion=no)
        else:
            yield replace(row, promotion=yes, revenue=round(row.revenue * (1 - DISCOUNT), 2))


def _cancelled(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterator[Row]:
    good = rng.choice([("Completed",), ("Paid",), ("Completed", "Paid"), ("completed", "paid")])
    bad = rng.sample(VOID_WORDS, rng.randint(1, 3))
    bad = [word.lower() for word in bad] if good[0].islower() else bad
    for row in rows:
        if row.kind is Kind.SALE and rng.random() < 0.08:
            yield replace(row, status=rng.choice(bad), kind=Kind.CANCELLED)
        else:
            yield replace(row, status=rng.choice(good))


def _stray(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterable[Row]:
    """One or two rows whose year is mistyped, far before all others or far after."""
    years = rng.choice([-20, -15, -10, 36])

    def mistype(row: Row) -> Row:
        far = row.slot.replace(year=row.slot.year + years, day=min(row.slot.day, 28))
        return replace(row, day=far, kind=Kind.STRAY)

    return _a_few(rows, rng.randint(1, 2), rng, mistype)


def _undated(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterable[Row]:
    return _a_few(rows, rng.randint(1, 5), rng, lambda row: replace(row, day=None, kind=Kind.UNDATED))


def _nameless(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterable[Row]:
    return _a_few(rows, max(1, len(rows) // 40), rng, lambda row: replace(row, item=""))


def _no_number(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterable[Row]:
    return _a_few(rows, max(1, len(rows) // 50), rng, lambda row: replace(row, quantity=None, revenue=None))


def _returns(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterator[Row]:
    """After some sales a smaller return of the same item on the same day."""
    for row in rows:
        yield row
        if row.kind is Kind.SALE and (row.quantity or 0) >= 2 and rng.random() < 0.03:
            back = -float(rng.randint(1, max(1, int(row.quantity or 0) // 3)))
            yield replace(row, quantity=back, revenue=round(back * row.price, 2), kind=Kind.RETURN)


def _planned(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterator[Row]:
    """Rows after today with three times the usual volume."""
    yield from rows
    latest = {(row.item, row.shop): row for row in rows if row.kind is Kind.SALE and row.item}
    for day in _days_ahead(shape, rng):
        for row in latest.values():
            quantity = 3 * (row.quantity or 10.0)
            yield replace(
                row,
                slot=day,
                day=day,
                quantity=quantity,
                revenue=round(quantity * row.price, 2),
                status="Planned" if row.status else "",
                kind=Kind.FUTURE,
            )


def _days_ahead(shape: Shape, rng: random.Random) -> Iterator[date]:
    """The first open days after today, in the rhythm of the file."""
    shortest, longest = {Grain.DAILY: (5, 28), Grain.WEEKLY: (2, 6), Grain.MONTHLY: (1, 3)}[shape.grain]
    left, day = rng.randint(shortest, longest), shape.last
    while left:
        day = step_on(day, shape.grain, 1)
        if day > shape.today and shape.is_open(day):
            left -= 1
            yield day


def _planned_blank(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterator[Row]:
    for row in _planned(rows, shape, rng):
        yield replace(row, quantity=None, revenue=None) if row.kind is Kind.FUTURE else row


def _blank_a_third(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterator[Row]:
    for row in rows:
        yield replace(row, revenue=None) if rng.random() < 1 / 3 else row


def _blank_lately(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterator[Row]:
    for row in rows:
        yield replace(row, revenue=None) if row.slot > shape.last - timedelta(days=30) else row


def _blank_throughout(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterator[Row]:
    for row in rows:
        yield replace(row, revenue=None)


def _blank_quantity(rows: Sequence[Row], shape: Shape, rng: random.Random) -> Iterator[Row]:
    """A fifth of the quantities, only where the revenue is there."""
    for row in rows:
        yield replace(row, quantity=None) if row.revenue is not None and rng.random() < 0.2 else row


ALTERATIONS: dict[str, Alter] = {
    "zero rows": _zero_rows,
    "promotion": _promotion,
    "cancelled rows": _cancelled,
    "stray rows": _stray,
    "no date": _undated,
    "no item name": _nameless,
    "no number": _no_number,
    "returns": _returns,
    "planned rows": _planned,
    "planned rows, blank": _planned_blank,
    "blank revenue, a third": _blank_a_third,
    "blank revenue, last 30 days": _blank_lately,
    "blank revenue, throughout": _blank_throughout,
    "blank quantity": _blank_quantity,
}
"""What an oddity does to the rows, in this order; the others change the shape or the files."""
