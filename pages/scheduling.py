"""Who works when: the cheapest roster that keeps the rules, or the rules that clash."""

import streamlit as st

from engine.narrate import narrate
from pages.shared import narrator, roster_cells, roster_desk, roster_made_of, roster_results, shell, show

shell.page("Roster")
dataset = shell.open_dataset()
with show.problems(way_out="Home.py"):
    desk = roster_desk.opened(dataset)
    show.cautions(desk.notes)
    with show.problems():
        roster_desk.question(desk)
        clash = roster_desk.answer(desk)
        if clash is not None:
            roster_results.clash(desk, clash)
        roster = desk.roster()
        if roster is not None:
            facts = roster.facts()
            words = narrate(facts, "roster")
            st.markdown(f"#### {show.plain(words.sentences[0].text)}")
            show.headline(facts, ("roster_cost", "roster_gap", "hours_missing", "wishes_refused"), width=200)
            show.cautions(roster.cautions)
            roster_cells.grid(desk, roster)
            roster_cells.cell(desk, roster)
        roster_cells.changes(desk)
        if roster is not None:
            roster_results.tabs(desk, roster, dataset.name.rpartition(".")[0] or dataset.name)
            narrator.narration(words, facts)
    roster_made_of.tabs(desk, dataset)
