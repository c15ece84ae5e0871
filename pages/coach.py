"""Questions in plain words: the engine works out the answer, and every number leads to how we got it."""

import streamlit as st

from pages.parts.coach import conversation, sections
from pages.parts.frame import shell, show

shell.page("Coach", "Ask about your business")
business = shell.open_business()
with show.problems(way_out="Home.py"):
    context = sections.context(business)
    talk = conversation.current(business)
    typed = st.chat_input(
        "Ask about sales, orders, staff, marketing ...", key="coach", submit_mode="stop", max_chars=500
    )
    if typed:
        talk.ask(typed)
    request = talk.take()
    if not talk.exchanges and not talk.pending and not request:
        conversation.opening(talk, sections.examples(context))
    for number, exchange in enumerate(talk.exchanges):
        conversation.exchange(talk, exchange, number)
    if request:
        sections.answer(talk, request, context)
    elif talk.pending:
        conversation.pending(talk, talk.pending)
    if talk.exchanges:
        with st.container(horizontal=True):
            st.button("Start a new talk", icon=":material/add_comment:", on_click=conversation.start_anew)
            with st.popover("Forget all talks", icon=":material/delete:", type="tertiary"):
                st.markdown("Delete every question that was asked here, for all of your files?")
                st.button("Yes, delete them", key="forget-talks", on_click=conversation.forget_all)
