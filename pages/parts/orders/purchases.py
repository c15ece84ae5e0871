"""From the list to purchase orders that are sent, kept, received or cancelled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from hashlib import sha256

import polars as pl
import streamlit as st

from engine.business.model import Business
from engine.dataset import in_words
from engine.exports.orders import (
    NO_SUPPLIER,
    money,
    order_workbook,
    purchase_email,
    purchase_pdf,
    purchase_table,
    purchase_workbook,
)  # fmt: skip
from engine.ingest.amounts import CODES
from engine.inventory import OrderPlan
from engine.store import PurchaseOrder, Sender, SupplierContact
from engine.workflows import purchases
from engine.workflows.orders import Stock
from engine.workflows.purchases import Letterhead
from pages.parts.frame import cached, show, state, widgets
from pages.parts.orders import listing

RECEIVED = "Received, in all"
_PDF = "application/pdf"


@dataclass(frozen=True, eq=False)
class OrderDesk:
    """Everything about a business's orders that the page needs.

    Attributes:
        subject: under which they are kept.
        today: the day on which it is asked.
        currency: ISO code of all money, of the file or told once; or "".
        asks_currency: the file does not say it.
        orders: all that were approved, the latest first.
        letterhead: who orders, and what was agreed with suppliers.
        stock: with what is open and what came since counted in.
        key: of the stock, for what is computed from it.
        sentences: what was counted in.
    """

    subject: str
    today: date
    currency: str
    asks_currency: bool
    orders: tuple[PurchaseOrder, ...]
    letterhead: Letterhead
    stock: Stock
    key: str
    sentences: tuple[str, ...]

    @property
    def open_orders(self) -> tuple[PurchaseOrder, ...]:
        """Those of which something is still to come, the latest first."""
        return tuple(order for order in self.orders if order.is_open)

    @property
    def last_number(self) -> int:
        """The number of the latest order, 0 for none."""
        return max((order.number for order in self.orders), default=0)


def desk(business: Business) -> OrderDesk:
    """The orders of the open business, counted into its stock."""
    subject, stock = purchases.subject(business), cached.stock(business, business.key)
    orders = cached.services().store.purchase_orders(state.session().workspace, subject)
    counted = purchases.counted(stock, orders, business.today)
    letterhead = purchases.from_json(state.recall(_letterhead_subject(subject)))
    key = f"{business.key}-{counted.key}" if counted.key else business.key
    here = OrderDesk(
        subject=subject,
        today=business.today,
        currency=business.currency or letterhead.currency,
        asks_currency=not business.currency,
        orders=orders,
        letterhead=letterhead,
        stock=counted.stock,
        key=key,
        sentences=counted.sentences,
    )
    listing.begin_after(here.last_number)
    return here


def to_suppliers(here: OrderDesk, plan: OrderPlan, listed: pl.DataFrame) -> None:
    """The list as one order per supplier, to be approved."""
    drafts = purchases.drafts(plan, here.stock, here.letterhead, here.today)
    if not drafts:
        more = " What is on its way stands under Open orders." if here.open_orders else ""
        st.markdown(f"Nothing needs to be ordered now.{more}")
        return
    if purchases.is_old(here.stock):
        ends = in_words(purchases.covered_until(here.stock))
        st.caption(
            f":material/info: Your file ends on {ends}. I take its stock for today's: "
            "orders are dated today, and deliveries are counted from today."
        )
    names = {order.supplier: order.addressee or NO_SUPPLIER for order in drafts}
    chosen = _ordered_from(names)
    _sender(here)
    for order in drafts:
        if order.supplier in chosen:
            with st.expander(f"{show.plain(names[order.supplier])}: {money(order)}"):
                alt = f"What to order from {names[order.supplier]}"
                show.table(_without_needless_digits(purchase_table(order)), alt=alt, digits=2)
                _contact(here, order.supplier)
    wanted = tuple(order for order in drafts if order.supplier in chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        _approval(here, wanted)
        widgets.download("Download the list as Excel", lambda: order_workbook(listed, drafts), "orders.xlsx")


def _ordered_from(names: dict[str, str]) -> Sequence[str]:
    """The suppliers that are ordered from now: all, but those that the owner has left out."""
    if len(names) < 2:
        return list(names)
    key = f"order-from-{sha256(repr(list(names)).encode()).hexdigest()[:8]}"
    default = [name for name in names if name not in state.on_screen(_NOT_FROM, ())]
    return st.multiselect(
        "Order now from",
        list(names),
        default,
        format_func=names.__getitem__,
        key=key,
        on_change=_leave_out,
        args=(key, names),
    )


def _leave_out(key: str, names: dict[str, str]) -> None:
    others = set(state.on_screen(_NOT_FROM, ())) - set(names)
    state.put_on_screen({_NOT_FROM: others | (set(names) - set(state.on_screen(key, ())))})


_NOT_FROM = "order-not-from"


def _without_needless_digits(frame: pl.DataFrame) -> pl.DataFrame:
    """Units and packs as whole numbers, where all of them are."""
    units = [name for name in ("Quantity", "Packs") if name in frame.columns]
    return frame.with_columns(pl.col(n).cast(pl.Int64) for n in units if (frame[n] == frame[n].round()).all())


def _approval(here: OrderDesk, wanted: tuple[PurchaseOrder, ...]) -> None:
    named = bool(here.letterhead.sender.name)
    total = sum(order.total for order in wanted)
    currency = wanted[0].currency if wanted else ""
    count = f"{len(wanted)} {'order' if len(wanted) == 1 else 'orders'}"
    st.button(
        f"Approve {count}, {total:,.2f} {currency}".rstrip(),
        type="primary",
        icon=":material/check:",
        key="approve-orders",
        disabled=not (wanted and named),
        help="" if named else "Say first who orders.",
        on_click=_approve,
        args=(here, wanted),
    )


def _approve(here: OrderDesk, wanted: tuple[PurchaseOrder, ...]) -> None:
    with show.problems():
        store, workspace = cached.services().store, state.session().workspace
        kept = store.add_orders(workspace, here.subject, wanted, after=here.last_number)
        listing.forget_own()
        named = ", ".join(order.reference for order in kept)
        st.toast(f"Approved: {named}. Send them from Open orders.", icon=":material/check:")


def _sender(here: OrderDesk) -> None:
    """Who orders; asked once."""
    sender = here.letterhead.sender
    label = f"From {show.plain(sender.name)}" if sender.name else "Who orders? Your name and address, asked once"
    with (
        st.expander(label, expanded=not sender.name, icon=":material/storefront:"),
        st.form("order-sender", border=False),
    ):
        name = st.text_input("Your business", sender.name, max_chars=120)
        address = st.text_area("Your address", sender.address, max_chars=400, height=100)
        currency = here.letterhead.currency
        if here.asks_currency:
            codes = ["", *sorted(CODES)]
            place = codes.index(currency) if currency in codes else 0
            currency = st.selectbox("Currency: your file does not say it", codes, place, format_func=_or_unsaid)
        if st.form_submit_button("Keep"):
            told = Sender(name.strip(), address.strip())
            _keep(here, replace(here.letterhead, sender=told, currency=currency))


def _or_unsaid(code: str) -> str:
    return code or "not said"


def _contact(here: OrderDesk, supplier: str) -> None:
    """The address and terms of a supplier; asked once."""
    known = here.letterhead.contact(supplier)
    told = [text for text in (known.name, known.address, known.payment, known.delivery) if text]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(show.plain("; ".join(", ".join(text.splitlines()) for text in told) or "No address or terms yet."))
        label = "Address and terms" if supplier else "Name, address and terms"
        with st.popover(label, key=f"terms-{supplier}-{known}"), st.form(f"contact-{supplier}", border=False):
            name = "" if supplier else st.text_input("Supplier", known.name, max_chars=120)
            address = st.text_area("Address", known.address, max_chars=400, height=100)
            payment = st.text_input("Payment", known.payment, placeholder="30 days net", max_chars=120)
            delivery = st.text_input("Delivery", known.delivery, placeholder="free, before 10:00", max_chars=120)
            if st.form_submit_button("Keep"):
                contact = SupplierContact(address.strip(), payment.strip(), delivery.strip(), name.strip())
                _keep(here, here.letterhead.with_contact(supplier, contact))


def _keep(here: OrderDesk, letterhead: Letterhead) -> None:
    state.remember(_letterhead_subject(here.subject), purchases.as_json(letterhead))
    st.rerun()


def _letterhead_subject(subject: str) -> str:
    return f"orders of {subject}"


def open_orders(here: OrderDesk) -> None:
    """What was approved and is still to come; what became of the others."""
    if not here.orders:
        return
    st.subheader("Open orders")
    if not here.open_orders:
        st.markdown("Nothing is on its way.")
    for sentence in here.sentences:
        st.caption(f":material/info: {show.plain(sentence)}")
    for order in here.open_orders:
        title = f"**{order.reference}** {show.plain(order.addressee or NO_SUPPLIER)}, {money(order)}"
        late = ", late" if order.expected < here.today else ""
        title = f"{title}, {order.state}, expected {in_words(order.expected)}{late}"
        place = st.expander(title, key=f"order-{order.number}", on_change="rerun")
        if place.open:
            with place:
                _one_order(here, order)
    _closed(here)


def _one_order(here: OrderDesk, order: PurchaseOrder) -> None:
    frame = pl.DataFrame(
        {
            "Item": [line.item for line in order.lines],
            "Ordered": [line.quantity for line in order.lines],
            RECEIVED: [max(line.quantity, order.received(line.item)) for line in order.lines],
            "Came so far": [order.received(line.item) for line in order.lines],
            "Expected on": [line.expected for line in order.lines],
        }
    )
    number = st.column_config.NumberColumn
    columns = {
        "Item": st.column_config.TextColumn(pinned=True),
        RECEIVED: number(min_value=0.0, format="localized", required=True),
        **{name: number(format="localized") for name in ("Ordered", "Came so far")},
        "Expected on": st.column_config.DateColumn(format="ddd D MMM YYYY"),
    }
    edited = widgets.editor(
        frame,
        key=f"receive-{order.number}-{len(order.receipts)}",
        disabled=[name for name in frame.columns if name != RECEIVED],
        column_config=columns,
        alt=f"What came of {order.reference}",
    )
    totals = {item: float(units or 0.0) for item, units in edited.select("Item", RECEIVED).iter_rows()}
    st.caption("Lower a number where only part of it came; the rest stays open.")
    with st.container(horizontal=True, vertical_alignment="center"):
        came = partial(purchases.receive, totals=totals, day=here.today)
        _change_button("Mark as received", here, order, came, primary=True)
        label = "Cancel the rest" if order.receipts else "Cancel this order"
        _change_button(label, here, order, partial(purchases.cancel, day=here.today))
        _documents(order)


def _documents(order: PurchaseOrder) -> None:
    """The order for its supplier: PDF, workbook, text of an e-mail."""
    number, name = order.number, f"{order.reference} {order.addressee}".strip()
    build = partial(purchase_pdf, order)
    icon = ":material/picture_as_pdf:"
    st.download_button("PDF", build, f"{name}.pdf", _PDF, icon=icon, key=f"pdf-{number}", on_click="ignore")
    widgets.download("Excel", partial(purchase_workbook, order), f"{name}.xlsx")
    with st.popover("E-mail", icon=":material/mail:"):
        st.code(purchase_email(order), language=None, wrap_lines=True)


def _closed(here: OrderDesk) -> None:
    closed = {order.number: order for order in here.orders if not order.is_open}
    if not closed:
        return
    place = st.expander(f"Earlier orders: {len(closed)}", key="earlier-orders", on_change="rerun")
    if not place.open:
        return
    with place:
        rows = [
            (each.reference, each.addressee or NO_SUPPLIER, each.placed, each.total, each.currency, each.state)
            for each in closed.values()
        ]
        names = ["Number", "Supplier", "Ordered on", "Total", "Currency", "What became of it"]
        show.table(
            pl.DataFrame(rows, schema=names, orient="row"), alt="Earlier orders and what became of them", digits=2
        )
        state.drop_unless("earlier-order", closed)
        number = st.selectbox("Order", closed, format_func=lambda each: closed[each].reference, key="earlier-order")
        with st.container(horizontal=True, vertical_alignment="center"):
            _change_button("Open it again", here, closed[number], purchases.reopen)
            _documents(closed[number])


def _change_button(
    label: str,
    here: OrderDesk,
    order: PurchaseOrder,
    change: Callable[[PurchaseOrder], PurchaseOrder],
    *,
    primary: bool = False,
) -> None:
    st.button(
        label,
        type="primary" if primary else "secondary",
        key=f"{label}-{order.number}",
        on_click=_change,
        args=(here, order.number, change),
    )


def _change(here: OrderDesk, number: int, change: Callable[[PurchaseOrder], PurchaseOrder]) -> None:
    with show.problems():
        cached.services().store.change_order(state.session().workspace, here.subject, number, change)
