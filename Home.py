"""The opening screen: drop in a spreadsheet or pick a sample, see what was found, go on."""

import streamlit as st

from pages.shared import home, shell, show, state

shell.page("Home", "What will your business sell next?")
dataset = state.session().dataset
home.what_went_wrong()
if dataset is None:
    st.markdown(
        "Drop in the spreadsheet that you already have. In a minute you see what to expect, and how sure we are."
    )
    home.choose_file()
    home.how_it_works()
else:
    home.found(dataset)
    home.open_questions(dataset)
    home.so_far(dataset)
    show.cleaning(dataset.report)
    home.download(dataset)
    home.meanings(dataset)
    with st.expander("Open another file"):
        home.choose_file()
    home.forget(dataset)
    home.look_ahead(dataset)
