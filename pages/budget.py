"""Where the marketing money should go: the best split with its certificate, and sliders for a split of one's own."""

import streamlit as st

from engine.budget import ClashingLimits
from engine.narrate import narrate
from engine.workflows import budget as workflow
from pages.shared import budget, budget_learn, budget_link, narrator, shell, show

shell.page("Budget", "Where should the marketing money go?")
if link := st.query_params.get("plan"):
    budget_link.view(link)
    st.stop()
dataset = shell.open_dataset()
outlook = budget_learn.outlook(dataset)
with show.problems():
    asked = budget.question(outlook, dataset)
    about = budget.about(dataset, asked)
    try:
        plan = budget.best(outlook, asked, about)
    except ClashingLimits as problem:
        budget.clash(problem, asked)
        st.stop()
    facts = workflow.facts_of(outlook, plan)
    words = narrate(facts, "budget")
    budget.headline(outlook, plan, asked, words)
    budget.desk(outlook, asked, plan, dataset, about)

    # Only the open tab is drawn: the others would cost most of each rerun.
    parts = {
        "What each channel brings": lambda: budget.curves(outlook, plan),
        "More or less money": lambda: budget.more_or_less(outlook, asked, plan, about),
        "How sure is it?": lambda: budget.how_sure(outlook, asked, plan, about),
        "When to spend": lambda: budget.by_period(outlook, asked, about),
        "The past": lambda: budget.over_time(outlook),
        "What I know better": lambda: budget.known_better(outlook),
    }
    for tab, draw in zip(st.tabs(list(parts), key="budget", on_change="rerun"), parts.values(), strict=True):
        if tab.open:
            with tab:
                draw()
    narrator.narration(words, facts)
