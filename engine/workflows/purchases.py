"""From an approved order list to purchase orders, and from what is open and what came to the next list."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import polars as pl

from engine import json_values
from engine.business.model import Business
from engine.dataset import Frequency, in_words
from engine.inventory import Arrival, OrderLine, OrderPlan
from engine.inventory.lost_sales import SupplyRecord
from engine.store import JSON, PurchaseLine, PurchaseOrder, Receipt, Sender, SupplierContact
from engine.workflows.orders import Stock

DAY = timedelta(days=1)
LEAST = 1e-9
"""Units below it are a rounding error."""

PRICE_DIGITS = 8
"""A price that comes from dividing an amount is written without the error of the division."""

FEWEST_DELIVERIES = 3
"""With fewer orders that came in full, a supplier is taken at the word of the file."""


@dataclass(frozen=True)
class Letterhead:
    """What is written on a business's orders, told once.

    Attributes:
        sender: who orders.
        contacts: of the suppliers, by name.
        currency: ISO code of the money, where the file does not say it; or "".
    """

    sender: Sender = field(default_factory=Sender)
    contacts: tuple[tuple[str, SupplierContact], ...] = ()
    currency: str = ""

    def contact(self, supplier: str) -> SupplierContact:
        """What is known of a supplier."""
        return dict(self.contacts).get(supplier, SupplierContact())

    def with_contact(self, supplier: str, contact: SupplierContact) -> "Letterhead":
        """The same with what is now known of a supplier."""
        return replace(self, contacts=tuple(sorted({**dict(self.contacts), supplier: contact}.items())))


@dataclass(frozen=True, eq=False)
class CountedStock:
    """What the next list starts from.

    Attributes:
        stock: with what is open as on order and with what came after the file's last day on the shelf.
        key: differs whenever any of that differs; "" while there is nothing to count.
        sentences: what was counted, and what the owner should look at.
    """

    stock: Stock
    key: str
    sentences: tuple[str, ...]


def subject(business: Business) -> str:
    """Under which a business's orders are kept: next month's file with the same columns finds them again."""
    return business.fingerprint("quantity")[:64]


def as_json(letterhead: Letterhead) -> JSON:
    """For the store."""
    saved: JSON = json_values.dump(letterhead, Letterhead)
    return saved


def from_json(saved: JSON) -> Letterhead:
    """What the store gave back; an empty one when it is none."""
    try:
        return json_values.load(saved, Letterhead) if saved is not None else Letterhead()
    except ValueError:
        return Letterhead()


def codes_of(stock: Stock) -> dict[str, str]:
    """The article code of each item that has one."""
    return dict(stock.items.select("name", "code").drop_nulls().iter_rows())


def is_old(stock: Stock) -> bool:
    """Whether days have gone by since the last that the file covers; its stock is taken for today's all the same."""
    return stock.today > covered_until(stock) + DAY


def drafts(
    plan: OrderPlan, stock: Stock, letterhead: Letterhead, today: date, suppliers: Iterable[str] | None = None
) -> tuple[PurchaseOrder, ...]:
    """The plan's orders, one per supplier, not approved yet.

    Args:
        plan: what to order.
        stock: what the plan was made from.
        letterhead: who orders, and what was agreed.
        today: the day of the orders.
        suppliers: those that are ordered from; None for all.
    """
    codes = codes_of(stock)
    chosen = set(plan.suppliers if suppliers is None else suppliers)
    return tuple(
        PurchaseOrder(
            supplier=supplier,
            placed=today,
            currency=plan.currency,
            lines=tuple(
                _line(each, codes.get(each.name, ""), each.arrives) for each in plan.orders if each.supplier == supplier
            ),
            sender=letterhead.sender,
            contact=letterhead.contact(supplier),
        )
        for supplier in plan.suppliers
        if supplier in chosen
    )


def receive(order: PurchaseOrder, totals: Mapping[str, float], day: date) -> PurchaseOrder:
    """The order when of some items so much has come in all; the same totals twice change nothing.

    Args:
        order: as it stands.
        totals: units by item, >= 0; items that it does not name stay as they are.
        day: on which they came.
    """
    came = [
        Receipt(line.item, day, totals[line.item] - order.received(line.item))
        for line in order.lines
        if line.item in totals and abs(totals[line.item] - order.received(line.item)) > LEAST
    ]
    return replace(order, receipts=(*order.receipts, *came))


