"""Who works when: the cheapest roster that keeps the rules, or the rules that clash."""

import streamlit as st

from engine.narrate import narrate
from pages.parts.frame import shell, show
from pages.parts.roster import grid, inputs, results, session
from pages.parts.settings import narrator

shell.page("Roster")
dataset = shell.open_dataset()
with show.problems(way_out="Home.py"):
    desk = session.opened(dataset)
    show.cautions(desk.notes)
    with show.problems():
        session.question(desk)
        clash = session.answer(desk)
        if clash is not None:
            results.clash(desk, clash)
        roster = desk.roster()
        if roster is not None:
            facts = roster.facts()
            words = narrate(facts, "roster")
            st.markdown(f"#### {show.plain(words.sentences[0].text)}")
            show.headline(facts, ("roster_cost", "roster_gap", "hours_missing", "wishes_refused"), width=200)
            show.cautions(roster.cautions)
            grid.grid(desk, roster)
            grid.cell(desk, roster)
        grid.changes(desk)
        if roster is not None:
            results.tabs(desk, roster, dataset.name.rpartition(".")[0] or dataset.name)
            narrator.narration(words, facts)
    inputs.tabs(desk, dataset)
