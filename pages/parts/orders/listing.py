"""The order list as a grid in which the owner changes quantities, and what each change costs."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import polars as pl
import streamlit as st

from engine.exports.orders import in_short, order_list, with_unit
from engine.inventory import OrderPlan, Planner
from pages.parts.frame import show, state, widgets

QUANTITY = "Quantity"
ROW, MOST_ROWS = 35, 16
"""Height of a row of the grid, pixels, and how many rows are seen at once."""

MOST_NAMED = 5
"""So many changes are told one by one."""

_SHOWN = (
    "Item", QUANTITY, "Packs", "Price", "Amount", "Days left", "On hand", "On order", "Sells a day",
    "Risk", "Why", "Supplier", "Code",
)  # fmt: skip


def listed(plan: OrderPlan, cheapest: OrderPlan, codes: dict[str, str]) -> pl.DataFrame:
    """The list with a quantity that can be changed in place; returns all that is known of each line.

    Args:
        plan: what to order, the owner's own quantities included.
        cheapest: what would be ordered without them.
        codes: the article codes.
    """
    whole = order_list(plan, codes)
    money = {with_unit(name, plan.currency): name for name in ("Price", "Amount")}
    frame = whole.rename({**money, "Risk of running out, %": "Risk"})
    best = _quantities(cheapest)
    reasons = {line.name: in_short(line, best[line.name]) for line in plan.lines}
    frame = frame.with_columns(pl.col("Packs").round(2), Why=pl.col("Item").replace_strict(reasons))
    frame = frame.select(name for name in _SHOWN if name in frame.columns)
    frame = frame if frame["Supplier"].str.len_chars().sum() else frame.drop("Supplier")
    names = frame["Item"].to_list()
    shown = f"{state.on_screen(_version_key(), 0)}-{state.on_screen(_LAST_ORDER, 0)}"
    key = f"order-list-{shown}-{sha256(repr(names).encode()).hexdigest()[:8]}"
    widgets.editor(
        frame,
        key=key,
        on_change=_take_edits,
        args=(key, names),
        disabled=[name for name in frame.columns if name != QUANTITY],
        column_config=_columns(plan.currency, frame.columns),
        row_height=ROW,
        height=ROW * (1 + min(len(names), MOST_ROWS)) + 3,
        alt="The order list, what runs out first on top: quantity, price, stock, sales, risk and reason of each item",
    )
    for broken in plan.proof.recheck.violations if plan.proof.recheck is not None else ():
        st.warning(f"{show.plain(broken[:1].upper() + broken[1:])}.", icon=":material/warning:")
    if best != _quantities(plan):
        st.button("Back to the cheapest list", on_click=forget_own)
    return whole


def _quantities(plan: OrderPlan) -> dict[str, float]:
    return {line.name: line.quantity for line in plan.lines}


def _columns(currency: str, shown: Sequence[str]) -> dict[str, Any]:
    """As wide that all of them stand side by side on a screen of 1440 pixels."""
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    until = "The chance that it runs out before the delivery after this one, with this order."
    why = "In full under Item by item, and in the list as Excel."
    spare = 30 if "Code" not in shown else 0
    return {
        "Item": text(width=116 + spare + (0 if "Supplier" in shown else 90), pinned=True),
        QUANTITY: number(width=84, min_value=0.0, format="localized", required=True, help="Units; change it here."),
        "Packs": number(width=50, format="localized"),
        "Price": number(width=54, format="%,.2f", help=f"{currency} per unit." if currency else "Per unit."),
        "Amount": number(with_unit("Amount", currency), width=88, format="%,.2f"),
        "Days left": number(width=64, format="%,.1f", help="Until the shelf is empty without this order."),
        "On hand": number(width=62, format="localized"),
        "On order": number(width=66, format="localized", help="Under way, with the orders that you approved here."),
        "Sells a day": number(width=76, format="%,.1f"),
        "Risk": number(width=44, format="%.0f%%", help=until),
        "Why": text(width=126, help=why),
        "Supplier": text(width=92 + spare),
        "Code": text(width=58),
    }


def own_quantities(plan: OrderPlan, planner: Planner) -> OrderPlan:
    """The plan with the quantities that the owner has put in place of its own."""
    saved = _own()
    own = {line.name: saved[line.name] for line in plan.lines if saved.get(line.name, line.quantity) != line.quantity}
    return planner.with_own(plan, own) if own else plan


def changes(plan: OrderPlan, edited: OrderPlan) -> None:
    """What the owner's own quantities change, each of them and together; stands above the list whether there are any.

    Args:
        plan: as it would be without them.
        edited: with them.
    """
    own = _quantities(edited)
    names = [line.name for line in plan.lines if own[line.name] != line.quantity]
    if not names:
        st.caption("Change a quantity in the list: what the change costs is said here at once.")
        return
    each = [_change(plan, edited, name) for name in names[:MOST_NAMED]]
    others = [f"{len(names) - MOST_NAMED} more are changed."] if names[MOST_NAMED:] else []
    more = edited.proof.objective - plan.proof.objective
    together = [f"Together {_beside(edited.spend - plan.spend, more, plan.currency)}"] if names[1:] else []
    st.markdown(" ".join(["**Your own quantities.**", *each, *others, *together]))


def _change(plan: OrderPlan, edited: OrderPlan, name: str) -> str:
    before, after = plan.line(name), edited.line(name)
    what = f"{show.plain(name)}: {after.quantity:,.10g} instead of {before.quantity:,.10g}"
    return f"{what}, {_beside(after.spend - before.spend, after.cost - before.cost, plan.currency)}"


def _beside(spend: float, cost: float, currency: str) -> str:
    """What a change does to the money to pay now, and to the costs that are expected of it."""
    return f"{_more(spend, currency)} to pay now, expected cost **{_more(cost, currency)}**."


def _more(amount: float, currency: str) -> str:
    return f"{abs(amount):,.2f} {currency} {'more' if amount >= 0 else 'less'}".replace("  ", " ")


def order_own(name: str, units: float) -> None:
    """Put a quantity of the owner's in place of the plan's."""
    _keep({name: units})
    _draw_anew()


def forget_own() -> None:
    """Go back to the plan's quantities."""
    _replace_own({})
    _draw_anew()