def receive_all(order: PurchaseOrder, day: date) -> PurchaseOrder:
    """The order when all of it has come."""
    return receive(order, {line.item: max(line.quantity, order.received(line.item)) for line in order.lines}, day)


def cancel(order: PurchaseOrder, day: date) -> PurchaseOrder:
    """The order when nothing more is expected of it."""
    return replace(order, cancelled=order.cancelled or day)


def reopen(order: PurchaseOrder) -> PurchaseOrder:
    """The order as before it was cancelled, else as if nothing had come: for a wrong click."""
    return replace(order, cancelled=None) if order.cancelled else replace(order, receipts=())


def counted(stock: Stock, orders: Sequence[PurchaseOrder], today: date) -> CountedStock:
    """Count approved orders into the stock that the next list starts from.

    What is open is under way until its expected day; what is late counts as coming first. What came up to the file's
    last day is in the file's stock already. Where the file itself says what is on order, it speaks for the orders up
    to its last day as well.

    Args:
        stock: as the file gives it.
        orders: of the business.
        today: the day on which it is asked.
    """
    names, last = set(stock.items["name"]), covered_until(stock)
    told = set(stock.items.drop_nulls("on_order")["name"])
    paces = delivery_paces(stock, orders, today)
    at_once = set(stock.items.filter(pl.col("shelf_life") <= 1)["name"])
    arriving: dict[str, list[Arrival]] = {}
    came: dict[str, float] = {}
    off_file: dict[str, float] = {}
    for order in orders:
        in_file = told if order.placed <= last else set[str]()
        for line in order.lines:
            name, fresh = line.item, sum(each.quantity for each in _after(order, line.item, last))
            if name not in names:
                continue
            came[name] = came.get(name, 0.0) + fresh
            if name in in_file:
                off_file[name] = off_file.get(name, 0.0) + fresh
            elif order.outstanding(line) > 0:
                under_way = Arrival(_period(line.expected, today, name in at_once), order.outstanding(line))
                arriving.setdefault(name, []).append(under_way)
    came = {name: units for name, units in came.items() if abs(units) > LEAST}
    if not arriving and not came and not paces:
        return CountedStock(stock, "", _late(orders, today))
    items = _adjusted(stock.items, came, off_file)
    whole = replace(stock, items=items, arriving={name: tuple(each) for name, each in arriving.items()})
    state = [*(sorted(each.items()) for each in (arriving, came, off_file)), paces]
    key = hashlib.sha256(repr(state).encode()).hexdigest()[:16]
    sentences = (*_says(arriving, came, last), *(each.sentence for each in paces), *_late(orders, today))
    return CountedStock(_at_pace(whole, paces), key, sentences)


@dataclass(frozen=True)
class DeliveryPace:
    """How long a supplier takes, as its past orders tell.

    Attributes:
        supplier: the name.
        promise: what was first expected, days.
        orders: how many came in full.
        days: expected from order to delivery.
        sd: standard deviation, days.
    """

    supplier: str
    promise: int
    orders: int
    days: float
    sd: float

    @property
    def sentence(self) -> str:
        """For the owner."""
        return (
            f"After {self.orders} deliveries of {self.supplier} I plan with {self.days:.1f} days, give or take "
            f"{self.sd:.1f}; it was {self.promise} at first."
        )


def delivery_paces(stock: Stock, orders: Sequence[PurchaseOrder], today: date) -> tuple[DeliveryPace, ...]:
    """How long the suppliers take, of those with enough deliveries whose items have one lead time in the file.

    An order that is still open counts with its age; of one that was cancelled nothing is learnt.

    Args:
        stock: as the file gives it.
        orders: of the business.
        today: the day on which it is asked.
    """
    paces = []
    for supplier in sorted({order.supplier for order in orders} - {""}):
        if stock.items.filter(supplier=supplier)["lead_time"].n_unique() != 1:
            continue
        theirs = sorted((each for each in orders if each.supplier == supplier), key=lambda each: each.placed)
        took = [days for each in theirs if each.state == "received" and (days := _days_taken(each)) is not None]
        if len(took) < FEWEST_DELIVERIES:
            continue
        waiting = [max(0, (today - each.placed).days) for each in theirs if each.is_open]
        promise = max(0, (theirs[0].expected - theirs[0].placed).days)
        mean, sd = SupplyRecord.of_deliveries(promise, took, waiting).usual_lead_time
        paces.append(DeliveryPace(supplier, promise, len(took), mean, sd))
    return tuple(paces)


