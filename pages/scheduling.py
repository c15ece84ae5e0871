"""Who works when: the cheapest roster that keeps the rules, or the rules that clash."""

import streamlit as st

from engine.narrate import narrate
from pages.parts.frame import narrator, shell, show
from pages.parts.roster import grid, inputs, results, session

shell.page("Roster")
business = shell.open_business()
with show.problems(way_out="Home.py"):
    here = session.open_roster(business)
    show.cautions(here.notes)
    with show.problems():
        session.question(here)
        clash = session.answer(here)
        if clash is not None:
            results.clash(here, clash)
        roster = here.roster()
        if roster is not None:
            facts = roster.facts()
            words = narrate(facts, "roster")
            st.markdown(f"#### {show.plain(words.sentences[0].text)}")
            show.headline(facts, ("roster_cost", "roster_gap", "hours_missing", "wishes_refused"), width=200)
            show.cautions(roster.cautions)
            grid.grid(here, roster)
            grid.cell(here, roster)
        grid.changes(here)
        if roster is not None:
            results.tabs(here, roster, business.name.rpartition(".")[0] or business.name)
            narrator.narration(words, facts)
    inputs.tabs(here, business)
