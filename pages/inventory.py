"""What to order: the cheapest list within the owner's limits, its certificate, and the orders for the suppliers."""

import streamlit as st

from engine.narrate import narrate
from engine.workflows.orders.plan import as_settings
from pages.parts.frame import cached, scenarios, shell, show
from pages.parts.orders import sections, what_if
from pages.parts.settings import narrator

shell.page("Orders")
dataset = shell.open_dataset()
with show.problems(way_out="Home.py"):
    with st.spinner("Forecasting every item ..."):
        stock = cached.stock(dataset, dataset.sha256)
    asked = sections.question(stock, dataset.currency)
    plan = cached.order_plan(stock, dataset.sha256, asked, dataset.currency)
    if plan.infeasibility is None:
        plan = sections.own_quantities(plan, cached.planner(stock, dataset.sha256, asked.costs))
    facts = plan.facts()
    words = narrate(facts, "orders")
    if plan.infeasibility is not None:
        sections.infeasible(plan)
    else:
        st.markdown(f"#### {show.plain(words.sentences[0].text)}")
        show.headline(facts, ("spend", "fill_rate", "money_at_risk", "cost"))
        sections.listed(plan)
    sections.left_out(plan)
    show.cautions(plan.cautions)

    if plan.infeasibility is None:
        suppliers, item, supposed, sure, shelf, side = st.tabs(
            ["For the suppliers", "Item by item", "What if", "How sure is it?", "Slow and dead stock", "Compare"],
            key="orders",
            on_change="rerun",
        )
        if suppliers.open:
            with suppliers:
                sections.to_suppliers(plan)
        if item.open:
            with item:
                sections.one_item(plan)
        if supposed.open:
            with supposed:
                what_if.sliders(stock, dataset.sha256, asked, plan)
        if sure.open:
            with sure:
                sections.limits(plan)
        if shelf.open:
            with shelf:
                sections.shelves(cached.planner(stock, dataset.sha256, asked.costs), dataset.currency)
        if side.open:
            with side:
                sections.compare(stock, dataset.sha256, plan, dataset.currency)
        narrator.narration(words, facts)
    headline = words.sentences[0].text if words.sentences else "No order list keeps these limits."
    scenarios.panel("orders", as_settings(asked), headline, noun="order plan")
