"""Widgets that several pages share: tabs, tables to edit, downloads, values that outlive a change of the page."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypedDict

import polars as pl
import streamlit as st

from engine.jobs import Job
from pages.parts.frame import show, state

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Persistent(TypedDict):
    """Arguments of a widget whose value outlives a change of the page."""

    key: str
    persist_state: Literal["session"]


def download(label: str, build: Callable[[], bytes], file_name: str) -> None:
    """A button that builds the workbook when it is pressed."""
    st.download_button(label, build, file_name, XLSX, icon=":material/download:", on_click="ignore")


@st.fragment(run_every=0.5)
def progress(job: Job, *, key: str, about: str = "") -> None:
    """How far a job is, with a way to cancel it; the page runs again when it is over.

    Args:
        job: what runs.
        key: of the button.
        about: said before the step that it is at.
    """
    status = job.status()
    if status.over:
        st.rerun()
    waiting = f"waiting in line, place {status.place_in_line}"
    now = waiting if status.state == "waiting" else status.note or "starting"
    st.progress(status.progress, text=f"{about}{now} ...")
    if st.button("Cancel", key=key):
        job.cancel()
        st.rerun()


def unfinished(own: Job | None) -> Job | None:
    """The job that still runs: this question's own, which a refreshed session has forgotten, else the session's."""
    return next((each for each in (own, state.session().job) if each and not each.status().over), None)


def persistent(key: str) -> Persistent:
    """A widget's key, under which its value outlives a change of the page."""
    return {"key": key, "persist_state": "session"}


def tabs(parts: Mapping[str, Callable[[], None]], *, key: str) -> None:
    """Tabs by their titles; only the open one is drawn, for the others would cost most of each rerun."""
    for tab, draw in zip(st.tabs(list(parts), key=key, on_change="rerun"), parts.values(), strict=True):
        if tab.open:
            with tab, show.problems():
                draw()


def editor(frame: pl.DataFrame, **arguments: Any) -> pl.DataFrame:
    """A table that the owner edits, as it stands now; the arguments are those of `st.data_editor`."""
    return pl.DataFrame(st.data_editor(frame, hide_index=True, **arguments))
