"""The frame around every page: its title, the way to the other pages, and the file in use."""

from datetime import date

import streamlit as st

from engine.business.model import Business
from engine.dataset import Dataset
from engine.errors import DyocenseError
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