def _days_taken(order: PurchaseOrder) -> int | None:
    """Days until the last units came; None where a date cannot be."""
    days = (max(each.day for each in order.receipts if each.quantity > 0) - order.placed).days
    return days if days >= 0 else None


def _at_pace(stock: Stock, paces: Sequence[DeliveryPace]) -> Stock:
    """The stock with the lead times that deliveries have taught."""
    if not paces:
        return stock
    days, sd = {each.supplier: each.days for each in paces}, {each.supplier: each.sd for each in paces}
    learnt = pl.col("supplier").replace_strict(days, default=None, return_dtype=pl.Float64)
    names = stock.items.filter(pl.col("supplier").is_in(list(days))).select("name", "supplier").iter_rows()
    items = stock.items.with_columns(lead_time=pl.coalesce(learnt, "lead_time"))
    return replace(stock, items=items, late_days={name: sd[supplier] for name, supplier in names})


def _line(line: OrderLine, code: str, expected: date) -> PurchaseLine:
    price = round(line.unit_price, PRICE_DIGITS)
    return PurchaseLine(line.name, line.quantity, price, expected, code, line.curve.ready.item.pack)


def _after(order: PurchaseOrder, item: str, last: date) -> list[Receipt]:
    return [each for each in order.receipts if each.item == item and each.day > last]


def _adjusted(items: pl.DataFrame, came: Mapping[str, float], off_file: Mapping[str, float]) -> pl.DataFrame:
    """The items with what came on the shelf and off what the file says is on order."""
    if not came:
        return items
    plus = pl.col("name").replace_strict(came, default=0.0, return_dtype=pl.Float64)
    minus = pl.col("name").replace_strict(off_file, default=0.0, return_dtype=pl.Float64) if off_file else pl.lit(0.0)
    has_come = plus != 0
    return items.with_columns(
        on_hand=pl.when(has_come).then(pl.col("on_hand").fill_null(0.0) + plus).otherwise("on_hand"),
        on_order=(pl.col("on_order") - minus).clip(lower_bound=0.0),
    )


def _says(arriving: Mapping[str, Sequence[Arrival]], came: Mapping[str, float], last: date) -> tuple[str, ...]:
    sentences = []
    if arriving:
        units = sum(each.quantity for arrivals in arriving.values() for each in arrivals)
        sentences.append(f"Open orders count as on order: {units:,.10g} units of {_items(len(arriving))}.")
    if came:
        units = sum(came.values())
        sentences.append(
            f"{units:,.10g} units of {_items(len(came))} came after {in_words(last)}, the last day of your file: "
            "they are added to its stock."
        )
    return tuple(sentences)


def _late(orders: Sequence[PurchaseOrder], today: date) -> tuple[str, ...]:
    late = [each.reference for each in reversed(orders) if each.is_open and each.expected < today]
    if not late:
        return ()
    named = ", ".join(late[:3]) + (f" and {len(late) - 3} more" if late[3:] else "")
    one = len(late) == 1
    return (f"{named} should be here by now: say below whether {'it' if one else 'they'} came.",)


def _items(count: int) -> str:
    return f"{count} {'item' if count == 1 else 'items'}"


def covered_until(stock: Stock) -> date:
    """The last day that the file covers."""
    if stock.calendar.frequency is Frequency.DAILY or not stock.demands:
        return stock.last_day
    return stock.demands[0].periods[0] - DAY


def _period(expected: date, today: date, at_once: bool) -> int:
    """The day of the plan, 0 for tomorrow, from which on something sells: from the morning after it has come, and what
    keeps for a day at once."""
    return max(0, (expected - today).days - at_once)