def begin_after(number: int) -> None:
    """Own quantities are for the list that follows the order with this number, 0 for none: the next has none yet."""
    state.put_on_screen({_LAST_ORDER: number})


def _take_edits(key: str, names: Sequence[str]) -> None:
    rows: dict[int, dict[str, float | None]] = state.on_screen(key, {}).get("edited_rows", {})
    _keep({names[int(row)]: float(cells[QUANTITY] or 0.0) for row, cells in rows.items() if QUANTITY in cells})


def _own() -> dict[str, float]:
    """What the owner ordered instead, by item; kept, so that a page that is loaded again has it."""
    own: dict[str, float] | None = state.on_screen(_own_subject())
    if own is None:
        saved = state.recall(_own_subject())
        pairs = saved.items() if isinstance(saved, Mapping) else ()
        own = {name: float(units) for name, units in pairs if isinstance(units, int | float)}
        state.put_on_screen({_own_subject(): own})
    return own


def _keep(own: dict[str, float]) -> None:
    _replace_own({**_own(), **own})


def _replace_own(own: dict[str, float]) -> None:
    state.put_on_screen({_own_subject(): own})
    with show.problems():
        state.remember(_own_subject(), own or None)


def _draw_anew() -> None:
    """The grid forgets what was typed into it: it shows the plan's quantities, and those of the owner among them."""
    state.put_on_screen({_version_key(): state.on_screen(_version_key(), 0) + 1})


_LAST_ORDER = "own-orders-after"


def _own_subject() -> str:
    return f"own quantities after order {state.on_screen(_LAST_ORDER, 0)} for {state.session().file[:16]}"


def _version_key() -> str:
    return f"own-orders-shown-{state.session().file[:16]}"
