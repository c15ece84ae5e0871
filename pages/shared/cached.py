"""What is made once per server, and what is computed once per (file, parameters)."""

import gc
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from engine import workflows
from engine.charts import forecast as charts
from engine.compute import WarmWorker
from engine.dataset import Dataset
from engine.errors import JobFailed
from engine.forecast import Forecast
from engine.history import SalesHistory
from engine.history import items as all_items
from engine.inventory import OrderPlan, Planner
from engine.jobs import JobQueue
from engine.settings import Settings
from engine.store import open_store
from engine.workflows import ForecastQuestion, orders

if TYPE_CHECKING:
    from engine.store import Store

WARM_SECONDS = 180.0
"""Longest time to load the models; compiling them anew takes about a minute."""

QUICK_SECONDS = 60.0
"""Longest wait for the quick models; they need about a second."""

STOCK_SECONDS = 300.0
"""Longest wait for the forecasts of all items; a thousand take about a minute."""


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
    store = open_store(settings.database)
    environment = workflows.model_environment(settings)
    worker = WarmWorker(("engine.workflows",), environment=environment)
    threading.Thread(target=_warm, args=(worker,), daemon=True).start()
    jobs = JobQueue(slots=settings.jobs_at_once, seconds=settings.job_seconds, environment=environment)
    gc.collect()
    gc.freeze()  # what is loaded by now stays; no later collection needs to walk through it
    return Services(settings, store, jobs, worker)


def _warm(worker: WarmWorker) -> None:
    with suppress(JobFailed):  # the server may end before its helper is warm
        worker.run(workflows.warm_up, timeout=WARM_SECONDS)


@st.cache_data(show_spinner=False, max_entries=256)
def history(_dataset: Dataset, sha256: str, metric: str, item: str) -> SalesHistory:
    """The history of one metric of one item."""
    return workflows.history_for(_dataset, metric, item)


@st.cache_data(show_spinner=False, max_entries=256)
def quick_forecast(_history: SalesHistory, sha256: str, question: ForecastQuestion) -> Forecast:
    """The forecast of the quick models, from the helper process."""
    run = services().worker.run
    made: Forecast = run(workflows.run_forecast, _history, question.horizon, "quick", timeout=QUICK_SECONDS)
    return made


@st.cache_resource(show_spinner=False, max_entries=32)
def stock(_dataset: Dataset, sha256: str) -> orders.Stock:
    """Every item's forecast and what the file says about it, from the helper process."""
    made: orders.Stock = services().worker.run(orders.stock_of, _dataset, timeout=STOCK_SECONDS)
    return made


@st.cache_resource(show_spinner=False, max_entries=32)
def planner(_stock: orders.Stock, sha256: str, costs: orders.OrderQuestion) -> Planner:
    """The items made ready to be planned at these costs."""
    return orders.planner(_stock, costs)


@st.cache_resource(show_spinner=False, max_entries=128)
def order_plan(_stock: orders.Stock, sha256: str, asked: orders.OrderQuestion, currency: str) -> OrderPlan:
    """The cheapest order list within the limits."""
    return orders.plan(planner(_stock, sha256, asked.costs), _stock, asked, currency)


@st.cache_data(show_spinner=False, max_entries=256)
def items(_dataset: Dataset, sha256: str, metric: str) -> tuple[str, ...]:
    """The items of a metric, the largest first."""
    return all_items(_dataset, workflows.metric_named(_dataset, metric))


@st.cache_resource(show_spinner=False, max_entries=128)
def fan(_forecast: Forecast, sha256: str, question: ForecastQuestion, models: tuple[str, ...], level: int) -> object:
    """The fan; `models` tells the quick forecast from that of all models."""
    return charts.fan(_forecast, level=level)
