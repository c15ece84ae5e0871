"""The opening screen: drop in a spreadsheet or pick a sample, see what was found, go on."""

import streamlit as st

from pages.parts.data import sections
from pages.parts.frame import shell, show, state

shell.page("Home", "What will your business sell next?")
dataset = state.session().dataset
sections.what_went_wrong()
if dataset is None:
    st.markdown(
        "Drop in the spreadsheet that you already have. In a minute you see what to expect, and how sure we are."
    )
    sections.choose_file()
    sections.how_it_works()
else:
    business = shell.business(dataset)
    sections.content(business)
    sections.open_questions(dataset)
    sections.so_far(business)
    sections.counted(business)
    show.cleaning(dataset.report)
    sections.download(business)
    sections.meanings(dataset)
    with st.expander("Open another file"):
        sections.choose_file()
    sections.forget(dataset)
    sections.look_ahead(business)
