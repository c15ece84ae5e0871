"""Inputs that return the engine's own values."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import polars as pl
import streamlit as st

from engine import workflows
from engine.business.history import SalesHistory, metrics, table_of
from engine.dataset import Dataset
from engine.forecast import LEVELS
from engine.forecast.drivers import Drivers
from engine.jobs import Job
from engine.store import JSON
from engine.workflows import ForecastQuestion
from pages.parts.forecast import calendar
from pages.parts.frame import cached, show, state

ALL_ITEMS = "All items together"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Persistent(TypedDict):
    """Arguments of a widget whose value outlives a change of the page."""

    key: str
    persist_state: Literal["session"]


class InAddress(Persistent):
    """Arguments of a widget whose value stands in the address as well."""

    bind: Literal["query-params"]


@dataclass(frozen=True)
class Asked:
    """What the owner chose on the forecast page.

    Attributes:
        question: what to forecast, of which item, how far.
        level: percent, the widest band that is shown.
        history: what the question is about.
        drivers: holidays, events, promotions and prices of the history and of the time ahead.
        subject: under which the owner's knowledge of this business is kept.
    """

    question: ForecastQuestion
    level: int
    history: SalesHistory
    drivers: Drivers
    subject: str

    @property
    def settings(self) -> dict[str, JSON]:
        """The widgets' keys and values, for a scenario."""
        asked = self.question
        return {"metric": asked.metric, "item": asked.item, "horizon": asked.horizon, "level": self.level}


def forecast_question(dataset: Dataset) -> Asked:
    """Ask what to forecast, how far, and how sure to be.

    Raises:
        DataProblem: the file has nothing to forecast.
    """
    what, which, how_far, how_sure = st.columns([3, 4, 4, 4], vertical_alignment="bottom")
    found = {metric.key: metric for metric in metrics(dataset)}
    metric = what.selectbox(
        "What to forecast", list(found), format_func=lambda key: found[key].label, **_kept("metric", found)
    )
    names = ["", *cached.items(dataset, dataset.sha256, metric)]
    item = which.selectbox("Item", names, format_func=lambda name: name or ALL_ITEMS, **_kept("item", names))
    series = cached.history(dataset, dataset.sha256, metric, item)
    horizons = workflows.horizons_for(series)
    noun = series.calendar.frequency.period
    horizon = how_far.select_slider(
        "How far ahead",
        horizons,
        value=workflows.usual_horizon(series),
        format_func=lambda periods: f"{periods} {noun}s" if periods > 1 else f"1 {noun}",
        **_kept("horizon", horizons),
    )
    level = how_sure.segmented_control(
        "How sure", LEVELS, default=80, format_func=lambda chosen: f"{chosen}%", **_kept("level", LEVELS)
    )
    subject = table_of(dataset, found[metric]).fingerprint
    told = calendar.told(subject)
    drivers = cached.drivers(dataset, dataset.sha256, metric, item, told)
    return Asked(ForecastQuestion(metric, item, horizon, told), level or 80, series, drivers, subject)


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


def _kept(key: str, options: Container[Any]) -> InAddress:
    """Keep a widget's value across pages and in the address bar; drop a value that this file does not have."""
    state.drop_unless(key, options)
    return {"key": key, "persist_state": "session", "bind": "query-params"}
