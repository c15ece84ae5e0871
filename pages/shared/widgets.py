"""Inputs that return the engine's own values."""

from collections.abc import Callable, Container
from typing import Any

import streamlit as st

from engine import workflows
from engine.dataset import Dataset
from engine.forecast import LEVELS
from engine.history import items, metrics
from engine.workflows import ForecastQuestion
from pages.shared import cached, state

ALL_ITEMS = "All items together"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def forecast_question(dataset: Dataset) -> tuple[ForecastQuestion, int]:
    """What to forecast, how far, and the level of the widest band that is shown.

    Raises:
        DataProblem: the file has nothing to forecast.
    """
    what, which, how_far, how_sure = st.columns([2, 3, 3, 2], vertical_alignment="bottom")
    found = {metric.key: metric for metric in metrics(dataset)}
    metric = what.selectbox(
        "What to forecast", list(found), format_func=lambda key: found[key].label, **_kept("metric", found)
    )
    names = ["", *items(dataset, found[metric])]
    item = which.selectbox("Item", names, format_func=lambda name: name or ALL_ITEMS, **_kept("item", names))
    series = cached.history(dataset, dataset.sha256, ForecastQuestion(metric, item, 0))
    horizons = workflows.horizons_for(series)
    noun = series.calendar.frequency.period
    horizon = how_far.select_slider(
        "How far ahead",
        horizons,
        value=horizons[min(2, len(horizons) - 1)],
        format_func=lambda periods: f"{periods} {noun}s",
        **_kept("horizon", horizons),
    )
    level = how_sure.segmented_control(
        "How sure", LEVELS, default=80, format_func=lambda chosen: f"{chosen}%", **_kept("level", LEVELS)
    )
    return ForecastQuestion(metric, item, horizon), level or 80


def download(label: str, build: Callable[[], bytes], file_name: str) -> None:
    """A button that builds the workbook when it is pressed."""
    st.download_button(label, build, file_name, XLSX, icon=":material/download:", on_click="ignore")


def _kept(key: str, options: Container[Any]) -> dict[str, Any]:
    """Keep a widget's value across pages and in the address bar; drop a value that this file does not have."""
    state.drop_unless(key, options)
    return {"key": key, "persist_state": "session", "bind": "query-params"}
