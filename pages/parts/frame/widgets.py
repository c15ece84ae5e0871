"""Widgets that several pages share: tabs, tables to edit, downloads, values that outlive a change of the page."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypedDict

import polars as pl
import streamlit as st

from pages.parts.frame import show

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Persistent(TypedDict):
    """Arguments of a widget whose value outlives a change of the page."""

    key: str
    persist_state: Literal["session"]


def download(label: str, build: Callable[[], bytes], file_name: str) -> None:
    """A button that builds the workbook when it is pressed."""
    st.download_button(label, build, file_name, XLSX, icon=":material/download:", on_click="ignore")


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
