"""What a drawn business consists of: its shape, its items, and rows that know what they really are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DAY = timedelta(days=1)


class Grain(StrEnum):
    """The time between two dates of a file."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Kind(StrEnum):
    """What a row really is; only sales and returns count."""

    SALE = "sale"
    RETURN = "return"
    FUTURE = "future"
    STRAY = "stray"
    CANCELLED = "cancelled"
    UNDATED = "undated"


@dataclass(frozen=True)
class Item:
    """Something that is sold; `listing` is its spelling in the list of items."""

    name: str
    category: str
    price: float
    cost: float
    stock: int
    supplier: str
    listing: str


@dataclass(frozen=True)
class Row:
    """One row of the sales, cell by cell; None and "" are blank cells.

    Attributes:
        slot: the day to which the row belongs in the order of the file, whatever its date cell says.
        day: the date cell.
        item: the product cell.
        category: of the item.
        shop: where it was sold; "" in a business with one shop.
        quantity: the cell, units.
        price: the cell, money per unit.
        revenue: the cell, money.
        promotion: the cell.
        status: the cell.
        kind: what the row really is.
    """

    slot: date
    day: date | None
    item: str
    category: str
    shop: str
    quantity: float | None
    price: float
    revenue: float | None
    promotion: str = ""
    status: str = ""
    kind: Kind = Kind.SALE


@dataclass(frozen=True)
class Spend:
    """What was spent in the week that starts on `week`: channel and money."""

    week: date
    amounts: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Shape:
    """What a business is like.

    Attributes:
        seed: from which it comes.
        today: the day on which its owner opens the file.
        grain: the time between two dates.
        first: day of the sales.
        last: day of the sales; of weekly and monthly files the first day of the last period.
        closed_weekdays: Monday is 0.
        closed_weeks: the Mondays of weeks without any row.
        items: what it sells.
        shops: none for a business that has one.
        oddities: by name.
    """

    seed: int
    today: date
    grain: Grain
    first: date
    last: date
    closed_weekdays: frozenset[int] = frozenset()
    closed_weeks: tuple[date, ...] = ()
    items: tuple[Item, ...] = ()
    shops: tuple[str, ...] = ()
    oddities: frozenset[str] = frozenset()

    def is_open(self, day: date) -> bool:
        """Whether the business sells on this day."""
        if self.grain is Grain.MONTHLY:
            return True
        monday = day - day.weekday() * DAY
        return monday not in self.closed_weeks and (self.grain is Grain.WEEKLY or not self._is_closed_on(day))

    def _is_closed_on(self, day: date) -> bool:
        return day.weekday() in self.closed_weekdays

    @property
    def columns(self) -> tuple[str, ...]:
        """The headers of the sales, in the file's order."""
        return tuple(name for name in HEADERS if name in ALWAYS or self._has(name))

    def _has(self, header: str) -> bool:
        if header in WITHOUT:
            return not WITHOUT[header] & self.oddities
        return BROUGHT_BY[header] in self.oddities


HEADERS = ("Date", "Product", "Category", "Shop", "Units", "Unit price", "Revenue", "Promotion", "Status")
ALWAYS = frozenset({"Date", "Product", "Units"})
WITHOUT: Mapping[str, frozenset[str]] = {
    "Revenue": frozenset({"no revenue column", "units alone"}),
    "Unit price": frozenset({"no price column", "units alone"}),
}
"""Columns that every file has but those with one of these oddities."""

BROUGHT_BY = {
    "Category": "category column",
    "Shop": "shop column",
    "Promotion": "promotion",
    "Status": "cancelled rows",
}
"""Columns that only an oddity brings."""


def step_on(day: date, grain: Grain, periods: int) -> date:
    """The day that lies so many periods later; of months the first day."""
    if grain is not Grain.MONTHLY:
        return day + periods * (7 if grain is Grain.WEEKLY else 1) * DAY
    year, month = divmod(day.year * 12 + day.month - 1 + periods, 12)
    return date(year, month + 1, 1)


def end_of(day: date, grain: Grain) -> date:
    """The last day of the period that starts on `day`."""
    return step_on(day, grain, 1) - DAY
