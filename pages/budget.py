"""Where the marketing money should go: the best split with its certificate, and sliders for a split of one's own."""

import streamlit as st

from engine.narrate import narrate
from engine.proof import Infeasibility
from engine.workflows.budget import plan as workflow
from pages.parts.budget import inputs, sections
from pages.parts.frame import narrator, shell, show, widgets

shell.page("Budget", "Where should the marketing money go?")
if link := widgets.splits_in_address():
    sections.shared_splits(link)
    st.stop()
business = shell.open_business()
outlook = inputs.outlook(business)
with show.problems():
    question = sections.question(outlook, business)
    about = sections.about(business, question)
    plan = sections.best(outlook, question, about)
    if isinstance(plan, Infeasibility):
        sections.infeasible(plan, question)
        st.stop()
    facts = workflow.facts_of(outlook, plan)
    words = narrate(facts, "budget")
    sections.headline(outlook, plan, question, words)
    sections.own_split(outlook, question, plan, business, about)
    parts = {
        "What each channel brings": lambda: sections.curves(outlook, plan),
        "More or less money": lambda: sections.more_or_less(outlook, question, plan, about),
        "How sure is it?": lambda: sections.how_sure(outlook, question, plan, about),
        "When to spend": lambda: sections.by_period(outlook, question, about),
        "The past": lambda: sections.over_time(outlook),
        "What I know better": lambda: sections.known_better(outlook),
    }
    widgets.tabs(parts, key="budget")
    narrator.narration(words, facts)
