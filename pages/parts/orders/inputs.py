"""What the owner decides about orders: how often, how much money and space, how sure, suppliers' terms and costs."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.workflows import order_question, orders
from engine.workflows.order_question import OrderQuestion, SupplierTerms
from engine.workflows.orders import Stock
from pages.parts.frame import show, state, widgets

_REVIEWS = (1, 2, 3, 5, 7, 14, 28)
SERVICES = (0, 80, 90, 95, 98, 99)


def question(stock: Stock, currency: str) -> OrderQuestion:
    """Ask how often to order, how much money and space there is, and how sure to be."""
    often, money, room, sure = st.columns(4, vertical_alignment="bottom")
    state.drop_unless("review_days", _REVIEWS)
    review = often.select_slider(
        "Order again every", _REVIEWS, value=7, format_func=_days, **widgets.persistent("review_days")
    )
    budget = _amount(money, f"Budget, {currency}" if currency else "Budget", "budget")
    unit = f", {stock.space_unit}" if stock.space_unit else ""
    capacity = (
        _amount(room, f"Space{unit}", "capacity") if stock.items["volume"].null_count() < stock.items.height else None
    )
    service = sure.select_slider(
        "Least chance of no stockout", SERVICES, format_func=chance, **widgets.persistent("service")
    )
    with st.expander("Costs, deliveries and customers: what I assume where your file says nothing"):
        holding, lead, missing = st.columns(3, vertical_alignment="bottom")
        rate = holding.number_input(
            "Keeping stock, % of its cost a year", 0.0, 200.0, 25.0, 5.0, **widgets.persistent("holding")
        )
        days = lead.number_input("Delivery takes, days", 0, 365, 3, **widgets.persistent("lead_days"))
        factor = missing.number_input(
            "A missing unit costs so many margins", 0.5, 20.0, 1.0, 0.5, **widgets.persistent("factor")
        )
        met, late, gone = st.columns(3, vertical_alignment="bottom")
        fill = met.select_slider(
            "Least share of demand met", SERVICES, format_func=chance, **widgets.persistent("fill_rate")
        )
        varies = late.number_input("Deliveries vary by, days", 0.0, 60.0, 0.0, 0.5, **widgets.persistent("late_days"))
        waits = gone.toggle("Customers wait for what is missing", **widgets.persistent("waits"))
        terms = _terms(orders.suppliers_of(stock), currency)
    margin, costs = _costs(stock, currency)
    return OrderQuestion(
        review, capacity, budget, service or None, rate, days, factor, fill or None, varies, waits, terms, margin, costs
    )


def _costs(stock: Stock, currency: str) -> tuple[float | None, tuple[tuple[str, float], ...]]:
    """What units cost of which the file does not say it: one margin for all, or a cost for each."""
    names = stock.without_cost
    if not names:
        return None, ()
    unit = f", {currency}" if currency else ""
    items = f"{names[0]} has no cost" if len(names) == 1 else f"{len(names)} items have no cost"
    with st.expander(f"{show.plain(items)}: type it here", expanded=len(names) == stock.items.height):
        margin = st.number_input(
            "Your margin, % of the price, where the cost is not known",
            min_value=0.0,
            max_value=99.0,
            value=None,
            placeholder="not known",
            **widgets.persistent("margin"),
        )
        state.keep_among(order_question.COSTED, names)
        chosen = st.multiselect("Items whose cost I know", names, **widgets.persistent(order_question.COSTED))
        columns = st.columns(3)
        costs = [
            columns[place % 3].number_input(
                f"{show.plain(name)}: a unit costs{unit}",
                0.0,
                step=0.1,
                **widgets.persistent(order_question.COST + name),
            )
            for place, name in enumerate(chosen)
        ]
    return margin, tuple((name, cost) for name, cost in zip(chosen, costs, strict=True) if cost > 0)


def _terms(suppliers: tuple[str, ...], currency: str) -> tuple[SupplierTerms, ...]:
    """What each supplier asks for: a smallest order, a fee per delivery, its own rhythm and days."""
    if not suppliers:
        return ()
    state.keep_among(order_question.TERMS, suppliers)
    asking = st.multiselect(
        "Suppliers with a smallest order, a fee for a delivery, or days of their own",
        suppliers,
        **widgets.persistent(order_question.TERMS),
    )
    return tuple(_terms_of(name, f", {currency}" if currency else "") for name in asking)


def _terms_of(name: str, unit: str) -> SupplierTerms:
    """One supplier's terms, in a row."""
    least, fee, often, when = st.columns(4, vertical_alignment="bottom")
    shown = show.plain(name)
    minimum = least.number_input(
        f"{shown}: smallest order{unit}", 0.0, step=10.0, **widgets.persistent(order_question.MINIMUM + name)
    )
    charge = fee.number_input(f"{shown}: a delivery costs{unit}", 0.0, **widgets.persistent(order_question.FEE + name))
    state.drop_unless(order_question.RHYTHM + name, (0, *_REVIEWS))
    rhythm = often.selectbox(
        f"{shown}: order every", (0, *_REVIEWS), format_func=_rhythm, **widgets.persistent(order_question.RHYTHM + name)
    )
    days = when.multiselect(
        f"{shown} delivers on",
        order_question.WEEKDAYS,
        placeholder="any day",
        **widgets.persistent(order_question.DELIVERY + name),
    )
    return SupplierTerms(name, minimum, charge, rhythm, order_question.weekdays_named(days))


def _amount(place: DeltaGenerator, label: str, key: str) -> float | None:
    return place.number_input(label, 0.0, value=None, placeholder="no limit", **widgets.persistent(key))


def _days(days: int) -> str:
    return "day" if days == 1 else f"{days} days"


def _rhythm(days: int) -> str:
    return _days(days) if days else "as all"


def chance(percent: int) -> str:
    """A level of service in words; 0 lets costs decide."""
    return f"{percent}%" if percent else "what is cheapest"
