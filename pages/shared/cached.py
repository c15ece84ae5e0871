"""What is made once per server, and what is computed once per (file, parameters)."""

import gc
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from engine import workflows
from engine.compute import WarmWorker
from engine.dataset import Dataset
from engine.errors import JobFailed
from engine.forecast import Forecast
from engine.history import SalesHistory
from engine.jobs import Job, JobQueue
from engine.settings import Settings
from engine.store import open_store
from engine.workflows import ForecastQuestion

if TYPE_CHECKING:
    from engine.store import Store

WARM_SECONDS = 180.0
"""Longest time to load the models; compiling them anew takes about a minute."""

QUICK_SECONDS = 60.0
"""Longest wait for the quick models; they need about a second."""


@dataclass(frozen=True)
class Services:
    """What all sessions of this server share."""

    settings: Settings
    store: "Store"
    jobs: JobQueue
    worker: WarmWorker


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """Open the store and start the helper process."""
    settings = Settings()
    environment = workflows.model_environment(settings)
    worker = WarmWorker(("engine.workflows",), environment=environment)
    threading.Thread(target=_warm, args=(worker,), daemon=True).start()
    jobs = JobQueue(slots=settings.jobs_at_once, seconds=settings.job_seconds, environment=environment)
    made = Services(settings, open_store(settings.database), jobs, worker)
    gc.collect()
    gc.freeze()  # what is loaded by now stays; no later collection needs to walk through it
    return made


def _warm(worker: WarmWorker) -> None:
    with suppress(JobFailed):  # the server may end before its helper is warm
        worker.run(workflows.warm_up, timeout=WARM_SECONDS)


@st.cache_data(show_spinner=False, max_entries=256)
def history(_dataset: Dataset, sha256: str, question: ForecastQuestion) -> SalesHistory:
    """The series that a question is about."""
    return workflows.history_for(_dataset, question)


@st.cache_data(show_spinner=False, max_entries=256)
def quick_forecast(_history: SalesHistory, sha256: str, question: ForecastQuestion) -> Forecast:
    """The forecast of the quick models, from the helper process."""
    made: Forecast = services().worker.run(
        workflows.run_forecast, _history, question.horizon, "quick", timeout=QUICK_SECONDS
    )
    return made


def start_full_forecast(series: SalesHistory, workspace: str, sha256: str, question: ForecastQuestion) -> Job:
    """Start the forecast of all models as a job, or find the one that runs or is done."""
    return services().jobs.submit(
        (workspace, sha256, question), workflows.run_forecast, series, question.horizon, "full"
    )


def full_forecast(workspace: str, sha256: str, question: ForecastQuestion) -> Job | None:
    """The job that answers this question with all models, if it was ever started."""
    return services().jobs.get((workspace, sha256, question))
