"""What to order: the cheapest list within the owner's limits, its certificate, and the orders for the suppliers."""

import streamlit as st

from engine.narrate import narrate
from engine.workflows.orders.plan import as_settings
from pages.parts.frame import cached, narrator, scenarios, shell, show, widgets
from pages.parts.orders import sections, what_if

shell.page("Orders")
dataset = shell.open_dataset()
with show.problems(way_out="Home.py"):
    with st.spinner("Forecasting every item ..."):
        stock = cached.stock(dataset, dataset.sha256)
    question = sections.question(stock, dataset.currency)
    plan = cached.order_plan(stock, dataset.sha256, question, dataset.currency)
    if plan.conflict is None:
        plan = sections.own_quantities(plan, cached.planner(stock, dataset.sha256, question.costs))
    facts = plan.facts()
    words = narrate(facts, "orders")
    if plan.conflict is not None:
        sections.conflict(plan)
    else:
        st.markdown(f"#### {show.plain(words.sentences[0].text)}")
        show.headline(facts, ("spend", "fill_rate", "money_at_risk", "cost"))
        sections.listed(plan)
    sections.left_out(plan)
    show.cautions(plan.cautions)

    if plan.conflict is None:
        planner = cached.planner(stock, dataset.sha256, question.costs)
        parts = {
            "For the suppliers": lambda: sections.to_suppliers(plan),
            "Item by item": lambda: sections.one_item(plan),
            "What if": lambda: what_if.sliders(stock, dataset.sha256, question, plan),
            "How sure is it?": lambda: sections.limits(plan),
            "Slow and dead stock": lambda: sections.shelves(planner, dataset.currency),
            "Compare": lambda: sections.compare(stock, dataset.sha256, plan, dataset.currency),
        }
        widgets.tabs(parts, key="orders")
        narrator.narration(words, facts)
    headline = words.sentences[0].text if words.sentences else "No order list keeps these limits."
    scenarios.panel("orders", as_settings(question), headline, noun="order plan")
