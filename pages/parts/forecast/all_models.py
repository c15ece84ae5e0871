"""The forecast of all models: calculated in the background when the owner asks for it."""

import streamlit as st

from engine import workflows
from engine.dataset import Dataset
from engine.forecast import PANELS, Forecast
from pages.parts.forecast.inputs import ForecastSelection
from pages.parts.frame import background
from pages.parts.frame.background import Calculation, Offer

YARDSTICKS = 2
"""Rows of the accuracy table that are no model: the forecast itself and the simple rule."""

_OFFER = Offer(
    key="refine",
    label="Ask all models",
    icon=":material/model_training:",
    again="Try again",
    hint=f"This is the forecast of two quick models. Asking up to {len(PANELS['full'])} takes about 10 seconds.",
    cancelled="Cancelled. The quick forecast stands.",
    one_at_a_time=True,
)


def result(selection: ForecastSelection, dataset: Dataset) -> Forecast | None:
    """The forecast of all models, if it is ready."""
    return _calculation(selection, dataset).result()


def panel(selection: ForecastSelection, dataset: Dataset, quick: Forecast) -> None:
    """Offer the forecast of all models instead of the quick one, or show how far it is."""
    if not quick.refinable:
        return
    forecast = background.panel(_calculation(selection, dataset), _OFFER)
    if forecast is not None:
        count = len(forecast.proof.scores) - YARDSTICKS
        st.caption(f":material/check_circle: The median of all models that earned a vote, of {count} tried.")


def _calculation(selection: ForecastSelection, dataset: Dataset) -> Calculation[Forecast]:
    arguments = (selection.history, selection.question.horizon, "full", selection.drivers)
    return Calculation((dataset.sha256, selection.question), workflows.run_forecast, arguments)
