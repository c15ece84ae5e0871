"""Questions in plain words: the engine works out the answer, and every number leads to how we got it."""

import streamlit as st

from pages.shared import coach, coach_show, coach_talk, shell, show, state

shell.page("Coach", "Ask about your business")
dataset = shell.open_dataset()
with show.problems(way_out="Home.py"):
    asked = coach.business(dataset)
    talk = coach_talk.opened(dataset)
    typed = st.chat_input(
        "Ask about sales, orders, staff, marketing ...", key="coach", submit_mode="stop", max_chars=500
    )
    if typed:
        talk.ask(typed)
    wanted = talk.take()
    if not talk.exchanges and not talk.pending and not wanted:
        coach_show.opening(talk, coach.examples(asked))
    for number, made in enumerate(talk.exchanges):
        coach_show.exchange(talk, made, number)
    if wanted:
        coach.answer(talk, wanted, asked)
    elif talk.pending:
        coach_show.pending(talk, talk.pending)
    if talk.exchanges:
        with st.container(horizontal=True):
            st.button("Start a new talk", icon=":material/add_comment:", on_click=coach_talk.start_anew)
            with st.popover("Forget all talks", icon=":material/delete:", type="tertiary"):
                st.markdown("Delete every question that was asked here, for all of your files?")
                st.button("Yes, delete them", key="forget-talks", on_click=state.forget_talks)
