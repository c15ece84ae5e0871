"""What outlives a browser tab: saved files, the owner's choices about them, and saved scenarios, per workspace.

store = open_store(url)      # from engine.store.store, which loads SQLAlchemy; the values here load nothing
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Union

__all__ = [
    "JSON",
    "PurchaseLine",
    "PurchaseOrder",
    "Receipt",
    "SavedDataset",
    "SavedScenario",
    "SavedTurn",
    "ScenarioRecord",
    "Sender",
    "SupplierContact",
    "Turn",
]

JSON = Union[str, int, float, bool, None, Sequence["JSON"], Mapping[str, "JSON"]]  # noqa: UP007 - it names itself


@dataclass(frozen=True)
class SavedDataset:
    """An owner's file in the store.

    Attributes:
        sha256: hash of the file's bytes; unlike `Dataset.sha256`, the owner's choices take no part.
        name: the file's name when it was last saved.
        size: bytes.
        saved_at: when it was last saved, UTC.
    """

    sha256: str
    name: str
    size: int
    saved_at: datetime


@dataclass(frozen=True)
class ScenarioRecord:
    """A question with its settings, to be seen again.

    Attributes:
        name: what the owner calls it.
        page: the page that shows it: "forecast".
        dataset_sha256: the `SavedDataset` that it was asked about.
        parameters: the page's settings; sequences come back as lists.
        headline: its answer in one line, for the list of scenarios.
    """

    name: str
    page: str
    dataset_sha256: str
    parameters: Mapping[str, JSON]
    headline: str


@dataclass(frozen=True)
class SavedScenario(ScenarioRecord):
    """A scenario in the store.

    Attributes:
        id: random and safe in an address, so that a link can carry it.
        saved_at: when it was saved, UTC.
    """

    id: str
    saved_at: datetime


@dataclass(frozen=True)
class Turn:
    """A question to the Coach and what it answered.

    Attributes:
        talk: the conversation that it belongs to.
        dataset_sha256: the `SavedDataset` that was open.
        question: as the owner typed it.
        tool: the calculation that answered, or "" for none.
        answer: what was shown, as plain values.
        rating: 1 when the owner found it right, -1 when wrong, 0 when nothing was said.
    """

    talk: str
    dataset_sha256: str
    question: str
    tool: str
    answer: JSON
    rating: int = 0


@dataclass(frozen=True)
class SavedTurn(Turn):
    """A question in the store.

    Attributes:
        id: random.
        asked_at: when it was asked, UTC.
        closeness: cosine between its embedding and what was searched for, -1..1; 0 where nothing was searched for.
    """

    id: str = ""
    asked_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    closeness: float = 0.0


@dataclass(frozen=True)
class Sender:
    """The business that orders, as it stands on its purchase orders."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True)
class SupplierContact:
    """Where orders to a supplier go, and what was agreed with it.

    Attributes:
        address: of the supplier, several lines; "" when nobody gave it.
        payment: the terms of payment: "30 days net".
        delivery: the terms of delivery: "free of charge, to the back door".
        name: of whoever delivers what the file names no supplier of; "" when nobody gave it.
    """

    address: str = ""
    payment: str = ""
    delivery: str = ""
    name: str = ""


@dataclass(frozen=True)
class PurchaseLine:
    """One article of a purchase order.

    Attributes:
        item: its name, as in the owner's file.
        quantity: units, > 0.
        unit_price: currency per unit.
        expected: the day on which it should come.
        code: the article code; "" for none.
        pack: units per case, > 0.
    """

    item: str
    quantity: float
    unit_price: float
    expected: date
    code: str = ""
    pack: float = 1.0

    @property
    def amount(self) -> float:
        """Currency to pay, whole cents: what is written on the order adds up."""
        return round(self.quantity * self.unit_price, 2)

    @property
    def packs(self) -> float:
        """Cases."""
        return self.quantity / self.pack


@dataclass(frozen=True)
class Receipt:
    """Units of an item that came on a day; below zero where too many had been noted."""

    item: str
    day: date
    quantity: float


@dataclass(frozen=True)
class PurchaseOrder:
    """What was ordered from one supplier, and what has become of it.

    Attributes:
        supplier: the name, "" where the file names none.
        placed: the day of the order.
        currency: ISO code of all money, or "".
        lines: the articles, each once.
        sender: who orders.
        contact: of the supplier.
        number: running for each business from 1 on; 0 until it is approved.
        receipts: what came.
        cancelled: the day from which nothing more is expected, or None.
    """

    supplier: str
    placed: date
    currency: str
    lines: tuple[PurchaseLine, ...]
    sender: Sender = Sender()
    contact: SupplierContact = SupplierContact()
    number: int = 0
    receipts: tuple[Receipt, ...] = ()
    cancelled: date | None = None

    @property
    def reference(self) -> str:
        """The number as it is written: "PO-0012"; "Draft" before it is approved."""
        return f"PO-{self.number:04d}" if self.number else "Draft"

    @property
    def addressee(self) -> str:
        """Who delivers, as on the order; "" when nobody said it."""
        return self.supplier or self.contact.name

    @property
    def total(self) -> float:
        """Currency to pay."""
        return round(sum(line.amount for line in self.lines), 2)

    @property
    def expected(self) -> date:
        """The day on which all of it should be there."""
        return max(line.expected for line in self.lines)

    def received(self, item: str) -> float:
        """Units of an item that came so far."""
        return sum(each.quantity for each in self.receipts if each.item == item)

    def outstanding(self, line: PurchaseLine) -> float:
        """Units of a line that are still to come."""
        return 0.0 if self.cancelled else max(0.0, line.quantity - self.received(line.item))

    @property
    def is_open(self) -> bool:
        """Whether anything is still to come."""
        return any(self.outstanding(line) > 0 for line in self.lines)

    @property
    def state(self) -> str:
        """What has become of it, in a word or two."""
        came = any(self.received(line.item) > 0 for line in self.lines)
        if self.cancelled:
            return "rest cancelled" if came else "cancelled"
        return ("part received" if came else "open") if self.is_open else "received"
