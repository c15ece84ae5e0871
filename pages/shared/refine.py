"""The forecast of all models: a job with progress, that can be cancelled, and run again."""

import streamlit as st

from engine.dataset import Dataset
from engine.forecast import PANELS, Forecast
from engine.history import SalesHistory
from engine.jobs import Job
from engine.workflows import ForecastQuestion
from pages.shared import cached, show, state


def refined(question: ForecastQuestion, dataset: Dataset) -> Forecast | None:
    """The forecast of all models, if it is ready."""
    job = cached.full_forecast(state.session().workspace, dataset.sha256, question)
    if job is None or job.status().state != "done":
        return None
    made: Forecast = job.result()
    return made


def panel(series: SalesHistory, question: ForecastQuestion, dataset: Dataset) -> None:
    """Offer the forecast of all models, or show how far it is."""
    workspace = state.session().workspace
    job = cached.full_forecast(workspace, dataset.sha256, question)
    status = job.status() if job else None
    if job and status and status.state == "done":
        st.caption(
            f":material/check_circle: The median of all models that earned a vote, of {len(PANELS['full'])} tried."
        )
        return
    if job and status and not status.over:
        _progress(job)
        return
    if status and status.state == "failed":
        st.error(show.plain(status.problem), icon=":material/error:")
    if status and status.state == "cancelled":
        st.info("Cancelled. The quick forecast stands.", icon=":material/cancel:")
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Ask all models" if status is None else "Try again"
        if st.button(label, icon=":material/model_training:", key="refine"):
            cached.start_full_forecast(series, workspace, dataset.sha256, question)
            st.rerun()
        st.caption(
            f"This is the forecast of two quick models. Asking all {len(PANELS['full'])} takes about half a minute."
        )


@st.fragment(run_every=0.5)
def _progress(job: Job) -> None:
    status = job.status()
    if status.over:
        st.rerun()
    waiting = f"Waiting in line, place {status.place_in_line}"
    st.progress(status.progress, text=waiting if status.state == "waiting" else f"{status.note} ...")
    if st.button("Cancel", key="cancel-refine"):
        job.cancel()
        st.rerun()
