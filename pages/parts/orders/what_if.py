"""What if there were more money, more space, a higher service, dearer stockouts: sliders beside the plan on screen."""

import math
from dataclasses import replace
from typing import Literal

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.inventory import OrderPlan
from engine.narrate import spoken
from engine.workflows.orders import OrderQuestion, Stock
from pages.parts.frame import cached, show, state
from pages.parts.orders import sections

STEPS = 50
ROOM = 1.25
"""Sliders end at so many times what the plan without limits takes; there is no limit at their end."""

MOST_SHOWN = 10

FIGURES: dict[str, Literal["off", "normal", "inverse"]] = {
    "spend": "off",
    "fill_rate": "normal",
    "money_at_risk": "inverse",
    "cost": "inverse",
}
"""What is compared, and whether more of it is good."""


@st.fragment
def sliders(stock: Stock, sha256: str, question: OrderQuestion, plan: OrderPlan) -> None:
    """Move a limit or a cost, and see the new plan beside the one on screen.

    Args:
        stock: the items.
        sha256: of their file.
        question: what the plan on screen was made for.
        plan: the plan on screen.
    """
    free = replace(question, budget=None, capacity=None, service=None, fill_rate=None)
    widest = cached.order_plan(stock, sha256, free, plan.currency)
    moved = _with_sliders(stock, question, widest, plan.currency)
    then = cached.order_plan(stock, sha256, moved, plan.currency)
    if then.infeasibility is not None:
        sections.infeasible(then)
    else:
        _beside(plan, then)
    settings = {"budget": moved.budget, "service": moved.service or 0, "factor": moved.stockout_factor}
    settings |= {} if moved.capacity is None and question.capacity is None else {"capacity": moved.capacity}
    if st.button("Use these settings", disabled=moved == question, on_click=state.put_on_screen, args=(settings,)):
        st.rerun()


def _with_sliders(stock: Stock, question: OrderQuestion, widest: OrderPlan, currency: str) -> OrderQuestion:
    """The question with what the sliders say."""
    money, room, sure, missing = st.columns(4, vertical_alignment="bottom")
    unit = f", {currency}" if currency else ""
    budget = _limit(money, f"Budget{unit}", question.budget, widest.spend)
    capacity = question.capacity
    if stock.has_volumes:
        space = f", {stock.space_unit}" if stock.space_unit else ""
        capacity = _limit(room, f"Space{space}", question.capacity, widest.volume)
    service = sure.select_slider(
        "Least chance of no stockout",
        sections.SERVICES,
        question.service or 0,
        format_func=sections.chance,
        key=f"if-service-{question.service}",
    )
    factor = missing.slider(
        "A missing unit costs, margins",
        0.5,
        max(10.0, question.stockout_factor),
        question.stockout_factor,
        0.5,
        key=f"if-factor-{question.stockout_factor}",
    )
    return replace(question, budget=budget, capacity=capacity, service=service or None, stockout_factor=factor)


def _limit(place: DeltaGenerator, label: str, now: float | None, needed: float) -> float | None:
    """A slider from nothing to more than is needed; None at its end, and the plan's own limit where it was left."""
    step = _rounded(max(ROOM * needed, now or 0.0, 1e-9) / STEPS)
    top = step * math.ceil(max(ROOM * needed, now or 0.0, step) / step)
    start = top if now is None else step * round(now / step)
    chosen = place.slider(
        label, 0.0, top, start, step, format="localized", key=f"if-{label}-{now}-{top}", help="No limit at the end."
    )
    if chosen == start:
        return now
    return None if chosen >= top else chosen


def _rounded(step: float) -> float:
    """The next larger 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(each * power for each in (1.0, 2.0, 5.0, 10.0) if each * power >= step * (1 - 1e-9))


def _beside(plan: OrderPlan, then: OrderPlan) -> None:
    """The figures of the new plan with their change, and the items that change most."""
    money = f" {plan.currency}".rstrip()
    before, after = plan.facts(), then.facts()
    with st.container(horizontal=True):
        for name, colour in FIGURES.items():
            change = float(str(after[name].value)) - float(str(before[name].value))
            unit = " points" if name == "fill_rate" else money
            delta = None if abs(change) < 0.005 else f"{change:+,.2f}{unit}"
            st.metric(after[name].label, spoken(after[name]), delta, delta_color=colour, border=True, width=170)
    now = {line.name: line.quantity for line in plan.lines}
    rows = [
        {"Item": line.name, "Now, units": now[line.name], "Then, units": line.quantity}
        for line in sorted(then.lines, key=lambda line: -abs(line.spend - line.unit_price * now.get(line.name, 0.0)))
        if line.name in now and line.quantity != now[line.name]
    ]
    if not rows:
        st.caption("The same quantities as on screen.")
        return
    show.table(pl.DataFrame(rows[:MOST_SHOWN]), alt="Items whose quantity changes most: now and then")
    if len(rows) > MOST_SHOWN:
        st.caption(f"{len(rows) - MOST_SHOWN} more items change.")
