"""The order list as a grid in which the owner changes quantities, and what each change costs."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import polars as pl
import streamlit as st

from engine.exports.orders import order_list, with_unit
from engine.inventory import OrderPlan, Planner
from pages.parts.frame import show, state, widgets

QUANTITY = "Quantity"
ROW, MOST_ROWS = 35, 16
"""Height of a row of the grid, pixels, and how many rows are seen at once."""

_SHOWN = (
    "Item", QUANTITY, "Packs", "Price", "Amount", "Days left", "On hand", "On order", "Sells a day",
    "Risk", "Supplier", "Code", "Why",
)  # fmt: skip


def listed(plan: OrderPlan, codes: dict[str, str], later: timedelta) -> pl.DataFrame:
    """The list with a quantity that can be changed in place; returns all that is known of each line.

    Args:
        plan: what to order, the owner's own quantities included.
        codes: the article codes.
        later: how much later than the plan thinks the order is placed.
    """
    whole = order_list(plan, codes, later)
    money = {with_unit(name, plan.currency): name for name in ("Price", "Amount")}
    frame = whole.rename({**money, "Risk of running out, %": "Risk"})
    frame = frame.select(name for name in _SHOWN if name in frame.columns)
    frame = frame if frame["Supplier"].str.len_chars().sum() else frame.drop("Supplier")
    names = frame["Item"].to_list()
    key = f"order-list-{state.on_screen(_version_key(), 0)}-{sha256(repr(names).encode()).hexdigest()[:8]}"
    widgets.editor(
        frame,
        key=key,
        on_change=_take_edits,
        args=(key, names),
        disabled=[name for name in frame.columns if name != QUANTITY],
        column_config=_columns(plan.currency),
        row_height=ROW,
        height=ROW * (1 + min(len(names), MOST_ROWS)) + 3,
        alt="The order list, what runs out first on top: quantity, price, stock, sales, risk and reason of each item",
    )
    return whole


def _columns(currency: str) -> dict[str, Any]:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    until = "The chance that it runs out before the delivery after this one, with this order."
    return {
        "Item": text(width=132, pinned=True),
        QUANTITY: number(width=90, min_value=0.0, format="localized", required=True, help="Units; change it here."),
        "Packs": number(width=54, format="localized"),
        "Price": number(with_unit("Price", currency), width=76, format="%,.2f", help="Per unit."),
        "Amount": number(with_unit("Amount", currency), width=92, format="%,.2f"),
        "Days left": number(width=68, format="%,.1f", help="Until the shelf is empty without this order."),
        "On hand": number(width=66, format="localized"),
        "On order": number(width=70, format="localized", help="Under way, with the orders that you approved here."),
        "Sells a day": number(width=82, format="%,.1f"),
        "Risk": number(width=50, format="%.0f%%", help=until),
        "Supplier": text(width=150),
        "Code": text(width=80),
        "Why": text(width=640),
    }


def own_quantities(plan: OrderPlan, planner: Planner) -> OrderPlan:
    """The plan with the quantities that the owner has put in place of its own, and what each costs."""
    saved: dict[str, float] = state.on_screen(_own_key(), {})
    own = {line.name: saved[line.name] for line in plan.lines if saved.get(line.name, line.quantity) != line.quantity}
    if not own:
        return plan
    edited = planner.with_own(plan, own)
    more = edited.proof.objective - plan.proof.objective
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        each = [_change(plan, edited, name) for name in own]
        together = f"Together: **{_more(more, plan.currency)}** than the list that I would order."
        st.markdown(" ".join(["**Your own quantities.**", *each, together]), width="stretch")
        st.button("Back to the cheapest list", on_click=forget_own)
    assert edited.proof.recheck is not None
    for broken in edited.proof.recheck.violations:
        st.warning(f"{show.plain(broken[:1].upper() + broken[1:])}.", icon=":material/warning:")
    return edited


def _change(plan: OrderPlan, edited: OrderPlan, name: str) -> str:
    before, after = plan.line(name), edited.line(name)
    costs = _more(after.cost - before.cost, plan.currency)
    return f"{show.plain(name)}: {after.quantity:,.10g} instead of {before.quantity:,.10g} costs {costs}."


def _more(amount: float, currency: str) -> str:
    return f"{abs(amount):,.2f} {currency} {'more' if amount >= 0 else 'less'}".replace("  ", " ")


def order_own(name: str, units: float) -> None:
    """Put a quantity of the owner's in place of the plan's."""
    _keep({name: units})
    _draw_anew()


def forget_own() -> None:
    """Go back to the plan's quantities."""
    state.put_on_screen({_own_key(): {}})
    _draw_anew()


def _take_edits(key: str, names: Sequence[str]) -> None:
    rows: dict[int, dict[str, float | None]] = state.on_screen(key, {}).get("edited_rows", {})
    _keep({names[int(row)]: float(cells[QUANTITY] or 0.0) for row, cells in rows.items() if QUANTITY in cells})


def _keep(own: dict[str, float]) -> None:
    state.put_on_screen({_own_key(): {**state.on_screen(_own_key(), {}), **own}})


def _draw_anew() -> None:
    """The grid forgets what was typed into it: it shows the plan's quantities, and those of the owner among them."""
    state.put_on_screen({_version_key(): state.on_screen(_version_key(), 0) + 1})


def _own_key() -> str:
    return f"own-orders-{state.session().file[:16]}"


def _version_key() -> str:
    return f"own-orders-shown-{state.session().file[:16]}"
