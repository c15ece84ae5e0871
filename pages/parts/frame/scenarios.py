"""Settings that the owner keeps under a name, to come back to and to compare."""

from collections.abc import Mapping

import streamlit as st

from engine.dataset import in_words
from engine.store import JSON
from pages.parts.frame import show, state


def panel(page: str, parameters: Mapping[str, JSON], headline: str, *, noun: str) -> None:
    """Save what is on screen; list, open and delete what was saved before.

    Args:
        page: the page's name.
        parameters: widget keys and their values.
        headline: the result in one sentence, by which saved results are told apart.
        noun: what is saved: "forecast".
    """
    st.subheader(f"Saved {noun}s")
    form = st.form("save-scenario", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", placeholder="Spring plan", max_chars=60)
        confirm = st.form_submit_button(f"Save this {noun}", icon=":material/bookmark_add:")
    if confirm:
        state.save_scenario(name.strip() or "Untitled", page, parameters, headline)
    saved = state.scenarios(page)
    if not saved:
        st.caption("Nothing saved yet. What you save here is still there after a restart.")
    for scenario in saved:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"**{show.plain(scenario.name)}**  \n{show.plain(scenario.headline)}", width="stretch")
            st.caption(in_words(scenario.saved_at), width="content")
            st.button("Open", key=f"open-{scenario.id}", on_click=state.put_on_screen, args=(scenario.parameters,))
            st.button(
                "Delete",
                key=f"delete-{scenario.id}",
                type="tertiary",
                on_click=state.delete_scenario,
                args=(scenario.id,),
            )
