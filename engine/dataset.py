"""What clean data is: tables whose columns have a type, a role, and a record of what was changed."""

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

import polars as pl

from engine.errors import MissingColumn

ColumnKind = Literal["date", "number", "text"]


class ColumnRole(StrEnum):
    """What a column means to the business; `OTHER` takes no part in any calculation."""

    DATE = "date"
    ITEM = "item"
    CATEGORY = "category"
    STORE = "store"
    QUANTITY = "quantity"
    REVENUE = "revenue"
    PRICE = "price"
    COST = "cost"
    ON_HAND = "on hand"
    ON_ORDER = "on order"
    LEAD_TIME = "lead time"
    VOLUME = "volume"
    CASE_PACK = "case pack"
    MINIMUM_ORDER = "minimum order"
    SHELF_LIFE = "shelf life"
    SUPPLIER = "supplier"
    PROMOTION = "promotion"
    CHANNEL_SPEND = "channel spend"
    TRAFFIC = "traffic"
    LEADS = "leads"
    EMPLOYEE = "employee"
    STAFF_ROLE = "staff role"
    RATE = "rate"
    MAX_HOURS = "max hours"
    AVAILABILITY = "availability"
    SHIFT = "shift"
    PEOPLE_NEEDED = "people needed"
    CODE = "item code"
    CHANNEL = "channel"
    DOCUMENT = "document"
    STATUS = "status"
    ROW_TYPE = "row type"
    VOID = "cancelled"
    OTHER = "other"


REPEATABLE_ROLES = frozenset(
    {
        *(ColumnRole.CHANNEL_SPEND, ColumnRole.AVAILABILITY, ColumnRole.OTHER),
        *(ColumnRole.STATUS, ColumnRole.ROW_TYPE, ColumnRole.VOID),
    }
)
"""Roles that several columns of one table may share; every other role belongs to one column at most."""


SHEET = "Sheet"
"""The column in which the reader keeps the sheet or file of each row, where it put several together."""
MEANINGS = {role.value.capitalize(): role for role in ColumnRole}
"""Every role under the words by which an owner chooses it."""


class TableKind(StrEnum):
    """What a table is; what it cannot be told is `OTHER`."""

    SALE_LINES = "sale lines"
    ORDERS = "orders"
    DAILY_TOTALS = "daily totals"
    INVOICES = "invoices"
    PAYMENTS = "payments"
    LEDGER = "ledger"
    ADS = "ad report"
    TRAFFIC = "traffic"
    STOCK = "stock list"
    PRICES = "price list"
    STAFF = "staff"
    TIMESHEET = "timesheet"
    ROSTER = "dated roster"
    WEEK = "weekday roster"
    NEEDS = "needs"
    LEAVE = "leave"
    OTHER = "other"


class Frequency(StrEnum):
    """The length of one period."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    @property
    def period(self) -> str:
        """The noun for one period: "day", "week", ..."""
        return {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"}[self]

    @property
    def season_length(self) -> int:
        """Periods in one season, as forecasters count them: 7 days, 52 weeks, 12 months, 4 quarters, 1 year."""
        return {"daily": 7, "weekly": 52, "monthly": 12, "quarterly": 4, "yearly": 1}[self]

    @property
    def polars_interval(self) -> str:
        """The interval in polars' language: "1d", "1w", ..."""
        return {"daily": "1d", "weekly": "1w", "monthly": "1mo", "quarterly": "1q", "yearly": "1y"}[self]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: the owner's own header.
        role: what the column means.
        kind: how its values are stored in the frame: dates, floats or text.
        confidence: 0..1, how sure we are of the role; 1 when the owner chose it.
        why: the evidence, in a few words ("the header says so", "chosen by you").
    """

    name: str
    role: ColumnRole
    kind: ColumnKind
    confidence: float
    why: str


@dataclass(frozen=True)
class Table:
    """One table of the owner's file.

    Attributes:
        name: the sheet's name, or the file's name without its ending.
        frame: one column per `Column`, same names and order; pl.Date, pl.Float64 or pl.String.
        columns: what each column means.
        header_row: the spreadsheet row (from 1) that holds the headers; 0 when the file had none.
        headers: the file's own headers where the columns are others because the table was reshaped; else empty.
        kind: what it is.
    """

    name: str
    frame: pl.DataFrame
    columns: tuple[Column, ...]
    header_row: int
    headers: tuple[str, ...] = ()
    kind: TableKind = TableKind.OTHER

    @property
    def fingerprint(self) -> str:
        """A short hash of the headers, by which next month's file is recognised."""
        return header_fingerprint(list(self.headers) or [column.name for column in self.columns])

    def find(self, role: ColumnRole) -> Column | None:
        """The first column with this role, or None."""
        return next((column for column in self.columns if column.role is role), None)

    def roles_moved(self, column: str, meaning: str) -> dict[str, ColumnRole]:
        """The changes that give a column this meaning; one that had it before is freed where only one can have it.

        Args:
            column: the column's name.
            meaning: one of `MEANINGS`.
        """
        role = MEANINGS[meaning]
        former = self.find(role) if role not in REPEATABLE_ROLES else None
        freed = {former.name: ColumnRole.OTHER} if former and former.name != column else {}
        return {**freed, column: role}

    def has(self, *roles: ColumnRole) -> bool:
        """True when every one of these roles has a column."""
        return all(self.find(role) for role in roles)

    def require(self, role: ColumnRole) -> Column:
        """The column with this role.

        Raises:
            MissingColumn: no column has it.
        """
        column = self.find(role)
        if column is None:
            raise MissingColumn(role.value, available=[c.name for c in self.columns], where=f"sheet {self.name}")
        return column


