"""Where the marketing money should go: the best split with its certificate, and sliders for a split of one's own."""

import streamlit as st

from engine.narrate import narrate
from engine.solvers.infeasibility import Infeasibility
from engine.workflows.budget import plan as workflow
from pages.parts.budget import learning, sections, share_link
from pages.parts.frame import shell, show
from pages.parts.settings import narrator

shell.page("Budget", "Where should the marketing money go?")
if link := st.query_params.get("plan"):
    share_link.view(link)
    st.stop()
dataset = shell.open_dataset()
outlook = learning.outlook(dataset)
with show.problems():
    asked = sections.question(outlook, dataset)
    about = sections.about(dataset, asked)
    plan = sections.best(outlook, asked, about)
    if isinstance(plan, Infeasibility):
        sections.infeasible(plan, asked)
        st.stop()
    facts = workflow.facts_of(outlook, plan)
    words = narrate(facts, "budget")
    sections.headline(outlook, plan, asked, words)
    sections.desk(outlook, asked, plan, dataset, about)

    # Only the open tab is drawn: the others would cost most of each rerun.
    parts = {
        "What each channel brings": lambda: sections.curves(outlook, plan),
        "More or less money": lambda: sections.more_or_less(outlook, asked, plan, about),
        "How sure is it?": lambda: sections.how_sure(outlook, asked, plan, about),
        "When to spend": lambda: sections.by_period(outlook, asked, about),
        "The past": lambda: sections.over_time(outlook),
        "What I know better": lambda: sections.known_better(outlook),
    }
    for tab, draw in zip(st.tabs(list(parts), key="budget", on_change="rerun"), parts.values(), strict=True):
        if tab.open:
            with tab:
                draw()
    narrator.narration(words, facts)
