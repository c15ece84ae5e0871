"""What stands in the address of a page: a sample to open, splits that somebody shared, widgets that are bound to it."""

from typing import Literal, TypedDict

import streamlit as st

_DEMO, _PLAN = "demo", "plan"


class InAddress(TypedDict):
    """Arguments of a widget whose value stands in the address and outlives a change of the page."""

    key: str
    persist_state: Literal["session"]
    bind: Literal["query-params"]


def demo() -> str:
    """The key of the sample that the address asks for, or ""."""
    return st.query_params.get(_DEMO, "")


def plan() -> str:
    """The secret of shared splits that the address asks for, or ""."""
    return st.query_params.get(_PLAN, "")


def plan_link(token: str) -> str:
    """The address under which this page shows the splits behind a secret."""
    page = str(st.context.url or "/budget").split("?")[0]
    return f"{page}?{_PLAN}={token}"


def bound(key: str) -> InAddress:
    """A widget's key, under which its value stands in the address."""
    return {"key": key, "persist_state": "session", "bind": "query-params"}
