"""What to order: the cheapest list within the owner's limits, its certificate, and the orders for the suppliers."""

import streamlit as st

from engine.narrate import narrate
from engine.workflows.order_question import as_settings
from engine.workflows.purchases import codes_of
from pages.parts.frame import cached, narrator, shell, show, widgets
from pages.parts.orders import ahead, inputs, listing, purchases, sections

shell.page("Orders")
business = shell.open_business()
with show.problems(way_out="Home.py"):
    with st.spinner("Forecasting every item ..."):
        desk = purchases.desk(business)
        stock, key, currency = desk.stock, desk.key, desk.currency
    question = inputs.question(stock, currency)
    cheapest = plan = cached.order_plan(stock, key, question, currency)
    if plan.infeasibility is None:
        plan = listing.own_quantities(plan, cached.planner(stock, key, question.costs))
    facts = plan.facts()
    words = narrate(facts, "orders")
    if plan.infeasibility is not None:
        sections.infeasible(plan)
    elif not plan.lines:
        sections.nothing_planned(plan)
    else:
        st.markdown(f"#### {show.plain(words.sentences[0].text)}")
        show.headline(facts, ("spend", "fill_rate", "money_at_risk", "cost"))
        listing.changes(cheapest, plan)
        listed = listing.listed(plan, cheapest, codes_of(stock))
    sections.left_out(plan)
    show.cautions((*stock.cautions, *plan.cautions))
    purchases.open_orders(desk)

    if plan.lines:
        planner = cached.planner(stock, key, question.costs)
        parts = {
            "For the suppliers": lambda: purchases.to_suppliers(desk, plan, listed),
            "Plan ahead": lambda: ahead.calendar(desk, question),
            "Item by item": lambda: sections.one_item(plan),
            "What if": lambda: sections.sliders(stock, key, question, plan),
            "How sure is it?": lambda: sections.limits(plan),
            "Slow and dead stock": lambda: sections.shelves(planner, currency),
            "Compare": lambda: sections.compare(stock, key, plan, currency),
        }
        widgets.tabs(parts, key="orders")
        narrator.narration(words, facts)
    headline = words.sentences[0].text if words.sentences else "No order list keeps these limits."
    shell.saved_settings("orders", as_settings(question), headline, noun="order plan")