@dataclass(frozen=True)
class Repair:
    """One thing that was changed on the way in.

    Attributes:
        what: what was done, in a few words.
        rows: how many rows it touched.
        where: the sheet or file, and the column where there is one.
        cells: the first places that it touched, as the owner finds them ("row 12").
    """

    what: str
    rows: int
    where: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """Something that the file alone cannot settle; until the owner answers, `chosen` is used and said.

    Attributes:
        key: stable name, under which the answer is remembered: the table's fingerprint, a slash, and more.
        text: the question, in plain words.
        options: the possible answers.
        chosen: the answer in use, one of `options`.
        essential: True when the answer changes the numbers and nothing in the file favours one; no number should be
            believed before it is given.
    """

    key: str
    text: str
    options: tuple[str, ...]
    chosen: str
    essential: bool = False

    @property
    def table(self) -> str:
        """The fingerprint of the table that it is about; "" where it is about the whole file."""
        return self.key.partition("/")[0]


@dataclass(frozen=True)
class CleaningReport:
    """What was done to the owner's file before any number was computed.

    Attributes:
        read_as: how the file was understood, one line each ("decimal comma in Price").
        repairs: what was changed, with counts.
        questions: what is still open.
        warnings: what was left as it is but deserves a look.
    """

    read_as: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    questions: tuple[Question, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choices:
    """What the owner decided about a file; with the bytes, all that is needed to read it the same way again.

    Attributes:
        roles: per header fingerprint, the role of each column that the owner set.
        answers: per question key, the chosen option.
    """

    roles: Mapping[str, Mapping[str, ColumnRole]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)

    def updated(self, later: "Choices") -> "Choices":
        """These choices, overruled by later ones column by column and question by question."""
        roles = {
            table: {**self.roles.get(table, {}), **later.roles.get(table, {})} for table in {*self.roles, *later.roles}
        }
        return Choices(roles, {**self.answers, **later.answers})

    def without(self, fingerprints: Container[str]) -> "Choices":
        """These choices without what concerns tables with these fingerprints."""
        roles = {table: columns for table, columns in self.roles.items() if table not in fingerprints}
        answers = {key: option for key, option in self.answers.items() if key.partition("/")[0] not in fingerprints}
        return Choices(roles, answers)


@dataclass(frozen=True)
class Dataset:
    """One business's file, clean.

    Attributes:
        name: the file's name.
        sha256: hash of the file's bytes and of the owner's choices: the key of every cache.
        tables: the tables found, in the file's order.
        report: what was changed and what is open.
        currency: ISO code, or "" when the file names none.
    """

    name: str
    sha256: str
    tables: tuple[Table, ...]
    report: CleaningReport
    currency: str = ""

    def table(self, name: str) -> Table:
        """The table with this name."""
        return next(table for table in self.tables if table.name == name)


def header_fingerprint(headers: list[str]) -> str:
    """A short hash of column names that ignores case and outer blanks."""
    text = "\x1f".join(name.strip().casefold() for name in headers)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def in_words(day: date) -> str:
    """A day as people write it.

    >>> in_words(date(2026, 5, 3))
    '3 May 2026'
    """
    return f"{day.day} {day:%B %Y}"


def step(day: date, frequency: Frequency, periods: int) -> date:
    """The start of the period that lies `periods` after the one that starts on `day`."""
    if frequency is Frequency.DAILY:
        return day + timedelta(days=periods)
    if frequency is Frequency.WEEKLY:
        return day + timedelta(weeks=periods)
    months = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}[frequency] * periods
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
