"""Settings that the owner keeps under a name, to come back to and to compare."""

import streamlit as st

from engine.facts import Facts
from engine.narrate import spoken
from pages.shared import state


def panel(page: str, parameters: dict[str, object], facts: Facts, headline: tuple[str, ...]) -> None:
    """Save what is on screen; list, open and delete what was saved before.

    Args:
        page: the page's name.
        parameters: widget keys and their values.
        facts: the result on screen.
        headline: names of the facts that tell saved results apart.
    """
    st.subheader("Saved forecasts")
    form = st.form("save-scenario", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", placeholder="Spring plan", max_chars=60)
        wanted = st.form_submit_button("Save this forecast", icon=":material/bookmark_add:")
    if wanted:
        said = ", ".join(f"{facts[key].label.lower()} {spoken(facts[key])}" for key in headline if key in facts)
        state.save_scenario(name.strip() or "Untitled", page, parameters, said)
    kept = state.scenarios(page)
    if not kept:
        st.caption("Nothing saved yet. What you save here is still there after a restart.")
    for scenario in kept:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"**{scenario.name}**  \n{scenario.headline}", width="stretch")
            st.caption(f"{scenario.saved_at:%-d %b %Y}", width="content")
            st.button("Open", key=f"open-{scenario.id}", on_click=state.put_on_screen, args=(scenario.parameters,))
            st.button(
                "Delete",
                key=f"delete-{scenario.id}",
                type="tertiary",
                on_click=state.delete_scenario,
                args=(scenario.id,),
            )
