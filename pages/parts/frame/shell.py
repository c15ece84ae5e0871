"""The frame around every page: its title, the way to the other pages, the file in use, and what was saved of it."""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from engine.business.model import Business
from engine.dataset import Dataset, in_words
from engine.errors import DyocenseError
from engine.store import JSON
from pages.parts.frame import cached, narrator, show, state

PAGES = (
    ("Home.py", "Home", ":material/home:"),
    ("pages/forecast.py", "Forecast", ":material/trending_up:"),
    ("pages/inventory.py", "Orders", ":material/inventory_2:"),
    ("pages/scheduling.py", "Roster", ":material/calendar_month:"),
    ("pages/budget.py", "Budget", ":material/payments:"),
    ("pages/why_did_it_change.py", "Why did it change?", ":material/help_center:"),
    ("pages/coach.py", "Coach", ":material/forum:"),
)

_KEEP_WORKSPACE = """
export default function ({ data }) {
  const secure = location.protocol === 'https:' ? '; secure' : '';
  document.cookie = `${data.name}=${data.value}; path=/; max-age=31536000; samesite=strict${secure}`;
}
"""


def page(title: str, heading: str = "") -> None:
    """Start a page; to be called first, because no other page runs before a deep link."""
    st.set_page_config(page_title=f"{title} · Dyocense", page_icon="assets/icon.png", layout="wide")
    st.logo("assets/logo.png", icon_image="assets/icon.png", size="large")
    with st.sidebar:
        for path, label, icon in PAGES:
            st.page_link(path, label=label, icon=icon, width="stretch")
        try:
            here = state.session()
        except DyocenseError as problem:
            st.error(show.plain(str(problem)))
            st.stop()
        with show.problems():
            _file_switch()
            narrator.panel()
        if here.token:
            _remember_browser(here.token)
    st.title(heading or title)


def _file_switch() -> None:
    saved = {file.sha256: file.name for file in state.saved_files()}
    here = state.session()
    if not saved or list(saved) == [here.file]:
        return
    files = list(saved)
    now = files.index(here.file) if here.file in saved else None
    chosen = st.selectbox("File", files, index=now, format_func=saved.__getitem__, key=f"file-{here.file}")
    if chosen and chosen != here.file:
        state.open_saved(chosen)
        st.rerun()


def _remember_browser(token: str) -> None:
    """Hand the browser the key to its own workspace, so that it finds its files after a restart."""
    keep = st.components.v2.component("keep_workspace", js=_KEEP_WORKSPACE)
    keep(data={"name": state.COOKIE, "value": token}, key="keep_workspace", height=0)


def open_business() -> Business:
    """The business in the open file, as of today; without one the page ends here, with the one thing to do."""
    dataset = state.session().dataset
    if dataset is None:
        st.markdown("There is no file open yet.")
        st.page_link("Home.py", label="**Open a spreadsheet or a sample**", icon=":material/upload_file:")
        st.stop()
    opened = business(dataset)
    st.caption(show.plain(" ".join(each for each in (f"From {opened.name}.", opened.freshness) if each)))
    return opened


def business(dataset: Dataset) -> Business:
    """The business that a file shows today."""
    return cached.business(dataset, dataset.sha256, date.today())


def saved_settings(page: str, parameters: Mapping[str, JSON], headline: str, *, noun: str) -> None:
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
