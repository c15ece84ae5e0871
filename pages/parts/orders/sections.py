"""The parts of the orders page: one item, other limits, and how sure it is."""

import math
from dataclasses import replace
from typing import Literal

import numpy as np
import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.charts import inventory as charts
from engine.dataset import in_words
from engine.inventory import OWN, OrderLine, OrderPlan, Planner, classify, project
from engine.inventory.deliveries import AheadPlan
from engine.narrate import spoken
from engine.workflows import orders
from engine.workflows.order_question import OrderQuestion, from_settings
from engine.workflows.orders import Stock
from pages.parts.frame import cached, show, state
from pages.parts.orders import inputs, listing, sections

_SHOWN = 3
"""So many left-out items are named at once."""


def infeasible(plan: OrderPlan | AheadPlan) -> None:
    """Why no list keeps all limits, and the smallest change that helps."""
    assert plan.infeasibility is not None
    st.error(f"**{show.plain(plan.infeasibility.sentence)}**", icon=":material/block:")
    for way in plan.infeasibility.relaxations:
        st.markdown(f"- Change *{show.plain(way.limit)}* from {way.now:,.10g} to {way.rounded:,.10g} {way.unit}.")


def nothing_planned(plan: OrderPlan) -> None:
    """Say that no item can be planned: where nothing is known nothing is cheapest, and no demand is met."""
    items = "The only item" if len(plan.problems) == 1 else f"None of the {len(plan.problems)} items"
    says = "cannot be planned" if len(plan.problems) == 1 else "can be planned"
    st.error(f"**{items} {says}.** Below is what each of them lacks.", icon=":material/block:")


def left_out(plan: OrderPlan) -> None:
    """The items that could not be planned, and what to do; many of them behind a click."""
    sentences = [show.plain(str(problem)) for problem in plan.problems]
    for sentence in sentences[:_SHOWN]:
        st.warning(sentence, icon=":material/warning:")
    if sentences[_SHOWN:]:
        with st.expander(f"{len(sentences) - _SHOWN} more items are left out", icon=":material/warning:"):
            st.markdown("\n".join(f"- {sentence}" for sentence in sentences[_SHOWN:]))


def one_item(plan: OrderPlan) -> None:
    """One item: its stock ahead, its costs, and what another quantity would cost."""
    names = [line.name for line in plan.lines]
    state.drop_unless("order_item", names)
    line = plan.line(st.selectbox("Item", names, key="order_item"))
    entry, put = st.columns([3, 1], vertical_alignment="bottom")
    own = entry.number_input(
        "Your quantity, units",
        min_value=0.0,
        value=line.quantity,
        step=line.curve.ready.item.pack,
        key=f"q-{line.name}-{line.quantity}",
    )
    changed = own != line.quantity
    put.button(
        "Order this quantity", disabled=not changed, on_click=listing.order_own, args=(line.name, own), width="stretch"
    )
    if changed:
        more = float(plan.cost_of(line.name, np.array([own]))[0]) - line.cost
        words = "more than" if more >= 0 else "less for this item alone than"
        st.markdown(
            f"Ordering {own:,.10g} costs **{abs(more):,.2f} {plan.currency}** {words} the list's {line.quantity:,.10g}."
        )
    st.caption(show.plain(f"{line.why} {_after(line)}".strip()))
    ahead, costs = st.columns(2)
    now = own if changed else None
    with ahead:
        stock = project(line)
        show.figure(charts.stock_fan(line, stock), key=f"stock-{line.name}", alt=charts.stock_fan_alt(line, stock))
    with costs:
        alt = charts.cost_curve_alt(line, currency=plan.currency, now=now)
        show.figure(charts.cost_curve(line, currency=plan.currency, now=now), key=f"cost-{line.name}", alt=alt)


def _after(line: OrderLine) -> str:
    """The orders that will probably follow, in one sentence."""
    ahead = [f"about {each.quantity:,.0f} on {in_words(each.day)}" for each in line.following]
    return f"After that, probably {', '.join(ahead)}." if ahead else ""


def compare(stock: Stock, sha256: str, plan: OrderPlan, currency: str) -> None:
    """Saved order plans beside the one on screen."""
    saved = {each.name: each.parameters for each in state.scenarios("orders")}
    if not saved:
        st.markdown("Save an order plan below, change something above, and compare the two here.")
        return
    chosen = st.multiselect(
        "Compare with", list(saved), default=list(saved)[:2], max_selections=3, key="compared-orders"
    )
    plans = {"On screen": plan}
    for name in chosen:
        question = from_settings(saved[name])
        plans[name] = cached.order_plan(stock, sha256, question, currency)
    show.table(orders.comparison(plans, currency), alt="The compared order plans: spending, cost and demand met")


def limits(plan: OrderPlan) -> None:
    """How much of each limit is used and what more of it would save; the certificate."""
    if plan.limits.capacity is not None or plan.limits.budget is not None:
        show.figure(charts.limits_bar(plan), key="limits", alt=charts.limits_bar_alt(plan))
    proof, seen = plan.proof, plan.proof.recheck
    own = proof.solver == OWN
    status = "Some quantities are your own" if own else str(proof.status).capitalize()
    finder = "" if own else f" Found by {show.plain(proof.solver)}."
    st.markdown(
        f"**{status}.** Expected cost {proof.objective:,.2f} {proof.unit}; no list can cost "
        f"less than {proof.bound:,.2f} {proof.unit} (gap {proof.gap:.3%}).{finder}"
    )
    if seen is not None:
        words = "found the same cost and no broken limit" if seen.agrees else "found: " + "; ".join(seen.violations)
        st.markdown(f"A second look at the list alone, by code that knows nothing of the solver, {show.plain(words)}.")
    for assumed in plan.assumptions:
        st.caption(f":material/tune: {show.plain(assumed)}")


def shelves(planner: Planner, currency: str) -> None:
    """Which items matter, which are hard to foresee, and what lies too long."""
    rows = [
        {
            "Item": each.name,
            "Value class": each.value_class,
            "Steadiness": each.demand_class,
            f"Yearly value, {currency}".rstrip(", "): each.yearly_value,
            "Excess, units": each.excess,
            f"Excess, {currency}".rstrip(", "): each.excess_value,
            "Dead stock": "yes" if each.dead else "",
        }
        for each in classify(planner.ready.items)
    ]
    show.table(pl.DataFrame(rows), alt="Value class, steadiness and excess stock of each item")
    st.caption("A items make up 80% of the yearly value, B the next 15%. X sells steadily, Y varies, Z hardly repeats.")


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
        inputs.SERVICES,
        question.service or 0,
        format_func=inputs.chance,
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
