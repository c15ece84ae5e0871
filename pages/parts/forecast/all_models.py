"""The forecast of all models: a job with progress, that can be cancelled, and run again."""

import streamlit as st

from engine import workflows
from engine.dataset import Dataset
from engine.forecast import PANELS, Forecast
from engine.jobs import Job
from pages.parts.forecast.inputs import ForecastSelection
from pages.parts.frame import cached, show, state, widgets

YARDSTICKS = 2
"""Rows of the accuracy table that are no model: the forecast itself and the simple rule."""


def refined(asked: ForecastSelection, dataset: Dataset) -> Forecast | None:
    """The forecast of all models, if it is ready."""
    job = _job(asked, dataset)
    if job is None or job.status().state != "done":
        return None
    made: Forecast = job.result()
    return made


def panel(asked: ForecastSelection, dataset: Dataset, quick: Forecast) -> None:
    """Offer the forecast of all models instead of the quick one, or show how far it is."""
    job, count = _job(asked, dataset), len(PANELS["full"])
    status = job.status() if job else None
    if status and status.state == "done":
        tried = len(job.result().proof.scores) - YARDSTICKS if job else count
        st.caption(f":material/check_circle: The median of all models that earned a vote, of {tried} tried.")
        return
    if running := widgets.unfinished(job):
        widgets.progress(running, key="cancel-refine", about="" if running is job else "For what you asked before: ")
        return
    if not quick.refinable:
        return
    if status and status.state == "failed":
        st.error(show.plain(status.problem), icon=":material/error:")
    if status and status.state == "cancelled":
        st.info("Cancelled. The quick forecast stands.", icon=":material/cancel:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Try again" if status else "Ask all models", icon=":material/model_training:", key="refine"):
            _start(asked, dataset)
            st.rerun()
        st.caption(f"This is the forecast of two quick models. Asking up to {count} takes about 10 seconds.")


def _key(asked: ForecastSelection, dataset: Dataset) -> tuple[object, ...]:
    # With the workspace in it, nobody can cancel the job of somebody who opened the same file.
    return state.session().workspace, dataset.sha256, asked.question


def _job(asked: ForecastSelection, dataset: Dataset) -> Job | None:
    return cached.services().jobs.get(_key(asked, dataset))


def _start(asked: ForecastSelection, dataset: Dataset) -> None:
    submit = cached.services().jobs.submit
    work = (workflows.run_forecast, asked.history, asked.question.horizon, "full", asked.drivers)
    state.session().job = submit(_key(asked, dataset), *work)
