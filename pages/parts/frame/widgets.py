"""Widgets that several pages share: tabs, editors, downloads, values that outlive a page or stand in its address."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypedDict

import polars as pl
import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

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


def forget_uploads(uploads: Iterable[UploadedFile]) -> None:
    """Free the memory of files that were uploaded; the server would hold them as long as the browser is open."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for upload in uploads:
            context.uploaded_file_mgr.remove_file(context.session_id, upload.file_id)


_DEMO, _PLAN = "demo", "plan"


class InAddress(TypedDict):
    """Arguments of a widget whose value stands in the address and outlives a change of the page."""

    key: str
    persist_state: Literal["session"]
    bind: Literal["query-params"]


def sample_in_address() -> str:
    """The key of the sample that the address asks for, or ""."""
    return st.query_params.get(_DEMO, "")


def splits_in_address() -> str:
    """The secret of shared splits that the address asks for, or ""."""
    return st.query_params.get(_PLAN, "")


def splits_link(token: str) -> str:
    """The address under which this page shows the splits behind a secret."""
    page = str(st.context.url or "/budget").split("?")[0]
    return f"{page}?{_PLAN}={token}"


def bound(key: str) -> InAddress:
    """A widget's key, under which its value stands in the address."""
    return {"key": key, "persist_state": "session", "bind": "query-params"}
