"""What is made once per server, and what is computed once per (file, parameters)."""

import gc
import json
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import streamlit as st

from engine.business.history import SalesHistory, metric_named
from engine.business.history import items as all_items
from engine.business.model import Business
from engine.causal import ChangeExplanation, ChangeQuestion, Counterfactual
from engine.charts import forecast as charts
from engine.coach.understand import recalibrate
from engine.coach.understand.classifier import Classifier
from engine.compute import WarmWorker
from engine.dataset import Dataset
from engine.demand import DemandDistribution
from engine.errors import JobFailed
from engine.forecast import Forecast
from engine.forecast.drivers import Drivers
from engine.inventory import OrderPlan, Planner
from engine.jobs import JobQueue
from engine.settings import Settings
from engine.store.store import Store, open_store
from engine.workflows import orders
from engine.workflows.files import shared_reader
from engine.workflows.forecast import forecasts
from engine.workflows.forecast.by_item import ItemSplit, split
from engine.workflows.forecast.forecasts import ForecastQuestion
from engine.workflows.forecast.sales_drivers import OwnerCalendar, drivers_for
from engine.workflows.language import Language, open_language
from engine.workflows.order_question import OrderQuestion
from engine.workflows.roster.sources import demand_ahead as demand_ahead_of
from engine.workflows.why import causal_knowledge, explain

WARM_SECONDS = 180.0
"""Longest time to load the models; compiling them anew takes about a minute."""

QUICK_SECONDS = 60.0
"""Longest wait for the quick models; they need about a second."""

WHY_SECONDS = 120.0
"""Longest wait for the causes of a change; a hundred weeks take about a second."""

STOCK_SECONDS = 300.0
"""Longest wait for the forecasts of all items; a thousand take about a minute."""


LOOK_AGAIN_SECONDS = 600.0
"""So often a language model on this machine is looked for."""

Figures = tuple[tuple[date, float], ...]
"""The owner's own figures, by period."""


@dataclass(frozen=True)
class Services:
    """What all sessions of this server share."""

    settings: Settings
    store: Store
    jobs: JobQueue
    worker: WarmWorker


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """Open the store and start the helper processes."""
    shared_reader().start()
    settings = Settings()
    store = open_store(settings.database)
    environment = forecasts.model_environment(settings)
    worker = WarmWorker(("engine.workflows.forecast.forecasts",), environment=environment)
    threading.Thread(target=_warm, args=(worker,), daemon=True).start()
    jobs = JobQueue(slots=settings.jobs_at_once, seconds=settings.job_seconds, environment=environment)
    gc.collect()
    gc.freeze()  # what is loaded by now stays; no later collection needs to walk through it
    return Services(settings, store, jobs, worker)


@st.cache_resource(show_spinner=False, ttl=LOOK_AGAIN_SECONDS)
def language() -> Language:
    """Who words the results; a daemon that was started meanwhile is found after a while."""
    return open_language(services().settings, os.environ)


@st.cache_resource(show_spinner=False)
def question_reader() -> Classifier:
    """The classifier of questions to the Coach."""
    return recalibrate.question_reader(services().settings)


def _warm(worker: WarmWorker) -> None:
    with suppress(JobFailed):  # the server may end before its helper is warm
        worker.run(forecasts.warm_up, timeout=WARM_SECONDS)


@st.cache_resource(show_spinner=False, max_entries=32)
def business(_dataset: Dataset, sha256: str, today: date) -> Business:
    """The model of the business that a file shows on a day; its key is part of the key of all that is computed."""
    return Business(_dataset, today)


@st.cache_data(show_spinner=False, max_entries=256)
def history(_business: Business, key: str, metric: str, item: str) -> SalesHistory:
    """The history of one metric of one item."""
    return forecasts.history_for(_business, metric, item)


@st.cache_resource(show_spinner=False, max_entries=256)
def drivers(_business: Business, key: str, metric: str, item: str, owner_calendar: OwnerCalendar) -> Drivers:
    """What is known beforehand about one metric of one item."""
    return drivers_for(_business, metric_named(_business, metric), item, owner_calendar)


@st.cache_data(show_spinner=False, max_entries=256)
def quick_forecast(_history: SalesHistory, _drivers: Drivers, key: str, question: ForecastQuestion) -> Forecast:
    """The forecast of the quick models, from the helper process."""
    arguments = _history, question.horizon, "quick", _drivers
    forecast: Forecast = services().worker.run(forecasts.run_forecast, *arguments, timeout=QUICK_SECONDS)
    return forecast


@st.cache_resource(show_spinner=False, max_entries=64)
def by_item(
    _business: Business, _forecast: Forecast, key: str, question: ForecastQuestion, models: tuple[str, ...]
) -> ItemSplit:
    """The forecast item by item, from the helper process; `models` tell the quick forecast from that of all models."""
    result: ItemSplit = services().worker.run(split, _business, _forecast, timeout=STOCK_SECONDS)
    return result


@st.cache_resource(show_spinner=False, max_entries=32)
def stock(_business: Business, key: str) -> orders.Stock:
    """Every item's forecast and what the file says about it, from the helper process."""
    result: orders.Stock = services().worker.run(orders.stock_of, _business, timeout=STOCK_SECONDS)
    return result


@st.cache_resource(show_spinner=False, max_entries=32)
def planner(_stock: orders.Stock, key: str, costs: OrderQuestion) -> Planner:
    """The items made ready to be planned at these costs."""
    usual = costs.usual_costs
    like = planner(_stock, key, usual) if costs != usual else None
    return orders.planner(_stock, costs, like=like)


@st.cache_resource(show_spinner=False, max_entries=128)
def order_plan(_stock: orders.Stock, key: str, question: OrderQuestion, currency: str) -> OrderPlan:
    """The cheapest order list within the limits."""
    return orders.plan(planner(_stock, key, question.costs), _stock, question, currency)


@st.cache_resource(show_spinner=False, max_entries=64)
def explanation(_business: Business, key: str, question: ChangeQuestion, answers_text: str) -> ChangeExplanation:
    """Why a figure changed, from the helper process where it takes long; `answers_text` is the owner's word as JSON."""
    answers = causal_knowledge.from_json(json.loads(answers_text))
    if explain.is_light(_business):
        return explain.explain(_business, question, answers)
    explanation: ChangeExplanation = services().worker.run(
        explain.explain, _business, question, answers, timeout=WHY_SECONDS
    )
    return explanation


@st.cache_resource(show_spinner=False, max_entries=64)
def what_if_line(_answer: ChangeExplanation, effects: str, spending: explain.Spending) -> tuple[Counterfactual, ...]:
    """What would have been, from no spend to more than ever; `effects` tells one answer from another."""
    return explain.what_if_line(_answer, spending)


@st.cache_resource(show_spinner=False, max_entries=32)
def demand_ahead(_business: Business, key: str, last: date) -> DemandDistribution:
    """All units of each day up to a day, from the helper process."""
    demand: DemandDistribution = services().worker.run(demand_ahead_of, _business, last, timeout=QUICK_SECONDS)
    return demand


@st.cache_data(show_spinner=False, max_entries=256)
def items(_business: Business, key: str, metric: str) -> tuple[str, ...]:
    """The items of a metric, the largest first."""
    return all_items(_business, metric_named(_business, metric))


@st.cache_resource(show_spinner=False, max_entries=128)
def fan(
    _forecast: Forecast, key: str, question: ForecastQuestion, models: tuple[str, ...], level: int, own: Figures
) -> object:
    """The fan to a level; `models` tell the quick forecast from that of all models."""
    return charts.fan(_forecast, level=level, own=dict(own))
